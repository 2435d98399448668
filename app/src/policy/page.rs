//! The page.

use axum::response::Response;
use domain::policy::SignInPolicy;
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use server::policy::{self, PolicyView};

use super::sign_in::SignInForm;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Button, Card, ErrorSummary, Fact, Facts, Form, IconName, Narrow, PageHeader, number};

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
        let section = if editable {
            view! { <SignInForm org=content.clone() view=view.clone() form overtaken /> }.into_any()
        } else {
            view! {
                <Card title="Sign-in" lead="Owners and admins change it.">
                    <PolicyFacts policy=saved />
                </Card>
            }
            .into_any()
        };
        view! {
            <PageHeader title="Security policy" lead="What this organization asks of its members. It holds here, and in no other organization of theirs." />
            <Narrow>
                <ErrorSummary errors title="The policy was not saved" />
                {overtaken
                    .then(|| {
                        view! {
                            <Card title="Saved now" lead="Somebody else has saved this in the meantime. What you chose is below, and not saved yet.">
                                <PolicyFacts policy=saved />
                            </Card>
                        }
                    })}
                {saved.mfa.is_some().then(|| view! { <Compliance org=content view editable /> })}
                {section}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Security policy", page).await)
}

/// A policy in words.
#[component]
fn PolicyFacts(policy: SignInPolicy) -> impl IntoView {
    let mfa = policy.mfa.map_or_else(
        || "Not required".to_owned(),
        |mfa| {
            let days = match mfa.grace_days {
                0 => "at once".to_owned(),
                1 => "within one day".to_owned(),
                days => format!("within {days} days"),
            };
            format!("Required: {}, {days}", mfa.methods.describe())
        },
    );
    let sessions = policy.sessions.map_or_else(|| "Any number".to_owned(), |most| most.to_string());
    view! {
        <Facts>
            <Fact term="Second factor">{mfa}</Fact>
            <Fact term="Time-out without use">{policy.idle.describe()}</Fact>
            <Fact term="Time-out in any case">{policy.absolute.describe()}</Fact>
            <Fact term="Sessions per person">{sessions}</Fact>
        </Facts>
    }
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
