//! What the pages of roles and of groups, and of what somebody may do, have in common.

use domain::roles::{Area, GrantedRole, Permission, Permissions};
use leptos::prelude::*;

use crate::context::FormState;
use crate::ui::{Card, CheckboxField, CheckboxGroup, Fact, Facts, Field, HiddenField, Icon, IconName, field_id};

/// What is saved of a role or a group.
pub(crate) struct Saved {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) revision: String,
}

/// Name and description, and of which revision the form is.
#[component]
pub(crate) fn Basics(
    form: FormState,
    /// What is changed; none for something new.
    saved: Option<Saved>,
    /// Somebody else was faster: what comes next is a change of theirs.
    overtaken: bool,
) -> impl IntoView {
    let (name, description, revision) = match saved {
        Some(Saved { name, description, revision }) => (name, description, Some(revision)),
        None => (String::new(), String::new(), None),
    };
    view! {
        {revision.map(|revision| {
            // A form that waited for a proof of who asks is still of the revision that it was typed for.
            let of = form.value("revision").filter(|_| !overtaken).unwrap_or(revision);
            view! { <HiddenField name="revision" value=of /> }
        })}
        <Field name="name" label="Name" value=form.value_or("name", &name) error=form.error("name") required=true />
        <Field
            name="description"
            label="Description"
            value=form.value_or("description", &description)
            help="Whom it is for, in a sentence."
            error=form.error("description")
        />
    }
}

/// Roles to tick.
#[component]
pub(crate) fn RoleBoxes(
    /// The fields' name.
    name: &'static str,
    label: &'static str,
    #[prop(optional, into)] help: Option<String>,
    /// Those that are offered.
    roles: Vec<GrantedRole>,
    /// The codes of those that are ticked when nothing was sent yet.
    saved: Vec<String>,
    form: FormState,
) -> impl IntoView {
    let chosen = form.values(name).unwrap_or(saved);
    let boxes = roles.into_iter().map(|role| {
        let code = role.code();
        let checked = chosen.contains(&code);
        view! { <CheckboxField name id=format!("field-{name}-{code}") label=role.name().to_owned() value=code checked /> }
    });
    let boxes = boxes.collect_view();
    view! {
        <CheckboxGroup name label help error=form.error(name)>
            <div class="grid gap-2 sm:grid-cols-2">{boxes}</div>
        </CheckboxGroup>
    }
}

/// Permissions to tick, by area.
#[component]
pub(crate) fn PermissionBoxes(
    /// The fields' name.
    name: &'static str,
    label: &'static str,
    #[prop(optional, into)] help: Option<String>,
    /// Those that are offered.
    offered: Permissions,
    /// Those that are ticked when nothing was sent yet.
    saved: Permissions,
    form: FormState,
) -> impl IntoView {
    let sent = form.values(name);
    let is_ticked = |permission: Permission| {
        sent.as_ref().map_or(saved.allow(permission), |sent| sent.iter().any(|code| code == permission.code()))
    };
    let boxes = |permission: Permission| {
        let code = permission.code();
        let checked = is_ticked(permission);
        view! { <CheckboxField name id=field_id(code) label=permission.describe() value=code checked /> }
    };
    let areas = Area::ALL.iter().filter_map(|area| {
        let permissions: Vec<_> = area.permissions().filter(|permission| offered.allow(*permission)).collect();
        (!permissions.is_empty()).then(|| {
            let boxes = permissions.into_iter().map(boxes).collect_view();
            view! {
                <div>
                    <p class="mb-1.5 text-sm text-muted">{area.name()}</p>
                    <div class="grid gap-2">{boxes}</div>
                </div>
            }
        })
    });
    let areas = areas.collect_view();
    view! {
        <CheckboxGroup name label help error=form.error(name)>
            <div class="grid gap-4">{areas}</div>
        </CheckboxGroup>
    }
}

/// What somebody else has saved meanwhile.
#[component]
pub(crate) fn SavedNow(facts: Vec<(&'static str, String)>) -> impl IntoView {
    let lines = facts.into_iter().map(|(term, text)| view! { <Fact term>{text}</Fact> }).collect_view();
    view! {
        <Card title="Saved now" lead="Somebody else has saved this in the meantime. What you chose is below, and not saved yet.">
            <Facts>{lines}</Facts>
        </Card>
    }
}

/// Names in a line.
pub(crate) fn listed(names: &[String]) -> String {
    if names.is_empty() { "None".to_owned() } else { names.join(", ") }
}

/// What is gained and what is lost, each with the word that says so to whoever does not see the sign.
#[component]
pub(crate) fn PermissionChanges(
    gained: Permissions,
    lost: Permissions,
    /// "Gains" and "Loses", or what it was.
    words: (&'static str, &'static str),
) -> impl IntoView {
    let line = |permission: Permission, icon, class: &'static str, word: &'static str| {
        view! {
            <li class="flex items-center gap-2">
                <span class=class><Icon name=icon /></span>
                <span class="sr-only">{word}": "</span>
                {permission.describe()}
            </li>
        }
    };
    let gains = gained.iter().map(|it| line(it, IconName::PLUS, "text-success", words.0)).collect_view();
    let losses = lost.iter().map(|it| line(it, IconName::MINUS, "text-error", words.1)).collect_view();
    view! { <ul class="grid gap-1.5">{gains} {losses}</ul> }
}
