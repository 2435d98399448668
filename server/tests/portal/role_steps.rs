//! Whatever people without everything do with roles, groups, invitations, files and acts on many, in whatever order:
//! together they never come to hold what none of them held, and nothing of it reaches another organization.

use domain::ids::GroupId;
use domain::invitations::InviteForm;
use domain::jobs::JobKind;
use domain::members::{Member, MemberQuery};
use domain::paging::Cursor;
use domain::roles::{GroupForm, Permission, Permissions, Role, RoleForm, RoleId};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use server::invitations::{self, Joiner};
use server::jobs::Worker;
use server::members::bulk::{self, BulkForm, Selection};
use server::roles::{self, Joining};
use server::testing::{PASSWORD, TestPortal, first_link, secret_of};
use server::{Access, Error, members};

/// How many steps each sequence has. Most are refused: that is what they are for.
const STEPS: usize = 60;

fn some_permissions(rng: &mut StdRng) -> Vec<String> {
    Permission::ALL.iter().filter(|_| rng.random_bool(0.3)).map(|it| it.code().to_owned()).collect()
}

fn some_roles(access: &Access, rng: &mut StdRng) -> Vec<String> {
    access.book().all().filter(|_| rng.random_bool(0.3)).map(|role| role.code()).collect()
}

/// One thing that somebody might try. Refusals are as good as successes.
async fn step(t: &TestPortal, access: &Access, people: &[Member], number: usize, rng: &mut StdRng) {
    let book = access.book().clone();
    let role = book.all().collect::<Vec<_>>().choose(rng).expect("built-in roles at least").id();
    let own = book.custom().collect::<Vec<_>>().choose(rng).map(|role| (role.id, role.revision.to_string()));
    let group = book.groups().collect::<Vec<_>>().choose(rng).map(|group| (group.id, group.revision.to_string()));
    let whom = people.choose(rng).expect("people").id;
    let role_form = RoleForm {
        name: format!("Role {number}"),
        permissions: some_permissions(rng),
        parents: some_roles(access, rng),
        ..RoleForm::default()
    };
    let group_form =
        GroupForm { name: format!("Group {number}"), roles: some_roles(access, rng), ..GroupForm::default() };
    let _outcome = match (rng.random_range(0..13), own, group) {
        (0, ..) => roles::create(access, &role_form).await.map(drop),
        (1, Some((id, revision)), _) => roles::save(access, id, &RoleForm { revision, ..role_form }).await.map(drop),
        (2, Some((id, _)), _) => roles::delete(access, id).await.map(drop),
        (3, ..) => roles::create_group(access, &group_form).await.map(drop),
        (4, _, Some((id, revision))) => {
            roles::save_group(access, id, &GroupForm { revision, ..group_form }).await.map(drop)
        }
        (5, _, Some((id, _))) => roles::add_member(access, id, Joining::Id(whom)).await.map(drop),
        (6, _, Some((id, _))) => roles::remove_member(access, id, whom).await.map(drop),
        (7, ..) => invite(t, access, number, role).await,
        (8, ..) => import(t, access, people, number, rng).await,
        (9, ..) => act_on_all(t, access, JobKind::Role, &role.code(), None).await,
        (10, _, Some((id, _))) => act_on_all(t, access, JobKind::Join, "", Some(id)).await,
        (11, _, Some((id, _))) => act_on_all(t, access, JobKind::Leave, "", Some(id)).await,
        _ => members::change_role(access, whom, role).await.map(drop),
    };
}

/// Invites somebody, who comes.
async fn invite(t: &TestPortal, access: &Access, number: usize, role: RoleId) -> Result<(), Error> {
    let email = format!("guest{number}@acme.example");
    invitations::invite(access, &InviteForm { email: email.clone(), role: role.code() }).await?;
    let (secret, joiner) = (t.secret_for(&email).await, Joiner::New { name: "Guest", password: PASSWORD });
    invitations::accept(&t.request(), &secret, joiner).await.map(drop)
}

