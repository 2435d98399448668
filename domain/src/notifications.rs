//! What people are told inside of the portal because it concerns them, and whether a mail tells them, too.

use serde::{Deserialize, Serialize};

use crate::approvals::State;
use crate::detections::{Rule, Severity};
use crate::ids::{AccountId, AlertId, ApprovalId};
use crate::quotas::Metric;

/// What has happened to somebody, or to an organization of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// They are invited.
    Invited {
        /// What the role is called.
        role: String,
    },
    /// They have another role.
    RoleChanged {
        /// What the former one is called.
        from: String,
        /// What the new one is called.
        to: String,
    },
    /// They are in a group.
    GroupJoined {
        /// What it is called.
        group: String,
    },
    /// They are in a group no more.
    GroupLeft {
        /// What it is called.
        group: String,
    },
    /// They are kept out.
    Suspended,
    /// They come in again.
    Resumed,
    /// They are no member any more.
    Removed,
    /// They show who they are before they come in again.
    AccessEnded,
    /// They are its owner.
    OwnershipReceived,
    /// Somebody has left it.
    MemberLeft,
    /// It is to be deleted.
    DeletionScheduled,
    /// It is kept after all.
    DeletionCancelled,
    /// It is gone.
    OrganizationDeleted,
    /// Its security policy is what it was before.
    PolicyReverted {
        /// The version that kept too many out.
        version: i64,
        /// How many members those were.
        members: u32,
    },
    /// Somebody should look at something that was noticed.
    AlertRaised {
        /// The rule that says so.
        rule: Rule,
        /// The alert.
        alert: AlertId,
    },
    /// A quota of its has reached a threshold.
    QuotaReached {
        /// The metric.
        metric: Metric,
        /// The threshold, in percent of the limit.
        percent: u8,
    },
    /// They are to look after an alert.
    AlertAssigned {
        /// The rule that has raised it.
        rule: Rule,
        /// The alert.
        alert: AlertId,
    },
    /// Somebody has resolved an alert about themselves, because nobody else may.
    OwnAlertResolved {
        /// The rule that had raised it.
        rule: Rule,
        /// The alert.
        alert: AlertId,
    },
    /// A detection does not look any more.
    DetectionSwitchedOff {
        /// Its rule.
        rule: Rule,
    },
    /// Nothing is sent to a webhook any more.
    WebhookDisabled {
        /// Its host.
        host: String,
        /// Where its page is, below the organization's address.
        path: String,
    },
    /// An owner is to approve what somebody asks for.
    ApprovalAsked {
        /// What it is, such as "Enforce the security policy".
        what: String,
        /// The request.
        approval: ApprovalId,
    },
    /// Where too few owners can approve it, somebody has begun something that takes effect unless it is cancelled.
    DelayBegun {
        /// What it is.
        what: String,
        /// The request.
        approval: ApprovalId,
        /// In how many hours it takes effect.
        hours: u32,
    },
    /// What they had asked for is decided.
    ApprovalDecided {
        /// What it is.
        what: String,
        /// The request.
        approval: ApprovalId,
        /// What has become of it.
        state: State,
    },
    /// What they had begun is done.
    JobFinished {
        /// What it was, such as "Import of members".
        job: String,
        /// Whether it went wrong.
        failed: bool,
        /// Where its outcome is, below the organization's address.
        path: String,
    },
}

/// What mail is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What becomes of somebody's membership.
    Membership,
    /// What becomes of an organization.
    Organizations,
    /// What somebody has begun.
    Jobs,
    /// Alerts that are worth a look now, and those that are one's own to look after.
    Alerts,
    /// Other alerts.
    LesserAlerts,
}

impl Topic {
    /// All of them, in the order in which they are shown.
    pub const ALL: &[Self] = &[Self::Membership, Self::Organizations, Self::Jobs, Self::Alerts, Self::LesserAlerts];

    /// The name under which it is stored and audited.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Membership => "membership",
            Self::Organizations => "organizations",
            Self::Jobs => "jobs",
            Self::Alerts => "alerts",
            Self::LesserAlerts => "lesser_alerts",
        }
    }
}

