//! What one request tells the next: "it is done", or a form as it was typed and what is wrong in it.
//!
//! It travels in a cookie that only the server can read and write, and is shown once.

use axum::http::{HeaderMap, HeaderValue};
use domain::fields::FieldErrors;
use domain::ids::AccountId;
use domain::problem::Problem;
use domain::text::isolated;
use serde::{Deserialize, Serialize};
use server::Portal;

use crate::alerts::AlertDone;
use crate::api_keys::KeyDone;
use crate::approvals::ApprovalDone;
use crate::cookies::SealedCookie;
use crate::operators::OperatorDone;
use crate::ui::{Undo, number};
use crate::webhooks::WebhookDone;

const COOKIE: SealedCookie = SealedCookie { name: "__Host-flash", seconds: 120 };
/// What was typed before somebody had to prove who they are: kept while they do.
const CARRIED: SealedCookie = SealedCookie { name: "__Host-typed", seconds: 900 };
/// The characters that each value keeps when all of them together are too long; halved until they fit.
const VALUE_MAX: usize = 512;
/// Ids and codes are shorter than this, and no use cut: a form of which even so much of each does not fit is shown afresh.
const VALUE_MIN: usize = 64;

/// What the next page is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Something was done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done: Option<Done>,
    /// How to take it back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undo: Option<Undo>,
    /// Something could not be done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
    /// Whose it is, for what waits until they have proven who they are: nobody else at the browser sees it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<AccountId>,
    /// A form that comes back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub form: Option<FormFlash>,
}

/// A form as it was typed, without its secrets, and what is wrong in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormFlash {
    /// The address that the form was sent to.
    pub action: String,
    /// What is wrong.
    pub errors: FieldErrors,
    /// What was typed, by field name.
    pub values: Vec<(String, String)>,
}

/// What was done. The texts are in [`Done::text`]: a cookie carries no sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is said by its text")]
pub enum Done {
    InvitationSent { email: String },
    InvitationMade { email: String },
    InvitationResent { email: String },
    InvitationRenewed { email: String },
    InvitationRevoked { email: String },
    InvitationDeclined,
    RoleChanged { name: String, role: String, conflict: Option<String> },
    MemberSuspended { name: String },
    MemberResumed { name: String },
    MemberRemoved { name: String },
    FactorsReset { name: String },
    AccessEnded { name: String },
    MemberSessionEnded { name: String },
    FilterSaved { name: String },
    FilterDeleted { name: String },
    ViewSaved { name: String },
    ViewDeleted { name: String },
    CheckpointTaken { size: u64 },
    CheckpointMailSaved { sent: bool },
    HoldPlaced,
    HoldReleased,
    RoleCreated { name: String },
    RolesSaved { count: u64 },
    RoleDeleted { name: String },
    GroupCreated { name: String },
    GroupSaved { name: String },
    GroupDeleted { name: String },
    GroupJoined { name: String, group: String, conflict: Option<String> },
    GroupLeft { name: String, group: String },
    NothingSelected,
    JobStarted,
    JobCancelled,
    UndoStarted,
    DraftSaved,
    DraftDiscarded,
    Tried,
    ExceptionMade { email: String },
    ExceptionEnded,
    TrialEnded,
    Alert(AlertDone),
    Approval(ApprovalDone),
    Key(KeyDone),
    Webhook(WebhookDone),
    Operator(OperatorDone),
    TemplateUsed { name: String },
    PolicySaved,
    PolicyRolledBack { version: i64 },
    Reminded { sent: u64, waiting: u64, left: u64, mailed: bool },
    Left { organization: String },
    OrganizationRenamed,
    OrganizationMoved,
    OwnershipTransferred { name: String },
    OrganizationDeleted { organization: String },
    OrganizationKept { organization: String },
    QuotaSaved { name: String },
    QuotaZoneSaved,
    ProfileSaved,
    AddressAsked { sent: bool },
    ProofAsked { sent: bool },
    AddressResent,
    AddressCancelled,
    PasswordChanged,
    PasswordReset,
    AuthenticatorAdded { name: String },
    AuthenticatorRemoved,
    PasskeyAdded { name: String },
    PasskeyRemoved,
    SteppedUp,
    SessionEnded,
    SessionsEnded { count: u64 },
    OtherSessionsEnded { count: u64 },
    Joined { organization: String },
    NotificationsRead,
    MailChosen,
    SignedOut,
}

