//! The page.

use axum::response::Response;
use domain::policy::PolicySettings;
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use server::policy::{self, PolicyView};

use super::sign_in::SignInForm;
use crate::context::Organization;
use crate::problems::Fault;
use crate::roles::SavedNow;
use crate::ui::{Button, ButtonLink, Card, ErrorSummary, Fact, Facts, Form, IconName, Narrow, PageHeader, number};

/// The sections, and who does not comply.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let view = policy::view(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let editable = content.access.may(Permission::ManagePolicy);
        let form = content.page.form(&content.path("/policy/sign-in"));
        let overtaken = form.came_back() && content.page.flash.problem == Some(Problem::Changed);
        let errors = form.errors();
        let saved = view.policy;
        let settings = PolicySettings::from(&saved);
        let versions = content.path("/policy/versions");
        let section = if editable {
            view! { <SignInForm org=content.clone() view=view.clone() form overtaken /> }.into_any()
        } else {
            view! {
                <Card title="Sign-in" lead="Owners and admins change it.">
                    <PolicyFacts settings />
                </Card>
            }
            .into_any()
        };
        view! {
            <PageHeader title="Security policy" lead="What this organization asks of its members. It holds here, and in no other organization of theirs."
                actions=move || view! { <ButtonLink href=versions icon=IconName::HISTORY>"Versions"</ButtonLink> }
            />
            <Narrow>
                <ErrorSummary errors title="The policy was not saved" />
                {overtaken.then(|| view! { <SavedNow facts=settings.describe().to_vec() /> })}
                {saved.mfa.is_some().then(|| view! { <Compliance org=content view editable /> })}
                {section}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Security policy", page).await)
}

/// What is set, in words.
#[component]
pub(super) fn PolicyFacts(settings: PolicySettings) -> impl IntoView {
    let facts = settings.describe().into_iter().map(|(term, text)| view! { <Fact term>{text}</Fact> }).collect_view();
    view! { <Facts>{facts}</Facts> }
}

/// How many have not what is asked for, who they are, and the mail that reminds them.
#[component]
fn Compliance(org: Organization, view: PolicyView, editable: bool) -> impl IntoView {
    let missing = view.missing();
    let list = org.path("/members?status=active&mfa=missing");
    let remind = org.path("/policy/remind");
    let text = match missing {
        0 => view! { <p>"Every active member has the second factor that is asked for."</p> }.into_any(),
        count => {
            let link = if count == 1 { "One member".to_owned() } else { format!("{} members", number(count)) };
            let verb = if count == 1 { " does not comply." } else { " do not comply." };
            view! { <p><a class="link" href=list>{link}</a>{verb} {reminded(&view)}</p> }.into_any()
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
fn reminded(view: &PolicyView) -> Option<String> {
    match view.reminded {
        0 => None,
        count if count == view.missing() => Some(" All were reminded less than a day ago.".to_owned()),
        1 => Some(" One was reminded less than a day ago, and gets no mail before that is over.".to_owned()),
        count => {
            Some(format!(" {} were reminded less than a day ago, and get no mail before that is over.", number(count)))
        }
    }
}
