//! Closing without waiting.
//!
//! The last close of a cdc-wdm device or a tty waits for transfers that a hung modem never
//! finishes, up to half a minute. The loop may not stand still for that, so the close happens on a
//! short-lived thread.

use crate::map::Queue;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

/// At most this many threads close descriptors at a time; what comes above waits for one of them.
pub const THREADS_MAX: usize = 4;

struct Closers {
    running: usize,
    waiting: Queue<OwnedFd>,
}

static CLOSERS: Mutex<Closers> = Mutex::new(Closers { running: 0, waiting: Queue::new() });

/// Closes `fd` soon, on a thread of its own. Returns at once.
pub fn aside(fd: OwnedFd) {
    let mut closers = CLOSERS.lock().unwrap_or_else(PoisonError::into_inner);
    closers.waiting.push_back(fd);
    if closers.running >= THREADS_MAX {
        return;
    }
    if super::threads::spawn(c"close", Box::new(close_waiting)).is_ok() {
        closers.running += 1;
    } else if closers.running == 0 {
        // No thread can be had: a pause is better than a descriptor that stays open.
        closers.waiting.clear();
    }
}

/// How many threads are closing something just now.
pub fn threads() -> usize {
    CLOSERS.lock().unwrap_or_else(PoisonError::into_inner).running
}

fn close_waiting() {
    loop {
        let fd = {
            let mut closers = CLOSERS.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(fd) = closers.waiting.pop_front() else {
                closers.running = closers.running.saturating_sub(1);
                return;
            };
            fd
        };
        drop(fd);
    }
}