/// What was done, and the rule that is broken by it.
fn told(done: String, conflict: Option<&str>) -> String {
    match conflict {
        Some(conflict) => format!("{done} Mind that {conflict}"),
        None => done,
    }
}

impl Done {
    /// The sentence.
    #[expect(clippy::too_many_lines, reason = "a line or two for each of them")]
    pub fn text(&self) -> String {
        match self {
            Self::InvitationSent { email } => format!("{email} is invited."),
            Self::InvitationMade { email } => {
                format!("{email} is invited. There is no mail server: copy the link and pass it on.")
            }
            Self::InvitationRenewed { email } => {
                format!(
                    "The invitation to {email} has its full time again. There is no mail server: copy the link and pass it on."
                )
            }
            Self::InvitationResent { email } => format!("The invitation to {email} goes out again."),
            Self::InvitationRevoked { email } => format!("The invitation to {email} is revoked."),
            Self::InvitationDeclined => "The invitation is declined.".into(),
            Self::RoleChanged { name, role, conflict } => {
                told(format!("{} has the role {role} now.", isolated(name)), conflict.as_deref())
            }
            Self::MemberSuspended { name } => format!("{} is suspended.", isolated(name)),
            Self::MemberResumed { name } => format!("{} is active again.", isolated(name)),
            Self::MemberRemoved { name } => format!("{} is no longer a member.", isolated(name)),
            Self::FactorsReset { name } => format!("The sign-in factors of {} are reset.", isolated(name)),
            Self::RoleCreated { name } => format!("The role {} is there. Give it to members, or let a group carry it.", isolated(name)),
            Self::RolesSaved { count: 1 } => "The role is saved, and holds from now on.".into(),
            Self::RolesSaved { count } => format!("{count} roles are saved, and hold from now on."),
            Self::RoleDeleted { name } => format!("The role {} is deleted.", isolated(name)),
            Self::GroupCreated { name } => format!("The group {} is there. Put members into it.", isolated(name)),
            Self::GroupSaved { name } => format!("The group {} is saved.", isolated(name)),
            Self::GroupDeleted { name } => format!("The group {} is deleted. Its members are members still.", isolated(name)),
            Self::GroupJoined { name, group, conflict } => {
                told(format!("{} is in {} now.", isolated(name), isolated(group)), conflict.as_deref())
            }
            Self::GroupLeft { name, group } => format!("{} is no longer in {}.", isolated(name), isolated(group)),
            Self::AccessEnded { name } => {
                format!("{} has to sign in again before they come in here. API keys whose secret they have are revoked.", isolated(name))
            }
            Self::MemberSessionEnded { name } => {
                format!("{} has to sign in again before they come in here with that session.", isolated(name))
            }
            Self::FilterSaved { name } => format!("The filter {} is saved. You find it under Saved filters.", isolated(name)),
            Self::FilterDeleted { name } => format!("The filter {} is deleted.", isolated(name)),
            Self::ViewSaved { name } => format!("The view {} is saved. You find it under Saved views.", isolated(name)),
            Self::ViewDeleted { name } => format!("The view {} is deleted.", isolated(name)),
            Self::CheckpointTaken { size } => {
                let entries = if *size == 1 { "entry" } else { "entries" };
                format!("The checkpoint of {} {entries} is taken. Keep a copy of it elsewhere.", number(*size))
            }
            Self::CheckpointMailSaved { sent: true } => "It is saved. The next checkpoint goes out by mail.".into(),
            Self::CheckpointMailSaved { sent: false } => "It is saved. No checkpoint goes out by mail.".into(),
            Self::HoldPlaced => "The hold is placed. What it is on stays in the trail until you release it.".into(),
            Self::HoldReleased => {
                "The hold is released. What is older than it is kept goes into an archive within a day.".into()
            }
            Self::NothingSelected => "Nobody was selected. Tick the boxes of those whom you mean.".into(),
            Self::JobStarted => "It has begun, and goes on by itself: you can leave this page.".into(),
            Self::JobCancelled => "It is stopped. What was done before stays done.".into(),
            Self::UndoStarted => "What was changed is put back, where nobody has changed it since.".into(),
            Self::DraftSaved => "The draft is saved. Nothing has changed yet for anybody.".into(),
            Self::DraftDiscarded => "The draft is gone. What is in force stays as it is.".into(),
            Self::ExceptionMade { email } => format!("{email} is excepted from now on."),
            Self::ExceptionEnded => "The exception has ended. The rule holds from their next request on.".into(),
            Self::Tried => "The draft is tried from now on. It keeps nobody out.".into(),
            Self::TrialEnded => "The trial has ended. Nothing has changed for anybody.".into(),
            Self::Alert(done) => done.text().into(),
            Self::Approval(done) => done.text().into(),
            Self::Key(done) => done.text().into(),
            Self::Webhook(done) => done.text(),
            Self::Operator(done) => done.text(),
            Self::TemplateUsed { name } => format!("{name} is in the draft. Nothing has changed yet for anybody."),
            Self::PolicyRolledBack { version } => {
                format!("Version {version} is in force again. It holds from everybody’s next request on.")
            }
            Self::PolicySaved => "The policy is saved. It holds from everybody’s next request on.".into(),
            Self::Reminded { sent, waiting, left, mailed } => reminded(*sent, *waiting, *left, *mailed),
            Self::Left { organization } => format!("You have left {}.", isolated(organization)),
            Self::OrganizationRenamed => "The name is saved.".into(),
            Self::OrganizationMoved => "The address is saved. The former one leads here.".into(),
            Self::OwnershipTransferred { name } => format!("{} is an owner now, and you are an admin.", isolated(name)),
            Self::OrganizationDeleted { organization } => {
                format!("{} is being deleted. Its owners get a mail that says so.", isolated(organization))
            }
            Self::OrganizationKept { organization } => format!("{} is kept. Everybody comes in again.", isolated(organization)),
            Self::QuotaSaved { name } => format!("The quota {name} is saved. It holds from the next reservation on."),
            Self::QuotaZoneSaved => "The time zone is saved. It holds from the next window on.".into(),
            Self::ProfileSaved => "Your profile is saved.".into(),
            Self::AddressAsked { sent: true } => {
                "A link went to each of the two addresses. Your email changes when both are followed.".into()
            }
            Self::AddressAsked { sent: false } => {
                "Your email changes when two links are followed. There is no mail server: ask whoever runs this server for them."
                    .into()
            }
            Self::ProofAsked { sent: true } => "A link is on its way. Open it in this browser.".into(),
            Self::ProofAsked { sent: false } => {
                "There is no mail server: ask whoever runs this server for your link, and open it in this browser.".into()
            }
            Self::AddressResent => "What was not followed goes out again, and the links are good for another day.".into(),
            Self::AddressCancelled => "It is cancelled. Your email stays as it is.".into(),
            Self::PasswordChanged => "Your password is changed. All other sessions have ended.".into(),
            Self::PasswordReset => "Your password is changed. Sign in with the new one.".into(),
            Self::AuthenticatorAdded { name } => authenticator_added(name),
            Self::AuthenticatorRemoved => "The authenticator app is removed. All other sessions have ended.".into(),
            Self::PasskeyAdded { name } => passkey_added(name),
            Self::PasskeyRemoved => {
                "The passkey is removed, and opens nothing here any more. All other sessions have ended. Your device may \
                 still list it: delete it there."
                    .into()
            }
            Self::SteppedUp => "It is you. Go on where you were: nothing has been changed yet.".into(),
            Self::SessionEnded => "The session has ended.".into(),
            Self::SessionsEnded { count } => sessions_ended(*count),
            Self::OtherSessionsEnded { count: 0 } => "There were no other sessions.".into(),
            Self::OtherSessionsEnded { count: 1 } => "One other session has ended.".into(),
            Self::OtherSessionsEnded { count } => format!("{count} other sessions have ended."),
            Self::Joined { organization } => format!("Welcome to {}.", isolated(organization)),
            Self::NotificationsRead => "All notifications are marked as read.".into(),
            Self::MailChosen => "Your choice is saved. It holds for what happens from now on.".into(),
            Self::SignedOut => "You are signed out.".into(),
        }
    }
}

