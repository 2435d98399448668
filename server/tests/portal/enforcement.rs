//! Every setting of the policy holds from the next request on, and not before.
//!
//! A test for each: the list is compared with the table, and what each checks is a `match` without a rest, so that a
//! setting that comes later does not build before it has one.

use std::net::IpAddr;

use domain::api_keys::KeyForm;
use domain::audit::{AuditQuery, Outcome};
use domain::fields::FieldProblem;
use domain::password::Strength;
use domain::policy::{
    AtTheLimit, Classification, Key, Methods, Names, Networks, Rule, SETTINGS, SecurityPolicy, SignInMethods, Staleness,
};
use domain::problem::Problem;
use domain::roles::{Role, RoleBook};
use server::access::{self, Purpose};
use server::testing::{PASSWORD, Person, TestPortal, World};
use server::{RequestContext, Settings, audit, invitations, members, organizations, policy, sign_in};
use time::Duration;

use crate::api_keys as keys;
use crate::approvals;
use crate::retention::Archives;
use crate::session_limits::{comes, prove};
use crate::support::{asking_mfa, export, field, give_passkey, names, put_policy, refused};

const HOME: [u8; 4] = [192, 0, 2, 7];
const ELSEWHERE: [u8; 4] = [203, 0, 113, 9];

async fn ask(t: &TestPortal, w: &World, policy: SecurityPolicy) {
    put_policy(&t.enter(&w.ada, &w.acme).await, &policy).await.expect("a policy");
}

/// Comes by from an address.
async fn comes_from(t: &TestPortal, person: &Person, ip: impl Into<IpAddr>) -> Result<(), Problem> {
    enters(&t.request_from(ip.into()), t, person).await
}

async fn enters(request: &RequestContext, t: &TestPortal, person: &Person) -> Result<(), Problem> {
    let visitor = t.visitor(&person.session).await.expect("a session that is alive");
    match access::enter(request, &visitor, "acme", Purpose::Read).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused::<()>(Err(error))),
    }
}

/// Somebody's next session.
async fn again(t: &TestPortal, person: &Person) -> Person {
    t.pass(Duration::SECOND);
    t.sign_in(&person.email).await
}

fn networks(text: &str) -> Networks {
    Networks::parse(text, &RoleBook::default()).expect("networks")
}

/// What each setting does: there is no rest, so that a setting that comes later has to have something here.
async fn check(key: Key, t: &TestPortal, w: &World) {
    match key {
        Key::Mfa => second_factor(t, w).await,
        Key::MfaMethods => mfa_methods(t, w).await,
        Key::MfaGraceDays => mfa_grace_days(t, w).await,
        Key::SignInMethods => sign_in_methods(t, w).await,
        Key::PasswordLength => password_length(t, w).await,
        Key::PasswordStrength => password_strength(t, w).await,
        Key::PasswordDays => password_days(t, w).await,
        Key::IdleMinutes => idle_minutes(t, w).await,
        Key::AbsoluteMinutes => absolute_minutes(t, w).await,
        Key::StepUpMinutes => step_up_minutes(t, w).await,
        Key::SessionsPerPerson => sessions_per_person(t, w).await,
        Key::SessionsInOrganization => sessions_in_organization(t, w).await,
        Key::AtTheLimit => at_the_limit(t, w).await,
        Key::Networks => allowed_networks(t, w).await,
        Key::InvitationDays => invitation_days(t, w).await,
        Key::InvitationDomains => domains(t, w).await,
        Key::RequestsPerMinute | Key::Burst | Key::RequestsPerHour => rates(key, t, w).await,
        Key::LogReads => log_reads(t, w).await,
        Key::RetainSecurityDays | Key::RetainAdministrationDays | Key::RetainReadsDays => retention(key, t, w).await,
        Key::Classification => classification(t, w).await,
        Key::Regions => regions(t, w).await,
        Key::ApiKeyMaxDays | Key::KeyRotationDays => lives_of_keys(key, t, w).await,
        Key::ApprovalNeeded => approval_needed(t, w).await,
    }
}

async fn second_factor(t: &TestPortal, w: &World) {
    give_passkey(t, &w.ada).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    ask(t, w, asking_mfa(0)).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::EnrolFirst));
}

