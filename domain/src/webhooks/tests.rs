use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use proptest::prelude::*;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::*;
use crate::fields::FieldProblem;

/// What the specification's own libraries are tested with.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn loopback() -> Vec<IpNet> {
    vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]
}

fn url(text: &str) -> Result<String, FieldProblem> {
    EndpointUrl::parse(text, &[]).map(|url| url.to_string())
}

#[test]
fn a_signature_is_the_one_of_the_specification() {
    let secret: SigningSecret = SECRET.parse().unwrap();
    let at = OffsetDateTime::from_unix_timestamp(1_614_265_330).unwrap();
    let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    for (id, at, body) in [
        ("msg_p5jXN8AQM9LWM0D4loKWxJel", at, r#"{"test": 2432232314}"#),
        ("msg_p5jXN8AQM9LWM0D4loKWxJek", at + Duration::SECOND, r#"{"test": 2432232314}"#),
        ("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232315}"#),
    ] {
        assert_ne!(secret.sign(id, at, body.as_bytes()), signature, "{id} {at} {body}");
    }
}

#[test]
fn a_secret_is_read_as_it_is_shown_and_does_not_show_itself() {
    let secret = SigningSecret::new(&[7; SECRET_BYTES]);
    let shown = secret.reveal();
    assert!(shown.starts_with("whsec_"));
    assert_eq!(shown.parse::<SigningSecret>().unwrap().as_bytes(), secret.as_bytes());
    assert_eq!(SECRET.parse::<SigningSecret>().unwrap().reveal().as_str(), SECRET);
    assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
    for bad in
        ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La!aSw"]
    {
        assert!(bad.parse::<SigningSecret>().is_err(), "{bad}");
    }
    assert!(SigningSecret::from_bytes(&[0; 23]).is_err() && SigningSecret::from_bytes(&[0; 65]).is_err());
}

#[test]
fn a_message_says_what_and_when() {
    let at = time::macros::datetime!(2026-11-22 06:40 UTC);
    let message = Message { kind: EventKind::Test.code(), timestamp: at, data: serde_json::json!({ "hello": 1 }) };
    let body = serde_json::to_string(&message).unwrap();
    assert_eq!(body, r#"{"type":"webhook.test","timestamp":"2026-11-22T06:40:00Z","data":{"hello":1}}"#);
    let id = MessageId(Uuid::from_u128(7)).to_string();
    assert_eq!(id, "msg_00000000000000000000000000000007");
    assert!(!id.contains('.'), "dots divide what is signed");
}

#[test]
fn every_event_is_told_by_its_code() {
    for kind in EventKind::ALL.iter().copied() {
        assert_eq!(EventKind::from_code(kind.code()), Some(kind));
        assert!(kind.describe().ends_with('.'), "{}", kind.code());
        assert!(kind.code().split_once('.').is_some_and(|(thing, _)| !thing.is_empty()));
    }
    assert_eq!(EventKind::offered().count(), EventKind::ALL.len() - 1);
}

#[test]
fn a_message_is_tried_for_a_day_and_then_given_up() {
    let longest: Duration = (1..ATTEMPTS).map(|attempts| pause(attempts, 0).unwrap()).sum();
    assert!(longest <= LONGEST && longest > LONGEST - Duration::HOUR, "{longest}");
    assert_eq!(pause(1, 0), Some(Duration::seconds(5)));
    assert_eq!(pause(1, u16::MAX), Some(Duration::seconds(4)));
    assert!(pause(ATTEMPTS - 1, 0).is_some());
    assert_eq!((pause(ATTEMPTS, 0), pause(0, 0), pause(u32::MAX, 0)), (None, None, None));
}

#[test]
fn only_the_internet_is_connected_to() {
    for public in ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1"] {
        assert!(may_connect(public.parse().unwrap(), &[]), "{public}");
        assert!(may_connect(format!("::ffff:{public}").parse().unwrap(), &[]), "{public}, mapped");
    }
    for public in ["2606:4700:4700::1111", "2a00:1450:4001:82a::200e", "2001:4860:4860::8888"] {
        assert!(may_connect(public.parse().unwrap(), &[]), "{public}");
    }
}

#[test]
fn nothing_else_is() {
    let v4 = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.1.2.3",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.7",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
    ];
    for address in v4 {
        let plain: Ipv4Addr = address.parse().unwrap();
        let [a, b, c, d] = plain.octets().map(u16::from);
        let (high, low) = (a << 8 | b, c << 8 | d);
        let forms: [IpAddr; 7] = [
            plain.into(),
            plain.to_ipv6_mapped().into(),
            // Compatible, NAT64 (well-known and local), 6to4, Teredo.
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low).into(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low).into(),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low).into(),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1).into(),
            Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !high, !low).into(),
        ];
        for form in forms {
            assert!(!may_connect(form, &[]), "{address} as {form}");
        }
    }
    for address in [
        "::",
        "::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd12:3456::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "3fff::1",
        "2001::1",
        "2001:10::1",
        "2001:20::1",
        "2002::1",
        "100::1",
        "5f00::1",
        "64:ff9b::808:808",
    ] {
        assert!(!may_connect(address.parse().unwrap(), &[]), "{address}");
    }
}

