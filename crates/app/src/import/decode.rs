//! 「解码」 Bytes into UTF-8, strictly: a byte that fits no character is a fault
//! with a place, never a replacement mark that would pass for a name.

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// A record longer than this is no record: the file is broken or hostile.
pub(super) const RECORD_BYTES_MAX: u64 = 1 << 20;

/// How a text file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// GB 18030-2022, what most departments' systems export.
    Gb18030,
    /// UTF-8, with or without byte order mark.
    Utf8,
}

impl TextEncoding {
    fn codec(self) -> &'static Encoding {
        match self {
            TextEncoding::Gb18030 => GB18030,
            TextEncoding::Utf8 => UTF_8,
        }
    }

    /// The name a person knows it by.
    pub fn name(self) -> &'static str {
        match self {
            TextEncoding::Gb18030 => "GB18030",
            TextEncoding::Utf8 => "UTF-8",
        }
    }

    /// The other one: what a file in the wrong encoding probably is.
    pub fn other(self) -> TextEncoding {
        match self {
            TextEncoding::Gb18030 => TextEncoding::Utf8,
            TextEncoding::Utf8 => TextEncoding::Gb18030,
        }
    }
}

/// What stopped the decoding; carried inside an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DecodeFault {
    #[error("第 {offset} 个字节附近不是 {encoding} 文字")]
    Malformed { encoding: &'static str, offset: u64 },
    #[error("一条记录超过 {RECORD_BYTES_MAX} 字节")]
    RecordTooLong,
}

/// Bytes read since the last whole record; the record reader sets it to zero.
pub(super) type SinceRecord = Rc<Cell<u64>>;

/// Reads bytes in some encoding, gives UTF-8.
pub(super) struct StrictDecoder<R> {
    inner: R,
    decoder: Decoder,
    encoding: TextEncoding,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    offset: u64,
    ended: bool,
    since_record: SinceRecord,
}

impl<R: Read> StrictDecoder<R> {
    pub(super) fn new(inner: R, encoding: TextEncoding, since_record: SinceRecord) -> Self {
        StrictDecoder {
            inner,
            decoder: encoding.codec().new_decoder_with_bom_removal(),
            encoding,
            raw: vec![0; 64 * 1024],
            text: Vec::new(),
            given: 0,
            offset: 0,
            ended: false,
            since_record,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let count = self.inner.read(&mut self.raw)?;
        self.ended = count == 0;
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(count)
            .unwrap_or(count * 3 + 16);
        self.text.resize(room, 0);
        self.given = 0;
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.raw[..count],
            &mut self.text,
            self.ended,
        );
        if let DecoderResult::Malformed(..) = result {
            let offset = self.offset + read as u64;
            let fault = DecodeFault::Malformed {
                encoding: self.encoding.name(),
                offset,
            };
            return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
        }
        self.offset += count as u64;
        self.text.truncate(written);
        let pending = self.since_record.get() + count as u64;
        // One buffer of slack: a buffer may hold the end of one record and the start of the next.
        if pending > RECORD_BYTES_MAX + self.raw.len() as u64 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                DecodeFault::RecordTooLong,
            ));
        }
        self.since_record.set(pending);
        Ok(())
    }
}

impl<R: Read> Read for StrictDecoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let count = out.len().min(self.text.len() - self.given);
        out[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// Whether bytes that come in pieces are UTF-8 as a whole.
#[derive(Debug, Default)]
pub(super) struct Utf8Check {
    /// The beginning of a character whose end is still to come.
    open: Vec<u8>,
    broken: bool,
}

impl Utf8Check {
    /// The next piece.
    pub(super) fn take(&mut self, piece: &[u8]) {
        if self.broken {
            return;
        }
        let mut bytes = std::mem::take(&mut self.open);
        bytes.extend_from_slice(piece);
        if let Err(why) = std::str::from_utf8(&bytes) {
            self.broken = why.error_len().is_some();
            self.open = bytes.split_off(why.valid_up_to());
        }
    }

    /// Whether they all were.
    pub(super) fn holds(&self) -> bool {
        !self.broken && self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], encoding: TextEncoding) -> io::Result<String> {
        let mut text = String::new();
        StrictDecoder::new(bytes, encoding, SinceRecord::default()).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn rare_characters_survive_gb18030() {
        let name = "合成·𬭎㛃";
        let (bytes, _, lossy) = GB18030.encode(name);
        assert!(!lossy);
        assert_eq!(decode(&bytes, TextEncoding::Gb18030).unwrap(), name);
    }

    #[test]
    fn the_wrong_encoding_is_a_fault_with_a_place() {
        let (bytes, _, _) = GB18030.encode("id_no,姓名\n");
        let why = decode(&bytes, TextEncoding::Utf8).unwrap_err();
        assert!(why.to_string().contains("不是 UTF-8 文字"), "{why}");
    }

    #[test]
    fn utf8_is_told_whatever_the_pieces() {
        let holds = |bytes: &[u8], size: usize| {
            let mut check = Utf8Check::default();
            bytes.chunks(size).for_each(|piece| check.take(piece));
            check.holds()
        };
        let text = "合成·𬭎㛃,a";
        let (other, _, _) = GB18030.encode(text);
        for size in 1..9 {
            assert!(holds(text.as_bytes(), size));
            assert!(!holds(&other, size));
            assert!(!holds(&text.as_bytes()[..4], size));
        }
    }

    #[test]
    fn an_endless_record_stops_early() {
        let endless = io::repeat(b'a').take(1 << 31);
        let mut decoder = StrictDecoder::new(endless, TextEncoding::Utf8, SinceRecord::default());
        let copied = io::copy(&mut decoder, &mut io::sink());
        assert!(copied.unwrap_err().to_string().contains("超过"));
    }
}
