//! What a change of roles would do, before it is saved.

use axum::Form as Sent;
use axum::extract::Path;
use axum::response::Response;
use domain::problem::Problem;
use domain::roles::{Conflict, RoleForm, new_conflicts};
use domain::text::isolated;
use leptos::prelude::*;
use server::Error;
use server::roles::{self, Affected, Preview};

use super::parts::PermissionChanges;
use super::{Pairs, crumbs, custom_id, matrix, texts};
use crate::context::Organization;
use crate::forms;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, Card, FlashTone, Form, FormFoot, HiddenField, Narrow, Notice, PageHeader, number,
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
    let typed = pairs.clone();
    answer(org, (&target, &target), pairs, &typed, preview).await
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
    let typed = matrix::typed(org.access.book(), org.access.permissions(), &pairs);
    answer(org, (&page, &target), pairs, &typed, preview).await
}

/// By this button somebody goes back to the form, with what they had typed.
const BACK: &str = "back";

/// The page, or the form that came from `page` and goes to `target`, with what was typed and what is wrong in it.
async fn answer(
    org: Organization,
    (page, target): (&str, &str),
    mut pairs: Vec<(String, String)>,
    typed: &[(String, String)],
    preview: Result<Preview, Error>,
) -> Result<Response, Fault> {
    let sent = pairs.len();
    pairs.retain(|(name, _)| name != BACK);
    if pairs.len() < sent {
        return Ok(forms::again(&org.page, page, target, &super::api::Typed(typed)));
    }
    let preview = match preview {
        Ok(preview) => preview,
        Err(error) => return forms::back_at(&org.page, page, target, &super::api::Typed(typed), error),
    };
    let (target, content) = (target.to_owned(), org.clone());
    let view = move || view! { <Review org=content target pairs preview /> }.into_any();
    Ok(org.render("Review changes", view).await)
}

#[component]
fn Review(org: Organization, target: String, pairs: Vec<(String, String)>, preview: Preview) -> impl IntoView {
    let Preview { roles, renamed, people } = preview;
    let nothing = roles.is_empty() && renamed.is_empty();
    let lead = match (nothing, people) {
        (true, _) => "Nothing is different from what is saved.".to_owned(),
        (false, 0) => "Nobody has one of these roles, so nobody’s permissions change.".to_owned(),
        (false, 1) => "It changes what one person may do, with their next request.".to_owned(),
        (false, people) => format!("It changes what {} people may do, with their next request.", number(people)),
    };
    let fields = pairs.into_iter().map(|(name, value)| view! { <HiddenField name value /> }).collect_view();
    let again = format!("{target}/review");
    let save = (!nothing).then(|| view! { <Button variant=ButtonVariant::Primary>"Save changes"</Button> });
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
            <Form action=target>
                {fields}
                <FormFoot>
                    <Button name=BACK value="true" formaction=again>"Back"</Button>
                    {save}
                </FormFoot>
            </Form>
        </Narrow>
    }
}

#[component]
fn Difference(org: Organization, role: Affected) -> impl IntoView {
    let book = org.access.book();
    let carriers = book.groups().filter(|group| group.roles.contains(&role.id.into())).map(|group| {
        let name = format!("Group {}", isolated(group.name.as_str()));
        let label = format!("{name}, opens in a new tab");
        (org.path(&format!("/members?group={}", group.id)), name, label)
    });
    let label = format!("Who has it: {}, opens in a new tab", isolated(&role.name));
    let own = (org.path(&format!("/members?role={}", role.id)), "Who has it".to_owned(), label);
    let holders: Vec<_> = std::iter::once(own).chain(carriers).collect();
    let now = book.role(role.id.into()).permissions();
    let then = now.without(role.removed) | role.added;
    let broken = new_conflicts(now, then).map(|rule| view! { <ConflictNotice rule /> }).collect_view();
    // A page that leads on from here keeps what is being reviewed: it opens beside it.
    let links = holders.into_iter().map(|(href, text, label)| {
        view! { <a class="link" href=href target="_blank" rel="noopener" aria-label=label>{text}</a> }
    });
    let links = links.collect_view();
    view! {
        <Card title=role.name actions=move || links>
            <PermissionChanges gained=role.added lost=role.removed words=("Gains", "Loses") />
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
