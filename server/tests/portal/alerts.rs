//! What officers do about alerts, and what nobody else does.

use domain::audit::Outcome;
use domain::detections::{AlertQuery, AlertState, Containment, Resolution, Rule, Tuning};
use domain::fields::FieldProblem;
use domain::ids::AlertId;
use domain::members::MemberStatus;
use domain::policy::Staleness;
use domain::problem::Problem;
use domain::roles::Role;
use server::alerts::{self, AssignForm, ContainForm, NoteForm, ResolveForm, TuneForm};
use server::testing::{Person, TestPortal, World};
use server::{Access, Error, members, notifications};
use time::Duration;
use uuid::Uuid;

use crate::detections::{guess, look, of_rule, overreach};
use crate::session_limits::comes;
use crate::support::{field, names, refused};

/// An officer of Acme's, and an alert about Mia.
async fn alarm(t: &TestPortal, w: &World) -> (Person, AlertId) {
    let ada = t.enter(&w.ada, &w.acme).await;
    let ola = t.join(&ada, "Ola Officer", "ola@acme.example", Role::SecurityOfficer).await;
    overreach(t, &w.mia, &w.acme, 10).await;
    look(t).await;
    (ola, of_rule(t, &w.ada, &w.acme, Rule::DeniedSpike).await[0].id)
}

fn note(text: &str) -> NoteForm {
    NoteForm { note: text.to_owned() }
}

fn resolution(resolution: Resolution) -> ResolveForm {
    ResolveForm { resolution: resolution.code().to_owned(), ..ResolveForm::default() }
}

fn form(containment: Containment) -> ContainForm {
    ContainForm { containment: containment.code().to_owned() }
}

async fn suspend(access: &Access, id: AlertId) -> Result<(), Error> {
    alerts::contain(access, id, form(Containment::Suspend)).await
}

async fn release(access: &Access, id: AlertId) -> Result<(), Error> {
    alerts::release(access, id, form(Containment::Suspend)).await
}

/// Everything that can be done with an alert, and what came of each.
async fn everything(access: &Access, id: AlertId, assignee: &Person) -> Vec<Result<(), Error>> {
    let assign = AssignForm { assignee: assignee.account.to_string(), ..AssignForm::default() };
    vec![
        alerts::acknowledge(access, id, note("")).await,
        alerts::assign(access, id, assign).await,
        alerts::note(access, id, note("Looks odd")).await,
        alerts::contain(access, id, form(Containment::EndSessions)).await,
        suspend(access, id).await,
        release(access, id).await,
        alerts::resolve(access, id, resolution(Resolution::FalseAlarm)).await,
        alerts::reopen(access, id, note("")).await,
    ]
}

/// What was told to somebody.
async fn told(t: &TestPortal, who: &Person) -> Vec<(String, Option<String>)> {
    let page = notifications::list(&t.request(), &t.returning(who).await, None).await.expect("notifications");
    page.rows.into_iter().map(|row| (row.news.describe(str::to_owned), row.path)).collect()
}

#[tokio::test]
async fn an_officer_looks_after_an_alert_from_its_beginning_to_its_end() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, id) = alarm(&t, &w).await;
        let access = t.enter(&ola, &w.acme).await;
        let before = t.journal().await;
        assert!(everything(&access, id, &w.ben).await.iter().all(Result::is_ok));
        let entries = t.journal().await.since(&before);
        let done = [
            "alert.acknowledged",
            "alert.assigned",
            "alert.noted",
            "member.access_ended",
            "alert.contained",
            "member.suspended",
            "alert.contained",
            "member.resumed",
            "alert.released",
            "alert.resolved",
            "alert.reopened",
        ];
        assert_eq!(names(&entries), done.map(|action| (action, Outcome::Done)));
        let detail = alerts::lookup(&t.enter_to_read(&ola, &w.acme).await, id).await.unwrap();
        assert_eq!((detail.alert.state, detail.alert.resolution), (AlertState::Open, None));
        assert_eq!(detail.alert.assigned_to, Some((w.ben.account, Some(w.ben.name.clone()))));
        assert!(detail.alert.sessions_ended_at.is_some() && !detail.alert.suspended);
        assert_eq!(detail.facts.len(), 10);
        assert!(detail.facts.iter().all(|fact| fact.account == Some(w.mia.account)));
        let history: Vec<_> = detail.history.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!((history.first(), history.last()), (Some(&"alert.reopened"), Some(&"alert.raised")));
        assert!(detail.history.iter().any(|entry| entry.reason.as_deref() == Some("Looks odd")));
        let officers: Vec<_> = detail.officers.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(officers, ["Ada Lovelace", "Ben Bitdiddle", "Ola Officer"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_may_respond_is_told_and_nobody_else() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, id) = alarm(&t, &w).await;
        let said =
            ("There is an alert in Acme: Many denials.".to_owned(), Some(format!("/o/acme/security/alerts/{id}")));
        for person in [&w.ada, &w.ben, &ola] {
            assert!(told(&t, person).await.contains(&said), "{}", person.name);
        }
        for person in [&w.mia, &w.gus] {
            assert_eq!(told(&t, person).await, [], "{}", person.name);
        }
    })
    .await;
}

