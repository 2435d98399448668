//! Roles × permissions, in which the organization's own roles are changed in place.
//!
//! A plain form: the boxes say which role holds which permission itself, and what comes next shows what that changes
//! before it is saved. Scripts let the arrow keys move between the boxes.

use std::collections::HashMap;

use domain::fields::FieldProblem;
use domain::ids::CustomRoleId;
use domain::roles::{Area, CustomRole, GrantedRole, Permission, Permissions, RoleBook, RoleWish};
use leptos::prelude::*;
use server::Error;

use super::texts;
use crate::context::{FormState, Organization};
use crate::ui::{Button, ButtonVariant, Form, HiddenField, Icon, IconName, Panel};

/// One role's change, and the revision that was shown.
pub(super) type Wish = (CustomRoleId, RoleWish, String);

/// What a matrix that was sent asks for: boxes that nobody could tick stay as they are.
pub(super) fn wishes(book: &RoleBook, held: Permissions, pairs: &[(String, String)]) -> Result<Vec<Wish>, Error> {
    let unknown = || Error::field("cell", FieldProblem::UnknownChoice);
    let mut ticked: HashMap<CustomRoleId, Permissions> = HashMap::new();
    for (_, cell) in texts(pairs).filter(|(name, _)| *name == "cell") {
        let (id, code) = cell.split_once(':').ok_or_else(unknown)?;
        let id = id.parse().map_err(|_| unknown())?;
        let permission = Permission::from_code(code).filter(|it| it.is_grantable()).ok_or_else(unknown)?;
        let set = ticked.entry(id).or_default();
        *set = *set | Permissions::of(&[permission]);
    }
    let shown: Vec<_> = texts(pairs).filter(|(name, _)| *name == "shown").collect();
    if shown.is_empty() {
        return Err(Error::field("cell", FieldProblem::Required));
    }
    shown
        .into_iter()
        .map(|(_, shown)| {
            let (id, revision) = shown.split_once(':').ok_or_else(unknown)?;
            let id: CustomRoleId = id.parse().map_err(|_| unknown())?;
            let role = book.lookup(id).ok_or(domain::problem::Problem::Changed)?;
            let wanted = ticked.get(&id).copied().unwrap_or_default();
            let editable = editable(book, role, held);
            let permissions = wanted.within(editable) | role.permissions.without(editable);
            let wish = RoleWish {
                name: role.name.clone(),
                description: role.description.clone(),
                permissions,
                parents: role.parents.clone(),
            };
            Ok((id, wish, revision.to_owned()))
        })
        .collect()
}

/// What comes back with a matrix that was sent: of each role that would be another the boxes that were ticked. All boxes
/// of all roles would be more than a cookie holds.
pub(super) fn typed(book: &RoleBook, held: Permissions, pairs: &[(String, String)]) -> Vec<(String, String)> {
    let wishes = wishes(book, held, pairs).unwrap_or_default();
    let changed = wishes
        .into_iter()
        .filter(|(id, wish, _)| book.lookup(*id).is_some_and(|role| role.permissions != wish.permissions));
    changed.map(|(id, wish, _)| (TICKED.to_owned(), format!("{id}:{}", wish.permissions.to_bits()))).collect()
}

/// The field that [`typed`] makes.
const TICKED: &str = "ticked";

/// What [`typed`] made.
fn ticked(form: &FormState) -> HashMap<CustomRoleId, Permissions> {
    let read = |value: String| {
        let (id, bits) = value.split_once(':')?;
        Some((id.parse().ok()?, Permissions::from_bits(bits.parse().ok()?)))
    };
    form.values(TICKED).unwrap_or_default().into_iter().filter_map(read).collect()
}

/// The boxes of a role that somebody may tick: none of a role that holds what they do not, none that they do not hold
/// themselves, and none that the role has by inheritance alone.
fn editable(book: &RoleBook, role: &CustomRole, held: Permissions) -> Permissions {
    let all = book.role(role.id.into()).permissions();
    if !held.cover(all) {
        return Permissions::default();
    }
    let inherited_only = all.without(role.permissions);
    held.grantable().without(inherited_only)
}

