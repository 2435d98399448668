//! How many mails an organization has sent to people who may not want them.

use domain::audit::Outcome;
use domain::invitations::InviteForm;
use domain::problem::Problem;
use domain::roles::Role;
use server::invitations;
use server::testing::TestPortal;
use time::Duration;

use crate::support::{NEW, names, refused};

const LIMITED: (&str, Outcome) = ("invitations.limited", Outcome::Denied);

#[tokio::test]
async fn nobodys_mailbox_is_filled_by_invitations() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let form = InviteForm { email: NEW.to_owned(), role: "member".to_owned() };
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        for _ in 0..3 {
            invitations::resend(&ada, invitation).await.unwrap();
        }
        invitations::revoke(&ada, invitation).await.unwrap();
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        let mails = format!("SELECT count(*) FROM platform.outbox WHERE recipient = '{NEW}'");
        assert_eq!(t.number(&mails).await, 5);

        let journal = t.journal().await;
        let often = Problem::MailedOften { minutes: 60 };
        for _ in 0..3 {
            assert_eq!(refused(invitations::resend(&ada, invitation).await), often);
        }
        // A copied link is no mail, and taking it back needs none.
        invitations::copy_link(&ada, invitation).await.unwrap();
        invitations::revoke(&ada, invitation).await.unwrap();
        assert_eq!(refused(invitations::invite(&ada, &form).await), often);
        assert_eq!(t.number(&mails).await, 5, "what was refused left nothing");
        let done = Outcome::Done;
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [LIMITED, ("invitation.link_copied", done), ("invitation.revoked", done)]);
        assert!(entries.iter().all(|entry| entry.log == world.acme.log()), "it is the organization's affair");

        // Other addresses, other organizations and the next hour have counts of their own.
        t.invite(&ada, "other@person.example", Role::Member).await;
        t.invite(&t.enter(&world.gus, &world.globex).await, NEW, Role::Member).await;
        t.pass(Duration::minutes(20));
        let ada = t.enter(&world.ada, &world.acme).await;
        assert_eq!(refused(invitations::invite(&ada, &form).await), Problem::MailedOften { minutes: 40 });
        t.pass(Duration::minutes(40));
        t.invite(&t.enter(&world.ada, &world.acme).await, NEW, Role::Member).await;
    })
    .await;
}

#[tokio::test]
async fn an_organization_writes_to_so_many_people_in_a_day() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        // Two colleagues were invited when the world was made.
        let ada = t.enter(&world.ada, &world.acme).await;
        for number in 2..500 {
            t.invite(&ada, &format!("person{number}@person.example"), Role::Member).await;
        }
        let journal = t.journal().await;
        for number in 500..503 {
            let form = InviteForm { email: format!("person{number}@person.example"), role: "member".to_owned() };
            assert_eq!(refused(invitations::invite(&ada, &form).await), Problem::InvitedOften { minutes: 24 * 60 });
        }
        assert_eq!(names(&t.journal().await.since(&journal)), [LIMITED]);
        t.invite(&t.enter(&world.gus, &world.globex).await, NEW, Role::Member).await;
        t.pass(Duration::DAY);
        t.invite(&t.enter(&world.ada, &world.acme).await, NEW, Role::Member).await;
    })
    .await;
}
