//! Our end of the bus against a real broker on a real socket: the stand-in `ubusd`, or OpenWrt's
//! own when `LTEWAN_UBUSD` names it. The `ubus` tool is taken from beside it (`../bin/ubus`), or
//! from `LTEWAN_UBUS`; tests that need it pass over themselves when neither names it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod connection;
mod crate_client;
#[expect(dead_code, reason = "nobody here wants its timeline whole")]
pub(crate) mod netifd;
mod tool;
pub(crate) mod ubusd;

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use ltewan::service::ubus::{Connection, Event, Object};
use ltewan::time::{Duration, Instant};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long anything may take before a test fails.
const LIMIT: Duration = Duration::from_secs(10);

/// A broker on a socket of its own, the real one or the stand-in.
pub(crate) struct Bus {
    folder: PathBuf,
    running: Option<Running>,
}

enum Running {
    Real(Child),
    StandIn(ubusd::Broker),
}

impl Bus {
    pub(crate) fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("ltewan-bus-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut bus = Self { folder, running: None };
        bus.start_again();
        bus
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("ubus.sock")
    }

    /// Kills the broker, as `kill -9` does.
    pub(crate) fn stop(&mut self) {
        match self.running.take() {
            Some(Running::Real(mut child)) => {
                child.kill().unwrap();
                child.wait().unwrap();
            }
            Some(Running::StandIn(broker)) => drop(broker),
            None => {}
        }
        let _ = std::fs::remove_file(self.path());
    }

    pub(crate) fn start_again(&mut self) {
        self.running = Some(match std::env::var_os("LTEWAN_UBUSD") {
            Some(program) => {
                let child = Command::new(program).arg("-s").arg(self.path()).spawn().unwrap();
                Running::Real(child)
            }
            None => Running::StandIn(ubusd::Broker::start(self.path()).unwrap()),
        });
        let start = Clock::start();
        while UnixStream::connect(self.path()).is_err() {
            assert!(start.now() < Instant::ZERO + LIMIT, "no broker at {:?}", self.path());
            std::thread::yield_now();
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The one clock of these tests.
pub(crate) struct Clock(std::time::Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "a real broker lives in real time")]
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::ZERO + self.0.elapsed()
    }
}

/// What a peer does by itself when something happens.
type Handler = fn(&mut Connection, Event) -> Option<Event>;

/// A [`Connection`] with a socket.
pub(crate) struct Peer {
    pub(crate) connection: Connection,
    pub(crate) events: Vec<Event>,
    stream: Option<UnixStream>,
    clock: Clock,
    handler: Handler,
}

impl Peer {
    /// Not yet connected. `handler` sees every event first; what it gives back is kept in `events`.
    pub(crate) fn new(objects: Vec<Object>, handler: Handler) -> Self {
        Self {
            connection: Connection::new(objects),
            events: Vec::new(),
            stream: None,
            clock: Clock::start(),
            handler,
        }
    }

    pub(crate) fn connected(bus: &Bus, objects: Vec<Object>, handler: Handler) -> Self {
        let mut peer = Self::new(objects, handler);
        peer.connect(&bus.path());
        wait_until(&mut [&mut peer], |peers| peers[0].has(&Event::Connected));
        peer.events.clear();
        peer
    }

    pub(crate) fn connect(&mut self, path: &Path) {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_nonblocking(true).unwrap();
        self.stream = Some(stream);
        self.connection.handle_connected(self.clock.now());
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) const fn has_socket(&self) -> bool {
        self.stream.is_some()
    }

    pub(crate) fn has(&self, event: &Event) -> bool {
        self.events.contains(event)
    }

