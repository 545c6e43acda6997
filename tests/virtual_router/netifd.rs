//! What netifd does with an interface of protocol `ltewan`, as observed on real builds: states,
//! availability, automatic start, and what each `notify_proto` action means.
//!
//! The protocol handler is part of it: it hands setup and teardown to the daemon in one call and
//! ends with the reply; netifd kills a teardown after 5 s.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ltewan::manager::netifd::{Link, ProtoUpdate};
use ltewan::time::{Duration, Instant};
use ltewan::types::{Table, Value};

/// netifd kills a teardown handler after this long.
pub(crate) const TEARDOWN_LIMIT: Duration = Duration::from_secs(5);

/// How long the handler waits for the reply to its setup call.
const SETUP_LIMIT: Duration = Duration::from_secs(30);

/// The states of netifd's interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Down,
    Setup,
    Up,
    Teardown,
}

/// The states of netifd's protocol handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Machine {
    Idle,
    Setup,
    Abort,
    Teardown,
}

/// What the handler is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Setup,
    Renew,
    Teardown,
}

/// A call of the handler's to the daemon.
#[derive(Clone, Debug)]
pub(crate) struct Handler {
    pub(crate) interface: String,
    pub(crate) verb: Verb,
    pub(crate) args: Table,
}

/// One interface.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) state: State,
    machine: Machine,
    /// The handler is running; its call has this number once it was made.
    task: Option<u64>,
    deadline: Option<Instant>,
    renew_pending: bool,
    pub(crate) available: bool,
    pub(crate) autostart: bool,
    /// `option auto`: set up when netifd starts.
    auto: bool,
    pub(crate) config: Table,
    pub(crate) link: Option<Link>,
    pub(crate) error: Option<String>,
    /// The program that was asked for runs.
    has_program: bool,
    /// How it has ended, if by itself.
    last_error: Option<i64>,
}

impl Interface {
    fn new(config: Table, auto: bool) -> Self {
        Self {
            state: State::Down,
            machine: Machine::Idle,
            task: None,
            deadline: None,
            renew_pending: false,
            available: true,
            autostart: auto,
            auto,
            config,
            link: None,
            error: None,
            has_program: false,
            last_error: None,
        }
    }

    /// The net device it has claimed.
    pub(crate) fn device(&self) -> Option<&str> {
        self.link.as_ref().map(|link| link.ifname.as_str())
    }
}

/// netifd.
#[derive(Debug, Default)]
pub(crate) struct RefNetifd {
    pub(crate) interfaces: BTreeMap<String, Interface>,
    /// The net devices that exist.
    pub(crate) devices: BTreeSet<String>,
    /// The handlers started and not yet run.
    started: VecDeque<Handler>,
    /// What happened, for the trace.
    notes: VecDeque<String>,
    /// The interfaces whose program is to end.
    kills: VecDeque<String>,
    next_task: u64,
}

impl RefNetifd {
    /// `/etc/config/network` has this interface.
    pub(crate) fn add(&mut self, name: &str, config: Table, auto: bool) {
        let old = self.interfaces.insert(name.to_owned(), Interface::new(config, auto));
        if let (Some(old), Some(new)) = (old, self.interfaces.get_mut(name)) {
            new.has_program = old.has_program;
        }
    }

    /// The next handler to run.
    pub(crate) fn poll_handler(&mut self) -> Option<Handler> {
        self.started.pop_front()
    }

    /// The next thing to note.
    pub(crate) fn poll_note(&mut self) -> Option<String> {
        self.notes.pop_front()
    }

    /// The handler has made its call, which has this number.
    pub(crate) fn called(&mut self, name: &str, call: u64) {
        if let Some(interface) = self.interfaces.get_mut(name) {
            interface.task = Some(call);
        }
    }

    /// The daemon has answered a handler's call, or there is no daemon.
    pub(crate) fn answered(&mut self, now: Instant, call: u64, is_there: bool) {
        let is_owner = |interface: &&String| self.interfaces[*interface].task == Some(call);
        let Some(name) = self.interfaces.keys().find(is_owner).cloned() else { return };
        let Some(interface) = self.interfaces.get_mut(&name) else { return };
        if !is_there && interface.machine == Machine::Setup {
            interface.error = Some("NO_DAEMON".into());
            self.note(&name, "error NO_DAEMON");
        }
        self.task_ended(now, &name);
    }

    /// `ifup`, as the command does it.
    pub(crate) fn ifup(&mut self, now: Instant, name: &str) {
        self.set_down(now, name);
        self.set_up(now, name);
    }

