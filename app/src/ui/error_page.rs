//! What people see when there is no page to show.

use super::brand::Brand;
use leptos::{children::ViewFnOnce, prelude::*};

/// A page of its own, outside of any frame: what happened, what to do, and the number that helps to find out why.
#[component]
pub fn ErrorPage(
    /// The HTTP status.
    status: u16,
    /// What happened, e.g. "Page not found".
    #[prop(into)]
    title: String,
    /// What to do now.
    #[prop(into)]
    text: String,
    /// The request's id, where asking for help makes sense.
    #[prop(optional_no_strip, into)]
    request_id: Option<String>,
    /// The way on.
    #[prop(optional, into)]
    action: Option<ViewFnOnce>,
) -> impl IntoView {
    view! {
        <main class="auth" id="main">
            <div class="auth-column text-center">
                <Brand />
                <p class="num mt-10 text-sm font-medium text-muted">{status}</p>
                <h1 class="mt-1 text-2xl font-semibold">{title}</h1>
                <p class="mt-2 text-muted">{text}</p>
                {action.map(|action| view! { <div class="mt-6 flex justify-center gap-2">{action.run()}</div> })}
                {request_id
                    .map(|id| {
                        view! {
                            <p class="mt-8 text-sm text-muted">
                                "Request " <code class="mono select-all">{id}</code>
                            </p>
                        }
                    })}
            </div>
        </main>
    }
}
