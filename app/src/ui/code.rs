//! Text for machines: ids, hashes, codes.

use leptos::prelude::*;

/// An id or a hash, shortened in the middle; whole on hover and for whoever asks for its title.
#[component]
pub fn ShortId(
    /// The whole of it.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let short = shorten(&value);
    view! {
        <code class="mono" title=value>
            {short}
        </code>
    }
}

/// A few codes to write down, each on a line that is selected by one click.
#[component]
pub fn CodeList(
    /// An id, for a `CopyButton`.
    #[prop(into)]
    id: String,
    /// The codes.
    codes: Vec<String>,
) -> impl IntoView {
    let lines = codes.into_iter().map(|code| view! { <li>{code} "\n"</li> }).collect_view();
    view! {
        <ul class="codes" id=id>
            {lines}
        </ul>
    }
}

/// The first eight and the last four signs, where that is shorter.
fn shorten(value: &str) -> String {
    let signs: Vec<char> = value.chars().collect();
    match signs.as_slice() {
        [head @ .., _, _, _, _] if head.len() > 12 => {
            let tail = &signs[signs.len() - 4..];
            head[..8].iter().chain(&['…']).chain(tail).collect()
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_lose_their_middle() {
        assert_eq!(shorten("0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1"), "0199f0c2…a6d1");
        assert_eq!(shorten("acme-manufacture"), "acme-manufacture");
        assert_eq!(shorten(""), "");
    }
}