async fn mfa_methods(t: &TestPortal, w: &World) {
    for person in [&w.ada, &w.mia] {
        give_passkey(t, person).await;
    }
    t.sql(&format!(
        "INSERT INTO platform.authenticators (id, account_id, name, secret, created_at, confirmed_at)
         VALUES (gen_random_uuid(), '{}', 'Phone', '', now(), now())",
        w.ada.account
    ))
    .await;
    ask(t, w, asking_mfa(0)).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    let app = Methods { passkey: false, authenticator: true };
    ask(t, w, SecurityPolicy { mfa_methods: app, ..asking_mfa(0) }).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::EnrolFirst));
}

async fn mfa_grace_days(t: &TestPortal, w: &World) {
    give_passkey(t, &w.ada).await;
    ask(t, w, asking_mfa(3)).await;
    t.pass(Duration::days(3) - Duration::SECOND);
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    t.pass(Duration::SECOND);
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::EnrolFirst));
}

async fn sign_in_methods(t: &TestPortal, w: &World) {
    for person in [&w.ada, &w.mia] {
        give_passkey(t, person).await;
    }
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    let sign_in_methods = SignInMethods { password: false, two_steps: false, passkey: true };
    ask(t, w, SecurityPolicy { sign_in_methods, ..SecurityPolicy::default() }).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::SignInAgain(Staleness::Method)));
    assert_eq!(comes(t, &w.ben, "acme").await, Err(Problem::EnrolFirst), "who has no passkey sets one up");
    for (method, comes_in) in [("code", false), ("password_and_passkey", true), ("passkey", true)] {
        t.sql(&format!("UPDATE platform.sessions SET method = '{method}'")).await;
        assert_eq!(comes(t, &w.mia, "acme").await.is_ok(), comes_in, "{method}");
    }
}

async fn password_length(t: &TestPortal, w: &World) {
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    ask(t, w, SecurityPolicy { password_length: 30, ..SecurityPolicy::default() }).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::ChoosePassword));
    let choose = async |new: &str| policy::choose_password(&t.request(), &w.mia.visitor, "acme", (PASSWORD, new)).await;
    assert_eq!(field(choose("nineteen odd hats in a row").await, "password"), FieldProblem::TooShort(30));
    let mia = t.person(choose("nineteen odd hats in a very long row").await.expect("another password")).await;
    assert_eq!(comes(t, &mia, "acme").await, Ok(()));
    t.sql("UPDATE platform.passwords SET length = NULL, score = NULL").await;
    assert_eq!(comes(t, &mia, "acme").await, Err(Problem::ChoosePassword), "of this one nothing is known");
}

async fn password_strength(t: &TestPortal, w: &World) {
    t.sql("UPDATE platform.passwords SET score = 3").await;
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    ask(t, w, SecurityPolicy { password_strength: Strength::Strong, ..SecurityPolicy::default() }).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::ChoosePassword));
    t.sql("UPDATE platform.passwords SET score = 4").await;
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
}

async fn password_days(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { password_days: Some(30), ..SecurityPolicy::default() }).await;
    t.pass(Duration::days(29));
    assert_eq!(comes(t, &t.sign_in(&w.mia.email).await, "acme").await, Ok(()));
    t.pass(Duration::days(1));
    let mia = t.sign_in(&w.mia.email).await;
    assert_eq!(comes(t, &mia, "acme").await, Err(Problem::ChoosePassword));
    let choose = async |new: &str| policy::choose_password(&t.request(), &mia.visitor, "acme", (PASSWORD, new)).await;
    assert_eq!(field(choose(PASSWORD).await, "password"), FieldProblem::Unchanged);
    let mia = t.person(choose("seven odd hats in a row").await.expect("another password")).await;
    assert_eq!(comes(t, &mia, "acme").await, Ok(()));
    // With a second step it is good for longer.
    t.pass(Duration::days(6));
    t.sql("UPDATE platform.passwords SET changed_at = changed_at - interval '40 days'").await;
    assert_eq!(comes(t, &mia, "acme").await, Err(Problem::ChoosePassword));
    t.sql("UPDATE platform.sessions SET method = 'code'").await;
    assert_eq!(comes(t, &mia, "acme").await, Ok(()));
}

