//! The draft: what somebody works on, which holds for nobody yet.
//!
//! There is one for the organization, and every time that it is saved it is a version. Whoever saves says which version
//! they have begun with: what others have saved since then is put together with what they have changed.

use std::net::IpAddr;

use domain::audit::{Action, Draft, Public};
use domain::policy::{
    Author, Key, Merge, PolicyForm, PolicyVersion, Section, SecurityPolicy, Setting, Template, merge,
};
use domain::problem::Problem;
use domain::roles::Permission;
use time::OffsetDateTime;

use super::sql::{self, Head, NewVersion};
use super::{VIEWED, yaml};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

pub(crate) const DRAFTED: Action = Action::new("policy.drafted");
const DISCARDED: Action = Action::new("policy.draft_discarded");

/// What somebody is about to edit.
#[derive(Clone, Debug)]
pub struct Editing {
    /// The version that they begin with.
    pub base: i64,
    /// The newest version: another one as soon as somebody has saved.
    pub newest: i64,
    /// Whether that is a draft, and not what is in force.
    pub is_draft: bool,
    /// Who has saved it.
    pub by: Option<Author>,
    /// When.
    pub saved_at: OffsetDateTime,
    /// What it says.
    pub policy: SecurityPolicy,
    /// What is in force.
    pub enforced: SecurityPolicy,
    /// From where whoever edits comes.
    pub ip: Option<IpAddr>,
    /// What the place is called where the data is, if it has a name.
    pub region: Option<String>,
}

/// What came of saving a draft.
#[derive(Debug)]
pub enum Saved {
    /// It is this version.
    Draft(i64),
    /// It says what the version that it was begun with says.
    Unchanged,
    /// Somebody else has saved one since then: both are put together, and nothing is saved yet.
    Overtaken(Box<Overtaken>),
}

