//! Line drawings for pages with nothing on them yet.

use leptos::prelude::*;

/// Which drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drawing {
    /// A raised gate.
    #[default]
    Gate,
    /// A few people.
    People,
    /// A letter on its way.
    Letter,
    /// A record with lines.
    Record,
    /// A key.
    Key,
    /// A magnifier that found nothing.
    Search,
}

impl Drawing {
    /// Paths for a canvas of 112 × 80; those of class `lit` are in the accent.
    fn paths(self) -> &'static str {
        match self {
            Self::Gate => {
                r#"<path d="M14 74h84M26 74V34a30 30 0 0 1 60 0v40M34 74V36a22 22 0 0 1 44 0v38"/><path class="lit" d="M42 21v27l-2 4m2-4 2 4M52 15v33l-2 4m2-4 2 4M61 15v33l-2 4m2-4 2 4M70 21v27l-2 4m2-4 2 4M35 32h42M36 42h40"/>"#
            }
            Self::People => {
                r#"<circle cx="30" cy="34" r="9"/><path d="M12 66c1-12 8-18 18-18 4 0 7 1 10 3"/><circle cx="82" cy="34" r="9"/><path d="M100 66c-1-12-8-18-18-18-4 0-7 1-10 3"/><circle class="lit" cx="56" cy="28" r="12"/><path class="lit" d="M32 74c1-17 11-26 24-26s23 9 24 26Z"/>"#
            }
            Self::Letter => {
                r#"<rect x="28" y="18" width="60" height="44" rx="4"/><path class="lit" d="m29 22 24 20a8 8 0 0 0 10 0l24-20"/><path d="m30 60 18-19M86 60 68 41M8 30h12M4 42h14M10 54h10"/>"#
            }
            Self::Record => {
                r#"<path d="M30 8h42l12 12v52H30Z"/><path d="M72 8v12h12"/><path d="M40 44h34M40 54h34M40 64h20"/><path class="lit" d="m40 29 5 5 9-10M62 32h12"/>"#
            }
            Self::Key => {
                r#"<circle class="lit" cx="36" cy="40" r="18"/><circle class="lit" cx="32" cy="40" r="4"/><path d="M54 36h46v8H90v10h-8V44h-8v6h-8v-6H54"/>"#
            }
            Self::Search => {
                r#"<path d="M10 20h34M10 34h26M10 48h30M10 62h44"/><circle class="lit" cx="68" cy="36" r="20"/><path class="lit" d="m82 51 18 19"/><path d="m61 29 14 14m0-14L61 43"/>"#
            }
        }
    }
}

/// The drawing itself; decoration.
#[component]
pub fn LineDrawing(
    /// Which one.
    drawing: Drawing,
) -> impl IntoView {
    view! { <svg viewBox="0 0 112 80" aria-hidden="true" inner_html=drawing.paths()></svg> }
}
