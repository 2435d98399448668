//! The list of members: every member once, whichever way one walks.

use std::collections::BTreeMap;

use domain::ids::AccountId;
use domain::members::{Inactivity, Member, MemberQuery, MemberSort, MemberStatus};
use domain::paging::{Cursor, Page};
use domain::roles::Role;
use server::edges::Clock as _;
use server::testing::{Organization, TestPortal, World};
use server::{Access, members, organizations};
use sqlx::AssertSqlSafe;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Names of the world, and some that were chosen to be awkward: equal ones, equal but for case and
/// marks, and characters at both ends of Unicode.
const NAMES: &[&str] = &[
    "Zoë",
    "zoe",
    "Zoe",
    "ZOE",
    "Öberg",
    "oberg",
    "Oberg",
    "Ångström",
    "Émile",
    "emile",
    "李小龙",
    "王芳",
    "山田太郎",
    "やまだ",
    "ヤマダ",
    "김철수",
    "محمد",
    "יוסי",
    "Дмитрий",
    "дмитрий",
    "Ἀριστοτέλης",
    "नरेन्द्र",
    "ไทย",
    "1st",
    "2nd",
    "O’Neil",
    "O'Neil",
    "A B",
    "A-B",
    "AB",
    "a",
    "z",
    "𝒵",
    "𐍈 Goth",
    "ﬁ ligature",
    "ß",
    "ss",
    "İstanbul",
    "ıstanbul",
    "\u{10fffd}x",
    "x\u{10fffd}",
    "\u{e000}x",
    "Same",
    "Same",
    "Same",
    "Same",
];

/// Adds members behind the portal's back: seventy-five, which is three full pages and a bit.
async fn fill(t: &TestPortal, organization: &Organization) {
    let schema = organization.schema();
    let statuses = ["active", "active", "suspended"];
    let mut conn = t.database().connect().await;
    let kinds = NAMES.iter().cycle().zip(Role::ALL.iter().cycle()).zip(statuses.iter().cycle());
    for (number, ((name, role), status)) in (0_i64..75).zip(kinds) {
        let joined = datetime!(2025-01-01 00:00 UTC) + Duration::days(number / 7);
        let seen = datetime!(2026-01-01 00:00 UTC) + Duration::microseconds(number / 6);
        let id = Uuid::from_bytes(t.random());
        let member = format!(
            "INSERT INTO {schema}.members (account_id, name, email, role, status, joined_at, last_seen_at, source)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'invitation')"
        );
        sqlx::query(AssertSqlSafe(member))
            .bind(id)
            .bind(name)
            .bind(format!("person{number}@list.example"))
            .bind(role.code())
            .bind(status)
            .bind(joined)
            .bind((number % 4 != 0).then_some(seen))
            .execute(&mut conn)
            .await
            .unwrap();
    }
}

/// The page as a browser asks for it, with the cursor in its address.
async fn page(access: &Access, query: &MemberQuery, cursor: Option<&str>) -> Page<Member> {
    let pairs = query.to_pairs();
    let pairs = pairs.iter().map(|(key, value)| (*key, value.as_str())).chain(cursor.map(|cursor| ("page", cursor)));
    members::list(access, &MemberQuery::from_pairs(pairs)).await.unwrap()
}

fn ids(page: &Page<Member>) -> Vec<AccountId> {
    page.rows.iter().map(|member| member.id).collect()
}