async fn idle_minutes(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { idle_minutes: 30, ..SecurityPolicy::default() }).await;
    t.pass(Duration::minutes(29));
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    t.pass(Duration::minutes(30));
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::SignInAgain(Staleness::Idle)));
}

async fn absolute_minutes(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { absolute_minutes: 60, idle_minutes: 60, ..SecurityPolicy::default() }).await;
    for _ in 0..2 {
        t.pass(Duration::minutes(29));
        assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    }
    t.pass(Duration::minutes(2));
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::SignInAgain(Staleness::Age)));
}

async fn step_up_minutes(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { step_up_minutes: 2, ..SecurityPolicy::default() }).await;
    let ada = again(t, &w.ada).await;
    t.pass(Duration::minutes(2) - Duration::SECOND);
    assert!(export(t.enter(&ada, &w.acme).await).await.is_ok());
    t.pass(Duration::SECOND);
    assert_eq!(refused(export(t.enter(&ada, &w.acme).await).await), Problem::StepUpFirst);
    assert!(ada.visitor.require_fresh(&t.request()).is_ok(), "elsewhere it counts");
}

async fn sessions_per_person(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { sessions_per_person: Some(1), ..SecurityPolicy::default() }).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    let newer = again(t, &w.mia).await;
    assert_eq!(comes(t, &newer, "acme").await, Ok(()));
    assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::SignInAgain(Staleness::Displaced)));
}

