//! Every change leaves one entry, in the log where it belongs, and the log can be verified.

use domain::accounts::ProfileForm;
use domain::audit::{AuditQuery, LogId, Outcome, Verifier, VerifierKey, verify_export};
use domain::invitations::InviteForm;
use domain::organizations::TenantStatus;
use domain::paging::{Cursor, Page};
use domain::roles::Role;
use futures::future::join_all;
use server::invitations::{self, Joiner};
use server::testing::{PASSWORD, TestPortal, World};
use server::{Error, accounts, audit, members, organizations, sessions, sign_in, sign_up};

use crate::support::{assert_sound, export, export_table, names};

/// Does something and looks at what it leaves: these entries in these logs and no others.
async fn leaves<T>(
    t: &TestPortal,
    expected: &[(LogId, &str, Outcome)],
    act: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let journal = t.journal().await;
    let answer = act.await;
    let entries = t.journal().await.since(&journal);
    let mut found: Vec<_> = entries.iter().map(|entry| (entry.log, entry.action.as_str(), entry.outcome)).collect();
    let mut expected = expected.to_vec();
    found.sort_by_key(|(log, action, _)| (log.to_string(), *action));
    expected.sort_by_key(|(log, action, _)| (log.to_string(), *action));
    assert_eq!(found, expected);
    answer
}

/// Does something that leaves one entry.
async fn one<T>(t: &TestPortal, log: LogId, action: &str, act: impl Future<Output = Result<T, Error>>) -> T {
    leaves(t, &[(log, action, Outcome::Done)], act).await.expect(action)
}