async fn walk(access: &Access, query: &MemberQuery, expected: &BTreeMap<AccountId, Member>) {
    let mut pages = vec![page(access, query, None).await];
    while let Some(next) = pages.last().unwrap().next.clone() {
        pages.push(page(access, query, Some(&next)).await);
        assert!(pages.len() < 10, "{query:?} does not end");
    }
    assert!(pages[0].previous.is_none());
    let walked: Vec<_> = pages.iter().flat_map(ids).collect();
    let mut once = walked.clone();
    once.sort_unstable();
    assert_eq!(once, expected.keys().copied().collect::<Vec<_>>(), "{query:?}");
    assert!(pages.iter().all(|page| page.total == expected.len() as u64));

    let mut back = pages.last().unwrap().clone();
    for earlier in pages.iter().rev().skip(1) {
        back = page(access, query, back.previous.as_deref()).await;
        assert_eq!(ids(&back), ids(earlier), "{query:?} back");
        assert!(back.next.is_some());
    }
    assert!(back.previous.is_none(), "{query:?} has something before its first page");
    assert_sorted(query, &walked.iter().map(|id| &expected[id]).collect::<Vec<_>>());
}

fn assert_sorted(query: &MemberQuery, rows: &[&Member]) {
    let mut rows = rows.to_vec();
    if query.descending {
        rows.reverse();
    }
    let ordered = match query.sort {
        MemberSort::Role => rows.is_sorted_by_key(|member| (member.role.code(), member.id)),
        MemberSort::Joined => rows.is_sorted_by_key(|member| (member.joined_at, member.id)),
        MemberSort::LastSeen => rows.is_sorted_by_key(|member| (member.last_seen_at, member.id)),
        // What Unicode's order is, is Postgres' business; that a z comes behind an a can be said here.
        MemberSort::Name => {
            rows.iter().position(|member| member.name == "a") < rows.iter().position(|member| member.name == "z")
                || rows.len() < 75
        }
    };
    assert!(ordered, "{query:?}");
}

#[tokio::test]
async fn every_walk_shows_every_member_once_and_leads_back() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        fill(&t, &world.acme).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let mut all = BTreeMap::new();
        let mut cursor = None;
        loop {
            let query = MemberQuery { sort: MemberSort::Joined, ..MemberQuery::default() };
            let page = page(&ada, &query, cursor.as_deref()).await;
            all.extend(page.rows.into_iter().map(|member| (member.id, member)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all.len(), 78);
        // Those who were seen were seen on the first day of 2026, and who joined in 2025 never came.
        let filters = [
            (None, None, None),
            (Some(Role::Owner), None, None),
            (None, Some(MemberStatus::Active), None),
            (Some(Role::Member), Some(MemberStatus::Suspended), None),
            (None, None, Inactivity::from_code(&days_since(&t, datetime!(2026-01-01 12:00 UTC)))),
            (None, Some(MemberStatus::Active), Inactivity::from_code(&days_since(&t, datetime!(2025-06-01 00:00 UTC)))),
        ];
        for sort in MemberSort::ALL {
            for descending in [false, true] {
                for (role, status, inactive) in filters {
                    for search in [None, Some("person"), Some("acme.example")] {
                        let query = MemberQuery {
                            search: search.map(str::to_owned),
                            role: role.map(Into::into),
                            status,
                            inactive,
                            sort: *sort,
                            descending,
                            ..MemberQuery::default()
                        };
                        let matches = |member: &Member| {
                            role.is_none_or(|role| member.role == role)
                                && status.is_none_or(|status| member.status == status)
                                && inactive.is_none_or(|inactive| {
                                    let seen = member.last_seen_at.unwrap_or(member.joined_at);
                                    seen <= inactive.seen_until(t.clock().now())
                                })
                                && search.is_none_or(|search| member.email.contains(search))
                        };
                        let expected = all
                            .iter()
                            .filter(|(_, member)| matches(member))
                            .map(|(id, member)| (*id, member.clone()))
                            .collect();
                        walk(&ada, &query, &expected).await;
                    }
                }
            }
        }
    })
    .await;
}

/// The whole days that have passed since then.
fn days_since(t: &TestPortal, then: OffsetDateTime) -> String {
    (t.clock().now() - then).whole_days().to_string()
}