/// Two drafts that are put together.
#[derive(Debug)]
pub struct Overtaken {
    /// The other's version, with which it goes on.
    pub base: i64,
    /// Who the other is.
    pub by: Option<Author>,
    /// Both together, to be looked at.
    pub form: PolicyForm,
    /// What the other has changed and is taken over, with its value in words.
    pub taken: Vec<(&'static Setting, String)>,
    /// What both have changed, with the other's value in words: one's own is kept.
    pub kept: Vec<(&'static Setting, String)>,
}

/// The draft, or what is in force where there is none.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn edit(access: &Access) -> Result<Editing, Error> {
    access.require(Permission::ManagePolicy, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let head = sql::head(tx.conn()).await?;
    let version = current(&mut tx, &head).await?;
    tx.close();
    Ok(Editing {
        base: version.number,
        newest: head.newest,
        is_draft: head.draft.is_some(),
        by: version.author,
        saved_at: version.created_at,
        policy: version.policy,
        enforced: access.enforced().document().clone(),
        ip: access.request().ip,
        region: access.request().portal().region().map(str::to_owned),
    })
}

/// Saves a draft that was begun with a version.
///
/// # Errors
/// Forbidden; settings that are wrong, by their codes.
pub async fn save_draft(access: &Access, base: &str, form: &PolicyForm) -> Result<Saved, Error> {
    access.require(Permission::ManagePolicy, DRAFTED).await?;
    let mut tx = access.begin().await?;
    let (base, begun_with) = begun_with(&mut tx, base).await?;
    let mine = form.parse(&begun_with, &**access.book())?;
    let head = sql::lock(tx.conn()).await?;
    let now = current(&mut tx, &head).await?;
    if now.number != base {
        tx.close();
        let merged = merge(&begun_with, &now.policy, &mine);
        if merged.policy == now.policy {
            return Ok(Saved::Unchanged);
        }
        return Ok(Saved::Overtaken(Box::new(Overtaken::of(access, now, form.clone(), merged))));
    }
    if mine == now.policy {
        tx.close();
        return Ok(Saved::Unchanged);
    }
    keep(access, tx, head, &mine, None).await.map(Saved::Draft)
}

/// The version that a form names as the one that it was begun with, and what that says.
pub(super) async fn begun_with(tx: &mut TenantTx, base: &str) -> Result<(i64, SecurityPolicy), Error> {
    let base = base.parse().map_err(|_| Error::from(Problem::Changed))?;
    let policy = sql::document(tx.conn(), base).await?.ok_or(Problem::Changed)?;
    Ok((base, policy))
}

impl Overtaken {
    fn of(access: &Access, now: PolicyVersion, mut form: PolicyForm, merged: Merge) -> Self {
        let theirs = |keys: &[Key]| {
            keys.iter().map(|key| (key.setting(), key.setting().describe(&now.policy))).collect::<Vec<_>>()
        };
        for key in &merged.taken {
            form.put_setting(key.setting(), &merged.policy, &**access.book());
        }
        Self { base: now.number, taken: theirs(&merged.taken), kept: theirs(&merged.kept), by: now.author, form }
    }
}

/// What is worked on: the draft, or what is in force.
pub(super) async fn current(tx: &mut TenantTx, head: &Head) -> Result<PolicyVersion, Error> {
    let version = sql::lookup_version(tx.conn(), head.draft.unwrap_or(head.enforced)).await?;
    version.ok_or_else(|| Problem::PolicyUnreadable.into())
}

/// Keeps a draft as the newest version.
async fn keep(
    access: &Access,
    mut tx: TenantTx,
    head: Head,
    policy: &SecurityPolicy,
    source: Option<(&'static str, String)>,
) -> Result<i64, Error> {
    let (request, number) = (access.request(), head.newest + 1);
    let version = NewVersion { number, policy, author: Some(access.account()), restores: None };
    sql::add_version(tx.conn(), &version, request.now).await?;
    sql::save(tx.conn(), &Head { newest: number, draft: Some(number), ..head }).await?;
    let mut entry = Draft::done(DRAFTED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("version", Public(number.to_string()))
        .within(request.audited());
    if let Some((what, which)) = source {
        entry = entry.added(what, Public(which));
    }
    tx.commit(request, entry).await?;
    Ok(number)
}

/// Throws the draft away. It stays among the versions.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn discard_draft(access: &Access) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, DISCARDED).await?;
    let mut tx = access.begin().await?;
    let head = sql::lock(tx.conn()).await?;
    let Some(number) = head.draft else {
        tx.close();
        return Ok(());
    };
    sql::save(tx.conn(), &Head { draft: None, ..head }).await?;
    let entry = Draft::done(DISCARDED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("version", Public(number.to_string()))
        .within(access.request().audited());
    tx.commit(access.request(), entry).await
}

/// Puts what a template sets, or one section of it, into the draft.
///
/// # Errors
/// Forbidden; not found.
pub async fn use_template(access: &Access, code: &str, section: Option<Section>) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, DRAFTED).await?;
    let template = Template::from_code(code).ok_or(Problem::NotFound)?;
    let mut tx = access.begin().await?;
    let head = sql::lock(tx.conn()).await?;
    let now = current(&mut tx, &head).await?.policy;
    let policy = template.apply(&now, section);
    if policy == now {
        tx.close();
        return Ok(());
    }
    let which = section.map_or_else(|| code.to_owned(), |section| format!("{code}: {}", section.code()));
    keep(access, tx, head, &policy, Some(("template", which))).await?;
    Ok(())
}

/// What the draft or what is in force says, as text, or a version; and its number.
///
/// # Errors
/// Forbidden; not found.
pub async fn text(access: &Access, version: Option<i64>) -> Result<(i64, String), Error> {
    super::require_view(access, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let (number, policy) = if let Some(number) = version {
        (number, sql::document(tx.conn(), number).await?.ok_or(Problem::NotFound)?)
    } else {
        let head = sql::head(tx.conn()).await?;
        let now = current(&mut tx, &head).await?;
        (now.number, now.policy)
    };
    tx.close();
    Ok((number, yaml::write(&policy, &**access.book())?))
}

/// Puts what a text says into the draft, which was this version when the text was brought. What it does not name stays as
/// it is.
///
/// # Errors
/// Forbidden; what is wrong with the text, at the field `yaml`, or by the settings' codes.
pub async fn import(access: &Access, base: &str, text: &str) -> Result<Saved, Error> {
    access.require(Permission::ManagePolicy, DRAFTED).await?;
    let mut tx = access.begin().await?;
    let (base, begun_with) = begun_with(&mut tx, base).await?;
    let policy = yaml::read(text, &begun_with, &**access.book())?;
    let head = sql::lock(tx.conn()).await?;
    if current(&mut tx, &head).await?.number != base {
        tx.close();
        return Err(Problem::Changed.into());
    }
    if policy == begun_with {
        tx.close();
        return Ok(Saved::Unchanged);
    }
    keep(access, tx, head, &policy, Some(("source", "yaml".to_owned()))).await.map(Saved::Draft)
}
