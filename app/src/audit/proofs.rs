//! What shows that the trail is right, as files: the key, checkpoints, and proofs that hold against them.

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use domain::problem::Problem;
use server::audit;

use super::number_in;
use crate::context::Organization;
use crate::files::file;
use crate::problems::Fault;

/// A signed note, or the key of one.
const TEXT: &str = "text/plain; charset=utf-8";

/// The key that verifies the log's signatures, to be kept where nobody who can write here can.
///
/// # Errors
/// A page about it.
pub async fn key(org: Organization) -> Result<Response, Fault> {
    let (_, key) = audit::checkpoint(&org.access).await?;
    Ok(file(&format!("{}-audit-key.txt", org.access.slug()), TEXT, Body::from(key + "\n")))
}

/// The log's state as a signed note.
///
/// # Errors
/// A page about it.
pub async fn checkpoint(org: Organization) -> Result<Response, Fault> {
    let (note, _) = audit::checkpoint(&org.access).await?;
    Ok(file(&format!("{}-checkpoint.txt", org.access.slug()), TEXT, Body::from(note)))
}

/// The log's state at an earlier size, as it was signed then.
///
/// # Errors
/// A page about it.
pub async fn kept_checkpoint(org: Organization, Path((_, size)): Path<(String, String)>) -> Result<Response, Fault> {
    let size = number_in(&size)?;
    let (note, _) = audit::checkpoint_note(&org.access, size).await?;
    Ok(file(&format!("{}-checkpoint-{size}.txt", org.access.slug()), TEXT, Body::from(note)))
}

/// The proof that nothing which one checkpoint states was changed until another one, whichever of them is the older.
///
/// # Errors
/// A page about it.
pub async fn consistency(org: Organization) -> Result<Response, Fault> {
    let size = |name: &str| {
        let text = org.page.query_value(name);
        text.and_then(|text| text.parse::<u64>().ok()).ok_or(Problem::BadRequest)
    };
    let (one, other) = (size("from")?, size("to")?);
    let (from, to) = (one.min(other), one.max(other));
    let proof = audit::consistency(&org.access, from, to).await?;
    let name = format!("{}-consistency-{from}-{to}.json", org.access.slug());
    Ok(file(&name, "application/json", Body::from(proof)))
}

/// The proof that an entry is in the log.
///
/// # Errors
/// A page about it.
pub async fn proof(org: Organization, Path((_, index)): Path<(String, String)>) -> Result<Response, Fault> {
    let index = number_in(&index)?;
    let proof = audit::proof(&org.access, index).await?;
    Ok(file(&format!("{}-proof-{index}.json", org.access.slug()), "application/json", Body::from(proof)))
}
