//! Sessions: who a browser is.
//!
//! A session is a row that an act of signing in has written, with its audit entry, in one
//! transaction. [`SessionStore`] lets tower-sessions carry it: it hands the row's secret to the
//! cookie, finds the row again, and deletes it. It never writes one, so no late answer can bring an
//! ended session back.

mod carrier;
mod own;
mod sql;

use std::fmt;

use domain::accounts::Account;
use domain::audit::{Action, Actor, Draft};
use domain::factors::FactorSummary;
use domain::ids::{AccountId, SessionId, TenantId};
use domain::organizations::OrganizationLink;
use domain::password::PasswordNote;
use domain::policy::SignInMethod;
use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use tower_sessions_core::Session;
use tower_sessions_core::session::Id;

pub use carrier::SessionStore;
pub use own::{SessionRow, end, end_others, end_several, list};
pub(crate) use own::{alive, all_alive};

use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::{PlatformTx, TenantRef};

/// How long a session lives at most.
pub const ABSOLUTE_LIFETIME: Duration = Duration::days(30);
/// How long a session lives without being used.
pub const IDLE_LIFETIME: Duration = Duration::days(7);
/// How long somebody has for the second step of the sign-in.
pub(crate) const HALFWAY_LIFETIME: Duration = Duration::minutes(15);
/// How long a fresh sign-in counts as a step-up.
pub(crate) const ELEVATION: Duration = Duration::minutes(10);
/// How exactly "last seen" is kept: a write for every request would be too much.
pub(crate) const SEEN_EXACTNESS: Duration = Duration::minutes(5);

const SIGNED_OUT: Action = Action::new("session.ended");

/// Under this key of the record the carrier puts what it read about the session.
const ARRIVAL: &str = "arrival";
/// Under this key an act leaves the secret of the session that it began.
const GRANT: &str = "grant";

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right, and another factor is to come: good for that, and for nothing else.
    Password,
    /// Signed in.
    Full,
}

impl Stage {
    fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Full => "full",
        }
    }
}

/// Who comes with a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Arrival {
    /// Somebody unknown.
    #[default]
    Nobody,
    /// Somebody who has given the right password, and has to prove themselves in a second way.
    Halfway(Halfway),
    /// Somebody who is signed in.
    Inside(Box<Visitor>),
}

/// Somebody who has given the right password, and nothing else yet: all that this opens is the second step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Halfway {
    /// Their session.
    pub(crate) session: SessionId,
    /// Their account.
    pub account: Account,
    /// The account's epoch when they gave the password.
    pub(crate) epoch: i64,
}

impl Halfway {
    /// How audit entries name them.
    pub(crate) fn actor(&self) -> Actor<domain::audit::Fact> {
        Actor::person(self.account.id, self.account.name.clone())
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visitor {
    /// Their session.
    pub session: SessionId,
    /// Their account.
    pub account: Account,
    /// The account's epoch when their request came: it moves whenever all sessions end.
    pub(crate) epoch: i64,
    /// What they have besides a password.
    pub factors: FactorSummary,
    /// What they have shown in the session.
    pub method: SignInMethod,
    /// What is noted of their password, if they have one.
    pub password: Option<PasswordNote>,
    /// When the session was last used, to a few minutes.
    pub last_seen_at: OffsetDateTime,
    /// When they have last shown, in this session, who they are.
    pub authenticated_at: OffsetDateTime,
    /// The longest time since then for which nobody has used the session, to a few minutes.
    pub pause: Duration,
    /// How many other sessions of theirs were proven later.
    pub newer_sessions: u32,
    /// How many other sessions of theirs began earlier.
    pub older_sessions: u32,
    /// Until when a fresh proof of identity counts.
    pub elevated_until: OffsetDateTime,
    /// The organizations that they are in, and what else every page shows around its content.
    pub(crate) memberships: Memberships,
}

/// The organizations of somebody, as they were when their request came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memberships {
    /// All of them, by name.
    pub(crate) all: Vec<TenantRef>,
    /// The one where the person was last.
    pub(crate) last: Option<TenantId>,
    /// How many others invite them. None do before the address is proven.
    pub(crate) invitations: u32,
    /// How many notifications they have not read, a hundred at most.
    pub(crate) unread: u32,
}

impl Visitor {
    /// The organizations that they are in, by name.
    pub fn organizations(&self) -> Vec<OrganizationLink> {
        self.memberships.all.iter().map(OrganizationLink::from).collect()
    }

