//! Bodies as bytes of UTF-8, from the forms in which recordings keep them: text, JSON, base64, hexadecimal, packed.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Far above any body of an API, and an end to one that unpacks to ever more.
pub(super) const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Recordings keep base64 with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A body, or why it cannot be read. Reasons repeat nothing of the recording.
pub(super) type Unpacked<'a> = Result<Cow<'a, [u8]>, &'static str>;

/// A body as a recording keeps it.
#[derive(Debug)]
pub(super) enum Stored<'a> {
    /// JSON that is embedded in the recording.
    Json(&'a str),
    Text(Cow<'a, str>),
    /// As it was sent, or already unpacked.
    Bytes(Vec<u8>),
}

/// A body that may not be recorded, and in its place why one that is cannot be read.
pub(super) fn split<'a>(
    stored: Result<Option<Stored<'a>>, &'static str>,
    headers: Headers<'_>,
) -> (Option<Cow<'a, [u8]>>, Option<&'static str>) {
    let read = stored.and_then(|stored| stored.map(|it| it.read(headers)).transpose());
    match read {
        Ok(body) => (body, None),
        Err(reason) => (None, Some(reason)),
    }
}

/// The headers that say how a body was sent.
pub(super) type Headers<'h> = Option<&'h [(String, String)]>;

impl<'a> Stored<'a> {
    pub(super) fn base64(text: &str) -> Result<Self, &'static str> {
        let plain: String = text.split_ascii_whitespace().collect();
        let bytes = BASE64.decode(plain);
        bytes
            .map(Self::Bytes)
            .map_err(|_| "the body is not standard base64")
    }

    /// The bytes as the API's client got to see them, without byte-order mark.
    pub(super) fn read(self, headers: Headers<'_>) -> Unpacked<'a> {
        match self {
            Self::Json(text) => Ok(text.as_bytes().into()),
            Self::Text(text) => of_text(text, headers),
            Self::Bytes(bytes) => of_bytes(bytes, headers).map(Cow::Owned),
        }
    }
}

/// Most recordings keep what was unpacked already. Some keep each byte of what was packed as one character.
fn of_text<'a>(text: Cow<'a, str>, headers: Headers<'_>) -> Unpacked<'a> {
    let mut start = text.chars();
    let start = [start.next(), start.next(), start.next()].map(Option::unwrap_or_default);
    match start {
        ['\u{1f}', '\u{fffd}', _] | ['\u{fffd}', '\u{fffd}', _] => {
            Err("the recorder kept packed bytes as text, which loses them; record them as base64")
        }
        ['\u{1f}', '\u{8b}', _] | ['\u{ff}', '\u{fe}', _] | ['\u{fe}', '\u{ff}', _] => {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
            let bytes = bytes.ok_or("the body is neither text nor bytes")?;
            of_bytes(bytes, headers).map(Cow::Owned)
        }
        ['H', '4', 's'] if codings(headers).any(|it| it.ends_with("gzip")) => {
            Stored::base64(&text)?.read(headers)
        }
        ['\u{feff}', ..] => Ok(tail(into_bytes(text), '\u{feff}'.len_utf8())),
        ['\u{ef}', '\u{bb}', '\u{bf}'] => Ok(tail(into_bytes(text), 3 * '\u{ef}'.len_utf8())),
        _ => Ok(into_bytes(text)),
    }
}

fn into_bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn tail(bytes: Cow<'_, [u8]>, skipped: usize) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => bytes.get(skipped..).unwrap_or_default().into(),
        Cow::Owned(mut bytes) => {
            bytes.drain(..skipped.min(bytes.len()));
            bytes.into()
        }
    }
}

