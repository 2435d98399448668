//! The policy that is in force, and who complies with it.

use axum::response::Response;
use domain::roles::Permission;
use leptos::prelude::*;
use server::policy;
use time::OffsetDateTime;

use super::parts::Sections;
use super::posture::PostureCard;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonLink, ButtonVariant, Card, FlashTone, Form, IconName, Notice, PageHeader, exact, number,
};

/// What is asked for, section by section, how that stands, and who has not what is asked for.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let view = policy::view(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let editable = content.access.may(Permission::ManagePolicy);
        let policy = view.policy.document().clone();
        let posture = policy.posture();
        let editor = editable.then(|| content.path("/policy/edit"));
        let (asks, reminds) = (view.sign_in.asked().is_some(), editable && view.sign_in.mfa.is_some());
        let (missing, reminded) = (view.missing(), view.reminded);
        let compliance = asks.then(|| view! { <Compliance org=content.clone() missing reminded editable=reminds /> });
        let draft = view.draft.is_some().then(|| view! { <Draft org=content.clone() editable /> });
        let tried = view.tried.map(|(version, since)| view! { <Tried org=content.clone() version since /> });
        view! {
            <Header org=content.clone() editable />
            {draft}
            {tried}
            <div class="grid items-start gap-x-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
                <div class="min-w-0 xl:col-start-2">
                    {compliance}
                    <PostureCard posture editor />
                </div>
                <div class="min-w-0 xl:col-start-1 xl:row-start-1">
                    <Sections org=content policy />
                </div>
            </div>
        }
        .into_any()
    };
    Ok(org.render("Security policy", page).await)
}

#[component]
fn Header(org: Organization, editable: bool) -> impl IntoView {
    let (templates, text) = (org.path("/policy/templates"), org.path("/policy/text"));
    let (versions, exceptions) = (org.path("/policy/versions"), org.path("/policy/exceptions"));
    let edit = editable.then(|| org.path("/policy/edit"));
    let actions = move || {
        let edit = edit.map(|href| {
            view! { <ButtonLink href variant=ButtonVariant::Primary>"Edit policy"</ButtonLink> }
        });
        view! {
            <ButtonLink href=text variant=ButtonVariant::Ghost icon=IconName::FILE_TEXT>"Text"</ButtonLink>
            <ButtonLink href=versions variant=ButtonVariant::Ghost icon=IconName::HISTORY>"Versions"</ButtonLink>
            <ButtonLink href=exceptions variant=ButtonVariant::Ghost>"Exceptions"</ButtonLink>
            <ButtonLink href=templates>"Templates"</ButtonLink>
            {edit}
        }
    };
    view! {
        <PageHeader
            title="Security policy"
            lead="What this organization asks of its members. It holds here, and in no other organization of theirs."
            actions
        />
    }
}

/// That something waits which is not in force.
#[component]
fn Draft(org: Organization, editable: bool) -> impl IntoView {
    let (edit, review) = (org.path("/policy/edit"), org.path("/policy/draft"));
    let links = editable.then(|| {
        view! {
            <p class="mt-1 flex flex-wrap gap-x-4">
                <a class="link" href=edit>"Continue editing"</a>
                <a class="link" href=review>"Review"</a>
            </p>
        }
    });
    view! {
        <Notice tone=FlashTone::Info title="A draft is waiting">
            "What is below is in force. Nothing of the draft holds before it is enforced."
            {links}
        </Notice>
    }
}

/// That a version is tried beside what is in force.
#[component]
fn Tried(org: Organization, version: i64, since: OffsetDateTime) -> impl IntoView {
    let title = format!("Version {version} is tried since {}", exact(since, &org.page.zone()));
    let trial = org.path("/policy/trial");
    view! {
        <Notice tone=FlashTone::Info title>
            "It keeps nobody out."
            <p class="mt-1">
                <a class="link" href=trial>"What it would do"</a>
            </p>
        </Notice>
    }
}

/// How many have not what is asked for, who they are, and the mail that reminds them.
#[component]
fn Compliance(
    org: Organization,
    /// Active members who have not what is asked for.
    missing: u64,
    /// Those of them who were reminded less than a day ago.
    reminded: u64,
    /// Whether somebody can be reminded by whoever looks.
    editable: bool,
) -> impl IntoView {
    let list = org.path("/members?status=active&mfa=missing");
    let remind = org.path("/policy/remind");
    let text = match missing {
        0 => view! { <p>"Every active member has the second factor that is asked for."</p> }.into_any(),
        count => {
            let link = if count == 1 { "One member".to_owned() } else { format!("{} members", number(count)) };
            let verb = if count == 1 { " does not comply." } else { " do not comply." };
            view! { <p><a class="link" href=list>{link}</a>{verb} {not_again(missing, reminded)}</p> }.into_any()
        }
    };
    view! {
        <Card
            title="Who complies"
            actions=move || {
                (editable && missing > 0)
                    .then(|| {
                        view! {
                            <Form action=remind class="contents">
                                <Button icon=IconName::SEND>"Send reminder"</Button>
                            </Form>
                        }
                    })
            }
        >
            {text}
        </Card>
    }
}

/// Who gets no reminder now.
fn not_again(missing: u64, reminded: u64) -> Option<String> {
    match reminded {
        0 => None,
        count if count == missing => Some(" All were reminded less than a day ago.".to_owned()),
        1 => Some(" One was reminded less than a day ago, and gets no mail before that is over.".to_owned()),
        count => {
            Some(format!(" {} were reminded less than a day ago, and get no mail before that is over.", number(count)))
        }
    }
}
