//! The policy's editor while somebody types: how it would stand, what would come of a visit, sliders, and what is not
//! saved yet.
//!
//! All that can be said stands in the page and is hidden: it is shown and filled in, and nothing is built here.

mod fields;
mod kept;
mod preview;
mod slider;
mod standing;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::fields::FieldErrors;
use domain::policy::{EnforcedPolicy, PolicyForm, SecurityPolicy};
use domain::roles::{CustomRole, Permissions, RoleBook};
use domain::text::RoleName;
use js_sys::Date;
use time::{Duration, OffsetDateTime, UtcOffset};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, SubmitEvent};

use super::{all, document, find, listen, pause, within};
use crate::policy_live::{Known, KnownRole};

/// How long nothing is typed before it is read, in milliseconds.
const PAUSE: i32 = 120;

/// The editor, for as long as its page lives.
struct Editor {
    form: HtmlFormElement,
    known: Known,
    book: RoleBook,
    /// The browser's clock when the page was woken, in milliseconds.
    woken: f64,
    /// The policy that was read last.
    read: RefCell<EnforcedPolicy>,
    /// How often something was typed.
    typed: Cell<u32>,
    /// Whether something was typed that is not read yet.
    behind: Cell<bool>,
    /// Whether leaving the page would lose what was typed.
    loses: Cell<bool>,
}

/// Wakes the editor up.
pub(crate) fn begin(known: Known) {
    let Some(form) = find("#policy-form") else { return };
    let editor = Rc::new(Editor {
        form: form.unchecked_into(),
        book: book(&known.roles),
        woken: Date::now(),
        read: RefCell::new(EnforcedPolicy::new(known.saved().clone())),
        known,
        typed: Cell::new(0),
        behind: Cell::new(false),
        loses: Cell::new(false),
    });
    editor.put_back();
    slider::show();
    if editor.known.typed {
        editor.catch_up();
    } else {
        editor.say(editor.parse(&fields::read(&editor.form)));
    }
    preview::show();
    listen_for(&editor);
}

fn listen_for(editor: &Rc<Editor>) {
    let it = editor.clone();
    listen("input", move |event: Event| {
        if preview::is_of(&event) {
            it.preview();
        } else if within(&event, "#policy-form").is_some() {
            slider::changed(&event);
            it.type_on();
        }
    });
    let it = editor.clone();
    listen("click", move |event: Event| {
        if within(&event, "#kept-discard").is_some() {
            it.discard();
        }
    });
    let it = editor.clone();
    listen("submit", move |event: SubmitEvent| it.send(&event));
    let it = editor.clone();
    listen("pagehide", move |_: Event| {
        if it.behind.get() {
            it.catch_up();
        }
    });
    let it = editor.clone();
    listen("beforeunload", move |event: Event| {
        if it.loses.get() {
            event.prevent_default();
        }
    });
}

impl Editor {
    /// Notes that something was typed, and reads it when nothing more is for a moment.
    fn type_on(self: &Rc<Self>) {
        let turn = self.typed.get().wrapping_add(1);
        self.typed.set(turn);
        self.behind.set(true);
        let editor = self.clone();
        spawn_local(async move {
            pause(PAUSE).await;
            if editor.typed.get() == turn && editor.behind.get() {
                editor.catch_up();
            }
        });
    }

    fn parse(&self, form: &PolicyForm) -> Result<SecurityPolicy, FieldErrors> {
        form.parse(self.known.saved(), &self.book)
    }

    /// Says what comes of a form; where it cannot be read, what was said before still stands.
    fn say(&self, parsed: Result<SecurityPolicy, FieldErrors>) {
        match parsed {
            Ok(policy) => {
                standing::show(&policy, &self.known.enforced);
                standing::say_unread(0);
                *self.read.borrow_mut() = EnforcedPolicy::new(policy);
            }
            Err(errors) => standing::say_unread(errors.iter().count()),
        }
        self.preview();
    }

    fn preview(&self) {
        let (known, now, policy) = (&self.known, self.now(), self.read.borrow());
        let since = known.mfa_since.and_then(|since| OffsetDateTime::from_unix_timestamp(since).ok());
        let since = policy.document().mfa_since(&known.enforced, since, now);
        preview::decide(&policy, &self.book, known.region.as_deref(), since, now);
    }

    /// The portal's time, as clocks show it where the reader is.
    fn now(&self) -> OffsetDateTime {
        let since = Duration::saturating_seconds_f64((Date::now() - self.woken) / 1_000.0);
        self.at(self.known.now).checked_add(since).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    fn at(&self, seconds: i64) -> OffsetDateTime {
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let offset = UtcOffset::from_whole_seconds(self.known.offset).unwrap_or(UtcOffset::UTC);
        at.checked_to_offset(offset).unwrap_or(at)
    }
}

/// The organization's roles, as far as names and inheritance go.
fn book(roles: &[KnownRole]) -> RoleBook {
    let role = |role: &KnownRole| CustomRole {
        id: role.id,
        name: RoleName::stored(role.name.as_str()),
        description: String::new(),
        permissions: Permissions::default(),
        parents: role.parents.clone(),
        revision: 0,
    };
    RoleBook::new(roles.iter().map(role).collect(), Vec::new()).unwrap_or_default()
}

/// All elements of the page of this kind.
fn every(selector: &str) -> impl Iterator<Item = HtmlElement> {
    let found = document().document_element().map(|page| all(&page, selector));
    found.into_iter().flatten().map(Element::unchecked_into)
}

/// Puts a text where it does not stand already: it is read out each time.
fn write(place: &Element, text: &str) {
    if place.text_content().as_deref() != Some(text) {
        place.set_text_content(Some(text));
    }
}
