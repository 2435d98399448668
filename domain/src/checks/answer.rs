//! The answer, and what it stands on.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Question;
use crate::ids::GroupId;
use crate::members::MemberStatus;
use crate::policy::{EnforcedPolicy, Outcome, Rule, Staleness};
use crate::roles::{Permission, Permissions, RoleBook, RoleId};

/// The most grounds that an answer names.
const GROUNDS_MAX: usize = 10;

/// A member, as far as answers depend on them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Whether they may come in.
    pub status: MemberStatus,
    /// Their own role.
    pub role: RoleId,
    /// The groups that they are in.
    pub groups: Vec<GroupId>,
    /// All that they may do.
    pub permissions: Permissions,
    /// The roles by which the policy binds them.
    pub bound_by: Vec<RoleId>,
    /// Since when they are a member.
    pub joined_at: OffsetDateTime,
    /// When their access was ended for all sessions of then.
    pub access_ended_at: Option<OffsetDateTime>,
    /// The rules that they are excepted from, each until then.
    pub excepted: Vec<(Rule, OffsetDateTime)>,
}

/// What questions are judged by.
#[derive(Clone, Debug)]
pub struct Rulebook {
    /// The organization's roles and groups.
    pub book: Arc<RoleBook>,
    /// Its security policy.
    pub policy: Arc<EnforcedPolicy>,
    /// Since when that asks for a second factor.
    pub mfa_since: Option<OffsetDateTime>,
}

/// Why an answer is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Reason {
    /// The subject holds the permission, and nothing speaks against them.
    Held,
    /// The subject is no member of the organization.
    UnknownSubject,
    /// The subject's membership is suspended.
    Suspended,
    /// Neither the subject's role nor a group of theirs holds the permission.
    NotHeld,
    /// A rule of the security policy says no.
    Policy(Rule),
}

impl Reason {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [Self::Held, Self::UnknownSubject, Self::Suspended, Self::NotHeld];
        plain.into_iter().chain(Rule::ALL.into_iter().map(Self::Policy))
    }

    /// The name under which answers have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::UnknownSubject => "unknown_subject",
            Self::Suspended => "suspended",
            Self::NotHeld => "not_held",
            Self::Policy(rule) => rule.code(),
        }
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.code().to_owned()
    }
}

impl TryFrom<String> for Reason {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Self::all().find(|reason| reason.code() == code).ok_or(code)
    }
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// Whether the subject may do it.
    pub allowed: bool,
    /// Why: `held`; or `unknown_subject`, `suspended`, `not_held`, and the code of each rule of the security policy that
    /// says no, such as `networks`, `regions` or `mfa`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["held"])))]
    pub reasons: Vec<Reason>,
    /// By what it was decided: the roles and groups that give the permission, or the settings of the policy that say no.
    pub decided_by: Vec<Ground>,
}

/// What an answer stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ground {
    /// What it is.
    pub kind: GroundKind,
    /// Its id or code.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// What something is that an answer stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroundKind {
    /// The subject's own role.
    Role,
    /// A group that they are in.
    Group,
    /// A setting of the security policy.
    Policy,
}

impl Answer {
    fn no(reason: Reason) -> Self {
        Self { allowed: false, reasons: vec![reason], decided_by: Vec::new() }
    }
}

impl Rulebook {
    /// Answers a question about somebody, who may be nobody here. Who they are comes first, then what they hold, then
    /// what the policy says: whoever holds nothing is told of no rule.
    pub fn answer(&self, question: &Question, person: Option<&Person>, now: OffsetDateTime) -> Answer {
        let Some(person) = person else { return Answer::no(Reason::UnknownSubject) };
        if person.status == MemberStatus::Suspended {
            return Answer::no(Reason::Suspended);
        }
        if !person.permissions.allow(question.permission) {
            return Answer::no(Reason::NotHeld);
        }
        match self.rules_against(question, person, now).as_slice() {
            [] => {
                let decided_by = self.grounds(person, question.permission);
                Answer { allowed: true, reasons: vec![Reason::Held], decided_by }
            }
            rules => Answer {
                allowed: false,
                reasons: rules.iter().copied().map(Reason::Policy).collect(),
                decided_by: rules.iter().copied().map(setting).collect(),
            },
        }
    }

    /// The rules of the policy that say no.
    fn rules_against(&self, question: &Question, person: &Person, now: OffsetDateTime) -> Vec<Rule> {
        let decision = self.policy.evaluate(&question.facts.facts(person, now), self.mfa_since, now);
        let first = match decision.outcome {
            Outcome::Allow | Outcome::Remind(_) => return Vec::new(),
            Outcome::EnrolFirst | Outcome::ChoosePassword => return decision.rules.iter().collect(),
            Outcome::SignInAgain(why) => Staleness::rule(why),
            Outcome::Deny(rule) => rule,
        };
        std::iter::once(first).chain(decision.rules.iter().filter(|rule| *rule != first)).collect()
    }

    /// The role and the groups by which somebody holds a permission, each once.
    fn grounds(&self, person: &Person, permission: Permission) -> Vec<Ground> {
        let mut grounds = Vec::new();
        let own = self.book.role(person.role);
        if own.permissions().allow(permission) {
            grounds.push(Ground { kind: GroundKind::Role, id: own.code(), name: own.name().to_owned() });
        }
        let groups = person.groups.iter().filter(|id| self.book.carried(**id).allow(permission));
        let groups = groups.filter_map(|id| self.book.group(*id)).map(|group| Ground {
            kind: GroundKind::Group,
            id: group.id.to_string(),
            name: group.name.to_string(),
        });
        grounds.extend(groups);
        grounds.truncate(GROUNDS_MAX);
        grounds
    }
}

/// The setting that a rule is of.
fn setting(rule: Rule) -> Ground {
    let name = rule.key().map_or_else(|| rule.code().to_owned(), |key| key.setting().label.to_owned());
    Ground { kind: GroundKind::Policy, id: rule.code().to_owned(), name }
}
