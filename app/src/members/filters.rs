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
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::kept::{Asked, Kept, KeptPage, Words};
use crate::problems::Fault;

const WORDS: Words = Words {
    one: "filter",
    lead: "What you ask the list of members for again and again.",
    first: "Search, filter or sort the members first. Then save here what you see.",
    example: "Away for a quarter",
};

/// The filters, and a form that keeps the one in the address.
///
/// # Errors
/// A page about it.
pub async fn filters_page(org: Organization) -> Result<Response, Fault> {
    let kept: Vec<_> = members::list_filters(&org.access).await?.iter().map(|filter| line(&org, filter)).collect();
    let path = org.path("/members/filters");
    let form = org.page.form(&path);
    let query = if form.came_back() {
        MemberQuery::from_text(&form.value_or("query", ""))
    } else {
        let pairs = org.page.query();
        MemberQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).from_the_start()
    };
    let asked = (query.is_filtered() || query.is_sorted()).then(|| Asked {
        query: query.to_text(),
        href: address(&org, &query),
        asks: words(&org, &query).join(", "),
    });
    let crumbs = crumbs(&org, None);
    let page = move || view! { <KeptPage words=WORDS crumbs path kept asked form /> }.into_any();
    Ok(org.render("Saved filters", page).await)
}

fn line(org: &Organization, filter: &SavedFilter) -> Kept {
    let (href, asks) = (address(org, &filter.query), words(org, &filter.query).join(", "));
    Kept { id: filter.id, name: filter.name.to_string(), href, asks }
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
