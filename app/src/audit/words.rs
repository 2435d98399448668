//! What an entry says, in a sentence.

use domain::audit::{Act, ActorKind, Outcome};
use domain::detections::Resolution;
use domain::roles::{RoleBook, RoleId};
use domain::text::isolated;
use server::audit::{Damage, EntryView};

use super::denied::kept_out;
use crate::ui::{IconName, Tone};

/// The sentence, without its actor. Acts without a sentence of their own are said by their names.
pub(crate) fn describe(entry: &EntryView, book: &RoleBook) -> String {
    if entry.damage == Some(Damage::Entry) {
        return "what is stored here is not what was written".into();
    }
    if entry.archived {
        return format!("an entry of “{}” that is in the archive", name(&entry.action));
    }
    let target = entry.target_name.as_deref().map(isolated).unwrap_or_default();
    let change = |field: &str| entry.changes.iter().find(|(name, ..)| name == field);
    let after = |field: &str| change(field).and_then(|(_, _, after)| after.clone()).unwrap_or_default();
    let before = |field: &str| change(field).and_then(|(_, before, _)| before.clone()).unwrap_or_default();
    let done = match entry.action.as_str() {
        "organization.created" => format!("created the organization {target}"),
        "organization.renamed" => {
            format!("renamed the organization from {} to {}", isolated(&before("name")), isolated(&after("name")))
        }
        "organization.moved" => format!("moved the organization from {} to {}", before("slug"), after("slug")),
        "organization.suspended" => "suspended the organization".into(),
        "organization.resumed" => "resumed the organization".into(),
        "organization.transferred" => format!("handed the organization over to {target}"),
        "organization.deletion_scheduled" => "had the organization deleted, to be kept for 30 days".into(),
        "organization.deletion_cancelled" => "kept the organization, which was to be deleted".into(),
        "invitation.created" => format!("invited {target} as {}", role(book, &after("role"))),
        "invitation.resent" => format!("resent the invitation to {target}"),
        "invitation.revoked" => format!("revoked the invitation to {target}"),
        "invitation.link_copied" => format!("copied a link to the invitation of {target}"),
        "invitation.accepted" => format!("joined as {}", role(book, &after("role"))),
        "invitation.declined" => format!("declined the invitation to {target}"),
        "member.role_changed" => {
            format!(
                "changed the role of {target} from {} to {}",
                role(book, &before("role")),
                role(book, &after("role"))
            )
        }
        "member.suspended" => format!("suspended {target}"),
        "member.resumed" => format!("resumed {target}"),
        "member.removed" => format!("removed {target}"),
        "member.factors_reset_begun" => format!("began to reset the sign-in factors of {target}"),
        "member.factors_reset" => format!("reset the sign-in factors of {target}"),
        "organization.domain_added" => format!("noted the domain {} as verified", after("domain")),
        "organization.domain_removed" => format!("took back the domain {}", after("domain")),
        "member.access_ended" => format!("ended the access of {target} for their sessions of then"),
        "member.session_ended" => format!("ended a session of {target} here"),
        "service.event" => service_event(&after("name"), &entry.target_kind, &entry.target),
        "member.left" => "left the organization".into(),
        "member.renamed" => {
            format!("changed their name from {} to {}", isolated(&before("name")), isolated(&after("name")))
        }
        "member.address_changed" => {
            format!("changed their address from {} to {}", isolated(&before("email")), isolated(&after("email")))
        }
        "audit.exported" => match after("format").as_str() {
            "" => "exported the audit trail".into(),
            format => format!("exported the audit trail as {}", format.to_uppercase()),
        },
        "role.created" => format!("made the role {target}"),
        "role.changed" => format!("changed the role {target}"),
        "role.deleted" => format!("deleted the role {target}"),
        "group.created" => format!("made the group {target}"),
        "group.changed" => format!("changed the group {target}"),
        "group.deleted" => format!("deleted the group {target}"),
        "group.member_added" => format!("put {target} into {}", group(book, &after("group"))),
        "group.member_removed" => format!("took {target} out of {}", group(book, &before("group"))),
        "job.started" => format!("started a job for {} rows: {}", after("rows"), job(&target)),
        "job.undone" => format!("started a job that puts back {} rows: {}", after("rows"), job(&target)),
        "job.cancelled" => format!("stopped a job: {}", job(&target)),
        "import.checked" => format!("checked a file of members with {} lines", after("rows")),
        "invitation.role_changed" => format!(
            "changed the invitation of {target} from {} to {}",
            role(book, &before("role")),
            role(book, &after("role"))
        ),
        "members.exported" => format!("exported members as {}", after("format").to_uppercase()),
        "demo.filled" => "filled the organization with invented people".into(),
        "members.viewed" => "looked at the members".into(),
        "invitations.viewed" => "looked at the invitations".into(),
        "audit.viewed" => "looked at the audit trail".into(),
        "member.sessions_viewed" => "looked at a member’s sessions".into(),
        other => policy(other, &after("members"))
            .or_else(|| alert(other, &target, after))
            .or_else(|| webhook(other, &target, &after("deliveries")))
            .or_else(|| approval(other, &target, &after))
            .or_else(|| made(other, &target))
            .or_else(|| kept(other, &after))
            .or_else(|| carried(other, &after))
            .unwrap_or_else(|| name(other)),
    };
    match entry.outcome {
        Outcome::Done => done,
        Outcome::Denied if entry.action == "invitations.limited" => match entry.target_kind.as_str() {
            "address" => format!("was kept from more mails to {target}"),
            _ => "was kept from sending more invitations".into(),
        },
        Outcome::Denied if entry.action == "organization.entered" => kept_out(&after("rule")).into(),
        Outcome::Denied => match Act::from_code(&entry.action).and_then(|act| act.wish) {
            Some(wish) => format!("was not allowed to {wish}"),
            None => format!("was denied: {}", name(&entry.action)),
        },
        Outcome::Failed => format!("failed: {done}"),
    }
}

