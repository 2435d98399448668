//! The file: a line that says what it is, a salt, and frames sealed as one stream under the key that the passphrase is with
//! that salt. A frame is its kind, its length in four bytes, and so many bytes.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::CarryError;
use crate::edges::{Randomness, RandomnessExt};
use crate::keys::{HEADER, Passphrase, SALT, SEGMENT, Segments};

/// What every version begins with.
const NAME: &[u8] = b"portcullis-organization/";
/// The version that is written.
const VERSION: &[u8] = b"1\n";
/// What comes before the sealed stream, which is about it.
const HEAD: usize = NAME.len() + VERSION.len() + SALT;
/// No frame is larger. Rows come in small ones; a header has the hashes of every API key.
const FRAME_MAX: usize = 64 << 20;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// What the file is of. The first frame.
    Header = b'H',
    /// The name of the table that the rows behind it belong to.
    Table = b'T',
    /// Some of a table's rows, as text: a row may begin in one frame and end in the next.
    Rows = b'R',
    /// What all tables came to. The last frame.
    Manifest = b'M',
}

impl Kind {
    const ALL: [Self; 4] = [Self::Header, Self::Table, Self::Rows, Self::Manifest];

    const fn code(self) -> u8 {
        self as u8
    }
}

/// A frame that was opened.
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// Writes frames.
pub(super) struct Writer<W> {
    to: W,
    segments: Segments,
    /// What the next segment holds so far.
    pending: Vec<u8>,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// Begins a file.
    pub(super) async fn begin(
        mut to: W,
        passphrase: &Passphrase,
        randomness: &dyn Randomness,
    ) -> Result<Self, CarryError> {
        let salt: [u8; SALT] = randomness.bytes();
        let head = [NAME, VERSION, &salt].concat();
        let (segments, header) = Segments::begin(&passphrase.key(salt).await?, &head, randomness);
        to.write_all(&[head.as_slice(), &header].concat()).await.map_err(CarryError::Write)?;
        Ok(Self { to, segments, pending: Vec::with_capacity(SEGMENT) })
    }

    /// Adds a frame.
    pub(super) async fn add(&mut self, kind: Kind, bytes: &[u8]) -> Result<(), CarryError> {
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= FRAME_MAX);
        let length = length.ok_or_else(|| CarryError::Inconsistent("there is too much in one piece".to_owned()))?;
        self.write(&[kind.code()]).await?;
        self.write(&length.to_be_bytes()).await?;
        self.write(bytes).await
    }

    /// Ends the file.
    pub(super) async fn finish(mut self) -> Result<(), CarryError> {
        self.seal(true).await?;
        self.to.flush().await.map_err(CarryError::Write)
    }

    /// A segment is sealed when there is more to come, so that the last one is known to be that.
    async fn write(&mut self, mut bytes: &[u8]) -> Result<(), CarryError> {
        while !bytes.is_empty() {
            if self.pending.len() == self.segments.room() {
                self.seal(false).await?;
            }
            let room = self.segments.room() - self.pending.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    async fn seal(&mut self, is_last: bool) -> Result<(), CarryError> {
        let too_long = |_| CarryError::Inconsistent("there is too much for one file".to_owned());
        self.segments.seal(&mut self.pending, is_last).map_err(too_long)?;
        self.to.write_all(&self.pending).await.map_err(CarryError::Write)?;
        self.pending.clear();
        Ok(())
    }
}

/// Reads frames.
pub(super) struct Reader<R> {
    from: R,
    segments: Segments,
    /// The segment that was opened, and how far it was read.
    opened: Zeroizing<Vec<u8>>,
    position: usize,
    /// The one behind it, as it was sealed.
    next: Vec<u8>,
    /// How many were opened.
    count: u32,
    is_over: bool,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// Begins with the first frame of a file.
    pub(super) async fn begin(mut from: R, passphrase: &Passphrase) -> Result<Self, CarryError> {
        let head = read(&mut from, HEAD).await?;
        let behind = head.strip_prefix(NAME).ok_or(CarryError::Foreign)?;
        let salt = behind.strip_prefix(VERSION).ok_or(CarryError::Format)?;
        let salt: [u8; SALT] = salt.try_into().map_err(|_| CarryError::Closed)?;
        let header = read(&mut from, HEADER).await?;
        let header: [u8; HEADER] = header.as_slice().try_into().map_err(|_| CarryError::Closed)?;
        let key = passphrase.key(salt).await?;
        let segments = Segments::open(&key, &head, &header).map_err(|_| CarryError::Closed)?;
        let next = read(&mut from, segments.sealed_length()).await?;
        let opened = Zeroizing::default();
        Ok(Self { from, segments, opened, position: 0, next, count: 0, is_over: false })
    }

    /// The next frame.
    pub(super) async fn next(&mut self) -> Result<Frame, CarryError> {
        let [code, length @ ..] = self.array::<5>().await?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.code() == code);
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let Some(kind) = kind.filter(|_| length <= FRAME_MAX) else {
            return Err(CarryError::Inconsistent("a frame is none".to_owned()));
        };
        let mut bytes = Zeroizing::new(vec![0; length]);
        self.fill(&mut bytes).await?;
        Ok(Frame { kind, bytes })
    }

    /// Goes on only where nothing is behind what was read.
    pub(super) async fn end(&mut self) -> Result<(), CarryError> {
        loop {
            if self.position < self.opened.len() {
                return Err(CarryError::Inconsistent("there is something behind its end".to_owned()));
            }
            if !self.open_next().await? {
                return Ok(());
            }
        }
    }

    async fn array<const N: usize>(&mut self) -> Result<[u8; N], CarryError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes).await?;
        Ok(bytes)
    }

    async fn fill(&mut self, mut bytes: &mut [u8]) -> Result<(), CarryError> {
        while !bytes.is_empty() {
            if self.position == self.opened.len() && !self.open_next().await? {
                return Err(CarryError::Inconsistent("it ends too early".to_owned()));
            }
            let here = &self.opened[self.position..];
            let length = here.len().min(bytes.len());
            let (now, later) = bytes.split_at_mut(length);
            now.copy_from_slice(&here[..length]);
            self.position += length;
            bytes = later;
        }
        Ok(())
    }

    /// Opens the next segment: false, when there was none behind the last one. It is the last one if the file ends with it.
    async fn open_next(&mut self) -> Result<bool, CarryError> {
        if self.is_over {
            return Ok(false);
        }
        let mut segment = std::mem::take(&mut self.next);
        if segment.len() == self.segments.sealed_length() {
            self.next = read(&mut self.from, SEGMENT).await?;
        }
        self.is_over = self.next.is_empty();
        let altered = |_| if self.count == 0 { CarryError::Closed } else { CarryError::Altered(self.count) };
        self.segments.open_next(&mut segment, self.is_over).map_err(altered)?;
        self.count += 1;
        (self.opened, self.position) = (Zeroizing::new(segment), 0);
        Ok(true)
    }
}

