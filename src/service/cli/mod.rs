//! The command line: the same binary, talking to the daemon over ubus.

mod choice;
mod client;
pub mod dial;
mod gnss;
mod help;
mod metrics;
pub mod pty;
mod secrets;
mod show;
mod sms;
mod speed;
#[cfg(test)]
mod tests;
pub mod wan;

use crate::io::clock;
use crate::time::Duration;
use crate::types::{Table, UsbMode, Value};
use crate::wire::json;
use client::{Client, Failure};
pub use help::HELP;
use pico_args::Arguments;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Parsed {
    /// Run the daemon.
    Daemon {
        /// What stands for `/`.
        root: PathBuf,
        /// ubusd's socket.
        bus: Option<PathBuf>,
        /// Log to stderr even when there is a system log.
        stderr: bool,
    },
    /// Dial for pppd.
    Dial(dial::Dial),
    /// Tell the daemon that pppd has a family up.
    Up(dial::Up),
    /// Serve a port for another program.
    Pty(pty::Pty),
    /// Print a text.
    Print(String),
    /// Change which way out comes first.
    Wan(wan::Wan),
    /// Call a method of the daemon.
    Call(Box<Call>),
}

/// A method to call and how to show what it answers.
#[derive(Debug, PartialEq)]
pub struct Call {
    command: Command,
    method: &'static str,
    args: Table,
    bus: Option<PathBuf>,
    json: bool,
    watch: bool,
    /// Print the sentences of the satellite receiver afterwards.
    nmea: bool,
    timeout_secs: u64,
    /// What is asked for before the call.
    secrets: &'static [secrets::Wanted],
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Status,
    Modems,
    Info,
    Signal,
    Cells,
    At,
    Diag,
    Pin,
    UsbMode,
    SmsList,
    SmsSend,
    Ussd,
    Bands,
    Scan,
    Register,
    Apn,
    Slot,
    Usage,
    Metrics,
    Collectd,
    Gnss,
    SpeedTest,
    /// Nothing to show but errors.
    Silent,
}

/// How often the daemon is asked again to measure often, which it does for 30 s.
const RENEW_AFTER: Duration = Duration::from_secs(20);

/// How long the daemon may take for an ordinary answer.
const TIMEOUT_SECS: u64 = 10;

/// How long it may take over a PIN: the SIM is asked before, and again after.
const PIN_TIMEOUT_SECS: u64 = 40;

/// How long a modem may take to be something else on USB: it restarts, some twice.
const USB_MODE_TIMEOUT_SECS: u64 = 200;

/// Reads the command line, program name left out.
///
/// # Errors
/// A sentence for the user about what is wrong with it.
pub fn parse(arguments: Vec<OsString>) -> Result<Parsed, String> {
    let mut arguments = Arguments::from_vec(arguments);
    if arguments.contains(["-h", "--help"]) {
        return Ok(Parsed::Print(help::help(arguments.subcommand().ok().flatten().as_deref())));
    }
    if arguments.contains(["-V", "--version"]) {
        return Ok(Parsed::Print(format!("ltewan {}\n", env!("CARGO_PKG_VERSION"))));
    }
    let text = |error: pico_args::Error| error.to_string();
    let bus: Option<PathBuf> = arguments.opt_value_from_str("--bus").map_err(text)?;
    let json = arguments.contains("--json");
    let watch = arguments.contains("--watch");
    let level: Option<String> = arguments.opt_value_from_str("--level").map_err(text)?;
    let timeout: Option<u16> = arguments.opt_value_from_str("--timeout").map_err(text)?;
    let root: Option<PathBuf> = arguments.opt_value_from_str("--root").map_err(text)?;
    let stderr = arguments.contains("--stderr");
    let force = arguments.contains("--force");
    let report = arguments.contains("--report");
    let is_pty = arguments.contains("--pty");
    let language: Option<String> = arguments.opt_value_from_str("--language").map_err(text)?;
    let options = choice::Options::take(&mut arguments)?;
    let command = arguments.subcommand().map_err(text)?;
    let Some(command) = command else {
        return Err("a command is missing; see ltewan --help".to_owned());
    };
    let words = words(arguments)?;
    if command == "daemon" {
        no_more(&words)?;
        return Ok(Parsed::Daemon { root: root.unwrap_or_else(|| "/".into()), bus, stderr });
    }
    match command.as_str() {
        "dial" => return dialled(&words, bus).map(Parsed::Dial),
        "wan" => return wan::parse(words, options.is_applied, root).map(Parsed::Wan),
        "ppp" => return agreed(&words, bus).map(Parsed::Up),
        "at" if is_pty => {
            no_more(words.get(1..).unwrap_or_default())?;
            let modem = words.into_iter().next();
            return Ok(Parsed::Pty(pty::Pty { modem, timeout, json, bus }));
        }
        _ if is_pty => return Err("--pty is for at".to_owned()),
        _ => {}
    }
    let (shown, mut method, mut args) = match command.as_str() {
        "sms" | "ussd" => sms::parse(&command, words)?,
        _ => match_command(&command, words)?,
    };
    args.put_some("language", language);
    args.put_some("level", level);
    if report {
        args.put("report", true);
    }
    if force {
        args.put("force", true);
    }
    let nmea = options.nmea;
    method = options.apply(method, &mut args)?;
    if watch && shown == Command::Signal {
        method = "signal";
        args.put("interval_s", 1);
    }
    let secrets = secrets::wanted(args.get_str("action").filter(|_| shown == Command::Pin))?;
    let mut timeout_secs = patience(shown);
    if let Some(secs) = timeout {
        args.put("timeout_ms", u32::from(secs) * 1000);
        timeout_secs = u64::from(secs);
    }
    // The daemon keeps the time of an AT command; it answers before this runs out.
    let timeout_secs = timeout_secs + 5;
    let command = shown;
    let call = Call { command, method, args, bus, json, watch, nmea, timeout_secs, secrets };
    Ok(Parsed::Call(Box::new(call)))
}

