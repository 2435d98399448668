//! What is noticed of an organization's security, and when it raises an alert.

use std::net::IpAddr;
use std::time::Duration as Patience;

use domain::detections::{AlertQuery, FactKind, Resolution, Rule, Tuning};
use domain::fields::FieldProblem;
use domain::policy::SecurityPolicy;
use domain::problem::Problem;
use domain::roles::{GroupForm, Permission, Role, RoleForm};
use futures::{FutureExt as _, StreamExt as _};
use server::access::{self, Purpose};
use server::alerts::{self, AlertView, ResolveForm, TuneForm};
use server::detections::{Listener, Worker, subscribe};
use server::testing::{Organization, PASSWORD, Person, TestPortal};
use server::{RequestContext, members, organizations, roles, sign_in};
use time::Duration;
use tokio::sync::watch;

use crate::factors::{enrol, halfway};
use crate::session_limits::in_both;
use crate::support::{field, put_policy, refused, require_mfa};

/// Where attacks come from.
const ELSEWHERE: [u8; 4] = [203, 0, 113, 9];

/// Does what the worker would: copies what waits, and looks at what was noticed.
pub async fn look(t: &TestPortal) {
    let worker = Worker::new(t.portal());
    while worker.work_next().await.expect("an answer") {}
}

/// The alerts of a rule that an organization has, whatever their state, the latest first.
pub async fn of_rule(t: &TestPortal, who: &Person, organization: &Organization, rule: Rule) -> Vec<AlertView> {
    let access = t.enter_to_read(who, organization).await;
    let query = AlertQuery { all: true, rule: Some(rule), ..AlertQuery::default() };
    alerts::list(&access, &query).await.expect("alerts").rows
}

/// How many facts of a kind an organization has kept.
async fn facts(t: &TestPortal, organization: &Organization, kind: FactKind) -> i64 {
    let (schema, kind) = (organization.schema(), kind.code());
    let kept = t.number(&format!("SELECT count(*) FROM {schema}.security_events WHERE kind = '{kind}'")).await;
    let counted = format!("SELECT coalesce(sum(times), 0)::bigint FROM {schema}.security_hours WHERE kind = '{kind}'");
    assert_eq!(t.number(&counted).await, kept, "they are counted by the hour");
    kept
}

/// Tries a wrong password.
pub async fn guess(t: &TestPortal, email: &str) {
    let request = t.request_from(ELSEWHERE.into());
    let answer = sign_in::sign_in(&request, email, "a wrong password").await;
    assert_eq!(field(answer, "password"), FieldProblem::WrongCredentials);
}

/// Has somebody try so often what they may not do.
pub async fn overreach(t: &TestPortal, who: &Person, organization: &Organization, times: usize) {
    let access = t.enter(who, organization).await;
    for _ in 0..times {
        assert_eq!(refused(organizations::rename(&access, "Mine").await), Problem::Forbidden);
    }
}

/// Comes in from this address with this device, after a new sign-in.
async fn come(t: &TestPortal, who: &Person, slug: &str, ip: [u8; 4], device: &str) {
    let request = || RequestContext::new(t.portal(), Some(IpAddr::from(ip)), Some(device), None);
    let grant = sign_in::sign_in(&request(), &who.email, PASSWORD).await.expect("a sign-in");
    let person = t.person(grant).await;
    assert!(access::enter(&request(), &person.visitor, slug, Purpose::Change).await.is_ok());
}

#[tokio::test]
async fn an_organization_notices_that_passwords_are_tried_on_its_people_and_another_does_not() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        organizations::add_domain(&t.request(), &w.acme.slug, "acme.example").await.unwrap();
        guess(&t, &w.gus.email).await;
        for email in [&w.ada.email, &w.ben.email, &w.mia.email] {
            guess(&t, email).await;
        }
        for number in 0..4 {
            guess(&t, &format!("nobody{number}@acme.example")).await;
            guess(&t, &format!("nobody{number}@elsewhere.example")).await;
        }
        look(&t).await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::Spraying).await.len(), 0, "seven accounts");
        guess(&t, "nobody@acme.example").await;
        look(&t).await;
        let found = of_rule(&t, &w.ada, &w.acme, Rule::Spraying).await;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].account.clone(), found[0].times), (None, 8));
        assert_eq!(found[0].network, Some("203.0.113.0/24".parse().unwrap()));
        assert_eq!(of_rule(&t, &w.gus, &w.globex, Rule::Spraying).await.len(), 0);
        let noticed = [&w.acme, &w.globex].map(|of| facts(&t, of, FactKind::SignInFailed));
        assert_eq!(futures::future::join_all(noticed).await, [8, 1]);
        assert_eq!(t.number("SELECT count(*) FROM platform.sign_in_failures").await, 0, "nothing is left waiting");
    })
    .await;
}

