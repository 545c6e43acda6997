//! `ltewan at --pty`: a serial port of its own for another program, whose commands go to the modem
//! through the daemon like those of everybody else.

mod terminal;

use super::client::{Client, Failure, failure};
use crate::io::poll::Interest;
use crate::io::{Received, pty};
use crate::service::ubus::RequestId;
use crate::types::text::contains;
use crate::types::{Table, Value};
use crate::wire::json;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use terminal::{Question, Terminal};

/// How long the modem may take for one command when the caller does not say.
const TIMEOUT_SECS: u16 = 60;

/// How long it may look for networks.
const SCAN_TIMEOUT_SECS: u16 = 200;

/// How long a command may wait until those of others are answered, and for word of it.
const TURN_SECS: u64 = 125;

/// The port to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pty {
    /// Of which modem; of the only one when `None`.
    pub(super) modem: Option<String>,
    /// How long the modem may take for one command, in seconds.
    pub(super) timeout: Option<u16>,
    /// Whether its name is told as JSON.
    pub(super) json: bool,
    /// ubusd's socket.
    pub(super) bus: Option<PathBuf>,
}

/// Serves programs until it is interrupted or the bus is gone.
///
/// # Errors
/// What it is that it ends with.
pub fn run(wanted: Pty, out: &mut impl Write, err: &mut impl Write) -> Result<(), Failure> {
    let system = |error: io::Error| failure(1, error.to_string());
    let mut client = Client::connect(wanted.bus)?;
    let mut named = Table::new();
    named.put_some("modem", wanted.modem.as_deref());
    // A modem that is not there is better told now than to a program that expects one.
    client.call("info", &named, super::TIMEOUT_SECS)?;
    let mut pty = pty::Pty::open().map_err(system)?;
    let path = pty.channel.name();
    let shown = if wanted.json {
        json::table_to_json(&Table::new().with("path", path))
    } else {
        path.to_owned()
    };
    writeln!(out, "{shown}").and_then(|()| out.flush()).map_err(system)?;
    let mut terminal = Terminal::default();
    let mut asked: Option<RequestId> = None;
    loop {
        while let Some((request, result)) = client.poll_reply() {
            if asked.take_if(|asked| *asked == request).is_some() {
                answer(&mut terminal, result, err);
            }
        }
        if let Some(question) = terminal.poll_question() {
            asked = Some(ask(&mut client, &named, wanted.timeout, question));
        }
        // What a program does not read in the end it does not get, as from a real port.
        let _ = pty.channel.send(&terminal.take_output());
        let others =
            [(pty.channel.as_fd(), pty.channel.interest()), (pty.closings.as_fd(), Interest::Read)];
        let ready = client.turn(&others, None)?;
        let [port, closing] = ready.as_slice() else { continue };
        if port.writable {
            let _ = pty.channel.flush();
        }
        if port.readable || closing.readable {
            read(&mut pty, &mut terminal).map_err(system)?;
        }
        if closing.readable && pty.closings.drain().map_err(system)? {
            // The next program begins with a line as it was; the answer to what this one asked last
            // is nobody's.
            if let Some(question) = terminal.poll_question() {
                ask(&mut client, &named, wanted.timeout, question);
            }
            pty.renew().map_err(system)?;
            terminal = Terminal::default();
            asked = None;
        }
    }
}

/// Reads all there is: what a program wrote before it closed the port counts.
fn read(pty: &mut pty::Pty, terminal: &mut Terminal) -> io::Result<()> {
    let mut buf = [0; 512];
    while let Received::Bytes(count) = pty.channel.read(&mut buf)? {
        terminal.handle_input(buf.get(..count).unwrap_or_default());
    }
    Ok(())
}

fn ask(client: &mut Client, modem: &Table, secs: Option<u16>, question: Question) -> RequestId {
    let is_scan = contains(&question.command.to_ascii_uppercase(), "+COPS=?");
    let secs = secs.unwrap_or(if is_scan { SCAN_TIMEOUT_SECS } else { TIMEOUT_SECS });
    let mut args = modem.clone().with("command", question.command);
    args.put_some("payload", question.payload);
    args.put("timeout_ms", u32::from(secs) * 1000);
    client.invoke("at", &args, u64::from(secs) + TURN_SECS)
}

/// Shows the answer; why there is none is for whoever runs us.
fn answer(terminal: &mut Terminal, result: Result<Table, Failure>, err: &mut impl Write) {
    match result {
        Ok(answer) => {
            let lines = answer.get_array("lines").unwrap_or_default();
            let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
            terminal.handle_answer(&lines, answer.get_str("result").unwrap_or("ERROR"));
        }
        Err(failure) => {
            let _ = writeln!(err, "ltewan: {}", failure.message);
            terminal.handle_answer(&[], "ERROR");
        }
    }
}