/// What was carried out of the platform or into it, as a whole.
fn carried(action: &str, after: &dyn Fn(&str) -> String) -> Option<String> {
    match action {
        "organization.exported" => Some("took a sealed copy of the whole organization".into()),
        "organization.imported" => {
            Some(format!("restored the organization as it was exported at {}", after("exported_at")))
        }
        _ => None,
    }
}

/// What an act is called within a sentence; one that this program does not know, by its code.
fn name(code: &str) -> String {
    Act::from_code(code).map_or_else(|| code.replace(['.', '_'], " "), |act| act.name.to_lowercase())
}

/// What was done with what an organization or somebody has made for use: keys, service accounts, filters.
fn made(action: &str, target: &str) -> Option<String> {
    Some(match action {
        "key.created" => format!("made the API key {target}"),
        "key.changed" => format!("changed the API key {target}"),
        "key.rotated" => format!("rotated the API key {target}"),
        "key.revoked" => format!("revoked the API key {target}"),
        "key.disabled" => format!("disabled the API key {target} because of an alert"),
        "key.enabled" => format!("enabled the API key {target} again"),
        "service_account.created" => format!("made the service account {target}"),
        "service_account.changed" => format!("changed the service account {target}"),
        "service_account.disabled" => format!("disabled the service account {target}"),
        "service_account.enabled" => format!("enabled the service account {target}"),
        "service_account.taken_over" => format!("took over the service account {target}"),
        "filter.saved" => format!("saved the filter {target}"),
        "filter.deleted" => format!("deleted the filter {target}"),
        _ => return None,
    })
}

/// What a service has told, about what it has it told.
fn service_event(event: &str, kind: &str, id: &str) -> String {
    let about = if id.is_empty() { String::new() } else { format!(" about {} {}", isolated(kind), isolated(id)) };
    format!("told of {}{about}", isolated(event))
}

