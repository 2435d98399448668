//! Entries as they are shown.

use domain::audit::{ActorKind, Entry, Opening, Outcome, Value};
use domain::ids::AccountId;
use time::OffsetDateTime;

/// An entry as it is shown: with its personal values, as far as they were not erased.
#[derive(Clone, Debug)]
pub struct EntryView {
    /// Its place in the log.
    pub index: u64,
    /// When it happened.
    pub at: OffsetDateTime,
    /// What was done, such as `member.role_changed`.
    pub action: String,
    /// Whether it was done, denied or failed.
    pub outcome: Outcome,
    /// In which capacity somebody did it.
    pub actor_kind: ActorKind,
    /// The account of who did it.
    pub actor: Option<AccountId>,
    /// Their name at that time.
    pub actor_name: Option<String>,
    /// Kind of what it was done to.
    pub target_kind: String,
    /// Id of what it was done to.
    pub target: String,
    /// Its name at that time.
    pub target_name: Option<String>,
    /// What is different: field, before, after.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
    /// Why.
    pub reason: Option<String>,
    /// The address that it came from.
    pub ip: Option<String>,
    /// What the browser said it is.
    pub device: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// Its hash in the tree.
    pub leaf: String,
    /// The bytes that are hashed.
    pub canonical: String,
    /// What is wrong with it as it is stored.
    pub damage: Option<Damage>,
    /// It is older than entries of its kind are kept: what it said is in the archive. What was done, when and what came of
    /// it are what columns say, which nothing vouches for.
    pub archived: bool,
}

/// What somebody has done to an entry behind the portal's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The entry is not the one that was hashed: nothing of it is to be believed.
    Entry,
    /// The entry holds, and the sealed personal values beside it do not match it.
    Values,
}

/// What stands for a value that was erased.
const ERASED: &str = "(erased)";
/// What stands for a value whose sealed opening does not match the entry.
const UNREADABLE: &str = "(unreadable)";

impl EntryView {
    /// Without openings, those that are stored do not match.
    pub(super) fn new(entry: Entry, openings: Option<&[Opening]>, canonical: String) -> Self {
        let missing = if openings.is_some() { ERASED } else { UNREADABLE };
        let known = openings.unwrap_or_default();
        let reveal = |value: &Value| value.reveal(known).unwrap_or(missing).to_owned();
        let optional = |value: &Option<Value>| value.as_ref().map(reveal);
        Self {
            index: entry.index,
            at: entry.at,
            action: entry.action.to_string(),
            outcome: entry.outcome,
            actor_kind: entry.actor.kind,
            actor: entry.actor.id,
            actor_name: optional(&entry.actor.name),
            target_kind: entry.target.kind.clone(),
            target: entry.target.id.clone(),
            target_name: optional(&entry.target.name),
            changes: entry
                .changes
                .iter()
                .map(|change| (change.field.clone(), optional(&change.before), optional(&change.after)))
                .collect(),
            reason: optional(&entry.reason),
            ip: optional(&entry.context.ip),
            device: optional(&entry.context.device),
            request_id: entry.context.request_id.clone(),
            leaf: entry.leaf().to_string(),
            canonical,
            damage: openings.is_none().then_some(Damage::Values),
            archived: false,
        }
    }

    /// An entry of which only the place is known. The time is that of a column that nothing vouches for.
    pub(super) fn damaged(index: u64, at: OffsetDateTime, leaf: String, canonical: String) -> Self {
        Self {
            index,
            at,
            action: String::new(),
            outcome: Outcome::Failed,
            actor_kind: ActorKind::System,
            actor: None,
            actor_name: Some(UNREADABLE.to_owned()),
            target_kind: String::new(),
            target: String::new(),
            target_name: None,
            changes: Vec::new(),
            reason: None,
            ip: None,
            device: None,
            request_id: None,
            leaf,
            canonical,
            damage: Some(Damage::Entry),
            archived: false,
        }
    }

    /// An entry that retention has taken away.
    pub(super) fn archived(index: u64, at: OffsetDateTime, action: String, outcome: Outcome, leaf: String) -> Self {
        let nothing = Self::damaged(index, at, leaf, String::new());
        Self { action, outcome, actor_name: None, damage: None, archived: true, ..nothing }
    }
}
