mod properties;

use std::collections::BTreeMap;

use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};

use super::*;
use crate::fields::FieldProblem;

const NOW: OffsetDateTime = datetime!(2026-11-20 14:02:07 UTC);

fn counter(metric: Metric, limit: i64, hard: bool) -> Counter {
    Counter {
        metric,
        rule: Rule { limit: Some(limit), hard, ceiling: None, thresholds: Thresholds::default() },
        opened_at: OffsetDateTime::UNIX_EPOCH,
        ends_at: OffsetDateTime::UNIX_EPOCH,
        used: 0,
        held: 0,
        told: 0,
        told_until: OffsetDateTime::UNIX_EPOCH,
    }
}

fn ledger(counters: impl IntoIterator<Item = Counter>) -> Ledger {
    Ledger::new(counters, Calendar::default(), NOW)
}

fn one(metric: Metric, amount: i64) -> BTreeMap<Metric, i64> {
    BTreeMap::from([(metric, amount)])
}

fn state(ledger: &Ledger, metric: Metric) -> (i64, i64) {
    let counter = ledger.counter(metric).unwrap();
    (counter.used, counter.held)
}

#[test]
fn the_table_is_in_the_order_of_the_metrics() {
    for (place, metric) in Metric::ALL.iter().enumerate() {
        assert_eq!(METRICS[place].metric, *metric);
        assert_eq!(serde_json::to_value(metric).unwrap(), metric.code());
    }
}

#[test]
fn amounts_are_exact_or_refused() {
    use FieldProblem::{Fraction, Huge, Malformed, Negative, Required, UnknownChoice};
    for (unit, typed, amount) in [
        (Unit::Requests, "500", Ok(500)),
        (Unit::Requests, " 0 ", Ok(0)),
        (Unit::Requests, "1.0", Ok(1)),
        (Unit::Requests, "1.5", Err(Fraction)),
        (Unit::Requests, "-1", Err(Negative)),
        (Unit::Requests, "-0", Ok(0)),
        (Unit::Requests, "1000000000000000", Ok(AMOUNT_MAX)),
        (Unit::Requests, "1000000000000001", Err(Huge)),
        (Unit::Requests, "99999999999999999999999999999999999999999", Err(Huge)),
        (Unit::Requests, "", Err(Required)),
        (Unit::Requests, "many", Err(Malformed)),
        (Unit::Requests, "1e3", Err(Malformed)),
        (Unit::Requests, "1.", Err(Malformed)),
        (Unit::Requests, ".5", Err(Malformed)),
        (Unit::Requests, "1-2", Err(Malformed)),
        (Unit::Bytes, "1.5 GB", Ok(1_500_000_000)),
        (Unit::Bytes, "2gib", Ok(2 << 30)),
        (Unit::Bytes, "0.1 B", Err(Fraction)),
        (Unit::Bytes, "9000 TB", Err(Huge)),
        (Unit::Bytes, "GB", Err(Malformed)),
        (Unit::Milliseconds, "5 min", Ok(300_000)),
        (Unit::Milliseconds, "0.5 s", Ok(500)),
        (Unit::Money, "12.50", Ok(12_500_000)),
        (Unit::Money, "0.000001", Ok(1)),
        (Unit::Money, "0.0000001", Err(Fraction)),
        (Unit::Money, "-0.01", Err(Negative)),
        (Unit::Switch, "on", Ok(1)),
        (Unit::Switch, "2", Err(UnknownChoice)),
    ] {
        assert_eq!(unit.parse(typed), amount, "{typed:?} as {unit:?}");
    }
    assert_eq!(Unit::Money.read(&Quantity::Whole(3)), Ok(3_000_000));
    assert_eq!(Unit::Requests.read(&Quantity::Whole(-3)), Err(Negative));
    assert_eq!(Unit::Requests.read(&Quantity::Whole(i64::MAX)), Err(Huge));
    assert_eq!(Unit::Requests.read(&Quantity::Text("3".into())), Ok(3));
}

