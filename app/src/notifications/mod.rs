//! What somebody is told because it concerns them, and by mail if they like.

mod page;
mod settings;

pub use page::{open, page, read_all};
pub use settings::{change_mail, settings_page};

/// Where they are.
pub(crate) const ADDRESS: &str = "/account/notifications";
/// Where mail is chosen.
const SETTINGS: &str = "/account/notifications/settings";
