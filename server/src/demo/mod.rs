//! Organizations to look at: people, invitations, and the trail of how it all came about.
//!
//! Everything is as if it had been done by hand over the last months. Organizations are provisioned
//! like any other, members and invitations are what their [`story`] leads to, and its entries are
//! appended to the organization's log in the order in which they happened. The last entry says that
//! the demo has filled it. A seed determines all but times and secrets.

mod acts;
mod casting;
mod companies;
mod keys;
mod measure;
mod organization;
mod people;
mod plan;
mod quotas;
mod sql;
mod story;
mod teams;
mod trail;
mod watch;

use domain::email::EmailAddress;
use domain::ids::AccountId;
use domain::problem::Problem;
use domain::text::PersonName;
use futures::stream::{self, StreamExt};
use serde::Serialize;
use zeroize::Zeroizing;

pub use measure::{SignInTimes, measure_provisioning, measure_sign_in};
pub use quotas::measure_reservations;
pub use trail::{lengthen_trail, measure_appends};

use crate::Portal;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::passwords::{About, KeptPassword};
use crate::store::{Store, TenantRef};

/// The owner of the first organization.
const OWNER: (&str, &str) = ("Ada Öberg", "ada@acme.example");

/// How many organizations are made at once.
const AT_ONCE: usize = 4;

/// The number of random bytes of a password, of five bits each.
const PASSWORD_LENGTH: usize = 20;

/// What the demo is to be like.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// How many organizations there are to be, with those that are there already.
    pub tenants: u32,
    /// How many members the first one has. The others have 5 to 25.
    pub members_of_first: usize,
    /// What names, roles and events are drawn from.
    pub seed: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { tenants: 4, members_of_first: 60, seed: 1815 }
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoProgress {
    /// Organizations that are done.
    pub done: u32,
    /// Organizations to make.
    pub total: u32,
}

/// How to look at the demo.
#[derive(Clone, Serialize)]
pub struct DemoSummary {
    /// Name of the first organization.
    pub organization: String,
    /// Its name in addresses.
    pub slug: String,
    /// The address that its owner signs in with.
    pub email: String,
    /// The owner's password, which is told here and nowhere else; none when the owner was there
    /// before.
    pub password: Option<String>,
    /// How many organizations have been made.
    pub made: u32,
}

/// Whether there is no organization yet.
///
/// # Errors
/// The database does not answer.
pub async fn is_empty(portal: &Portal) -> Result<bool, Error> {
    Ok(count(portal).await? == 0)
}

/// Makes organizations until there are as many as asked for. The first one, with its owner, is made
/// unless the owner is there; so a second call with a larger number adds to the demo.
///
/// `founded` is told how to sign in as soon as that works, unless the owner was there: whoever does not wait for the
/// rest has something to look at.
///
/// # Errors
/// The database does not answer. What was finished before stays.
pub async fn fill(
    portal: &Portal,
    options: &DemoOptions,
    founded: impl FnOnce(&DemoSummary),
    mut progress: impl FnMut(DemoProgress),
) -> Result<DemoSummary, Error> {
    let before = count(portal).await?;
    let known = lookup_owner(portal).await?;
    let total = options.tenants.saturating_sub(before).max(u32::from(known.is_none()));
    let mut done = 0;
    let mut step = |done: &mut u32| {
        *done += 1;
        progress(DemoProgress { done: *done, total });
    };

    let (owner, password) = if let Some(owner) = known {
        (owner, None)
    } else {
        let password = new_password(portal);
        let kept = hash(portal, &password).await?;
        let told = |tenant: &TenantRef| founded(&summary(tenant, Some(password.to_string()), 0));
        let owner = organization::first(portal, options, before, kept, told).await?;
        step(&mut done);
        (owner, Some(password.to_string()))
    };
    if done < total {
        // The founders of the others have a password that nobody knows.
        let locked = hash(portal, &new_password(portal)).await?;
        let mut rest = stream::iter(before + done..before + total)
            .map(|number| organization::further(portal, options, number, &owner, &locked))
            .buffer_unordered(AT_ONCE);
        while let Some(made) = rest.next().await {
            made?;
            step(&mut done);
        }
    }
    Ok(summary(&lookup_first(portal, owner.id).await?, password, done))
}

fn summary(first: &TenantRef, password: Option<String>, made: u32) -> DemoSummary {
    let (organization, slug) = (first.name.clone(), first.slug.clone());
    DemoSummary { organization, slug, email: OWNER.1.to_owned(), password, made }
}

/// Somebody who is in several organizations.
struct Owner {
    id: AccountId,
    name: PersonName,
    email: EmailAddress,
}

async fn count(portal: &Portal) -> Result<u32, Error> {
    let mut tx = portal.store().platform().await?;
    let count = sql::count_tenants(tx.conn()).await?;
    tx.end().await?;
    Ok(count)
}

async fn lookup_owner(portal: &Portal) -> Result<Option<Owner>, Error> {
    let email = address(OWNER.1)?;
    let mut tx = portal.store().platform().await?;
    let known = accounts::lookup_by_email(tx.conn(), &email).await?;
    tx.end().await?;
    known.map(|known| Ok(Owner { id: known.account.id, name: person(&known.account.name)?, email })).transpose()
}

/// The organization that somebody has been in for the longest time.
async fn lookup_first(portal: &Portal, account: AccountId) -> Result<TenantRef, Error> {
    let mut tx = portal.store().platform().await?;
    let id = sql::lookup_first(tx.conn(), account).await?.ok_or(Problem::NotFound)?;
    let tenant = Store::lookup_tenant(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    tx.end().await?;
    Ok(tenant)
}

/// Four groups of five letters and digits: 100 random bits that can be read aloud.
fn new_password(portal: &Portal) -> Zeroizing<String> {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let bytes: Zeroizing<[u8; PASSWORD_LENGTH]> = Zeroizing::new(portal.random());
    let groups = bytes
        .chunks(5)
        .map(|group| group.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect::<String>());
    Zeroizing::new(groups.collect::<Vec<_>>().join("-"))
}

async fn hash(portal: &Portal, password: &str) -> Result<KeptPassword, Error> {
    let password = portal.hasher().judge(password, &About::default()).await?;
    let password = password.map_err(|_| Error::internal("the demo's password is none"))?;
    portal.hasher().hash(password, portal.random()).await
}

fn person(name: &str) -> Result<PersonName, Error> {
    PersonName::parse(name).map_err(|_| Error::internal("a name of the demo is none"))
}

fn address(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|_| Error::internal("an address of the demo is none"))
}
