//! No migration does what rewrites a table, or locks one for long, while people use it: see docs/migrations.md.

mod examples;
mod kept;
mod rules;
mod statements;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kept::{KEPT, SMALL};
use rules::{Broken, Rule, broken};

/// Every migration, by the name of its history and file.
fn migrations() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for history in ["platform", "tenant"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(history);
        for file in fs::read_dir(directory).expect("migrations") {
            let path = file.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            all.push((format!("{history}/{name}"), fs::read_to_string(path).expect("a text")));
        }
    }
    all.sort();
    all
}

/// Whether a table of organizations is known to have few rows in each, so that going through it takes no time.
fn is_small(migration: &str, broken: &Broken) -> bool {
    let takes_no_time = matches!(broken.rule, Rule::Index | Rule::Scan | Rule::NotNull | Rule::Rows);
    migration.starts_with("tenant/") && takes_no_time && SMALL.iter().any(|(table, _)| *table == broken.table)
}

#[test]
fn no_migration_breaks_a_rule_but_those_that_say_why() {
    let mut excused = BTreeSet::new();
    for (name, sql) in migrations() {
        for broken in broken(&sql) {
            if is_small(&name, &broken) {
                continue;
            }
            let Broken { rule, table } = broken;
            let kept = KEPT.iter().any(|(file, rules, _)| *file == name && rules.contains(&(rule, table.as_str())));
            assert!(kept, "{name} breaks {rule:?} at {table}: {}", rule.why());
            excused.insert((name.clone(), format!("{rule:?} {table}")));
        }
    }
    for (file, rules, _) in KEPT {
        for (rule, table) in *rules {
            let at = ((*file).to_owned(), format!("{rule:?} {table}"));
            assert!(excused.contains(&at), "{at:?} is excused and not done");
        }
    }
}

#[test]
fn every_excuse_has_a_reason() {
    assert!(KEPT.iter().all(|(_, _, why)| !why.is_empty()));
    assert!(SMALL.iter().all(|(_, why)| !why.is_empty()));
}

#[test]
fn no_two_migrations_have_one_number() {
    let names: Vec<_> = migrations().into_iter().map(|(name, _)| name).collect();
    let numbers: BTreeSet<_> = names.iter().filter_map(|name| name.split('_').next()).collect();
    assert_eq!(numbers.len(), names.len());
}
