//! An id of another organization's is answered as one that nobody has, and does nothing.

use domain::ids::{AccountId, InvitationId, SessionId, TenantId};
use domain::members::MemberQuery;
use domain::roles::Role;
use server::testing::{Person, TestPortal, World};
use server::{Error, access, audit, invitations, members, sessions};
use uuid::Uuid;

use crate::support::substance;

/// What somebody of Acme gets to see when they use these ids everywhere.
async fn answers(
    t: &TestPortal,
    world: &World,
    who: &Person,
    account: AccountId,
    invitation: InvitationId,
    tenant: TenantId,
) -> Vec<String> {
    let access = t.enter(who, &world.acme).await;
    let (request, visitor) = (t.request(), &who.visitor);
    let mut answers = Vec::new();
    let mut note = |answer: Result<String, Error>| answers.push(format!("{answer:?}"));
    note(members::lookup(&access, account).await.map(|found| format!("{found:?}")));
    for role in Role::ALL {
        note(members::change_role(&access, account, *role).await.map(|found| format!("{found:?}")));
    }
    note(members::suspend(&access, account).await.map(|found| format!("{found:?}")));
    note(members::resume(&access, account).await.map(|found| format!("{found:?}")));
    note(members::end_access(&access, account).await.map(|found| format!("{found:?}")));
    note(members::remove(&access, account, |_| Ok(())).await.map(|found| format!("{found:?}")));
    note(invitations::resend(&access, invitation).await.map(|found| format!("{found:?}")));
    note(invitations::revoke(&access, invitation).await.map(|found| format!("{found:?}")));
    note(invitations::copy_link(&access, invitation).await.map(|copied| copied.link));
    note(invitations::accept_listed(&request, visitor, tenant, invitation).await.map(|found| format!("{found:?}")));
    note(invitations::decline_listed(&request, visitor, tenant, invitation).await.map(|()| "declined".to_owned()));
    answers
}

#[tokio::test]
async fn foreign_and_unknown_ids_answer_alike_and_do_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        let invitation = t.invite(&gus, "new@globex.example", Role::Member).await;
        let globex = (substance(&t, &world.globex).await, t.journal().await.of(world.globex.log()));
        for who in [&world.ada, &world.ben, &world.mia] {
            let unknown = Uuid::from_bytes(t.random());
            let foreign = answers(&t, &world, who, world.gus.account, invitation, world.globex.id).await;
            let nobodys = answers(&t, &world, who, unknown.into(), unknown.into(), unknown.into()).await;
            assert_eq!(foreign, nobodys);
            assert!(
                foreign.iter().all(|answer| answer.contains("NotFound") || answer.contains("Forbidden")),
                "{foreign:?}"
            );
        }
        assert_eq!((substance(&t, &world.globex).await, t.journal().await.of(world.globex.log())), globex);
    })
    .await;
}

#[tokio::test]
async fn a_foreign_organization_is_as_one_that_does_not_exist() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        server::organizations::move_to(&gus, "globex-corp").await.unwrap();
        for who in [&world.ada, &world.ben, &world.mia] {
            for slug in ["globex-corp", "globex", "no-such-one", "x", "../acme", "acme'--", "ACME", "", "a\0b"] {
                let answer =
                    access::enter(&t.request(), &t.returning(who).await, slug, access::Purpose::Read).await.map(|_| ());
                assert_eq!(format!("{answer:?}"), "Err(Refused(NotFound))", "{slug}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_ends_somebody_elses_session() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let unknown = SessionId(Uuid::from_bytes(t.random()));
        for id in [world.gus.visitor.session, world.mia.visitor.session, unknown] {
            let answer = sessions::end(&t.request(), &world.ada.visitor, id).await;
            assert_eq!(format!("{answer:?}"), "Err(Refused(NotFound))");
        }
        assert_eq!(sessions::list(&t.request(), &world.gus.visitor).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_organization_shows_nothing_of_it() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let cursor = |text: String| domain::paging::Cursor::After(text, world.gus.account.to_string());
        let query = MemberQuery { cursor: Some(cursor(world.gus.name.clone())), ..MemberQuery::default() };
        let page = members::list(&ada, &query).await.unwrap();
        assert!(page.rows.iter().all(|member| member.email.ends_with("@acme.example")));
        let index = t.journal().await.of(world.acme.log()).len() as u64;
        assert!(audit::detail(&ada, index + 1).await.is_err());
        assert!(audit::detail(&ada, u64::MAX).await.is_err());
    })
    .await;
}
