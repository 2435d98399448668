//! What a use case says about an act, before it is sealed into the log.

use std::net::IpAddr;

use time::OffsetDateTime;

use super::{
    Action, Actor, Change, Context, Entry, Fact, LogId, Opening, Outcome, Target, Value, entry::VERSION, instant,
};

/// An entry to be, in clear.
///
/// ```
/// use domain::audit::{Action, Actor, Draft, Personal};
/// # use domain::ids::AccountId;
/// const ROLE_CHANGED: Action = Action::new("member.role_changed");
///
/// # let [ada, bob] = [1, 2].map(|id| AccountId(uuid::Uuid::from_u128(id)));
/// let draft = Draft::done(ROLE_CHANGED, Actor::person(ada, "Ada Lovelace"))
///     .target("member", bob, Personal("Bob".into()))
///     .changed("role", "member", "admin");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an act that is not sealed into its log leaves no trace"]
pub struct Draft {
    action: Action,
    actor: Actor<Fact>,
    changes: Vec<Change<Fact>>,
    context: Context<Fact>,
    outcome: Outcome,
    reason: Option<Fact>,
    target: Target<Fact>,
}

/// A draft that does not say yet what was acted on.
#[derive(Clone, Debug)]
#[must_use = "a draft is complete only with its target"]
pub struct Untargeted {
    action: Action,
    actor: Actor<Fact>,
    outcome: Outcome,
}

impl Untargeted {
    /// Names what was acted on: its kind, its id and its name at this time.
    pub fn target(self, kind: &'static str, id: impl ToString, name: impl Into<Fact>) -> Draft {
        self.on(kind, id.to_string(), Some(name.into()))
    }

    /// Names what was acted on by its kind and id, where it has no name.
    pub fn unnamed_target(self, kind: &'static str, id: impl ToString) -> Draft {
        self.on(kind, id.to_string(), None)
    }

    /// Names what was acted on in a service, which has its own kinds of things.
    pub fn foreign_target(self, kind: &str, id: &str, name: Option<Fact>) -> Draft {
        self.on(kind, id.to_owned(), name)
    }

    fn on(self, kind: &str, id: String, name: Option<Fact>) -> Draft {
        let Self { action, actor, outcome } = self;
        let target = Target { id, kind: kind.into(), name };
        Draft { action, actor, changes: Vec::new(), context: Context::default(), outcome, reason: None, target }
    }
}

impl Draft {
    /// The act was done.
    pub fn done(action: Action, actor: Actor<Fact>) -> Untargeted {
        Untargeted { action, actor, outcome: Outcome::Done }
    }

    /// The act was not allowed.
    pub fn denied(action: Action, actor: Actor<Fact>) -> Untargeted {
        Untargeted { action, actor, outcome: Outcome::Denied }
    }

    /// The act was allowed and did not succeed.
    pub fn failed(action: Action, actor: Actor<Fact>) -> Untargeted {
        Untargeted { action, actor, outcome: Outcome::Failed }
    }

    /// A field had one value and has another now.
    pub fn changed(self, field: &'static str, before: impl Into<Fact>, after: impl Into<Fact>) -> Self {
        self.change(field, Some(before.into()), Some(after.into()))
    }

    /// A field has a value now and had none.
    pub fn added(self, field: &'static str, after: impl Into<Fact>) -> Self {
        self.change(field, None, Some(after.into()))
    }

    /// A field had a value and has none now.
    pub fn removed(self, field: &'static str, before: impl Into<Fact>) -> Self {
        self.change(field, Some(before.into()), None)
    }

    /// Why, in the words of whoever acts.
    pub fn because(mut self, reason: impl Into<Fact>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The request that it comes with.
    pub fn within(mut self, context: Context<Fact>) -> Self {
        self.context = context;
        self
    }

    /// The same act for readers who are told less of who did it.
    pub fn told_as(self, actor: Actor<Fact>, context: Context<Fact>) -> Self {
        Self { actor, context, ..self }
    }

    /// What was done.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Who did it.
    pub fn actor(&self) -> &Actor<Fact> {
        &self.actor
    }

    /// What came of it.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What it says, personal or not, as somebody may look for it: the action, the names and ids, what was there before and
    /// after, the reason and the request.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let values = [&self.actor.name, &self.target.name, &self.reason].into_iter().flatten();
        let values = values.chain(self.changes.iter().flat_map(|change| change.before.iter().chain(&change.after)));
        let plain = [self.action.as_str(), &self.target.id].into_iter().chain(self.context.request_id.as_deref());
        plain.chain(values.map(Fact::text))
    }

