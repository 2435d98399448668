//! Everything that can be asked for: one table, in which each address is named once.
//!
//! An address below `SignedIn` is behind the sign-in, and one below `Members` behind the gate, which makes
//! the [`Access`](server::Access) that its handler needs. So is one below `Operators`, with an
//! [`OperatorAccess`](server::operators::OperatorAccess). One below `Keys` is for programs, and its gate makes the
//! [`Caller`](server::callers::Caller). [`TABLE`] names them all, and the browser tests
//! ask every one of them as a stranger.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};

use crate::state::AppState;
use crate::{
    account, alerts, api, api_keys, approvals, audit, gate, groups, invitations, jobs, members, notifications,
    operators, organizations, policy, quotas, roles, security, sign_in, sign_up, webhooks,
};

/// Whom an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anybody.
    Anybody,
    /// People who are signed in.
    SignedIn,
    /// Members of the organization in the address.
    Members,
    /// Those who run the platform. To everybody else who is signed in, none of it is there.
    Operators,
    /// Programs that bring a key of their organization's.
    Keys,
}

/// An address of the table.
pub struct Route {
    /// Its path, as axum writes it.
    pub path: &'static str,
    /// Whom it is for.
    pub audience: Audience,
    /// The methods that it answers.
    pub methods: &'static [&'static str],
    handler: fn() -> MethodRouter<AppState>,
}

macro_rules! table {
    ($($audience:ident { $($path:literal [$($method:literal)+] => $handler:expr;)+ })+) => {
        /// Every address.
        pub const TABLE: &[Route] = &[$($(Route {
            path: $path,
            audience: Audience::$audience,
            methods: &[$($method),+],
            handler: || $handler,
        },)+)+];
    };
}

