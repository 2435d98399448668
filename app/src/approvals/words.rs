//! What is asked for, and how it stands, in words.

use domain::approvals::{Change, Quorum, Risk, Standing, State};
use domain::roles::RoleId;
use domain::text::isolated;
use server::approvals::{RequestView, Whom};

use crate::context::Organization;
use crate::ui::Tone;

/// What is asked for.
pub(super) fn what(org: &Organization, request: &RequestView) -> String {
    match &request.change {
        Change::Enforce { version, .. } => format!("Enforce version {version} of the security policy"),
        Change::RollBack { version } => format!("Roll back the security policy to version {version}"),
        Change::Role { role, .. } => {
            let member = request.subject.as_deref().unwrap_or("somebody who left");
            format!("Give {} the role {}", isolated(member), role_name(org, *role))
        }
        Change::Deletion => "Delete the organization".to_owned(),
        Change::Export { format, .. } => format!("Export the audit trail as {}", format.name()),
        Change::Key { key } => format!("Create the API key {}", isolated(key.key.name.as_str())),
        Change::WiderKey { before, .. } => format!("Widen the API key {}", isolated(before.name.as_str())),
    }
}

/// What a role is called today.
pub(super) fn role_name(org: &Organization, role: RoleId) -> String {
    isolated(org.access.book().role(role).name()).into_owned()
}

/// What somebody is called.
pub(super) fn called(whom: &Whom) -> String {
    whom.1.clone().unwrap_or_else(|| "Somebody who left".to_owned())
}

/// What a request waits for.
pub(super) fn progress(quorum: Quorum, given: usize) -> String {
    match quorum {
        Quorum::Approvals(needed) => format!("{given} of {needed}"),
        Quorum::Delay(_) => "None: a delay".to_owned(),
    }
}

/// How alarming a risk is.
pub(super) fn risk(risk: Risk) -> Tone {
    match risk {
        Risk::High => Tone::Bad,
        Risk::Medium => Tone::Warn,
        Risk::Low => Tone::Idle,
    }
}

/// How a request stands.
pub(super) fn standing(standing: Standing) -> Tone {
    match standing {
        Standing::Waiting => Tone::Warn,
        Standing::Granted | Standing::Over(State::CarriedOut) => Tone::Ok,
        Standing::Over(State::Denied) => Tone::Bad,
        Standing::Stale | Standing::Expired | Standing::Over(_) => Tone::Idle,
    }
}
