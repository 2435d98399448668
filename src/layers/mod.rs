//! What every request goes through before a handler sees it. [`crate::router`] puts them in order.

pub(crate) mod body;
pub(crate) mod headers;
pub(crate) mod origin;
pub(crate) mod peer;
pub(crate) mod trace;
pub(crate) mod work;
