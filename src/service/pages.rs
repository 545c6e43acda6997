//! The documents being read from sticks' own pages: each a socket on the stick's net device, and a
//! deadline. Without one nothing wakes the loop.

use crate::io::poll::{Interest, Ready};
use crate::io::probe::{Fault, Kind, Socket};
use crate::log;
use crate::manager::{Input, PageReading};
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::wire::http::{self, Response};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd as _, BorrowedFd};

/// How long a document may take. The web servers of sticks answer within a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// As much as one read takes.
const READ_BYTES: usize = 2048;

/// How many reads of one document are made in a turn of the loop.
const READS_PER_TURN: usize = 16;

/// What names a document under way; never used twice.
pub(super) type PageId = u64;

/// The documents under way.
#[derive(Debug, Default)]
pub(super) struct Pages {
    running: Map<PageId, Running>,
    last: PageId,
}

#[derive(Debug)]
struct Running {
    reading: Box<PageReading>,
    deadline: Instant,
    socket: Socket,
    is_asked: bool,
    bytes: Vec<u8>,
}

impl Pages {
    /// Begins to read; one for the same modem that is under way is given up. What came of it, if
    /// that is known at once.
    pub(super) fn start(&mut self, now: Instant, reading: Box<PageReading>) -> Option<Input> {
        self.running.retain(|_, running| running.reading.modem != reading.modem);
        let to = SocketAddr::new(IpAddr::V4(reading.request.address), http::PORT);
        let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        match Socket::open(Kind::Tcp, &reading.device, any, to) {
            Ok(socket) => {
                let (deadline, bytes) = (now + PATIENCE, Vec::new());
                let running = Running { reading, deadline, socket, is_asked: false, bytes };
                self.last += 1;
                self.running.insert(self.last, running);
                None
            }
            Err(fault) => Some(failed(&reading, &fault)),
        }
    }

    /// The sockets to wait for.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PageId, BorrowedFd<'_>, Interest)> {
        self.running.iter().map(|(id, running)| {
            let interest = if running.is_asked { Interest::Read } else { Interest::ReadWrite };
            (*id, running.socket.as_fd(), interest)
        })
    }

    /// Goes on with a document whose socket is ready.
    pub(super) fn handle(&mut self, id: PageId, ready: Ready) -> Option<Input> {
        let result = self.running.get_mut(&id)?.go_on(ready);
        if matches!(result, Ok(None)) {
            return None;
        }
        let reading = self.running.take(&id)?.reading;
        Some(match result {
            Ok(response) => done(&reading, response),
            Err(fault) => failed(&reading, &fault),
        })
    }

    /// Ends what has had its time.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Input> {
        let mut inputs = Vec::new();
        for (_, running) in self.running.extract_if(|_, running| running.deadline <= now) {
            inputs.push(done(&running.reading, None));
        }
        inputs
    }

    /// When [`Pages::handle_timeout`] is wanted.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.running.values().map(|running| running.deadline).min()
    }
}

impl Running {
    fn go_on(&mut self, ready: Ready) -> Result<Option<Response>, Fault> {
        if !self.is_asked {
            if !ready.writable && !ready.closed {
                return Ok(None);
            }
            self.socket.connected()?;
            let request = &self.reading.request;
            let host = request.address.to_string();
            let request = http::encode_request(&host, request.path, &request.headers);
            self.socket.send(&request.map_err(invalid)?)?;
            self.is_asked = true;
        }
        let mut buf = [0; READ_BYTES];
        for _ in 0..READS_PER_TURN {
            let Some(count) = self.socket.recv(&mut buf)? else { return Ok(None) };
            self.bytes.extend_from_slice(buf.get(..count).unwrap_or_default());
            let response = http::parse_response(&self.bytes, count == 0).map_err(invalid)?;
            if response.is_some() {
                return Ok(response);
            }
        }
        Ok(None)
    }
}

fn invalid(error: crate::wire::Error) -> Fault {
    Fault::Remote(crate::io::error::other(error))
}

fn done(reading: &PageReading, response: Option<Response>) -> Input {
    Input::PageRead { modem: reading.modem.clone(), from: reading.request.address, response }
}

fn failed(reading: &PageReading, fault: &Fault) -> Input {
    let (Fault::Local(error) | Fault::Remote(error)) = fault;
    log::debug!("modem {}: {}: {error}", reading.modem, reading.request.path);
    done(reading, None)
}