#[test]
fn amounts_are_shown_in_the_largest_word_that_fits() {
    for (unit, amount, shown) in [
        (Unit::Requests, 1_204, "1,204"),
        (Unit::Bytes, 0, "0 B"),
        (Unit::Bytes, 1_500_000_000, "1.5 GB"),
        (Unit::Bytes, 100_000_000_000, "100 GB"),
        (Unit::Milliseconds, 300_000, "5 min"),
        (Unit::Milliseconds, 250, "250 ms"),
        (Unit::Money, 1_234_500_000, "1,234.50 EUR"),
        (Unit::Money, 4_999, "0.00 EUR"),
        (Unit::Money, 5_000, "0.01 EUR"),
        (Unit::Switch, 0, "Off"),
    ] {
        assert_eq!(unit.show(amount), shown);
    }
}

#[test]
fn windows_follow_the_clocks_of_the_organization() {
    let berlin = Calendar::of("Europe/Berlin").unwrap();
    // Clocks go back in the night: 25 hours.
    let (start, end) = berlin.bounds(Window::Day, datetime!(2026-10-25 12:00 UTC));
    assert_eq!((start, end), (datetime!(2026-10-24 22:00 UTC), datetime!(2026-10-25 23:00 UTC)));
    // And forward: 23.
    let (start, end) = berlin.bounds(Window::Day, datetime!(2026-03-29 12:00 UTC));
    assert_eq!(end - start, Duration::hours(23));
    let (start, end) = berlin.bounds(Window::Month, datetime!(2026-11-30 23:30 UTC));
    assert_eq!((start, end), (datetime!(2026-11-30 23:00 UTC), datetime!(2026-12-31 23:00 UTC)));
    let kathmandu = Calendar::of("Asia/Kathmandu").unwrap();
    let (start, end) = kathmandu.bounds(Window::Hour, datetime!(2026-11-20 14:20 UTC));
    assert_eq!((start, end), (datetime!(2026-11-20 14:15 UTC), datetime!(2026-11-20 15:15 UTC)));
    // In Beirut midnight is left out: the day begins an hour later.
    let beirut = Calendar::of("Asia/Beirut").unwrap();
    assert_eq!(beirut.midnight(date!(2026 - 03 - 29)), datetime!(2026-03-28 22:00 UTC));
    assert_eq!(beirut.day(datetime!(2026-03-28 22:00 UTC)), date!(2026 - 03 - 29));
    assert!(Calendar::of("Middle/Earth").is_none());
}

#[test]
fn a_window_that_is_over_begins_anew_and_moving_empties_nothing() {
    let mut day = counter(Metric::RequestsPerDay, 10, true);
    day.roll(&Calendar::default(), NOW);
    assert_eq!((day.opened_at, day.ends_at), (datetime!(2026-11-20 0:00 UTC), datetime!(2026-11-21 0:00 UTC)));
    day.used = 10;
    let auckland = Calendar::of("Pacific/Auckland").unwrap();
    day.roll(&auckland, NOW);
    assert_eq!(day.used, 10, "another zone holds from the next window on");
    day.roll(&auckland, datetime!(2026-11-21 0:00 UTC));
    assert_eq!(day.used, 6, "thirteen hours of Auckland’s day were in the former window");
    assert_eq!((day.opened_at, day.ends_at), (datetime!(2026-11-21 0:00 UTC), datetime!(2026-11-21 11:00 UTC)));
    day.roll(&auckland, datetime!(2026-11-21 11:00 UTC));
    assert_eq!((day.used, day.ends_at), (0, datetime!(2026-11-22 11:00 UTC)));
    // A month that is moved to the east begins a few hours early, and has nearly all that there is of it.
    let mut month = counter(Metric::MonthlyBudget, 100, true);
    month.roll(&Calendar::default(), NOW);
    month.used = 100;
    month.roll(&auckland, datetime!(2026-12-01 0:00 UTC));
    assert_eq!((month.used, month.ends_at), (2, datetime!(2026-12-31 11:00 UTC)));
}

