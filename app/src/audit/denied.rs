//! What somebody was kept from, in words.

/// What somebody wanted who was not allowed to.
pub(super) fn wish(action: &str) -> Option<&'static str> {
    Some(match action {
        "organization.viewed" => "look at the organization",
        "organization.renamed" => "rename the organization",
        "organization.moved" => "change the organization’s address",
        "organization.transferred" => "hand the organization over",
        "organization.deletion_scheduled" => "delete the organization",
        "organization.deletion_cancelled" => "keep the organization",
        "members.viewed" => "look at the members",
        "members.exported" => "export the members",
        "import.checked" | "import.started" => "import members",
        "member.role_changed" => "change a role",
        "member.suspended" => "suspend a member",
        "member.resumed" => "resume a member",
        "member.removed" => "remove a member",
        "member.factors_reset" => "reset somebody’s sign-in factors",
        "member.access_ended" => "end a member’s access",
        "member.session_ended" => "end a member’s session",
        "member.sessions_viewed" => "see a member’s sessions",
        "filter.saved" => "save a filter",
        "filter.deleted" => "delete a filter",
        "job.undone" => "put back what a job has changed",
        "policy.viewed" => "look at the security policy",
        "roles.viewed" | "role.created" | "role.changed" => "change roles",
        "role.deleted" => "delete a role",
        "groups.viewed" | "group.created" | "group.changed" => "change groups",
        "group.deleted" => "delete a group",
        "group.member_added" => "put somebody into a group",
        "group.member_removed" => "take somebody out of a group",
        "policy.changed" => "change the security policy",
        "policy.drafted" => "save a draft of the security policy",
        "policy.draft_discarded" => "discard the draft of the security policy",
        "policy.tried" => "have a draft of the security policy tried",
        "policy.trial_ended" => "end the trial of a draft of the security policy",
        "policy.exception_made" => "make an exception from the security policy",
        "policy.exception_ended" => "end an exception from the security policy",
        "policy.reminder_sent" => "remind members to set up a second factor",
        "invitations.viewed" => "look at the invitations",
        "invitation.created" => "invite somebody",
        "invitation.resent" => "resend an invitation",
        "invitation.revoked" => "revoke an invitation",
        "invitation.link_copied" => "copy a link to an invitation",
        "audit.viewed" => "look at the audit trail",
        "audit.exported" => "export the audit trail",
        _ => return None,
    })
}

/// Why somebody was kept out, by the rule that said so.
pub(super) fn kept_out(rule: &str) -> &'static str {
    match rule {
        "networks" => "was kept out: not from an allowed network",
        "regions" => "was kept out: the data is not to be where this installation has it",
        "sessions_per_person" => "was kept out: too many sessions of theirs",
        "sessions_in_organization" => "was kept out: too many sessions at a time",
        "rate_limit" => "was held back: too many requests",
        _ => "was kept out",
    }
}
