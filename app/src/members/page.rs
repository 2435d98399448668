//! The pages about members.

use axum::extract::Path;
use axum::response::Response;
use domain::members::{Member, MemberQuery};
use domain::roles::Permission;
use domain::text::isolated;
use leptos::prelude::*;
use server::policy::{is_excepted, may_view};
use server::roles::may_explain;
use server::sessions::SessionRow;
use server::{audit, members, organizations};

use super::bar::{Filters, below};
use super::sessions::SessionsCard;
use super::table::{Members, MfaBadge, StatusBadge, group_names, may_change, menu};
use super::{MemberPath, member_id};
use crate::approvals::{AskForRole, is_alone, is_other_owner, needs_approval};
use crate::audit::Timeline;
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, CancelLink, Card, Crumb, Drawing, EmptyState, ErrorSummary,
    ExactTime, Fact, Facts, Form, FormFoot, FormPage, IconName, LinkTarget, MenuButton, MenuItem, Notice, PageHeader,
    SelectField, SelectOption, number,
};

/// How much of a member's activity their page shows.
const ACTIVITY_SHOWN: u8 = 8;

/// The list of members.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let pairs = org.page.query();
    let query = MemberQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let list = members::list(&org.access, &query).await?;
    let domains = domains(&org).await?;
    let content = org.clone();
    let page = move || {
        let empty = list.rows.is_empty();
        let lead = match list.total {
            1 if !query.is_filtered() => "You are the only one here so far.".to_owned(),
            0 => "Nobody matches.".to_owned(),
            1 => "One member matches.".to_owned(),
            total if list.uncounted => format!("More than {} members match.", number(total)),
            total if query.is_filtered() => format!("{} members match.", number(total)),
            total => format!("{} people belong to this organization.", number(total)),
        };
        let may_invite = content.access.may(Permission::InviteMembers);
        let invite = content.path("/invitations/new");
        let clear = content.path("/members");
        let manages = content.access.may(Permission::ManageMembers).then(|| {
            let file = |label: &str, rest: &str| {
                let query = MemberQuery { cursor: None, ..query.clone() };
                // Not marked as files: instead of one there may be a page that asks for a proof.
                MenuItem::link(IconName::FILE_TEXT, label, below(&content, rest, &query))
            };
            (
                content.path("/jobs"),
                content.path("/members/import"),
                vec![file("CSV", "/export/csv"), file("NDJSON", "/export/ndjson")],
            )
        });
        view! {
            <PageHeader
                title="Members"
                lead
                actions=move || {
                    view! {
                        {manages
                            .map(|(href, import, items)| {
                                view! {
                                    <ButtonLink href variant=ButtonVariant::Ghost>"Recent jobs"</ButtonLink>
                                    <ButtonLink href=import>"Import"</ButtonLink>
                                    <MenuButton label="Export" id="export" items icon=IconName::DOWNLOAD />
                                }
                            })}
                        {may_invite
                            .then(|| {
                                view! {
                                    <ButtonLink href=invite variant=ButtonVariant::Primary icon=IconName::USER_PLUS dialog=true>
                                        "Invite member"
                                    </ButtonLink>
                                }
                            })}
                    }
                }
            />
            <Filters org=content.clone() query=query.clone() />
            {if empty {
                view! {
                    <EmptyState
                        drawing=Drawing::Search
                        title="Nobody matches"
                        text="Try another name, or take away a filter."
                        action=move || view! { <ButtonLink href=clear>"Show all members"</ButtonLink> }
                    />
                }
                    .into_any()
            } else {
                view! { <Members org=content query list domains /> }.into_any()
            }}
        }
        .into_any()
    };
    Ok(org.render("Members", page).await)
}

/// The organization's domains, for whoever may do something because of them.
async fn domains(org: &Organization) -> Result<Vec<String>, Fault> {
    if !org.access.may(Permission::ManageMembers) {
        return Ok(Vec::new());
    }
    Ok(organizations::own_domains(&org.access).await?)
}

