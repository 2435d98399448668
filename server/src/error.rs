//! What use cases answer when something does not happen.

use domain::fields::{FieldErrors, FieldProblem};
use domain::problem::Problem;

use crate::keys::KeyError;

/// Why a use case did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields are wrong; the form comes back with what was typed.
    #[error("fields are wrong")]
    Invalid(FieldErrors),
    /// It is not allowed, not there, or not possible now.
    #[error("refused: {0:?}")]
    Refused(Problem),
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// More is asked of the organization at once than others leave room for: the transaction has not begun.
    #[error("more is asked of the organization than there is room for")]
    Busy,
    /// A mistake of the portal's, or of whoever runs it.
    #[error("{0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One wrong field.
    pub fn field(name: &str, problem: FieldProblem) -> Self {
        Self::Invalid(FieldErrors::one(name, problem))
    }

    /// Something that should not be possible.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// What a page about it says.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Invalid(_) => Problem::BadRequest,
            Self::Refused(problem) => *problem,
            Self::Unavailable(_) => Problem::Unavailable,
            Self::Busy => Problem::Busy,
            Self::Internal(_) => Problem::Internal,
        }
    }

    /// Whether the database refused because of this constraint. Only the beginning of the name
    /// counts: a sharded database adds to its end.
    pub(crate) fn violates(&self, constraint: &str) -> bool {
        match self {
            Self::Internal(error) => error
                .downcast_ref::<sqlx::Error>()
                .and_then(sqlx::Error::as_database_error)
                .and_then(sqlx::error::DatabaseError::constraint)
                .is_some_and(|name| name.starts_with(constraint)),
            _ => false,
        }
    }

    /// A wrong field, if the database refused because of this constraint; else the same.
    #[must_use]
    pub(crate) fn at(self, constraint: &str, field: &str, problem: FieldProblem) -> Self {
        if self.violates(constraint) { Self::field(field, problem) } else { self }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Busy => Self::Busy,
            problem => Self::Refused(problem),
        }
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Database(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::BeginFailed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // 57014: the statement took longer than it may.
                Some("57014") => Problem::TookTooLong.into(),
                // Class 57P: the server goes down, comes up or ends connections. Class 08: connections.
                // 53300: too many of them. Class 40: two were in each other's way, and this one gave way. 42P01: no such
                // table. Every statement was checked against the tables that it names, so it is an organization's, which
                // is deleted just now: who asks again is told so.
                Some(code) if ["57P", "08", "53300", "40", "42P01"].iter().any(|class| code.starts_with(class)) => {
                    Self::Unavailable(error)
                }
                _ => Self::internal(error),
            },
            _ => Self::internal(error),
        }
    }
}