/// How long the daemon may take for an answer, in seconds.
const fn patience(shown: Command) -> u64 {
    match shown {
        Command::Pin => PIN_TIMEOUT_SECS,
        Command::UsbMode => USB_MODE_TIMEOUT_SECS,
        Command::SmsSend => sms::TIMEOUT_SECS,
        Command::Ussd => sms::USSD_TIMEOUT_SECS,
        Command::Scan => choice::SCAN_TIMEOUT_SECS,
        Command::Bands | Command::Register | Command::Slot => choice::TIMEOUT_SECS,
        Command::Gnss => gnss::TIMEOUT_SECS,
        Command::Status
        | Command::Modems
        | Command::Info
        | Command::Signal
        | Command::Cells
        | Command::At
        | Command::Diag
        | Command::Apn
        | Command::SmsList
        | Command::Usage
        | Command::Metrics
        | Command::Collectd
        | Command::SpeedTest
        | Command::Silent => TIMEOUT_SECS,
    }
}

fn words(arguments: Arguments) -> Result<Vec<String>, String> {
    let words = arguments
        .finish()
        .into_iter()
        .map(|word| word.into_string().map_err(|word| format!("{} is not text", word.display())));
    let words: Vec<String> = words.collect::<Result<_, _>>()?;
    match words.iter().find(|word| word.starts_with('-') && word.len() > 1) {
        Some(option) => Err(format!("unknown option {option}; see ltewan --help")),
        None => Ok(words),
    }
}

fn dialled(words: &[String], bus: Option<PathBuf>) -> Result<dial::Dial, String> {
    let [cid, interface] = words else {
        return Err("dial takes a context and an interface; pppd runs it".to_owned());
    };
    let cid = cid.parse().map_err(|_| "the context is no number".to_owned())?;
    Ok(dial::Dial { cid, interface: interface.clone(), bus })
}

fn agreed(words: &[String], bus: Option<PathBuf>) -> Result<dial::Up, String> {
    let [interface, address, dns @ ..] = words else {
        return Err("ppp takes an interface and an address; pppd runs it".to_owned());
    };
    let address = address.parse().map_err(|_| "the address is none".to_owned())?;
    let dns = dns.iter().filter_map(|server| server.parse().ok()).collect();
    Ok(dial::Up { interface: interface.clone(), address, dns, bus })
}

fn no_more(words: &[String]) -> Result<(), String> {
    words.first().map_or(Ok(()), |word| Err(format!("one word too many: {word}")))
}

fn match_command(
    command: &str,
    words: Vec<String>,
) -> Result<(Command, &'static str, Table), String> {
    if matches!(command, "usage" | "metrics") {
        return metrics::parse(command, words);
    }
    let mut words = words.into_iter();
    let mut args = Table::new();
    let (shown, mut method) = match command {
        "status" => (Command::Status, "status"),
        "modems" => (Command::Modems, "status"),
        "signal" => (Command::Signal, "status"),
        "cells" => (Command::Cells, "cells"),
        "info" => (Command::Info, "info"),
        "connect" => (Command::Silent, "connect"),
        "disconnect" => (Command::Silent, "disconnect"),
        "reconnect" => (Command::Silent, "reconnect"),
        "reset" => (Command::Silent, "reset"),
        "at" => (Command::At, "at"),
        "usb-mode" => (Command::UsbMode, "usb_mode"),
        "pin" => (Command::Pin, "pin"),
        "bands" => (Command::Bands, "bands"),
        "apn" => (Command::Apn, "apn_lookup"),
        "scan" => (Command::Scan, "scan"),
        "register" => (Command::Register, "register"),
        "slot" => (Command::Slot, "info"),
        "gnss" => (Command::Gnss, "gnss"),
        "speedtest" => (Command::SpeedTest, "speedtest"),
        "diag" => (Command::Diag, "diagnose"),
        "reload" => (Command::Silent, "reload"),
        _ => return Err(format!("unknown command {command}; see ltewan --help")),
    };
    match command {
        "connect" | "disconnect" | "reconnect" => {
            let interface = words.next().ok_or("which interface? its name is missing")?;
            args.put("interface", interface);
        }
        "register" => choice::register(&mut words, &mut args)?,
        "slot" => method = choice::slot(&mut words, &mut args)?,
        "gnss" => gnss::words(&mut words, &mut args)?,
        "status" | "signal" | "info" | "reset" | "bands" | "scan" | "speedtest" => {
            args.put_some("modem", words.next())
        }
        "apn" => choice::network_or_modem(words.next(), &mut args),
        "at" => {
            let first = words.next().ok_or("which command? it is missing")?;
            match words.next() {
                Some(second) => args = args.with("modem", first).with("command", second),
                None => args.put("command", first),
            }
        }
        "usb-mode" => modem_and_mode(words.next(), words.next(), &mut args),
        "pin" => {
            let first = words.next().ok_or("what about the PIN? the action is missing")?;
            match words.next() {
                Some(second) => args = args.with("modem", first).with("action", second),
                None => args.put("action", first),
            }
            if words.next().is_some() {
                return Err(secrets::NOT_ARGUMENTS.to_owned());
            }
        }
        _ => {}
    }
    no_more(&words.collect::<Vec<_>>())?;
    Ok((shown, method, args))
}

