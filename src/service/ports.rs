//! The modems' open ports, by the id the manager gave them.

use super::paths::Paths;
use crate::io::{Channel, Opening, Received};
use crate::io::{chardev, tty};
use crate::manager::{Input, PortId, PortKind};
use crate::map::Map;

/// The longest single read: more than the longest control message of any modem seen (4 KB).
const READ_BYTES: usize = 8 * 1024;

/// How many reads one port may have in a turn of the loop, so that none keeps the others waiting.
const READS_PER_TURN: usize = 16;

/// The ports that are open or being opened.
#[derive(Debug, Default)]
pub(super) struct Ports {
    open: Map<PortId, Channel>,
    opening: Map<PortId, Opening>,
}

impl Ports {
    /// Starts to open a port; what the manager is told of it, if that is known at once.
    pub(super) fn open(
        &mut self,
        paths: &Paths,
        port: PortId,
        name: &str,
        kind: PortKind,
    ) -> Option<Input> {
        let path = paths.dev.join(name);
        let open = match kind {
            PortKind::Control => chardev::open,
            PortKind::Serial => tty::open,
        };
        let started = match path.to_str() {
            None => Err(crate::io::error::other("a name that is no text")),
            Some(path) => Opening::start(path, open),
        };
        match started {
            Ok(opening) => {
                self.opening.insert(port, opening);
                None
            }
            Err(error) => Some(Input::PortLost { port, reason: error.to_string() }),
        }
    }

    /// What has become of a port that was being opened.
    pub(super) fn opened(&mut self, port: PortId) -> Option<Input> {
        let result = self.opening.get_mut(&port)?.take()?;
        self.opening.remove(&port);
        Some(match result {
            Ok(channel) => {
                self.open.insert(port, channel);
                Input::PortOpened(port)
            }
            Err(error) => Input::PortLost { port, reason: error.to_string() },
        })
    }

    pub(super) fn close(&mut self, port: PortId) {
        self.open.remove(&port);
        self.opening.remove(&port);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (PortId, &Channel)> {
        self.open.iter().map(|(port, channel)| (*port, channel))
    }

    pub(super) fn iter_opening(&self) -> impl Iterator<Item = (PortId, &Opening)> {
        self.opening.iter().map(|(port, opening)| (*port, opening))
    }

    /// Writes a message, or queues it; a port that cannot take it any more is closed.
    pub(super) fn write(&mut self, port: PortId, bytes: &[u8]) -> Option<Input> {
        let channel = self.open.get_mut(&port)?;
        let error = channel.send(bytes).err()?;
        Some(self.lost(port, &error.to_string()))
    }

    /// Writes what is queued.
    pub(super) fn flush(&mut self, port: PortId) -> Option<Input> {
        let error = self.open.get_mut(&port)?.flush().err()?;
        Some(self.lost(port, &error.to_string()))
    }

    /// Reads what has come.
    pub(super) fn read(&mut self, port: PortId) -> Vec<Input> {
        let mut inputs = Vec::new();
        let mut buf = vec![0; READ_BYTES];
        for _ in 0..READS_PER_TURN {
            let Some(channel) = self.open.get_mut(&port) else { break };
            match channel.read(&mut buf) {
                Ok(Received::Bytes(count)) => {
                    let bytes = buf.get(..count).unwrap_or_default().to_vec();
                    inputs.push(Input::PortData { port, bytes });
                }
                Ok(Received::Nothing) => break,
                Ok(Received::Closed) => inputs.push(self.lost(port, "closed by the device")),
                Err(error) => inputs.push(self.lost(port, &error.to_string())),
            }
        }
        inputs
    }

    /// Closes a port; what the manager is told of it.
    pub(super) fn lost(&mut self, port: PortId, reason: &str) -> Input {
        self.open.remove(&port);
        Input::PortLost { port, reason: reason.to_owned() }
    }
}
