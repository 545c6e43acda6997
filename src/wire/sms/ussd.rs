//! The strings of USSD: octets with a data coding scheme, 3GPP TS 23.038 5.

use super::alphabet::{Alphabet, pack, unpack};
use super::coding::Coding;
use super::user_data::{codes, units_of, wide};

/// The most octets of a string, TS 24.080 3.8 and its MAP-SupplementaryDataTypes.
pub const USSD_OCTETS_MAX: usize = 160;

/// The default alphabet, in no language in particular.
pub const USSD_GSM7: u8 = 0x0F;

/// UCS2, without a class.
pub const USSD_UCS2: u8 = 0x48;

/// What fills up the last octet where a whole character would fit in, 6.1.2.3.1.
const CARRIAGE_RETURN: u8 = 0x0D;

/// The coding scheme and the octets of a text; `None` when it is too long.
pub fn encode_ussd(text: &str) -> Option<(u8, Vec<u8>)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let (dcs, octets) = match codes(Alphabet::new(0, 0), &units) {
        Some(mut codes) => {
            if codes.len() % 8 == 7 {
                codes.push(CARRIAGE_RETURN);
            }
            (USSD_GSM7, pack(&codes, 0))
        }
        None => (USSD_UCS2, encode_ussd_ucs2(text)),
    };
    (1..=USSD_OCTETS_MAX).contains(&octets.len()).then_some((dcs, octets))
}

/// The octets of a text in UCS2.
pub fn encode_ussd_ucs2(text: &str) -> Vec<u8> {
    wide(&text.encode_utf16().collect::<Vec<_>>())
}

/// What octets say. Hostile text.
pub fn decode_ussd(octets: &[u8], dcs: u8) -> String {
    let (coding, has_language) = Coding::of_broadcast(dcs);
    match coding {
        Coding::Gsm7 => {
            let mut codes = unpack(octets, 0, usize::MAX);
            if octets.len().is_multiple_of(7) && codes.last() == Some(&CARRIAGE_RETURN) {
                codes.pop();
            }
            // Two letters and a line end.
            let before = if has_language { 3 } else { 0 };
            decode_ussd_codes(codes.get(before..).unwrap_or_default())
        }
        Coding::Ucs2 => {
            // Two letters in two octets.
            let before = if has_language { 2 } else { 0 };
            String::from_utf16_lossy(&units_of(octets.get(before..).unwrap_or_default()))
        }
        Coding::Data => String::from_utf8_lossy(octets).into_owned(),
    }
}

/// What codes of the default alphabet say, one in each octet.
pub fn decode_ussd_codes(codes: &[u8]) -> String {
    String::from_utf16_lossy(&Alphabet::new(0, 0).decode(codes))
}