/// The words of `usb-mode`. One alone is the mode, unless it is none: then it is the modem.
fn modem_and_mode(first: Option<String>, second: Option<String>, args: &mut Table) {
    let (modem, mode) = match (first, second) {
        (Some(word), None) if UsbMode::parse(&word).is_ok() => (None, Some(word)),
        both => both,
    };
    args.put_some("modem", modem);
    args.put_some("mode", mode);
}

/// Calls the daemon and prints what it answers; the exit status.
pub fn run(call: &Call, out: &mut impl Write, err: &mut impl Write) -> u8 {
    let asked = if call.command == Command::SmsSend {
        sms::read_text(&call.args)
    } else {
        secrets::ask(call.secrets, err)
    };
    let result = Client::connect(call.bus.clone()).and_then(|mut client| {
        let mut args = call.args.clone();
        args.0.extend(asked?.0);
        let begins_test = args.get_str("action") == Some("start");
        if begins_test {
            client.subscribe()?;
        }
        client.call(call.method, &args, call.timeout_secs).and_then(|answer| {
            if begins_test {
                return speed::follow(answer, &mut client, call.json, out);
            }
            print(call, &answer, out);
            if call.nmea {
                return gnss::sentences(&answer, out);
            }
            if call.watch { watch(call, &mut client, out) } else { Ok(()) }
        })
    });
    match result {
        Ok(()) => 0,
        Err(failure) => {
            let _ = writeln!(err, "ltewan: {}", failure.message);
            failure.exit_status
        }
    }
}

/// Prints each change, until the daemon is gone.
fn watch(call: &Call, client: &mut Client, out: &mut impl Write) -> Result<(), Failure> {
    client.subscribe()?;
    let is_signal = call.command == Command::Signal;
    let renewal = || is_signal.then(|| clock::now() + RENEW_AFTER);
    let mut deadline = renewal();
    loop {
        let Some((kind, data)) = client.next_notification(deadline)? else {
            client.call(call.method, &call.args, call.timeout_secs)?;
            deadline = renewal();
            continue;
        };
        if is_signal != (kind == "signal") {
            continue;
        }
        let shown = if call.json {
            let line = Table::new().with(kind, data);
            writeln!(out, "{}", json::table_to_json(&line))
        } else {
            writeln!(out, "{}", show::notification(&kind, &data))
        };
        if shown.and_then(|()| out.flush()).is_err() {
            // Whoever read it has seen enough.
            return Ok(());
        }
    }
}

fn print(call: &Call, answer: &Table, out: &mut impl Write) {
    let text = if call.json {
        json::to_json_indented(&Value::Table(answer.clone())) + "\n"
    } else {
        match call.command {
            Command::Status => show::status(answer),
            Command::Modems => show::modems(answer),
            Command::Signal => show::signals(answer),
            Command::Cells => show::cells(answer),
            Command::Info => show::info(answer),
            Command::At => show::at(answer),
            Command::Diag => show::diag(answer),
            Command::Pin => show::pin(answer),
            Command::UsbMode => show::usb_mode(answer),
            Command::SmsList => sms::list(answer),
            Command::SmsSend => sms::sent(answer),
            Command::Ussd => sms::said(answer),
            Command::Bands => choice::bands(answer),
            Command::Scan => choice::networks(answer),
            Command::Register => choice::registration(answer),
            Command::Apn => show::apns(answer),
            Command::Slot => choice::slots(answer),
            Command::Usage => show::usage(answer),
            Command::Metrics => metrics::prometheus(answer),
            Command::Collectd => metrics::for_collectd(answer),
            Command::Gnss => gnss::status(answer),
            Command::SpeedTest => speed::status(answer),
            Command::Silent => String::new(),
        }
    };
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
