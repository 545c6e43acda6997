//! How an interface goes from state to state, and what the protocol handler is started for.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::spawn;

use ltewan::service::ubus::{CallError, RequestId};
use ltewan::time::Duration;
use ltewan::types::{Table, Value};
use ltewan::wire::json::table_to_json;
use ltewan::wire::ubus::Status;
use rustix::process::{Pid, Signal, kill_process};

use super::device::device_exists;
use super::{Core, Handler, Machine, Notice, PROTO, Settings, State, Task, Verb, now};

const SETUP_LIMIT: Duration = Duration::from_secs(30);
const TEARDOWN_LIMIT: Duration = Duration::from_secs(5);
const TEARDOWN_CALL_LIMIT: Duration = Duration::from_secs(4);
const ABORT_LIMIT: Duration = Duration::from_secs(1);

impl Core {
    pub(super) fn notify_proto(&mut self, name: &str, args: &Table) -> Status {
        let Some(interface) = self.interfaces.get_mut(name) else { return Status::NotFound };
        match args.get("action").and_then(Value::as_i64) {
            Some(0) => return self.update_link(name, args),
            Some(1) => return self.run_program(name, args),
            Some(2) => self.kill_program(name, Signal::TERM),
            Some(3) => {
                let Some([code, rest @ ..]) = args.get_array("error") else {
                    return Status::InvalidArgument;
                };
                interface.set_error(PROTO, code.clone(), rest);
                self.step(name, &format!("error {}", code.as_str().unwrap_or("?")));
            }
            Some(4) => {
                interface.autostart = false;
                self.step(name, "blocked");
            }
            Some(5) => match args.get("available").and_then(Value::as_bool) {
                Some(is_available) => self.set_available(name, is_available),
                None => return Status::InvalidArgument,
            },
            Some(7) => {
                if matches!(interface.machine, Machine::Abort | Machine::Teardown) {
                    return Status::PermissionDenied;
                }
                if interface.machine == Machine::Idle {
                    self.link_lost(name);
                }
                self.run_verb(name, Verb::Teardown);
            }
            _ => return Status::InvalidArgument,
        }
        Status::Ok
    }

    fn update_link(&mut self, name: &str, args: &Table) -> Status {
        let Some(interface) = self.interfaces.get_mut(name) else { return Status::NotFound };
        if matches!(interface.machine, Machine::Abort | Machine::Teardown) {
            return Status::PermissionDenied;
        }
        match args.get("link-up").and_then(Value::as_bool) {
            None => return Status::InvalidArgument,
            Some(false) => {
                self.link_lost(name);
                return Status::Ok;
            }
            Some(true) => {}
        }
        let keep = args.get("keep").and_then(Value::as_bool).unwrap_or(false);
        let keep = keep && interface.state == State::Up && interface.device.is_some();
        let mut settings = if keep { interface.settings.clone() } else { Settings::default() };
        let device =
            if keep { interface.device.clone() } else { args.get_str("ifname").map(str::to_owned) };
        let Some(device) = device else { return Status::InvalidArgument };
        if !device_exists(&device) {
            return Status::UnknownError;
        }
        if interface.device.as_ref().is_some_and(|old| *old != device) {
            self.release(name);
        }
        let is_whole = settings.take(args);
        self.apply(name, &device, settings);
        let Some(interface) = self.interfaces.get_mut(name) else { return Status::NotFound };
        for (key, value) in args.get_table("data").into_iter().flat_map(|data| &data.0) {
            interface.data.insert(key.clone(), value.clone());
        }
        interface.machine = Machine::Idle;
        let what = match interface.state {
            State::Setup => {
                interface.state = State::Up;
                interface.error = None;
                interface.up_since = now();
                "up"
            }
            State::Up => "update",
            State::Down | State::Teardown => "link-up ignored: the interface is down",
        };
        self.step(name, what);
        if !is_whole {
            self.step(name, "addresses ignored: one does not parse");
        }
        Status::Ok
    }

    pub(super) fn set_up(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.autostart = true;
        if interface.state != State::Down {
            return;
        }
        if !interface.is_available {
            return interface.set_error("interface", Value::from("NO_DEVICE"), &[]);
        }
        interface.state = State::Setup;
        self.run_verb(name, Verb::Setup);
    }

    pub(super) fn set_down(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.autostart = false;
        self.tear_down(name, false);
    }

