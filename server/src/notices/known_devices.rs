//! Where an account was signed in to before.
//!
//! A device is what can be told of one without leaving anything in the browser: its browser and system, as far as they
//! have a name, and the network that it is in, an IPv4 /24 or an IPv6 /48. So another browser is a new device, and so is
//! the same one at another place; an update of the browser and another address at the same provider mostly are not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use domain::device;
use domain::ids::AccountId;
use domain::notices::Event;
use sqlx::PgConnection;
use time::Duration;

use super::{sql, tell};
use crate::error::Error;
use crate::outbox;
use crate::request::RequestContext;

/// The most devices that an account knows; the others are new again.
const MOST: i64 = 100;
/// The most mails about new ones that an account gets in an hour: whoever has the password can invent any number.
const MOST_TOLD: i64 = 10;

/// Notes the device of a sign-in, in its transaction, and tells the owner when it is a new one. The first of an account
/// is that of whoever made it: there is nothing to tell.
pub(crate) async fn note(conn: &mut PgConnection, request: &RequestContext, account: AccountId) -> Result<(), Error> {
    let hash = hash(request, account);
    if sql::note_use(conn, account, &hash, request.now).await? {
        return Ok(());
    }
    let is_first = !sql::knows_any(conn, account).await?;
    if !sql::add_device(conn, account, &hash, request.now).await? || is_first {
        return Ok(());
    }
    sql::remove_oldest(conn, account, MOST).await?;
    if outbox::tell_of_another_device(conn, account).await? {
        return Ok(());
    }
    let told = sql::count(conn, account, Event::NewDevice, request.now - Duration::hours(1)).await?;
    if told < MOST_TOLD { tell(conn, request, account, Event::NewDevice, None).await } else { Ok(()) }
}

/// What is stored of a device: nobody finds it by trying all of them without the master key.
pub(super) fn hash(request: &RequestContext, account: AccountId) -> Vec<u8> {
    let mut context = account.0.as_bytes().to_vec();
    match request.ip.map(surroundings) {
        Some(IpAddr::V4(v4)) => context.extend(v4.octets()),
        Some(IpAddr::V6(v6)) => context.extend(v6.octets()),
        None => {}
    }
    context.push(0);
    context.extend(request.device.as_deref().map(device::name).unwrap_or_default().into_bytes());
    request.portal().keys().master().derive("known device", &context).to_vec()
}

/// The network that an address is in: wide enough for a provider that gives out others from time to time.
fn surroundings(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_in_one_network() {
        for (one, other, same) in [
            ("192.0.2.7", "192.0.2.250", true),
            ("192.0.2.7", "192.0.3.7", false),
            ("192.0.2.7", "::ffff:192.0.2.9", true),
            ("2001:db8:1:2::1", "2001:db8:1:9::1", true),
            ("2001:db8:1::1", "2001:db8:2::1", false),
        ] {
            let (one, other): (IpAddr, IpAddr) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(surroundings(one) == surroundings(other), same, "{one} and {other}");
        }
    }
}
