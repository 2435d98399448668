//! Roles of an organization's own, and groups that carry roles.

use domain::fields::FieldProblem;
use domain::ids::{CustomRoleId, GroupId};
use domain::problem::Problem;
use domain::roles::{GroupForm, Permission, Role, RoleForm};
use server::edges::Clock;
use server::roles::{self, Joining};
use server::testing::{Organization, Person, TestPortal};
use server::{Access, Error, members};

fn form(name: &str, permissions: &[Permission], parents: &[&str]) -> RoleForm {
    RoleForm {
        name: name.to_owned(),
        permissions: permissions.iter().map(|permission| permission.code().to_owned()).collect(),
        parents: parents.iter().map(|code| (*code).to_owned()).collect(),
        ..RoleForm::default()
    }
}

fn group_form(name: &str, roles: &[&str]) -> GroupForm {
    GroupForm {
        name: name.to_owned(),
        roles: roles.iter().map(|code| (*code).to_owned()).collect(),
        ..GroupForm::default()
    }
}

async fn make_role(access: &Access, form: &RoleForm) -> CustomRoleId {
    roles::create(access, form).await.expect("a role")
}

async fn make_group(access: &Access, form: &GroupForm) -> GroupId {
    roles::create_group(access, form).await.expect("a group")
}

async fn may(t: &TestPortal, person: &Person, organization: &Organization, permission: Permission) -> bool {
    t.enter(person, organization).await.may(permission)
}

fn is_at(error: &Error, field: &str, problem: FieldProblem) -> bool {
    matches!(error, Error::Invalid(errors) if errors.of(field) == Some(problem))
}

#[tokio::test]
async fn a_role_holds_what_it_inherits_and_a_change_holds_with_the_next_request() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let auditor = make_role(&ada, &form("Reader", &[], &["auditor"])).await;
        let support = make_role(&ada, &form("Support", &[Permission::InviteMembers], &[&auditor.to_string()])).await;
        members::change_role(&ada, w.mia.account, support).await.expect("a change");
        assert!(may(&t, &w.mia, &w.acme, Permission::ViewAudit).await);
        assert!(may(&t, &w.mia, &w.acme, Permission::InviteMembers).await);
        assert!(!may(&t, &w.mia, &w.acme, Permission::ManageMembers).await);

        let ada = t.enter(&w.ada, &w.acme).await;
        let less = RoleForm { revision: "1".into(), ..form("Reader", &[], &["member"]) };
        roles::save(&ada, auditor, &less).await.expect("a change");
        assert!(!may(&t, &w.mia, &w.acme, Permission::ViewAudit).await);
        assert!(may(&t, &w.mia, &w.acme, Permission::InviteMembers).await);
    })
    .await;
}

