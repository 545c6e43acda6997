//! Simulated modems on ptys, served by a thread of this program.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread::{JoinHandle, spawn};

use crate::serve::Server;
use crate::serve::pty::PtyBody;

/// The modems of a router. Dropping this unplugs them all.
pub(crate) struct Modems {
    control: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl Modems {
    /// None plugged in yet; their devices will be under `root` and in this network namespace.
    pub(crate) fn start(root: &Path, control: &Path) -> io::Result<Self> {
        let (told, hear) = channel();
        let (root, socket) = (root.to_owned(), control.to_owned());
        let thread = spawn(move || {
            let make = move |port| PtyBody::new(port, &root, "wwan0");
            match Server::new(&socket, make) {
                Ok(mut server) => {
                    let _ = told.send(Ok(()));
                    let _ = server.run();
                }
                Err(error) => drop(told.send(Err(error))),
            }
        });
        hear.recv().map_err(io::Error::other)??;
        Ok(Self { control: control.to_owned(), thread: Some(thread) })
    }

    /// Says a line to the server; what it answers.
    pub(crate) fn say(&self, line: &str) -> io::Result<String> {
        let mut stream = UnixStream::connect(&self.control)?;
        writeln!(stream, "{line}")?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        match answer.trim().strip_prefix("error ") {
            Some(error) => Err(io::Error::other(format!("'{line}': {error}"))),
            None => Ok(answer.trim().to_owned()),
        }
    }

    /// What one counted.
    pub(crate) fn stats(&self, port: u8) -> io::Result<Stats> {
        self.say(&format!("stats {port}")).map(Stats)
    }
}

impl Drop for Modems {
    fn drop(&mut self) {
        let _ = self.say("quit");
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One line of JSON with counts.
#[derive(Clone, Debug)]
pub(crate) struct Stats(pub(crate) String);

impl Stats {
    /// A count; 0 when it is not there: a message that was never sent.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let value = self.after(name);
        let digits = value.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        digits.parse().unwrap_or(0)
    }

    /// Requests of one QMI message.
    pub(crate) fn qmi(&self, service: u8, message: u16) -> u64 {
        self.count(&format!("{service:#04x}/{message:#06x}"))
    }

    /// The client ids in use, as text.
    pub(crate) fn client_ids(&self) -> &str {
        self.after("client_ids").split("],\"").next().unwrap_or_default()
    }

    fn after(&self, name: &str) -> &str {
        self.0.split_once(&format!("\"{name}\":")).map_or("", |(_, rest)| rest)
    }
}
