//! Finding entries by their words, although what is personal in them is sealed.
//!
//! Every word becomes a number by a key of the log's own (HMAC-SHA256, the first eight bytes): the database finds equal
//! numbers, and whoever reads the table without the key learns only which entries share a word.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use domain::audit::Draft;

use crate::keys::SealingKey;

/// The most words of an entry that are looked for. The rest of a long text is not found by.
const MOST: usize = 64;
/// The most characters of a word that count.
const LONGEST: usize = 100;

/// Makes numbers of one log's words.
pub(super) struct Terms {
    key: hmac::Key,
    /// So many words of an entry.
    most: usize,
}

/// What a number stands for, so that an address is never mistaken for a word.
#[derive(Clone, Copy)]
enum Kind {
    Word = 1,
    Address = 2,
}

impl Terms {
    /// Those of the log whose data this key seals.
    pub(super) fn new(key: &SealingKey) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key.derive("audit terms").as_slice()), most: MOST }
    }

    /// As [`Terms::new`], of all words of an entry, however many: what a hold is judged by.
    pub(super) fn complete(key: &SealingKey) -> Self {
        Self { most: usize::MAX, ..Self::new(key) }
    }

    /// The numbers of an entry to be.
    pub(super) fn of(&self, draft: &Draft) -> Vec<i64> {
        self.of_texts(draft.texts(), draft.address())
    }

    /// The numbers of these texts, and of the address that they came from.
    pub(super) fn of_texts<'a>(&self, texts: impl Iterator<Item = &'a str>, address: Option<IpAddr>) -> Vec<i64> {
        let mut terms: Vec<i64> = texts.flat_map(words).take(self.most).map(|word| self.word(&word)).collect();
        terms.extend(address.map(|address| self.address(address)));
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    /// The numbers that an entry has in which all of this is to be found.
    pub(super) fn asked(&self, text: &str) -> Vec<i64> {
        let mut terms: Vec<i64> = tokens(text).map(|word| self.word(&word)).collect();
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    /// The number of an address.
    pub(super) fn address(&self, address: IpAddr) -> i64 {
        self.number(Kind::Address, &address.to_canonical().to_string())
    }

    fn word(&self, word: &str) -> i64 {
        self.number(Kind::Word, word)
    }

    fn number(&self, kind: Kind, text: &str) -> i64 {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[kind as u8]);
        context.update(text.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&context.sign().as_ref()[..8]);
        i64::from_be_bytes(first)
    }
}

/// What stands between spaces, in lower case: words, addresses, ids, codes.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .map(|token| token.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|token| !token.is_empty())
        .map(|token| token.chars().take(LONGEST).collect::<String>().to_lowercase())
}

/// The tokens of a text, and the words within each of them: of `ada@acme.example` also `ada`, `acme` and `example`.
fn words(text: &str) -> impl Iterator<Item = String> + use<> {
    let mut words = Vec::new();
    for token in tokens(text) {
        let parts: Vec<&str> = token.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        if parts.len() > 1 {
            words.extend(parts.into_iter().map(str::to_owned));
        }
        words.push(token);
    }
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use domain::audit::{Action, Actor, Context, Personal};
    use domain::ids::AccountId;
    use uuid::Uuid;

    use super::*;
    use crate::edges::SystemRandomness;

    fn terms() -> Terms {
        Terms::new(&SealingKey::generate(&SystemRandomness))
    }

    fn draft() -> Draft {
        Draft::done(Action::new("member.suspended"), Actor::person(AccountId(Uuid::from_u128(1)), "Ada Lovelace"))
            .target("member", Uuid::from_u128(2), Personal("Charles.Babbage@Engines.example".into()))
            .because(Personal("He asked, “twice”.".into()))
            .within(Context::request("r-17", Some("::ffff:192.0.2.1".into()), None))
    }

    #[test]
    fn an_entry_is_found_by_every_word_in_it_whatever_their_case() {
        let terms = terms();
        let of = terms.of(&draft());
        for text in [
            "ada",
            "LOVELACE ada",
            "babbage",
            "charles.babbage@engines.example",
            "twice",
            "member.suspended",
            "suspended",
            "r-17",
            "00000000-0000-0000-0000-000000000002",
        ] {
            let asked = terms.asked(text);
            assert!(!asked.is_empty() && asked.iter().all(|term| of.contains(term)), "{text}");
        }
        assert!(of.contains(&terms.address("192.0.2.1".parse().unwrap())));
    }

    #[test]
    fn it_is_not_found_by_others_or_by_parts_and_an_address_is_no_word() {
        let terms = terms();
        let of = terms.of(&draft());
        for text in ["love", "eve", "ada eve", "192.0.2.1"] {
            assert!(!terms.asked(text).iter().all(|term| of.contains(term)), "{text}");
        }
        assert!(!of.contains(&terms.address("192.0.2.2".parse().unwrap())));
        assert!(terms.asked(" – … ").is_empty());
    }

    #[test]
    fn another_log_has_other_numbers() {
        let [one, other] = [terms(), terms()];
        assert!(one.of(&draft()).iter().all(|term| !other.of(&draft()).contains(term)));
    }

    #[test]
    fn a_long_text_has_so_many_and_no_more() {
        let long = (0..10_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        let key = SealingKey::generate(&SystemRandomness);
        let of = |terms: Terms| terms.of_texts([long.as_str()].into_iter(), None);
        assert_eq!(of(Terms::new(&key)).len(), MOST);
        assert!(Terms::new(&key).asked("9999").iter().all(|term| of(Terms::complete(&key)).contains(term)));
    }
}