/// Of what somebody gets mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that somebody ticks")]
pub struct MailChoices {
    /// [`Topic::Membership`].
    pub membership: bool,
    /// [`Topic::Organizations`].
    pub organizations: bool,
    /// [`Topic::Jobs`].
    pub jobs: bool,
    /// [`Topic::Alerts`].
    pub alerts: bool,
    /// [`Topic::LesserAlerts`].
    pub lesser_alerts: bool,
}

impl MailChoices {
    /// Whether mail about it is wanted.
    pub const fn want(self, topic: Topic) -> bool {
        match topic {
            Topic::Membership => self.membership,
            Topic::Organizations => self.organizations,
            Topic::Jobs => self.jobs,
            Topic::Alerts => self.alerts,
            Topic::LesserAlerts => self.lesser_alerts,
        }
    }
}

/// What was told, about which organization, and who has done it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The organization's name, as it was then.
    pub organization: String,
    /// The name of who has done it; the platform's operator, if nobody.
    pub by: Option<String>,
    /// Their account.
    #[serde(skip)]
    pub actor: Option<AccountId>,
    /// What it was.
    #[serde(flatten)]
    pub kind: Kind,
}

impl Kind {
    /// The name under which it is stored.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invited { .. } => "invited",
            Self::RoleChanged { .. } => "role_changed",
            Self::GroupJoined { .. } => "group_joined",
            Self::GroupLeft { .. } => "group_left",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Removed => "removed",
            Self::AccessEnded => "access_ended",
            Self::OwnershipReceived => "ownership_received",
            Self::MemberLeft => "member_left",
            Self::DeletionScheduled => "deletion_scheduled",
            Self::DeletionCancelled => "deletion_cancelled",
            Self::OrganizationDeleted => "organization_deleted",
            Self::PolicyReverted { .. } => "policy_reverted",
            Self::AlertRaised { .. } => "alert_raised",
            Self::QuotaReached { .. } => "quota_reached",
            Self::AlertAssigned { .. } => "alert_assigned",
            Self::OwnAlertResolved { .. } => "own_alert_resolved",
            Self::DetectionSwitchedOff { .. } => "detection_switched_off",
            Self::WebhookDisabled { .. } => "webhook_disabled",
            Self::ApprovalAsked { .. } => "approval_asked",
            Self::DelayBegun { .. } => "delay_begun",
            Self::ApprovalDecided { .. } => "approval_decided",
            Self::JobFinished { .. } => "job_finished",
        }
    }

    /// What mail about it is chosen by; none, where another mail tells of it in any case.
    pub fn topic(&self) -> Option<Topic> {
        match self {
            Self::Invited { .. } | Self::OwnershipReceived => None,
            Self::RoleChanged { .. }
            | Self::GroupJoined { .. }
            | Self::GroupLeft { .. }
            | Self::Suspended
            | Self::Resumed
            | Self::Removed
            | Self::AccessEnded
            | Self::MemberLeft => Some(Topic::Membership),
            Self::DeletionScheduled
            | Self::DeletionCancelled
            | Self::OrganizationDeleted
            | Self::PolicyReverted { .. }
            | Self::QuotaReached { .. }
            | Self::ApprovalAsked { .. }
            | Self::DelayBegun { .. }
            | Self::ApprovalDecided { .. }
            | Self::WebhookDisabled { .. } => Some(Topic::Organizations),
            Self::AlertRaised { rule, .. } if rule.info().severity < Severity::High => Some(Topic::LesserAlerts),
            Self::AlertRaised { .. }
            | Self::AlertAssigned { .. }
            | Self::OwnAlertResolved { .. }
            | Self::DetectionSwitchedOff { .. } => Some(Topic::Alerts),
            Self::JobFinished { .. } => Some(Topic::Jobs),
        }
    }

    /// Where it leads somebody who is in the organization that has this slug, or is in it no more.
    pub fn path(&self, slug: Option<&str>) -> Option<String> {
        let below = match self {
            Self::Invited { .. } => return Some("/invitations".to_owned()),
            Self::Suspended | Self::Removed | Self::OrganizationDeleted => return None,
            Self::RoleChanged { .. }
            | Self::GroupJoined { .. }
            | Self::GroupLeft { .. }
            | Self::Resumed
            | Self::AccessEnded
            | Self::OwnershipReceived
            | Self::DeletionScheduled
            | Self::DeletionCancelled => "",
            Self::MemberLeft => "/members",
            Self::PolicyReverted { .. } => "/policy",
            Self::AlertRaised { alert, .. }
            | Self::AlertAssigned { alert, .. }
            | Self::OwnAlertResolved { alert, .. } => &format!("/security/alerts/{alert}"),
            Self::DetectionSwitchedOff { .. } => "/security/rules",
            Self::QuotaReached { metric, .. } => &format!("/quotas/{}", metric.code()),
            Self::ApprovalAsked { approval, .. }
            | Self::DelayBegun { approval, .. }
            | Self::ApprovalDecided { approval, .. } => &format!("/approvals/{approval}"),
            Self::WebhookDisabled { path, .. } | Self::JobFinished { path, .. } => path,
        };
        slug.map(|slug| format!("/o/{slug}{below}"))
    }
}

