//! The demo: what it says is true, and every trail in it verifies.
#![cfg(feature = "testing")]

use std::collections::HashSet;

use domain::audit::{AuditQuery, verify_export};
use domain::members::{MemberQuery, MemberStatus};
use domain::roles::Role;
use futures::TryStreamExt;
use server::demo::{self, DemoOptions, DemoProgress, DemoSummary};
use server::testing::{Person, TestPortal};
use server::{Access, audit, invitations, members, organizations, sign_in};

async fn fill(t: &TestPortal, tenants: u32, members_of_first: usize) -> (DemoSummary, Vec<DemoProgress>) {
    let mut progress = Vec::new();
    let options = DemoOptions { tenants, members_of_first, ..DemoOptions::default() };
    let summary = demo::fill(t.portal(), &options, |_| (), |step| progress.push(step)).await.expect("a demo");
    (summary, progress)
}

async fn owner(t: &TestPortal, summary: &DemoSummary) -> Person {
    let password = summary.password.as_ref().expect("a password, the first time");
    let grant = sign_in::sign_in(&t.request(), &summary.email, password).await.expect("the summary's sign-in");
    t.person(grant).await
}

async fn export(access: Access) -> String {
    let ticket = audit::begin_export(&access, audit::Format::Ndjson, &AuditQuery::default()).await.expect("a ticket");
    let export = audit::export(access, &ticket, None).await.expect("an export");
    export.lines.try_collect().await.expect("all of its lines")
}

