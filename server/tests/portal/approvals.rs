//! Owner approval: what one person does not do alone, who approves it, and what an only owner waits for.

use domain::approvals::{ApprovalNeeded, Quorum, Risk, Standing, State, Verdict, VoteForm};
use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::ids::ApprovalId;
use domain::invitations::InviteForm;
use domain::policy::SecurityPolicy;
use domain::problem::Problem;
use domain::roles::{GroupForm, Role};
use futures::future::join_all;
use server::approvals::{self, Decided, RoleForm};
use server::jobs::Worker;
use server::members::TransferForm;
use server::policy::{EnforceForm, RollBackForm};
use server::roles::Joining;
use server::testing::{Person, TestPortal, World};
use server::{Access, Error, invitations, members, notifications, organizations, policy, roles};
use time::Duration;
use uuid::Uuid;

use crate::support::{accept_as_new, draft_policy, enforce_version, field, names, put_policy, refused};

pub const ALL: ApprovalNeeded = ApprovalNeeded { policy: true, roles: true, deletion: true, exports: true, keys: true };

/// A policy that needs approval for everything.
fn needing() -> SecurityPolicy {
    SecurityPolicy { approval_needed: ALL, ..SecurityPolicy::default() }
}

/// The same, and stricter.
fn stricter() -> SecurityPolicy {
    SecurityPolicy { log_reads: true, ..needing() }
}

/// Acme with so many owners besides Ada, who need each other's approval for everything.
async fn acme_with(t: &TestPortal, owners: usize) -> (World, Vec<Person>) {
    acme_needing(t, owners, &needing()).await
}

/// The same, with another policy.
pub async fn acme_needing(t: &TestPortal, owners: usize, policy: &SecurityPolicy) -> (World, Vec<Person>) {
    let world = t.world().await;
    let ada = t.enter(&world.ada, &world.acme).await;
    let mut others = Vec::new();
    for number in 0..owners {
        others.push(t.join(&ada, "Owner", &format!("owner{number}@acme.example"), Role::Owner).await);
    }
    put_policy(&t.enter(&world.ada, &world.acme).await, policy).await.expect("a policy");
    (world, others)
}

/// Asks for a policy, by a session that was proven just now.
async fn ask_for(t: &TestPortal, w: &World, policy: &SecurityPolicy) -> Result<ApprovalId, Error> {
    let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
    let version = draft_policy(&ada, policy).await?.to_string();
    let form = EnforceForm { version, reason: "The auditors ask for it".to_owned(), ..EnforceForm::default() };
    approvals::ask_to_enforce(&ada, &form).await
}

async fn say(t: &TestPortal, w: &World, who: &Person, id: ApprovalId, verdict: Verdict) -> Result<Decided, Error> {
    let access = t.enter(&t.sign_in(&who.email).await, &w.acme).await;
    approvals::decide(&access, id, verdict, &VoteForm { note: "As agreed".to_owned() }).await
}

pub async fn approve(t: &TestPortal, w: &World, who: &Person, id: ApprovalId) -> Result<Decided, Error> {
    say(t, w, who, id, Verdict::Approve).await
}

pub async fn standing(t: &TestPortal, w: &World, id: ApprovalId) -> Standing {
    approvals::lookup(&t.enter(&w.ben, &w.acme).await, id).await.expect("a request").request.standing
}

async fn in_force(t: &TestPortal, w: &World) -> SecurityPolicy {
    t.enter(&w.ben, &w.acme).await.enforced().document().clone()
}

/// What somebody was told, the newest first.
pub async fn told(t: &TestPortal, who: &Person) -> Vec<String> {
    let page = notifications::list(&t.request(), &t.returning(who).await, None).await.expect("notifications");
    page.rows.into_iter().map(|row| row.news.describe(str::to_owned)).collect()
}

async fn role_of(t: &TestPortal, w: &World, who: &Person) -> String {
    let access = t.enter(&w.ben, &w.acme).await;
    members::lookup(&access, who.account).await.expect("a member").role.code()
}

