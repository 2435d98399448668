//! The page of what somebody keeps of a list under names: links to it, and the form that keeps another.

use domain::ids::SavedFilterId;
use leptos::prelude::*;

use crate::context::FormState;
use crate::ui::{
    Button, ButtonVariant, CancelLink, Crumb, ErrorSummary, Field, Form, FormFoot, FormPage, HiddenField, IconName,
};

/// How a list calls what is kept of it.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// One of them, such as "view".
    pub(crate) one: &'static str,
    /// What they are for.
    pub(crate) lead: &'static str,
    /// What to do before one can be kept.
    pub(crate) first: &'static str,
    /// A name that one could have.
    pub(crate) example: &'static str,
}

/// One that is kept.
pub(crate) struct Kept {
    pub(crate) id: SavedFilterId,
    pub(crate) name: String,
    /// The list's address with it.
    pub(crate) href: String,
    /// What it asks for.
    pub(crate) asks: String,
}

/// What can be kept now: what the list was asked for.
pub(crate) struct Asked {
    pub(crate) query: String,
    /// The list's address with it.
    pub(crate) href: String,
    /// What it asks for.
    pub(crate) asks: String,
}

/// All that are kept, and a form that keeps what was asked for.
#[component]
pub(crate) fn KeptPage(
    words: Words,
    crumbs: Vec<Crumb>,
    /// Where another is sent to, and below which those that are there are deleted.
    path: String,
    kept: Vec<Kept>,
    /// None, if everything was asked for.
    asked: Option<Asked>,
    form: FormState,
) -> impl IntoView {
    let one = words.one;
    let title = format!("Saved {one}s");
    let errors = form.errors();
    let label = title.clone();
    let none = kept.is_empty();
    let lines = kept.into_iter().map(|kept| view! { <Line kept one path=path.clone() /> }).collect_view();
    let saving = match asked {
        Some(asked) => view! { <Saving words path asked form /> }.into_any(),
        None => view! { <p>{words.first}</p> }.into_any(),
    };
    view! {
        <FormPage
            title
            lead=words.lead
            crumbs
            notice=move || view! { <ErrorSummary errors title=format!("The {one} was not saved") /> }
        >
            {if none {
                view! { <p class="text-muted">"You have saved none yet."</p> }.into_any()
            } else {
                view! { <ul class="lines" aria-label=label>{lines}</ul> }.into_any()
            }}
            <div class="mt-4 border-t border-line pt-4">{saving}</div>
        </FormPage>
    }
}

/// The form that keeps what was asked for.
#[component]
fn Saving(words: Words, path: String, asked: Asked, form: FormState) -> impl IntoView {
    let Asked { query, href, asks } = asked;
    view! {
        <Form action=path>
            <HiddenField name="query" value=query />
            <p>{format!("Keep the list that you came from: {asks}.")}</p>
            <Field
                name="name"
                label="Name"
                value=form.value_or("name", "")
                error=form.error("name")
                help=format!("Such as “{}”. You alone see it.", words.example)
            />
            <FormFoot>
                <CancelLink href />
                <Button variant=ButtonVariant::Primary>{format!("Save {}", words.one)}</Button>
            </FormFoot>
        </Form>
    }
}

#[component]
fn Line(kept: Kept, one: &'static str, path: String) -> impl IntoView {
    let Kept { id, name, href, asks } = kept;
    let label = format!("Delete the {one} {name}");
    view! {
        <li>
            <div class="min-w-0">
                <a class="link font-medium" href=href>{name}</a>
                <p class="truncate text-sm text-muted">{asks}</p>
            </div>
            <Form action=format!("{path}/{id}/delete") class="contents">
                <Button small=true variant=ButtonVariant::Ghost icon=IconName::TRASH_2 label>
                    ""
                </Button>
            </Form>
        </li>
    }
}
