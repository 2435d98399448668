//! The members as files: what the list's filter asks for, in full, and harmless.

use domain::audit::Outcome;
use domain::members::MemberQuery;
use domain::problem::Problem;
use domain::roles::Role;
use futures::TryStreamExt;
use server::members::{self, Format};
use server::testing::{TestPortal, World};
use server::{Access, Error};
use time::Duration;

use crate::support::{names, refused};

async fn export(access: Access, query: MemberQuery, format: Format) -> Result<String, Error> {
    let lines: Vec<String> = members::export(access, query, format).await?.try_collect().await?;
    Ok(lines.concat())
}

#[tokio::test]
async fn a_file_holds_what_the_filter_asks_for_and_leaves_one_entry() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let schema = acme.schema();
        t.sql(&format!("UPDATE {schema}.members SET name = '=cmd|1;+2' WHERE account_id = '{}'", mia.account)).await;
        t.sql(&format!(
            "INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
             SELECT gen_random_uuid(), 'Person ' || n, 'p' || n || '@crowd.example', 'auditor', 'invitation', 'active', now()
             FROM generate_series(1, 1234) AS n"
        ))
        .await;
        let before = t.journal().await;
        let query = MemberQuery { role: Some(Role::Member.into()), ..MemberQuery::default() };
        let csv = export(owner.clone(), query, Format::Csv).await.unwrap();
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0], "email,name,role,status,joined,last_seen,mfa,source");
        assert!(lines[1].starts_with("mia@acme.example,'=cmd|1;'+2,member,active,2026-"), "{}", lines[1]);
        assert_eq!(names(&t.journal().await.since(&before)), [("members.exported", Outcome::Done)]);

        let all = export(owner.clone(), MemberQuery::default(), Format::Ndjson).await.unwrap();
        let emails: std::collections::HashSet<_> = all
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["email"].to_string())
            .collect();
        assert_eq!((all.lines().count(), emails.len()), (1237, 1237));
    })
    .await;
}

#[tokio::test]
async fn who_does_not_manage_members_or_has_proven_nothing_lately_gets_none() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let member = t.enter(&mia, &acme).await;
        assert_eq!(refused(export(member, MemberQuery::default(), Format::Csv).await), Problem::Forbidden);
        t.pass(Duration::minutes(11));
        let owner = t.enter(&ada, &acme).await;
        assert_eq!(refused(export(owner, MemberQuery::default(), Format::Ndjson).await), Problem::StepUpFirst);
    })
    .await;
}