#[tokio::test]
async fn every_change_of_members_and_settings_leaves_one_entry() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let log = acme.log();
        let owner = t.enter(&ada, &acme).await;
        one(&t, log, "member.role_changed", members::change_role(&owner, mia.account, Role::Auditor)).await;
        leaves(&t, &[], members::change_role(&owner, mia.account, Role::Auditor)).await.unwrap();
        one(&t, log, "member.suspended", members::suspend(&owner, mia.account)).await;
        leaves(&t, &[], members::suspend(&owner, mia.account)).await.unwrap();
        one(&t, log, "member.resumed", members::resume(&owner, mia.account)).await;
        one(&t, log, "member.removed", members::remove(&owner, mia.account, |_| Ok(()))).await;
        assert!(leaves(&t, &[], members::remove(&owner, mia.account, |_| Ok(()))).await.is_err());
        let admin = t.enter(&ben, &acme).await;
        one(&t, log, "organization.renamed", organizations::rename(&admin, "Acme and Sons")).await;
        one(&t, log, "organization.moved", organizations::move_to(&admin, "acme-and-sons")).await;
        one(&t, log, "member.left", members::leave(&admin)).await;
        assert!(leaves(&t, &[], members::leave(&owner)).await.is_err());
        let request = t.request();
        let status = |status| organizations::set_status(&request, "acme", status, Some("for a test"));
        one(&t, log, "organization.suspended", status(TenantStatus::Suspended)).await;
        one(&t, log, "organization.resumed", status(TenantStatus::Active)).await;
        let exported = [(log, "audit.exported", Outcome::Done), (log, "audit.export_finished", Outcome::Done)];
        leaves(&t, &exported, export(owner.clone())).await.unwrap();
        leaves(&t, &exported, export_table(owner)).await.unwrap();
        assert_sound(&t, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn every_change_of_invitations_leaves_one_entry() {
    TestPortal::run(async |t| {
        let World { acme, ada, gus, .. } = t.world().await;
        let log = acme.log();
        let owner = t.enter(&ada, &acme).await;
        let form = |email: &str| InviteForm { email: email.to_owned(), role: "member".to_owned() };
        let request = t.request();

        let first = one(&t, log, "invitation.created", invitations::invite(&owner, &form("one@person.example"))).await;
        one(&t, log, "invitation.resent", invitations::resend(&owner, first)).await;
        one(&t, log, "invitation.link_copied", invitations::copy_link(&owner, first)).await;
        one(&t, log, "invitation.revoked", invitations::revoke(&owner, first)).await;
        assert!(leaves(&t, &[], invitations::revoke(&owner, first)).await.is_err());

        t.invite(&owner, "two@person.example", Role::Member).await;
        let secret = t.secret_for("two@person.example").await;
        one(&t, log, "invitation.declined", invitations::decline(&request, &secret)).await;

        t.invite(&owner, "three@person.example", Role::Member).await;
        let secret = t.secret_for("three@person.example").await;
        let joiner = Joiner::New { name: "Person Three", password: PASSWORD };
        one(&t, log, "invitation.accepted", invitations::accept(&request, &secret, joiner)).await;

        t.sql("UPDATE platform.accounts SET email_proven_at = now()").await;
        let gus = t.sign_in(&gus.email).await;
        let (visitor, tenant) = (&gus.visitor, acme.id);
        let id = t.invite(&owner, &gus.email, Role::Member).await;
        one(&t, log, "invitation.declined", invitations::decline_listed(&request, visitor, tenant, id)).await;
        let id = t.invite(&owner, &gus.email, Role::Member).await;
        one(&t, log, "invitation.accepted", invitations::accept_listed(&request, visitor, tenant, id)).await;
        members::remove(&owner, gus.account, |_| Ok(())).await.unwrap();
        t.invite(&owner, &gus.email, Role::Member).await;
        let secret = t.secret_for(&gus.email).await;
        let joiner = Joiner::Known(visitor);
        one(&t, log, "invitation.accepted", invitations::accept(&request, &secret, joiner)).await;
        assert_sound(&t, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn a_changed_profile_says_what_was_there_and_not_what_its_person_had_seen() {
    TestPortal::run(async |t| {
        let World { mia, .. } = t.world().await;
        let theme = |theme: &str| ProfileForm {
            name: mia.name.clone(),
            time_zone: "UTC".to_owned(),
            theme: theme.to_owned(),
            shortcuts: "true".to_owned(),
        };
        // Three windows were opened before the first of them is sent.
        for (before, after) in [("system", "dark"), ("dark", "light"), ("light", "system")] {
            let (request, form) = (t.request(), theme(after));
            let change = accounts::change_profile(&request, &mia.visitor, &form, |_| true);
            one(&t, LogId::Platform, "account.profile_changed", change).await;
            let entry = t.text("SELECT canonical FROM platform.audit_entries ORDER BY index DESC LIMIT 1").await;
            let expected =
                format!(r#"{{"after":{{"public":"{after}"}},"before":{{"public":"{before}"}},"field":"theme"}}"#);
            assert!(entry.contains(&expected), "{entry}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_change_of_a_persons_own_leaves_one_entry() {
    TestPortal::run(async |t| {
        let World { acme, mia, gus, .. } = t.world().await;
        let (request, platform) = (t.request(), LogId::Platform);
        let grant = one(&t, platform, "session.started", sign_in::sign_in(&request, &mia.email, PASSWORD)).await;
        let session = t.carry(grant).await;
        let failed = leaves(
            &t,
            &[(platform, "session.started", Outcome::Failed)],
            sign_in::sign_in(&request, &mia.email, "wrong"),
        )
        .await;
        assert!(failed.is_err());
        let failed = leaves(
            &t,
            &[(platform, "session.started", Outcome::Failed)],
            sign_in::sign_in(&request, "nobody@x.example", "wrong"),
        )
        .await;
        assert!(failed.is_err());
        one(&t, platform, "session.ended", sessions::sign_out(&request, &t.cookie(session.id()))).await;
        let other = t.sign_in(&mia.email).await;
        one(&t, platform, "session.ended", sessions::end(&request, &mia.visitor, other.visitor.session)).await;
        one(&t, platform, "session.others_ended", sessions::end_others(&request, &mia.visitor)).await;

        let profile = |name: &str| ProfileForm {
            name: name.to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            theme: "dark".to_owned(),
            shortcuts: "true".to_owned(),
        };
        let same = ProfileForm {
            time_zone: mia.visitor.account.time_zone.clone(),
            theme: mia.visitor.account.theme.code().to_owned(),
            ..profile(&mia.name)
        };
        leaves(&t, &[], accounts::change_profile(&request, &mia.visitor, &same, |_| true)).await.unwrap();
        one(
            &t,
            platform,
            "account.profile_changed",
            accounts::change_profile(&request, &mia.visitor, &profile(&mia.name), |_| true),
        )
        .await;
        let renamed =
            [(platform, "account.profile_changed", Outcome::Done), (acme.log(), "member.renamed", Outcome::Done)];
        leaves(&t, &renamed, accounts::change_profile(&request, &mia.visitor, &profile("Mia Married"), |_| true))
            .await
            .unwrap();

        let wrong = [(platform, "account.password_changed", Outcome::Failed)];
        assert!(
            leaves(&t, &wrong, accounts::change_password(&request, &mia.visitor, "wrong", "a new long password"))
                .await
                .is_err()
        );
        let changed = accounts::change_password(&request, &mia.visitor, PASSWORD, "a new long password");
        let _grant = one(&t, platform, "account.password_changed", changed).await;
        one(&t, platform, "password.reset_requested", sign_in::request_reset(&request, &mia.email)).await;
        one(&t, platform, "password.reset_requested", sign_in::request_reset(&request, "nobody@x.example")).await;
        let secret = t.secret_for(&mia.email).await;
        one(&t, platform, "password.reset", sign_in::reset(&request, &secret, "yet another password")).await;

        let journal = t.journal().await;
        sign_up::create_organization(&request, &gus.visitor, "Initech").await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("organization.created", Outcome::Done)]);
        assert_eq!(entries[0].index, 0);
    })
    .await;
}

#[tokio::test]
async fn an_entry_says_who_did_what_to_whom_from_where() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        members::change_role(&owner, mia.account, Role::Admin).await.unwrap();
        let newest = audit::search(&owner, &AuditQuery::default()).await.unwrap().page.rows.remove(0);
        assert_eq!((newest.action.as_str(), newest.outcome), ("member.role_changed", Outcome::Done));
        assert_eq!((newest.actor, newest.actor_name.as_deref()), (Some(ada.account), Some("Ada Lovelace")));
        assert_eq!((newest.target_kind.as_str(), newest.target_name.as_deref()), ("member", Some("Mia Member")));
        assert_eq!(newest.target, mia.account.to_string());
        assert_eq!(newest.changes, [("role".to_owned(), Some("member".to_owned()), Some("admin".to_owned()))]);
        assert_eq!((newest.ip.as_deref(), newest.device.as_deref()), (Some("192.0.2.7"), Some("A browser (test)")));
        assert_eq!(newest.request_id.as_deref(), Some("test"));
        assert_eq!(audit::detail(&owner, newest.index).await.unwrap().entry.leaf, newest.leaf);
    })
    .await;
}

#[tokio::test]
async fn the_trail_is_paged_newest_first_without_a_gap() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        for number in 0..60 {
            organizations::rename(&owner, &format!("Acme {number}")).await.unwrap();
        }
        let page = async |cursor: Option<&str>| {
            let query = AuditQuery { cursor: cursor.and_then(Cursor::decode), ..AuditQuery::default() };
            audit::search(&owner, &query).await.unwrap().page
        };
        let mut pages = vec![page(None).await];
        while let Some(next) = pages.last().unwrap().next.clone() {
            pages.push(page(Some(&next)).await);
        }
        let indexes = |page: &Page<audit::EntryView>| page.rows.iter().map(|row| row.index).collect::<Vec<_>>();
        let all: Vec<_> = pages.iter().flat_map(indexes).collect();
        assert_eq!(all, (0..pages[0].total).rev().collect::<Vec<_>>());
        assert_eq!(indexes(&page(pages[2].previous.as_deref()).await), indexes(&pages[1]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_changes_leave_a_log_without_gaps_that_verifies() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, mia, gus, .. } = t.world().await;
        let (owner, other) = (t.enter(&ada, &acme).await, t.enter(&gus, &globex).await);
        let (checkpoint, key) = audit::checkpoint(&owner).await.unwrap();
        let acts = (0..40).map(|number| {
            let (owner, other, mia) = (owner.clone(), other.clone(), mia.account);
            tokio::spawn(async move {
                match number % 4 {
                    0 => organizations::rename(&owner, &format!("Acme {number}")).await,
                    1 => members::change_role(&owner, mia, Role::ALL[number % 3 + 2]).await.map(|_| ()),
                    2 => organizations::rename(&other, &format!("Globex {number}")).await,
                    _ => {
                        let form = InviteForm { email: format!("p{number}@person.example"), role: "member".to_owned() };
                        invitations::invite(&owner, &form).await.map(|_| ())
                    }
                }
            })
        });
        for done in join_all(acts).await {
            done.unwrap().unwrap();
        }
        assert_sound(&t, &acme).await;
        assert_sound(&t, &globex).await;

        // What was signed earlier still holds, and the same key has signed the export.
        let text = export(owner).await.unwrap();
        let key: VerifierKey = key.parse().unwrap();
        let report = verify_export(text.as_bytes(), Some(&key), &[&checkpoint]).unwrap();
        assert_eq!(report.log, acme.log());
        assert_eq!(report.entries + 1, text.lines().count() as u64);
        assert!(report.key_expected && report.continues.len() == 1);
        assert_eq!(report.erased, 0);
        let report = verify_export(export(other).await.unwrap().as_bytes(), None, &[]).unwrap();
        assert_eq!(report.log, globex.log());
    })
    .await;
}

#[tokio::test]
async fn an_export_longer_than_a_batch_verifies() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        for number in 0..510 {
            organizations::rename(&owner, if number % 2 == 0 { "Odd" } else { "Even" }).await.unwrap();
        }
        let text = export(owner).await.unwrap();
        let mut lines = text.lines();
        let mut verifier = Verifier::begin(lines.next().unwrap(), None, &[]).unwrap();
        lines.try_for_each(|line| verifier.line(line)).unwrap();
        assert!(verifier.finish().unwrap().entries > 510);
    })
    .await;
}
