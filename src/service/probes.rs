//! The probes under way: each a socket on its modem's net device, and a deadline.
//!
//! A name is looked up first, at the network's own name servers and over the same device. Nothing
//! blocks, and without a probe nothing wakes the loop.

use crate::config::{CheckTarget, Host};
use crate::io::poll::{Interest, Ready};
use crate::io::probe::{Fault, Kind, Socket};
use crate::io::random;
use crate::manager::Input;
use crate::manager::watchdog::{NameServer, Probe, ProbeId, ProbeResult, WELL_KNOWN_NAME};
use crate::map::{Map, Queue};
use crate::time::{Duration, Instant};
use crate::types::IpFamily;
use crate::wire::{dns, http, icmp};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd as _, BorrowedFd};

/// At most this many probes are under way: two of each modem, and as many whose interface has gone
/// meanwhile.
pub(super) const PROBES_MAX: usize = 64;

/// How long one of several name servers may take before the next is asked.
const SERVER_PATIENCE: Duration = Duration::from_millis(1500);

/// Longer than any answer read.
const READ_BYTES: usize = 1500;

/// How many packets of one probe are looked at in a turn of the loop.
const READS_PER_TURN: usize = 16;

/// What fills an echo request: as long as what other programs send.
const ECHO_DATA: [u8; 56] = [0x6c; 56];

/// The probes under way.
#[derive(Debug, Default)]
pub(super) struct Probes(Map<ProbeId, Running>);

#[derive(Debug)]
struct Running {
    probe: Box<Probe>,
    deadline: Instant,
    /// When what is under way began.
    began: Instant,
    stage: Stage,
    /// The name servers not asked yet.
    servers: Queue<NameServer>,
    /// When the next of them is.
    next_server_at: Option<Instant>,
}

#[derive(Debug)]
enum Stage {
    /// Nothing is under way yet.
    Idle,
    /// A name server was asked.
    Asking { socket: Socket, query: Vec<u8> },
    /// An echo request was sent.
    Pinging { socket: Socket, echo: icmp::Echo },
    /// A connection is being made.
    Connecting { socket: Socket },
    /// A page was asked for; this much of the answer has come.
    Reading { socket: Socket, head: Vec<u8> },
}

/// The end of a probe; `Ok` while it goes on.
type Progress = Result<(), ProbeResult>;

impl Probes {
    /// Starts a probe; its result, if that is known at once.
    pub(super) fn start(&mut self, now: Instant, probe: Box<Probe>) -> Option<Input> {
        let id = probe.id;
        if self.0.len() >= PROBES_MAX {
            let result = ProbeResult::NotMade("too many probes are under way".to_owned());
            return Some(Input::ProbeDone { id, result });
        }
        let mut running = Running {
            deadline: now + probe.timeout,
            began: now,
            stage: Stage::Idle,
            servers: Queue::new(),
            next_server_at: None,
            probe,
        };
        match running.start(now) {
            Ok(()) => {
                self.0.insert(id, running);
                None
            }
            Err(result) => Some(Input::ProbeDone { id, result }),
        }
    }

    /// The sockets to wait for.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ProbeId, BorrowedFd<'_>, Interest)> {
        self.0.iter().filter_map(|(id, running)| {
            let (fd, interest) = running.stage.waits_for()?;
            Some((*id, fd, interest))
        })
    }

    /// Goes on with a probe whose socket is ready.
    pub(super) fn handle(&mut self, now: Instant, id: ProbeId, ready: Ready) -> Option<Input> {
        let running = self.0.get_mut(&id)?;
        let result = running.go_on(now, ready).err()?;
        self.0.remove(&id);
        Some(Input::ProbeDone { id, result })
    }

    /// Ends what has had its time.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Input> {
        let (mut over, mut inputs) = (Vec::new(), Vec::new());
        for (id, running) in &mut self.0 {
            if let Err(result) = running.handle_timeout(now) {
                over.push(*id);
                inputs.push(Input::ProbeDone { id: *id, result });
            }
        }
        for id in &over {
            self.0.remove(id);
        }
        inputs
    }

    /// When [`Probes::handle_timeout`] is wanted.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let due = |running: &Running| {
            running.next_server_at.map_or(running.deadline, |at| at.min(running.deadline))
        };
        self.0.values().map(due).min()
    }
}

impl Stage {
    fn waits_for(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        match self {
            Self::Idle => None,
            Self::Asking { socket, .. }
            | Self::Pinging { socket, .. }
            | Self::Reading { socket, .. } => Some((socket.as_fd(), Interest::Read)),
            Self::Connecting { socket } => Some((socket.as_fd(), Interest::ReadWrite)),
        }
    }
}

