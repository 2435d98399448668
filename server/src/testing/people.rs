//! People and organizations, made the way that people make them.

use std::sync::Arc;

use domain::accounts::SignUpForm;
use domain::audit::LogId;
use domain::ids::{AccountId, InvitationId, TenantId};
use domain::invitations::InviteForm;
use domain::problem::Problem;
use domain::roles::Role;
use tower_sessions_core::Session;

use super::TestPortal;
use crate::access::{self, Access, Entered, Purpose};
use crate::error::Error;
use crate::invitations::{self, Joiner};
use crate::organizations::Doomed;
use crate::outbox::{self, OutboxRow};
use crate::sessions::{self, Grant, SessionStore, Visitor};
use crate::sign_in;
use crate::sign_up::{self, SignedUp};

/// Mail that tells of something, and has no secret in it.
const TOLD: [&str; 5] = ["notice", "news", "organization_deletion", "ownership_transferred", "checkpoint"];

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// Address.
    pub email: String,
    /// The account.
    pub account: AccountId,
    /// Who they are, as the request after their sign-in found them.
    pub visitor: Visitor,
    /// The session that their cookie carries.
    pub session: Session,
}

/// An organization.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
}

impl Organization {
    /// The schema that holds its tables.
    pub fn schema(&self) -> String {
        format!("t_{}", self.id.0.simple())
    }

    /// Its audit log.
    pub fn log(&self) -> LogId {
        LogId::Tenant(self.id)
    }
}

/// Two organizations that must not notice each other.
#[derive(Clone, Debug)]
pub struct World {
    /// Where Ada is the owner.
    pub acme: Organization,
    /// Where Gus is the owner.
    pub globex: Organization,
    /// Owner of Acme.
    pub ada: Person,
    /// Admin of Acme.
    pub ben: Person,
    /// Member of Acme.
    pub mia: Person,
    /// Owner of Globex.
    pub gus: Person,
}

impl TestPortal {
    /// Makes the world that most tests begin with.
    pub async fn world(&self) -> World {
        let (ada, acme) = self.sign_up("Ada Lovelace", "ada@acme.example", "Acme").await;
        let (gus, globex) = self.sign_up("Gus Grissom", "gus@globex.example", "Globex").await;
        let owner = self.enter(&ada, &acme).await;
        let ben = self.join(&owner, "Ben Bitdiddle", "ben@acme.example", Role::Admin).await;
        let mia = self.join(&owner, "Mia Member", "mia@acme.example", Role::Member).await;
        World { acme, globex, ada, ben, mia, gus }
    }

    /// Signs somebody up with an organization, confirming by mail where that is asked for.
    pub async fn sign_up(&self, name: &str, email: &str, organization: &str) -> (Person, Organization) {
        let form = SignUpForm {
            name: name.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            organization: organization.to_owned(),
        };
        let welcome = match sign_up::sign_up(&self.request(), &form).await.expect("a sign-up") {
            SignedUp::Done(welcome) => welcome,
            SignedUp::CheckMail => {
                let secret = self.secret_for(email).await;
                sign_up::confirm(&self.request(), &secret).await.expect("a confirmation")
            }
        };
        let person = self.person(welcome.grant).await;
        let slug = welcome.slug.as_str().to_owned();
        let id = self.try_enter(&person, &slug).await.expect("an owner comes in").tenant();
        (person, Organization { id, slug })
    }

    /// Signs in with [`PASSWORD`].
    pub async fn sign_in(&self, email: &str) -> Person {
        let grant = sign_in::sign_in(&self.request(), email, PASSWORD).await.expect("a sign-in");
        self.person(grant).await
    }

    /// The person whose session was begun, found again as a request finds them.
    pub async fn person(&self, grant: Grant) -> Person {
        let session = self.carry(grant).await;
        let visitor = self.visitor(&session).await.expect("a session that was just begun");
        Person {
            name: visitor.account.name.clone(),
            email: visitor.account.email.clone(),
            account: visitor.account.id,
            visitor,
            session,
        }
    }

    /// Lets a cookie carry the session, which is what comes back.
    pub async fn carry(&self, grant: Grant) -> Session {
        let session = self.cookie(None);
        grant.hand_over(&self.request(), &session).await.expect("a session to hand over");
        session.save().await.expect("a session to save");
        session
    }

