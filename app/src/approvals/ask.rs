//! Asking, at the places where it would be done at once if nobody had to approve it.

use domain::ids::AccountId;
use domain::members::{Member, MemberStatus};
use domain::roles::{GrantedRole, Role};
use leptos::prelude::*;
use server::approvals;

use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, Field, FieldError, FlashTone, Form, FormFoot, Notice, SelectField, SelectOption,
    TypedConfirmation, field_id,
};

/// Whether other owners approve that a member gets a role.
pub(crate) fn needs_approval(org: &Organization, member: &Member, role: &GrantedRole) -> bool {
    let after = org.access.book().effective(role.id(), &member.groups);
    let needed = org.access.enforced().document().approval_needed;
    needed.for_role(member.permissions, after) || needed.roles && is_other_owner(org, member) && *role != Role::Owner
}

/// Whether a member is another owner, from whom nobody takes that alone where roles are approved.
pub(crate) fn is_other_owner(org: &Organization, member: &Member) -> bool {
    member.role == Role::Owner && member.status == MemberStatus::Active && member.id != org.access.account()
}

/// Whether too few owners could approve it, so that it would wait instead: also when it takes ownership from this member.
///
/// # Errors
/// A page about it.
pub(crate) async fn is_alone(org: &Organization, demoted: Option<AccountId>) -> Result<bool, Fault> {
    Ok(approvals::is_alone(&org.access, demoted).await?)
}

/// What comes of asking.
#[component]
pub(crate) fn AskNote(
    /// Whether too few owners could approve it.
    alone: bool,
    /// Whether whoever asks does it themselves then.
    #[prop(optional)]
    handed: bool,
) -> impl IntoView {
    if handed {
        return view! { <HandedNote alone /> }.into_any();
    }
    if alone {
        return view! {
            <Notice tone=FlashTone::Warning title="Too few owners can approve this">
                "It takes effect 24 hours after you ask, unless it is cancelled or an owner denies it. That is a delay, and nobody else’s approval. All who administer are told."
            </Notice>
        }
        .into_any();
    }
    view! {
        <Notice title="Other owners have to approve this">
            "They are told, and see what it changes. Nothing changes before that."
        </Notice>
    }
    .into_any()
}

/// What comes of asking for what one does oneself.
#[component]
fn HandedNote(
    /// Whether too few owners could approve it.
    alone: bool,
) -> impl IntoView {
    if alone {
        return view! {
            <Notice tone=FlashTone::Warning title="Too few owners can approve this">
                "You can do it 24 hours after you ask, once and within a day, unless it is cancelled or an owner denies it. That is a delay, and nobody else’s approval. All who administer are told."
            </Notice>
        }
        .into_any();
    }
    view! {
        <Notice title="Other owners have to approve this">
            "They are told, and see what you ask for. Once they have approved it you can do it yourself: once, and within 24 hours."
        </Notice>
    }
    .into_any()
}

/// Why somebody asks.
#[component]
pub(crate) fn ReasonField(form: FormState) -> impl IntoView {
    view! {
        <Field
            name="reason"
            label="Reason"
            value=form.value_or("reason", "")
            help="For the owners who decide, and for whoever reads the audit trail."
            error=form.error("reason")
            required=true
        />
    }
}

/// The form that asks that a member get a role that administers. Nothing where there is none to ask for.
#[component]
pub(crate) fn AskForRole(
    org: Organization,
    member: Member,
    form: FormState,
    /// Whether too few owners could approve it.
    alone: bool,
) -> impl IntoView {
    let held = org.access.permissions();
    let asked = org.access.book().all().filter(|role| held.cover(role.permissions()));
    let asked = asked.filter(|role| needs_approval(&org, &member, role));
    let options: Vec<_> = asked.map(|role| SelectOption::new(role.code(), role.name())).collect();
    if options.is_empty() {
        return ().into_any();
    }
    // None is chosen for whoever asks: the first of them is the strongest.
    let options: Vec<_> = [SelectOption::new("", "Choose a role")].into_iter().chain(options).collect();
    let action = org.path(&format!("/members/{}/role/ask", member.id));
    view! {
        <div class="mt-6 border-t border-line pt-5">
            <h2 class="mb-3 text-lg font-semibold">"Roles that other owners approve"</h2>
            <AskNote alone />
            <Form action>
                <SelectField
                    name="role"
                    label="Administering role"
                    id=role_id()
                    options
                    value=form.value_or("role", "")
                    error=form.error("role")
                />
                <ReasonField form />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Ask for approval"</Button>
                </FormFoot>
            </Form>
        </div>
    }
    .into_any()
}

fn role_id() -> String {
    format!("{}-ask", field_id("role"))
}

impl FormState {
    /// All that is wrong with the form that asks for a role, whose field shares its name with that of another form.
    pub(crate) fn errors_of_asked_role(&self) -> Vec<FieldError> {
        let moved = |error: FieldError| {
            if error.id == field_id("role") { FieldError { id: role_id(), ..error } } else { error }
        };
        self.errors().into_iter().map(moved).collect()
    }
}

/// The form that asks that the organization be deleted.
#[component]
pub(crate) fn AskToDelete(
    org: Organization,
    form: FormState,
    /// Whether too few owners could approve it.
    alone: bool,
) -> impl IntoView {
    let (action, cancel) = (org.path("/delete/ask"), org.path("/settings"));
    let expected = org.access.organization().to_owned();
    view! {
        <div class="mt-4">
            <AskNote alone />
            <Form action>
                <ReasonField form=form.clone() />
                <TypedConfirmation expected value=form.value_or("confirmation", "") error=form.error("confirmation") />
                <FormFoot>
                    <CancelLink href=cancel />
                    <Button variant=ButtonVariant::Danger>"Ask for approval"</Button>
                </FormFoot>
            </Form>
        </div>
    }
}