    /// The method `up`.
    pub(crate) fn set_up(&mut self, now: Instant, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.autostart = true;
        if interface.state != State::Down {
            return;
        }
        // Errors of before are forgotten here, even when there is nothing to set up.
        interface.error = (!interface.available).then(|| "NO_DEVICE".into());
        if !interface.available {
            return;
        }
        interface.state = State::Setup;
        self.run_verb(now, name, Verb::Setup);
    }

    /// `ifdown`, and the method `down`.
    pub(crate) fn set_down(&mut self, now: Instant, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.autostart = false;
        self.tear_down(now, name);
    }

    /// The method `renew`.
    pub(crate) fn renew(&mut self, now: Instant, name: &str) {
        let state = self.interfaces.get(name).map(|interface| interface.state);
        if matches!(state, Some(State::Up | State::Setup)) {
            self.run_verb(now, name, Verb::Renew);
        }
    }

    /// A net device has gone. That alone changes nothing in netifd.
    pub(crate) fn device_gone(&mut self, device: &str) {
        self.devices.remove(device);
    }

    /// The method `notify_proto`; whether it is allowed.
    pub(crate) fn notify_proto(&mut self, now: Instant, name: &str, update: &ProtoUpdate) -> bool {
        let Some(interface) = self.interfaces.get_mut(name) else { return false };
        let leaving = matches!(interface.machine, Machine::Abort | Machine::Teardown);
        match update {
            ProtoUpdate::Up(_)
            | ProtoUpdate::LinkLost
            | ProtoUpdate::SetupFailed
            | ProtoUpdate::Run(_)
                if leaving =>
            {
                return false;
            }
            // Whatever runs already is killed without a word.
            ProtoUpdate::Run(_) => interface.has_program = true,
            ProtoUpdate::Kill if interface.has_program => self.kills.push_back(name.to_owned()),
            ProtoUpdate::Kill => {}
            ProtoUpdate::Up(link) => return self.link_up(name, link),
            ProtoUpdate::LinkLost => self.link_lost(name),
            ProtoUpdate::Error(token) => interface.error = Some((*token).to_owned()),
            ProtoUpdate::Block => interface.autostart = false,
            ProtoUpdate::Available(available) => self.set_available(now, name, *available),
            ProtoUpdate::SetupFailed => {
                self.link_lost(name);
                self.run_verb(now, name, Verb::Teardown);
            }
        }
        true
    }

    fn link_up(&mut self, name: &str, link: &Link) -> bool {
        if !self.devices.contains(&link.ifname) {
            return false;
        }
        let Some(interface) = self.interfaces.get_mut(name) else { return false };
        interface.machine = Machine::Idle;
        match interface.state {
            State::Setup | State::Up => {
                let is_new = interface.state == State::Setup;
                interface.state = State::Up;
                interface.error = None;
                interface.link = Some(link.clone());
                if is_new {
                    self.note(name, "is up");
                }
            }
            State::Down | State::Teardown => {}
        }
        true
    }

    /// The next interface whose program is to end.
    pub(crate) fn poll_kill(&mut self) -> Option<String> {
        self.kills.pop_front()
    }