fn sessions_ended(count: u64) -> String {
    match count {
        0 => "Nothing has ended: no session was selected that is still there.".to_owned(),
        1 => "One session has ended.".to_owned(),
        count => format!("{count} sessions have ended."),
    }
}

fn authenticator_added(name: &str) -> String {
    let name = if name.is_empty() { "Your authenticator app".into() } else { isolated(name) };
    format!(
        "{name} is set up. From now on you sign in with a code, too. All other sessions have ended. Generate recovery \
         codes next, for the day on which your phone is gone."
    )
}

fn passkey_added(name: &str) -> String {
    let name = if name.is_empty() { "Your passkey".into() } else { isolated(name) };
    format!(
        "{name} is added. You sign in with it alone, or with it after your password. All other sessions have ended. \
         Generate recovery codes next, unless you have them, for the day on which it is gone."
    )
}

/// What came of reminding members, in full: also who gets no mail, and why.
fn reminded(sent: u64, waiting: u64, left: u64, mailed: bool) -> String {
    let people = |count: u64| if count == 1 { "one member".to_owned() } else { format!("{} members", number(count)) };
    let sentences = [
        Some(match sent {
            0 => "No reminder was sent.".to_owned(),
            1 => "One reminder is on its way.".to_owned(),
            _ => format!("{} reminders are on their way.", number(sent)),
        }),
        (sent > 0 && !mailed).then(|| "There is no mail server: it waits until there is one, for a day.".to_owned()),
        (waiting > 0).then(|| format!("Left out: {}, reminded less than a day ago.", people(waiting))),
        (left > 0).then(|| format!("Send again to reach the next: {} have had none yet.", people(left))),
    ];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

impl From<Done> for Flash {
    fn from(done: Done) -> Self {
        Self { done: Some(done), ..Self::default() }
    }
}

impl From<Problem> for Flash {
    fn from(problem: Problem) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }
}