pub async fn work(t: &TestPortal) {
    while Worker::new(t.portal()).work_next().await.expect("the database answers") {}
}

fn over(state: State) -> Standing {
    Standing::Over(state)
}

#[tokio::test]
async fn where_it_is_needed_nothing_of_it_is_done_at_once() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let ada = async || t.enter(&w.ada, &w.acme).await;
        let group = GroupForm { name: "Board".into(), roles: vec!["admin".into()], ..GroupForm::default() };
        let group = roles::create_group(&ada().await, &group).await.expect("a group with nobody in it");
        let before = t.journal().await;
        let version = draft_policy(&ada().await, &stricter()).await.unwrap();
        assert_eq!(refused(enforce_version(&ada().await, version).await), Problem::ApprovalFirst);
        let back = RollBackForm { revision: "1".into(), reason: String::new() };
        assert_eq!(refused(policy::roll_back(&ada().await, 0, &back).await), Problem::ApprovalFirst);
        for role in [Role::Admin, Role::Owner] {
            let changed = members::change_role(&ada().await, w.mia.account, role).await;
            assert_eq!(refused(changed), Problem::ApprovalFirst, "{role:?}");
            let form = InviteForm { email: "new@acme.example".into(), role: role.code().into() };
            let invited = invitations::invite(&ada().await, &form).await;
            assert_eq!(field(invited, "role"), FieldProblem::ApprovalFirst, "{role:?}");
        }
        let joined = roles::add_member(&ada().await, group, Joining::Id(w.mia.account)).await;
        assert_eq!(field(joined, "email"), FieldProblem::ApprovalFirst);
        let form =
            TransferForm { member: w.mia.account.to_string(), confirmation: "Acme".into(), ..Default::default() };
        assert_eq!(refused(members::transfer(&ada().await, &form).await), Problem::ApprovalFirst);
        let other = others[0].account;
        let demoted = members::change_role(&ada().await, other, Role::Admin).await;
        assert_eq!(refused(demoted), Problem::ApprovalFirst, "nobody makes themselves an only owner");
        assert_eq!(refused(members::suspend(&ada().await, other).await), Problem::ApprovalFirst);
        assert_eq!(refused(members::remove(&ada().await, other, |_| Ok(())).await), Problem::ApprovalFirst);
        let deleted = organizations::schedule_deletion(&ada().await, "Acme").await;
        assert_eq!(refused(deleted), Problem::ApprovalFirst);
        let entries = t.journal().await.since(&before);
        assert_eq!(names(&entries), [("policy.drafted", Outcome::Done)]);
        // What gives nobody more to administer is done as ever, and so is everything elsewhere.
        members::change_role(&ada().await, w.mia.account, Role::Auditor).await.unwrap();
        put_policy(&t.enter(&w.gus, &w.globex).await, &stricter()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn another_owner_approves_and_it_is_done_for_whoever_has_asked() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let id = ask_for(&t, &w, &stricter()).await.unwrap();
        let ben = t.enter(&w.ben, &w.acme).await;
        let detail = approvals::lookup(&ben, id).await.unwrap();
        assert_eq!((detail.request.risk, detail.quorum), (Risk::Low, Quorum::Approvals(1)));
        assert_eq!(detail.changes.iter().map(|change| change.setting.code).collect::<Vec<_>>(), ["log_reads"]);
        assert!(detail.request.replay.is_some_and(|found| found.denied == 0));
        assert!(!detail.may_decide && !detail.may_cancel, "an admin looks on");
        assert_eq!(
            told(&t, &others[0]).await[0],
            "Ada Lovelace asks for approval in Acme: Enforce the security policy."
        );

        let before = t.journal().await;
        assert_eq!(refused(approve(&t, &w, &w.ada, id).await), Problem::Forbidden, "not one’s own");
        assert_eq!(refused(approve(&t, &w, &w.ben, id).await), Problem::Forbidden, "no owner");
        assert_eq!(in_force(&t, &w).await, needing());
        assert_eq!(approve(&t, &w, &others[0], id).await.unwrap(), Decided::CarriedOut);
        assert_eq!(in_force(&t, &w).await, stricter());
        let entries: Vec<_> = t.journal().await.since(&before);
        let entries: Vec<_> = entries.into_iter().filter(|entry| entry.log == w.acme.log()).collect();
        assert_eq!(
            names(&entries),
            [
                ("approval.approved", Outcome::Denied),
                ("approval.approved", Outcome::Denied),
                ("approval.approved", Outcome::Done),
                ("approval.carried_out", Outcome::Done),
                ("policy.changed", Outcome::Done),
            ]
        );
        let actor = format!(
            "SELECT actor_id::text FROM {}.audit_entries WHERE action = 'policy.changed' ORDER BY index DESC LIMIT 1",
            w.acme.schema()
        );
        assert_eq!(t.text(&actor).await, w.ada.account.to_string());
        assert_eq!(told(&t, &w.ada).await[0], "What you asked for in Acme is done: Enforce the security policy.");
        assert_eq!(standing(&t, &w, id).await, over(State::CarriedOut));
        assert_eq!(refused(approve(&t, &w, &others[0], id).await), Problem::Changed, "once");
    })
    .await;
}

