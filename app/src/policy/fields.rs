//! The controls of the editor, one for each kind of values.

use std::sync::Arc;

use domain::policy::{Kind, Offer, Setting, Unit};
use leptos::prelude::*;

use super::controls::{ADD_ADDRESS, Sheet};
use super::slider::Slider;
use crate::ui::{
    Button, CheckboxField, CheckboxGroup, Choice, Field, FieldKind, RadioGroup, SelectField, SelectOption, TextArea,
    field_id, number,
};

/// Boxes to tick.
#[component]
pub(super) fn Boxes(setting: &'static Setting, sheet: Arc<Sheet>, offers: Vec<Offer>) -> impl IntoView {
    let boxes = offers.into_iter().map(|offer| {
        let id = format!("{}-{}", field_id(setting.code), offer.code);
        let checked = sheet.is_ticked(setting, &offer);
        view! {
            <CheckboxField name=setting.code id label=offer.label value=offer.code checked help=offer.help />
        }
    });
    let boxes = boxes.collect_view();
    view! {
        <CheckboxGroup
            name=setting.code
            label=setting.label
            help=Some(setting.help.to_owned())
            error=sheet.error(setting)
        >
            <div class="grid gap-2.5">{boxes}</div>
        </CheckboxGroup>
    }
}

/// One of a few values that have names.
#[component]
pub(super) fn OneOf(setting: &'static Setting, sheet: Arc<Sheet>, offers: &'static [Offer]) -> impl IntoView {
    let choice = |offer: &Offer| Choice {
        value: offer.code.to_owned(),
        label: offer.label.to_owned(),
        help: Some(offer.help.to_owned()),
    };
    let choices: Vec<_> = offers.iter().map(choice).collect();
    view! {
        <RadioGroup
            name=setting.code
            label=setting.label
            choices
            value=sheet.value(setting)
            help=Some(setting.help.to_owned())
            error=sheet.error(setting)
        />
    }
}

/// A number of those that are offered.
#[component]
pub(super) fn Mark(setting: &'static Setting, sheet: Arc<Sheet>, options: Vec<SelectOption>) -> impl IntoView {
    let value = sheet.value(setting).trim().to_owned();
    let typed = value.clone();
    view! {
        <SelectField
            name=setting.code
            label=setting.label
            options
            value
            help=setting.help
            error=sheet.error(setting)
            below=move || view! { <Slider setting value=typed /> }
        />
    }
}

/// What is offered, and what stands there besides.
pub(super) fn options(unit: Unit, none: Option<&str>, marks: &[u32], typed: &str) -> Vec<SelectOption> {
    let mut numbers = marks.to_vec();
    numbers.extend(typed.trim().parse::<u32>());
    numbers.sort_unstable();
    numbers.dedup();
    let none = none.map(|label| SelectOption::new("", label));
    let numbers = numbers.into_iter().map(|number| SelectOption::new(number.to_string(), unit.describe(number)));
    none.into_iter().chain(numbers).collect()
}

/// One line of text.
#[component]
pub(super) fn Line(setting: &'static Setting, sheet: Arc<Sheet>, help: String, number: bool) -> impl IntoView {
    let kind = if number { FieldKind::Number } else { FieldKind::Text };
    view! {
        <Field
            name=setting.code
            label=setting.label
            kind
            value=sheet.value(setting)
            help
            error=sheet.error(setting)
        />
    }
}

/// What a number means, and which ones there are.
pub(super) fn bounds(setting: &Setting) -> String {
    let Kind::Number { unit, least, most, none, .. } = setting.kind else { return setting.help.to_owned() };
    let range = format!("From {} to {} {}.", number(least.into()), number(most.into()), unit.plural());
    // Some say themselves what it means that nothing is there.
    let none = none.filter(|_| !setting.help.contains("Empty")).map(|none| format!("Empty: {}.", none.to_lowercase()));
    [Some(setting.help.to_owned()), Some(range), none].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Networks, one in each line, and the address that should be among them.
#[component]
pub(super) fn NetworkLines(setting: &'static Setting, sheet: Arc<Sheet>) -> impl IntoView {
    let address = sheet.ip.map(|ip| {
        view! {
            <p class="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm text-muted">
                <span>"Your address now: " <code class="mono">{ip.to_canonical().to_string()}</code></span>
                <Button small=true name="intent" value=ADD_ADDRESS>"Add my address"</Button>
            </p>
        }
    });
    view! {
        <TextArea
            name=setting.code
            label=setting.label
            value=sheet.value(setting)
            help=setting.help
            error=sheet.error(setting)
            rows=6
            code=true
        />
        {address}
    }
}
