//! Invitations: those of an organization, the page behind a link, and a person's own.

mod api;
mod list;
mod mine;
mod offer;
mod table;

pub use api::{copy_link, invite, resend, revoke};
pub use list::{new_page, page};
pub use mine::{accept_mine, decline_mine, mine_page};
pub use offer::{accept, decline, offer_page, sign_in_first};
