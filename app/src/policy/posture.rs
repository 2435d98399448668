//! How a policy stands.

use domain::policy::{Key, Posture, Shortcoming};
use leptos::prelude::*;

use crate::policy_live::{SHOWN, score as told};
use crate::ui::{Card, Progress, field_id};

/// The score, and what would make it better. Beside what is edited, all that could is there: scripts show what would by
/// what is typed.
#[component]
pub(crate) fn PostureCard(
    /// How it stands.
    posture: Posture,
    /// The score of what is in force, beside what is edited.
    #[prop(optional_no_strip)]
    before: Option<u32>,
    /// The page whose fields change it; none for whoever only looks.
    #[prop(optional_no_strip)]
    editor: Option<String>,
    /// How many shortcomings are shown, those that count most.
    #[prop(default = SHOWN)]
    most: usize,
    /// The page of the policy, where this stands elsewhere.
    #[prop(optional_no_strip)]
    policy: Option<String>,
) -> impl IntoView {
    let Posture { score, shortcomings } = posture;
    let (text, sound) = (told(before, score), shortcomings.is_empty());
    let shown: Vec<Key> = shortcomings.iter().map(|shortcoming| shortcoming.setting.key).take(most).collect();
    let follows = before.is_some();
    let lines = if follows { Posture::possible() } else { shortcomings.into_iter().take(most).collect() };
    let lines = lines.into_iter().map(|shortcoming| {
        let hidden = !shown.contains(&shortcoming.setting.key);
        view! { <Line shortcoming editor=editor.clone() hidden /> }
    });
    let lines = lines.collect_view();
    let unread =
        follows.then(|| view! { <p class="text-sm text-muted not-empty:mt-3" id="unread" aria-live="polite"></p> });
    view! {
        <Card
            title="Posture"
            lead="How much of what is sound the policy asks for."
            id="posture"
            actions=move || policy.map(|href| view! { <a class="link text-md" href=href>"Security policy"</a> })
        >
            <Progress label="Posture" done=u64::from(score) total=100 text />
            {unread}
            <ul class="mt-4 grid gap-3" hidden=sound>{lines}</ul>
            <p class="mt-3 text-md text-muted" data-sound="" hidden=!sound>"Every setting that counts is sound."</p>
        </Card>
    }
}

/// A setting that asks for less than is sound, and what would be.
#[component]
fn Line(
    shortcoming: Shortcoming,
    editor: Option<String>,
    /// Whether it is one only by what may be typed.
    hidden: bool,
) -> impl IntoView {
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
        <li
            class="flex items-baseline justify-between gap-4 text-md"
            data-shortcoming=setting.code
            hidden=hidden
        >
            <div class="min-w-0">
                {label}
                <span class="block text-sm text-muted">{sound}</span>
            </div>
            <span class="num shrink-0 text-sm text-muted">{points}</span>
        </li>
    }
}
