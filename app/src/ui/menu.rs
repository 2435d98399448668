//! Menus: a button and a popover beside it. The browser opens and closes it, so no script is needed.

use super::{
    button::{ButtonVariant, button_class},
    icons::{Icon, IconName},
};
use leptos::prelude::*;

/// One line of a menu.
#[derive(Debug, Clone, PartialEq)]
pub enum MenuItem {
    /// Leads somewhere.
    Link {
        /// The text.
        label: String,
        /// Where to.
        href: String,
        /// A sign before the text.
        icon: IconName,
        /// It leads to something dangerous.
        danger: bool,
        /// What it leads to.
        target: LinkTarget,
    },
    /// Does something at once, by a post.
    Post {
        /// The text, a verb.
        label: String,
        /// Where the post goes.
        action: String,
        /// A sign before the text.
        icon: IconName,
        /// It is dangerous.
        danger: bool,
    },
    /// Sends the form that the menu is in, with this field.
    Submit {
        /// The text, a verb.
        label: String,
        /// The field's name.
        name: &'static str,
        /// Its value.
        value: &'static str,
        /// A sign before the text.
        icon: IconName,
    },
    /// A line between groups.
    Separator,
}

/// What a line of a menu leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkTarget {
    /// A page.
    #[default]
    Page,
    /// A `FormPage`, which scripts show in a dialog.
    Dialog,
    /// A file, which is saved.
    File,
}

impl MenuItem {
    /// A line that leads somewhere.
    pub fn link(icon: IconName, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link { label: label.into(), href: href.into(), icon, danger: false, target: LinkTarget::Page }
    }

    /// The same line, leading to a page that scripts show in a dialog.
    #[must_use]
    pub fn in_dialog(self) -> Self {
        self.to(LinkTarget::Dialog)
    }

    /// The same line, leading to a file.
    #[must_use]
    pub fn download(self) -> Self {
        self.to(LinkTarget::File)
    }

    fn to(mut self, to: LinkTarget) -> Self {
        if let Self::Link { target, .. } = &mut self {
            *target = to;
        }
        self
    }

    /// A line that posts.
    pub fn post(icon: IconName, label: impl Into<String>, action: impl Into<String>) -> Self {
        Self::Post { label: label.into(), action: action.into(), icon, danger: false }
    }

    /// The same line as something dangerous, in red.
    #[must_use]
    pub fn dangerous(mut self) -> Self {
        if let Self::Link { danger, .. } | Self::Post { danger, .. } = &mut self {
            *danger = true;
        }
        self
    }
}

/// The menu at the end of a row, named "Actions for …".
#[component]
pub fn RowMenu(
    /// What the row is called.
    #[prop(into)]
    subject: String,
    /// What is unique to the row, e.g. its id.
    #[prop(into)]
    id: String,
    /// The lines.
    items: Vec<MenuItem>,
) -> impl IntoView {
    let target = format!("menu-{id}");
    let label = format!("Actions for {subject}");
    view! {
        <button type="button" class="btn btn-ghost btn-sm btn-square" popovertarget=target.clone() aria-label=label>
            <Icon name=IconName::ELLIPSIS />
        </button>
        <div class="pop pop-end" id=target popover="auto" data-subject=subject>
            <MenuItems items />
        </div>
    }
}

/// A button with a menu, e.g. "Export" with one line per format.
#[component]
pub fn MenuButton(
    /// The button's text.
    #[prop(into)]
    label: String,
    /// What is unique to it on the page.
    #[prop(into)]
    id: String,
    /// The lines.
    items: Vec<MenuItem>,
    /// How much the button weighs.
    #[prop(optional)]
    variant: ButtonVariant,
    /// A sign before the text.
    #[prop(optional)]
    icon: Option<IconName>,
    /// 28 px high, for toolbars and tables.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let target = format!("menu-{id}");
    view! {
        <div>
            <button type="button" class=button_class(variant, small, false) popovertarget=target.clone()>
                {icon.map(|name| view! { <Icon name /> })}
                {label}
                <Icon name=IconName::CHEVRON_DOWN />
            </button>
            <div class="pop pop-end" id=target popover="auto">
                <MenuItems items />
            </div>
        </div>
    }
}

/// The lines of a menu, for popovers with a button of their own.
#[component]
pub(super) fn MenuItems(items: Vec<MenuItem>) -> impl IntoView {
    let lines = items.into_iter().map(menu_line).collect_view();
    view! { <ul>{lines}</ul> }
}

fn menu_line(item: MenuItem) -> AnyView {
    match item {
        MenuItem::Link { label, href, icon, danger, target } => view! {
            <li>
                <a
                    class="pop-item"
                    class:pop-danger=danger
                    href=href
                    download=(target == LinkTarget::File).then_some("")
                    data-dialog=(target == LinkTarget::Dialog).then_some("")
                >
                    <Icon name=icon />
                    <span>{label}</span>
                </a>
            </li>
        }
        .into_any(),
        MenuItem::Post { label, action, icon, danger } => view! {
            <li>
                <form method="post" action=action>
                    <button class="pop-item" class:pop-danger=danger>
                        <Icon name=icon />
                        <span>{label}</span>
                    </button>
                </form>
            </li>
        }
        .into_any(),
        MenuItem::Submit { label, name, value, icon } => view! {
            <li>
                <button class="pop-item" name=name value=value>
                    <Icon name=icon />
                    <span>{label}</span>
                </button>
            </li>
        }
        .into_any(),
        MenuItem::Separator => view! { <li class="pop-line" aria-hidden="true"></li> }.into_any(),
    }
}
