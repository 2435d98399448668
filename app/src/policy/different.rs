//! What stands in the editor otherwise than it is in force.

use domain::policy::{Difference, SETTINGS, SecurityPolicy};
use leptos::prelude::*;

use crate::ui::{Card, field_id};

/// What is different. A line for every setting stands there: scripts show those that differ by what is typed.
#[component]
pub(super) fn Different(
    /// What differs as the page comes.
    changes: Vec<Difference>,
    /// What is in force.
    enforced: SecurityPolicy,
) -> impl IntoView {
    let none = changes.is_empty();
    let lines = SETTINGS.iter().map(|setting| {
        let after = changes.iter().find(|change| change.setting.key == setting.key).map(|change| change.after.clone());
        let (same, before) = (after.is_none(), setting.describe(&enforced));
        let href = format!("#{}", field_id(setting.code));
        view! {
            <li class="text-md" data-difference=setting.code hidden=same>
                <a class="link-quiet font-medium" href=href>{setting.label}</a>
                <span class="block text-sm text-muted">{before} " → " <span data-after="">{after}</span></span>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Card title="Different from what is in force" id="different">
            <p class="text-md text-muted" data-none="" hidden=!none>"Nothing yet."</p>
            <ul class="grid gap-2.5" hidden=none>{lines}</ul>
        </Card>
    }
}
