//! Filters of the list that somebody keeps: links to them, and the form that keeps another.

use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use domain::ids::SavedFilterId;
use domain::members::{FilterForm, MemberQuery, SavedFilter};
use domain::problem::Problem;
use leptos::prelude::*;
use server::{Error, members};

use super::bar::{address, below, words};
use super::page::crumbs;
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, ErrorSummary, Field, FieldKind, Form as FormView, FormFoot, FormPage,
    HiddenField, IconName,
};

/// The filters, and a form that keeps the one in the address.
///
/// # Errors
/// A page about it.
pub async fn filters_page(org: Organization) -> Result<Response, Fault> {
    let filters = members::list_filters(&org.access).await?;
    let content = org.clone();
    let page = move || view! { <Filters org=content filters /> }.into_any();
    Ok(org.render("Saved filters", page).await)
}

#[component]
fn Filters(org: Organization, filters: Vec<SavedFilter>) -> impl IntoView {
    let form = org.page.form(&org.path("/members/filters"));
    let query = if form.came_back() {
        MemberQuery::from_text(&form.value_or("query", ""))
    } else {
        let pairs = org.page.query();
        MemberQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).from_the_start()
    };
    let errors = form.errors();
    let none = filters.is_empty();
    let lines = filters.into_iter().map(|filter| view! { <Line org=org.clone() filter /> }).collect_view();
    let crumbs = crumbs(&org, None);
    view! {
        <FormPage
            title="Saved filters"
            lead="What you ask the list of members for again and again."
            crumbs
            notice=move || view! { <ErrorSummary errors title="The filter was not saved" /> }
        >
            {if none {
                view! { <p class="text-muted">"You have saved none yet."</p> }.into_any()
            } else {
                view! { <ul class="lines" aria-label="Saved filters">{lines}</ul> }.into_any()
            }}
            <div class="mt-4 border-t border-line pt-4">
                <Saving org form query />
            </div>
        </FormPage>
    }
}

/// The form that keeps a query, or how to get to one that is worth it.
#[component]
fn Saving(org: Organization, form: FormState, query: MemberQuery) -> impl IntoView {
    let cancel = address(&org, &query);
    if !query.is_filtered() && !query.is_sorted() {
        return view! {
            <p>"Search, filter or sort the members first. Then save here what you see."</p>
            <FormFoot>
                <CancelLink href=cancel />
            </FormFoot>
        }
        .into_any();
    }
    view! {
        <FormView action=org.path("/members/filters")>
            <HiddenField name="query" value=query.to_text() />
            <p>{format!("Keep the list that you came from: {}.", words(&org, &query).join(", "))}</p>
            <Field
                name="name"
                label="Name"
                kind=FieldKind::Text
                value=form.value_or("name", "")
                error=form.error("name")
                help="Such as “Away for a quarter”. You alone see it."
            />
            <FormFoot>
                <CancelLink href=cancel />
                <Button variant=ButtonVariant::Primary>"Save filter"</Button>
            </FormFoot>
        </FormView>
    }
    .into_any()
}

#[component]
fn Line(org: Organization, filter: SavedFilter) -> impl IntoView {
    let href = address(&org, &filter.query);
    let delete = org.path(&format!("/members/filters/{}/delete", filter.id));
    let (name, asked) = (filter.name.to_string(), words(&org, &filter.query).join(", "));
    let label = format!("Delete the filter {name}");
    view! {
        <li>
            <div class="min-w-0">
                <a class="link font-medium" href=href>{name}</a>
                <p class="truncate text-sm text-muted">{asked}</p>
            </div>
            <FormView action=delete class="contents">
                <Button small=true variant=ButtonVariant::Ghost icon=IconName::TRASH_2 label>
                    ""
                </Button>
            </FormView>
        </li>
    }
}

/// Keeps a filter, and shows what it asks for.
///
/// # Errors
/// A page about it.
pub async fn save_filter(org: Organization, Form(form): Form<FilterForm>) -> Answer {
    match members::save_filter(&org.access, &form).await {
        Ok(filter) => {
            let done = Done::FilterSaved { name: filter.name.to_string() };
            Ok(forms::done(&org.page, &address(&org, &filter.query), done))
        }
        Err(error) => forms::back(&org.page, &org.path("/members/filters"), &form, error),
    }
}

/// Gives a filter up.
///
/// # Errors
/// A page about it.
pub async fn delete_filter(org: Organization, Path((_, filter)): Path<(String, String)>) -> Answer {
    let id: SavedFilterId = filter.parse().map_err(|_| Error::from(Problem::NotFound))?;
    let filter = members::delete_filter(&org.access, id).await?;
    let (name, query) = (filter.name.to_string(), filter.query.to_text());
    let values = [("name", name.as_str()), ("query", query.as_str())];
    let done = Done::FilterDeleted { name: name.clone() };
    let page = below(&org, "", &MemberQuery::default());
    Ok(forms::done_with_undo(&org.page, &page, done, org.path("/members/filters"), &values))
}
