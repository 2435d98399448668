//! Somebody with the administrator's login changes an audit log: it is found, and where.

use domain::audit::{AuditQuery, VerifyError, verify_export};
use server::audit::{Damage, EntryView};
use server::testing::{TestPortal, World};
use server::{Error, audit, organizations};

use crate::support::export;

/// The index that is tampered with; the log goes on behind it.
const BAD: u64 = 4;

/// Tampers with Acme's log in one way after the other and tells what each export of it comes to: the
/// index that is named, or why none is.
async fn tamper(statements: &[String], judge: impl Fn(&str, Result<Option<u64>, String>)) {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        for number in 0..4 {
            organizations::rename(&owner, &format!("Acme {number}")).await.unwrap();
        }
        let (checkpoint, _) = server::audit::checkpoint(&owner).await.unwrap();
        let fill_in = |statement: &str| {
            statement.replace("LOG", &format!("{}.audit_entries", acme.schema())).replace("OTHER", &globex.schema())
        };
        t.sql(&fill_in("CREATE TABLE public.kept AS SELECT * FROM LOG")).await;
        for statement in statements {
            t.sql(&fill_in(statement)).await;
            judge(statement, found(export(owner.clone()).await, &checkpoint));
            let restore = "DELETE FROM LOG WHERE index <= (SELECT max(index) FROM public.kept); INSERT INTO LOG SELECT * FROM public.kept";
            t.sql(&fill_in(restore)).await;
        }
        let text = export(owner).await.unwrap();
        verify_export(text.as_bytes(), None, &[&checkpoint]).expect("restored, it verifies");
    })
    .await;
}

/// The index that an export or its verification names.
fn found(export: Result<String, Error>, checkpoint: &str) -> Result<Option<u64>, String> {
    // Damage stops no export: the rest of the trail can be had.
    let text = export.map_err(|error| format!("there is no export: {error}"))?;
    match verify_export(text.as_bytes(), None, &[checkpoint]) {
        Ok(report) => Err(format!("it verifies: {report:?}")),
        Err(error) => Ok(error.index()),
    }
}

/// Each of these statements is found out at [`BAD`].
async fn found_out(statements: &[String]) {
    tamper(statements, |statement, found| assert_eq!(found, Ok(Some(BAD)), "{statement}")).await;
}

#[tokio::test]
async fn a_changed_entry_is_found() {
    let changes = [
        ("done", "denied"),
        ("invitation.accepted", "invitation.declined"),
        ("{\"public\":\"member\"}", "{\"public\":\"owner\"}"),
        ("\"v\":1", "\"v\": 1"),
    ];
    let statement =
        |(from, to)| format!("UPDATE LOG SET canonical = replace(canonical, '{from}', '{to}') WHERE index = {BAD}");
    let mut statements = changes.map(statement).to_vec();
    statements.push(format!("UPDATE LOG SET canonical = 'nothing' WHERE index = {BAD}"));
    statements.push(format!("UPDATE LOG SET leaf = sha256(leaf) WHERE index = {BAD}"));
    statements.push(format!("UPDATE LOG SET leaf = '' WHERE index = {BAD}"));
    statements.push(format!("UPDATE LOG SET openings = sha256(openings) WHERE index = {BAD}"));
    found_out(&statements).await;
}

#[tokio::test]
async fn a_deleted_or_exchanged_entry_is_found() {
    let exchange = |columns: [&str; 2]| {
        let set = columns.map(|column| format!("{column} = b.{column}")).join(", ");
        format!(
            "UPDATE LOG a SET {set} FROM LOG b WHERE a.index IN ({BAD}, {BAD} + 1) AND b.index = 2 * {BAD} + 1 - a.index"
        )
    };
    found_out(&[
        format!("DELETE FROM LOG WHERE index = {BAD}"),
        format!("DELETE FROM LOG WHERE index >= {BAD} AND index <= (SELECT max(index) FROM public.kept)"),
        exchange(["canonical", "leaf"]),
        exchange(["openings", "at"]),
        format!(
            "UPDATE LOG a SET canonical = b.canonical, leaf = b.leaf, openings = b.openings FROM OTHER.audit_entries b
             WHERE a.index = {BAD} AND b.index = 0"
        ),
        format!("UPDATE LOG a SET canonical = b.canonical, leaf = b.leaf FROM OTHER.audit_entries b WHERE a.index = {BAD} AND b.index = 0"),
    ])
    .await;
}

#[tokio::test]
async fn an_entry_changed_together_with_its_hash_is_found() {
    // RFC 6962: a leaf's hash begins with a zero byte. Which entry it was, the root does not tell.
    let statement = format!(
        "UPDATE LOG SET canonical = replace(canonical, 'done', 'denied'),
                leaf = sha256('\\x00'::bytea || convert_to(replace(canonical, 'done', 'denied'), 'UTF8')) WHERE index = {BAD}"
    );
    tamper(&[statement], |_, found| assert!(found.is_ok(), "{found:?}")).await;
}

