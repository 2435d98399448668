//! How the audit log stands.

use leptos::prelude::*;
use server::security::LogState;
use time::OffsetDateTime;

use crate::context::Organization;
use crate::ui::{Badge, Card, Fact, Facts, TimeAgo, Tone, number};

/// How long it is, up to where a checkpoint vouches for it, and whether detections look at what happens.
#[component]
pub(super) fn LogCard(org: Organization, log: LogState, set_aside: Option<OffsetDateTime>) -> impl IntoView {
    let LogState { size, checkpoint, damaged } = log;
    let (trail, checkpoints) = (org.path("/audit"), org.path("/audit/checkpoints"));
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (tone, label) = if damaged { (Tone::Bad, "Damaged") } else { (Tone::Ok, "No damage found") };
    let vouched = match checkpoint {
        Some((covered, at)) => {
            let text = format!("{} entries, ", number(covered));
            view! { <a class="link" href=checkpoints.clone()>{text} <TimeAgo at now zone /></a> }.into_any()
        }
        None => view! { <span>"None yet"</span> }.into_any(),
    };
    let detections_zone = org.page.zone();
    let detections = set_aside.map(|at| {
        view! {
            <Fact term="Detections">
                <Badge tone=Tone::Bad label="Not working" />
                <p class="text-muted">
                    "What happened since "<TimeAgo at now zone=detections_zone />
                    " may have raised no alert. Tell whoever runs this portal: their log says why."
                </p>
            </Fact>
        }
    });
    view! {
        <Card
            title="Audit log"
            actions=move || view! { <a class="link text-md" href=checkpoints>"Checkpoints"</a> }
        >
            <Facts>
                <Fact term="State">
                    <Badge tone label />
                </Fact>
                <Fact term="Entries">
                    <a class="link" href=trail>{number(size)}</a>
                </Fact>
                <Fact term="Last checkpoint">{vouched}</Fact>
                {detections}
            </Facts>
        </Card>
    }
}
