//! An admin touches no owner, and a member changes nothing: each try is denied, is on record once,
//! and leaves everything as it was.

use domain::audit::{AuditQuery, Outcome};
use domain::invitations::InviteForm;
use domain::problem::Problem;
use domain::roles::Role;
use server::testing::{Organization, PASSWORD, TestPortal};
use server::{Error, audit, invitations, members, organizations, step_up};
use time::Duration;

use crate::support::{names, refused, substance};

/// Lets something be tried that has to be denied.
async fn denied<T>(
    t: &TestPortal,
    organization: &Organization,
    action: &str,
    trying: impl Future<Output = Result<T, Error>>,
) {
    let (journal, before) = (t.journal().await, substance(t, organization).await);
    assert_eq!(refused(trying.await), Problem::Forbidden, "{action}");
    let entries = t.journal().await.since(&journal);
    assert_eq!(names(&entries), [(action, Outcome::Denied)]);
    assert_eq!(entries[0].log, organization.log(), "{action}");
    assert_eq!(substance(t, organization).await, before, "{action}");
}

fn form(email: &str, role: Role) -> InviteForm {
    InviteForm { email: email.to_owned(), role: role.code().to_owned() }
}

#[tokio::test]
async fn an_admin_touches_no_owner() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let acme = &world.acme;
        let ada = t.enter(&world.ada, acme).await;
        let owner = t.join(&ada, "Zoe Zenith", "zoe@acme.example", Role::Owner).await;
        members::suspend(&ada, owner.account).await.unwrap();
        let ben = t.enter(&world.ben, acme).await;
        for whom in [world.ada.account, owner.account] {
            for role in Role::ALL {
                denied(&t, acme, "member.role_changed", members::change_role(&ben, whom, *role)).await;
            }
            denied(&t, acme, "member.suspended", members::suspend(&ben, whom)).await;
            denied(&t, acme, "member.resumed", members::resume(&ben, whom)).await;
            denied(&t, acme, "member.access_ended", members::end_access(&ben, whom)).await;
            denied(&t, acme, "member.removed", members::remove(&ben, whom, |_| Ok(()))).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_admin_makes_no_owner() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let acme = &world.acme;
        let (ada, ben) = (t.enter(&world.ada, acme).await, t.enter(&world.ben, acme).await);
        for whom in [world.mia.account, world.ben.account] {
            denied(&t, acme, "member.role_changed", members::change_role(&ben, whom, Role::Owner)).await;
        }
        denied(&t, acme, "invitation.created", invitations::invite(&ben, &form("new@acme.example", Role::Owner))).await;
        let invitation = t.invite(&ada, "boss@acme.example", Role::Owner).await;
        denied(&t, acme, "invitation.resent", invitations::resend(&ben, invitation)).await;
        denied(&t, acme, "invitation.revoked", invitations::revoke(&ben, invitation)).await;
        denied(&t, acme, "invitation.link_copied", invitations::copy_link(&ben, invitation)).await;
    })
    .await;
}

#[tokio::test]
async fn who_is_no_admin_changes_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let acme = &world.acme;
        let ada = t.enter(&world.ada, acme).await;
        let invitation = t.invite(&ada, "new@acme.example", Role::Member).await;
        for role in [Role::Member, Role::Auditor, Role::SecurityOfficer] {
            members::change_role(&ada, world.mia.account, role).await.unwrap();
            let mia = t.enter(&world.mia, acme).await;
            for whom in [world.ada.account, world.ben.account, world.mia.account] {
                denied(&t, acme, "member.role_changed", members::change_role(&mia, whom, Role::Member)).await;
                denied(&t, acme, "member.suspended", members::suspend(&mia, whom)).await;
                denied(&t, acme, "member.resumed", members::resume(&mia, whom)).await;
                denied(&t, acme, "member.access_ended", members::end_access(&mia, whom)).await;
                denied(&t, acme, "member.removed", members::remove(&mia, whom, |_| Ok(()))).await;
            }
            denied(&t, acme, "invitation.created", invitations::invite(&mia, &form("x@acme.example", Role::Member)))
                .await;
            denied(&t, acme, "invitation.resent", invitations::resend(&mia, invitation)).await;
            denied(&t, acme, "invitation.revoked", invitations::revoke(&mia, invitation)).await;
            denied(&t, acme, "invitation.link_copied", invitations::copy_link(&mia, invitation)).await;
            denied(&t, acme, "invitations.viewed", invitations::list(&mia, None)).await;
            denied(&t, acme, "organization.renamed", organizations::rename(&mia, "Mine")).await;
            denied(&t, acme, "organization.moved", organizations::move_to(&mia, "mine")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_audit_trail_is_shown_to_those_who_may_see_it() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let acme = &world.acme;
        let ada = t.enter(&world.ada, acme).await;
        let mia = t.enter(&world.mia, acme).await;
        denied(&t, acme, "audit.viewed", audit::search(&mia, &AuditQuery::default())).await;
        denied(&t, acme, "audit.viewed", audit::detail(&mia, 0)).await;
        denied(&t, acme, "audit.viewed", audit::checkpoint(&mia)).await;
        denied(&t, acme, "audit.exported", audit::begin_export(&mia, audit::Format::Ndjson, &AuditQuery::default()))
            .await;
        members::change_role(&ada, world.mia.account, Role::Auditor).await.unwrap();
        let mia = t.enter(&world.mia, acme).await;
        assert!(audit::search(&mia, &AuditQuery::default()).await.unwrap().page.total > 4);
        denied(&t, acme, "audit.exported", audit::begin_export(&mia, audit::Format::Ndjson, &AuditQuery::default()))
            .await;
    })
    .await;
}

#[tokio::test]
async fn who_was_demoted_while_their_page_was_open_changes_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let acme = &world.acme;
        let (ada, ben) = (t.enter(&world.ada, acme).await, t.enter(&world.ben, acme).await);
        members::change_role(&ada, world.ben.account, Role::Member).await.unwrap();
        denied(&t, acme, "member.suspended", members::suspend(&ben, world.mia.account)).await;
        members::suspend(&ada, world.ben.account).await.unwrap();
        assert_eq!(refused(members::remove(&ben, world.mia.account, |_| Ok(())).await), Problem::NotFound);
        assert_eq!(refused(t.try_enter(&world.ben, &acme.slug).await), Problem::MembershipSuspended);
        members::remove(&ada, world.ben.account, |_| Ok(())).await.unwrap();
        assert_eq!(refused(t.try_enter(&world.ben, &acme.slug).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn rights_come_back_to_a_suspended_admin_after_a_fresh_proof() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        t.pass(Duration::minutes(11));
        let ada = t.enter(&world.ada, &world.acme).await;
        for id in [world.ben.account, world.mia.account] {
            members::suspend(&ada, id).await.unwrap();
        }
        members::resume(&ada, world.mia.account).await.expect("a plain member");
        assert_eq!(refused(members::resume(&ada, world.ben.account).await), Problem::StepUpFirst);
        let (request, visitor) = (t.request(), ada.visitor());
        let person = t.person(step_up::by_password(&request, visitor, PASSWORD).await.unwrap()).await;
        members::resume(&t.enter(&person, &world.acme).await, world.ben.account).await.unwrap();
    })
    .await;
}
