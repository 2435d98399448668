//! What programs are answered.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::roles::Permission;
use serde::Serialize;
use server::api::{self, Kept, Turn};
use server::callers::Caller;
use sha2::{Digest as _, Sha256};

use super::problem::Refused;

/// What a handler answers.
pub(super) type Answer = Result<Response, Refused>;

/// The header in which a program names its request.
const NAME: &str = "idempotency-key";
/// The header that says that an answer is an old one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A value as text.
pub(super) fn write(value: &impl Serialize) -> Result<String, Refused> {
    serde_json::to_string(value).map_err(|error| server::Error::internal(error).into())
}

/// A value.
pub(super) fn json(value: &impl Serialize) -> Answer {
    Ok(sent(StatusCode::OK, "application/json", write(value)?))
}

fn sent(status: StatusCode, kind: &'static str, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], text).into_response()
}

/// A text with the tag of what it says; nothing but that it is the same, for whoever has it already.
pub(super) fn tagged(headers: &HeaderMap, kind: &'static str, text: String) -> Response {
    let digest = Sha256::digest(text.as_bytes());
    let tag = digest.iter().take(16).fold(0_u128, |tag, byte| tag << 8 | u128::from(*byte));
    let tag = format!("\"{tag:032x}\"");
    let mut response = if is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        sent(StatusCode::OK, kind, text)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    // Whoever keeps it asks each time whether it is still the same.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Whether a tag is among those that a request names (RFC 9110, 13.1.2: compared weakly).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// The name that a request has, if it has one: nothing but an empty one where there are several, or what is no text.
pub(super) fn name(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(NAME).iter();
    let first = lines.next()?;
    Some(first.to_str().ok().filter(|_| lines.next().is_none()).unwrap_or_default())
}

/// Does what is asked for once for the name that the request has, if it has one, and answers what was answered then.
pub(super) async fn once<F: Future<Output = Result<String, Refused>>>(
    caller: &Caller,
    headers: &HeaderMap,
    asked: (&str, &[u8]),
    needs: Permission,
    status: StatusCode,
    act: impl FnOnce() -> F,
) -> Answer {
    // Whoever may not do it is told so, also of what they could do before.
    let Some(name) = name(headers).filter(|_| caller.may(needs)) else {
        return Ok(sent(status, "application/json", act().await?));
    };
    let (path, body) = asked;
    let named = match api::begin(caller, name, &[path.as_bytes(), body]).await? {
        Turn::First(named) => named,
        Turn::Again(Kept { status, body }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let mut response = sent(status, "application/json", body);
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            return Ok(response);
        }
    };
    match act().await {
        Ok(body) => {
            let kept = Kept { status: status.as_u16(), body };
            // It is done. Who asks again finds that out without the answer, too.
            if let Err(error) = api::keep(caller, &named, &kept).await {
                tracing::warn!(%error, "an answer could not be kept");
            }
            Ok(sent(status, "application/json", kept.body))
        }
        // It may have been done all the same: the name stays taken until nobody can be about it any more.
        Err(refused) if refused.is_open() => Err(refused),
        Err(refused) => {
            if let Err(error) = api::release(caller, &named).await {
                tracing::warn!(%error, "a name could not be given up");
            }
            Err(refused)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_it_is_told_so() {
        let asks = |tag: &str| HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap())]);
        let first = tagged(&HeaderMap::new(), "application/json", "{}".to_owned());
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            assert_eq!(tagged(&asks(&known), "application/json", "{}".to_owned()).status(), 304, "{known}");
        }
        assert_eq!(tagged(&asks(&tag), "application/json", "[]".to_owned()).status(), 200);
        assert_eq!(tagged(&asks("\"x\""), "application/json", "{}".to_owned()).status(), 200);
    }
}