#[tokio::test]
async fn one_denial_is_enough_and_who_has_asked_can_cancel() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 2).await;
        let id = ask_for(&t, &w, &stricter()).await.unwrap();
        assert_eq!(ask_for(&t, &w, &stricter()).await.unwrap(), id, "the same is not asked for twice");
        let owner = t.enter(&t.sign_in(&others[0].email).await, &w.acme).await;
        let silent = approvals::decide(&owner, id, Verdict::Deny, &VoteForm::default()).await;
        assert_eq!(field(silent, "note"), FieldProblem::Required);
        assert_eq!(refused(approvals::cancel(&owner, id).await), Problem::Forbidden, "it is not theirs");
        assert_eq!(say(&t, &w, &others[0], id, Verdict::Deny).await.unwrap(), Decided::Denied);
        assert_eq!(refused(approve(&t, &w, &others[1], id).await), Problem::Changed);
        assert_eq!(told(&t, &w.ada).await[0], "Owner denied what you asked for in Acme: Enforce the security policy.");

        let id = ask_for(&t, &w, &SecurityPolicy { invitation_days: 3, ..needing() }).await.unwrap();
        approvals::cancel(&t.enter(&w.ada, &w.acme).await, id).await.unwrap();
        assert_eq!(standing(&t, &w, id).await, over(State::Cancelled));
        assert_eq!(refused(approve(&t, &w, &others[1], id).await), Problem::Changed);
        assert_eq!(in_force(&t, &w).await, needing());
    })
    .await;
}

#[tokio::test]
async fn of_three_owners_two_approve_what_weakens_and_one_who_is_none_any_more_does_not_count() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 3).await;
        // Not even what is needed for less is done by one.
        let id = ask_for(&t, &w, &SecurityPolicy::default()).await.unwrap();
        let detail = approvals::lookup(&t.enter(&w.ben, &w.acme).await, id).await.unwrap();
        assert_eq!((detail.request.risk, detail.quorum), (Risk::High, Quorum::Approvals(2)));
        assert_eq!(approve(&t, &w, &others[0], id).await.unwrap(), Decided::Counted);
        assert_eq!(refused(approve(&t, &w, &others[0], id).await), Problem::Changed, "nobody counts twice");
        let owner = t.enter(&t.sign_in(&others[0].email).await, &w.acme).await;
        members::change_role(&owner, others[0].account, Role::Admin).await.expect("nobody has to stay an owner");
        assert_eq!(approve(&t, &w, &others[1], id).await.unwrap(), Decided::Counted);
        assert_eq!(in_force(&t, &w).await, needing());
        assert_eq!(approve(&t, &w, &others[2], id).await.unwrap(), Decided::CarriedOut);
        assert_eq!(in_force(&t, &w).await, SecurityPolicy::default());
    })
    .await;
}

