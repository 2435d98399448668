//! What every page says of quotas that are all but used up.

use leptos::prelude::*;
use server::quotas;

use super::address;
use crate::context::Organization;
use crate::ui::{FlashTone, Notice};

/// The banner, if there is something to say. That it cannot be found out keeps no page from being shown.
pub(crate) async fn banner(org: &Organization) -> Option<AnyView> {
    let nearly = match quotas::banner(&org.access).await {
        Ok(nearly) => nearly,
        Err(error) => {
            tracing::warn!(%error, "nobody is told how full quotas are");
            return None;
        }
    };
    let first = *nearly.first()?;
    let title = if first.percent >= 100 { "A quota is used up" } else { "A quota is all but used up" };
    let (href, name) = (address(org, first.metric, ""), first.metric.name());
    let text = format!(" has reached {} % of its limit.", first.percent);
    let rest = match nearly.len() - 1 {
        0 => None,
        1 => Some(" One more is close to its own.".to_owned()),
        more => Some(format!(" {more} more are close to theirs.")),
    };
    Some(
        view! {
            <Notice tone=FlashTone::Warning title=title>
                <a class="link" href=href>{name}</a>
                {text}
                {rest}
            </Notice>
        }
        .into_any(),
    )
}
