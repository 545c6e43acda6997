//! TS 27.007: the SIM's locks, attempts and numbers.

use super::{Command, Params, SetCommand};
use crate::types::{Iccid, Imsi, Msisdn, Secret};
use crate::wire::Error;

/// Whether `text` can be a PIN or PUK, TS 31.101 9.5.1: nothing else is worth an attempt.
fn check_code(code: &Secret) -> Result<(), Error> {
    let digits = code.expose();
    let fits = (4..=8).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    if fits { Ok(()) } else { Err(Error::bad_value(&"pin")) }
}

/// A command that ends in these.
pub(super) fn with_codes(mut command: SetCommand, codes: &[&Secret]) -> Result<Command, Error> {
    for code in codes {
        check_code(code)?;
        command = command.secret(code)?;
    }
    command.build()
}

/// Sets a new PIN with the PUK, TS 27.007 8.3.
///
/// # Errors
/// [`Error::bad_value`] unless both are 4 to 8 digits.
pub fn cpin_unblock(puk: &Secret, new_pin: &Secret) -> Result<Command, Error> {
    with_codes(Command::set("+CPIN"), &[puk, new_pin])
}

/// Has the SIM ask for its PIN, or not any more, TS 27.007 7.4.
///
/// # Errors
/// [`Error::bad_value`] unless the PIN is 4 to 8 digits.
pub fn clck_set(enabled: bool, pin: &Secret) -> Result<Command, Error> {
    with_codes(Command::set("+CLCK").text("SC")?.number(enabled), &[pin])
}

/// Asks whether the SIM asks for its PIN.
pub const CLCK_QUERY: &str = "+CLCK=\"SC\",2";

/// The answer to [`CLCK_QUERY`].
pub fn parse_clck(lines: &[String]) -> Option<bool> {
    Some(Params::first_number(lines, "+CLCK")? == 1)
}

/// Changes the PIN, TS 27.007 7.5.
///
/// # Errors
/// [`Error::bad_value`] unless both are 4 to 8 digits.
pub fn cpwd_change(pin: &Secret, new_pin: &Secret) -> Result<Command, Error> {
    with_codes(Command::set("+CPWD").text("SC")?, &[pin, new_pin])
}

/// The attempts left of one code: a line of the answer to `AT+CPINR`, TS 27.007 8.65, such as
/// `+CPINR: SIM PIN,3,3`.
pub fn parse_cpinr(lines: &[String], code: &str) -> Option<u8> {
    for line in lines {
        let Some(mut params) = Params::of(line, "+CPINR") else { continue };
        let (Some(name), Some(left)) = (params.next(), params.next()) else { continue };
        let left = left.number().and_then(|left| u8::try_from(left).ok());
        if name.text == code && left.is_some() {
            return left;
        }
    }
    None
}

/// Asks for the ICCID itself: the file EF ICCID, TS 27.007 8.18 and TS 31.102 4.1.
pub const CRSM_ICCID: &str = "+CRSM=176,12258,0,0,10";

/// The answer to [`CRSM_ICCID`]: the digits of each byte are swapped, and `F` fills up.
pub fn parse_crsm_iccid(lines: &[String]) -> Option<Iccid> {
    let hex = Params::find(lines, "+CRSM")?.nth(2)?.text;
    let mut digits = String::new();
    for pair in hex.as_bytes().chunks(2) {
        for digit in pair.iter().rev() {
            digits.push(char::from(*digit));
        }
    }
    Iccid::new(digits.trim_end_matches(['F', 'f'])).ok()
}

/// The ICCID in the answer to a vendor's own command: the first word that can be one.
pub fn parse_iccid(lines: &[String]) -> Option<Iccid> {
    let digits_of = |word: &str| word.trim_end_matches(['F', 'f']).len();
    // All begin with 89, for telecommunications (ITU-T E.118).
    let is_it = |word: &str| (18..=20).contains(&digits_of(word)) && word.starts_with("89");
    Iccid::new(word(lines, &is_it)?.trim_end_matches(['F', 'f'])).ok()
}

/// The first word of letters and digits in an answer that `is_it` is true for.
#[inline(never)]
pub(super) fn word<'a>(lines: &'a [String], is_it: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    for line in lines {
        for word in line.split(|c: char| !c.is_ascii_alphanumeric()) {
            if is_it(word) {
                return Some(word);
            }
        }
    }
    None
}

/// The IMSI: the answer to `AT+CIMI`, TS 27.007 5.6.
pub fn parse_cimi(lines: &[String]) -> Option<Imsi> {
    let is_it = |word: &str| word.len() >= 14 && Imsi::new(word).is_ok();
    Imsi::new(word(lines, &is_it)?).ok()
}

/// Reads the first phone number of `+CNUM: [<alpha>],<number>,<type>`, TS 27.007 7.1.
pub fn parse_cnum(lines: &[String]) -> Option<Msisdn> {
    let number = |line: &String| Msisdn::new(Params::of(line, "+CNUM")?.nth(1)?.text).ok();
    lines.iter().find_map(number)
}
