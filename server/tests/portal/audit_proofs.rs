//! What can be taken from an audit trail proves what it says to anybody, and nothing of another organization.

use domain::audit::{AuditQuery, Checkpoint, ConsistencyProof, EntryProof, VerifierKey, verify_export};
use domain::problem::Problem;
use domain::roles::Role;
use server::audit::{self, Format};
use server::testing::{TestPortal, World};
use server::{Access, members, organizations};

use crate::support::{export_of, refused};

async fn rename(access: &Access, times: usize) {
    for number in 0..times {
        organizations::rename(access, &format!("Acme {number}")).await.unwrap();
    }
}

#[tokio::test]
async fn an_entry_is_proven_by_itself_in_a_log_of_many_blocks() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        rename(&owner, 530).await;
        let key: VerifierKey = audit::checkpoint(&owner).await.unwrap().1.parse().unwrap();
        for index in [0, 1, 255, 256, 511, 512, 530] {
            let proof = EntryProof::parse(&audit::proof(&owner, index).await.unwrap()).unwrap();
            let report = proof.verify(Some(&key)).unwrap();
            assert_eq!((report.log, report.index), (acme.log(), index));
        }
        let other = t.enter(&gus, &globex).await;
        let foreign: VerifierKey = audit::checkpoint(&other).await.unwrap().1.parse().unwrap();
        let proof = EntryProof::parse(&audit::proof(&owner, 7).await.unwrap()).unwrap();
        assert!(proof.verify(Some(&foreign)).is_err(), "another organization's key");
        assert_eq!(refused(audit::proof(&other, 500).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_later_checkpoint_is_shown_to_continue_an_earlier_one() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let mut sizes = Vec::new();
        for times in [1, 300, 7, 256] {
            rename(&owner, times).await;
            sizes.push(audit::take_checkpoint(&owner).await.unwrap());
        }
        let key: VerifierKey = audit::checkpoint(&owner).await.unwrap().1.parse().unwrap();
        for (place, from) in sizes.iter().enumerate() {
            for to in &sizes[place..] {
                let proof = ConsistencyProof::parse(&audit::consistency(&owner, *from, *to).await.unwrap()).unwrap();
                let report = proof.verify(Some(&key)).unwrap();
                assert_eq!((report.from, report.to), (*from, *to));
            }
        }
        assert_eq!(refused(audit::consistency(&owner, sizes[2], sizes[1]).await), Problem::NotFound);
        let other = t.enter(&gus, &globex).await;
        assert_eq!(refused(audit::consistency(&other, sizes[0], sizes[1]).await), Problem::NotFound);
        assert_eq!(refused(audit::checkpoint_note(&other, sizes[3]).await), Problem::NotFound);
        let listed = audit::checkpoints(&owner, None).await.unwrap();
        assert_eq!(listed.rows.iter().rev().map(|row| row.size).collect::<Vec<_>>(), sizes);
        for row in listed.rows {
            let checkpoint = Checkpoint::verify(&row.note, &key).unwrap();
            assert_eq!((checkpoint.size, checkpoint.root.to_string()), (row.size, row.root));
        }
    })
    .await;
}

#[tokio::test]
async fn a_filtered_export_discloses_what_it_is_of_and_proves_that_the_rest_is_there() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        rename(&owner, 300).await;
        members::change_role(&owner, ben.account, Role::Auditor).await.unwrap();
        rename(&owner, 300).await;
        let kept = audit::checkpoint(&owner).await.unwrap().0;
        for (query, entries) in [
            ("action=member.role_changed", 1),
            ("outcome=done&action=member.role_changed", 1),
            ("action=organization.renamed", 600),
        ] {
            let text = export_of(owner.clone(), Format::Ndjson, query).await.unwrap();
            let report = verify_export(text.as_bytes(), None, &[&kept]).unwrap();
            assert_eq!(report.entries, entries, "{query}");
            assert!(report.filter.is_some() && report.entries + report.withheld == report.size, "{query}");
            let table = export_of(owner.clone(), Format::Csv, query).await.unwrap();
            assert_eq!(table.lines().count() as u64, 1 + entries, "{query}");
        }
        let text = export_of(owner.clone(), Format::Ndjson, "action=member.role_changed").await.unwrap();
        assert!(text.len() < 6_000 && !text.contains("Acme 7"), "what is left out is some hashes");
        let forged = text.replace("\"auditor\"", "\"owner\"");
        assert!(forged != text && verify_export(forged.as_bytes(), None, &[]).is_err());
    })
    .await;
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_where_it_was() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, ben, gus, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        rename(&owner, 600).await;
        let query = AuditQuery::from_text("action=organization.renamed");
        for format in [Format::Ndjson, Format::Csv] {
            let ticket = audit::begin_export(&owner, format, &query).await.unwrap();
            let read = async |after: Option<u64>| {
                let export = audit::export(owner.clone(), &ticket, after).await.unwrap();
                futures::TryStreamExt::try_collect::<Vec<String>>(export.lines).await.unwrap().concat()
            };
            let whole = read(None).await;
            assert_eq!(read(None).await, whole, "it is the same at any time");
            let rest = read(Some(250)).await;
            assert!(!rest.is_empty() && whole.ends_with(&rest) && rest.len() < whole.len(), "{format:?}");
            // It is for whoever has asked for it, there, and for a day.
            let admin = t.enter(&ben, &acme).await;
            assert_eq!(refused(audit::export(admin, &ticket, None).await), Problem::NotFound);
            let other = t.enter(&gus, &globex).await;
            assert_eq!(refused(audit::export(other, &ticket, None).await), Problem::NotFound);
            assert_eq!(refused(audit::export(owner.clone(), &ticket[1..], None).await), Problem::NotFound);
        }
        let ticket = audit::begin_export(&owner, Format::Ndjson, &query).await.unwrap();
        t.pass(time::Duration::hours(25));
        let owner = t.enter(&ada, &acme).await;
        assert_eq!(refused(audit::export(owner, &ticket, None).await), Problem::NotFound);
    })
    .await;
}
