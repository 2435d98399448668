//! Cookies that only the server can read and write.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use server::Portal;

/// Browsers take cookies of 4,096 bytes, their names and attributes among them.
const VALUE_MAX: usize = 3_900;

/// What a request brings as the cookie of this name.
pub fn of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split("; "))
        .find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))
}

/// A cookie of this site, by its name. `__Host-` keeps other hosts and plain http from setting it.
#[derive(Clone, Copy)]
pub(crate) struct SealedCookie {
    pub(crate) name: &'static str,
    /// How long browsers keep it, in seconds.
    pub(crate) seconds: u32,
}

impl SealedCookie {
    /// What a request brings; nothing when somebody else has written it.
    pub(crate) fn read(self, headers: &HeaderMap, portal: &Portal) -> Option<Vec<u8>> {
        let sealed = of(headers, self.name)?;
        let plain = portal.open_cookie(self.name, &URL_SAFE_NO_PAD.decode(sealed).ok()?)?;
        Some(plain.to_vec())
    }

    /// The header that sets it; none for a value that is too long for a browser.
    pub(crate) fn write(self, plain: &[u8], portal: &Portal) -> Option<HeaderValue> {
        let sealed = URL_SAFE_NO_PAD.encode(portal.seal_cookie(self.name, plain));
        if sealed.len() > VALUE_MAX {
            return None;
        }
        HeaderValue::from_str(&self.line(&sealed, self.seconds)).ok()
    }

    /// The header that takes it away.
    pub(crate) fn clear(self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.line("", 0)).ok()
    }

    fn line(self, value: &str, seconds: u32) -> String {
        format!("{}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax", self.name)
    }
}