#[tokio::test]
async fn what_was_copied_before_the_program_ended_is_kept_once() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        in_both(&t, &w).await;
        guess(&t, &w.mia.email).await;
        t.sql("CREATE TABLE public.waiting AS SELECT * FROM platform.sign_in_failures").await;
        look(&t).await;
        t.sql("INSERT INTO platform.sign_in_failures SELECT * FROM public.waiting").await;
        look(&t).await;
        for organization in [&w.acme, &w.globex] {
            assert_eq!(facts(&t, organization, FactKind::SignInFailed).await, 1, "both, and each once");
        }
        // What another worker has taken and not come to an end with is copied once its time is over.
        guess(&t, &w.mia.email).await;
        t.sql("UPDATE platform.sign_in_failures SET due_at = due_at + interval '1 minute'").await;
        look(&t).await;
        assert_eq!(facts(&t, &w.acme, FactKind::SignInFailed).await, 1);
        t.pass(Duration::minutes(1));
        look(&t).await;
        assert_eq!(facts(&t, &w.acme, FactKind::SignInFailed).await, 2);
    })
    .await;
}

#[tokio::test]
async fn guessing_at_one_account_is_noticed_wherever_its_person_is_a_member() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        in_both(&t, &w).await;
        for _ in 0..9 {
            guess(&t, &w.mia.email).await;
            guess(&t, &w.ben.email).await;
        }
        look(&t).await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::Guessing).await.len(), 0);
        guess(&t, &w.mia.email).await;
        look(&t).await;
        for (who, organization) in [(&w.ada, &w.acme), (&w.gus, &w.globex)] {
            let found = of_rule(&t, who, organization, Rule::Guessing).await;
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].account, Some((w.mia.account, Some(w.mia.name.clone()))));
        }
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_after_the_right_password_are_noticed() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (app, _) = enrol(&t, &w.mia).await;
        let somebody = halfway(&t, &w.mia).await;
        for _ in 0..5 {
            let answer = sign_in::finish_by_code(&t.request(), &somebody, &app.wrong(&t)).await;
            assert_eq!(field(answer, "code"), FieldProblem::WrongCode);
        }
        look(&t).await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::MfaFatigue).await.len(), 1);
        assert_eq!(facts(&t, &w.acme, FactKind::CodeFailed).await, 5);
    })
    .await;
}

#[tokio::test]
async fn an_alert_grows_until_it_is_resolved_and_comes_back_with_what_is_new() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let denials = async || of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await;
        overreach(&t, &w.mia, &w.acme, 9).await;
        look(&t).await;
        assert_eq!(denials().await.len(), 0);
        overreach(&t, &w.mia, &w.acme, 1).await;
        look(&t).await;
        overreach(&t, &w.mia, &w.acme, 2).await;
        look(&t).await;
        let found = denials().await;
        assert_eq!((found.len(), found[0].times), (1, 12));
        assert!(found[0].first_at < found[0].last_at);

        let form = ResolveForm { resolution: Resolution::Expected.code().into(), ..ResolveForm::default() };
        alerts::resolve(&t.enter(&w.ada, &w.acme).await, found[0].id, form).await.unwrap();
        // Something else is noticed, and so the facts of before are looked at once more.
        organizations::rename(&t.enter(&w.ada, &w.acme).await, "Acme Works").await.unwrap();
        look(&t).await;
        assert_eq!(denials().await.len(), 1, "somebody has seen these");
        overreach(&t, &w.mia, &w.acme, 1).await;
        look(&t).await;
        let found = denials().await;
        assert_eq!(found.iter().filter(|alert| alert.resolved_at.is_none()).count(), 1);
        assert_eq!(found.len(), 2);
        let raised = t.journal().await.of(w.acme.log());
        assert!(raised.iter().filter(|entry| entry.action == "alert.raised").count() >= 2);
        assert_eq!(of_rule(&t, &w.gus, &w.globex, Rule::DeniedSpike).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn rules_are_tuned_by_whoever_sets_the_policy() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let form = |revision: &str, field: &str, value: &str| {
            let others = Tuning::default().to_pairs().into_iter().filter(|(name, _)| name != field);
            let own = [(field.to_owned(), value.to_owned()), ("revision".to_owned(), revision.to_owned())];
            TuneForm(others.chain(own).collect())
        };
        let off = form("0", "denied_spike_enabled", "");
        let mia = t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(alerts::tune(&mia, off.clone()).await), Problem::Forbidden);
        assert_eq!(refused(alerts::rules(&mia).await), Problem::Forbidden);
        let ada = t.enter(&w.ada, &w.acme).await;
        let wrong = alerts::tune(&ada, form("0", "denied_spike_threshold", "2")).await;
        assert_eq!(field(wrong, "denied_spike_threshold"), FieldProblem::OutOfRange(3, 500));
        alerts::tune(&ada, off.clone()).await.unwrap();
        assert_eq!(refused(alerts::tune(&ada, off).await), Problem::Changed, "somebody was quicker");
        assert_eq!(alerts::rules(&ada).await.unwrap().revision, 1);
        overreach(&t, &w.mia, &w.acme, 10).await;
        look(&t).await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.len(), 0);
        // What is looked for again is found in what was noticed lately.
        alerts::tune(&ada, form("1", "denied_spike_threshold", "5")).await.unwrap();
        look(&t).await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.len(), 1);
        let tuned = t.journal().await.of(w.acme.log());
        assert_eq!(tuned.iter().filter(|entry| entry.action == "detections.tuned").count(), 3, "one of them denied");
    })
    .await;
}

