//! What is going to happen in an organization, and when.

use domain::roles::Role;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use time::{Duration, OffsetDateTime, Time, Weekday};

use super::people::percent;

/// Something that happens to somebody, or that they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Invite(Role),
    Resend,
    CopyLink,
    Accept,
    Decline,
    Revoke,
    ChangeRole(Role),
    Suspend,
    Resume,
    /// Takes another family name.
    Rename,
    Remove,
    /// Takes the audit trail along.
    Export,
    /// Tries to suspend somebody, and may not.
    Overreach,
    /// The founder makes roles and groups.
    Organize,
}

/// A step, its time, and the number of whom it is about: the founder is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scene {
    pub(super) at: OffsetDateTime,
    pub(super) who: usize,
    pub(super) step: Step,
}

/// How an invitation ended, or why it has not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Open,
    Reminded,
    Undelivered,
    Expired,
    Declined,
    Revoked,
}

/// The scenes of one organization, from its founding until today.
pub(super) struct Plan<'a> {
    rng: &'a mut StdRng,
    start: OffsetDateTime,
    now: OffsetDateTime,
    scenes: Vec<Scene>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(rng: &'a mut StdRng, start: OffsetDateTime, now: OffsetDateTime) -> Self {
        Self { rng, start, now, scenes: Vec::new() }
    }

    /// The scenes in the order in which they happen.
    pub(super) fn finish(mut self) -> Vec<Scene> {
        self.scenes.sort_by_key(|scene| scene.at);
        self.scenes
    }

    /// Somebody is invited, joins, and stays. Some are reminded first, some change.
    pub(super) fn joins(&mut self, who: usize) {
        let (role, later) = career(who, self.rng);
        let mut changes: Vec<Step> = later.into_iter().map(Step::ChangeRole).collect();
        match who % 24 {
            7 | 19 => changes.push(Step::Suspend),
            9 => changes.extend([Step::Suspend, Step::Resume]),
            10 | 21 => changes.push(Step::Rename),
            12 => changes.push(Step::Overreach),
            _ => {}
        }
        self.life(who, role, &changes);
    }

    /// Somebody joins and is removed before today.
    pub(super) fn leaves(&mut self, who: usize) {
        self.life(who, Role::Member, &[Step::Remove]);
    }

    fn life(&mut self, who: usize, role: Role, changes: &[Step]) {
        // Most come early. The last ones come early enough to have joined by today.
        let early = self.rng.random_range(0.0..0.93_f64).powf(1.7);
        let invited = self.at_work(self.start + (self.now - self.start) * early);
        self.add(invited, who, Step::Invite(role));
        let mut at = invited;
        if who % 7 == 5 {
            at = self.later(at, Duration::hours(20), Duration::hours(40));
            self.add(at, who, Step::Resend);
        } else if who % 11 == 6 {
            at = self.later(at, Duration::minutes(2), Duration::minutes(20));
            self.add(at, who, Step::CopyLink);
        }
        at = self.later(at, Duration::minutes(4), Duration::hours(26));
        self.add(at, who, Step::Accept);
        for step in changes {
            let share = self.rng.random_range(0.1..0.6);
            at = self.at_work(at + (self.now - at) * share).max(at + Duration::minutes(1)).min(self.now);
            self.add(at, who, step.clone());
        }
    }

    /// Somebody is invited and does not join.
    pub(super) fn stays_away(&mut self, who: usize, role: Role, fate: Fate) {
        // In hours. A weekend may add two days, and what is open has to be younger than seven.
        let ago = match fate {
            Fate::Open | Fate::Undelivered => self.rng.random_range(3..110),
            Fate::Reminded => self.rng.random_range(150..190),
            Fate::Expired => self.rng.random_range(240..400),
            Fate::Declined | Fate::Revoked => self.rng.random_range(120..400),
        };
        let invited = self.at_work(self.now - Duration::hours(ago));
        self.add(invited, who, Step::Invite(role));
        match fate {
            Fate::Open | Fate::Undelivered | Fate::Expired => {}
            Fate::Reminded => self.follow(invited, who, Step::Resend),
            Fate::Declined => self.follow(invited, who, Step::Decline),
            Fate::Revoked => self.follow(invited, who, Step::Revoke),
        }
    }

    fn follow(&mut self, invited: OffsetDateTime, who: usize, step: Step) {
        let at = self.later(invited, Duration::hours(80), Duration::hours(100));
        self.add(at, who, step);
    }

    /// Once a month somebody exports the trail.
    pub(super) fn exports(&mut self) {
        let mut at = self.start + Duration::days(30);
        while at < self.now - Duration::days(1) {
            let morning = self.at_work(at);
            self.add(morning, 0, Step::Export);
            at += Duration::days(30);
        }
    }

    /// When more people have come than one keeps in mind.
    pub(super) fn organizes(&mut self) {
        let at = self.at_work(self.start + (self.now - self.start) * 0.4);
        self.add(at, 0, Step::Organize);
    }

    fn add(&mut self, at: OffsetDateTime, who: usize, step: Step) {
        self.scenes.push(Scene { at, who, step });
    }

    fn later(&mut self, at: OffsetDateTime, least: Duration, most: Duration) -> OffsetDateTime {
        (at + least + (most - least) * self.rng.random_range(0.0..1.0_f64)).min(self.now - Duration::MINUTE)
    }

    /// About this time, on a working day between seven and six.
    fn at_work(&mut self, at: OffsetDateTime) -> OffsetDateTime {
        let weekend = match at.weekday() {
            Weekday::Saturday => 1,
            Weekday::Sunday => 2,
            _ => 0,
        };
        let time = Time::MIDNIGHT + Duration::seconds(self.rng.random_range(7 * 3600..18 * 3600));
        let at = (at - Duration::days(weekend)).replace_time(time);
        at.clamp(self.start + Duration::minutes(10), self.now - Duration::HOUR)
    }
}

/// As what somebody is invited, and what they become later. The first few make sure that there is
/// one of each role; those who invite others keep their role, so that their invitations stay good.
fn career(who: usize, rng: &mut StdRng) -> (Role, Option<Role>) {
    match who {
        1 => (Role::Admin, None),
        2 => (Role::Admin, Some(Role::Owner)),
        3 => (Role::SecurityOfficer, None),
        4 => (Role::Auditor, None),
        5 => (Role::Member, Some(Role::Admin)),
        6 => (Role::Member, Some(Role::SecurityOfficer)),
        _ if matches!(who % 24, 7 | 9 | 12 | 19) => (Role::Member, None),
        _ => match percent(rng) {
            0..2 => (Role::Admin, None),
            2..4 => (Role::SecurityOfficer, None),
            4..9 => (Role::Auditor, None),
            9..14 => {
                (Role::Member, Some(*[Role::Auditor, Role::SecurityOfficer].choose(rng).unwrap_or(&Role::Auditor)))
            }
            14..17 => (Role::Auditor, Some(Role::Member)),
            _ => (Role::Member, None),
        },
    }
}
