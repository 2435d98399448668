//! Filters of the list of members that people keep: each their own, in one organization.

use domain::fields::FieldProblem;
use domain::members::{FilterForm, SAVED_FILTERS_MAX};
use domain::problem::Problem;
use server::members;
use server::testing::TestPortal;

use crate::support::{field, names, refused};

fn form(name: &str, query: &str) -> FilterForm {
    FilterForm { name: name.to_owned(), query: query.to_owned() }
}

#[tokio::test]
async fn everybody_keeps_their_own() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben, gus) =
            (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        let journal = t.journal().await;
        let away = members::save_filter(&ada, &form("Away", "inactive=90&page=zzz")).await.unwrap();
        members::save_filter(&ada, &form("Admins", "role=admin")).await.unwrap();
        members::save_filter(&ben, &form("away", "inactive=30")).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert!(names(&entries).iter().all(|(action, _)| *action == "filter.saved") && entries.len() == 3);
        let found = members::list_filters(&ada).await.unwrap();
        assert_eq!(found.iter().map(|filter| filter.name.as_str()).collect::<Vec<_>>(), ["Admins", "Away"]);
        assert_eq!(found[1].query.to_text(), "inactive=90");
        assert_eq!(members::list_filters(&ben).await.unwrap().len(), 1);
        assert_eq!(members::list_filters(&gus).await.unwrap().len(), 0);

        assert_eq!(refused(members::delete_filter(&ben, away.id).await), Problem::NotFound);
        assert_eq!(refused(members::delete_filter(&gus, away.id).await), Problem::NotFound);
        members::delete_filter(&ada, away.id).await.unwrap();
        assert_eq!(refused(members::delete_filter(&ada, away.id).await), Problem::NotFound);
        assert_eq!(members::list_filters(&ada).await.unwrap().len(), 1);

        // They go with whoever has kept them.
        members::remove(&ada, w.ben.account, |_| Ok(())).await.unwrap();
        let left = format!("SELECT count(*) FROM {}.saved_filters", w.acme.schema());
        assert_eq!(t.number(&left).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_kept_is_said_at_its_field() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, mia) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.mia, &w.acme).await);
        let save = async |name: &str, query: &str| members::save_filter(&ada, &form(name, query)).await;
        save("Suspended", "status=suspended").await.unwrap();
        assert_eq!(field(save("sUSPENDED", "status=active").await, "name"), FieldProblem::Taken);
        assert_eq!(field(save("", "status=active").await, "name"), FieldProblem::Required);
        assert_eq!(field(save("A\u{0}b", "status=active").await, "name"), FieldProblem::ForbiddenCharacters);
        assert_eq!(field(save("All", "sort=name&role=king").await, "query"), FieldProblem::NothingFiltered);
        // Whom an attacker would try first is not everybody's business.
        let weak = members::save_filter(&mia, &form("Weak", "mfa=off")).await;
        assert_eq!(refused(weak), Problem::Forbidden);
        for number in 1..SAVED_FILTERS_MAX {
            save(&format!("Filter {number}"), "status=active").await.unwrap();
        }
        let most = FieldProblem::TooManyOfThem(SAVED_FILTERS_MAX);
        assert_eq!(field(save("One more", "status=active").await, "name"), most);
    })
    .await;
}
