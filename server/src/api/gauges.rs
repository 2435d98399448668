//! How much programs may ask for: with one key, with all keys of an organization, and from one address. In memory, as all
//! limits are.

use std::net::IpAddr;

use domain::audit::Actor;
use domain::ids::{ApiKeyId, TenantId};
use domain::policy::{Allowance, Excess, SecurityPolicy};
use domain::problem::Problem;

use crate::callers::{Caller, authenticate};
use crate::error::Error;
use crate::limits::network;
use crate::policy::Rates;
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

/// Finds out who calls, as [`authenticate`], and counts what is asked: by the address before anybody looks at the key, by
/// keys that open nothing, by the key and by its organization. What is left of each limit that there is comes with it, by
/// its name.
///
/// # Errors
/// As [`authenticate`]; [`Problem::Throttled`]; [`Problem::TooMany`], if this key and many others from there have opened
/// nothing. Whoever has a key that opens something is not kept out by others beside them.
pub async fn enter(
    request: &RequestContext,
    presented: &str,
) -> Result<(Caller, Vec<(&'static str, Allowance)>), Error> {
    count_address(request)?;
    let caller = match authenticate(request, presented).await {
        Err(Error::Refused(Problem::KeyRefused)) => {
            if let Some(ip) = request.ip {
                let wrong = &request.portal().limits().key_network;
                wrong.count(request, Actor::stranger(), &network(ip)).await?;
            }
            return Err(Problem::KeyRefused.into());
        }
        caller => caller?,
    };
    let left = count(&caller)?;
    Ok((caller, left))
}

/// Counts a request of an address's.
fn count_address(request: &RequestContext) -> Result<(), Error> {
    let Some(ip) = request.ip else { return Ok(()) };
    let (most, rates) = &request.portal().gauges().address;
    rates.take(network(ip), most, request.now).map_err(throttled)?;
    Ok(())
}

/// Counts a request of a key's and of its organization's.
fn count(caller: &Caller) -> Result<Vec<(&'static str, Allowance)>, Error> {
    let (gauges, now) = (caller.request().portal().gauges(), caller.request().now);
    let of_key = gauges.key.1.take(caller.key(), &gauges.key.0, now).map_err(throttled)?;
    let of_tenant = gauges.tenant.1.take(caller.tenant(), &gauges.tenant.0, now).map_err(throttled)?;
    let all = [("key", of_key), ("organization", of_tenant), ("policy", caller.allowance())];
    Ok(all.into_iter().filter_map(|(name, left)| Some((name, left?))).collect())
}

fn throttled(excess: Excess) -> Error {
    Problem::Throttled { seconds: u16::try_from(excess.seconds).unwrap_or(u16::MAX) }.into()
}
