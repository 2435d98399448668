//! Acts on many members: the page that says what one comes to, and the form that starts it. Whom it is about stands in
//! the address of both.

use axum::Form;
use axum::response::Response;
use domain::jobs::JobKind;
use domain::members::MemberQuery;
use domain::problem::Problem;
use domain::text::isolated;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::members::bulk::{self, BulkForm, Outlook, Plan, Selection};

use super::page::{crumbs, role_options};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, ErrorSummary, Form as FormView, FormFoot, FormPage, HiddenField, SelectField,
    SelectOption, TypedConfirmation, number,
};

/// What the address asks for: an act, and whom it is about.
fn asked(org: &Organization) -> Result<(JobKind, Selection), Fault> {
    let pairs = org.page.query();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let kind = value("act").and_then(JobKind::from_code).filter(|kind| JobKind::BULK.contains(kind));
    let kind = kind.ok_or(Problem::NotFound)?;
    if value("all").is_some() {
        let query = MemberQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        return Ok((kind, Selection::Matching(query)));
    }
    let selected = pairs.iter().filter(|(name, _)| name == "selected");
    Ok((kind, Selection::These(selected.filter_map(|(_, id)| id.parse().ok()).collect())))
}

/// Says what an act on many members comes to, and asks whether it is to be done.
///
/// # Errors
/// A page about it.
pub async fn bulk_page(org: Organization) -> Result<Response, Fault> {
    let (kind, selection) = asked(&org)?;
    let plan = bulk::plan(&org.access, kind, &selection).await?;
    if plan.outlook.total == 0 {
        return Ok(forms::done(&org.page, &org.path("/members"), Done::NothingSelected));
    }
    let content = org.clone();
    let page = move || view! { <Asking org=content kind plan /> }.into_any();
    Ok(org.render(title(kind), page).await)
}

#[component]
fn Asking(org: Organization, kind: JobKind, plan: Plan) -> impl IntoView {
    let Plan { outlook, names } = plan;
    let form = org.page.form(org.page.path());
    let errors = form.errors();
    let (crumbs, cancel) = (crumbs(&org, None), org.path("/members"));
    let is_removal = kind == JobKind::Remove;
    let variant = if is_removal { ButtonVariant::Danger } else { ButtonVariant::Primary };
    let lead = format!("{} selected.", are(outlook.total));
    let act = if outlook.changing == 0 {
        view! {
            <p class="mt-4">"There is nobody to whom this can be done."</p>
            <FormFoot>
                <CancelLink href=cancel />
            </FormFoot>
        }
        .into_any()
    } else {
        view! {
            <div class="mt-4">
                <FormView action=org.page.address()>
                    <HiddenField name="expected" value=outlook.total.to_string() />
                    {(kind == JobKind::Role)
                        .then(|| {
                            view! {
                                <SelectField
                                    name="role"
                                    label="Role"
                                    options=role_options(&org)
                                    value=form.value_or("role", "member")
                                    help="It takes effect with their next request."
                                    error=form.error("role")
                                />
                            }
                        })}
                    {matches!(kind, JobKind::Join | JobKind::Leave)
                        .then(|| {
                            view! {
                                <SelectField
                                    name="group"
                                    label="Group"
                                    options=group_options(&org)
                                    value=form.value_or("group", "")
                                    help="What the group carries takes effect with their next request."
                                    error=form.error("group")
                                />
                            }
                        })}
                    {is_removal
                        .then(|| {
                            let expected = outlook.changing.to_string();
                            view! {
                                <TypedConfirmation
                                    expected
                                    value=form.value_or("confirmation", "")
                                    error=form.error("confirmation")
                                />
                            }
                        })} <FormFoot>
                        <CancelLink href=cancel />
                        <Button variant>{button(kind, outlook.changing)}</Button>
                    </FormFoot>
                </FormView>
            </div>
        }
        .into_any()
    };
    view! {
        <FormPage
            title=title(kind)
            lead
            crumbs
            danger=is_removal
            notice=move || view! { <ErrorSummary errors title="Nothing was started" /> }
        >
            <p>{whom(&names, outlook.total)}</p>
            <p class="mt-2">{meaning(kind)}</p>
            {left_out(kind, outlook).into_iter().map(|line| view! { <p class="mt-2">{line}</p> }).collect_view()}
            {act}
        </FormPage>
    }
}