#[tokio::test]
async fn the_first_organization_is_as_if_people_had_made_it() {
    TestPortal::run(async |t| {
        assert!(demo::is_empty(t.portal()).await.unwrap());
        let (summary, progress) = fill(&t, 1, 60).await;
        assert!(!demo::is_empty(t.portal()).await.unwrap());
        assert_eq!(progress, [DemoProgress { done: 1, total: 1 }]);
        assert_eq!(
            (summary.organization.as_str(), summary.slug.as_str()),
            ("Acme Manufacturing", "acme-manufacturing")
        );

        let ada = owner(&t, &summary).await;
        let access = t.try_enter(&ada, &summary.slug).await.unwrap();
        let overview = organizations::overview(&access).await.unwrap();
        assert_eq!(overview.active_members + overview.suspended_members, 60);
        assert!(
            overview.suspended_members >= 3 && overview.owners >= 2 && overview.pending_invitations >= 3,
            "{overview:?}"
        );
        for role in Role::ALL {
            let query = MemberQuery {
                role: Some((*role).into()),
                status: Some(MemberStatus::Active),
                ..MemberQuery::default()
            };
            assert!(members::list(&access, &query).await.unwrap().total > 0, "{role:?}");
        }
        let invitations = invitations::list(&access, None).await.unwrap();
        assert!(invitations.total > 60);

        let text = export(access.clone()).await;
        let report = verify_export(text.as_bytes(), None, &[]).unwrap();
        assert_eq!(
            report.entries + 1,
            organizations::overview(&access).await.unwrap().audit_entries,
            "but for its own end"
        );
        assert!(report.entries > 150 && report.erased == 0, "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn the_trail_tells_how_it_came_about() {
    TestPortal::run(async |t| {
        let (summary, _) = fill(&t, 1, 60).await;
        let access = t.try_enter(&owner(&t, &summary).await, &summary.slug).await.unwrap();
        let schema = format!("t_{}", access.tenant().0.simple());
        let disorder = format!("SELECT count(*) FROM (SELECT at < lag(at) OVER (ORDER BY index) AS back FROM {schema}.audit_entries) e WHERE back");
        assert_eq!(t.number(&disorder).await, 0, "entries are in the order of their times");

        let count = |action: &str| format!("SELECT count(*) FROM {schema}.audit_entries WHERE action = '{action}' AND outcome = 'done'");
        let joined = t.number(&count("invitation.accepted")).await;
        let removed = t.number(&count("member.removed")).await;
        assert!(removed > 0);
        assert_eq!(1 + joined - removed, 60);
        let invited = t.number(&count("invitation.created")).await;
        assert_eq!(invited, t.number(&format!("SELECT count(*) FROM {schema}.invitations")).await);
        let suspended = t.number(&count("member.suspended")).await - t.number(&count("member.resumed")).await;
        assert_eq!(suspended, t.number(&format!("SELECT count(*) FROM {schema}.members WHERE status = 'suspended'")).await);
        assert_eq!(t.number(&count("demo.filled")).await, 1);

        let actions = t.sql(&format!("SELECT DISTINCT action || ' ' || outcome FROM {schema}.audit_entries")).await;
        let actions: HashSet<String> = actions.iter().map(|row| sqlx::Row::get(row, 0)).collect();
        for action in ["member.role_changed done", "member.renamed done", "invitation.revoked done", "member.suspended denied"] {
            assert!(actions.contains(action), "{action} is not in {actions:?}");
        }
        for (field, action) in [("role", "member.role_changed"), ("status", "member.suspended', 'member.resumed")] {
            let stale = format!(
                "SELECT count(*) FROM {schema}.members m JOIN LATERAL (
                     SELECT canonical::jsonb #>> '{{changes,0,after,public}}' AS after FROM {schema}.audit_entries
                     WHERE action IN ('{action}') AND outcome = 'done' AND target_id = m.account_id::text ORDER BY index DESC LIMIT 1
                 ) entry ON entry.after <> m.{field}"
            );
            assert_eq!(t.number(&stale).await, 0, "the last entry about a {field} says what it is");
        }
        let unseen = format!(
            "SELECT count(*) FROM {schema}.members m WHERE joined_at > last_seen_at
             OR EXISTS (SELECT FROM {schema}.audit_entries WHERE actor_id = m.account_id AND at > m.last_seen_at)"
        );
        assert_eq!(t.number(&unseen).await, 0, "nobody was seen before they joined, or did something unseen");
    })
    .await;
}

#[tokio::test]
async fn whoever_stops_it_halfway_can_sign_in() {
    TestPortal::run(async |t| {
        let (told, heard) = tokio::sync::oneshot::channel();
        let told = |summary: &DemoSummary| told.send(summary.clone()).unwrap_or_else(|_| panic!("nobody listens"));
        let options = DemoOptions { tenants: 3, ..DemoOptions::default() };
        let summary = tokio::select! {
            biased;
            summary = heard => summary.unwrap(),
            _ = demo::fill(t.portal(), &options, told, |_| ()) => panic!("it was not stopped"),
        };
        assert_eq!(summary.made, 0);
        t.try_enter(&owner(&t, &summary).await, &summary.slug).await.expect("the owner comes in");
    })
    .await;
}

#[tokio::test]
async fn a_larger_number_adds_organizations_and_the_same_adds_none() {
    TestPortal::run(async |t| {
        let (first, _) = fill(&t, 2, 5).await;
        let (second, progress) = fill(&t, 6, 5).await;
        assert_eq!((second.made, second.password.is_none()), (4, true));
        assert_eq!(progress.last(), Some(&DemoProgress { done: 4, total: 4 }));
        assert_eq!((second.organization, second.slug), (first.organization.clone(), first.slug.clone()));
        let (third, progress) = fill(&t, 6, 5).await;
        assert_eq!((third.made, progress.len()), (0, 0));
        assert_eq!(t.number("SELECT count(*) FROM platform.tenants").await, 6);

        let ada = owner(&t, &first).await;
        let access = t.try_enter(&ada, &first.slug).await.unwrap();
        assert_eq!(access.visitor().organizations().len(), 3, "the owner is in two more");
        assert_eq!(access.visitor().invitations(), 1);
        for organization in access.visitor().organizations() {
            let inside = t.try_enter(&ada, &organization.slug).await.unwrap();
            let listed = members::list(&inside, &MemberQuery::default()).await.unwrap().total;
            let known = t
                .number(&format!("SELECT count(*) FROM platform.memberships WHERE tenant_id = '{}'", organization.id))
                .await;
            assert_eq!(i64::try_from(listed).unwrap(), known);
            if inside.may(domain::roles::Permission::ExportAudit) {
                verify_export(export(inside).await.as_bytes(), None, &[]).unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_crowd_is_one_entry() {
    TestPortal::run(async |t| {
        let (summary, _) = fill(&t, 1, 2_000).await;
        let access = t.try_enter(&owner(&t, &summary).await, &summary.slug).await.unwrap();
        assert_eq!(members::list(&access, &MemberQuery::default()).await.unwrap().total, 2_000);
        assert!(organizations::overview(&access).await.unwrap().audit_entries < 400);
    })
    .await;
}

#[tokio::test]
async fn a_seed_makes_the_same_people() {
    let mut rosters = Vec::new();
    for _ in 0..2 {
        TestPortal::run(async |t| {
            fill(&t, 3, 30).await;
            rosters.push(
                t.text("SELECT string_agg(email || ' ' || name, ', ' ORDER BY email) FROM platform.accounts").await,
            );
        })
        .await;
    }
    assert_eq!(rosters[0], rosters[1]);
}

#[tokio::test]
async fn provisioning_is_measured_by_provisioning() {
    TestPortal::run(async |t| {
        assert_eq!(demo::measure_provisioning(t.portal(), 3).await.unwrap().len(), 3);
        assert_eq!(t.number("SELECT count(*) FROM platform.tenants").await, 4);
    })
    .await;
}
