//! What a member may do, why, and what they could do before.

use axum::extract::Path;
use axum::response::Response;
use domain::ids::AccountId;
use domain::roles::{Area, Permission, Reason, Source, Then, conflicts};
use domain::text::isolated;
use leptos::prelude::*;
use server::{Error, roles};
use time::OffsetDateTime;

use super::page::crumbs;
use super::{MemberPath, member_id};
use crate::context::Organization;
use crate::problems::Fault;
use crate::roles::{ConflictNotice, PermissionChanges};
use crate::texts;
use crate::ui::{Breadcrumb, Button, ButtonLink, Card, Form, FormFoot, IconName, Moment, Narrow, PageHeader, TimeAgo};

/// What is asked for: a time to look at, and one to compare it with.
#[derive(Clone)]
struct Question {
    at: Option<OffsetDateTime>,
    since: Option<OffsetDateTime>,
    /// What was typed as one of them and cannot be looked at, by its field's name, and why not.
    wrong: Vec<(&'static str, String, String)>,
}

impl Question {
    fn of(org: &Organization) -> Self {
        let zone = org.page.zone();
        let now = org.page.request.now;
        let mut wrong = Vec::new();
        let mut time = |name| {
            let typed = org.page.query_value(name).filter(|typed| !typed.is_empty())?;
            let past = zone.instant(&typed).filter(|at| *at <= now);
            if past.is_none() {
                wrong.push((name, typed, "This is not a time in the past.".to_owned()));
            }
            past
        };
        let (at, since) = (time("at"), time("since"));
        Self { at, since, wrong }
    }

