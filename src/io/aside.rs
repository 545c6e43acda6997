//! What may take seconds, away from the loop: one call on a short-lived thread, its result through
//! a descriptor that the loop waits for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

/// Enough for a few system calls.
const STACK_BYTES: usize = 64 * 1024;

/// A call on its way; its descriptor becomes readable when it has ended. Dropping it gives the
/// result up, not the call: that goes on, and its result is dropped.
#[derive(Debug)]
pub struct Aside<T> {
    /// The other end is closed by the thread.
    done: UnixStream,
    result: Receiver<io::Result<T>>,
}

impl<T: Send + 'static> Aside<T> {
    /// Starts `call` on a thread of that name, at most 15 bytes of which the kernel shows.
    ///
    /// # Errors
    /// When there are no descriptors or threads to be had; then nothing was called.
    pub fn start(
        name: &str,
        call: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<Self> {
        let (done, end) = UnixStream::pair()?;
        let (sender, result) = channel();
        let thread = thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES);
        thread.spawn(move || {
            // Nobody may want it any more; then it is dropped here.
            let _ = sender.send(call());
            // Whoever sees the end of the stream finds nothing undecided.
            drop(sender);
            drop(end);
        })?;
        Ok(Self { done, result })
    }

    /// What the call gave; `None` while it is under way.
    pub fn take(&self) -> Option<io::Result<T>> {
        match self.result.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(io::Error::other("the call has failed"))),
        }
    }
}

impl<T> AsFd for Aside<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.done.as_fd()
    }
}
