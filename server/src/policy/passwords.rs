//! The password that an organization asks for.
//!
//! An account is the platform's, and so is its password: of that is noted what an organization may ask for, and whoever falls
//! short chooses another before they come in. It holds everywhere from then on.

use std::sync::Arc;

use domain::fields::FieldProblem;
use domain::policy::{EnforcedPolicy, Rule, Rules};
use domain::slug::Slug;

use crate::access;
use crate::accounts;
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::{Grant, Visitor};

/// What an organization asks of the password of somebody who falls short of it.
#[derive(Clone, Debug)]
pub struct AskedPassword {
    /// The organization's name.
    pub organization: String,
    /// What it asks.
    pub policy: Arc<EnforcedPolicy>,
    /// What speaks against the password that they have: rules of passwords alone.
    pub rules: Rules,
}

/// What an organization of somebody's asks of their password, where that falls short; nothing where it does not, or the
/// slug is none of theirs.
///
/// # Errors
/// The organization lets nobody in at present, or not them; the database does not answer.
pub async fn asked_password(
    request: &RequestContext,
    visitor: &Visitor,
    slug: &str,
) -> Result<Option<AskedPassword>, Error> {
    let Some(slug) = Slug::asked(slug) else { return Ok(None) };
    let Some(tenant) = visitor.memberships.all.iter().find(|tenant| tenant.slug == slug.as_str()) else {
        return Ok(None);
    };
    let (tx, entrance) = access::open(request, tenant, visitor).await?;
    tx.close();
    let decision = access::decide(&entrance, visitor, request, None);
    let rules: Rules = Rule::OF_PASSWORDS.into_iter().filter(|rule| decision.rules.contain(*rule)).collect();
    let asked = || AskedPassword { organization: tenant.name.clone(), policy: entrance.policy.clone(), rules };
    Ok((!rules.is_empty()).then(asked))
}

/// Changes the password to one that an organization of somebody's asks for, where it does. One that grew old is not chosen
/// again.
///
/// # Errors
/// As [`accounts::change_password`]; a new one that is less than is asked for, or the one that it takes the place of, at the
/// field `password`.
pub async fn choose_password(
    request: &RequestContext,
    visitor: &Visitor,
    slug: &str,
    (current, new): (&str, &str),
) -> Result<Grant, Error> {
    let asked = asked_password(request, visitor, slug).await?;
    accounts::change_password_if(request, visitor, (current, new), |sound| {
        if current == new {
            return Some(FieldProblem::Unchanged);
        }
        asked.and_then(|asked| asked.policy.document().refuse_password(sound.length(), sound.strength()))
    })
    .await
}
