//! One organization as a file: it comes back as it was, beside itself as a copy, and not at all when a byte is wrong.

use domain::approvals::{Standing, State};
use domain::audit::{AuditQuery, Frontier, Hash, LogId, VerifierKey, verify_export};
use domain::ids::{EndpointId, TenantId};
use domain::organizations::TenantStatus;
use domain::policy::SecurityPolicy;
use domain::problem::Problem;
use domain::roles::Role;
use domain::webhooks::{EndpointForm, EventKind};
use serde_json::json;
use server::api_keys::Issued;
use server::audit::{self, Format};
use server::carrying::{self, CarryError, Compared, Imported};
use server::housekeeping::Housekeeping;
use server::keys::Passphrase;
use server::policy::EnforceForm;
use server::testing::{Organization, PASSWORD, Person, TestPortal, World};
use server::{Access, approvals, members, organizations, sign_in, webhooks};
use time::Duration;
use uuid::Uuid;

use crate::api_keys;
use crate::approvals::{ALL, acme_needing, approve, standing, work};
use crate::support::{NEW, assert_sound, draft_policy, export, refused, substance};

fn passphrase() -> Passphrase {
    Passphrase::parse("neither here nor there").expect("a passphrase")
}

async fn take_out(t: &TestPortal, slug: &str) -> Vec<u8> {
    let mut file = Vec::new();
    carrying::export(&t.request(), slug, &passphrase(), &mut file).await.expect("an export");
    file
}

async fn bring_in(t: &TestPortal, file: &[u8], beside: bool) -> Result<Imported, CarryError> {
    carrying::import(&t.request(), &passphrase(), beside, file).await
}

/// Deletes Acme, and lets the days of grace pass.
async fn delete_for_good(t: &TestPortal) {
    organizations::schedule_deletion_by_slug(&t.request(), "acme", None).await.unwrap();
    for days in [31, 0] {
        Housekeeping::new(t.portal()).sweep().await.unwrap();
        t.pass(Duration::days(days));
    }
    assert_eq!(t.number("SELECT count(*) FROM platform.tenants WHERE slug = 'acme'").await, 0);
}

async fn members_of(t: &TestPortal, of: &Organization) -> String {
    t.rows(&format!("{}.members", of.schema()), "true").await
}

/// A key and an endpoint of Acme's, and somebody who is invited.
async fn furnish(t: &TestPortal, owner: &Access) -> (Issued, EndpointId) {
    t.invite(owner, NEW, Role::Member).await;
    let url = "https://hooks.acme.example/in".to_owned();
    let events = vec![EventKind::MemberJoined.code().to_owned()];
    let form = EndpointForm { url, description: "On call".to_owned(), events };
    let endpoint = webhooks::create(owner, &form).await.expect("an endpoint").id;
    (api_keys::make(owner, "90").await, endpoint)
}

async fn secret(access: &Access, endpoint: EndpointId) -> String {
    webhooks::reveal(access, endpoint).await.expect("a secret").secret.as_str().to_owned()
}

/// What there is of organizations: rows, schemas and roles.
async fn census(t: &TestPortal) -> (i64, usize, i64) {
    let roles = "SELECT count(*) FROM pg_roles, platform.installation WHERE starts_with(rolname, 'pc_' || id || '_t_')";
    (t.number("SELECT count(*) FROM platform.tenants").await, t.schemas().await.len(), t.number(roles).await)
}

/// The tables of Acme and of its copy that are not the same.
async fn unequal(t: &TestPortal) -> Vec<String> {
    let compared = carrying::compare(&t.request(), "acme", "acme-restored").await.unwrap();
    let members = compared.iter().find(|compared| compared.table == "members").expect("members are compared");
    assert!(members.equal + members.different >= 3);
    compared.into_iter().filter(|compared| !compared.is_equal()).map(|compared| compared.table).collect()
}

/// The log is found to be whole, hashed again from its beginning.
async fn assert_undamaged(t: &TestPortal, of: &Organization) {
    t.look_after(of).await;
    t.look_after(of).await;
    let entries = t.journal().await.of(of.log());
    assert!(entries.iter().all(|entry| entry.action != "audit.damaged"));
}

