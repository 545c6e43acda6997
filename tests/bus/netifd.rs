//! A stand-in for netifd, for machines without OpenWrt: interfaces of `proto ltewan`.
//!
//! It publishes `network.interface`, starts the protocol handler (the real script, or the same ubus
//! calls when there is no `ubus` tool), takes `notify_proto`, and gives addresses, routes and DNS
//! to the device with iproute2, in the network namespace it runs in. States, refusals and the traps
//! are those of netifd as docs/netifd.md has them. It knows nothing else of netifd: no devices, no
//! other protocols but DHCP on dynamic interfaces, no hotplug, no reload.

#[path = "netifd/cable.rs"]
mod cable;
#[path = "netifd/device.rs"]
mod device;
#[path = "netifd/dynamic.rs"]
mod dynamic;
#[path = "netifd/objects.rs"]
mod objects;
#[path = "netifd/program.rs"]
mod program;
#[path = "netifd/states.rs"]
mod states;
#[path = "netifd/status.rs"]
mod status;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{JoinHandle, spawn};

pub(crate) use cable::Cable;
use device::{Route, Settings};
use dynamic::Dynamic;
use ltewan::service::ubus::{CallId, Connection, Event, RequestId};
use ltewan::time::{Duration, Instant};
use ltewan::types::{Table, Value};
use ltewan::wire::ubus::Status;
use objects::objects;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::{ClockId, Timespec, clock_gettime};

const PROTO: &str = "ltewan";
const RECONNECT_INTERVAL: Duration = Duration::from_millis(50);

/// How to start one.
pub(crate) struct Options {
    /// Where the bus listens.
    pub(crate) socket: PathBuf,
    /// The interfaces and what `/etc/config/network` says of each, `proto` left out.
    pub(crate) interfaces: Vec<(String, Table)>,
    /// What stands between netifd and the daemon.
    pub(crate) handler: Handler,
    /// The device whose address comes from a delegated prefix.
    pub(crate) lan: Option<String>,
    /// An interface of another protocol that is up, as `dump` shows it.
    pub(crate) other: Option<Table>,
    /// One that is not in `dump`, and comes and goes with its link.
    pub(crate) cable: Option<Cable>,
    /// Where the script of the DHCP client is put; without it none is started.
    pub(crate) dhcp_script: Option<PathBuf>,
    /// Where DNS servers are written.
    pub(crate) resolv_conf: Option<PathBuf>,
    /// Hears every step as it happens.
    pub(crate) on_step: Option<OnStep>,
}

/// Hears every step as it happens.
pub(crate) type OnStep = Box<dyn Fn(&Step) + Send>;

/// What stands between netifd and the daemon.
#[derive(Clone, Debug)]
pub(crate) enum Handler {
    /// Nothing: setup and teardown are called on the bus, as the script does.
    Direct,
    /// The script, which needs the `ubus` tool.
    Script {
        /// The folder of `ltewan.sh`.
        folder: PathBuf,
        /// `PATH` for it: a `ubus` in front can point at another socket.
        path: String,
    },
}

/// Something that happened, for a timeline.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Since the start of the stand-in.
    pub(crate) at: Duration,
    /// The interface.
    pub(crate) interface: String,
    /// What happened: `setup`, `up`, `link lost`.
    pub(crate) what: String,
}

/// A running stand-in. Dropping it stops it; devices keep what they have.
pub(crate) struct Netifd {
    shared: Arc<Shared>,
    inbox: Sender<Notice>,
    waker: UnixStream,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    steps: Vec<Step>,
    states: BTreeMap<String, Table>,
}

enum Notice {
    /// The handler script of an interface has ended.
    Ended {
        interface: String,
        pid: i32,
    },
    /// The program that was asked for has ended.
    ProgramEnded {
        interface: String,
        pid: i32,
        status: i32,
    },
    /// What the DHCP client of an interface has said.
    Lease {
        interface: String,
        line: String,
    },
    /// The cable's device has a link, or has none.
    Link(bool),
    Stop,
}

impl Netifd {
    /// Starts it. Interfaces are set up at once, unless they say `auto` false.
    pub(crate) fn start(options: Options) -> std::io::Result<Self> {
        options.dhcp_script.as_deref().map_or(Ok(()), dynamic::write_script)?;
        let (waker, wakened) = UnixStream::pair()?;
        wakened.set_nonblocking(true)?;
        let (inbox, notices) = channel();
        let shared = Arc::new(Shared::default());
        let mut core = Core::new(options, Arc::clone(&shared), inbox.clone(), waker.try_clone()?);
        let thread = spawn(move || core.run(&wakened, &notices));
        Ok(Self { shared, inbox, waker, thread: Some(thread) })
    }