/// So many bytes; fewer where the file ends.
async fn read(from: &mut (impl AsyncRead + Unpin), length: usize) -> Result<Vec<u8>, CarryError> {
    let mut bytes = Vec::with_capacity(length);
    from.take(length as u64).read_to_end(&mut bytes).await.map_err(CarryError::Read)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edges::SystemRandomness;

    fn passphrase() -> Passphrase {
        Passphrase::parse("correct horse battery").unwrap()
    }

    async fn written(frames: &[(Kind, Vec<u8>)]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut writer = Writer::begin(&mut file, &passphrase(), &SystemRandomness).await.unwrap();
        for (kind, bytes) in frames {
            writer.add(*kind, bytes).await.unwrap();
        }
        writer.finish().await.unwrap();
        file
    }

    async fn read_back(file: &[u8], frames: usize) -> Result<Vec<(Kind, Vec<u8>)>, CarryError> {
        let mut reader = Reader::begin(file, &passphrase()).await?;
        let mut read = Vec::new();
        for _ in 0..frames {
            let Frame { kind, bytes } = reader.next().await?;
            read.push((kind, bytes.to_vec()));
        }
        reader.end().await?;
        Ok(read)
    }

    #[tokio::test]
    async fn frames_of_every_size_come_back() {
        // One that ends where the first segment does, and some over several.
        let lengths = [0, 1, SEGMENT - HEADER - 16 - 3 * 5 - 1, 3 * SEGMENT, 7];
        let frames: Vec<_> = lengths.map(|length| (Kind::Rows, vec![7; length])).into();
        for count in [0, 3, frames.len()] {
            let file = written(&frames[..count]).await;
            assert_eq!(read_back(&file, count).await.unwrap(), frames[..count]);
            assert!(read_back(&file, count + 1).await.is_err(), "there are no more");
            assert!(count == 0 || read_back(&file, count - 1).await.is_err(), "there is one more");
        }
    }

    #[tokio::test]
    async fn what_is_cut_off_between_segments_is_noticed() {
        let file = written(&[(Kind::Rows, vec![7; 3 * SEGMENT])]).await;
        for segments in 1..=3 {
            let cut = HEAD + segments * SEGMENT;
            assert!(matches!(read_back(&file[..cut], 1).await, Err(CarryError::Altered(_) | CarryError::Closed)));
        }
    }

    #[tokio::test]
    async fn other_files_and_later_formats_are_told_apart() {
        let file = written(&[]).await;
        let mut later = file.clone();
        later[NAME.len()] = b'2';
        assert!(matches!(read_back(b"PK\x03\x04", 0).await, Err(CarryError::Foreign)));
        assert!(matches!(read_back(b"", 0).await, Err(CarryError::Foreign)));
        assert!(matches!(read_back(&later, 0).await, Err(CarryError::Format)));
        assert!(matches!(read_back(&file[..HEAD + 3], 0).await, Err(CarryError::Closed)));
    }
}