#[tokio::test]
async fn what_was_overtaken_is_asked_for_anew_and_what_nobody_decides_expires() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let first = ask_for(&t, &w, &stricter()).await.unwrap();
        let second = ask_for(&t, &w, &SecurityPolicy { invitation_days: 3, ..needing() }).await.unwrap();
        approve(&t, &w, &others[0], first).await.unwrap();
        assert_eq!(standing(&t, &w, second).await, Standing::Stale);
        assert_eq!(refused(approve(&t, &w, &others[0], second).await), Problem::Changed);
        assert_eq!(in_force(&t, &w).await, stricter());

        let third = ask_for(&t, &w, &SecurityPolicy { invitation_days: 3, ..stricter() }).await.unwrap();
        t.pass(Duration::days(7));
        assert_eq!(refused(approve(&t, &w, &others[0], third).await), Problem::Changed);
        let ben = t.enter(&t.sign_in(&w.ben.email).await, &w.acme).await;
        let list = approvals::list(&ben, None).await.unwrap();
        assert!(list.waiting.is_empty());
        let states: Vec<_> = list.past.rows.iter().map(|request| request.standing).collect();
        assert_eq!(states, [Standing::Expired, Standing::Expired, over(State::CarriedOut)]);
    })
    .await;
}

#[tokio::test]
async fn two_last_approvals_at_once_do_it_once() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 2).await;
        let id = ask_for(&t, &w, &stricter()).await.unwrap();
        let before = t.journal().await;
        let said = join_all(others.iter().map(|owner| approve(&t, &w, owner, id))).await;
        let done = said.iter().filter(|answer| matches!(answer, Ok(Decided::CarriedOut))).count();
        let late = said.iter().filter(|answer| matches!(answer, Err(Error::Refused(Problem::Changed)))).count();
        assert_eq!((done, late), (1, 1), "{said:?}");
        let entries = t.journal().await.since(&before);
        assert_eq!(entries.iter().filter(|entry| entry.action == "policy.changed").count(), 1);
        assert_eq!(policy::view(&t.enter(&w.ben, &w.acme).await).await.unwrap().enforced, 2);
    })
    .await;
}

/// Asks that somebody get a role.
async fn ask_for_role(t: &TestPortal, w: &World, who: &Person, role: Role) -> Result<ApprovalId, Error> {
    let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
    let form = RoleForm { role: role.code().to_owned(), reason: "She runs the office".to_owned() };
    approvals::ask_to_set_role(&ada, who.account, &form).await
}

#[tokio::test]
async fn a_role_is_given_by_what_whoever_has_asked_may_do_then() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 2).await;
        assert_eq!(
            refused(ask_for_role(&t, &w, &w.mia, Role::Auditor).await),
            Problem::Changed,
            "nobody has to approve"
        );
        let admin = ask_for_role(&t, &w, &w.mia, Role::Admin).await.unwrap();
        assert_eq!(approve(&t, &w, &others[0], admin).await.unwrap(), Decided::CarriedOut);
        assert_eq!(role_of(&t, &w, &w.mia).await, "admin");

        let owner = ask_for_role(&t, &w, &w.mia, Role::Owner).await.unwrap();
        assert_eq!(approve(&t, &w, &others[0], owner).await.unwrap(), Decided::Counted, "an owner needs two");
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        members::change_role(&ada, w.ada.account, Role::Admin).await.unwrap();
        let before = t.journal().await;
        assert_eq!(approve(&t, &w, &others[1], owner).await.unwrap(), Decided::Lapsed, "Ada may not any more");
        assert_eq!(role_of(&t, &w, &w.mia).await, "admin");
        assert_eq!(standing(&t, &w, owner).await, over(State::Lapsed));
        let votes = approvals::lookup(&t.enter(&w.ben, &w.acme).await, owner).await.unwrap().votes;
        assert_eq!(votes.len(), 2, "what came to nothing was said");
        let entries = t.journal().await.since(&before);
        let entries: Vec<_> = entries.into_iter().filter(|entry| entry.log == w.acme.log()).collect();
        let done = ["approval.approved", "approval.lapsed"].map(|action| (action, Outcome::Done));
        assert_eq!(names(&entries), done, "who is not there has tried nothing");
        let said = "What you asked for in Acme could not be done: Give or take an administering role.";
        assert_eq!(told(&t, &w.ada).await[0], said);
        assert_eq!(refused(approve(&t, &w, &others[1], owner).await), Problem::Changed);
    })
    .await;
}

