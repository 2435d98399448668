//! Which members a list, a selection or a number is about: one condition for all of them.

use domain::members::{MemberQuery, MemberStatus, MfaFilter, Source};
use domain::policy::{Methods, SignInPolicy};
use domain::roles::{RoleBook, RoleId};
use time::OffsetDateTime;
use uuid::Uuid;

/// What the condition of [`matching`] binds.
pub(super) struct Conditions {
    /// In the lower case that the column `search` is in.
    pub(super) search: Option<String>,
    pub(super) role: Option<String>,
    pub(super) status: Option<&'static str>,
    /// When whoever matches was seen last, if that matters.
    pub(super) seen_until: Option<OffsetDateTime>,
    /// Whether those match who have one of these kinds of factors, or who have none of them; everybody without.
    pub(super) has_factor: Option<bool>,
    pub(super) methods: Methods,
    pub(super) group: Option<Uuid>,
    /// Whoever has one of these roles, or is in one of these groups, matches; everybody without.
    pub(super) roles: Option<Vec<String>>,
    pub(super) groups: Vec<Uuid>,
    pub(super) source: Option<&'static str>,
}

impl Conditions {
    pub(super) fn of(query: &MemberQuery, policy: &SignInPolicy, book: &RoleBook, now: OffsetDateTime) -> Self {
        let can = query.can.map(|ability| book.who_can_any(ability.permissions()));
        let (roles, groups) = can.map(|(roles, groups)| (Some(roles), groups)).unwrap_or_default();
        let (has_factor, methods) = match query.mfa {
            None => (None, Methods::ALL),
            Some(MfaFilter::On) => (Some(true), Methods::ALL),
            Some(MfaFilter::Off) => (Some(false), Methods::ALL),
            Some(MfaFilter::Missing) => match policy.asked() {
                Some(methods) => (Some(false), methods),
                // Where nothing is asked for, nobody has to have any of nothing: nobody matches.
                None => (Some(true), Methods::default()),
            },
        };
        Self {
            search: query.search.as_ref().map(|text| text.to_lowercase()),
            role: query.role.map(RoleId::code),
            status: query.status.map(MemberStatus::code),
            seen_until: query.inactive.map(|inactive| inactive.seen_until(now)),
            has_factor,
            methods,
            group: query.group.map(|group| group.0),
            roles: roles.map(|roles| roles.into_iter().map(RoleId::code).collect()),
            groups: groups.into_iter().map(|group| group.0).collect(),
            source: query.source.map(Source::code),
        }
    }
}

/// A checked statement on the members that match: the macro of sqlx, its row, what stands before and behind the
/// condition, and what else is bound, from `$12` on.
macro_rules! matching {
    ($query:ident, [$($row:ty,)?] [$($before:tt)+] [$($after:tt)*] $conditions:expr $(, $more:expr)*) => {
        sqlx::$query!(
            $($row,)?
            $($before)+
                + "($1::text IS NULL OR strpos(search, $1) > 0)
                   AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR status = $3)
                   AND ($4::timestamptz IS NULL OR coalesce(last_seen_at, joined_at) <= $4)
                   AND ($5::boolean IS NULL OR (passkey AND $6 OR authenticator AND $7) = $5)
                   AND ($8::uuid IS NULL
                        OR EXISTS (SELECT FROM group_members g
                                   WHERE g.account_id = members.account_id AND g.group_id = $8))
                   AND ($9::text[] IS NULL OR role = ANY($9)
                        OR EXISTS (SELECT FROM group_members g
                                   WHERE g.account_id = members.account_id AND g.group_id = ANY($10)))
                   AND ($11::text IS NULL OR source = $11)"
                $($after)*,
            $conditions.search,
            $conditions.role,
            $conditions.status,
            $conditions.seen_until,
            $conditions.has_factor,
            $conditions.methods.passkey,
            $conditions.methods.authenticator,
            $conditions.group,
            $conditions.roles.as_deref(),
            &$conditions.groups,
            $conditions.source
            $(, $more)*
        )
    };
}

pub(super) use matching;