#[tokio::test]
async fn a_group_gives_its_roles_and_takes_them_back() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let group = make_group(&ada, &group_form("On call", &["security_officer"])).await;
        assert!(!may(&t, &w.mia, &w.acme, Permission::ExportAudit).await);
        roles::add_member(&ada, group, Joining::Email(&w.mia.email)).await.expect("to join");
        assert!(may(&t, &w.mia, &w.acme, Permission::ExportAudit).await);
        let again = roles::add_member(&ada, group, Joining::Id(w.mia.account)).await.unwrap_err();
        assert!(is_at(&again, "email", FieldProblem::AlreadyInGroup));
        roles::remove_member(&ada, group, w.mia.account).await.expect("to leave");
        assert!(!may(&t, &w.mia, &w.acme, Permission::ExportAudit).await);
        roles::add_member(&ada, group, Joining::Id(w.mia.account)).await.expect("to join");
        roles::delete_group(&ada, group).await.expect("a deletion");
        assert!(!may(&t, &w.mia, &w.acme, Permission::ExportAudit).await);
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_by_a_role_or_a_group_what_they_do_not_hold() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let keeper = make_role(
            &ada,
            &form(
                "Keeper",
                &[Permission::ManageRoles, Permission::ManageGroups, Permission::ManageMembers],
                &["member"],
            ),
        )
        .await;
        let strong = make_role(&ada, &form("Strong", &[Permission::ManagePolicy], &["member"])).await;
        let group = make_group(&ada, &group_form("Strong ones", &[&strong.to_string()])).await;
        let empty = make_group(&ada, &group_form("Others", &[])).await;
        members::change_role(&ada, w.mia.account, keeper).await.expect("a change");

        let mia = t.enter(&w.mia, &w.acme).await;
        let forbidden = |error: Error| assert!(matches!(error, Error::Refused(Problem::Forbidden)), "{error:?}");
        forbidden(roles::create(&mia, &form("Mine", &[Permission::ManagePolicy], &[])).await.unwrap_err());
        forbidden(roles::create(&mia, &form("Mine", &[], &["admin"])).await.unwrap_err());
        forbidden(roles::create(&mia, &form("Mine", &[], &[&strong.to_string()])).await.unwrap_err());
        let weak = RoleForm { revision: "1".into(), ..form("Strong", &[], &[]) };
        forbidden(roles::save(&mia, strong, &weak).await.unwrap_err());
        forbidden(roles::delete(&mia, strong).await.unwrap_err());
        forbidden(members::change_role(&mia, w.mia.account, strong).await.map(|_| ()).unwrap_err());
        forbidden(roles::add_member(&mia, group, Joining::Id(w.mia.account)).await.map(|_| ()).unwrap_err());
        forbidden(roles::delete_group(&mia, group).await.map(|_| ()).unwrap_err());
        let grown = GroupForm { revision: "1".into(), ..group_form("Others", &[&strong.to_string()]) };
        forbidden(roles::save_group(&mia, empty, &grown).await.map(|_| ()).unwrap_err());
        // A role from which one that is above them inherits is above them, too.
        let base = make_role(&ada, &form("Base", &[], &["member"])).await;
        make_role(&ada, &form("Heir", &[Permission::ManagePolicy], &[&base.to_string()])).await;
        let mia = t.enter(&w.mia, &w.acme).await;
        let other = RoleForm { revision: "1".into(), ..form("Base", &[Permission::ViewMembers], &[]) };
        forbidden(roles::save(&mia, base, &other).await.unwrap_err());
        // Nobody becomes an owner by a role or a group.
        for parent in ["owner", "king", &CustomRoleId(uuid::Uuid::from_u128(7)).to_string()] {
            assert!(roles::create(&ada, &form("Crown", &[], &[parent])).await.is_err(), "{parent}");
            assert!(roles::create_group(&ada, &group_form("Crown", &[parent])).await.is_err(), "{parent}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_member_who_is_strong_by_a_group_is_above_those_who_hold_less() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let keeper = make_role(&ada, &form("Keeper", &[Permission::ManageMembers], &["member"])).await;
        let group = make_group(&ada, &group_form("Officers", &["security_officer"])).await;
        let kim = t.join(&ada, "Kim Keeper", "kim@acme.example", Role::Member).await;
        members::change_role(&ada, kim.account, keeper).await.expect("a change");
        roles::add_member(&ada, group, Joining::Id(w.mia.account)).await.expect("to join");
        let kim = t.enter(&kim, &w.acme).await;
        assert!(matches!(members::suspend(&kim, w.mia.account).await, Err(Error::Refused(Problem::Forbidden))));
        assert!(matches!(members::suspend(&kim, w.ben.account).await, Err(Error::Refused(Problem::Forbidden))));
    })
    .await;
}

#[tokio::test]
async fn a_role_that_somebody_or_something_has_stays() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let in_use = |error: Error| assert!(matches!(error, Error::Refused(Problem::RoleInUse)), "{error:?}");
        let role = make_role(&ada, &form("Support", &[], &["member"])).await;
        let heir = make_role(&ada, &form("Heir", &[], &[&role.to_string()])).await;
        in_use(roles::delete(&ada, role).await.map(|_| ()).unwrap_err());
        roles::delete(&ada, heir).await.expect("nothing has it");
        let group = make_group(&ada, &group_form("Support", &[&role.to_string()])).await;
        in_use(roles::delete(&ada, role).await.map(|_| ()).unwrap_err());
        roles::delete_group(&ada, group).await.expect("a deletion");
        members::change_role(&ada, w.mia.account, role).await.expect("a change");
        in_use(roles::delete(&ada, role).await.map(|_| ()).unwrap_err());
        members::change_role(&ada, w.mia.account, Role::Member).await.expect("a change");
        roles::delete(&ada, role).await.expect("nobody has it");
    })
    .await;
}

