//! What is older than the policy has it kept goes into archives that verify, unless a hold is on it, and nothing else goes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use domain::audit::{AuditQuery, Report, VerifierKey, verify_export};
use domain::fields::FieldProblem;
use domain::policy::SecurityPolicy;
use domain::problem::Problem;
use server::audit::holds::{self, HoldForm};
use server::audit::{self, Keeper};
use server::testing::{Organization, TestPortal, World};
use server::{Access, Error, organizations, roles};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use time::Duration;
use time::macros::datetime;

use crate::support::{DENIED, export, export_table, field, names, put_policy, refused, sqlstate};

/// A directory of archives for one test.
pub struct Archives(PathBuf);

impl Archives {
    pub fn new(t: &TestPortal) -> Self {
        let path = std::env::temp_dir().join(format!("portcullis-archives-{}", hex::encode(t.random::<8>())));
        fs::create_dir(&path).expect("a directory");
        Self(path)
    }

    /// The archives of an organization, by name.
    pub fn of(&self, organization: &Organization) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.0.join(organization.id.to_string())) else { return Vec::new() };
        let mut names: Vec<_> =
            files.map(|file| file.expect("a file").file_name().into_string().expect("a name")).collect();
        names.sort();
        names
    }

    fn path(&self, organization: &Organization, name: &str) -> PathBuf {
        self.0.join(organization.id.to_string()).join(name)
    }

    fn verify(&self, organization: &Organization, name: &str, key: &VerifierKey) -> Report {
        let file = fs::read(self.path(organization, name)).expect("an archive");
        verify_export(file.as_slice(), Some(key), &[]).expect(name)
    }

    /// Looks after an organization's trail.
    pub async fn tend(&self, t: &TestPortal, organization: &Organization) -> Result<(), Error> {
        tend_into(t, &self.0, organization).await
    }
}

