//! Reading a file of members: what each line says, or what is wrong with it.

use std::collections::{HashMap, HashSet};

use csv::{ByteRecord, ReaderBuilder};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::jobs::RowProblem;
use domain::roles::{GrantedRole, RoleBook};

/// The first columns of every file.
const COLUMNS: [&str; 3] = ["email", "name", "role"];
/// The most lines that are read.
pub(super) const LINES_MAX: u16 = 50_000;
/// The most characters that are shown of what stands in place of an address.
const SHOWN_MAX: usize = 100;
/// What some programs write at the beginning of a file in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A line of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Which one, as editors count.
    pub(super) number: i32,
    /// The address, or what stands in its place.
    pub(super) shown: String,
    /// Whom it names, and as what; or what is wrong.
    pub(super) wish: Result<(EmailAddress, GrantedRole), RowProblem>,
}

/// Reads a whole file.
///
/// # Errors
/// It is no such file: the first line has to name the columns.
pub(super) fn parse(file: &[u8], book: &RoleBook) -> Result<Vec<Line>, FieldProblem> {
    if file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff") {
        return Err(FieldProblem::NotUtf8);
    }
    let file = file.strip_prefix(BOM).unwrap_or(file);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut record = ByteRecord::new();
    let broken = |_| FieldProblem::Malformed;
    if !reader.read_byte_record(&mut record).map_err(broken)? {
        return Err(FieldProblem::Required);
    }
    let columns = head(&record)?;
    let roles = roles(book);
    let (mut lines, mut seen) = (Vec::new(), HashSet::new());
    while reader.read_byte_record(&mut record).map_err(broken)? {
        if lines.len() == usize::from(LINES_MAX) {
            return Err(FieldProblem::TooManyLines(LINES_MAX));
        }
        let mut wish = read(&record, columns, &roles);
        if let Ok((email, _)) = &wish
            && !seen.insert(email.as_str().to_owned())
        {
            wish = Err(RowProblem::Duplicate);
        }
        lines.push(Line { number: line(file, &record), shown: shown(&record, &wish), wish });
    }
    if lines.is_empty() { Err(FieldProblem::NoLines) } else { Ok(lines) }
}

/// On which line of the file a record begins. Empty lines before it are passed over with it.
fn line(file: &[u8], record: &ByteRecord) -> i32 {
    let Some(position) = record.position() else { return 0 };
    let rest = usize::try_from(position.byte()).ok().and_then(|from| file.get(from..)).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    i32::try_from(position.line())
        .ok()
        .and_then(|line| line.checked_add_unsigned(u32::try_from(empty).ok()?))
        .unwrap_or(0)
}

/// How many columns there are, of which the first are known.
fn head(record: &ByteRecord) -> Result<usize, FieldProblem> {
    let names: Vec<_> = record.iter().map(|name| String::from_utf8_lossy(name).trim().to_lowercase()).collect();
    if names.len() == 1 && names[0].contains(';') {
        return Err(FieldProblem::Semicolons);
    }
    if names.iter().take(COLUMNS.len()).eq(COLUMNS.iter()) { Ok(names.len()) } else { Err(FieldProblem::Header) }
}

fn read(
    record: &ByteRecord,
    columns: usize,
    roles: &HashMap<String, GrantedRole>,
) -> Result<(EmailAddress, GrantedRole), RowProblem> {
    let cells: Vec<_> =
        record.iter().map(std::str::from_utf8).collect::<Result<_, _>>().map_err(|_| RowProblem::Encoding)?;
    if cells.iter().any(|cell| cell.contains('\0')) {
        return Err(RowProblem::Characters);
    }
    if cells.len() != columns {
        return Err(RowProblem::Fields);
    }
    let email = EmailAddress::parse(cells[0]).map_err(|_| RowProblem::Address)?;
    let role = roles.get(&cells[2].trim().to_lowercase()).ok_or(RowProblem::UnknownRole)?;
    Ok((email, role.clone()))
}

/// The organization's roles by their codes and names, in lower case. A built-in one comes before another of its name.
fn roles(book: &RoleBook) -> HashMap<String, GrantedRole> {
    let mut roles = HashMap::new();
    for role in book.all() {
        for name in [role.code(), role.name().to_lowercase()] {
            roles.entry(name).or_insert_with(|| role.clone());
        }
    }
    roles
}