#[test]
fn what_is_allowed_is_connected_to_in_every_form_and_nothing_beside_it() {
    let allowed = ["10.1.0.0/16".parse().unwrap(), "fd00:1::/32".parse().unwrap()];
    for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::9", "1.1.1.1"] {
        assert!(may_connect(address.parse().unwrap(), &allowed), "{address}");
    }
    for address in ["10.2.0.1", "::ffff:10.2.0.1", "fd00:2::9", "127.0.0.1", "2002:a01:203::1", "64:ff9b::a01:203"] {
        assert!(!may_connect(address.parse().unwrap(), &allowed), "{address}");
    }
}

#[test]
fn an_endpoint_is_an_address_of_https() {
    for (text, stored) in [
        ("https://hooks.example/in", "https://hooks.example/in"),
        (" https://Hooks.EXAMPLE ", "https://hooks.example/"),
        ("https://hooks.example:8443/a/../b?key=1", "https://hooks.example:8443/b?key=1"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
    ] {
        assert_eq!(url(text).as_deref(), Ok(stored), "{text}");
    }
    let parsed = EndpointUrl::parse("https://hooks.example:8443/secret?key=1", &[]).unwrap();
    assert_eq!((parsed.origin().as_str(), parsed.host()), ("https://hooks.example:8443", "hooks.example"));
}

#[test]
fn what_is_none_is_refused() {
    for (text, problem) in [
        ("", FieldProblem::Required),
        ("hooks.example", FieldProblem::Malformed),
        ("https://", FieldProblem::Malformed),
        ("https://./", FieldProblem::Malformed),
        ("https://ada@hooks.example/", FieldProblem::Malformed),
        ("https://ada:secret@hooks.example/", FieldProblem::Malformed),
        ("https://hooks.example/#here", FieldProblem::Malformed),
        ("https://hooks.example:0/", FieldProblem::Malformed),
        ("https://hooks.example:99999/", FieldProblem::Malformed),
        ("https://hooks.example/a b", FieldProblem::ForbiddenCharacters),
        ("https://hooks.example\\@10.0.0.1/", FieldProblem::ForbiddenCharacters),
        ("https://hooks.example/\r\nHost: evil", FieldProblem::ForbiddenCharacters),
        ("http://hooks.example/", FieldProblem::HttpsOnly),
        ("http://1.1.1.1/", FieldProblem::HttpsOnly),
        ("ftp://hooks.example/", FieldProblem::HttpsOnly),
        ("file:///etc/passwd", FieldProblem::HttpsOnly),
        ("javascript:alert(1)", FieldProblem::HttpsOnly),
        ("gopher://127.0.0.1:6379/", FieldProblem::HttpsOnly),
    ] {
        assert_eq!(url(text), Err(problem), "{text}");
    }
    assert_eq!(url(&format!("https://hooks.example/{}", "x".repeat(1000))), Err(FieldProblem::TooLong(URL_MAX)));
    // Each sign becomes nine.
    assert_eq!(url(&format!("https://hooks.example/{}", "ﷺ".repeat(300))), Err(FieldProblem::TooLong(URL_MAX)));
}

#[test]
fn this_machine_in_any_spelling_is_refused_unless_it_is_allowed() {
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "１２７.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "①27.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            let text = format!("{scheme}://{host}:8080/in");
            assert_eq!(url(&text), Err(FieldProblem::PrivateAddress), "{text}");
            assert!(EndpointUrl::parse(&text, &loopback()).is_ok(), "{text}, allowed");
        }
    }
    for host in ["10.0.0.1", "169.254.169.254", "0xa9fea9fe", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]", "0.0.0.0", "0"]
    {
        assert_eq!(url(&format!("https://{host}/")), Err(FieldProblem::PrivateAddress), "{host}");
        let refused = EndpointUrl::parse(&format!("https://{host}/"), &loopback());
        assert_eq!(refused, Err(FieldProblem::PrivateAddress), "{host}");
    }
    let private = ["10.0.0.0/8".parse().unwrap()];
    assert_eq!(EndpointUrl::parse("http://10.0.0.1/", &private), Err(FieldProblem::HttpsOnly));
    assert!(EndpointUrl::parse("https://10.0.0.1/", &private).is_ok());
}

