//! Avatars from initials: no pictures to upload, leak or wait for.

use leptos::prelude::*;

/// How many hues `style/parts.css` knows (`avatar-h0` …).
const HUES: u32 = 8;

/// How large an avatar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AvatarSize {
    /// 24 px, in a line of text.
    Small,
    /// 32 px, in a table.
    #[default]
    Normal,
    /// 48 px, at the head of a person's page.
    Large,
}

impl AvatarSize {
    fn class(self) -> &'static str {
        match self {
            Self::Small => "avatar-sm",
            Self::Normal => "",
            Self::Large => "avatar-lg",
        }
    }
}

/// A person's initials on a colour that stays theirs. Decoration: the name stands beside it.
#[component]
pub fn Avatar(
    /// Whose initials.
    #[prop(into)]
    name: String,
    /// What the colour follows: an id, so that it survives a change of name.
    #[prop(into)]
    id: String,
    /// How large.
    #[prop(optional)]
    size: AvatarSize,
) -> impl IntoView {
    let class = format!("avatar avatar-h{} {}", hue(&id), size.class());
    view! {
        <span class=class aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

/// An organization's first letter on the accent.
#[component]
pub fn Mark(
    /// The organization's name.
    #[prop(into)]
    name: String,
    /// In a menu instead of the sidebar.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let letter: String = initials(&name).chars().take(1).collect();
    view! {
        <span class="mark" class:mark-sm=small aria-hidden="true">
            {letter}
        </span>
    }
}

/// The first letters of the first and the last word, e.g. `AÖ`; a sign such as an emoji when there is no letter.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    let last = letters.next_back();
    match first {
        Some(first) => first.to_uppercase().take(1).chain(last.iter().flat_map(|c| c.to_uppercase().take(1))).collect(),
        None => name.trim().chars().take(1).collect(),
    }
}

/// FNV-1a over the id: stable across processes and releases, which the standard hasher is not. Its low bits alone
/// vary little between similar ids, so the high ones are folded in.
fn hue(id: &str) -> u32 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 15) ^ (hash >> 24)) % HUES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_the_first_letters_of_first_and_last_word() {
        assert_eq!(initials("Ada Öberg"), "AÖ");
        assert_eq!(initials("chidi nnamdi okonkwo-whitfield"), "CO");
        assert_eq!(initials("Cher"), "C");
        assert_eq!(initials("  (she) 李 "), "S李");
    }

    #[test]
    fn a_name_without_letters_shows_its_first_sign() {
        assert_eq!(initials("🦊"), "🦊");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_letter_that_grows_in_upper_case_stays_one() {
        assert_eq!(initials("ßeta ŉa"), "Sʼ");
    }

    #[test]
    fn the_colour_of_an_id_never_changes() {
        assert_eq!(hue("0199f0c2-6f6e-7cc3-9a51-000000000001"), 5);
        assert_eq!(hue("0199f0c2-6f6e-7cc3-9a51-000000000002"), 1);
    }
}
