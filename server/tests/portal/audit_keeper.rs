//! Logs are looked after by the hour: a checkpoint is signed of what has grown, and damage is noticed.

use domain::audit::{AuditQuery, Checkpoint, Outcome, VerifierKey};
use server::audit::{self, Keeper};
use server::testing::{TestPortal, World};
use server::{Access, organizations};

async fn checkpoints(access: &Access) -> Vec<u64> {
    audit::checkpoints(access, None).await.unwrap().rows.into_iter().map(|row| row.size).collect()
}

async fn damage(access: &Access) -> Vec<String> {
    let found = audit::search(access, &AuditQuery::from_text("action=audit.damaged")).await.unwrap();
    found.page.rows.into_iter().map(|row| row.target).collect()
}

#[tokio::test]
async fn a_checkpoint_is_signed_of_every_log_that_has_grown_and_kept_where_the_operator_says() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let directory = std::env::temp_dir().join(format!("portcullis-{}", hex::encode(t.random::<8>())));
        let keeper = Keeper::new(t.portal(), Some(directory.clone()));
        keeper.tend(acme.id).await.unwrap();
        keeper.tend(acme.id).await.unwrap();
        let first = checkpoints(&owner).await;
        assert_eq!(first.len(), 1, "one, as long as nothing is new");
        organizations::rename(&owner, "Acme and Sons").await.unwrap();
        keeper.tend(acme.id).await.unwrap();
        let sizes = checkpoints(&owner).await;
        assert_eq!(sizes, [first[0] + 1, first[0]]);
        let key: VerifierKey = audit::checkpoint(&owner).await.unwrap().1.parse().unwrap();
        for size in sizes {
            let note =
                std::fs::read_to_string(directory.join(acme.id.to_string()).join(format!("{size}.txt"))).unwrap();
            assert_eq!(Checkpoint::verify(&note, &key).unwrap().size, size);
        }
        assert!(!directory.join(globex.id.to_string()).exists());
        std::fs::remove_dir_all(directory).unwrap();
    })
    .await;
}

#[tokio::test]
async fn checkpoints_that_could_not_be_written_are_written_as_soon_as_they_can() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let directory = std::env::temp_dir().join(format!("portcullis-{}", hex::encode(t.random::<8>())));
        std::fs::write(&directory, "in the way").unwrap();
        let keeper = Keeper::new(t.portal(), Some(directory.clone()));
        for number in 0..3 {
            organizations::rename(&owner, &format!("Acme {number}")).await.unwrap();
            assert!(keeper.tend(acme.id).await.is_err());
        }
        std::fs::remove_file(&directory).unwrap();
        keeper.tend(acme.id).await.unwrap();
        let mut files: Vec<_> = std::fs::read_dir(directory.join(acme.id.to_string()))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut sizes: Vec<_> = checkpoints(&owner).await.iter().map(|size| format!("{size}.txt")).collect();
        sizes.sort();
        assert_eq!((sizes.len(), files), (3, sizes));
        std::fs::remove_dir_all(directory).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_that_says_something_else_is_an_alarm_and_stays_as_it_is() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        let directory = std::env::temp_dir().join(format!("portcullis-{}", hex::encode(t.random::<8>())));
        let keeper = Keeper::new(t.portal(), Some(directory.clone()));
        keeper.tend(acme.id).await.unwrap();
        let file = directory.join(acme.id.to_string()).join(format!("{}.txt", checkpoints(&owner).await[0]));
        let signed = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, "another trail").unwrap();
        organizations::rename(&owner, "Acme and Sons").await.unwrap();
        assert!(keeper.tend(acme.id).await.is_err(), "somebody hears of it");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "another trail", "what somebody has left is evidence");
        let newest = directory.join(acme.id.to_string()).join(format!("{}.txt", checkpoints(&owner).await[0]));
        assert!(newest != file && newest.exists(), "what is new is written all the same");
        std::fs::write(&file, signed).unwrap();
        keeper.tend(acme.id).await.unwrap();
        std::fs::remove_file(&newest).unwrap();
        keeper.tend(acme.id).await.unwrap();
        assert!(newest.exists(), "what is missing is written again");
        let whole = std::fs::read(&newest).unwrap();
        std::fs::write(&newest, &whole[..9]).unwrap();
        keeper.tend(acme.id).await.unwrap();
        assert_eq!(std::fs::read(&newest).unwrap(), whole, "and so is what a crash has cut short");
        std::fs::remove_dir_all(directory).unwrap();
    })
    .await;
}