    pub(super) fn set_available(&mut self, name: &str, is_available: bool) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.is_available == is_available {
            return;
        }
        interface.is_available = is_available;
        let autostart = interface.autostart;
        self.step(name, if is_available { "available" } else { "unavailable" });
        if !is_available {
            self.tear_down(name, true);
        } else if autostart {
            self.set_up(name);
        }
    }

    fn tear_down(&mut self, name: &str, is_forced: bool) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if !matches!(interface.state, State::Up | State::Setup) {
            return;
        }
        interface.state = State::Teardown;
        self.run_verb(name, Verb::Teardown);
        if is_forced {
            self.release(name);
        }
    }

    pub(super) fn link_lost(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.state != State::Up {
            return;
        }
        interface.state = State::Setup;
        self.release(name);
        self.step(name, "link lost");
    }

    pub(super) fn renew(&mut self, name: &str) -> Status {
        let Some(interface) = self.interfaces.get_mut(name) else { return Status::NotFound };
        if matches!(interface.state, State::Up | State::Setup) {
            self.run_verb(name, Verb::Renew);
        }
        Status::Ok
    }

    pub(super) fn run_verb(&mut self, name: &str, verb: Verb) {
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
            (Verb::Renew, Machine::Abort | Machine::Teardown) => return,
            (Verb::Renew, _) if interface.task.is_some() => {
                interface.renew_pending = true;
                return;
            }
            (Verb::Renew, _) => interface.renew_pending = false,
            (Verb::Teardown, Machine::Abort | Machine::Teardown) => return,
            (Verb::Teardown, Machine::Setup) if interface.task.is_some() => {
                interface.machine = Machine::Abort;
                interface.deadline = Some(now() + ABORT_LIMIT);
                return self.abort_task(name, Signal::TERM);
            }
            (Verb::Teardown, _) => {
                interface.machine = Machine::Teardown;
                interface.deadline = Some(now() + TEARDOWN_LIMIT);
            }
        }
        self.step(name, verb.name());
        self.start_task(name, verb);
    }

    fn start_task(&mut self, name: &str, verb: Verb) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        match &self.options.handler {
            Handler::Direct => {
                let args = Table::new().with("interface", name);
                let request = if verb == Verb::Teardown {
                    let mut args = args;
                    args.put_some("ended", interface.last_error);
                    self.bus.invoke(now(), PROTO, "teardown", &args, TEARDOWN_CALL_LIMIT)
                } else {
                    let mut args = args.with("config", interface.config.clone());
                    if verb == Verb::Renew {
                        args.put("renew", true);
                    }
                    self.bus.invoke(now(), PROTO, "setup", &args, SETUP_LIMIT)
                };
                interface.task = Some(Task::Request(request));
            }
            Handler::Script { folder, path } => {
                let mut command = Command::new("./ltewan.sh");
                if let Some(status) = interface.last_error.filter(|_| verb == Verb::Teardown) {
                    command.env("ERROR", status.to_string());
                }
                let child = command
                    .args([PROTO, verb.name(), name, &table_to_json(&interface.config)])
                    .current_dir(folder)
                    .env("PATH", path)
                    .stdin(Stdio::null())
                    .spawn();
                let (inbox, mut waker) = (self.inbox.clone(), self.waker.try_clone());
                let Ok(mut child) = child else {
                    return self.step(name, "the handler cannot be started");
                };
                let pid = i32::try_from(child.id()).unwrap_or(0);
                interface.task = Some(Task::Script(pid));
                let interface = name.to_owned();
                spawn(move || {
                    let _ = child.wait();
                    let _ = inbox.send(Notice::Ended { interface, pid });
                    let _ = waker.as_mut().map(|waker| waker.write(&[0]));
                });
            }
        }
    }

    /// What SIGTERM does to the handler: the script ends, its call is no longer waited for.
    fn abort_task(&mut self, name: &str, signal: Signal) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        match &interface.task {
            Some(Task::Request(_)) => self.task_ended(name),
            Some(Task::Script(pid)) => {
                if let Some(pid) = Pid::from_raw(*pid) {
                    let _ = kill_process(pid, signal);
                }
            }
            None => {}
        }
    }

    pub(super) fn handle_reply(
        &mut self,
        request: RequestId,
        result: &Result<Option<Table>, CallError>,
    ) {
        let owner = self.interfaces.iter_mut().find(
            |(_, interface)| matches!(interface.task, Some(Task::Request(id)) if id == request),
        );
        let Some((name, interface)) = owner else { return };
        let name = name.clone();
        if result.is_err() && interface.machine == Machine::Setup {
            interface.set_error(PROTO, Value::from("NO_DAEMON"), &[]);
            self.step(&name, "error NO_DAEMON");
        }
        self.task_ended(&name);
    }

    pub(super) fn script_ended(&mut self, name: &str, pid: i32) {
        let task = self.interfaces.get(name).and_then(|interface| interface.task.as_ref());
        if matches!(task, Some(Task::Script(running)) if *running == pid) {
            self.task_ended(name);
        }
    }

    pub(super) fn task_ended(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        interface.task = None;
        match interface.machine {
            Machine::Idle | Machine::Setup if interface.renew_pending => {
                self.run_verb(name, Verb::Renew);
            }
            Machine::Idle | Machine::Setup => {}
            Machine::Abort => {
                interface.deadline = None;
                interface.machine = Machine::Idle;
                self.run_verb(name, Verb::Teardown);
            }
            // The deadline holds for the program too.
            Machine::Teardown if interface.program.is_some() => {
                self.kill_program(name, Signal::TERM);
            }
            Machine::Teardown => {
                interface.deadline = None;
                interface.machine = Machine::Idle;
                self.went_down(name);
            }
        }
    }

    fn went_down(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.state == State::Down {
            return;
        }
        interface.state = State::Down;
        let autostart = interface.autostart;
        self.release(name);
        self.step(name, "down");
        if autostart {
            self.set_up(name);
        }
    }

    pub(super) fn expire(&mut self) {
        for name in self.names() {
            let Some(interface) = self.interfaces.get_mut(&name) else { continue };
            if interface.deadline.is_some_and(|deadline| deadline <= now()) {
                interface.deadline = None;
                self.step(&name, "the handler is killed");
                self.abort_task(&name, Signal::KILL);
                self.kill_program(&name, Signal::KILL);
            }
        }
    }
}

impl Verb {
    const fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Renew => "renew",
            Self::Teardown => "teardown",
        }
    }
}
