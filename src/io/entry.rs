//! The start of the program as C has it. What Rust does before `main` is kilobytes of code on MIPS:
//! names for threads and a guard for the stack of each. The little of it that is needed is here.
#![expect(unsafe_code, reason = "what C passes to `main` are pointers")]

use rustix::io::Errno;
use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt as _;

/// Makes a `fn(Vec<OsString>) -> u8` the start of the program: it gets the arguments without the
/// program's name, and gives the exit status.
#[macro_export]
macro_rules! entry {
    ($start:path) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn main(
            count: std::ffi::c_int,
            words: *const *const std::ffi::c_char,
        ) -> std::ffi::c_int {
            // SAFETY: what calls `main` is the C library, once, with what the system passes to it.
            unsafe { $crate::io::entry::run(count, words, $start) }
        }
    };
}

/// Runs `start`.
///
/// # Safety
/// `words` points to at least `count` strings, and no other thread runs.
pub unsafe fn run(
    count: c_int,
    words: *const *const c_char,
    start: fn(Vec<OsString>) -> u8,
) -> c_int {
    hold_standard_streams();
    // SAFETY: SIG_IGN runs no code of ours, and there is no other thread to set this signal. What
    // is written to a pipe that nobody reads is an error, not the end.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    let mut arguments = Vec::new();
    for at in 1..usize::try_from(count).unwrap_or(0) {
        // SAFETY: there are so many, each a string that stays.
        let word = unsafe { CStr::from_ptr(*words.add(at)) };
        arguments.push(OsStr::from_bytes(word.to_bytes()).to_owned());
    }
    c_int::from(start(arguments))
}

/// Whoever is started without standard input, output or error would open its next file in that
/// place, and write to it what is meant for people.
fn hold_standard_streams() {
    for stream in 0..3 {
        // SAFETY: it asks whether the number is one of an open file, and takes no pointer.
        if unsafe { libc::fcntl(stream, libc::F_GETFD) } >= 0
            || Errno::from_io_error(&std::io::Error::last_os_error()) != Some(Errno::BADF)
        {
            continue;
        }
        // SAFETY: the path is a string. The lowest number that is free is given: this one.
        unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) };
    }
}