impl News {
    /// It in a sentence; `name` shows the names that are in it.
    pub fn describe(&self, name: impl Fn(&str) -> String) -> String {
        let organization = name(&self.organization);
        let by = self.by.as_deref().map_or_else(|| "The platform’s operator".to_owned(), &name);
        match &self.kind {
            Kind::Invited { role } => format!("{by} invites you to {organization} as {}.", name(role)),
            Kind::RoleChanged { from, to } => {
                format!("{by} changed your role in {organization} from {} to {}.", name(from), name(to))
            }
            Kind::GroupJoined { group } => format!("{by} put you into the group {} of {organization}.", name(group)),
            Kind::GroupLeft { group } => format!("{by} took you out of the group {} of {organization}.", name(group)),
            Kind::Suspended => format!("{by} suspended your membership in {organization}."),
            Kind::Resumed => format!("{by} resumed your membership in {organization}."),
            Kind::Removed => format!("{by} removed you from {organization}."),
            Kind::AccessEnded => {
                format!("{by} ended your access to {organization}: to come in again you show who you are.")
            }
            Kind::OwnershipReceived => format!("{by} handed {organization} over to you: you are an owner now."),
            Kind::MemberLeft => format!("{by} left {organization}."),
            Kind::DeletionScheduled => format!("{by} is having {organization} deleted."),
            Kind::DeletionCancelled => format!("{by} keeps {organization}, which was to be deleted."),
            Kind::OrganizationDeleted => format!("{organization} is deleted for good."),
            Kind::PolicyReverted { version, members } => format!(
                "Version {version} of the security policy of {organization} kept out {members} {}: the version before is in force again.",
                if *members == 1 { "member" } else { "members" }
            ),
            Kind::AlertRaised { rule, .. } => format!("There is an alert in {organization}: {}.", rule.info().name),
            Kind::QuotaReached { metric, percent } => {
                format!("{organization} has reached {percent} % of its quota “{}”.", metric.name())
            }
            Kind::AlertAssigned { rule, .. } => {
                format!("{by} asks you to look after an alert in {organization}: {}.", rule.info().name)
            }
            Kind::OwnAlertResolved { rule, .. } => format!(
                "{by} resolved an alert about themselves in {organization}, because nobody else may: {}.",
                rule.info().name
            ),
            Kind::DetectionSwitchedOff { rule } => {
                format!("{by} switched off a detection in {organization}: {}.", rule.info().name)
            }
            Kind::WebhookDisabled { host, .. } => {
                format!(
                    "Nothing is sent any more from {organization} to the webhook at {}: it did not take it.",
                    name(host)
                )
            }
            Kind::ApprovalAsked { what, .. } => format!("{by} asks for approval in {organization}: {what}."),
            Kind::DelayBegun { what, hours, .. } => format!(
                "{by} asks for this in {organization}, where too few owners can approve it. It takes effect in {hours} hours unless it is cancelled: {what}."
            ),
            Kind::ApprovalDecided { what, state: State::Denied, .. } => {
                format!("{by} denied what you asked for in {organization}: {what}.")
            }
            Kind::ApprovalDecided { what, state: State::Granted, .. } => {
                format!("What you asked for in {organization} is approved, and you can do it within 24 hours: {what}.")
            }
            Kind::ApprovalDecided { what, state: State::CarriedOut, .. } => {
                format!("What you asked for in {organization} is done: {what}.")
            }
            Kind::ApprovalDecided { what, .. } => {
                format!("What you asked for in {organization} could not be done: {what}.")
            }
            Kind::JobFinished { job, failed: false, .. } => format!("{} in {organization} is done.", name(job)),
            Kind::JobFinished { job, failed: true, .. } => format!("{} in {organization} has failed.", name(job)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(kind: Kind) -> News {
        News { organization: "Acme".into(), by: Some("Ada".into()), actor: None, kind }
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let job = Kind::JobFinished { job: "Import of members".into(), failed: false, path: "/members".into() };
        let role = Kind::RoleChanged { from: "Member".into(), to: "Admin".into() };
        let group = Kind::GroupJoined { group: "On call".into() };
        let alert = Kind::AlertRaised { rule: Rule::Spraying, alert: AlertId(uuid::Uuid::nil()) };
        let quota = Kind::QuotaReached { metric: Metric::DailyCost, percent: 80 };
        let off = Kind::DetectionSwitchedOff { rule: Rule::Spraying };
        let approval = ApprovalId(uuid::Uuid::nil());
        let decided = Kind::ApprovalDecided { what: "Delete the organization".into(), approval, state: State::Denied };
        for kind in
            [job, role, group, alert, quota, off, decided, Kind::Removed, Kind::Invited { role: "Member".into() }]
        {
            let stored = serde_json::to_value(news(kind.clone())).unwrap();
            assert_eq!(stored["kind"], kind.code());
            assert_eq!(serde_json::from_value::<News>(stored).unwrap(), news(kind));
        }
    }

    #[test]
    fn mail_of_alerts_is_chosen_by_how_bad_they_are() {
        let alert = AlertId(uuid::Uuid::nil());
        for rule in Rule::ALL.iter().copied() {
            let urgent = rule.info().severity >= Severity::High;
            let topic = if urgent { Topic::Alerts } else { Topic::LesserAlerts };
            assert_eq!(Kind::AlertRaised { rule, alert }.topic(), Some(topic), "{}", rule.code());
            assert_eq!(Kind::AlertAssigned { rule, alert }.topic(), Some(Topic::Alerts));
        }
    }

    #[test]
    fn nothing_leads_into_an_organization_that_one_is_not_in() {
        assert_eq!(Kind::MemberLeft.path(Some("acme")).as_deref(), Some("/o/acme/members"));
        assert_eq!(Kind::MemberLeft.path(None), None);
        assert_eq!(Kind::Removed.path(Some("acme")), None);
        let alert = AlertId(uuid::Uuid::nil());
        let path = Kind::AlertRaised { rule: Rule::Spraying, alert }.path(Some("acme"));
        assert_eq!(path.unwrap(), format!("/o/acme/security/alerts/{alert}"));
        assert_eq!(Kind::Invited { role: "Member".into() }.path(None).as_deref(), Some("/invitations"));
    }

    #[test]
    fn names_are_shown_as_the_reader_of_them_wants() {
        let said =
            news(Kind::RoleChanged { from: "Member".into(), to: "Admin".into() }).describe(|name| format!("<{name}>"));
        assert_eq!(said, "<Ada> changed your role in <Acme> from <Member> to <Admin>.");
        let operator = News { by: None, ..news(Kind::Suspended) };
        assert_eq!(operator.describe(str::to_owned), "The platform’s operator suspended your membership in Acme.");
    }
}
