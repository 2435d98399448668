//! Files in CSV (RFC 4180) that people open in spreadsheets.
//!
//! Spreadsheets take a cell that begins with certain characters for a formula: those get an apostrophe in front (OWASP,
//! "CSV Injection").

use csv::{Terminator, WriterBuilder};

use crate::error::Error;

/// What a spreadsheet takes for the beginning of a formula, also in the wide forms of East Asian scripts.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Lines of cells, which are written as they are.
pub(crate) fn write<const N: usize>(records: impl IntoIterator<Item = [String; N]>) -> Result<String, Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(Error::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}

/// A cell in which nothing begins a formula: neither the cell nor what a spreadsheet makes a cell of its own that divides
/// cells by semicolons or tabs, as those of many countries do.
pub(crate) fn harmless(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut begins = true;
    for char in cell.chars() {
        if begins && FORMULA.contains(&char) {
            text.push('\'');
        }
        text.push(char);
        begins = matches!(char, ';' | '\t' | '\n' | '\r');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"] {
            assert_eq!(harmless(cell).replacen('\'', "", 1), cell);
            assert!(harmless(cell).starts_with('\''));
        }
        assert_eq!(harmless("x;=cmd;+1;y"), "x;'=cmd;'+1;y");
        assert_eq!(harmless("x\n=cmd"), "x\n'=cmd");
        for cell in ["", "Ada", "a=b", "'=1", " =1"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn what_divides_cells_and_lines_is_quoted() {
        let line = write([["a,b", "say \"hi\"", "two\nlines", "plain"].map(str::to_owned)]).expect("a line");
        assert_eq!(line, "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",plain\r\n");
    }
}