    /// The address that it came from, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.context.ip.as_ref().and_then(|ip| ip.text().parse().ok())
    }

    /// The value that a field has now, if the entry tells it.
    pub fn after(&self, field: &str) -> Option<&str> {
        let change = self.changes.iter().find(|change| change.field == field)?;
        change.after.as_ref().map(Fact::text)
    }

    /// Makes the entry at this place of a log, with the openings of its personal values in no particular order.
    ///
    /// `next_salt` gives 32 random bytes at each call, never the same twice.
    pub fn seal(
        self,
        log: LogId,
        index: u64,
        at: OffsetDateTime,
        next_salt: &mut dyn FnMut() -> [u8; 32],
    ) -> (Entry, Vec<Opening>) {
        let mut openings = Vec::new();
        let mut seal = |fact| match fact {
            Fact::Public(text) => Value::Public(text),
            Fact::Personal(value) => {
                let opening = Opening { salt: next_salt(), value };
                let commitment = opening.commitment();
                openings.push(opening);
                Value::Commit(commitment)
            }
        };
        let entry = Entry {
            action: self.action,
            actor: self.actor.seal(&mut seal),
            at: instant::truncate(at),
            changes: self.changes.into_iter().map(|change| change.seal(&mut seal)).collect(),
            context: self.context.seal(&mut seal),
            index,
            log,
            outcome: self.outcome,
            reason: self.reason.map(&mut seal),
            target: self.target.seal(&mut seal),
            v: VERSION,
        };
        (entry, openings)
    }

    fn change(mut self, field: &str, before: Option<Fact>, after: Option<Fact>) -> Self {
        self.changes.push(Change { after, before, field: field.into() });
        self
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        audit::{Personal, strategies::salts},
        ids::AccountId,
    };

    const ROLE_CHANGED: Action = Action::new("member.role_changed");

    fn draft() -> Draft {
        Draft::done(ROLE_CHANGED, Actor::person(AccountId(Uuid::from_u128(1)), "Ada"))
            .target("member", Uuid::from_u128(2), Personal("Bob".into()))
            .changed("role", "member", "admin")
            .because(Personal("Bob asked".into()))
            .within(Context::request("r-1", Some("192.0.2.1".into()), None))
    }

    fn seal(draft: Draft) -> (Entry, Vec<Opening>) {
        draft.seal(LogId::Platform, 0, datetime!(2026-01-02 03:04:05.000_006_789 +1), &mut salts())
    }

    #[test]
    fn what_is_personal_is_only_committed_to() {
        let (entry, openings) = seal(draft());
        let text = String::from_utf8(entry.canonical()).unwrap();
        for opening in &openings {
            assert!(!text.contains(&opening.value), "{text}");
        }
        assert!(text.contains(r#"{"after":{"public":"admin"},"before":{"public":"member"},"field":"role"}"#));
    }

    #[test]
    fn every_commitment_has_its_opening() {
        let (entry, openings) = seal(draft());
        let revealed: Vec<_> = entry.values().filter_map(|value| value.reveal(&openings)).collect();
        assert_eq!(revealed, ["Ada", "Bob", "Bob asked", "192.0.2.1", "member", "admin"]);
        assert_eq!(openings.len(), 4);
    }

    #[test]
    fn an_erased_value_reveals_nothing() {
        let (entry, _) = seal(draft());
        assert_eq!(entry.actor.name.unwrap().reveal(&[]), None);
    }

    #[test]
    fn a_draft_says_who_did_what_and_from_where() {
        let draft = draft().added("rows", Personal("7".into()));
        assert_eq!((draft.action(), draft.outcome()), (&ROLE_CHANGED, Outcome::Done));
        assert_eq!(draft.address(), Some([192, 0, 2, 1].into()));
        assert_eq!(draft.actor().id, Some(AccountId(Uuid::from_u128(1))));
        assert_eq!((draft.after("role"), draft.after("rows"), draft.after("job")), (Some("admin"), Some("7"), None));
    }

    #[test]
    fn time_is_in_utc_to_the_microsecond() {
        let (entry, _) = seal(draft());
        assert_eq!(entry.at, datetime!(2026-01-02 02:04:05.000_006 UTC));
    }
}
