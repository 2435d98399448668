//! How a policy stands.

use domain::policy::{Key, Posture, Shortcoming};
use leptos::prelude::*;

use crate::ui::{Card, Progress, field_id};

/// How many shortcomings are shown, those that count most.
const SHOWN: usize = 5;

/// The score, and what would make it better.
#[component]
pub(super) fn PostureCard(
    /// How it stands.
    posture: Posture,
    /// The score of what is in force, beside what is edited.
    #[prop(optional_no_strip)]
    before: Option<u32>,
    /// The page whose fields change it; none for whoever only looks.
    #[prop(optional_no_strip)]
    editor: Option<String>,
) -> impl IntoView {
    let Posture { score, shortcomings } = posture;
    let text = match before.filter(|before| *before != score) {
        Some(before) => format!("{before} → {score} of 100"),
        None => format!("{score} of 100"),
    };
    let sound = shortcomings.is_empty();
    let lines = shortcomings.into_iter().take(SHOWN).map(|shortcoming| {
        view! { <Line shortcoming editor=editor.clone() /> }
    });
    let lines = lines.collect_view();
    let list = (!sound).then(|| view! { <ul class="mt-4 grid gap-3">{lines}</ul> });
    view! {
        <Card title="Posture" lead="How much of what is sound it asks for.">
            <Progress label="Posture" done=u64::from(score) total=100 text />
            {list}
            {sound.then(|| view! { <p class="mt-3 text-md text-muted">"Every setting that counts is sound."</p> })}
        </Card>
    }
}

/// A setting that asks for less than is sound, and what would be.
#[component]
fn Line(shortcoming: Shortcoming, editor: Option<String>) -> impl IntoView {
    let Shortcoming { setting, sound, points } = shortcoming;
    let sound = match setting.key {
        // Which ones, only the organization knows.
        Key::Networks => "The networks that people come from".to_owned(),
        _ => sound,
    };
    let points = format!("+{points} {}", if points == 1 { "point" } else { "points" });
    let label = match editor {
        Some(page) => {
            let href = format!("{page}#{}", field_id(setting.code));
            view! { <a class="link-quiet font-medium" href=href>{setting.label}</a> }.into_any()
        }
        None => view! { <span class="font-medium">{setting.label}</span> }.into_any(),
    };
    view! {
        <li class="flex items-baseline justify-between gap-4 text-md">
            <div class="min-w-0">
                {label}
                <span class="block text-sm text-muted">{sound}</span>
            </div>
            <span class="num shrink-0 text-sm text-muted">{points}</span>
        </li>
    }
}
