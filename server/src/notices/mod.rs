//! What people are told by mail because somebody else may have done it, and what "This was not me" does about it.
//!
//! An act tells of itself in its own transaction: with a row of `platform.notices`, which the link in the mail leads to,
//! and with the mail. The link opens nothing. It takes away what somebody else may have got, and leaves the way back in
//! to whoever reads the mail.

mod disown;
pub(crate) mod known_devices;
pub(crate) mod sql;

use domain::email::EmailAddress;
use domain::ids::AccountId;
use domain::notices::Event;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use disown::{AddressAfter, Disowned, disown, lookup};
pub(crate) use sql::end_all;

use crate::error::Error;
use crate::factors::NamedFactor;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;

/// How long the link of a mail is good, from when it goes out.
pub(crate) const LIFETIME: Duration = Duration::days(7);
/// How long what was added can be taken away by it.
const TAKING_LIFETIME: Duration = Duration::days(1);
/// How long an address is held for the account that had it before: as long as the mail about the change may wait and its
/// link is good.
pub(crate) const ADDRESS_HELD: Duration = Duration::days(14);
/// How long a notice is kept: as long as its mail may wait and its link is good, and then some.
pub(crate) const KEPT: Duration = Duration::days(30);

/// The authenticator app or passkey that an event is about.
pub(crate) type Factor<'a> = (Uuid, &'a str);

/// Something that has happened to an account, as the page behind a mail's link shows it.
#[derive(Clone, Debug)]
pub struct Notice {
    id: Uuid,
    account: AccountId,
    /// The device that it was done with, as known devices are noted.
    device_hash: Option<Vec<u8>>,
    /// What it was.
    pub event: Event,
    /// What the owner calls the authenticator app or the passkey that it is about.
    pub factor_name: Option<String>,
    /// When it was.
    pub at: OffsetDateTime,
    /// From where.
    pub ip: Option<String>,
    /// With what, as it calls itself.
    pub device: Option<String>,
    /// The address that the account had before: the link gives it back.
    pub former_email: Option<String>,
    /// What was added since, and goes by the link.
    pub takes: Vec<NamedFactor>,
    /// Whether recovery codes that were made since go, too.
    pub takes_codes: bool,
    /// Whether a change of address waits, which is dropped.
    pub drops_change: bool,
}

/// Tells an account's owner of something, in the transaction of the act. Nobody is told at an address that nobody has
/// shown to read: whoever made the account may have chosen somebody else's.
pub(crate) async fn tell(
    conn: &mut PgConnection,
    request: &RequestContext,
    account: AccountId,
    event: Event,
    factor: Option<Factor<'_>>,
) -> Result<(), Error> {
    let Some((name, email)) = sql::reader(conn, account).await? else { return Ok(()) };
    let id = request.portal().uuid(request.now);
    let device_hash = known_devices::hash(request, account);
    let new = sql::NewNotice { device_hash: Some(&device_hash), factor, ..sql::NewNotice::new(id, account, event) };
    sql::add(conn, new, request.now, Some(request)).await?;
    let (to, factor) = (EmailAddress::stored(email), factor.map(|(_, name)| name));
    outbox::post(conn, request, Letter::Notice { notice: id, to: &to, name: &name, event, factor }).await
}

/// Tells whoever reads mail at the address that an account had before that it has another one, and how to take that back.
pub(crate) async fn tell_former(
    conn: &mut PgConnection,
    request: &RequestContext,
    account: AccountId,
    name: &str,
    former: &EmailAddress,
) -> Result<(), Error> {
    let (id, event) = (request.portal().uuid(request.now), Event::AddressChanged);
    let new = sql::NewNotice { former_email: Some(former.as_str()), ..sql::NewNotice::new(id, account, event) };
    sql::add(conn, new, request.now, Some(request)).await?;
    outbox::post(conn, request, Letter::Notice { notice: id, to: former, name, event, factor: None }).await
}

/// Notes what somebody else has done who may, and gives the notice's id: the letter about it has its link, and the page
/// behind that says nothing of where they were.
pub(crate) async fn note(
    conn: &mut PgConnection,
    request: &RequestContext,
    account: AccountId,
    event: Event,
) -> Result<Uuid, Error> {
    let id = request.portal().uuid(request.now);
    sql::add(conn, sql::NewNotice::new(id, account, event), request.now, None).await?;
    Ok(id)
}
