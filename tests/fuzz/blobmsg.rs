//! Tables: what decodes must encode, and decode to the same again.

use ltewan::wire::blobmsg;
use ltewan::wire::json::{table_to_json, table_to_json_indented};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(table) = blobmsg::decode(bytes) else { return };
    let Ok(encoded) = blobmsg::encode(&table) else { return };
    let again = blobmsg::decode(&encoded);
    // NaN is not equal to itself.
    assert_eq!(format!("{again:?}"), format!("Ok({table:?})"));
    assert!(table_to_json(&table).len() <= table_to_json_indented(&table).len());
}
