//! Quotas as services use them, without a key between.

use domain::ids::ReservationId;
use domain::quotas::{Recorded, Reservation, Reserve, Settle, UsageEvent};
use tokio::sync::watch;

use super::{Organization, TestPortal};
use crate::Portal;
use crate::error::Error;
use crate::quotas;

impl TestPortal {
    /// Reserves by this process.
    ///
    /// # Errors
    /// As [`quotas::reserve`].
    pub async fn reserve(&self, of: &Organization, request: &Reserve) -> Result<Reservation, Error> {
        self.reserve_by(self.portal(), of, request).await
    }

    /// Reserves by another process.
    ///
    /// # Errors
    /// As [`quotas::reserve`].
    pub async fn reserve_by(
        &self,
        portal: &Portal,
        of: &Organization,
        request: &Reserve,
    ) -> Result<Reservation, Error> {
        quotas::reserve_as(portal, of.id, "test", request).await
    }

    /// Settles.
    ///
    /// # Errors
    /// As [`quotas::settle`].
    pub async fn settle_reservation(
        &self,
        of: &Organization,
        id: ReservationId,
        settle: Settle,
    ) -> Result<Reservation, Error> {
        quotas::settle_as(self.portal(), of.id, id, settle).await
    }

    /// Gives back.
    ///
    /// # Errors
    /// As [`quotas::release`].
    pub async fn release_reservation(&self, of: &Organization, id: ReservationId) -> Result<Reservation, Error> {
        quotas::release_as(self.portal(), of.id, id).await
    }

    /// Records.
    ///
    /// # Errors
    /// As [`quotas::record`].
    pub async fn record_usage(&self, of: &Organization, events: &[UsageEvent]) -> Result<Recorded, Error> {
        quotas::record_as(self.portal(), of.id, events).await
    }

    /// Counts a request to the API.
    ///
    /// # Errors
    /// As [`quotas::count_request`].
    pub async fn count_request(&self, of: &Organization) -> Result<(), Error> {
        quotas::count_as(self.portal(), of.id).await
    }

    /// Counts the requests to the API that were noted until now.
    pub async fn flush_requests(&self) {
        quotas::flush(self.portal()).await;
    }

    /// Looks after all organizations that are due.
    pub async fn tend_quotas(&self) {
        let (_stop, running) = watch::channel(false);
        quotas::Worker::new(self.portal()).tend(&running).await.expect("quotas are looked after");
    }
}
