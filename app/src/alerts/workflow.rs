//! How officers take an alert on and bring it to its end.

use domain::detections::{AlertState, Containment, Resolution};
use domain::ids::{AccountId, AlertId};
use leptos::prelude::*;
use server::alerts::AlertView;

use super::address;
use crate::context::{FormState, Organization};
use crate::ui::{
    Button, ButtonVariant, Card, FieldError, Form, FormFoot, HiddenField, SelectField, SelectOption, TextArea, field_id,
};

/// The forms of an alert's page, of which one may have come back.
#[derive(Clone)]
pub(super) struct Forms {
    assign: FormState,
    note: FormState,
    resolve: FormState,
    contain: FormState,
    release: FormState,
}

impl Forms {
    pub(super) fn of(org: &Organization, id: AlertId) -> Self {
        let form = |rest| org.page.form(&address(org, id, rest));
        Self {
            assign: form("/assign"),
            note: form("/note"),
            resolve: form("/resolve"),
            contain: form("/contain"),
            release: form("/release"),
        }
    }

    /// All that is wrong, for the summary: several forms have a field of one name, which has another id in each.
    pub(super) fn errors(&self) -> Vec<FieldError> {
        let all = [
            (&self.assign, "assign"),
            (&self.note, "note"),
            (&self.resolve, "resolve"),
            (&self.contain, "contain"),
            (&self.release, "release"),
        ];
        let of = |(form, act): (&FormState, &str)| {
            let errors = form.errors().into_iter();
            errors.map(|error| FieldError { id: format!("{}-{act}", error.id), ..error }).collect::<Vec<_>>()
        };
        all.into_iter().flat_map(of).collect()
    }

    /// Why a containment was not done, or not undone, and the id of what says so.
    pub(super) fn hindered(&self, containment: Containment) -> Option<(String, String)> {
        let hindered = |(form, act): (&FormState, &str)| {
            let is_it = form.value("containment").as_deref() == Some(containment.code());
            let error = form.error("containment").filter(|_| is_it)?;
            Some((format!("{}-{act}", field_id("containment")), error))
        };
        [(&self.contain, "contain"), (&self.release, "release")].into_iter().find_map(hindered)
    }
}

/// The button that says that somebody has seen it; or that it is not over after all.
#[component]
pub(super) fn Acknowledge(org: Organization, alert: AlertView) -> impl IntoView {
    let (rest, text) = match alert.state {
        AlertState::Open => ("/acknowledge", "Acknowledge"),
        AlertState::Resolved => ("/reopen", "Reopen"),
        AlertState::Acknowledged => return ().into_any(),
    };
    view! {
        <Form action=address(&org, alert.id, rest) class="contents">
            <HiddenField name="note" value="" />
            <Button variant=ButtonVariant::Primary>{text}</Button>
        </Form>
    }
    .into_any()
}

/// The other forms, each folded away until it is wanted.
#[component]
pub(super) fn Workflow(
    org: Organization,
    alert: AlertView,
    /// To whom it can be assigned.
    officers: Vec<(AccountId, String)>,
    forms: Forms,
) -> impl IntoView {
    let Forms { assign, note, resolve, .. } = forms;
    let over = alert.state == AlertState::Resolved;
    let id = alert.id;
    let assign = (!over).then(|| {
        let open = assign.came_back();
        let (org, alert) = (org.clone(), alert.clone());
        view! {
            <Fold title="Assign" open>
                <Assign org alert officers form=assign />
            </Fold>
        }
    });
    let resolve = (!over).then(|| {
        let open = resolve.came_back();
        let action = address(&org, id, "/resolve");
        view! {
            <Fold title="Resolve" open>
                <Resolve action form=resolve />
            </Fold>
        }
    });
    let (open, action) = (note.came_back(), address(&org, id, "/note"));
    view! {
        <Card title="Work on it">
            <div class="grid gap-4">
                {assign}
                <Fold title="Add a note" open>
                    <Form action>
                        <Note act="note" form=note required=true />
                        <FormFoot>
                            <Button>"Add note"</Button>
                        </FormFoot>
                    </Form>
                </Fold>
                {resolve}
            </div>
        </Card>
    }
}

#[component]
fn Fold(title: &'static str, open: bool, children: Children) -> impl IntoView {
    view! {
        <details open=open>
            <summary class="w-fit rounded-sm text-md font-medium hover:text-primary">{title}</summary>
            <div class="mt-3">{children()}</div>
        </details>
    }
}

/// The note that goes with an act.
#[component]
fn Note(
    /// The act.
    act: &'static str,
    form: FormState,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let help = if required { "Stays in the history, for whoever works on it next." } else { "May stay empty." };
    view! {
        <TextArea
            name="note"
            label="Note"
            id=format!("{}-{act}", field_id("note"))
            value=form.value_or("note", "")
            help
            error=form.error("note")
            required
            rows=3
        />
    }
}

#[component]
fn Assign(org: Organization, alert: AlertView, officers: Vec<(AccountId, String)>, form: FormState) -> impl IntoView {
    let me = org.access.account();
    let options = officers.into_iter().map(|(id, name)| {
        let label = if id == me { format!("{name} (you)") } else { name };
        SelectOption::new(id.to_string(), label)
    });
    let options = options.collect();
    let chosen = alert.assigned_to.map_or(me, |(id, _)| id).to_string();
    view! {
        <Form action=address(&org, alert.id, "/assign")>
            <SelectField
                name="assignee"
                label="Assign to"
                id=format!("{}-assign", field_id("assignee"))
                options
                value=form.value_or("assignee", &chosen)
                error=form.error("assignee")
            />
            <Note act="assign" form />
            <FormFoot>
                <Button>"Assign"</Button>
            </FormFoot>
        </Form>
    }
}

#[component]
fn Resolve(action: String, form: FormState) -> impl IntoView {
    let options = Resolution::ALL.iter().map(|resolution| SelectOption::new(resolution.code(), resolution.name()));
    let options = options.collect();
    view! {
        <Form action>
            <SelectField
                name="resolution"
                label="Resolution"
                id=format!("{}-resolve", field_id("resolution"))
                options
                value=form.value_or("resolution", "")
                error=form.error("resolution")
            />
            <Note act="resolve" form />
            <FormFoot>
                <Button>"Resolve"</Button>
            </FormFoot>
        </Form>
    }
}