#[tokio::test]
async fn the_organization_is_deleted_when_another_owner_approves() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let wrong = approvals::ask_to_delete(&ada, "Globex", "We merge").await;
        assert_eq!(field(wrong, "confirmation"), FieldProblem::DoesNotMatch);
        assert_eq!(field(approvals::ask_to_delete(&ada, "Acme", " ").await, "reason"), FieldProblem::Required);
        let id = approvals::ask_to_delete(&ada, "Acme", "We merge").await.unwrap();
        assert!(t.try_enter(&w.mia, "acme").await.is_ok());
        assert_eq!(approve(&t, &w, &others[0], id).await.unwrap(), Decided::CarriedOut);
        assert_eq!(refused(t.try_enter(&w.mia, "acme").await), Problem::OrganizationDeleting);
        assert!(t.try_enter(&w.gus, "globex").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_only_owner_waits_a_day_can_cancel_and_is_not_called_approved() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 0).await;
        let id = ask_for(&t, &w, &stricter()).await.unwrap();
        let detail = approvals::lookup(&t.enter(&w.ada, &w.acme).await, id).await.unwrap();
        assert_eq!(detail.quorum, Quorum::Delay(Duration::hours(24)));
        assert!(detail.may_cancel && !detail.may_decide);
        let said = "Ada Lovelace asks for this in Acme, where too few owners can approve it. It takes effect in 24 hours \
                    unless it is cancelled: Enforce the security policy.";
        for person in [&w.ada, &w.ben] {
            assert_eq!(told(&t, person).await[0], said);
        }
        assert!(told(&t, &w.mia).await.is_empty());
        t.pass(Duration::hours(23));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, needing());
        let before = t.journal().await;
        t.pass(Duration::hours(1));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, stricter());
        let entries = t.journal().await.since(&before);
        let acts: Vec<_> = names(&entries).into_iter().filter(|(name, _)| !name.starts_with("session")).collect();
        assert_eq!(acts, [("approval.carried_out", Outcome::Done), ("policy.changed", Outcome::Done)]);

        let id = ask_for(&t, &w, &SecurityPolicy { invitation_days: 3, ..stricter() }).await.unwrap();
        approvals::cancel(&t.enter(&w.ada, &w.acme).await, id).await.unwrap();
        t.pass(Duration::hours(25));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, stricter());
    })
    .await;
}

#[tokio::test]
async fn where_there_is_another_owner_by_then_time_alone_is_not_enough() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 0).await;
        let id = ask_for(&t, &w, &stricter()).await.unwrap();
        let promote = "UPDATE {schema}.members SET role = 'owner' WHERE account_id = '{account}'";
        let promote = promote.replace("{schema}", &w.acme.schema()).replace("{account}", &w.mia.account.to_string());
        t.sql(&promote).await;
        t.pass(Duration::hours(25));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, needing());
        assert_eq!(standing(&t, &w, id).await, Standing::Waiting);
        assert_eq!(approve(&t, &w, &w.mia, id).await.unwrap(), Decided::CarriedOut);
        assert_eq!(in_force(&t, &w).await, stricter());
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_done_when_its_time_has_come_is_not_tried_for_ever() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 0).await;
        let id = ask_for_role(&t, &w, &w.mia, Role::Admin).await.unwrap();
        let ada = t.enter(&w.ada, &w.acme).await;
        members::change_role(&ada, w.mia.account, Role::Auditor).await.unwrap();
        t.pass(Duration::hours(25));
        work(&t).await;
        assert_eq!(standing(&t, &w, id).await, over(State::Lapsed));
        assert_eq!(role_of(&t, &w, &w.mia).await, "auditor");
        let said = "What you asked for in Acme could not be done: Give or take an administering role.";
        assert_eq!(told(&t, &w.ada).await[0], said);
    })
    .await;
}

