//! Whoever has made a key's secret has seen it: so it opens no more than they may, and nothing once they have left.

use domain::api_keys::{KeyForm, KeyState, KeyStop, ServiceAccountForm};
use domain::audit::Outcome;
use domain::ids::ServiceAccountId;
use domain::problem::Problem;
use domain::roles::{Permission, Role, RoleForm};
use server::api_keys::{self, Issued};
use server::callers::authenticate;
use server::invitations::{self, Joiner};
use server::testing::{TestPortal, World, secret_of};
use server::{Access, members};

use crate::api_keys::{calls, form, make, overlap};
use crate::support::{names, refused};

/// A service account for which whoever asks stands.
async fn account_of(access: &Access, name: &str) -> ServiceAccountId {
    let form = ServiceAccountForm { name: name.to_owned(), ..ServiceAccountForm::default() };
    api_keys::create_account(access, &form).await.expect("a service account")
}

/// A key of a service account, that ends after 90 days.
pub async fn key_for(access: &Access, account: ServiceAccountId) -> Issued {
    let form = KeyForm { account: account.to_string(), ..form("90") };
    api_keys::create(access, &form).await.expect("a key")
}

/// A key of a service account for which Ada stands, and whose secret Ben has made.
async fn key_of_both(t: &TestPortal, w: &World) -> Issued {
    let account = account_of(&t.enter(&w.ada, &w.acme).await, "Build").await;
    key_for(&t.enter(&w.ben, &w.acme).await, account).await
}

/// Whether a key that opens something may read the trail.
async fn reads_trail(t: &TestPortal, key: &Issued) -> bool {
    authenticate(&t.request(), key.secret.expose()).await.expect("a caller").may(Permission::ViewAudit)
}

#[tokio::test]
async fn a_service_accounts_key_shrinks_with_whoever_has_made_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, key) = (t.enter(&w.ada, &w.acme).await, key_of_both(&t, &w).await);
        assert!(reads_trail(&t, &key).await);
        members::change_role(&ada, w.ben.account, Role::Member).await.unwrap();
        assert!(!reads_trail(&t, &key).await, "Ada stands for it, and Ben has its secret");
        members::change_role(&ada, w.ben.account, Role::Admin).await.unwrap();
        assert!(reads_trail(&t, &key).await);
        members::suspend(&ada, w.ben.account).await.unwrap();
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        let shown = api_keys::lookup(&ada, key.id).await.unwrap();
        assert_eq!(shown.stopped(), Some(KeyStop::IssuerSuspended));
        members::resume(&ada, w.ben.account).await.unwrap();
        assert_eq!(calls(&t, &key).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_key_whose_maker_has_left_opens_nothing_until_it_is_rotated() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, key) = (t.enter(&w.ada, &w.acme).await, key_of_both(&t, &w).await);
        members::remove(&ada, w.ben.account, |_| Ok(())).await.unwrap();
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        let shown = api_keys::lookup(&ada, key.id).await.unwrap();
        let state = shown.state(ada.enforced().document(), ada.request().now);
        assert_eq!((state, shown.stopped()), (KeyState::Stopped, Some(KeyStop::IssuerGone)));
        let ada = t.enter(&w.ada, &w.acme).await;
        let rotated = api_keys::rotate(&ada, key.id, &overlap("24h")).await.unwrap();
        assert_eq!(calls(&t, &rotated).await, Ok(()));
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused), "the former secret is still Ben's");
        let shown = api_keys::lookup(&ada, key.id).await.unwrap();
        assert_eq!((shown.stopped(), shown.issuer.member.id), (None, w.ada.account));
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_has_none_of_the_secrets_from_before() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await);
        let account = account_of(&ada, "Build").await;
        let (key, second) = (key_for(&ben, account).await, key_for(&ben, account).await);
        // One of them is from before anybody noted here who has made it.
        t.sql(&format!("UPDATE platform.api_keys SET issued_by = NULL WHERE key_id = '{}'", second.id)).await;
        members::remove(&ada, w.ben.account, |_| Ok(())).await.unwrap();
        let invitation = t.invite(&ada, &w.ben.email, Role::Admin).await;
        let link = invitations::copy_link(&ada, invitation).await.unwrap().link;
        let visitor = t.returning(&w.ben).await;
        invitations::accept(&t.request(), secret_of(&link), Joiner::Known(&visitor)).await.unwrap();
        for key in [&key, &second] {
            assert_eq!(calls(&t, key).await, Err(Problem::KeyRefused));
            let shown = api_keys::lookup(&ada, key.id).await.unwrap();
            assert_eq!(shown.stopped(), Some(KeyStop::IssuerGone), "and its page says so");
        }
        let rotated = api_keys::rotate(&t.enter(&w.ada, &w.acme).await, key.id, &overlap("24h")).await.unwrap();
        assert_eq!(calls(&t, &rotated).await, Ok(()));
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
    })
    .await;
}

#[tokio::test]
async fn of_two_secrets_each_depends_on_whoever_has_made_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let first = make(&ada, "90").await;
        let second = api_keys::rotate(&t.enter(&w.ben, &w.acme).await, first.id, &overlap("24h")).await.unwrap();
        assert_eq!((calls(&t, &first).await, calls(&t, &second).await), (Ok(()), Ok(())));
        members::suspend(&ada, w.ben.account).await.unwrap();
        let answers = (calls(&t, &first).await, calls(&t, &second).await);
        assert_eq!(answers, (Ok(()), Err(Problem::KeyRefused)), "Ada has made the one, and Ben the other");
    })
    .await;
}

#[tokio::test]
async fn nobody_enables_a_service_account_whose_keys_may_do_more_than_they() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let account = account_of(&ada, "Build").await;
        let key = key_for(&ada, account).await;
        let keeper = RoleForm {
            name: "Key keeper".to_owned(),
            permissions: vec!["keys.manage".to_owned(), "members.view".to_owned()],
            ..RoleForm::default()
        };
        let keeper = server::roles::create(&ada, &keeper).await.unwrap();
        members::change_role(&t.enter(&w.ada, &w.acme).await, w.mia.account, keeper).await.unwrap();
        let mia = t.enter(&w.mia, &w.acme).await;
        api_keys::disable_account(&mia, account).await.unwrap();
        let before = t.journal().await;
        assert_eq!(refused(api_keys::enable_account(&mia, account).await), Problem::Forbidden);
        assert_eq!(names(&t.journal().await.since(&before)), [("service_account.enabled", Outcome::Denied)]);
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        let ada = t.enter(&w.ada, &w.acme).await;
        api_keys::revoke(&ada, key.id).await.unwrap();
        api_keys::enable_account(&mia, account).await.expect("there is no such key any more");
    })
    .await;
}
