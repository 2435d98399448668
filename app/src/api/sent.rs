//! What programs send: bodies of JSON, and queries.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use domain::audit::AuditQuery;
use domain::members::{SEARCH_MAX, clean_search};
use domain::text::printable;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};

use super::problem::{Misplaced, Refused};
use crate::state::AppState;

/// The most characters of what a reader of JSON has to say.
const MESSAGE_MAX: usize = 300;

/// A body of JSON, as it was sent and as it was read.
pub struct Sent<T> {
    /// What it says.
    pub(super) value: T,
    /// All of it.
    pub(super) bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Sent<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refused> {
        if !is_json(request.headers()) {
            return Err(Refused::new("unsupported_media_type"));
        }
        // What is sent is in the body: no parameter is known beside it.
        Asked::of(request.uri())?.knows(&[])?;
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Refused::new("bad_request"))?;
        let value = read(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// A request without a body; or with an object in which nothing is.
pub struct Bare;

/// What is in such an object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl FromRequest<AppState> for Bare {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refused> {
        Asked::of(request.uri())?.knows(&[])?;
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Refused::new("bad_request"))?;
        if !bytes.is_empty() {
            let Nothing {} = read(&bytes)?;
        }
        Ok(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json")
}

/// Reads a JSON object: what is no JSON at all is told apart from what says something else than was asked for.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    let malformed = |error: serde_json::Error| Refused::new("malformed_json").because(message(&error));
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        // A reader would take a list for an object whose fields stand in their order.
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(malformed)?;
        let message = "The body is an object.".to_owned();
        return Err(Refused::invalid(vec![Misplaced::at(String::new(), "malformed", message)]));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (place, error) = (pointer(error.path()), error.into_inner());
        if error.is_data() {
            Refused::invalid(vec![Misplaced::at(place, "malformed", message(&error))])
        } else {
            malformed(error)
        }
    })?;
    reader.end().map_err(malformed)?;
    Ok(value)
}

fn message(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if error.is_data() {
        // Where that is, the pointer says.
        let place = format!(" at line {} column {}", error.line(), error.column());
        text.truncate(text.strip_suffix(place.as_str()).unwrap_or(&text).len());
    }
    printable(&text).chars().take(MESSAGE_MAX).collect()
}

/// A place as a JSON pointer (RFC 6901).
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } => pointer.push_str(&printable(key).replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => pointer.push_str(variant),
            Segment::Unknown => pointer.push('?'),
        }
    }
    pointer
}

/// The pairs of an address' query.
pub struct Asked(Vec<(String, String)>);

impl FromRequestParts<AppState> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Refused> {
        Self::of(&parts.uri)
    }
}

/// So many mistakes are told of at a time.
const ERRORS_MAX: usize = 20;

impl Asked {
    /// The pairs of an address.
    pub(super) fn of(uri: &Uri) -> Result<Self, Refused> {
        let pairs = serde_urlencoded::from_str(uri.query().unwrap_or_default());
        pairs.map(Self).map_err(|_| Refused::new("bad_request"))
    }

    /// Goes on only if nothing but these is asked for, each once, and none is empty.
    pub(super) fn knows(&self, names: &[&str]) -> Result<(), Refused> {
        let told = |(place, (name, value)): (usize, &(String, String))| {
            if !names.contains(&name.as_str()) {
                let shown: String = printable(name).chars().take(50).collect();
                return Some(Misplaced::parameter(
                    &shown,
                    "unknown_parameter",
                    "There is no such parameter.".to_owned(),
                ));
            }
            if self.0[..place].iter().any(|(before, _)| before == name) {
                return Some(Misplaced::parameter(name, "repeated", "Name it once.".to_owned()));
            }
            let message = "It is empty. Give it a value, or leave it out.".to_owned();
            value.is_empty().then(|| Misplaced::parameter(name, "required", message))
        };
        let errors: Vec<_> = self.0.iter().enumerate().filter_map(told).take(ERRORS_MAX).collect();
        if errors.is_empty() { Ok(()) } else { Err(Refused::invalid(errors)) }
    }

