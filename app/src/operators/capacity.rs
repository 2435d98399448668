//! How large the platform is, and where that is going.

use axum::response::Response;
use domain::operators::{Measure, Reading, outlook};
use leptos::prelude::*;
use server::operators::{self, Capacity, Memory};

use super::Console;
use crate::problems::Fault;
use crate::ui::{Card, EmptyPanel, ExactTime, Fact, Facts, PageHeader, Stat, Stats, number};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(console: Console) -> Result<Response, Fault> {
    let capacity = operators::capacity(&console.access).await?;
    let content = console.clone();
    let page = move || {
        let size = match capacity.readings.last() {
            Some(last) => view! { <Size last=*last /> }.into_any(),
            None => {
                view! { <EmptyPanel title="Nothing is measured yet" text="The portal measures once a day, the first time within the hour after it was started." /> }
                    .into_any()
            }
        };
        view! {
            <PageHeader title="Capacity" lead="How large the platform is, and where that is going." />
            {size}
            <Forecast console=content capacity=capacity.clone() />
            <Server capacity />
        }
        .into_any()
    };
    Ok(console.render("Capacity", page).await)
}

#[component]
fn Size(last: Reading) -> impl IntoView {
    let stats = Measure::ALL
        .iter()
        .map(|measure| view! { <Stat label=measure.name() value=measure.show(last.of(*measure)) /> })
        .collect_view();
    view! { <Stats>{stats}</Stats> }
}

#[component]
fn Forecast(console: Console, capacity: Capacity) -> impl IntoView {
    let zone = console.page.zone();
    let facts = Measure::ALL
        .iter()
        .map(|measure| {
            let told = measure.tell(outlook(*measure, &capacity.readings));
            view! { <Fact term=measure.name()>{told}</Fact> }
        })
        .collect_view();
    let taken = capacity.taken_at.map(|at| {
        view! { <p class="mt-4 text-md text-muted">"Measured once a day, last on " <ExactTime at zone /> "."</p> }
    });
    view! {
        <Card title="Forecast" lead="If it goes on as in the last weeks.">
            <Facts>{facts}</Facts>
            {taken}
        </Card>
    }
}

/// What is held of the server now.
#[component]
fn Server(capacity: Capacity) -> impl IntoView {
    let connections = format!("{} of {} in use", number(capacity.connections), number(capacity.connections_max));
    let memory = match capacity.memory {
        Some(Memory { bytes, processes }) => {
            let bytes = Measure::Bytes.show(i64::try_from(bytes).unwrap_or(i64::MAX));
            let processes = if processes == 1 { "one process".to_owned() } else { format!("{processes} processes") };
            format!("About {bytes} of their own in {processes} of the database")
        }
        None => "Not known here: the database runs elsewhere, or as somebody else.".to_owned(),
    };
    view! {
        <Card title="Server" lead="At this moment.">
            <Facts>
                <Fact term="Connections">{connections}</Fact>
                <Fact term="Memory">{memory}</Fact>
            </Facts>
        </Card>
    }
}
