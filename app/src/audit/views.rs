//! Views of the trail that somebody keeps: links to them, and the form that keeps another.

use axum::response::Response;
use domain::audit::AuditQuery;
use leptos::prelude::*;
use server::audit::views::{self, SavedView};

use super::address::{address, asked, in_words};
use super::crumbs;
use crate::context::Organization;
use crate::kept::{Asked, Kept, KeptPage, Words};
use crate::problems::Fault;

const WORDS: Words = Words {
    one: "view",
    lead: "What you ask the audit trail for again and again.",
    first: "Search or filter the audit trail first. Then save here what you see.",
    example: "Denied this week",
};

/// The views, and a form that keeps the one in the address.
///
/// # Errors
/// A page about it.
pub async fn views_page(org: Organization) -> Result<Response, Fault> {
    let kept: Vec<_> = views::list(&org.access).await?.into_iter().map(|view| line(&org, view)).collect();
    let path = org.path("/audit/views");
    let form = org.page.form(&path);
    let query = if form.came_back() { AuditQuery::from_text(&form.value_or("query", "")) } else { asked(&org) };
    let query = query.from_the_start();
    let asked = query.is_filtered().then(|| Asked {
        query: query.to_text(),
        href: address(&org, &query),
        asks: in_words(&query),
    });
    let crumbs = crumbs(&org);
    let page = move || view! { <KeptPage words=WORDS crumbs path kept asked form /> }.into_any();
    Ok(org.render("Saved views", page).await)
}

fn line(org: &Organization, view: SavedView) -> Kept {
    let query = AuditQuery::from_text(&view.query);
    Kept { id: view.id, name: view.name, href: address(org, &query), asks: in_words(&query) }
}
