//! Name and address of an organization, and the way out of it.

use axum::response::Response;
use domain::roles::Permission;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::organizations;

use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonLink, ButtonVariant, Card, DangerZone, ErrorSummary, Fact, Facts, Field, Form, FormFoot, Narrow,
    PageHeader,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn settings(org: Organization) -> Result<Response, Fault> {
    let content = org.clone();
    let page = move || {
        let leave = content.path("/leave");
        let editable = content.access.may(Permission::ManageOrganization);
        let owner = content.access.may(Permission::ManageOwners);
        let (transfer, delete) = (owner.then(|| content.path("/transfer")), owner.then(|| content.path("/delete")));
        let (name, address) = (content.access.organization().to_owned(), content.path(""));
        let cards = if editable {
            view! { <Editable org=content.clone() /> }.into_any()
        } else {
            view! {
                <Card title="Organization">
                    <Facts>
                        <Fact term="Name">{name}</Fact>
                        <Fact term="Address">{address}</Fact>
                    </Facts>
                </Card>
            }
            .into_any()
        };
        view! {
            <PageHeader title="Settings" lead="Name and address of the organization, and the way out of it." />
            <Narrow>
                {cards}
                <DangerZone title="Leave organization" text="You lose access at once. An organization keeps at least one active owner.">
                    <ButtonLink href=leave variant=ButtonVariant::Caution dialog=true>
                        "Leave organization"
                    </ButtonLink>
                </DangerZone>
                {transfer
                    .map(|href| {
                        view! {
                            <DangerZone
                                title="Transfer ownership"
                                text="Another member becomes an owner, and you become an admin. Only they or another owner can give it back."
                            >
                                <ButtonLink href variant=ButtonVariant::Caution dialog=true>
                                    "Transfer ownership"
                                </ButtonLink>
                            </DangerZone>
                        }
                    })}
                {delete
                    .map(|href| {
                        view! {
                            <DangerZone
                                title="Delete organization"
                                text="Nobody can use it from then on. For 30 days its owners can keep it; after that everything in it is deleted for good."
                            >
                                <ButtonLink href variant=ButtonVariant::Caution dialog=true>
                                    "Delete organization"
                                </ButtonLink>
                            </DangerZone>
                        }
                    })}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Settings", page).await)
}

#[component]
fn Editable(org: Organization) -> impl IntoView {
    let (name_action, slug_action) = (org.path("/settings/name"), org.path("/settings/address"));
    let (name, slug) = (org.page.form(&name_action), org.page.form(&slug_action));
    let errors = [name.errors(), slug.errors()].concat();
    let name_value = name.value_or("name", org.access.organization());
    let slug_value = slug.value_or("slug", org.access.slug());
    view! {
        <ErrorSummary errors title="The change was not saved" />
        <Card title="Name">
            <Form action=name_action>
                <Field name="name" label="Organization name" value=name_value error=name.error("name") required=true />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Save name"</Button>
                </FormFoot>
            </Form>
        </Card>
        <Card title="Address">
            <Form action=slug_action>
                <Field
                    name="slug"
                    label="Slug"
                    value=slug_value
                    help="3 to 40 lower-case letters, digits and hyphens, as in /o/your-slug. Up to five former addresses go on leading here."
                    error=slug.error("slug")
                    required=true
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Save address"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// A name.
#[derive(Serialize, Deserialize)]
pub struct NameForm {
    #[serde(default)]
    name: String,
}

/// Renames.
///
/// # Errors
/// A page about it.
pub async fn rename(org: Organization, axum::Form(form): axum::Form<NameForm>) -> Answer {
    match organizations::rename(&org.access, &form.name).await {
        Ok(()) => Ok(forms::done(&org.page, &org.path("/settings"), Done::OrganizationRenamed)),
        Err(error) => forms::back(&org.page, &org.path("/settings"), &form, error),
    }
}

/// A slug.
#[derive(Serialize, Deserialize)]
pub struct SlugForm {
    #[serde(default)]
    slug: String,
}

/// Moves to another slug.
///
/// # Errors
/// A page about it.
pub async fn move_to(org: Organization, axum::Form(form): axum::Form<SlugForm>) -> Answer {
    match organizations::move_to(&org.access, &form.slug).await {
        Ok(slug) => Ok(forms::done(&org.page, &format!("/o/{slug}/settings"), Done::OrganizationMoved)),
        Err(error) => forms::back(&org.page, &org.path("/settings"), &form, error),
    }
}
