//! Requests that programs give a name, so that they can send them again when no answer came, and nothing is done twice.
//!
//! The name is taken in a transaction of its own before anything is done, and the answer is kept with it for a day. A
//! program that ends in between, or an answer of which nobody knows whether it was done, leaves a name without an answer:
//! after a minute whoever asks the same again does it anew.
//! What is named so is refused by itself when it was done already, so that nothing is done twice then either.

use domain::fields::FieldProblem;
use domain::problem::Problem;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use crate::callers::Caller;
use crate::error::Error;
use crate::store::TenantTx;

/// How long answers are kept.
const KEPT: Duration = Duration::DAY;
/// How long an answer takes at most: whoever has not given it by then does not any more.
const LOST: Duration = Duration::MINUTE;
/// The most characters of a request's name.
pub const NAME_MAX: u16 = 100;
/// How many old answers are taken away with each new name, and how many at a time where nobody asks.
const SWEPT: i64 = 50;
const FORGOTTEN: i64 = 1_000;

/// A request with a name that nobody else is answering.
#[derive(Debug)]
pub struct Named {
    name: [u8; 32],
    begun_at: OffsetDateTime,
}

/// An answer that was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// What becomes of a request with a name.
#[derive(Debug)]
pub enum Turn {
    /// It is to be done.
    First(Named),
    /// It was answered before.
    Again(Kept),
}

/// Takes a name for a request, which is told apart from others by all of these parts.
///
/// # Errors
/// The name is none, at the field `Idempotency-Key`; it was given to another request, or is being answered; the database
/// does not answer.
pub async fn begin(caller: &Caller, name: &str, asked: &[&[u8]]) -> Result<Turn, Error> {
    judge(name)?;
    let now = caller.request().now;
    let (name, asked) = (hash(&[name.as_bytes()]), hash(asked));
    let mut tx = caller.begin().await?;
    let taken = sqlx::query!(
        "INSERT INTO api_answers (key_id, name, request, begun_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key_id, name) DO UPDATE
         SET request = EXCLUDED.request, status = NULL, body = NULL, begun_at = EXCLUDED.begun_at
         WHERE api_answers.begun_at <= $5
            OR api_answers.status IS NULL AND api_answers.request = EXCLUDED.request AND api_answers.begun_at <= $6",
        caller.key().0,
        &name[..],
        &asked[..],
        now,
        now - KEPT,
        now - LOST
    )
    .execute(tx.conn())
    .await?;
    if taken.rows_affected() == 1 {
        sweep(&mut tx, now, SWEPT).await?;
        tx.keep().await?;
        return Ok(Turn::First(Named { name, begun_at: now }));
    }
    let row = sqlx::query!(
        "SELECT request, status, body FROM api_answers WHERE key_id = $1 AND name = $2",
        caller.key().0,
        &name[..]
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.close();
    match row {
        Some(row) if row.request != asked => Err(Problem::IdempotencyConflict.into()),
        Some(row) => match (row.status.and_then(|status| u16::try_from(status).ok()), row.body) {
            (Some(status), Some(body)) => Ok(Turn::Again(Kept { status, body })),
            _ => Err(Problem::IdempotencyInProgress.into()),
        },
        // It was given up just now.
        None => Err(Problem::IdempotencyInProgress.into()),
    }
}

/// Keeps the answer of a request that has a name.
///
/// # Errors
/// The database does not answer.
pub async fn keep(caller: &Caller, named: &Named, answer: &Kept) -> Result<(), Error> {
    let mut tx = caller.begin().await?;
    sqlx::query!(
        "UPDATE api_answers SET status = $4, body = $5 WHERE key_id = $1 AND name = $2 AND begun_at = $3",
        caller.key().0,
        &named.name[..],
        named.begun_at,
        i16::try_from(answer.status).unwrap_or(i16::MAX),
        answer.body
    )
    .execute(tx.conn())
    .await?;
    tx.keep().await
}

/// Gives a name up whose request was not done: it may be sent again.
///
/// # Errors
/// The database does not answer.
pub async fn release(caller: &Caller, named: &Named) -> Result<(), Error> {
    let mut tx = caller.begin().await?;
    sqlx::query!(
        "DELETE FROM api_answers WHERE key_id = $1 AND name = $2 AND begun_at = $3 AND status IS NULL",
        caller.key().0,
        &named.name[..],
        named.begun_at
    )
    .execute(tx.conn())
    .await?;
    tx.keep().await
}

/// Forgets some answers that are too old: whether there may be more.
pub(super) async fn forget(tx: &mut TenantTx, now: OffsetDateTime) -> Result<bool, Error> {
    Ok(sweep(tx, now, FORGOTTEN).await? >= FORGOTTEN.unsigned_abs())
}

/// Takes so many answers away that are too old: how many there were.
async fn sweep(tx: &mut TenantTx, now: OffsetDateTime, most: i64) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "DELETE FROM api_answers WHERE (key_id, name) IN
             (SELECT key_id, name FROM api_answers WHERE begun_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now - KEPT,
        most
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

/// Goes on only with what is a name for a request.
///
/// # Errors
/// It is none, at the field `Idempotency-Key`.
pub fn judge(name: &str) -> Result<(), Error> {
    is_name(name).map_err(|problem| Error::field("Idempotency-Key", problem))
}

fn is_name(name: &str) -> Result<(), FieldProblem> {
    if name.is_empty() {
        return Err(FieldProblem::Required);
    }
    if name.len() > usize::from(NAME_MAX) {
        return Err(FieldProblem::TooLong(NAME_MAX));
    }
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if is_plain { Ok(()) } else { Err(FieldProblem::ForbiddenCharacters) }
}

/// The hash of several parts, of which none runs into the next.
pub(super) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for name in ["1", "0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1", "order 42/7"] {
            assert_eq!(is_name(name), Ok(()), "{name}");
        }
        assert_eq!(is_name(""), Err(FieldProblem::Required));
        assert_eq!(is_name(&"x".repeat(101)), Err(FieldProblem::TooLong(100)));
        assert_eq!(is_name("a\u{7f}"), Err(FieldProblem::ForbiddenCharacters));
        assert_eq!(is_name("é"), Err(FieldProblem::ForbiddenCharacters));
    }

    #[test]
    fn no_part_runs_into_the_next() {
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_eq!(hash(&[b"ab"]), hash(&[b"ab"]));
    }
}
