//! Secrets typed by a person: read from the terminal unseen, or from a pipe a line each.
//!
//! Never from the arguments: those every user of the machine can read.

use super::terminal;
use rustix::io::retry_on_intr;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// The longest line taken.
const LINE_BYTES_MAX: usize = 256;

/// Where secrets come from.
#[derive(Debug)]
pub enum Source {
    /// A person at a terminal, who is asked.
    Terminal(File),
    /// A program or a file.
    Lines(File),
}

impl Source {
    /// The standard input.
    ///
    /// # Errors
    /// When there is none.
    pub fn stdin() -> io::Result<Self> {
        Self::of(super::stdio::input())
    }

    /// Another descriptor.
    ///
    /// # Errors
    /// When it cannot be duplicated.
    pub fn of(fd: BorrowedFd<'_>) -> io::Result<Self> {
        let file = File::from(fd.try_clone_to_owned()?);
        let is_terminal = file.is_terminal();
        Ok(if is_terminal { Self::Terminal(file) } else { Self::Lines(file) })
    }

    /// Whether there is a person to ask.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(_))
    }

    /// Reads one secret; a terminal shows `prompt` and nothing of what is typed.
    ///
    /// # Errors
    /// `Interrupted` when the person gives up (Ctrl-C, Ctrl-D), `UnexpectedEof` when nothing more
    /// comes, `InvalidData` for a line that is too long or not text.
    pub fn read(&mut self, prompt: &str, out: &mut impl Write) -> io::Result<String> {
        match self {
            Self::Terminal(file) => {
                write!(out, "{prompt}: ")?;
                out.flush()?;
                let unseen = Unseen::new(file.as_fd())?;
                let text = read_typed(file);
                drop(unseen);
                writeln!(out)?;
                text
            }
            Self::Lines(file) => read_line(file),
        }
    }
}

/// A terminal that shows nothing, until dropped. Keys that would end the program are taken as
/// bytes: it must not end before the terminal is as it was.
struct Unseen<'a> {
    fd: BorrowedFd<'a>,
    before: libc::termios,
}

impl<'a> Unseen<'a> {
    fn new(fd: BorrowedFd<'a>) -> io::Result<Self> {
        let before = terminal::settings(fd)?;
        let mut unseen = before;
        unseen.c_lflag &= !(libc::ECHO | libc::ICANON | libc::ISIG);
        // What was typed before the prompt is not meant for it.
        terminal::set(fd, &unseen, true)?;
        Ok(Self { fd, before })
    }
}

impl Drop for Unseen<'_> {
    fn drop(&mut self) {
        let _ = terminal::set(self.fd, &self.before, false);
    }
}

fn read_typed(mut file: &File) -> io::Result<String> {
    let mut text = String::new();
    let mut byte = [0];
    loop {
        if file.read(&mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match byte {
            [b'\r' | b'\n'] => return Ok(text),
            [0x03 | 0x04] => return Err(io::ErrorKind::Interrupted.into()),
            [0x08 | 0x7F] => drop(text.pop()),
            // Ctrl-U begins anew.
            [0x15] => text.clear(),
            [byte] if text.len() < LINE_BYTES_MAX => text.push(char::from(byte)),
            [_] => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// A byte at a time, for lines are short, and the reader of the standard library is not.
fn read_line(file: &File) -> io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < LINE_BYTES_MAX && !line.ends_with(b"\n") {
        if retry_on_intr(|| rustix::io::read(file, &mut byte))? == 0 {
            break;
        }
        line.extend_from_slice(&byte);
    }
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.len() >= LINE_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let text = String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