#[tokio::test]
async fn a_session_is_noticed_once_and_again_with_a_new_proof() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let before = facts(&t, &w.acme, FactKind::SignIn).await;
        let (one, other) = tokio::join!(t.enter(&w.mia, &w.acme), t.enter(&w.mia, &w.acme));
        drop((one, other));
        t.pass(Duration::minutes(10));
        t.enter(&w.mia, &w.acme).await;
        assert_eq!(facts(&t, &w.acme, FactKind::SignIn).await, before + 1);
        let mia = crate::session_limits::prove(&t, &w.mia).await;
        t.pass(Duration::minutes(10));
        t.enter(&mia, &w.acme).await;
        assert_eq!(facts(&t, &w.acme, FactKind::SignIn).await, before + 2);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_with_another_device_in_another_network_is_noticed() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let strange = async || of_rule(&t, &w.ada, &w.acme, Rule::NewDevice).await.len();
        t.enter(&w.ben, &w.acme).await;
        t.pass(Duration::days(1));
        come(&t, &w.ben, "acme", [192, 0, 2, 99], "Firefox/1 Linux").await;
        t.pass(Duration::days(1));
        come(&t, &w.ben, "acme", [198, 51, 100, 1], "Firefox/2 Linux").await;
        look(&t).await;
        assert_eq!(strange().await, 0, "one of both is known");
        t.enter(&w.mia, &w.acme).await;
        t.pass(Duration::days(1));
        come(&t, &w.mia, "acme", ELSEWHERE, "Edg/1 Windows").await;
        look(&t).await;
        assert_eq!(strange().await, 0, "she administers nothing");
        come(&t, &w.ben, "acme", ELSEWHERE, "Edg/1 Windows").await;
        look(&t).await;
        assert_eq!(strange().await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_owner_who_returns_after_long_is_noticed() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        t.enter(&w.mia, &w.acme).await;
        t.pass(Duration::days(60));
        t.enter(&w.mia, &w.acme).await;
        t.enter(&w.ada, &w.acme).await;
        look(&t).await;
        let found = of_rule(&t, &w.ada, &w.acme, Rule::DormantAdmin).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].account, Some((w.ada.account, Some(w.ada.name.clone()))));
    })
    .await;
}

#[tokio::test]
async fn new_privileges_and_a_weaker_policy_are_noticed() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        look(&t).await;
        let jumps = async || {
            let found = of_rule(&t, &w.ada, &w.acme, Rule::PrivilegeJump).await;
            found.into_iter().filter_map(|alert| alert.account).map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(jumps().await, [], "whoever joined as an admin was invited to it");
        let ada = t.enter(&w.ada, &w.acme).await;
        members::change_role(&ada, w.mia.account, Role::SecurityOfficer).await.unwrap();
        look(&t).await;
        assert_eq!(jumps().await, [], "an officer administers nothing");
        members::change_role(&ada, w.mia.account, Role::Admin).await.unwrap();
        members::change_role(&ada, w.mia.account, Role::Member).await.unwrap();
        look(&t).await;
        assert_eq!(jumps().await, [w.mia.account]);

        let weakened = async || of_rule(&t, &w.ada, &w.acme, Rule::PolicyWeakened).await;
        require_mfa(&t, &w.ada, &w.acme, 7).await;
        look(&t).await;
        assert_eq!(weakened().await.len(), 0);
        let ada = t.enter(&w.ada, &w.acme).await;
        put_policy(&ada, &SecurityPolicy::default()).await.unwrap();
        look(&t).await;
        let found = weakened().await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].account, Some((w.ada.account, Some(w.ada.name.clone()))));
    })
    .await;
}

