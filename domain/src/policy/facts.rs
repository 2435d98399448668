//! What is known of whoever comes in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{Rule, Rules, SignInMethod};
use crate::factors::Factors;
use crate::password::PasswordNote;
use crate::roles::RoleId;

/// What is known of a member and the session that they come with.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What they have besides a password.
    pub factors: Factors,
    /// What they have shown in the session.
    pub method: SignInMethod,
    /// What was noted of their password, if they have one.
    pub password: Option<PasswordNote>,
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

impl<'a> Facts<'a> {
    /// What is known of a program that comes with a key: where it is. Of what is asked of people and their sessions
    /// nothing speaks against it: it has no session, and a key is made by somebody who has met all of that.
    pub fn of_key(roles: &'a [RoleId], ip: Option<IpAddr>, region: Option<&'a str>, now: OffsetDateTime) -> Self {
        Self {
            factors: Factors { authenticator: true, passkey: true },
            method: SignInMethod::PasswordAndPasskey,
            password: None,
            joined_at: now,
            authenticated_at: now,
            pause: Duration::ZERO,
            newer_sessions: 0,
            older_sessions: 0,
            sessions_inside: None,
            access_ended_at: None,
            roles,
            ip,
            region,
            excepted: Rules::default().with(Rule::SignInMethods),
        }
    }
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
    /// It was begun in a way that is not accepted, and its owner has one that is.
    Method,
}
