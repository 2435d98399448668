//! Checkpoints of the audit trail that leave the database: by mail, and to other programs.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::problem::Problem;
use server::audit::{self, CheckpointMailForm};
use server::organizations;
use server::testing::{TestPortal, World};
use time::Duration;

use crate::support::{field, names, refused};

fn form(emails: &str, hours: &str) -> CheckpointMailForm {
    CheckpointMailForm { emails: emails.to_owned(), hours: hours.to_owned() }
}

/// How many mails with a checkpoint wait.
async fn mails(t: &TestPortal) -> i64 {
    t.number("SELECT count(*) FROM platform.outbox WHERE kind = 'checkpoint'").await
}

#[tokio::test]
async fn members_who_are_named_get_a_checkpoint_that_can_be_verified_and_not_too_often() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, ada, ben, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let before = t.journal().await;
        audit::change_checkpoint_mail(&owner, &form(" BEN@acme.example,\n", "24")).await.unwrap();
        assert_eq!(names(&t.journal().await.since(&before)), [("audit.checkpoint_mail_changed", Outcome::Done)]);
        assert_eq!(audit::checkpoint_mail(&owner).await.unwrap().emails, std::slice::from_ref(&ben.email));
        t.look_after(&acme).await;
        assert_eq!(mails(&t).await, 1);
        let mail = t.mail_to(&ben.email).await.unwrap();
        let newest = audit::checkpoints(&t.enter(&ada, &acme).await, None).await.unwrap().rows.remove(0);
        assert!(mail.text.contains(newest.note.trim_end()), "{}", mail.text);
        assert!(mail.text.contains("http://localhost:3000/o/acme/audit/checkpoints"), "{}", mail.text);
        organizations::rename(&owner, "Acme and Sons").await.unwrap();
        t.pass(Duration::HOUR);
        t.look_after(&acme).await;
        assert_eq!(mails(&t).await, 1, "once a day");
        t.pass(Duration::DAY);
        organizations::rename(&t.enter(&t.sign_in(&ada.email).await, &acme).await, "Acme").await.unwrap();
        t.look_after(&acme).await;
        assert_eq!(mails(&t).await, 2);
        t.look_after(&acme).await;
        t.pass(Duration::hours(20));
        t.look_after(&acme).await;
        assert_eq!(mails(&t).await, 2, "none by the hour while nothing happens");
        for days in 1..3 {
            t.pass(Duration::DAY);
            t.look_after(&acme).await;
            t.look_after(&acme).await;
            assert_eq!(mails(&t).await, 2 + days, "one a day all the same");
        }
        let again = t.mail_to(&ben.email).await.unwrap();
        let owner = t.enter(&t.sign_in(&ada.email).await, &acme).await;
        let newest = audit::checkpoints(&owner, None).await.unwrap().rows.remove(0);
        assert!(again.text.contains(newest.note.trim_end()), "{}", again.text);
    })
    .await;
}

#[tokio::test]
async fn nobody_outside_gets_mail_by_it() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, gus, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        for emails in ["stranger@evil.example", gus.email.as_str(), "ben@acme.example stranger@evil.example", "x"] {
            let answer = audit::change_checkpoint_mail(&owner, &form(emails, "24")).await;
            assert_eq!(field(answer, "emails"), FieldProblem::NoMember, "{emails}");
        }
        let answer = audit::change_checkpoint_mail(&owner, &form(&mia.email, "0")).await;
        assert_eq!(field(answer, "hours"), FieldProblem::UnknownChoice);
        let member = t.enter(&mia, &acme).await;
        assert_eq!(refused(audit::change_checkpoint_mail(&member, &form("", "24")).await), Problem::Forbidden);
        audit::change_checkpoint_mail(&owner, &form(&mia.email, "1")).await.unwrap();
        server::members::remove(&t.enter(&ada, &acme).await, mia.account, |_| Ok(())).await.unwrap();
        t.look_after(&acme).await;
        assert_eq!(mails(&t).await, 0, "who is no member any more gets none");
    })
    .await;
}
