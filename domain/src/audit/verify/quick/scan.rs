//! Following canonical JSON byte by byte.

use super::base64;

/// What is left of a line that is followed from its beginning. Nothing is returned, and no more asked, where it is not as
/// expected.
pub(super) struct Scan<'a>(&'a [u8]);

impl<'a> Scan<'a> {
    pub fn new(line: &'a [u8]) -> Self {
        Self(line)
    }

    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Goes on behind this text, which has to be next.
    #[inline]
    pub fn skip(&mut self, text: &str) -> Option<()> {
        self.skip_bytes(text.as_bytes())
    }

    #[inline]
    pub fn skip_bytes(&mut self, bytes: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(bytes)?;
        Some(())
    }

    /// Goes on behind this text, if it is next.
    #[inline]
    pub fn skips(&mut self, text: &str) -> bool {
        self.skip(text).is_some()
    }

    /// Goes on behind this member's name, if it is next: with a comma before it, unless it is the first.
    pub fn begins(&mut self, name: &str, is_first: bool) -> bool {
        let at = if is_first { Some(self.0) } else { self.0.strip_prefix(b",") };
        match at.and_then(|at| at.strip_prefix(name.as_bytes())) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Goes on behind whichever of these is next.
    pub fn one_of(&mut self, texts: &[&str]) -> Option<()> {
        texts.iter().any(|text| self.skips(text)).then_some(())
    }

    /// So many bytes.
    #[inline]
    pub fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    /// The rest of a string behind its first quotation mark, as it is written, and goes on behind the last.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let (mut end, mut high) = (0, 0);
        loop {
            end += special(&self.0[end..], &mut high)?;
            match self.0[end] {
                b'"' => return self.end_string(end, high),
                b'\\' => end += escape(&self.0[end..])?,
                _ => return None,
            }
        }
    }

    /// As [`Scan::string`], for one that reads as it is written.
    pub fn plain_string(&mut self) -> Option<&'a [u8]> {
        let mut high = 0;
        let end = special(self.0, &mut high)?;
        if self.0[end] == b'"' { self.end_string(end, high) } else { None }
    }

    /// Goes on behind the quotation mark at this place. Letters beyond ASCII have a high bit in their bytes.
    fn end_string(&mut self, end: usize, high: u64) -> Option<&'a [u8]> {
        let (string, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        (high & HIGH == 0 || str::from_utf8(string).is_ok()).then_some(string)
    }

    /// The 32 bytes that a Base64 text stands for, if it is the only way to write them.
    pub fn base64(&mut self) -> Option<[u8; 32]> {
        base64::decode(self.take()?)
    }

    /// A whole number.
    pub fn number(&mut self) -> Option<u64> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        // Below 2^63 it cannot overflow.
        let is_short = (1..=18).contains(&digits) && (digits == 1 || number[0] != b'0');
        is_short.then(|| number.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    }

    /// The id of an account, without quotation marks.
    pub fn uuid(&mut self) -> Option<()> {
        const FORM: &[u8; 36] = b"00000000-0000-0000-0000-000000000000";
        let id = self.take::<36>()?;
        fits(id, FORM, is_hex_digit).then_some(())
    }

    /// A point in time, as [`crate::audit::instant`] writes it, behind its first quotation mark and with the last.
    pub fn instant(&mut self) -> Option<()> {
        const FORM: &[u8; 28] = b"0000-00-00T00:00:00.000000Z\"";
        let text = self.take::<28>()?;
        fits(text, FORM, |byte| byte.is_ascii_digit()).then_some(())?;
        let two = |at: usize| (text[at] - b'0') * 10 + (text[at + 1] - b'0');
        let (century, year, month, day) = (two(0), two(2), two(5), two(8));
        let is_leap = if year == 0 { century.is_multiple_of(4) } else { year.is_multiple_of(4) };
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1..=days).contains(&day) && two(11) < 24 && two(14) < 60 && two(17) < 60).then_some(())
    }
}

/// How many bytes an escape has that is the only way to write its sign.
fn escape(text: &[u8]) -> Option<usize> {
    match text {
        [_, b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [_, b'u', b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f', ..]
        | [_, b'u', b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f', ..] => Some(6),
        _ => None,
    }
}

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// Where the first byte is that ends a string or cannot stand in one: eight at a time. The bits of all bytes on the way
/// are added to `high`.
#[inline]
fn special(text: &[u8], high: &mut u64) -> Option<usize> {
    // The high bit of each byte below this limit, from the first on until one is found.
    let below = |bytes: u64, limit: u64| bytes.wrapping_sub(ONES * limit) & !bytes & HIGH;
    let (eights, rest) = text.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let quote = below(eight ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(eight ^ (ONES * u64::from(b'\\')), 1);
        let found = below(eight, 0x20) | quote | backslash;
        if found != 0 {
            let bits = found.trailing_zeros();
            *high |= eight & ((1 << bits) - 1);
            return Some(at * 8 + bits as usize / 8);
        }
        *high |= eight;
    }
    let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))?;
    // Seldom: the line ends here.
    *high |= HIGH;
    Some(text.len() - rest.len() + at)
}

/// Whether a text has this form, with such a sign in place of each zero. It looks at all of them: that is quicker than to
/// ask at each whether to go on.
fn fits<const N: usize>(text: &[u8; N], form: &[u8; N], is_sign: impl Fn(u8) -> bool) -> bool {
    let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { is_sign(*byte) } else { byte == form };
    text.iter().zip(form).map(fits).fold(true, |all, fits| all & fits)
}

fn is_hex_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10 || byte.wrapping_sub(b'a') < 6
}

/// Whether this is a hash as it is written.
pub(super) fn is_hex(text: &[u8; 64]) -> bool {
    fits(text, &[b'0'; 64], is_hex_digit)
}
