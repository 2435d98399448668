//! One organization of the demo: provisioned, then filled in one transaction.

use domain::audit::{Action, Actor, Draft, LogId, Public};
use domain::ids::{AccountId, TenantId};
use domain::problem::Problem;
use domain::text::OrganizationName;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::casting::{self, Recipe};
use super::companies::{Company, company};
use super::plan::Fate;
use super::story::{self, Person, Story};
use super::{DemoOptions, OWNER, Owner, address, keys, people, person, quotas, sql, watch};
use crate::edges::Randomness;
use crate::error::Error;
use crate::keys::KeyRing;
use crate::passwords::KeptPassword;
use crate::store::{Founder, NewFounder, NewTenant, Store, TenantRef, TenantTx, Transact};
use crate::{Portal, audit, detections, roles, sign_up};

const FILLED: Action = Action::new("demo.filled");

const FIRST: &str = "Acme Manufacturing";
/// Domain of the first one's people, and of some who work for it.
const DOMAINS: (&str, &str) = ("acme.example", "contractor.example");
/// How far back the first one goes.
const AGE: Duration = Duration::days(90);
/// An act at an earlier time.
struct At<'a>(&'a Portal, OffsetDateTime);

impl Transact for At<'_> {
    fn keys(&self) -> &KeyRing {
        self.0.keys()
    }

    fn randomness(&self) -> &dyn Randomness {
        self.0.randomness()
    }

    fn now(&self) -> OffsetDateTime {
        self.1
    }
}

/// Makes the first organization, with its owner. `founded` is called when the owner can sign in and the organization is
/// yet to be filled.
pub(super) async fn first(
    portal: &Portal,
    options: &DemoOptions,
    number: u32,
    password: KeptPassword,
    founded: impl FnOnce(&TenantRef),
) -> Result<Owner, Error> {
    use Fate::{Declined, Expired, Open, Reminded, Revoked, Undelivered};
    let mut rng = rng(options.seed, number);
    let now = portal.now();
    let start = now - AGE;
    let owner = Owner { id: AccountId(story::uuid(&mut rng, start)), name: person(OWNER.0)?, email: address(OWNER.1)? };
    let recipe = Recipe {
        name: organization(FIRST)?,
        founder: Person::new(owner.id, owner.name.clone(), owner.email.clone()),
        domains: (DOMAINS.0.to_owned(), DOMAINS.1.to_owned()),
        members: options.members_of_first.max(1),
        start,
        now,
        rng,
        guest: None,
        away: vec![Open, Open, Undelivered, Reminded, Expired, Declined, Revoked],
        invited: None,
    };
    make(portal, recipe, password, founded).await?;
    Ok(owner)
}

/// Makes another organization, with people of its own. The first one's owner is in the first two,
/// and invited to the third.
pub(super) async fn further(
    portal: &Portal,
    options: &DemoOptions,
    number: u32,
    owner: &Owner,
    password: &KeptPassword,
) -> Result<(), Error> {
    let mut rng = rng(options.seed, number);
    let now = portal.now();
    let start = now - Duration::hours(rng.random_range(20 * 24..90 * 24));
    let Company { name, domain } = company(number, options.seed);
    let names = people::name(&mut rng);
    let email = address(&format!("{}@{domain}", names.local))?;
    let founder = Person::new(AccountId(story::uuid(&mut rng, start)), person(&names.text)?, email);
    let known = || Person { known: true, ..Person::new(owner.id, owner.name.clone(), owner.email.clone()) };
    let recipe = Recipe {
        name: organization(&name)?,
        founder,
        domains: (domain.clone(), domain),
        members: rng.random_range(5..=25),
        start,
        now,
        rng,
        guest: match number {
            1 => Some((1, known())),
            2 => Some((4, known())),
            _ => None,
        },
        away: vec![Fate::Open, if number.is_multiple_of(2) { Fate::Declined } else { Fate::Reminded }],
        invited: (number == 3).then(known),
    };
    make(portal, recipe, password.clone(), |_| ()).await
}

/// The generator of one organization: its number matters, and who was made before it does not.
fn rng(seed: u64, number: u32) -> StdRng {
    StdRng::seed_from_u64(seed ^ (u64::from(number) << 32))
}

