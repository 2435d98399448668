//! Line drawings for pages with nothing on them yet.

use leptos::prelude::*;

/// Which drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    /// A letter on its way.
    Letter,
    /// A magnifier that found nothing.
    Search,
    /// A key.
    Key,
}

impl Drawing {
    /// Paths for a canvas of 112 × 80; those of class `lit` are in the accent.
    fn paths(self) -> &'static str {
        match self {
            Self::Letter => {
                r#"<rect x="28" y="18" width="60" height="44" rx="4"/><path class="lit" d="m29 22 24 20a8 8 0 0 0 10 0l24-20"/><path d="m30 60 18-19M86 60 68 41M8 30h12M4 42h14M10 54h10"/>"#
            }
            Self::Key => {
                r#"<circle class="lit" cx="36" cy="40" r="15"/><circle cx="36" cy="40" r="5"/><path class="lit" d="M51 40h45v11M84 40v8"/><path d="M12 12h38M60 12h22M8 68h26M46 68h44"/>"#
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