    /// The session of a request whose cookie holds this id.
    pub fn cookie(&self, id: Option<tower_sessions_core::session::Id>) -> Session {
        Session::new(id, Arc::new(SessionStore::new(self.portal())), None)
    }

    /// Who comes with the cookie of this session in the next request.
    pub async fn visitor(&self, session: &Session) -> Option<Visitor> {
        sessions::visitor(&self.cookie(session.id())).await.expect("the database answers")
    }

    /// Who somebody is by now, as their next request finds them; they sign in again when their session is over.
    pub async fn returning(&self, person: &Person) -> Visitor {
        match self.visitor(&person.session).await {
            Some(visitor) => visitor,
            None => self.sign_in(&person.email).await.visitor,
        }
    }

    /// Somebody's way into an organization, for one request.
    pub async fn enter(&self, person: &Person, organization: &Organization) -> Access {
        self.try_enter(person, &organization.slug).await.expect("a member comes in")
    }

    /// As [`TestPortal::enter`], for those who may not come in.
    ///
    /// # Errors
    /// As [`access::enter`].
    pub async fn try_enter(&self, person: &Person, slug: &str) -> Result<Access, Error> {
        self.enter_to(Purpose::Change, person, slug).await
    }

    /// As [`TestPortal::enter`], for a request that reads.
    pub async fn enter_to_read(&self, person: &Person, organization: &Organization) -> Access {
        self.enter_to(Purpose::Read, person, &organization.slug).await.expect("a member comes in")
    }

    async fn enter_to(&self, purpose: Purpose, person: &Person, slug: &str) -> Result<Access, Error> {
        let visitor = self.returning(person).await;
        match access::enter(&self.request(), &visitor, slug, purpose).await? {
            Entered::Inside(access) => Ok(*access),
            Entered::Deleting(_) => Err(Problem::OrganizationDeleting.into()),
            Entered::Moved(slug) => panic!("the organization moved to {slug}"),
        }
    }

    /// An owner's way into an organization that is to be deleted, for one request.
    ///
    /// # Errors
    /// As [`access::enter`]; [`Problem::Changed`], when it is not to be deleted.
    pub async fn enter_doomed(&self, person: &Person, slug: &str) -> Result<Doomed, Error> {
        let visitor = self.returning(person).await;
        match access::enter(&self.request(), &visitor, slug, Purpose::Change).await? {
            Entered::Deleting(doomed) => Ok(*doomed),
            Entered::Inside(_) | Entered::Moved(_) => Err(Problem::Changed.into()),
        }
    }

    /// Invites somebody.
    pub async fn invite(&self, by: &Access, email: &str, role: Role) -> InvitationId {
        let form = InviteForm { email: email.to_owned(), role: role.code().to_owned() };
        invitations::invite(by, &form).await.expect("an invitation")
    }

    /// Invites a new person, who accepts by the link in their mail and signs in.
    pub async fn join(&self, by: &Access, name: &str, email: &str, role: Role) -> Person {
        self.invite(by, email, role).await;
        let secret = self.secret_for(email).await;
        let joiner = Joiner::New { name, password: PASSWORD };
        invitations::accept(&self.request(), &secret, joiner).await.expect("an acceptance");
        self.sign_in(email).await
    }

    /// The newest mail to an address that was not sent yet, with a link of its own.
    pub async fn mail_to(&self, email: &str) -> Option<OutboxRow> {
        let mails = outbox::list(self.portal()).await.expect("the outbox");
        mails.into_iter().find(|mail| mail.to == email)
    }

    /// The secret in the link of the newest mail that an address was to get, not counting what tells of something that
    /// was done.
    pub async fn secret_for(&self, email: &str) -> String {
        let mails = outbox::list(self.portal()).await.expect("the outbox");
        let mail = mails.into_iter().find(|mail| mail.to == email && !TOLD.contains(&mail.kind.as_str()));
        let mail = mail.expect("a mail that waits");
        secret_of(first_link(&mail.text)).to_owned()
    }
}

/// The first address in a mail's text, which is what the mail is about.
pub fn first_link(text: &str) -> &str {
    text.split_whitespace().find(|word| word.contains("://")).expect("a link")
}

/// The secret at the end of a link.
pub fn secret_of(link: &str) -> &str {
    link.rsplit('/').next().expect("a last part")
}