#[tokio::test]
async fn who_was_not_seen_for_a_while_is_found_as_time_passes() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let inactive = async |days: &str| {
            let ada = t.enter_to_read(&world.ada, &world.acme).await;
            let query = MemberQuery::from_pairs([("inactive", days)]);
            let page = members::list(&ada, &query).await.unwrap();
            assert_eq!(page.total, page.rows.len() as u64);
            page.rows.into_iter().map(|member| member.id).collect::<Vec<_>>()
        };
        let (mia, others) = (world.mia.account, 2);
        // Mia was never here, the others have just come: see what passes without any entry.
        let journal = t.journal().await.of(world.acme.log());
        t.sql(&format!("UPDATE {}.members SET last_seen_at = NULL WHERE account_id = '{mia}'", world.acme.schema()))
            .await;
        assert!(inactive("30").await.is_empty(), "joining counts as being seen");
        t.pass(Duration::days(30));
        let found = inactive("30").await;
        assert!(found.contains(&mia) && !found.contains(&world.ada.account), "{found:?}");
        assert_eq!(found.len(), others);
        assert!(inactive("60").await.is_empty());
        t.enter(&world.mia, &world.acme).await;
        let found = inactive("30").await;
        assert!(!found.contains(&mia), "{found:?}");
        assert_eq!(t.journal().await.of(world.acme.log()), journal, "there is an entry");
    })
    .await;
}

