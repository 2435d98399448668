//! The members as a file: a table for people and their spreadsheets, or lines of JSON for programs.

use domain::audit::{Action, Draft, Public};
use domain::factors::Factors;
use domain::members::{Member, MemberQuery};
use domain::paging::Cursor;
use domain::roles::Permission;
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{require_filter, sql};
use crate::access::Access;
use crate::error::Error;
use crate::policy;
use crate::spreadsheet::{harmless, write};

const EXPORTED: Action = Action::new("members.exported");

/// How many members are read at a time.
const BATCH: usize = 500;

/// The first three are those of a file that can be imported.
const COLUMNS: [&str; 8] = ["email", "name", "role", "status", "joined", "last_seen", "mfa", "source"];

/// How the members are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table.
    Csv,
    /// A line of JSON for each.
    Ndjson,
}

impl Format {
    fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// The members that the query asks for, in its order and on all pages, some lines at a time. The export is on record
/// before anything of it is read.
///
/// # Errors
/// Forbidden; a step-up is needed; the database does not answer, before the first line or between two batches.
pub async fn export(
    access: Access,
    query: MemberQuery,
    format: Format,
) -> Result<impl Stream<Item = Result<String, Error>> + Send + 'static, Error> {
    access.require(Permission::ManageMembers, EXPORTED).await?;
    require_filter(&access, &query, EXPORTED).await?;
    access.require_export(EXPORTED).await?;
    let filter = if query.is_filtered() { "filtered" } else { "all" };
    let entry = Draft::done(EXPORTED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("format", format.code())
        .added("members", filter)
        .within(access.request().audited());
    access.begin().await?.commit(access.request(), entry).await?;
    let head = match format {
        Format::Csv => Some(write([COLUMNS.map(str::to_owned)])),
        Format::Ndjson => None,
    };
    let with_mfa = policy::may_view(&access);
    let lines = move |members| match format {
        Format::Csv => table(members, with_mfa),
        Format::Ndjson => json(members, with_mfa),
    };
    Ok(stream::iter(head).chain(batches(access, query).and_then(move |members| std::future::ready(lines(members)))))
}

/// The members batch by batch, each of which begins behind the last of the one before.
fn batches(access: Access, query: MemberQuery) -> impl Stream<Item = Result<Vec<Member>, Error>> + Send + 'static {
    let first = Some(MemberQuery { cursor: None, ..query });
    stream::try_unfold((access, first), |(access, query)| async move {
        let Some(mut query) = query else { return Ok(None) };
        let mut tx = access.begin().await?;
        let rows = sql::list(&mut tx, &query, access.policy(), access.request().now, BATCH).await?;
        tx.close();
        let last = rows.last().filter(|_| rows.len() == BATCH);
        let next = last.map(|(member, key)| Cursor::After(key.clone(), member.id.to_string())).map(|cursor| {
            query.cursor = Some(cursor);
            query
        });
        let members = rows.into_iter().map(|(member, _)| member).collect();
        Ok(Some((members, (access, next))))
    })
}

fn time(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// A role as an import reads it: a built-in one by its code, another by its name.
fn role(member: &Member) -> String {
    let role = &member.role;
    if role.id().custom().is_some() { role.name().to_owned() } else { role.code() }
}

/// What somebody has besides a password.
fn kinds(factors: Factors) -> impl Iterator<Item = &'static str> {
    [(factors.passkey, "passkey"), (factors.authenticator, "authenticator")]
        .into_iter()
        .filter_map(|(has, kind)| has.then_some(kind))
}

fn table(members: Vec<Member>, with_mfa: bool) -> Result<String, Error> {
    write(members.into_iter().map(|member| {
        let mfa = if with_mfa { kinds(member.factors).collect::<Vec<_>>().join(" ") } else { String::new() };
        let role = role(&member);
        let cells: [String; COLUMNS.len()] = [
            member.email,
            member.name,
            role,
            member.status.code().to_owned(),
            time(member.joined_at),
            member.last_seen_at.map(time).unwrap_or_default(),
            mfa,
            member.source.code().to_owned(),
        ];
        cells.map(|cell| harmless(&cell))
    }))
}

/// A member as programs read them.
#[derive(Serialize)]
struct Line<'a> {
    email: &'a str,
    name: &'a str,
    role: String,
    status: &'a str,
    joined: String,
    source: &'static str,
    last_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa: Option<Vec<&'static str>>,
}

fn json(members: Vec<Member>, with_mfa: bool) -> Result<String, Error> {
    let line = |member: &Member| {
        let line = Line {
            email: &member.email,
            name: &member.name,
            role: role(member),
            status: member.status.code(),
            joined: time(member.joined_at),
            source: member.source.code(),
            last_seen: member.last_seen_at.map(time),
            mfa: with_mfa.then(|| kinds(member.factors).collect()),
        };
        serde_json::to_string(&line).map(|line| line + "\n").map_err(Error::internal)
    };
    members.iter().map(line).collect()
}
