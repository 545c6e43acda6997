//! The variables that the program was started with. `std` has a lock for programs that change
//! theirs.
#![expect(unsafe_code, reason = "std reads them under a lock alone, in 1 KB of code on MIPS")]

use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

/// What a variable holds.
pub fn variable(name: &CStr) -> Option<OsString> {
    // SAFETY: the name is a string, and nothing in this program changes a variable.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    // SAFETY: what is not null is a string, which stays as no variable changes.
    let value = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) })?;
    Some(OsStr::from_bytes(value.to_bytes()).to_owned())
}
