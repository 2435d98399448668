//! Names, addresses and the life of organizations.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::roles::Role;
use futures::future::join_all;
use server::access::{self, Entered, Purpose};
use server::organizations::Start;
use server::testing::{Person, TestPortal};
use server::{members, organizations, sign_up};

use crate::support::{assert_sound, cancelled, field, names, refused, substance};

async fn moved(t: &TestPortal, person: &Person, slug: &str) -> String {
    match access::enter(&t.request(), &t.returning(person).await, slug, Purpose::Read).await.unwrap() {
        Entered::Inside(_) | Entered::Deleting(_) => panic!("it is here"),
        Entered::Moved(slug) => slug.as_str().to_owned(),
    }
}

#[tokio::test]
async fn a_taken_slug_silently_gets_a_number() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mut slugs = Vec::new();
        for _ in 0..3 {
            slugs.push(
                sign_up::create_organization(&t.request(), &world.gus.visitor, "ACME!")
                    .await
                    .unwrap()
                    .as_str()
                    .to_owned(),
            );
        }
        assert_eq!(slugs, ["acme-2", "acme-3", "acme-4"]);
        let reserved = sign_up::create_organization(&t.request(), &world.gus.visitor, "Admin").await.unwrap();
        assert_eq!(reserved.as_str(), "org-admin");
        let script = sign_up::create_organization(&t.request(), &world.gus.visitor, "株式会社").await.unwrap();
        assert!(t.try_enter(&world.gus, script.as_str()).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn organizations_of_one_name_made_at_once_get_slugs_of_their_own() {
    TestPortal::run(async |t| {
        let (gus, _) = t.sign_up("Gus Grissom", "gus@globex.example", "Globex").await;
        let made = (0..12).map(|_| {
            let (request, visitor) = (t.request(), gus.visitor.clone());
            tokio::spawn(async move { sign_up::create_organization(&request, &visitor, "Initech").await })
        });
        let mut slugs: Vec<_> =
            join_all(made).await.into_iter().map(|slug| slug.unwrap().unwrap().as_str().to_owned()).collect();
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), 12);
    })
    .await;
}

#[tokio::test]
async fn a_former_slug_leads_to_the_new_one_and_is_nobody_elses() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        organizations::move_to(&ada, "acme-corp").await.unwrap();
        assert_eq!(moved(&t, &world.ada, "acme").await, "acme-corp");
        assert_eq!(moved(&t, &world.mia, "acme").await, "acme-corp");
        assert_eq!(refused(t.try_enter(&world.gus, "acme").await), Problem::NotFound);

        let gus = t.enter(&world.gus, &world.globex).await;
        for taken in ["acme", "acme-corp"] {
            let before = substance(&t, &world.globex).await;
            assert_eq!(field(organizations::move_to(&gus, taken).await, "slug"), FieldProblem::Taken);
            assert_eq!(substance(&t, &world.globex).await, before);
        }
        let other = sign_up::create_organization(&t.request(), &world.gus.visitor, "Acme").await.unwrap();
        assert_eq!(other.as_str(), "acme-2");

        // Its own former slug an organization may have back.
        let ada = t.try_enter(&world.ada, "acme-corp").await.unwrap();
        organizations::move_to(&ada, "acme").await.unwrap();
        assert_eq!(moved(&t, &world.ada, "acme-corp").await, "acme");
    })
    .await;
}

