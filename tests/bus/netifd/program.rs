//! The program that an interface's protocol has netifd run: started, killed, and what its end does.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::spawn;

use ltewan::types::{Table, Value};
use ltewan::wire::ubus::Status;
use rustix::process::{Pid, Signal, kill_process};

use super::{Core, Machine, Notice, Verb};

/// What programs print.
const LOG: &str = "/run/netifd-programs.log";

impl Core {
    /// Action 1.
    pub(super) fn run_program(&mut self, name: &str, args: &Table) -> Status {
        let Some(interface) = self.interfaces.get_mut(name) else { return Status::NotFound };
        if matches!(interface.machine, Machine::Abort | Machine::Teardown) {
            return Status::PermissionDenied;
        }
        let words = args.get_array("command").unwrap_or_default();
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let [program, arguments @ ..] = words.as_slice() else { return Status::InvalidArgument };
        if let Some(old) = interface.program.take().and_then(Pid::from_raw) {
            // Nobody is told of its end.
            let _ = kill_process(old, Signal::KILL);
        }
        let output = || {
            File::options()
                .create(true)
                .append(true)
                .open(LOG)
                .map_or_else(|_| Stdio::null(), Stdio::from)
        };
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .spawn();
        let pid = child.as_ref().map_or(-1, |child| i32::try_from(child.id()).unwrap_or(-1));
        interface.program = Some(pid);
        let (inbox, mut waker) = (self.inbox.clone(), self.waker.try_clone());
        let interface = name.to_owned();
        spawn(move || {
            // What cannot be started ends with 127, as netifd's own child does; a signal gives 0.
            let ended = child.and_then(|mut child| child.wait());
            let status = ended.map_or(127, |status| status.code().unwrap_or(0));
            let _ = inbox.send(Notice::ProgramEnded { interface, pid, status });
            let _ = waker.as_mut().map(|waker| waker.write(&[0]));
        });
        self.step(name, "run");
        Status::Ok
    }

    /// Action 2.
    pub(super) fn kill_program(&mut self, name: &str, signal: Signal) {
        let program = self.interfaces.get(name).and_then(|interface| interface.program);
        if let Some(pid) = program.and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    pub(super) fn program_ended(&mut self, name: &str, pid: i32, status: i32) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        if interface.program != Some(pid) {
            return;
        }
        interface.program = None;
        let machine = interface.machine;
        let is_waited_for = interface.task.is_none();
        if matches!(machine, Machine::Idle | Machine::Setup) {
            interface.last_error = Some(status);
        }
        self.step(name, &format!("program ends with {status}"));
        match machine {
            Machine::Idle | Machine::Setup => {
                self.link_lost(name);
                self.run_verb(name, Verb::Teardown);
            }
            Machine::Teardown if is_waited_for => self.task_ended(name),
            Machine::Abort | Machine::Teardown => {}
        }
    }
}
