//! What is typed and not saved: kept by the browser until its tab is closed, for whoever loads the page again.

use domain::fields::FieldErrors;
use domain::policy::{PolicyForm, SecurityPolicy};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use web_sys::{Storage, SubmitEvent};

use super::{Editor, fields, slider, write};
use crate::browser::{find, window, within};
use crate::policy_live::{REVIEW, SAVE, restored};

/// What is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// When it was typed last, in seconds of Unix time.
    at: i64,
    /// The version that it was begun with.
    base: String,
    /// The newest version of then.
    newest: i64,
    /// Whether it was sent, to be saved, since then.
    sent: bool,
    fields: PolicyForm,
}

impl Editor {
    /// Reads what was typed, says what comes of it, and keeps it for after the page.
    pub(super) fn catch_up(&self) {
        self.behind.set(false);
        let typed = fields::read(&self.form);
        let parsed = self.parse(&typed);
        if self.says_what_is_saved(&parsed) {
            forget(&self.known.key);
            self.loses.set(false);
        } else {
            let (at, base, newest) = (self.now().unix_timestamp(), fields::base(), self.known.newest);
            let kept = Kept { at, base, newest, sent: false, fields: typed };
            self.loses.set(!keep(&self.known.key, &kept));
        }
        self.say(parsed);
    }

    fn says_what_is_saved(&self, parsed: &Result<SecurityPolicy, FieldErrors>) -> bool {
        parsed.as_ref().is_ok_and(|policy| policy == self.known.saved())
    }

    /// Puts back what was typed before the page was left, unless it is saved by now, or stands there.
    pub(super) fn put_back(&self) {
        let known = &self.known;
        let Some(kept) = (!known.typed).then(|| load(&known.key)).flatten() else { return };
        let was_saved = kept.sent && kept.newest != known.newest;
        if was_saved || self.says_what_is_saved(&self.parse(&kept.fields)) {
            forget(&known.key);
            return;
        }
        fields::write(&self.form, &kept.fields);
        fields::set_base(&kept.base);
        tell(self.at(kept.at), kept.base != known.base);
        self.loses.set(!keep(&known.key, &Kept { newest: known.newest, sent: false, ..kept }));
    }

    /// Puts what is saved in place of what was typed.
    pub(super) fn discard(&self) {
        self.behind.set(false);
        self.loses.set(false);
        forget(&self.known.key);
        self.form.reset();
        fields::set_base(&self.known.base);
        slider::follow();
        self.say(self.parse(&fields::read(&self.form)));
        tell_discarded();
    }

    /// Notes how the form is sent: what goes to be saved is not put back once somebody has saved.
    pub(super) fn send(&self, event: &SubmitEvent) {
        if within(event, "#policy-form").is_none() {
            return;
        }
        if self.behind.get() {
            self.catch_up();
        }
        self.loses.set(false);
        let button = event.submitter().and_then(|button| button.get_attribute("value")).unwrap_or_default();
        if [SAVE, REVIEW].contains(&button.as_str())
            && let Some(kept) = load(&self.known.key)
        {
            // Where it cannot be noted, it is put back once more than it has to be.
            keep(&self.known.key, &Kept { sent: true, ..kept });
        }
    }
}

/// The tab's store; none, where the browser refuses it.
fn store() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn load(key: &str) -> Option<Kept> {
    serde_json::from_str(&store()?.get_item(key).ok()??).ok()
}

/// Keeps it: whether that was possible.
fn keep(key: &str, kept: &Kept) -> bool {
    let Ok(text) = serde_json::to_string(kept) else { return false };
    store().is_some_and(|store| store.set_item(key, &text).is_ok())
}

fn forget(key: &str) {
    if let Some(store) = store() {
        let _ = store.remove_item(key);
    }
}

/// Says that it is back.
fn tell(at: OffsetDateTime, overtaken: bool) {
    if let Some(notice) = find("#kept") {
        notice.set_hidden(false);
    }
    if let Some(place) = find("#kept-text") {
        write(&place, &restored(at, overtaken));
    }
}

/// Says that it is gone. The focus was on a button that goes, too.
fn tell_discarded() {
    if let Some(button) = find("#kept-discard") {
        button.set_hidden(true);
    }
    if let Some(place) = find("#kept-text") {
        write(&place, "The unsaved changes are gone.");
        let _ = place.focus();
    }
}
