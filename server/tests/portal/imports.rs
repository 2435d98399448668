//! Members from files: checked first, and imported as it was shown, by what whoever imports may do then.

use std::fmt::Write as _;

use domain::fields::FieldProblem;
use domain::ids::JobId;
use domain::invitations::MailState;
use domain::jobs::{Job, JobState, RowOutcome, RowProblem};
use domain::members::MemberQuery;
use domain::problem::Problem;
use domain::roles::{Role, RoleForm};
use futures::TryStreamExt;
use server::jobs::{self, Worker};
use server::members::{Format, import};
use server::testing::{TestPortal, World};
use server::{Access, Error, invitations, members, roles};
use time::Duration;

use crate::support::{assert_sound, field, refused, substance};

async fn check(access: &Access, lines: &str) -> Result<JobId, Error> {
    import::check(access, format!("email,name,role\n{lines}").as_bytes()).await
}

async fn work(t: &TestPortal) {
    let worker = Worker::new(t.portal());
    while worker.work_next().await.expect("a batch") {}
}

async fn job(access: &Access, id: JobId) -> Job {
    jobs::lookup(access, id).await.expect("a job")
}

/// What became of each row on the first page.
async fn fates(access: &Access, id: JobId) -> Vec<(String, RowOutcome, Option<RowProblem>)> {
    let (_, rows) = jobs::results(access, id, None, None).await.expect("rows");
    rows.rows.into_iter().map(|row| (row.email, row.outcome, row.problem)).collect()
}

/// Lines for so many people whom nobody knows.
fn strangers(count: u32) -> String {
    (1..=count).fold(String::new(), |mut lines, number| {
        let _ = writeln!(lines, "p{number}@crowd.example,Person {number},member");
        lines
    })
}

#[tokio::test]
async fn a_check_tells_of_every_line_and_changes_nothing() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let admin = t.enter(&ben, &acme).await;
        t.invite(&t.enter(&ada, &acme).await, "invited@new.example", Role::Auditor).await;
        let before = substance(&t, &acme).await;
        let lines = format!(
            "new@new.example,New,Member\n{},Mia,auditor\n{},Ben,member\n{},Ada,member\nboss@new.example,B,owner\n\
             invited@new.example,I,auditor\nNEW@new.example,New,admin\nnobody,N,member\n{},Mia,king\n",
            mia.email, ben.email, ada.email, mia.email
        );
        let id = check(&admin, &lines).await.unwrap();
        assert_eq!(substance(&t, &acme).await, before);
        let expected = [
            (RowOutcome::Pending, None),
            (RowOutcome::Pending, None),
            (RowOutcome::Refused, Some(RowProblem::Yourself)),
            (RowOutcome::Refused, Some(RowProblem::Above)),
            (RowOutcome::Refused, Some(RowProblem::Above)),
            (RowOutcome::Unchanged, None),
            (RowOutcome::Refused, Some(RowProblem::Duplicate)),
            (RowOutcome::Refused, Some(RowProblem::Address)),
            (RowOutcome::Refused, Some(RowProblem::UnknownRole)),
        ];
        let found = fates(&admin, id).await;
        assert_eq!(found.iter().map(|(_, outcome, problem)| (*outcome, *problem)).collect::<Vec<_>>(), expected);
        let review = import::review(&admin, id).await.unwrap();
        assert_eq!((review.invitations, review.changes), (1, 1));

        assert_eq!(field(import::start(&admin, id, true).await, "mode"), FieldProblem::WrongLines);
        let owner = t.enter(&ada, &acme).await;
        assert_eq!(refused(import::start(&owner, id, false).await), Problem::NotFound);
        import::start(&admin, id, false).await.unwrap();
        assert_eq!(refused(import::start(&admin, id, false).await), Problem::Changed);
        work(&t).await;
        let done = job(&admin, id).await;
        assert_eq!(done.state, JobState::Done);
        assert_eq!((done.counts.changed, done.counts.unchanged, done.counts.refused), (2, 1, 6));
        assert_eq!(members::lookup(&admin, mia.account).await.unwrap().role, Role::Auditor);
        let invited = invitations::list(&admin, None).await.unwrap().rows;
        let new = invited.iter().find(|invitation| invitation.email == "new@new.example").unwrap();
        assert_eq!(new.role, Role::Member);
        assert_eq!(new.mail, Some(MailState::Waiting));
        // And its link works.
        let secret = t.secret_for("new@new.example").await;
        assert_eq!(invitations::lookup(&t.request(), &secret).await.unwrap().email, "new@new.example");
        assert_sound(&t, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn an_open_invitation_gives_the_role_of_the_file_and_an_expired_one_is_replaced() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        t.invite(&owner, "old@new.example", Role::Member).await;
        t.pass(Duration::days(8));
        let owner = t.enter(&ada, &acme).await;
        t.invite(&owner, "open@new.example", Role::Member).await;
        let id = check(&owner, "old@new.example,O,auditor\nopen@new.example,O,auditor\n").await.unwrap();
        import::start(&owner, id, true).await.unwrap();
        work(&t).await;
        assert_eq!(job(&owner, id).await.counts.changed, 2);
        for email in ["old@new.example", "open@new.example"] {
            let secret = t.secret_for(email).await;
            assert_eq!(invitations::lookup(&t.request(), &secret).await.unwrap().role, Role::Auditor, "{email}");
        }
        assert_eq!(t.number("SELECT count(*) FROM platform.pending_invitations").await, 2);
    })
    .await;
}

