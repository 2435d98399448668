//! Acts on many members: each row is judged when its turn comes, whatever was true when the job was started.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::ids::{AccountId, JobId};
use domain::jobs::{Job, JobKind, JobState, RowOutcome, RowProblem};
use domain::members::{MemberQuery, MemberStatus};
use domain::policy::SecurityPolicy;
use domain::problem::Problem;
use domain::roles::Role;
use server::housekeeping::Housekeeping;
use server::jobs::{self, Worker};
use server::members::bulk::{self, BulkForm, Selection};
use server::testing::{Organization, Person, TestPortal, World};
use server::{Access, Error, members};
use time::Duration;
use uuid::Uuid;

use crate::approvals::ALL;
use crate::support::{active_owners, assert_sound, field, put_policy, refused};

/// Members of whom nobody knows more than that they are there.
pub async fn crowd(t: &TestPortal, organization: &Organization, count: u32, role: Role) {
    let (schema, id, role) = (organization.schema(), organization.id, role.code());
    t.sql(&format!(
        "WITH people AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, {count}) AS n),
              accounts AS (INSERT INTO platform.accounts (id, email, name, time_zone, theme, created_at)
                           SELECT id, 'p' || n || '@crowd.example', 'Person ' || n, 'UTC', 'system', now() FROM people
                           RETURNING id),
              members AS (INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
                          SELECT id, 'Person ' || n, 'p' || n || '@crowd.example', '{role}', 'invitation', 'active', now() FROM people)
         SELECT 1;
         INSERT INTO platform.memberships (account_id, tenant_id, since)
         SELECT account_id, '{id}', now() FROM {schema}.members ON CONFLICT DO NOTHING"
    ))
    .await;
}

/// Everybody whose address is the crowd's.
fn everybody() -> Selection {
    Selection::Matching(MemberQuery { search: Some("@crowd.example".into()), ..MemberQuery::default() })
}

fn form(kind: JobKind, expected: u64) -> BulkForm {
    BulkForm {
        kind,
        role: String::new(),
        group: String::new(),
        expected: expected.to_string(),
        confirmation: String::new(),
    }
}

fn role_form(role: Role, expected: u64) -> BulkForm {
    BulkForm { role: role.code().to_owned(), ..form(JobKind::Role, expected) }
}

/// Does what is due until nothing is; how many batches there were.
async fn work(t: &TestPortal) -> usize {
    let worker = Worker::new(t.portal());
    let mut batches = 0;
    while worker.work_next().await.expect("a batch") {
        batches += 1;
    }
    batches
}

async fn job(access: &Access, id: JobId) -> Job {
    jobs::lookup(access, id).await.expect("a job")
}

/// How many rows were changed, unchanged and refused.
fn counts(job: &Job) -> (u64, u64, u64) {
    (job.counts.changed, job.counts.unchanged, job.counts.refused)
}

async fn suspended(t: &TestPortal, organization: &Organization) -> i64 {
    t.number(&format!("SELECT count(*) FROM {}.members WHERE status = 'suspended'", organization.schema())).await
}

