//! What a change of roles would do, before it is saved.

use axum::Form as Sent;
use axum::extract::Path;
use axum::response::Response;
use domain::problem::Problem;
use domain::roles::{Conflict, Permissions, RoleForm, new_conflicts};
use leptos::prelude::*;
use server::Error;
use server::roles::{self, Affected, Preview};

use super::{Pairs, crumbs, custom_id, matrix, texts};
use crate::context::Organization;
use crate::forms;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, Card, FlashTone, Form, FormFoot, HiddenField, Icon, IconName,
    Narrow, Notice, PageHeader, number,
};

/// What the form of one role would change.
///
/// # Errors
/// A page about it.
pub async fn review(
    org: Organization,
    Path((_, code)): Path<(String, String)>,
    Sent(pairs): Pairs,
) -> Result<Response, Fault> {
    let id = custom_id(&code)?;
    org.access.book().lookup(id).ok_or(Problem::NotFound)?;
    let target = org.path(&format!("/roles/{code}"));
    let form = RoleForm::from_pairs(texts(&pairs));
    let preview = match form.parse() {
        Ok(wish) => roles::preview(&org.access, &[(id, wish, form.revision.clone())]).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    answer(org, &target, &target, pairs, preview).await
}

/// What the matrix would change.
///
/// # Errors
/// A page about it.
pub async fn review_matrix(org: Organization, Sent(pairs): Pairs) -> Result<Response, Fault> {
    let preview = match matrix::wishes(org.access.book(), org.access.permissions(), &pairs) {
        Ok(wishes) => roles::preview(&org.access, &wishes).await,
        Err(error) => Err(error),
    };
    let (page, target) = (org.path("/roles"), org.path("/roles/matrix"));
    answer(org, &page, &target, pairs, preview).await
}

/// The page, or the form that came from `page` and goes to `target` with what is wrong in it.
async fn answer(
    org: Organization,
    page: &str,
    target: &str,
    pairs: Vec<(String, String)>,
    preview: Result<Preview, Error>,
) -> Result<Response, Fault> {
    let preview = match preview {
        Ok(preview) => preview,
        Err(error) => return forms::back_at(&org.page, page, target, &super::api::Typed(&pairs), error),
    };
    let (page, target, content) = (page.to_owned(), target.to_owned(), org.clone());
    let view = move || view! { <Review org=content page target pairs preview /> }.into_any();
    Ok(org.render("Review changes", view).await)
}

#[component]
fn Review(
    org: Organization,
    page: String,
    target: String,
    pairs: Vec<(String, String)>,
    preview: Preview,
) -> impl IntoView {
    let Preview { roles, renamed, people } = preview;
    let nothing = roles.is_empty() && renamed.is_empty();
    let lead = match (nothing, people) {
        (true, _) => "Nothing is different from what is saved.".to_owned(),
        (false, 0) => "Nobody has one of these roles, so nobody’s permissions change.".to_owned(),
        (false, 1) => "It changes what one person may do, with their next request.".to_owned(),
        (false, people) => format!("It changes what {} people may do, with their next request.", number(people)),
    };
    let fields = pairs.into_iter().map(|(name, value)| view! { <HiddenField name value /> }).collect_view();
    let back = page.clone();
    view! {
        <Breadcrumb crumbs=crumbs(&org) />
        <PageHeader title="Review changes" lead />
        <Narrow>
            {roles.into_iter().map(|role| view! { <Difference org=org.clone() role /> }).collect_view()}
            {renamed
                .into_iter()
                .map(|name| {
                    view! { <Card title=name><p class="text-muted">"What it holds stays the same."</p></Card> }
                })
                .collect_view()}
            {if nothing {
                view! { <ButtonLink href=back>"Back"</ButtonLink> }.into_any()
            } else {
                view! {
                    <Form action=target>
                        {fields}
                        <FormFoot>
                            <ButtonLink href=back>"Back"</ButtonLink>
                            <Button variant=ButtonVariant::Primary>"Save changes"</Button>
                        </FormFoot>
                    </Form>
                }
                    .into_any()
            }}
        </Narrow>
    }
}

#[component]
fn Difference(org: Organization, role: Affected) -> impl IntoView {
    let href = org.path(&format!("/members?role={}", role.id));
    let now = org.access.book().role(role.id.into()).permissions();
    let then = now.without(role.removed) | role.added;
    let broken = new_conflicts(now, then).map(|rule| view! { <ConflictNotice rule /> }).collect_view();
    let lines = |permissions: Permissions, icon, class: &'static str, word: &'static str| {
        permissions
            .iter()
            .map(|permission| {
                view! {
                    <li class="flex items-center gap-2">
                        <span class=class><Icon name=icon /></span>
                        <span class="sr-only">{word}</span>
                        {permission.describe()}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Card title=role.name actions=move || view! { <a class="link" href=href>"Who has it"</a> }>
            <ul class="grid gap-1.5">
                {lines(role.added, IconName::PLUS, "text-success", "Gains: ")}
                {lines(role.removed, IconName::MINUS, "text-error", "Loses: ")}
            </ul>
            {broken}
        </Card>
    }
}

/// A rule that is broken by what one person would hold together.
#[component]
pub(crate) fn ConflictNotice(rule: &'static Conflict) -> impl IntoView {
    let title = format!("{}: {} + {}", rule.code, rule.first.describe(), rule.second.describe());
    view! { <Notice tone=FlashTone::Warning title>{rule.why}</Notice> }
}
