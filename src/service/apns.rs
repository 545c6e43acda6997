//! The table of access points, which is read when it is needed.

use super::paths::Paths;
use crate::io::files;
use crate::log;
use crate::manager::{ApnQuestion, Input};
use crate::wire::apn_table::{self, TABLE_MAX};
use std::io;

/// What the table has of a network. A router may be without it.
pub(super) fn find(paths: &Paths, question: ApnQuestion) -> Input {
    let table = files::read_bounded(&paths.apns, TABLE_MAX);
    if let Err(error) = &table
        && error.kind() != io::ErrorKind::NotFound
    {
        log::warn!("{error}");
    }
    let found = table.ok().and_then(|table| apn_table::find(&table, &question.digits));
    Input::ApnsFound(question, found)
}
