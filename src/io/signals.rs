//! Signals as something to read, so that they arrive between two loop turns and never inside one.
#![expect(unsafe_code, reason = "rustix has no safe call for signal masks and signalfd")]

use rustix::io::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

/// A signal the daemon acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: procd wants us to stop.
    Terminate,
    /// SIGINT: somebody pressed Ctrl-C.
    Interrupt,
    /// SIGHUP: read the configuration again.
    Hangup,
    /// SIGUSR1: write the state to the log.
    User1,
}

const HANDLED: [(libc::c_int, Signal); 4] = [
    (libc::SIGTERM, Signal::Terminate),
    (libc::SIGINT, Signal::Interrupt),
    (libc::SIGHUP, Signal::Hangup),
    (libc::SIGUSR1, Signal::User1),
];

/// The size of one record of a signalfd.
const RECORD_BYTES: usize = size_of::<libc::signalfd_siginfo>();

/// The pending signals of the process.
#[derive(Debug)]
pub struct Signals {
    fd: OwnedFd,
}

impl Signals {
    /// Takes the handled signals over from their default action, in this thread and those it
    /// starts from now on, and ignores SIGPIPE. Called once, first of all.
    ///
    /// # Errors
    /// When the kernel has no signalfd.
    pub fn open() -> io::Result<Self> {
        // SAFETY: SIG_IGN runs no code of ours, and no other thread sets this signal.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: `sigemptyset` initialises the set that the calls after it use; each pointer is
        // to a live local, and a null old set is allowed.
        let (set, masked) = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            for (number, _) in HANDLED {
                libc::sigaddset(set.as_mut_ptr(), number);
            }
            let set = set.assume_init();
            (set, libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()))
        };
        if masked != 0 {
            return Err(super::named("signals", io::Error::from_raw_os_error(masked)));
        }
        let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
        // SAFETY: `set` is an initialised set, and -1 asks for a new descriptor.
        let fd = unsafe { libc::signalfd(-1, &raw const set, flags) };
        if fd < 0 {
            return Err(super::named("signals", io::Error::last_os_error()));
        }
        // SAFETY: the call above opened `fd` and nobody else has it.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    /// The next signal that has arrived.
    pub fn take(&mut self) -> Option<Signal> {
        let mut record = [0; RECORD_BYTES];
        loop {
            match rustix::io::read(&self.fd, &mut record) {
                // The signal's number is the record's first field, 32 bits wide.
                Ok(RECORD_BYTES) => {
                    let number = u32::from_ne_bytes(*record.first_chunk()?);
                    let known = HANDLED.iter().find(|(n, _)| u32::try_from(*n) == Ok(number));
                    if let Some(&(_, signal)) = known {
                        return Some(signal);
                    }
                }
                Err(Errno::INTR) => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