impl Running {
    fn start(&mut self, now: Instant) -> Progress {
        let host = match &self.probe.target {
            CheckTarget::NameServer(address) => {
                let server = NameServer { address: *address, source: self.probe.source };
                self.servers = Queue::from(vec![server]);
                return self.ask_next(now);
            }
            // Over the family that is being checked, so that the answer says something of it.
            CheckTarget::Name(_) => {
                return self.ask_those_over(now, &[self.probe.family]);
            }
            CheckTarget::Ping(host) | CheckTarget::Page { host, .. } => host,
        };
        match host {
            Host::Address(address) => self.reach(now, *address),
            Host::Name(_) => self.ask_those_over(now, &[IpFamily::V4, IpFamily::V6]),
        }
    }

    /// Asks the network's name servers that are reached over one of these.
    fn ask_those_over(&mut self, now: Instant, families: &[IpFamily]) -> Progress {
        for server in &self.probe.servers {
            let is_v6 = server.address.is_ipv6();
            if families.contains(if is_v6 { &IpFamily::V6 } else { &IpFamily::V4 }) {
                self.servers.push_back(*server);
            }
        }
        self.ask_next(now)
    }

    /// The name that is looked up.
    fn name(&self) -> &str {
        match &self.probe.target {
            CheckTarget::Name(name)
            | CheckTarget::Ping(Host::Name(name))
            | CheckTarget::Page { host: Host::Name(name), .. } => name,
            CheckTarget::NameServer(_)
            | CheckTarget::Ping(Host::Address(_))
            | CheckTarget::Page { host: Host::Address(_), .. } => WELL_KNOWN_NAME,
        }
    }

    /// Asks the next name server.
    fn ask_next(&mut self, now: Instant) -> Progress {
        let Some(server) = self.servers.pop_front() else {
            return Err(not_made("the network has no name server"));
        };
        let [high, low, ..] = random::seed().to_be_bytes();
        let id = u16::from_be_bytes([high, low]);
        let query = dns::encode_query(id, self.name(), self.probe.family)
            .map_err(|error| not_made(&format!("{}: {error}", self.name())))?;
        let to = SocketAddr::new(server.address, dns::PORT);
        let socket = Socket::open(Kind::Udp, &self.probe.device, server.source, to)
            .and_then(|socket| socket.send(&query).map(|()| socket))
            .map_err(|fault| ended(&format!("name server {}", server.address), fault))?;
        self.began = now;
        self.next_server_at = (!self.servers.is_empty()).then_some(now + SERVER_PATIENCE);
        self.stage = Stage::Asking { socket, query };
        Ok(())
    }

    /// Sends an echo request to an address, or connects to it.
    fn reach(&mut self, now: Instant, address: IpAddr) -> Progress {
        self.began = now;
        self.next_server_at = None;
        let (kind, port) = match &self.probe.target {
            CheckTarget::Page { port, .. } => (Kind::Tcp, *port),
            CheckTarget::Ping(_) | CheckTarget::NameServer(_) | CheckTarget::Name(_) => {
                (Kind::Echo, 0)
            }
        };
        let failed = |fault| ended(&address.to_string(), fault);
        let to = SocketAddr::new(address, port);
        let socket = Socket::open(kind, &self.probe.device, self.probe.source, to);
        let socket = socket.map_err(failed)?;
        if kind == Kind::Tcp {
            self.stage = Stage::Connecting { socket };
            return Ok(());
        }
        let [id0, id1, n0, n1, ..] = random::seed().to_be_bytes();
        let (id, sequence) = (u16::from_be_bytes([id0, id1]), u16::from_be_bytes([n0, n1]));
        let echo = icmp::Echo { id, sequence };
        let request = icmp::encode_request(self.probe.family, echo, &ECHO_DATA);
        socket.send(&request).map_err(failed)?;
        self.stage = Stage::Pinging { socket, echo };
        Ok(())
    }

    fn go_on(&mut self, now: Instant, ready: Ready) -> Progress {
        match &self.stage {
            Stage::Idle => Ok(()),
            Stage::Connecting { .. } => self.connected(ready),
            Stage::Asking { .. } | Stage::Pinging { .. } | Stage::Reading { .. } => self.read(now),
        }
    }

    fn connected(&mut self, ready: Ready) -> Progress {
        if !ready.writable && !ready.closed {
            return Ok(());
        }
        let Stage::Connecting { socket } = std::mem::replace(&mut self.stage, Stage::Idle) else {
            return Ok(());
        };
        let (host, path) = self.page();
        let request = http::encode_request(&host, path, &[])
            .map_err(|error| not_made(&format!("{host}: {error}")))?;
        let sent = socket.connected().and_then(|()| socket.send(&request));
        sent.map_err(|fault| ended(&host, fault))?;
        self.stage = Stage::Reading { socket, head: Vec::new() };
        Ok(())
    }

