//! What every handler has at hand.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use server::Portal;

/// The portal, and where its scripts and styles are.
#[derive(Clone)]
pub struct AppState {
    /// The use cases' portal.
    pub portal: Portal,
    /// Scripts and styles.
    pub assets: Arc<Assets>,
}

/// The built files of the site.
#[derive(Clone, Debug)]
pub struct Assets {
    pub(crate) options: LeptosOptions,
    /// The path of the style sheet, which changes with its content.
    pub(crate) stylesheet: String,
    /// The scripts that wake up islands, around the places of the nonce: made with the first page that has islands.
    pub(crate) wake_up: OnceLock<Vec<String>>,
}

impl Assets {
    /// The files below `site_root`. Their names hold hashes when the build left a file `hash.txt`
    /// beside the program that says which.
    pub fn new(site_root: &str, hash_file: &Path) -> Self {
        let hashes = std::fs::read_to_string(hash_file).unwrap_or_default();
        let css = hashes.lines().find_map(|line| line.trim().strip_prefix("css:")).map(str::trim);
        let stylesheet = match css {
            Some(hash) => format!("/pkg/portcullis.{hash}.css"),
            None => "/pkg/portcullis.css".to_owned(),
        };
        let options = LeptosOptions::builder()
            .output_name("portcullis")
            .site_root(site_root.to_owned())
            .hash_files(css.is_some())
            .build();
        Self { options, stylesheet, wake_up: OnceLock::new() }
    }
}

impl FromRef<AppState> for Portal {
    fn from_ref(state: &AppState) -> Self {
        state.portal.clone()
    }
}