async fn sessions_in_organization(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { sessions_in_organization: Some(2), ..SecurityPolicy::default() }).await;
    t.pass(Duration::minutes(6));
    for person in [&w.ada, &w.ben] {
        assert_eq!(comes(t, person, "acme").await, Ok(()));
        t.pass(Duration::SECOND);
    }
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    assert_eq!(comes(t, &w.ada, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
    assert_eq!(comes(t, &w.ben, "acme").await, Ok(()), "no more than it takes");
    t.pass(Duration::SECOND);
    let ada = prove(t, &w.ada).await;
    assert_eq!(comes(t, &ada, "acme").await, Ok(()), "a proof lets in");
}

async fn at_the_limit(t: &TestPortal, w: &World) {
    let refuse = SecurityPolicy { at_the_limit: AtTheLimit::RefuseNewest, ..SecurityPolicy::default() };
    ask(t, w, SecurityPolicy { sessions_per_person: Some(2), ..refuse.clone() }).await;
    let (second, third) = (again(t, &w.mia).await, again(t, &w.mia).await);
    assert_eq!(comes(t, &second, "acme").await, Ok(()));
    assert_eq!(comes(t, &third, "acme").await, Err(Problem::KeptOut(Rule::SessionsPerPerson)));
    assert_eq!(comes(t, &third, "globex").await, Err(Problem::NotFound), "no other refusal than before");
    ask(t, w, SecurityPolicy { sessions_in_organization: Some(2), ..refuse }).await;
    t.pass(Duration::days(8));
    let (ada, ben, mia) = (t.sign_in(&w.ada.email).await, t.sign_in(&w.ben.email).await, t.sign_in(&w.mia.email).await);
    assert_eq!(comes(t, &ada, "acme").await, Ok(()));
    assert_eq!(comes(t, &ben, "acme").await, Ok(()));
    assert_eq!(comes(t, &mia, "acme").await, Err(Problem::KeptOut(Rule::SessionsInOrganization)));
    let second = again(t, &w.ada).await;
    let before = t.journal().await;
    assert_eq!(comes(t, &second, "acme").await, Ok(()), "owners always come in");
    let entries = t.journal().await.since(&before);
    assert_eq!(names(&entries), [("organization.sessions_displaced", Outcome::Done)]);
    assert_eq!(comes(t, &ada, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
    // Somebody signs out, of which only the platform knows.
    server::sessions::sign_out(&t.request(), &t.cookie(ben.session.id())).await.expect("a sign-out");
    assert_eq!(comes(t, &mia, "acme").await, Ok(()));
}

async fn allowed_networks(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { networks: networks("192.0.2.0/24\n2001:db8::/32"), ..SecurityPolicy::default() }).await;
    let before = t.journal().await;
    assert_eq!(comes_from(t, &w.mia, HOME).await, Ok(()));
    let home = std::net::Ipv4Addr::from(HOME).to_ipv6_mapped();
    assert_eq!(comes_from(t, &w.mia, home).await, Ok(()), "the same address in another form");
    for _ in 0..3 {
        assert_eq!(comes_from(t, &w.mia, ELSEWHERE).await, Err(Problem::KeptOut(Rule::Networks)));
    }
    let nowhere = RequestContext::new(t.portal(), None, None, None);
    assert_eq!(enters(&nowhere, t, &w.mia).await, Err(Problem::KeptOut(Rule::Networks)));
    let entries = t.journal().await.since(&before);
    assert_eq!(names(&entries), [("organization.entered", Outcome::Denied)], "once for many times");
    assert_eq!(entries[0].log, w.acme.log());
}

async fn invitation_days(t: &TestPortal, w: &World) {
    ask(t, w, SecurityPolicy { invitation_days: 14, ..SecurityPolicy::default() }).await;
    let ada = t.enter(&w.ada, &w.acme).await;
    t.invite(&ada, "late@new.example", Role::Member).await;
    let secret = t.secret_for("late@new.example").await;
    t.pass(Duration::days(14) - Duration::SECOND);
    assert!(invitations::lookup(&t.request(), &secret).await.is_ok());
    t.pass(Duration::SECOND);
    assert_eq!(refused(invitations::lookup(&t.request(), &secret).await), Problem::LinkExpired);
}

async fn log_reads(t: &TestPortal, w: &World) {
    let before = t.journal().await;
    policy::view(&t.enter(&w.ada, &w.acme).await).await.unwrap();
    assert!(t.journal().await.since(&before).is_empty());
    ask(t, w, SecurityPolicy { log_reads: true, ..SecurityPolicy::default() }).await;
    let before = t.journal().await;
    for _ in 0..2 {
        let ada = t.enter_to_read(&w.ada, &w.acme).await;
        policy::view(&ada).await.unwrap();
        audit::search(&ada, &AuditQuery::default()).await.unwrap();
        audit::detail(&ada, 0).await.unwrap();
        members::list_sessions(&ada, w.mia.account).await.unwrap();
    }
    let entries = t.journal().await.since(&before);
    let read = ["policy.viewed", "audit.viewed", "member.sessions_viewed"];
    assert_eq!(names(&entries), read.map(|name| (name, Outcome::Done)));
    t.pass(Duration::minutes(15));
    policy::view(&t.enter(&w.ada, &w.acme).await).await.unwrap();
    assert_eq!(t.journal().await.since(&before).len(), 4);
}

async fn retention(key: Key, t: &TestPortal, w: &World) {
    const ACTS: [&str; 3] = ["audit.checkpoint_taken", "organization.renamed", "policy.viewed"];
    let for_ever = SecurityPolicy { log_reads: true, ..SecurityPolicy::default() };
    let (policy, goes) = match key {
        Key::RetainSecurityDays => (SecurityPolicy { retain_security_days: Some(30), ..for_ever.clone() }, 0),
        Key::RetainAdministrationDays => {
            (SecurityPolicy { retain_administration_days: Some(30), ..for_ever.clone() }, 1)
        }
        _ => (SecurityPolicy { retain_reads_days: Some(30), ..for_ever.clone() }, 2),
    };
    let act = async |name: &str| {
        let ada = t.enter(&w.ada, &w.acme).await;
        audit::take_checkpoint(&ada).await.unwrap();
        organizations::rename(&ada, name).await.unwrap();
        policy::view(&ada).await.unwrap();
    };
    let schema = w.acme.schema();
    let is_kept = async |action: &str, index: String| {
        let kept = format!("action = '{action}' AND canonical <> '' AND index {index}");
        t.number(&format!("SELECT count(*) FROM {schema}.audit_entries WHERE {kept}")).await > 0
    };
    let archives = Archives::new(t);
    ask(t, w, for_ever).await;
    act("Then").await;
    t.pass(Duration::days(64));
    archives.tend(t, &w.acme).await.unwrap();
    assert!(archives.of(&w.acme).is_empty(), "kept for ever");
    let size = t.number(&format!("SELECT size FROM {schema}.audit_head")).await;
    for action in ACTS {
        assert!(is_kept(action, format!("< {size}")).await, "{action}");
    }
    ask(t, w, policy).await;
    act("Now").await;
    archives.tend(t, &w.acme).await.unwrap();
    assert_eq!(archives.of(&w.acme).len(), 1);
    for (index, action) in ACTS.into_iter().enumerate() {
        assert_eq!(is_kept(action, format!("< {size}")).await, index != goes, "{action}");
        assert!(is_kept(action, format!(">= {size}")).await, "what is younger stays: {action}");
    }
}

async fn classification(t: &TestPortal, w: &World) {
    let admin = t.enter(&w.ben, &w.acme).await;
    export(admin.clone()).await.unwrap();
    ask(t, w, SecurityPolicy { classification: Classification::Restricted, ..SecurityPolicy::default() }).await;
    let admin = t.enter(&w.ben, &w.acme).await;
    assert_eq!(refused(export(admin.clone()).await), Problem::Forbidden);
    let all = members::export(admin, domain::members::MemberQuery::default(), members::Format::Csv).await;
    assert_eq!(refused(all), Problem::Forbidden);
    export(t.enter(&w.ada, &w.acme).await).await.unwrap();
}

async fn regions(t: &TestPortal, w: &World) {
    let regions = Names::parse("eu-central", |_| true).unwrap();
    ask(t, w, SecurityPolicy { regions, ..SecurityPolicy::default() }).await;
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
    for region in [Some("us-east".to_owned()), None] {
        let elsewhere = t.another(Settings { region, ..TestPortal::settings(false) }).await;
        let request = RequestContext::new(&elsewhere, Some(HOME.into()), None, None);
        assert_eq!(enters(&request, t, &w.mia).await, Err(Problem::KeptOut(Rule::Regions)));
        elsewhere.close().await;
    }
}

async fn domains(t: &TestPortal, w: &World) {
    let ada = t.enter(&w.ada, &w.acme).await;
    t.invite(&ada, "early@new.example", Role::Member).await;
    let invitation_domains = Names::parse("acme.example", |_| true).unwrap();
    ask(t, w, SecurityPolicy { invitation_domains, ..SecurityPolicy::default() }).await;
    let ada = t.enter(&w.ada, &w.acme).await;
    t.invite(&ada, "new@acme.example", Role::Member).await;
    for email in ["new@new.example", "new@sub.acme.example", "new@acme.example.evil.example"] {
        let form = domain::invitations::InviteForm { email: email.to_owned(), role: "member".to_owned() };
        assert_eq!(field(invitations::invite(&ada, &form).await, "email"), FieldProblem::ForeignDomain, "{email}");
    }
    let file = b"email,name,role\nnew@new.example,New,member\n";
    let job = members::import::check(&ada, file).await.unwrap();
    let (_, rows) = server::jobs::results(&ada, job, None, None).await.unwrap();
    assert_eq!(rows.rows[0].problem, Some(domain::jobs::RowProblem::ForeignDomain));
    // What was sent before is not accepted any more.
    let secret = t.secret_for("early@new.example").await;
    let joiner = invitations::Joiner::New { name: "Early Bird", password: PASSWORD };
    assert_eq!(refused(invitations::accept(&t.request(), &secret, joiner).await), Problem::ForeignDomain);
}

async fn lives_of_keys(key: Key, t: &TestPortal, w: &World) {
    let ada = t.enter(&w.ada, &w.acme).await;
    let (issued, other) = (keys::make(&ada, "90").await, keys::make(&ada, "90").await);
    let default = SecurityPolicy::default();
    let policy = match key {
        Key::ApiKeyMaxDays => SecurityPolicy { api_key_max_days: 60, ..default },
        _ => SecurityPolicy { key_rotation_days: Some(60), ..default },
    };
    ask(t, w, policy).await;
    if key == Key::ApiKeyMaxDays {
        let too_long =
            field(server::api_keys::create(&t.enter(&w.ada, &w.acme).await, &keys::form("90")).await, "expiry");
        assert_eq!(too_long, FieldProblem::Exceeds(Key::ApiKeyMaxDays));
    }
    t.pass(Duration::days(59));
    assert_eq!(keys::calls(t, &issued).await, Ok(()));
    let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
    let rotated = server::api_keys::rotate(&ada, other.id, &keys::overlap("24h")).await.unwrap();
    t.pass(Duration::days(1));
    assert_eq!(keys::calls(t, &issued).await, Err(Problem::KeyRefused), "made before it, and bound by it");
    let fresh = keys::calls(t, &rotated).await;
    assert_eq!(fresh.is_ok(), key == Key::KeyRotationDays, "a new secret makes a key no younger");
    assert_eq!(keys::calls(t, &other).await, Err(Problem::KeyRefused));
}

async fn approval_needed(t: &TestPortal, w: &World) {
    let ada = async || t.enter(&w.ada, &w.acme).await;
    members::change_role(&ada().await, w.mia.account, Role::Admin).await.expect("as long as it is not needed");
    members::change_role(&ada().await, w.mia.account, Role::Member).await.expect("as long as it is not needed");
    export(ada().await).await.expect("as long as it is not needed");
    let sensitive = || KeyForm { scopes: vec!["members.manage".to_owned()], ..keys::form("30") };
    let key = server::api_keys::create(&ada().await, &sensitive()).await.expect("as long as it is not needed");
    let plain = keys::make(&ada().await, "30").await;
    ask(t, w, SecurityPolicy { approval_needed: approvals::ALL, ..SecurityPolicy::default() }).await;
    let changed = members::change_role(&ada().await, w.mia.account, Role::Admin).await;
    assert_eq!(refused(changed), Problem::ApprovalFirst);
    assert_eq!(refused(put_policy(&ada().await, &SecurityPolicy::default()).await), Problem::ApprovalFirst);
    assert_eq!(refused(organizations::schedule_deletion(&ada().await, "Acme").await), Problem::ApprovalFirst);
    assert_eq!(refused(export(ada().await).await), Problem::ApprovalFirst);
    assert_eq!(refused(server::api_keys::create(&ada().await, &sensitive()).await), Problem::ApprovalFirst);
    let widened = server::api_keys::change(&ada().await, plain.id, &sensitive()).await;
    assert_eq!(refused(widened), Problem::ApprovalFirst);
    keys::make(&ada().await, "30").await;
    assert_eq!(keys::calls(t, &key).await, Ok(()), "what was made before goes on");
}

async fn rates(key: Key, t: &TestPortal, w: &World) {
    let default = SecurityPolicy::default();
    let (policy, allowed, wait) = match key {
        Key::RequestsPerMinute => (SecurityPolicy { requests_per_minute: Some(30), ..default }, 30, 2),
        Key::Burst => (SecurityPolicy { requests_per_minute: Some(60), burst: Some(10), ..default }, 10, 1),
        _ => (SecurityPolicy { requests_per_hour: Some(60), ..default }, 60, 3_600),
    };
    ask(t, w, policy).await;
    let before = t.journal().await;
    for left in (0..allowed).rev() {
        let allowance = t.enter_to_read(&w.mia, &w.acme).await.allowance().expect("a limit");
        assert_eq!(allowance.remaining, left);
    }
    for _ in 0..3 {
        assert_eq!(comes(t, &w.mia, "acme").await, Err(Problem::Throttled { seconds: wait }));
    }
    assert_eq!(comes(t, &w.ben, "acme").await, Ok(()), "each has their own");
    let entries = t.journal().await.since(&before);
    assert_eq!(names(&entries), [("organization.entered", Outcome::Denied)]);
    t.pass(Duration::seconds(wait.into()));
    assert_eq!(comes(t, &w.mia, "acme").await, Ok(()));
}

macro_rules! enforced {
    ($($test:ident => $key:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $test() {
                let settings = Settings { region: Some("eu-central".to_owned()), ..TestPortal::settings(false) };
                TestPortal::run_with(settings, async |t| {
                    let world = t.world().await;
                    check(Key::$key, &t, &world).await;
                    assert!(t.try_enter(&world.gus, &world.globex.slug).await.is_ok(), "another organization has its own");
                })
                .await;
            }
        )+

        #[test]
        fn every_setting_has_a_test() {
            let tested = [$(Key::$key),+];
            assert_eq!(SETTINGS.iter().map(|setting| setting.key).collect::<Vec<_>>(), tested);
        }
    };
}

enforced! {
    mfa_is_enforced => Mfa,
    mfa_methods_is_enforced => MfaMethods,
    mfa_grace_days_is_enforced => MfaGraceDays,
    sign_in_methods_is_enforced => SignInMethods,
    password_length_is_enforced => PasswordLength,
    password_strength_is_enforced => PasswordStrength,
    password_days_is_enforced => PasswordDays,
    idle_minutes_is_enforced => IdleMinutes,
    absolute_minutes_is_enforced => AbsoluteMinutes,
    step_up_minutes_is_enforced => StepUpMinutes,
    sessions_per_person_is_enforced => SessionsPerPerson,
    sessions_in_organization_is_enforced => SessionsInOrganization,
    at_the_limit_is_enforced => AtTheLimit,
    networks_is_enforced => Networks,
    invitation_days_is_enforced => InvitationDays,
    invitation_domains_is_enforced => InvitationDomains,
    requests_per_minute_is_enforced => RequestsPerMinute,
    burst_is_enforced => Burst,
    requests_per_hour_is_enforced => RequestsPerHour,
    log_reads_is_enforced => LogReads,
    retain_security_days_is_enforced => RetainSecurityDays,
    retain_administration_days_is_enforced => RetainAdministrationDays,
    retain_reads_days_is_enforced => RetainReadsDays,
    classification_is_enforced => Classification,
    regions_is_enforced => Regions,
    api_key_max_days_is_enforced => ApiKeyMaxDays,
    key_rotation_days_is_enforced => KeyRotationDays,
    approval_needed_is_enforced => ApprovalNeeded,
}

#[tokio::test]
async fn of_fifty_sessions_at_once_as_many_are_inside_as_may_be() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let mut people = Vec::new();
        for number in 0..5 {
            people.push(t.join(&ada, "Crowd", &format!("p{number}@acme.example"), Role::Member).await);
        }
        for limit in [AtTheLimit::RefuseNewest, AtTheLimit::EndOldest] {
            let policy =
                SecurityPolicy { sessions_in_organization: Some(7), at_the_limit: limit, ..SecurityPolicy::default() };
            put_policy(&t.enter(&w.ada, &w.acme).await, &policy).await.unwrap();
            t.pass(Duration::days(8));
            let mut crowd = Vec::new();
            for number in 0..50 {
                let grant = sign_in::sign_in(&t.request(), &people[number % 5].email, PASSWORD).await.unwrap();
                crowd.push(t.person(grant).await);
            }
            let came = futures::future::join_all(crowd.iter().map(|person| comes(&t, person, "acme"))).await;
            let inside = came.iter().filter(|answer| answer.is_ok()).count();
            t.pass(Duration::SECOND);
            let mut still = 0;
            for person in &crowd {
                still += usize::from(t.visitor(&person.session).await.is_some() && was_let_in(&t, person).await);
            }
            match limit {
                AtTheLimit::RefuseNewest => assert_eq!((inside, still), (7, 7)),
                AtTheLimit::EndOldest => assert_eq!((inside, still), (50, 7)),
            }
            // So that the next round begins with nobody inside.
            t.pass(Duration::days(8));
        }
    })
    .await;
}

