//! Base64 of 32 bytes, of which an export has one for each value: quicker than for any length.

/// What each sign stands for, by its place in a group of four: six of 24 bits, and one above them for what is no sign.
const SIXTHS: [[u32; 256]; 4] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut sixths, mut place) = ([[NONE; 256]; 4], 0_usize);
    // Loops by number, because iterators cannot run in a constant.
    while place < 4 {
        let mut sixth = 0;
        while sixth < 64 {
            sixths[place][alphabet[sixth as usize] as usize] = sixth << (18 - 6 * place);
            sixth += 1;
        }
        place += 1;
    }
    sixths
};
const NONE: u32 = 1 << 24;

/// The bytes, if this is the only way to write them.
pub(super) fn decode(text: &[u8; 44]) -> Option<[u8; 32]> {
    let mut text = *text;
    // The padding stands for bits that are zero, and so do those before it that are too many.
    let is_padded = std::mem::replace(&mut text[43], b'A') == b'=';
    let (mut bytes, mut all) = ([0; 34], 0);
    for (at, group) in text.as_chunks::<4>().0.iter().enumerate() {
        let [a, b, c, d] = group.map(usize::from);
        let bits = SIXTHS[0][a] | SIXTHS[1][b] | SIXTHS[2][c] | SIXTHS[3][d];
        all |= bits;
        // Three bytes, and one that the next group writes over: one piece is quicker than three.
        bytes[3 * at..3 * at + 4].copy_from_slice(&(bits << 8).to_be_bytes());
    }
    match bytes.split_first_chunk() {
        Some((bytes, [0, _])) if is_padded && all < NONE => Some(*bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_else(bytes: [u8; 32], at in 0_usize..44, sign: u8) {
            let mut text: [u8; 44] = BASE64_STANDARD.encode(bytes).into_bytes().try_into().unwrap();
            prop_assert_eq!(decode(&text), Some(bytes));
            text[at] = sign;
            let expected = BASE64_STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
            prop_assert_eq!(decode(&text), expected);
        }
    }
}
