//! The table of access points in the package against `expected.tsv`, which `expected`, a script
//! that knows nothing of how the table is made, took from its source.

use ltewan::types::{ApnCandidate, AuthMethod};
use ltewan::wire::apn_table;

const TABLE: &[u8] = include_bytes!("../../files/usr/share/ltewan/apn.db");
const EXPECTED: &str = include_str!("expected.tsv");

#[test]
fn two_hundred_networks_have_the_access_points_of_the_source() {
    let shown = |it: ApnCandidate| {
        let method = match it.auth {
            AuthMethod::Pap => "pap",
            AuthMethod::Chap => "chap",
            AuthMethod::None | AuthMethod::Both => "",
        };
        assert_eq!(it.username.is_some(), it.auth != AuthMethod::None);
        it.username.map_or(it.apn.to_string(), |user| format!("{}/{user}/{method}", it.apn))
    };
    let mut count = 0;
    for line in EXPECTED.lines() {
        let code = line.split('\t').next().unwrap();
        let (plmn, list) = apn_table::find(TABLE, code).unwrap();
        assert_eq!(plmn.to_string(), code);
        let name = list.first().unwrap().name.clone();
        let words = [code.to_owned(), name].into_iter().chain(list.into_iter().map(shown));
        assert_eq!(words.collect::<Vec<_>>().join("\t"), line);
        count += 1;
    }
    assert_eq!(count, 200);
}

#[test]
fn what_is_for_messages_or_voice_is_left_out_and_wap_comes_last() {
    for network in (0..=999).flat_map(|mcc| (0..=999).map(move |mnc| (mcc, mnc))) {
        let (mcc, mnc) = network;
        for code in [format!("{mcc:03}{mnc:02}"), format!("{mcc:03}{mnc:03}")] {
            let list = apn_table::find(TABLE, &code).map(|found| found.1).unwrap_or_default();
            let names: Vec<_> = list.iter().map(|it| it.apn.as_str().to_lowercase()).collect();
            let is_other = |name: &String| {
                name.split(['.', '-', '_', '@'])
                    .any(|label| ["ims", "mms", "vzwims"].contains(&label))
            };
            assert!(!names.iter().any(is_other), "{code}: {names:?}");
            assert!(names.is_sorted_by_key(|name| name.contains("wap")), "{code}: {names:?}");
        }
    }
    let (_, list) = apn_table::find(TABLE, "311480").unwrap();
    assert_eq!(list.first().unwrap().apn.as_str(), "vzwinternet");
}

#[test]
fn the_table_is_small() {
    assert!(TABLE.len() < 40 * 1024 && TABLE.len() <= apn_table::TABLE_MAX);
}
