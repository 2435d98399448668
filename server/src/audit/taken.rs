//! Which entries may be empty.

use domain::audit::{ACTS, Act, Retention};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{kept_since, sql};
use crate::error::Error;

/// Up to when entries of each class were taken away by retention. One that is empty besides was emptied by somebody else.
pub(super) struct Taken(Vec<(Retention, Option<OffsetDateTime>)>);

impl Taken {
    /// From the log of the search path.
    pub(super) async fn of(conn: &mut PgConnection) -> Result<Self, Error> {
        let mut ends = Vec::new();
        for class in Retention::ALL {
            ends.push((class, kept_since(&mut *conn, class).await?));
        }
        Ok(Self(ends))
    }

    /// Whether an entry with this action, of that time, may be one of them.
    pub(super) fn may_have(&self, action: &str, at: OffsetDateTime) -> bool {
        let class = Act::from_code(action).map(|act| act.retention);
        self.0.iter().any(|(of, end)| Some(*of) == class && end.is_some_and(|end| at < end))
    }

    /// The first entries that are empty, and may not be.
    pub(super) async fn emptied_by_others(&self, conn: &mut PgConnection) -> Result<Vec<u64>, Error> {
        let mut found = Vec::new();
        for (class, end) in &self.0 {
            let acts = ACTS.iter().filter(|act| act.retention == *class);
            let actions: Vec<_> = acts.map(|act| act.code.to_owned()).collect();
            found.extend(sql::retention::emptied(&mut *conn, &actions, *end).await?);
        }
        Ok(found)
    }
}
