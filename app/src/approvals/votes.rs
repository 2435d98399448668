//! What owners have said, and the forms with which they say it.

use domain::approvals::Verdict;
use domain::ids::ApprovalId;
use leptos::prelude::*;
use server::approvals::VoteView;

use super::address;
use super::words::called;
use crate::context::{FormState, Organization};
use crate::ui::{
    Badge, Button, ButtonVariant, Card, ExactTime, Field, FieldError, Form, FormFoot, Tone, Zone, field_id,
};

/// The forms of a request's page, of which one may have come back.
#[derive(Clone)]
pub(super) struct Forms {
    approve: FormState,
    deny: FormState,
    /// That of whoever has asked, which has no field.
    used: FormState,
}

impl Forms {
    pub(super) fn of(org: &Organization, id: ApprovalId) -> Self {
        let form = |rest| org.page.form(&address(org, id, rest));
        Self { approve: form("/approve"), deny: form("/deny"), used: form("/use") }
    }

    /// All that is wrong, for the summary: both forms have a field of one name, which has another id in each. What keeps the
    /// act from being done stands at the setting that it is about.
    pub(super) fn errors(&self) -> Vec<FieldError> {
        let of = |(form, act): (&FormState, &str)| {
            let errors = form.errors().into_iter().map(|error| {
                let is_note = error.id == field_id("note");
                if is_note { FieldError { id: format!("{}-{act}", error.id), ..error } } else { error }
            });
            errors.collect::<Vec<_>>()
        };
        [(&self.approve, "approve"), (&self.deny, "deny"), (&self.used, "use")].into_iter().flat_map(of).collect()
    }
}

/// The forms with which an owner decides.
#[component]
pub(super) fn Decide(org: Organization, id: ApprovalId, forms: Forms) -> impl IntoView {
    let Forms { approve, deny, .. } = forms;
    let open = deny.came_back();
    view! {
        <Card title="Decide" lead="Each owner says it once. One denial is enough for it not to be done.">
            <Form action=address(&org, id, "/approve")>
                <Field
                    name="note"
                    label="Note"
                    id=format!("{}-approve", field_id("note"))
                    value=approve.value_or("note", "")
                    help="May stay empty."
                    error=approve.error("note")
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Approve"</Button>
                </FormFoot>
            </Form>
            <details open=open class="mt-4 border-t border-line pt-4">
                <summary class="w-fit rounded-sm text-md font-medium hover:text-primary">"It should not be done"</summary>
                <div class="mt-3">
                    <Form action=address(&org, id, "/deny")>
                        <Field
                            name="note"
                            label="Why not"
                            id=format!("{}-deny", field_id("note"))
                            value=deny.value_or("note", "")
                            help="For whoever has asked."
                            error=deny.error("note")
                            required=true
                        />
                        <FormFoot>
                            <Button variant=ButtonVariant::Caution>"Deny"</Button>
                        </FormFoot>
                    </Form>
                </div>
            </details>
        </Card>
    }
}

/// Who has said what.
#[component]
pub(super) fn Votes(org: Organization, votes: Vec<VoteView>) -> impl IntoView {
    let lines = votes.into_iter().map(|vote| view! { <Vote vote zone=org.page.zone() /> }).collect_view();
    view! {
        <Card title="What owners say">
            <ul class="grid gap-3">{lines}</ul>
        </Card>
    }
}

#[component]
fn Vote(vote: VoteView, zone: Zone) -> impl IntoView {
    let tone = match vote.verdict {
        Verdict::Approve => Tone::Ok,
        Verdict::Deny => Tone::Bad,
    };
    let idle = (!vote.counts).then(|| view! { <Badge tone=Tone::Idle label="No owner any more: does not count" /> });
    view! {
        <li>
            <div class="flex flex-wrap items-center gap-2">
                <bdi class="font-medium">{called(&vote.by)}</bdi>
                <Badge tone label=vote.verdict.name() />
                {idle}
                <span class="text-sm text-muted">
                    <ExactTime at=vote.at zone />
                </span>
            </div>
            {vote.note.map(|note| view! { <p class="text-muted"><bdi>{note}</bdi></p> })}
        </li>
    }
}
