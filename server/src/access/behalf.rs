//! The way into an organization of somebody who is not there: they have asked for something, and others have approved it.

use std::sync::{Arc, Mutex};

use domain::accounts::{Account, Theme};
use domain::factors::FactorSummary;
use domain::ids::SessionId;
use domain::members::Member;
use domain::policy::{EnforcedPolicy, Rules, SignInMethod};
use domain::roles::RoleBook;
use time::Duration;
use uuid::Uuid;

use super::Access;
use crate::request::RequestContext;
use crate::sessions::{Memberships, Visitor};
use crate::store::TenantRef;

/// Somebody's way in for the one act that was approved. What they may do is what their row says, which is locked in the
/// transaction in which it is done; nothing is known of a session of theirs, or of where they are.
pub(crate) fn on_behalf(
    request: &RequestContext,
    tenant: &TenantRef,
    member: &Member,
    (book, policy): (Arc<RoleBook>, Arc<EnforcedPolicy>),
) -> Access {
    let mut request = request.clone();
    (request.ip, request.device) = (None, None);
    Access {
        visitor: Arc::new(absent(member, &request)),
        request: Arc::new(request),
        tenant: Arc::new(tenant.clone()),
        role: member.role.clone(),
        groups: member.groups.clone().into(),
        permissions: member.permissions,
        book,
        joined_at: member.joined_at,
        sign_in: policy.sign_in(None),
        policy,
        excepted: Rules::default(),
        allowance: None,
        reminder: None,
        opened: Arc::new(Mutex::new(None)),
        on_behalf: true,
    }
}

/// Whoever has asked, as the organization knows them.
fn absent(member: &Member, request: &RequestContext) -> Visitor {
    let account = Account {
        id: member.id,
        email: member.email.clone(),
        email_proven: true,
        name: member.name.clone(),
        time_zone: "UTC".to_owned(),
        theme: Theme::System,
        shortcuts: false,
    };
    let factors = FactorSummary {
        authenticators: u32::from(member.factors.authenticator),
        passkeys: u32::from(member.factors.passkey),
        recovery_codes: 0,
    };
    Visitor {
        session: SessionId(Uuid::nil()),
        account,
        // That of no account: nothing is done that sessions vouch for.
        epoch: -1,
        factors,
        method: SignInMethod::best_with(member.factors),
        password: None,
        last_seen_at: request.now,
        authenticated_at: request.now,
        pause: Duration::ZERO,
        newer_sessions: 0,
        older_sessions: 0,
        elevated_until: request.now,
        memberships: Memberships::default(),
    }
}