table! {
    Anybody {
        "/" ["GET"] => get(organizations::start);
        "/sign-up" ["GET" "POST"] => get(sign_up::page).post(sign_up::submit);
        "/check-mail" ["GET"] => get(sign_up::check_mail);
        "/verify/{token}" ["GET" "POST"] => get(sign_up::verify_page).post(sign_up::verify);
        "/verify/{token}/discard" ["POST"] => post(sign_up::discard);
        "/verify-address/{token}" ["GET" "POST"] => get(account::verify_address_page).post(account::verify_address);
        "/verify-address/{token}/cancel" ["POST"] => post(account::cancel_address);
        "/sign-in" ["GET" "POST"] => get(sign_in::page).post(sign_in::submit);
        "/sign-in/passkey" ["POST"] => post(sign_in::use_passkey);
        "/sign-in/passkey/challenge" ["POST"] => post(sign_in::passkey_challenge);
        "/sign-in/recovery" ["GET" "POST"] => get(sign_in::recovery_page).post(sign_in::recover);
        "/sign-in/verify" ["GET" "POST"] => get(sign_in::verify_page).post(sign_in::verify);
        "/sign-in/verify/passkey" ["POST"] => post(sign_in::verify_by_passkey);
        "/sign-in/verify/passkey/challenge" ["POST"] => post(sign_in::verify_challenge);
        "/sign-out" ["POST"] => post(sign_in::sign_out);
        "/password/strength" ["POST"] => post(sign_up::password_strength);
        "/forgot-password" ["GET" "POST"] => get(sign_in::forgot_page).post(sign_in::forgot);
        "/reset/{token}" ["GET" "POST"] => get(sign_in::reset_page).post(sign_in::reset);
        "/not-me/{token}" ["GET" "POST"] => get(sign_in::not_me_page).post(sign_in::not_me);
        "/invite/{token}" ["GET" "POST"] => get(invitations::offer_page).post(invitations::accept);
        "/invite/{token}/sign-in" ["POST"] => post(invitations::sign_in_first);
        "/invite/{token}/decline" ["POST"] => post(invitations::decline);
        "/api/v1/openapi.json" ["GET"] => get(api::openapi);
        "/api/v1/docs" ["GET"] => get(api::docs_page);
    }
    SignedIn {
        "/account" ["GET" "POST"] => get(account::profile_page).post(account::save_profile);
        "/account/email" ["GET" "POST"] => get(account::email_page).post(account::change_email);
        "/account/email/prove" ["POST"] => post(account::prove_email);
        "/account/email/resend" ["POST"] => post(account::resend_email);
        "/account/email/cancel" ["POST"] => post(account::cancel_email);
        "/account/delete" ["GET" "POST"] => get(account::delete_page).post(account::delete_account);
        "/account/security" ["GET" "POST"] => get(account::security_page).post(account::change_password);
        "/account/security/authenticators" ["POST"] => post(account::set_up_authenticator);
        "/account/security/authenticators/{authenticator}/set-up" ["GET" "POST"] => get(account::authenticator_page).post(account::confirm_authenticator);
        "/account/security/authenticators/{authenticator}/remove" ["POST"] => post(account::remove_authenticator);
        "/account/security/passkeys" ["POST"] => post(account::add_passkey);
        "/account/security/passkeys/challenge" ["POST"] => post(account::new_passkey_challenge);
        "/account/security/passkeys/{passkey}/remove" ["POST"] => post(account::remove_passkey);
        "/account/security/recovery-codes" ["POST"] => post(account::generate_recovery_codes);
        "/account/enrol" ["GET"] => get(account::enrol_page);
        "/account/new-password" ["GET" "POST"] => get(account::new_password_page).post(account::choose_password);
        "/account/notifications" ["GET"] => get(notifications::page);
        "/account/notifications/read" ["POST"] => post(notifications::read_all);
        "/account/notifications/settings" ["GET" "POST"] => get(notifications::settings_page).post(notifications::change_mail);
        "/account/notifications/{notification}/open" ["POST"] => post(notifications::open);
        "/account/step-up" ["GET" "POST"] => get(account::step_up_page).post(account::step_up);
        "/account/step-up/passkey" ["POST"] => post(account::step_up_by_passkey);
        "/account/step-up/passkey/challenge" ["POST"] => post(account::step_up_challenge);
        "/account/sessions" ["GET"] => get(account::sessions_page);
        "/account/sessions/end" ["POST"] => post(account::end_sessions);
        "/account/sessions/end-others" ["POST"] => post(account::end_other_sessions);
        "/account/sessions/{session}/end" ["POST"] => post(account::end_session);
        "/invitations" ["GET"] => get(invitations::mine_page);
        "/invitations/{tenant}/{invitation}/accept" ["POST"] => post(invitations::accept_mine);
        "/invitations/{tenant}/{invitation}/decline" ["POST"] => post(invitations::decline_mine);
        "/organizations/new" ["GET" "POST"] => get(organizations::new_page).post(organizations::create);
    }
    Members {
        "/o/{slug}" ["GET"] => get(organizations::overview);
        "/o/{slug}/members" ["GET"] => get(members::page);
        "/o/{slug}/members/bulk" ["GET" "POST"] => get(members::bulk_page).post(members::start_bulk);
        "/o/{slug}/members/import" ["GET" "POST"] => get(members::import_page).post(members::check_import);
        "/o/{slug}/members/export/csv" ["GET"] => get(members::export_csv);
        "/o/{slug}/members/export/ndjson" ["GET"] => get(members::export_ndjson);
        "/o/{slug}/members/filters" ["GET" "POST"] => get(members::filters_page).post(members::save_filter);
        "/o/{slug}/members/filters/{filter}/delete" ["POST"] => post(members::delete_filter);
        "/o/{slug}/members/{member}" ["GET"] => get(members::member_page);
        "/o/{slug}/members/{member}/access" ["GET"] => get(members::access_page);
        "/o/{slug}/members/{member}/role" ["GET" "POST"] => get(members::role_page).post(members::change_role);
        "/o/{slug}/members/{member}/suspend" ["POST"] => post(members::suspend);
        "/o/{slug}/members/{member}/resume" ["POST"] => post(members::resume);
        "/o/{slug}/members/{member}/end-access" ["POST"] => post(members::end_access);
        "/o/{slug}/members/{member}/sessions/{session}/end" ["POST"] => post(members::end_member_session);
        "/o/{slug}/members/{member}/remove" ["GET" "POST"] => get(members::remove_page).post(members::remove);
        "/o/{slug}/members/{member}/factors" ["GET" "POST"] => get(members::factors_page).post(members::reset_factors);
        "/o/{slug}/jobs" ["GET"] => get(jobs::list);
        "/o/{slug}/jobs/{job}" ["GET"] => get(jobs::page);
        "/o/{slug}/jobs/{job}/progress" ["GET"] => get(jobs::progress);
        "/o/{slug}/jobs/{job}/start" ["POST"] => post(jobs::start);
        "/o/{slug}/jobs/{job}/cancel" ["POST"] => post(jobs::cancel);
        "/o/{slug}/jobs/{job}/undo" ["POST"] => post(jobs::undo);
        "/o/{slug}/leave" ["GET" "POST"] => get(members::leave_page).post(members::leave);
        "/o/{slug}/invitations" ["GET" "POST"] => get(invitations::page).post(invitations::invite);
        "/o/{slug}/invitations/new" ["GET"] => get(invitations::new_page);
        "/o/{slug}/invitations/{invitation}/resend" ["POST"] => post(invitations::resend);
        "/o/{slug}/invitations/{invitation}/revoke" ["POST"] => post(invitations::revoke);
        "/o/{slug}/invitations/{invitation}/link" ["POST"] => post(invitations::copy_link);
        "/o/{slug}/roles" ["GET" "POST"] => get(roles::page).post(roles::create);
        "/o/{slug}/roles/new" ["GET"] => get(roles::new_page);
        "/o/{slug}/roles/matrix" ["GET" "POST"] => get(roles::page).post(roles::save_matrix);
        "/o/{slug}/roles/matrix/review" ["POST"] => post(roles::review_matrix);
        "/o/{slug}/roles/{role}" ["GET" "POST"] => get(roles::role_page).post(roles::save);
        "/o/{slug}/roles/{role}/review" ["POST"] => post(roles::review);
        "/o/{slug}/roles/{role}/delete" ["GET" "POST"] => get(roles::delete_page).post(roles::delete);
        "/o/{slug}/groups" ["GET" "POST"] => get(groups::page).post(groups::create);
        "/o/{slug}/groups/new" ["GET"] => get(groups::new_page);
        "/o/{slug}/groups/{group}" ["GET" "POST"] => get(groups::group_page).post(groups::save);
        "/o/{slug}/groups/{group}/delete" ["GET" "POST"] => get(groups::delete_page).post(groups::delete);
        "/o/{slug}/groups/{group}/members" ["POST"] => post(groups::add_member);
        "/o/{slug}/groups/{group}/members/{member}/remove" ["POST"] => post(groups::remove_member);
        "/o/{slug}/policy" ["GET"] => get(policy::page);
        "/o/{slug}/policy/edit" ["GET" "POST"] => get(policy::edit_page).post(policy::save);
        "/o/{slug}/policy/draft" ["GET"] => get(policy::draft_page);
        "/o/{slug}/policy/draft/discard" ["POST"] => post(policy::discard);
        "/o/{slug}/policy/enforce" ["POST"] => post(policy::enforce);
        "/o/{slug}/policy/replay" ["GET" "POST"] => get(policy::replay_page).post(policy::replay_unsaved);
        "/o/{slug}/policy/replay/{member}" ["GET"] => get(policy::visits_page);
        "/o/{slug}/policy/trial" ["GET" "POST"] => get(policy::trial_page).post(policy::try_draft);
        "/o/{slug}/policy/trial/end" ["POST"] => post(policy::end_trial);
        "/o/{slug}/policy/exceptions" ["GET" "POST"] => get(policy::exceptions_page).post(policy::except);
        "/o/{slug}/policy/exceptions/{exception}/end" ["POST"] => post(policy::end_exception);
        "/o/{slug}/policy/templates" ["GET"] => get(policy::templates_page);
        "/o/{slug}/policy/templates/compare" ["GET"] => get(policy::compare_page);
        "/o/{slug}/policy/templates/{template}" ["GET" "POST"] => get(policy::template_page).post(policy::use_template);
        "/o/{slug}/policy/text" ["GET" "POST"] => get(policy::text_page).post(policy::import);
        "/o/{slug}/policy/text.yaml" ["GET"] => get(policy::download);
        "/o/{slug}/policy/remind" ["POST"] => post(policy::remind);
        "/o/{slug}/policy/versions" ["GET"] => get(policy::versions_page);
        "/o/{slug}/policy/versions/{version}" ["GET" "POST"] => get(policy::version_page).post(policy::roll_back);
        "/o/{slug}/policy/enforce/ask" ["POST"] => post(approvals::ask_to_enforce);
        "/o/{slug}/policy/versions/{version}/ask" ["POST"] => post(approvals::ask_to_roll_back);
        "/o/{slug}/members/{member}/role/ask" ["POST"] => post(approvals::ask_to_set_role);
        "/o/{slug}/delete/ask" ["POST"] => post(approvals::ask_to_delete);
        "/o/{slug}/keys/new/ask" ["POST"] => post(approvals::ask_to_create_key);
        "/o/{slug}/keys/{key}/ask" ["POST"] => post(approvals::ask_to_widen_key);
        "/o/{slug}/audit/export/ask" ["GET" "POST"] => get(audit::ask_page).post(approvals::ask_to_export);
        "/o/{slug}/approvals" ["GET"] => get(approvals::list);
        "/o/{slug}/approvals/{approval}" ["GET"] => get(approvals::page);
        "/o/{slug}/approvals/{approval}/approve" ["POST"] => post(approvals::approve);
        "/o/{slug}/approvals/{approval}/deny" ["POST"] => post(approvals::deny);
        "/o/{slug}/approvals/{approval}/cancel" ["POST"] => post(approvals::cancel);
        "/o/{slug}/approvals/{approval}/use" ["POST"] => post(approvals::hand_over);
        "/o/{slug}/keys" ["GET" "POST"] => get(api_keys::page).post(api_keys::create);
        "/o/{slug}/keys/new" ["GET"] => get(api_keys::new_page);
        "/o/{slug}/keys/accounts" ["GET" "POST"] => get(api_keys::accounts_page).post(api_keys::create_account);
        "/o/{slug}/keys/accounts/new" ["GET"] => get(api_keys::new_account_page);
        "/o/{slug}/keys/accounts/{account}" ["GET" "POST"] => get(api_keys::account_page).post(api_keys::change_account);
        "/o/{slug}/keys/accounts/{account}/disable" ["POST"] => post(api_keys::disable_account);
        "/o/{slug}/keys/accounts/{account}/enable" ["POST"] => post(api_keys::enable_account);
        "/o/{slug}/keys/accounts/{account}/take-over" ["POST"] => post(api_keys::take_over);
        "/o/{slug}/keys/{key}" ["GET" "POST"] => get(api_keys::key_page).post(api_keys::change);
        "/o/{slug}/keys/{key}/rotate" ["POST"] => post(api_keys::rotate);
        "/o/{slug}/keys/{key}/revoke" ["GET" "POST"] => get(api_keys::revoke_page).post(api_keys::revoke);
        "/o/{slug}/quotas" ["GET" "POST"] => get(quotas::page).post(quotas::set_time_zone);
        "/o/{slug}/quotas/{metric}" ["GET"] => get(quotas::metric_page);
        "/o/{slug}/quotas/{metric}/edit" ["GET" "POST"] => get(quotas::edit_page).post(quotas::save);
        "/o/{slug}/security" ["GET"] => get(security::page);
        "/o/{slug}/security/live" ["GET"] => get(security::live);
        "/o/{slug}/security/rules" ["GET" "POST"] => get(alerts::rules_page).post(alerts::tune);
        "/o/{slug}/security/alerts" ["GET"] => get(alerts::list);
        "/o/{slug}/security/alerts/{alert}" ["GET"] => get(alerts::page);
        "/o/{slug}/security/alerts/{alert}/acknowledge" ["POST"] => post(alerts::acknowledge);
        "/o/{slug}/security/alerts/{alert}/assign" ["POST"] => post(alerts::assign);
        "/o/{slug}/security/alerts/{alert}/note" ["POST"] => post(alerts::note);
        "/o/{slug}/security/alerts/{alert}/resolve" ["POST"] => post(alerts::resolve);
        "/o/{slug}/security/alerts/{alert}/reopen" ["POST"] => post(alerts::reopen);
        "/o/{slug}/security/alerts/{alert}/contain" ["POST"] => post(alerts::contain);
        "/o/{slug}/security/alerts/{alert}/release" ["POST"] => post(alerts::release);
        "/o/{slug}/audit" ["GET"] => get(audit::page);
        "/o/{slug}/audit/export" ["GET"] => get(audit::export);
        "/o/{slug}/audit/export/csv" ["GET"] => get(audit::export_table);
        "/o/{slug}/audit/exports/{ticket}" ["GET"] => get(audit::export_file);
        "/o/{slug}/audit/checkpoint" ["GET"] => get(audit::checkpoint);
        "/o/{slug}/audit/checkpoints" ["GET" "POST"] => get(audit::checkpoints_page).post(audit::take_checkpoint);
        "/o/{slug}/audit/checkpoints/mail" ["GET" "POST"] => get(audit::checkpoint_mail_page).post(audit::change_checkpoint_mail);
        "/o/{slug}/audit/checkpoints/{size}" ["GET"] => get(audit::kept_checkpoint);
        "/o/{slug}/audit/consistency" ["GET"] => get(audit::consistency);
        "/o/{slug}/audit/holds" ["GET" "POST"] => get(audit::holds_page).post(audit::place_hold);
        "/o/{slug}/audit/holds/{hold}/release" ["POST"] => post(audit::release_hold);
        "/o/{slug}/audit/key" ["GET"] => get(audit::key);
        "/o/{slug}/audit/views" ["GET" "POST"] => get(audit::views_page).post(audit::save_view);
        "/o/{slug}/audit/views/{view}/delete" ["POST"] => post(audit::delete_view);
        "/o/{slug}/audit/verify" ["GET"] => get(audit::verify_page);
        "/o/{slug}/audit/{index}" ["GET"] => get(audit::entry_page);
        "/o/{slug}/audit/{index}/proof" ["GET"] => get(audit::proof);
        "/o/{slug}/webhooks" ["GET" "POST"] => get(webhooks::page).post(webhooks::create);
        "/o/{slug}/webhooks/new" ["GET"] => get(webhooks::new_page);
        "/o/{slug}/webhooks/{endpoint}" ["GET" "POST"] => get(webhooks::endpoint_page).post(webhooks::change);
        "/o/{slug}/webhooks/{endpoint}/secret" ["POST"] => post(webhooks::reveal);
        "/o/{slug}/webhooks/{endpoint}/rotate" ["POST"] => post(webhooks::rotate);
        "/o/{slug}/webhooks/{endpoint}/test" ["POST"] => post(webhooks::test);
        "/o/{slug}/webhooks/{endpoint}/enable" ["POST"] => post(webhooks::enable);
        "/o/{slug}/webhooks/{endpoint}/disable" ["POST"] => post(webhooks::disable);
        "/o/{slug}/webhooks/{endpoint}/delete" ["GET" "POST"] => get(webhooks::delete_page).post(webhooks::delete);
        "/o/{slug}/webhooks/{endpoint}/replay" ["POST"] => post(webhooks::replay_failed);
        "/o/{slug}/webhooks/{endpoint}/deliveries" ["GET"] => get(webhooks::deliveries_page);
        "/o/{slug}/webhooks/{endpoint}/deliveries/{delivery}" ["GET"] => get(webhooks::delivery_page);
        "/o/{slug}/webhooks/{endpoint}/deliveries/{delivery}/replay" ["POST"] => post(webhooks::replay);
        "/o/{slug}/settings" ["GET"] => get(organizations::settings);
        "/o/{slug}/settings/name" ["POST"] => post(organizations::rename);
        "/o/{slug}/settings/address" ["POST"] => post(organizations::move_to);
        "/o/{slug}/transfer" ["GET" "POST"] => get(members::transfer_page).post(members::transfer);
        "/o/{slug}/delete" ["GET" "POST"] => get(organizations::delete_page).post(organizations::delete);
        "/o/{slug}/delete/cancel" ["GET" "POST"] => get(organizations::keep_page).post(organizations::keep);
    }
    Operators {
        "/operator" ["GET"] => get(operators::home);
        "/operator/organizations" ["GET" "POST"] => get(operators::organizations_page).post(operators::create);
        "/operator/organizations/new" ["GET"] => get(operators::new_page);
        "/operator/organizations/{organization}" ["GET"] => get(operators::organization_page);
        "/operator/organizations/{organization}/plan" ["POST"] => post(operators::assign_plan);
        "/operator/organizations/{organization}/suspend" ["POST"] => post(operators::suspend);
        "/operator/organizations/{organization}/resume" ["POST"] => post(operators::resume);
        "/operator/organizations/{organization}/delete" ["GET" "POST"] => get(operators::delete_page).post(operators::delete);
        "/operator/organizations/{organization}/keep" ["POST"] => post(operators::keep);
        "/operator/neighbours" ["GET"] => get(operators::neighbours_page);
        "/operator/capacity" ["GET"] => get(operators::capacity_page);
    }
    Keys {
        "/api/v1/check" ["POST"] => post(api::check);
        "/api/v1/check/batch" ["POST"] => post(api::check_batch);
        "/api/v1/quotas" ["GET"] => get(api::limits);
        "/api/v1/quotas/reservations" ["POST"] => post(api::reserve);
        "/api/v1/quotas/reservations/{reservation}/settle" ["POST"] => post(api::settle);
        "/api/v1/quotas/reservations/{reservation}/release" ["POST"] => post(api::release);
        "/api/v1/usage" ["GET"] => get(api::usage);
        "/api/v1/usage/events" ["POST"] => post(api::record);
        "/api/v1/audit/events" ["GET" "POST"] => get(api::events).post(api::ingest);
        "/api/v1/audit/events/{index}" ["GET"] => get(api::event);
        "/api/v1/members" ["GET"] => get(api::list_members);
        "/api/v1/members/{member}" ["GET"] => get(api::lookup_member);
        "/api/v1/invitations" ["GET" "POST"] => get(api::list_invitations).post(api::invite);
        "/api/v1/roles" ["GET"] => get(api::list_roles);
        "/api/v1/policy" ["GET"] => get(api::policy);
    }
}