/// The groups into which somebody may put others: none that carries more than they hold.
fn group_options(org: &Organization) -> Vec<SelectOption> {
    let (book, held) = (org.access.book(), org.access.permissions());
    let given = book.groups().filter(|group| held.cover(book.carried(group.id)));
    given.map(|group| SelectOption::new(group.id.to_string(), group.name.to_string())).collect()
}

fn title(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Role => "Change roles",
        JobKind::Join => "Add to a group",
        JobKind::Leave => "Remove from a group",
        JobKind::Suspend => "Suspend members",
        JobKind::Resume => "Resume members",
        JobKind::Remove => "Remove members",
        JobKind::Remind => "Require enrolment",
        JobKind::EndAccess => "End access",
        JobKind::Import => "Import",
    }
}

/// So many members.
pub(crate) fn members(count: u64) -> String {
    if count == 1 { "one member".to_owned() } else { format!("{} members", number(count)) }
}

fn are(count: u64) -> String {
    if count == 1 { "One member is".to_owned() } else { format!("{} members are", number(count)) }
}

fn button(kind: JobKind, count: u64) -> String {
    let members = members(count);
    match kind {
        JobKind::Role => format!("Change the role of {members}"),
        JobKind::Join => format!("Add {members} to the group"),
        JobKind::Leave => format!("Remove {members} from the group"),
        JobKind::Remind => format!("Require enrolment of {members}"),
        JobKind::EndAccess => format!("End access of {members}"),
        other => format!("{} {members}", other.name()),
    }
}

fn whom(names: &[String], total: u64) -> String {
    let shown = names.iter().map(|name| isolated(name)).collect::<Vec<_>>().join(", ");
    match total - names.len() as u64 {
        0 => format!("{shown}."),
        1 => format!("{shown}, and one more."),
        more => format!("{shown}, and {} more.", number(more)),
    }
}

fn meaning(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Role => "Who has the role already keeps it. For 24 hours this can be undone.",
        JobKind::Join => "Who is in the group already stays as they are. For 24 hours this can be undone.",
        JobKind::Leave => "Who is not in the group stays as they are. For 24 hours this can be undone.",
        JobKind::Suspend => {
            "They are kept out from their next request on, until they are resumed. For 24 hours this can be undone."
        }
        JobKind::Resume => "They come in again from their next request on. For 24 hours this can be undone.",
        JobKind::Remove => {
            "They lose access at once. Their accounts, and what the audit trail says of them, stay. To come back they have to be invited again: this cannot be undone. Suspending keeps people out just as well, and can."
        }
        JobKind::Remind => {
            "Who has not the second factor that the organization asks for gets a mail, unless they had one less than a day ago."
        }
        JobKind::EndAccess => {
            "To come in here again they show who they are, and API keys whose secret they have are revoked. Their accounts, and other organizations, go on as before."
        }
        JobKind::Import => "",
    }
}

/// Who is selected and gets nothing of it, and why.
fn left_out(kind: JobKind, outlook: Outlook) -> Vec<String> {
    let so = match kind {
        JobKind::Suspend => "suspended already",
        JobKind::Remind => "suspended",
        _ => "active already",
    };
    let lines = [
        (outlook.unchanged > 0)
            .then(|| format!("Left as they are, because they are {so}: {}.", members(outlook.unchanged))),
        (outlook.above > 0)
            .then(|| format!("Left out, because they hold more than you do: {}.", members(outlook.above))),
        outlook.yourself.then(|| "You are among them, and are left out.".to_owned()),
    ];
    lines.into_iter().flatten().collect()
}

/// What the form says beside its address.
#[derive(Serialize, Deserialize)]
pub struct StartForm {
    #[serde(default)]
    role: String,
    #[serde(default)]
    group: String,
    #[serde(default, skip_serializing)]
    expected: String,
    #[serde(default)]
    confirmation: String,
}

/// Starts an act on many members.
///
/// # Errors
/// A page about it.
pub async fn start_bulk(org: Organization, Form(form): Form<StartForm>) -> Answer {
    let (kind, selection) = asked(&org)?;
    let wanted = BulkForm {
        kind,
        role: form.role.clone(),
        group: form.group.clone(),
        expected: form.expected.clone(),
        confirmation: form.confirmation.clone(),
    };
    match bulk::start(&org.access, &wanted, &selection).await {
        Ok(job) => Ok(forms::done(&org.page, &org.path(&format!("/jobs/{job}")), Done::JobStarted)),
        Err(error) => forms::back(&org.page, &org.page.address(), &form, error),
    }
}
