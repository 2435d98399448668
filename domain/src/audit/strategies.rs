//! Arbitrary entries and logs for property tests.

use proptest::{collection::vec, option, prelude::*};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Action, Actor, Context, Draft, Entry, Fact, LogId, Opening};
use crate::ids::{AccountId, ApiKeyId, TenantId};

/// Salts that count up.
pub fn salts() -> impl FnMut() -> [u8; 32] {
    let mut count = 0_u8;
    move || {
        count += 1;
        [count; 32]
    }
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![any::<String>().prop_map(Fact::Public), any::<String>().prop_map(Fact::Personal)]
}

fn actor() -> impl Strategy<Value = Actor<Fact>> {
    prop_oneof![
        Just(Actor::system()),
        Just(Actor::stranger()),
        (any::<u128>(), any::<String>()).prop_map(|(id, name)| Actor::person(AccountId(Uuid::from_u128(id)), name)),
        (any::<u128>(), any::<String>())
            .prop_map(|(id, name)| Actor::operator_account(AccountId(Uuid::from_u128(id)), name)),
        (any::<u128>(), any::<String>()).prop_map(|(id, name)| Actor::key(ApiKeyId(Uuid::from_u128(id)), name)),
    ]
}

fn context() -> impl Strategy<Value = Context<Fact>> {
    let text = || option::of(any::<String>());
    (text(), text(), text())
        .prop_map(|(id, ip, device)| id.map_or_else(Context::default, |id| Context::request(id, ip, device)))
}

/// A draft of any content.
pub fn draft() -> impl Strategy<Value = Draft> {
    const ACTION: Action = Action::new("member.role_changed");
    let outcome = prop::sample::select(vec![Draft::done as fn(_, _) -> _, Draft::denied, Draft::failed]);
    let changes = vec((fact(), fact(), 0..3), 0..3);
    (outcome, actor(), any::<String>(), fact(), changes, option::of(fact()), context()).prop_map(
        |(outcome, actor, id, name, changes, reason, context)| {
            let draft = outcome(ACTION, actor).target("thing", id, name).within(context);
            let draft = changes.into_iter().fold(draft, |draft, (before, after, kind)| match kind {
                0 => draft.added("field", after),
                1 => draft.removed("field", before),
                _ => draft.changed("field", before, after),
            });
            reason.into_iter().fold(draft, Draft::because)
        },
    )
}

fn log() -> impl Strategy<Value = LogId> {
    prop_oneof![Just(LogId::Platform), any::<u128>().prop_map(|id| LogId::Tenant(TenantId(Uuid::from_u128(id))))]
}

fn at() -> impl Strategy<Value = OffsetDateTime> {
    // The years that four digits can write.
    (-62_135_596_800_000_000_i128..253_402_300_800_000_000)
        .prop_map(|micros| OffsetDateTime::from_unix_timestamp_nanos(micros * 1_000).unwrap())
}

/// An entry of any content, anywhere.
pub fn entry() -> impl Strategy<Value = Entry> {
    (draft(), log(), 0..(1_u64 << 53), at())
        .prop_map(|(draft, log, index, at)| draft.seal(log, index, at, &mut salts()).0)
}

/// A log of up to `most` entries from the first on, each with its openings.
pub fn entries(log: LogId, most: usize) -> impl Strategy<Value = Vec<(Entry, Vec<Opening>)>> {
    vec((draft(), at()), 1..=most).prop_map(move |drafts| {
        (0..).zip(drafts).map(|(index, (draft, at))| draft.seal(log, index, at, &mut salts())).collect()
    })
}
