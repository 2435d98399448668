//! What stands in the fields.

use domain::policy::{PolicyForm, SETTINGS};
use js_sys::{Array, try_iter};
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, HtmlInputElement};

use crate::browser::{all, find};

/// Reads the form, as it would be sent.
pub(super) fn read(form: &HtmlFormElement) -> PolicyForm {
    let pairs = FormData::new_with_form(form).ok().and_then(|data| try_iter(&data).ok().flatten());
    PolicyForm::of_fields(pairs.into_iter().flatten().filter_map(|pair| {
        let pair: Array = pair.ok()?.unchecked_into();
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    }))
}

/// Puts what was typed into the fields, and unfolds where it is not what stood there.
pub(super) fn write(form: &HtmlFormElement, typed: &PolicyForm) {
    for setting in &SETTINGS {
        for field in all(form, &format!("[name={}]", setting.code)) {
            // All kinds of fields have what is asked for here under the same names.
            let field: HtmlInputElement = field.unchecked_into();
            if put(&field, setting.code, typed)
                && let Ok(Some(fold)) = field.closest("details")
            {
                let _ = fold.set_attribute("open", "");
            }
        }
    }
}

/// Whether it changes the field.
fn put(field: &HtmlInputElement, code: &str, typed: &PolicyForm) -> bool {
    let (kind, before) = (field.type_(), field.value());
    if kind == "checkbox" || kind == "radio" {
        let (was, is) = (field.checked(), typed.values(code).any(|value| value == before));
        field.set_checked(is);
        return was != is;
    }
    let Some(value) = typed.value(code) else { return false };
    field.set_value(value);
    if kind == "select-one" && field.value() != value {
        // A list has what it has.
        field.set_value(&before);
    }
    field.value() != before
}

/// The field that says with which version the form was begun.
fn base_field() -> Option<HtmlInputElement> {
    find("#policy-form [name=base]").map(JsCast::unchecked_into)
}

pub(super) fn base() -> String {
    base_field().map(|field| field.value()).unwrap_or_default()
}

pub(super) fn set_base(version: &str) {
    if let Some(field) = base_field() {
        field.set_value(version);
    }
}
