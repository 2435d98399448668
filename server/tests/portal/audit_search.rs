//! What is looked for in the audit trail is found, all of it and nothing else, and in no other organization's.

use std::collections::BTreeSet;

use domain::audit::AuditQuery;
use domain::paging::Cursor;
use domain::problem::Problem;
use domain::roles::Role;
use server::audit::{self, EntryView, Found};
use server::testing::{TestPortal, World};
use server::{Access, Error, members, organizations};
use time::Duration;

/// What an address asks for.
async fn search(access: &Access, query: &str) -> Found {
    audit::search(access, &AuditQuery::from_text(query)).await.expect("a page")
}

fn actions(found: &Found) -> Vec<&str> {
    found.page.rows.iter().map(|row| row.action.as_str()).collect()
}

/// Every entry that matches, page by page.
async fn all(access: &Access, query: &str) -> Vec<EntryView> {
    let mut query = AuditQuery::from_text(query);
    let mut rows = Vec::new();
    loop {
        let found = audit::search(access, &query).await.expect("a page");
        rows.extend(found.page.rows);
        match found.page.next.as_deref().and_then(Cursor::decode) {
            Some(next) => query.cursor = Some(next),
            None => return rows,
        }
    }
}

/// Two organizations in which the same things happen, and some things are denied.
async fn eventful(t: &TestPortal) -> (World, Access) {
    let world = t.world().await;
    let owner = t.enter(&world.ada, &world.acme).await;
    members::change_role(&owner, world.mia.account, Role::Auditor).await.unwrap();
    t.pass(Duration::hours(5));
    let member = t.enter(&world.mia, &world.acme).await;
    assert!(members::suspend(&member, world.ben.account).await.is_err());
    t.pass(Duration::days(2));
    let ada = t.sign_in(&world.ada.email).await;
    let owner = t.enter(&ada, &world.acme).await;
    members::suspend(&owner, world.mia.account).await.unwrap();
    members::resume(&owner, world.mia.account).await.unwrap();
    let other = t.enter(&world.gus, &world.globex).await;
    organizations::rename(&other, "Mia Member").await.unwrap();
    (world, owner)
}

