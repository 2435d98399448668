//! How a whole is divided: one bar, and a line for each part.

use leptos::prelude::*;

use super::bars::Hatching;
use super::legend::{Key, Swatch};
use super::scale::{percent, share};
use super::{ChartTable, Counted};
use crate::ui::number;

/// A part of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharePart {
    /// Its colour, and what it is called.
    pub key: Key,
    /// How many there are of it.
    pub count: u64,
    /// The list of them.
    pub href: String,
}

/// The bar, and its parts with their figures, each leading to its list.
#[component]
pub fn Share(
    /// What is unique to it on the page.
    id: &'static str,
    /// What it shows.
    title: &'static str,
    /// What is counted.
    what: Counted,
    /// The parts, from left to right.
    parts: Vec<SharePart>,
) -> impl IntoView {
    let all: u64 = parts.iter().map(|part| part.count).sum();
    if all == 0 {
        return view! { <p class="text-md text-muted">{format!("There are no {} yet.", what.1)}</p> }.into_any();
    }
    let told = |part: &SharePart| format!("{}: {}, {}", part.key.label, what.of(part.count), whole(part.count, all));
    let description = parts.iter().map(told).collect::<Vec<_>>().join(". ");
    let mut from = 0;
    let bars = parts.iter().filter(|part| part.count > 0).map(|part| {
        let (x, width) = (percent(share(from, all)), percent(share(part.count, all)));
        from += part.count;
        view! {
            <g>
                <title>{told(part)}</title>
                <rect class=part.key.class fill=part.key.fill x=x y="0" width=width height="100%"></rect>
            </g>
        }
    });
    let bars = bars.collect_view();
    let rows = parts.iter().map(|part| (part.key.label.to_owned(), vec![part.count])).collect();
    let lines = parts.into_iter().map(|part| view! { <Line part all /> }).collect_view();
    let (labelled_by, described_by) = (format!("{id}-title"), format!("{id}-description"));
    let (title_id, description_id) = (labelled_by.clone(), described_by.clone());
    view! {
        <div class="share">
            <svg class="share-bar" role="img" aria-labelledby=labelled_by aria-describedby=described_by>
                <title id=title_id>{title}</title>
                <desc id=description_id>{description}</desc>
                <Hatching />
                {bars}
            </svg>
            <ul class="share-parts">{lines}</ul>
        </div>
        <ChartTable id label=title first="Part" heads=vec!["Number"] rows />
    }
    .into_any()
}

/// A part, how many there are of it, and how much of the whole that is.
#[component]
fn Line(part: SharePart, all: u64) -> impl IntoView {
    let SharePart { key, count, href } = part;
    view! {
        <li>
            <Swatch key />
            <a class="link-quiet" href=href>{key.label}</a>
            <span class="num">{number(count)}</span>
            <span class="num text-muted">{whole(count, all)}</span>
        </li>
    }
}

/// How much of the whole some are, in whole percent.
fn whole(part: u64, of: u64) -> String {
    match (part, (part * 200 + of) / (2 * of.max(1))) {
        (0, _) => "0 %".to_owned(),
        (_, 0) => "less than 1 %".to_owned(),
        (part, 100) if part < of => "more than 99 %".to_owned(),
        (_, percent) => format!("{percent} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn nobody_and_everybody_are_said_of_nobody_and_everybody_alone() {
        for (part, of, told) in [
            (0, 10, "0 %"),
            (1, 1_000, "less than 1 %"),
            (999, 1_000, "more than 99 %"),
            (1_000, 1_000, "100 %"),
            (1, 3, "33 %"),
            (2, 3, "67 %"),
        ] {
            assert_eq!(whole(part, of), told, "{part} of {of}");
        }
    }
}