impl Flash {
    /// The flash that a request brings.
    pub(crate) fn read(headers: &HeaderMap, portal: &Portal) -> Option<Self> {
        serde_json::from_slice(&COOKIE.read(headers, portal)?).ok()
    }

    /// The form that a request carries from before a proof of who asks, if it was this account's.
    pub(crate) fn read_carried(headers: &HeaderMap, portal: &Portal, account: AccountId) -> Option<FormFlash> {
        let flash: Self = serde_json::from_slice(&CARRIED.read(headers, portal)?).ok()?;
        flash.form.filter(|_| flash.account == Some(account))
    }

    /// The header that sets it.
    pub(crate) fn write(&self, portal: &Portal) -> Option<HeaderValue> {
        self.write_to(COOKIE, portal)
    }

    /// The header that lets its form wait until somebody has proven who they are.
    pub(crate) fn carry(&self, portal: &Portal) -> Option<HeaderValue> {
        self.write_to(CARRIED, portal)
    }

    /// What was typed is cut rather than lost when all of it does not fit, and what was done is said in any case.
    fn write_to(&self, cookie: SealedCookie, portal: &Portal) -> Option<HeaderValue> {
        let mut flash = self.clone();
        let mut most = VALUE_MAX;
        loop {
            let header = cookie.write(&serde_json::to_vec(&flash).ok()?, portal);
            if header.is_some() || flash.form.is_none() {
                return header;
            }
            if most < VALUE_MIN {
                flash.form = None;
            }
            for (_, value) in flash.form.iter_mut().flat_map(|form| &mut form.values) {
                *value = value.chars().take(most).collect();
            }
            most /= 2;
        }
    }

    /// The header that takes it away.
    pub(crate) fn clear() -> Option<HeaderValue> {
        COOKIE.clear()
    }

    /// The header that takes a carried form away.
    pub(crate) fn clear_carried() -> Option<HeaderValue> {
        CARRIED.clear()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_says_who_got_none() {
        assert_eq!(reminded(1, 0, 0, true), "One reminder is on its way.");
        assert_eq!(reminded(0, 2, 0, true), "No reminder was sent. Left out: 2 members, reminded less than a day ago.");
        assert_eq!(
            reminded(500, 1, 700, true),
            "500 reminders are on their way. Left out: one member, reminded less than a day ago. Send again to reach the \
             next: 700 members have had none yet."
        );
        assert!(reminded(3, 0, 0, false).contains("no mail server"));
    }
}
