//! Starts a thread that nobody waits for. `std::thread` has names for all, hooks, results and a
//! guard for each stack, which is 10 KB of code on MIPS.
#![expect(unsafe_code, reason = "neither std without all of that nor rustix starts threads")]

use super::faults::FaultStack;
use std::ffi::{CStr, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// Enough for a few system calls.
const STACK_BYTES: usize = 64 * 1024;

struct Start {
    name: &'static CStr,
    call: Box<dyn FnOnce() + Send>,
}

/// Runs `call` on a thread of its own, of at most 15 bytes of whose name the kernel is told.
///
/// # Errors
/// When there is no thread to be had; then nothing was called.
pub(super) fn spawn(name: &'static CStr, call: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    let start = Box::into_raw(Box::new(Start { name, call }));
    let mut attributes = MaybeUninit::uninit();
    let mut thread = MaybeUninit::uninit();
    // SAFETY: the attributes are initialised before they are used and not used after they are
    // destroyed; that cannot fail, glibc and musl take nothing for it. `run` has the signature
    // that is asked for, and takes `start`, which is its own. Where so small a stack is not
    // allowed, it is one of the size that threads usually have.
    let error = unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        let attributes = attributes.as_mut_ptr();
        libc::pthread_attr_setstacksize(attributes, STACK_BYTES);
        libc::pthread_attr_setdetachstate(attributes, libc::PTHREAD_CREATE_DETACHED);
        let error = libc::pthread_create(thread.as_mut_ptr(), attributes, run, start.cast());
        libc::pthread_attr_destroy(attributes);
        error
    };
    if error == 0 {
        return Ok(());
    }
    // SAFETY: without a thread it is still ours.
    drop(unsafe { Box::from_raw(start) });
    Err(io::Error::from_raw_os_error(error))
}

/// A thread. A panic ends the thread alone, where it does not end the program.
extern "C" fn run(start: *mut c_void) -> *mut c_void {
    // SAFETY: it is the box of `spawn`, which has given it away.
    let start = unsafe { Box::from_raw(start.cast::<Start>()) };
    let _ = rustix::thread::set_name(start.name);
    let stack = FaultStack::new();
    let _ = catch_unwind(AssertUnwindSafe(start.call));
    drop(stack);
    ptr::null_mut()
}
