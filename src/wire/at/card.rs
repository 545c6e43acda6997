//! TS 27.007: the SIM's locks, attempts and numbers.

use super::{Command, Params};
use crate::types::{Iccid, Imsi, Msisdn, Secret};
use crate::wire::Error;

/// Whether `text` can be a PIN or PUK, TS 31.101 9.5.1: nothing else is worth an attempt.
fn check_code(code: &Secret) -> Result<(), Error> {
    let digits = code.expose();
    let fits = (4..=8).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    if fits { Ok(()) } else { Err(Error::bad_value(&"pin")) }
}

/// Sets a new PIN with the PUK, TS 27.007 8.3.
///
/// # Errors
/// [`Error::bad_value`] unless both are 4 to 8 digits.
pub fn cpin_unblock(puk: &Secret, new_pin: &Secret) -> Result<Command, Error> {
    check_code(puk)?;
    check_code(new_pin)?;
    Command::set("+CPIN").secret(puk)?.secret(new_pin)?.build()
}

/// Has the SIM ask for its PIN, or not any more, TS 27.007 7.4.
///
/// # Errors
/// [`Error::bad_value`] unless the PIN is 4 to 8 digits.
pub fn clck_set(enabled: bool, pin: &Secret) -> Result<Command, Error> {
    check_code(pin)?;
    Command::set("+CLCK").text("SC")?.number(enabled).secret(pin)?.build()
}

/// Asks whether the SIM asks for its PIN.
pub fn clck_query() -> Command {
    Command::literal("AT+CLCK=\"SC\",2")
}

/// The answer to [`clck_query`].
pub fn parse_clck(lines: &[String]) -> Option<bool> {
    Some(Params::find(lines, "+CLCK")?.next()?.number()? == 1)
}

/// Changes the PIN, TS 27.007 7.5.
///
/// # Errors
/// [`Error::bad_value`] unless both are 4 to 8 digits.
pub fn cpwd_change(pin: &Secret, new_pin: &Secret) -> Result<Command, Error> {
    check_code(pin)?;
    check_code(new_pin)?;
    Command::set("+CPWD").text("SC")?.secret(pin)?.secret(new_pin)?.build()
}

/// The attempts left of one code: a line of the answer to `AT+CPINR`, TS 27.007 8.65, such as
/// `+CPINR: SIM PIN,3,3`.
pub fn parse_cpinr(lines: &[String], code: &str) -> Option<u8> {
    lines.iter().find_map(|line| {
        let mut params = Params::of(line, "+CPINR")?;
        let is_it = params.next()?.text == code;
        is_it.then(|| u8::try_from(params.next()?.number()?).ok()).flatten()
    })
}

/// Asks for the ICCID itself: the file EF ICCID, TS 27.007 8.18 and TS 31.102 4.1.
pub fn crsm_iccid() -> Command {
    Command::literal("AT+CRSM=176,12258,0,0,10")
}

/// The answer to [`crsm_iccid`]: the digits of each byte are swapped, and `F` fills up.
pub fn parse_crsm_iccid(lines: &[String]) -> Option<Iccid> {
    let hex = Params::find(lines, "+CRSM")?.nth(2)?.text;
    let digits: String = hex
        .as_bytes()
        .chunks(2)
        .flat_map(|pair| pair.iter().rev())
        .map(|digit| char::from(*digit))
        .collect();
    Iccid::new(digits.trim_end_matches(['F', 'f'])).ok()
}

/// The ICCID in the answer to a vendor's own command: the first word that can be one.
pub fn parse_iccid(lines: &[String]) -> Option<Iccid> {
    let words = lines.iter().flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()));
    let mut digits = words.map(|word| word.trim_end_matches(['F', 'f']));
    // All begin with 89, for telecommunications (ITU-T E.118).
    let fits = |word: &&str| (18..=20).contains(&word.len()) && word.starts_with("89");
    digits.find(fits).and_then(|word| Iccid::new(word).ok())
}

/// Asks for the IMSI, TS 27.007 5.6.
pub fn cimi() -> Command {
    Command::execute("+CIMI")
}

/// The answer to [`cimi`].
pub fn parse_cimi(lines: &[String]) -> Option<Imsi> {
    let words = lines.iter().flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()));
    words.filter(|word| word.len() >= 14).find_map(|word| Imsi::new(word).ok())
}

/// Reads the first phone number of `+CNUM: [<alpha>],<number>,<type>`, TS 27.007 7.1.
pub fn parse_cnum(lines: &[String]) -> Option<Msisdn> {
    let number = |line: &String| Msisdn::new(Params::of(line, "+CNUM")?.nth(1)?.text).ok();
    lines.iter().find_map(number)
}
