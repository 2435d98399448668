//! The codes of problems, which stay what they are.

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProblemCode {
    /// What programs know it by.
    pub(crate) code: &'static str,
    /// The status of answers with it.
    pub(crate) status: u16,
    /// What happened.
    pub(crate) title: &'static str,
    /// What that means, and what helps.
    pub(crate) detail: &'static str,
}

const fn code(code: &'static str, status: u16, title: &'static str, detail: &'static str) -> ProblemCode {
    ProblemCode { code, status, title, detail }
}

/// All of them. Of those with one status the first is that of answers of which nothing else is known.
pub(crate) static CODES: [ProblemCode; 18] = [
    code(
        "bad_request",
        400,
        "The request cannot be read",
        "Its address, a header or its body is not what HTTP allows.",
    ),
    code("malformed_json", 400, "The body is not JSON", "Send JSON in UTF-8 with content-type: application/json."),
    code(
        "key_refused",
        401,
        "The key opens nothing",
        "Send a key of yours as Authorization: Bearer <key>. One that has expired, was revoked or disabled by an alert opens nothing; nor does one whose organization is suspended, or of which whoever answers for it or has made its secret is suspended or has left.",
    ),
    code(
        "missing_scope",
        403,
        "The key lacks a scope",
        "Whoever manages the key can add the scope, if they hold it themselves.",
    ),
    code(
        "kept_out",
        403,
        "The organization keeps the request out",
        "Its security policy, or the key’s own list of networks, does not let the key in from there.",
    ),
    code("not_found", 404, "Not found", "It does not exist, or not in the key’s organization."),
    code("method_not_allowed", 405, "The method is not allowed here", "The header Allow names those that are."),
    code("conflict", 409, "Something is in the way", "Another change came first, or it is done already."),
    code(
        "idempotency_conflict",
        409,
        "This name was used for something else",
        "Give each request an Idempotency-Key of its own, and send it again with the same content alone.",
    ),
    code(
        "idempotency_in_progress",
        409,
        "This is being done already",
        "The request with this Idempotency-Key is not answered yet. Ask again in a moment.",
    ),
    code("too_large", 413, "The body is too large", "A body has 1 MiB at most: send less at once."),
    code(
        "unsupported_media_type",
        415,
        "The body is of another kind",
        "Send JSON with content-type: application/json.",
    ),
    code("invalid", 422, "Something in the request is wrong", "What is wrong stands in errors, place by place."),
    code(
        "too_many_requests",
        429,
        "Too many requests",
        "The header Retry-After says in how many seconds there is room for another, and RateLimit what is left.",
    ),
    code("over_quota", 429, "The quota is used up", "There is not so much left of it. Nothing was taken."),
    code(
        "internal",
        500,
        "Something went wrong on our side",
        "Try again. If it stays, tell whoever runs the platform the request’s id.",
    ),
    code("unavailable", 503, "The service cannot answer now", "Nothing is lost. Try again in a moment."),
    code(
        "timed_out",
        503,
        "The answer was not there in time",
        "Look whether it was done, or send it again with the same Idempotency-Key.",
    ),
];

impl ProblemCode {
    /// The one of this name; what has none is a mistake of ours.
    pub(crate) fn named(name: &str) -> &'static Self {
        CODES.iter().find(|code| code.code == name).unwrap_or(&CODES[15])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_one_and_is_found() {
        let mut seen = HashSet::new();
        for code in &CODES {
            assert!(seen.insert(code.code), "{} is there twice", code.code);
            assert_eq!(ProblemCode::named(code.code), code);
            assert!((400..600).contains(&code.status) && code.detail.ends_with('.'), "{}", code.code);
        }
        assert!(CODES.is_sorted_by_key(|code| code.status));
        assert_eq!(ProblemCode::named("no such code").code, "internal");
    }
}
