//! How long it takes to make an organization.

use std::time::{Duration, Instant};

use domain::accounts::{Account, SignUpForm, Theme};
use domain::ids::SessionId;

use super::new_password;
use crate::Portal;
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::{Memberships, Visitor};
use crate::sign_up::{SignedUp, create_organization, sign_up};

/// Signs somebody up, who then makes so many organizations, one after the other: how long each took.
///
/// # Errors
/// The database does not answer; or the portal sends mail, so that a sign-up has to wait.
pub async fn measure_provisioning(portal: &Portal, count: u32) -> Result<Vec<Duration>, Error> {
    let visitor = founder(portal).await?;
    let mut times = Vec::new();
    for number in 1..=count {
        let name = format!("Measured {} {number}", visitor.session);
        let request = RequestContext::internal(portal);
        let began = Instant::now();
        create_organization(&request, &visitor, &name).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

async fn founder(portal: &Portal) -> Result<Visitor, Error> {
    let now = portal.now();
    let session = SessionId(portal.uuid(now));
    let form = SignUpForm {
        name: "Somebody with a stopwatch".to_owned(),
        email: format!("{session}@bench.example"),
        password: new_password(portal).to_string(),
        organization: format!("Measured {session}"),
    };
    let SignedUp::Done(welcome) = sign_up(&RequestContext::internal(portal), &form).await? else {
        return Err(Error::internal("provisioning can be measured only where no mail is sent"));
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
    Ok(Visitor { session, account, last_seen_at: now, elevated_until: now, memberships: Memberships::default() })
}
