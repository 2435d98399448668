//! An account goes with all that is its person's, and leaves no organization without an owner.

use domain::audit::LogId;
use domain::fields::FieldProblem;
use domain::members::MemberStatus;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::roles::Role;
use server::accounts::{self, address};
use server::testing::{Person, TestPortal};
use server::{Error, factors, members, organizations, sign_in};
use time::Duration;

use crate::support::{NEW, active_owners, assert_sound, field, refused};

async fn delete(t: &TestPortal, person: &Person) -> Result<(), Error> {
    accounts::delete(&t.request(), &t.returning(person).await, &person.email).await
}

async fn is_there(t: &TestPortal, person: &Person) -> bool {
    t.number(&format!("SELECT count(*) FROM platform.accounts WHERE id = '{}'", person.account)).await == 1
}

#[tokio::test]
async fn nothing_is_left_of_an_account_but_what_trails_say() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (mia, email) = (&world.mia, world.mia.email.as_str());
        let elsewhere = t.sign_in(email).await;
        sign_in::request_reset(&t.request(), email).await.unwrap();
        let reset = t.secret_for(email).await;
        factors::begin(&t.request(), &mia.visitor).await.unwrap();
        address::request_change(&t.request(), &mia.visitor, NEW).await.unwrap();
        let link = t.secret_for(NEW).await;
        let journal = t.journal().await;

        delete(&t, mia).await.unwrap();
        let entries = t.journal().await.since(&journal);
        let done: Vec<_> = entries.iter().map(|entry| (entry.log, entry.action.as_str())).collect();
        assert_eq!(done.len(), 2);
        assert!(done.contains(&(world.acme.log(), "member.left")), "{done:?}");
        assert!(done.contains(&(LogId::Platform, "account.deleted")), "{done:?}");
        for session in [&mia.session, &elsewhere.session] {
            assert!(t.visitor(session).await.is_none());
        }
        assert_eq!(refused(sign_in::check_reset(&t.request(), &reset).await), Problem::NotFound);
        assert_eq!(refused(address::lookup(&t.request(), &link).await), Problem::LinkUsed);
        let farewell = t.mail_to(email).await.unwrap();
        assert_eq!(farewell.subject, "Your account is deleted");
        t.sql("DELETE FROM platform.outbox WHERE kind = 'account_deleted'").await;
        let dump = t.dump("platform", "audit").await;
        for trace in [mia.account.to_string().as_str(), email, "Mia Member"] {
            assert!(!dump.contains(trace), "{trace} in {dump}");
        }
        assert_sound(&t, &world.acme).await;

        let (again, _) = t.sign_up("Mia Again", email, "Initech").await;
        assert_ne!(again.account, mia.account);
        assert_eq!(refused(t.try_enter(&again, &world.acme.slug).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn the_only_owner_stays_and_leaves_nothing_else() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        t.invite(&gus, &world.ada.email, Role::Member).await;
        let secret = t.secret_for(&world.ada.email).await;
        let joiner = server::invitations::Joiner::Known(&world.ada.visitor);
        server::invitations::accept(&t.request(), &secret, joiner).await.unwrap();
        let journal = t.journal().await;

        let found = accounts::obstacles(&t.request(), &t.returning(&world.ada).await).await.unwrap();
        let slugs: Vec<_> = found.owned.iter().map(|link| link.slug.as_str()).collect();
        assert_eq!((slugs, found.behind.len()), (vec![world.acme.slug.as_str()], 0));
        assert_eq!(refused(delete(&t, &world.ada).await), Problem::LastOwner);
        assert!(t.journal().await.since(&journal).is_empty());
        assert!(t.try_enter(&world.ada, &world.globex.slug).await.is_ok());

        let ada = t.enter(&world.ada, &world.acme).await;
        members::change_role(&ada, world.ben.account, Role::Owner).await.unwrap();
        delete(&t, &world.ada).await.unwrap();
        assert!(!is_there(&t, &world.ada).await);
        for organization in [&world.acme, &world.globex] {
            assert_sound(&t, organization).await;
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_who_go_at_once_one_stays() {
    TestPortal::run(async |t| {
        for round in 0..5 {
            let (one, acme) = t.sign_up("One", &format!("one{round}@acme.example"), "Acme").await;
            let owner = t.enter(&one, &acme).await;
            let other = t.join(&owner, "Other", &format!("other{round}@acme.example"), Role::Owner).await;
            let answers = tokio::join!(delete(&t, &one), delete(&t, &other));
            let refusals: Vec<_> = [answers.0, answers.1].into_iter().filter(Result::is_err).map(refused).collect();
            assert_eq!(refusals, [Problem::LastOwner], "round {round}");
            assert_eq!(active_owners(&t, &acme).await, 1);
            assert_sound(&t, &acme).await;
        }
    })
    .await;
}

#[tokio::test]
async fn no_suspension_keeps_an_account_and_an_upgrade_does_for_a_while() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let member = members::suspend(&ada, world.mia.account).await.unwrap();
        assert_eq!(member.status, MemberStatus::Suspended);
        delete(&t, &world.mia).await.unwrap();

        let version = format!("FROM platform.tenants WHERE id = '{}'", world.acme.id);
        let current = t.number(&format!("SELECT schema_version {version}")).await;
        let set = |to: i64| format!("UPDATE platform.tenants SET schema_version = {to} WHERE id = '{}'", world.acme.id);
        t.sql(&set(current - 1)).await;
        let found = accounts::obstacles(&t.request(), &t.returning(&world.ben).await).await.unwrap();
        assert_eq!((found.owned.len(), found.behind.len()), (0, 1));
        assert_eq!(refused(delete(&t, &world.ben).await), Problem::OrganizationBehind);
        assert!(is_there(&t, &world.ben).await);
        t.sql(&set(current)).await;

        let operator = t.request();
        organizations::set_status(&operator, &world.acme.slug, TenantStatus::Suspended, None).await.unwrap();
        delete(&t, &world.ben).await.unwrap();
        assert_eq!(refused(delete(&t, &world.ada).await), Problem::LastOwner, "of one that is suspended, too");
        assert_sound(&t, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn an_account_goes_only_when_it_is_meant() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mia = &world.mia;
        for typed in ["", "mia", "ada@acme.example"] {
            let answer = accounts::delete(&t.request(), &mia.visitor, typed).await;
            assert_eq!(field(answer, "address"), FieldProblem::DoesNotMatch);
        }
        t.pass(Duration::minutes(11));
        assert_eq!(refused(accounts::delete(&t.request(), &mia.visitor, &mia.email).await), Problem::StepUpFirst);
        assert!(is_there(&t, mia).await);
        assert!(t.try_enter(mia, &world.acme.slug).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_session_that_has_ended_deletes_nothing_and_leaves_no_organization() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mia = &world.mia;
        t.sql(&format!("DELETE FROM platform.sessions WHERE account_id = '{}'", mia.account)).await;
        let journal = t.journal().await;
        assert_eq!(refused(accounts::delete(&t.request(), &mia.visitor, &mia.email).await), Problem::Changed);
        assert!(t.journal().await.since(&journal).is_empty());
        assert!(t.try_enter(mia, &world.acme.slug).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn nothing_is_left_of_a_former_address_either() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (mia, former) = (&world.mia, world.mia.email.as_str());
        address::request_change(&t.request(), &mia.visitor, NEW).await.unwrap();
        for email in [former, NEW] {
            let secret = t.secret_for(email).await;
            address::agree(&t.request(), None, &secret).await.unwrap();
        }
        assert!(t.mail_to(former).await.is_some());
        t.sql("UPDATE platform.outbox SET state = 'sent' WHERE recipient <> ''").await;
        let visitor = t.visitor(&mia.session).await.unwrap();
        accounts::delete(&t.request(), &visitor, NEW).await.unwrap();
        t.sql("DELETE FROM platform.outbox WHERE kind = 'account_deleted'").await;
        let dump = t.dump("platform", "audit").await;
        for trace in [mia.account.to_string().as_str(), former, NEW] {
            assert!(!dump.contains(trace), "{trace} in {dump}");
        }
        assert_eq!(t.number("SELECT count(*) FROM platform.tokens WHERE purpose = 'not_me'").await, 0);
    })
    .await;
}
