//! The way in: the one place where a [`Caller`] is made.

use std::sync::Arc;

use domain::api_keys::KeySecret;
use domain::audit::{Action, Draft, Fact, Public};
use domain::organizations::TenantStatus;
use domain::policy::{Allowance, Excess, Facts, Outcome, Rule};
use domain::problem::Problem;
use domain::roles::Permissions;

use super::{Caller, Standing};
use crate::error::Error;
use crate::request::RequestContext;

/// Coming in, which is on record where it is denied.
const ENTERED: Action = Action::new("organization.entered");

/// Why somebody does not come in, and which of the policy's limits says so, if one does.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) error: Error,
    pub(crate) excess: Option<Excess>,
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { error: error.into(), excess: None }
    }
}

/// Finds out who calls with what was presented as a key, and counts the request.
///
/// # Errors
/// [`Problem::KeyRefused`] alike for what is no key, for one that there is not, and for one that is over, revoked,
/// disabled, or stopped with whoever answers for it, with whoever has made its secret or with its organization;
/// [`Problem::Throttled`]; [`Problem::KeptOut`], where the organization's policy or the key's own networks keep it out; the organization is being upgraded, or its policy cannot be
/// read; the database does not answer.
pub async fn authenticate(request: &RequestContext, presented: &str) -> Result<Caller, Error> {
    arrive(request, presented).await.map_err(|refusal| refusal.error)
}

/// Finds out anew who calls, for a request that was counted when its head came.
///
/// # Errors
/// As [`authenticate`], but for what counts requests.
pub async fn authenticate_again(request: &RequestContext, presented: &str) -> Result<Caller, Error> {
    let caller = look_up(request, presented).await?;
    match caller.judge_place() {
        Ok(()) => Ok(caller),
        Err(problem) => {
            caller.note_kept_out(problem).await?;
            Err(problem.into())
        }
    }
}

/// As [`authenticate`].
pub(crate) async fn arrive(request: &RequestContext, presented: &str) -> Result<Caller, Refusal> {
    let caller = look_up(request, presented).await?;
    match caller.judge() {
        Ok(allowance) => {
            caller.request.portal().callers().uses.note(&caller, Permissions::default());
            Ok(Caller { allowance, ..caller })
        }
        Err((problem, excess)) => {
            caller.note_kept_out(problem).await?;
            Err(Refusal { error: problem.into(), excess })
        }
    }
}

/// Whoever has this key, if it opens something.
async fn look_up(request: &RequestContext, presented: &str) -> Result<Caller, Error> {
    let hash = KeySecret::parse(presented).ok_or(Problem::KeyRefused)?.hash();
    let portal = request.portal();
    let standing = portal.callers().standings.ask(portal, hash).await?;
    let is_open = |it: &Arc<Standing>| it.tenant.status == TenantStatus::Active && request.now < it.ends_at;
    let standing = standing.filter(is_open).ok_or(Problem::KeyRefused)?;
    let snapshot = portal.callers().snapshots.of(portal, &standing, hash).await?;
    if snapshot.until.is_none_or(|until| until <= request.now) {
        return Err(Problem::KeyRefused.into());
    }
    Ok(Caller { request: Arc::new(request.clone()), standing, snapshot, allowance: None })
}

impl Caller {
    /// Counts the request, and judges where it comes from.
    fn judge(&self) -> Result<Option<Allowance>, (Problem, Option<Excess>)> {
        let (snapshot, request) = (&self.snapshot, &self.request);
        let counted = request.portal().rates().take(self.counted_as(), &snapshot.limits, request.now);
        let allowance = counted.map_err(|excess| {
            (Problem::Throttled { seconds: u16::try_from(excess.seconds).unwrap_or(u16::MAX) }, Some(excess))
        })?;
        self.judge_place().map_err(|problem| (problem, None))?;
        Ok(allowance)
    }

    /// Judges where the request comes from: by the organization's policy, as if whoever answers for the key came from
    /// there, and by the key's own networks.
    fn judge_place(&self) -> Result<(), Problem> {
        let (snapshot, request) = (&self.snapshot, &self.request);
        let facts = Facts::of_key(&snapshot.roles, request.ip, request.portal().region(), request.now);
        if let Outcome::Deny(rule) = snapshot.policy.evaluate(&facts, None, request.now).outcome {
            return Err(Problem::KeptOut(rule));
        }
        if snapshot.networks.allow(request.ip) { Ok(()) } else { Err(Problem::KeptOut(Rule::Networks)) }
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
