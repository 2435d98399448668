//! What a service knows of the request that it asks about.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Person, judge_text};
use crate::factors::Factors;
use crate::fields::FieldProblem;
use crate::policy::{Facts, Rule, Rules, SignInMethod};

/// The most characters of a region's name.
const REGION_MAX: u16 = 64;

/// What is known. What a security policy asks for and is not known speaks against the subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct GivenFacts {
    /// The address that the subject comes from.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "203.0.113.7"))]
    pub address: Option<IpAddr>,
    /// What the subject has proven themselves with, besides a password.
    pub factors: Vec<GivenFactor>,
    /// Where the service has the data that the subject asks for.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "eu-central"))]
    pub region: Option<String>,
    /// When the subject has last shown who they are. Without, the age of their session is not judged.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub authenticated_at: Option<OffsetDateTime>,
}

/// Something that people prove themselves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GivenFactor {
    /// A code of an authenticator app.
    Authenticator,
    /// A passkey.
    Passkey,
}

impl GivenFacts {
    pub(super) fn judge_region(&self) -> Result<(), FieldProblem> {
        self.region.as_deref().map_or(Ok(()), |region| judge_text(region, REGION_MAX))
    }

    fn factors(&self) -> Factors {
        let has = |factor| self.factors.contains(&factor);
        Factors { authenticator: has(GivenFactor::Authenticator), passkey: has(GivenFactor::Passkey) }
    }

    /// The same as the policy judges it, of somebody whom it binds by these roles. Sessions are the portal's own: of a
    /// service's, nothing but its beginning is known, and that only where it is told.
    pub(super) fn facts<'a>(&'a self, person: &'a Person, now: OffsetDateTime) -> Facts<'a> {
        let excepted = person.excepted.iter().filter(|(_, until)| *until > now).map(|(rule, _)| *rule);
        let mut excepted: Rules = excepted.collect();
        if self.authenticated_at.is_none() {
            excepted = excepted.with(Rule::AbsoluteMinutes).with(Rule::AccessEnded);
        }
        let ip = self.address.map(|address| address.to_canonical());
        Facts {
            factors: self.factors(),
            // Of how a session of another service began, no more is known than what was shown in it.
            method: SignInMethod::best_with(self.factors()),
            joined_at: person.joined_at,
            // A clock that is ahead makes nobody's proof last longer.
            authenticated_at: self.authenticated_at.map_or(now, |at| at.min(now)),
            access_ended_at: person.access_ended_at,
            excepted,
            ..Facts::of_key(&person.bound_by, ip, self.region.as_deref(), now)
        }
    }
}
