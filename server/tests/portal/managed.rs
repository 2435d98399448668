//! An organization resets the factors of accounts that are its to manage, and of no others.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::notices::Event;
use domain::problem::Problem;
use domain::roles::Role;
use server::organizations::{add_domain, list_domains, remove_domain};
use server::sessions::Stage;
use server::testing::{PASSWORD, Person, TestPortal};
use server::{invitations, members, notices, sign_in};
use time::Duration;

use crate::support::{field, names, refused};

/// Gives somebody an app and a recovery code, with whatever in them.
async fn protect(t: &TestPortal, person: &Person) {
    let id = person.account;
    t.sql(&format!(
        "INSERT INTO platform.authenticators (id, account_id, name, secret, created_at, confirmed_at)
         VALUES (gen_random_uuid(), '{id}', 'Phone', 'x', now(), now());
         INSERT INTO platform.recovery_codes (hash, account_id, created_at) VALUES ('{id}', '{id}', now())"
    ))
    .await;
}

/// How far the password leads.
async fn stage(t: &TestPortal, person: &Person) -> Stage {
    sign_in::sign_in(&t.request(), &person.email, PASSWORD).await.unwrap().stage
}

#[tokio::test]
async fn a_managed_member_signs_in_with_the_password_again() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        add_domain(&t.request(), &world.acme.slug, " ACME.example ").await.unwrap();
        protect(&t, &world.mia).await;
        assert_eq!(stage(&t, &world.mia).await, Stage::Password);
        let ben = t.enter(&world.ben, &world.acme).await;
        let long = "x".repeat(201);
        for (reason, problem) in [(" ", FieldProblem::Required), (long.as_str(), FieldProblem::TooLong(200))] {
            let answer = members::reset_factors(&ben, world.mia.account, reason).await;
            assert_eq!(field(answer, "reason"), problem);
        }
        let journal = t.journal().await;
        members::reset_factors(&ben, world.mia.account, "Her phone is in the lake").await.unwrap();
        let entries = t.journal().await.since(&journal);
        let (own, platform): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.log == world.acme.log());
        let done = ("member.factors_reset", Outcome::Done);
        assert_eq!(names(&own), [("member.factors_reset_begun", Outcome::Done), done]);
        assert_eq!(names(&platform), [done]);
        assert!(t.visitor(&world.mia.session).await.is_none());
        assert_eq!(stage(&t, &world.mia).await, Stage::Full);
        let left = format!("SELECT count(*) FROM platform.recovery_codes WHERE account_id = '{}'", world.mia.account);
        assert_eq!(t.number(&left).await, 0);
        for reader in [&world.mia, &world.ben] {
            let mail = t.mail_to(&reader.email).await.unwrap();
            assert!(mail.text.contains("The reason given: Her phone is in the lake"), "{}", mail.text);
        }
        let secret = t.secret_for(&world.mia.email).await;
        let shown = notices::lookup(&t.request(), &secret).await.unwrap();
        assert_eq!(
            (shown.event, shown.ip, shown.device),
            (Event::FactorsReset, None, None),
            "nothing of where Ben was"
        );
        notices::disown(&t.request(), &secret).await.unwrap();
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_not_managed_keeps_its_factors() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (ada, ben) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.ben, &world.acme).await);
        let zoe = t.join(&ada, "Zoe Zenith", "zoe@elsewhere.example", Role::Member).await;
        protect(&t, &world.mia).await;
        let mia = world.mia.account;
        let reset = async |id| members::reset_factors(&ben, id, "Asked for").await;
        assert_eq!(refused(reset(mia).await), Problem::NotManaged, "without a domain");
        add_domain(&t.request(), &world.acme.slug, "acme.example").await.unwrap();
        assert_eq!(refused(reset(zoe.account).await), Problem::NotManaged, "of another domain");
        assert_eq!(refused(reset(world.ada.account).await), Problem::Forbidden, "an owner");
        assert_eq!(refused(reset(world.ben.account).await), Problem::Yourself);
        assert_eq!(refused(reset(world.gus.account).await), Problem::NotFound, "not a member");
        let member = t.enter(&world.mia, &world.acme).await;
        let answer = members::reset_factors(&member, world.ben.account, "Asked for").await;
        assert_eq!(refused(answer), Problem::Forbidden);

        t.sql(&format!("UPDATE platform.accounts SET email_proven_at = NULL WHERE id = '{mia}'")).await;
        assert_eq!(refused(reset(mia).await), Problem::NotManaged, "not proven");
        t.sql(&format!("UPDATE platform.accounts SET email_proven_at = now() WHERE id = '{mia}'")).await;

        let gus = t.enter(&world.gus, &world.globex).await;
        t.invite(&gus, &world.mia.email, Role::Member).await;
        let secret = t.secret_for(&world.mia.email).await;
        invitations::accept(&t.request(), &secret, invitations::Joiner::Known(&world.mia.visitor)).await.unwrap();
        assert_eq!(refused(reset(mia).await), Problem::NotManaged, "in another organization, too");
        assert_eq!(stage(&t, &world.mia).await, Stage::Password);
        t.pass(Duration::minutes(11));
        let visitor = t.visitor(&world.ben.session).await.unwrap();
        let request = t.request();
        let stale = server::access::enter(&request, &visitor, &world.acme.slug, server::access::Purpose::Change);
        let Ok(server::access::Entered::Inside(stale)) = stale.await else { panic!("a member comes in") };
        assert_eq!(refused(members::reset_factors(&stale, mia, "Asked for").await), Problem::StepUpFirst);
    })
    .await;
}

#[tokio::test]
async fn a_domain_is_one_organizations() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (acme, globex) = (&world.acme.slug, &world.globex.slug);
        let journal = t.journal().await;
        add_domain(&t.request(), acme, "acme.example").await.unwrap();
        assert_eq!(t.journal().await.since(&journal).len(), 2);
        for slug in [acme, globex] {
            assert_eq!(refused(add_domain(&t.request(), slug, "acme.example").await), Problem::Changed);
        }
        assert_eq!(refused(remove_domain(&t.request(), globex, "acme.example").await), Problem::Changed);
        for wrong in ["", "acme", "a@acme.example", "acme.example/x", "ac me.example"] {
            field(add_domain(&t.request(), acme, wrong).await, "domain");
        }
        assert_eq!(refused(add_domain(&t.request(), "nowhere", "x.example").await), Problem::NotFound);
        assert_eq!(list_domains(&t.request(), acme).await.unwrap(), ["acme.example"]);
        remove_domain(&t.request(), acme, "acme.example").await.unwrap();
        assert!(list_domains(&t.request(), acme).await.unwrap().is_empty());
    })
    .await;
}
