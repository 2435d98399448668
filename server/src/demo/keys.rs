//! Keys of an organization's programs. Nobody was ever shown their secrets: nothing is opened with them.

use domain::api_keys::{KeyChange, KeySecret, NewServiceAccount};
use domain::audit::{Draft, Personal, Public};
use domain::ids::{ApiKeyId, ServiceAccountId};
use domain::policy::Networks;
use domain::roles::{Permission, Permissions};
use domain::text::{KeyName, ServiceAccountName};
use time::{Duration, OffsetDateTime};

use super::story::{Story, context, uuid};
use crate::Portal;
use crate::api_keys::{self, secrets, sql};
use crate::callers;
use crate::error::Error;
use crate::store::TenantTx;

/// How old an organization is at least whose programs have keys.
const AGE: Duration = Duration::days(45);
/// A key: what it is called, how many days ago it was made, for how many days it is good, how many days ago it was used
/// last, and whether it is the service account's.
type Program = (&'static str, i64, i64, Option<i64>, bool);

const PROGRAMS: [Program; 4] = [
    ("Deployment", 40, 365, Some(0), true),
    ("Nightly report", 35, 90, Some(1), true),
    ("Quota gateway", 21, 30, Some(0), false),
    ("Old export script", 44, 365, None, false),
];

/// Lets the founder make a service account and some keys, tells of it, and writes it down.
pub(super) async fn equip(
    portal: &Portal,
    tx: &mut TenantTx,
    story: &mut Story,
    entries: &mut Vec<(OffsetDateTime, Draft)>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if story.teams.groups.is_empty() || entries.first().is_none_or(|(at, _)| now - *at < AGE) {
        return Ok(());
    }
    let (founder, actor) = (story.cast[0].id, story.actor(0));
    let made = now - Duration::days(44);
    let account = ServiceAccountId(uuid(&mut story.rng, made));
    let name = ServiceAccountName::stored("Build servers");
    let new = NewServiceAccount { name, description: "Builds, tests and deploys the product".to_owned() };
    sql::accounts::add(tx.conn(), account, &new, founder, made).await?;
    let draft = Draft::done(api_keys::ACCOUNT_CREATED, actor.clone())
        .target("service_account", account, Public(new.name.to_string()))
        .added("sponsor", Personal(story.cast[0].name.as_str().to_owned()))
        .within(context(&mut story.rng, made, 0));
    insert(entries, made, draft);
    let scopes = Permissions::of(&[Permission::ViewMembers, Permission::CheckAccess, Permission::UseQuotas]);
    for (name, days, life, used, is_accounts) in PROGRAMS {
        let at = now - Duration::days(days);
        let id = ApiKeyId(uuid(&mut story.rng, at));
        let (networks, name) = (Networks::default(), KeyName::stored(name));
        let key = KeyChange { name, scopes, networks, requests_per_minute: None };
        let (secret, expires_at) = (KeySecret::new(portal.random()), at + Duration::days(life));
        let account = is_accounts.then_some(account);
        let row = sql::NewRow { id, key: &key, account, by: founder, secret: &secret, expires_at };
        sql::add(tx.conn(), &row, at).await?;
        if let Some(used) = used {
            let (at, ip) = (now - Duration::days(used) - Duration::MINUTE, [198, 51, 100, 24].into());
            callers::note_use(tx.conn(), id, at, Some(ip), Permissions::of(&[Permission::CheckAccess])).await?;
        }
        let owner = secrets::Owner { account: account.is_none().then_some(founder), issuer: founder };
        secrets::add(tx.enter_platform().await?, story.tenant, id, owner, &secret.hash(), expires_at).await?;
        tx.leave_platform().await?;
        let draft = Draft::done(api_keys::CREATED, actor.clone())
            .target("key", id, Personal(key.name.to_string()))
            .added("scopes", Public(scopes.codes().join(" ")))
            .added("expires_at", Public(expires_at.to_string()))
            .within(context(&mut story.rng, at, 0));
        insert(entries, at, draft);
    }
    Ok(())
}

/// Puts an entry where it belongs by its time.
fn insert(entries: &mut Vec<(OffsetDateTime, Draft)>, at: OffsetDateTime, draft: Draft) {
    let place = entries.partition_point(|(of, _)| *of <= at);
    entries.insert(place, (at, draft));
}