#[tokio::test]
async fn an_organization_keeps_five_former_slugs_and_can_always_go_back_to_one() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mut ada = t.enter(&world.ada, &world.acme).await;
        for number in 1..=5 {
            organizations::move_to(&ada, &format!("acme-{number}")).await.unwrap();
            ada = t.try_enter(&world.ada, &format!("acme-{number}")).await.unwrap();
        }
        let (before, journal) = (substance(&t, &world.acme).await, t.journal().await);
        let sixth = organizations::move_to(&ada, "acme-6").await;
        assert_eq!(field(sixth, "slug"), FieldProblem::FormerSlugs(5));
        assert_eq!(field(organizations::move_to(&ada, "globex").await, "slug"), FieldProblem::Taken);
        assert_eq!(substance(&t, &world.acme).await, before);
        assert_eq!(names(&t.journal().await.since(&journal)), []);

        // Back and forth between its own, as often as it likes, and none of them is lost.
        for slug in ["acme", "acme-3", "acme-5", "acme", "acme-1"] {
            organizations::move_to(&ada, slug).await.unwrap();
            ada = t.try_enter(&world.ada, slug).await.unwrap();
            assert_eq!(field(organizations::move_to(&ada, "acme-6").await, "slug"), FieldProblem::FormerSlugs(5));
        }
        for former in ["acme", "acme-2", "acme-3", "acme-4", "acme-5"] {
            assert_eq!(moved(&t, &world.mia, former).await, "acme-1");
        }
        let gus = t.enter(&world.gus, &world.globex).await;
        organizations::move_to(&gus, "acme-6").await.expect("another organization has its own five");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_organizations_that_want_one_slug_do_not_both_get_it() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for round in 0..10 {
            let slug = format!("wanted-{round}");
            let (ada, gus) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.gus, &world.globex).await);
            let (one, other) = tokio::join!(organizations::move_to(&ada, &slug), organizations::move_to(&gus, &slug));
            assert!(one.is_ok() != other.is_ok());
            assert_eq!(field(if one.is_err() { one } else { other }, "slug"), FieldProblem::Taken);
            t.sql(&format!(
                "UPDATE platform.tenants SET slug = lower(name); DELETE FROM platform.slugs WHERE slug = '{slug}'"
            ))
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn wrong_names_and_slugs_are_said_at_the_field_and_change_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let before = substance(&t, &world.acme).await;
        let journal = t.journal().await;
        for slug in [
            "",
            "ab",
            "Acme",
            "a_b",
            "-acme",
            "acme-",
            "ac--me",
            "admin",
            "acme;",
            "äcme",
            "a\0b",
            &"x".repeat(41),
            "\u{202e}acme",
        ] {
            field(organizations::move_to(&ada, slug).await, "slug");
        }
        for name in ["", "  ", "---", "a\0b", "a\u{202e}b", &"x".repeat(101), "\u{200b}", "<script>alert(1)</script>"] {
            field(organizations::rename(&ada, name).await, "name");
        }
        organizations::rename(&ada, "Acme").await.unwrap();
        organizations::move_to(&ada, "acme").await.unwrap();
        assert_eq!(substance(&t, &world.acme).await, before);
        assert_eq!(names(&t.journal().await.since(&journal)), []);
        organizations::rename(&ada, "Acme &lt;b&gt; '; DROP TABLE members; --").await.unwrap();
        assert_eq!(names(&t.journal().await.since(&journal)), [("organization.renamed", Outcome::Done)]);
        let ada = t.enter(&world.ada, &world.acme).await;
        assert_eq!(ada.organization(), "Acme &lt;b&gt; '; DROP TABLE members; --");
    })
    .await;
}

#[tokio::test]
async fn a_suspended_organization_lets_nobody_in_until_it_is_resumed() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        organizations::set_status(&t.request(), "acme", TenantStatus::Suspended, Some("unpaid")).await.unwrap();
        for person in [&world.ada, &world.ben, &world.mia] {
            assert_eq!(refused(t.try_enter(person, "acme").await), Problem::OrganizationSuspended);
        }
        assert_eq!(refused(t.try_enter(&world.gus, "acme").await), Problem::NotFound);
        assert!(t.try_enter(&world.gus, "globex").await.is_ok());
        let again = organizations::set_status(&t.request(), "acme", TenantStatus::Suspended, None).await;
        assert_eq!(refused(again), Problem::Changed);
        let unknown = organizations::set_status(&t.request(), "nowhere", TenantStatus::Suspended, None).await;
        assert_eq!(refused(unknown), Problem::NotFound);
        organizations::set_status(&t.request(), "acme", TenantStatus::Active, None).await.unwrap();
        assert!(t.try_enter(&world.ada, "acme").await.is_ok());
        let listed = organizations::list(&t.request()).await.unwrap();
        assert_eq!(
            listed.iter().map(|row| (row.slug.as_str(), row.members)).collect::<Vec<_>>(),
            [("acme", 3), ("globex", 1)]
        );
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_is_behind_says_so_alone() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        t.sql(&format!("UPDATE platform.tenants SET schema_version = 0 WHERE id = '{}'", world.acme.id)).await;
        assert_eq!(refused(t.try_enter(&world.ada, "acme").await), Problem::OrganizationBehind);
        assert!(t.try_enter(&world.gus, "globex").await.is_ok());
        assert!(t.portal().is_ready().await);
    })
    .await;
}

