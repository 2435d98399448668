//! What is known of whoever comes in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::Rules;
use crate::factors::Factors;
use crate::roles::RoleId;

/// What is known of a member and the session that they come with.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What they have besides a password.
    pub factors: Factors,
    /// Since when they are a member.
    pub joined_at: OffsetDateTime,
    /// When they have last shown, in this session, who they are.
    pub authenticated_at: OffsetDateTime,
    /// The longest time since then for which nobody has used the session.
    pub pause: Duration,
    /// How many other sessions of theirs were proven later.
    pub newer_sessions: u32,
    /// How many other sessions of theirs began earlier.
    pub older_sessions: u32,
    /// How many sessions are inside the organization, if this one is not yet.
    pub sessions_inside: Option<u32>,
    /// When somebody has ended their access for the sessions of then.
    pub access_ended_at: Option<OffsetDateTime>,
    /// The roles that they hold, by themselves or by a group.
    pub roles: &'a [RoleId],
    /// From where they come, if that is known.
    pub ip: Option<IpAddr>,
    /// Where the organization's data is, if that is known.
    pub region: Option<&'a str>,
    /// The rules that they are excepted from.
    pub excepted: Rules,
}

/// Why a session is no longer good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Staleness {
    /// Nobody has used it for too long.
    Idle,
    /// Its owner has shown too long ago who they are.
    Age,
    /// Somebody who may has ended their access for the sessions of then.
    Ended,
    /// So many newer ones of the same person are in use as may be.
    Displaced,
}
