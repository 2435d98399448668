//! Bars that stand side by side, each made of parts.

use leptos::prelude::*;

use super::legend::Key;
use super::scale::{WHOLE, percent, share};

/// What is there is seen, however little it is.
const SEEN: u64 = 120;
/// How wide the room of one bar is, in parts.
const ROOM: u64 = 40;

/// How a part is filled that is not told by its colour alone: a chart that uses it has a [`Hatching`].
pub const HATCHED: Option<&str> = Some("url(#chart-hatching)");

/// The pattern of [`HATCHED`], once on a page.
#[component]
pub fn Hatching() -> impl IntoView {
    view! {
        <defs>
            <pattern
                id="chart-hatching"
                width="4"
                height="4"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
            >
                <rect class="chart-hatch-ground" width="4" height="4"></rect>
                <rect class="chart-hatch-line" width="2.4" height="4"></rect>
            </pattern>
        </defs>
    }
}

/// The bar of one step; on hover it tells its figures.
#[component]
pub fn Bar(
    /// What it tells.
    title: String,
    /// Which step it is.
    place: u64,
    /// How many steps there are.
    of: u64,
    /// The number that reaches to the top.
    top: u64,
    /// Its parts, from the ground up.
    parts: Vec<(Key, u64)>,
) -> impl IntoView {
    let across = |part: u64| percent(share(part, of * ROOM));
    // Between two bars there is some room, and no bar is wider than a twentieth of all.
    let width = 2 * of.min(14);
    let (x, slot) = (across(place * ROOM + (ROOM - width) / 2), across(place * ROOM));
    let (width, room) = (across(width), across(ROOM));
    let mut ground = WHOLE;
    let parts = parts.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| {
        let height = share(count, top).max(SEEN).min(ground);
        ground -= height;
        let (x, y, width, height) = (x.clone(), percent(ground), width.clone(), percent(height));
        view! { <rect class=key.class fill=key.fill x=x y=y width=width height=height></rect> }
    });
    let parts = parts.collect_view();
    view! {
        <g class="chart-day">
            <title>{title}</title>
            <rect class="chart-slot" x=slot y="0%" width=room height="100%"></rect>
            {parts}
        </g>
    }
}