#[tokio::test]
async fn what_was_deleted_for_good_comes_back_as_it_was() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, ben, mia, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let (key, endpoint) = furnish(&t, &owner).await;
        organizations::add_domain(&t.request(), "acme", "acme.example").await.unwrap();
        let shown = secret(&owner, endpoint).await;
        let size = audit::take_checkpoint(&owner).await.unwrap();
        let kept = audit::checkpoint_note(&owner, size).await.unwrap();
        let before = members_of(&t, &acme).await;
        let file = take_out(&t, "acme").await;
        assert!(matches!(bring_in(&t, &file, false).await, Err(CarryError::There(slug)) if slug == "acme"));
        delete_for_good(&t).await;
        let others = substance(&t, &globex).await;

        let restored = bring_in(&t, &file, false).await.unwrap();
        assert_eq!((restored.id, restored.slug.as_str()), (acme.id, "acme"));
        assert_eq!((restored.members, restored.made, restored.suspended, restored.has_owner), (3, 0, 0, true));
        assert_eq!(restored.plan, "team");
        assert_eq!(restored.domains, ["acme.example"]);
        let noted = organizations::list_domains(&t.request(), "acme").await.unwrap();
        assert_eq!(noted, [""; 0], "a domain is nobody's because a file says so");
        assert_eq!(members_of(&t, &acme).await, before);
        let journal = t.journal().await;
        for log in [LogId::Platform, acme.log()] {
            assert_eq!(journal.of(log).last().unwrap().action, "organization.imported");
        }
        assert_sound(&t, &acme).await;
        for person in [&ada, &ben, &mia] {
            t.enter(person, &acme).await;
        }
        let owner = t.enter(&ada, &acme).await;
        assert_eq!(audit::checkpoint_note(&owner, size).await.unwrap(), kept, "note and key");
        let verifier: VerifierKey = kept.1.parse().unwrap();
        let trail = export(owner.clone()).await.unwrap();
        verify_export(trail.as_bytes(), Some(&verifier), &[&kept.0]).expect("the trail goes on");
        assert!(trail.contains("Ada Lovelace"), "it discloses what it did");
        assert_eq!(secret(&owner, endpoint).await, shown);
        assert_eq!(api_keys::calls(&t, &key).await, Ok(()));
        assert_undamaged(&t, &acme).await;
        assert_eq!(substance(&t, &globex).await, others);
        assert!(matches!(bring_in(&t, &file, false).await, Err(CarryError::There(_))), "once");
    })
    .await;
}

#[tokio::test]
async fn a_copy_beside_is_the_same_and_nobodys_until_it_is_resumed() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, gus, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let (key, endpoint) = furnish(&t, &owner).await;
        let shown = secret(&owner, endpoint).await;
        audit::take_checkpoint(&owner).await.unwrap();
        let live = substance(&t, &acme).await;
        let file = take_out(&t, "acme").await;
        let restored = bring_in(&t, &file, true).await.unwrap();
        let copy = Organization { id: restored.id, slug: restored.slug.as_str().to_owned() };
        assert_ne!(copy.id, acme.id);
        assert_eq!(copy.slug, "acme-restored");
        assert_eq!(unequal(&t).await, Vec::<String>::new());
        assert_eq!(substance(&t, &acme).await, live);
        assert_eq!(refused(t.try_enter(&ada, &copy.slug).await), Problem::OrganizationSuspended);

        organizations::set_status(&t.request(), &copy.slug, TenantStatus::Active, None).await.unwrap();
        let inside = t.enter(&ada, &copy).await;
        assert_eq!(refused(t.try_enter(&gus, &copy.slug).await), Problem::NotFound);
        let trail = export(inside.clone()).await.unwrap();
        verify_export(trail.as_bytes(), None, &[]).expect("its trail is a log of its own");
        assert!(trail.contains("Ada Lovelace") && trail.contains(&format!("portcullis/{}", copy.id)));
        assert_ne!(audit::checkpoint(&inside).await.unwrap().1, audit::checkpoint(&owner).await.unwrap().1);
        assert_undamaged(&t, &copy).await;
        assert_eq!(secret(&inside, endpoint).await, shown);
        let endpoints = webhooks::list(&inside).await.unwrap();
        assert!(endpoints.iter().all(|endpoint| endpoint.disabled.is_some()), "nothing is sent twice");
        assert_eq!(api_keys::calls(&t, &key).await, Ok(()));
        let found = format!("SELECT count(*) FROM platform.api_keys WHERE tenant_id = '{}'", copy.id);
        assert_eq!(t.number(&found).await, 0, "keys are the original's");

        members::change_role(&t.enter(&ada, &acme).await, mia.account, Role::Auditor).await.unwrap();
        let changed = unequal(&t).await;
        for table in ["members", "audit_entries"] {
            assert!(changed.iter().any(|other| other == table), "{table}: {changed:?}");
        }
        assert!(!changed.iter().any(|table| table == "invitations"), "{changed:?}");
        // Another one has another name.
        assert_eq!(bring_in(&t, &file, true).await.unwrap().slug.as_str(), "acme-restored-2");
    })
    .await;
}

