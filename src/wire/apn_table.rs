//! The table of access points, `/usr/share/ltewan/apn.db`, which `openwrt/apn-table` makes from the
//! data of mobile-broadband-provider-info.
//!
//! `APN1`, then the number of networks and the length of the lists in bytes. For each network, in
//! order: `(MCC * 1000 + MNC) * 2`, one more when the MNC has three digits, in 24 bits, and where
//! its list begins. A list: how many candidates; of each where its APN and the operator's name
//! are among the strings, and, when the highest bit of the first is set, its user name and
//! password, whose highest bits stand for CHAP alone and PAP alone. Then the strings, each ended
//! by a zero; one may be the end of another. All numbers are big-endian, those not said 16 bits.

use crate::types::{Apn, ApnCandidate, AuthMethod, Plmn, Secret};

/// The longest table that is read.
pub const TABLE_MAX: usize = 64 * 1024;

/// The first four bytes.
const MAGIC: &[u8] = b"APN1";

/// How many bytes come before the index, and how many a network has in it.
const HEAD: usize = 8;
const ENTRY: usize = 5;

const HIGH: u16 = 0x8000;

/// The network whose code `digits`, an IMSI or a code alone, begin with, and its access points, the
/// likeliest first. Where codes of both lengths fit, the longer does.
pub fn find(table: &[u8], digits: &str) -> Option<(Plmn, Vec<ApnCandidate>)> {
    let codes = [6, 5].into_iter().filter_map(|len| Plmn::parse(digits.get(..len)?).ok());
    let mut known = codes.filter_map(|plmn| Some((plmn, list_of(table, plmn)?)));
    known.next()
}

fn list_of(table: &[u8], plmn: Plmn) -> Option<Vec<ApnCandidate>> {
    if !table.starts_with(MAGIC) {
        return None;
    }
    let lists = HEAD + usize::from(u16_at(table, 4)?) * ENTRY;
    let index = table.get(HEAD..lists)?;
    let strings = table.get(lists + usize::from(u16_at(table, 6)?)..)?;
    let key = (u32::from(plmn.mcc()) * 1000 + u32::from(plmn.mnc())) * 2;
    let key = key + u32::from(plmn.mnc_digits() == 3);
    let (entries, _) = index.as_chunks::<ENTRY>();
    let key_of = |[a, b, c, ..]: &[u8; ENTRY]| u32::from_be_bytes([0, *a, *b, *c]);
    let place = entries.binary_search_by_key(&key, key_of).ok()?;
    let [.., high, low] = *entries.get(place)?;
    let list = table.get(lists + usize::from(u16::from_be_bytes([high, low]))..)?;
    let (count, list) = list.split_first()?;
    let (words, _) = list.as_chunks::<2>();
    let mut words = words.iter().map(|word| u16::from_be_bytes(*word));
    (0..*count).map(|_| candidate(&mut words, strings)).collect()
}

fn candidate(words: &mut impl Iterator<Item = u16>, strings: &[u8]) -> Option<ApnCandidate> {
    let (apn, name) = (words.next()?, words.next()?);
    let mut candidate = ApnCandidate {
        apn: Apn::new(text_at(strings, apn)?).ok()?,
        name: text_at(strings, name)?.to_owned(),
        auth: AuthMethod::None,
        username: None,
        password: None,
    };
    if apn & HIGH != 0 {
        let (username, password) = (words.next()?, words.next()?);
        candidate.auth = match (username & HIGH != 0, password & HIGH != 0) {
            (true, false) => AuthMethod::Chap,
            (false, true) => AuthMethod::Pap,
            (true, true) | (false, false) => AuthMethod::Both,
        };
        candidate.username = Some(text_at(strings, username)?.to_owned());
        candidate.password = Some(Secret::new(text_at(strings, password)?));
    }
    Some(candidate)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|word| u16::from_be_bytes(*word))
}

/// The string at a place; QMI takes user names of 127 bytes.
fn text_at(strings: &[u8], place: u16) -> Option<&str> {
    let rest = strings.get(usize::from(place & !HIGH)..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let text = core::str::from_utf8(rest.get(..end)?).ok()?;
    (text.len() <= 127 && !text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two networks, 262-01 and 262-010, of which the second has a user name.
    const TABLE: &[u8] = b"APN1\0\x02\0\x0e\
        \x07\xfe\xe2\0\0\x07\xfe\xf5\0\x05\
        \x01\0\0\0\x0b\
        \x01\x80\x02\0\x0b\x80\x0d\0\x0d\
        t-internet\0T\0me\0";

    #[test]
    fn the_longer_code_counts() {
        let (plmn, list) = find(TABLE, "262010123456789").unwrap();
        assert_eq!(plmn.to_string(), "262010");
        let [only] = list.try_into().unwrap();
        assert_eq!((only.apn.as_str(), only.name.as_str()), ("internet", "T"));
        assert_eq!((only.auth, only.username.as_deref()), (AuthMethod::Chap, Some("me")));
        let (plmn, list) = find(TABLE, "262011123456789").unwrap();
        assert_eq!(plmn.to_string(), "26201");
        assert_eq!(list.first().map(|it| it.apn.as_str()), Some("t-internet"));
        assert_eq!(find(TABLE, "26201").map(|found| found.1.len()), Some(1));
        assert_eq!(find(TABLE, "26202"), None);
        assert_eq!(find(TABLE, "2620"), None);
    }

    #[test]
    fn a_damaged_table_has_nothing() {
        for len in 0..TABLE.len() - 3 {
            assert_eq!(find(TABLE.get(..len).unwrap(), "262010").map(|found| found.1), None);
        }
    }
}