#[tokio::test]
async fn requests_of_other_organizations_are_not_found() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 1).await;
        let id = ask_for(&t, &w, &stricter()).await.unwrap();
        let unknown = ApprovalId(Uuid::from_bytes(t.random()));
        let gus = async || t.enter(&w.gus, &w.globex).await;
        for id in [id, unknown] {
            assert_eq!(refused(approvals::lookup(&gus().await, id).await), Problem::NotFound);
            for verdict in [Verdict::Approve, Verdict::Deny] {
                let said = approvals::decide(&gus().await, id, verdict, &VoteForm::default()).await;
                assert_eq!(refused(said), Problem::NotFound);
            }
            assert_eq!(refused(approvals::cancel(&gus().await, id).await), Problem::NotFound);
        }
        // Who may not see those of others does not learn that there are any.
        let mia: Access = t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(approvals::lookup(&mia, id).await), Problem::NotFound);
        assert_eq!(refused(approvals::cancel(&mia, id).await), Problem::NotFound);
        assert!(approvals::list(&mia, None).await.unwrap().waiting.is_empty());
        assert!(approvals::list(&gus().await, None).await.unwrap().waiting.is_empty());
        assert_eq!(standing(&t, &w, id).await, Standing::Waiting);
    })
    .await;
}

/// Asks for a policy, by an admin whose session was proven just now.
async fn ask_as_admin(t: &TestPortal, w: &World, policy: &SecurityPolicy) -> ApprovalId {
    let ben = t.enter(&t.sign_in(&w.ben.email).await, &w.acme).await;
    let version = draft_policy(&ben, policy).await.unwrap().to_string();
    let form = EnforceForm { version, reason: "It is safer".to_owned(), ..EnforceForm::default() };
    approvals::ask_to_enforce(&ben, &form).await.unwrap()
}

#[tokio::test]
async fn a_second_account_of_an_only_owner_spares_them_no_delay() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 0).await;
        let id = ask_as_admin(&t, &w, &stricter()).await;
        let detail = approvals::lookup(&t.enter(&w.ada, &w.acme).await, id).await.unwrap();
        assert_eq!(detail.quorum, Quorum::Delay(Duration::hours(24)));
        assert_eq!(approve(&t, &w, &w.ada, id).await.unwrap(), Decided::Counted);
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, needing());
        t.pass(Duration::hours(24));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, stricter());

        let id = ask_as_admin(&t, &w, &SecurityPolicy { invitation_days: 3, ..stricter() }).await;
        assert_eq!(say(&t, &w, &w.ada, id, Verdict::Deny).await.unwrap(), Decided::Denied, "the owner says no");
        t.pass(Duration::hours(25));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, stricter());
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_both_approve_what_an_admin_asks_for() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let id = ask_as_admin(&t, &w, &stricter()).await;
        assert_eq!(approve(&t, &w, &w.ada, id).await.unwrap(), Decided::Counted);
        assert_eq!(in_force(&t, &w).await, needing());
        assert_eq!(approve(&t, &w, &others[0], id).await.unwrap(), Decided::CarriedOut);
    })
    .await;
}