#[tokio::test]
async fn many_are_suspended_each_on_record_and_put_back() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, .. } = t.world().await;
        crowd(&t, &acme, 1200, Role::Member).await;
        let admin = t.enter(&ben, &acme).await;
        let plan = bulk::plan(&admin, JobKind::Suspend, &everybody()).await.unwrap();
        assert_eq!((plan.outlook.total, plan.outlook.changing, plan.names.len()), (1200, 1200, 10));
        let id = bulk::start(&admin, &form(JobKind::Suspend, 1200), &everybody()).await.unwrap();
        assert_eq!(job(&admin, id).await.state, JobState::Queued);
        let before = t.journal().await;
        assert_eq!(work(&t).await, 3);
        let done = job(&admin, id).await;
        assert_eq!((done.state, counts(&done)), (JobState::Done, (1200, 0, 0)));
        assert_eq!(suspended(&t, &acme).await, 1200);
        let entries = t.journal().await.since(&before);
        assert_eq!(entries.len(), 1200);
        assert!(entries.iter().all(|entry| entry.action == "member.suspended" && entry.outcome == Outcome::Done));

        // Somebody has changed their mind about one of them, and another one is gone.
        let owner = t.enter(&ada, &acme).await;
        let (_, rows) = jobs::results(&owner, id, Some(RowOutcome::Changed), None).await.unwrap();
        let [first, second]: [AccountId; 2] = [0, 1].map(|row| rows.rows[row].member.unwrap());
        members::resume(&owner, first).await.unwrap();
        members::remove(&owner, second, |_| Ok(())).await.unwrap();
        let undoing = jobs::undo(&owner, id).await.unwrap();
        assert_eq!(refused(jobs::undo(&owner, id).await), Problem::Changed);
        work(&t).await;
        let undone = job(&owner, undoing).await;
        assert_eq!((undone.kind, counts(&undone)), (JobKind::Resume, (1198, 0, 2)));
        assert_eq!(job(&owner, id).await.undone_by, Some(undoing));
        assert_eq!(refused(jobs::undo(&owner, undoing).await), Problem::Changed);
        let (_, rows) = jobs::results(&owner, undoing, Some(RowOutcome::Refused), None).await.unwrap();
        let why: Vec<_> = rows.rows.iter().filter_map(|row| row.problem).collect();
        assert_eq!(why, [RowProblem::Changed, RowProblem::Gone]);
        assert_eq!(suspended(&t, &acme).await, 0);
        assert_sound(&t, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn oneself_and_those_above_are_left_out() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let admin = t.enter(&ben, &acme).await;
        let all = Selection::Matching(MemberQuery::default());
        let outlook = bulk::plan(&admin, JobKind::Suspend, &all).await.unwrap().outlook;
        assert_eq!((outlook.total, outlook.changing, outlook.above, outlook.yourself), (3, 1, 1, true));
        let id = bulk::start(&admin, &form(JobKind::Suspend, 3), &all).await.unwrap();
        work(&t).await;
        let (done, rows) = jobs::results(&admin, id, None, None).await.unwrap();
        assert_eq!(counts(&done), (1, 0, 2));
        for row in rows.rows {
            let expected = match row.email {
                email if email == ada.email => Some(RowProblem::Above),
                email if email == ben.email => Some(RowProblem::Yourself),
                _ => None,
            };
            assert_eq!(row.problem, expected);
        }
        assert_eq!(members::lookup(&admin, mia.account).await.unwrap().status, MemberStatus::Suspended);
        let owners = refused(bulk::start(&admin, &role_form(Role::Owner, 3), &all).await);
        assert_eq!(owners, Problem::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn who_is_demoted_or_kept_out_meanwhile_changes_no_more() {
    for demote in [true, false] {
        TestPortal::run(async |t| {
            let World { acme, ada, ben, .. } = t.world().await;
            crowd(&t, &acme, 700, Role::Member).await;
            let (owner, admin) = (t.enter(&ada, &acme).await, t.enter(&ben, &acme).await);
            let id = bulk::start(&admin, &form(JobKind::Suspend, 700), &everybody()).await.unwrap();
            assert!(Worker::new(t.portal()).work_next().await.unwrap());
            if demote {
                members::change_role(&owner, ben.account, Role::Auditor).await.unwrap();
            } else {
                members::suspend(&owner, ben.account).await.unwrap();
            }
            work(&t).await;
            let (done, rows) = jobs::results(&owner, id, Some(RowOutcome::Refused), None).await.unwrap();
            assert_eq!((done.state, counts(&done)), (JobState::Done, (500, 0, 200)));
            assert!(rows.rows.iter().all(|row| row.problem == Some(RowProblem::NoAuthority)));
            let last = t.journal().await.of(acme.log()).pop().unwrap();
            assert_eq!((last.action.as_str(), last.outcome), ("member.suspended", Outcome::Denied));
        })
        .await;
    }
}

#[tokio::test]
async fn two_owners_suspend_everybody_at_once_and_one_is_left() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let zoe = t.join(&owner, "Zoe Zenith", "zoe@acme.example", Role::Owner).await;
        for (round, kind) in [JobKind::Suspend, JobKind::Remove, JobKind::Role].into_iter().cycle().take(9).enumerate()
        {
            let (schema, id) = (acme.schema(), acme.id);
            for Person { account, name, email, .. } in [&ada, &zoe] {
                t.sql(&format!(
                    "INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
                     VALUES ('{account}', '{name}', '{email}', 'owner', 'invitation', 'active', now())
                     ON CONFLICT (account_id) DO UPDATE SET role = 'owner', status = 'active';
                     INSERT INTO platform.memberships VALUES ('{account}', '{id}', now()) ON CONFLICT DO NOTHING"
                ))
                .await;
            }
            crowd_of_owners(&t, &acme, round).await;
            let all = Selection::Matching(MemberQuery::default());
            for person in [&ada, &zoe] {
                let access = t.enter(person, &acme).await;
                let outlook = bulk::plan(&access, kind, &all).await.unwrap().outlook;
                let form = BulkForm {
                    role: "member".to_owned(),
                    confirmation: outlook.changing.to_string(),
                    ..form(kind, outlook.total)
                };
                bulk::start(&access, &form, &all).await.unwrap();
            }
            let (one, other) = (Worker::new(t.portal()), Worker::new(t.portal()));
            let answers = tokio::join!(one.work_next(), other.work_next());
            assert!(matches!(answers, (Ok(true), Ok(true))), "round {round}: {answers:?}");
            work(&t).await;
            assert!(active_owners(&t, &acme).await >= 1, "round {round}");
            assert_sound(&t, &acme).await;
        }
    })
    .await;
}

