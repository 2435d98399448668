//! How long acts take that no page shows alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::accounts::{Account, SignUpForm, Theme};
use domain::factors::FactorSummary;
use domain::ids::SessionId;
use domain::policy::SignInMethod;
use tower_sessions_core::Session;

use super::new_password;
use crate::Portal;
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Memberships, SessionStore, Visitor};
use crate::sign_up::{SignedUp, create_organization, sign_up};

/// Signs somebody up, who then makes so many organizations, one after the other: how long each took.
///
/// # Errors
/// The database does not answer; or the portal sends mail, so that a sign-up has to wait.
pub async fn measure_provisioning(portal: &Portal, count: u32) -> Result<Vec<Duration>, Error> {
    let now = portal.now();
    let (account, _) = founder(portal).await?;
    let session = SessionId(portal.uuid(now));
    let visitor = Visitor {
        session,
        account,
        epoch: 0,
        factors: FactorSummary::default(),
        method: SignInMethod::Password,
        password: None,
        last_seen_at: now,
        authenticated_at: now,
        pause: time::Duration::ZERO,
        newer_sessions: 0,
        older_sessions: 0,
        elevated_until: now,
        memberships: Memberships::default(),
    };
    let request = RequestContext::internal(portal);
    let mut times = Vec::new();
    for number in 1..=count {
        let name = format!("Measured {} {number}", visitor.session);
        times.push(timed(create_organization(&request, &visitor, &name)).await?.0);
    }
    Ok(times)
}

/// How long parts of signing in, and of every request after it, took each time.
#[derive(Debug, Default)]
pub struct SignInTimes {
    /// Hashing a password and comparing the hash.
    pub hashing: Vec<Duration>,
    /// Finding out whose a cookie's session is.
    pub lookup: Vec<Duration>,
}

/// Signs somebody up, whose session is then looked for so many times, as is a password.
///
/// # Errors
/// As [`measure_provisioning`].
pub async fn measure_sign_in(portal: &Portal, count: u32) -> Result<SignInTimes, Error> {
    let (account, grant) = founder(portal).await?;
    let carrier = Arc::new(SessionStore::new(portal));
    let browser = Session::new(None, carrier.clone(), None);
    grant.hand_over(&RequestContext::internal(portal), &browser).await?;
    browser.save().await.map_err(Error::internal)?;
    let mut times = SignInTimes::default();
    for _ in 0..count {
        times.hashing.push(timed(portal.hasher().verify("somebody's guess", None)).await?.0);
        let (took, visitor) = timed(sessions::visitor(&Session::new(browser.id(), carrier.clone(), None))).await?;
        if visitor.is_none_or(|visitor| visitor.account.id != account.id) {
            return Err(Error::internal("a session that was just begun is not there"));
        }
        times.lookup.push(took);
    }
    Ok(times)
}

async fn timed<T>(work: impl Future<Output = Result<T, Error>>) -> Result<(Duration, T), Error> {
    let began = Instant::now();
    let result = work.await?;
    Ok((began.elapsed(), result))
}

/// Somebody who has just signed up.
async fn founder(portal: &Portal) -> Result<(Account, Grant), Error> {
    let id = portal.uuid(portal.now());
    let form = SignUpForm {
        name: "Somebody with a stopwatch".to_owned(),
        email: format!("{id}@bench.example"),
        password: new_password(portal).to_string(),
        organization: format!("Measured {id}"),
    };
    let SignedUp::Done(welcome) = sign_up(&RequestContext::internal(portal), &form).await? else {
        return Err(Error::internal("this can be measured only where no mail is sent"));
    };
    let account = Account {
        id: welcome.grant.account,
        email: form.email,
        email_proven: false,
        name: form.name,
        time_zone: "UTC".to_owned(),
        theme: Theme::System,
        shortcuts: true,
    };
    Ok((account, welcome.grant))
}