    /// How many other organizations invite them.
    pub fn invitations(&self) -> u32 {
        self.memberships.invitations
    }

    /// How many notifications they have not read: a hundred stands for any number from there on.
    pub fn unread(&self) -> u32 {
        self.memberships.unread
    }

    /// How audit entries name them.
    pub(crate) fn actor(&self) -> Actor<domain::audit::Fact> {
        Actor::person(self.account.id, self.account.name.clone())
    }

    /// Goes on only if they have proven some minutes ago at most who they are: what an act asks that is worth more
    /// than an unattended browser.
    ///
    /// # Errors
    /// [`Problem::StepUpFirst`].
    pub fn require_fresh(&self, request: &RequestContext) -> Result<(), Error> {
        if request.now < self.elevated_until { Ok(()) } else { Err(Problem::StepUpFirst.into()) }
    }
}

/// A session that was just begun: its secret has to get into the browser's cookie.
#[must_use = "a session that no cookie carries is of no use"]
pub struct Grant {
    secret: Id,
    /// Whose it is.
    pub account: AccountId,
    /// How far it has come.
    pub stage: Stage,
    /// Whether it is the session of before under another secret, which is not to be ended.
    renewed: bool,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("account", &self.account).field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl Grant {
    /// Lets the browser's cookie carry this session from now on, and ends the one before it.
    ///
    /// # Errors
    /// When the former session cannot be ended.
    pub async fn hand_over(self, request: &RequestContext, session: &Session) -> Result<(), Error> {
        if self.renewed {
            session.flush().await.map_err(carrier::reveal)?;
        } else if session.id().is_some() {
            sign_out(request, session).await?;
        }
        // As text: the 128 bits of it are a number that JSON's readers here do not hold.
        session.insert(GRANT, self.secret.to_string()).await.map_err(Error::internal)
    }
}

/// Who comes with this session.
///
/// # Errors
/// When the database does not answer.
pub async fn arrival(session: &Session) -> Result<Arrival, Error> {
    Ok(session.get(ARRIVAL).await.map_err(carrier::reveal)?.unwrap_or_default())
}

/// Who is signed in with this session, if somebody is.
///
/// # Errors
/// When the database does not answer.
pub async fn visitor(session: &Session) -> Result<Option<Visitor>, Error> {
    Ok(match arrival(session).await? {
        Arrival::Inside(visitor) => Some(*visitor),
        Arrival::Halfway(_) | Arrival::Nobody => None,
    })
}

/// Begins a session, in the act's transaction, by what was shown for it.
pub(crate) async fn begin(
    tx: &mut PlatformTx,
    request: &RequestContext,
    account: AccountId,
    epoch: i64,
    (stage, method): (Stage, SignInMethod),
) -> Result<(Grant, SessionId), Error> {
    let (lifetime, elevation) = match stage {
        Stage::Password => (HALFWAY_LIFETIME, Duration::ZERO),
        Stage::Full => (ABSOLUTE_LIFETIME, ELEVATION),
    };
    if stage == Stage::Password {
        // Whoever has the password gives it as often as they like: one way in that is halfway is enough.
        sql::remove_halfway(tx.conn(), account).await?;
    }
    let secret = Id(i128::from_be_bytes(request.portal().random()));
    let id = SessionId(request.portal().uuid(request.now));
    sql::add(
        tx.conn(),
        &sql::NewSession {
            id_hash: carrier::hash(secret),
            id,
            account,
            epoch,
            stage: stage.code(),
            method: method.code(),
            expires_at: request.now + lifetime,
            elevated_until: request.now + elevation,
        },
        request,
    )
    .await?;
    Ok((Grant { secret, account, stage, renewed: false }, id))
}

/// Makes sure that the visitor's session is still there, and that nothing ends it before this transaction does: an act
/// that ends all sessions and begins this one anew must not bring one back that was ended meanwhile. Comes before
/// anything else of the account is locked.
///
/// # Errors
/// [`Problem::Changed`].
pub(crate) async fn hold(tx: &mut PlatformTx, visitor: &Visitor) -> Result<(), Error> {
    if sql::hold(tx.conn(), visitor.account.id, visitor.session).await? { Ok(()) } else { Err(Problem::Changed.into()) }
}

/// As [`hold`], of all sessions of the visitor at once, in an organization's transaction that has entered the platform's
/// tables and locked their row: what is made in it and lives on without a session is not made after these have ended.
///
/// # Errors
/// [`Problem::Changed`].
pub(crate) async fn hold_all(conn: &mut PgConnection, visitor: &Visitor) -> Result<(), Error> {
    let epoch = accounts::lock_epoch(conn, visitor.account.id).await?;
    if epoch == Some(visitor.epoch) { Ok(()) } else { Err(Problem::Changed.into()) }
}

/// Lets the visitor's session go on under another secret, and ends every other one of the account: they were judged by
/// what has just changed. It is as old as it was, and elevated anew only if it is said what was shown: to change what one
/// signs in with shows nobody who one is.
///
/// # Errors
/// [`Problem::Changed`].
pub(crate) async fn go_on_alone(
    tx: &mut PlatformTx,
    request: &RequestContext,
    visitor: &Visitor,
    shown: Option<SignInMethod>,
) -> Result<Grant, Error> {
    let secret = Id(i128::from_be_bytes(request.portal().random()));
    let elevated = shown.map(|shown| (request.now + ELEVATION, shown));
    if !sql::go_on_alone(tx.conn(), visitor, carrier::hash(secret), request.now, elevated).await? {
        return Err(Problem::Changed.into());
    }
    Ok(Grant { secret, account: visitor.account.id, stage: Stage::Full, renewed: true })
}

/// Uses a sign-in that waits for its second step up, in the transaction that takes this step: who has ended it meanwhile
/// has ended this way in. The account is locked.
///
/// # Errors
/// [`Problem::Changed`].
pub(crate) async fn use_up(tx: &mut PlatformTx, halfway: &Halfway) -> Result<(), Error> {
    if sql::remove_own(tx.conn(), halfway.account.id, halfway.session).await? {
        Ok(())
    } else {
        Err(Problem::Changed.into())
    }
}

/// Notes a fresh proof of who the visitor is, and what they have shown by then. The session gets another secret, which has
/// to get into the cookie.
pub(crate) async fn elevate(
    tx: &mut PlatformTx,
    request: &RequestContext,
    visitor: &Visitor,
    shown: SignInMethod,
) -> Result<Grant, Error> {
    let secret = Id(i128::from_be_bytes(request.portal().random()));
    let until = request.now + ELEVATION;
    if !sql::elevate(tx.conn(), (visitor.session, shown), carrier::hash(secret), request.now, until).await? {
        return Err(Problem::Changed.into());
    }
    Ok(Grant { secret, account: visitor.account.id, stage: Stage::Full, renewed: true })
}

/// Notes that a session is in use, every few minutes.
///
/// # Errors
/// When the database does not answer.
pub async fn seen(request: &RequestContext, visitor: &Visitor) -> Result<(), Error> {
    if request.now - visitor.last_seen_at < SEEN_EXACTNESS {
        return Ok(());
    }
    let mut tx = request.portal().store().platform().await?;
    sql::seen(tx.conn(), visitor.session, request.now).await?;
    tx.end().await
}

/// Signs out: ends the session, which is on record unless it had ended already, and empties the cookie.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(request: &RequestContext, session: &Session) -> Result<(), Error> {
    if let Some(visitor) = visitor(session).await? {
        let mut tx = request.portal().store().platform().await?;
        if sql::remove_own(tx.conn(), visitor.account.id, visitor.session).await? {
            let entry = Draft::done(SIGNED_OUT, visitor.actor())
                .unnamed_target("session", visitor.session)
                .within(request.audited());
            tx.commit(request, entry).await?;
        }
    }
    session.flush().await.map_err(carrier::reveal)
}
