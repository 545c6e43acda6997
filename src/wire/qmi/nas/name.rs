//! Names of networks, which modems pass on in whatever encoding the network sent them.
//!
//! Most are ASCII or UTF-8. Networks send them as packed GSM 7-bit characters (TS 23.038 6.1.2.1)
//! or as UCS-2, and nothing in the message says which: the bytes themselves must tell.

use super::super::text;
use crate::wire::text::utf16;

/// The GSM 7-bit default alphabet, TS 23.038 6.2.1, by code. 0x1B is the escape.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Reads a name. Hostile text: it may hold anything that is printable.
pub(super) fn network_name(bytes: &[u8]) -> String {
    let plain = text(bytes);
    if !plain.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
        return plain.trim_start().to_owned();
    }
    // Little-endian, as everything in QMI.
    let name = if is_ucs2(bytes) { utf16(bytes) } else { gsm7(bytes) };
    name.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// Latin letters in UCS-2 have a zero for every second byte; packed letters have none.
fn is_ucs2(bytes: &[u8]) -> bool {
    let (pairs, rest) = bytes.as_chunks::<2>();
    rest.is_empty() && pairs.iter().any(|pair| pair[1] == 0) && pairs.iter().all(|p| p[1] < 0x20)
}

fn gsm7(bytes: &[u8]) -> String {
    let mut name = String::new();
    let (mut bits, mut len) = (0_u16, 0);
    let mut escaped = false;
    for byte in bytes {
        bits |= u16::from(*byte) << len;
        len += 8;
        while len >= 7 {
            push_septet(&mut name, bits & 0x7F, &mut escaped);
            bits >>= 7;
            len -= 7;
        }
    }
    // Seven spare bits read as one more character, "@" when they are zero.
    if bytes.len().is_multiple_of(7) && name.ends_with('@') {
        name.pop();
    }
    name
}

fn push_septet(name: &mut String, septet: u16, escaped: &mut bool) {
    let c = ALPHABET.chars().nth(usize::from(septet)).unwrap_or(' ');
    if c == '\u{1b}' {
        *escaped = true;
        return;
    }
    name.push(if core::mem::take(escaped) { extended(c) } else { c });
}

/// The character that an escape makes of another, TS 23.038 6.2.1.1.
const fn extended(c: char) -> char {
    match c {
        'e' => '€',
        'Λ' => '^',
        '(' => '{',
        ')' => '}',
        '/' => '\\',
        '<' => '[',
        '=' => '~',
        '>' => ']',
        '¡' => '|',
        other => other,
    }
}