#[tokio::test]
async fn damage_is_put_on_record_once_and_nothing_is_signed_over_it() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let (owner, other) = (t.enter(&ada, &acme).await, t.enter(&gus, &globex).await);
        let log = format!("{}.audit_entries", acme.schema());
        for number in 0..300 {
            organizations::rename(&owner, &format!("Acme {number}")).await.unwrap();
        }
        t.look_after(&acme).await;
        t.look_after(&globex).await;
        let before = checkpoints(&owner).await;
        t.sql(&format!("CREATE TABLE public.kept AS SELECT * FROM {log}")).await;
        let rewrite = |index: u64| {
            let forged = "replace(canonical, 'organization.renamed', 'organization.resumed')";
            format!(
                "UPDATE {log} SET action = 'organization.resumed', canonical = {forged},
                     leaf = sha256(('\\x00'::bytea || convert_to({forged}, 'UTF8'))) WHERE index = {index}"
            )
        };
        let restore = format!("DELETE FROM {log} WHERE index IN (SELECT index FROM public.kept); INSERT INTO {log} SELECT * FROM public.kept");
        for (number, statement) in [
            format!("UPDATE {log} SET canonical = replace(canonical, 'done', 'denied') WHERE index = 40"),
            format!("UPDATE {log} SET canonical = b.canonical, leaf = b.leaf FROM public.kept b WHERE {log}.index = 41 AND b.index = 42"),
            format!("DELETE FROM {log} WHERE index = 43"),
            format!("UPDATE {log} SET canonical = '', openings = '' WHERE index = 44"),
            format!("UPDATE {log} SET action = 'members.viewed' WHERE index = 45"),
            format!("UPDATE {log} SET target_id = 'somebody else' WHERE index = 46"),
            // The hash beside it was changed together with the entry: the block's hash tells.
            rewrite(20),
            // The block is not complete yet: what was signed tells.
            rewrite(280),
        ]
        .iter()
        .enumerate()
        {
            t.sql(statement).await;
            t.look_after(&acme).await;
            t.look_after(&acme).await;
            assert_eq!(damage(&owner).await.len(), number + 1, "{statement}");
            assert_eq!(checkpoints(&owner).await, before, "{statement}");
            t.sql(&restore).await;
        }
        assert_eq!(damage(&owner).await[1..], ["0", "46", "45", "44", "43", "41", "40"]);
        t.look_after(&acme).await;
        assert_eq!(checkpoints(&owner).await.len(), before.len() + 1, "what is whole again is signed");
        assert!(damage(&other).await.is_empty());
        let entry = audit::search(&owner, &AuditQuery::from_text("action=audit.damaged")).await.unwrap();
        assert!(entry.page.rows.iter().all(|row| row.outcome == Outcome::Done && row.actor.is_none()));
    })
    .await;
}

#[tokio::test]
async fn a_log_that_lost_its_newest_entry_keeps_no_other_from_being_looked_after() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        for number in 0..20 {
            organizations::rename(&owner, &format!("Acme {number}")).await.unwrap();
        }
        let newest = t.number(&format!("SELECT max(index) FROM {}.audit_entries", acme.schema())).await;
        t.sql(&format!("DELETE FROM {}.audit_entries WHERE index = {newest}", acme.schema())).await;
        t.look_after(&acme).await;
        t.look_after(&acme).await;
        assert_eq!(damage(&owner).await, [newest.to_string()]);
        assert!(checkpoints(&owner).await.is_empty());
        let board = server::security::dashboard(&owner, domain::detections::Span::Day).await.unwrap();
        assert!(board.log.damaged);
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_that_the_log_has_not_signed_proves_nothing_and_is_no_beginning() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        for number in 0..20 {
            organizations::rename(&owner, &format!("Acme {number}")).await.unwrap();
        }
        t.look_after(&acme).await;
        let schema = acme.schema();
        t.sql(&format!(
            "INSERT INTO {schema}.audit_checkpoints (size, at, peaks, note, on_demand)
             SELECT size + 1, at, peaks, note, false FROM {schema}.audit_checkpoints"
        ))
        .await;
        organizations::rename(&owner, "Acme and Sons").await.unwrap();
        let key: VerifierKey = audit::checkpoint(&owner).await.unwrap().1.parse().unwrap();
        let proof = domain::audit::EntryProof::parse(&audit::proof(&owner, 7).await.unwrap()).unwrap();
        assert_eq!(proof.verify(Some(&key)).unwrap().index, 7);
        t.look_after(&acme).await;
        assert_eq!(damage(&owner).await.len(), 1);
    })
    .await;
}
