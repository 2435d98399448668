//! The sentences for what went wrong.

use domain::fields::FieldProblem;
use domain::password::Weakness;
use domain::policy::{LineProblem, Rule, SETTINGS};
use domain::problem::Problem;
use domain::roles::DEPTH_MAX;

use crate::alerts::rule_of;
use crate::ui::number;

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
            ("Set up a second factor", "The organization asks for one. Your security page is where you set it up.")
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

/// What is wrong with a field, and what helps.
pub fn field(name: &str, problem: FieldProblem) -> String {
    match problem {
        FieldProblem::Required => required(name).into(),
        FieldProblem::TooShort(least) => format!("Use at least {least} characters."),
        FieldProblem::TooLong(most) => format!("Use at most {most} characters."),
        FieldProblem::Malformed => malformed(name).into(),
        FieldProblem::ForbiddenCharacters => "Some characters here cannot be used.".into(),
        FieldProblem::Markup => "Leave out < and >.".into(),
        FieldProblem::Unchanged if name == "email" => "This is your address already.".into(),
        FieldProblem::Unchanged if name == "password" => "This is the password that you have. Choose another.".into(),
        FieldProblem::Unchanged => "This is what stands there already.".into(),
        FieldProblem::Taken => "This is taken already.".into(),
        FieldProblem::Reserved => "This word is reserved. Choose another.".into(),
        FieldProblem::FormerSlugs(most) => {
            format!("{most} former addresses lead here already, and there can be no more. Choose one of those.")
        }
        FieldProblem::AlreadyMember => "This person is a member already.".into(),
        FieldProblem::NoMember => "This is nobody who is an active member here.".into(),
        FieldProblem::AlreadyOwner => "This person is an owner already.".into(),
        FieldProblem::AlreadyInvited => "This person is invited already. You can resend the invitation.".into(),
        FieldProblem::DoesNotMatch if name == "address" => "This is not the address of your account.".into(),
        FieldProblem::DoesNotMatch => "This is not the name that is asked for.".into(),
        FieldProblem::WrongPassword => "This is not your password.".into(),
        FieldProblem::Breached => "This password is known from a breach, so attackers try it. Choose another.".into(),
        FieldProblem::Guessable(weakness) => guessable(weakness).into(),
        FieldProblem::NotStrong => {
            "The organization asks for a password that is harder to guess. Add another uncommon word or two.".into()
        }
        FieldProblem::WrongCredentials => "Address and password do not match.".into(),
        FieldProblem::WrongCode if name == "recovery_code" => "This code does not work. Each works once.".into(),
        FieldProblem::WrongCode if name == "passkey" => "This passkey was not accepted. Try again.".into(),
        FieldProblem::WrongCode => {
            "This code does not work. Codes change every 30 seconds, and each works once.".into()
        }
        FieldProblem::InheritsItself => "The role would inherit from itself. Leave one of them out.".into(),
        FieldProblem::InheritsTooDeep => {
            format!("Roles inherit over at most {DEPTH_MAX} levels. Choose one that is higher up.")
        }
        FieldProblem::OwnAlert => "This alert is about you. Somebody else who responds to alerts resolves it.".into(),
        FieldProblem::TooManyOfThem(most) => format!("There are {most} already, and there can be no more."),
        FieldProblem::NoSuchMember => "No member has this address. Invite the person first.".into(),
        FieldProblem::HoldsLess => "Whoever stands for the service account does not hold all of these.".into(),
        FieldProblem::AlreadyInGroup => "This person is in the group already.".into(),
        FieldProblem::NothingFiltered => "It asks for the whole list, in the usual order. Filter that first.".into(),
        FieldProblem::UnknownChoice => "Choose one of the list.".into(),
        FieldProblem::OutOfRange(least, most) => {
            format!("Enter a whole number from {} to {}.", number(least.into()), number(most.into()))
        }
        FieldProblem::BadLine(line, why) => bad_line(line, why),
        FieldProblem::Exceeds(key) => format!("This is more than “{}” allows.", key.setting().label),
        FieldProblem::NotUtf8 => "Save the file as CSV in UTF-8, and choose it again.".into(),
        FieldProblem::Header => "The first line has to be email,name,role. Other columns may follow.".into(),
        FieldProblem::Semicolons => "The columns are divided by semicolons. Save the file with commas.".into(),
        FieldProblem::NoLines => "There is nobody below the first line.".into(),
        FieldProblem::TooManyLines(most) => format!("A file has at most {most} lines below the first. Divide it."),
        FieldProblem::WrongLines => "Some lines have errors. Skip them, or correct the file and check it again.".into(),
        FieldProblem::LocksYouOut => locks_you_out(name).into(),
        FieldProblem::LocksOwnersOut(able, all) => {
            format!("Only {able} of {} owners could still come in.", number(all.into()))
        }
        FieldProblem::ApprovalFirst => {
            "Other owners have to approve that somebody gets this. Give it to one member, on their page: “Change role” asks them."
                .into()
        }
        FieldProblem::RolesFirst => {
            "Choose “Giving administering roles”, too. Without it, anybody who makes owners makes those who approve the rest."
                .into()
        }
        FieldProblem::OwnersOnly => {
            "Only an owner puts this into force: it binds owners, too, or takes away what protects the organization."
                .into()
        }
        FieldProblem::Negative
        | FieldProblem::Zero
        | FieldProblem::Fraction
        | FieldProblem::Huge
        | FieldProblem::AboveCeiling(..)
        | FieldProblem::MoreThanReserved
        | FieldProblem::TooLate
        | FieldProblem::TooEarly => amount(problem),
        FieldProblem::HttpsOnly => "It has to begin with https://.".into(),
        FieldProblem::PrivateAddress => {
            "This leads to a private network or to this server itself. Nothing is sent there unless whoever runs the platform allows it."
                .into()
        }
        FieldProblem::ForeignDomain => "Addresses of this domain are not invited here.".into(),
        FieldProblem::KeptSince(day) => {
            let (day, month, year) = (day.day(), day.month(), day.year());
            format!("The audit trail is kept since {day} {month} {year}, UTC. What was before, its archives tell.")
        }
    }
}

