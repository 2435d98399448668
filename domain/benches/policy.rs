//! What it costs to judge somebody who comes in.

use std::hint::black_box;
use std::net::IpAddr;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::factors::Factors;
use domain::policy::{EnforcedPolicy, Facts, Networks, Rules, SecurityPolicy, SignInMethod, Template};
use domain::roles::{Role, RoleBook, RoleId};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn policy(networks: &str) -> EnforcedPolicy {
    let networks = Networks::parse(networks, &RoleBook::default()).expect("networks");
    let base = SecurityPolicy { networks, ..SecurityPolicy::default() };
    EnforcedPolicy::new(Template::from_code("hipaa").expect("a template").apply(&base, None))
}

fn facts(roles: &[RoleId]) -> Facts<'_> {
    Facts {
        factors: Factors { authenticator: true, passkey: false },
        method: SignInMethod::Code,
        password: None,
        joined_at: NOW - Duration::days(100),
        authenticated_at: NOW - Duration::hours(1),
        pause: Duration::minutes(7),
        newer_sessions: 1,
        older_sessions: 1,
        sessions_inside: None,
        access_ended_at: None,
        roles,
        ip: Some(IpAddr::from([10, 20, 30, 1])),
        region: Some("eu-central"),
        excepted: Rules::default(),
    }
}

fn evaluate(criterion: &mut Criterion) {
    let roles = [RoleId::from(Role::Owner), Role::Auditor.into()];
    let facts = facts(&roles);
    let usual = policy("10.0.0.0/8 # Office\n203.0.113.0/24 # VPN\n2001:db8::/32\n10.20.0.0/16 for Owner, Admin");
    criterion.bench_function("policy/evaluate, a usual policy", |bench| {
        bench.iter(|| usual.evaluate(black_box(&facts), Some(NOW), NOW));
    });
    let line = |number: u32| format!("10.{}.{}.0/25\n", number / 200, number % 200);
    let text: String = (0..10_000).map(line).collect();
    let large = policy(&text);
    criterion.bench_function("policy/evaluate, 10,000 networks", |bench| {
        bench.iter(|| large.evaluate(black_box(&facts), Some(NOW), NOW));
    });
    criterion.bench_function("policy/make ready, 10,000 networks", |bench| {
        bench.iter(|| EnforcedPolicy::new(black_box(large.document().clone())));
    });
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