#[tokio::test]
async fn one_wrong_byte_and_nothing_is_made() {
    TestPortal::run(async |t| {
        t.world().await;
        let file = take_out(&t, "acme").await;
        let before = census(&t).await;
        let drawn = (0..12).map(|_| usize::try_from(u64::from_be_bytes(t.random()) % file.len() as u64).unwrap());
        for at in [0, 24, 30, 60, file.len() - 1].into_iter().chain(drawn) {
            let mut flipped = file.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(bring_in(&t, &flipped, true).await.is_err(), "byte {at}");
        }
        for length in [0, 10, 41, file.len() / 2, file.len() - 1] {
            assert!(bring_in(&t, &file[..length], true).await.is_err(), "cut to {length}");
        }
        assert!(bring_in(&t, &[file.as_slice(), b"x"].concat(), true).await.is_err(), "a byte more");
        let other = Passphrase::parse("neither there nor here").unwrap();
        let answer = carrying::import(&t.request(), &other, true, file.as_slice()).await;
        assert!(matches!(answer, Err(CarryError::Closed)));
        assert!(matches!(bring_in(&t, b"%PDF-1.7 and some more bytes", true).await, Err(CarryError::Foreign)));
        assert_eq!(census(&t).await, before);
        bring_in(&t, &file, true).await.expect("the file itself is whole");
    })
    .await;
}

#[tokio::test]
async fn an_export_holds_nothing_of_another_organization_and_is_sealed() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        furnish(&t, &owner).await;
        let file = take_out(&t, "acme").await;
        let opened = t.open_export(&file, &passphrase()).await;
        let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        for own in [ada.email.as_str(), "Ada Lovelace", &acme.id.to_string(), NEW, "hooks.acme.example"] {
            assert!(holds(&opened, own), "{own}");
            assert!(!holds(&file, own), "{own} is in clear");
        }
        let (tenant, account) = (globex.id.to_string(), gus.account.to_string());
        for foreign in [gus.email.as_str(), "Gus Grissom", "Globex", "globex", &tenant, &account, "$argon2"] {
            assert!(!holds(&opened, foreign), "{foreign}");
        }
        let hashes = t.number("SELECT count(*) FROM platform.tokens WHERE tenant_id IS NOT NULL").await;
        assert!(hashes > 0, "there are links that could have been in it");
        let rows = t.sql("SELECT encode(hash, 'hex') FROM platform.tokens").await;
        for row in rows {
            assert!(!holds(&opened, sqlx::Row::get(&row, 0)), "a link's hash");
        }
    })
    .await;
}

/// Takes an account away with everything of it, as if it had never been on this platform.
async fn forget(t: &TestPortal, person: &Person) {
    for table in ["sessions", "passwords", "known_devices", "notices", "notifications", "memberships"] {
        t.sql(&format!("DELETE FROM platform.{table} WHERE account_id = '{}'", person.account)).await;
    }
    t.sql(&format!("DELETE FROM platform.accounts WHERE id = '{}'", person.account)).await;
}

#[tokio::test]
async fn nobody_gets_a_way_in_that_they_have_not_got() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let file = take_out(&t, "acme").await;
        delete_for_good(&t).await;
        forget(&t, &ben).await;
        t.sql(&format!("UPDATE platform.accounts SET email = 'mia@home.example' WHERE id = '{}'", mia.account)).await;

        let restored = bring_in(&t, &file, false).await.unwrap();
        assert_eq!((restored.members, restored.made, restored.suspended, restored.has_owner), (2, 1, 1, true));
        t.enter(&ada, &acme).await;
        let mia = t.sign_in("mia@home.example").await;
        assert_eq!(refused(t.try_enter(&mia, "acme").await), Problem::NotFound, "another address");
        assert!(sign_in::sign_in(&t.request(), &ben.email, PASSWORD).await.is_err(), "no password came along");
        // Whoever reads his mail is him.
        sign_in::request_reset(&t.request(), &ben.email).await.unwrap();
        sign_in::reset(&t.request(), &t.secret_for(&ben.email).await, "a password to come").await.unwrap();
        let grant = sign_in::sign_in(&t.request(), &ben.email, "a password to come").await.unwrap();
        let ben = t.person(grant).await;
        assert_eq!(t.enter(&ben, &acme).await.account(), ben.account);
    })
    .await;
}