#[test]
fn what_people_were_told_of_is_no_news_because_a_limit_is_another() {
    let mut ledger = ledger([counter(Metric::RequestsPerDay, 100, true)]);
    ledger.reserve(&one(Metric::RequestsPerDay, 85), "").unwrap();
    assert_eq!(ledger.crossings().len(), 1);
    let told = |limit: i64, percents: &str| {
        let mut counter = ledger.counter(Metric::RequestsPerDay).unwrap().clone();
        let thresholds = Thresholds::parse(percents).unwrap();
        counter.change_rule(Rule { limit: Some(limit), thresholds, ..counter.rule.clone() });
        let mut next = Ledger::new([counter], Calendar::default(), NOW);
        next.crossings().into_iter().map(|crossing| crossing.percent).collect::<Vec<_>>()
    };
    assert_eq!(told(100, "50, 80, 100"), Vec::<u8>::new(), "nothing is different");
    assert_eq!(told(100, "70, 80"), Vec::<u8>::new(), "there is another threshold, and it was passed");
    assert_eq!(told(90, "50, 80, 100"), Vec::<u8>::new(), "it is still the same threshold");
    assert_eq!(told(85, "50, 80, 100"), [100], "a higher one is reached now");
    let mut raised = ledger.counter(Metric::RequestsPerDay).unwrap().clone();
    raised.change_rule(Rule { limit: Some(1_000), ..raised.rule.clone() });
    let mut raised = Ledger::new([raised], Calendar::default(), NOW);
    assert_eq!(raised.crossings(), [], "it is far from the next");
    raised.reserve(&one(Metric::RequestsPerDay, 720), "").unwrap();
    assert_eq!(raised.crossings()[0].percent, 80, "it comes there again");
}