#[tokio::test]
async fn the_second_of_two_editors_sees_that_there_was_a_first() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let role = make_role(&ada, &form("Support", &[], &["member"])).await;
        let first = RoleForm { revision: "1".into(), ..form("Support", &[Permission::InviteMembers], &["member"]) };
        let second = RoleForm { revision: "1".into(), ..form("Helpers", &[], &["member"]) };
        let (ada, ben) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await);
        roles::save(&ada, role, &first).await.expect("the first");
        assert!(matches!(roles::save(&ben, role, &second).await, Err(Error::Refused(Problem::Changed))));
        let ben = t.enter(&w.ben, &w.acme).await;
        assert_eq!(ben.book().lookup(role).expect("the role").name.as_str(), "Support");
    })
    .await;
}

#[tokio::test]
async fn another_organizations_roles_and_groups_are_not_there() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, gus) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        let role = make_role(&ada, &form("Support", &[], &["member"])).await;
        let group = make_group(&ada, &group_form("Support", &[])).await;
        let not_found = |error: Error| assert!(matches!(error, Error::Refused(Problem::NotFound)), "{error:?}");
        not_found(roles::lookup(&gus, &role.to_string()).await.map(|_| ()).unwrap_err());
        not_found(roles::group(&gus, group).await.map(|_| ()).unwrap_err());
        let save = RoleForm { revision: "1".into(), ..form("Mine", &[], &[]) };
        not_found(roles::save(&gus, role, &save).await.unwrap_err());
        not_found(roles::delete(&gus, role).await.map(|_| ()).unwrap_err());
        not_found(roles::delete_group(&gus, group).await.map(|_| ()).unwrap_err());
        not_found(roles::add_member(&gus, group, Joining::Id(w.gus.account)).await.map(|_| ()).unwrap_err());
        let own = make_group(&gus, &group_form("Support", &[])).await;
        let stranger = roles::add_member(&gus, own, Joining::Id(w.mia.account)).await.unwrap_err();
        assert!(is_at(&stranger, "email", FieldProblem::NoSuchMember));
        let stranger = members::change_role(&gus, w.gus.account, role).await.unwrap_err();
        assert!(is_at(&stranger, "role", FieldProblem::UnknownChoice));
        assert!(roles::create(&gus, &form("Heir", &[], &[&role.to_string()])).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_past_is_what_the_trail_tells() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let start = t.clock().now();
        t.clock().pass(time::Duration::MINUTE);
        let ada2 = t.enter(&w.ada, &w.acme).await;
        let role = make_role(&ada2, &form("Support", &[Permission::InviteMembers], &["auditor"])).await;
        let group = make_group(&ada2, &group_form("On call", &["security_officer"])).await;
        members::change_role(&ada2, w.mia.account, role).await.expect("a change");
        let with_role = t.clock().now();
        t.clock().pass(time::Duration::MINUTE);
        let ada3 = t.enter(&w.ada, &w.acme).await;
        roles::add_member(&ada3, group, Joining::Id(w.mia.account)).await.expect("to join");
        let with_group = t.clock().now();
        t.clock().pass(time::Duration::MINUTE);
        let ada4 = t.enter(&w.ada, &w.acme).await;
        members::change_role(&ada4, w.mia.account, Role::Member).await.expect("a change");
        roles::delete_group(&ada4, group).await.expect("a deletion");
        roles::delete(&ada4, role).await.expect("a deletion");
        members::suspend(&ada4, w.mia.account).await.expect("a suspension");
        let _ = ada;

        let ada = t.enter(&w.ada, &w.acme).await;
        let at = async |when| roles::at(&ada, w.mia.account, when).await.expect("the past").permissions();
        assert!(at(t.clock().now()).await.is_empty());
        assert_eq!(at(start).await, Role::Member.permissions());
        assert!(
            at(with_role).await.allow(Permission::InviteMembers) && at(with_role).await.allow(Permission::ViewAudit)
        );
        assert!(!at(with_role).await.allow(Permission::ExportAudit));
        assert!(at(with_group).await.allow(Permission::ExportAudit));
        let then = roles::at(&ada, w.mia.account, with_group).await.expect("the past");
        let member = then.member.clone().expect("a member then");
        let why = then.book.why(member.role, &then.groups(), Permission::ExportAudit);
        assert_eq!(why.len(), 1);
        assert_eq!(then.book.group(group).map(|group| group.name.to_string()), Some("On call".to_owned()));
        let nobody = roles::at(&ada, w.gus.account, start).await.expect("the past");
        assert_eq!(nobody.member, None);
    })
    .await;
}