/// Whether a session is inside by what the organization has of it.
async fn was_let_in(t: &TestPortal, person: &Person) -> bool {
    let acme = t.text("SELECT id::text FROM platform.tenants WHERE slug = 'acme'").await.replace('-', "");
    let inside = format!(
        "SELECT count(*) FROM t_{acme}.member_sessions
         WHERE session_id = '{}' AND (ended_at IS NULL OR ended_at < last_seen_at)",
        person.visitor.session
    );
    t.number(&inside).await == 1
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_lets_nobody_in() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        put_policy(&t.enter(&w.ada, &w.acme).await, &SecurityPolicy { log_reads: true, ..SecurityPolicy::default() })
            .await
            .unwrap();
        for text in ["", "{", r#"{"mfa":"maybe"}"#, r#"{"unheard_of":1}"#] {
            t.sql(&format!("UPDATE {}.policy_versions SET settings = '{text}'", w.acme.schema())).await;
            let portal = t.another(TestPortal::settings(false)).await;
            let request = RequestContext::new(&portal, Some(HOME.into()), None, None);
            for person in [&w.ada, &w.ben, &w.mia] {
                assert_eq!(enters(&request, &t, person).await, Err(Problem::PolicyUnreadable), "{text}");
            }
            portal.close().await;
        }
        assert_eq!(comes(&t, &w.gus, "globex").await, Ok(()));
    })
    .await;
}
