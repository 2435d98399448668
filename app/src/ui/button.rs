//! Buttons and links that look like one. A button's text is a verb: "Send invitation".

use super::icons::{Icon, IconName};
use leptos::prelude::*;

/// How much a button weighs on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonVariant {
    /// The one thing to do here. At most one in sight.
    Primary,
    /// What else can be done.
    #[default]
    Outline,
    /// Quiet acts, as in a toolbar.
    Ghost,
    /// An act that destroys or shuts out; inside a danger zone or on a page that asks once more.
    Danger,
    /// What leads to such a page: red, and no heavier than what stands beside it.
    Caution,
}

impl ButtonVariant {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Outline => "btn btn-line",
            Self::Ghost => "btn btn-ghost",
            Self::Danger => "btn btn-error",
            Self::Caution => "btn btn-line btn-caution",
        }
    }
}

/// The classes of a button, for elements that have to be something else, such as a `<summary>`.
#[must_use]
pub fn button_class(variant: ButtonVariant, small: bool, wide: bool) -> String {
    let mut class = variant.class().to_owned();
    if small {
        class.push_str(" btn-sm");
    }
    if wide {
        class.push_str(" w-full");
    }
    class
}

/// A button that submits the form around it, or the one named by `form`.
#[component]
#[expect(clippy::fn_params_excessive_bools, reason = "props are named wherever they are given")]
pub fn Button(
    /// How much it weighs.
    #[prop(optional)]
    variant: ButtonVariant,
    /// 28 px high, for toolbars and tables.
    #[prop(optional)]
    small: bool,
    /// As wide as its container.
    #[prop(optional)]
    wide: bool,
    /// A sign before the text.
    #[prop(optional)]
    icon: Option<IconName>,
    /// Not now; say beside it why.
    #[prop(optional)]
    disabled: bool,
    /// The id of the form it submits, when it stands outside of it.
    #[prop(optional, into)]
    form: Option<String>,
    /// Where the form goes by this button instead of its own action.
    #[prop(optional, into)]
    formaction: Option<String>,
    /// With `value`, what the form says when this button sent it.
    #[prop(optional, into)]
    name: Option<String>,
    /// See `name`.
    #[prop(optional, into)]
    value: Option<String>,
    /// An id, for islands that listen to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// What it is called where the verb alone would not say what of, as in "Remove Ada Öberg".
    #[prop(optional, into)]
    label: Option<String>,
    /// `type="button"`: does nothing by itself.
    #[prop(optional)]
    inert: bool,
    /// The verb.
    children: Children,
) -> impl IntoView {
    let class = button_class(variant, small, wide);
    let kind = if inert { "button" } else { "submit" };
    view! {
        <button type=kind class=class id=id aria-label=label form=form formaction=formaction name=name value=value disabled=disabled>
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </button>
    }
}

/// A link with the weight of a button.
#[component]
#[expect(clippy::fn_params_excessive_bools, reason = "props are named wherever they are given")]
pub fn ButtonLink(
    /// Where to.
    #[prop(into)]
    href: String,
    /// How much it weighs.
    #[prop(optional)]
    variant: ButtonVariant,
    /// 28 px high, for toolbars and tables.
    #[prop(optional)]
    small: bool,
    /// As wide as its container.
    #[prop(optional)]
    wide: bool,
    /// A sign before the text.
    #[prop(optional)]
    icon: Option<IconName>,
    /// Save what comes as a file instead of showing it.
    #[prop(optional)]
    download: bool,
    /// It leads to a `FormPage`, which scripts show in a dialog.
    #[prop(optional)]
    dialog: bool,
    /// The text.
    children: Children,
) -> impl IntoView {
    let class = button_class(variant, small, wide);
    view! {
        <a href=href class=class download=download.then_some("") data-dialog=dialog.then_some("")>
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </a>
    }
}

/// The way back from a form; closes the dialog that it is in.
#[component]
pub fn CancelLink(
    /// Where to.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    view! {
        <a href=href class=button_class(ButtonVariant::Outline, false, false) data-dismiss="">
            "Cancel"
        </a>
    }
}
