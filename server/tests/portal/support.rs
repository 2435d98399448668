//! What several themes need.

use std::future::{Future, poll_fn};
use std::task::Poll;

use domain::audit::{AuditQuery, Outcome};
use domain::fields::FieldProblem;
use domain::members::MemberStatus;
use domain::policy::{PolicyForm, SecurityPolicy};
use domain::problem::Problem;
use futures::TryStreamExt;
use server::audit::Format;
use server::invitations::{self, Accepted, Joiner};
use server::policy::{EnforceForm, Saved};
use server::testing::{JournalEntry, Organization, PASSWORD, Person, TestPortal};
use server::{Access, Error, policy};
use sqlx::Row;

/// The refusal that an answer is.
#[track_caller]
pub fn refused<T>(answer: Result<T, Error>) -> Problem {
    match answer {
        Ok(_) => panic!("it was allowed"),
        Err(Error::Refused(problem)) => problem,
        Err(error) => panic!("not a refusal but: {error:?}"),
    }
}

/// What an answer says about a field.
#[track_caller]
pub fn field<T>(answer: Result<T, Error>, name: &str) -> FieldProblem {
    match answer {
        Ok(_) => panic!("it was allowed"),
        Err(Error::Invalid(errors)) => errors.of(name).unwrap_or_else(|| panic!("nothing about {name}: {errors:?}")),
        Err(error) => panic!("not a wrong field but: {error:?}"),
    }
}

/// The SQLSTATE with which Postgres refuses.
#[track_caller]
pub fn sqlstate<T: std::fmt::Debug>(answer: Result<T, sqlx::Error>) -> String {
    let error = answer.expect_err("Postgres refuses");
    let database = error.as_database_error().unwrap_or_else(|| panic!("{error}"));
    database.code().expect("a SQLSTATE").into_owned()
}

/// "Insufficient privilege."
pub const DENIED: &str = "42501";

/// "Foreign key violation."
pub const FOREIGN_KEY: &str = "23503";

/// New entries as action and outcome.
pub fn names(entries: &[JournalEntry]) -> Vec<(&str, Outcome)> {
    entries.iter().map(|entry| (entry.action.as_str(), entry.outcome)).collect()
}

/// The whole export of an organization's log.
pub async fn export(access: Access) -> Result<String, Error> {
    export_of(access, Format::Ndjson, "").await
}

/// The same as a table.
pub async fn export_table(access: Access) -> Result<String, Error> {
    export_of(access, Format::Csv, "").await
}

/// The export of what a query asks for.
pub async fn export_of(access: Access, format: Format, query: &str) -> Result<String, Error> {
    let ticket = server::audit::begin_export(&access, format, &AuditQuery::from_text(query)).await?;
    let lines: Vec<String> = server::audit::export(access, &ticket, None).await?.lines.try_collect().await?;
    Ok(lines.concat())
}

/// Drops a future when it was polled so often: at once, or only when there is something to go on
/// with and nobody to do it.
pub async fn cancelled<F: Future>(polls: usize, at_once: bool, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut polled = 0;
    poll_fn(move |context| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if at_once && polled == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// What holds in every organization at any time between two requests: the platform's memberships
/// are the organization's members, an active owner is among them, and the log has no gap.
pub async fn assert_sound(t: &TestPortal, organization: &Organization) {
    let (schema, id) = (organization.schema(), organization.id);
    let apart = format!(
        "SELECT (SELECT count(*) FROM (SELECT account_id FROM {schema}.members EXCEPT SELECT account_id FROM platform.memberships WHERE tenant_id = '{id}') a)
              + (SELECT count(*) FROM (SELECT account_id FROM platform.memberships WHERE tenant_id = '{id}' EXCEPT SELECT account_id FROM {schema}.members) b)"
    );
    assert_eq!(t.number(&apart).await, 0, "members and memberships differ");
    assert!(active_owners(t, organization).await >= 1, "no active owner");
    let row = &t.sql(&format!("SELECT size, (SELECT count(*) FROM {schema}.audit_entries), (SELECT max(index) + 1 FROM {schema}.audit_entries) FROM {schema}.audit_head")).await[0];
    let (size, count, next): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    assert_eq!((size, count), (next, next), "the log has a gap");
}

/// How many owners may come in.
pub async fn active_owners(t: &TestPortal, organization: &Organization) -> i64 {
    let (schema, active) = (organization.schema(), MemberStatus::Active.code());
    t.number(&format!("SELECT count(*) FROM {schema}.members WHERE role = 'owner' AND status = '{active}'")).await
}

/// Everything that an organization is, but for its log: its tables, and its part of the platform's.
pub async fn substance(t: &TestPortal, organization: &Organization) -> String {
    let (schema, id) = (organization.schema(), organization.id);
    // That somebody was seen is no change.
    let members = format!("(SELECT account_id, name, email, role, status, joined_at FROM {schema}.members)");
    let mut dump = t.rows(&members, "true").await;
    dump += &t.rows(&format!("{schema}.invitations"), "true").await;
    dump += &t.rows("platform.tenants", &format!("id = '{id}'")).await;
    for table in ["slugs", "memberships", "pending_invitations", "outbox", "tokens"] {
        dump += &t.rows(&format!("platform.{table}"), &format!("tenant_id = '{id}'")).await;
    }
    dump
}

/// Somebody who is invited.
pub const NEW: &str = "new@person.example";

/// Accepts an invitation as somebody without an account.
pub async fn accept_as_new(t: &TestPortal, secret: &str) -> Result<Accepted, Error> {
    invitations::accept(&t.request(), secret, Joiner::New { name: "New Person", password: PASSWORD }).await
}

/// Gives somebody a passkey that no device has.
pub async fn give_passkey(t: &TestPortal, person: &Person) {
    t.sql(&format!(
        "INSERT INTO platform.passkeys (id, account_id, name, credential_id, credential, created_at)
         VALUES (gen_random_uuid(), '{0}', 'Laptop', uuid_send('{0}'), '{{}}', now())",
        person.account
    ))
    .await;
}

/// A policy that asks for a second factor of any kind.
pub fn asking_mfa(grace_days: u32) -> SecurityPolicy {
    SecurityPolicy { mfa: true, mfa_grace_days: grace_days, ..SecurityPolicy::default() }
}

/// Saves a policy as the draft: its version.
pub async fn draft_policy(access: &Access, policy: &SecurityPolicy) -> Result<i64, Error> {
    let editing = policy::edit(access).await?;
    let form = PolicyForm::of(policy, &**access.book());
    match policy::save_draft(access, &editing.base.to_string(), &form).await? {
        Saved::Draft(version) => Ok(version),
        Saved::Unchanged => Ok(editing.base),
        Saved::Overtaken(overtaken) => panic!("overtaken: {overtaken:?}"),
    }
}

/// Puts a version into force that is the draft.
pub async fn enforce_version(access: &Access, version: i64) -> Result<(), Error> {
    policy::enforce(access, &EnforceForm { version: version.to_string(), ..EnforceForm::default() }).await
}

/// Saves a policy as the draft and puts it into force.
pub async fn put_policy(access: &Access, policy: &SecurityPolicy) -> Result<(), Error> {
    let version = draft_policy(access, policy).await?;
    enforce_version(access, version).await
}

/// Asks for a second factor, which somebody who may has themselves: a passkey.
pub async fn require_mfa(t: &TestPortal, owner: &Person, of: &Organization, grace_days: u32) {
    give_passkey(t, owner).await;
    let access = t.enter(owner, of).await;
    put_policy(&access, &asking_mfa(grace_days)).await.expect("a policy");
}
