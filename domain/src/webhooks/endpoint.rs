//! Where messages are sent, as somebody types it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{EventKind, may_connect};
use crate::fields::{FieldErrors, FieldProblem};
use crate::text::is_unprintable;

/// The most bytes of an address.
pub const URL_MAX: u16 = 1000;
/// The most characters of a description.
const DESCRIPTION_MAX: u16 = 200;

/// An address to which messages are sent. Names in it are judged when they are looked up; an address of a machine is
/// judged here, and again before each message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointUrl(Url);

impl EndpointUrl {
    /// Reads an address: `https`, without a user, a password or a fragment. Plain `http` is for this machine alone, where
    /// whoever runs the portal allows that.
    ///
    /// # Errors
    /// It is none, too long, of another scheme, or leads to where nothing is sent.
    pub fn parse(text: &str, allowed: &[IpNet]) -> Result<Self, FieldProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldProblem::Required);
        }
        if text.len() > usize::from(URL_MAX) {
            return Err(FieldProblem::TooLong(URL_MAX));
        }
        // Browsers would leave these out, or read past them.
        if text.chars().any(|char| is_unprintable(char) || char.is_whitespace() || char == '\\') {
            return Err(FieldProblem::ForbiddenCharacters);
        }
        let url = Url::parse(text).map_err(|_| FieldProblem::Malformed)?;
        let has_more = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
        if url.scheme() != "https" && url.scheme() != "http" {
            return Err(FieldProblem::HttpsOnly);
        }
        if has_more || url.port_or_known_default().is_none_or(|port| port == 0) {
            return Err(FieldProblem::Malformed);
        }
        // What is written with other signs, or with dots to go up, can grow.
        if url.as_str().len() > usize::from(URL_MAX) {
            return Err(FieldProblem::TooLong(URL_MAX));
        }
        let machine = machine(&url)?;
        if url.scheme() == "http" && !machine.is_some_and(|address| address.to_canonical().is_loopback()) {
            return Err(FieldProblem::HttpsOnly);
        }
        if machine.is_some_and(|address| !may_connect(address, allowed)) {
            return Err(FieldProblem::PrivateAddress);
        }
        Ok(Self(url))
    }

    /// What was stored once: it was judged then, and is judged again before anything is sent.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Url::parse(text).ok().map(Self)
    }

    /// The whole address, as requests are sent to it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme, host and port: what a trail tells. What comes behind may be a secret.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host, by which people call it.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether the host is a name, which somebody has to look up.
    pub fn has_name(&self) -> bool {
        matches!(self.0.host(), Some(Host::Domain(_)))
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The machine that an address names without anybody looking up a name.
fn machine(url: &Url) -> Result<Option<IpAddr>, FieldProblem> {
    Ok(match url.host().ok_or(FieldProblem::Malformed)? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            // RFC 6761: these are this machine, whatever a name server says.
            let is_local = name == "localhost" || name.ends_with(".localhost");
            if name.is_empty() {
                return Err(FieldProblem::Malformed);
            }
            is_local.then_some(Ipv4Addr::LOCALHOST.into())
        }
    })
}

/// An endpoint as it was typed. `event` is there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointForm {
    /// Where messages go.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// The codes of what is sent.
    #[serde(rename = "event", skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

/// An endpoint that makes sense by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointWish {
    /// Where messages go.
    pub url: EndpointUrl,
    /// What it is for.
    pub description: String,
    /// What is sent, each once and in the order of the table.
    pub events: Vec<EventKind>,
}

impl EndpointForm {
    /// Reads the fields of a form, of which one is there several times.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name {
                "url" => value.clone_into(&mut form.url),
                "description" => value.clone_into(&mut form.description),
                // More than there are is nothing that a page sends.
                "event" if form.events.len() <= EventKind::ALL.len() => form.events.push(value.to_owned()),
                _ => {}
            }
        }
        form
    }

    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self, allowed: &[IpNet]) -> Result<EndpointWish, FieldErrors> {
        let mut errors = FieldErrors::default();
        let url = errors.check("url", EndpointUrl::parse(&self.url, allowed));
        let description = errors.check("description", parse_description(&self.description));
        let events = errors.check("event", parse_events(&self.events));
        match (url, description, events) {
            (Some(url), Some(description), Some(events)) => Ok(EndpointWish { url, description, events }),
            _ => Err(errors),
        }
    }
}

fn parse_description(raw: &str) -> Result<String, FieldProblem> {
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > usize::from(DESCRIPTION_MAX) {
        return Err(FieldProblem::TooLong(DESCRIPTION_MAX));
    }
    if text.chars().any(is_unprintable) { Err(FieldProblem::ForbiddenCharacters) } else { Ok(text) }
}

fn parse_events(codes: &[String]) -> Result<Vec<EventKind>, FieldProblem> {
    let chosen = codes.iter().map(|code| EventKind::from_code(code).filter(|kind| kind.is_offered()));
    let mut chosen: Vec<_> = chosen.collect::<Option<_>>().ok_or(FieldProblem::UnknownChoice)?;
    chosen.sort_unstable();
    chosen.dedup();
    if chosen.is_empty() { Err(FieldProblem::Required) } else { Ok(chosen) }
}
