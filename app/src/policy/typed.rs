//! What was typed in the editor, and is not saved.

use domain::fields::FieldErrors;
use domain::policy::{Key, PolicyForm};
use server::policy::{Editing, Overtaken};

use super::editor::Meanwhile;

/// A form that is shown again.
pub(super) struct Typed {
    /// The version that it was typed over.
    pub(super) base: String,
    /// What stands in it.
    pub(super) form: PolicyForm,
    /// What is wrong.
    pub(super) errors: FieldErrors,
    /// What did not happen for that.
    pub(super) failed: &'static str,
    /// What somebody else has saved.
    pub(super) meanwhile: Option<Meanwhile>,
}

impl Typed {
    /// A form with nothing to say about it.
    pub(super) fn new(base: String, form: PolicyForm) -> Self {
        Self { base, form, errors: FieldErrors::default(), failed: "The draft was not saved", meanwhile: None }
    }

    /// What was sent, and by which button.
    pub(super) fn sent(pairs: Vec<(String, String)>) -> (Self, String) {
        let taken = |name: &str| pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        let (intent, base) = (taken("intent").unwrap_or_default(), taken("base").unwrap_or_default());
        (Self::new(base, PolicyForm::of_fields(pairs)), intent)
    }

    /// One's own changes and the other's together: what is saved next is a change of the other's.
    pub(super) fn overtaken(overtaken: Overtaken) -> Self {
        let Overtaken { base, by, form, taken, kept } = overtaken;
        Self { meanwhile: Some(Meanwhile { by, taken, kept }), ..Self::new(base.to_string(), form) }
    }

    /// One more line in the list of networks, for whoever edits.
    pub(super) fn add_address(&mut self, editing: &Editing) {
        let code = Key::Networks.setting().code;
        if let Some(ip) = editing.ip {
            let list = self.form.value(code).unwrap_or_default().trim_end();
            let list =
                if list.is_empty() { ip.to_canonical().to_string() } else { format!("{list}\n{}", ip.to_canonical()) };
            self.form.put(code, list);
        }
    }
}
