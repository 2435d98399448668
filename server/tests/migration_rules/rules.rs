//! The rules, and which of them a migration breaks.

use std::collections::HashSet;

use crate::statements::statements;

/// What a migration does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Write every row of a table anew.
    Rewrite,
    /// Look at every row while nobody uses the table.
    Scan,
    /// Build an index on a table that has rows.
    Index,
    /// Ask of rows that are there what they may not fulfil.
    NotNull,
    /// Change rows that are there.
    Rows,
    /// Give rows values that are different each time.
    Volatile,
    /// Take away what a program that runs still uses.
    Contract,
    /// Make a table without a primary key.
    NoKey,
    /// Number rows by a sequence.
    Serial,
    /// Make a type.
    Type,
    /// Have code run in the database.
    Code,
    /// Name a schema.
    Schema,
    /// Leave the transaction, or what nobody has thought of.
    Transaction,
}

impl Rule {
    /// Why that is a rule, and what to do instead.
    pub fn why(self) -> &'static str {
        match self {
            Self::Rewrite => {
                "the table is rewritten and locked; add a column that may be empty, and have the program fill it"
            }
            Self::Scan => {
                "the table is locked while it is read; add it NOT VALID, and validate it in a later migration"
            }
            Self::Index => "nobody writes to the table until the index is built; name the table as small, or say why",
            Self::NotNull => {
                "the table is read while it is locked, or the column cannot be added; add a valid check first"
            }
            Self::Rows => {
                "rows stay locked until the transaction ends; have the program change them, or say why they are few"
            }
            Self::Volatile => "what was done cannot be told from what was not; give the value a name",
            Self::Contract => {
                "the program before this one uses it; stop using it first, and take it away a release later"
            }
            Self::NoKey => "rows without a primary key cannot be told apart, nor be replicated or moved",
            Self::Serial => "a sequence is no part of its table; use GENERATED ALWAYS AS IDENTITY",
            Self::Type => "types of an organization's own make plans and dumps its own; use text with a check",
            Self::Code => "what the database does by itself nobody sees in the program",
            Self::Schema => "statements find their schema by the search path, and nothing refers from one into another",
            Self::Transaction => "a migration is a part of a transaction, with its version",
        }
    }
}

/// A rule that is broken, and at which table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub rule: Rule,
    pub table: String,
}

/// Functions that give something else each time.
const VOLATILE: [&str; 7] =
    ["random", "gen_random_uuid", "clock_timestamp", "timeofday", "nextval", "uuidv4", "uuidv7"];
const SERIAL: [&str; 3] = ["serial", "bigserial", "smallserial"];
/// Words behind a column's default.
const BEHIND_DEFAULT: [&str; 8] = ["not", "null", "check", "constraint", "references", "unique", "primary", "collate"];

/// Which rules the statements of a migration break, each once for a table. A table that they make is nobody's yet.
pub fn broken(sql: &str) -> Vec<Broken> {
    let mut made = HashSet::new();
    let mut found: Vec<Broken> = Vec::new();
    for statement in statements(sql) {
        let words: Vec<&str> = statement.iter().map(String::as_str).collect();
        let (table, mut rules) = of_statement(&words, &mut made);
        if has(&words, &["$"]) {
            rules.push(Rule::Code);
        }
        if SERIAL.iter().any(|serial| words.contains(serial)) {
            rules.push(Rule::Serial);
        }
        if words.windows(3).any(|of| of[0] == "references" && of[2] == ".") {
            rules.push(Rule::Schema);
        }
        if words.starts_with(&["alter", "table"]) && has(&words, &["primary", "key"]) {
            // One that was made without columns, say.
            found.retain(|broken| broken.rule != Rule::NoKey || broken.table != table);
        }
        for rule in rules {
            let broken = Broken { rule, table: table.clone() };
            if !found.contains(&broken) {
                found.push(broken);
            }
        }
    }
    found
}

fn of_statement(words: &[&str], made: &mut HashSet<String>) -> (String, Vec<Rule>) {
    let named = |table: &&str| (*table).to_owned();
    match words {
        ["create", rest @ ..] => creation(rest, made),
        ["alter", "table", rest @ ..] => {
            let rest = without(without(rest, &["if", "exists"]), &["only"]);
            let table = rest.first().map(named).unwrap_or_default();
            let actions = actions(rest.get(1..).unwrap_or_default());
            let is_new = made.contains(&table);
            (table, actions.into_iter().filter(|_| !is_new).flat_map(action).collect())
        }
        ["drop", "index", ..] | ["grant" | "comment", ..] | ["insert", "into", ..] => (String::new(), Vec::new()),
        ["revoke", .., table, "from", _] | ["drop" | "truncate", .., table] => (named(table), vec![Rule::Contract]),
        ["update", table, ..] | ["delete", "from", table, ..] => {
            let mut rules = Vec::new();
            if !made.contains(*table) {
                rules.push(Rule::Rows);
            }
            if VOLATILE.iter().any(|function| words.contains(function)) {
                rules.push(Rule::Volatile);
            }
            (named(table), rules)
        }
        _ => (String::new(), vec![Rule::Transaction]),
    }
}