/// Why whoever saves a policy could not come in any more.
fn locks_you_out(name: &str) -> &'static str {
    match name {
        "networks" => "You would be kept out: your address is in none of these networks.",
        "regions" => "You would be kept out: the data is in none of these regions.",
        "mfa_methods" | "sign_in_methods" => {
            "You have none of these yourself, and would lock yourself out. Set one up on your security page first."
        }
        _ => "You would be kept out yourself, with the session that you are using.",
    }
}

/// What is missing where nothing was filled in.
fn required(name: &str) -> &'static str {
    match name {
        "passkey" => "This needs scripts, and a browser that can use passkeys. Nothing has changed.",
        "mfa_methods" | "sign_in_methods" => "Allow at least one of them.",
        "scope" => "Tick at least one: a key without any may do nothing.",
        "event" => "Choose at least one of them.",
        "file" => "Choose a file with something in it.",
        _ => "Fill this in.",
    }
}

/// How a field is filled in that has another form.
fn malformed(name: &str) -> &'static str {
    match name {
        "email" => "An address looks like name@example.com.",
        "invitation_domains" => "A domain looks like example.com.",
        "regions" => "Regions are made of letters, digits and hyphens.",
        "until" => "Enter a day to come, such as 2027-01-31.",
        "yaml" => "This is not a policy’s text.",
        "url" => "An address looks like https://example.com/webhooks, without a user, a password or a #.",
        _ => "This does not have the right form.",
    }
}

/// What is wrong with an amount of something that has a quota, or with its time.
fn amount(problem: FieldProblem) -> String {
    match problem {
        FieldProblem::Negative => "Enter a number that is not below zero.".into(),
        FieldProblem::Zero => "Enter more than zero.".into(),
        FieldProblem::Fraction => "Enter a number without so many places behind the point.".into(),
        FieldProblem::Huge => "Enter a smaller number.".into(),
        FieldProblem::AboveCeiling(metric, ceiling) => {
            format!("Your plan allows at most {}.", metric.unit().show(ceiling))
        }
        FieldProblem::MoreThanReserved => "This is more than was reserved.".into(),
        FieldProblem::TooLate => "This is longer ago than it can be recorded.".into(),
        _ => "This has not been yet.".into(),
    }
}

