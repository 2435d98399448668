//! Making an organization, for somebody who signs up or is signed in, or by the operator's hand.

use domain::accounts::SignUpForm;
use domain::audit::{Action, Actor, Draft, Fact, Personal, Public};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::ids::{AccountId, TenantId};
use domain::operators::{NewOrganization, ProvisionForm};
use domain::slug::Slug;
use domain::text::{OrganizationName, PersonName};

use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::limits;
use crate::operators::{OperatorAccess, as_the_operators};
use crate::outbox::{self, Letter};
use crate::passwords::{About, KeptPassword, SoundPassword};
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::{Founder, NewFounder, NewTenant};

pub(crate) const CREATED: Action = Action::new("organization.created");

impl Founder {
    /// How audit entries name them.
    pub(super) fn actor(&self) -> Actor<Fact> {
        Actor::person(self.id, self.name.as_str())
    }
}

/// Makes an organization and the account of its owner at once, for whoever runs the platform.
///
/// # Errors
/// Fields that are wrong, a taken address among them.
pub async fn provision(request: &RequestContext, form: &SignUpForm) -> Result<Slug, Error> {
    let portal = request.portal();
    let (sign_up, password) = form.parse(judge_password(request, form).await?)?;
    let password = portal.hasher().hash(password, portal.random()).await?;
    let founder = unproven(request, sign_up.name, sign_up.email, password);
    let tenant = found(request, &sign_up.organization, &founder, |tenant| {
        created(request, Actor::operator(), &sign_up.organization, tenant)
            .added("owner", Personal(founder.name.as_str().to_owned()))
    })
    .await?;
    Ok(tenant.slug)
}

/// Makes an organization from the operator's console. Its owner gets a mail: with a link to choose a password, if there is
/// no account of that address, and else into the organization. Nobody else ever knows a password of theirs.
///
/// # Errors
/// A step-up is needed; fields that are wrong, among them an address whose account nobody has proven: it may be somebody
/// else's.
pub(crate) async fn provision_by_mail(by: &OperatorAccess, form: &ProvisionForm) -> Result<NewTenant, Error> {
    by.require_fresh()?;
    let (request, new) = (by.request(), form.parse()?);
    let store = request.portal().store();
    let founder = founder_of(request, &new).await?;
    let id = TenantId(request.portal().uuid(request.now));
    let entry = |tenant: &NewTenant| {
        created(request, by.actor(), &new.organization, tenant)
            .added("owner", Personal(founder.name.as_str().to_owned()))
    };
    let as_operators = |tenant: &NewTenant| as_the_operators(entry(tenant), request);
    let (mut tx, tenant) = store
        .begin_provision(request, id, &new.organization, &founder, as_operators)
        .await
        .map_err(|error| error.at("accounts_email_key", "email", FieldProblem::Taken))?;
    let letter = Letter::Provisioned {
        tenant: id,
        account: founder.id,
        to: &founder.email,
        name: founder.name.as_str(),
        organization: new.organization.as_str(),
        has_account: founder.new_account.is_none(),
    };
    outbox::post(tx.conn(), request, letter).await?;
    tx.commit(request, entry(&tenant)).await?;
    Ok(tenant)
}

/// The owner of an organization that is made for them: an account whose address was proven, or one to be made.
async fn founder_of(request: &RequestContext, new: &NewOrganization) -> Result<Founder, Error> {
    let mut tx = request.portal().store().platform().await?;
    let known = accounts::lookup_by_email(tx.conn(), &new.email).await?;
    tx.end().await?;
    match known {
        None => {
            let account = NewFounder { password: None, email_proven_at: None };
            Ok(new_founder(request, new.name.clone(), new.email.clone(), account))
        }
        Some(known) if known.account.email_proven => Ok(Founder {
            id: known.account.id,
            name: PersonName::stored(known.account.name),
            email: new.email.clone(),
            new_account: None,
        }),
        Some(_) => Err(Error::field("email", FieldProblem::Taken)),
    }
}

/// Judges the password of a sign-up by all that is in the form.
pub(super) async fn judge_password(
    request: &RequestContext,
    form: &SignUpForm,
) -> Result<Result<SoundPassword, FieldProblem>, Error> {
    let about = About::of([form.name.as_str(), &form.email, &form.organization]);
    request.portal().hasher().judge(&form.password, &about).await
}

/// Makes another organization for somebody who is signed in.
///
/// # Errors
/// A name that is none, at the field `organization`; too many.
pub async fn create_organization(request: &RequestContext, visitor: &Visitor, name: &str) -> Result<Slug, Error> {
    let name = OrganizationName::parse(name).map_err(|problem| Error::field("organization", problem))?;
    if let Some(ip) = request.ip {
        request.portal().limits().sign_up.count(request, visitor.actor(), &limits::network(ip)).await?;
    }
    let account = &visitor.account;
    let founder = Founder {
        id: account.id,
        name: PersonName::stored(&account.name),
        email: EmailAddress::stored(&account.email),
        new_account: None,
    };
    Ok(found_for(request, &name, &founder).await?.slug)
}

/// A founder with a new account whose address nobody has proven.
pub(super) fn unproven(
    request: &RequestContext,
    name: PersonName,
    email: EmailAddress,
    password: KeptPassword,
) -> Founder {
    new_founder(request, name, email, NewFounder { password: Some(password), email_proven_at: None })
}

/// A founder with a new account.
pub(super) fn new_founder(request: &RequestContext, name: PersonName, email: EmailAddress, new: NewFounder) -> Founder {
    Founder { id: AccountId(request.portal().uuid(request.now)), name, email, new_account: Some(new) }
}

/// Makes the organization by the founder's own hand.
pub(super) async fn found_for(
    request: &RequestContext,
    name: &OrganizationName,
    founder: &Founder,
) -> Result<NewTenant, Error> {
    found(request, name, founder, |tenant| created(request, founder.actor(), name, tenant)).await
}

async fn found(
    request: &RequestContext,
    name: &OrganizationName,
    founder: &Founder,
    entry: impl FnOnce(&NewTenant) -> Draft,
) -> Result<NewTenant, Error> {
    let id = TenantId(request.portal().uuid(request.now));
    request.portal().store().provision(request, id, name, founder, entry).await.map_err(|error| {
        if error.violates("accounts_email_key") { Error::field("email", FieldProblem::Taken) } else { error }
    })
}

/// The first entry of an organization's log.
pub(super) fn created(
    request: &RequestContext,
    actor: Actor<Fact>,
    name: &OrganizationName,
    tenant: &NewTenant,
) -> Draft {
    Draft::done(CREATED, actor)
        .target("organization", tenant.id, Public(name.as_str().to_owned()))
        .added("slug", Fact::Public(tenant.slug.as_str().to_owned()))
        .within(request.audited())
}
