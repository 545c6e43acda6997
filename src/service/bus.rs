//! The socket to ubusd under a [`Connection`]: opened, fed, flushed, and opened again.

use super::ubus::{Connection, Event};
use crate::io::{Channel, Received};
use crate::io::{path, socket, watch::Watcher};
use crate::log;
use crate::time::{Duration, Instant};
use std::path::PathBuf;

/// Where ubusd listens, newest place first (before 21.02 it was the second).
pub const SOCKETS: [&str; 2] = ["/var/run/ubus/ubus.sock", "/var/run/ubus.sock"];

/// How long to wait before the socket is tried again, when nothing says that it is back.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The same at first: the socket's name is there a moment before ubusd listens. Doubles.
const RETRY_AFTER_FIRST: Duration = Duration::from_millis(10);

/// The longest single read.
const READ_BYTES: usize = 16 * 1024;

/// One client's end of the bus.
#[derive(Debug)]
pub struct Bus {
    sockets: Vec<PathBuf>,
    channel: Option<Channel>,
    connection: Connection,
    retry_at: Option<Instant>,
    retry_after: Duration,
    watcher: Option<Watcher>,
}

impl Bus {
    /// A bus that is not connected yet, at `socket` or where ubusd usually is.
    pub fn new(connection: Connection, socket: Option<PathBuf>) -> Self {
        let sockets = socket.map_or_else(|| SOCKETS.map(PathBuf::from).to_vec(), |path| vec![path]);
        let mut watcher = Watcher::new().ok();
        for directory in sockets.iter().filter_map(|socket| path::parent(socket)) {
            if let Some(watcher) = &mut watcher {
                // A directory that is not there yet is left to the timer.
                let _ = watcher.add(directory);
            }
        }
        Self {
            sockets,
            channel: None,
            connection,
            retry_at: Some(Instant::ZERO),
            retry_after: RETRY_AFTER_FIRST,
            watcher,
        }
    }

    /// What is said over it.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The open socket.
    pub fn channel(&self) -> Option<&Channel> {
        self.channel.as_ref()
    }

    /// What tells that the socket may be back; worth watching while there is no channel.
    pub fn watcher(&self) -> Option<&Watcher> {
        self.watcher.as_ref()
    }

    /// Something happened beside the socket: if it is not open, it may be back.
    pub fn handle_watch(&mut self, now: Instant) {
        let seen = self.watcher.as_mut().is_some_and(|w| w.drain().unwrap_or(false));
        if seen && self.channel.is_none() {
            self.retry_at = Some(now);
            self.retry_after = RETRY_AFTER_FIRST;
        }
    }

    /// When [`Bus::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        Instant::first_of(&[self.connection.poll_timeout(), self.retry_at])
    }

    /// Does what is due; connects.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.connection.handle_timeout(now);
        if self.retry_at.is_some_and(|at| at <= now) {
            self.connect(now);
        }
    }

    fn connect(&mut self, now: Instant) {
        self.channel = self.sockets.iter().find_map(|path| socket::connect_stream(path).ok());
        if self.channel.is_some() {
            self.retry_at = None;
            self.connection.handle_connected(now);
        } else {
            self.retry(now);
        }
    }

    /// Reads what has come.
    pub fn read(&mut self, now: Instant) {
        let mut buf = vec![0; READ_BYTES];
        loop {
            let Some(channel) = &mut self.channel else { return };
            match channel.read(&mut buf) {
                Ok(Received::Bytes(count)) => {
                    let bytes = buf.get(..count).unwrap_or_default();
                    self.connection.handle_input(now, bytes);
                }
                Ok(Received::Nothing) => return,
                Ok(Received::Closed) | Err(_) => return self.disconnected(now),
            }
        }
    }

    /// Writes what waits.
    pub fn flush(&mut self, now: Instant) {
        let Some(channel) = &mut self.channel else { return };
        let waiting = self.connection.transmit();
        let result = if waiting.is_empty() { channel.flush() } else { channel.send(waiting) };
        let count = waiting.len();
        match result {
            Ok(()) => self.connection.transmitted(count),
            Err(_) => self.disconnected(now),
        }
    }

    /// What happened on the bus.
    pub fn poll_event(&mut self, now: Instant) -> Option<Event> {
        let event = self.connection.poll_event()?;
        match &event {
            Event::Broken { fault } => {
                log::warn!("ubus: {fault}");
                self.disconnected(now);
            }
            // Somebody who speaks the protocol, and not only a socket that is open.
            Event::Connected => self.retry_after = RETRY_AFTER_FIRST,
            Event::Call { .. }
            | Event::Reply { .. }
            | Event::Notification { .. }
            | Event::BusEvent { .. }
            | Event::Subscribers { .. }
            | Event::Subscription { .. }
            | Event::Refused { .. } => {}
        }
        Some(event)
    }

    fn disconnected(&mut self, now: Instant) {
        self.channel = None;
        self.connection.handle_disconnected(now);
        self.retry(now);
    }

    /// Ever later, for who accepts and closes at once would keep us busy.
    fn retry(&mut self, now: Instant) {
        self.retry_at = Some(now + self.retry_after);
        self.retry_after = self.retry_after.saturating_mul(2).min(RETRY_AFTER);
    }
}
