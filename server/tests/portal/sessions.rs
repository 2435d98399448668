//! Sessions begin, end, and do not come back.

use domain::accounts::ProfileForm;
use domain::audit::Outcome;
use server::sessions::Arrival;
use server::testing::{PASSWORD, Person, TestPortal};
use server::{accounts, sessions, sign_in};
use time::Duration;

use crate::support::{field, names};

#[tokio::test]
async fn a_session_ends_after_a_week_unused_and_after_a_month_in_any_case() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let session = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        let unused = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        for day in 1..30 {
            t.pass(Duration::DAY);
            let visitor = t.visitor(&session).await.unwrap_or_else(|| panic!("it is in use on day {day}"));
            sessions::seen(&t.request(), &visitor).await.unwrap();
            assert_eq!(t.visitor(&unused).await.is_some(), day < 7, "day {day}");
        }
        t.pass(Duration::DAY);
        assert!(t.visitor(&session).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_does_not_bring_an_ended_session_back() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let session = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        let slow = t.cookie(session.id());
        slow.insert("flash", "saved").await.unwrap();
        sessions::sign_out(&t.request(), &t.cookie(session.id())).await.unwrap();
        slow.save().await.unwrap();
        assert!(t.visitor(&session).await.is_none());
        assert_eq!(
            t.number(&format!(
                "SELECT count(*) FROM platform.sessions WHERE data::text LIKE '%saved%' AND account_id = '{}'",
                world.mia.account
            ))
            .await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_page_remembers_grants_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let session = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        let forged = t.cookie(session.id());
        let ada = Arrival::Inside(Box::new(world.ada.visitor.clone()));
        forged.insert("arrival", ada).await.unwrap();
        forged.save().await.unwrap();
        assert_eq!(t.visitor(&session).await.unwrap().account.id, world.mia.account);
        assert!(t.cookie(None).save().await.is_err(), "nobody has a session without having signed in");
        assert!(t.visitor(&t.cookie(Some(tower_sessions_core::session::Id(7)))).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_gives_another_session_and_ends_the_one_before() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let first = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        let again = t.cookie(first.id());
        let grant = sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap();
        let journal = t.journal().await;
        grant.hand_over(&t.request(), &again).await.unwrap();
        again.save().await.unwrap();
        assert_eq!(names(&t.journal().await.since(&journal)), [("session.ended", Outcome::Done)]);
        assert_ne!(again.id(), first.id());
        assert!(t.visitor(&first).await.is_none());
        assert!(t.visitor(&again).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn several_sessions_end_and_the_one_that_asks_goes_on() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mia = &world.mia;
        let others = [t.sign_in(&mia.email).await, t.sign_in(&mia.email).await, t.sign_in(&mia.email).await];
        let of = |person: &Person| person.visitor.session;
        let selected = [of(&others[0]), of(&others[1]), of(mia), of(&world.ada), of(&others[0])];
        let journal = t.journal().await;
        assert_eq!(sessions::end_several(&t.request(), &mia.visitor, &selected).await.unwrap(), 2);
        assert_eq!(names(&t.journal().await.since(&journal)), [("session.ended", Outcome::Done); 2]);
        for (person, alive) in
            [(&others[0], false), (&others[1], false), (&others[2], true), (mia, true), (&world.ada, true)]
        {
            assert_eq!(t.visitor(&person.session).await.is_some(), alive, "{}", person.name);
        }
        let journal = t.journal().await;
        assert_eq!(sessions::end_several(&t.request(), &mia.visitor, &selected).await.unwrap(), 0);
        assert!(t.journal().await.since(&journal).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_session_that_nobody_has_used_for_a_week_is_not_listed() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        t.pass(Duration::days(7));
        let mia = t.sign_in(&world.mia.email).await;
        let listed = sessions::list(&t.request(), &mia.visitor).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), [mia.visitor.session]);
    })
    .await;
}

#[tokio::test]
async fn all_other_sessions_end_at_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let others = [t.sign_in(&world.mia.email).await, t.sign_in(&world.mia.email).await];
        assert_eq!(sessions::list(&t.request(), &world.mia.visitor).await.unwrap().len(), 3);
        assert_eq!(sessions::end_others(&t.request(), &others[0].visitor).await.unwrap(), 2);
        let left = sessions::list(&t.request(), &others[0].visitor).await.unwrap();
        assert_eq!(left.iter().map(|row| row.id).collect::<Vec<_>>(), [others[0].visitor.session]);
        assert_eq!(left[0].ip.as_deref(), Some("192.0.2.7"));
        assert_eq!(sessions::list(&t.request(), &world.ada.visitor).await.unwrap().len(), 1, "nobody else's");
    })
    .await;
}

#[tokio::test]
async fn a_profile_with_nonsense_is_said_at_the_field_and_changes_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let form = |name: &str, time_zone: &str, theme: &str| ProfileForm {
            name: name.to_owned(),
            time_zone: time_zone.to_owned(),
            theme: theme.to_owned(),
            shortcuts: String::new(),
        };
        let before = t.dump("platform", "audit_").await;
        for (bad, name) in [
            (form("", "UTC", "dark"), "name"),
            (form("a\0b", "UTC", "dark"), "name"),
            (form("\u{202e}aiM", "UTC", "dark"), "name"),
            (form("Mia", "Mars/Olympus", "dark"), "time_zone"),
            (form("Mia", "UTC", "neon"), "theme"),
        ] {
            field(accounts::change_profile(&t.request(), &world.mia.visitor, &bad, |zone| zone == "UTC").await, name);
        }
        assert_eq!(t.dump("platform", "audit_").await, before);
    })
    .await;
}
