//! What may come of an invitation.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::invitations::{INVITATION_LIFETIME, InvitationState, InviteForm};
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::roles::Role;
use server::invitations::{self, Joiner};
use server::testing::{PASSWORD, Person, TestPortal};
use server::{members, organizations};
use time::Duration;

use crate::support::{NEW, accept_as_new, assert_sound, field, names, refused};

/// An invitation that was spoilt in some way, and how it is refused then, by its page and by its button.
async fn refuses(
    spoil: impl AsyncFnOnce(&TestPortal, &server::testing::World, domain::ids::InvitationId, &str),
    problem: Problem,
) {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ben = t.enter(&world.ben, &world.acme).await;
        let invitation = t.invite(&ben, NEW, Role::Member).await;
        let secret = t.secret_for(NEW).await;
        spoil(&t, &world, invitation, &secret).await;
        let journal = t.journal().await;
        assert_eq!(refused(invitations::lookup(&t.request(), &secret).await), problem);
        assert_eq!(refused(accept_as_new(&t, &secret).await), problem);
        assert_eq!(names(&t.journal().await.since(&journal)), []);
        let accounts = format!(
            "SELECT count(*) FROM {}.members WHERE email = '{NEW}' AND joined_at > timestamptz '2026-01-06'",
            world.acme.schema()
        );
        assert_eq!(t.number(&accounts).await, 0);
        assert_sound(&t, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn an_expired_invitation_is_refused() {
    refuses(async |t, _, _, _| t.pass(INVITATION_LIFETIME), Problem::LinkExpired).await;
}

#[tokio::test]
async fn a_revoked_invitation_is_refused() {
    refuses(
        async |t, world, id, _| {
            let ada = t.enter(&world.ada, &world.acme).await;
            invitations::revoke(&ada, id).await.unwrap();
        },
        Problem::InvitationRevoked,
    )
    .await;
}

#[tokio::test]
async fn a_declined_invitation_is_refused() {
    refuses(
        async |t, _, _, secret| {
            invitations::decline(&t.request(), secret).await.unwrap();
        },
        Problem::InvitationDeclined,
    )
    .await;
}

#[tokio::test]
async fn a_used_invitation_is_refused() {
    refuses(
        async |t, _, _, secret| {
            accept_as_new(t, secret).await.unwrap();
        },
        Problem::LinkUsed,
    )
    .await;
}

#[tokio::test]
async fn the_invitation_of_a_demoted_inviter_is_refused() {
    refuses(
        async |t, world, _, _| {
            let ada = t.enter(&world.ada, &world.acme).await;
            members::change_role(&ada, world.ben.account, Role::Auditor).await.unwrap();
        },
        Problem::InviterDemoted,
    )
    .await;
}

#[tokio::test]
async fn the_invitation_of_a_suspended_inviter_is_refused() {
    refuses(
        async |t, world, _, _| {
            let ada = t.enter(&world.ada, &world.acme).await;
            members::suspend(&ada, world.ben.account).await.unwrap();
        },
        Problem::InviterDemoted,
    )
    .await;
}

#[tokio::test]
async fn the_invitation_of_a_removed_inviter_is_refused() {
    refuses(
        async |t, world, _, _| {
            let ada = t.enter(&world.ada, &world.acme).await;
            members::remove(&ada, world.ben.account, |_| Ok(())).await.unwrap();
        },
        Problem::InviterDemoted,
    )
    .await;
}

#[tokio::test]
async fn whoever_sends_an_invitation_again_or_hands_out_its_link_stands_for_it() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ben = t.enter(&world.ben, &world.acme).await;
        let (sent, copied) =
            (t.invite(&ben, NEW, Role::Member).await, t.invite(&ben, "other@new.example", Role::Member).await);
        let ada = t.enter(&world.ada, &world.acme).await;
        members::remove(&ada, world.ben.account, |_| Ok(())).await.unwrap();

        invitations::resend(&ada, sent).await.unwrap();
        let secret = t.secret_for(NEW).await;
        assert_eq!(
            invitations::lookup(&t.request(), &secret).await.unwrap().invited_by.as_deref(),
            Some("Ada Lovelace")
        );
        accept_as_new(&t, &secret).await.unwrap();

        let link = invitations::copy_link(&ada, copied).await.unwrap().link;
        let secret = link.rsplit('/').next().unwrap();
        accept_as_new(&t, secret).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_invitation_of_a_suspended_organization_is_refused() {
    refuses(
        async |t, world, _, _| {
            organizations::set_status(&t.request(), &world.acme.slug, TenantStatus::Suspended, None).await.unwrap();
        },
        Problem::OrganizationSuspended,
    )
    .await;
}

#[tokio::test]
async fn an_owners_invitation_ends_when_who_invited_is_no_owner_any_more() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        members::change_role(&ada, world.ben.account, Role::Owner).await.unwrap();
        let ben = t.enter(&world.ben, &world.acme).await;
        t.invite(&ben, NEW, Role::Owner).await;
        let secret = t.secret_for(NEW).await;
        members::change_role(&ada, world.ben.account, Role::Admin).await.unwrap();
        assert_eq!(refused(accept_as_new(&t, &secret).await), Problem::InviterDemoted);
        // Saying no is possible all the same.
        assert_eq!(invitations::decline(&t.request(), &secret).await.unwrap(), "Acme");
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_for_the_invited_address_only() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Admin).await;
        let secret = t.secret_for(NEW).await;
        let thief = &world.gus;
        let taken = invitations::accept(&t.request(), &secret, Joiner::Known(&thief.visitor)).await;
        assert_eq!(refused(taken), Problem::WrongAddress);
        let listed = invitations::accept_listed(&t.request(), &thief.visitor, world.acme.id, invitation).await;
        assert_eq!(refused(listed), Problem::NotFound);
        assert_eq!(refused(t.try_enter(thief, &world.acme.slug).await), Problem::NotFound);
        accept_as_new(&t, &secret).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_account_that_exists_has_to_sign_in_first() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let gus = t.enter(&world.gus, &world.globex).await;
        t.join(&gus, "Nia New", NEW, Role::Member).await;
        t.invite(&ada, NEW, Role::Member).await;
        let secret = t.secret_for(NEW).await;
        assert!(invitations::lookup(&t.request(), &secret).await.unwrap().has_account);
        assert_eq!(refused(accept_as_new(&t, &secret).await), Problem::SignInFirst);
        // The password is as it was, and the invitation still good.
        let person = t.sign_in(NEW).await;
        invitations::accept(&t.request(), &secret, Joiner::Known(&person.visitor)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_is_here_or_invited_already_is_said_at_the_field() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let form = |email: &str| InviteForm { email: email.to_owned(), role: "member".to_owned() };
        assert_eq!(
            field(invitations::invite(&ada, &form(" MIA@acme.example ")).await, "email"),
            FieldProblem::AlreadyMember
        );
        t.invite(&ada, NEW, Role::Member).await;
        assert_eq!(field(invitations::invite(&ada, &form(NEW)).await, "email"), FieldProblem::AlreadyInvited);
        // Once it has expired, the same address can be invited again, and only the new link works.
        let old = t.secret_for(NEW).await;
        t.pass(INVITATION_LIFETIME);
        invitations::invite(&ada_now(&t, &world).await, &form(NEW)).await.unwrap();
        assert!(invitations::lookup(&t.request(), &old).await.is_err());
        accept_as_new(&t, &t.secret_for(NEW).await).await.unwrap();
    })
    .await;
}

