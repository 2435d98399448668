//! The sentences for what went wrong.

mod problems;

pub(crate) use problems::problem;

use domain::fields::FieldProblem;
use domain::password::Weakness;
use domain::policy::{LineProblem, SETTINGS};
use domain::roles::DEPTH_MAX;

use crate::alerts::rule_of;
use crate::ui::number;

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
        "plan" => "Plan",
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
