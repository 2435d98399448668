//! Queries on what questions are judged by, in the tenant's schema.

use std::collections::HashMap;
use std::sync::Arc;

use domain::checks::{Person, Rulebook, Subject};
use domain::ids::AccountId;
use domain::members::Member;
use domain::policy::Rule;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::roles_of;
use crate::error::Error;
use crate::members;
use crate::store::TenantTx;

/// What everybody is judged by: one statement, unless roles or policy are new.
pub(super) async fn rulebook(tx: &mut TenantTx) -> Result<Rulebook, Error> {
    let row = sqlx::query!(
        "SELECT enforced, mfa_since, role_book.revision AS role_revision
         FROM policy_head, role_book WHERE policy_head.id = 1 AND role_book.id = 1"
    )
    .fetch_one(tx.conn())
    .await?;
    let book = tx.open_book(row.role_revision).await?;
    let policy = tx.open_policy(row.enforced).await?;
    Ok(Rulebook { book, policy, mfa_since: row.mfa_since })
}

/// Members who were looked for.
pub(super) struct Found {
    by_id: HashMap<AccountId, Arc<Person>>,
    by_email: HashMap<String, AccountId>,
}

impl Found {
    /// The one that a question is about.
    pub(super) fn of(&self, subject: &Subject) -> Option<Arc<Person>> {
        let id = match subject {
            Subject::Id(id) => *id,
            Subject::Email(email) => *self.by_email.get(email.as_str())?,
            Subject::Nobody => return None,
        };
        self.by_id.get(&id).cloned()
    }
}

/// Those of these who are members.
pub(super) async fn people(tx: &mut TenantTx, subjects: &[&Subject], now: OffsetDateTime) -> Result<Found, Error> {
    let (mut ids, mut emails) = (Vec::new(), Vec::new());
    for subject in subjects {
        match subject {
            Subject::Id(id) => ids.push(id.0),
            Subject::Email(email) => emails.push(email.as_str().to_owned()),
            Subject::Nobody => {}
        }
    }
    let members = members::sql::named(tx, &ids, &emails).await?;
    let mut excepted = exceptions(tx, &members, now).await?;
    let book = tx.book().await?;
    let by_email = members.iter().map(|member| (member.email.clone(), member.id)).collect();
    let people = members.into_iter().map(|member| {
        let excepted = excepted.remove(&member.id.0).unwrap_or_default();
        let person = Person {
            status: member.status,
            role: member.role.id(),
            bound_by: roles_of(member.role.id(), &member.groups, &book),
            groups: member.groups,
            permissions: member.permissions,
            joined_at: member.joined_at,
            access_ended_at: member.access_ended_at,
            excepted,
        };
        (member.id, Arc::new(person))
    });
    Ok(Found { by_id: people.collect(), by_email })
}

/// The rules that members are excepted from, and until when.
type Excepted = HashMap<Uuid, Vec<(Rule, OffsetDateTime)>>;

async fn exceptions(tx: &mut TenantTx, members: &[Member], now: OffsetDateTime) -> Result<Excepted, Error> {
    let ids: Vec<_> = members.iter().map(|member| member.id.0).collect();
    let rows = sqlx::query!(
        "SELECT account_id, rule, until FROM policy_exceptions
         WHERE account_id = ANY($1) AND ended_at IS NULL AND until > $2",
        &ids,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let mut excepted = Excepted::new();
    for row in rows {
        if let Some(rule) = Rule::from_code(&row.rule) {
            excepted.entry(row.account_id).or_default().push((rule, row.until));
        }
    }
    Ok(excepted)
}
