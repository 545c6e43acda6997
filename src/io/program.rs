//! A program of the router's that the daemon tells something, without a shell between them.

use super::aside::Aside;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many may run at once: one that hangs must not gather others behind it.
const RUNNING_MAX: usize = 8;

/// What a program is to find without being told where.
const SEARCH_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Runs a program with one argument, this environment and no input, and waits for it on a thread
/// of its own; what it prints and how it ends is its own affair.
///
/// # Errors
/// When too many run already, or there is no thread to be had.
pub fn run(
    program: &Path,
    argument: &'static str,
    environment: Vec<(&'static str, String)>,
) -> io::Result<()> {
    if RUNNING.fetch_add(1, Ordering::Relaxed) >= RUNNING_MAX {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
        return Err(io::Error::other("too many programs run already"));
    }
    let running = Running;
    let mut command = Command::new(program);
    command.arg(argument).env_clear().env("PATH", SEARCH_PATH).envs(environment);
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Nobody waits for the result.
    drop(Aside::start("program", move || {
        let _running = running;
        command.status()
    })?);
    Ok(())
}

/// That one runs; it no longer does when this is dropped.
struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}
