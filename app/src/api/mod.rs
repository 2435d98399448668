//! The REST API, version 1: what programs ask for with an API key.
//!
//! Below `/api/v1` everything is JSON, and every answer that is an error has problem details. A handler reads what was
//! sent, calls a use case of `server::api` or of the slice that it is about, and writes the answer in types of its own:
//! what a program relies on does not change because a page does. [`document`] describes all of it, and `docs` shows that
//! to people.

mod answer;
mod audit;
mod check;
mod codes;
mod docs;
mod document;
mod gate;
mod invitations;
mod members;
mod policy;
mod problem;
mod quotas;
mod roles;
mod sent;

pub use self::audit::{event, events, ingest};
pub use self::check::{check, check_batch};
pub use self::docs::page as docs_page;
pub use self::document::{document, openapi};
pub(crate) use self::gate::ELSEWHERE;
pub use self::gate::{Late, bears_key, identify};
pub use self::invitations::{invite, list as list_invitations};
pub use self::members::{list as list_members, lookup as lookup_member};
pub use self::policy::policy;
pub use self::problem::explain;
pub(crate) use self::problem::nothing;
pub use self::quotas::{limits, record, release, reserve, settle, usage};
pub use self::roles::list as list_roles;