fn of_bytes(mut bytes: Vec<u8>, headers: Headers<'_>) -> Result<Vec<u8>, &'static str> {
    if headers.is_none() && bytes.starts_with(&GZIP) {
        bytes = unpacked(&bytes, "gzip")?;
    }
    let codings: Vec<_> = codings(headers).collect();
    for coding in codings.iter().rev() {
        bytes = unpacked(&bytes, coding)?;
    }
    let content_type = value_of(headers, "content-type").unwrap_or_default();
    as_utf8(bytes, content_type)
}

fn codings<'h>(headers: Headers<'h>) -> impl Iterator<Item = String> + use<'h> {
    let value = value_of(headers, "content-encoding").unwrap_or_default();
    let codings = value.split(',').map(|it| it.trim().to_ascii_lowercase());
    codings.filter(|coding| !coding.is_empty())
}

fn value_of<'h>(headers: Headers<'h>, name: &str) -> Option<&'h str> {
    let mut headers = headers.unwrap_or_default().iter();
    let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Recorders often unpack a body and keep the header that says how it was packed (RFC 9110, 8.4.1).
fn unpacked(bytes: &[u8], coding: &str) -> Result<Vec<u8>, &'static str> {
    let is_zlib = matches!(bytes, [first, second, ..]
        if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0);
    match coding {
        "gzip" | "x-gzip" if bytes.starts_with(&GZIP) => bounded(MultiGzDecoder::new(bytes)),
        "zstd" if bytes.starts_with(&ZSTD) => unpacked_zstd(bytes),
        _ if is_text(bytes) => Ok(bytes.to_vec()),
        "deflate" if is_zlib => bounded(ZlibDecoder::new(bytes)),
        "deflate" => bounded(DeflateDecoder::new(bytes)),
        "br" => bounded(brotli_decompressor::Decompressor::new(
            bytes,
            BROTLI_BUFFER_BYTES,
        )),
        "gzip" | "x-gzip" | "zstd" | "identity" => Ok(bytes.to_vec()),
        _ => Err("the body is packed in a way that is not read; record it unpacked"),
    }
}

const BROTLI_BUFFER_BYTES: usize = 4096;

fn is_text(bytes: &[u8]) -> bool {
    let is_odd = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    !bytes.iter().any(is_odd) && std::str::from_utf8(bytes).is_ok()
}

#[cfg(feature = "zstd")]
fn unpacked_zstd(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    bounded(zstd::Decoder::with_buffer(bytes).map_err(|_| DAMAGED)?)
}

#[cfg(not(feature = "zstd"))]
fn unpacked_zstd(_: &[u8]) -> Result<Vec<u8>, &'static str> {
    Err("the body is packed with zstd, which this program was built without")
}

const DAMAGED: &str = "the body is packed and damaged, or cut; record it again";

fn bounded(packed: impl Read) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::new();
    let read = packed.take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes);
    match read {
        Err(_) => Err(DAMAGED),
        Ok(count) if count as u64 > BODY_BYTES_MAX => Err("the body unpacks to more than 64 MiB"),
        Ok(_) => Ok(bytes),
    }
}