#[tokio::test]
async fn an_auditor_reads_alerts_and_a_member_does_not() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (_, id) = alarm(&t, &w).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let aud = t.join(&ada, "Aud Auditor", "aud@acme.example", Role::Auditor).await;
        let access = t.enter(&aud, &w.acme).await;
        assert!(alerts::list(&access, &AlertQuery::default()).await.unwrap().rows.iter().any(|alert| alert.id == id));
        let detail = alerts::lookup(&access, id).await.unwrap();
        assert!(detail.containments.iter().all(|(_, _, why_not)| why_not.is_some()), "{:?}", detail.containments);
        assert!(alerts::rules(&access).await.is_ok());
        let before = t.journal().await;
        let answers = everything(&access, id, &w.ben).await;
        let entries = t.journal().await.since(&before);
        assert_eq!(entries.len(), answers.len());
        assert!(entries.iter().all(|entry| entry.outcome == Outcome::Denied));
        for answer in answers {
            assert_eq!(refused(answer), Problem::Forbidden);
        }
        let mia = t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(alerts::list(&mia, &AlertQuery::default()).await), Problem::Forbidden);
        assert_eq!(refused(alerts::lookup(&mia, id).await), Problem::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn an_officer_keeps_somebody_out_because_of_an_alert_and_lets_them_in_again() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, id) = alarm(&t, &w).await;
        let access = t.enter(&ola, &w.acme).await;
        assert_eq!(refused(members::suspend(&access, w.mia.account).await), Problem::Forbidden, "not without an alert");
        suspend(&access, id).await.unwrap();
        suspend(&access, id).await.expect("it is so already");
        assert_eq!(refused(t.try_enter(&w.mia, "acme").await), Problem::MembershipSuspended);
        assert_eq!(told(&t, &w.mia).await[0].0, "Ola Officer suspended your membership in Acme.");
        let detail = alerts::lookup(&t.enter_to_read(&ola, &w.acme).await, id).await.unwrap();
        assert!(detail.containments.contains(&(Containment::Suspend, true, None)), "{:?}", detail.containments);
        release(&access, id).await.unwrap();
        t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(release(&access, id).await), Problem::Changed);
        let sessions = alerts::release(&access, id, form(Containment::EndSessions)).await;
        assert_eq!(field(sessions, "containment"), FieldProblem::UnknownChoice, "what has ended, has ended");
    })
    .await;
}

#[tokio::test]
async fn what_somebody_else_has_done_no_alert_undoes() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, id) = alarm(&t, &w).await;
        let (ada, access) = (t.enter(&w.ada, &w.acme).await, t.enter(&ola, &w.acme).await);
        suspend(&access, id).await.unwrap();
        members::resume(&ada, w.mia.account).await.unwrap();
        members::suspend(&ada, w.mia.account).await.unwrap();
        assert_eq!(refused(release(&access, id).await), Problem::Changed);
        assert_eq!(field(suspend(&access, id).await, "containment"), FieldProblem::Unchanged);
        let mia = members::lookup(&ada, w.mia.account).await.unwrap();
        assert_eq!(mia.status, MemberStatus::Suspended);
    })
    .await;
}

#[tokio::test]
async fn an_officer_ends_an_owners_sessions_and_keeps_no_owner_out() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, _) = alarm(&t, &w).await;
        for _ in 0..10 {
            guess(&t, &w.ada.email).await;
        }
        look(&t).await;
        let id = of_rule(&t, &w.ada, &w.acme, Rule::Guessing).await[0].id;
        for person in [&ola, &w.ben] {
            let access = t.enter(person, &w.acme).await;
            let detail = alerts::lookup(&access, id).await.unwrap();
            let why_not = Some("Only owners suspend owners.");
            assert!(detail.containments.contains(&(Containment::Suspend, false, why_not)), "{:?}", detail.containments);
            let before = t.journal().await;
            assert_eq!(refused(suspend(&access, id).await), Problem::Forbidden);
            assert_eq!(names(&t.journal().await.since(&before)), [("alert.contained", Outcome::Denied)]);
        }
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(refused(suspend(&ada, id).await), Problem::Yourself);
        let access = t.enter(&ola, &w.acme).await;
        alerts::contain(&access, id, form(Containment::EndSessions)).await.unwrap();
        assert_eq!(comes(&t, &w.ada, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
        // Wrong passwords are counted anew.
        t.pass(Duration::minutes(15));
        t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
    })
    .await;
}

