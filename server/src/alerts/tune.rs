//! How the rules are set that raise alerts.

use domain::audit::{Action, Draft, Public};
use domain::detections::Tuning;
use domain::notifications::Kind;
use domain::problem::Problem;
use domain::roles::Permission;
use serde::{Deserialize, Serialize};

use super::VIEWED;
use crate::access::Access;
use crate::detections::{sql, tell};
use crate::error::Error;
use crate::members;
use crate::policy;

const TUNED: Action = Action::new("detections.tuned");

/// How the rules are set, for whoever looks at it.
#[derive(Clone, Debug)]
pub struct RulesView {
    /// How they are set.
    pub tuning: Tuning,
    /// The revision of that, which the form brings back.
    pub revision: i64,
}

/// What was typed: names and values of fields, as [`Tuning::parse`] reads them, and `revision`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TuneForm(pub Vec<(String, String)>);

impl TuneForm {
    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// How the rules are set.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn rules(access: &Access) -> Result<RulesView, Error> {
    policy::require_view(access, VIEWED).await?;
    let mut tx = access.begin().await?;
    let (tuning, revision) = sql::tuning(tx.conn()).await?;
    tx.close();
    Ok(RulesView { tuning, revision })
}

/// Sets the rules otherwise. What they say now of what was noticed lately raises alerts at once. Owners are told of rules
/// that are switched off.
///
/// # Errors
/// Forbidden; numbers that are out of bounds, by field; a step-up is needed; somebody else has set them since the form was
/// shown ([`Problem::Changed`]).
pub async fn tune(access: &Access, form: TuneForm) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, TUNED).await?;
    let after = Tuning::parse(form.pairs())?;
    access.require_fresh()?;
    let mut tx = access.begin().await?;
    let (before, revision) = sql::lock_tuning(tx.conn()).await?;
    if form.value("revision") != Some(revision.to_string().as_str()) {
        return Err(Problem::Changed.into());
    }
    if after == before {
        tx.close();
        return Ok(());
    }
    sql::tune(tx.conn(), &after, revision + 1).await?;
    tell(tx.conn(), access.tenant()).await?;
    let off = after.switched_off_since(&before).map(|rule| Kind::DetectionSwitchedOff { rule });
    members::warn_owners(access, &mut tx, off).await?;
    let entry = Draft::done(TUNED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .within(access.request().audited());
    let entry = after.changes_since(&before).fold(entry, |entry, rule| {
        entry.changed(rule.code(), Public(before.describe(rule)), Public(after.describe(rule)))
    });
    tx.commit(access.request(), entry).await
}
