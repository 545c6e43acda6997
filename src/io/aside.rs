//! What may take seconds, away from the loop: one call on a short-lived thread, its result through
//! a descriptor that the loop waits for.

use super::threads;
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

/// A call on its way; its descriptor becomes readable when it has ended. Dropping it gives the
/// result up, not the call: that goes on, and its result is dropped.
#[derive(Debug)]
pub struct Aside<T> {
    /// The other end is closed by the thread.
    done: UnixStream,
    /// The thread has a share in it until the call has ended.
    result: Arc<Mutex<Option<io::Result<Box<T>>>>>,
}

impl<T: Send + 'static> Aside<T> {
    /// Starts `call` on a thread of that name, at most 15 bytes of which the kernel shows.
    ///
    /// # Errors
    /// When there are no descriptors or threads to be had; then nothing was called.
    pub fn start(
        name: &'static CStr,
        call: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<Self> {
        let result = Arc::new(Mutex::new(None));
        let share = Arc::clone(&result);
        let call = Box::new(move || {
            // Nobody may want it any more; then it is dropped here.
            *share.lock().unwrap_or_else(PoisonError::into_inner) = Some(call().map(Box::new));
        });
        Ok(Self { done: begin(name, call)?, result })
    }

    /// What the call gave, once; `None` while it is under way. A box, for which the code is the
    /// same whatever is in it.
    #[inline(never)]
    pub fn take(&mut self) -> Option<io::Result<Box<T>>> {
        let result = Arc::get_mut(&mut self.result)?;
        let result = result.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        Some(result.unwrap_or_else(|| Err(super::error::other("the call has failed"))))
    }
}

/// Starts `call`; what it holds is dropped before the end of the stream.
fn begin(name: &'static CStr, call: Box<dyn FnOnce() + Send>) -> io::Result<UnixStream> {
    let (done, end) = UnixStream::pair()?;
    threads::spawn(
        name,
        Box::new(move || {
            call();
            // Whoever sees the end of the stream finds nothing undecided.
            drop(end);
        }),
    )?;
    Ok(done)
}

impl<T> AsFd for Aside<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.done.as_fd()
    }
}
