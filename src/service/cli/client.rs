//! A caller of the daemon that waits for its answer.

use crate::io::clock;
use crate::io::poll::{self, Interest, Ready};
use crate::service::bus::Bus;
use crate::service::methods;
use crate::service::ubus::{CallError, Connection, Event, RequestId};
use crate::time::{Duration, Instant};
use crate::types::Table;
use crate::wire::ubus::Status;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;

/// How long ubusd may take to greet us.
const GREETING_TIMEOUT: Duration = Duration::from_secs(3);

/// Why the command line has no answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// A sentence for the user.
    pub message: String,
    /// What the program ends with.
    pub exit_status: u8,
}

pub(super) fn failure(exit_status: u8, message: impl Into<String>) -> Failure {
    Failure { message: message.into(), exit_status }
}

fn not_running() -> Failure {
    failure(3, "the daemon is not running; start it with: /etc/init.d/ltewan start")
}

/// What a refused call means: the daemon's own sentence, or what the bus said in its place.
fn refusal(error: &CallError) -> Failure {
    let is_timeout = error.status == Status::Timeout;
    match error.data.as_ref().and_then(|data| data.get_str("message")) {
        Some(message) => failure(if is_timeout { 4 } else { 1 }, message),
        None if error.status == Status::NotFound => not_running(),
        None if is_timeout => failure(4, "no answer in time"),
        None => failure(1, error.status.to_string()),
    }
}

/// A connection to the bus.
pub(super) struct Client {
    bus: Bus,
}

impl Client {
    /// Connects to ubusd.
    pub(super) fn connect(socket: Option<PathBuf>) -> Result<Self, Failure> {
        let mut client = Self { bus: Bus::new(Connection::new(Vec::new()), socket) };
        let deadline = clock::now() + GREETING_TIMEOUT;
        client.bus.handle_timeout(clock::now());
        if client.bus.channel().is_none() {
            return Err(failure(3, "ubusd is not running, or its socket is not yours to use"));
        }
        client
            .until(Some(deadline), |event| matches!(event, Event::Connected).then_some(()))
            .map(|()| client)
    }

    /// Calls a method and waits for what it answers.
    pub(super) fn call(
        &mut self,
        method: &str,
        args: &Table,
        timeout_secs: u64,
    ) -> Result<Table, Failure> {
        let asked = self.invoke(method, args, timeout_secs);
        let result = self.until(None, |event| {
            if let Event::Reply { request, result } = event {
                return (request == asked).then_some(result);
            }
            None
        })?;
        result.map(Option::unwrap_or_default).map_err(|error| refusal(&error))
    }

    /// Calls a method; [`Client::poll_reply`] gives the answer, at the latest after this time.
    pub(super) fn invoke(&mut self, method: &str, args: &Table, timeout_secs: u64) -> RequestId {
        let timeout = Duration::from_secs(timeout_secs);
        let object = methods::LTEWAN.name;
        self.bus.connection().invoke(clock::now(), object, method, args, timeout)
    }

    /// The next answer that has come.
    pub(super) fn poll_reply(&mut self) -> Option<(RequestId, Result<Table, Failure>)> {
        while let Some(event) = self.bus.poll_event(clock::now()) {
            if let Event::Reply { request, result } = event {
                let result = result.map(Option::unwrap_or_default);
                return Some((request, result.map_err(|error| refusal(&error))));
            }
        }
        None
    }

    /// Waits until there is a daemon.
    pub(super) fn wait_for_daemon(&mut self, patience: Duration) -> Result<(), Failure> {
        let now = clock::now();
        self.bus.connection().subscribe(now, methods::LTEWAN.name);
        self.until(Some(now + patience), |event| {
            matches!(event, Event::Subscription { active: true, .. }).then_some(())
        })
    }

    /// Asks for the daemon's notifications.
    pub(super) fn subscribe(&mut self) -> Result<(), Failure> {
        let now = clock::now();
        self.bus.connection().subscribe(now, methods::LTEWAN.name);
        Ok(())
    }

    /// Waits for the next notification; `None` when there is none before the deadline.
    pub(super) fn next_notification(
        &mut self,
        deadline: Option<Instant>,
    ) -> Result<Option<(String, Table)>, Failure> {
        let result = self.before(deadline, |event| {
            if let Event::Notification { kind, data, .. } = event {
                return Some(Ok((kind, data)));
            }
            let gone = matches!(event, Event::Subscription { active: false, .. });
            gone.then(|| Err(not_running()))
        });
        result?.transpose()
    }

    /// Waits for an event that `wanted` takes.
    fn until<T>(
        &mut self,
        deadline: Option<Instant>,
        wanted: impl FnMut(Event) -> Option<T>,
    ) -> Result<T, Failure> {
        self.before(deadline, wanted)?.ok_or_else(|| failure(4, "ubusd does not answer"))
    }

    /// The same; `None` when there is none before the deadline.
    fn before<T>(
        &mut self,
        deadline: Option<Instant>,
        mut wanted: impl FnMut(Event) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        loop {
            let now = clock::now();
            while let Some(event) = self.bus.poll_event(now) {
                if let Some(found) = wanted(event) {
                    return Ok(Some(found));
                }
            }
            if deadline.is_some_and(|at| at <= now) {
                return Ok(None);
            }
            self.turn(&[], deadline)?;
        }
    }

    /// Waits until something comes over the bus, one of `others` is ready or the deadline has
    /// passed; how the others stand.
    pub(super) fn turn(
        &mut self,
        others: &[(BorrowedFd<'_>, Interest)],
        deadline: Option<Instant>,
    ) -> Result<Vec<Ready>, Failure> {
        let now = clock::now();
        self.bus.flush(now);
        let Some(channel) = self.bus.channel() else {
            return Err(failure(3, "ubusd is gone"));
        };
        let due = self.bus.poll_timeout().into_iter().chain(deadline).min();
        let timeout = due.map(|at| at.saturating_since(now));
        let mut fds = others.to_vec();
        fds.push((channel.as_fd(), channel.interest()));
        let mut ready = poll::wait(&fds, timeout).map_err(|error| failure(1, error.to_string()))?;
        ready.truncate(others.len());
        let now = clock::now();
        self.bus.read(now);
        self.bus.connection().handle_timeout(now);
        Ok(ready)
    }
}
