//! The security dashboard: how an organization stands, in one look.

mod risk;
mod sql;

use domain::audit::Action;
use domain::detections::{ADMINISTERING, FactKind, Span};
use domain::policy::Posture;
use domain::roles::{Permission, RoleId};
use ipnet::IpNet;
use time::{Duration, OffsetDateTime, Time};

pub use risk::Risky;

use crate::access::Access;
use crate::alerts::{self, AlertView};
use crate::audit;
use crate::detections;
use crate::error::Error;

const VIEWED: Action = Action::new("security.viewed");

/// How many alerts, networks and members are shown.
const SHOWN: i64 = 8;
/// An exception that ends so soon is counted.
const SOON: Duration = Duration::days(7);

/// Everything that the page shows.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The time that it is about.
    pub span: Span,
    /// From when on.
    pub from: OffsetDateTime,
    /// Until when.
    pub until: OffsetDateTime,
    /// How the policy stands.
    pub posture: Posture,
    /// Sign-ins.
    pub sign_ins: Series,
    /// Passwords and codes that were wrong.
    pub failures: Series,
    /// What was denied, and who was kept out.
    pub denials: Series,
    /// Sign-ins and failures by the hour of the week, from Monday on, in UTC.
    pub heat: [[u64; 24]; 7],
    /// Who has a second factor.
    pub coverage: Coverage,
    /// The members who need a look, the most urgent first.
    pub risky: Vec<Risky>,
    /// From which networks sessions are inside, the most frequent first; none where the address is not known.
    pub networks: Vec<Network>,
    /// How many sessions are inside.
    pub sessions: u64,
    /// Alerts that nobody has resolved, the worst first.
    pub alerts: Vec<AlertView>,
    /// How many of them there are.
    pub open_alerts: u64,
    /// Exceptions from the policy.
    pub exceptions: u64,
    /// Those of them that end within a week.
    pub exceptions_ending: u64,
    /// Since when what was noticed may not have been looked at, because that has failed again and again.
    pub set_aside: Option<OffsetDateTime>,
    /// The audit log.
    pub log: LogState,
}

/// Numbers over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// How many hours each is of.
    pub step_hours: u32,
    /// The numbers.
    pub now: Vec<u64>,
    /// Those of the time before, as many.
    pub before: Vec<u64>,
    /// How many there were until the present hour began, and how many of the time before until it was as far: what can be
    /// compared.
    pub comparable: (u64, u64),
}

impl Series {
    /// All of them together.
    pub fn total(&self) -> u64 {
        self.now.iter().sum()
    }
}

/// Who of the active members has a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All of them.
    pub members: u64,
    /// Those with a passkey.
    pub passkey: u64,
    /// Those with an authenticator and no passkey.
    pub authenticator: u64,
    /// Those without either.
    pub none: u64,
    /// Those without either who administer something.
    pub privileged_without: u64,
}

/// From where sessions are inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The network, if the address is known.
    pub network: Option<IpNet>,
    /// How many sessions.
    pub sessions: u64,
    /// Of how many members.
    pub members: u64,
}

/// How the audit log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogState {
    /// How many entries it has.
    pub size: u64,
    /// The newest checkpoint: its size, and when it was signed.
    pub checkpoint: Option<(u64, OffsetDateTime)>,
    /// Somebody has changed it behind the portal's back.
    pub damaged: bool,
}

/// How the organization stands.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn dashboard(access: &Access, span: Span) -> Result<Dashboard, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let now = access.request().now;
    let step = if span == Span::Day { Duration::HOUR } else { Duration::DAY };
    let until = end_of(now, step);
    let from = until - Duration::days(span.days().into());
    let (roles, groups) = access.book().who_can_any(&ADMINISTERING);
    let administrators = (roles.into_iter().map(RoleId::code).collect(), groups);
    let mut tx = access.begin().await?;
    let hours = sql::hours(tx.conn(), from - (until - from), until).await?;
    let coverage = sql::coverage(tx.conn(), &administrators).await?;
    let risky = risk::list(&mut tx, access, &administrators, SHOWN).await?;
    let (networks, sessions) = sql::networks(tx.conn(), now - access.policy().idle.duration(), SHOWN).await?;
    let (alerts, open_alerts) = alerts::worst(&mut tx, SHOWN).await?;
    let (exceptions, exceptions_ending) = sql::exceptions(tx.conn(), now, now + SOON).await?;
    let audit::State { size, checkpoint, damaged } = audit::state(tx.conn()).await?;
    tx.close();
    let identity = access.request().portal().store().identity_pool();
    let set_aside = detections::queue::set_aside_since(identity, access.tenant()).await?;
    let series = |kinds: &[FactKind]| sql::series(&hours, kinds, (from, until), step, now);
    Ok(Dashboard {
        span,
        from,
        until,
        posture: access.enforced().document().posture(),
        sign_ins: series(sql::SIGN_INS),
        failures: series(sql::FAILURES),
        denials: series(sql::DENIALS),
        heat: sql::heat(&hours, from),
        coverage,
        risky,
        networks,
        sessions,
        alerts,
        open_alerts,
        exceptions,
        exceptions_ending,
        set_aside,
        log: LogState { size, checkpoint, damaged },
    })
}

/// The end of the hour or the day that a time is in.
fn end_of(now: OffsetDateTime, step: Duration) -> OffsetDateTime {
    let midnight = now.replace_time(Time::MIDNIGHT);
    if step == Duration::DAY { midnight + step } else { midnight + Duration::hours(i64::from(now.hour()) + 1) }
}