/// The columns that entries, invitations and members had at first.
const ENTRY: &[&str] = &["index", "at", "action", "outcome", "actor_id", "target_id", "canonical", "leaf", "openings"];
const INVITATION: &[&str] = &["id", "email", "role", "state", "invited_by", "created_at", "expires_at", "decided_at"];
const MEMBER: &[&str] = &["account_id", "name", "email", "role", "status", "joined_at", "last_seen_at"];

/// The tables that organizations had at first, with one owner in them.
fn first_tables(owner: Uuid) -> [(&'static str, &'static [&'static str], String); 4] {
    let row = format!("{owner}\tOld Owner\told@initech.example\towner\tactive\t2024-01-01 00:00:00+00\t\\N\n");
    [
        ("audit_entries", ENTRY, String::new()),
        ("audit_head", &["id", "size", "peaks"], "1\t0\t\\\\x\n".to_owned()),
        ("invitations", INVITATION, String::new()),
        ("members", MEMBER, row),
    ]
}

#[tokio::test]
async fn an_export_of_long_ago_is_brought_up_to_date_and_one_of_the_future_is_refused() {
    TestPortal::run(async |t| {
        t.world().await;
        let before = census(&t).await;
        let tables = first_tables(Uuid::from_bytes(t.random()));
        let shapes: Vec<_> = tables.iter().map(|(name, columns, _)| json!({"name": name, "columns": columns})).collect();
        let (at, id) = ("2024-01-02T00:00:00Z", Uuid::from_bytes(t.random()));
        let key = |purpose: &str| {
            json!({"purpose": purpose, "version": 1, "secret": hex::encode(t.random::<32>()), "created_at": at})
        };
        let mut header = json!({
            "tenant": id, "name": "Initech", "slug": "initech", "exported_at": at, "schema_version": 1,
            "created_at": at, "suspended": false, "epoch": 4, "plan": "team", "time_zone": "UTC",
            "slugs": ["initech", "operator", "Not A Slug"],
            "domains": [{"domain": "globex.example", "verified_at": at}, {"domain": "\u{1b}[2J", "verified_at": at}],
            "secrets": [], "keys": [key("data"), key("signing")], "entries": 0,
            "root": Frontier::default().root(), "tables": shapes,
        });
        let rows = tables.map(|(name, _, rows)| (name, rows));

        header["schema_version"] = json!(100_000);
        let file = t.write_export(&passphrase(), &header, &rows).await;
        assert!(matches!(bring_in(&t, &file, false).await, Err(CarryError::Newer { found: 100_000, .. })));
        header["schema_version"] = json!(1);
        let file = t.write_export(&passphrase(), &header, &rows).await;
        let restored = bring_in(&t, &file, false).await.unwrap();
        assert_eq!((restored.slug.as_str(), restored.made, restored.has_owner), ("initech", 1, true));
        assert_eq!(restored.domains, ["globex.example"]);
        assert_eq!(t.number("SELECT count(*) FROM platform.domains").await, 0);
        let slugs = format!("SELECT string_agg(slug, ' ') FROM platform.slugs WHERE tenant_id = '{id}'");
        assert_eq!(t.text(&slugs).await, "initech");

        header["schema_version"] = json!(9);
        let file = t.write_export(&passphrase(), &header, &rows).await;
        assert!(matches!(bring_in(&t, &file, true).await, Err(CarryError::Inconsistent(_))), "other tables");
        header["schema_version"] = json!(1);
        let broken = rows.clone().map(|(name, rows)| (name, rows.replace("owner\t", "king\t")));
        let file = t.write_export(&passphrase(), &header, &broken).await;
        assert!(matches!(bring_in(&t, &file, true).await, Err(CarryError::Inconsistent(_))), "there is no such role");
        header["entries"] = json!(7);
        let file = t.write_export(&passphrase(), &header, &rows).await;
        assert!(matches!(bring_in(&t, &file, true).await, Err(CarryError::Inconsistent(_))), "another log");
        let state = Frontier::from_iter([Hash([7; 32])]);
        (header["entries"], header["root"]) = (json!(1), json!(state.root()));
        let mut headless = rows.clone();
        headless[1].1 = format!("1\t1\t\\\\x{}\n", hex::encode(state.peak_bytes()));
        let file = t.write_export(&passphrase(), &header, &headless).await;
        assert!(matches!(bring_in(&t, &file, true).await, Err(CarryError::Inconsistent(_))), "entries are missing");
        (header["entries"], header["root"]) = (json!(0), json!(Frontier::default().root()));
        for (field, value) in [("name", json!("Init\u{202e}ech")), ("epoch", json!(i64::MAX)), ("slug", json!(""))] {
            let mut wrong = header.clone();
            wrong[field] = value;
            let file = t.write_export(&passphrase(), &wrong, &rows).await;
            assert!(matches!(bring_in(&t, &file, true).await, Err(CarryError::Inconsistent(_))), "{field}");
        }
        let after = census(&t).await;
        assert_eq!((after.0, after.1, after.2), (before.0 + 1, before.1 + 1, before.2 + 1));
        let versions = "SELECT count(DISTINCT schema_version) FROM platform.tenants";
        assert_eq!(t.number(versions).await, 1);
        let initech = Organization { id: TenantId(id), slug: "initech".to_owned() };
        assert!(members_of(&t, &initech).await.contains("founder"), "what came later is worked out");
        assert_undamaged(&t, &initech).await;
    })
    .await;
}

/// The policy in force at Acme.
async fn in_force(t: &TestPortal, owner: &Person, acme: &Organization) -> SecurityPolicy {
    t.enter(owner, acme).await.enforced().document().clone()
}

#[tokio::test]
async fn what_was_to_wait_waits_anew_and_can_be_cancelled_again() {
    TestPortal::run(async |t| {
        let lax = SecurityPolicy { approval_needed: ALL, ..SecurityPolicy::default() };
        let strict = SecurityPolicy { log_reads: true, ..lax.clone() };
        let (w, _) = acme_needing(&t, 0, &lax).await;
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let version = draft_policy(&ada, &strict).await.unwrap().to_string();
        let form = EnforceForm { version, reason: "The auditors ask for it".to_owned(), ..EnforceForm::default() };
        let id = approvals::ask_to_enforce(&ada, &form).await.unwrap();
        let file = take_out(&t, "acme").await;
        approvals::cancel(&t.enter(&w.ada, &w.acme).await, id).await.unwrap();
        delete_for_good(&t).await;

        bring_in(&t, &file, false).await.unwrap();
        t.pass(Duration::hours(23));
        work(&t).await;
        assert_eq!(in_force(&t, &w.ada, &w.acme).await, lax);
        assert_eq!(standing(&t, &w, id).await, Standing::Waiting, "its day has not passed");
        t.pass(Duration::hours(1));
        work(&t).await;
        assert_eq!(in_force(&t, &w.ada, &w.acme).await, strict, "nobody has cancelled it this time");
    })
    .await;
}

#[tokio::test]
async fn what_was_granted_has_to_be_asked_for_again() {
    TestPortal::run(async |t| {
        let policy = SecurityPolicy { approval_needed: ALL, ..SecurityPolicy::default() };
        let (w, others) = acme_needing(&t, 1, &policy).await;
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let query = AuditQuery::from_text("outcome=denied");
        let id = approvals::ask_to_export(&ada, Format::Ndjson, &query, "The auditors ask for it").await.unwrap();
        approve(&t, &w, &others[0], id).await.unwrap();
        assert_eq!(standing(&t, &w, id).await, Standing::Granted);
        let file = take_out(&t, "acme").await;
        delete_for_good(&t).await;
        bring_in(&t, &file, false).await.unwrap();
        assert_eq!(standing(&t, &w, id).await, Standing::Over(State::Lapsed));
        let state = format!("SELECT state FROM {}.approval_requests WHERE id = '{id}'", w.acme.schema());
        assert_eq!(t.text(&state).await, "lapsed");
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_said_and_unknown_organizations_are_not_there() {
    TestPortal::run(async |t| {
        t.world().await;
        let mut full = tokio::fs::OpenOptions::new().write(true).open("/dev/full").await.unwrap();
        let answer = carrying::export(&t.request(), "acme", &passphrase(), &mut full).await;
        assert!(matches!(answer, Err(CarryError::Write(_))), "{answer:?}");
        let answer = carrying::export(&t.request(), "nowhere", &passphrase(), &mut Vec::new()).await;
        assert!(matches!(answer, Err(CarryError::Portal(server::Error::Refused(Problem::NotFound)))));
        let compared: Vec<Compared> = carrying::compare(&t.request(), "acme", "globex").await.unwrap();
        assert!(compared.iter().any(|table| !table.is_equal()));
        // What was begun is in nobody's way.
        bring_in(&t, &take_out(&t, "acme").await, true).await.unwrap();
    })
    .await;
}