    /// The pairs.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.pairs().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// A value that is read so, where it is there.
    pub(super) fn read<T>(&self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Refused> {
        self.value(name).map(|value| read(value).ok_or_else(|| wrong(name))).transpose()
    }

    /// The words that are looked for.
    pub(super) fn words(&self) -> Result<Option<String>, Refused> {
        self.read("q", |text| clean_search(text).filter(|_| text.chars().count() <= SEARCH_MAX))
    }

    /// How many rows a part of a list has.
    pub(super) fn limit(&self) -> Result<usize, Refused> {
        let read = |text: &str| text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        Ok(self.read("limit", read)?.unwrap_or(LIMIT))
    }
}

/// How many rows a part of a list has, unless it is said.
pub(super) const LIMIT: usize = 25;
/// The most rows of a part of a list.
pub(super) const LIMIT_MAX: usize = 100;

/// A parameter has a value that is none.
pub(super) fn wrong(name: &str) -> Refused {
    let message = match name {
        "next" => "Send what the part before has as its next, as it stands there.".to_owned(),
        "q" => format!("Send words that can be read, of {SEARCH_MAX} characters at most together."),
        "limit" => format!("Send a whole number from 1 to {LIMIT_MAX}."),
        "from" | "until" => "Send a time in UTC, such as 2026-11-20T10:00.".to_owned(),
        "actor" => "Send the id of an account or of a key: a UUID.".to_owned(),
        "role" => "Send the id of a role, as /roles lists them.".to_owned(),
        "address" => "Send an IP address.".to_owned(),
        "target" => format!("Send an id that can be read, of {} characters at most.", AuditQuery::ID_MAX),
        _ => "This is none of its values. /api/v1/openapi.json lists them.".to_owned(),
    };
    Refused::invalid(vec![Misplaced::parameter(name, "malformed", message)])
}

#[cfg(test)]
mod tests {
    use domain::checks::Check;

    use super::*;

    #[test]
    fn a_body_is_json_and_what_was_asked_for() {
        let refusal = |text: &[u8]| format!("{:?}", read::<Check>(text).err());
        assert!(read::<Check>(br#"{"subject":"a","permission":"b"}"#).is_ok());
        for none in [&b""[..], b"{", b"\xff", br#"{"subject":"a","permission":"b"} x"#, &vec![b'['; 100_000]] {
            assert!(refusal(none).contains("malformed_json"), "{}", refusal(none));
        }
        for wrong in [&b"[]"[..], b"null", br#"{"subject":7,"permission":"b"}"#, br#"{"subject":"a","x":1}"#] {
            assert!(refusal(wrong).contains("\"invalid\""), "{}", refusal(wrong));
        }
        let place = refusal(br#"{"subject":"a","permission":"b","facts":{"address":"x"}}"#);
        assert!(place.contains("/facts/address"), "{place}");
        assert!(!place.contains("column"), "{place}");
        let unknown = refusal(br#"{"subject":"a","permission":"b","colour":"x"}"#);
        assert!(unknown.contains("\"/colour\""), "{unknown}");
        assert!(read::<Nothing>(b"{}").is_ok() && read::<Nothing>(br#"{"amounts":{}}"#).is_err());
    }

    #[test]
    fn what_nobody_knows_is_refused_and_so_is_what_is_there_twice() {
        let asked = |pairs: &[(&str, &str)]| {
            Asked(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        assert!(asked(&[("limit", "7")]).knows(&["limit", "next"]).is_ok());
        assert!(asked(&[("offset", "7")]).knows(&["limit", "next"]).is_err());
        assert!(asked(&[("limit", "7"), ("limit", "8")]).knows(&["limit", "next"]).is_err());
        assert!(asked(&[("next", "")]).knows(&["limit", "next"]).is_err());
        assert_eq!(asked(&[("q", " ada ")]).words().unwrap().as_deref(), Some("ada"));
        for wrong in [" ", "\0", "x".repeat(101).as_str()] {
            assert!(asked(&[("q", wrong)]).words().is_err(), "{wrong}");
        }
        assert_eq!(asked(&[]).limit().ok(), Some(25));
        for wrong in ["0", "101", "-1", "1e1", "", "99999999999999999999999"] {
            assert!(asked(&[("limit", wrong)]).limit().is_err(), "{wrong}");
        }
    }
}
