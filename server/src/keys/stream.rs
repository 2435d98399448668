//! Sealing what is longer than memory: segment by segment, so that none can be altered, left out, put elsewhere or cut off
//! at the end without being noticed.
//!
//! It is AES-GCM-HKDF streaming as [Tink] defines it, with keys of 256 bits, SHA-256 and segments of 1 MiB, after the
//! nonce-based online encryption of Hoang, Reyhanitabar, Rogaway and Vizár ([2015/189]): each stream has a key of its own,
//! made of the given one, a salt and the associated data; a segment's nonce is a prefix of the stream's, its number, and
//! whether it is the last one.
//!
//! [Tink]: https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming
//! [2015/189]: https://eprint.iacr.org/2015/189

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::master::{LENGTH, derive};
use super::{OpenError, SealingKey};
use crate::edges::{Randomness, RandomnessExt};

/// The length of a sealed segment in bytes. The header counts as a part of the first one.
pub(crate) const SEGMENT: usize = 1 << 20;
/// The length of the header in bytes.
pub(crate) const HEADER: usize = 1 + LENGTH + PREFIX;

/// The part of a nonce that is the stream's: number and mark come behind it.
const PREFIX: usize = NONCE_LEN - 5;
const TAG: usize = 16;

/// The segments of one stream, in order.
pub(crate) struct Segments {
    cipher: LessSafeKey,
    prefix: [u8; PREFIX],
    /// How many were sealed or opened.
    done: u32,
}

impl Segments {
    /// Those of a new stream, and its header.
    pub(crate) fn begin(key: &SealingKey, associated: &[u8], randomness: &dyn Randomness) -> (Self, [u8; HEADER]) {
        let mut header = [0; HEADER];
        header[0] = u8::try_from(HEADER).unwrap_or_default();
        header[1..].copy_from_slice(&randomness.bytes::<{ HEADER - 1 }>());
        (Self::of(key, associated, &header), header)
    }

    /// Those of a stream that begins with this header.
    ///
    /// # Errors
    /// It is no header.
    pub(crate) fn open(key: &SealingKey, associated: &[u8], header: &[u8; HEADER]) -> Result<Self, OpenError> {
        if usize::from(header[0]) == HEADER { Ok(Self::of(key, associated, header)) } else { Err(OpenError) }
    }

    fn of(key: &SealingKey, associated: &[u8], header: &[u8; HEADER]) -> Self {
        let (salt, nonces) = header[1..].split_at(LENGTH);
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(nonces);
        let secret = derive(key.secret(), salt, &[associated]);
        let unbound = UnboundKey::new(&AES_256_GCM, secret.as_slice());
        let cipher = LessSafeKey::new(unbound.expect("a key of AES-256 is 32 bytes, and so is this"));
        Self { cipher, prefix, done: 0 }
    }

    /// The length of the next segment when it is sealed, unless it is the last one, which may be shorter.
    pub(crate) fn sealed_length(&self) -> usize {
        if self.done == 0 { SEGMENT - HEADER } else { SEGMENT }
    }

    /// How much the next segment holds.
    pub(crate) fn room(&self) -> usize {
        self.sealed_length() - TAG
    }

    /// Seals the next segment, in its place.
    ///
    /// # Errors
    /// There were 2^32 before it.
    pub(crate) fn seal(&mut self, segment: &mut Vec<u8>, is_last: bool) -> Result<(), OpenError> {
        let nonce = self.next_nonce(is_last)?;
        let tag = self.cipher.seal_in_place_separate_tag(nonce, Aad::empty(), segment).map_err(|_| OpenError)?;
        segment.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens the next segment, in its place.
    ///
    /// # Errors
    /// It is not the next one of this stream as it was sealed, or the last one without being that.
    pub(crate) fn open_next(&mut self, segment: &mut Vec<u8>, is_last: bool) -> Result<(), OpenError> {
        let nonce = self.next_nonce(is_last)?;
        let length = self.cipher.open_in_place(nonce, Aad::empty(), segment).map_err(|_| OpenError)?.len();
        segment.truncate(length);
        Ok(())
    }

    fn next_nonce(&mut self, is_last: bool) -> Result<Nonce, OpenError> {
        let mut nonce = [0; NONCE_LEN];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..NONCE_LEN - 1].copy_from_slice(&self.done.to_be_bytes());
        nonce[NONCE_LEN - 1] = u8::from(is_last);
        self.done = self.done.checked_add(1).ok_or(OpenError)?;
        Ok(Nonce::assume_unique_for_key(nonce))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edges::SystemRandomness;

    fn sealed(key: &SealingKey, segments: &[&[u8]]) -> ([u8; HEADER], Vec<Vec<u8>>) {
        let (mut stream, header) = Segments::begin(key, b"about", &SystemRandomness);
        let sealed = segments.iter().enumerate().map(|(at, segment)| {
            let mut segment = segment.to_vec();
            stream.seal(&mut segment, at + 1 == segments.len()).unwrap();
            segment
        });
        (header, sealed.collect())
    }

    fn opened(key: &SealingKey, header: &[u8; HEADER], segments: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, OpenError> {
        let mut stream = Segments::open(key, b"about", header)?;
        let open = |(at, segment): (usize, &Vec<u8>)| {
            let mut segment = segment.clone();
            stream.open_next(&mut segment, at + 1 == segments.len())?;
            Ok(segment)
        };
        segments.iter().enumerate().map(open).collect()
    }

    fn key() -> SealingKey {
        SealingKey::generate(&SystemRandomness)
    }

    #[test]
    fn what_was_sealed_opens_in_order() {
        let key = key();
        let cases: [&[&[u8]]; 3] = [&[b""], &[b"one"], &[b"one", b"two", b""]];
        for segments in cases {
            let (header, sealed) = sealed(&key, segments);
            assert_eq!(opened(&key, &header, &sealed).unwrap(), segments);
        }
    }

    #[test]
    fn nothing_is_left_out_moved_or_cut_off() {
        let key = key();
        let (header, sealed) = sealed(&key, &[b"one", b"two", b"three"]);
        let [one, two, three] = [0, 1, 2].map(|at| sealed[at].clone());
        for other in [
            vec![one.clone(), two.clone()],
            vec![one.clone()],
            vec![two.clone(), three.clone()],
            vec![one.clone(), three.clone()],
            vec![two.clone(), one.clone(), three.clone()],
            vec![one.clone(), two.clone(), three.clone(), three.clone()],
        ] {
            assert!(opened(&key, &header, &other).is_err());
        }
    }

    #[test]
    fn every_bit_counts_also_of_the_header_and_what_it_is_about() {
        let key = key();
        let (header, sealed) = sealed(&key, &[b"one", b"two"]);
        for bit in 0..HEADER * 8 {
            let mut flipped = header;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(opened(&key, &flipped, &sealed).is_err(), "bit {bit} of the header");
        }
        for (at, segment) in sealed.iter().enumerate() {
            for bit in 0..segment.len() * 8 {
                let mut flipped = sealed.clone();
                flipped[at][bit / 8] ^= 1 << (bit % 8);
                assert!(opened(&key, &header, &flipped).is_err(), "bit {bit} of segment {at}");
            }
        }
        assert!(Segments::open(&key, b"else", &header).unwrap().open_next(&mut sealed[0].clone(), false).is_err());
        assert!(opened(&self::key(), &header, &sealed).is_err());
    }
}
