//! Everything that can be set.

use super::settings::Framework::{Gdpr, Hipaa, Iso27001, PciDss, Sox};
use super::{
    AtTheLimit, Classification, Control, Framework, Key, Kind, ListOf, Methods, Names, Networks, Offer, Section,
    Setting, SignInMethods, Strict, Tier, Unit, Value,
};
use crate::approvals::ApprovalNeeded;
use crate::password::{PASSWORD_ASKED_MAX, PASSWORD_MIN, Strength};

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// For how many days something is kept.
const KEPT: Kind = Kind::Number {
    unit: Unit::Days,
    strict: Strict::More,
    least: 30,
    most: 3_650,
    none: Some("For ever"),
    marks: &[90, 365, 730, 2_190, 2_555, 3_650],
};

const fn on(framework: Framework, clause: &'static str) -> Control {
    Control { framework, clause }
}

const fn offer(code: &'static str, label: &'static str, help: &'static str) -> Offer {
    Offer { code, label, help }
}

/// How the value of one field is read and written.
macro_rules! field {
    ($field:ident as $kind:ident) => {
        (
            |policy| Value::$kind(policy.$field.clone()),
            |policy, value| {
                if let Value::$kind(value) = value {
                    policy.$field = value;
                }
            },
        )
    };
    ($field:ident as at least one) => {
        (
            |policy| Value::Number(Some(policy.$field)),
            |policy, value| {
                if let Value::Number(Some(value)) = value {
                    policy.$field = value;
                }
            },
        )
    };
    ($field:ident as one of $values:expr) => {
        (
            |policy| Value::Choice($values.iter().position(|value| *value == policy.$field).unwrap_or(0)),
            |policy, value| {
                if let Value::Choice(index) = value
                    && let Some(value) = $values.get(index)
                {
                    policy.$field = *value;
                }
            },
        )
    };
}

type Access = (fn(&super::SecurityPolicy) -> Value, fn(&mut super::SecurityPolicy, Value));

const METHODS: Access = (
    |policy| Value::Several(u8::from(policy.mfa_methods.passkey) | u8::from(policy.mfa_methods.authenticator) << 1),
    |policy, value| {
        if let Value::Several(bits) = value {
            policy.mfa_methods = Methods { passkey: bits & 1 != 0, authenticator: bits & 2 != 0 };
        }
    },
);

const WAYS: Access = (
    |policy| {
        let ways = policy.sign_in_methods;
        Value::Several(u8::from(ways.password) | u8::from(ways.two_steps) << 1 | u8::from(ways.passkey) << 2)
    },
    |policy, value| {
        if let Value::Several(bits) = value {
            let [password, two_steps, passkey] = [1, 2, 4].map(|bit| bits & bit != 0);
            policy.sign_in_methods = SignInMethods { password, two_steps, passkey };
        }
    },
);

const APPROVALS: Access = (
    |policy| {
        let needed = policy.approval_needed;
        let boxes = [needed.policy, needed.roles, needed.deletion, needed.exports, needed.keys];
        Value::Several(boxes.iter().rev().fold(0, |bits, ticked| bits << 1 | u8::from(*ticked)))
    },
    |policy, value| {
        if let Value::Several(bits) = value {
            let [of_policy, roles, deletion, exports, keys] = [1, 2, 4, 8, 16].map(|bit| bits & bit != 0);
            policy.approval_needed = ApprovalNeeded { policy: of_policy, roles, deletion, exports, keys };
        }
    },
);

/// A setting, whose parts stand in the order in which people read them.
macro_rules! setting {
    (
        $key:ident $code:literal in $section:ident $tier:ident, $label:literal, $help:literal, $why:literal,
        $kind:expr, $access:expr, $weight:literal from $sound:expr, [$($control:expr),+ $(,)?]
    ) => {{
        const ACCESS: Access = $access;
        Setting {
            key: Key::$key,
            code: $code,
            section: Section::$section,
            tier: Tier::$tier,
            label: $label,
            help: $help,
            why: $why,
            kind: $kind,
            controls: &[$($control),+],
            weight: $weight,
            sound: $sound,
            get: ACCESS.0,
            set: ACCESS.1,
        }
    }};
}

