//! The document around every page.

use domain::accounts::Theme;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;

use crate::state::Assets;
use crate::ui::sprite;

/// What a document needs beside its page.
#[derive(Clone)]
pub(crate) struct Head {
    /// The page's title; the product's name is added.
    pub(crate) title: String,
    /// What the person chose.
    pub(crate) theme: Theme,
    /// Whether single keys do something.
    pub(crate) shortcuts: bool,
}

/// The theme's name in `style/main.css`; none follows the system.
fn theme_name(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::System => None,
        Theme::Light => Some("portcullis"),
        Theme::Dark => Some("portcullis-dark"),
    }
}

/// The whole document. Scripts come along only where the page has an island to wake.
pub(crate) fn document(assets: &Assets, head: Head, page: AnyView) -> impl IntoView + use<> {
    // A title holds text only: the renderer's own marks would be read as part of it.
    let title = format!("{} · Portcullis", head.title).replace('&', "&amp;").replace('<', "&lt;");
    let keys = (!head.shortcuts).then_some("off");
    let mut page = without_marks(&page.to_html());
    let has_islands = page.contains(ISLAND);
    page.push_str(&sprite(&page));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme_name(head.theme) data-keys=keys>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title inner_html=title />
                <link rel="preload" href="/fonts/inter-latin-wght-normal.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous" />
                <link rel="stylesheet" href=assets.stylesheet.clone() />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                {has_islands.then(|| InertElement::new(wake_up(assets)))}
            </head>
            <body>{InertElement::new(page)}</body>
        </html>
    }
}

/// The scripts that wake up a page's islands. Leptos has them wait until the browser is idle, without an end: on a
/// machine that is busy with other things the page would stay as it is.
///
/// They are the same on every page but for the nonce, and Leptos would look for their files' names anew for each: so
/// they are kept in pieces, between which the nonce goes.
fn wake_up(assets: &Assets) -> String {
    let nonce = use_nonce().map_or_else(String::new, |nonce| nonce.to_string());
    let pieces = assets.wake_up.get_or_init(|| {
        let scripts = view! { <HydrationScripts options=assets.options.clone() islands=true /> }.to_html();
        let soon = scripts.replace("window.requestIdleCallback(c)", "window.requestIdleCallback(c, { timeout: 1000 })");
        soon.split(&nonce).map(str::to_owned).collect()
    });
    pieces.join(&nonce)
}

const ISLAND: &str = "<leptos-island";
const ISLAND_END: &str = "</leptos-island>";

/// A page without the empty comments by which a browser that builds the same views finds its way: it builds those of
/// islands alone, which keep theirs.
fn without_marks(page: &str) -> String {
    let unmarked = |html: &str| html.replace("<!>", "");
    let mut parts = page.split(ISLAND);
    let mut html = unmarked(parts.next().unwrap_or_default());
    for part in parts {
        let (island, rest) = part.split_once(ISLAND_END).unwrap_or((part, ""));
        html.extend([ISLAND, island, ISLAND_END, &unmarked(rest)]);
    }
    html
}

/// The policy that lets this document run its own scripts and nothing else.
pub(crate) fn content_security_policy() -> String {
    let nonce = use_nonce().map_or_else(String::new, |nonce| nonce.to_string());
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_left_to_islands_alone() {
        let island = "<leptos-island data-component=\"Live\"><b>c<!></b><!></leptos-island>";
        assert_eq!(
            without_marks(&format!("<p>a<!>b</p><!>{island}<!><p>d<!></p>")),
            format!("<p>ab</p>{island}<p>d</p>")
        );
        assert_eq!(without_marks(&format!("{island}{island}")), format!("{island}{island}"));
        assert_eq!(without_marks("<p>&lt;!&gt;</p>"), "<p>&lt;!&gt;</p>");
    }
}
