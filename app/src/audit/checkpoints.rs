//! The checkpoints of the trail: what it was at several times, signed.

use axum::response::Response;
use domain::paging::{Cursor, Page};
use leptos::prelude::*;
use server::audit::{self, CheckpointView};

use super::crumbs;
use super::mailing::{self, ByMail};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, Card, Cell, CellKind, ColumnHeader, CopyButton, EmptyPanel,
    ErrorSummary, Form, FormFoot, IconName, Narrow, PageHeader, Pager, Panel, Row, SelectField, SelectOption, ShortId,
    Table, TimeAgo, number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn checkpoints_page(org: Organization) -> Result<Response, Fault> {
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let list = audit::checkpoints(&org.access, cursor.as_ref()).await?;
    let mail = audit::checkpoint_mail(&org.access).await?;
    let form = org.page.form(&org.path(mailing::ADDRESS));
    let content = org.clone();
    let page = move || {
        let sizes: Vec<u64> = list.rows.iter().map(|checkpoint| checkpoint.size).collect();
        let (take, key) = (content.path("/audit/checkpoints"), content.path("/audit/key"));
        let actions = move || {
            view! {
                <ButtonLink href=key download=true icon=IconName::KEY>"Key"</ButtonLink>
                <Form action=take class="contents">
                    <Button variant=ButtonVariant::Primary icon=IconName::SHIELD_CHECK>"Take a checkpoint"</Button>
                </Form>
            }
        };
        let found = if sizes.is_empty() {
            view! {
                <EmptyPanel
                    title="No checkpoint yet"
                    text="The first one comes within the hour. You can take one now."
                />
            }
            .into_any()
        } else {
            view! { <List org=content.clone() list /> }.into_any()
        };
        let errors = form.errors();
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Checkpoints"
                lead="Each states, signed, how many entries the trail had and what they hash to. One is taken every hour in which something happened."
                actions
            />
            <ErrorSummary errors title="Nothing was changed" />
            {found}
            <Narrow>
                <Elsewhere />
                <ByMail org=content.clone() mail form />
                <Between org=content sizes />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Checkpoints", page).await)
}

#[component]
fn List(org: Organization, list: Page<CheckpointView>) -> impl IntoView {
    let turn = |cursor: Option<String>| cursor.map(|cursor| org.path(&format!("/audit/checkpoints?page={cursor}")));
    let (previous, next) = (turn(list.previous), turn(list.next));
    let noun = if list.total == 1 { "checkpoint" } else { "checkpoints" };
    let range = format!("{} of {} {noun}", list.rows.len(), number(list.total));
    let rows = list.rows.into_iter().map(|checkpoint| view! { <Line org=org.clone() checkpoint /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Checkpoints"
                head=|| {
                    view! {
                        <ColumnHeader label="Size" />
                        <ColumnHeader label="Taken" />
                        <ColumnHeader label="Root" />
                        <ColumnHeader label="How" />
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {rows}
            </Table>
            <Pager range previous next newest_first=true />
        </Panel>
    }
}

#[component]
fn Line(org: Organization, checkpoint: CheckpointView) -> impl IntoView {
    let CheckpointView { size, at, root, on_demand, .. } = checkpoint;
    let (now, zone) = (org.page.request.now, org.page.zone());
    let href = org.path(&format!("/audit/checkpoints/{size}"));
    let (entries, id) = (sized(size), format!("root-{size}"));
    let (of, about) = (format!("the root of {entries}"), format!(" the checkpoint of {entries}"));
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <span class="font-medium">{entries}</span>
            </Cell>
            <Cell label="Taken" kind=CellKind::Muted>
                <TimeAgo at now zone />
            </Cell>
            <Cell label="Root">
                <span class="flex items-center gap-2.5">
                    <ShortId value=root.clone() />
                    <span class="hidden" id=id.clone()>{root.clone()}</span>
                    <CopyButton target=id.clone() of=of.clone() small=true />
                </span>
            </Cell>
            <Cell label="How">{if on_demand { "On demand" } else { "Hourly" }}</Cell>
            <Cell kind=CellKind::Actions>
                <ButtonLink href download=true small=true icon=IconName::DOWNLOAD>
                    "Download" <span class="sr-only">{about}</span>
                </ButtonLink>
            </Cell>
        </Row>
    }
}

/// A checkpoint by its size.
fn sized(size: u64) -> String {
    if size == 1 { "1 entry".to_owned() } else { format!("{} entries", number(size)) }
}

/// Why a list on this page is not enough.
#[component]
fn Elsewhere() -> impl IntoView {
    view! {
        <Card title="Why to keep them elsewhere">
            <p>
                "Whoever could write to this server’s database and read its keys could rewrite the trail, and sign what they have made of it. A checkpoint that lies where they cannot write shows that they did: an export or a proof that is made later has to agree with it. So download one now and then, and the key once, and keep them with somebody else, such as your auditor or a mail archive."
            </p>
        </Card>
    }
}

/// The form that asks for what proves one checkpoint to continue another.
#[component]
fn Between(
    org: Organization,
    /// The sizes of the checkpoints on the page, the newest first.
    sizes: Vec<u64>,
) -> impl IntoView {
    let options = || sizes.iter().map(|size| SelectOption::new(size.to_string(), sized(*size))).collect::<Vec<_>>();
    let form = match sizes.as_slice() {
        [newest, older, ..] => {
            let (from, to) = (older.to_string(), newest.to_string());
            let (earlier, later) = (options(), options());
            view! {
                <Form action=org.path("/audit/consistency") method="get">
                    <SelectField name="from" label="From" options=earlier value=from />
                    <SelectField name="to" label="To" options=later value=to />
                    <FormFoot>
                        <Button icon=IconName::DOWNLOAD>"Download proof"</Button>
                    </FormFoot>
                </Form>
            }
            .into_any()
        }
        _ => view! { <p class="text-muted">"It takes two checkpoints."</p> }.into_any(),
    };
    view! {
        <Card
            title="Nothing was rewritten in between"
            lead="A file that proves it of two checkpoints: what the older one states is part of the newer one."
        >
            {form}
        </Card>
    }
}