    /// What was at a time that is asked for in a field. Where nobody knows any more, the field says so, and asks for none.
    async fn look(
        &mut self,
        org: &Organization,
        id: AccountId,
        (name, when): (&'static str, OffsetDateTime),
    ) -> Result<Option<Then>, Error> {
        match roles::at(&org.access, id, when).await {
            Err(Error::Invalid(errors)) => {
                let why = errors.of("at").map(|problem| texts::field(name, problem)).unwrap_or_default();
                self.wrong.push((name, org.page.query_value(name).unwrap_or_default(), why));
                Ok(None)
            }
            then => then.map(Some),
        }
    }
}

/// The page.
///
/// # Errors
/// A page about it.
pub async fn access_page(org: Organization, Path((_, member)): MemberPath) -> Result<Response, Fault> {
    let id = member_id(&member)?;
    roles::require_explain(&org.access, id).await?;
    let member = server::members::lookup(&org.access, id).await?;
    let mut question = Question::of(&org);
    let asked = match question.at {
        Some(at) => question.look(&org, id, ("at", at)).await?,
        None => None,
    };
    question.at = question.at.filter(|_| asked.is_some());
    let then = match asked {
        Some(then) => then,
        None => roles::at(&org.access, id, org.page.request.now).await?,
    };
    let before = match question.since {
        Some(since) => question.look(&org, id, ("since", since)).await?,
        None => None,
    };
    question.since = question.since.filter(|_| before.is_some());
    let title = format!("What {} may do", isolated(&member.name));
    let (content, heading) = (org.clone(), title.clone());
    let page = move || {
        let lead = match (&then.member, question.at) {
            (None, _) => "Was no member at this time.".to_owned(),
            (Some(_), None) => "Everything, and each way that leads to it.".to_owned(),
            (Some(_), Some(_)) => "As it was, by the organization’s own audit trail.".to_owned(),
        };
        let (from, to) = (content.clone(), content.clone());
        view! {
            <Breadcrumb crumbs=crumbs(&content, Some(&member)) />
            <PageHeader title=heading.clone() lead />
            <Narrow>
                <TimeForm org=content.clone() question=question.clone() />
                {before
                    .map(|before| {
                        let (old, new) = (before.permissions(), then.permissions());
                        let (gained, lost) = (new.without(old), old.without(new));
                        view! {
                            <Card title="What is different">
                                <p class="mb-3 text-muted"><When org=from at=question.since />" → "<When org=to at=question.at /></p>
                                {if gained.is_empty() && lost.is_empty() {
                                    view! { <p>"Nothing: they could do the same."</p> }.into_any()
                                } else {
                                    view! { <PermissionChanges gained lost words=("Gained", "Lost") /> }.into_any()
                                }}
                            </Card>
                        }
                    })}
                <Reasons then />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

#[component]
fn When(org: Organization, at: Option<OffsetDateTime>) -> impl IntoView {
    match at {
        Some(at) => view! { <TimeAgo at now=org.page.request.now zone=org.page.zone() /> }.into_any(),
        None => "now".into_any(),
    }
}

/// Which time to look at, and which to compare it with.
#[component]
fn TimeForm(org: Organization, question: Question) -> impl IntoView {
    let zone = org.page.zone();
    let path = org.page.path().to_owned();
    let any = question.at.is_some() || question.since.is_some() || !question.wrong.is_empty();
    let field = |name: &'static str, label: &'static str, help: &'static str, at: Option<OffsetDateTime>| {
        let wrong = question.wrong.iter().find(|(of, ..)| *of == name);
        let (wrong, error) = wrong.map(|(_, typed, why)| (typed.clone(), why.clone())).unzip();
        let value = wrong.or_else(|| at.map(|at| zone.local(at))).unwrap_or_default();
        view! { <Moment name label value help error /> }
    };
    let as_of = field("at", "As of", "Empty for now.", question.at);
    let compared = field("since", "Compared with", "Empty for no comparison.", question.since);
    let now = path.clone();
    view! {
        <Card title="At another time">
            <Form action=path method="get">
                <div class="grid gap-4 sm:grid-cols-2">
                    {as_of} {compared}
                </div>
                <FormFoot>
                    {any.then(|| view! { <ButtonLink href=now>"Now"</ButtonLink> })}
                    <Button icon=IconName::HISTORY>"Show"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// Every permission with the ways that lead to it, by area.
#[component]
fn Reasons(then: Then) -> impl IntoView {
    let permissions = then.permissions();
    if permissions.is_empty() {
        let text = if then.member.is_some() {
            "Nothing: they are suspended, or their role holds nothing."
        } else {
            "Nothing."
        };
        return view! { <Card title="Permissions"><p class="text-muted">{text}</p></Card> }.into_any();
    }
    let cards = Area::ALL.iter().filter_map(|area| {
        let held: Vec<Permission> = area.permissions().filter(|it| permissions.allow(*it)).collect();
        (!held.is_empty()).then(|| {
            let rows = held.into_iter().map(|permission| {
                let ways = ways(&then, permission).into_iter().map(|way| view! { <li>{way}</li> }).collect_view();
                view! {
                    <li class="py-2">
                        <p>{permission.describe()}</p>
                        <ul class="mt-0.5 text-sm text-muted">{ways}</ul>
                    </li>
                }
            });
            let rows = rows.collect_view();
            view! { <Card title=area.name()><ul class="divide-y divide-base-200">{rows}</ul></Card> }
        })
    });
    // Of an owner or admin it is no news.
    let roles = then.member.iter().filter(|member| member.role.custom().is_some() || !member.groups.is_empty());
    let broken: Vec<_> = roles.flat_map(|_| conflicts(permissions)).collect();
    let broken = broken.into_iter().map(|rule| view! { <ConflictNotice rule /> }).collect_view();
    view! {
        {broken}
        {cards.collect_view()}
    }
    .into_any()
}

/// The ways to a permission, each as a line such as "Group Support → On call → Auditor".
fn ways(then: &Then, permission: Permission) -> Vec<String> {
    let Some(member) = &then.member else { return Vec::new() };
    let reasons = then.book.why(member.role, &then.groups(), permission);
    reasons.into_iter().map(|reason| way(then, &reason)).collect()
}

fn way(then: &Then, Reason { source, roles }: &Reason) -> String {
    let start = match source {
        Source::Direct => "Own role".to_owned(),
        Source::Group(id) => {
            let name = then.book.group(*id).map(|group| isolated(group.name.as_str()).into_owned());
            format!("Group {}", name.unwrap_or_default())
        }
    };
    let chain: Vec<_> = roles.iter().map(|role| isolated(role.name()).into_owned()).collect();
    format!("{start} → {}", chain.join(" → "))
}