#[tokio::test]
async fn nobody_hides_from_the_list_behind_a_strange_name() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let mut strange = vec!["Zz Top".to_owned()];
        for name in [
            "\u{ffff}Hidden",
            "\u{10ffff}Hidden",
            "\u{fffe}Hidden",
            "\u{0}Hidden",
            "\u{fffd}Hidden",
            "\u{e000}Hidden",
            "\u{ad}Hidden",
            "\u{301}Hidden",
        ] {
            if let Ok(name) = domain::text::PersonName::parse(name) {
                strange.push(name.as_str().to_owned());
            }
        }
        for (number, name) in strange.iter().enumerate() {
            t.join(&ada, name, &format!("strange{number}@acme.example"), Role::Member).await;
        }
        for descending in [false, true] {
            let page = page(&ada, &MemberQuery { descending, ..MemberQuery::default() }, None).await;
            assert_eq!(page.rows.len() as u64, page.total, "descending: {descending}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_finds_names_in_any_case_and_takes_nothing_for_a_pattern() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        fill(&t, &world.acme).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let found = async |text: &str| {
            let query = MemberQuery::from_pairs([("q", text)]);
            members::list(&ada, &query).await.unwrap().rows.into_iter().map(|member| member.name).collect::<Vec<_>>()
        };
        for (search, name) in [
            ("LOVE", "Ada Lovelace"),
            ("öBER", "Öberg"),
            ("ÅNG", "Ångström"),
            ("ДМИТРИЙ", "Дмитрий"),
            ("小", "李小龙"),
            ("ẞ", "ß"),
            ("ΑΡΙΣΤΟ", ""),
        ] {
            let names = found(search).await;
            assert!(name.is_empty() || names.iter().any(|found| found == name), "{search}: {names:?}");
        }
        for text in ["%", "_", "\\", "' OR 1=1 --", "x%y", "*"] {
            assert!(found(text).await.is_empty(), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_crafted_cursor_shows_a_list_all_the_same() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let keys = [
            "",
            "a",
            "9999999999999999999999",
            "-9223372036854775808",
            "9223372036854775807",
            "'; DROP TABLE members; --",
            "\u{ffff}",
            "NaN",
            "-62135596800000000",
        ];
        let texts = ["", "nobody", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
        for sort in MemberSort::ALL {
            for key in keys {
                for id in texts {
                    for make in [Cursor::After, Cursor::Before] {
                        for descending in [false, true] {
                            let cursor = make(key.to_owned(), id.to_owned());
                            let query =
                                MemberQuery { sort: *sort, descending, cursor: Some(cursor), ..MemberQuery::default() };
                            let page =
                                members::list(&ada, &query).await.unwrap_or_else(|error| panic!("{query:?}: {error}"));
                            assert_eq!(page.total, 3);
                        }
                    }
                }
            }
        }
        for text in ["", "!", "AAAA", "YQ", &"A".repeat(100_000), "%00"] {
            assert_eq!(
                members::list(&ada, &MemberQuery::from_pairs([("page", text), ("sort", "-none"), ("role", "king")]))
                    .await
                    .unwrap()
                    .rows
                    .len(),
                3
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_numbers_follow_every_change_and_are_the_organizations_own() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (ada, gus) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.gus, &world.globex).await);
        let of = async |access: &Access, query: &str| {
            let query = MemberQuery::from_pairs(query.split_once('='));
            members::list(access, &query).await.unwrap().total
        };
        let suspended = "status=suspended";
        assert_eq!((of(&ada, "sort=name").await, of(&ada, suspended).await, of(&gus, suspended).await), (3, 0, 0));
        members::suspend(&ada, world.mia.account).await.unwrap();
        assert_eq!((of(&ada, "sort=name").await, of(&ada, suspended).await, of(&gus, suspended).await), (3, 1, 0));
        assert_eq!(organizations::overview(&ada).await.unwrap().suspended_members, 1);
        members::resume(&ada, world.mia.account).await.unwrap();
        members::change_role(&ada, world.mia.account, Role::Auditor).await.unwrap();
        assert_eq!((of(&ada, suspended).await, of(&ada, "role=auditor").await), (0, 1));
        t.join(&ada, "Noa New", "noa@person.example", Role::Auditor).await;
        assert_eq!((of(&ada, "sort=name").await, of(&ada, "role=auditor").await), (4, 2));
        members::remove(&ada, world.mia.account, |_| Ok(())).await.unwrap();
        assert_eq!((of(&ada, "sort=name").await, of(&ada, "role=auditor").await), (3, 1));
        let overview = organizations::overview(&ada).await.unwrap();
        assert_eq!((overview.active_members, overview.suspended_members, overview.owners), (3, 0, 1));
        assert_eq!(
            (of(&gus, "sort=name").await, of(&gus, "role=auditor").await),
            (organizations::overview(&gus).await.unwrap().active_members, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn of_a_search_that_finds_many_a_thousand_are_counted_and_all_are_shown() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let schema = acme.schema();
        t.sql(&format!(
            "INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
             SELECT gen_random_uuid(), 'Person ' || n, 'p' || n || '@crowd.example', 'member', 'import', 'active', now()
             FROM generate_series(1, 1030) AS n"
        ))
        .await;
        let owner = t.enter(&ada, &acme).await;
        let asked = |search: &str| MemberQuery { search: Some(search.to_owned()), ..MemberQuery::default() };
        let few = members::list(&owner, &asked("p1029@")).await.unwrap();
        assert_eq!((few.total, few.uncounted, few.rows.len()), (1, false, 1));
        let tens = members::list(&owner, &asked("p102")).await.unwrap();
        assert_eq!((tens.total, tens.uncounted, tens.rows.len()), (11, false, 11));

        // Everybody is on some page, whichever of them were counted.
        let (mut query, mut seen) = (asked("crowd.example"), std::collections::HashSet::new());
        loop {
            let page = members::list(&owner, &query).await.unwrap();
            assert_eq!((page.total, page.uncounted), (1_000, true));
            seen.extend(page.rows.into_iter().map(|member| member.email));
            let Some(next) = page.next else { break };
            query.cursor = Cursor::decode(&next);
        }
        assert_eq!(seen.len(), 1030);
        t.sql(&format!("DELETE FROM {schema}.members WHERE email ~ '^p(1..|1...)@'")).await;
        let fewer = members::list(&t.enter(&ada, &acme).await, &asked("crowd.example")).await.unwrap();
        assert_eq!((fewer.total, fewer.uncounted), (1030 - 100 - 31, false));
    })
    .await;
}
