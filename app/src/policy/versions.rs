//! What the policy was: the list of its versions, one of them, and the way back to it.

use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use domain::paging::Cursor;
use domain::policy::{Author, MfaRule, PolicySettings, PolicyVersion};
use domain::problem::Problem;
use domain::roles::Permission;
use domain::text::isolated;
use leptos::prelude::*;
use server::Error;
use server::policy::{self, RollBackForm};

use super::page::PolicyFacts;
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonVariant, Card, Cell, CellKind, ColumnHeader, Crumb, ErrorSummary, Field,
    Form as FormView, FormFoot, HiddenField, Narrow, PageHeader, Pager, Panel, Row, Table, TimeAgo, Tone, exact,
    number,
};

/// The organization's slug and a version's number in an address.
type VersionPath = Path<(String, String)>;

fn version_number(text: &str) -> Result<i64, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

fn crumbs(org: &Organization, within: bool) -> Vec<Crumb> {
    let policy = Crumb { label: "Security policy".into(), href: org.path("/policy") };
    let versions = within.then(|| Crumb { label: "Versions".into(), href: org.path("/policy/versions") });
    std::iter::once(policy).chain(versions).collect()
}

/// The list.
///
/// # Errors
/// A page about it.
pub async fn versions_page(org: Organization) -> Result<Response, Fault> {
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let list = policy::versions(&org.access, cursor.as_ref()).await?;
    let content = org.clone();
    let page = move || {
        let turn =
            |cursor: Option<String>| cursor.map(|cursor| content.path(&format!("/policy/versions?page={cursor}")));
        let (previous, next) = (turn(list.previous.clone()), turn(list.next.clone()));
        let range = if list.total == 1 { "1 version".to_owned() } else { format!("{} versions", number(list.total)) };
        let crumbs = crumbs(&content, false);
        let newest = list.previous.is_none().then(|| list.rows.first().map(|version| version.number)).flatten();
        let rows = list.rows.into_iter().map(|version| {
            let current = newest == Some(version.number);
            view! { <Line org=content.clone() version current /> }
        });
        let rows = rows.collect_view();
        view! {
            <Breadcrumb crumbs />
            <PageHeader title="Versions" lead="What the policy was each time that somebody had changed it." />
            <Panel>
                <Table
                    label="Versions"
                    head=|| {
                        view! {
                            <ColumnHeader label="Version" />
                            <ColumnHeader label="Changed" kind=CellKind::Prose />
                            <ColumnHeader label="By" />
                            <ColumnHeader label="When" />
                        }
                    }
                >
                    {rows}
                </Table>
                <Pager range previous next newest_first=true />
            </Panel>
        }
        .into_any()
    };
    Ok(org.render("Versions", page).await)
}

#[component]
fn Line(org: Organization, version: PolicyVersion, current: bool) -> impl IntoView {
    let href = org.path(&format!("/policy/versions/{}", version.number));
    let (now, zone) = (org.page.request.now, org.page.zone());
    let by = author(&version);
    let title = title(version.number);
    let changed = match &version.before {
        None => "Where it began".to_owned(),
        Some(before) => {
            let changes = version.settings.changes_since(before).into_iter();
            changes.map(|(name, _, after)| format!("{name}: {after}")).collect::<Vec<_>>().join("; ")
        }
    };
    let why = version.restores.map(|of| format!("Puts version {of} back")).into_iter().chain(version.reason);
    let why = why.collect::<Vec<_>>().join(". ");
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <a class="link-quiet font-medium" href=href>{title}</a>
                    {current.then(|| view! { <Badge tone=Tone::Ok label="In force" /> })}
                </div>
            </Cell>
            <Cell label="Changed" kind=CellKind::Prose>
                <div>
                    {changed}
                    {(!why.is_empty()).then(|| view! { <span class="block text-sm text-muted">{why}</span> })}
                </div>
            </Cell>
            <Cell label="By">{by}</Cell>
            <Cell label="When" kind=CellKind::Muted>
                <TimeAgo at=version.created_at now zone />
            </Cell>
        </Row>
    }
}

fn title(version: i64) -> String {
    format!("Version {version}")
}

fn author(version: &PolicyVersion) -> String {
    version.author.as_ref().map_or_else(|| "–".to_owned(), called)
}

fn called(author: &Author) -> String {
    author.name.clone().unwrap_or_else(|| "somebody who left".to_owned())
}

