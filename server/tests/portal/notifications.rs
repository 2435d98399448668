//! What people are told inside of the portal, and by mail.

use domain::audit::Outcome;
use domain::ids::NotificationId;
use domain::notifications::{Kind, MailChoices};
use domain::paging::Cursor;
use domain::problem::Problem;
use domain::roles::Role;
use server::housekeeping::Housekeeping;
use server::members::TransferForm;
use server::notifications::Notification;
use server::testing::{Person, TestPortal, World};
use server::{accounts, members, notifications, organizations};
use time::Duration;
use uuid::Uuid;

use crate::support::{DENIED, names, refused, sqlstate};

async fn list(t: &TestPortal, person: &Person) -> Vec<Notification> {
    notifications::list(&t.request(), &t.returning(person).await, None).await.unwrap().rows
}

/// What somebody was told, the newest first.
async fn told(t: &TestPortal, person: &Person) -> Vec<String> {
    list(t, person).await.iter().map(|row| row.news.describe(str::to_owned)).collect()
}

async fn choose(t: &TestPortal, person: &Person, membership: bool, organizations: bool) {
    let choices = MailChoices { membership, organizations, jobs: false, alerts: true, lesser_alerts: false };
    notifications::change_mail(&t.request(), &t.returning(person).await, choices).await.unwrap();
}

#[tokio::test]
async fn whoever_it_concerns_is_told_of_every_act_and_nobody_else() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, gus, .. } = t.world().await;
        // Each by a request of its own, and so at a time of its own.
        let owner = async || t.enter(&ada, &acme).await;
        members::change_role(&owner().await, mia.account, Role::Auditor).await.unwrap();
        members::change_role(&owner().await, mia.account, Role::Auditor).await.unwrap();
        members::suspend(&owner().await, mia.account).await.unwrap();
        members::resume(&owner().await, mia.account).await.unwrap();
        members::end_access(&owner().await, mia.account).await.unwrap();
        members::remove(&owner().await, mia.account, |_| Ok(())).await.unwrap();
        let sentences = [
            "Ada Lovelace removed you from Acme.",
            "Ada Lovelace ended your access to Acme: to come in again you show who you are.",
            "Ada Lovelace resumed your membership in Acme.",
            "Ada Lovelace suspended your membership in Acme.",
            "Ada Lovelace changed your role in Acme from Member to Auditor.",
        ];
        assert_eq!(told(&t, &mia).await, sentences);
        assert!(list(&t, &mia).await.iter().all(|row| row.path.is_none()), "she is there no more");
        assert_eq!(t.returning(&mia).await.unread(), 5);
        // What one does oneself is no news.
        let form = TransferForm { member: ben.account.to_string(), confirmation: "Acme".into(), ..Default::default() };
        members::transfer(&owner().await, &form).await.unwrap();
        assert_eq!(told(&t, &ben).await, ["Ada Lovelace handed Acme over to you: you are an owner now."]);
        assert_eq!(list(&t, &ben).await[0].path.as_deref(), Some("/o/acme"));
        for person in [&ada, &gus] {
            assert_eq!(told(&t, person).await, Vec::<String>::new());
            assert_eq!(t.returning(person).await.unread(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn what_nobody_knows_is_left_out_of_the_list() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        members::change_role(&t.enter(&ada, &acme).await, mia.account, Role::Auditor).await.unwrap();
        let before = told(&t, &mia).await;
        t.sql(&format!(
            "INSERT INTO platform.notifications (id, account_id, kind, details, created_at)
             SELECT gen_random_uuid(), account_id, 'quota_reached', '{{\"metric\": \"moons\"}}', created_at + interval '1 s'
             FROM platform.notifications CROSS JOIN generate_series(1, 60) WHERE account_id = '{}'",
            mia.account
        ))
        .await;
        assert_eq!((told(&t, &mia).await, before.len()), (before, 1));
    })
    .await;
}

#[tokio::test]
async fn owners_are_told_who_has_left() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        members::leave(&t.enter(&mia, &acme).await).await.unwrap();
        assert_eq!(told(&t, &ada).await, ["Mia Member left Acme."]);
        assert_eq!(list(&t, &ada).await[0].path.as_deref(), Some("/o/acme/members"));
        assert_eq!(told(&t, &ben).await, Vec::<String>::new());
        accounts::delete(&t.request(), &t.returning(&ben).await, &ben.email).await.unwrap();
        assert_eq!(told(&t, &ada).await, ["Somebody left Acme.", "Mia Member left Acme."]);
        // The name goes with the account.
        accounts::delete(&t.request(), &t.returning(&mia).await, &mia.email).await.unwrap();
        assert_eq!(told(&t, &ada).await, ["Somebody left Acme.", "Somebody left Acme."]);
    })
    .await;
}

