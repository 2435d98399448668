//! What events carry.

use domain::audit::{Action, Frontier};
use domain::detections::{AlertState, Finding};
use domain::ids::{AccountId, AlertId};
use domain::policy::Difference;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::alerts::AlertView;

/// An alert that was raised just now.
pub(crate) fn alert_raised(id: AlertId, finding: &Finding) -> Value {
    let info = finding.rule.info();
    json!({
        "alert": id,
        "rule": info.code,
        "name": info.name,
        "severity": info.severity.code(),
        "state": AlertState::Open.code(),
        "account": finding.account,
        "key": finding.key,
        "network": finding.network.map(|network| network.to_string()),
        "first_at": text(finding.first_at),
        "last_at": text(finding.last_at),
        "times": finding.count,
    })
}

/// What somebody has done about an alert, as it was before: the part of the act's name behind the dot.
pub(crate) fn alert_changed(alert: &AlertView, act: &Action, by: AccountId) -> Value {
    let change = act.as_str().rsplit('.').next().unwrap_or_default();
    let state = match change {
        "acknowledged" => AlertState::Acknowledged,
        "resolved" => AlertState::Resolved,
        "reopened" => AlertState::Open,
        _ => alert.state,
    };
    json!({
        "alert": alert.id,
        "rule": alert.rule.code,
        "name": alert.rule.name,
        "severity": alert.severity.code(),
        "change": change,
        "state": state.code(),
        "by": by,
    })
}

/// A state of the audit trail, signed.
pub(crate) fn checkpoint(state: &Frontier, note: &str) -> Value {
    json!({ "size": state.size(), "root": state.root().to_string(), "note": note })
}

/// A version of the policy that is in force from now on; by nobody, when the one of before has come back by itself.
pub(crate) fn policy_enforced(
    version: i64,
    restores: Option<i64>,
    by: Option<AccountId>,
    changes: &[Difference],
) -> Value {
    let settings: Vec<_> = changes.iter().map(|change| change.setting.code).collect();
    json!({ "version": version, "restores": restores, "by": by, "settings": settings })
}

fn text(at: OffsetDateTime) -> String {
    // Formatting fails only for years that no clock tells.
    at.format(&Rfc3339).unwrap_or_default()
}