#[tokio::test]
async fn entries_are_found_by_everything_that_is_asked_and_in_one_organization_alone() {
    TestPortal::run(async |t| {
        let (World { acme, globex, ada, ben, mia, gus, .. }, owner) = eventful(&t).await;
        assert_eq!(actions(&search(&owner, "outcome=denied").await), ["member.suspended"]);
        assert_eq!(actions(&search(&owner, "action=member.suspended&outcome=done").await), ["member.suspended"]);
        let roles = search(&owner, "category=members&range=24h").await;
        assert_eq!(actions(&roles), ["member.resumed", "member.suspended"]);
        let by_ada = all(&owner, &format!("actor={}", ada.account)).await;
        assert!(by_ada.len() > 4 && by_ada.iter().all(|entry| entry.actor == Some(ada.account)));
        let to_mia = all(&owner, &format!("target={}", mia.account)).await;
        assert_eq!(
            to_mia.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(),
            ["member.resumed", "member.suspended", "member.role_changed"]
        );
        let by_name = all(&owner, "q=mia+member").await;
        assert!(by_name.iter().all(|entry| entry.canonical.contains(&acme.id.to_string())));
        assert!(to_mia.iter().all(|entry| by_name.iter().any(|found| found.index == entry.index)));
        assert_eq!(search(&owner, &format!("q={}&outcome=denied", ben.account)).await.page.total, 0);
        assert_eq!(search(&owner, "address=192.0.2.7&outcome=denied").await.page.rows.len(), 1);
        for nothing in ["address=198.51.100.1", "q=globex", "q=nobody", &format!("actor={}", gus.account)] {
            let found = search(&owner, nothing).await;
            assert_eq!((found.page.rows.len(), found.page.total), (0, 0), "{nothing}");
        }
        let other = t.enter(&gus, &globex).await;
        assert_eq!(search(&other, "outcome=denied").await.page.rows.len(), 0);
        assert_eq!(all(&other, "q=mia").await.len(), 1, "what was renamed there");
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_read_the_trail_finds_nothing_in_it() {
    TestPortal::run(async |t| {
        let World { acme, mia, .. } = t.world().await;
        let member = t.enter(&mia, &acme).await;
        let refused = audit::search(&member, &AuditQuery::default()).await;
        assert!(matches!(refused, Err(Error::Refused(Problem::Forbidden))));
        assert!(matches!(audit::proof(&member, 0).await, Err(Error::Refused(Problem::Forbidden))));
        assert!(matches!(audit::take_checkpoint(&member).await, Err(Error::Refused(Problem::Forbidden))));
    })
    .await;
}

#[tokio::test]
async fn every_page_of_a_search_follows_the_one_before_and_leads_back() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, .. } = t.world().await;
        for round in 0..3 {
            for number in 0..30 {
                let who = if number % 3 == 0 { &ben } else { &ada };
                let access = t.enter(who, &acme).await;
                organizations::rename(&access, &format!("Acme {round} {number}")).await.unwrap();
            }
            t.pass(Duration::hours(7));
        }
        let owner = t.enter(&ada, &acme).await;
        for query in ["", "action=organization.renamed", "q=acme", "category=organization&outcome=done", "range=24h"] {
            let first = search(&owner, query).await;
            let rows = all(&owner, query).await;
            assert!(rows.windows(2).all(|pair| pair[0].index > pair[1].index), "{query}: newest first");
            assert_eq!(rows.len() as u64, first.page.total, "{query}");
            let counted: u64 = first.histogram.bars.iter().map(|bar| bar.done + bar.denied).sum();
            assert_eq!(counted, first.page.total, "{query}");
            let next = Cursor::decode(first.page.next.as_deref().unwrap());
            let second =
                audit::search(&owner, &AuditQuery { cursor: next, ..AuditQuery::from_text(query) }).await.unwrap();
            let back = Cursor::decode(second.page.previous.as_deref().unwrap());
            let again =
                audit::search(&owner, &AuditQuery { cursor: back, ..AuditQuery::from_text(query) }).await.unwrap();
            let indexes = |found: &Found| found.page.rows.iter().map(|row| row.index).collect::<Vec<_>>();
            assert_eq!(indexes(&again), indexes(&first), "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_time_holds_what_was_done_in_it_also_when_a_clock_was_put_back() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let rename = async |name: &str| {
            let owner = t.enter(&ada, &acme).await;
            organizations::rename(&owner, name).await.unwrap();
            t.request().now
        };
        t.pass(Duration::hours(10));
        let early = rename("Early").await;
        t.pass(Duration::hours(3));
        let late = rename("Late").await;
        t.pass(Duration::hours(-2));
        let put_back = rename("Back").await;
        let owner = t.enter(&ada, &acme).await;
        let within = async |from: time::OffsetDateTime, until: time::OffsetDateTime| {
            let query = AuditQuery {
                from: Some(from),
                until: Some(until),
                ..AuditQuery::from_text("action=organization.renamed")
            };
            let found = audit::search(&owner, &query).await.unwrap();
            found.page.rows.iter().map(|row| row.changes[0].2.clone().unwrap()).collect::<BTreeSet<_>>()
        };
        let (minute, names) =
            (Duration::MINUTE, |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
        assert_eq!(within(early - minute, early + minute).await, names(&["Early"]));
        assert_eq!(within(put_back - minute, put_back + minute).await, names(&["Back"]));
        assert_eq!(within(late - minute, late + minute).await, names(&["Late"]));
        assert_eq!(within(early - minute, late + minute).await, names(&["Early", "Back", "Late"]));
        let newest = search(&owner, "action=organization.renamed").await;
        assert_eq!(newest.page.rows[0].changes[0].2.as_deref(), Some("Back"), "the order is that of the log");
    })
    .await;
}

#[tokio::test]
async fn the_table_has_no_name_in_clear_and_equal_words_of_two_organizations_differ() {
    TestPortal::run(async |t| {
        let (World { acme, globex, .. }, _) = eventful(&t).await;
        let dump = t.rows(&format!("{}.audit_entries", acme.schema()), "true").await.to_lowercase();
        assert!(!dump.contains("lovelace") && !dump.contains("192.0.2.7") && !dump.contains("member@"));
        let shared = format!(
            "SELECT count(*) FROM (SELECT unnest(terms) FROM {}.audit_entries
             INTERSECT SELECT unnest(terms) FROM {}.audit_entries) AS shared",
            acme.schema(),
            globex.schema()
        );
        assert_eq!(t.number(&shared).await, 0);
    })
    .await;
}

#[tokio::test]
async fn entries_of_before_are_found_by_their_words_once_somebody_has_looked_after_the_log() {
    TestPortal::run(async |t| {
        let (World { acme, .. }, owner) = eventful(&t).await;
        let schema = acme.schema();
        let terms =
            format!("SELECT string_agg(index || ':' || terms::text, ' ' ORDER BY index) FROM {schema}.audit_entries");
        let before = t.text(&terms).await;
        t.sql(&format!(
            "UPDATE {schema}.audit_entries SET terms = NULL;
             UPDATE {schema}.audit_progress SET unindexed = (SELECT size FROM {schema}.audit_head)"
        ))
        .await;
        assert_eq!(search(&owner, "q=mia").await.page.total, 0);
        t.look_after(&acme).await;
        assert_eq!(t.text(&terms).await, before, "the numbers are those that they were written with");
        assert!(search(&owner, "q=mia").await.page.total >= 3);
        assert_eq!(search(&owner, "address=192.0.2.7&outcome=denied").await.page.total, 1);
    })
    .await;
}

#[tokio::test]
async fn what_takes_too_long_is_said_to_take_too_long() {
    TestPortal::run(async |t| {
        let World { acme, .. } = t.world().await;
        let slow = t.as_tenant(acme.id, "SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(10)").await;
        assert_eq!(Error::from(slow.unwrap_err()).problem(), Problem::TookTooLong);
    })
    .await;
}
