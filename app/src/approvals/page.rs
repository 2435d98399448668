//! One request: what would change, who asks and why, and who has approved.

use axum::extract::Path;
use axum::response::Response;
use domain::approvals::{Change, Quorum, ReplaySummary, Standing};
use domain::audit::AuditQuery;
use domain::ids::AccountId;
use domain::policy::Difference;
use domain::roles::RoleId;
use leptos::prelude::*;
use server::approvals::{self, RequestDetail, RequestView};

use super::parts::{RiskBadge, StandingBadge};
use super::votes::{Decide, Forms, Votes};
use super::what::{KeyToBe, KeyWidened, Use};
use super::words::{called, progress, role_name, what};
use super::{ApprovalPath, address, approval_id, crumbs};
use crate::audit::Exported;
use crate::context::Organization;
use crate::policy::Changes;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, Card, ErrorSummary, ExactTime, Fact, Facts, FlashTone, Form, Notice, PageHeader,
    number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization, Path((_, approval)): ApprovalPath) -> Result<Response, Fault> {
    let detail = approvals::lookup(&org.access, approval_id(&approval)?).await?;
    let title = what(&org, &detail.request);
    let (content, heading) = (org.clone(), title.clone());
    let page = move || {
        let forms = Forms::of(&content, detail.request.id);
        let errors = forms.errors();
        let (standing, risk) = (detail.request.standing, detail.request.risk);
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title=heading
                actions=move || {
                    view! {
                        <RiskBadge risk />
                        <StandingBadge standing />
                    }
                }
            />
            <ErrorSummary errors title="Nothing was done" />
            <Body org=content detail forms />
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// What it is about at the left, how it stands and what can be done at the right; on a phone, one below the other.
#[component]
fn Body(org: Organization, detail: RequestDetail, forms: Forms) -> impl IntoView {
    let RequestDetail { request, changes, votes, quorum, may_decide, may_cancel, may_use, account } = detail;
    let usable = may_use.then(|| view! { <Use org=org.clone() request=request.clone() /> });
    let decide = may_decide.then(|| view! { <Decide org=org.clone() id=request.id forms /> });
    let cancel = may_cancel.then(|| view! { <Cancel org=org.clone() request=request.clone() /> });
    let replay = request.replay.map(|found| view! { <Replayed found /> });
    let voted = (!votes.is_empty()).then(|| view! { <Votes org=org.clone() votes /> });
    let reason = request.reason.clone();
    view! {
        <Remark org=org.clone() request=request.clone() quorum />
        <div class="grid items-start gap-x-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
            <div class="min-w-0">
                <Card title="Why">
                    <p>
                        <bdi>{reason}</bdi>
                    </p>
                </Card>
                <WhatChanges org=org.clone() request=request.clone() changes account />
                {replay}
                {voted}
            </div>
            <div class="aside min-w-0">
                {usable}
                <HowItStands org request quorum />
                {decide}
                {cancel}
            </div>
        </div>
    }
}

/// What has to be known before anything else: that nobody else looks at it, or that it cannot be decided any more.
#[component]
fn Remark(org: Organization, request: RequestView, quorum: Quorum) -> impl IntoView {
    let zone = org.page.zone();
    match (request.standing, request.runs_at, quorum) {
        (Standing::Waiting, Some(at), Quorum::Delay(_)) => {
            view! {
                <Notice tone=FlashTone::Warning title="A delay, and nobody else’s approval">
                    "Too few owners can approve it: it takes effect at " <ExactTime at zone />
                    " unless it is cancelled or denied."
                </Notice>
            }
            .into_any()
        }
        (Standing::Waiting, Some(_), Quorum::Approvals(_)) => view! {
            <Notice tone=FlashTone::Warning title="It waits for approval now">
                "There is another owner by now. It does not take effect by itself any more."
            </Notice>
        }
        .into_any(),
        (Standing::Granted, _, _) => {
            let at = request.expires_at;
            view! {
                <Notice title="It can be done once">
                    "It is approved: whoever asked for it can do it until " <ExactTime at zone /> "."
                </Notice>
            }
            .into_any()
        }
        (Standing::Stale, _, _) => view! {
            <Notice tone=FlashTone::Warning title="Something changed meanwhile">
                "What it was to change is another by now, or whoever asked is no active member. It has to be asked for anew."
            </Notice>
        }
        .into_any(),
        (Standing::Expired, _, _) => view! {
            <Notice title="Nobody has decided in time">"It has to be asked for anew."</Notice>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// What would be otherwise.
#[component]
fn WhatChanges(
    org: Organization,
    request: RequestView,
    changes: Vec<Difference>,
    /// What the service account is called that a key is asked for.
    account: Option<String>,
) -> impl IntoView {
    match request.change.clone() {
        Change::Enforce { alarm, .. } => {
            let alarm = alarm.map(|members| {
                view! {
                    <p class="-mt-3 mb-5 text-sm text-muted">
                        {format!("The version before comes back when {members} members are kept out within 24 hours.")}
                    </p>
                }
            });
            view! {
                <Changes title="What it changes" changes anchors=true />
                {alarm}
            }
            .into_any()
        }
        Change::RollBack { .. } => view! { <Changes title="What it changes" changes anchors=true /> }.into_any(),
        Change::Role { member, role } => view! { <NewRole org request member role /> }.into_any(),
        Change::Deletion => view! {
            <Card title="What it changes">
                <p>
                    "Nobody can use the organization from then on. For 30 days each owner can keep it; after that all of it is deleted for good, its audit trail included."
                </p>
            </Card>
        }
        .into_any(),
        Change::Export { format, query } => view! {
            <Card title="The file" lead="Of the trail as it is when the file is made.">
                <Exported format query=AuditQuery::from_text(&query) />
            </Card>
        }
        .into_any(),
        Change::Key { key } => {
            let key = *key;
            view! { <KeyToBe org request key account /> }.into_any()
        }
        Change::WiderKey { key, before, after } => {
            let (before, after) = (*before, *after);
            view! { <KeyWidened org key before after /> }.into_any()
        }
    }
}

#[component]
fn NewRole(org: Organization, request: RequestView, member: AccountId, role: RoleId) -> impl IntoView {
    let before = RoleId::from_code(&request.base).map_or_else(|| request.base.clone(), |role| role_name(&org, role));
    let person = match request.subject {
        Some(name) => {
            let href = org.path(&format!("/members/{member}"));
            view! { <a class="link" href=href><bdi>{name}</bdi></a> }.into_any()
        }
        None => "Somebody who left".into_any(),
    };
    let after = role_name(&org, role);
    view! {
        <Card title="What it changes">
            <Facts>
                <Fact term="Member">{person}</Fact>
                <Fact term="Role when it was asked for">{before}</Fact>
                <Fact term="Role then">{after}</Fact>
            </Facts>
        </Card>
    }
}

/// What the policy would have done, as it was when somebody asked.
#[component]
fn Replayed(found: ReplaySummary) -> impl IntoView {
    let visits = found.allowed + found.stepped_up + found.denied;
    let people = format!("{} of {}", number(found.affected), number(found.people));
    view! {
        <Card
            title="Replay"
            lead="What it would have done in the 90 days before it was asked for, by everybody who came by."
        >
            <Facts>
                <Fact term="Visits">{number(visits)}</Fact>
                <Fact term="Come in as they did">{number(found.allowed)}</Fact>
                <Fact term="Asked for something first">{number(found.stepped_up)}</Fact>
                <Fact term="Kept out">{number(found.denied)}</Fact>
                <Fact term="People affected">{people}</Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn HowItStands(org: Organization, request: RequestView, quorum: Quorum) -> impl IntoView {
    let zone = org.page.zone();
    let waits = matches!(request.standing, Standing::Waiting | Standing::Stale | Standing::Granted);
    let (asked, ends, end) = (zone.clone(), zone.clone(), request.expires_at);
    let term = if request.standing == Standing::Granted { "Can be done until" } else { "Expires" };
    let until = waits.then(|| {
        view! {
            <Fact term>
                <ExactTime at=end zone=ends />
            </Fact>
        }
    });
    let decided = request.decided_at.map(|at| {
        view! {
            <Fact term="Decided">
                <ExactTime at zone />
            </Fact>
        }
    });
    view! {
        <Card title="How it stands">
            <Facts>
                <Fact term="State">{request.standing.name()}</Fact>
                <Fact term="Approvals">{progress(quorum, request.given)}</Fact>
                <Fact term="Asked by">
                    <bdi>{called(&request.requested_by)}</bdi>
                </Fact>
                <Fact term="Asked">
                    <ExactTime at=request.requested_at zone=asked />
                </Fact>
                {until}
                {decided}
            </Facts>
        </Card>
    }
}

#[component]
fn Cancel(org: Organization, request: RequestView) -> impl IntoView {
    view! {
        <Card title="Cancel" lead="You have asked for it, and can take that back.">
            <Form action=address(&org, request.id, "/cancel")>
                <Button variant=ButtonVariant::Caution>"Cancel request"</Button>
            </Form>
        </Card>
    }
}
