//! What acts are to the detections.

use domain::audit::{Act, ActorKind, Draft};
use domain::detections::{FactKind, SecurityFact, gained, is_privileged};
use domain::ids::AccountId;
use domain::policy::SecurityPolicy;
use domain::roles::Permissions;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::request::RequestContext;

/// A fact that is to be kept.
pub(crate) struct Noticed {
    pub(crate) fact: SecurityFact,
    /// What it is made of elsewhere, where it might be noticed twice: it is kept once.
    pub(crate) source: Option<Uuid>,
}

impl From<SecurityFact> for Noticed {
    fn from(fact: SecurityFact) -> Self {
        Self { fact, source: None }
    }
}

/// What entries of an organization's log are to its detections: what people did and were denied. What the program does by
/// itself, and whoever runs it, is nobody's doing there.
pub(crate) fn facts_of(drafts: &[(OffsetDateTime, Draft)]) -> Vec<Noticed> {
    drafts.iter().filter_map(|(at, draft)| fact(*at, draft)).map(Noticed::from).collect()
}

fn fact(at: OffsetDateTime, draft: &Draft) -> Option<SecurityFact> {
    let kind = Act::from_code(draft.action().as_str())?.fact_of(draft.outcome())?;
    let actor = draft.actor();
    if kind != FactKind::LogDamaged && actor.kind != ActorKind::Person {
        return None;
    }
    // A job counts for all of its rows when it begins, and they do not count again.
    if kind == FactKind::Change && draft.after("job").is_some() {
        return None;
    }
    let amount = draft.after("rows").and_then(|rows| rows.parse().ok()).unwrap_or(1);
    Some(SecurityFact { amount, ..SecurityFact::new(at, kind, actor.id, draft.address()) })
}

/// That a member has come to administer what they did not before, if they have. Whoever joins with a role was invited to
/// it, which is no news to anybody.
pub(crate) fn gain(
    request: &RequestContext,
    account: AccountId,
    before: Permissions,
    after: Permissions,
) -> Option<Noticed> {
    let amount = gained(before, after);
    (amount > 0).then(|| {
        let fact = SecurityFact::new(request.now, FactKind::Privilege, Some(account), None);
        SecurityFact { amount, privileged: is_privileged(before), ..fact }.into()
    })
}

/// That the policy asks for less than before by what somebody does, if it does.
pub(crate) fn weakened(
    request: &RequestContext,
    account: AccountId,
    before: &SecurityPolicy,
    after: &SecurityPolicy,
) -> Option<Noticed> {
    let is_weaker = before.mfa && !after.mfa || after.posture().score < before.posture().score;
    is_weaker.then(|| SecurityFact::new(request.now, FactKind::Weakened, Some(account), request.ip).into())
}

#[cfg(test)]
mod tests {
    use domain::audit::{Action, Actor, Context, Personal};
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
    const SUSPENDED: Action = Action::new("member.suspended");

    fn ada() -> AccountId {
        AccountId(Uuid::from_u128(1))
    }

    fn person() -> Actor<domain::audit::Fact> {
        Actor::person(ada(), "Ada")
    }

    fn noticed(draft: Draft) -> Option<(FactKind, u32)> {
        fact(NOW, &draft).map(|fact| (fact.kind, fact.amount))
    }

    #[test]
    fn an_act_says_who_did_it_and_from_where() {
        let draft = Draft::done(SUSPENDED, person())
            .target("member", 7, Personal("Bob".into()))
            .within(Context::request("r-1", Some("192.0.2.1".into()), None));
        let fact = fact(NOW, &draft).unwrap();
        assert_eq!((fact.at, fact.kind, fact.account), (NOW, FactKind::Change, Some(ada())));
        assert_eq!(fact.ip, Some("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn denials_count_and_what_fails_does_not() {
        let entered = Action::new("organization.entered");
        let denied = |action| noticed(Draft::denied(action, person()).unnamed_target("member", 7));
        assert_eq!(denied(SUSPENDED), Some((FactKind::Denied, 1)));
        assert_eq!(denied(entered), Some((FactKind::KeptOut, 1)));
        assert_eq!(noticed(Draft::failed(SUSPENDED, person()).unnamed_target("member", 7)), None);
    }

    #[test]
    fn a_job_counts_once_for_all_of_its_rows() {
        let started = Action::new("job.started");
        let draft = Draft::done(started, person()).unnamed_target("job", 7).added("rows", "300");
        assert_eq!(noticed(draft), Some((FactKind::Change, 300)));
        assert_eq!(noticed(Draft::done(SUSPENDED, person()).unnamed_target("member", 7).added("job", "7")), None);
    }

    #[test]
    fn what_is_read_or_nobodys_doing_is_nothing() {
        for action in [
            Action::new("members.viewed"),
            Action::new("member.sessions_viewed"),
            Action::new("alert.acknowledged"),
            Action::new("filter.saved"),
        ] {
            assert_eq!(noticed(Draft::done(action, person()).unnamed_target("member", 7)), None);
        }
        for actor in [Actor::system(), Actor::operator()] {
            assert_eq!(noticed(Draft::done(SUSPENDED, actor).unnamed_target("member", 7)), None);
        }
        let damaged = Draft::done(Action::new("audit.damaged"), Actor::system()).unnamed_target("organization", 7);
        assert_eq!(noticed(damaged), Some((FactKind::LogDamaged, 1)));
    }
}
