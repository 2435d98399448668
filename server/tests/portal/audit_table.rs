//! The audit trail as CSV.

use domain::audit::Outcome;
use domain::problem::Problem;
use domain::roles::Role;
use server::members;
use server::testing::{TestPortal, World};

use crate::support::{NEW, export_table, names, refused};

/// The lines of a table, cell by cell.
fn read(table: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn every_entry_is_a_line_and_no_name_is_a_formula_or_breaks_one() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        for (role, name) in [
            (Role::Auditor, "=HYPERLINK(\"https://evil.example\",\"Click\")"),
            (Role::Admin, "Mia, \"the second\"\nand last"),
            (Role::Member, "@mia"),
        ] {
            t.sql(&format!(
                "UPDATE {}.members SET name = '{name}' WHERE account_id = '{}'",
                acme.schema(),
                mia.account
            ))
            .await;
            members::change_role(&owner, mia.account, role).await.unwrap();
        }
        let table = export_table(owner).await.unwrap();
        assert!(table.contains("\r\n") && !table.contains("\n="), "{table}");
        let lines = read(&table);
        let entries = t.journal().await.of(acme.log());
        assert_eq!(lines.len(), entries.len(), "a head, and no line for the entry that all of it was read");
        assert!(lines.iter().all(|line| line.len() == lines[0].len()));
        let column = |name: &str| lines[0].iter().position(|cell| cell == name).unwrap();
        let (action, target, changes) = (column("action"), column("target"), column("changes"));
        for (line, entry) in lines[1..].iter().zip(&entries) {
            assert_eq!((line[0].clone(), &line[action]), (entry.index.to_string(), &entry.action));
        }
        let roles: Vec<_> = lines.iter().filter(|line| line[action] == "member.role_changed").collect();
        assert_eq!(roles[0][target], "'=HYPERLINK(\"https://evil.example\",\"Click\")");
        assert_eq!(roles[0][changes], "role: member → auditor");
        assert_eq!(roles[1][target], "Mia, \"the second\"\nand last");
        assert_eq!(roles[2][target], "'@mia");
        assert_eq!(lines.last().unwrap()[changes], "format: csv", "the export is in it");
        let secrets = ["commit", "openings", "hash"];
        assert!(!secrets.iter().any(|word| table.contains(word)), "it carries no proofs");
    })
    .await;
}

#[tokio::test]
async fn who_may_not_export_gets_no_table_either() {
    TestPortal::run(async |t| {
        let World { acme, mia, gus, globex, .. } = t.world().await;
        let journal = t.journal().await;
        assert_eq!(refused(export_table(t.enter(&mia, &acme).await).await), Problem::Forbidden);
        assert_eq!(names(&t.journal().await.since(&journal)), [("audit.exported", Outcome::Denied)]);
        let table = export_table(t.enter(&gus, &globex).await).await.unwrap();
        assert!(table.contains("Gus Grissom") && !table.contains("Ada") && !table.contains(NEW));
    })
    .await;
}