/// What a page shows of a line.
fn shown(record: &ByteRecord, wish: &Result<(EmailAddress, GrantedRole), RowProblem>) -> String {
    if let Ok((email, _)) = wish {
        return email.as_str().to_owned();
    }
    let cell = String::from_utf8_lossy(record.get(0).unwrap_or_default());
    cell.trim().chars().filter(|char| !char.is_control()).take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::roles::{Role, RoleId};

    fn parse(file: &[u8]) -> Result<Vec<Line>, FieldProblem> {
        super::parse(file, &RoleBook::default())
    }

    /// The lines of a file with this below its first line, as line, address and role or problem.
    fn lines(text: &[u8]) -> Vec<(i32, String, Result<RoleId, RowProblem>)> {
        let lines = parse(&[b"email,name,role\n", text].concat()).unwrap();
        lines.into_iter().map(|line| (line.number, line.shown, line.wish.map(|(_, role)| role.id()))).collect()
    }

    fn problems(text: &[u8]) -> Vec<Option<RowProblem>> {
        lines(text).into_iter().map(|(.., wish)| wish.err()).collect()
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        for (start, end) in [("", "\n"), ("\u{feff}", "\r\n")] {
            let file = format!(
                "{start}Email, NAME ,role{end}Ada@Acme.example,\"Lovelace, \"\"Ada\"\"{end}Countess\",Security officer{end}{end}b@acme.example,,MEMBER"
            );
            let lines = parse(file.as_bytes()).unwrap();
            let read: Vec<_> = lines.iter().map(|line| (line.number, line.shown.as_str())).collect();
            assert_eq!(read, [(2, "ada@acme.example"), (5, "b@acme.example")]);
            let roles: Vec<_> = lines.into_iter().map(|line| line.wish.unwrap().1).collect();
            assert_eq!(roles, [Role::SecurityOfficer, Role::Member]);
        }
    }

    #[test]
    fn what_this_portal_exports_is_read() {
        let lines =
            parse(b"email,name,role,status,joined\na@b.example,A,auditor,active,x\nc@d.example,C,auditor\n").unwrap();
        assert!(lines[0].wish.is_ok());
        assert_eq!(lines[1].wish, Err(RowProblem::Fields));
    }

    #[test]
    fn each_line_says_what_is_wrong_with_it() {
        use RowProblem as P;
        assert_eq!(problems(b"nobody,A,member"), [Some(P::Address)]);
        assert_eq!(problems(b"=cmd|' /C calc'!A0,A,member"), [Some(P::Address)]);
        assert_eq!(problems(b"a@b.example,A,king\na@b.example,A,"), [Some(P::UnknownRole), Some(P::UnknownRole)]);
        assert_eq!(
            problems(b"a@b.example,A\na@b.example,A,member,x\n,,"),
            [Some(P::Fields), Some(P::Fields), Some(P::Address)]
        );
        assert_eq!(problems(b"a@b.example,A,member\nA@B.example ,B,admin"), [None, Some(P::Duplicate)]);
        assert_eq!(problems(b"a@b.example,\xff\xfe,member"), [Some(P::Encoding)]);
        assert_eq!(problems(b"a@b.example,A\0,member"), [Some(P::Characters)]);
        assert_eq!(lines(b"\x1b[31m<b>\xff,A,member")[0].1, "[31m<b>\u{fffd}");
        assert_eq!(lines(&[b'x'; 5000])[0].1.len(), SHOWN_MAX);
    }

    #[test]
    fn what_is_no_such_file_is_none() {
        for (file, problem) in [
            (b"".as_slice(), FieldProblem::Required),
            (b"email,name,role".as_slice(), FieldProblem::NoLines),
            (b"name,email,role\n".as_slice(), FieldProblem::Header),
            (b"a@b.example,A,member\n".as_slice(), FieldProblem::Header),
            (b"email;name;role\na@b.example;A;member".as_slice(), FieldProblem::Semicolons),
            (b"\xff\xfee\0m\0a\0i\0l\0".as_slice(), FieldProblem::NotUtf8),
            (b"PK\x03\x04".as_slice(), FieldProblem::Header),
        ] {
            assert_eq!(parse(file), Err(problem), "{}", String::from_utf8_lossy(file));
        }
        let long = "email,name,role\n".to_owned() + &"x,y,z\n".repeat(50_001);
        assert_eq!(parse(long.as_bytes()), Err(FieldProblem::TooManyLines(LINES_MAX)));
    }
}
