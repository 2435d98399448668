//! A transaction that has its turn for as long as it keeps its connection busy.

use std::ops::{Deref, DerefMut};

use scopeguard::ScopeGuard;
use sqlx::{PgConnection, Postgres, Transaction};
use tokio::runtime::Handle;

use super::turns::Turn;

/// A transaction, and the turn by which its connection was taken; the administrator's needs none.
type Parts = (Transaction<'static, Postgres>, Option<Turn>);

/// Both of them, which end together.
pub(super) struct Held(ScopeGuard<Parts, fn(Parts)>);

impl Held {
    pub(super) fn new(tx: Transaction<'static, Postgres>, turn: Option<Turn>) -> Self {
        Self(scopeguard::guard((tx, turn), abandon))
    }

    /// Keeps what was done.
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        let (tx, _turn) = ScopeGuard::into_inner(self.0);
        tx.commit().await
    }

    /// Ends what nothing is under way in.
    pub(super) fn close(self) {
        drop(ScopeGuard::into_inner(self.0));
    }
}

/// What becomes of a transaction that somebody has gone away from, perhaps in the middle of a statement: Postgres goes on
/// with that, and as long as it does, nobody else gets the turn. Else whoever hangs up again and again would have all
/// connections.
fn abandon((tx, turn): Parts) {
    if let (Some(turn), Ok(runtime)) = (turn, Handle::try_current()) {
        runtime.spawn(async move {
            if let Err(error) = tx.rollback().await {
                tracing::debug!(%error, "a transaction was not rolled back: its connection is closed");
            }
            drop(turn);
        });
    }
}

impl Deref for Held {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0.0
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0.0
    }
}
