//! The bus of a router: the real ubusd where one is named, else the stand-in.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use ltewan::io::clock;

use super::LIMIT;
use crate::bus::ubusd;

/// A broker that can be killed and started again.
pub(crate) struct Broker {
    socket: PathBuf,
    running: Option<Running>,
}

enum Running {
    Real(Child),
    StandIn(ubusd::Broker),
}

impl Broker {
    /// Starts one; it listens when this returns.
    pub(crate) fn start(socket: &Path) -> io::Result<Self> {
        let mut broker = Self { socket: socket.to_owned(), running: None };
        broker.start_again()?;
        Ok(broker)
    }

    /// Starts it after it was killed.
    pub(crate) fn start_again(&mut self) -> io::Result<()> {
        self.running = Some(match std::env::var_os("LTEWAN_UBUSD") {
            Some(program) => {
                Running::Real(Command::new(program).arg("-s").arg(&self.socket).spawn()?)
            }
            None => Running::StandIn(ubusd::Broker::start(&self.socket)?),
        });
        let deadline = clock::now() + LIMIT;
        while UnixStream::connect(&self.socket).is_err() {
            if clock::now() > deadline {
                return Err(io::Error::other("the bus does not listen"));
            }
            std::thread::yield_now();
        }
        Ok(())
    }

    /// Ends it, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        match self.running.take() {
            Some(Running::Real(mut child)) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            Some(Running::StandIn(broker)) => drop(broker),
            None => {}
        }
        let _ = std::fs::remove_file(&self.socket);
    }

    /// Whether it is OpenWrt's own.
    pub(crate) const fn is_real(&self) -> bool {
        matches!(self.running, Some(Running::Real(_)))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The `ubus` tool: the one named, or the one beside the ubusd that is named.
pub(super) fn tool() -> Option<PathBuf> {
    let beside = |ubusd: std::ffi::OsString| {
        let program = PathBuf::from(ubusd).parent()?.parent()?.join("bin/ubus");
        program.exists().then_some(program)
    };
    let named = std::env::var_os("LTEWAN_UBUS").map(PathBuf::from);
    named.or_else(|| std::env::var_os("LTEWAN_UBUSD").and_then(beside))
}
