//! The control socket: lines in, one line of answer each.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use rustix::event::PollFlags;

/// The listener and its connections.
pub(super) struct Control {
    listener: UnixListener,
    connections: BTreeMap<u64, (UnixStream, Vec<u8>)>,
    next: u64,
}

impl Control {
    /// Listens at `path`, taking the place of a socket that nobody serves any more.
    pub(super) fn bind(path: &Path) -> io::Result<Self> {
        if UnixStream::connect(path).is_err() {
            let _ = std::fs::remove_file(path);
        }
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, connections: BTreeMap::new(), next: 0 })
    }

    /// Descriptors to wait for.
    pub(super) fn interests(&self) -> Vec<(BorrowedFd<'_>, PollFlags)> {
        let connections = self.connections.values().map(|(stream, _)| stream.as_fd());
        let fds = connections.chain([self.listener.as_fd()]);
        fds.map(|fd| (fd, PollFlags::IN)).collect()
    }

    /// Complete lines that have come, with the connection they came on.
    pub(super) fn read_lines(&mut self) -> Vec<(u64, String)> {
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                self.connections.insert(self.next, (stream, Vec::new()));
                self.next += 1;
            }
        }
        let mut lines = Vec::new();
        self.connections.retain(|id, (stream, buffer)| {
            let open = read_available(stream, buffer);
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                lines.push((*id, String::from_utf8_lossy(&line).trim().to_owned()));
            }
            // A peer that has shut down its sending side still waits for answers.
            open || lines.iter().any(|(from, _)| from == id)
        });
        lines
    }

    /// Answers a line. Answers are short, so the socket takes them whole.
    pub(super) fn answer(&mut self, connection: u64, text: &str) {
        if let Some((stream, _)) = self.connections.get_mut(&connection) {
            let _ = stream.write_all(format!("{text}\n").as_bytes());
        }
    }
}

/// Reads what is there; false at the end of the stream.
fn read_available(stream: &mut UnixStream, buffer: &mut Vec<u8>) -> bool {
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return false,
            Ok(count) => buffer.extend(chunk.get(..count).unwrap_or_default()),
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        }
    }
}