#[test]
fn a_plan_keeps_what_another_program_knows() {
    let stored = r#"{"memory":{"limit":1,"ceiling":2,"price":3},"teleports":{"limit":7}}"#;
    let plan = PlanTerms::stored(Plan::Team, stored).unwrap();
    assert_eq!(plan.terms(Metric::Memory), Terms { limit: Some(1), ceiling: Some(2), price: 3 });
    assert_eq!(plan.unknown().collect::<Vec<_>>(), ["teleports"]);
    let changed = plan.with(Metric::Memory, Plan::Team.terms(Metric::Memory)).unwrap();
    assert_eq!(changed.to_stored(), r#"{"teleports":{"limit":7}}"#);
    assert!(PlanTerms::stored(Plan::Team, r#"{"memory":{"limit":"much"}}"#).is_err());
}

#[test]
fn thresholds_are_told_once_in_their_time() {
    let mut ledger = ledger([counter(Metric::RequestsPerDay, 100, true)]);
    let told = |ledger: &mut Ledger, amount| {
        ledger.reserve(&one(Metric::RequestsPerDay, amount), "").unwrap();
        ledger.crossings().into_iter().map(|crossing| crossing.percent).collect::<Vec<_>>()
    };
    assert_eq!(told(&mut ledger, 49), Vec::<u8>::new());
    assert_eq!(told(&mut ledger, 1), [50]);
    assert_eq!(told(&mut ledger, 1), Vec::<u8>::new());
    assert_eq!(told(&mut ledger, 49), [100], "of two at once the higher one is told");
    let counters: Vec<_> = ledger.counters().cloned().collect();
    let mut next = Ledger::new(counters, Calendar::default(), NOW + Duration::DAY);
    assert_eq!(told(&mut next, 80), [80]);
}

#[test]
fn several_amounts_are_taken_together_or_not_at_all() {
    let mut ledger = ledger([counter(Metric::Memory, 100, true), counter(Metric::RequestsPerDay, 1, true)]);
    let both = BTreeMap::from([(Metric::Memory, 10), (Metric::RequestsPerDay, 1)]);
    ledger.reserve(&both, "").unwrap();
    let full = ledger.reserve(&both, "").unwrap_err();
    assert_eq!(full, Full { metric: Metric::RequestsPerDay, until: Some(datetime!(2026-11-21 0:00 UTC)) });
    assert_eq!(state(&ledger, Metric::Memory), (0, 10));
}

#[test]
fn each_kind_keeps_what_it_should() {
    let all = [Metric::Memory, Metric::DataSize, Metric::RequestsPerDay, Metric::FileSize];
    let mut ledger = ledger(all.map(|metric| counter(metric, 100, true)));
    let amounts: BTreeMap<_, _> = all.into_iter().map(|metric| (metric, 60)).collect();
    let mut items = ledger.reserve(&amounts, "bot").unwrap();
    ledger.settle(&mut items, &all.into_iter().map(|metric| (metric, 20)).collect(), NOW, "bot");
    assert_eq!(all.map(|metric| state(&ledger, metric)), [(0, 0), (20, 0), (20, 0), (0, 0)]);
    assert!(items.iter().all(|item| item.settled == Some(20)));
    assert_eq!(ledger.take_used().len(), 4);
    ledger.record(Metric::DataSize, 30, true, NOW, "");
    assert_eq!(state(&ledger, Metric::DataSize), (0, 0), "nothing is less than empty");
    // A limit of one request is held against each alone.
    assert!(ledger.reserve(&one(Metric::FileSize, 100), "").is_ok());
    assert!(ledger.reserve(&one(Metric::FileSize, 100), "").is_ok());
    assert!(ledger.reserve(&one(Metric::FileSize, 101), "").is_err());
}

#[test]
fn what_is_settled_late_counts_where_it_was_reserved() {
    let mut today = ledger([counter(Metric::RequestsPerDay, 100, true)]);
    let mut items = today.reserve(&one(Metric::RequestsPerDay, 60), "").unwrap();
    let counters: Vec<_> = today.counters().cloned().collect();
    let mut tomorrow = Ledger::new(counters, Calendar::default(), NOW + Duration::DAY);
    tomorrow.reserve(&one(Metric::RequestsPerDay, 100), "").unwrap();
    tomorrow.settle(&mut items, &BTreeMap::new(), NOW, "");
    assert_eq!(state(&tomorrow, Metric::RequestsPerDay), (0, 100));
    assert_eq!(tomorrow.take_used()[0].at, NOW);
    // A late event goes into its own window, too.
    tomorrow.record(Metric::RequestsPerDay, 5, false, NOW, "");
    assert_eq!(state(&tomorrow, Metric::RequestsPerDay), (0, 100));
    tomorrow.record(Metric::RequestsPerDay, 5, false, NOW + Duration::DAY, "");
    assert_eq!(state(&tomorrow, Metric::RequestsPerDay), (5, 100), "what has happened counts above the limit");
}

#[test]
fn reported_limits_refuse_nothing() {
    let mut ledger = ledger([counter(Metric::DailyCost, 10, false)]);
    ledger.reserve(&one(Metric::DailyCost, 1_000), "").unwrap();
    assert_eq!(ledger.crossings()[0].percent, 100);
}

#[test]
fn a_forecast_is_made_only_where_there_is_one() {
    let month = Kind::Counter(Window::Month);
    let recent = |days, fill, limit| Recent { days, fill, limit, today: date!(2026 - 11 - 20), anew: None };
    let even = [10; 14];
    assert_eq!(forecast(month, recent(&even, 870, 1_000)), Some(date!(2026 - 12 - 03)));
    let anew = Recent { anew: Some(date!(2026 - 12 - 01)), ..recent(&even, 870, 1_000) };
    assert_eq!(forecast(month, anew), None, "it is counted anew before that");
    assert_eq!(forecast(month, recent(&even[..6], 870, 1_000)), None, "too few days");
    assert_eq!(forecast(month, recent(&[0; 14], 870, 1_000)), None);
    assert_eq!(forecast(month, recent(&even, 1_000, 1_000)), None, "it is full already");
    let rising: Vec<i64> = (1..=20).map(|day| 100 + 10 * day).collect();
    assert_eq!(forecast(Kind::Level, recent(&rising, 300, 400)), Some(date!(2026 - 11 - 29)));
    let falling: Vec<i64> = rising.iter().rev().copied().collect();
    assert_eq!(forecast(Kind::Level, recent(&falling, 100, 400)), None);
    let noise: Vec<i64> = (0..20).map(|day| if day % 2 == 0 { 10 } else { 300 + day }).collect();
    assert_eq!(forecast(Kind::Level, recent(&noise, 100, 400)), None, "nobody can tell");
    assert_eq!(forecast(Kind::Level, recent(&rising, 300, 400_000)), None, "too far away");
    assert_eq!(forecast(Kind::Maximum, recent(&rising, 300, 400)), None);
}

#[test]
fn prices_are_for_lots_and_rounded_at_the_end() {
    let terms = |price: &str| Terms { limit: None, ceiling: None, price: price_of(price).unwrap() };
    assert_eq!(cost(Metric::RequestsPerDay, 1_000_000, &terms("0.005")), 5_000_000);
    assert_eq!(cost(Metric::RequestsPerDay, 1, &terms("0.0004")), 0);
    assert_eq!(cost(Metric::RequestsPerDay, 2, &terms("0.0004")), 1);
    assert_eq!(cost(Metric::DataSize, 100_000_000_000, &terms("0.0008")), 80_000);
    assert_eq!(cost(Metric::DataSize, AMOUNT_MAX, &terms("1000000")), AMOUNT_MAX);
    assert_eq!(terms("0.0008").typed_price(), "0.0008");
    for wrong in ["", "-1", "0.0000000001", "x"] {
        assert!(price_of(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn every_plan_keeps_its_own_ceilings() {
    for plan in Plan::ALL {
        for metric in Metric::ALL {
            let terms = plan.terms(*metric);
            assert!(PlanTerms::of(*plan).with(*metric, terms).is_ok(), "{plan:?} {metric:?}");
        }
    }
    let free = PlanTerms::of(Plan::Free);
    assert_eq!(free.terms(Metric::DomainFinance).limit, Some(0));
    let terms = Terms { limit: Some(20), ceiling: Some(30), price: 7 };
    let changed = free.clone().with(Metric::ConcurrentRequests, terms).unwrap();
    assert_eq!(PlanTerms::stored(Plan::Free, &changed.to_stored()).unwrap(), changed);
    let above = Terms { limit: None, ..terms };
    assert_eq!(
        free.with(Metric::ConcurrentRequests, above),
        Err(FieldProblem::AboveCeiling(Metric::ConcurrentRequests, 30))
    );
    let own = Own { limit: Some(500), ..Own::default() };
    assert_eq!(own.rule(Metric::ConcurrentRequests, &terms).limit, Some(30), "the plan has become smaller");
}

#[test]
fn a_form_leads_back_to_what_it_shows() {
    let terms = Plan::Team.terms(Metric::DataSize);
    let form = QuotaForm {
        limit: "200 GB".into(),
        enforcement: "report".into(),
        thresholds: "90, 70".into(),
        revision: "3".into(),
    };
    let own = form.parse(Metric::DataSize, &terms).unwrap();
    assert_eq!(own.limit, Some(200_000_000_000));
    assert_eq!(QuotaForm::of(Metric::DataSize, &own, 3).parse(Metric::DataSize, &terms).unwrap(), own);
    assert_eq!(QuotaForm::of(Metric::DataSize, &own, 3).thresholds, "70, 90");
    let wrong = |form: QuotaForm, field: &str| form.parse(Metric::DataSize, &terms).unwrap_err().of(field).unwrap();
    let ceiling = FieldProblem::AboveCeiling(Metric::DataSize, 1_000_000_000_000);
    assert_eq!(wrong(QuotaForm { limit: "2 TB".into(), ..form.clone() }, "limit"), ceiling);
    assert_eq!(wrong(QuotaForm { limit: "0".into(), ..form.clone() }, "limit"), FieldProblem::Zero);
    assert_eq!(wrong(QuotaForm { limit: "-5".into(), ..form.clone() }, "limit"), FieldProblem::Negative);
    assert_eq!(
        wrong(QuotaForm { thresholds: "0".into(), ..form.clone() }, "thresholds"),
        FieldProblem::OutOfRange(1, 100)
    );
    assert_eq!(wrong(QuotaForm { enforcement: "x".into(), ..form }, "enforcement"), FieldProblem::UnknownChoice);
}

#[test]
fn what_programs_send_is_read_strictly() {
    let read = |json: &str| serde_json::from_str::<Reserve>(json);
    let parsed = read(r#"{"amounts":{"requests_per_day":3,"monthly_budget":"0.25"},"ttl_seconds":60}"#).unwrap();
    let request = parsed.parse().unwrap();
    assert_eq!(request.amounts, BTreeMap::from([(Metric::RequestsPerDay, 3), (Metric::MonthlyBudget, 250_000)]));
    assert_eq!(request.ttl, Duration::MINUTE);
    for bad in
        ["{}", r#"{"amounts":{"memory":1.5}}"#, r#"{"amounts":{"memory":1},"x":1}"#, r#"{"amounts":{"memory":null}}"#]
    {
        assert!(read(bad).is_err(), "{bad}");
    }
    let wrong = |json: &str, field: &str| read(json).unwrap().parse().unwrap_err().of(field).unwrap();
    assert_eq!(wrong(r#"{"amounts":{}}"#, "amounts"), FieldProblem::Required);
    assert_eq!(wrong(r#"{"amounts":{"love":1}}"#, "amounts"), FieldProblem::UnknownChoice);
    assert_eq!(wrong(r#"{"amounts":{"memory":0}}"#, "amounts.memory"), FieldProblem::Zero);
    assert_eq!(wrong(r#"{"amounts":{"memory":-1}}"#, "amounts.memory"), FieldProblem::Negative);
    assert_eq!(wrong(r#"{"amounts":{"memory":"0.5"}}"#, "amounts.memory"), FieldProblem::Fraction);
    assert_eq!(
        wrong(r#"{"amounts":{"memory":1},"ttl_seconds":86401}"#, "ttl_seconds"),
        FieldProblem::OutOfRange(1, 86_400)
    );
    assert_eq!(wrong(r#"{"amounts":{"memory":1},"key":" "}"#, "key"), FieldProblem::Required);
    let settle = Settle { amounts: BTreeMap::from([("memory".into(), Quantity::Whole(6))]) };
    assert_eq!(
        settle.parse(&one(Metric::Memory, 5)).unwrap_err().of("amounts.memory"),
        Some(FieldProblem::MoreThanReserved)
    );
    assert_eq!(settle.parse(&one(Metric::Memory, 6)).unwrap(), one(Metric::Memory, 6));
}

#[test]
fn events_are_neither_too_old_nor_to_come() {
    let event = |at| UsageEvent {
        id: "a".into(),
        metric: "requests_per_day".into(),
        amount: Quantity::Whole(1),
        at,
        subject: None,
        freed: false,
    };
    assert!(parse_events(&[event(NOW), event(NOW - LATE)], NOW).is_ok());
    let wrong = |event: UsageEvent, field: &str| parse_events(&[event], NOW).unwrap_err().of(field).unwrap();
    assert_eq!(wrong(event(NOW - LATE - Duration::SECOND), "events.0.at"), FieldProblem::TooLate);
    assert_eq!(wrong(event(NOW + Duration::HOUR), "events.0.at"), FieldProblem::TooEarly);
    let gauge = UsageEvent { metric: "memory".into(), ..event(NOW) };
    assert_eq!(wrong(gauge, "events.0.metric"), FieldProblem::UnknownChoice);
    assert_eq!(wrong(UsageEvent { freed: true, ..event(NOW) }, "events.0.freed"), FieldProblem::UnknownChoice);
    assert_eq!(parse_events(&[], NOW).unwrap_err().of("events"), Some(FieldProblem::Required));
}

#[test]
fn a_range_has_its_steps_without_a_gap() {
    let berlin = Calendar::of("Europe/Berlin").unwrap();
    for (range, count) in [(Range::Day, 24), (Range::Month, 30), (Range::Year, 12)] {
        let steps = range.steps(&berlin, NOW);
        assert_eq!(steps.len(), count);
        assert!(steps.windows(2).all(|pair| pair[0].until == pair[1].from), "{range:?}");
        let last = steps.last().unwrap();
        assert!(last.from <= NOW && NOW < last.until, "{range:?}");
    }
    assert_eq!(Range::Year.steps(&berlin, NOW)[0].day, date!(2025 - 12 - 01));
}
