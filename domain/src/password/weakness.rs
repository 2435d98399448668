//! Why a password is guessed soon.

use serde::{Deserialize, Serialize};

/// What makes a password easy to guess, as far as one thing stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// It is made of what everybody knows about its person: name, address, organization.
    Yours,
    /// Many people have it, or one that is much like it.
    Common,
    /// It is one word or name.
    Word,
    /// Its keys lie side by side.
    Keys,
    /// It repeats itself.
    Repeats,
    /// It counts up or down, or goes through the alphabet.
    Sequence,
    /// It is made of a date or a year.
    Date,
    /// Nothing but that there is too little of it.
    Little,
}