impl Drop for Archives {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn tend_into(t: &TestPortal, directory: &Path, organization: &Organization) -> Result<(), Error> {
    Keeper::new(t.portal(), None).archiving(directory.to_owned()).tend(organization.id).await
}

/// Three months of Acme, which keeps changes for 30 days from February on. It is April.
async fn three_months(t: &TestPortal) -> World {
    let w = t.world().await;
    let ada = t.enter(&w.ada, &w.acme).await;
    organizations::rename(&ada, "Acme in January").await.unwrap();
    audit::take_checkpoint(&ada).await.unwrap();
    organizations::rename(&t.enter(&w.gus, &w.globex).await, "Globex in January").await.unwrap();
    t.pass(Duration::days(31));
    let ada = t.enter(&w.ada, &w.acme).await;
    organizations::rename(&ada, "Acme in February").await.unwrap();
    put_policy(&ada, &keeping(Some(30))).await.unwrap();
    t.pass(Duration::days(31));
    organizations::rename(&t.enter(&w.ada, &w.acme).await, "Acme in March").await.unwrap();
    t.pass(Duration::days(33));
    w
}

fn keeping(retain_administration_days: Option<u32>) -> SecurityPolicy {
    SecurityPolicy { retain_administration_days, ..SecurityPolicy::default() }
}

/// How many entries of an organization fulfil a condition.
async fn count(t: &TestPortal, of: &Organization, condition: &str) -> u64 {
    let count = t.number(&format!("SELECT count(*) FROM {}.audit_entries WHERE {condition}", of.schema())).await;
    count.unsigned_abs()
}

async fn trail(t: &TestPortal, of: &Organization) -> String {
    t.rows(&format!("{}.audit_entries", of.schema()), "true").await
}

async fn key_and_note(access: &Access) -> (VerifierKey, String) {
    let (note, key) = audit::checkpoint(access).await.unwrap();
    (key.parse().unwrap(), note)
}

const OLD: &str = "at < '2026-03-01' AND action <> 'audit.checkpoint_taken'";

#[tokio::test]
async fn months_that_are_too_old_become_archives_and_every_file_verifies() {
    TestPortal::run(async |t| {
        let w = three_months(&t).await;
        let archives = Archives::new(&t);
        let (key, note) = key_and_note(&t.enter(&w.ada, &w.acme).await).await;
        let (old, globex) = (count(&t, &w.acme, OLD).await, trail(&t, &w.globex).await);
        let before = t.journal().await;
        archives.tend(&t, &w.acme).await.unwrap();
        archives.tend(&t, &w.globex).await.unwrap();

        let files = ["2026-01-administration.ndjson", "2026-02-administration.ndjson"];
        assert_eq!(archives.of(&w.acme), files);
        let mut moved = 0;
        for file in files {
            let report = archives.verify(&w.acme, file, &key);
            assert_eq!((report.log, report.removed, report.erased), (w.acme.log(), 0, 0));
            moved += report.entries;
            let mode = fs::metadata(archives.path(&w.acme, file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(moved, old);
        let january = fs::read_to_string(archives.path(&w.acme, files[0])).unwrap();
        assert!(january.contains("Acme in January") && !january.contains("Acme in February"));

        // Each is on record with its hash, and the entries are gone but for their hashes.
        let entries = t.journal().await;
        let told = entries.of(w.acme.log()).into_iter().filter(|entry| entry.action == "audit.archived");
        assert_eq!(told.count(), files.len());
        let hash = hex::encode(Sha256::digest(&january));
        let on_record = format!("action = 'audit.archived' AND canonical LIKE '%{hash}%{}%'", files[0]);
        assert_eq!(count(&t, &w.acme, &on_record).await, 1);
        let empty = "canonical = '' AND openings = '' AND terms = '{}' AND actor_id IS NULL AND target_id = ''";
        assert_eq!(count(&t, &w.acme, empty).await, old);
        assert_eq!(count(&t, &w.acme, &format!("{empty} AND NOT ({OLD})")).await, 0);
        assert!(!trail(&t, &w.acme).await.contains("Acme in January"));

        // The whole trail is what it was when its state was signed before.
        let ada = t.enter(&w.ada, &w.acme).await;
        let text = export(ada.clone()).await.unwrap();
        let report = verify_export(text.as_bytes(), Some(&key), &[&note]).unwrap();
        assert_eq!((report.removed, report.continues.len(), report.withheld), (old, 1, 0));
        assert_eq!(export_table(ada).await.unwrap().matches(",archived\r\n").count() as u64, old);

        assert_eq!(trail(&t, &w.globex).await, globex, "who keeps for ever loses nothing");
        assert!(archives.of(&w.globex).is_empty());
        assert!(names(&t.journal().await.since(&before)).iter().all(|(action, _)| *action != "audit.damaged"));
    })
    .await;
}

#[tokio::test]
async fn what_is_gone_is_found_by_what_is_known_of_it_and_proves_nothing() {
    TestPortal::run(async |t| {
        let w = three_months(&t).await;
        let archives = Archives::new(&t);
        archives.tend(&t, &w.acme).await.unwrap();
        let ada = t.enter(&w.ada, &w.acme).await;
        let found = audit::search(&ada, &AuditQuery::from_text("action=organization.renamed")).await.unwrap();
        let gone_ones: Vec<_> = found.page.rows.iter().map(|entry| entry.archived).collect();
        assert_eq!((gone_ones, found.page.total), (vec![false, true, true], 3));
        let gone = found.page.rows.last().unwrap();
        assert_eq!((gone.action.as_str(), gone.at.date().to_string()), ("organization.renamed", "2026-01-05".into()));
        assert_eq!((gone.actor, gone.actor_name.as_deref(), gone.damage), (None, None, None));
        assert!(gone.target.is_empty() && gone.changes.is_empty() && gone.canonical.is_empty());
        for nothing in ["q=January", &format!("actor={}&until=2026-03-01T00:00", w.ada.account)] {
            let found = audit::search(&ada, &AuditQuery::from_text(nothing)).await.unwrap();
            assert!(found.page.rows.iter().all(|entry| !entry.archived), "{nothing}");
        }
        assert!(audit::detail(&ada, gone.index).await.unwrap().entry.archived);
        assert_eq!(refused(audit::proof(&ada, gone.index).await), Problem::NotFound);
        assert!(audit::proof(&ada, found.page.rows[0].index).await.is_ok());

        // What somebody could do then, nobody knows any more.
        let at = async |when| roles::at(&ada, w.mia.account, when).await;
        let since = datetime!(2026-03-01 0:00 UTC);
        assert_eq!(field(at(since - Duration::SECOND).await, "at"), FieldProblem::KeptSince(since.date()));
        assert!(at(since).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_a_hold_is_on_stays_until_it_is_released() {
    TestPortal::run(async |t| {
        let w = three_months(&t).await;
        let archives = Archives::new(&t);
        let ada = t.enter(&w.ada, &w.acme).await;
        let name_of_january = "until=2026-02-01T00:00&action=organization.renamed";
        let form = HoldForm { query: format!("{name_of_january}&page=x"), reason: "Acme v. Globex".into() };
        let before = t.journal().await;
        holds::place(&ada, &form).await.unwrap();
        assert_eq!(names(&t.journal().await.since(&before))[0].0, "audit.hold_placed");
        let hold = holds::list(&ada).await.unwrap().remove(0);
        assert_eq!(AuditQuery::from_text(&hold.query), AuditQuery::from_text(name_of_january));
        assert_eq!((hold.placed_by.as_deref(), hold.released.is_none()), (Some("Ada Lovelace"), true));

        let old = count(&t, &w.acme, OLD).await;
        archives.tend(&t, &w.acme).await.unwrap();
        assert_eq!(count(&t, &w.acme, "canonical = ''").await, old - 1);
        let found = audit::search(&ada, &AuditQuery::from_text(name_of_january)).await.unwrap();
        assert_eq!(found.page.rows.len(), 1, "it is found and read as before");
        assert_eq!(found.page.rows[0].changes[0].2.as_deref(), Some("Acme in January"));

        holds::release(&ada, hold.id).await.unwrap();
        assert_eq!(refused(holds::release(&ada, hold.id).await), Problem::NotFound);
        archives.tend(&t, &w.acme).await.unwrap();
        assert_eq!(count(&t, &w.acme, "canonical = ''").await, old - 1, "once a day is enough");
        t.pass(Duration::days(1));
        archives.tend(&t, &w.acme).await.unwrap();
        assert_eq!(count(&t, &w.acme, "canonical = ''").await, old);
        let (key, _) = key_and_note(&t.enter(&w.ada, &w.acme).await).await;
        let again = archives.verify(&w.acme, "2026-01-administration-2.ndjson", &key);
        let first = archives.verify(&w.acme, "2026-01-administration.ndjson", &key);
        assert_eq!((again.entries, again.removed), (1, first.entries));
        assert_eq!(archives.of(&w.acme).len(), 3, "of February nothing was left");
        let released = holds::list(&t.enter(&w.ada, &w.acme).await).await.unwrap().remove(0);
        assert!(released.released.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_hold_by_words_is_on_entries_that_searches_do_not_find_by_them() {
    TestPortal::run(async |t| {
        let w = three_months(&t).await;
        let archives = Archives::new(&t);
        let ada = t.enter(&w.ada, &w.acme).await;
        holds::place(&ada, &HoldForm { query: "q=January".into(), reason: "Acme v. Globex".into() }).await.unwrap();
        // As if the word had come behind the last that an entry is found by.
        t.sql(&format!("UPDATE {}.audit_entries SET terms = '{{}}'", w.acme.schema())).await;
        archives.tend(&t, &w.acme).await.unwrap();
        let renamed = "action = 'organization.renamed' AND canonical <> ''";
        assert_eq!(count(&t, &w.acme, &format!("{renamed} AND {OLD}")).await, 2, "to January, and from it");
    })
    .await;
}

#[tokio::test]
async fn what_is_damaged_stays_and_keeps_nothing_else_from_going() {
    TestPortal::run(async |t| {
        let w = three_months(&t).await;
        let archives = Archives::new(&t);
        // Once everything was whole, and was signed.
        t.look_after(&w.acme).await;
        let old = count(&t, &w.acme, OLD).await;
        let schema = w.acme.schema();
        let oldest = "(SELECT min(index) FROM LOG WHERE action = 'organization.renamed')";
        let forge =
            "UPDATE LOG SET canonical = replace(canonical, 'done', 'denied') WHERE index = ".to_owned() + oldest;
        t.sql(&forge.replace("LOG", &format!("{schema}.audit_entries"))).await;
        archives.tend(&t, &w.acme).await.unwrap();
        assert_eq!(count(&t, &w.acme, "action = 'audit.damaged'").await, 1);
        assert_eq!(count(&t, &w.acme, "canonical = ''").await, old - 1);
        let (key, _) = key_and_note(&t.enter(&w.ada, &w.acme).await).await;
        for file in archives.of(&w.acme) {
            archives.verify(&w.acme, &file, &key);
        }

        // A hash that is not the one that was signed: nothing more goes.
        t.sql(&format!("UPDATE {schema}.audit_entries SET leaf = sha256('x') WHERE index = 0")).await;
        t.pass(Duration::days(31));
        let before = archives.of(&w.acme);
        archives.tend(&t, &w.acme).await.unwrap();
        assert_eq!(archives.of(&w.acme), before);
    })
    .await;
}

#[tokio::test]
async fn a_hold_is_on_something_and_has_a_reason_and_is_for_those_who_decide_of_the_policy() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let form = |query: &str, reason: &str| HoldForm { query: query.into(), reason: reason.into() };
        for everything in ["", "page=x", "outcome=maybe"] {
            let placed = holds::place(&ada, &form(everything, "X")).await;
            assert_eq!(field(placed, "query"), FieldProblem::NothingFiltered, "{everything}");
        }
        let placed = holds::place(&ada, &form("outcome=denied", " ")).await;
        assert_eq!(field(placed, "reason"), FieldProblem::Required);
        holds::place(&ada, &form("range=30d", "X")).await.unwrap();
        let hold = holds::list(&ada).await.unwrap().remove(0);
        assert!(hold.query.starts_with("from=2025-12-06"), "a time that does not move: {}", hold.query);

        let mia = t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(holds::list(&mia).await), Problem::Forbidden);
        assert_eq!(refused(holds::place(&mia, &form("outcome=denied", "X")).await), Problem::Forbidden);
        assert_eq!(refused(holds::release(&mia, hold.id).await), Problem::Forbidden);
        let gus = t.enter(&w.gus, &w.globex).await;
        assert_eq!(refused(holds::release(&gus, hold.id).await), Problem::NotFound);
        assert!(holds::list(&gus).await.unwrap().is_empty());
        t.pass(Duration::minutes(30));
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(refused(holds::release(&ada, hold.id).await), Problem::StepUpFirst);
    })
    .await;
}

#[tokio::test]
async fn where_no_archive_can_be_written_nothing_is_taken_away() {
    TestPortal::run(async |t| {
        let w = three_months(&t).await;
        let archives = Archives::new(&t);
        let no_directory = archives.0.join("file");
        fs::write(&no_directory, "").unwrap();
        let before = trail(&t, &w.acme).await;
        assert!(tend_into(&t, &no_directory, &w.acme).await.is_err());
        assert_eq!(trail(&t, &w.acme).await, before);
        // As soon as there is a place for it, it goes, over what a run has left that was cut off.
        let directory = archives.0.join(w.acme.id.to_string());
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join(".2026-01-administration.part"), "half").unwrap();
        fs::write(directory.join("2026-01-administration.ndjson"), "another file").unwrap();
        archives.tend(&t, &w.acme).await.unwrap();
        let files =
            ["2026-01-administration-2.ndjson", "2026-01-administration.ndjson", "2026-02-administration.ndjson"];
        assert_eq!(archives.of(&w.acme), files);
        assert_eq!(fs::read_to_string(directory.join(files[1])).unwrap(), "another file");
    })
    .await;
}

#[tokio::test]
async fn an_organization_takes_nothing_away_itself_and_what_somebody_else_empties_is_damage() {
    TestPortal::run(async |t| {
        let w = three_months(&t).await;
        let archives = Archives::new(&t);
        for statement in [
            "UPDATE audit_entries SET canonical = '', openings = ''",
            "UPDATE audit_entries SET actor_id = NULL, target_id = ''",
            "INSERT INTO audit_retention (class, until, released) VALUES ('security', 100, 0)",
            "UPDATE audit_retention SET cut_at = now()",
            "DELETE FROM audit_retention",
            "UPDATE audit_holds SET query = ''",
            "DELETE FROM audit_holds",
        ] {
            assert_eq!(sqlstate(t.as_tenant(w.acme.id, statement).await), DENIED, "{statement}");
        }
        let schema = w.acme.schema();
        let youngest = "index = (SELECT max(index) FROM LOG WHERE action = 'organization.renamed')";
        let empty = format!("UPDATE LOG SET canonical = '', openings = '' WHERE {youngest} RETURNING index");
        let row = &t.sql(&empty.replace("LOG", &format!("{schema}.audit_entries"))).await[0];
        let index: i64 = row.get(0);
        archives.tend(&t, &w.acme).await.unwrap();
        let damaged = format!("action = 'audit.damaged' AND target_id = '{index}'");
        assert_eq!(count(&t, &w.acme, &damaged).await, 1);
        assert!(archives.of(&w.acme).is_empty(), "of a damaged trail nothing goes");
    })
    .await;
}
