//! A program of the router's whose output is wanted: started without a shell, listened to through
//! descriptors that the loop waits for, and ended when it is wanted no more.

use super::channel::Closing;
use super::poll::{self, Interest};
use super::spawn::{self, Process};
use super::{Channel, Received, clock, program};
use crate::time::Duration;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid,
};
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// How much of what it prints is taken; who prints more is ended.
const PRINTED_MAX: usize = 16 * 1024;

/// A running program. It is ended when this is dropped, and when the daemon dies.
#[derive(Debug)]
pub struct Child {
    /// `None` once it has ended and its number may be another's.
    process: Option<Process>,
    /// Becomes readable when it ends.
    exit: OwnedFd,
    /// What it prints, until it closes that.
    output: Option<Channel>,
    printed: Vec<u8>,
}

/// How a program has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// What it printed, on its standard output and its standard error.
    pub printed: Vec<u8>,
    /// Whether it says that it did what it was to do.
    pub is_success: bool,
}

impl Child {
    /// Starts a program with these arguments, no input and no environment but a search path.
    ///
    /// # Errors
    /// What the system reports; the program's path is in it.
    pub fn start(path: &Path, arguments: &[String]) -> io::Result<Self> {
        Self::spawn(path, arguments).map_err(|error| super::at(path, error))
    }

    fn spawn(path: &Path, arguments: &[String]) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        // Of this end alone: the program's blocks, as programs expect.
        rustix::io::ioctl_fionbio(&reader, true)?;
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        // With a group of its own, whatever it starts is ended with it.
        let program = program::alone(path, &arguments, Vec::new())?.bound();
        let null = spawn::null()?;
        let process = program.spawn(Some([null.as_fd(), writer.as_fd(), writer.as_fd()]))?;
        let exit = match pidfd_open(process.id(), PidfdFlags::empty()) {
            Ok(exit) => exit,
            Err(error) => {
                process.end();
                return Err(error.into());
            }
        };
        let name = path.display().to_string();
        let output = Channel::new(reader.into(), &name, Closing::AtOnce, 0);
        Ok(Self { process: Some(process), exit, output: Some(output), printed: Vec::new() })
    }

    /// What to wait for until any of it is readable.
    pub fn iter(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.output.iter().map(AsFd::as_fd).chain([self.exit.as_fd()])
    }

    /// Takes what it has printed; how it has ended, once, when it has.
    ///
    /// # Errors
    /// When how it has ended cannot be told, or it was ended for printing too much.
    pub fn poll_end(&mut self) -> io::Result<Option<Ended>> {
        // Whatever it printed is there when it has ended.
        let has_ended = match self.group() {
            Some(group) => {
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
                waitid(WaitId::Pid(group), options)?.is_some()
            }
            None => false,
        };
        self.read();
        if !has_ended {
            return Ok(None);
        }
        // What it has left behind, before its number may be another's.
        self.kill();
        let Some(process) = self.process.take() else { return Ok(None) };
        let is_success = process.wait()?;
        if self.printed.len() > PRINTED_MAX {
            return Err(super::error::other("it printed too much"));
        }
        let printed = std::mem::take(&mut self.printed);
        Ok(Some(Ended { printed, is_success }))
    }

    /// Waits for its end, which keeps the caller: a thread of its own.
    ///
    /// # Errors
    /// Those of [`Child::poll_end`]; with [`io::ErrorKind::TimedOut`] when it took longer than
    /// `limit` and was ended.
    pub fn finish(mut self, limit: Duration) -> io::Result<Ended> {
        let deadline = clock::now() + limit;
        loop {
            if let Some(ended) = self.poll_end()? {
                return Ok(ended);
            }
            let left = deadline.saturating_since(clock::now());
            if left.is_zero() {
                self.kill();
                self.process.take().map(Process::wait).transpose()?;
                return Err(io::ErrorKind::TimedOut.into());
            }
            let fds: Vec<_> = self.iter().map(|fd| (fd, Interest::Read)).collect();
            poll::wait(&fds, Some(left))?;
        }
    }

    /// That of a process which is not waited for yet, so that it is no other's.
    fn group(&self) -> Option<Pid> {
        self.process.as_ref().map(Process::id)
    }

    fn read(&mut self) {
        let mut bytes = [0; 1024];
        while let Some(output) = &mut self.output {
            match output.read(&mut bytes) {
                Ok(Received::Bytes(count)) => {
                    self.printed.extend_from_slice(bytes.get(..count).unwrap_or_default());
                    if self.printed.len() > PRINTED_MAX {
                        self.output = None;
                        self.kill();
                    }
                }
                Ok(Received::Nothing) => return,
                Ok(Received::Closed) | Err(_) => self.output = None,
            }
        }
    }

    /// Ends it and what it has started, at once; [`Child::poll_end`] tells when it has.
    pub fn kill(&self) {
        if let Some(group) = self.group() {
            // It may have ended by itself meanwhile.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_waited_for_and_ended_when_it_takes_too_long() {
        let finish = |script: &str, limit| {
            let arguments = ["-c", script].map(str::to_owned);
            Child::start(Path::new("/bin/sh"), &arguments)?.finish(Duration::from_millis(limit))
        };
        let ended = finish("echo said; echo complained >&2; exit 2", 60_000).unwrap();
        assert_eq!(
            (ended.printed.as_slice(), ended.is_success),
            (&b"said\ncomplained\n"[..], false)
        );
        // It closes what it could be heard by, and never ends.
        let error = finish("exec >&- 2>&-; exec sleep 1000", 50).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let none = Child::start(Path::new("/none"), &[]).unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::NotFound);
    }
}
