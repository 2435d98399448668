//! Profile and security.

use axum::response::Response;
use domain::accounts::{Account, Theme};
use leptos::prelude::*;
use server::accounts::address;
use server::{accounts, factors, sessions};

use super::authenticators::AuthenticatorCard;
use super::email::PendingCard;
use super::passkeys::{self, PasskeyCard};
use super::recovery::RecoveryCard;
use super::render;
use super::summary::{State, SummaryCard};
use crate::context::{FormState, PageContext};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonLink, ButtonVariant, Card, CheckboxField, Choice, DangerZone, ErrorSummary, Field, FieldKind, Form,
    FormFoot, Narrow, NewPasswordField, PageHeader, RadioGroup, SelectField, SelectOption,
};

/// Name, time zone, theme, and whether single keys do something.
///
/// # Errors
/// A page about it.
pub async fn profile_page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let pending = address::pending(&page.request, visitor).await?;
    let account = visitor.account.clone();
    let (context, form) = (page.clone(), page.form("/account"));
    let view = move || {
        let errors = form.errors();
        view! {
            <PageHeader title="Profile" lead="How organizations and their members see you." />
            <Narrow>
                <ErrorSummary errors title="The profile was not saved" />
                {pending.map(|pending| view! { <PendingCard page=context pending /> })}
                <Card title="You">
                    <ProfileForm account form />
                </Card>
                <DangerZone
                    title="Delete account"
                    text="You leave every organization, and everything that is only yours is deleted."
                >
                    <ButtonLink href="/account/delete" variant=ButtonVariant::Caution>
                        "Delete account"
                    </ButtonLink>
                </DangerZone>
            </Narrow>
        }
        .into_any()
    };
    render(&page, "Profile", view).await
}

#[component]
fn ProfileForm(account: Account, form: FormState) -> impl IntoView {
    let themes =
        Theme::ALL.iter().map(|theme| Choice { value: theme.code().into(), label: theme.name().into(), help: None });
    view! {
        <Form action="/account">
            <Field name="name" label="Full name" value=form.value_or("name", &account.name) error=form.error("name") autocomplete="name" required=true />
            <Field
                name="email"
                label="Email"
                kind=FieldKind::Email
                value=account.email.clone()
                help="You sign in with it."
                readonly=true
                aside=|| view! { <a class="link" href="/account/email">"Change email"</a> }
            />
            <SelectField
                name="time_zone"
                label="Time zone"
                options=zones()
                value=form.value_or("time_zone", &account.time_zone)
                help="Times are shown in it."
                error=form.error("time_zone")
            />
            <RadioGroup name="theme" label="Theme" choices=themes.collect() value=form.value_or("theme", account.theme.code()) error=form.error("theme") />
            <CheckboxField
                name="shortcuts"
                label="Keyboard shortcuts"
                checked=!form.value_or("shortcuts", if account.shortcuts { "true" } else { "" }).is_empty()
                help="Single keys lead to pages and to the search: press ? for a list. Without them, Ctrl K still opens the palette."
            />
            <FormFoot>
                <Button variant=ButtonVariant::Primary>"Save profile"</Button>
            </FormFoot>
        </Form>
    }
}

/// Every zone of the bundled database that is named after a place, and UTC.
fn zones() -> Vec<SelectOption> {
    let zones = jiff::tz::db().available().map(|zone| zone.as_str().to_owned());
    let mut names: Vec<String> = zones.filter(|name| name.contains('/') && !name.starts_with("Etc/")).collect();
    names.sort();
    std::iter::once("UTC".to_owned())
        .chain(names)
        .map(|name| SelectOption::new(name.clone(), name.replace('_', " ")))
        .collect()
}

/// The password, and what else one signs in with.
///
/// # Errors
/// A page about it.
pub async fn security_page(page: PageContext) -> Result<Response, Fault> {
    let (form, new_passkey) = (page.form("/account/security"), page.form(passkeys::ADDRESS));
    let visitor = page.signed_in()?;
    let apps = factors::list(&page.request, visitor).await?;
    let left = factors::recovery_codes_left(&page.request, visitor).await?;
    let passkeys = factors::passkeys::list(&page.request, visitor).await?;
    let sessions = sessions::list(&page.request, visitor).await?.len();
    let password_changed_at = accounts::password_changed_at(&page.request, visitor).await?;
    let needed = !apps.is_empty() || !passkeys.is_empty();
    // Where browsers make none, there is nothing to say about them.
    let passkeys = Some(passkeys).filter(|_| factors::passkeys::are_possible(&page.request));
    let (context, email) = (page.clone(), visitor.account.email.clone());
    let state = State {
        email: email.clone(),
        email_proven: visitor.account.email_proven,
        password_changed_at,
        apps: apps.len(),
        passkeys: passkeys.as_ref().map(Vec::len),
        codes_left: left,
        sessions,
    };
    let organizations = visitor.organizations();
    let about =
        [visitor.account.name.as_str(), &email].into_iter().chain(organizations.iter().map(|it| it.name.as_str()));
    let about = about.collect::<Vec<_>>().join("\n");
    let view = move || {
        let errors = form.errors();
        view! {
            <PageHeader title="Security" lead="How you sign in." />
            <Narrow>
            <ErrorSummary errors title="The password was not changed" />
            <ErrorSummary errors=new_passkey.errors() title="The passkey was not added" />
            <SummaryCard page=context.clone() state />
            <Card title="Password" lead="Changing it signs you out everywhere else.">
                <Form action="/account/security">
                    <input class="hidden" r#type="text" name="username" autocomplete="username" value=email aria-hidden="true" tabindex="-1" readonly=true />
                    <Field name="current" label="Current password" kind=FieldKind::Password error=form.error("current") autocomplete="current-password" required=true />
                    <NewPasswordField label="New password" about error=form.error("password") />
                    <FormFoot>
                        <Button variant=ButtonVariant::Primary>"Change password"</Button>
                    </FormFoot>
                </Form>
            </Card>
            {passkeys.map(|passkeys| view! { <PasskeyCard page=context.clone() passkeys form=new_passkey.clone() /> })}
            <AuthenticatorCard page=context apps />
            <RecoveryCard needed left />
            </Narrow>
        }
        .into_any()
    };
    render(&page, "Security", view).await
}