/// The nearest page at a path or above it: a form's address may show none itself.
pub(crate) fn page_above(path: &str) -> &str {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]).collect::<Vec<_>>();
    ends.into_iter().rev().map(|end| &path[..end]).find(|path| is_page(path)).unwrap_or("/")
}

/// The most bytes of a body that is sent to a path, unless it is one of a form.
pub fn body_max(path: &str) -> Option<usize> {
    let (_, rest) = path.strip_prefix("/o/")?.split_once('/')?;
    match rest {
        "members/import" => Some(members::FILE_MAX),
        "policy/edit" | "policy/replay" | "policy/text" => Some(policy::TEXT_MAX),
        _ => None,
    }
}

/// Whether a path is what a page of the portal's asks again and again by itself: how far a job has come, and whether the
/// dashboard is up to date.
pub(crate) fn is_watched(path: &str) -> bool {
    let Some((_, rest)) = path.strip_prefix("/o/").and_then(|path| path.split_once('/')) else { return false };
    rest == "security/live" || rest.starts_with("jobs/") && rest.ends_with("/progress")
}

/// Whether a path is the address of a page.
fn is_page(path: &str) -> bool {
    let fits = |pattern: &str| {
        let parts = |path: &str| path.split('/').count();
        parts(pattern) == parts(path)
            && pattern.split('/').zip(path.split('/')).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    TABLE.iter().any(|route| route.methods.contains(&"GET") && fits(route.path))
}

/// The table as a router, with the sign-in before what is a person's own and the gate before every
/// organization.
pub fn router(state: &AppState) -> Router<AppState> {
    // Leptos spawns what it renders. A second router in one process finds it set already.
    let _ = any_spawner::Executor::init_tokio();
    let members = of(Audience::Members)
        // An organization's unknown addresses go through the gate, too: outside of it they would tell that it exists.
        .route(
            "/o/{slug}/{*rest}",
            axum::routing::any(|| async { crate::problems::bare(domain::problem::Problem::NotFound) }),
        )
        .route_layer(from_fn_with_state(state.clone(), gate::organization));
    let operators = of(Audience::Operators)
        // What there is not answers as all the rest does.
        .route(
            "/operator/{*rest}",
            axum::routing::any(|| async { crate::problems::bare(domain::problem::Problem::NotFound) }),
        )
        .route_layer(from_fn_with_state(state.clone(), gate::operator));
    let people = of(Audience::SignedIn).route_layer(from_fn(gate::signed_in));
    of(Audience::Anybody).merge(people).merge(members).merge(operators)
}

/// The part of the table that is for programs, with its gate before all of it, and answers of its own for what there is
/// not.
pub fn api(state: &AppState) -> Router<AppState> {
    let nothing = || axum::routing::any(api::nothing);
    of(Audience::Keys)
        .route_layer(from_fn_with_state(state.clone(), api::identify))
        .route("/api/v1", nothing())
        .route("/api/v1/", nothing())
        .route(api::ELSEWHERE, nothing())
}

/// The addresses of the table that are for some.
fn of(audience: Audience) -> Router<AppState> {
    TABLE
        .iter()
        .filter(|route| route.audience == audience)
        .fold(Router::new(), |router, route| router.route(route.path, (route.handler)()))
}

#[cfg(test)]
mod audited;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_a_page() {
        for (path, page) in [
            ("/account", "/account"),
            ("/account/sessions/7/end", "/account/sessions"),
            ("/account/sessions/end", "/account/sessions"),
            ("/account/security/authenticators", "/account/security"),
            ("/account/security/authenticators/7/remove", "/account/security"),
            ("/invitations/1/2/accept", "/invitations"),
            ("/o/acme/members/7/role", "/o/acme/members/7/role"),
            ("/o/acme/members/7/suspend", "/o/acme/members/7"),
            ("/o/acme/settings/name", "/o/acme/settings"),
            ("/o/acme/policy/enforce", "/o/acme/policy"),
            ("/o/acme/policy/draft/discard", "/o/acme/policy/draft"),
            ("/o/acme/policy/trial/end", "/o/acme/policy/trial"),
            ("/o/acme/policy/exceptions/x/end", "/o/acme/policy/exceptions"),
            ("/o/acme/audit/views/x/delete", "/o/acme/audit/views"),
            ("/o/acme/security/alerts/7/contain", "/o/acme/security/alerts/7"),
            ("/o/acme/security/rules", "/o/acme/security/rules"),
            ("/o/acme/audit/holds/x/release", "/o/acme/audit/holds"),
            ("/o/acme/keys/7/rotate", "/o/acme/keys/7"),
            ("/o/acme/keys/accounts/7/disable", "/o/acme/keys/accounts/7"),
            ("/o/acme/webhooks/7/secret", "/o/acme/webhooks/7"),
            ("/o/acme/webhooks/7/deliveries/8/replay", "/o/acme/webhooks/7/deliveries/8"),
            ("/o/acme/approvals/7/approve", "/o/acme/approvals/7"),
            ("/o/acme/policy/enforce/ask", "/o/acme/policy"),
            ("/o/acme/members/7/role/ask", "/o/acme/members/7/role"),
            ("/o/acme/delete/ask", "/o/acme/delete"),
            ("/o/acme/approvals/7/use", "/o/acme/approvals/7"),
            ("/o/acme/keys/new/ask", "/o/acme/keys/new"),
            ("/o/acme/keys/7/ask", "/o/acme/keys/7"),
            ("/o/acme/audit/export/ask", "/o/acme/audit/export/ask"),
            ("/operator/organizations/7/suspend", "/operator/organizations/7"),
            ("/o/acme/no/such/page", "/o/acme"),
            ("/no/such/page", "/"),
            ("", "/"),
        ] {
            assert_eq!(page_above(path), page, "{path}");
        }
    }

    #[test]
    fn what_pages_ask_by_themselves_is_not_counted_and_all_else_is() {
        for path in ["/o/acme/jobs/7/progress", "/o/acme/security/live"] {
            assert!(is_watched(path), "{path}");
        }
        for path in
            ["/o/acme/security", "/o/acme/jobs/7", "/o/security/live", "/security/live", "/o/acme/x/security/live"]
        {
            assert!(!is_watched(path), "{path}");
        }
    }
}