    pub(crate) fn close(&mut self) {
        self.stream = None;
        let now = self.now();
        self.connection.handle_disconnected(now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(event) = self.connection.poll_event() {
            if let Some(event) = (self.handler)(&mut self.connection, event) {
                self.events.push(event);
            }
        }
    }

    /// Writes and reads what can be without waiting.
    fn step(&mut self) {
        let now = self.now();
        self.connection.handle_timeout(now);
        self.drain();
        let Some(stream) = &mut self.stream else { return };
        let mut is_lost = false;
        while !self.connection.transmit().is_empty() {
            match stream.write(self.connection.transmit()) {
                Ok(len) => self.connection.transmitted(len),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => {
                    is_lost = true;
                    break;
                }
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(0) => is_lost = true,
            Ok(len) => self.connection.handle_input(now, &buffer[..len]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => is_lost = true,
        }
        if is_lost {
            self.close();
        }
        self.drain();
    }
}

/// One turn of the loop for all `peers`: waits for a socket or a timer, at most `at_most`.
pub(crate) fn turn(peers: &mut [&mut Peer], at_most: Duration) {
    let mut wait = at_most;
    let mut sockets = Vec::new();
    for peer in &*peers {
        if let Some(deadline) = peer.connection.poll_timeout() {
            wait = wait.min(deadline.saturating_since(peer.now()));
        }
        if let Some(stream) = &peer.stream {
            let writing = !peer.connection.transmit().is_empty();
            let out = if writing { PollFlags::OUT } else { PollFlags::empty() };
            sockets.push(PollFd::new(stream, PollFlags::IN | out));
        }
    }
    let wait = Timespec::try_from(wait).unwrap();
    let _ = poll(&mut sockets, Some(&wait));
    drop(sockets);
    for peer in peers {
        peer.step();
    }
}

pub(crate) fn wait_until(peers: &mut [&mut Peer], is_done: impl Fn(&[&mut Peer]) -> bool) {
    let clock = Clock::start();
    while !is_done(peers) {
        let seen: Vec<_> = peers.iter().map(|peer| &peer.events).collect();
        assert!(clock.now() < Instant::ZERO + LIMIT, "waited in vain; seen: {seen:#?}");
        turn(peers, Duration::from_millis(50));
    }
}

/// A run of the `ubus` tool.
pub(crate) struct Tool {
    child: Child,
    /// The beginning of a line of its output.
    line: Vec<u8>,
}

impl Tool {
    /// Starts `ubus ARGS` at `bus`; `None` where there is no such program.
    pub(crate) fn start(bus: &Bus, args: &[&str]) -> Option<Self> {
        let beside = |ubusd: std::ffi::OsString| {
            let program = PathBuf::from(ubusd).parent()?.parent()?.join("bin/ubus");
            program.exists().then_some(program)
        };
        let program = std::env::var_os("LTEWAN_UBUS")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("LTEWAN_UBUSD").and_then(beside));
        let program = program?;
        let child = Command::new(program)
            .arg("-s")
            .arg(bus.path())
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Some(Self { child, line: Vec::new() })
    }

    /// Lets it run to its end, with `peer` at work meanwhile. Gives exit code, output, errors.
    pub(crate) fn finish(mut self, peer: &mut Peer) -> (Option<i32>, String, String) {
        let clock = Clock::start();
        let mut stdout = self.child.stdout.take().unwrap();
        let mut stderr = self.child.stderr.take().unwrap();
        // Read aside, so that a large output does not stall the tool while we serve it.
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        });
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(clock.now() < Instant::ZERO + LIMIT, "ubus does not end");
            turn(&mut [peer], Duration::from_millis(5));
        };
        let mut errors = String::new();
        stderr.read_to_string(&mut errors).unwrap();
        (status.code(), reader.join().unwrap(), errors)
    }

    /// The next line of its output, with `peer` at work meanwhile.
    pub(crate) fn line(&mut self, peer: &mut Peer) -> String {
        self.line_within(peer, LIMIT).expect("a line from ubus")
    }

    /// The same, or `None` when none is whole in time; what there is of it is kept.
    pub(crate) fn line_within(&mut self, peer: &mut Peer, limit: Duration) -> Option<String> {
        let clock = Clock::start();
        let stdout = self.child.stdout.as_mut().unwrap();
        rustix::io::ioctl_fionbio(&mut *stdout, true).unwrap();
        while clock.now() < Instant::ZERO + limit {
            let mut byte = [0];
            match stdout.read(&mut byte) {
                Ok(1) if byte == *b"\n" => {
                    return Some(String::from_utf8(std::mem::take(&mut self.line)).unwrap());
                }
                Ok(1) => self.line.push(byte[0]),
                Ok(_) => panic!("ubus ended after {:?}", String::from_utf8_lossy(&self.line)),
                Err(_) => turn(&mut [&mut *peer], Duration::from_millis(5)),
            }
        }
        None
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
