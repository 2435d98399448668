//! Sign-ins, as an organization notices them: when a session comes in for the first time, or with a new proof of who its
//! owner is.

use std::collections::HashSet;
use std::net::IpAddr;

use domain::detections::{FactKind, SecurityFact, is_privileged, network_of};
use domain::device;
use domain::members::Member;
use sha2::{Digest, Sha256};
use sqlx::types::ipnet::{IpNet, Ipv6Net};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Noticed;
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::TenantTx;

/// The most devices of a member that are looked at.
const DEVICES: i64 = 100;

/// Notes that somebody has come in, unless they have come with the same session and proof before. It compares with what
/// the organization has kept of them, and so comes before this visit is kept.
pub(crate) async fn note(
    tx: &mut TenantTx,
    request: &RequestContext,
    visitor: &Visitor,
    member: &Member,
    session_seen_at: Option<OffsetDateTime>,
) -> Result<(), Error> {
    if session_seen_at.is_some_and(|seen| visitor.authenticated_at <= seen) {
        return Ok(());
    }
    let known = Known::lookup(tx, request, member).await?;
    let pause = member.last_seen_at.map_or(0, |seen| (request.now - seen).whole_days());
    let fact = SecurityFact {
        amount: u32::try_from(pause).unwrap_or(0),
        new_network: known.is_new_network,
        new_device: known.is_new_device(request.device.as_deref()),
        privileged: is_privileged(member.permissions),
        ..SecurityFact::new(request.now, FactKind::SignIn, Some(member.id), request.ip)
    };
    tx.record([Noticed { fact, source: Some(source(visitor)) }]);
    Ok(())
}

/// What is the same for all requests of a session with one proof, of which a page sends several at once.
fn source(visitor: &Visitor) -> Uuid {
    let mut digest = Sha256::new();
    digest.update(visitor.session.0.as_bytes());
    digest.update(visitor.authenticated_at.unix_timestamp_nanos().to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The network of an address, in each way in which the same may be kept.
fn networks_of(ip: IpAddr) -> Vec<IpNet> {
    let network = network_of(ip);
    let mapped = match network {
        IpNet::V4(v4) => Ipv6Net::new(v4.addr().to_ipv6_mapped(), 96 + v4.prefix_len()).ok().map(IpNet::V6),
        IpNet::V6(_) => None,
    };
    std::iter::once(network).chain(mapped).collect()
}

/// From where and with what somebody has come, as long as that is kept.
struct Known {
    is_new_network: bool,
    devices: HashSet<String>,
}

impl Known {
    async fn lookup(tx: &mut TenantTx, request: &RequestContext, member: &Member) -> Result<Self, Error> {
        let networks = request.ip.map(networks_of).unwrap_or_default();
        let row = sqlx::query!(
            r#"SELECT EXISTS (SELECT FROM visits WHERE account_id = $1) AS "has_come!",
                      EXISTS (SELECT FROM visits WHERE account_id = $1 AND ip <<= ANY($2)) AS "from_there!",
                      ARRAY(SELECT DISTINCT device FROM member_sessions
                            WHERE account_id = $1 AND device IS NOT NULL LIMIT $3) AS "devices!""#,
            member.id.0,
            &networks,
            DEVICES
        )
        .fetch_one(tx.conn())
        .await?;
        Ok(Self {
            is_new_network: !networks.is_empty() && row.has_come && !row.from_there,
            devices: row.devices.iter().map(|agent| device::name(agent)).collect(),
        })
    }

    /// Whoever comes for the first time has no device that another could be new beside. A browser that was updated is
    /// the same.
    fn is_new_device(&self, agent: Option<&str>) -> bool {
        agent.is_some_and(|agent| !self.devices.is_empty() && !self.devices.contains(&device::name(agent)))
    }
}
