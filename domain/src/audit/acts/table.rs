//! The table.

use super::{Act, Category, Retention};
use crate::detections::FactKind;
use crate::policy::SETTINGS;

/// The acts of a category, and by which class they are kept. A line has the code, the name, and the fields that an
/// entry may tell; `to` what somebody wanted who was denied it; and `=>` what it is to the detections.
macro_rules! acts {
    ($($category:ident as $retention:ident {
        $($code:literal $name:literal, $records:expr $(, to $wish:literal)? $(=> $fact:ident)?;)+
    })+) => {
        /// Every act, by what it is about.
        pub static ACTS: &[Act] = &[$($(Act {
            code: $code,
            name: $name,
            wish: [$(Some($wish),)? None][0],
            category: Category::$category,
            records: &$records,
            retention: Retention::$retention,
            fact: [$(Some(FactKind::$fact),)? None][0],
        },)+)+];
    };
}

/// What a change of the policy tells: each setting, and what comes with it.
const POLICY: [&str; 4 + SETTINGS.len()] = {
    let mut fields = ["reason"; 4 + SETTINGS.len()];
    fields[1] = "version";
    fields[2] = "restores";
    fields[3] = "kept_out";
    let mut at = 0;
    while at < SETTINGS.len() {
        fields[4 + at] = SETTINGS[at].code;
        at += 1;
    }
    fields
};

