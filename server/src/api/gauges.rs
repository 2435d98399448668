//! How much programs may ask for: with one key, with all keys of an organization, and from one address. In memory, as all
//! limits are.

use std::net::IpAddr;

use domain::audit::Actor;
use domain::ids::{ApiKeyId, TenantId};
use domain::policy::{Excess, SecurityPolicy};
use domain::problem::Problem;

use crate::callers::{Caller, Refusal, arrive};
use crate::error::Error;
use crate::limits::network;
use crate::policy::Rates;
use crate::quotas::{self, Left};
use crate::request::RequestContext;

/// What programs have asked for.
pub(crate) struct Gauges {
    key: (SecurityPolicy, Rates<ApiKeyId>),
    tenant: (SecurityPolicy, Rates<TenantId>),
    address: (SecurityPolicy, Rates<IpAddr>),
}

impl Gauges {
    /// With so many requests a minute for each key.
    pub(crate) fn new(per_key: u32) -> Self {
        let most = |requests| SecurityPolicy { requests_per_minute: Some(requests), ..SecurityPolicy::default() };
        let several = per_key.saturating_mul(2);
        Self {
            key: (most(per_key), Rates::default()),
            tenant: (most(several), Rates::default()),
            address: (most(several), Rates::default()),
        }
    }
}

/// Why a program does not come in.
#[derive(Debug)]
pub struct Shut {
    /// What it is told.
    pub error: Error,
    /// What is left of each limit that was looked at until then. Of the one that says so that is nothing.
    pub left: Left,
}

impl<E: Into<Error>> From<E> for Shut {
    fn from(error: E) -> Self {
        Self { error: error.into(), left: Left::new() }
    }
}

/// Finds out who calls, as [`authenticate`](crate::callers::authenticate), and counts what is asked: by the address before
/// anybody looks at the key, by keys that open nothing, by the key, by its organization, and by the organization's quotas of
/// requests. What is left of each limit that there is comes with it, by its name.
///
/// # Errors
/// As [`authenticate`](crate::callers::authenticate); [`Problem::Throttled`]; [`Problem::TooMany`], if this key and many
/// others from there have opened nothing; [`Problem::OverQuota`]. Whoever has a key that opens something is not kept out by
/// others beside them.
pub async fn enter(request: &RequestContext, presented: &str) -> Result<(Caller, Left), Shut> {
    count_address(request)?;
    let caller = match arrive(request, presented).await {
        Err(Refusal { error: Error::Refused(Problem::KeyRefused), .. }) => return Err(count_wrong(request).await),
        Err(Refusal { error, excess }) => return Err(Shut { error, left: spent("policy", excess) }),
        Ok(caller) => caller,
    };
    let mut left = count(&caller)?;
    let (more, full) = quotas::count_request(&caller).await?;
    left.extend(more);
    match full {
        Some(error) => Err(Shut { error, left }),
        None => Ok((caller, left)),
    }
}

/// Counts a key that opens nothing: what whoever came with it is told.
async fn count_wrong(request: &RequestContext) -> Shut {
    let Some(ip) = request.ip else { return Problem::KeyRefused.into() };
    let wrong = &request.portal().limits().key_network;
    match wrong.count(request, Actor::stranger(), &network(ip)).await {
        Ok(()) => Problem::KeyRefused.into(),
        Err(error) => {
            let left = error.problem().retry_after().map(|seconds| ("network", wrong.exhausted(seconds)));
            Shut { left: left.filter(|_| error.problem().status() == 429).into_iter().collect(), error }
        }
    }
}

/// Counts a request of an address's.
fn count_address(request: &RequestContext) -> Result<(), Shut> {
    let Some(ip) = request.ip else { return Ok(()) };
    let (most, rates) = &request.portal().gauges().address;
    rates.take(network(ip), most, request.now).map_err(|excess| throttled("address", excess, Left::new()))?;
    Ok(())
}

/// Counts a request of a key's and of its organization's.
fn count(caller: &Caller) -> Result<Left, Shut> {
    let (gauges, now) = (caller.request().portal().gauges(), caller.request().now);
    let mut left = Left::new();
    match gauges.key.1.take(caller.key(), &gauges.key.0, now) {
        Ok(of_key) => left.extend(of_key.map(|of_key| ("key", of_key))),
        Err(excess) => return Err(throttled("key", excess, left)),
    }
    match gauges.tenant.1.take(caller.tenant(), &gauges.tenant.0, now) {
        Ok(of_tenant) => left.extend(of_tenant.map(|of_tenant| ("organization", of_tenant))),
        Err(excess) => return Err(throttled("organization", excess, left)),
    }
    left.extend(caller.allowance().map(|of_policy| ("policy", of_policy)));
    Ok(left)
}

/// What is left of a limit that is reached, if it is.
fn spent(name: &'static str, excess: Option<Excess>) -> Left {
    excess.map(|excess| (name, excess.allowance())).into_iter().collect()
}

fn throttled(name: &'static str, excess: Excess, mut left: Left) -> Shut {
    left.extend(spent(name, Some(excess)));
    let error = Problem::Throttled { seconds: u16::try_from(excess.seconds).unwrap_or(u16::MAX) }.into();
    Shut { error, left }
}
