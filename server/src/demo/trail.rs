//! A long audit trail, and how fast one grows: for measuring.

use std::time::{Duration, Instant};

use domain::audit::{ACTS, Action, Actor, Category, Context, Draft, LogId, Personal};
use domain::ids::AccountId;
use futures::future::try_join_all;
use time::OffsetDateTime;

use crate::Portal;
use crate::audit;
use crate::detections;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantRef;

/// How many entries are written in one transaction.
const BATCH: u64 = 5_000;
/// The time that the entries are spread over.
const SPREAD: time::Duration = time::Duration::days(90);
/// How many addresses people come from.
const ADDRESSES: u64 = 400;
/// Who writes at a time, where appending is measured.
const WRITERS: usize = 16;
/// What is written where appending is measured.
const WRITTEN: Action = Action::new("demo.filled");

/// Members, as entries name them.
type People = Vec<(AccountId, String)>;

/// Makes the trail of the oldest organization longer, by so many entries of what its members might have done in the last
/// 90 days.
///
/// # Errors
/// There is no organization; the database does not answer.
pub async fn lengthen_trail(portal: &Portal, entries: u64, mut progress: impl FnMut(u64)) -> Result<Duration, Error> {
    let tenant = tenants(portal, 1).await?.pop().ok_or_else(|| Error::internal("there is no organization"))?;
    let people = people(portal, &tenant).await?;
    let actions = actions();
    let (now, request) = (portal.now(), RequestContext::internal(portal));
    let began = Instant::now();
    for from in (0..entries).step_by(usize::try_from(BATCH).map_err(Error::internal)?) {
        let until = (from + BATCH).min(entries);
        let drafts = (from..until).map(|number| draft(number, entries, now, &people, &actions)).collect::<Vec<_>>();
        let mut tx = portal.store().tenant(&tenant).await?;
        detections::record(tx.conn(), &detections::facts_of(&drafts)).await?;
        audit::append_all(tx.conn(), &request, LogId::Tenant(tenant.id), drafts).await?;
        tx.keep().await?;
        progress(until);
    }
    Ok(began.elapsed())
}

/// Appends entries for so long, by several writers, each in a transaction of its own: how many there were. To the trail of
/// one organization, or by turns to those of many.
///
/// # Errors
/// There is no organization; the database does not answer.
pub async fn measure_appends(portal: &Portal, organizations: usize, lasting: Duration) -> Result<u64, Error> {
    let tenants = tenants(portal, i64::try_from(organizations).map_err(Error::internal)?).await?;
    if tenants.is_empty() {
        return Err(Error::internal("there is no organization"));
    }
    let began = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let tenants = &tenants;
        async move {
            let mut written = 0;
            while began.elapsed() < lasting {
                let turn = (written * WRITERS + writer) % tenants.len();
                let entry = Draft::done(WRITTEN, Actor::system()).unnamed_target("organization", tenants[turn].id);
                let tx = portal.store().tenant(&tenants[turn]).await?;
                tx.commit(&RequestContext::internal(portal), entry).await?;
                written += 1;
            }
            Ok::<_, Error>(written)
        }
    });
    Ok(try_join_all(writers).await?.into_iter().sum::<usize>() as u64)
}

pub(super) async fn tenants(portal: &Portal, most: i64) -> Result<Vec<TenantRef>, Error> {
    let ids = sqlx::query_scalar!("SELECT id FROM platform.tenants ORDER BY created_at, id LIMIT $1", most)
        .fetch_all(portal.store().identity_pool())
        .await?;
    let ids: Vec<_> = ids.into_iter().map(domain::ids::TenantId).collect();
    portal.store().active_tenants(Some(&ids)).await
}

async fn people(portal: &Portal, tenant: &TenantRef) -> Result<People, Error> {
    let mut tx = portal.store().tenant(tenant).await?;
    let rows = sqlx::query!("SELECT account_id, name FROM members ORDER BY joined_at, account_id LIMIT 2000")
        .fetch_all(tx.conn())
        .await?;
    tx.close();
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), row.name)).collect())
}

/// What members do, each as often as the others.
fn actions() -> Vec<Action> {
    let done = [Category::Members, Category::Roles, Category::Reads, Category::Policy];
    // What detections count would be counted here, too.
    let acts = ACTS.iter().filter(|act| done.contains(&act.category) && act.fact.is_none());
    let codes = acts.map(|act| act.code.to_owned());
    codes.filter_map(|code| Action::try_from(code).ok()).collect()
}

/// One entry, which its number determines: neighbours have little in common.
fn draft(number: u64, of: u64, now: OffsetDateTime, people: &People, actions: &[Action]) -> (OffsetDateTime, Draft) {
    // The odd constant of SplitMix64: it scatters what follows each other.
    let scattered = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let choose = |shift: u32, among: u64| (scattered >> shift) % among.max(1);
    let pick = |shift: u32, among: usize| usize::try_from(choose(shift, among as u64)).unwrap_or(0);
    let share = i32::try_from(of - number).unwrap_or(i32::MAX);
    let at = now - SPREAD / i32::try_from(of).unwrap_or(i32::MAX).max(1) * share;
    let (actor, name) = &people[pick(40, people.len())];
    let (target, target_name) = &people[pick(24, people.len())];
    let action = actions[pick(32, actions.len())].clone();
    let actor = Actor::person(*actor, name);
    // One in fifty is denied.
    let draft = if choose(50, 50) == 0 { Draft::denied(action, actor) } else { Draft::done(action, actor) };
    let address = choose(16, ADDRESSES);
    let context =
        Context::request(format!("bench-{number}"), Some(format!("10.0.{}.{}", address / 200, address % 200)), None);
    (
        at,
        draft
            .target("member", target, Personal(target_name.clone()))
            .changed("role", "member", "admin")
            .within(context),
    )
}
