//! What can be wrong with a field of a form. The texts are the pages' business.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::password::Weakness;
use crate::policy::{Key, LineProblem};
use crate::quotas::Metric;

/// What is wrong with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldProblem {
    /// Nothing was given.
    Required,
    /// Fewer than this many characters.
    TooShort(u16),
    /// More than this many characters.
    TooLong(u16),
    /// Not of the form that is asked for.
    Malformed,
    /// Control characters, or marks that reverse the reading order.
    ForbiddenCharacters,
    /// A name holds angle brackets.
    Markup,
    /// Somebody else has it.
    Taken,
    /// It is what stands there already.
    Unchanged,
    /// Kept for the portal's own addresses.
    Reserved,
    /// The organization keeps so many former slugs already, which is the most.
    FormerSlugs(u16),
    /// The address belongs to a member already.
    AlreadyMember,
    /// It is nobody who is an active member.
    NoMember,
    /// It is an owner.
    AlreadyOwner,
    /// The address has an open invitation already.
    AlreadyInvited,
    /// The name that was typed to confirm is another one.
    DoesNotMatch,
    /// The password is not the account's.
    WrongPassword,
    /// The password is in a list of what others had, which attackers try first.
    Breached,
    /// The password is guessed soon by whoever tries.
    Guessable(Weakness),
    /// The password is guessed less soon than the portal asks, and sooner than the organization does.
    NotStrong,
    /// Address and password do not belong together.
    WrongCredentials,
    /// The code is wrong, old or spent: which of them is nobody's business.
    WrongCode,
    /// The filter that is to be kept asks for the whole list, in the usual order.
    NothingFiltered,
    /// Not one of the choices.
    UnknownChoice,
    /// Not a whole number from the first to the second.
    OutOfRange(u32, u32),
    /// A line of a list, counted from one, is wrong.
    BadLine(u16, LineProblem),
    /// It is more than another setting allows.
    Exceeds(Key),
    /// A role would inherit from itself, over others or at once.
    InheritsItself,
    /// Roles would inherit over more levels than are allowed.
    InheritsTooDeep,
    /// There are so many of them already, which is the most.
    TooManyOfThem(u16),
    /// The alert is about whoever asks, and somebody else can do it.
    OwnAlert,
    /// No member has this address.
    NoSuchMember,
    /// Whoever is to answer for it does not hold all of it.
    HoldsLess,
    /// They are in the group already.
    AlreadyInGroup,
    /// A file is not text in UTF-8.
    NotUtf8,
    /// The first line of a file does not name the columns that are asked for.
    Header,
    /// The columns of a file are divided by semicolons.
    Semicolons,
    /// A file names nobody.
    NoLines,
    /// A file has more lines than this.
    TooManyLines(u16),
    /// Some lines of a file are wrong, and it was to be all or nothing.
    WrongLines,
    /// It would ask of everybody what whoever asks does not have themselves.
    LocksYouOut,
    /// So many of so many owners could still come in, which are too few.
    LocksOwnersOut(u32, u32),
    /// The role administers: it is given to one member at a time, and other owners approve that.
    ApprovalFirst,
    /// Whoever gives roles makes the owners who approve the rest: their approval is needed for that, too.
    RolesFirst,
    /// It binds owners, too, or takes away what protects the organization: an owner has to put it into force.
    OwnersOnly,
    /// The domain of the address is none of those that may be invited.
    ForeignDomain,
    /// The time is before this day, in UTC, from which on the audit trail is kept.
    KeptSince(Date),
    /// Less than zero.
    Negative,
    /// Zero.
    Zero,
    /// A part of what is counted in whole numbers alone.
    Fraction,
    /// More than anything can be.
    Huge,
    /// More than the organization's plan allows of this, which is so much.
    AboveCeiling(Metric, i64),
    /// More than was reserved.
    MoreThanReserved,
    /// Longer ago than it can be recorded.
    TooLate,
    /// It has not been yet.
    TooEarly,
    /// It begins with something else than `https://`.
    HttpsOnly,
    /// It leads to where nothing is sent: into a private network, or to this machine.
    PrivateAddress,
}

/// The problems of a form, by field name, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldErrors(Vec<(String, FieldProblem)>);

impl FieldErrors {
    /// One problem at one field.
    pub fn one(field: &str, problem: FieldProblem) -> Self {
        Self(vec![(field.to_owned(), problem)])
    }

    /// Notes a problem.
    pub fn add(&mut self, field: &str, problem: FieldProblem) {
        self.0.push((field.to_owned(), problem));
    }

    /// Takes the value, or notes what is wrong with it.
    pub fn check<T>(&mut self, field: &str, parsed: Result<T, FieldProblem>) -> Option<T> {
        parsed.map_err(|problem| self.add(field, problem)).ok()
    }

    /// What is wrong with a field, if anything.
    pub fn of(&self, field: &str) -> Option<FieldProblem> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, problem)| *problem)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, FieldProblem)> {
        self.0.iter().map(|(name, problem)| (name.as_str(), *problem))
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
