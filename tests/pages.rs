//! The router behind the pages: the real daemon, simulated modems and a bus, spoken to in lines of
//! JSON by the browser's test (tests/luci/run.mjs).
//!
//! Each line on the standard input has an `id`, which comes back with the answer, and one of:
//!
//! | | |
//! |---|---|
//! | `call`: object, method, arguments | calls the bus; `status` and `data` of its answer |
//! | `modem`: a line | says it to the modems (tests/sim/command.rs); `answer` |
//! | `network`: names, options | the interfaces of `proto 'ltewan'` from now on |
//! | `write`: name, text | a file below the daemon's root |
//! | `program`: name, text | the same, to be run |
//! | `read`: name | such a file's `text` |

#[path = "bus"]
mod bus {
    //! The stand-ins for OpenWrt's C daemons.
    #[expect(dead_code, reason = "the pages use a part of it")]
    pub(crate) mod netifd;
    pub(crate) mod ubusd;
}
mod router;
#[path = "sim/serve/mod.rs"]
#[expect(dead_code, reason = "the pages have no use for USB devices")]
mod serve;
mod sim;

use std::io::{self, BufRead, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::spawn;

use ltewan::service::ubus::RequestId;
use ltewan::time::Duration;
use ltewan::types::{Table, Value};
use ltewan::wire::json::table_to_json;
use ltewan::wire::ubus::Status;
use serde_json::Value as Json;

use bus::netifd::{Handler, Netifd, Options};
use router::client::Client;
use router::journal::Journal;
use router::{Plan, Router, namespace};

/// How long a line on the input may wait while the bus is listened to.
const TURN: Duration = Duration::from_millis(5);

#[expect(clippy::print_stderr, reason = "a program's own complaints belong there")]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let dir = namespace::enter_for_good()?;
    let mut plan = Plan::new("luci")?;
    plan.dir = dir.unwrap_or(plan.dir);
    plan.interfaces = Vec::new();
    let mut stage = Stage {
        router: Router::start(plan, Journal::new(None))?,
        client: None,
        waiting: Vec::new(),
    };
    stage.client = Some(stage.router.client()?);
    install_access_points(&stage.router.root())?;
    say(&Table::new().with("ready", true))?;
    stage.serve(&lines())
}

/// The table that the package brings.
fn install_access_points(root: &Path) -> io::Result<()> {
    let folder = root.join("usr/share/ltewan");
    std::fs::create_dir_all(&folder)?;
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/files/usr/share/ltewan/apn.db");
    std::fs::copy(table, folder.join("apn.db")).map(|_| ())
}

/// The lines of the standard input, read by a thread of their own.
fn lines() -> Receiver<String> {
    let (sender, receiver) = channel();
    spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn say(answer: &Table) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", table_to_json(answer))?;
    out.flush()
}

struct Stage {
    router: Router,
    client: Option<Client>,
    waiting: Vec<(i64, RequestId)>,
}

impl Stage {
    /// Until the input ends.
    fn serve(&mut self, lines: &Receiver<String>) -> io::Result<()> {
        loop {
            match lines.try_recv() {
                Ok(line) => self.handle_line(&line)?,
                Err(TryRecvError::Empty) => self.turn()?,
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Listens to the bus, and says what has been answered.
    fn turn(&mut self) -> io::Result<()> {
        let Some(client) = &mut self.client else { return Ok(()) };
        client.turn(TURN)?;
        let mut open = Vec::new();
        for (id, request) in self.waiting.drain(..) {
            let Some(answer) = client.take_answer(request) else {
                open.push((id, request));
                continue;
            };
            let (status, data) = match answer {
                Ok(data) => (Status::Ok, data),
                Err(error) => (error.status, error.data),
            };
            let mut line = Table::new().with("id", id).with("status", i64::from(status.code()));
            line.put_some("data", data);
            say(&line)?;
        }
        self.waiting = open;
        Ok(())
    }

    fn handle_line(&mut self, line: &str) -> io::Result<()> {
        let line: Json = serde_json::from_str(line)?;
        let id = line["id"].as_i64().unwrap_or(0);
        if let Some(call) = line["call"].as_array() {
            let word = |n: usize| call.get(n).and_then(Json::as_str).unwrap_or_default();
            let arguments = call.get(2).map(value);
            let none = Table::new();
            let arguments = arguments.as_ref().and_then(Value::as_table).unwrap_or(&none);
            let Some(client) = &mut self.client else { return Ok(()) };
            self.waiting.push((id, client.invoke(word(0), word(1), arguments)));
            return Ok(());
        }
        let mut answer = Table::new().with("id", id);
        match self.act(&line) {
            Ok(text) => answer.put("text", text),
            Err(error) => answer.put("error", error.to_string()),
        }
        say(&answer)
    }

    fn act(&mut self, line: &Json) -> io::Result<String> {
        if let Some(words) = line["modem"].as_str() {
            return self.router.modems.say(words);
        }
        if let Some(name) = line["read"].as_str() {
            return std::fs::read_to_string(self.router.root().join(name));
        }
        for (word, mode) in [("write", 0o644), ("program", 0o755)] {
            if let [Json::String(name), Json::String(text)] = line[word].as_array_or_empty() {
                let path = self.router.root().join(name);
                path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                std::fs::write(&path, text)?;
                std::fs::set_permissions(&path, PermissionsExt::from_mode(mode))?;
                return Ok(String::new());
            }
        }
        match value(&line["network"]) {
            Value::Table(interfaces) => self.configure(interfaces).map(|()| String::new()),
            Value::Null
            | Value::Bool(_)
            | Value::I16(_)
            | Value::I32(_)
            | Value::I64(_)
            | Value::F64(_)
            | Value::String(_)
            | Value::Array(_) => Err(io::Error::other(format!("what is {line}?"))),
        }
    }

    /// A netifd that was reloaded: the stand-in knows no reload, so it is a new one.
    fn configure(&mut self, interfaces: Table) -> io::Result<()> {
        let interfaces = interfaces.0.into_iter();
        let interfaces = interfaces.filter_map(|(name, options)| match options {
            Value::Table(options) => Some((name, options)),
            Value::Null
            | Value::Bool(_)
            | Value::I16(_)
            | Value::I32(_)
            | Value::I64(_)
            | Value::F64(_)
            | Value::String(_)
            | Value::Array(_) => None,
        });
        let options = Options {
            socket: self.router.socket(),
            interfaces: interfaces.collect(),
            handler: Handler::Direct,
            lan: None,
            other: None,
            cable: None,
            dhcp_script: None,
            resolv_conf: None,
            on_step: None,
        };
        self.router.netifd = Netifd::start(options)?;
        Ok(())
    }
}

trait ArrayOrEmpty {
    fn as_array_or_empty(&self) -> &[Json];
}

impl ArrayOrEmpty for Json {
    fn as_array_or_empty(&self) -> &[Json] {
        self.as_array().map_or(&[], Vec::as_slice)
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => number.as_i64().map_or_else(
            || Value::F64(number.as_f64().unwrap_or(0.0)),
            |n| i32::try_from(n).map_or(Value::I64(n), Value::I32),
        ),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(list) => Value::Array(list.iter().map(value).collect()),
        Json::Object(map) => {
            Value::Table(Table(map.iter().map(|(name, it)| (name.clone(), value(it))).collect()))
        }
    }
}
