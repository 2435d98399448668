//! Who plays in an organization's story, and everything that they are in when it has been told.

use std::collections::HashSet;

use domain::ids::{AccountId, TenantId};
use domain::members::MemberStatus;
use domain::roles::Role;
use domain::text::OrganizationName;
use rand::Rng;
use rand::rngs::StdRng;
use time::OffsetDateTime;

use super::people::percent;
use super::plan::{Fate, Plan};
use super::story::{Person, Story, recently, uuid};
use super::teams::Teams;
use super::{address, people, person};
use crate::error::Error;

/// Members beyond these have no story of their own.
const MOST_STORIES: usize = 60;
/// To so many who stay there is one who left.
const STAYERS_PER_LEAVER: usize = 12;
/// How many of a hundred come from outside; those who hold the organization do not.
const OUTSIDERS: u32 = 15;
/// From so many members on there are groups.
const ORGANIZED: usize = 15;
/// So many of the first come from inside.
const FROM_INSIDE: usize = 7;

/// What an organization is made from.
pub(super) struct Recipe {
    pub(super) name: OrganizationName,
    pub(super) founder: Person,
    /// The domain of its people's addresses, and of those who work for it from outside.
    pub(super) domains: (String, String),
    pub(super) members: usize,
    pub(super) start: OffsetDateTime,
    pub(super) now: OffsetDateTime,
    pub(super) rng: StdRng,
    /// Somebody with an account already, and the place where they join.
    pub(super) guest: Option<(usize, Person)>,
    /// Who is invited and has not joined.
    pub(super) away: Vec<Fate>,
    /// Somebody with an account already, who has not answered yet.
    pub(super) invited: Option<Person>,
}

/// Tells the story of the organization until today.
pub(super) fn tell(recipe: Recipe, tenant: TenantId) -> Result<Story, Error> {
    let Recipe { name, founder, members, start, now, mut rng, guest, away, invited, domains } = recipe;
    let mut crowd = Crowd { taken: HashSet::from([founder.email.as_str().to_owned()]), domains, start };
    let mut cast = vec![Person { role: Role::Owner, joined_at: Some(start), last_seen_at: Some(start), ..founder }];
    let stories = members.min(MOST_STORIES);
    let leavers = stories / STAYERS_PER_LEAVER;
    for who in 1..stories + leavers + away.len() {
        let share = if who < FROM_INSIDE { 0 } else { OUTSIDERS };
        cast.push(crowd.stranger(&mut rng, share)?);
    }
    if let Some((place, guest)) = guest {
        cast[place] = guest;
    }

    let mut plan = Plan::new(&mut rng, start, now);
    (1..stories).for_each(|who| plan.joins(who));
    (stories..stories + leavers).for_each(|who| plan.leaves(who));
    for (who, fate) in (stories + leavers..).zip(&away) {
        plan.stays_away(who, if who % 3 == 0 { Role::Auditor } else { Role::Member }, *fate);
    }
    if let Some(invited) = invited {
        plan.stays_away(cast.len(), Role::Auditor, Fate::Open);
        cast.push(invited);
    }
    plan.exports();
    if stories >= ORGANIZED {
        plan.organizes();
    }
    let scenes = plan.finish();

    let mut story = Story {
        tenant,
        organization: name,
        cast,
        invitations: Vec::new(),
        entries: Vec::new(),
        teams: Teams::default(),
        rng,
    };
    story.play(scenes, now);
    for (who, _) in (stories + leavers..).zip(&away).filter(|(_, fate)| **fate == Fate::Undelivered) {
        if let Some(index) = story.cast[who].invitation {
            story.invitations[index].delivered = false;
        }
    }
    for _ in stories..members {
        let extra = crowd.extra(&mut story.rng, now)?;
        story.cast.push(extra);
    }
    Ok(story)
}

/// People whom nobody else is.
struct Crowd {
    taken: HashSet<String>,
    domains: (String, String),
    start: OffsetDateTime,
}

impl Crowd {
    /// Somebody who is not in the organization yet.
    fn stranger(&mut self, rng: &mut StdRng, outsiders: u32) -> Result<Person, Error> {
        let name = people::name(rng);
        let domain = if percent(rng) < outsiders { &self.domains.1 } else { &self.domains.0 };
        let email = people::address(&mut self.taken, &name.local, domain);
        Ok(Person::new(AccountId(uuid(rng, self.start)), person(&name.text)?, address(&email)?))
    }

    /// Somebody who is in it without a story.
    fn extra(&mut self, rng: &mut StdRng, now: OffsetDateTime) -> Result<Person, Error> {
        let stranger = self.stranger(rng, OUTSIDERS)?;
        let joined = self.start + (now - self.start) * rng.random_range(0.01..0.99);
        let role = match percent(rng) {
            0 => Role::SecurityOfficer,
            1..3 => Role::Auditor,
            _ => Role::Member,
        };
        let status = if percent(rng) < 3 { MemberStatus::Suspended } else { MemberStatus::Active };
        let seen = (percent(rng) < 92).then(|| recently(rng, now).max(joined));
        Ok(Person { role, status, joined_at: Some(joined), last_seen_at: seen, ..stranger })
    }
}
