//! What the editor's page is made of.

use std::sync::Arc;

use domain::policy::{Author, Difference, Section, Setting};
use domain::text::isolated;
use leptos::prelude::*;

use super::controls::{SectionFields, Sheet};
use crate::ui::{Button, ButtonVariant, Card, FlashTone, Form, FormFoot, HiddenField, Notice, field_id};

/// By this button somebody goes on to what the draft changes.
pub(super) const REVIEW: &str = "review";
/// By this one they go on to what it would have done.
pub(super) const REPLAY: &str = "replay";

/// The form: the sections, what comes of them beside, and the buttons.
#[component]
pub(super) fn Editor(
    action: String,
    base: String,
    sheet: Arc<Sheet>,
    /// What stands beside the sections, or below them where there is no room.
    children: Children,
) -> impl IntoView {
    let sections = Section::ALL.into_iter().map(|section| view! { <SectionFields section sheet=sheet.clone() /> });
    let sections = sections.collect_view();
    view! {
        <Form action class="grid items-start gap-x-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <HiddenField name="base" value=base />
            // What the Enter key presses: of all buttons it is the first.
            <button class="sr-only" name="intent" value="save" tabindex="-1" aria-hidden="true">"Save draft"</button>
            <div class="min-w-0">{sections}</div>
            <div class="min-w-0 xl:sticky xl:top-5 xl:row-span-2">{children()}</div>
            <div class="panel min-w-0 px-5 pt-2 pb-3 xl:col-start-1">
                <FormFoot>
                    <Button name="intent" value="save">"Save draft"</Button>
                    <Button name="intent" value=REPLAY>"Replay"</Button>
                    <Button variant=ButtonVariant::Primary name="intent" value=REVIEW>"Review"</Button>
                    <span class="text-sm text-muted">"Nothing holds before you have seen what it changes."</span>
                </FormFoot>
            </div>
        </Form>
    }
}

/// What is different from what is in force.
#[component]
pub(super) fn Different(changes: Vec<Difference>) -> impl IntoView {
    let none = changes.is_empty();
    let lines = changes.into_iter().map(|change| {
        let href = format!("#{}", field_id(change.setting.code));
        view! {
            <li class="text-md">
                <a class="link-quiet font-medium" href=href>{change.setting.label}</a>
                <span class="block text-sm text-muted">{change.before} " → " {change.after}</span>
            </li>
        }
    });
    let lines = lines.collect_view();
    let list = (!none).then(|| view! { <ul class="grid gap-2.5">{lines}</ul> });
    view! {
        <Card title="Different from what is in force">
            {none.then(|| view! { <p class="text-md text-muted">"Nothing yet."</p> })}
            {list}
        </Card>
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
