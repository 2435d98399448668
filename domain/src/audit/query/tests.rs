use proptest::prelude::*;
use time::macros::datetime;

use super::*;
use crate::members::SEARCH_MAX;

fn full() -> AuditQuery {
    AuditQuery {
        range: None,
        from: Some(datetime!(2026-11-20 10:00 UTC)),
        until: Some(datetime!(2026-11-20 10:59:07 UTC)),
        actor: Some(AccountId(uuid::Uuid::from_u128(7))),
        action: Some(Action::new("member.suspended")),
        category: Some(Category::Members),
        target: Some("a & b".into()),
        outcome: Some(Outcome::Denied),
        address: Some("2001:db8::1".parse().unwrap()),
        text: Some("ada@acme.example asked".into()),
        cursor: Some(Cursor::After(String::new(), "41".into())),
    }
}

#[test]
fn the_address_holds_the_whole_state_of_the_list() {
    for query in [full(), AuditQuery { range: Some(Range::Week), from: None, until: None, ..full() }] {
        let pairs = query.to_pairs();
        assert_eq!(AuditQuery::from_pairs(pairs.iter().map(|(key, value)| (*key, value.as_str()))), query);
        assert_eq!(AuditQuery::from_text(&query.to_text()), query);
    }
    assert_eq!(AuditQuery::default().to_text(), "");
}

#[test]
fn the_address_says_times_as_browsers_do() {
    let query = AuditQuery { actor: None, ..full() };
    assert!(query.to_text().starts_with("from=2026-11-20T10%3A00&until=2026-11-20T10%3A59%3A07&action="));
    let elsewhere = AuditQuery { from: Some(datetime!(2026-11-20 11:00 +1)), ..AuditQuery::default() };
    assert_eq!(elsewhere.to_text(), "from=2026-11-20T10%3A00");
}

#[test]
fn nonsense_in_the_address_is_left_out() {
    let long = "x".repeat(101);
    let pairs = [
        ("range", "8d"),
        ("from", "yesterday"),
        ("until", "2026-02-30T10:00"),
        ("actor", "7"),
        ("action", "Drop table"),
        ("category", "everything"),
        ("target", "a\0b"),
        ("outcome", "maybe"),
        ("address", "192.0.2.256"),
        ("q", " \0 "),
        ("page", "%%%"),
        ("z", ""),
    ];
    assert_eq!(AuditQuery::from_pairs(pairs), AuditQuery::default());
    for value in
        ["", "2026-11-20", "2026-11-20T24:00", "-2026-11-20T10:00", "1969-12-31T23:59", "2026-11-20T10:00Z", "'; --"]
    {
        assert_eq!(AuditQuery::from_pairs([("from", value), ("until", value)]), AuditQuery::default(), "{value}");
    }
    let code = format!("a.{long}");
    for (key, value) in [("target", ""), ("target", long.as_str()), ("action", code.as_str())] {
        assert_eq!(AuditQuery::from_pairs([(key, value)]), AuditQuery::default(), "{key}");
    }
}

#[test]
fn a_search_is_cut_and_an_address_is_the_same_however_it_is_written() {
    let query = AuditQuery::from_pairs([("q", "é".repeat(300).as_str()), ("address", " ::ffff:192.0.2.1 ")]);
    assert_eq!(query.text.map(|text| text.chars().count()), Some(SEARCH_MAX));
    assert_eq!(query.address, Some("192.0.2.1".parse().unwrap()));
}

#[test]
fn a_range_counts_instead_of_two_times() {
    let query = AuditQuery::from_text("from=2026-11-20T10:00&range=7d&until=2026-11-21T10:00");
    assert_eq!(query, AuditQuery { range: Some(Range::Week), ..AuditQuery::default() });
    let now = datetime!(2026-11-22 12:00 UTC);
    assert_eq!(query.bounds(now), (Some(datetime!(2026-11-15 12:00 UTC)), None));
    let both = AuditQuery { range: Some(Range::Week), ..full() };
    assert_eq!((both.bounds(now), both.to_text().contains("from=")), (query.bounds(now), false));
    assert_eq!(full().bounds(now), (full().from, full().until));
    assert_eq!(AuditQuery::default().bounds(now), (None, None));
}

#[test]
fn a_place_in_the_list_is_no_filter() {
    let query = AuditQuery { cursor: full().cursor, ..AuditQuery::default() };
    assert_eq!((query.is_filtered(), query.describe().as_str()), (false, ""));
    let query = AuditQuery { category: Some(Category::Members), outcome: Some(Outcome::Denied), ..query };
    assert_eq!((query.is_filtered(), query.describe().as_str()), (true, "category=members&outcome=denied"));
}

proptest! {
    #[test]
    fn whatever_the_pattern_says_is_a_time(text in MOMENT.trim_matches(['^', '$'])) {
        prop_assert!(parse_moment(&text).is_some());
    }
}
