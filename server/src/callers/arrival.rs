//! The way in: the one place where a [`Caller`] is made.

use std::sync::Arc;

use domain::api_keys::KeySecret;
use domain::audit::{Action, Draft, Fact, Public};
use domain::organizations::TenantStatus;
use domain::policy::{Allowance, Facts, Outcome, Rule};
use domain::problem::Problem;
use domain::roles::Permissions;

use super::{Caller, Standing};
use crate::error::Error;
use crate::request::RequestContext;

/// Coming in, which is on record where it is denied.
const ENTERED: Action = Action::new("organization.entered");

/// Finds out who calls with what was presented as a key, and counts the request.
///
/// # Errors
/// [`Problem::KeyRefused`] alike for what is no key, for one that there is not, and for one that is over, revoked, or
/// stopped with whoever answers for it or with its organization; [`Problem::Throttled`]; [`Problem::KeptOut`], where the
/// organization's policy or the key's own networks keep it out; the organization is being upgraded, or its policy cannot be
/// read; the database does not answer.
pub async fn authenticate(request: &RequestContext, presented: &str) -> Result<Caller, Error> {
    let hash = KeySecret::parse(presented).ok_or(Problem::KeyRefused)?.hash();
    let portal = request.portal();
    let standing = portal.callers().standings.ask(portal, hash).await?;
    let is_open = |it: &Arc<Standing>| it.tenant.status == TenantStatus::Active && request.now < it.ends_at;
    let standing = standing.filter(is_open).ok_or(Problem::KeyRefused)?;
    let snapshot = portal.callers().snapshots.of(portal, &standing, hash).await?;
    if snapshot.until.is_none_or(|until| until <= request.now) {
        return Err(Problem::KeyRefused.into());
    }
    let request = Arc::new(request.clone());
    let caller = Caller { request, standing, snapshot, allowance: None };
    match caller.judge() {
        Ok(allowance) => {
            portal.callers().uses.note(&caller, Permissions::default());
            Ok(Caller { allowance, ..caller })
        }
        Err(problem) => {
            caller.note_kept_out(problem).await?;
            Err(problem.into())
        }
    }
}

impl Caller {
    /// Counts the request, and judges where it comes from: by the organization's policy, as if whoever answers for the key
    /// came from there, and by the key's own networks.
    fn judge(&self) -> Result<Option<Allowance>, Problem> {
        let (snapshot, request) = (&self.snapshot, &self.request);
        let counted = request.portal().rates().take(self.counted_as(), &snapshot.limits, request.now);
        let allowance = counted
            .map_err(|excess| Problem::Throttled { seconds: u16::try_from(excess.seconds).unwrap_or(u16::MAX) })?;
        let facts = Facts::of_key(&snapshot.roles, request.ip, request.portal().region(), request.now);
        if let Outcome::Deny(rule) = snapshot.policy.evaluate(&facts, None, request.now).outcome {
            return Err(Problem::KeptOut(rule));
        }
        if !snapshot.networks.allow(request.ip) {
            return Err(Problem::KeptOut(Rule::Networks));
        }
        Ok(allowance)
    }

    /// Puts on record that the key was kept out, or asked for too much, once for many times.
    async fn note_kept_out(&self, problem: Problem) -> Result<(), Error> {
        let why = match problem {
            Problem::KeptOut(rule) => rule.code(),
            Problem::Throttled { .. } => "rate_limit",
            _ => return Ok(()),
        };
        let entry = Draft::denied(ENTERED, self.actor())
            .target("organization", self.tenant(), Fact::Public(self.standing.tenant.name.clone()))
            .added("rule", Public(why.to_owned()))
            .within(self.request.audited());
        self.note(format!("{ENTERED} {why}"), entry).await
    }
}
