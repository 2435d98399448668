//! What migrations do although there is a rule, each with the reason.

use crate::rules::Rule::{self, Contract, Index, NotNull, Rewrite, Rows, Scan, Volatile};

/// Tables of organizations that have few rows in each of them.
pub const SMALL: &[(&str, &str)] = &[
    ("api_keys", "at most some hundred: people make them one by one"),
    ("approval_requests", "one for each thing that owners are asked for"),
    ("audit_holds", "one for each hold that somebody has placed"),
    ("groups", "some hundred: people name them"),
    ("jobs", "taken away after some days"),
    ("policy_exceptions", "one for each exception that somebody has made"),
    ("policy_versions", "one for each change of the policy"),
    ("roles", "some hundred: people name them"),
    ("saved_filters", "a few for each person"),
    ("service_accounts", "some hundred: people name them"),
    ("webhook_endpoints", "a few"),
];

/// A file, which rules it breaks at which tables, and why.
pub type Kept = (&'static str, &'static [(Rule, &'static str)], &'static str);

/// What these migrations do, and why it does no harm. Those of before a first release are nowhere to be applied to much.
pub const KEPT: &[Kept] = &[
    ("platform/0004_outbox_expiry.sql", &[(Rows, "outbox"), (Scan, "outbox")], "before a first release"),
    ("platform/0005_factors.sql", &[(Scan, "sessions"), (Contract, "sessions")], "before a first release"),
    ("platform/0008_notices.sql", &[(Scan, "tokens")], "before a first release"),
    ("platform/0010_address_changes.sql", &[(Scan, "tokens")], "before a first release"),
    ("platform/0012_session_proofs.sql", &[(Rows, "sessions"), (NotNull, "sessions")], "before a first release"),
    (
        "platform/0013_organization_deletion.sql",
        &[(Scan, "tenants"), (Index, "tenants")],
        "a row for each organization: ten thousand take milliseconds",
    ),
    ("platform/0019_mail_order.sql", &[(Index, "outbox")], "mail goes after 30 days"),
    ("platform/0021_undone_addresses.sql", &[(Index, "notices"), (Scan, "notices")], "before a first release"),
    ("platform/0025_plans.sql", &[(Scan, "tenants")], "a row for each organization: ten thousand take milliseconds"),
    ("platform/0027_detections.sql", &[(Index, "sign_in_failures")], "a queue that is all but empty"),
    (
        "platform/0028_policy_rules.sql",
        &[(Scan, "sessions"), (Scan, "passwords"), (Scan, "registrations")],
        "before a first release",
    ),
    ("platform/0029_key_owners.sql", &[(Index, "api_keys")], "some hundred for each organization that has any"),
    (
        "platform/0030_evidence_mended.sql",
        &[(Rows, "webhook_queue"), (Volatile, "webhook_queue"), (Scan, "detection_queue"), (Index, "detection_queue")],
        "queues with a row for each organization, or all but empty; chance spreads who is looked at when",
    ),
    ("tenant/0002_member_search.sql", &[(Rewrite, "members")], "before a first release"),
    (
        "tenant/0005_roles.sql",
        &[(Rewrite, "members"), (Index, "members"), (Index, "audit_entries")],
        "before a first release",
    ),
    (
        "tenant/0007_sources_sessions_filters.sql",
        &[(Rows, "invitations"), (Rows, "members"), (Scan, "members"), (Contract, "members")],
        "before a first release",
    ),
    ("tenant/0008_policy_versions.sql", &[(Index, "audit_entries")], "a part of the entries, before a first release"),
    ("tenant/0009_policy_document.sql", &[(Contract, "sign_in_policy")], "its row is in policy_head by then"),
    (
        "tenant/0010_audit_search.sql",
        &[(Index, "audit_entries"), (Contract, "saved_filters")],
        "the indexed column is empty in every row; who saves a filter has always said of which list",
    ),
    ("tenant/0012_audit_retention.sql", &[(Index, "audit_entries")], "of entries that there are none of yet"),
    ("tenant/0015_api.sql", &[(Index, "members")], "before a first release"),
    (
        "tenant/0018_audit_mended.sql",
        &[
            (Contract, "audit_entries"),
            (Contract, "audit_progress"),
            (Contract, "audit_hours"),
            (Contract, "audit_nodes"),
            (Contract, "audit_checkpoints"),
            (Contract, "security_events"),
            (Index, "audit_entries"),
        ],
        "rights that whoever gets into an organization's role must not have; a part of the entries",
    ),
    (
        "tenant/0020_quota_work.sql",
        &[(Index, "quota_reservations"), (Index, "usage_hours"), (Index, "usage_days")],
        "before a first release",
    ),
    (
        "tenant/0021_evidence_mended.sql",
        &[(Scan, "webhook_deliveries"), (Index, "webhook_deliveries")],
        "at most 5,000 for each endpoint",
    ),
];
