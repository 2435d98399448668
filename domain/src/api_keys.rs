//! API keys: what programs come with, for whom they act, and what they may do.
//!
//! A key has scopes, and somebody who answers for it: the member who has made it, or the one who stands for the service
//! account that it is of. Its secret has an issuer: the member who has seen it, because they have made the key or rotated it
//! last. It may do what is in its scopes and held by both, at any time: so it shrinks with whoever of them has less, and
//! grows with them no further than its scopes. Its [`KeySecret`] is shown once, and only a hash of it is kept.

mod account;
mod form;
mod key;
mod query;
mod secret;
#[cfg(test)]
mod tests;

pub use account::{NewServiceAccount, ServiceAccount, ServiceAccountForm};
pub use form::{
    EXPIRY_DAYS, Expiry, KEY_NETWORKS_MAX, KEY_REQUESTS_MAX, KeyChange, KeyForm, NewKey, Overlap, RotateForm,
    networks_text,
};
pub use key::{
    ApiKey, EXPIRES_SOON, Holder, Issuer, KeyEnd, KeyState, KeyStop, NEVER_USED, UNUSED, effective, held_by_both,
    key_end,
};
pub use query::{KeyFilter, KeyQuery};
pub use secret::{KEY_LENGTH, KEY_PREFIX, KeySecret};
