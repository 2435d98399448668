//! What people and attackers would notice, on a real Postgres.
//!
//! One program for all of it, because linking one is quicker than linking many. Each test has a
//! database of its own: see `server::testing`.

#![cfg(feature = "testing")]
#![expect(clippy::large_futures, reason = "a test polls its futures where they were made")]

mod device;
mod receiver;
mod sink;
mod support;

mod addresses;
mod administrators;
mod alerts;
mod api_keys;
mod approvals;
mod approvals_granted;
mod audit_keeper;
mod audit_proofs;
mod audit_search;
mod audit_table;
mod audit_trail;
mod bulk;
mod bulk_groups;
mod cancellation;
mod carrying;
mod checkpoint_mail;
mod checks_kept;
mod compliance;
mod crowds;
mod deletion;
mod derived_reads;
mod detections;
mod detections_kept;
mod disown;
mod enforcement;
mod factors;
mod floods;
mod foreign_ids;
mod housekeeping;
mod imports;
mod invitation_answers;
mod invitation_limits;
mod invitation_races;
mod invitation_secrets;
mod key_alerts;
mod key_ends;
mod key_issuers;
mod key_reminders;
mod last_owner;
mod limits;
mod mail;
mod mail_over;
mod managed;
mod member_export;
mod member_list;
mod member_sessions;
mod migrations;
mod notices;
mod notifications;
mod operators;
mod organization_deletion;
mod organizations;
mod passkeys;
mod passwords;
mod policy;
mod policy_alarm;
mod policy_drafts;
mod policy_exceptions;
mod policy_replay;
mod policy_rules;
mod policy_versions;
mod quotas;
mod recovery_codes;
mod relation_budget;
mod retention;
mod role_steps;
mod roles;

mod saved_filters;
mod security;
mod session_limits;
mod sessions;
mod sign_in_time;
mod sign_up;
mod stored_values;
mod take_over;
mod tampering;
mod tenancy;
mod transfer;
mod webhook_events;
mod webhook_tries;
mod webhooks;
