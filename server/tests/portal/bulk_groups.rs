//! Many members into a group, and out of it.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::ids::{GroupId, JobId};
use domain::jobs::{Job, JobKind, JobState, RowOutcome, RowProblem};
use domain::members::MemberQuery;
use domain::problem::Problem;
use domain::roles::{GroupForm, Role, RoleForm};
use server::jobs::{self, Worker};
use server::members::bulk::{self, BulkForm, Selection};
use server::roles::{self, Joining};
use server::testing::{TestPortal, World};
use server::{Access, Error, members};
use time::Duration;

use crate::bulk::crowd;
use crate::support::{field, names, refused};

async fn work(t: &TestPortal) {
    let worker = Worker::new(t.portal());
    while worker.work_next().await.expect("a batch") {}
}

fn all() -> Selection {
    Selection::Matching(MemberQuery::default())
}

async fn start(access: &Access, kind: JobKind, group: impl ToString) -> Result<JobId, Error> {
    let expected = bulk::plan(access, kind, &all()).await?.outlook.total.to_string();
    let form = BulkForm { kind, role: String::new(), group: group.to_string(), expected, confirmation: String::new() };
    bulk::start(access, &form, &all()).await
}

async fn group(access: &Access, name: &str, roles: &[&str]) -> GroupId {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let form = GroupForm { name: name.to_owned(), roles, ..GroupForm::default() };
    roles::create_group(access, &form).await.expect("a group")
}

async fn counts(access: &Access, id: JobId) -> (u64, u64, u64) {
    let Job { counts, state, .. } = jobs::lookup(access, id).await.expect("a job");
    assert_eq!(state, JobState::Done);
    (counts.changed, counts.unchanged, counts.refused)
}

async fn inside(access: &Access, group: GroupId) -> u64 {
    let query = MemberQuery { group: Some(group), ..MemberQuery::default() };
    members::list(access, &query).await.expect("a list").total
}

