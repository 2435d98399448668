//! A browser goes away in the middle of a request: what was asked for is done or it is not, and the
//! connection serves the next one, of another organization, as if nothing had been.

use domain::invitations::InviteForm;
use domain::members::MemberQuery;
use domain::roles::Role;
use server::invitations::{self, Joiner};
use server::testing::{Organization, PASSWORD, Person, TestPortal, World};
use server::{Error, RequestContext, members, organizations, sign_in, sign_up};
use sqlx::Row;

use crate::support::{assert_sound, cancelled};

/// Somebody whose organization shares a lane with Acme.
async fn neighbour(t: &TestPortal, acme: &Organization) -> (Person, Organization) {
    let (person, _) = t.sign_up("Nina Neighbour", "nina@neighbour.example", "Neighbours").await;
    loop {
        let slug = sign_up::create_organization(&RequestContext::internal(t.portal()), &person.visitor, "Next Door")
            .await
            .unwrap();
        let id = t.try_enter(&person, slug.as_str()).await.unwrap().tenant();
        let same = format!("SELECT count(DISTINCT lane) FROM platform.tenants WHERE id IN ('{}', '{id}')", acme.id);
        if t.number(&same).await == 1 {
            return (person, Organization { id, slug: slug.as_str().to_owned() });
        }
    }
}

/// What the neighbour sees on the connections that Acme's requests had.
async fn assert_clean(t: &TestPortal, neighbour: &Person, organization: &Organization) {
    let look = "SELECT current_user::text, current_setting('search_path'), pg_current_xact_id_if_assigned() IS NULL, (SELECT count(*) FROM members)";
    let role = t.role(organization.id).await;
    let (one, other) = tokio::join!(t.as_tenant(organization.id, look), t.as_tenant(organization.id, look));
    for rows in [one.unwrap(), other.unwrap()] {
        assert_eq!(rows[0].get::<String, _>(0), role);
        assert!(rows[0].get::<String, _>(1).starts_with(&organization.schema()));
        assert!(rows[0].get::<bool, _>(2), "a transaction was left open");
        assert_eq!(rows[0].get::<i64, _>(3), 1);
    }
    let access = t.enter(neighbour, organization).await;
    assert_eq!(members::list(&access, &MemberQuery::default()).await.unwrap().total, 1);
}

/// More than any act here waits. How often one does wait is chance: on a busy machine an answer may be there before
/// anybody asks for it.
const POINTS: usize = 48;

