//! What was stored under other rules goes on working: rules are for what is typed.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::organizations::TenantStatus;
use domain::roles::Role;
use server::access::{Entered, Purpose, enter};
use server::invitations::{self, Joiner};
use server::testing::{PASSWORD, TestPortal};
use server::{accounts, organizations, sign_in, sign_up};

use crate::support::{NEW, field, names};

const NAME: &str = "Ada <the first>";
const EMAIL: &str = "ada@intranet";
const SLUG: &str = "admin";

#[tokio::test]
async fn an_account_of_a_name_and_address_that_are_refused_by_now_goes_on() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        t.invite(&gus, "ada@intranet.example", Role::Member).await;
        t.sql(&format!(
            "UPDATE platform.accounts SET name = '{NAME}', email = '{EMAIL}' WHERE id = '{0}';
             UPDATE {1}.members SET name = '{NAME}', email = '{EMAIL}' WHERE account_id = '{0}';
             UPDATE {2}.invitations SET email = '{EMAIL}' WHERE state = 'pending';
             UPDATE platform.pending_invitations SET email = '{EMAIL}';
             UPDATE platform.outbox SET recipient = '{EMAIL}' WHERE recipient = 'ada@intranet.example'",
            world.ada.account,
            world.acme.schema(),
            world.globex.schema()
        ))
        .await;
        let ada = t.sign_in(EMAIL).await;
        t.enter(&ada, &world.acme).await;
        let _grant =
            accounts::change_password(&t.request(), &ada.visitor, PASSWORD, "a password to come").await.unwrap();
        sign_in::request_reset(&t.request(), EMAIL).await.unwrap();
        let mails =
            t.sql(&format!("SELECT id FROM platform.outbox WHERE recipient = '{EMAIL}' AND kind = 'reset'")).await;
        assert_eq!(mails.len(), 1);
        sign_in::reset(&t.request(), &t.secret_for(EMAIL).await, PASSWORD).await.unwrap();

        let ada = t.sign_in(EMAIL).await;
        sign_up::create_organization(&t.request(), &ada.visitor, "Another").await.unwrap();
        let offers = invitations::list_mine(&t.request(), &ada.visitor).await.unwrap();
        assert!(offers[0].offer.has_account);
        invitations::accept_listed(&t.request(), &ada.visitor, world.globex.id, offers[0].offer.invitation)
            .await
            .unwrap();
        assert_eq!(t.enter(&ada, &world.globex).await.visitor().account.name, NAME);
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_and_an_invitation_that_wait_while_a_rule_comes_can_be_finished() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let form = domain::accounts::SignUpForm {
            name: "Sam".to_owned(),
            email: "sam@initech.example".to_owned(),
            password: PASSWORD.to_owned(),
            organization: "Initech".to_owned(),
        };
        sign_up::sign_up(&t.request(), &form).await.unwrap();
        let confirm = t.secret_for("sam@initech.example").await;
        t.sql("UPDATE platform.registrations SET name = '<Sam>', organization = '<Initech>', email = 'sam@intranet'")
            .await;
        sign_up::lookup(&t.request(), &confirm).await.unwrap();
        sign_up::confirm(&t.request(), &confirm).await.unwrap();
        assert_eq!(t.sign_in("sam@intranet").await.name, "<Sam>");

        let ada = t.enter(&world.ada, &world.acme).await;
        t.invite(&ada, NEW, Role::Member).await;
        let secret = t.secret_for(NEW).await;
        t.sql(&format!("UPDATE {}.invitations SET email = 'new@intranet' WHERE email = '{NEW}'", world.acme.schema()))
            .await;
        let joiner = Joiner::New { name: "New Person", password: PASSWORD };
        invitations::accept(&t.request(), &secret, joiner).await.unwrap();
        assert_eq!(t.sign_in("new@intranet").await.name, "New Person");
    })
    .await;
}

#[tokio::test]
async fn an_organization_whose_slug_is_a_reserved_word_by_now_is_not_locked_out() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        t.sql(&format!(
            "INSERT INTO platform.slugs SELECT '{SLUG}', id, created_at FROM platform.tenants WHERE slug = 'acme';
             UPDATE platform.tenants SET slug = '{SLUG}' WHERE slug = 'acme'"
        ))
        .await;
        let ada = t.try_enter(&world.ada, SLUG).await.unwrap();
        // A former slug leads to it, and it is one of those when the organization moves.
        let moved = enter(&t.request(), &t.returning(&world.ada).await, "acme", Purpose::Read).await.unwrap();
        assert!(matches!(moved, Entered::Moved(slug) if slug.as_str() == SLUG));
        t.invite(&ada, NEW, Role::Member).await;
        let joiner = Joiner::New { name: "New Person", password: PASSWORD };
        let accepted = invitations::accept(&t.request(), &t.secret_for(NEW).await, joiner).await.unwrap();
        assert_eq!(accepted.slug.as_str(), SLUG);
        let journal = t.journal().await;
        for status in [TenantStatus::Suspended, TenantStatus::Active] {
            organizations::set_status(&t.request(), SLUG, status, None).await.unwrap();
        }
        let done = Outcome::Done;
        assert_eq!(
            names(&t.journal().await.since(&journal)),
            [("organization.suspended", done), ("organization.resumed", done)]
        );
        organizations::move_to(&ada, "acme").await.unwrap();
        let moved = enter(&t.request(), &world.ada.visitor, SLUG, Purpose::Read).await.unwrap();
        assert!(matches!(moved, Entered::Moved(slug) if slug.as_str() == "acme"));
        // For what is typed today, today's rules hold.
        assert_eq!(field(organizations::move_to(&ada, SLUG).await, "slug"), FieldProblem::Reserved);
    })
    .await;
}