#[tokio::test]
async fn a_log_that_was_cut_is_found() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let schema = acme.schema();
        let (size, peaks) = (
            t.number(&format!("SELECT size FROM {schema}.audit_head")).await,
            t.text(&format!("SELECT encode(peaks, 'hex') FROM {schema}.audit_head")).await,
        );
        organizations::rename(&owner, "A deed to hide").await.unwrap();
        organizations::rename(&owner, "Another deed").await.unwrap();
        let (checkpoint, _) = server::audit::checkpoint(&owner).await.unwrap();
        t.sql(&format!(
            "DELETE FROM {schema}.audit_entries WHERE index >= {size};
             UPDATE {schema}.audit_head SET size = {size}, peaks = decode('{peaks}', 'hex')"
        ))
        .await;
        // By itself a shorter log is a good one; who kept a checkpoint knows better.
        let text = export(owner).await.unwrap();
        assert!(verify_export(text.as_bytes(), None, &[]).is_ok());
        let shrunk = verify_export(text.as_bytes(), None, &[&checkpoint]).unwrap_err();
        assert!(matches!(shrunk, VerifyError::Shrunk(_) | VerifyError::Rewritten { .. }), "{shrunk}");
    })
    .await;
}

#[tokio::test]
async fn a_log_whose_entries_are_gone_takes_no_further_ones_in_their_place() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        t.sql(&format!("UPDATE {}.audit_head SET size = 2, peaks = decode(repeat('00', 32), 'hex')", acme.schema()))
            .await;
        assert!(organizations::rename(&owner, "Mine").await.is_err());
        assert_eq!(t.text(&format!("SELECT name FROM platform.tenants WHERE id = '{}'", acme.id)).await, "Acme");
    })
    .await;
}

#[tokio::test]
async fn the_rest_of_a_trail_with_a_damaged_entry_can_be_read_and_exported() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let (owner, other) = (t.enter(&ada, &acme).await, t.enter(&gus, &globex).await);
        let before = audit::search(&owner, &AuditQuery::default()).await.unwrap().page;
        let foreign = format!("{:?}", audit::search(&other, &AuditQuery::default()).await.unwrap().page.rows);
        let log = format!("{}.audit_entries", acme.schema());
        t.sql(&format!(
            "UPDATE {log} SET openings = sha256(openings) WHERE index = {BAD};
             UPDATE {log} SET canonical = replace(canonical, 'done', 'denied') WHERE index = 2;
             UPDATE {log} SET canonical = 'nothing', openings = '' WHERE index = 1"
        ))
        .await;

        let after = audit::search(&owner, &AuditQuery::default()).await.unwrap().page;
        assert_eq!(after.total, before.total);
        for (entry, known) in after.rows.iter().zip(&before.rows) {
            let damage = match entry.index {
                BAD => Some(Damage::Values),
                1 | 2 => Some(Damage::Entry),
                _ => None,
            };
            assert_eq!((entry.index, entry.damage), (known.index, damage));
            assert_eq!(audit::detail(&owner, entry.index).await.unwrap().entry.damage, damage);
            assert_eq!(format!("{entry:?}") == format!("{known:?}"), damage.is_none());
        }
        let values = audit::detail(&owner, BAD).await.unwrap().entry;
        let known = before.rows.iter().find(|entry| entry.index == BAD).unwrap();
        assert_eq!((&values.action, values.outcome, values.actor), (&known.action, known.outcome, known.actor));
        assert_eq!(values.actor_name.as_deref(), Some("(unreadable)"));
        assert_eq!(values.ip.as_deref(), Some("(unreadable)"));
        let entry = audit::detail(&owner, 2).await.unwrap().entry;
        assert_eq!((entry.action.as_str(), entry.actor), ("", None), "nothing of it is shown as a fact");

        // The other organization has nothing of it.
        assert_eq!(format!("{:?}", audit::search(&other, &AuditQuery::default()).await.unwrap().page.rows), foreign);
        assert!(verify_export(export(other).await.unwrap().as_bytes(), None, &[]).is_ok());

        // What is no entry at all has no line; all the others have one.
        t.sql(&format!("UPDATE {log} SET canonical = '{}' WHERE index = 1", before_of(&before.rows, 1))).await;
        let text = export(owner).await.unwrap();
        assert_eq!(text.lines().count() as u64, before.total + 2, "a manifest, and the export's own entry");
        let bad = text.lines().nth(usize::try_from(BAD).unwrap() + 1).unwrap();
        assert!(bad.ends_with(r#""openings":[],"unreadable":true}"#), "{bad}");
    })
    .await;
}

/// What was hashed of an entry, as a literal.
fn before_of(rows: &[EntryView], index: u64) -> String {
    rows.iter().find(|entry| entry.index == index).unwrap().canonical.replace('\'', "''")
}