    /// What has happened so far.
    pub(crate) fn timeline(&self) -> Vec<Step> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).steps.clone()
    }

    /// Waits until the interface's status (as `ifstatus` shows it) is as wanted; `None` after
    /// `limit`.
    pub(crate) fn wait_for(
        &self,
        interface: &str,
        limit: Duration,
        wanted: impl Fn(&Table) -> bool,
    ) -> Option<Table> {
        let seen = self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_missing = |seen: &mut Seen| !seen.states.get(interface).is_some_and(&wanted);
        let (seen, _) = self
            .shared
            .changed
            .wait_timeout_while(seen, limit, is_missing)
            .unwrap_or_else(PoisonError::into_inner);
        seen.states.get(interface).filter(|status| wanted(status)).cloned()
    }
}

impl Drop for Netifd {
    fn drop(&mut self) {
        let _ = self.inbox.send(Notice::Stop);
        let _ = self.waker.write(&[0]);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// `IFS_*` of netifd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Setup,
    Up,
    Teardown,
}

/// `S_*` of netifd's external protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Machine {
    Idle,
    Setup,
    Abort,
    Teardown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Setup,
    Renew,
    Teardown,
}

#[derive(Debug)]
enum Task {
    Request(RequestId),
    Script(i32),
}

#[derive(Debug)]
struct Interface {
    config: Table,
    state: State,
    machine: Machine,
    is_available: bool,
    autostart: bool,
    renew_pending: bool,
    task: Option<Task>,
    /// The program that was asked for, by its process id.
    program: Option<i32>,
    /// How it has ended, if by itself.
    last_error: Option<i32>,
    deadline: Option<Instant>,
    device: Option<String>,
    settings: Settings,
    error: Option<Value>,
    data: BTreeMap<String, Value>,
    up_since: Instant,
}

struct Core {
    options: Options,
    shared: Arc<Shared>,
    inbox: Sender<Notice>,
    waker: UnixStream,
    bus: Connection,
    stream: Option<UnixStream>,
    retry_at: Instant,
    started: Instant,
    interfaces: BTreeMap<String, Interface>,
    dynamic: BTreeMap<String, Dynamic>,
    has_cable: bool,
}

impl Core {
    fn new(
        options: Options,
        shared: Arc<Shared>,
        inbox: Sender<Notice>,
        waker: UnixStream,
    ) -> Self {
        let started = now();
        let interfaces = options.interfaces.iter().map(|(name, config)| {
            let mut all = Table::new().with("proto", PROTO);
            all.0.extend(config.0.iter().cloned());
            (name.clone(), Interface::new(all))
        });
        let interfaces = interfaces.collect::<BTreeMap<_, _>>();
        let bus = Connection::new(objects(interfaces.keys()));
        let (stream, dynamic) = (None, BTreeMap::new());
        let retry_at = started;
        Self {
            options,
            shared,
            inbox,
            waker,
            bus,
            stream,
            retry_at,
            started,
            interfaces,
            dynamic,
            has_cable: false,
        }
    }

    fn run(&mut self, wakened: &UnixStream, notices: &Receiver<Notice>) {
        self.watch_cable();
        loop {
            self.connect();
            self.wait(wakened);
            self.receive();
            self.bus.handle_timeout(now());
            while let Some(event) = self.bus.poll_event() {
                self.handle_event(event);
            }
            while let Ok(notice) = notices.try_recv() {
                match notice {
                    Notice::Stop => return,
                    Notice::Ended { interface, pid } => self.script_ended(&interface, pid),
                    Notice::ProgramEnded { interface, pid, status } => {
                        self.program_ended(&interface, pid, status);
                    }
                    Notice::Lease { interface, line } => self.take_lease(&interface, &line),
                    Notice::Link(has_link) => self.cable_link(has_link),
                }
            }
            self.expire();
            self.publish_states();
            self.transmit();
        }
    }

    fn connect(&mut self) {
        if self.stream.is_some() || self.retry_at > now() {
            return;
        }
        self.retry_at = now() + RECONNECT_INTERVAL;
        let Ok(stream) = UnixStream::connect(&self.options.socket) else { return };
        if stream.set_nonblocking(true).is_ok() {
            self.stream = Some(stream);
            self.bus.handle_connected(now());
        }
    }

    fn wait(&self, wakened: &UnixStream) {
        let deadlines = self.interfaces.values().filter_map(|interface| interface.deadline);
        let retry = self.stream.is_none().then_some(self.retry_at);
        let next = deadlines.chain(retry).chain(self.bus.poll_timeout()).min();
        let timeout = next.map(|at| at.saturating_since(now()));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut fds = vec![PollFd::new(wakened, PollFlags::IN)];
        if let Some(stream) = &self.stream {
            let out =
                if self.bus.transmit().is_empty() { PollFlags::empty() } else { PollFlags::OUT };
            fds.push(PollFd::new(stream, PollFlags::IN | out));
        }
        let _ = poll(&mut fds, timeout.as_ref());
        let mut wakened = wakened;
        let _ = wakened.read(&mut [0; 64]);
    }

