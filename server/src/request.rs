//! The request that an act comes with.

use std::net::IpAddr;

use domain::audit::Context;
use domain::audit::Fact;
use time::OffsetDateTime;

use crate::Portal;
use crate::edges::Randomness;
use crate::keys::KeyRing;
use crate::store::Transact;

/// When, from where and with what somebody asks.
#[derive(Clone)]
pub struct RequestContext {
    portal: Portal,
    /// When the request came.
    pub now: OffsetDateTime,
    /// The address that it came from, as far as proxies are trusted.
    pub ip: Option<IpAddr>,
    /// What the browser says it is, cut to a reasonable length.
    pub device: Option<String>,
    /// The id under which the log has it.
    pub request_id: Option<String>,
}

impl RequestContext {
    /// The context of a request that came now.
    pub fn new(portal: &Portal, ip: Option<IpAddr>, device: Option<&str>, request_id: Option<String>) -> Self {
        let device = device.map(|text| text.chars().filter(|c| !c.is_control()).take(300).collect());
        Self { portal: portal.clone(), now: portal.now(), ip, device, request_id }
    }

    /// The context of what the program does by itself, or somebody on its command line.
    pub fn internal(portal: &Portal) -> Self {
        Self::new(portal, None, None, None)
    }

    /// The portal that is asked.
    pub fn portal(&self) -> &Portal {
        &self.portal
    }

    /// The part of it that goes into an audit entry.
    pub(crate) fn audited(&self) -> Context<Fact> {
        Context {
            device: self.device.clone().map(Fact::Personal),
            ip: self.ip.map(|ip| Fact::Personal(ip.to_string())),
            request_id: self.request_id.clone(),
        }
    }
}

impl Transact for RequestContext {
    fn keys(&self) -> &KeyRing {
        self.portal.keys()
    }

    fn randomness(&self) -> &dyn Randomness {
        self.portal.randomness()
    }

    fn now(&self) -> OffsetDateTime {
        self.now
    }
}
