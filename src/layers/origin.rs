//! Only pages of this site may send forms to it.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::Problem;

/// The one origin that this site has, such as `https://portal.example`.
#[derive(Clone)]
pub(crate) struct OwnOrigin(pub(crate) std::sync::Arc<str>);

/// Refuses what could change something and comes from elsewhere. Browsers say where a form comes
/// from: in `Origin`, and where that is missing in `Sec-Fetch-Site`. A program that sends neither
/// has no cookie that somebody could abuse, but is refused all the same.
pub(crate) async fn check(State(own): State<OwnOrigin>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || comes_from(request.headers(), &own.0) {
        next.run(request).await
    } else {
        app::problems::bare(Problem::ForeignOrigin)
    }
}

fn comes_from(headers: &HeaderMap, own: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(axum::http::HeaderValue::as_bytes);
    match headers.get(header::ORIGIN) {
        Some(origin) => origin.as_bytes() == own.as_bytes() && !matches!(site, Some(b"cross-site")),
        None => matches!(site, Some(b"same-origin")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn forms_come_from_here_or_not_at_all() {
        let own = "https://portal.example";
        assert!(comes_from(&headers(&[("origin", own)]), own));
        assert!(comes_from(&headers(&[("sec-fetch-site", "same-origin")]), own));
        for foreign in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://portal.example")],
            &[("origin", "https://portal.example.evil.example")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", own), ("sec-fetch-site", "cross-site")],
            &[],
        ] {
            assert!(!comes_from(&headers(foreign), own), "{foreign:?}");
        }
    }
}