/// What was done with the security policy, and with how many members.
fn policy(action: &str, members: &str) -> Option<String> {
    let done = match action {
        "policy.changed" => "changed the security policy",
        "policy.viewed" => "looked at the security policy",
        "policy.drafted" => "saved a draft of the security policy",
        "policy.draft_discarded" => "discarded the draft of the security policy",
        "policy.tried" => "had a draft of the security policy tried, which keeps nobody out",
        "policy.trial_ended" => "ended the trial of a draft of the security policy",
        "policy.exception_made" => "made an exception from the security policy",
        "policy.exception_ended" => "ended an exception from the security policy",
        "policy.reminder_sent" => match members {
            "" => "reminded members to set up a second factor",
            "1" => "reminded one member to set up a second factor",
            count => return Some(format!("reminded {count} members to set up a second factor")),
        },
        _ => return None,
    };
    Some(done.to_owned())
}

/// What was done about an alert, by its detection's name.
fn alert(action: &str, name: &str, after: impl Fn(&str) -> String) -> Option<String> {
    let done = match action {
        "alert.raised" => format!("raised an alert: {name}"),
        "alert.acknowledged" => format!("acknowledged the alert {name}"),
        "alert.assigned" => format!("assigned the alert {name}"),
        "alert.noted" => format!("noted something on the alert {name}"),
        "alert.resolved" => match Resolution::from_code(&after("resolution")) {
            Some(resolution) if after("alone") == "true" => {
                format!("resolved the alert {name} about themselves, alone: {}", resolution.name().to_lowercase())
            }
            Some(resolution) => format!("resolved the alert {name}: {}", resolution.name().to_lowercase()),
            None => format!("resolved the alert {name}"),
        },
        "alert.reopened" => format!("opened the alert {name} again"),
        "alert.contained" => format!("contained what the alert {name} is about"),
        "alert.released" => format!("took back what was done because of the alert {name}"),
        "alerts.viewed" => "looked at the alerts".to_owned(),
        "detections.tuned" => "changed how the detections are set".to_owned(),
        _ => return None,
    };
    Some(done)
}

/// What was done with a webhook, by its address, and with how many messages.
fn webhook(action: &str, target: &str, deliveries: &str) -> Option<String> {
    let done = match action {
        "webhook.created" => format!("added the webhook {target}"),
        "webhook.changed" => format!("changed the webhook {target}"),
        "webhook.enabled" => format!("enabled the webhook {target}"),
        "webhook.disabled" => format!("disabled the webhook {target}"),
        "webhook.deleted" => format!("deleted the webhook {target}"),
        "webhook.secret_rotated" => format!("rotated the signing secret of the webhook {target}"),
        "webhook.secret_revealed" => format!("revealed the signing secret of the webhook {target}"),
        "webhook.tested" => format!("sent a test event to the webhook {target}"),
        "webhook.replayed" => match deliveries {
            "1" => format!("sent a message to the webhook {target} again"),
            count => format!("sent {count} messages to the webhook {target} again"),
        },
        "webhooks.viewed" => "looked at the webhooks".to_owned(),
        "audit.checkpoint_mail_changed" => "changed who gets checkpoints by mail".to_owned(),
        _ => return None,
    };
    Some(done)
}

/// What was done with a request that owners approve.
fn approval(action: &str, target: &str, after: &dyn Fn(&str) -> String) -> Option<String> {
    Some(match action {
        "approval.requested" => match after("runs_at").as_str() {
            "" => format!("asked other owners to approve: {target}"),
            _ => format!("asked for, where too few owners can approve it, after a delay: {target}"),
        },
        "approval.approved" => format!("approved a request: {target}"),
        "approval.denied" => format!("denied a request: {target}"),
        "approval.cancelled" => format!("cancelled a request: {target}"),
        "approval.carried_out" | "approval.granted" => {
            let (asked_by, names) = (after("asked_by"), after("approved_by"));
            let how = match after("waited").as_str() {
                "" => format!("approved by {}", isolated(&names)),
                waited => format!("after {waited}"),
            };
            let did = if action == "approval.granted" { "let be done once" } else { "carried out" };
            format!("{did} what {} asked for, {how}: {target}", isolated(&asked_by))
        }
        "approval.lapsed" => format!("could not carry out what {} asked for: {target}", isolated(&after("asked_by"))),
        _ => return None,
    })
}

