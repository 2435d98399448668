//! What another policy would have done: told by what the gate has noted, and the same that the gate then does.

use std::net::IpAddr;

use domain::audit::Outcome as Noted;
use domain::fields::FieldProblem;
use domain::policy::{AtTheLimit, Methods, Networks, Outcome, PolicyForm, Rule, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::{Role, RoleBook};
use server::access::{self, Purpose};
use server::policy::{self, Subject, TryForm};
use server::testing::{Person, TestPortal, World};
use time::Duration;

use crate::session_limits::prove;
use crate::support::{draft_policy, field, give_passkey, names, refused};

fn networks(text: &str) -> SecurityPolicy {
    let networks = Networks::parse(text, &RoleBook::default()).expect("networks");
    SecurityPolicy { networks, ..SecurityPolicy::default() }
}

pub async fn comes_from(t: &TestPortal, person: &Person, ip: [u8; 4]) -> Result<(), Problem> {
    let visitor = t.visitor(&person.session).await.expect("a session that is alive");
    let request = t.request_from(IpAddr::from(ip));
    server::sessions::seen(&request, &visitor).await.expect("a visit");
    match access::enter(&request, &visitor, "acme", Purpose::Change).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused::<()>(Err(error))),
    }
}

#[tokio::test]
async fn a_draft_tells_who_would_have_been_kept_out() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        for day in 0..3 {
            t.pass(Duration::days(1));
            let home = if day == 2 { [203, 0, 113, 9] } else { [192, 0, 2, 9] };
            for (person, ip) in [(&w.mia, home), (&w.ben, [192, 0, 2, 10])] {
                assert_eq!(comes_from(&t, person, ip).await, Ok(()));
            }
        }
        let ada = t.enter(&t.sign_in(&ada.visitor().account.email).await, &w.acme).await;
        draft_policy(&ada, &SecurityPolicy { mfa: true, mfa_grace_days: 1, ..networks("192.0.2.0/24") }).await.unwrap();
        let view = policy::replay(&ada, Subject::Draft).await.unwrap().unwrap();
        let rules: Vec<_> = view.replayed.rules.iter().map(|(rule, ..)| *rule).collect();
        assert_eq!(rules, [Rule::Networks, Rule::Mfa]);
        let people: Vec<_> = view.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(people, ["Mia Member", "Ben Bitdiddle", "Ada Lovelace"]);
        let mia = &view.people[0].affected;
        assert_eq!((mia.fates.denied, mia.last.1), (1, Outcome::Deny(Rule::Networks)));
        let (name, visits) = policy::replay_of(&ada, Subject::Draft, w.mia.account).await.unwrap();
        assert_eq!(name.email, w.mia.email);
        assert_eq!(visits[0].ip, Some([203, 0, 113, 9].into()));
        assert_eq!(visits[0].decision.outcome, Outcome::Deny(Rule::Networks));
        assert!(visits[0].at > visits[1].at);
        // Nothing of it is another organization's.
        let gus = t.enter(&t.sign_in(&w.gus.email).await, &w.globex).await;
        let theirs = policy::replay(&gus, Subject::Draft).await.unwrap().unwrap();
        assert_eq!((theirs.people.len(), theirs.replayed.people), (0, 1));
        let stranger = policy::replay_of(&gus, Subject::Draft, w.mia.account).await.map(|_| ());
        assert_eq!(refused(stranger), Problem::NotFound);
        assert_eq!(refused(policy::replay(&t.enter(&w.mia, &w.acme).await, Subject::Draft).await), Problem::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_saved_is_told_as_the_draft_would_be_and_stays_unsaved() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        t.pass(Duration::minutes(6));
        for (person, ip) in [(&w.mia, [203, 0, 113, 9]), (&w.ben, [192, 0, 2, 10])] {
            assert_eq!(comes_from(&t, person, ip).await, Ok(()));
        }
        t.pass(Duration::minutes(6));
        let ada = t.enter(&w.ada, &w.acme).await;
        let office = networks("192.0.2.0/24 for Member # Office");
        let mut form = PolicyForm::of(&office, &**ada.book());
        let before = t.journal().await;
        let unsaved = policy::unsaved(&ada, "0", &form).await.unwrap();
        let told = policy::replay(&ada, unsaved.clone()).await.unwrap().unwrap();
        let people: Vec<_> = told.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!((people, &told.policy), (vec!["Mia Member"], &office));
        let (_, visits) = policy::replay_of(&ada, unsaved.clone(), w.mia.account).await.unwrap();
        assert_eq!(visits[0].decision.outcome, Outcome::Deny(Rule::Networks));
        let editing = policy::edit(&ada).await.unwrap();
        assert_eq!((editing.base, editing.newest, editing.is_draft), (0, 0, false), "nothing is saved");
        assert!(t.journal().await.since(&before).is_empty());
        // As a draft it comes to the same.
        draft_policy(&ada, &office).await.unwrap();
        let saved = policy::replay(&ada, Subject::Draft).await.unwrap().unwrap();
        assert_eq!(format!("{:?}", saved.replayed), format!("{:?}", told.replayed));
        assert_eq!(format!("{:?}", saved.people), format!("{:?}", told.people));
        // What is wrong is told by its field; a version that there is not was no beginning.
        form.put("idle_minutes", "3");
        let wrong = policy::unsaved(&ada, "0", &form).await;
        assert_eq!(field(wrong, "idle_minutes"), FieldProblem::OutOfRange(15, 10_080));
        for base in ["7", "x", ""] {
            assert_eq!(refused(policy::unsaved(&ada, base, &form).await), Problem::Changed, "{base}");
        }
        // It opens nobody else's visits, and is for nobody who could not save it.
        let gus = t.enter(&w.gus, &w.globex).await;
        let theirs = policy::replay(&gus, unsaved.clone()).await.unwrap().unwrap();
        assert_eq!((theirs.people.len(), theirs.replayed.people), (0, 1));
        let stranger = policy::replay_of(&gus, unsaved, w.mia.account).await.map(|_| ());
        assert_eq!(refused(stranger), Problem::NotFound);
        let mia = t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(policy::unsaved(&mia, "0", &form).await), Problem::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn what_is_tried_keeps_nobody_out_and_is_told_of_what_came_since() {
    TestPortal::run(async |t| {
        let w = t.world().await;

        assert_eq!(comes_from(&t, &w.ben, [203, 0, 113, 9]).await, Ok(()));
        t.pass(Duration::minutes(6));
        let ada = t.enter(&w.ada, &w.acme).await;
        assert!(policy::replay(&ada, Subject::Tried).await.unwrap().is_none());
        let draft = draft_policy(&ada, &networks("192.0.2.0/24")).await.unwrap();
        let wrong = TryForm { version: "0".to_owned() };
        assert_eq!(refused(policy::try_draft(&ada, &wrong).await), Problem::Changed);
        let before = t.journal().await;
        for _ in 0..2 {
            policy::try_draft(&ada, &TryForm { version: draft.to_string() }).await.unwrap();
        }
        t.pass(Duration::minutes(6));
        assert_eq!(comes_from(&t, &w.mia, [203, 0, 113, 9]).await, Ok(()), "it keeps nobody out");
        let view = policy::replay(&ada, Subject::Tried).await.unwrap().unwrap();
        let people: Vec<_> = view.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!((view.version, people), (draft, vec!["Mia Member"]), "and of what was before nothing is told");
        policy::end_trial(&ada).await.unwrap();
        policy::end_trial(&ada).await.unwrap();
        assert!(policy::replay(&ada, Subject::Tried).await.unwrap().is_none());
        let entries = t.journal().await.since(&before);
        assert_eq!(names(&entries), [("policy.tried", Noted::Done), ("policy.trial_ended", Noted::Done)]);
        // What was tried and is put into force is not tried any more.
        policy::try_draft(&ada, &TryForm { version: draft.to_string() }).await.unwrap();
        let ada = t.sign_in(&w.ada.email).await;
        crate::support::enforce_version(&t.enter(&ada, &w.acme).await, draft).await.unwrap();
        assert_eq!(policy::view(&t.enter(&ada, &w.acme).await).await.unwrap().tried, None);
    })
    .await;
}

/// What a gate with a policy answers to somebody.
pub fn answer(outcome: Outcome) -> Result<(), Problem> {
    match outcome {
        Outcome::Allow | Outcome::Remind(_) => Ok(()),
        Outcome::EnrolFirst => Err(Problem::EnrolFirst),
        Outcome::SignInAgain(why) => Err(Problem::SignInAgain(why)),
        Outcome::ChoosePassword => Err(Problem::ChoosePassword),
        Outcome::Deny(rule) => Err(Problem::KeptOut(rule)),
    }
}

/// Puts a version where the gate looks, or where the draft is, as if it had been there always, whoever it locks out.
pub async fn put(t: &TestPortal, w: &World, version: u32, policy: &SecurityPolicy, place: &str) {
    let (schema, text) = (w.acme.schema(), serde_json::to_string(policy).expect("a document"));
    t.sql(&format!(
        "WITH version AS (INSERT INTO {schema}.policy_versions (version, settings, created_at)
                          VALUES ({version}, '{text}', now()))
         UPDATE {schema}.policy_head SET newest = {version}, {place} = {version}, mfa_since = '1970-01-01'"
    ))
    .await;
}

