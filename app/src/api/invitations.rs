//! Invitations.

use axum::extract::OriginalUri;
use axum::http::{HeaderMap, StatusCode};
use domain::invitations::{Invitation, InviteForm, MailState};
use domain::roles::Permission;
use serde::{Deserialize, Serialize};
use server::api;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{Answer, json, once, write};
use super::audit::next;
use super::document::{Reading, Writing};
use super::gate::Program;
use super::members::NamedPart;
use super::sent::{Asked, Sent};

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// The address.
    #[schema(min_length = 3, max_length = 254, example = "grace@acme.example")]
    email: String,
    /// The id of the role that it gives: one that holds nothing beyond the key’s own scopes.
    #[schema(min_length = 1, max_length = 64, example = "member")]
    role: String,
}

/// An invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationDetails {
    /// Its id.
    id: Uuid,
    /// The address that it is for.
    email: String,
    /// The role that it gives.
    role: NamedPart,
    /// `pending`, `accepted`, `declined` or `revoked`. A pending one whose time is over can be accepted no more.
    state: &'static str,
    /// How far its mail has come: `waiting`, `sent`, `failed`, `cancelled` or `expired`.
    mail: Option<&'static str>,
    /// The name of who stands for it.
    invited_by: Option<String>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Until when it can be accepted.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// A part of the invitations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitations {
    /// The invitations, the newest first.
    items: Vec<InvitationDetails>,
    /// Sent as the parameter `next`, it brings the next part; there is none behind the last.
    next: Option<String>,
}

impl From<Invitation> for InvitationDetails {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.0,
            role: (&invitation.role).into(),
            state: invitation.state.code(),
            mail: invitation.mail.map(MailState::code),
            email: invitation.email,
            invited_by: invitation.invited_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// The invitations.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/invitations",
    tag = "Members",
    summary = "The organization’s invitations",
    description = "25 at a time, the newest first.",
    params(("next" = Option<String>, Query, description = "From where on, as the part before says.")),
    responses((status = 200, description = "Invitations.", body = Invitations), Reading),
    security(("key" = ["members.invite"]))
)]
pub async fn list(Program(caller): Program, asked: Asked) -> Answer {
    asked.knows(&["next"])?;
    let page = api::invitations(&caller, next(&asked)?.as_ref()).await?;
    json(&Invitations { items: page.rows.into_iter().map(InvitationDetails::from).collect(), next: page.next })
}

/// Invites somebody.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    tag = "Members",
    summary = "Invite somebody",
    description = "Sends the invitation’s mail. Besides `members.invite` the key needs every scope that the role holds. Whoever answers for the key stands for the invitation: it is good as long as they may invite to the role.",
    params(("Idempotency-Key" = Option<String>, Header, description = "A name for the request: sent again with it within a day, it is answered the same, and nobody is invited twice.")),
    request_body = NewInvitation,
    responses((status = 201, description = "The invitation.", body = InvitationDetails, headers(("Idempotency-Replayed" = String, description = "`true`, where a former request with this name was answered so."))), Writing),
    security(("key" = ["members.invite"]))
)]
pub async fn invite(
    Program(caller): Program,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    sent: Sent<NewInvitation>,
) -> Answer {
    let NewInvitation { email, role } = sent.value;
    let form = InviteForm { email, role };
    let act = || async {
        let invitation = api::invite(&caller, &form).await?;
        write(&InvitationDetails::from(invitation))
    };
    once(&caller, &headers, (uri.path(), &sent.bytes), Permission::InviteMembers, StatusCode::CREATED, act).await
}