    /// Host and path as in a URL.
    fn page(&self) -> (String, &str) {
        match &self.probe.target {
            CheckTarget::Page { host, port, path } => {
                let host = match host {
                    Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
                    Host::Address(IpAddr::V4(address)) => address.to_string(),
                    Host::Name(name) => name.clone(),
                };
                let is_usual = *port == http::PORT;
                (if is_usual { host } else { format!("{host}:{port}") }, path)
            }
            CheckTarget::Ping(_) | CheckTarget::NameServer(_) | CheckTarget::Name(_) => {
                (String::new(), "/")
            }
        }
    }

    fn read(&mut self, now: Instant) -> Progress {
        let mut buf = [0; READ_BYTES];
        for _ in 0..READS_PER_TURN {
            let received = match &self.stage {
                Stage::Idle | Stage::Connecting { .. } => return Ok(()),
                Stage::Asking { socket, .. }
                | Stage::Pinging { socket, .. }
                | Stage::Reading { socket, .. } => socket.recv(&mut buf),
            };
            match received {
                Ok(None) => return Ok(()),
                Ok(Some(count)) => self.take(now, buf.get(..count).unwrap_or_default())?,
                Err(_) if !self.servers.is_empty() => return self.ask_next(now),
                Err(fault) => return Err(ended("no answer", fault)),
            }
        }
        Ok(())
    }

    /// Takes what was received.
    fn take(&mut self, now: Instant, bytes: &[u8]) -> Progress {
        let rtt = now.saturating_since(self.began);
        let family = self.probe.family;
        match &mut self.stage {
            Stage::Idle | Stage::Connecting { .. } => Ok(()),
            Stage::Pinging { echo, .. } => match icmp::parse_reply(family, bytes) {
                Ok(Some(reply)) if reply == *echo => Err(ProbeResult::Answered { rtt }),
                // Whatever else the same host sends.
                Ok(_) | Err(_) => Ok(()),
            },
            Stage::Reading { head, .. } => {
                if bytes.is_empty() {
                    return Err(failed("the connection was closed without an answer"));
                }
                let len = bytes.len().min(http::STATUS_LINE_BYTES_MAX);
                head.extend_from_slice(bytes.get(..len).unwrap_or_default());
                match http::parse_status(head) {
                    Ok(Some(_)) => Err(ProbeResult::Answered { rtt }),
                    Ok(None) => Ok(()),
                    Err(_) => Err(failed("the answer is not HTTP")),
                }
            }
            Stage::Asking { query, .. } => match dns::parse_response(query, family, bytes) {
                Ok(Some(response)) => self.resolved(now, rtt, &response),
                Ok(None) | Err(_) => Ok(()),
            },
        }
    }

    /// A name server has answered.
    fn resolved(&mut self, now: Instant, rtt: Duration, response: &dns::Response) -> Progress {
        if let dns::Code::Other(code) = response.code {
            if !self.servers.is_empty() {
                return self.ask_next(now);
            }
            return Err(failed(&format!("{}: the name server says error {code}", self.name())));
        }
        match &self.probe.target {
            CheckTarget::NameServer(_) | CheckTarget::Name(_) => Err(ProbeResult::Answered { rtt }),
            CheckTarget::Ping(_) | CheckTarget::Page { .. } => match response.addresses.first() {
                Some(address) => self.reach(now, *address),
                None => {
                    let family = self.probe.family.name();
                    Err(not_made(&format!("{} has no {family} address", self.name())))
                }
            },
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Progress {
        if self.deadline <= now {
            return Err(match &self.stage {
                Stage::Asking { .. } => failed("the name server did not answer in time"),
                Stage::Idle
                | Stage::Pinging { .. }
                | Stage::Connecting { .. }
                | Stage::Reading { .. } => failed("no answer in time"),
            });
        }
        if self.next_server_at.is_some_and(|at| at <= now) {
            return self.ask_next(now);
        }
        Ok(())
    }
}

fn failed(why: &str) -> ProbeResult {
    ProbeResult::Failed(why.to_owned())
}

fn not_made(why: &str) -> ProbeResult {
    ProbeResult::NotMade(why.to_owned())
}

fn ended(what: &str, fault: Fault) -> ProbeResult {
    match fault {
        Fault::Local(error) => ProbeResult::NotMade(format!("{what}: {error}")),
        Fault::Remote(error) => ProbeResult::Failed(format!("{what}: {error}")),
    }
}