async fn make(
    portal: &Portal,
    mut recipe: Recipe,
    password: KeptPassword,
    founded: impl FnOnce(&TenantRef),
) -> Result<(), Error> {
    let id = TenantId(story::uuid(&mut recipe.rng, recipe.start));
    provision(portal, &mut recipe, id, password).await?;
    let mut tx = portal.store().platform().await?;
    let tenant = Store::lookup_tenant(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    tx.end().await?;
    founded(&tenant);
    fill(portal, recipe, &tenant).await
}

async fn provision(portal: &Portal, recipe: &mut Recipe, id: TenantId, password: KeptPassword) -> Result<(), Error> {
    let Recipe { name, founder, start, rng, .. } = recipe;
    let context = story::context(rng, *start, 0);
    let new = NewFounder { password: Some(password), email_proven_at: Some(*start) };
    let account =
        Founder { id: founder.id, name: founder.name.clone(), email: founder.email.clone(), new_account: Some(new) };
    let by = At(portal, *start);
    let founded = |tenant: &NewTenant| {
        Draft::done(sign_up::CREATED, Actor::person(founder.id, founder.name.as_str()))
            .target("organization", id, Public(name.as_str().to_owned()))
            .added("slug", Public(tenant.slug.as_str().to_owned()))
            .within(context)
    };
    portal.store().provision(&by, id, name, &account, founded).await?;
    Ok(())
}

/// Writes down what the story has led to, in one transaction.
async fn fill(portal: &Portal, recipe: Recipe, tenant: &TenantRef) -> Result<(), Error> {
    let now = recipe.now;
    let mut story = casting::tell(recipe, tenant.id)?;
    let mut entries = std::mem::take(&mut story.entries);
    let organization = story.organization.as_str().to_owned();
    let alerts = [0, 1].map(|_| story::uuid(&mut story.rng, now));
    let founder = &story.cast[0];
    let joined: Vec<&Person> = story.cast[1..].iter().filter(|person| person.joined_at.is_some()).collect();
    let new: Vec<&Person> = joined.iter().copied().filter(|person| !person.known).collect();
    let members: Vec<&Person> = joined.iter().copied().filter(|person| person.is_member()).collect();

    let mut tx = portal.store().tenant(tenant).await?;
    let platform = tx.enter_platform().await?;
    sql::add_accounts(platform, tenant.id, &new).await?;
    sql::add_memberships(platform, tenant.id, &members).await?;
    sql::add_pending(platform, tenant.id, &story.invitations).await?;
    sql::add_mails(platform, tenant.id, &organization, &story.invitations).await?;
    tx.leave_platform().await?;
    // The founder is a member since provisioning.
    sql::note_seen(tx.conn(), founder).await?;
    sql::add_members(tx.conn(), &members).await?;
    organize(&mut tx, &story, alerts, now).await?;
    sql::add_invitations(tx.conn(), &story.invitations).await?;
    let count = 1 + members.len();
    keys::equip(portal, &mut tx, &mut story, &mut entries, now).await?;
    detections::record(tx.conn(), &detections::facts_of(&entries)).await?;
    audit::append_all(tx.conn(), &At(portal, now), LogId::Tenant(tenant.id), entries).await?;
    let entry = Draft::done(FILLED, Actor::system())
        .target("organization", tenant.id, Public(organization))
        .added("members", Public(count.to_string()));
    tx.commit(&At(portal, now), entry).await
}

/// Roles, groups, who is in them, when they came by, and what was noticed of that.
async fn organize(
    tx: &mut TenantTx,
    Story { teams, cast, .. }: &Story,
    alerts: [Uuid; 2],
    now: OffsetDateTime,
) -> Result<(), Error> {
    if teams.groups.is_empty() {
        return Ok(());
    }
    for role in &teams.roles {
        roles::sql::put_role(tx.conn(), role).await?;
    }
    for group in &teams.groups {
        roles::put_group(tx.conn(), group).await?;
        let inside = teams.inside.iter().filter(|(_, of)| *of == group.id);
        let inside: Vec<_> = inside.map(|(who, _)| cast[*who].id.0).collect();
        roles::join(tx.conn(), group.id, &inside).await?;
    }
    sql::add_visits(tx.conn(), now).await?;
    watch::add_hours(tx.conn()).await?;
    watch::add_alerts(tx.conn(), alerts, cast[0].id, now).await?;
    quotas::add_usage(tx.conn(), now).await?;
    roles::sql::advance(tx.conn()).await
}

fn organization(name: &str) -> Result<OrganizationName, Error> {
    OrganizationName::parse(name).map_err(|_| Error::internal("a name of the demo's organizations is none"))
}
