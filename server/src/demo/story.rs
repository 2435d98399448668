//! Plays a plan: who is in the organization in the end, and the entries that tell how it came about.

use domain::audit::{Action, Actor, Context, Draft, Fact, Personal, Public};
use domain::email::EmailAddress;
use domain::ids::{AccountId, InvitationId, TenantId};
use domain::invitations::InvitationState;
use domain::members::MemberStatus;
use domain::roles::{Permission, Role};
use domain::text::{OrganizationName, PersonName};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::people::percent;
use super::plan::{Scene, Step};
use super::teams::Teams;
use crate::{invitations, members};

/// Somebody, as they are at this point of the story.
pub(super) struct Person {
    pub(super) id: AccountId,
    pub(super) name: PersonName,
    pub(super) email: EmailAddress,
    /// Whether their account was there before the story.
    pub(super) known: bool,
    pub(super) role: Role,
    pub(super) status: MemberStatus,
    /// When they joined, if they did.
    pub(super) joined_at: Option<OffsetDateTime>,
    pub(super) last_seen_at: Option<OffsetDateTime>,
    /// They joined, and are no longer in it.
    pub(super) gone: bool,
    /// Their place among the story's invitations.
    pub(super) invitation: Option<usize>,
}

impl Person {
    pub(super) fn new(id: AccountId, name: PersonName, email: EmailAddress) -> Self {
        Self {
            id,
            name,
            email,
            known: false,
            role: Role::Member,
            status: MemberStatus::Active,
            joined_at: None,
            last_seen_at: None,
            gone: false,
            invitation: None,
        }
    }

    pub(super) fn is_member(&self) -> bool {
        self.joined_at.is_some() && !self.gone
    }

    fn may_manage(&self, roles: &[Role]) -> bool {
        let held = self.role.permissions();
        self.is_member()
            && self.status == MemberStatus::Active
            && held.allow(Permission::ManageMembers)
            && roles.iter().all(|role| held.cover(role.permissions()))
    }
}

/// An invitation as its row holds it.
pub(super) struct Invited {
    pub(super) id: InvitationId,
    pub(super) email: EmailAddress,
    pub(super) role: Role,
    pub(super) state: InvitationState,
    pub(super) by: AccountId,
    pub(super) created_at: OffsetDateTime,
    pub(super) expires_at: OffsetDateTime,
    pub(super) decided_at: Option<OffsetDateTime>,
    /// When its newest mail was written.
    pub(super) mailed_at: OffsetDateTime,
    /// Whether the mail server took that.
    pub(super) delivered: bool,
}

/// An organization whose story is being told.
pub(super) struct Story {
    pub(super) tenant: TenantId,
    pub(super) organization: OrganizationName,
    /// Everybody who plays a part; the founder comes first.
    pub(super) cast: Vec<Person>,
    pub(super) invitations: Vec<Invited>,
    pub(super) entries: Vec<(OffsetDateTime, Draft)>,
    pub(super) teams: Teams,
    pub(super) rng: StdRng,
}

impl Story {
    /// Plays the scenes, and then looks when everybody was last seen.
    pub(super) fn play(&mut self, scenes: Vec<Scene>, now: OffsetDateTime) {
        for scene in scenes {
            self.scene(scene);
        }
        for who in 0..self.cast.len() {
            let seen = recently(&mut self.rng, now);
            let person = &mut self.cast[who];
            if person.status == MemberStatus::Active {
                // Not before they did something for the last time.
                person.last_seen_at = person.last_seen_at.map(|before| before.max(seen));
            }
        }
    }

    fn scene(&mut self, Scene { at, who, step }: Scene) {
        match step {
            Step::Invite(role) => self.invite(at, who, role),
            Step::Resend => self.resend(at, who),
            Step::CopyLink => self.about_invitation(at, who, invitations::LINK_COPIED),
            Step::Accept => self.accept(at, who),
            Step::Decline => self.decide(at, who, InvitationState::Declined),
            Step::Revoke => self.decide(at, who, InvitationState::Revoked),
            Step::ChangeRole(role) => self.change_role(at, who, role),
            Step::Suspend => self.set_status(at, who, MemberStatus::Suspended, members::SUSPENDED),
            Step::Resume => self.set_status(at, who, MemberStatus::Active, members::RESUMED),
            Step::Rename => self.rename(at, who),
            Step::Remove => self.remove(at, who),
            Step::Export => self.export(at),
            Step::Overreach => self.overreach(at, who),
            Step::Organize => self.organize(at),
        }
    }

    /// Who does something to somebody: half of it the founder, the rest whoever else may.
    pub(super) fn manager(&mut self, besides: usize, roles: &[Role]) -> usize {
        let able: Vec<usize> =
            (1..self.cast.len()).filter(|who| *who != besides && self.cast[*who].may_manage(roles)).collect();
        if percent(&mut self.rng) < 50 { 0 } else { able.choose(&mut self.rng).copied().unwrap_or(0) }
    }

    pub(super) fn actor(&self, who: usize) -> Actor<Fact> {
        Actor::person(self.cast[who].id, self.cast[who].name.as_str())
    }

    pub(super) fn name(&self) -> Fact {
        Public(self.organization.as_str().to_owned())
    }

    pub(super) fn about_member(&self, action: Action, by: usize, who: usize) -> Draft {
        let person = &self.cast[who];
        Draft::done(action, self.actor(by)).target("member", person.id, Personal(person.name.as_str().to_owned()))
    }

    pub(super) fn tell(&mut self, at: OffsetDateTime, by: usize, entry: Draft) {
        let context = context(&mut self.rng, at, by);
        self.entries.push((at, entry.within(context)));
        if self.cast[by].joined_at.is_some() {
            self.cast[by].last_seen_at = Some(at);
        }
    }
}

/// Browsers, as they introduce themselves.
const DEVICES: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
];

/// The request of somebody who always comes from one address of those for documentation (RFC 5737).
pub(super) fn context(rng: &mut StdRng, at: OffsetDateTime, who: usize) -> Context<Fact> {
    let network = ["192.0.2", "198.51.100", "203.0.113"][who % 3];
    let ip = format!("{network}.{}", 1 + who % 250);
    Context::request(uuid(rng, at).to_string(), Some(ip), Some(DEVICES[who % DEVICES.len()].to_owned()))
}

/// An id that sorts by time, from the story's own randomness: ids are no secrets.
pub(super) fn uuid(rng: &mut StdRng, at: OffsetDateTime) -> Uuid {
    let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &rng.random()).into_uuid()
}

/// When somebody who comes now and then was here last.
pub(super) fn recently(rng: &mut StdRng, now: OffsetDateTime) -> OffsetDateTime {
    let ago = match percent(rng) {
        0..35 => rng.random_range(3..600),
        35..75 => rng.random_range(600..6 * 1440),
        75..93 => rng.random_range(6 * 1440..25 * 1440),
        _ => rng.random_range(25 * 1440..60 * 1440),
    };
    now - Duration::minutes(ago)
}