#[tokio::test]
async fn mail_comes_of_what_somebody_has_chosen() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        t.sql("DELETE FROM platform.outbox").await;
        let mail = async || t.mail_to(&mia.email).await;
        members::change_role(&owner, mia.account, Role::Auditor).await.unwrap();
        let sent = mail().await.expect("that is what everybody begins with");
        assert_eq!(sent.subject, "Ada Lovelace changed your role in Acme from Member to Auditor");
        assert!(sent.text.contains("http://localhost:3000/o/acme\n"), "{}", sent.text);
        assert_eq!(sent.text.matches("://").count(), 1, "{}", sent.text);

        t.sql("DELETE FROM platform.outbox").await;
        let journal = t.journal().await;
        choose(&t, &mia, false, true).await;
        choose(&t, &mia, false, true).await;
        let changed = [("account.notifications_changed", Outcome::Done)];
        assert_eq!(names(&t.journal().await.since(&journal)), changed);
        members::change_role(&owner, mia.account, Role::Member).await.unwrap();
        assert!(mail().await.is_none());
        assert_eq!(told(&t, &mia).await.len(), 2, "it is shown all the same");

        organizations::schedule_deletion(&owner, "Acme").await.unwrap();
        assert_eq!(mail().await.expect("a mail").subject, "Ada Lovelace is having Acme deleted");
        let to_owner = "SELECT count(*) FROM platform.outbox WHERE recipient = 'ada@acme.example'";
        assert_eq!(t.number(to_owner).await, 1, "owners have a mail of their own");
        t.sql("DELETE FROM platform.outbox").await;
        choose(&t, &mia, false, false).await;
        organizations::keep(&t.enter_doomed(&ada, "acme").await.unwrap()).await.unwrap();
        assert!(mail().await.is_none());
        assert_eq!(told(&t, &mia).await[0], "Ada Lovelace keeps Acme, which was to be deleted.");
    })
    .await;
}

#[tokio::test]
async fn the_end_of_an_organization_is_told_to_everybody_who_was_in_it() {
    TestPortal::run(async |t| {
        let World { ada, ben, mia, gus, .. } = t.world().await;
        organizations::schedule_deletion_by_slug(&t.request(), "acme", None).await.unwrap();
        let sweep = async || Housekeeping::new(t.portal()).sweep().await.unwrap().organizations;
        assert_eq!(sweep().await, 0);
        assert_eq!(told(&t, &mia).await, ["The platform’s operator is having Acme deleted."]);
        t.pass(Duration::days(31));
        assert_eq!(sweep().await, 1);
        for person in [&ada, &ben, &mia] {
            assert_eq!(told(&t, person).await, ["Acme is deleted for good."]);
        }
        assert_eq!(told(&t, &gus).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_told_to_who_has_proven_its_address() {
    TestPortal::run_with_mail(async |t| {
        let World { globex, mia, ada, gus, .. } = t.world().await;
        let owner = t.enter(&gus, &globex).await;
        t.invite(&owner, &mia.email, Role::Auditor).await;
        assert_eq!(told(&t, &mia).await, ["Gus Grissom invites you to Globex as Auditor."]);
        assert_eq!(list(&t, &mia).await[0].path.as_deref(), Some("/invitations"));
        t.sql("UPDATE platform.accounts SET email_proven_at = NULL").await;
        t.invite(&owner, &ada.email, Role::Auditor).await;
        assert_eq!(told(&t, &ada).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn reading_is_everybodys_own_and_goes_as_far_as_was_shown() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, gus, .. } = t.world().await;
        for _ in 0..15 {
            members::suspend(&t.enter(&ada, &acme).await, mia.account).await.unwrap();
            members::resume(&t.enter(&ada, &acme).await, mia.account).await.unwrap();
        }
        let unread = async || t.returning(&mia).await.unread();
        assert_eq!(unread().await, 30);
        let visitor = t.returning(&mia).await;
        let first = notifications::list(&t.request(), &visitor, None).await.unwrap();
        let cursor = Cursor::decode(first.next.as_deref().unwrap()).unwrap();
        let second = notifications::list(&t.request(), &visitor, Some(&cursor)).await.unwrap();
        assert_eq!((first.total, first.rows.len(), second.rows.len()), (30, 25, 5));

        let id = first.rows[3].id;
        for (person, id) in [(&gus, id), (&mia, NotificationId(Uuid::from_u128(7)))] {
            let visitor = t.returning(person).await;
            assert_eq!(refused(notifications::open(&t.request(), &visitor, id).await), Problem::NotFound);
        }
        assert_eq!(unread().await, 30);
        notifications::open(&t.request(), &visitor, id).await.unwrap();
        assert_eq!(unread().await, 29);
        notifications::read_all(&t.request(), &t.returning(&gus).await, t.request().now).await.unwrap();
        notifications::read_all(&t.request(), &visitor, second.rows[0].created_at).await.unwrap();
        assert_eq!(unread().await, 24);
        let rows = list(&t, &mia).await;
        assert_eq!(rows.iter().filter(|row| row.read).count(), 1);
        notifications::read_all(&t.request(), &visitor, t.request().now).await.unwrap();
        assert_eq!(unread().await, 0);

        t.pass(Duration::days(89));
        let sweep = async || Housekeeping::new(t.portal()).sweep().await.unwrap().notifications;
        assert_eq!(sweep().await, 0);
        t.pass(Duration::days(2));
        assert_eq!(sweep().await, 30);
        assert_eq!(list(&t, &mia).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_organization_writes_notifications_and_reads_none() {
    TestPortal::run(async |t| {
        let World { acme, gus, .. } = t.world().await;
        let insert = format!(
            "INSERT INTO platform.notifications (id, account_id, kind, details, created_at)
             VALUES (gen_random_uuid(), '{}', 'removed', '{{}}', now())",
            gus.account
        );
        for statement in [
            "SELECT id FROM platform.notifications",
            "UPDATE platform.notifications SET read_at = now()",
            "DELETE FROM platform.notifications",
            "UPDATE platform.accounts SET mail_membership = false",
        ] {
            assert_eq!(sqlstate(t.as_act(acme.id, statement).await), DENIED, "{statement}");
            assert_eq!(sqlstate(t.as_tenant(acme.id, statement).await), DENIED, "{statement}");
        }
        assert_eq!(sqlstate(t.as_tenant(acme.id, &insert).await), DENIED);
        assert_eq!(Kind::Removed.code(), "removed");
    })
    .await;
}
