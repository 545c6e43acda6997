//! The commands: what each asks of the daemon, and what its words are.

use super::{Call, Command, choice, gnss, metrics, no_more, secrets, sms};
use crate::types::UsbMode;

/// The words after a command, from the first that nobody has taken.
pub(super) type Words<'a> = core::slice::Iter<'a, String>;

/// Takes the words of a command, and puts what they mean into its call.
type Read = fn(&mut Words<'_>, &mut Call) -> Result<(), String>;

/// The commands that call a method: the name of each, how its answer is shown, the method, and
/// its words.
const COMMANDS: [(&str, Command, &str, Read); 25] = [
    ("status", Command::Status, "status", modem),
    ("modems", Command::Modems, "status", nothing),
    ("signal", Command::Signal, "status", modem),
    ("cells", Command::Cells, "cells", nothing),
    ("info", Command::Info, "info", modem),
    ("connect", Command::Silent, "connect", interface),
    ("disconnect", Command::Silent, "disconnect", interface),
    ("reconnect", Command::Silent, "reconnect", interface),
    ("reset", Command::Silent, "reset", modem),
    ("at", Command::At, "at", at),
    ("usb-mode", Command::UsbMode, "usb_mode", usb_mode),
    ("pin", Command::Pin, "pin", pin),
    ("bands", Command::Bands, "bands", modem),
    ("apn", Command::Apn, "apn_lookup", choice::network_or_modem),
    ("scan", Command::Scan, "scan", modem),
    ("register", Command::Register, "register", choice::register),
    ("slot", Command::Slot, "info", choice::slot),
    ("gnss", Command::Gnss, "gnss", gnss::words),
    ("speedtest", Command::SpeedTest, "speedtest", modem),
    ("diag", Command::Diag, "diagnose", nothing),
    ("reload", Command::Silent, "reload", nothing),
    ("sms", Command::Silent, "", sms::words),
    ("ussd", Command::Ussd, "ussd", sms::ussd),
    ("usage", Command::Usage, "usage", metrics::usage),
    ("metrics", Command::Metrics, "status", metrics::words),
];

/// Puts into a call what a command and its words mean.
///
/// # Errors
/// A sentence about what is wrong.
pub(super) fn find(name: &str, words: &[String], call: &mut Call) -> Result<(), String> {
    let Some((_, command, method, read)) = COMMANDS.iter().find(|(it, ..)| *it == name) else {
        return Err(format!("unknown command {name}; see ltewan --help"));
    };
    call.command = *command;
    call.method = method;
    let mut words = words.iter();
    read(&mut words, call)?;
    no_more(words.as_slice())
}

/// Takes a modem, if one is named, and the word after it. One word alone is the modem, unless
/// `is_it` says that it is the other.
pub(super) fn modem_and<'a>(
    words: &mut Words<'a>,
    call: &mut Call,
    is_it: fn(&str) -> bool,
) -> Option<&'a str> {
    let (first, second) = (words.next()?, words.next());
    if second.is_none() && is_it(first) {
        return Some(first);
    }
    call.args.put("modem", first.as_str());
    second.map(String::as_str)
}

fn nothing(_: &mut Words<'_>, _: &mut Call) -> Result<(), String> {
    Ok(())
}

fn modem(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    call.args.put_some("modem", words.next().map(String::as_str));
    Ok(())
}

fn interface(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let interface = words.next().ok_or("which interface? its name is missing")?;
    call.args.put("interface", interface.as_str());
    Ok(())
}

fn at(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let command = modem_and(words, call, |_| true).ok_or("which command? it is missing")?;
    call.args.put("command", command);
    Ok(())
}

fn usb_mode(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let mode = modem_and(words, call, |word| UsbMode::parse(word).is_ok());
    call.args.put_some("mode", mode);
    Ok(())
}

fn pin(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let action = modem_and(words, call, |_| true);
    call.args.put("action", action.ok_or("what about the PIN? the action is missing")?);
    if words.next().is_some() {
        return Err(secrets::NOT_ARGUMENTS.to_owned());
    }
    Ok(())
}