#[tokio::test]
async fn nobody_contains_themselves() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, _) = alarm(&t, &w).await;
        overreach(&t, &ola, &w.acme, 10).await;
        look(&t).await;
        let found = of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await;
        let of_ola = |account: &Option<alerts::Whom>| account.as_ref().is_some_and(|(id, _)| *id == ola.account);
        let id = found.iter().find(|alert| of_ola(&alert.account)).expect("an alert").id;
        let access = t.enter(&ola, &w.acme).await;
        for containment in Rule::DeniedSpike.suggested() {
            assert_eq!(refused(alerts::contain(&access, id, form(*containment)).await), Problem::Yourself);
        }
        suspend(&t.enter(&w.ben, &w.acme).await, id).await.unwrap();
        assert_eq!(refused(t.try_enter(&ola, "acme").await), Problem::MembershipSuspended);
    })
    .await;
}

#[tokio::test]
async fn nobody_resolves_an_alert_about_themselves_as_long_as_somebody_else_can() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, _) = alarm(&t, &w).await;
        overreach(&t, &ola, &w.acme, 10).await;
        look(&t).await;
        let found = of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await;
        let of_ola = |account: &Option<alerts::Whom>| account.as_ref().is_some_and(|(id, _)| *id == ola.account);
        let id = found.iter().find(|alert| of_ola(&alert.account)).expect("an alert").id;
        let access = t.enter(&ola, &w.acme).await;
        let own = alerts::resolve(&access, id, resolution(Resolution::FalseAlarm)).await;
        assert_eq!(field(own, "resolution"), FieldProblem::OwnAlert);
        alerts::resolve(&t.enter(&w.ben, &w.acme).await, id, resolution(Resolution::Expected)).await.unwrap();

        // Gus is alone in Globex.
        for _ in 0..10 {
            guess(&t, &w.gus.email).await;
        }
        look(&t).await;
        let id = of_rule(&t, &w.gus, &w.globex, Rule::Guessing).await[0].id;
        alerts::resolve(&t.enter(&w.gus, &w.globex).await, id, resolution(Resolution::FalseAlarm)).await.unwrap();
        let detail = alerts::lookup(&t.enter_to_read(&w.gus, &w.globex).await, id).await.unwrap();
        let alone = ("alone".to_owned(), None, Some("true".to_owned()));
        assert!(detail.history[0].changes.contains(&alone), "{:?}", detail.history[0]);
        let said =
            "Gus Grissom resolved an alert about themselves in Globex, because nobody else may: Password guessing.";
        assert!(told(&t, &w.gus).await.iter().any(|(line, _)| line == said));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_to_look_after_an_alert_is_told() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, id) = alarm(&t, &w).await;
        let form = AssignForm { assignee: w.ben.account.to_string(), ..AssignForm::default() };
        alerts::assign(&t.enter(&ola, &w.acme).await, id, form).await.unwrap();
        let said = (
            "Ola Officer asks you to look after an alert in Acme: Many denials.".to_owned(),
            Some(format!("/o/acme/security/alerts/{id}")),
        );
        assert!(told(&t, &w.ben).await.contains(&said));
        assert!(!told(&t, &w.ada).await.contains(&said));
    })
    .await;
}

#[tokio::test]
async fn owners_are_told_of_a_rule_that_is_switched_off_and_one_stays_on() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let without = |field: &'static str| {
            let others = Tuning::default().to_pairs().into_iter().filter(move |(name, _)| name != field);
            TuneForm(others.chain([("revision".to_owned(), "0".to_owned())]).collect())
        };
        let ben = t.enter(&w.ben, &w.acme).await;
        alerts::tune(&ben, without("log_broken_enabled")).await.unwrap();
        assert_eq!(alerts::rules(&ben).await.unwrap().revision, 0, "nothing is different");
        t.pass(Duration::minutes(30));
        let late = t.enter(&w.ben, &w.acme).await;
        assert_eq!(refused(alerts::tune(&late, without("spraying_enabled")).await), Problem::StepUpFirst);
        let ben = t.sign_in(&w.ben.email).await;
        alerts::tune(&t.enter(&ben, &w.acme).await, without("spraying_enabled")).await.unwrap();
        let said = (
            "Ben Bitdiddle switched off a detection in Acme: Password spraying.".to_owned(),
            Some("/o/acme/security/rules".to_owned()),
        );
        assert!(told(&t, &w.ada).await.contains(&said));
        assert!(!told(&t, &w.mia).await.contains(&said));
    })
    .await;
}