/// A person of another organization whose address was never proven: they joined by a copied link.
async fn unproven(t: &TestPortal, world: &server::testing::World) -> Person {
    let gus = t.enter(&world.gus, &world.globex).await;
    let invitation = t.invite(&gus, NEW, Role::Member).await;
    let link = invitations::copy_link(&gus, invitation).await.unwrap().link;
    accept_as_new(t, server::testing::secret_of(&link)).await.unwrap();
    let person = t.sign_in(NEW).await;
    assert!(!person.visitor.account.email_proven);
    person
}

#[tokio::test]
async fn a_mailed_link_takes_over_an_unproven_account_and_a_copied_one_does_not() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let squatter = unproven(&t, &world).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        let joiner = || Joiner::New { name: "The real one", password: "another long password" };

        let copied = invitations::copy_link(&ada, invitation).await.unwrap().link;
        let copied = server::testing::secret_of(&copied);
        assert!(invitations::lookup(&t.request(), copied).await.unwrap().has_account);
        let answer = invitations::accept(&t.request(), copied, joiner()).await;
        assert_eq!(refused(answer), Problem::SignInFirst);
        assert!(server::sign_in::sign_in(&t.request(), NEW, PASSWORD).await.is_ok());

        let journal = t.journal().await;
        let mailed = t.secret_for(NEW).await;
        assert!(!invitations::lookup(&t.request(), &mailed).await.unwrap().has_account, "its page asks for a password");
        let accepted = invitations::accept(&t.request(), &mailed, joiner()).await.unwrap();
        assert_eq!(accepted.account, squatter.account);
        let entries = t.journal().await.since(&journal);
        let mut entries = names(&entries);
        entries.sort_unstable_by_key(|(action, _)| *action);
        assert_eq!(entries, [("account.taken_over", Outcome::Done), ("invitation.accepted", Outcome::Done)]);
        // The squatter's password and sessions are dead.
        let old = server::sign_in::sign_in(&t.request(), NEW, PASSWORD).await;
        assert_eq!(field(old, "password"), FieldProblem::WrongCredentials);
        let count = format!("SELECT count(*) FROM platform.sessions WHERE account_id = '{}'", squatter.account);
        assert_eq!(t.number(&count).await, 0);
        let grant = server::sign_in::sign_in(&t.request(), NEW, "another long password").await.unwrap();
        let account = t.person(grant).await.visitor.account;
        assert!(account.email_proven);
        assert_eq!(account.name, "The real one");
    })
    .await;
}