/// Some more owners, of whom nothing has to be left.
async fn crowd_of_owners(t: &TestPortal, acme: &Organization, round: usize) {
    let (schema, id) = (acme.schema(), acme.id);
    t.sql(&format!(
        "INSERT INTO platform.accounts (id, email, name, time_zone, theme, created_at)
         SELECT gen_random_uuid(), 'o' || n || '-{round}@crowd.example', 'Owner ' || n, 'UTC', 'system', now()
         FROM generate_series(1, 20) AS n;
         INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
         SELECT id, name, email, 'owner', 'invitation', 'active', now() FROM platform.accounts WHERE email LIKE '%-{round}@crowd.example';
         INSERT INTO platform.memberships (account_id, tenant_id, since)
         SELECT account_id, '{id}', now() FROM {schema}.members ON CONFLICT DO NOTHING"
    ))
    .await;
}

#[tokio::test]
async fn foreign_ids_are_nobody_and_foreign_jobs_are_not_there() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, mia, gus, .. } = t.world().await;
        let (owner, other) = (t.enter(&ada, &acme).await, t.enter(&gus, &globex).await);
        let foreign = Selection::These(vec![mia.account, ada.account, AccountId(Uuid::nil())]);
        assert_eq!(bulk::plan(&other, JobKind::Remove, &foreign).await.unwrap().outlook.total, 0);
        assert_eq!(refused(bulk::start(&other, &form(JobKind::Suspend, 3), &foreign).await), Problem::Changed);
        let mine = Selection::These(vec![mia.account, gus.account]);
        let id = bulk::start(&owner, &form(JobKind::Suspend, 1), &mine).await.unwrap();
        for answer in [
            jobs::lookup(&other, id).await.map(|_| ()),
            jobs::results(&other, id, None, None).await.map(|_| ()),
            jobs::cancel(&other, id).await.map(|_| ()),
            jobs::undo(&other, id).await.map(|_| ()),
        ] {
            assert_eq!(refused(answer), Problem::NotFound);
        }
        assert_eq!(jobs::list(&other, None).await.unwrap().total, 0);
        let member = t.enter(&mia, &acme).await;
        assert_eq!(refused(jobs::lookup(&member, id).await), Problem::NotFound);
        assert_eq!(refused(bulk::plan(&member, JobKind::Suspend, &mine).await), Problem::Forbidden);
        assert_eq!(refused(bulk::start(&member, &form(JobKind::Suspend, 1), &mine).await), Problem::Forbidden);
        assert_eq!(refused(jobs::undo(&member, id).await), Problem::NotFound);
        work(&t).await;
        assert_eq!(counts(&job(&owner, id).await), (1, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_dies_loses_nothing_and_does_nothing_twice() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        crowd(&t, &acme, 1100, Role::Member).await;
        let owner = t.enter(&ada, &acme).await;
        let id = bulk::start(&owner, &form(JobKind::EndAccess, 1100), &everybody()).await.unwrap();
        let worker = Worker::new(t.portal());
        assert!(worker.work_next().await.unwrap());
        // Some die while they wait for the database; what they have not committed has not happened.
        for polls in [2, 5, 8, 12] {
            crate::support::cancelled(polls, false, worker.work_next()).await;
            t.settle().await;
            t.pass(Duration::minutes(3));
        }
        let another = Worker::new(&t.another(TestPortal::settings(false)).await);
        while another.work_next().await.unwrap() {}
        let done = job(&t.enter(&ada, &acme).await, id).await;
        assert_eq!((done.state, counts(&done)), (JobState::Done, (1100, 0, 0)));
        let ended = t.journal().await.of(acme.log());
        assert_eq!(ended.iter().filter(|entry| entry.action == "member.access_ended").count(), 1100);
        assert_sound(&t, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn a_job_that_is_stopped_leaves_the_rest_as_it_is() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        crowd(&t, &acme, 600, Role::Member).await;
        let owner = t.enter(&ada, &acme).await;
        let id = bulk::start(&owner, &form(JobKind::Suspend, 600), &everybody()).await.unwrap();
        assert!(Worker::new(t.portal()).work_next().await.unwrap());
        jobs::cancel(&owner, id).await.unwrap();
        assert_eq!(refused(jobs::cancel(&owner, id).await), Problem::Changed);
        work(&t).await;
        let stopped = job(&owner, id).await;
        assert_eq!((stopped.state, counts(&stopped), stopped.counts.left()), (JobState::Cancelled, (500, 0, 0), 100));
        assert_eq!(suspended(&t, &acme).await, 500);
        let undoing = jobs::undo(&owner, id).await.unwrap();
        work(&t).await;
        assert_eq!(counts(&job(&owner, undoing).await), (500, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn roles_that_hold_more_need_a_fresh_proof_and_removals_their_number() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        crowd(&t, &acme, 4, Role::Auditor).await;
        t.pass(Duration::minutes(11));
        let owner = t.enter(&ada, &acme).await;
        assert_eq!(refused(bulk::start(&owner, &role_form(Role::Admin, 4), &everybody()).await), Problem::StepUpFirst);
        let id = bulk::start(&owner, &role_form(Role::Member, 4), &everybody()).await.unwrap();
        work(&t).await;
        assert_eq!(counts(&job(&owner, id).await), (4, 0, 0));
        // To give the roles back is to give more.
        assert_eq!(refused(jobs::undo(&owner, id).await), Problem::StepUpFirst);
        let unknown = BulkForm { role: "king".into(), ..form(JobKind::Role, 4) };
        assert_eq!(field(bulk::start(&owner, &unknown, &everybody()).await, "role"), FieldProblem::UnknownChoice);

        let remove = |confirmation: &str| BulkForm { confirmation: confirmation.into(), ..form(JobKind::Remove, 4) };
        for wrong in ["", "3", "four"] {
            let answer = bulk::start(&owner, &remove(wrong), &everybody()).await;
            assert_eq!(field(answer, "confirmation"), FieldProblem::DoesNotMatch, "{wrong}");
        }
        assert_eq!(refused(bulk::start(&owner, &form(JobKind::Remove, 5), &everybody()).await), Problem::Changed);
        bulk::start(&owner, &remove(" 4 "), &everybody()).await.unwrap();
        work(&t).await;
        assert_eq!(bulk::plan(&owner, JobKind::Remove, &everybody()).await.unwrap().outlook.total, 0);
        assert_sound(&t, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn there_is_an_end_to_what_waits_and_to_what_is_kept() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let one = Selection::These(vec![mia.account]);
        for _ in 0..20 {
            bulk::start(&owner, &form(JobKind::EndAccess, 1), &one).await.unwrap();
        }
        let more: Result<_, Error> = bulk::start(&owner, &form(JobKind::EndAccess, 1), &one).await;
        assert_eq!(refused(more), Problem::JobsWaiting);
        work(&t).await;
        assert_eq!(jobs::list(&owner, None).await.unwrap().total, 20);
        Housekeeping::new(t.portal()).sweep().await.unwrap();
        t.pass(Duration::days(31));
        assert_eq!(work(&t).await, 20);
        let (schema, count) = (acme.schema(), "SELECT count(*) FROM");
        for table in [format!("{schema}.jobs"), format!("{schema}.job_rows"), "platform.job_queue".to_owned()] {
            assert_eq!(t.number(&format!("{count} {table}")).await, 0, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_suspended_organizations_jobs_wait() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let one = Selection::These(vec![mia.account]);
        let id = bulk::start(&owner, &form(JobKind::Suspend, 1), &one).await.unwrap();
        t.sql(&format!("UPDATE platform.tenants SET status = 'suspended' WHERE id = '{}'", acme.id)).await;
        assert_eq!(work(&t).await, 1);
        assert_eq!(suspended(&t, &acme).await, 0);
        t.sql(&format!("UPDATE platform.tenants SET status = 'active' WHERE id = '{}'", acme.id)).await;
        t.pass(Duration::minutes(11));
        assert_eq!(work(&t).await, 1);
        assert_eq!(job(&owner, id).await.state, JobState::Done);
    })
    .await;
}

#[tokio::test]
async fn where_roles_are_approved_many_are_still_demoted_and_no_owner_is() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let owner = t.join(&ada, "Owner", "owner@acme.example", Role::Owner).await;
        let policy = SecurityPolicy { approval_needed: ALL, ..SecurityPolicy::default() };
        put_policy(&t.enter(&w.ada, &w.acme).await, &policy).await.unwrap();
        let ada = t.enter(&w.ada, &w.acme).await;
        let these = |ids: &[AccountId]| Selection::These(ids.to_vec());
        // Ben is an admin, and Mia a member.
        let demoting = bulk::start(&ada, &role_form(Role::Auditor, 1), &these(&[w.ben.account])).await.unwrap();
        let promoting = bulk::start(&ada, &role_form(Role::Admin, 1), &these(&[w.mia.account])).await.unwrap();
        let suspending = bulk::start(&ada, &form(JobKind::Suspend, 1), &these(&[owner.account])).await.unwrap();
        work(&t).await;
        assert_eq!(counts(&job(&ada, demoting).await), (1, 0, 0));
        for id in [promoting, suspending] {
            assert_eq!(counts(&job(&ada, id).await), (0, 0, 1));
            let (_, rows) = jobs::results(&ada, id, None, None).await.unwrap();
            assert_eq!(rows.rows[0].problem, Some(RowProblem::ApprovalFirst));
        }
    })
    .await;
}
