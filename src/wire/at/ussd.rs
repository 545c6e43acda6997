//! USSD over AT: `+CUSD`, TS 27.007 7.15.
//!
//! The string is in the terminal's character set or in hexadecimal digits, by the coding scheme. So
//! the specification has it; firmware also gives text where digits belong, and digits of packed
//! septets or of UCS2 where text belongs, so what is there decides.

use super::Command;
use super::messages::octets;
use crate::types::Secret;
use crate::wire::Error;
use crate::wire::sms::{
    Coding, USSD_GSM7, USSD_UCS2, decode_ussd, decode_ussd_codes, encode_ussd, encode_ussd_ucs2,
    hex,
};

/// The longest `+CUSD` line that goes on over line ends, in bytes: 160 octets as UCS2 in digits,
/// and what stands around them.
const TEXT_BYTES_MAX: usize = 1024;

/// Has the modem tell of USSD.
pub const CUSD_REPORT: &str = "+CUSD=1";

/// Ends the session.
pub const CUSD_CANCEL: &str = "+CUSD=2";

/// Begins a session with a code, or answers in it. With `is_packed` the modem wants septets as they
/// go over the air.
///
/// # Errors
/// `TooLarge`.
pub fn cusd_send(text: &Secret, is_packed: bool) -> Result<Command, Error> {
    let text = text.expose();
    let (dcs, octets) = encode_ussd(text).ok_or(Error::TooLarge)?;
    let (dcs, shown) = if is_packed {
        (dcs, hex(&octets))
    } else if text.bytes().all(is_same_everywhere) {
        (USSD_GSM7, text.to_owned())
    } else {
        (USSD_UCS2, hex(&encode_ussd_ucs2(text)))
    };
    Command::set("+CUSD").number(1).secret(&Secret::new(shown))?.number(dcs).build()
}

/// Whether a line is a `+CUSD` whose string goes on behind a line end.
pub fn is_cusd_cut(line: &str) -> bool {
    let text = line.strip_prefix("+CUSD:").and_then(|rest| rest.split_once(','));
    let text = text.and_then(|(_, text)| text.trim_start().strip_prefix('"'));
    let is_after = |c: char| c.is_ascii_digit() || matches!(c, ' ' | ',');
    let ends = |text: &str| text.trim_end_matches(is_after).ends_with('"');
    line.len() < TEXT_BYTES_MAX && text.is_some_and(|text| !ends(text))
}

/// Reads `+CUSD: <m>[,<str>[,<dcs>]]`: what becomes of the session, and what the network says,
/// which is hostile text and may have quotation marks.
pub fn parse_cusd(line: &str) -> Option<(u32, String)> {
    let rest = line.strip_prefix("+CUSD:")?;
    let (state, rest) = rest.split_once(',').unwrap_or((rest, ""));
    let rest = rest.trim();
    let (text, dcs) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.rsplit_once('"').unwrap_or((quoted, "")),
        None => rest.split_once(',').unwrap_or((rest, "")),
    };
    let dcs = dcs.trim_matches([',', ' ']).parse().unwrap_or(0);
    Some((state.trim().parse().ok()?, decode(text, dcs)))
}

fn decode(text: &str, dcs: u8) -> String {
    let Some(octets) = octets(text) else { return text.to_owned() };
    let is_wide = octets.len().is_multiple_of(2);
    // Of packed codes about half are beyond these.
    let is_code = |octet: &u8| matches!(*octet, 0x0A | 0x0D | 0x20..=0x7F);
    match Coding::of_broadcast(dcs).0 {
        Coding::Ucs2 if !is_wide => text.to_owned(),
        Coding::Ucs2 | Coding::Data => decode_ussd(&octets, dcs),
        // The character set UCS2: no other text is like it.
        Coding::Gsm7 if is_wide && octets.iter().step_by(2).all(|high| *high == 0) => {
            decode_ussd(&octets, USSD_UCS2)
        }
        // A number: what is packed has other digits too.
        Coding::Gsm7 if text.bytes().all(|c| c.is_ascii_digit()) => text.to_owned(),
        // The character set HEX: a code in each octet.
        Coding::Gsm7 if octets.len() > 2 && octets.iter().all(is_code) => {
            decode_ussd_codes(&octets)
        }
        Coding::Gsm7 => decode_ussd(&octets, dcs),
    }
}

/// Whether a character is the same in every character set, and no end of a string.
fn is_same_everywhere(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b" *#+,.:?!%&()/<=>-".contains(&c)
}