/// One version.
///
/// # Errors
/// A page about it.
pub async fn version_page(org: Organization, Path((_, version)): VersionPath) -> Result<Response, Fault> {
    let (version, newest) = policy::version(&org.access, version_number(&version)?).await?;
    let title = title(version.number);
    let (content, heading) = (org.clone(), title.clone());
    let form = org.page.form(org.page.path());
    let page = move || {
        let current = version.number == newest;
        let may = content.access.may(Permission::ManagePolicy) && !current;
        let when = exact(version.created_at, &content.page.zone());
        let lead = match &version.author {
            Some(author) => format!("Saved by {} on {when}.", isolated(&called(author))),
            None if version.number == 0 => "What the organization began with.".to_owned(),
            None => format!("What was asked for on {when}, before versions were kept."),
        };
        let reason = version.reason.clone();
        let crumbs = crumbs(&content, true);
        let changes = version.before.as_ref().map(|before| version.settings.changes_since(before));
        let errors = form.errors();
        let today = PolicySettings::from(content.access.policy());
        view! {
            <Breadcrumb crumbs />
            <PageHeader title=heading.clone() lead />
            <Narrow>
                <ErrorSummary errors title="It was not rolled back" />
                {reason.map(|reason| view! { <Card title="Reason"><p>{reason}</p></Card> })}
                {changes.map(|changes| view! { <Changes title="What it changed" changes /> })}
                <Card title="What it asks" actions=move || current.then(|| view! { <Badge tone=Tone::Ok label="In force" /> })>
                    <PolicyFacts settings=version.settings />
                </Card>
                {may.then(|| view! { <RollBack org=content version=version.number newest mfa=version.settings.mfa changes=version.settings.changes_since(&today) form /> })}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// What is set otherwise, and how.
#[component]
fn Changes(title: &'static str, changes: Vec<(&'static str, String, String)>) -> impl IntoView {
    let none = changes.is_empty();
    let lines = changes
        .into_iter()
        .map(|(name, before, after)| {
            view! {
                <li>
                    <span class="font-medium">{name}</span>
                    <span class="block text-muted">{before}" → "{after}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <Card title>
            {none.then(|| view! { <p class="text-muted">"Nothing that can be set."</p> })}
            <ul class="grid gap-2">{lines}</ul>
        </Card>
    }
}

/// The form that puts a version back, with what that would change.
#[component]
fn RollBack(
    org: Organization,
    version: i64,
    newest: i64,
    /// The second factor that it asks for.
    mfa: Option<MfaRule>,
    changes: Vec<(&'static str, String, String)>,
    form: FormState,
) -> impl IntoView {
    let own = org.page.visitor.as_ref().map(|visitor| visitor.factors.factors()).unwrap_or_default();
    if let Some(mfa) = mfa.filter(|mfa| !mfa.methods.accept(own)) {
        let text =
            format!("It asks for {}, which you do not have yourself: you would be kept out.", mfa.methods.describe());
        return view! {
            <Card title="Roll back">
                <p>{text}</p>
                <p class="mt-2"><a class="link" href="/account/security">"Set up a second factor"</a></p>
            </Card>
        }
        .into_any();
    }
    if changes.is_empty() {
        return view! { <Card title="Roll back"><p class="text-muted">"It asks for the same as what is in force."</p></Card> }
            .into_any();
    }
    let overtaken = form.came_back() && org.page.flash.problem == Some(Problem::Changed);
    let of = form.value("revision").filter(|_| !overtaken).unwrap_or_else(|| newest.to_string());
    view! {
        <Changes title="What rolling back would change" changes />
        <Card title="Roll back" lead="It holds from everybody’s next request on, and is a version of its own: nothing is lost.">
            <FormView action=org.path(&format!("/policy/versions/{version}"))>
                <HiddenField name="revision" value=of />
                <Field
                    name="reason"
                    label="Reason"
                    value=form.value_or("reason", "")
                    help="For whoever reads the versions and the audit trail. You may leave it empty."
                    error=form.error("reason")
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Roll back"</Button>
                </FormFoot>
            </FormView>
        </Card>
    }
    .into_any()
}

/// Puts a version back.
///
/// # Errors
/// A page about it.
pub async fn roll_back(org: Organization, Path((_, version)): VersionPath, Form(form): Form<RollBackForm>) -> Answer {
    let number = version_number(&version)?;
    match policy::roll_back(&org.access, number, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &org.path("/policy"), Done::PolicyRolledBack { version: number })),
        Err(error) => forms::back(&org.page, &org.path(&format!("/policy/versions/{number}")), &form, error),
    }
}
