//! The list of keys.

use axum::response::Response;
use domain::api_keys::{ApiKey, KeyFilter, KeyQuery};
use domain::paging::{Cursor, Page};
use leptos::prelude::*;
use server::api_keys;

use super::address;
use super::parts::{ActsFor, StateBadge, hint};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Badge, ButtonLink, ButtonVariant, Cell, CellKind, Chip, ColumnHeader, Drawing, EmptyState, FilterBar, FilterOption,
    IconName, PageHeader, Pager, Panel, Row, Segments, Table, TimeAgo, Tone, number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let pairs = org.page.query();
    let query = KeyQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let list = api_keys::list(&org.access, &query).await?;
    let content = org.clone();
    let page = move || {
        let (new, accounts) = (content.path("/keys/new"), content.path("/keys/accounts"));
        view! {
            <PageHeader
                title="API keys"
                lead="What programs come with. A key may do what is in its scopes, as long as whoever answers for it and whoever has made its secret may."
                actions=move || {
                    view! {
                        <ButtonLink href=accounts>"Service accounts"</ButtonLink>
                        <ButtonLink href=new variant=ButtonVariant::Primary icon=IconName::PLUS>
                            "New key"
                        </ButtonLink>
                    }
                }
            />
            <Filters org=content.clone() query=query.clone() />
            <Keys org=content query list />
        }
        .into_any()
    };
    Ok(org.render("API keys", page).await)
}

/// The list's address with this query.
fn listed(org: &Organization, query: &KeyQuery) -> String {
    let path = org.path("/keys");
    match serde_urlencoded::to_string(query.to_pairs()) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path,
    }
}

/// The list's first page with something changed in its query.
fn changed(org: &Organization, query: &KeyQuery, change: impl FnOnce(&mut KeyQuery)) -> String {
    let mut query = KeyQuery { cursor: None, ..query.clone() };
    change(&mut query);
    listed(org, &query)
}

#[component]
fn Filters(org: Organization, query: KeyQuery) -> impl IntoView {
    let option = |filter: &KeyFilter| FilterOption {
        label: filter.name().to_owned(),
        href: changed(&org, &query, |query| query.filter = *filter),
        current: query.filter == *filter,
    };
    let options: Vec<_> = KeyFilter::ALL.iter().map(option).collect();
    let chip = (query.member.is_some() || query.account.is_some()).then(|| {
        let label = if query.account.is_some() { "Of one service account" } else { "Of one member" };
        let remove = changed(&org, &query, |query| (query.member, query.account) = (None, None));
        view! { <Chip label remove /> }
    });
    view! {
        <FilterBar>
            <Segments label="State" options />
            {chip}
        </FilterBar>
    }
}

#[component]
fn Keys(org: Organization, query: KeyQuery, list: Page<ApiKey>) -> impl IntoView {
    if list.rows.is_empty() {
        return view! { <Nothing org query /> }.into_any();
    }
    let turn = |cursor: Option<String>| {
        let cursor = cursor.as_deref().and_then(Cursor::decode)?;
        Some(listed(&org, &KeyQuery { cursor: Some(cursor), ..query.clone() }))
    };
    let (previous, next) = (turn(list.previous), turn(list.next));
    let range = format!("{} of {}", list.rows.len(), number(list.total));
    let rows = list.rows.into_iter().map(|key| view! { <Line org=org.clone() key_row=key /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="API keys"
                head=|| {
                    view! {
                        <ColumnHeader label="Name" />
                        <ColumnHeader label="Acts for" />
                        <ColumnHeader label="State" />
                        <ColumnHeader label="Scopes" kind=CellKind::Number />
                        <ColumnHeader label="Last used" />
                        <ColumnHeader label="Ends" />
                    }
                }
            >
                {rows}
            </Table>
            <Pager range previous next newest_first=true />
        </Panel>
    }
    .into_any()
}

/// What stands in place of no keys: what they are for, if there are none at all.
#[component]
fn Nothing(org: Organization, query: KeyQuery) -> impl IntoView {
    let (all, new) = (changed(&org, &query, |query| query.filter = KeyFilter::All), org.path("/keys/new"));
    let is_fresh = query == KeyQuery::default() || query == KeyQuery { filter: KeyFilter::All, ..KeyQuery::default() };
    let (title, text) = if is_fresh {
        (
            "No key works here",
            "Give each program a key of its own, with the few scopes that it needs and an end. Then one can be taken back without the others.",
        )
    } else {
        ("No such keys", "Choose another state, or look at all of them.")
    };
    let action = move || {
        if is_fresh {
            view! { <ButtonLink href=new variant=ButtonVariant::Primary>"Create a key"</ButtonLink> }.into_any()
        } else {
            view! { <ButtonLink href=all>"Show all keys"</ButtonLink> }.into_any()
        }
    };
    view! {
        <Panel>
            <EmptyState drawing=Drawing::Key title text action />
        </Panel>
    }
}

#[component]
fn Line(org: Organization, key_row: ApiKey) -> impl IntoView {
    let key = key_row;
    let (now, zone) = (org.page.request.now, org.page.zone());
    let ends_zone = zone.clone();
    let policy = org.access.enforced().document();
    let state = key.state(policy, now);
    let (end, _) = key.end(policy);
    let works = key.revoked_at.is_none() && end > now;
    let unused = (works && key.is_unused(now)).then(|| view! { <Badge tone=Tone::Warn label="Unused" /> });
    let wide =
        (works && !key.unneeded(now).is_empty()).then(|| view! { <Badge tone=Tone::Info label="More than it uses" /> });
    let (href, name, hint) = (address(&org, key.id, ""), key.name.as_str().to_owned(), hint(&key));
    let scopes = number(key.scopes.iter().count() as u64);
    let used = match key.last_used_at {
        Some(at) => view! { <TimeAgo at now zone /> }.into_any(),
        None => "Never".into_any(),
    };
    let ends = match key.revoked_at {
        Some(_) => "–".into_any(),
        None => view! { <TimeAgo at=end now zone=ends_zone /> }.into_any(),
    };
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="min-w-0">
                    <a class="link-quiet font-medium" href=href>
                        <bdi>{name}</bdi>
                    </a>
                    <code class="mono block text-sm">{hint}</code>
                </div>
            </Cell>
            <Cell label="Acts for">
                <ActsFor org key />
            </Cell>
            <Cell label="State">
                <div class="flex flex-wrap gap-1">
                    <StateBadge state />
                    {unused}
                    {wide}
                </div>
            </Cell>
            <Cell label="Scopes" kind=CellKind::Number>{scopes}</Cell>
            <Cell label="Last used" kind=CellKind::Muted>{used}</Cell>
            <Cell label="Ends" kind=CellKind::Muted>{ends}</Cell>
        </Row>
    }
}