/// Schemas, roles and rows of organizations: there are as many of each, always.
async fn counts(t: &TestPortal) -> [i64; 4] {
    [
        t.number("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^t_'").await,
        t.number(
            "SELECT count(*) FROM pg_roles, platform.installation WHERE starts_with(rolname, 'pc_' || id || '_t_')",
        )
        .await,
        t.number("SELECT count(*) FROM platform.tenants").await,
        t.number("SELECT count(DISTINCT tenant_id) FROM platform.memberships").await,
    ]
}

#[tokio::test]
async fn an_organization_whose_making_fails_half_way_leaves_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        assert_eq!(counts(&t).await, [2; 4]);
        // Fails at its very end: the first entry of its log finds a full disk, so to speak.
        t.sql("ALTER TABLE platform.memberships ADD CONSTRAINT full_disk CHECK (false) NOT VALID").await;
        let refused = sign_up::create_organization(&t.request(), &world.gus.visitor, "Initech").await;
        assert!(refused.is_err());
        t.settle().await;
        assert_eq!(counts(&t).await, [2; 4]);
        t.sql("ALTER TABLE platform.memberships DROP CONSTRAINT full_disk").await;
        assert_eq!(
            sign_up::create_organization(&t.request(), &world.gus.visitor, "Initech").await.unwrap().as_str(),
            "initech"
        );
        assert_eq!(counts(&t).await, [3; 4]);
    })
    .await;
}

#[tokio::test]
async fn an_organization_whose_making_is_cancelled_is_there_or_it_is_not() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for polls in 1.. {
            let request = t.request();
            let making = sign_up::create_organization(&request, &world.gus.visitor, "Initech");
            let done = cancelled(polls, polls % 2 == 0, making).await;
            t.settle().await;
            let [schemas, rest @ ..] = counts(&t).await;
            assert_eq!(rest, [schemas; 3], "after {polls} polls");
            if done.is_some() {
                break;
            }
        }
        assert_sound(&t, &world.globex).await;
    })
    .await;
}

#[tokio::test]
async fn people_begin_where_they_were_last_as_far_as_they_are_let_in() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        let zoe = t.join(&gus, "Zoe Zuse", "zoe@people.example", Role::Member).await;
        let start = async || organizations::start_of(&t.request(), &t.returning(&zoe).await).await.unwrap();
        let inside = |slug: &str| Start::Inside(slug.to_owned());
        let set_status = async |slug, status| {
            organizations::set_status(&t.request(), slug, status, None).await.unwrap();
        };
        assert_eq!(start().await, inside("globex"));
        let initech = sign_up::create_organization(&t.request(), &zoe.visitor, "Initech").await.unwrap();
        t.try_enter(&zoe, initech.as_str()).await.unwrap();
        assert_eq!(start().await, inside("initech"), "where she was last");
        set_status("initech", TenantStatus::Suspended).await;
        assert_eq!(start().await, inside("globex"), "the other one is suspended");
        members::suspend(&gus, zoe.account).await.unwrap();
        assert_eq!(start().await, Start::Outside, "one is suspended, and in the other one she is");
        set_status("initech", TenantStatus::Active).await;
        assert_eq!(start().await, inside("initech"));
        members::resume(&gus, zoe.account).await.unwrap();
        t.try_enter(&zoe, "globex").await.unwrap();
        t.sql("UPDATE platform.tenants SET schema_version = schema_version - 1 WHERE slug = 'globex'").await;
        assert_eq!(start().await, inside("initech"), "the other one is being upgraded");
        t.sql("DELETE FROM platform.memberships").await;
        assert_eq!(start().await, Start::Nowhere);
    })
    .await;
}
