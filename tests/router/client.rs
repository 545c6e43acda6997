//! A client of the bus that waits for its answers.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use ltewan::io::clock;
use ltewan::service::ubus::{CallError, CallId, Connection, Event, Object, RequestId};
use ltewan::time::Duration;
use ltewan::types::Table;
use ltewan::wire::ubus::Status;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::LIMIT;

/// What a subscription brings.
#[derive(Debug)]
pub(crate) enum Notice {
    /// The object said this.
    Said { kind: String, data: Table },
    /// The object came or went.
    Active(bool),
}

/// What a call came to.
pub(crate) type Answer = Result<Option<Table>, CallError>;

/// One connection to the bus.
pub(crate) struct Client {
    path: PathBuf,
    connection: Connection,
    stream: Option<UnixStream>,
    answers: BTreeMap<RequestId, Answer>,
    pub(crate) notices: VecDeque<Notice>,
    pub(crate) calls: VecDeque<Called>,
}

/// A call of a method of ours.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) call: CallId,
    pub(crate) method: &'static str,
    pub(crate) args: Table,
}

impl Client {
    /// Connects, and waits for the greeting.
    pub(crate) fn connect(path: &Path) -> io::Result<Self> {
        Self::serving(path, Vec::new())
    }

    /// The same, with objects of its own: calls of their methods go to `calls`.
    pub(crate) fn serving(path: &Path, objects: Vec<Object>) -> io::Result<Self> {
        let mut client = Self {
            path: path.to_owned(),
            connection: Connection::new(objects),
            stream: None,
            answers: BTreeMap::new(),
            notices: VecDeque::new(),
            calls: VecDeque::new(),
        };
        client.open()?;
        client.until(LIMIT, "greeting", |client| client.connection.is_connected().then_some(()))?;
        Ok(client)
    }

    fn open(&mut self) -> io::Result<()> {
        let stream = UnixStream::connect(&self.path)?;
        stream.set_nonblocking(true)?;
        self.stream = Some(stream);
        self.connection.handle_connected(clock::now());
        Ok(())
    }

    /// A handle by which another thread can end the connection.
    pub(crate) fn handle(&self) -> io::Result<UnixStream> {
        self.stream.as_ref().ok_or(ErrorKind::NotConnected)?.try_clone()
    }

    /// Asks for an object's notifications, now and whenever it comes back.
    pub(crate) fn subscribe(&mut self, object: &str) {
        self.connection.subscribe(clock::now(), object);
    }

    /// Starts a call.
    pub(crate) fn invoke(&mut self, object: &str, method: &str, args: &Table) -> RequestId {
        self.connection.invoke(clock::now(), object, method, args, LIMIT)
    }

    /// What a call came to, once.
    pub(crate) fn take_answer(&mut self, request: RequestId) -> Option<Answer> {
        self.answers.remove(&request)
    }

    /// Calls a method and waits; the modem's or the bus's refusal is an error.
    pub(crate) fn call(
        &mut self,
        object: &str,
        method: &str,
        args: &Table,
        limit: Duration,
    ) -> io::Result<Table> {
        let what = format!("{object} {method}");
        let answer = self.ask(object, method, args, limit)?;
        answer
            .map(Option::unwrap_or_default)
            .map_err(|e| io::Error::other(format!("{what}: {e:?}")))
    }

    /// Calls a method and waits for whatever it answers.
    pub(crate) fn ask(
        &mut self,
        object: &str,
        method: &str,
        args: &Table,
        limit: Duration,
    ) -> io::Result<Answer> {
        let request = self.invoke(object, method, args);
        let what = format!("answer of {object} {method}");
        self.until(limit, &what, |client| client.take_answer(request))
    }

    /// Waits until the daemon's object is there and answers.
    pub(crate) fn wait_for_daemon(&mut self, limit: Duration) -> io::Result<()> {
        self.subscribe("ltewan");
        let args = Table::new();
        let mut request = self.invoke("ltewan", "status", &args);
        self.until(limit, "daemon", |client| match client.take_answer(request) {
            Some(Ok(_)) => Some(()),
            Some(Err(_)) => {
                request = client.invoke("ltewan", "status", &args);
                None
            }
            None => None,
        })
    }

    /// Answers a call of a method of ours.
    pub(crate) fn answer(&mut self, call: CallId, data: &Table) {
        self.connection.reply(call, data);
        self.connection.finish(call, Status::Ok);
    }

    /// Turns until `done` gives something.
    pub(crate) fn until<T>(
        &mut self,
        limit: Duration,
        what: &str,
        mut done: impl FnMut(&mut Self) -> Option<T>,
    ) -> io::Result<T> {
        let deadline = clock::now() + limit;
        loop {
            if let Some(done) = done(self) {
                return Ok(done);
            }
            if clock::now() > deadline {
                return Err(io::Error::new(ErrorKind::TimedOut, format!("no {what} in time")));
            }
            self.turn(Duration::from_millis(10))?;
        }
    }

    /// Waits for the socket or a timer, at most that long, and takes what there is.
    pub(crate) fn turn(&mut self, at_most: Duration) -> io::Result<()> {
        self.write()?;
        let due = self.connection.poll_timeout().map(|at| at.saturating_since(clock::now()));
        let wait = due.unwrap_or(at_most).min(at_most);
        let wait = Timespec::try_from(wait).map_err(io::Error::other)?;
        let Some(stream) = &self.stream else { return Err(ErrorKind::NotConnected.into()) };
        let idle = self.connection.transmit().is_empty();
        let out = if idle { PollFlags::empty() } else { PollFlags::OUT };
        poll(&mut [PollFd::new(stream, PollFlags::IN | out)], Some(&wait))?;
        let result = self.read();
        self.connection.handle_timeout(clock::now());
        self.take_events();
        result?;
        self.write()
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16384];
        while let Some(stream) = &mut self.stream {
            match stream.read(&mut buffer) {
                Ok(0) => return self.close(),
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    self.connection.handle_input(clock::now(), bytes);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return self.close(),
            }
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        while !self.connection.transmit().is_empty() {
            let Some(stream) = &mut self.stream else { break };
            match stream.write(self.connection.transmit()) {
                Ok(count) => self.connection.transmitted(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return self.close(),
            }
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        self.stream = None;
        self.connection.handle_disconnected(clock::now());
        Err(ErrorKind::ConnectionReset.into())
    }

    fn take_events(&mut self) {
        while let Some(event) = self.connection.poll_event() {
            match event {
                Event::Reply { request, result } => {
                    self.answers.insert(request, result);
                }
                Event::Notification { kind, data, .. } => {
                    self.notices.push_back(Notice::Said { kind, data });
                }
                Event::Subscription { active, .. } => {
                    self.notices.push_back(Notice::Active(active));
                }
                Event::Call { call, method, args, .. } => {
                    self.calls.push_back(Called { call, method, args });
                }
                Event::Connected
                | Event::Broken { .. }
                | Event::BusEvent { .. }
                | Event::Subscribers { .. }
                | Event::Refused { .. } => {}
            }
        }
    }

    /// Connects anew after the bus was gone, once it is back.
    pub(crate) fn reconnect(&mut self, limit: Duration) -> io::Result<()> {
        let deadline = clock::now() + limit;
        while self.open().is_err() {
            if clock::now() > deadline {
                return Err(ErrorKind::TimedOut.into());
            }
            std::thread::yield_now();
        }
        self.until(limit, "greeting", |client| client.connection.is_connected().then_some(()))
    }
}