#[tokio::test]
async fn ownership_is_taken_when_a_third_owner_approves_and_whom_it_is_taken_from_has_no_say() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 2).await;
        let id = ask_for_role(&t, &w, &others[0], Role::Member).await.unwrap();
        for verdict in [Verdict::Approve, Verdict::Deny] {
            assert_eq!(refused(say(&t, &w, &others[0], id, verdict).await), Problem::Forbidden);
        }
        assert_eq!(approve(&t, &w, &others[1], id).await.unwrap(), Decided::CarriedOut);
        assert_eq!(role_of(&t, &w, &others[0]).await, "member");
        let ada = t.enter(&w.ada, &w.acme).await;
        members::suspend(&ada, others[0].account).await.expect("no owner any more");
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_one_waits_a_day_to_take_it_from_the_other_who_can_say_no() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let id = ask_for_role(&t, &w, &others[0], Role::Member).await.unwrap();
        let owner = t.enter(&others[0], &w.acme).await;
        let detail = approvals::lookup(&owner, id).await.unwrap();
        assert_eq!((detail.quorum, detail.may_decide), (Quorum::Delay(Duration::hours(24)), true));
        assert_eq!(say(&t, &w, &others[0], id, Verdict::Deny).await.unwrap(), Decided::Denied);
        t.pass(Duration::hours(25));
        work(&t).await;
        assert_eq!(role_of(&t, &w, &others[0]).await, "owner");

        ask_for_role(&t, &w, &others[0], Role::Member).await.unwrap();
        t.pass(Duration::hours(25));
        work(&t).await;
        assert_eq!(role_of(&t, &w, &others[0]).await, "member");
    })
    .await;
}

#[tokio::test]
async fn what_a_second_owner_kept_waiting_goes_on_when_they_have_left() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 0).await;
        ask_for(&t, &w, &stricter()).await.unwrap();
        let as_a = |role: &str| {
            let (schema, account) = (w.acme.schema(), w.mia.account);
            format!("UPDATE {schema}.members SET role = '{role}' WHERE account_id = '{account}'")
        };
        t.sql(&as_a("owner")).await;
        t.pass(Duration::hours(24));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, needing());
        t.sql(&as_a("member")).await;
        t.pass(Duration::hours(1));
        work(&t).await;
        assert_eq!(in_force(&t, &w).await, stricter());
    })
    .await;
}

#[tokio::test]
async fn nobody_fills_the_list_for_all_others() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 1).await;
        let asked = async |days| {
            let policy = SecurityPolicy { invitation_days: days, ..needing() };
            ask_for(&t, &w, &policy).await
        };
        for days in 1..=5 {
            asked(days).await.unwrap();
        }
        assert_eq!(field(asked(6).await, "reason"), FieldProblem::TooManyOfThem(5));
        ask_as_admin(&t, &w, &stricter()).await;
    })
    .await;
}

#[tokio::test]
async fn approval_of_one_thing_is_no_good_where_owners_are_made_at_will() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        for needed in [
            ApprovalNeeded { policy: true, ..ApprovalNeeded::default() },
            ApprovalNeeded { deletion: true, ..ApprovalNeeded::default() },
            ApprovalNeeded { exports: true, ..ApprovalNeeded::default() },
            ApprovalNeeded { keys: true, ..ApprovalNeeded::default() },
        ] {
            let policy = SecurityPolicy { approval_needed: needed, ..SecurityPolicy::default() };
            assert_eq!(field(put_policy(&ada, &policy).await, "approval_needed"), FieldProblem::RolesFirst);
        }
        let ben = t.enter(&w.ben, &w.acme).await;
        assert_eq!(field(put_policy(&ben, &needing()).await, "approval_needed"), FieldProblem::OwnersOnly);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_from_before_gives_no_role_that_is_approved_by_now() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let (email, role) = ("early@acme.example", Role::Admin);
        let admin = t.invite(&ada, email, role).await;
        let plain = t.invite(&ada, "plain@acme.example", Role::Member).await;
        put_policy(&ada, &needing()).await.unwrap();
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(refused(invitations::resend(&ada, admin).await), Problem::RoleNeedsApproval);
        assert_eq!(refused(invitations::copy_link(&ada, admin).await.map(|_| ())), Problem::RoleNeedsApproval);
        let secret = t.secret_for(email).await;
        assert_eq!(refused(accept_as_new(&t, &secret).await), Problem::RoleNeedsApproval);
        invitations::copy_link(&ada, plain).await.expect("that is as it was");
        accept_as_new(&t, &t.secret_for("plain@acme.example").await).await.expect("that is as it was");
    })
    .await;
}
