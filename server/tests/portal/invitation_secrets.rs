//! Secrets are handed out and not kept.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::invitations::INVITATION_LIFETIME;
use domain::problem::Problem;
use domain::roles::Role;
use server::invitations::{self, Joiner};
use server::testing::{PASSWORD, TestPortal, secret_of};
use server::{sign_in, sign_up};

use crate::support::{NEW, names, refused, substance};

#[tokio::test]
async fn every_mail_and_every_copy_has_a_link_of_its_own_and_one_use_ends_all() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        let mut secrets = vec![t.secret_for(NEW).await];
        for _ in 0..3 {
            secrets.push(secret_of(&invitations::copy_link(&ada, invitation).await.unwrap().link).to_owned());
            invitations::resend(&ada, invitation).await.unwrap();
            secrets.push(t.secret_for(NEW).await);
        }
        for (index, secret) in secrets.iter().enumerate() {
            assert!(secret.len() >= 43 && !secrets[..index].contains(secret));
            invitations::lookup(&t.request(), secret).await.expect("each of them works until one is used");
        }
        let joiner = Joiner::New { name: "New Person", password: PASSWORD };
        invitations::accept(&t.request(), &secrets[2], joiner).await.unwrap();
        for secret in &secrets {
            assert_eq!(refused(invitations::lookup(&t.request(), secret).await), Problem::LinkUsed);
            assert_eq!(refused(invitations::decline(&t.request(), secret).await), Problem::LinkUsed);
        }
        assert_eq!(t.number("SELECT count(*) FROM platform.tokens WHERE used_at IS NULL").await, 0);
        assert!(t.mail_to(NEW).await.is_none(), "no mail goes out to somebody who is here already");
    })
    .await;
}

#[tokio::test]
async fn an_expired_invitation_has_no_link_to_copy_until_it_is_sent_again() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        t.pass(INVITATION_LIFETIME);
        let ada = t.enter(&world.ada, &world.acme).await;
        let (before, journal) = (substance(&t, &world.acme).await, t.journal().await);
        assert_eq!(refused(invitations::copy_link(&ada, invitation).await), Problem::InvitationExpired);
        assert_eq!(substance(&t, &world.acme).await, before);
        assert_eq!(names(&t.journal().await.since(&journal)), []);

        invitations::resend(&ada, invitation).await.unwrap();
        let link = invitations::copy_link(&ada, invitation).await.unwrap().link;
        invitations::lookup(&t.request(), secret_of(&link)).await.expect("a link that works");
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_good_for_its_purpose_only() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        t.invite(&ada, NEW, Role::Member).await;
        let invite = t.secret_for(NEW).await;
        sign_in::request_reset(&t.request(), "gus@globex.example").await.unwrap();
        let reset = t.secret_for("gus@globex.example").await;
        for secret in [&invite, "", "x", &"y".repeat(10_000), "a\0b"] {
            assert_eq!(refused(sign_in::reset(&t.request(), secret, "another long password").await), Problem::NotFound);
            assert_eq!(refused(sign_up::confirm(&t.request(), secret).await), Problem::NotFound);
        }
        for secret in [&reset, ""] {
            assert_eq!(refused(invitations::lookup(&t.request(), secret).await), Problem::NotFound);
            assert_eq!(refused(sign_up::lookup(&t.request(), secret).await), Problem::NotFound);
        }
    })
    .await;
}

#[tokio::test]
async fn no_table_holds_a_secret() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        let copied = invitations::copy_link(&ada, invitation).await.unwrap().link;
        sign_in::request_reset(&t.request(), "gus@globex.example").await.unwrap();
        let form = domain::accounts::SignUpForm {
            name: "Sam Sign-up".to_owned(),
            email: "sam@initech.example".to_owned(),
            password: "a password of Sam's".to_owned(),
            organization: "Initech".to_owned(),
        };
        sign_up::sign_up(&t.request(), &form).await.unwrap();
        let grant = sign_in::sign_in(&t.request(), "mia@acme.example", PASSWORD).await.unwrap();
        let cookie = t.carry(grant).await.id().unwrap();

        let mut secrets =
            vec![PASSWORD.to_owned(), form.password.clone(), cookie.to_string(), hex::encode(cookie.0.to_be_bytes())];
        let mailed = [
            t.secret_for(NEW).await,
            t.secret_for("gus@globex.example").await,
            t.secret_for("sam@initech.example").await,
        ];
        for secret in mailed.iter().map(String::as_str).chain([secret_of(&copied)]) {
            let bytes = URL_SAFE_NO_PAD.decode(secret).expect("256 random bits");
            assert_eq!(bytes.len(), 32);
            secrets.extend([secret.to_owned(), hex::encode(secret), hex::encode(&bytes), STANDARD.encode(&bytes)]);
        }
        for schema in t.schemas().await {
            let dump = t.dump(&schema, "").await;
            assert!(dump.len() > 100);
            for secret in &secrets {
                assert!(!dump.contains(secret.as_str()), "{schema} holds {secret}");
            }
        }
        // Addresses and names are in no audit entry either, but for commitments and sealed values.
        for schema in t.schemas().await {
            let entries =
                t.text(&format!("SELECT coalesce(string_agg(e::text, ''), '') FROM {schema}.audit_entries e")).await;
            for personal in ["Ada Lovelace", "ada@acme", NEW, "sam@initech", "192.0.2.7", "A browser"] {
                assert!(!entries.contains(personal), "{schema} has {personal} in its log");
            }
        }
    })
    .await;
}