    /// A program has ended.
    pub(crate) fn program_ended(&mut self, now: Instant, name: &str, status: i64) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if !std::mem::take(&mut interface.has_program) {
            return;
        }
        match interface.machine {
            Machine::Idle | Machine::Setup => {
                interface.last_error = Some(status);
                self.link_lost(name);
                self.run_verb(now, name, Verb::Teardown);
            }
            Machine::Teardown if interface.task.is_none() => self.task_ended(now, name),
            Machine::Abort | Machine::Teardown => {}
        }
    }

    fn link_lost(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.state == State::Up {
            interface.state = State::Setup;
            interface.link = None;
            self.note(name, "is pending");
        }
    }

    fn set_available(&mut self, now: Instant, name: &str, available: bool) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.available == available {
            return;
        }
        interface.available = available;
        let autostart = interface.autostart;
        if !available {
            self.tear_down(now, name);
            if let Some(interface) = self.interfaces.get_mut(name) {
                interface.link = None;
            }
        } else if autostart {
            self.set_up(now, name);
        }
    }

    fn tear_down(&mut self, now: Instant, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if matches!(interface.state, State::Up | State::Setup) {
            interface.state = State::Teardown;
            self.run_verb(now, name, Verb::Teardown);
        }
    }

    fn run_verb(&mut self, now: Instant, name: &str, verb: Verb) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        match (verb, interface.machine) {
            (Verb::Setup, Machine::Idle) => {
                interface.machine = Machine::Setup;
                interface.last_error = None;
            }
            (Verb::Setup, _) => {
                interface.state = State::Down;
                return;
            }
            (Verb::Renew | Verb::Teardown, Machine::Abort | Machine::Teardown) => return,
            (Verb::Renew, _) if interface.task.is_some() => {
                interface.renew_pending = true;
                return;
            }
            (Verb::Renew, _) => interface.renew_pending = false,
            (Verb::Teardown, Machine::Setup) if interface.task.is_some() => {
                // SIGTERM ends the handler: nobody waits for its call any more.
                interface.machine = Machine::Abort;
                return self.task_ended(now, name);
            }
            (Verb::Teardown, _) => interface.machine = Machine::Teardown,
        }
        let limit = if verb == Verb::Teardown { TEARDOWN_LIMIT } else { SETUP_LIMIT };
        interface.deadline = Some(now + limit);
        self.next_task += 1;
        // Until its call is made, the task has a number that no call has.
        interface.task = Some(u64::MAX - self.next_task);
        let mut args = Table::new().with("interface", name);
        match (verb, interface.last_error) {
            (Verb::Setup | Verb::Renew, _) => {
                args.put("config", interface.config.clone());
                if verb == Verb::Renew {
                    args.put("renew", true);
                }
            }
            (Verb::Teardown, Some(status)) => args.put("ended", status),
            (Verb::Teardown, None) => {}
        }
        self.started.push_back(Handler { interface: name.to_owned(), verb, args });
    }

    fn task_ended(&mut self, now: Instant, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.task = None;
        interface.deadline = None;
        self.started.retain(|handler| handler.interface != name);
        match interface.machine {
            Machine::Idle | Machine::Setup if interface.renew_pending => {
                self.run_verb(now, name, Verb::Renew);
            }
            Machine::Idle | Machine::Setup => {}
            Machine::Abort => {
                interface.machine = Machine::Idle;
                self.run_verb(now, name, Verb::Teardown);
            }
            Machine::Teardown if interface.has_program => self.kills.push_back(name.to_owned()),
            Machine::Teardown => {
                interface.machine = Machine::Idle;
                self.went_down(now, name);
            }
        }
    }

    fn went_down(&mut self, now: Instant, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.state == State::Down {
            return;
        }
        interface.state = State::Down;
        interface.link = None;
        let autostart = interface.autostart;
        self.note(name, "is down");
        if autostart {
            self.set_up(now, name);
        }
    }

    /// When a handler is killed.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.interfaces.values().filter_map(|interface| interface.deadline).min()
    }

    /// Kills the handlers that are overdue.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let overdue = |name: &&String| self.interfaces[*name].deadline.is_some_and(|at| at <= now);
        let names: Vec<String> = self.interfaces.keys().filter(overdue).cloned().collect();
        for name in names {
            self.note(&name, "handler is killed");
            self.task_ended(now, &name);
        }
    }

    /// netifd crashes and is started anew: it knows nothing but its configuration, and sets up
    /// what is to be set up.
    pub(crate) fn restart(&mut self, now: Instant) {
        self.started.clear();
        let names: Vec<String> = self.interfaces.keys().cloned().collect();
        for name in names {
            let Some(interface) = self.interfaces.get_mut(&name) else { continue };
            *interface = Interface::new(interface.config.clone(), interface.auto);
            if interface.auto {
                self.set_up(now, &name);
            }
        }
    }

    /// The method `dump`.
    pub(crate) fn dump(&self) -> Table {
        let entry = |(name, interface): (&String, &Interface)| {
            let mut table = Table::new()
                .with("interface", name.as_str())
                .with("up", interface.state == State::Up)
                .with("pending", interface.state == State::Setup)
                .with("available", interface.available)
                .with("autostart", interface.autostart)
                .with("proto", "ltewan");
            table.put_some("l3_device", interface.device());
            Value::Table(table)
        };
        let loopback = Table::new().with("interface", "loopback").with("up", true);
        let mut list = vec![Value::Table(loopback.with("proto", "static"))];
        list.extend(self.interfaces.iter().map(entry));
        Table::new().with("interface", Value::Array(list))
    }

    fn note(&mut self, name: &str, what: &str) {
        self.notes.push_back(format!("{name} {what}"));
    }
}
