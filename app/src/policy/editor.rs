//! What the editor's page is made of.

use std::sync::Arc;

use domain::policy::{Author, Section, Setting};
use domain::text::isolated;
use leptos::prelude::*;

use super::controls::{SectionFields, Sheet};
use crate::policy_live::{REVIEW, SAVE};
use crate::ui::{Button, ButtonVariant, FlashTone, Form, FormFoot, HiddenField, Notice};

/// By this button, on a page that looks at what is typed, somebody comes back to it.
pub(super) const EDIT: &str = "edit";

/// The form: the sections, what comes of them beside, and the buttons.
#[component]
pub(super) fn Editor(
    action: String,
    /// Where what stands in it is replayed.
    replay: String,
    base: String,
    sheet: Arc<Sheet>,
    /// What stands beside the sections, or below them where there is no room.
    children: Children,
) -> impl IntoView {
    let sections = Section::ALL.into_iter().map(|section| view! { <SectionFields section sheet=sheet.clone() /> });
    let sections = sections.collect_view();
    view! {
        <Form action id="policy-form" class="grid items-start gap-x-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <HiddenField name="base" value=base />
            // What the Enter key presses: of all buttons it is the first.
            <button class="sr-only" name="intent" value=SAVE tabindex="-1" aria-hidden="true">"Save draft"</button>
            <div class="min-w-0">{sections}</div>
            <div class="beside min-w-0">{children()}</div>
            <div class="panel min-w-0 px-5 pt-2 pb-3 xl:col-start-1">
                <FormFoot>
                    <Button name="intent" value=SAVE>"Save draft"</Button>
                    <Button formaction=replay>"Replay"</Button>
                    <Button variant=ButtonVariant::Primary name="intent" value=REVIEW>"Review"</Button>
                    <span class="text-sm text-muted">"Nothing holds before you have seen what it changes."</span>
                </FormFoot>
            </div>
        </Form>
    }
}

/// That what was typed before the page was loaded again is back. Scripts show it.
#[component]
pub(super) fn KeptNotice() -> impl IntoView {
    view! {
        <div id="kept" hidden>
            <Notice>
                <div class="flex flex-wrap items-center gap-x-4 gap-y-1.5">
                    <span id="kept-text" tabindex="-1" aria-live="polite"></span>
                    <Button small=true inert=true id="kept-discard">"Discard them"</Button>
                </div>
            </Notice>
        </div>
    }
}

/// What somebody else has saved while one was typing.
pub(super) struct Meanwhile {
    /// Who it was.
    pub(super) by: Option<Author>,
    /// What they have changed alone, and how it is now.
    pub(super) taken: Vec<(&'static Setting, String)>,
    /// What both have changed, and how theirs was.
    pub(super) kept: Vec<(&'static Setting, String)>,
}

/// What somebody else has saved, and what has become of it.
#[component]
pub(super) fn MeanwhileNotice(meanwhile: Meanwhile) -> impl IntoView {
    let Meanwhile { by, taken, kept } = meanwhile;
    let name = by.and_then(|author| author.name);
    let name = name.map_or_else(|| "Somebody".to_owned(), |name| isolated(&name).into_owned());
    let taken = taken.into_iter().map(|(setting, theirs)| {
        view! { <li>"Taken over: " {setting.label} ": " {theirs}</li> }
    });
    let taken = taken.collect_view();
    let kept = kept.into_iter().map(|(setting, theirs)| {
        view! { <li>"Yours is kept: " {setting.label} " (theirs: " {theirs} ")"</li> }
    });
    let kept = kept.collect_view();
    view! {
        <Notice tone=FlashTone::Warning title=format!("{name} saved a draft meanwhile")>
            "Both are below, and not saved yet."
            <ul class="mt-1 list-disc pl-5">{taken} {kept}</ul>
        </Notice>
    }
}
