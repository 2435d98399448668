//! What keeps people out, in words.

/// Why somebody was kept out, by the rule that said so.
pub(super) fn kept_out(rule: &str) -> &'static str {
    match rule {
        "networks" => "was kept out: not from an allowed network",
        "regions" => "was kept out: the data is not to be where this installation has it",
        "sessions_per_person" => "was kept out: too many sessions of theirs",
        "sessions_in_organization" => "was kept out: too many sessions at a time",
        "rate_limit" => "was held back: too many requests",
        _ => "was kept out",
    }
}
