//! The form of the detections: how its fields are called, and what becomes of it.

use std::collections::BTreeMap;

use axum::Form;
use domain::detections::{RULES, Rule, RuleInfo, Tuning};
use server::alerts::{self, TuneForm};

use super::AlertDone;
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};

/// How a detection is set.
pub(super) struct Setting {
    /// Whether it looks at all.
    pub(super) enabled: bool,
    /// From how many on it speaks up.
    pub(super) threshold: u32,
    /// Within how many minutes.
    pub(super) window: u32,
}

impl Setting {
    pub(super) fn of(tuning: &Tuning, rule: Rule) -> Self {
        let tuned = tuning.of(rule);
        Self { enabled: tuned.enabled, threshold: tuned.threshold, window: tuned.window }
    }
}

/// What of a detection can be set.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Enabled,
    Threshold,
    Window,
}

impl Part {
    /// The name of the field.
    pub(super) fn field(self, info: &RuleInfo) -> String {
        let part = match self {
            Self::Enabled => "enabled",
            Self::Threshold => "threshold",
            Self::Window => "window",
        };
        format!("{}_{part}", info.code)
    }
}

/// The detection that a field of the form belongs to.
pub(crate) fn rule_of(field: &str) -> Option<&'static RuleInfo> {
    let code = ["_enabled", "_threshold", "_window"].into_iter().find_map(|part| field.strip_suffix(part))?;
    RULES.iter().find(|info| info.code == code)
}

/// Whether a box is ticked in a form that came back, or was ticked before.
pub(super) fn is_on(form: &FormState, field: &str, before: bool) -> bool {
    if form.came_back() { form.value(field).is_some() } else { before }
}

/// Saves how the detections are set.
///
/// # Errors
/// A page about it.
pub async fn tune(org: Organization, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let page = org.path("/security/rules");
    let typed: BTreeMap<String, String> = pairs.iter().cloned().collect();
    match alerts::tune(&org.access, TuneForm(pairs)).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::Alert(AlertDone::Tuned))),
        Err(error) => forms::back(&org.page, &page, &typed, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_leads_back_to_its_detection() {
        for info in &RULES {
            for part in [Part::Enabled, Part::Threshold, Part::Window] {
                assert_eq!(rule_of(&part.field(info)).map(|found| found.code), Some(info.code));
            }
        }
        for field in ["", "revision", "spraying", "_threshold", "king_enabled"] {
            assert!(rule_of(field).is_none(), "{field}");
        }
    }
}