acts! {
    SignIn as Security {
        "session.started" "Signed in", ["method", "second_factor", "counter"];
        "session.password_accepted" "Password accepted", [];
        "session.elevated" "Fresh proof given", ["method", "counter"];
        "session.ended" "Signed out", [];
        "session.others_ended" "Other sessions ended", ["sessions"];
        "session.all_ended" "All sessions ended", [];
        "password.reset_requested" "Password reset requested", [];
        "password.reset" "Password reset", [];
        "password.voided" "Password taken away", [];
        "account.password_changed" "Password changed", [];
        "authenticator.enrolment_started" "Set-up of authenticator app begun", [];
        "authenticator.added" "Authenticator app added", ["method"];
        "authenticator.removed" "Authenticator app removed", ["account"];
        "passkey.added" "Passkey added", ["method"];
        "passkey.removed" "Passkey removed", ["account"];
        "recovery_codes.generated" "Recovery codes made", [];
        "recovery_codes.removed" "Recovery codes removed", [];
        "notice.disowned" "Activity disowned", ["event"];
        "sign_in.limited" "Too many sign-ins tried", [];
        "password.limited" "Too many passwords tried", [];
        "code.limited" "Too many codes tried", [];
        "keys.limited" "Too many API keys tried", [];
        "organization.entered" "Organization entered", ["rule"], to "come in";
        "organization.sessions_displaced" "Older sessions ended at the limit", ["sessions"];
    }
    Account as Administration {
        "registration.requested" "Sign-up requested", [];
        "registration.confirmed" "Sign-up confirmed", [];
        "registration.discarded" "Sign-up discarded", [];
        "account.profile_changed" "Profile changed", ["name", "time_zone", "theme", "keyboard_shortcuts"];
        "account.notifications_changed" "Choice of mail changed",
            ["membership", "organizations", "jobs", "alerts", "lesser_alerts"];
        "account.address_change_requested" "Change of address requested", ["email"];
        "account.address_change_resent" "Change of address mailed again", [];
        "account.address_change_agreed" "Change of address agreed to", ["address"];
        "account.address_change_cancelled" "Change of address cancelled", ["email", "address"];
        "account.address_changed" "Address changed", ["email"];
        "account.address_proven" "Address proven", [];
        "account.address_given_back" "Address given back", ["email"];
        "account.taken_over" "Unproven account taken over", [];
        "account.deleted" "Account deleted", [];
        "sign_up.limited" "Too many sign-ups", [];
        "mail.limited" "Too many mails", [];
        "profile.limited" "Too many names taken", [];
    }
    Members as Administration {
        "member.role_changed" "Member’s role changed", ["role", "job"], to "change a role" => Change;
        "member.suspended" "Member suspended", ["status", "job"], to "suspend a member" => Change;
        "member.resumed" "Member resumed", ["status", "job"], to "resume a member" => Change;
        "member.removed" "Member removed", ["role", "groups", "job"], to "remove a member" => Change;
        "member.left" "Member left", ["role", "groups", "reason"] => Change;
        "member.access_ended" "Member’s access ended", ["job"], to "end a member’s access" => Change;
        "member.session_ended" "Member’s session ended", ["session"], to "end a member’s session" => Change;
        // The reset that it comes before is what counts.
        "member.factors_reset_begun" "Reset of sign-in factors begun", ["reason"];
        "member.factors_reset" "Sign-in factors reset", ["reason"], to "reset somebody’s sign-in factors" => Change;
        "member.renamed" "Member renamed", ["name", "email"] => Change;
        "member.address_changed" "Member’s address changed", ["email"] => Change;
        "invitation.created" "Invitation sent", ["role", "job"], to "invite somebody" => Change;
        "invitation.resent" "Invitation sent again", [], to "resend an invitation" => Change;
        "invitation.revoked" "Invitation revoked", [], to "revoke an invitation" => Change;
        "invitation.role_changed" "Invitation’s role changed", ["role", "job"] => Change;
        "invitation.link_copied" "Invitation link copied", [], to "copy a link to an invitation" => Change;
        "invitation.accepted" "Invitation accepted", ["role"] => Change;
        "invitation.declined" "Invitation declined", [] => Change;
        "invitations.limited" "Too many invitations", [];
        // It counts for all of its rows: they are there at once.
        "job.started" "Job started", ["rows", "invitations", "role", "group"] => Change;
        "job.cancelled" "Job stopped", [];
        "job.undone" "Job put back", ["rows", "undoes"], to "put back what a job has changed" => Change;
        "import.checked" "Import checked", ["rows"], to "import members";
        "import.started" "Import started", [], to "import members";
        "filter.saved" "Filter saved", [], to "save a filter";
        "filter.deleted" "Filter deleted", [], to "delete a filter";
    }
    Roles as Administration {
        "role.created" "Role made", ["permissions", "parents"], to "change roles" => Change;
        "role.changed" "Role changed", ["name", "description", "permissions", "parents"], to "change roles" => Change;
        "role.deleted" "Role deleted", ["permissions", "parents"], to "delete a role" => Change;
        "group.created" "Group made", ["roles"], to "change groups" => Change;
        "group.changed" "Group changed", ["name", "description", "roles"], to "change groups" => Change;
        "group.deleted" "Group deleted", ["roles"], to "delete a group" => Change;
        "group.member_added" "Group joined", ["group", "job"], to "put somebody into a group" => Change;
        "group.member_removed" "Group left", ["group", "job"], to "take somebody out of a group" => Change;
    }
    Policy as Administration {
        "policy.changed" "Security policy changed", POLICY, to "change the security policy" => Change;
        "policy.drafted" "Policy draft saved", ["version", "template", "source"],
            to "save a draft of the security policy" => Change;
        "policy.draft_discarded" "Policy draft discarded", ["version"],
            to "discard the draft of the security policy" => Change;
        "policy.tried" "Policy trial begun", ["version"], to "have a draft of the security policy tried" => Change;
        "policy.trial_ended" "Policy trial ended", ["version"],
            to "end the trial of a draft of the security policy" => Change;
        "policy.exception_made" "Policy exception made", ["rule", "until", "reason"],
            to "make an exception from the security policy" => Change;
        "policy.exception_ended" "Policy exception ended", ["rule"],
            to "end an exception from the security policy" => Change;
        "policy.reminder_sent" "Reminder of second factor sent", ["members", "job"],
            to "remind members to set up a second factor";
    }
    Organization as Administration {
        "organization.created" "Organization made", ["slug", "owner"] => Change;
        "organization.renamed" "Organization renamed", ["name"], to "rename the organization" => Change;
        "organization.moved" "Organization’s address changed", ["slug"],
            to "change the organization’s address" => Change;
        "organization.transferred" "Organization handed over", ["role", "role_of_former_owner"],
            to "hand the organization over" => Change;
        "organization.deletion_scheduled" "Deletion of organization scheduled", ["delete_at", "reason"],
            to "delete the organization" => Change;
        "organization.deletion_cancelled" "Deletion of organization cancelled", ["reason"],
            to "keep the organization" => Change;
        // Nobody is left to be told.
        "organization.deleted" "Organization deleted", ["slug"];
        "organization.suspended" "Organization suspended", ["status", "reason"] => Change;
        "organization.resumed" "Organization resumed", ["status", "reason"] => Change;
        "organization.imported" "Organization restored from an export", ["slug", "exported_at", "copy_of", "entries", "root", "plan", "members", "accounts_made", "suspended"];
        "organization.domain_added" "Domain noted as verified", ["domain"] => Change;
        "organization.domain_removed" "Domain taken back", ["domain"] => Change;
        "approval.requested" "Approval asked for",
            [
                "act", "version", "member", "role", "format", "filter", "key", "scopes", "risk", "approvals", "runs_at",
                "reason",
            ], to "ask for approval";
        "approval.approved" "Request approved", ["act", "reason"], to "approve a request";
        "approval.denied" "Request denied", ["act", "reason"], to "deny a request";
        "approval.cancelled" "Request cancelled", ["act"], to "cancel a request";
        "approval.granted" "Request approved, to be used once", ["act", "asked_by", "approved_by", "waited", "until"];
        // What is carried out has an entry of its own, by whoever has asked.
        "approval.carried_out" "Request carried out", ["act", "asked_by", "approved_by", "waited"],
            to "use what was approved";
        "approval.lapsed" "Request not carried out", ["act", "asked_by"];
        "demo.filled" "Filled with invented people", ["members"];
        "organization.plan_changed" "Organization’s plan changed", ["plan"];
        "quota.changed" "Quota changed", ["limit", "enforcement", "thresholds"], to "change a quota" => Change;
        "quotas.time_zone_changed" "Time zone of quotas changed", ["time_zone"], to "change the time zone of quotas" => Change;
        "plan.changed" "Plan changed", ["metric", "limit", "ceiling", "price"];
        "operator.added" "Operator added", [];
        "operator.removed" "Operator removed", [];
        // Of what is used, denials alone are on record.
        "quota.used" "Quota used", [], to "use a quota";
    }
    Machines as Administration {
        "key.created" "API key made",
            ["account", "scopes", "networks", "requests_per_minute", "expires_at"], to "make an API key" => Change;
        "key.changed" "API key changed",
            ["name", "scopes", "networks", "requests_per_minute"], to "change an API key" => Change;
        "key.rotated" "API key rotated", ["overlap"], to "rotate an API key" => Change;
        "key.revoked" "API key revoked", ["reason"], to "revoke an API key" => Change;
        "key.disabled" "API key disabled", ["alert"], to "disable an API key" => Change;
        "key.enabled" "API key enabled", ["alert"], to "enable an API key" => Change;
        "service_account.created" "Service account made", ["sponsor"], to "make a service account" => Change;
        "service_account.changed" "Service account changed",
            ["name", "description"], to "change a service account" => Change;
        "service_account.disabled" "Service account disabled", ["status"], to "disable a service account" => Change;
        "service_account.enabled" "Service account enabled", ["status"], to "enable a service account" => Change;
        "service_account.taken_over" "Service account taken over", ["sponsor"],
            to "take over a service account" => Change;
        "webhook.created" "Webhook added", ["url", "events"], to "add a webhook" => Change;
        "webhook.changed" "Webhook changed", ["url", "events", "description"], to "change a webhook" => Change;
        "webhook.enabled" "Webhook enabled", [], to "enable a webhook" => Change;
        "webhook.disabled" "Webhook disabled", ["why"], to "disable a webhook" => Change;
        "webhook.deleted" "Webhook deleted", ["url"], to "delete a webhook" => Change;
        "webhook.secret_rotated" "Webhook’s signing secret rotated", [], to "rotate a webhook’s signing secret" => Change;
        "webhook.secret_revealed" "Webhook’s signing secret revealed", [], to "see a webhook’s signing secret";
        "webhook.tested" "Test event sent to webhook", [], to "send a test event to a webhook";
        "webhook.replayed" "Webhook deliveries sent again", ["deliveries"], to "send webhook deliveries again";
    }
    Alerts as Security {
        "alert.raised" "Alert raised", [];
        "alert.acknowledged" "Alert acknowledged", ["reason"], to "acknowledge an alert";
        "alert.assigned" "Alert assigned", ["assignee", "reason"], to "assign an alert";
        "alert.noted" "Note added to alert", ["reason"], to "add a note to an alert";
        "alert.resolved" "Alert resolved", ["resolution", "alone", "reason"], to "resolve an alert";
        "alert.reopened" "Alert reopened", ["reason"], to "reopen an alert";
        "alert.contained" "Alert contained", ["containment"], to "contain an alert";
        "alert.released" "Containment of alert undone", ["containment"], to "undo the containment of an alert";
        "detections.tuned" "Detections tuned", [], to "tune the detections" => Change;
    }
    Log as Security {
        "service.event" "Event of a service", ["event", "name", "actor", "occurred_at", "fields"],
            to "add events of a service to the audit trail";
        "audit.damaged" "Audit log found damaged", ["index"] => LogDamaged;
        "audit.checkpoint_taken" "Checkpoint taken", [], to "take a checkpoint of the audit trail";
        "audit.proof_taken" "Proof of entry taken", [], to "take a proof from the audit trail";
        "audit.checkpoint_mail_changed" "Mail of checkpoints changed", ["readers", "hours"],
            to "change who gets checkpoints by mail" => Change;
        "audit.view_saved" "View of audit trail saved", [], to "save a view of the audit trail";
        "audit.view_deleted" "View of audit trail deleted", [], to "delete a view of the audit trail";
        "audit.archived" "Old entries taken away",
            ["class", "month", "from", "until", "entries", "sha256", "file"];
        "audit.hold_placed" "Hold on audit trail placed", ["query", "reason"], to "place a hold on the audit trail";
        "audit.hold_released" "Hold on audit trail released", ["query", "reason"], to "release a hold on the audit trail";
    }
    Exports as Security {
        // Whoever has the file and its passphrase reads all of it.
        "organization.exported" "Organization exported", [];
        "members.exported" "Members exported", ["format", "members"], to "export the members" => Export;
        "audit.exported" "Audit trail exported", ["format", "filter"], to "export the audit trail" => Export;
        // It was counted when it was asked for.
        "audit.export_finished" "Export of audit trail finished", ["format", "entries", "bytes", "sha256", "from"];
    }
    Reads as Reads {
        "organization.viewed" "Organization viewed", [], to "look at the organization";
        "members.viewed" "Members viewed", [], to "look at the members";
        "member.sessions_viewed" "Member’s sessions viewed", [], to "see a member’s sessions";
        "member.visits_viewed" "Member’s visits viewed", [], to "see a member’s visits";
        "invitations.viewed" "Invitations viewed", [], to "look at the invitations";
        "roles.viewed" "Roles viewed", [], to "change roles";
        "groups.viewed" "Groups viewed", [], to "change groups";
        "keys.viewed" "API keys viewed", [], to "look at the API keys";
        "policy.viewed" "Security policy viewed", [], to "look at the security policy";
        "audit.viewed" "Audit trail viewed", [], to "look at the audit trail";
        "alerts.viewed" "Alerts viewed", [], to "look at the alerts";
        "security.viewed" "Security viewed", [], to "look at the security dashboard";
        "quotas.viewed" "Quotas viewed", [], to "look at the quotas";
        "webhooks.viewed" "Webhooks viewed", [], to "look at the webhooks";
        "mail.read" "Waiting mail read", ["kind"];
        "access.checked" "Access checked", [], to "ask what members may do";
    }
}
