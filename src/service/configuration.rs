//! The configuration files, as packages of UCI.

use super::paths::Paths;
use crate::io::files;
use crate::log;
use crate::types::uci;
use std::io;

/// The longest configuration file read.
const BYTES_MAX: usize = 1024 * 1024;

/// The package of that name; an empty one when there is none. What cannot be read is logged.
pub(super) fn read(paths: &Paths, name: &str) -> uci::Package {
    let path = paths.config.join(name);
    let bytes = match files::read_bounded(&path, BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return uci::Package::default();
        }
        Err(error) => {
            log::error!("{error}");
            return uci::Package::default();
        }
    };
    crate::wire::uci::parse(&bytes).unwrap_or_else(|error| {
        log::error!("{}: {error}", path.display());
        uci::Package::default()
    })
}