#[test]
fn a_form_says_all_that_is_wrong() {
    let pairs = [("url", "http://x.example"), ("event", "alert.raised"), ("event", "nonsense"), ("other", "x")];
    let errors = EndpointForm::from_pairs(pairs).parse(&[]).unwrap_err();
    assert_eq!(errors.of("url"), Some(FieldProblem::HttpsOnly));
    assert_eq!(errors.of("event"), Some(FieldProblem::UnknownChoice));
    let none = EndpointForm { url: "https://x.example".into(), ..EndpointForm::default() };
    assert_eq!(none.parse(&[]).unwrap_err().of("event"), Some(FieldProblem::Required));
    let test = EndpointForm { events: vec!["webhook.test".into()], ..none.clone() };
    assert_eq!(test.parse(&[]).unwrap_err().of("event"), Some(FieldProblem::UnknownChoice));
    let twice = ["policy.enforced", "alert.raised", "alert.raised"].map(str::to_owned).to_vec();
    let form = EndpointForm { events: twice, description: "  On   call ".into(), ..none };
    let wish = form.parse(&[]).unwrap();
    assert_eq!(wish.events, [EventKind::AlertRaised, EventKind::PolicyEnforced]);
    assert_eq!(wish.description, "On call");
}

#[test]
fn a_filter_that_is_none_shows_all() {
    assert_eq!(DeliveryFilter::from_code(Some("failed")).code(), Some("failed"));
    assert_eq!(DeliveryFilter::from_code(Some("nonsense")), DeliveryFilter::default());
    assert_eq!(DeliveryFilter::from_code(None).code(), None);
}

proptest! {
    #[test]
    fn what_is_mapped_is_judged_as_what_it_is(bits in any::<u32>()) {
        let address = Ipv4Addr::from(bits);
        prop_assert_eq!(may_connect(address.into(), &[]), may_connect(address.to_ipv6_mapped().into(), &[]));
    }

    #[test]
    fn what_the_standard_library_knows_as_special_is_refused(bits in any::<u32>()) {
        let it = Ipv4Addr::from(bits);
        let is_special = it.is_private() || it.is_loopback() || it.is_link_local() || it.is_multicast()
            || it.is_broadcast() || it.is_documentation() || it.is_unspecified();
        prop_assert!(!is_special || !may_connect(it.into(), &[]), "{}", it);
    }

    #[test]
    fn the_same_of_the_longer_ones(bits in any::<u128>()) {
        let it = Ipv6Addr::from(bits);
        let is_special = it.is_loopback() || it.is_multicast() || it.is_unspecified() || it.is_unique_local()
            || it.is_unicast_link_local();
        prop_assert!(!is_special || !may_connect(it.into(), &[]), "{}", it);
    }

    #[test]
    fn an_address_is_read_again_as_it_is_stored(host in "[a-z]{1,8}(\\.[a-z]{2,5}){1,2}", rest in "[!-~]{0,40}") {
        let text = format!("https://{host}/{rest}");
        if let Ok(url) = EndpointUrl::parse(&text, &[]) {
            prop_assert_eq!(EndpointUrl::parse(url.as_str(), &[]), Ok(url.clone()));
            prop_assert!(url.as_str().starts_with("https://"));
        }
    }

    #[test]
    fn odd_addresses_are_refused_and_never_a_panic(text in any::<String>()) {
        let _ = EndpointUrl::parse(&text, &[]);
        let _ = text.parse::<SigningSecret>();
    }

    #[test]
    fn pauses_grow_and_are_spread(attempts in 1..ATTEMPTS, drawn in any::<u16>()) {
        let (shortest, longest) = (pause(attempts, u16::MAX).unwrap(), pause(attempts, 0).unwrap());
        let pause = pause(attempts, drawn).unwrap();
        prop_assert!(shortest <= pause && pause <= longest);
        prop_assert!(longest * 4 / 5 <= shortest + Duration::MILLISECOND);
    }
}