/// Imports a file that gives some role to everybody and to somebody new.
async fn import(
    t: &TestPortal,
    access: &Access,
    people: &[Member],
    number: usize,
    rng: &mut StdRng,
) -> Result<(), Error> {
    let emails = people.iter().map(|member| member.email.clone()).chain([format!("listed{number}@acme.example")]);
    let roles: Vec<_> = access.book().all().map(|role| role.code()).collect();
    let lines = emails.map(|email| format!("{email},Somebody,{}\n", roles.choose(rng).expect("roles")));
    let file: String = std::iter::once("email,name,role\n".to_owned()).chain(lines).collect();
    let id = members::import::check(access, file.as_bytes()).await?;
    members::import::start(access, id, false).await?;
    work(t).await;
    let Some(mail) = t.mail_to(&format!("listed{number}@acme.example")).await else { return Ok(()) };
    let joiner = Joiner::New { name: "Listed", password: PASSWORD };
    invitations::accept(&t.request(), secret_of(first_link(&mail.text)), joiner).await.map(drop)
}

/// Does something to everybody at once.
async fn act_on_all(
    t: &TestPortal,
    access: &Access,
    kind: JobKind,
    role: &str,
    group: Option<GroupId>,
) -> Result<(), Error> {
    let all = Selection::Matching(MemberQuery::default());
    let form = BulkForm {
        kind,
        role: role.to_owned(),
        group: group.map(|id| id.to_string()).unwrap_or_default(),
        expected: bulk::plan(access, kind, &all).await?.outlook.total.to_string(),
        confirmation: String::new(),
    };
    bulk::start(access, &form, &all).await?;
    work(t).await;
    Ok(())
}

async fn work(t: &TestPortal) {
    let worker = Worker::new(t.portal());
    while worker.work_next().await.expect("a batch") {}
}

/// Everybody in an organization.
async fn everybody(access: &Access) -> Vec<Member> {
    let mut people = members::list(access, &MemberQuery::default()).await.expect("a list");
    while let Some(next) = people.next.take() {
        let query = MemberQuery { cursor: Cursor::decode(&next), ..MemberQuery::default() };
        let more = members::list(access, &query).await.expect("a list");
        people.rows.extend(more.rows);
        people.next = more.next;
    }
    people.rows
}

#[tokio::test]
async fn no_sequence_of_steps_leads_beyond_what_somebody_held() {
    for seed in 0..6 {
        TestPortal::run(async |t| {
            let mut rng = StdRng::seed_from_u64(seed);
            let w = t.world().await;
            let ada = t.enter(&w.ada, &w.acme).await;
            let keeper = RoleForm {
                name: "Keeper".into(),
                permissions: ["roles.manage", "groups.manage", "members.manage", "members.invite"]
                    .map(Into::into)
                    .to_vec(),
                parents: vec!["member".into()],
                ..RoleForm::default()
            };
            let keeper = roles::create(&ada, &keeper).await.expect("a role");
            // What the owner has made, and none of the others may use.
            let strong =
                RoleForm { name: "Strong".into(), permissions: vec!["policy.manage".into()], ..RoleForm::default() };
            let strong = roles::create(&ada, &strong).await.expect("a role");
            let officers =
                GroupForm { name: "Officers".into(), roles: vec![strong.to_string()], ..GroupForm::default() };
            roles::create_group(&ada, &officers).await.expect("a group");
            members::change_role(&ada, w.mia.account, keeper).await.expect("a change");
            members::change_role(&ada, w.ben.account, keeper).await.expect("a change");

            let before = t.enter(&w.mia, &w.acme).await.permissions();
            for number in 0..STEPS {
                let actor = if rng.random_bool(0.5) { &w.mia } else { &w.ben };
                let access = t.enter(actor, &w.acme).await;
                let mut people = everybody(&t.enter(&w.ada, &w.acme).await).await;
                let ada = people.iter().find(|member| member.id == w.ada.account).expect("Ada").clone();
                people.push(Member { id: w.gus.account, email: w.gus.email.clone(), ..ada });
                step(&t, &access, &people, number, &mut rng).await;
                for member in everybody(&t.enter(&w.ada, &w.acme).await).await {
                    let (held, who) = (member.permissions, &member.email);
                    if member.id == w.ada.account {
                        assert_eq!(member.role, Role::Owner, "seed {seed}, step {number}");
                    } else {
                        let beyond = held.without(before);
                        assert!(before.cover(held), "seed {seed}, step {number}, {who}: {:?}", beyond.codes());
                    }
                }
            }
            let gus = t.enter(&w.gus, &w.globex).await;
            assert!(gus.book().is_empty());
            assert_eq!(gus.permissions(), Permissions::of(Permission::ALL));
        })
        .await;
    }
}