/// At visits of several people with several sessions, policies are asked twice: by the note that the gate has made of the
/// visit, and at the gate, at that very visit.
#[tokio::test]
async fn what_is_replayed_is_what_the_gate_then_does() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        give_passkey(&t, &w.ben).await;
        let olga = t.join(&t.enter(&w.ada, &w.acme).await, "Olga", "olga@acme.example", Role::Owner).await;
        let mut people = vec![w.ada.clone(), w.ben.clone(), w.mia.clone()];
        let (mut steps, mut version, mut met) = (Steps(7), 1, [0_u32; 5]);
        for _ in 0..40 {
            t.pass(Duration::minutes(i64::from(6 + steps.next(200))));
            let who = steps.index(people.len());
            match steps.next(8) {
                0 => people.push(t.sign_in(&people[who].email).await),
                1 => people[who] = prove(&t, &people[who]).await,
                _ => {}
            }
            let person = people[who].clone();
            let ip = [192, 0, 2 + u8::from(steps.next(2) == 0), u8::try_from(steps.next(256)).unwrap_or(0)];
            // The visit as it happens, with nothing in its way: the gate notes it.
            put(&t, &w, version, &SecurityPolicy::default(), "enforced").await;
            assert_eq!(comes_from(&t, &person, ip).await, Ok(()));
            let reader = t.enter(&olga, &w.acme).await;
            for _ in 0..3 {
                let policy = steps.policy();
                put(&t, &w, version + 1, &policy, "draft").await;
                let (_, visits) = policy::replay_of(&reader, Subject::Draft, person.account).await.expect("visits");
                let replayed = visits[0].decision.outcome;
                put(&t, &w, version + 2, &policy, "enforced").await;
                assert_eq!(comes_from(&t, &person, ip).await, answer(replayed), "{policy:?}");
                met[match replayed {
                    Outcome::Allow | Outcome::Remind(_) => 0,
                    Outcome::EnrolFirst => 1,
                    Outcome::SignInAgain(_) => 2,
                    Outcome::Deny(_) => 3,
                    Outcome::ChoosePassword => 4,
                }] += 1;
                version += 2;
            }
            version += 1;
        }
        assert!(met[..4].iter().all(|count| *count > 3), "every kind was met: {met:?}");
    })
    .await;
}

/// Numbers that are the same for the same seed.
struct Steps(u64);

impl Steps {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(below)).unwrap_or(0)
    }

    fn index(&mut self, below: usize) -> usize {
        self.next(u32::try_from(below).unwrap_or(1)) as usize
    }

    fn one_of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.index(N)]
    }

    fn policy(&mut self) -> SecurityPolicy {
        let list =
            self.one_of(["", "", "192.0.2.0/24", "192.0.2.0/25 for Member", "192.0.2.0/24\n192.0.2.128/25 for Admin"]);
        SecurityPolicy {
            mfa: self.next(2) == 0,
            mfa_methods: self.one_of([Methods::ALL, Methods { passkey: true, authenticator: false }]),
            mfa_grace_days: self.next(3),
            idle_minutes: self.one_of([60, 600, 10_080]),
            absolute_minutes: self.one_of([720, 10_080, 43_200]),
            sessions_per_person: self.one_of([None, Some(1), Some(3)]),
            at_the_limit: self.one_of([AtTheLimit::EndOldest, AtTheLimit::RefuseNewest]),
            ..networks(list)
        }
    }
}