#[tokio::test]
async fn all_come_into_a_group_leave_it_and_both_can_be_undone() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let readers = group(&owner, "Readers", &["auditor"]).await;
        roles::add_member(&owner, readers, Joining::Id(mia.account)).await.unwrap();
        let (owner, journal) = (t.enter(&ada, &acme).await, t.journal().await);
        let joined = start(&owner, JobKind::Join, readers).await.unwrap();
        work(&t).await;
        // Mia was in it, and nobody hits themselves with a blow at many.
        assert_eq!(counts(&owner, joined).await, (1, 1, 1));
        let entries = t.journal().await.since(&journal);
        let expected = [("job.started", Outcome::Done), ("group.member_added", Outcome::Done)];
        assert_eq!(names(&entries), expected);
        assert_eq!(inside(&owner, readers).await, 2);
        assert_eq!(t.enter(&ben, &acme).await.book().carried(readers), Role::Auditor.permissions());

        let undone = jobs::undo(&owner, joined).await.unwrap();
        work(&t).await;
        assert_eq!((counts(&owner, undone).await, inside(&owner, readers).await), ((1, 0, 0), 1));
        let left = start(&owner, JobKind::Leave, readers).await.unwrap();
        work(&t).await;
        assert_eq!((counts(&owner, left).await, inside(&owner, readers).await), ((1, 1, 1), 0));
        let back = jobs::undo(&owner, left).await.unwrap();
        work(&t).await;
        assert_eq!((counts(&owner, back).await, inside(&owner, readers).await), ((1, 0, 0), 1));
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_by_a_group_what_they_do_not_hold_or_have_not_proven() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, ben, mia, gus } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let (officers, readers) = (
            group(&owner, "Officers", &["admin", "security_officer"]).await,
            group(&owner, "Readers", &["auditor"]).await,
        );
        let keeper = RoleForm {
            name: "Keeper".into(),
            permissions: vec!["groups.manage".into(), "members.manage".into()],
            parents: vec!["auditor".into()],
            ..RoleForm::default()
        };
        let keeper = roles::create(&owner, &keeper).await.unwrap();
        members::change_role(&t.enter(&ada, &acme).await, ben.account, keeper).await.unwrap();
        let by_ben = t.enter(&ben, &acme).await;
        assert_eq!(refused(start(&by_ben, JobKind::Join, officers).await), Problem::Forbidden);
        assert_eq!(refused(start(&by_ben, JobKind::Leave, officers).await), Problem::Forbidden);
        let unknown = GroupId(uuid::Uuid::nil());
        assert_eq!(field(start(&by_ben, JobKind::Join, unknown).await, "group"), FieldProblem::UnknownChoice);
        // Whoever may fill groups and not see members learns no names this way.
        let blind = RoleForm { name: "Blind".into(), permissions: vec!["groups.manage".into()], ..RoleForm::default() };
        let blind = roles::create(&t.enter(&ada, &acme).await, &blind).await.unwrap();
        members::change_role(&t.enter(&ada, &acme).await, mia.account, blind).await.unwrap();
        let by_mia = t.enter(&mia, &acme).await;
        assert_eq!(refused(bulk::plan(&by_mia, JobKind::Join, &all()).await), Problem::Forbidden);
        assert_eq!(refused(bulk::plan(&by_mia, JobKind::Leave, &all()).await), Problem::Forbidden);
        assert_eq!(refused(start(&by_mia, JobKind::Join, readers).await), Problem::Forbidden);
        let by_gus = t.enter(&gus, &globex).await;
        assert_eq!(field(start(&by_gus, JobKind::Join, readers).await, "group"), FieldProblem::UnknownChoice);

        // What is judged when its turn comes: the group has grown above Ben, or is gone.
        let grown = start(&by_ben, JobKind::Join, readers).await.unwrap();
        let owner = t.enter(&ada, &acme).await;
        let revision = owner.book().group(readers).unwrap().revision.to_string();
        let more = GroupForm { name: "Readers".into(), roles: vec!["admin".into()], revision, ..GroupForm::default() };
        roles::save_group(&owner, readers, &more).await.unwrap();
        work(&t).await;
        assert_eq!(counts(&owner, grown).await.0, 0);
        let owner = t.enter(&ada, &acme).await;
        let gone = start(&owner, JobKind::Join, officers).await.unwrap();
        roles::delete_group(&t.enter(&ada, &acme).await, officers).await.unwrap();
        work(&t).await;
        let (_, rows) = jobs::results(&owner, gone, Some(RowOutcome::Refused), None).await.unwrap();
        assert!(rows.rows.iter().any(|row| row.problem == Some(RowProblem::UnknownGroup)));

        t.pass(Duration::hours(1));
        let owner = t.enter(&ada, &acme).await;
        assert_eq!(refused(start(&owner, JobKind::Join, readers).await), Problem::StepUpFirst);
        start(&owner, JobKind::Leave, readers).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_happens_to_others_in_groups_keeps_nobody_from_looking_back() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let readers = group(&owner, "Readers", &["auditor"]).await;
        roles::add_member(&t.enter(&ada, &acme).await, readers, Joining::Id(mia.account)).await.unwrap();
        t.pass(Duration::minutes(1));
        let then = t.request().now;
        t.pass(Duration::minutes(1));
        crowd(&t, &acme, 2_500, Role::Member).await;
        let crowd = Selection::Matching(MemberQuery { search: Some("@crowd".into()), ..MemberQuery::default() });
        for kind in [JobKind::Join, JobKind::Leave].into_iter().cycle().take(8) {
            let owner = t.enter(&ada, &acme).await;
            let form = BulkForm {
                kind,
                role: String::new(),
                group: readers.to_string(),
                expected: "2500".to_owned(),
                confirmation: String::new(),
            };
            bulk::start(&owner, &form, &crowd).await.unwrap();
            work(&t).await;
        }
        // That a group is gone is no more than that each has left it.
        let owner = t.enter(&ada, &acme).await;
        roles::delete_group(&owner, readers).await.unwrap();
        let owner = t.enter(&ada, &acme).await;
        let past = roles::at(&owner, mia.account, then).await.unwrap();
        assert_eq!(past.groups(), [readers]);
        assert_eq!(past.permissions(), Role::Auditor.permissions());
        let now = roles::at(&owner, mia.account, t.request().now).await.unwrap();
        assert_eq!(now.permissions(), Role::Member.permissions());
    })
    .await;
}