    fn receive(&mut self) {
        let mut buffer = [0; 16384];
        loop {
            let Some(stream) = &mut self.stream else { return };
            match stream.read(&mut buffer) {
                Ok(0) => return self.disconnect(),
                Ok(len) => self.bus.handle_input(now(), buffer.get(..len).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.disconnect(),
            }
        }
    }

    fn transmit(&mut self) {
        while !self.bus.transmit().is_empty() {
            let Some(stream) = &mut self.stream else { return };
            match stream.write(self.bus.transmit()) {
                Ok(len) => self.bus.transmitted(len),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.disconnect(),
            }
        }
    }

    fn disconnect(&mut self) {
        self.stream = None;
        self.bus.handle_disconnected(now());
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Connected => {
                for name in self.names() {
                    self.set_available(&name, true);
                    if self.interfaces.get(&name).is_some_and(|interface| interface.autostart) {
                        self.set_up(&name);
                    }
                }
            }
            Event::Broken { .. } => self.disconnect(),
            Event::Call { call, object, method, args, .. } => {
                self.handle_call(call, object, method, &args)
            }
            Event::Reply { request, result } => self.handle_reply(request, &result),
            Event::Notification { .. }
            | Event::BusEvent { .. }
            | Event::Subscribers { .. }
            | Event::Subscription { .. }
            | Event::Refused { .. } => {}
        }
    }

    fn handle_call(&mut self, call: CallId, object: &str, method: &str, args: &Table) {
        let name = object.strip_prefix("network.interface.").or_else(|| args.get_str("interface"));
        if method == "dump" {
            let own = self.interfaces.iter().map(|(name, one)| one.status(name));
            let dynamic = self.dynamic.iter().map(|(name, one)| one.status(name));
            let all = own.chain(dynamic).chain(self.options.other.clone());
            self.bus.reply(call, &Table::new().with("interface", all.collect::<Vec<_>>()));
            return self.bus.finish(call, Status::Ok);
        }
        if method == "add_dynamic" {
            let status = self.add_dynamic(args);
            return self.bus.finish(call, status);
        }
        if let Some((name, one)) = name.and_then(|name| self.dynamic.get_key_value(name)) {
            let is_status = method == "status";
            if is_status {
                self.bus.reply(call, &one.status(name));
            }
            let status = if is_status { Status::Ok } else { Status::MethodNotFound };
            return self.bus.finish(call, status);
        }
        let Some(name) = name.filter(|name| self.interfaces.contains_key(*name)).map(str::to_owned)
        else {
            return self.bus.finish(call, Status::NotFound);
        };
        let status = match method {
            "up" => {
                self.set_up(&name);
                Status::Ok
            }
            "down" => {
                self.step(&name, "ifdown");
                self.set_down(&name);
                Status::Ok
            }
            "renew" => self.renew(&name),
            "notify_proto" => self.notify_proto(&name, args),
            "status" => {
                let status = self.interfaces.get(&name).map(|interface| interface.status(&name));
                self.bus.reply(call, &status.unwrap_or_default());
                Status::Ok
            }
            _ => Status::MethodNotFound,
        };
        self.bus.finish(call, status);
    }

    fn step(&self, interface: &str, what: &str) {
        let at = now().saturating_since(self.started);
        let step = Step { at, interface: interface.to_owned(), what: what.to_owned() };
        if let Some(on_step) = &self.options.on_step {
            on_step(&step);
        }
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).steps.push(step);
    }

    fn publish_states(&self) {
        let states = self.interfaces.iter().map(|(name, one)| (name.clone(), one.status(name)));
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).states = states.collect();
        self.shared.changed.notify_all();
    }

    fn names(&self) -> Vec<String> {
        self.interfaces.keys().cloned().collect()
    }
}

impl Interface {
    fn new(config: Table) -> Self {
        Self {
            autostart: is_on(&config, "auto"),
            config,
            state: State::Down,
            machine: Machine::Idle,
            is_available: false,
            renew_pending: false,
            task: None,
            program: None,
            last_error: None,
            deadline: None,
            device: None,
            settings: Settings::default(),
            error: None,
            data: BTreeMap::new(),
            up_since: Instant::ZERO,
        }
    }

    /// With `lasterror` netifd keeps one.
    fn set_error(&mut self, subsystem: &str, code: Value, rest: &[Value]) {
        let mut error = Table::new().with("subsystem", subsystem).with("code", code);
        if !rest.is_empty() {
            error.put("data", Value::Array(rest.to_vec()));
        }
        self.error = Some(Value::Table(error));
    }
}

fn is_on(config: &Table, option: &str) -> bool {
    config.get(option).is_none_or(|value| {
        value.as_bool() != Some(false) && value.as_i64() != Some(0) && value.as_str() != Some("0")
    })
}

fn now() -> Instant {
    let time = clock_gettime(ClockId::Boottime);
    let secs = u64::try_from(time.tv_sec).unwrap_or(0);
    let micros = u64::try_from(time.tv_nsec / 1000).unwrap_or(0);
    Instant::from_micros(secs.saturating_mul(1_000_000).saturating_add(micros))
}