#[tokio::test]
async fn the_own_list_is_for_proven_addresses_and_shows_what_can_be_accepted() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let person = unproven(&t, &world).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        // What every page counts is what this one shows.
        let list = async |person: &Person| {
            let listed = invitations::list_mine(&t.request(), &person.visitor).await.unwrap();
            let mine = t.returning(person).await;
            assert_eq!(mine.invitations() as usize, listed.len());
            listed
        };
        assert!(list(&person).await.is_empty());
        let listed = invitations::accept_listed(&t.request(), &person.visitor, world.acme.id, invitation).await;
        assert_eq!(refused(listed), Problem::NotFound);

        // A signed-in person proves the address with a mailed link.
        t.sql(&format!("UPDATE platform.accounts SET email_proven_at = now() WHERE id = '{}'", person.account)).await;
        let person = t.sign_in(NEW).await;
        let offers = list(&person).await;
        let offer = &offers[0].offer;
        assert_eq!((offers.len(), offer.organization.as_str()), (1, "Acme"));
        assert_eq!(offer.role, Role::Member);
        invitations::decline_listed(&t.request(), &person.visitor, world.acme.id, invitation).await.unwrap();
        assert!(list(&person).await.is_empty());
        assert_eq!(invitations::list(&ada, None).await.unwrap().rows[0].state, InvitationState::Declined);

        t.invite(&ada, NEW, Role::Member).await;
        organizations::set_status(&t.request(), &world.acme.slug, TenantStatus::Suspended, None).await.unwrap();
        assert!(list(&person).await.is_empty());
        organizations::set_status(&t.request(), &world.acme.slug, TenantStatus::Active, None).await.unwrap();
        assert_eq!(list(&person).await.len(), 1);
        t.pass(INVITATION_LIFETIME + Duration::SECOND);
        assert!(list(&person).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_invitation_by_somebody_who_may_invite_no_more_is_listed_and_can_only_be_declined() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let eve = t.join(&ada, "Eve", "eve@acme.example", Role::Admin).await;
        let access = t.enter(&eve, &world.acme).await;
        let invitation = t.invite(&access, &world.gus.email, Role::Member).await;
        server::members::change_role(&ada, eve.account, Role::Member).await.unwrap();
        let gus = &world.gus.visitor;
        let inside = t.enter(&world.gus, &world.globex).await;
        assert_eq!(inside.visitor().invitations(), 1, "it is counted inside of an organization");
        let list = invitations::list_mine(&t.request(), gus).await.unwrap();
        assert_eq!(list.iter().map(|listed| listed.problem).collect::<Vec<_>>(), [Some(Problem::InviterDemoted)]);
        let accepted = invitations::accept_listed(&t.request(), gus, world.acme.id, invitation).await;
        assert_eq!(refused(accepted), Problem::InviterDemoted);
        invitations::decline_listed(&t.request(), gus, world.acme.id, invitation).await.unwrap();
        assert!(invitations::list_mine(&t.request(), gus).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_resent_invitation_has_its_full_time_again() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        t.pass(INVITATION_LIFETIME - Duration::HOUR);
        invitations::resend(&ada_now(&t, &world).await, invitation).await.unwrap();
        t.pass(Duration::days(6));
        accept_as_new(&t, &t.secret_for(NEW).await).await.unwrap();
    })
    .await;
}

/// Ada's access at this time: a request has one time for all that it does.
async fn ada_now(t: &TestPortal, world: &server::testing::World) -> server::Access {
    t.enter(&world.ada, &world.acme).await
}
