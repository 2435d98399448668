//! Telling pages that watch of changes, also of those in another process.

use domain::ids::TenantId;
use futures::stream::{self, Stream};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::CHANNEL;
use super::watch::Hearing;
use crate::Portal;

/// How long it takes until somebody tries to listen again.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(2);
/// How often pages look as long as nobody listens.
const POLL: std::time::Duration = std::time::Duration::from_secs(5);

/// Hears what Postgres tells, one for a process, until it is told to stop.
pub struct Listener {
    portal: Portal,
    url: SecretString,
}

impl Listener {
    /// One on a connection of its own: one that goes to Postgres directly, because poolers tell nothing.
    pub fn new(portal: &Portal, direct_url: &SecretString) -> Self {
        Self { portal: portal.clone(), url: direct_url.clone() }
    }

    /// Listens until `stop` turns true, again and again if the connection is lost.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let hearing = &self.portal.watch().hearing;
        while !*stop.borrow() {
            tokio::select! {
                heard = self.listen() => {
                    if let Err(error) = heard {
                        tracing::warn!(%error, "nobody hears what other processes notice");
                    }
                    hearing.send_replace(Hearing::Deaf);
                }
                _ = stop.changed() => break,
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
        hearing.send_replace(Hearing::Over);
    }

    /// Passes on what is heard, until the connection is lost.
    async fn listen(&self) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect(self.url.expose_secret()).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        let watch = self.portal.watch();
        watch.hearing.send_replace(Hearing::Listening);
        while let Some(told) = listener.try_recv().await? {
            if let Ok(tenant) = told.payload().parse() {
                // Nobody may be watching.
                watch.changes.send(tenant).ok();
            }
        }
        Ok(())
    }
}

/// Says whenever facts or alerts of an organization may have changed, until the program ends. As long as nobody listens it
/// says so every few seconds.
pub fn subscribe(portal: &Portal, tenant: TenantId) -> impl Stream<Item = ()> + Send + use<> {
    let watch = portal.watch();
    let state = (watch.changes.subscribe(), watch.hearing.subscribe());
    stream::unfold(state, move |(mut changes, mut hearing)| async move {
        loop {
            let now = *hearing.borrow_and_update();
            if now == Hearing::Over {
                return None;
            }
            tokio::select! {
                change = changes.recv() => match change {
                    Ok(id) if id != tenant => continue,
                    // Some were missed: one of them may have been of this organization.
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
                // What has changed in between was not heard.
                changed = hearing.changed() => match changed {
                    Ok(()) if *hearing.borrow() == Hearing::Over => return None,
                    Ok(()) => {}
                    Err(_) => return None,
                },
                () = tokio::time::sleep(POLL), if now == Hearing::Deaf => {}
            }
            return Some(((), (changes, hearing)));
        }
    })
}
