//! The command line: the same binary, talking to the daemon over ubus.

mod choice;
mod client;
mod commands;
pub mod dial;
mod gnss;
mod help;
mod metrics;
mod options;
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
use crate::types::{Table, Value};
use crate::wire::json;
use client::Client;
pub use client::Failure;
pub use help::HELP;
use options::Options;
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
        return Ok(Parsed::Print(concat!("ltewan ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
    }
    let options = Options::take(&mut arguments)?;
    let Some(command) = arguments.subcommand().map_err(told)? else {
        return Err("a command is missing; see ltewan --help".to_owned());
    };
    let words = words(arguments)?;
    let (bus, root) = (options.path("--bus"), options.path("--root"));
    match command.as_str() {
        "daemon" => {
            no_more(&words)?;
            let (root, stderr) = (root.unwrap_or_else(|| "/".into()), options.has("--stderr"));
            Ok(Parsed::Daemon { root, bus, stderr })
        }
        "dial" => dialled(&words, bus).map(Parsed::Dial),
        "wan" => wan::parse(&words, options.has("--apply"), root).map(Parsed::Wan),
        "ppp" => agreed(&words, bus).map(Parsed::Up),
        "at" if options.has("--pty") => {
            no_more(words.get(1..).unwrap_or_default())?;
            let (modem, timeout) = (words.into_iter().next(), options.timeout());
            Ok(Parsed::Pty(pty::Pty { modem, timeout, json: options.has("--json"), bus }))
        }
        _ if options.has("--pty") => Err("--pty is for at".to_owned()),
        _ => called(&command, &words, &options, bus).map(Parsed::Call),
    }
}

/// What is wrong with an option.
fn told(error: pico_args::Error) -> String {
    error.to_string()
}

/// A command that calls a method.
fn called(
    command: &str,
    words: &[String],
    options: &Options,
    bus: Option<PathBuf>,
) -> Result<Box<Call>, String> {
    let mut call = Box::new(Call {
        command: Command::Silent,
        method: "",
        args: Table::new(),
        bus,
        json: options.has("--json"),
        watch: options.has("--watch"),
        nmea: options.has("--nmea"),
        timeout_secs: 0,
        secrets: &[],
    });
    commands::find(command, words, &mut call)?;
    options.apply(&mut call)?;
    if call.watch && call.command == Command::Signal {
        call.method = "signal";
        call.args.put("interval_s", 1);
    }
    if call.command == Command::Pin {
        call.secrets = secrets::wanted(call.args.get_str("action"))?;
    }
    // The daemon keeps the time of an AT command; it answers before this runs out.
    call.timeout_secs = 5 + match options.timeout() {
        Some(secs) => {
            call.args.put("timeout_ms", u32::from(secs) * 1000);
            u64::from(secs)
        }
        None => patience(call.command),
    };
    Ok(call)
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
    let mut words = Vec::new();
    for word in arguments.finish() {
        let word = word.into_string();
        words.push(word.map_err(|word| format!("{} is not text", word.display()))?);
    }
    match words.iter().find(|word| word.starts_with('-') && word.len() > 1) {
        Some(option) => Err(format!("unknown option {option}; see ltewan --help")),
        None => Ok(words),
    }
}

fn dialled(words: &[String], bus: Option<PathBuf>) -> Result<dial::Dial, String> {
    let [cid, interface] = words else {
        return Err("dial takes a context and an interface; pppd runs it".to_owned());
    };
    let cid = cid.parse().map_err(|_| "the context is no number")?;
    Ok(dial::Dial { cid, interface: interface.clone(), bus })
}

fn agreed(words: &[String], bus: Option<PathBuf>) -> Result<dial::Up, String> {
    let [interface, address, servers @ ..] = words else {
        return Err("ppp takes an interface and an address; pppd runs it".to_owned());
    };
    let address = address.parse().map_err(|_| "the address is none")?;
    let mut dns = Vec::new();
    for server in servers {
        if let Ok(server) = server.parse() {
            dns.push(server);
        }
    }
    Ok(dial::Up { interface: interface.clone(), address, dns, bus })
}

fn no_more(words: &[String]) -> Result<(), String> {
    words.first().map_or(Ok(()), |word| Err(format!("one word too many: {word}")))
}

/// Calls the daemon and prints what it answers.
///
/// # Errors
/// What the user is told, and the exit status.
pub fn run(call: &mut Call, out: &mut impl Write, err: &mut impl Write) -> Result<(), Failure> {
    let asked = if call.command == Command::SmsSend {
        sms::read_text(&call.args)
    } else {
        secrets::ask(call.secrets, err)
    };
    let mut client = Client::connect(call.bus.take())?;
    call.args.0.append(&mut asked?.0);
    let begins_test = call.args.get_str("action") == Some("start");
    if begins_test {
        client.subscribe()?;
    }
    let answer = client.call(call.method, &call.args, call.timeout_secs)?;
    if begins_test {
        return speed::follow(answer, &mut client, call.json, out);
    }
    print(call, &answer, out);
    if call.nmea {
        return gnss::sentences(&answer, out);
    }
    if call.watch { watch(call, &mut client, out) } else { Ok(()) }
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

fn as_json(answer: &Table) -> String {
    json::to_json_indented(&Value::Table(answer.clone())) + "\n"
}

fn print(call: &Call, answer: &Table, out: &mut impl Write) {
    let text = if call.json {
        as_json(answer)
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
