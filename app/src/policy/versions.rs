//! What the policy was: the list of its versions, one of them, and the way back to it.

use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use domain::paging::Cursor;
use domain::policy::{Difference, PolicyVersion, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use server::Error;
use server::policy::{self, RollBackForm};

use super::changes::Changes;
use super::parts::{ChangeFields, Sections, called};
use super::{crumbs, crumbs_below};
use crate::approvals::{AskNote, is_alone};
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonVariant, Card, Cell, CellKind, ColumnHeader, ErrorSummary, Form as FormView,
    FormFoot, Narrow, PageHeader, Pager, Panel, Row, Table, TimeAgo, Tone, exact, number,
};

/// The organization's slug and a version's number in an address.
type VersionPath = Path<(String, String)>;

fn version_number(text: &str) -> Result<i64, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// What a version is at present.
#[derive(Clone, Copy)]
enum State {
    InForce,
    Draft,
    /// It was in force once.
    Past,
    /// It was a draft that another one took the place of.
    Never,
}

impl State {
    fn of(version: &PolicyVersion, enforced: i64, draft: Option<i64>) -> Self {
        if version.number == enforced {
            Self::InForce
        } else if draft == Some(version.number) {
            Self::Draft
        } else if version.enforced_at.is_some() {
            Self::Past
        } else {
            Self::Never
        }
    }

    fn badge(self) -> Option<impl IntoView + use<>> {
        let (tone, label) = match self {
            Self::InForce => (Tone::Ok, "In force"),
            Self::Draft => (Tone::Info, "Draft"),
            Self::Never => (Tone::Idle, "Never in force"),
            Self::Past => return None,
        };
        Some(view! { <Badge tone label /> })
    }
}

/// The list.
///
/// # Errors
/// A page about it.
pub async fn versions_page(org: Organization) -> Result<Response, Fault> {
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let list = policy::versions(&org.access, cursor.as_ref()).await?;
    let view = policy::view(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let turn =
            |cursor: Option<String>| cursor.map(|cursor| content.path(&format!("/policy/versions?page={cursor}")));
        let (previous, next) = (turn(list.previous.clone()), turn(list.next.clone()));
        let range = if list.total == 1 { "1 version".to_owned() } else { format!("{} versions", number(list.total)) };
        let crumbs = crumbs(&content);
        let rows = list.rows.into_iter().map(|version| {
            let state = State::of(&version, view.enforced, view.draft);
            view! { <Line org=content.clone() version state /> }
        });
        let rows = rows.collect_view();
        view! {
            <Breadcrumb crumbs />
            <PageHeader title="Versions" lead="What the policy was each time that somebody had saved it, drafts among them." />
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
fn Line(org: Organization, version: PolicyVersion, state: State) -> impl IntoView {
    let href = org.path(&format!("/policy/versions/{}", version.number));
    let (now, zone) = (org.page.request.now, org.page.zone());
    let by = version.author.as_ref().map_or_else(|| "–".to_owned(), |author| called(Some(author)));
    let title = title(version.number);
    let changed = match &version.before {
        None => "Where it began".to_owned(),
        Some(before) => {
            let changes = version.policy.changes_since(before).into_iter();
            changes.map(|change| format!("{}: {}", change.setting.label, change.after)).collect::<Vec<_>>().join("; ")
        }
    };
    let why = version.restores.map(|of| format!("Puts version {of} back")).into_iter().chain(version.reason);
    let why = why.collect::<Vec<_>>().join(". ");
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <a class="link-quiet font-medium" href=href>{title}</a>
                    {state.badge()}
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

/// Who has saved a version, when, and since when it was in force.
fn lead(org: &Organization, version: &PolicyVersion) -> String {
    let zone = org.page.zone();
    let when = exact(version.created_at, &zone);
    let saved = match &version.author {
        Some(author) => format!("Saved by {} on {when}.", called(Some(author))),
        None if version.number == 0 => return "What the organization began with.".to_owned(),
        None => return format!("What was asked for on {when}, before versions were kept."),
    };
    match version.enforced_at {
        Some(at) if at != version.created_at => {
            let by = called(version.enforced_by.as_ref());
            format!("{saved} Enforced by {by} on {}.", exact(at, &zone))
        }
        _ => saved,
    }
}

/// One version.
///
/// # Errors
/// A page about it.
pub async fn version_page(org: Organization, Path((_, version)): VersionPath) -> Result<Response, Fault> {
    let (version, enforced) = policy::version(&org.access, version_number(&version)?).await?;
    let view = policy::view(&org.access).await?;
    let state = State::of(&version, enforced, view.draft);
    let title = title(version.number);
    let (content, heading) = (org.clone(), title.clone());
    let needed = org.access.enforced().document().approval_needed.for_policy(version.policy.approval_needed);
    let asks = if needed { Some(is_alone(&org, None).await?) } else { None };
    let form = match asks {
        Some(_) => org.page.form(&format!("{}/ask", org.page.path())),
        None => org.page.form(org.page.path()),
    };
    let page = move || {
        let may = content.access.may(Permission::ManagePolicy) && !matches!(state, State::InForce | State::Draft);
        let lead = lead(&content, &version);
        let reason = version.reason.clone();
        let changes = version.before.as_ref().map(|before| version.policy.changes_since(before));
        let errors = form.errors();
        let back = may.then(|| {
            let changes = version.policy.changes_since(view.policy.document());
            let (number, policy) = (version.number, version.policy.clone());
            view! { <RollBack org=content.clone() version=number enforced policy changes form asks /> }
        });
        view! {
            <Breadcrumb crumbs=crumbs_below(&content, "Versions", "/policy/versions") />
            <PageHeader title=heading lead actions=move || state.badge() />
            <Narrow>
                <ErrorSummary errors title="It was not rolled back" />
                {reason.map(|reason| view! { <Card title="Reason"><p>{reason}</p></Card> })}
                {changes.map(|changes| view! { <Changes title="What it changed" changes /> })}
                {back}
                <h2 class="mt-6 mb-3 text-xl font-semibold">"What it asks"</h2>
                <Sections org=content policy=version.policy />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// The form that puts a version back, with what that would change.
#[component]
fn RollBack(
    org: Organization,
    version: i64,
    /// The version that is in force.
    enforced: i64,
    /// What the other one asks.
    policy: SecurityPolicy,
    changes: Vec<Difference>,
    form: FormState,
    /// Where others have to approve it, whether there is nobody to ask.
    asks: Option<bool>,
) -> impl IntoView {
    let own = org.page.visitor.as_ref().map(|visitor| visitor.factors.factors()).unwrap_or_default();
    let methods = policy.mfa_methods;
    if policy.mfa && !methods.accept(own) {
        let text =
            format!("It asks for {}, which you do not have yourself: you would be kept out.", methods.describe());
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
    let note = asks.map(|alone| view! { <AskNote alone /> });
    let (rest, button) = if asks.is_some() { ("/ask", "Ask for approval") } else { ("", "Roll back") };
    view! {
        <Changes title="What rolling back would change" changes />
        <Card title="Roll back" lead="It holds from everybody’s next request on, and is a version of its own: nothing is lost.">
            {note}
            <FormView action=org.path(&format!("/policy/versions/{version}{rest}"))>
                <ChangeFields org=org.clone() form name="revision" version=enforced asks=asks.is_some() />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>{button}</Button>
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
        Err(error) => forms::back_or_ask(&org.page, &org.path(&format!("/policy/versions/{number}")), &form, error),
    }
}