#[tokio::test]
async fn a_held_role_or_group_that_comes_to_administer_is_a_jump_of_whoever_has_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        look(&t).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let form = |permissions: &[Permission], revision: &str| RoleForm {
            name: "Helper".to_owned(),
            permissions: permissions.iter().map(|permission| permission.code().to_owned()).collect(),
            revision: revision.to_owned(),
            ..RoleForm::default()
        };
        let role = roles::create(&ada, &form(&[Permission::ViewMembers], "")).await.unwrap();
        members::change_role(&ada, w.mia.account, role).await.unwrap();
        let jumps = async || of_rule(&t, &w.ada, &w.acme, Rule::PrivilegeJump).await;
        look(&t).await;
        assert_eq!(jumps().await.len(), 0);
        let much = [Permission::ViewMembers, Permission::ManageMembers, Permission::ManageRoles];
        let ada = t.enter(&w.ada, &w.acme).await;
        roles::save(&ada, role, &form(&much, "1")).await.unwrap();
        look(&t).await;
        let found = jumps().await;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].account.clone().unwrap().0, found[0].times), (w.mia.account, 2));
    })
    .await;
}

#[tokio::test]
async fn a_jump_is_noticed_however_many_others_with_the_role_gain_nothing() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        look(&t).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let form = |name: &str, permissions: &[Permission], revision: &str| RoleForm {
            name: name.to_owned(),
            permissions: permissions.iter().map(|permission| permission.code().to_owned()).collect(),
            revision: revision.to_owned(),
            ..RoleForm::default()
        };
        let little = [Permission::ViewMembers];
        let much = [Permission::ViewMembers, Permission::ManageMembers, Permission::ManageRoles];
        let role = roles::create(&ada, &form("Helper", &little, "")).await.unwrap();
        let strong = roles::create(&ada, &form("Strong", &much, "")).await.unwrap();
        members::change_role(&ada, w.mia.account, role).await.unwrap();
        look(&t).await;
        // Three hundred who have it, too, come first by their ids, and have all of it already by a group of theirs.
        let group = GroupForm { name: "Many".to_owned(), roles: vec![strong.to_string()], ..GroupForm::default() };
        let (schema, group) = (w.acme.schema(), roles::create_group(&ada, &group).await.unwrap());
        t.sql(&format!(
            "INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
             SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Many', 'm' || n || '@acme.example',
                    '{role}', 'import', 'active', now()
             FROM generate_series(1, 300) n;
             INSERT INTO {schema}.group_members (group_id, account_id)
             SELECT '{group}', account_id FROM {schema}.members WHERE name = 'Many'"
        ))
        .await;
        let ada = t.enter(&w.ada, &w.acme).await;
        roles::save(&ada, role, &form("Helper", &much, "1")).await.unwrap();
        look(&t).await;
        let found = of_rule(&t, &w.ada, &w.acme, Rule::PrivilegeJump).await;
        let who: Vec<_> = found.iter().map(|alert| alert.account.clone().unwrap().0).collect();
        assert_eq!(who, [w.mia.account]);
    })
    .await;
}

#[tokio::test]
async fn whoever_watches_is_told_of_their_organization_alone() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        // Whatever happened while they were made is looked at before anybody listens.
        while Worker::new(t.portal()).work_next().await.expect("it is looked at") {}
        let stop = watch::Sender::new(false);
        let mut acme = Box::pin(subscribe(t.portal(), w.acme.id));
        let mut globex = Box::pin(subscribe(t.portal(), w.globex.id));
        let listening = tokio::spawn(Listener::new(t.portal(), t.database().url()).run(stop.subscribe()));
        let patience = Patience::from_secs(30);
        let both = tokio::time::timeout(patience, futures::future::join(acme.next(), globex.next()));
        let told = both.await.expect("somebody listens by now");
        assert_eq!(told, (Some(()), Some(())), "what was before may have been missed");
        overreach(&t, &w.mia, &w.acme, 1).await;
        while Worker::new(t.portal()).work_next().await.expect("it is looked at") {}
        let told = tokio::time::timeout(patience, acme.next()).await.expect("it is told");
        assert_eq!(told, Some(()));
        assert_eq!(globex.next().now_or_never(), None);
        stop.send_replace(true);
        listening.await.unwrap();
        assert_eq!(tokio::time::timeout(patience, globex.next()).await.expect("an end"), None);
    })
    .await;
}