/// Cancels an act at each point where it can be, and lets it be done when it is done before that. `evidence` counts
/// what the act changes: it is changed with exactly one entry, or neither is there.
async fn at_every_point(
    act: impl AsyncFn(&TestPortal, &World, usize) -> Result<(), Error>,
    evidence: impl AsyncFn(&TestPortal, &World) -> i64,
) {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (nina, next_door) = neighbour(&t, &world.acme).await;
        let entries = format!("SELECT size FROM {}.audit_head", world.acme.schema());
        let (mut cut_short, mut completed) = (0, 0);
        for point in 1..=POINTS {
            for at_once in [true, false] {
                let before = (evidence(&t, &world).await, t.number(&entries).await);
                let outcome = cancelled(point, at_once, act(&t, &world, 2 * point + usize::from(at_once))).await;
                t.settle().await;
                let after = (evidence(&t, &world).await, t.number(&entries).await);
                assert_eq!(after.0 - before.0, after.1 - before.1, "cancelled at {point}, at once: {at_once}");
                assert_sound(&t, &world.acme).await;
                assert_clean(&t, &nina, &next_door).await;
                match outcome {
                    Some(outcome) => {
                        outcome.unwrap();
                        completed += 1;
                    }
                    None => cut_short += 1,
                }
            }
        }
        assert!(cut_short > 0 && completed > 0, "{cut_short} were cut short and {completed} done");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_role_is_done_or_not() {
    at_every_point(
        async |t, world, _| {
            let ada = t.enter(&world.ada, &world.acme).await;
            // Each change goes to another role than the one before, so that roles count changes.
            let now = members::lookup(&ada, world.mia.account).await?.role;
            let next = if now == Role::Member { Role::Auditor } else { Role::Member };
            members::change_role(&ada, world.mia.account, next).await.map(|_| ())
        },
        async |t, world| {
            let schema = world.acme.schema();
            let changes = t
                .number(&format!("SELECT count(*) FROM {schema}.audit_entries WHERE action = 'member.role_changed'"))
                .await;
            let role =
                t.text(&format!("SELECT role FROM {schema}.members WHERE account_id = '{}'", world.mia.account)).await;
            assert_eq!(role == "auditor", changes % 2 == 1, "the role and its entries differ");
            changes
        },
    )
    .await;
}

#[tokio::test]
async fn an_invitation_is_made_with_its_mail_or_not() {
    at_every_point(
        async |t, world, number| {
            let ada = t.enter(&world.ada, &world.acme).await;
            let form = InviteForm { email: format!("n{number}@person.example"), role: "member".to_owned() };
            invitations::invite(&ada, &form).await.map(|_| ())
        },
        async |t, world| {
            let id = world.acme.id;
            let invited = t
                .number(&format!("SELECT count(*) FROM {}.invitations WHERE state = 'pending'", world.acme.schema()))
                .await;
            let noted =
                t.number(&format!("SELECT count(*) FROM platform.pending_invitations WHERE tenant_id = '{id}'")).await;
            let mails = t
                .number(&format!("SELECT count(*) FROM platform.outbox WHERE tenant_id = '{id}' AND state = 'waiting'"))
                .await;
            assert_eq!((invited, invited), (noted, mails));
            invited
        },
    )
    .await;
}

#[tokio::test]
async fn a_removal_is_done_on_both_sides_or_not() {
    at_every_point(
        async |t, world, number| {
            let ada = t.enter(&world.ada, &world.acme).await;
            let schema = world.acme.schema();
            let (id, email) = (uuid::Uuid::from_bytes(t.random()), format!("n{number}@person.example"));
            t.sql(&format!(
                "INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
                 VALUES ('{id}', 'Passing By', '{email}', 'member', 'invitation', 'active', now());
                 INSERT INTO platform.accounts VALUES ('{id}', '{email}', now(), 'Passing By', 'UTC', 'system', 0, NULL, now());
                 INSERT INTO platform.memberships VALUES ('{id}', '{}', now())",
                world.acme.id
            ))
            .await;
            members::remove(&ada, id.into(), |_| Ok(())).await.map(|_| ())
        },
        async |t, world| t.number(&format!("SELECT count(*) FROM {}.audit_entries WHERE action = 'member.removed'", world.acme.schema())).await,
    )
    .await;
}

#[tokio::test]
async fn an_acceptance_makes_member_account_and_entry_or_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (nina, next_door) = neighbour(&t, &world.acme).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let schema = world.acme.schema();
        for point in 1.. {
            let email = format!("n{point}@person.example");
            t.invite(&ada, &email, Role::Member).await;
            let secret = t.secret_for(&email).await;
            let request = t.request();
            let joiner = Joiner::New { name: "New Person", password: PASSWORD };
            let outcome = cancelled(point, point % 2 == 0, invitations::accept(&request, &secret, joiner)).await;
            t.settle().await;
            let row = &t.sql(&format!(
                "SELECT (SELECT count(*) FROM {schema}.members WHERE email = '{email}'),
                        (SELECT count(*) FROM platform.accounts WHERE email = '{email}'),
                        (SELECT count(*) FROM {schema}.invitations WHERE email = '{email}' AND state = 'accepted'),
                        (SELECT count(*) FROM platform.tokens k JOIN {schema}.invitations i ON k.subject = i.id WHERE i.email = '{email}' AND k.used_at IS NOT NULL),
                        1 - (SELECT count(*) FROM platform.pending_invitations WHERE email = '{email}')"
            ))
            .await[0];
            let done: Vec<i64> = (0..5).map(|column| row.get(column)).collect();
            assert!(done == [0; 5] || done == [1; 5], "cancelled at {point}: {done:?}");
            assert_sound(&t, &world.acme).await;
            assert_clean(&t, &nina, &next_door).await;
            if outcome.is_some() {
                assert_eq!(done, [1; 5]);
                break;
            }
            // It can be accepted afterwards, if it was not.
            if done == [0; 5] {
                let joiner = Joiner::New { name: "New Person", password: PASSWORD };
                invitations::accept(&t.request(), &secret, joiner).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_confirmation_that_was_cut_short_can_be_done_again() {
    TestPortal::run_with_mail(async |t| {
        for point in 1.. {
            let email = format!("n{point}@person.example");
            let form = domain::accounts::SignUpForm {
                name: "New Person".to_owned(),
                email: email.clone(),
                password: PASSWORD.to_owned(),
                organization: "Newcomers".to_owned(),
            };
            sign_up::sign_up(&t.request(), &form).await.unwrap();
            let secret = t.secret_for(&email).await;
            let request = t.request();
            let outcome = cancelled(point, point % 2 == 0, sign_up::confirm(&request, &secret)).await;
            t.settle().await;
            if outcome.is_some() {
                break;
            }
            let is_owner = format!("SELECT count(*) FROM platform.memberships m JOIN platform.accounts a ON a.id = m.account_id WHERE a.email = '{email}'");
            if t.number(&is_owner).await == 0 {
                sign_up::confirm(&t.request(), &secret).await.unwrap_or_else(|error| panic!("cancelled at {point}, then: {error}"));
            }
            t.sql("DELETE FROM platform.outbox").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_name_is_everywhere_once_it_was_saved_again() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        let invitation = t.invite(&gus, &world.mia.email, Role::Member).await;
        invitations::accept_listed(&t.request(), &world.mia.visitor, world.globex.id, invitation).await.unwrap();
        for point in 1.. {
            // Names are limited by the hour.
            t.clock().pass(time::Duration::HOUR);
            let name = format!("Mia Number {point}");
            let form = domain::accounts::ProfileForm {
                name: name.clone(),
                time_zone: "UTC".to_owned(),
                theme: "dark".to_owned(),
                shortcuts: String::new(),
            };
            let mia = t.sign_in(&world.mia.email).await;
            let request = t.request();
            let outcome = cancelled(
                point,
                point % 2 == 0,
                server::accounts::change_profile(&request, &mia.visitor, &form, |_| true),
            )
            .await;
            t.settle().await;
            let mia = t.sign_in(&world.mia.email).await;
            server::accounts::change_profile(&t.request(), &mia.visitor, &form, |_| true).await.unwrap();
            for organization in [&world.acme, &world.globex] {
                let shown = t
                    .text(&format!(
                        "SELECT name FROM {}.members WHERE account_id = '{}'",
                        organization.schema(),
                        mia.account
                    ))
                    .await;
                assert_eq!(shown, name, "cancelled at {point}, then saved again");
            }
            if outcome.is_some() {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn cancelled_sign_ins_leave_whole_sessions_or_none() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let sessions = format!("SELECT count(*) FROM platform.sessions WHERE account_id = '{}'", world.mia.account);
        let entries =
            "SELECT count(*) FROM platform.audit_entries WHERE action = 'session.started' AND outcome = 'done'";
        for point in 1.. {
            let before = (t.number(&sessions).await, t.number(entries).await);
            let request = t.request();
            let outcome =
                cancelled(point, point % 2 == 0, sign_in::sign_in(&request, &world.mia.email, PASSWORD)).await;
            t.settle().await;
            let after = (t.number(&sessions).await, t.number(entries).await);
            assert_eq!(after.0 - before.0, after.1 - before.1, "cancelled at {point}");
            // The next request on the same connections finds its session.
            assert!(t.try_enter(&t.sign_in(&world.ada.email).await, "acme").await.is_ok());
            if outcome.is_some() {
                break;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_cancelled_requests_leaves_every_pool_clean() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (nina, next_door) = neighbour(&t, &world.acme).await;
        for wave in 0..10_u64 {
            let storm = (0..40_u64).map(|number| {
                let (t, world) = (t.clone(), world.clone());
                let patience = std::time::Duration::from_micros(200 * (number + 1) + 37 * wave);
                tokio::spawn(async move {
                    let act = async {
                        let ada = t.enter(&world.ada, &world.acme).await;
                        match number % 4 {
                            0 => members::change_role(
                                &ada,
                                world.mia.account,
                                Role::ALL[usize::try_from(number + wave).unwrap_or(0) % 3 + 2],
                            )
                            .await
                            .map(|_| ()),
                            1 => organizations::rename(&ada, &format!("Acme {wave} {number}")).await,
                            2 => members::list(&ada, &MemberQuery::default()).await.map(|_| ()),
                            _ => {
                                let form = InviteForm {
                                    email: format!("w{wave}n{number}@person.example"),
                                    role: "member".to_owned(),
                                };
                                invitations::invite(&ada, &form).await.map(|_| ())
                            }
                        }
                    };
                    if let Ok(outcome) = tokio::time::timeout(patience, act).await {
                        outcome.unwrap();
                    }
                })
            });
            for done in futures::future::join_all(storm).await {
                done.unwrap();
            }
            t.settle().await;
            assert_sound(&t, &world.acme).await;
            assert_clean(&t, &nina, &next_door).await;
        }
        assert!(t.portal().is_ready().await);
        let ada = t.enter(&world.ada, &world.acme).await;
        let text = crate::support::export(ada).await.unwrap();
        domain::audit::verify_export(text.as_bytes(), None, &[]).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_page_goes_on_with_the_gates_transaction_and_leaves_the_connection_clean() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (nina, next_door) = neighbour(&t, &world.acme).await;
        // More often than a lane has connections: one that is kept would be missed.
        for round in 0..10 {
            let access = t.enter_to_read(&world.ada, &world.acme).await;
            if round % 2 == 0 {
                assert_eq!(members::list(&access, &MemberQuery::default()).await.unwrap().total, 3);
                members::lookup(&access, world.mia.account).await.unwrap();
            }
            drop(access);
            assert_clean(&t, &nina, &next_door).await;
        }
        assert_eq!(
            members::list(&t.enter_to_read(&nina, &next_door).await, &MemberQuery::default()).await.unwrap().total,
            1
        );
    })
    .await;
}
