//! What an audit log costs without a database: sealing and appending an entry, and verifying an export.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use domain::audit::export::{Manifest, entry_line, manifest_line};
use domain::audit::{Action, Actor, Context, Draft, Entry, Frontier, LogId, Opening, Personal, Signer, verify_export};
use domain::ids::AccountId;
use time::macros::datetime;
use uuid::Uuid;

const ROLE_CHANGED: Action = Action::new("member.role_changed");
const ENTRIES: u64 = 1_000;
/// So many that the signature, of which there is one in every export, does not count.
const EXPORTED: u64 = 10_000;

fn draft(number: u64) -> Draft {
    let [actor, target] = [1, 2].map(|half| AccountId(Uuid::from_u64_pair(half, number)));
    Draft::done(ROLE_CHANGED, Actor::person(actor, "Ada Öberg"))
        .target("member", target, Personal("Benedikt Schäfer".into()))
        .changed("role", "member", "admin")
        .within(Context::request("0198c5c0", Some("192.0.2.7".into()), Some("Mozilla/5.0 (X11; Linux x86_64)".into())))
}

fn seal(number: u64) -> (Entry, Vec<Opening>) {
    draft(number).seal(LogId::Platform, number, datetime!(2026-01-02 03:04 UTC), &mut || [7; 32])
}

/// An export of so many entries, with all of their openings or, as when all were erased, without any.
fn export(entries: u64, opened: bool) -> String {
    let sealed: Vec<_> = (0..entries).map(seal).collect();
    let frontier: Frontier = sealed.iter().map(|(entry, _)| entry.leaf()).collect();
    let signer = Signer::new(LogId::Platform, &[9; 32]);
    let manifest =
        Manifest::new(LogId::Platform, &Frontier::default(), &frontier, datetime!(2026-01-03 0:00 UTC), &signer);
    let lines = sealed.into_iter().map(|(entry, openings)| {
        let canonical = String::from_utf8(entry.canonical()).expect("canonical bytes are UTF-8");
        let openings = if opened { openings } else { Vec::new() };
        entry_line(&canonical, entry.leaf(), openings).expect("canonical bytes are JSON")
    });
    std::iter::once(manifest_line(manifest)).chain(lines).map(|line| line + "\n").collect()
}

fn append(criterion: &mut Criterion) {
    let mut frontier: Frontier = (0..ENTRIES).map(|number| seal(number).0.leaf()).collect();
    criterion.bench_function("seal and append an entry", |bencher| {
        bencher.iter_batched(
            || draft(ENTRIES),
            |draft| {
                let (entry, openings) =
                    draft.seal(LogId::Platform, ENTRIES, datetime!(2026-01-02 03:04 UTC), &mut || [7; 32]);
                frontier.append(entry.leaf());
                openings
            },
            BatchSize::SmallInput,
        );
    });
}

fn verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verify");
    group.throughput(Throughput::Elements(EXPORTED)).sample_size(20);
    for (name, opened) in [("entries with 4 openings", true), ("entries without openings", false)] {
        let export = export(EXPORTED, opened);
        group.bench_function(name, |bencher| {
            bencher.iter(|| verify_export(black_box(export.as_bytes()), None, &[]).expect("it verifies"));
        });
    }
    group.finish();
}

criterion_group!(benches, append, verify);
criterion_main!(benches);