pub(super) fn crumbs(org: &Organization, member: Option<&Member>) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb { label: "Members".into(), href: org.path("/members") }];
    if let Some(member) = member {
        crumbs.push(Crumb { label: member.name.clone(), href: org.path(&format!("/members/{}", member.id)) });
    }
    crumbs
}

/// One member.
///
/// # Errors
/// A page about it.
pub async fn member_page(org: Organization, Path((_, member)): MemberPath) -> Result<Response, Fault> {
    let member = members::lookup(&org.access, member_id(&member)?).await?;
    let domains = domains(&org).await?;
    let activity = if org.access.may(Permission::ViewAudit) {
        audit::about(&org.access, member.id, ACTIVITY_SHOWN).await?
    } else {
        Vec::new()
    };
    let sessions =
        if may_view(&org.access) { members::list_sessions(&org.access, member.id).await? } else { Vec::new() };
    let title = member.name.clone();
    let content = org.clone();
    let page = move || {
        let (now, zone) = (content.page.request.now, content.page.zone());
        let items = menu(&content, &member, &domains);
        let access = content.clone();
        let role = member.role.name().to_owned();
        let groups = group_names(&content, &member);
        let why =
            may_explain(&content.access, member.id).then(|| content.path(&format!("/members/{}/access", member.id)));
        let keys =
            content.access.may(Permission::ManageKeys).then(|| content.path(&format!("/keys?member={}", member.id)));
        let seen = match member.last_seen_at {
            Some(at) => view! { <crate::ui::TimeAgo at now zone=zone.clone() /> }.into_any(),
            None => "Never".into_any(),
        };
        view! {
            <Breadcrumb crumbs=crumbs(&content, None) />
            <PageHeader
                title=member.name.clone()
                lead=member.email.clone()
                actions=move || items.into_iter().map(|item| view! { <ActionButton item /> }).collect_view()
            />
            <Card
                title="Membership"
                actions=move || why.map(|href| view! { <a class="link" href=href>"What they may do, and why"</a> })
            >
                <Facts>
                    <Fact term="Role">{role}</Fact>
                    {groups.map(|groups| view! { <Fact term="Groups">{groups}</Fact> })}
                    <Fact term="Status">
                        <StatusBadge status=member.status />
                    </Fact>
                    <Fact term="Joined">
                        <ExactTime at=member.joined_at zone=zone.clone() />
                    </Fact>
                    <Fact term="Source">{member.source.name()}</Fact>
                    {keys
                        .map(|href| {
                            view! { <Fact term="API keys"><a class="link" href=href>"Keys that they answer for"</a></Fact> }
                        })}
                    <Fact term="Last seen">{seen}</Fact>
                </Facts>
            </Card>
            <AccessCard org=access member sessions />
            {(!activity.is_empty())
                .then(|| view! { <Card title="Recent activity"><Timeline org=content entries=activity /></Card> })}
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// What a member comes in with, and the way to end that for the sessions of now. For those who watch or manage.
#[component]
fn AccessCard(org: Organization, member: Member, sessions: Vec<SessionRow>) -> impl IntoView {
    let zone = org.page.zone();
    let kinds = match (member.factors.passkey, member.factors.authenticator) {
        (true, true) => "Passkey, authenticator app",
        (true, false) => "Passkey",
        (false, true) => "Authenticator app",
        (false, false) => "None",
    };
    let policy = *org.access.policy();
    let end = org.path(&format!("/members/{}/end-access", member.id));
    let may_end = may_change(&org, &member) && member.id != org.access.account();
    let lead = if may_end {
        "Ending it holds for every session of now: to come in here again they show who they are. API keys whose secret they have are revoked, also those of service accounts. Their account, and other organizations, go on as before."
    } else {
        "How they prove who they are."
    };
    may_view(&org.access)
        .then(|| {
            view! {
                <Card
                    title="Access"
                    lead=lead
                    actions=move || {
                        may_end
                            .then(|| view! { <Form action=end class="contents"><Button icon=IconName::LOG_OUT>"End access"</Button></Form> })
                    }
                >
                    <Facts>
                        <Fact term="MFA">
                            <MfaBadge policy factors=member.factors />
                        </Fact>
                        <Fact term="Second factors">{kinds}</Fact>
                        {member
                            .access_ended_at
                            .map(|at| view! { <Fact term="Access ended"><ExactTime at zone /></Fact> })}
                    </Facts>
                </Card>
                <SessionsCard org=org.clone() member=member.clone() sessions />
            }
        })
}

/// A menu's line as a button.
#[component]
fn ActionButton(item: MenuItem) -> impl IntoView {
    match item {
        MenuItem::Link { label, href, icon, danger, target } => {
            let (dialog, download) = (target == LinkTarget::Dialog, target == LinkTarget::File);
            let variant = if danger { ButtonVariant::Caution } else { ButtonVariant::Outline };
            view! { <ButtonLink href variant icon dialog download>{label}</ButtonLink> }.into_any()
        }
        MenuItem::Post { label, action, icon, .. } => {
            view! { <Form action class="contents"><Button icon>{label}</Button></Form> }.into_any()
        }
        MenuItem::Submit { .. } | MenuItem::Separator => ().into_any(),
    }
}

/// The form "Change role".
///
/// # Errors
/// A page about it.
pub async fn role_page(org: Organization, Path((_, member)): MemberPath) -> Result<Response, Fault> {
    let member = members::lookup_to_manage(&org.access, member_id(&member)?).await?;
    let excepted = is_excepted(&org.access, member.id).await?;
    let content = org.clone();
    let form = org.page.form(org.page.path());
    // Whether there is nobody to ask, where others have to approve some roles.
    let needed = org.access.enforced().document().approval_needed.roles;
    let demoted = Some(member.id).filter(|_| is_other_owner(&org, &member));
    let asks = if needed { Some(is_alone(&org, demoted).await?) } else { None };
    let page = move || view! { <RoleForm org=content member form excepted asks /> }.into_any();
    Ok(org.render("Change role", page).await)
}

/// The roles that somebody may give: none that holds more than they do.
pub(crate) fn role_options(org: &Organization) -> Vec<SelectOption> {
    let held = org.access.permissions();
    let given = org.access.book().all().filter(|role| held.cover(role.permissions()));
    given.map(|role| SelectOption::new(role.code(), role.name())).collect()
}

#[component]
fn RoleForm(
    org: Organization,
    member: Member,
    form: FormState,
    /// Whether they are excepted from a rule of the policy.
    excepted: bool,
    /// Where others have to approve some roles, whether there is nobody to ask.
    asks: Option<bool>,
) -> impl IntoView {
    let action = org.page.path().to_owned();
    let asked = org.page.form(&format!("{action}/ask"));
    let errors = [form.errors(), asked.errors_of_asked_role()].concat();
    let (asking, of) = (org.clone(), member.clone());
    let ask = asks.map(|alone| view! { <AskForRole org=asking member=of form=asked alone /> });
    let given = role_options(&org).into_iter().filter(|option| {
        let role = org.access.book().by_code(&option.value);
        role.is_none_or(|role| !needs_approval(&org, &member, &role))
    });
    let options: Vec<_> = given.collect();
    view! {
        <FormPage
            title="Change role"
            lead=format!("{} has the role {} now.", isolated(&member.name), member.role.name())
            crumbs=crumbs(&org, Some(&member))
            notice=move || view! { <ErrorSummary errors /> }
        >
            {excepted
                .then(|| {
                    view! {
                        <Notice>
                            "This member is excepted from a rule of the security policy. That ends when the new role lets them do much more."
                        </Notice>
                    }
                })}
            <Form action>
                <SelectField
                    name="role"
                    label="Role"
                    options
                    value=form.value_or("role", &member.role.code())
                    help="It takes effect with their next request."
                    error=form.error("role")
                />
                <FormFoot>
                    <CancelLink href=org.path("/members") />
                    <Button variant=ButtonVariant::Primary>"Change role"</Button>
                </FormFoot>
            </Form>
            {ask}
        </FormPage>
    }
}