/// UTF-16 is known by its mark, by the header, or by the zeros beside ASCII (RFC 4627, 3).
fn as_utf8(bytes: Vec<u8>, content_type: &str) -> Result<Vec<u8>, &'static str> {
    let marked = Encoding::for_bom(&bytes);
    let unmarked = || match bytes.as_slice() {
        [0, first, ..] if first.is_ascii() && *first != 0 => Some(encoding_rs::UTF_16BE),
        [first, 0, ..] if first.is_ascii() && *first != 0 => Some(encoding_rs::UTF_16LE),
        _ => None,
    };
    let is_utf16 = content_type.to_ascii_lowercase().contains("utf-16");
    let unmarked = || unmarked().or(is_utf16.then_some(encoding_rs::UTF_16LE));
    let Some((encoding, mark)) = marked.or_else(|| unmarked().map(|it| (it, 0))) else {
        return Ok(bytes);
    };
    let rest = bytes.get(mark..).unwrap_or_default();
    if encoding == encoding_rs::UTF_8 {
        return Ok(rest.to_vec());
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
    text.map(|text| text.into_owned().into_bytes())
        .ok_or("the body is not valid UTF-16")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"x":1}"#;

    fn read<'a>(stored: Stored<'a>, headers: &[(&str, &str)]) -> Unpacked<'a> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers: Vec<_> = headers.iter().map(owned).collect();
        stored.read(Some(&headers))
    }

    /// `{"x":1}` as servers pack it: gzip, zlib, raw deflate, brotli.
    const PACKED: [(&str, &str); 4] = [
        ("gzip", "H4sIAAAAAAAAA6tWqlCyMqwFAFxZ6zsHAAAA"),
        ("deflate", "eJyrVqpQsjKsBQAInQIg"),
        ("Deflate", "q1aqULIyrAUA"),
        ("br", "CwOAeyJ4IjoxfQM="),
    ];

    #[test]
    fn packed_bodies_are_unpacked_and_unpacked_ones_left() {
        for (coding, packed) in PACKED {
            let headers = [("Content-Encoding", coding)];
            let stored = Stored::base64(packed).unwrap();
            assert_eq!(
                read(stored, &headers).as_deref(),
                Ok(BODY.as_bytes()),
                "{coding}"
            );
            let plain = read(Stored::Bytes(BODY.into()), &headers);
            assert_eq!(plain.as_deref(), Ok(BODY.as_bytes()), "{coding}");
        }
    }

    #[test]
    fn a_damaged_body_says_so() {
        for (coding, packed) in PACKED {
            let Ok(Stored::Bytes(mut bytes)) = Stored::base64(packed) else {
                unreachable!()
            };
            bytes.truncate(bytes.len() - 5);
            let damaged = read(Stored::Bytes(bytes), &[("content-encoding", coding)]);
            assert_eq!(damaged, Err(DAMAGED), "{coding}");
        }
        let unknown = read(Stored::Bytes(vec![0, 1]), &[("content-encoding", "dcb")]);
        assert!(unknown.unwrap_err().contains("not read"));
        let lost = read(Stored::Text("\u{1f}\u{fffd}\u{8}".into()), &[]);
        assert!(lost.unwrap_err().contains("as base64"));
        assert!(Stored::base64("no base64!").is_err());
    }

    #[test]
    fn a_body_that_unpacks_to_too_much_costs_no_memory() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::copy(
            &mut std::io::repeat(b' ').take(BODY_BYTES_MAX + 1),
            &mut packer,
        )
        .unwrap();
        let bomb = Stored::Bytes(packer.finish().unwrap());
        let refused = read(bomb, &[("content-encoding", "gzip")]);
        assert_eq!(refused, Err("the body unpacks to more than 64 MiB"));
    }

    #[test]
    fn marks_and_utf_16_become_utf_8() {
        let utf16 = |units: fn(u16) -> [u8; 2]| -> Vec<u8> {
            BODY.encode_utf16().flat_map(units).collect()
        };
        let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
        for bytes in [
            [b"\xef\xbb\xbf".as_slice(), BODY.as_bytes()].concat(),
            [b"\xff\xfe".as_slice(), &little].concat(),
            [b"\xfe\xff".as_slice(), &big].concat(),
            little,
            big,
        ] {
            let text = read(Stored::Bytes(bytes.clone()), &[]);
            assert_eq!(text.as_deref(), Ok(BODY.as_bytes()), "{bytes:?}");
        }
        for mark in ["\u{feff}", "\u{ef}\u{bb}\u{bf}"] {
            for text in [Cow::Owned(format!("{mark}{BODY}")), Cow::Borrowed(BODY)] {
                assert_eq!(
                    read(Stored::Text(text), &[]).as_deref(),
                    Ok(BODY.as_bytes())
                );
            }
        }
    }

    #[test]
    fn bytes_that_are_kept_as_characters_are_bytes_again() {
        let Ok(Stored::Bytes(bytes)) = Stored::base64(PACKED[0].1) else {
            unreachable!()
        };
        let text: String = bytes.into_iter().map(char::from).collect();
        for text in [text.as_str(), PACKED[0].1] {
            let body = read(Stored::Text(text.into()), &[("content-encoding", "gzip")]);
            assert_eq!(body.as_deref(), Ok(BODY.as_bytes()));
        }
    }
}
