//! The table of access points, damaged: networks from its own index, and some more.

use super::log_check::plain;
use ltewan::wire::apn_table;

pub(crate) fn run(bytes: &[u8]) {
    let keys = bytes
        .get(8..)
        .unwrap_or_default()
        .chunks(5)
        .take(64)
        .map(|entry| entry.iter().take(3).fold(0, |key, byte| key << 8 | u32::from(*byte)));
    let codes = keys.map(|key| {
        let width = if key % 2 == 1 { 6 } else { 5 };
        let (mcc, mnc) = (key / 2000, key / 2 % 1000);
        format!("{mcc:03}{mnc:0width$}", width = width - 3)
    });
    for digits in codes.chain(["26201".to_owned(), "310410123456789".to_owned(), String::new()]) {
        let Some((plmn, list)) = apn_table::find(bytes, &digits) else { continue };
        assert!(digits.starts_with(&plmn.to_string()));
        for it in list {
            [it.apn.as_str(), &it.name].into_iter().for_each(plain);
            it.username.iter().for_each(|text| plain(text));
            it.password.iter().for_each(|text| plain(text.expose()));
        }
    }
}
