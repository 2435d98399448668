//! What Postgres keeps of the passwords that this program thinks up (SCRAM-SHA-256: RFC 5802, RFC 7677).

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How often a password is hashed. Stretching slows down those who guess what a person thought up, and nobody guesses 256
/// random bits; but each new connection would be slower by it, on both of its ends.
const ITERATIONS: u32 = 1;

/// What Postgres checks a password against, in its own notation: what it keeps, and what nobody can sign in with. The
/// password is 256 random bits in ASCII.
pub(crate) fn verifier(password: &str, salt: [u8; 16]) -> String {
    // Hi(password, salt, 1), as RFC 5802 writes it.
    let salted = mac(password.as_bytes(), &[&salt[..], &1_u32.to_be_bytes()].concat());
    let client_key = mac(salted.as_ref(), b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
    let server_key = mac(salted.as_ref(), b"Server Key");
    let [salt, stored_key, server_key] =
        [&salt[..], stored_key.as_ref(), server_key.as_ref()].map(|bytes| STANDARD.encode(bytes));
    format!("SCRAM-SHA-256${ITERATIONS}:{salt}${stored_key}:{server_key}")
}

fn mac(key: &[u8], message: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message)
}
