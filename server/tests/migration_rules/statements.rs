//! SQL, as far as the rules have to read it.

/// The statements of a migration, each as its words, numbers, texts and signs, in lower case. A text keeps its quotes, and
/// comments are left out.
pub fn statements(sql: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let is_comment = rest.starts_with("--") || rest.starts_with("/*");
        let (token, behind) = rest.split_at(length(rest, first));
        rest = behind;
        if first == ';' {
            all.push(Vec::new());
        } else if !is_comment && !first.is_whitespace() {
            all.last_mut().expect("there is always one").push(token.to_lowercase());
        }
    }
    all.retain(|statement| !statement.is_empty());
    all
}

/// How long the first thing is.
fn length(rest: &str, first: char) -> usize {
    let until = |end: Option<usize>| end.unwrap_or(rest.len());
    match first {
        '-' if rest.starts_with("--") => until(rest.find('\n')),
        '/' if rest.starts_with("/*") => until(rest.find("*/").map(|end| end + 2)),
        '\'' | '"' => quoted(rest, first),
        _ if is_of_word(first) => until(rest.find(|c: char| !is_of_word(c))),
        _ => first.len_utf8(),
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of what stands in quotes. Two of them are one that belongs to it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut end = 1;
    while let Some(at) = rest[end..].find(quote) {
        end += at + 1;
        if !rest[end..].starts_with(quote) {
            return end;
        }
        end += 1;
    }
    rest.len()
}

#[test]
fn statements_end_where_they_do() {
    let sql = "-- One; not two.\nCREATE TABLE a (b text DEFAULT 'x;''y' /* ; */);\n\nDROP TABLE a";
    let read: Vec<_> = statements(sql).iter().map(|words| words.join(" ")).collect();
    assert_eq!(read, ["create table a ( b text default 'x;''y' )", "drop table a"]);
}