/// All settings.
pub static SETTINGS: [Setting; 28] = [
    setting!(Mfa "mfa" in SignIn Basic, "Second factor",
        "Whether members need more than a password.",
        "Passwords are guessed, reused and given away. With a second factor, a password alone opens nothing here.",
        Kind::Choice(&[
            offer("optional", "Not required", "Everybody decides for themselves."),
            offer("required", "Required", "Who has none sets one up before they come in, once the days below are over."),
        ]),
        field!(mfa as one of [false, true]),
        30 from Value::Choice(1),
        [on(Hipaa, "164.312(d)"), on(PciDss, "8.4.2"), on(Iso27001, "A.8.5"), on(Gdpr, "Art. 32(1)(b)"), on(Sox, "404")]),
    setting!(MfaMethods "mfa_methods" in SignIn Basic, "What counts as one",
        "At least one of them. Who has another kind only sets up one of these.",
        "A passkey answers the site that it was made for, and no other: a false page gets nothing. Who has an app as well may still sign in with its codes.",
        Kind::Several(&[
            offer("passkey", "Passkey", "Also one that signs in without a password. It answers no false page."),
            offer("authenticator", "Authenticator app", "A code from a phone, beside the password."),
        ]),
        METHODS,
        5 from Value::Several(1),
        [on(PciDss, "8.5.1"), on(Iso27001, "A.8.5"), on(Hipaa, "164.312(d)")]),
    setting!(MfaGraceDays "mfa_grace_days" in SignIn Advanced, "Days to set one up",
        "Counted from when it is asked for, or from when somebody joins. Until then they get in and see a reminder.",
        "With some days nobody is surprised; with few of them nobody puts it off.",
        Kind::Number { unit: Unit::Days, strict: Strict::Less, least: 0, most: 30, none: None, marks: &[] },
        field!(mfa_grace_days as at least one),
        3 from Value::Number(Some(7)),
        [on(Iso27001, "A.5.17"), on(PciDss, "8.4.2")]),
    setting!(SignInMethods "sign_in_methods" in SignIn Basic, "Ways of signing in",
        "Those that open this organization. Who has come in another way is asked for more, and who cannot show it sets it up first.",
        "A password can be given away, a code can be asked for by a false page, and a passkey can be neither.",
        Kind::Several(&[
            offer("password", "Password", "Also alone, for those who have nothing else."),
            offer("two_steps", "Password and a second step", "A code from an app, a passkey or a recovery code beside it."),
            offer("passkey", "Passkey", "Alone or beside the password. It answers no false page."),
        ]),
        WAYS,
        6 from Value::Several(6),
        [on(Hipaa, "164.312(d)"), on(PciDss, "8.4.2"), on(PciDss, "8.5.1"), on(Iso27001, "A.8.5"), on(Gdpr, "Art. 32(1)(b)")]),
    setting!(PasswordLength "password_length" in SignIn Advanced, "Length of passwords",
        "Who signs in with a shorter one chooses another before they come in. How long one is, is noted when it is chosen.",
        "Each character more makes whoever tries all of them try many times longer.",
        Kind::Number {
            unit: Unit::Characters, strict: Strict::More, least: PASSWORD_MIN as u32, most: PASSWORD_ASKED_MAX as u32,
            none: None, marks: &[10, 12, 14, 16, 20, 24, 32, 64],
        },
        field!(password_length as at least one),
        4 from Value::Number(Some(12)),
        [on(PciDss, "8.3.6"), on(Iso27001, "A.5.17"), on(Hipaa, "164.308(a)(5)(ii)(D)"), on(Sox, "404")]),
    setting!(PasswordStrength "password_strength" in SignIn Advanced, "Strength of passwords",
        "How hard they are to guess for whoever tries likely ones first, as it is told while one is typed. Who has a weaker one chooses another.",
        "Long is not hard to guess, if it is what many would choose.",
        Kind::Choice(&[
            offer("fair", "Fair", "What the portal asks of everybody: more than a hundred million guesses."),
            offer("strong", "Strong", "More than ten thousand million guesses."),
        ]),
        field!(password_strength as one of [Strength::Fair, Strength::Strong]),
        2 from Value::Choice(1),
        [on(PciDss, "8.3.6"), on(Iso27001, "A.5.17"), on(Hipaa, "164.308(a)(5)(ii)(D)")]),
    setting!(PasswordDays "password_days" in SignIn Advanced, "Age of passwords",
        "Of those that are all that somebody has signed in with: an older one is changed before its owner comes in.",
        "Who has learned a password long ago is shut out. Ask for it where you must: people who change often choose badly.",
        Kind::Number {
            unit: Unit::Days, strict: Strict::Less, least: 30, most: 730, none: Some("Any age"),
            marks: &[30, 60, 90, 180, 365, 730],
        },
        field!(password_days as Number),
        0 from Value::Number(None),
        [on(PciDss, "8.3.9"), on(Iso27001, "A.5.17"), on(Hipaa, "164.308(a)(5)(ii)(D)")]),
    setting!(IdleMinutes "idle_minutes" in Sessions Basic, "Time-out without use",
        "A session that nobody has used for so long needs a fresh proof before it comes in here. It is measured to five minutes.",
        "What an unattended browser is asked for next, it does not get without a proof. A page that is open stays on its screen.",
        Kind::Number {
            unit: Unit::Minutes, strict: Strict::Less, least: 15, most: 7 * DAY, none: None,
            marks: &[15, 30, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY],
        },
        field!(idle_minutes as at least one),
        12 from Value::Number(Some(8 * HOUR)),
        [on(Hipaa, "164.312(a)(2)(iii)"), on(PciDss, "8.2.8"), on(Iso27001, "A.8.5")]),
    setting!(AbsoluteMinutes "absolute_minutes" in Sessions Basic, "Time-out in any case",
        "So long after the last sign-in or proof, also a session in use needs a fresh one.",
        "A stolen session is not good for ever.",
        Kind::Number {
            unit: Unit::Minutes, strict: Strict::Less, least: HOUR, most: 30 * DAY, none: None,
            marks: &[HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 7 * DAY, 14 * DAY, 30 * DAY],
        },
        field!(absolute_minutes as at least one),
        8 from Value::Number(Some(7 * DAY)),
        [on(Iso27001, "A.8.5"), on(Gdpr, "Art. 32(1)(b)")]),
    setting!(StepUpMinutes "step_up_minutes" in Sessions Advanced, "Fresh proof",
        "So long a proof of who they are counts when members give more rights, export, or put a policy into force.",
        "What is worth more than a look asks whether it is still the same person.",
        Kind::Number {
            unit: Unit::Minutes, strict: Strict::Less, least: 1, most: 10, none: None,
            marks: &[1, 2, 5, 10],
        },
        field!(step_up_minutes as at least one),
        4 from Value::Number(Some(10)),
        [on(Iso27001, "A.8.2"), on(Sox, "404")]),
    setting!(SessionsPerPerson "sessions_per_person" in Sessions Basic, "Sessions per person",
        "How many sessions of one member come in here, of all that they have: those that they use elsewhere count, and go on there.",
        "An account that several people share, or that was stolen, gets in its own way.",
        Kind::Number {
            unit: Unit::Sessions, strict: Strict::Less, least: 1, most: 50, none: Some("Any number"),
            marks: &[],
        },
        field!(sessions_per_person as Number),
        6 from Value::Number(Some(5)),
        [on(PciDss, "8.2.2"), on(Hipaa, "164.312(a)(2)(i)"), on(Iso27001, "A.5.16")]),
    setting!(SessionsInOrganization "sessions_in_organization" in Sessions Advanced, "Sessions in the organization",
        "How many sessions of all members together are inside at a time. One that nobody has used for as long as the time-out above is not counted.",
        "What is licensed or staffed for so many is not used by more.",
        Kind::Number {
            unit: Unit::Sessions, strict: Strict::Less, least: 2, most: 100_000, none: Some("Any number"),
            marks: &[],
        },
        field!(sessions_in_organization as Number),
        0 from Value::Number(None),
        [on(Iso27001, "A.8.6")]),
    setting!(AtTheLimit "at_the_limit" in Sessions Advanced, "One session too many",
        "What becomes of it, where the number of sessions has a limit.",
        "Ending the oldest one keeps nobody out; refusing the newest one keeps a thief from pushing its owner out.",
        Kind::Choice(&[
            offer("end_oldest", "Ends the oldest", "The newest comes in, and the one that was proven or used longest ago needs a fresh proof."),
            offer("refuse_newest", "Is refused", "It comes in when another one has ended. Those that are inside already stay, and owners always come in."),
        ]),
        field!(at_the_limit as one of [AtTheLimit::EndOldest, AtTheLimit::RefuseNewest]),
        0 from Value::Choice(0),
        [on(Iso27001, "A.8.5")]),
    setting!(Networks "networks" in Networks Basic, "Allowed networks",
        "One in each line, such as “203.0.113.0/24 # Office”. With “for Owner, Admin” it binds only who holds one of these roles, beside what is for everybody. Empty for everywhere.",
        "Who has stolen a password and a phone has not yet got into the office.",
        Kind::Networks,
        field!(networks as Networks),
        6 from Value::Networks(Networks::NONE),
        [on(Hipaa, "164.312(a)(1)"), on(PciDss, "1.3.1"), on(Iso27001, "A.8.20"), on(Sox, "404")]),
    setting!(InvitationDays "invitation_days" in Invitations Basic, "Invitations are good for",
        "Counted from when an invitation is sent, and again when it is resent.",
        "An old mail in somebody’s mailbox opens nothing.",
        Kind::Number {
            unit: Unit::Days, strict: Strict::Less, least: 1, most: 30, none: None,
            marks: &[1, 3, 7, 14, 30],
        },
        field!(invitation_days as at least one),
        4 from Value::Number(Some(7)),
        [on(Iso27001, "A.5.18"), on(Hipaa, "164.308(a)(4)(ii)(B)")]),
    setting!(InvitationDomains "invitation_domains" in Invitations Basic, "Domains that may be invited",
        "Divided by commas. Invitations to addresses of other domains are refused. Empty for any.",
        "A mistyped or private address is found before it is a member.",
        Kind::Names(ListOf::Domains),
        field!(invitation_domains as Names),
        0 from Value::Names(Names::NONE),
        [on(Iso27001, "A.5.16"), on(Hipaa, "164.308(a)(4)(ii)(B)"), on(Sox, "404")]),
    setting!(RequestsPerMinute "requests_per_minute" in RateLimiting Advanced, "Requests in a minute",
        "How many pages and acts one member gets in a minute, and requests one API key, in the long run: up to as many more may come at once.",
        "A script that runs away, or that somebody else runs, does not get far.",
        Kind::Number {
            unit: Unit::Requests, strict: Strict::Less, least: 30, most: 6_000, none: Some("Any number"),
            marks: &[],
        },
        field!(requests_per_minute as Number),
        4 from Value::Number(Some(600)),
        [on(Iso27001, "A.8.6"), on(Gdpr, "Art. 32(1)(b)")]),
    setting!(Burst "burst" in RateLimiting Advanced, "At once",
        "How many of a minute’s requests may come at once. Empty for all of them.",
        "People come in bursts, programs steadily.",
        Kind::Number {
            unit: Unit::Requests, strict: Strict::Less, least: 10, most: 6_000, none: Some("All of a minute"),
            marks: &[],
        },
        field!(burst as Number),
        0 from Value::Number(None),
        [on(Iso27001, "A.8.6")]),
    setting!(RequestsPerHour "requests_per_hour" in RateLimiting Advanced, "Requests in an hour",
        "How many pages and acts one member gets in an hour, and requests one API key, counted from the first.",
        "Who copies everything, page by page, is slowed down to where somebody sees it.",
        Kind::Number {
            unit: Unit::Requests, strict: Strict::Less, least: 60, most: 100_000, none: Some("Any number"),
            marks: &[],
        },
        field!(requests_per_hour as Number),
        3 from Value::Number(Some(6_000)),
        [on(Iso27001, "A.8.6"), on(Gdpr, "Art. 32(1)(b)")]),
    setting!(LogReads "log_reads" in AuditLogging Basic, "Reads of what is sensitive",
        "Whether the audit trail tells who has looked at it, at members’ sessions and visits, and at this policy: each once per session and quarter of an hour.",
        "After an incident the first question is what was seen.",
        Kind::Switch(offer("true", "Keep a record of them", "Also of those who only look.")),
        field!(log_reads as Switch),
        8 from Value::Switch(true),
        [on(Hipaa, "164.312(b)"), on(PciDss, "10.2.1.3"), on(Iso27001, "A.8.15"), on(Gdpr, "Art. 5(2)")]),
    setting!(RetainSecurityDays "retain_security_days" in AuditLogging Advanced, "Security entries are kept",
        "Entries of sign-ins, alerts, exports and the audit trail itself. What is older goes into a signed archive, month by month, unless a hold keeps it.",
        "Incidents come to light late, and investigators begin with who has come in. After that, names and addresses are a burden.",
        KEPT,
        field!(retain_security_days as Number),
        0 from Value::Number(None),
        [on(Sox, "802"), on(Hipaa, "164.316(b)(2)(i)"), on(PciDss, "10.5.1"), on(Gdpr, "Art. 5(1)(e)"), on(Iso27001, "A.8.15")]),
    setting!(RetainAdministrationDays "retain_administration_days" in AuditLogging Advanced, "Changes are kept",
        "Entries of changes of members, roles, groups, this policy and the organization. What somebody could do at an earlier time is known as far back as these are kept.",
        "Who has given whom which right is what auditors ask for years later.",
        KEPT,
        field!(retain_administration_days as Number),
        0 from Value::Number(None),
        [on(Sox, "802"), on(Hipaa, "164.316(b)(2)(i)"), on(PciDss, "10.5.1"), on(Iso27001, "A.5.33")]),
    setting!(RetainReadsDays "retain_reads_days" in AuditLogging Advanced, "Reads are kept",
        "Entries of who has looked at what is sensitive, where a record of these is kept at all.",
        "There are many of them, each tells what somebody was interested in, and few are ever asked for.",
        KEPT,
        field!(retain_reads_days as Number),
        0 from Value::Number(None),
        [on(Hipaa, "164.316(b)(2)(i)"), on(PciDss, "10.5.1"), on(Gdpr, "Art. 5(1)(e)"), on(Iso27001, "A.5.33")]),
    setting!(Classification "classification" in DataProtection Basic, "Classification",
        "What the data of the organization is worth. What is restricted is exported by owners alone, and only an owner lowers that.",
        "What harms many when it leaves is taken out by few.",
        Kind::Choice(&[
            offer("public", "Public", "Everybody may see it."),
            offer("internal", "Internal", "It is for the organization’s own people."),
            offer("confidential", "Confidential", "It harms somebody when others get it."),
            offer("restricted", "Restricted", "It harms many. Exports are for owners alone."),
        ]),
        field!(classification as one of [
            Classification::Public, Classification::Internal, Classification::Confidential, Classification::Restricted,
        ]),
        4 from Value::Choice(2),
        [on(Iso27001, "A.5.12"), on(Iso27001, "A.5.13"), on(PciDss, "9.4.2")]),
    setting!(Regions "regions" in DataProtection Advanced, "Regions",
        "Where this organization’s data may be, by the names that whoever runs the platform gives them. An installation elsewhere lets nobody in. Empty for anywhere.",
        "Data that must not leave a country is not served from another.",
        Kind::Names(ListOf::Regions),
        field!(regions as Names),
        0 from Value::Names(Names::NONE),
        [on(Gdpr, "Art. 44"), on(Iso27001, "A.5.34")]),
    setting!(ApiKeyMaxDays "api_key_max_days" in ApiKeys Basic, "Longest life of a key",
        "An API key works for so long after it was made, and no longer, also one that was made before. Rotating it makes it no younger.",
        "What a key may do was right when it was made. A key that ends is looked at again, and one that nobody misses is gone.",
        Kind::Number {
            unit: Unit::Days, strict: Strict::Less, least: 1, most: 730, none: None,
            marks: &[30, 60, 90, 180, 365, 730],
        },
        field!(api_key_max_days as at least one),
        4 from Value::Number(Some(365)),
        [on(PciDss, "8.6.3"), on(Iso27001, "A.5.18"), on(Hipaa, "164.308(a)(4)(ii)(C)"), on(Sox, "404")]),
    setting!(KeyRotationDays "key_rotation_days" in ApiKeys Advanced, "Rotation of keys",
        "An API key that has had the same secret for so long stops until somebody rotates it. Its page says so two weeks before.",
        "A secret that leaked without anybody’s noticing is of no use for long.",
        Kind::Number {
            unit: Unit::Days, strict: Strict::Less, least: 1, most: 730, none: Some("Not asked for"),
            marks: &[30, 60, 90, 180, 365],
        },
        field!(key_rotation_days as Number),
        3 from Value::Number(Some(180)),
        [on(PciDss, "8.6.3"), on(Iso27001, "A.5.17"), on(Iso27001, "A.8.24")]),
    setting!(ApprovalNeeded "approval_needed" in Approvals Basic, "Approval needed for",
        "Whoever wants one of these asks for it, and other owners approve: two where it takes protection away or makes an owner and there are two, else one. Where there is one owner alone it waits a day, and can be cancelled.",
        "One account that is taken over, or one bad day, does not undo what protects everybody. To need approval for less needs approval itself.",
        Kind::AnyOf(&[
            offer("policy", "Enforcing the policy", "Also rolling it back."),
            offer("roles", "Giving administering roles", "Those that manage members, roles, groups, the policy or owners. They are given to one member at a time, and neither by invitation, group or job nor by a handover. Needed with each of the others: whoever makes owners makes those who approve."),
            offer("deletion", "Deleting the organization", "Whoever runs the platform can still do it."),
            offer("exports", "Exporting the audit trail", "What is approved is one file. Whoever asked for it makes it within 24 hours."),
            offer("keys", "Keys with sensitive scopes", "Those that manage members, roles, groups, the policy or webhooks, respond to alerts or export the audit trail. Also giving a key such a scope, and having one that has it work from elsewhere or more often. A new key is created by whoever asked for it, within 24 hours."),
        ]),
        APPROVALS,
        0 from Value::Several(31),
        [on(Sox, "404"), on(Iso27001, "A.5.3"), on(PciDss, "6.5.1"), on(Hipaa, "164.308(a)(3)(ii)(A)")]),
];
