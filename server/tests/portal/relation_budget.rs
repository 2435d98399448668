//! What an organization costs the database, and what the README says that it costs at most.

use server::testing::TestPortal;
use sqlx::Row;

const README: &str = include_str!("../../../README.md");

/// The number that stands before a word in what the README says about it.
#[track_caller]
fn stated(unit: &str) -> i64 {
    let (_, budget) = README.split_once("**Relations are a budget.**").expect("the README has a sentence about it");
    let (before, _) = budget.split_once(&format!(" {unit}")).expect("the sentence names a number");
    let number = before.split_whitespace().next_back().expect("a number");
    number.replace(',', "").parse().unwrap_or_else(|error| panic!("{number} {unit}: {error}"))
}

/// The relations of a schema, those among them that Postgres keeps beside tables.
fn relations(schema: &str) -> String {
    format!(
        "WITH own AS (SELECT oid, reltoastrelid AS beside FROM pg_class WHERE relnamespace = '{schema}'::regnamespace),
              relations AS (SELECT oid FROM own
                            UNION ALL SELECT beside FROM own WHERE beside <> 0
                            UNION ALL SELECT indexrelid FROM own JOIN pg_index ON indrelid = beside)"
    )
}

#[tokio::test]
async fn an_organization_is_within_its_budget_of_relations() {
    TestPortal::run(async |t| {
        let (_, acme) = t.sign_up("Ada Lovelace", "ada@acme.example", "Acme").await;
        let of_it = relations(&acme.schema());
        let found = t
            .sql(&format!(
                "{of_it} SELECT count(*), count(*) FILTER (WHERE relkind = 'r'), count(*) FILTER (WHERE relkind = 'i'),
                                count(*) FILTER (WHERE relkind = 't'),
                                sum(CASE relkind WHEN 'r' THEN pg_total_relation_size(c.oid)
                                                 WHEN 'S' THEN pg_relation_size(c.oid) END)::bigint
                 FROM relations JOIN pg_class c USING (oid)"
            ))
            .await;
        let [all, tables, indexes, beside, bytes] = [0, 1, 2, 3, 4].map(|column| found[0].get::<i64, _>(column));
        let most = stated("relations");
        assert!(all <= most, "{all} of {most}: {tables} tables, {indexes} indexes, {beside} tables beside tables");
        let most = stated("kB");
        assert!(bytes <= most * 1_000, "{bytes} bytes of {most} kB");
    })
    .await;
}

#[tokio::test]
async fn no_index_is_the_beginning_of_another() {
    TestPortal::run(async |t| {
        let (_, acme) = t.sign_up("Ada Lovelace", "ada@acme.example", "Acme").await;
        let needless = t
            .text(&format!(
                "SELECT coalesce(string_agg(a.indexrelid::regclass::text, ' '), '')
                 FROM pg_index a JOIN pg_index b USING (indrelid) JOIN pg_class c ON c.oid = a.indrelid
                 WHERE c.relnamespace = '{}'::regnamespace AND a.indexrelid <> b.indexrelid AND NOT a.indisunique
                   AND a.indexprs IS NULL AND b.indexprs IS NULL
                   AND coalesce(a.indpred::text, '') = coalesce(b.indpred::text, '')
                   AND starts_with(b.indkey::text || ' ', a.indkey::text || ' ')
                   AND starts_with(b.indcollation::text || ' ', a.indcollation::text || ' ')",
                acme.schema()
            ))
            .await;
        assert_eq!(needless, "");
    })
    .await;
}