/// The table, and the form around it where there is something to change.
#[component]
pub(super) fn Matrix(org: Organization, form: FormState) -> impl IntoView {
    let book = org.access.book().clone();
    let held = org.access.permissions();
    let may = org.access.may(Permission::ManageRoles);
    let any = may && book.custom().any(|role| !editable(&book, role, held).is_empty());
    let typed = ticked(&form);
    let table = view! { <MatrixTable org=org.clone() typed may /> };
    if !any {
        return view! { <Panel>{table}</Panel> }.into_any();
    }
    let shown = book.custom().map(|role| format!("{}:{}", role.id, role.revision));
    let shown = shown.map(|shown| view! { <HiddenField name="shown" value=shown /> }).collect_view();
    view! {
        <Form action=org.path("/roles/matrix/review") class="contents">
            {shown}
            <Panel>
                {table}
                <footer class="card-foot">
                    <span class="text-sm text-muted">
                        <span data-grid-count="" aria-live="polite" class="mr-2 font-medium text-base-content"></span>
                        "Nothing is saved before you have seen what it changes."
                    </span>
                    <Button variant=ButtonVariant::Primary>"Review changes"</Button>
                </footer>
            </Panel>
        </Form>
    }
    .into_any()
}

#[component]
fn MatrixTable(org: Organization, typed: HashMap<CustomRoleId, Permissions>, may: bool) -> impl IntoView {
    let roles: Vec<GrantedRole> = org.access.book().all().collect();
    let columns = roles.len() + 1;
    let head = roles.iter().map(|role| {
        let href = org.path(&format!("/roles/{}", role.code()));
        view! {
            <th class="cell-sign" role="columnheader" scope="col">
                <a class="link-quiet" href=href>{role.name().to_owned()}</a>
            </th>
        }
    });
    let head = head.collect_view();
    let typed = std::sync::Arc::new(typed);
    let areas = Area::ALL.iter().map(|area| {
        let rows = area.permissions().map(|permission| {
            let cells = roles.iter().map(|role| {
                view! { <MatrixCell org=org.clone() role=role.clone() permission typed=typed.clone() may /> }
            });
            let cells = cells.collect_view();
            view! {
                <tr role="row">
                    <th class="cell-main" role="rowheader" scope="row">
                        <a class="link-quiet" href=org.path(&format!("/members?can={}", permission.code())) title="Who may do this">
                            {permission.describe()}
                        </a>
                    </th>
                    {cells}
                </tr>
            }
        });
        let rows = rows.collect_view();
        view! {
            <tr role="row" class="matrix-area">
                <th role="rowheader" scope="colgroup" colspan=columns.to_string()><span>{area.name()}</span></th>
            </tr>
            {rows}
        }
    });
    let areas = areas.collect_view();
    view! {
        <div class="table-scroll">
            <table class="data-table matrix" role="table" data-grid="" aria-label="Permissions by role">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Permission"</th>
                        {head}
                    </tr>
                </thead>
                <tbody role="rowgroup">{areas}</tbody>
            </table>
        </div>
    }
}

#[component]
fn MatrixCell(
    org: Organization,
    role: GrantedRole,
    permission: Permission,
    typed: std::sync::Arc<HashMap<CustomRoleId, Permissions>>,
    may: bool,
) -> impl IntoView {
    let book = org.access.book();
    let label = role.name().to_owned();
    let allowed = role.permissions().allow(permission);
    let own = role.id().custom().and_then(|id| book.lookup(id));
    let inherited = own.is_some_and(|role| !role.permissions.allow(permission)) && allowed;
    let box_of = own.filter(|role| may && editable(book, role, org.access.permissions()).allow(permission));
    let content = if let Some(own) = box_of {
        let value = format!("{}:{}", own.id, permission.code());
        let saved = own.permissions.allow(permission);
        let checked = typed.get(&own.id).map_or(saved, |typed| typed.allow(permission));
        let name = format!("{label}: {}", permission.describe());
        view! {
            <input
                type="checkbox"
                class="checkbox"
                name="cell"
                value=value
                checked=checked
                data-saved=saved.then_some("")
                aria-label=name
            />
        }
        .into_any()
    } else {
        view! { <Held allowed inherited /> }.into_any()
    };
    view! {
        <td class="cell-sign" role="cell" data-label=label>
            {content}
        </td>
    }
}

/// Whether a role holds a permission, where that is not to be changed.
#[component]
fn Held(allowed: bool, inherited: bool) -> impl IntoView {
    let (icon, text, class) = match (allowed, inherited) {
        (true, true) => (IconName::CHECK, "Inherited", "matrix-inherited"),
        (true, false) => (IconName::CHECK, "Yes", "text-success"),
        (false, _) => (IconName::MINUS, "No", "text-muted"),
    };
    view! {
        <span class=class title=inherited.then_some("Inherited from another role")>
            <Icon name=icon />
            <span class="sr-only">{text}</span>
        </span>
    }
}