/// What was done so that entries of the trail are kept, or not kept any more, or taken along.
fn kept(action: &str, after: &dyn Fn(&str) -> String) -> Option<String> {
    Some(match action {
        "audit.archived" => {
            format!("moved {} entries into the archive {}", after("entries"), isolated(&after("file")))
        }
        "audit.hold_placed" => "placed a hold on the audit trail".to_owned(),
        "audit.hold_released" => "released a hold on the audit trail".to_owned(),
        "audit.export_finished" => format!(
            "was given the whole {} file of an export, of {} entries",
            after("format").to_uppercase(),
            after("entries")
        ),
        "audit.checkpoint_taken" => "took a checkpoint of the audit trail".to_owned(),
        "audit.proof_taken" => "took the proof of an entry".to_owned(),
        "audit.damaged" => format!("found entry {} damaged", after("index")),
        _ => return None,
    })
}

/// Who did it.
pub(crate) fn actor(entry: &EntryView) -> String {
    if entry.archived {
        return "–".to_owned();
    }
    entry.actor_name.clone().unwrap_or_else(|| {
        match entry.actor_kind {
            ActorKind::Person => "Somebody",
            ActorKind::System => "Portcullis",
            ActorKind::Operator => "The platform’s operator",
            ActorKind::Key => "An API key",
        }
        .to_owned()
    })
}

/// What came of it, as far as that is to be believed, and whether somebody has damaged the entry.
pub(super) fn outcome(entry: &EntryView) -> Vec<(Tone, &'static str)> {
    let outcome = match entry.outcome {
        Outcome::Done => (Tone::Ok, "Done"),
        Outcome::Denied => (Tone::Bad, "Denied"),
        Outcome::Failed => (Tone::Warn, "Failed"),
    };
    match entry.damage {
        None if entry.archived => vec![outcome, (Tone::Idle, "Archived")],
        None => vec![outcome],
        Some(Damage::Values) => vec![outcome, (Tone::Bad, "Damaged")],
        Some(Damage::Entry) => vec![(Tone::Bad, "Damaged")],
    }
}

/// What a reader has to know about a damaged entry before anything else.
pub(super) fn warning(damage: Damage) -> (&'static str, &'static str) {
    match damage {
        Damage::Entry => (
            "This entry is damaged",
            "What is stored here does not have the hash that was noted with it. Somebody has changed the database; an export and a checkpoint that was kept tell more.",
        ),
        Damage::Values => (
            "Personal values are unreadable",
            "The sealed values do not match the entry: somebody has changed the database. The rest of the entry is as it was written.",
        ),
    }
}

/// A sign for what it is about.
pub(super) fn icon(entry: &EntryView) -> IconName {
    match entry.action.split('.').next().unwrap_or_default() {
        _ if entry.outcome == Outcome::Denied => IconName::BAN,
        "organization" => IconName::BUILDING_2,
        "invitation" | "invitations" => IconName::MAIL,
        "member" | "members" | "job" | "import" => IconName::USER,
        "audit" => IconName::SCROLL_TEXT,
        "policy" | "role" | "roles" => IconName::SHIELD_CHECK,
        "approval" => IconName::CHECK,
        "key" | "keys" | "service_account" => IconName::KEY,
        "group" | "groups" => IconName::USERS_ROUND,
        "alert" | "alerts" | "detections" => IconName::TRIANGLE_ALERT,
        "webhook" | "webhooks" => IconName::SEND,
        _ => IconName::ACTIVITY,
    }
}

/// What a job does, by the code of its kind.
fn job(code: &str) -> String {
    domain::jobs::JobKind::from_code(code).map_or_else(|| code.to_owned(), |kind| kind.name().to_lowercase())
}

/// What a group is called today.
fn group(book: &RoleBook, id: &str) -> String {
    let group = id.parse().ok().and_then(|id| book.group(id));
    group.map_or_else(|| "a group that is gone".to_owned(), |group| isolated(group.name.as_str()).into_owned())
}

/// What a role is called today.
fn role(book: &RoleBook, code: &str) -> String {
    match RoleId::from_code(code) {
        Some(id) => book.role(id).name().to_owned(),
        None => code.to_owned(),
    }
}
