//! The overview: every quota, and how full it is.

use axum::Form;
use axum::response::Response;
use domain::quotas::{Kind, TimeZoneForm};
use domain::roles::Permission;
use leptos::prelude::*;
use server::quotas::{self, Overview, QuotaView};

use super::address;
use super::parts::{Enforcement, Standing, outlook};
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, Card, Drawing, EmptyState, ErrorSummary, Form as FormView, FormFoot, Narrow, PageHeader,
    Panel, SelectField, SelectOption,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let overview = quotas::overview(&org.access).await?;
    let content = org.clone();
    let form = org.page.form(&org.path("/quotas"));
    let page = move || {
        let Overview { plan, time_zone, quotas, is_used } = overview;
        let lead = format!("What services may use. The plan is {}.", plan.name());
        let errors = form.errors();
        let editable = content.access.may(Permission::ManageQuotas);
        let (switches, others): (Vec<_>, Vec<_>) =
            quotas.into_iter().partition(|view| view.counter.metric.kind() == Kind::Switch);
        let tiles = |all: Vec<QuotaView>| {
            let tiles = all.into_iter().map(|view| view! { <Tile org=content.clone() view /> }).collect_view();
            view! { <div class="mb-5 grid items-stretch gap-4 lg:grid-cols-2 xl:grid-cols-3">{tiles}</div> }
        };
        let (switches, others) = (tiles(switches), tiles(others));
        let first = (!is_used).then(|| view! { <FirstSteps org=content.clone() /> });
        let asked = content.clone();
        let zone = editable.then(|| view! { <Narrow><ZoneCard org=asked time_zone form /></Narrow> });
        view! {
            <PageHeader title="Quotas" lead />
            <ErrorSummary errors title="Nothing was saved" />
            {first}
            {others}
            <h2 class="card-title mb-3">"Domains"</h2>
            {switches}
            {zone}
        }
        .into_any()
    };
    Ok(org.render("Quotas", page).await)
}

/// One quota, with the way to its page.
#[component]
fn Tile(org: Organization, view: QuotaView) -> impl IntoView {
    let (metric, outlook) = (view.counter.metric, outlook(&view));
    let href = address(&org, metric, "");
    let info = metric.info();
    let counter = view.counter;
    view! {
        <section class="panel grid content-start gap-3 p-5">
            <div class="flex flex-wrap items-center gap-2">
                <h2 class="card-title min-w-0 flex-1"><a class="link-quiet" href=href>{metric.name()}</a></h2>
                <Enforcement counter=counter.clone() />
            </div>
            <p class="text-md text-muted">{info.what}</p>
            <Standing counter />
            {outlook.map(|text| view! { <p class="text-md text-muted">{text}</p> })}
        </section>
    }
}

/// What somebody does in an organization whose services have not used anything.
#[component]
fn FirstSteps(org: Organization) -> impl IntoView {
    let base = org.page.state.portal.settings().base_url.clone();
    let example = format!(
        "curl {base}/api/v1/quotas/reservations \\\n  -H 'Authorization: Bearer <key>' -H 'Content-Type: application/json' \\\n  -d '{{\"amounts\": {{\"requests_per_day\": 1}}}}'"
    );
    view! {
        <Panel>
            <EmptyState
                drawing=Drawing::Search
                title="Nothing was used yet"
                text="A service reserves what it is about to use, and settles what it has used. With an API key that looks like this:"
                action=move || view! { <pre class="mono max-w-full overflow-x-auto text-start text-sm" tabindex="0">{example}</pre> }
            />
        </Panel>
    }
}

/// By which clocks windows begin and end.
#[component]
fn ZoneCard(org: Organization, time_zone: String, form: FormState) -> impl IntoView {
    let zones = jiff::tz::db().available().map(|zone| zone.as_str().to_owned());
    let options = zones.map(|zone| SelectOption::new(zone.clone(), zone)).collect();
    view! {
        <Card title="Windows" lead="By these clocks days and months begin. Another zone holds from the next window on.">
            <FormView action=org.path("/quotas")>
                <SelectField
                    name="time_zone"
                    label="Time zone"
                    options
                    value=form.value_or("time_zone", &time_zone)
                    error=form.error("time_zone")
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Save"</Button>
                </FormFoot>
            </FormView>
        </Card>
    }
}

/// Sets the time zone of windows.
///
/// # Errors
/// A page about it.
pub async fn set_time_zone(org: Organization, Form(form): Form<TimeZoneForm>) -> Answer {
    let page = org.path("/quotas");
    match quotas::set_time_zone(&org.access, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::QuotaZoneSaved)),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}
