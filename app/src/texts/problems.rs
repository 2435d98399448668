//! What a page says about a problem, and an answer to a program.

use domain::policy::Rule;
use domain::problem::Problem;

/// What a page about a problem says.
pub(crate) struct ProblemText {
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

impl ProblemText {
    /// The same in one line.
    pub(crate) fn sentence(&self) -> String {
        format!("{}. {}", self.title, self.text)
    }
}

/// What happened, and what to do now.
pub(crate) fn problem(problem: Problem) -> ProblemText {
    let (title, text) = match problem {
        Problem::NotFound => ("Page not found", "It does not exist, or it is not yours to see. Check the address."),
        Problem::Forbidden => ("Your role does not allow this", "Ask an owner or an admin of the organization."),
        Problem::LastOwner => ("An organization needs an active owner", "Make somebody else an owner first."),
        Problem::Yourself => {
            ("This is not done to oneself", "To leave the organization, use “Leave organization” in the settings.")
        }
        Problem::Changed => ("Something changed meanwhile", "Look at the current state and try again."),
        Problem::ApprovalFirst => (
            "Other owners have to approve this",
            "The security policy asks for it. Open the page again: what it offers there is to ask for their approval. An owner is first given another role so.",
        ),
        Problem::JobsWaiting => {
            ("Many jobs are waiting", "Wait until some of them are done, or cancel one, and try again.")
        }
        Problem::IdempotencyConflict => (
            "This name was used for something else",
            "Give each request a name of its own, and send it again with the same name and the same content alone.",
        ),
        Problem::IdempotencyInProgress => {
            ("This is being done already", "The request with this name is not answered yet. Ask again in a moment.")
        }
        Problem::StepUpFirst => ("Confirm that it is you", "This needs a fresh proof of who you are."),
        Problem::SignInAgain(_) => {
            ("Confirm that it is you", "The organization asks for a fresh proof of who you are.")
        }
        Problem::EnrolFirst => {
            ("Set up a second factor", "Where you want to go asks for one. Your security page is where you set it up.")
        }
        Problem::ChoosePassword => {
            ("Choose another password", "The organization asks for one. Your security page is where you change it.")
        }
        Problem::KeptOut(rule) => return kept_out(rule),
        Problem::PolicyUnreadable => (
            "This organization’s security policy cannot be read",
            "Nobody gets in until whoever runs the platform has repaired it. Nothing is lost.",
        ),
        Problem::Throttled { .. }
        | Problem::OverQuota { .. }
        | Problem::TooMany { .. }
        | Problem::MailedOften { .. }
        | Problem::InvitedOften { .. } => return too_much(problem),
        Problem::ForeignDomain => (
            "This address cannot be invited any more",
            "The organization has come to invite addresses of some domains alone. Ask for an invitation to one of these.",
        ),
        Problem::RoleNeedsApproval => (
            "This invitation does not give its role any more",
            "The organization has come to need the approval of its owners for this role. Ask for an invitation with another role: owners can give this one to members.",
        ),
        Problem::LinkUsed => ("This link was used already", "A link works once. If you have an account, sign in."),
        Problem::LinkExpired => ("This link has expired", "Ask for a new one."),
        Problem::InvitationExpired => {
            ("This invitation has expired", "Resend it: that gives it its full time again, and links that work.")
        }
        Problem::InvitationRevoked => {
            ("This invitation was revoked", "If you think that is a mistake, ask whoever invited you.")
        }
        Problem::InvitationDeclined => ("This invitation was declined", "If you changed your mind, ask for a new one."),
        Problem::InviterDemoted => {
            ("This invitation is no longer valid", "Whoever sent it may not invite any more. Ask for a new one.")
        }
        Problem::WrongAddress => {
            ("This invitation is for another address", "Sign in with the account of the invited address.")
        }
        Problem::RoleInUse => (
            "Somebody or something has this role",
            "Give its members, open invitations, groups and the roles that inherit from it another one first.",
        ),
        Problem::NotManaged => (
            "Your organization does not manage this account",
            "Its address has to be confirmed and of a verified domain of the organization, and it may be in no other one.",
        ),
        Problem::AddressTaken => (
            "Another account has this address by now",
            "The address of this one stays as it is. Ask for another, or delete the other account first.",
        ),
        Problem::KeyRefused => {
            ("This key opens nothing here", "It is mistyped, over, revoked or stopped. Ask whoever gave it to you.")
        }
        Problem::SignInFirst => ("You have an account already", "Sign in with it, then open the link again."),
        Problem::OrganizationSuspended
        | Problem::OrganizationDeleting
        | Problem::MembershipSuspended
        | Problem::OrganizationBehind
        | Problem::OrganizationNotUpgraded
        | Problem::Busy
        | Problem::Unavailable
        | Problem::TimedOut
        | Problem::TookTooLong
        | Problem::ForeignOrigin
        | Problem::TooLarge
        | Problem::BadRequest
        | Problem::Internal => return not_now(problem),
    };
    ProblemText { title, text: text.to_owned() }
}

/// What somebody has had too much of, and when there is more.
fn too_much(problem: Problem) -> ProblemText {
    let (title, text) = match problem {
        Problem::Throttled { seconds } => {
            let text = format!(
                "The organization limits what one member may ask for. Try again in {}.",
                if seconds == 1 { "a second".to_owned() } else { span(seconds) }
            );
            ("Too many requests", text)
        }
        Problem::OverQuota { metric, .. } => {
            let text = format!(
                "There is not so much left of “{}”. Ask an owner or an admin of the organization.",
                metric.name()
            );
            ("A quota is used up", text)
        }
        Problem::TooMany { minutes } => ("Too many attempts", format!("{} and try again.", wait(minutes))),
        Problem::MailedOften { minutes } => {
            let text = format!("{} to send another, or copy the invitation’s link and pass it on.", wait(minutes));
            ("This address got several mails from here just now", text)
        }
        Problem::InvitedOften { minutes } => {
            let text = format!("{} to send more, or copy the links of invitations and pass them on.", wait(minutes));
            ("Your organization has sent very many invitations", text)
        }
        _ => return not_now(problem),
    };
    ProblemText { title, text }
}

/// What keeps somebody out, or a request from being answered, that is not about what they asked for.
fn not_now(problem: Problem) -> ProblemText {
    let (title, text) = match problem {
        Problem::OrganizationSuspended => {
            ("This organization is suspended", "Nobody can use it at present. Ask whoever runs the platform.")
        }
        Problem::OrganizationDeleting => (
            "This organization is being deleted",
            "Nobody can use it any more. Its owners can keep it until the day that they were told by mail.",
        ),
        Problem::MembershipSuspended => {
            ("Your membership is suspended", "Ask an owner or an admin of the organization.")
        }
        Problem::OrganizationBehind => ("This organization is being upgraded", "Try again in a few minutes."),
        Problem::OrganizationNotUpgraded => (
            "This organization could not be upgraded",
            "Nothing is lost, and nobody can use it until that is done. Whoever runs the platform has been told.",
        ),
        Problem::Busy => (
            "This organization is very busy",
            "More is asked of it at once than there is room for. Try again in a moment.",
        ),
        Problem::Unavailable => ("Portcullis cannot reach its database", "Nothing is lost. Try again in a moment."),
        Problem::TimedOut => {
            ("This took too long", "Try again in a moment. If you sent a form, look first whether it was done.")
        }
        Problem::TookTooLong => ("This takes too long", "Choose a shorter time or fewer words."),
        Problem::ForeignOrigin => ("This request came from another site", "Open the page here and try again."),
        Problem::TooLarge => ("This is too much at once", "Shorten what you sent and try again."),
        Problem::BadRequest => ("This request cannot be read", "Go back, reload the page and try again."),
        _ => (
            "Something went wrong on our side",
            "Try again. If it stays, tell whoever runs the platform the request’s id.",
        ),
    };
    ProblemText { title, text: text.to_owned() }
}

/// Why somebody is kept out whatever they can show, and what helps.
fn kept_out(rule: Rule) -> ProblemText {
    let (title, text) = match rule {
        Rule::Networks => (
            "You cannot come in from here",
            "The organization lets its members in from networks of its choice alone. Connect to one of them, such as its VPN, and try again.",
        ),
        Rule::Regions => (
            "You cannot come in here",
            "The organization’s data is not to be served from where this installation is. Ask whoever runs the platform.",
        ),
        Rule::SessionsPerPerson => (
            "You have too many sessions",
            "The organization allows only so many, and the others began earlier. End one of them on your account’s page, and try again.",
        ),
        Rule::SessionsInOrganization => (
            "The organization is full at present",
            "Only so many sessions may be inside at a time. Try again when somebody has left.",
        ),
        Rule::AccessEnded
        | Rule::AbsoluteMinutes
        | Rule::IdleMinutes
        | Rule::SignInMethods
        | Rule::Mfa
        | Rule::PasswordLength
        | Rule::PasswordStrength
        | Rule::PasswordDays => (
            "You cannot come in at present",
            "The organization’s security policy says so. Ask an owner or an admin of the organization.",
        ),
    };
    ProblemText { title, text: text.to_owned() }
}

/// Some seconds, in the largest unit that is not too coarse.
fn span(seconds: u16) -> String {
    if seconds < 120 { format!("{seconds} seconds") } else { format!("{} minutes", seconds.div_ceil(60)) }
}

/// "Wait", and how long: hours from one on.
fn wait(minutes: u16) -> String {
    match minutes {
        1 => "Wait a minute".into(),
        60 => "Wait an hour".into(),
        61.. => format!("Wait {} hours", minutes.div_ceil(60)),
        _ => format!("Wait {minutes} minutes"),
    }
}