#[tokio::test]
async fn a_foreign_alert_is_as_one_that_does_not_exist() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (_, id) = alarm(&t, &w).await;
        let alerts_of = format!("{}.alerts", w.acme.schema());
        let before = (t.rows(&alerts_of, "true").await, t.journal().await);
        let gus = t.enter(&w.gus, &w.globex).await;
        for id in [id, AlertId(Uuid::from_bytes(t.random()))] {
            for answer in everything(&gus, id, &w.gus).await {
                assert_eq!(refused(answer), Problem::NotFound);
            }
            assert_eq!(refused(alerts::lookup(&gus, id).await), Problem::NotFound);
        }
        assert_eq!(t.rows(&alerts_of, "true").await, before.0);
        assert!(t.journal().await.since(&before.1).iter().all(|entry| entry.action == "alerts.viewed"));
        let all = AlertQuery { all: true, ..AlertQuery::default() };
        assert_eq!(alerts::list(&gus, &all).await.unwrap().total, 0);
    })
    .await;
}

#[tokio::test]
async fn forms_say_what_is_wrong_with_them() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, id) = alarm(&t, &w).await;
        let access = t.enter(&ola, &w.acme).await;
        let assign = async |assignee: &str| {
            let form = AssignForm { assignee: assignee.to_owned(), ..AssignForm::default() };
            field(alerts::assign(&access, id, form).await, "assignee")
        };
        assert_eq!(assign("").await, FieldProblem::Required);
        for nobody in ["me", &w.mia.account.to_string(), &w.gus.account.to_string()] {
            assert_eq!(assign(nobody).await, FieldProblem::UnknownChoice, "{nobody}");
        }
        assert_eq!(field(alerts::note(&access, id, note(" ")).await, "note"), FieldProblem::Required);
        let long = "x".repeat(201);
        assert_eq!(field(alerts::acknowledge(&access, id, note(&long)).await, "note"), FieldProblem::TooLong(200));
        let unknown = ResolveForm { resolution: "gone".into(), ..ResolveForm::default() };
        assert_eq!(field(alerts::resolve(&access, id, unknown).await, "resolution"), FieldProblem::UnknownChoice);
        let strange = ContainForm { containment: "ban".into() };
        assert_eq!(field(alerts::contain(&access, id, strange).await, "containment"), FieldProblem::UnknownChoice);
        assert_eq!(refused(alerts::reopen(&access, id, note("")).await), Problem::Changed);
        alerts::resolve(&access, id, resolution(Resolution::Expected)).await.unwrap();
        for answer in [
            alerts::acknowledge(&access, id, note("")).await,
            alerts::resolve(&access, id, resolution(Resolution::Contained)).await,
            suspend(&access, id).await,
        ] {
            assert_eq!(refused(answer), Problem::Changed);
        }
    })
    .await;
}

#[tokio::test]
async fn one_that_came_back_is_in_the_way_of_the_former() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, id) = alarm(&t, &w).await;
        alerts::resolve(&t.enter(&ola, &w.acme).await, id, resolution(Resolution::Expected)).await.unwrap();
        overreach(&t, &w.mia, &w.acme, 1).await;
        look(&t).await;
        let access = t.enter(&ola, &w.acme).await;
        assert_eq!(refused(alerts::reopen(&access, id, note("")).await), Problem::Changed);
        let state = async |state: Option<AlertState>| {
            let query = AlertQuery { state, rule: Some(Rule::DeniedSpike), ..AlertQuery::default() };
            alerts::list(&access, &query).await.unwrap().rows.into_iter().map(|alert| alert.id).collect::<Vec<_>>()
        };
        assert_eq!(state(Some(AlertState::Resolved)).await, [id]);
        let open = state(None).await;
        assert_eq!(open.len(), 1);
        assert_ne!(open[0], id);
        alerts::acknowledge(&access, open[0], note("Again")).await.unwrap();
        assert_eq!(state(Some(AlertState::Acknowledged)).await, open);
        assert_eq!(state(Some(AlertState::Open)).await, []);
    })
    .await;
}