fn creation(rest: &[&str], made: &mut HashSet<String>) -> (String, Vec<Rule>) {
    match rest {
        ["table", rest @ ..] => {
            let rest = without(rest, &["if", "not", "exists"]);
            let table = rest.first().copied().unwrap_or_default().to_owned();
            let mut rules = Vec::new();
            if rest.get(1) == Some(&".") {
                rules.push(Rule::Schema);
            }
            if !has(rest, &["primary", "key"]) {
                rules.push(Rule::NoKey);
            }
            made.insert(table.clone());
            (table, rules)
        }
        ["index", rest @ ..] | ["unique", "index", rest @ ..] => {
            let on = rest.iter().position(|word| *word == "on").map_or(rest.len(), |at| at + 1);
            let table = without(&rest[on..], &["only"]).first().copied().unwrap_or_default();
            let mut rules = Vec::new();
            if rest.contains(&"concurrently") {
                rules.push(Rule::Transaction);
            }
            if !made.contains(table) {
                rules.push(Rule::Index);
            }
            (table.to_owned(), rules)
        }
        ["type" | "domain", ..] => (String::new(), vec![Rule::Type]),
        ["sequence", ..] => (String::new(), vec![Rule::Serial]),
        _ => (String::new(), vec![Rule::Code]),
    }
}

/// What one part of an `ALTER TABLE` breaks.
fn action(words: Vec<&str>) -> Vec<Rule> {
    match words.as_slice() {
        ["add", "constraint", _, rest @ ..] => constraint(rest),
        ["add", "check" | "foreign" | "unique" | "primary" | "exclude", ..] => constraint(&words[1..]),
        ["add", "column", rest @ ..] | ["add", rest @ ..] => column(rest),
        ["alter", "column", _, rest @ ..] | ["alter", _, rest @ ..] => match rest {
            ["type", ..] | ["set", "data", "type", ..] => vec![Rule::Rewrite],
            ["set", "not", "null"] => vec![Rule::NotNull],
            ["set", "default" | "storage", ..] | ["drop", "not", "null"] => Vec::new(),
            _ => vec![Rule::Contract],
        },
        ["drop" | "validate", "constraint", ..] | ["set", "(", ..] => Vec::new(),
        ["drop" | "rename", ..] => vec![Rule::Contract],
        _ => vec![Rule::Rewrite],
    }
}

/// A column that is added to a table with rows: without a default, or with one that is the same for all of them, it is
/// there at once.
fn column(words: &[&str]) -> Vec<Rule> {
    let mut rules = Vec::new();
    let default = words.iter().position(|word| *word == "default").map(|at| &words[at + 1..]);
    let is_called = |of: &[&str]| of[1] == "(" && of[0].starts_with(char::is_alphabetic) && of[0] != "now";
    let calls = default.is_some_and(|behind| {
        let end = behind.iter().position(|word| BEHIND_DEFAULT.contains(word)).unwrap_or(behind.len());
        behind[..end].windows(2).any(is_called)
    });
    if calls || words.contains(&"generated") {
        rules.push(Rule::Rewrite);
    }
    if words.contains(&"check") || words.contains(&"references") && default.is_some() {
        rules.push(Rule::Scan);
    }
    if words.contains(&"unique") || has(words, &["primary", "key"]) {
        rules.push(Rule::Index);
    }
    if has(words, &["not", "null"]) && default.is_none() {
        rules.push(Rule::NotNull);
    }
    rules
}

fn constraint(words: &[&str]) -> Vec<Rule> {
    match words {
        ["check" | "foreign", .., "not", "valid"] => Vec::new(),
        ["check" | "foreign", ..] => vec![Rule::Scan],
        _ if has(words, &["using", "index"]) => Vec::new(),
        _ => vec![Rule::Index],
    }
}

/// The parts of an `ALTER TABLE`, between the commas that are in no brackets.
fn actions<'a>(words: &[&'a str]) -> Vec<Vec<&'a str>> {
    let (mut parts, mut depth) = (vec![Vec::new()], 0);
    for word in words {
        match *word {
            "," if depth == 0 => {
                parts.push(Vec::new());
                continue;
            }
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        parts.last_mut().expect("there is always one").push(*word);
    }
    parts
}

fn without<'a, 'b>(words: &'a [&'b str], begin: &[&str]) -> &'a [&'b str] {
    if words.starts_with(begin) { &words[begin.len()..] } else { words }
}

fn has(words: &[&str], some: &[&str]) -> bool {
    words.windows(some.len()).any(|of| of == some)
}