#[tokio::test]
async fn all_or_nothing_is_nothing_when_a_line_fails_later() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let admin = t.enter(&ben, &acme).await;
        let lines = strangers(600) + &format!("{},Mia,auditor\n", mia.email);
        let id = check(&admin, &lines).await.unwrap();
        import::start(&admin, id, true).await.unwrap();
        members::change_role(&t.enter(&ada, &acme).await, mia.account, Role::Owner).await.unwrap();
        work(&t).await;
        let failed = job(&admin, id).await;
        assert_eq!((failed.state, failed.counts.changed, failed.counts.refused), (JobState::Failed, 0, 601));
        assert_eq!(
            t.number("SELECT count(*) FROM platform.outbox WHERE kind = 'invitation' AND state = 'waiting'").await,
            0
        );
        let schema = acme.schema();
        let blamed = format!("SELECT problem FROM {schema}.job_rows WHERE member_id IS NOT NULL");
        assert_eq!(t.text(&blamed).await, "above");
        assert_eq!(
            t.number(&format!("SELECT count(*) FROM {schema}.job_rows WHERE problem = 'all_or_nothing'")).await,
            600
        );

        // All of them fit into one transaction, too.
        let id = check(&admin, &strangers(600)).await.unwrap();
        import::start(&admin, id, true).await.unwrap();
        work(&t).await;
        assert_eq!(job(&admin, id).await.counts.changed, 600);
        assert_sound(&t, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn who_may_not_invite_any_more_imports_nobody() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let admin = t.enter(&ben, &acme).await;
        let id = check(&admin, &(strangers(3) + &format!("{},Mia,auditor\n", mia.email))).await.unwrap();
        import::start(&admin, id, false).await.unwrap();
        members::change_role(&t.enter(&ada, &acme).await, ben.account, Role::Member).await.unwrap();
        work(&t).await;
        let admin = t.enter(&ben, &acme).await;
        let done = job(&admin, id).await;
        assert_eq!((done.counts.changed, done.counts.refused), (0, 4));
        assert!(fates(&admin, id).await.iter().all(|(.., problem)| *problem == Some(RowProblem::NoAuthority)));
        assert_eq!(refused(check(&admin, "a@b.example,A,member\n").await), Problem::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn a_check_is_good_for_an_hour_and_a_file_for_ten_thousand_mails_a_day() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let id = check(&owner, "a@b.example,A,member\n").await.unwrap();
        t.pass(Duration::minutes(61));
        work(&t).await;
        assert_eq!(refused(jobs::lookup(&owner, id).await), Problem::NotFound);

        let owner = t.enter(&ada, &acme).await;
        let many = check(&owner, &strangers(10_001)).await.unwrap();
        assert!(matches!(refused(import::start(&owner, many, false).await), Problem::InvitedOften { .. }));
        let few = check(&owner, &strangers(10)).await.unwrap();
        import::start(&owner, few, false).await.unwrap();
        work(&t).await;
        assert_eq!(job(&owner, few).await.counts.changed, 10);
    })
    .await;
}

#[tokio::test]
async fn fifty_thousand_lines_are_checked_and_one_more_is_too_many() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let id = check(&owner, &strangers(50_000)).await.unwrap();
        assert_eq!(job(&owner, id).await.counts.total, 50_000);
        assert_eq!(field(check(&owner, &strangers(50_001)).await, "file"), FieldProblem::TooManyLines(50_000));
    })
    .await;
}

#[tokio::test]
async fn neither_a_file_nor_the_matrix_touches_another_organization() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let host = t.enter(&gus, &globex).await;
        let night = RoleForm {
            name: "Night watch".into(),
            permissions: vec!["audit.view".into()],
            parents: vec!["member".into()],
            ..RoleForm::default()
        };
        let role = roles::create(&host, &night).await.unwrap();
        let everything = async || {
            let tables = ["roles", "groups", "group_members", "members", "invitations", "jobs", "audit_entries"];
            let mut dump = substance(&t, &globex).await;
            for table in tables {
                dump += &t.rows(&format!("{}.{table}", globex.schema()), "true").await;
            }
            dump
        };
        let before = everything().await;
        let owner = t.enter(&ada, &acme).await;
        let lines = format!("{},Gus,admin\nnew@new.example,New,Night watch\nx@new.example,X,{role}\n", gus.email);
        let id = check(&owner, &lines).await.unwrap();
        let problems: Vec<_> = fates(&owner, id).await.into_iter().map(|(_, _, problem)| problem).collect();
        assert_eq!(problems, [None, Some(RowProblem::UnknownRole), Some(RowProblem::UnknownRole)]);
        import::start(&owner, id, false).await.unwrap();
        work(&t).await;
        let wish = (role, night.parse().unwrap(), "1".to_owned());
        assert_eq!(refused(roles::save_all(&owner, &[wish]).await), Problem::NotFound);
        let lines: Vec<String> = members::export(owner.clone(), MemberQuery::default(), Format::Csv)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        assert!(!lines.concat().contains(&gus.email), "he is invited, and no member");
        assert_eq!(everything().await, before);
    })
    .await;
}
