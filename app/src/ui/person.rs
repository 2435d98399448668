//! A person in a table: avatar, name, address.

use super::avatar::Avatar;
use leptos::prelude::*;

/// Avatar, name and address in two lines. Names keep their own direction of writing.
#[component]
pub fn Person(
    /// The name; the address when there is none.
    #[prop(into)]
    name: String,
    /// The address.
    #[prop(into)]
    email: String,
    /// What the avatar's colour follows.
    #[prop(into)]
    id: String,
    /// The person's page, when the reader may see it.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
) -> impl IntoView {
    let title = name.clone();
    let bdi = view! { <bdi>{name.clone()}</bdi> };
    let shown = match href {
        Some(href) => view! { <a href=href title=title>{bdi}</a> }.into_any(),
        None => view! { <span title=title>{bdi}</span> }.into_any(),
    };
    view! {
        <div class="person">
            <Avatar name id />
            <div>
                {shown}
                <span title=email.clone()>{email.clone()}</span>
            </div>
        </div>
    }
}
