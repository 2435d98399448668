//! Asking for an export, where owners have to approve it.

use axum::response::Response;
use domain::audit::AuditQuery;
use leptos::prelude::*;
use server::audit::{self, Format};

use super::address::{address, asked, in_words};
use super::crumbs;
use crate::approvals::{AskNote, ReasonField, is_alone};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, ErrorSummary, Fact, Facts, Form, FormFoot, HiddenField,
    Narrow, PageHeader,
};

/// The address of the page that asks for a file of what a query asks for.
pub(crate) fn ask_address(org: &Organization, format: Format, query: &AuditQuery) -> String {
    let (path, query) = (org.path("/audit/export/ask"), query.to_text());
    let rest = if query.is_empty() { String::new() } else { format!("&{query}") };
    format!("{path}?format={}{rest}", format.code())
}

/// The page. Where nobody has to approve it, the list offers the file itself.
///
/// # Errors
/// A page about it.
pub async fn ask_page(org: Organization) -> Result<Response, Fault> {
    audit::prepare_export(&org.access).await?;
    let query = asked(&org).from_the_start();
    if !org.access.enforced().document().approval_needed.exports {
        return Err(Fault::Elsewhere(address(&org, &query)));
    }
    let format = org.page.query_value("format").and_then(|code| Format::from_code(&code)).unwrap_or(Format::Ndjson);
    let alone = is_alone(&org, None).await?;
    let form = org.page.form(org.page.path());
    let content = org.clone();
    let page = move || {
        let errors = form.errors();
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title="Export audit trail" lead="Of the trail as it is when the file is made." />
            <Narrow>
                <ErrorSummary errors title="Nobody was asked" />
                <Ask org=content form format query alone />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Export audit trail", page).await)
}

#[component]
fn Ask(
    org: Organization,
    form: FormState,
    format: Format,
    query: AuditQuery,
    /// Whether too few owners could approve it.
    alone: bool,
) -> impl IntoView {
    let cancel = address(&org, &query);
    view! {
        <AskNote alone handed=true />
        <Card title="File">
            <Exported format query=query.clone() />
            <Form action=org.path("/audit/export/ask")>
                <HiddenField name="format" value=format.code() />
                <HiddenField name="query" value=query.to_text() />
                <ReasonField form />
                <FormFoot>
                    <CancelLink href=cancel />
                    <Button variant=ButtonVariant::Primary>"Ask for approval"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// What is in a file, and how it is written.
#[component]
pub(crate) fn Exported(format: Format, query: AuditQuery) -> impl IntoView {
    let entries = if query.is_filtered() { in_words(&query) } else { "All".to_owned() };
    view! {
        <Facts>
            <Fact term="Format">{format.name()}</Fact>
            <Fact term="Entries">{entries}</Fact>
        </Facts>
    }
}