/// What is wrong with a line of a list of networks.
fn bad_line(line: u16, why: LineProblem) -> String {
    let line = number(line.into());
    match why {
        LineProblem::NoText => {
            format!("Line {line} is not what YAML looks like, or names a section that there is not.")
        }
        LineProblem::NoSetting => format!("Line {line} names a setting that there is not."),
        LineProblem::NoNetwork => {
            format!("Line {line} is no network: write an address or a network such as 203.0.113.0/24.")
        }
        LineProblem::Roles => format!("Line {line} names more than 20 roles."),
        LineProblem::NoRole => format!("Line {line} names a role that there is not."),
        LineProblem::Name => {
            format!("Line {line} has a name that is too long or holds characters that cannot be used.")
        }
    }
}

/// Why a password is guessed soon, and what helps.
fn guessable(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::Yours => {
            "Your name, address or organization is what attackers try first. Use words that have nothing to do with you."
        }
        Weakness::Common => "This is much like a password that many people have. Add another uncommon word or two.",
        Weakness::Word => "Single words and names are easy to guess. Add another uncommon word or two.",
        Weakness::Keys => "Rows of keys are easy to guess. Use a few unrelated words.",
        Weakness::Repeats => "What repeats itself is easy to guess. Use a few unrelated words.",
        Weakness::Sequence => "Sequences such as abcd or 4321 are easy to guess. Use a few unrelated words.",
        Weakness::Date => "Dates and years are easy to guess. Add another uncommon word or two.",
        Weakness::Little => "This is easy to guess. Add another uncommon word or two.",
    }
}

/// What a field is called in the summary above the form that goes to `action`: as beside the field.
pub(crate) fn label<'a>(action: &str, field: &'a str) -> &'a str {
    match field {
        "name" if action.ends_with("/settings/name") => "Organization name",
        "name" if action.starts_with("/account/security") => "Name",
        "name" if ["/roles", "/groups", "/filters", "/views"].iter().any(|part| action.contains(part)) => "Name",
        "name" if action.contains("/keys") => "Name",
        "url" => "Endpoint URL",
        "event" => "Events",
        "emails" => "Email addresses",
        "hours" if action.ends_with("/replay") => "Posted in the",
        "hours" => "At most",
        "query" => "Filter",
        "name" => "Full name",
        "email" if action == "/account/email" => "New email",
        "email" => "Email",
        "password"
            if action == "/account/security" || action == "/account/new-password" || action.starts_with("/reset/") =>
        {
            "New password"
        }
        "password" => "Password",
        "current" => "Current password",
        "code" => "Authentication code",
        "recovery_code" => "Recovery code",
        "passkey" => "Passkey",
        "organization" => "Organization name",
        "slug" => "Slug",
        "role" if action.contains("/groups") => "Roles",
        "role" => "Role",
        "description" => "Description",
        "permission" => "Permissions",
        "parent" => "Inherits from",
        "scope" => "Scopes",
        "account" => "Acts for",
        "expiry" => "Ends",
        "until" => "Last day",
        "overlap" => "Former secret works for",
        "networks" if action.contains("/keys") => "Allowed networks",
        "requests_per_minute" if action.contains("/keys") => "Requests in a minute",
        "member" => "New owner",
        "reason" => "Reason",
        "note" if action.ends_with("/deny") => "Why not",
        "note" => "Note",
        "assignee" => "Assign to",
        "resolution" => "Resolution",
        "containment" => "What to do",
        "alarm" => "Alarm",
        "rule" => "Rule",
        "days" => "Days",
        "time_zone" => "Time zone",
        "theme" => "Theme",
        "confirmation" | "address" => "Confirmation",
        "yaml" => "Text",
        "limit" => "Limit",
        "enforcement" => "Above the limit",
        "thresholds" => "Thresholds",
        "file" => "File",
        "mode" => "Lines with errors",
        // What can be set in a policy is called the same everywhere; fields of a detection are told by its name.
        other => SETTINGS
            .iter()
            .find(|setting| setting.code == other)
            .map(|setting| setting.label)
            .or_else(|| rule_of(other).map(|info| info.name))
            .unwrap_or(other),
    }
}
