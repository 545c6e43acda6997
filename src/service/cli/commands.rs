//! The commands: what each asks of the daemon, and what its words are.

use super::{Call, Command, choice, gnss, metrics, no_more, secrets, sms};
use crate::types::UsbMode;

/// The words after a command, from the first that nobody has taken.
pub(super) type Words<'a> = core::slice::Iter<'a, String>;

/// What words a command has. Functions here instead would be larger: those that are called from
/// one place become part of that.
#[derive(Clone, Copy)]
enum Takes {
    Nothing,
    Modem,
    Interface,
    Apn,
    At,
    Gnss,
    Metrics,
    Pin,
    Register,
    Slot,
    Sms,
    UsbMode,
    Usage,
    Ussd,
}

/// The commands that call a method: the name of each, how its answer is shown, the method, and
/// its words.
const COMMANDS: [(&str, Command, &str, Takes); 25] = [
    ("status", Command::Status, "status", Takes::Modem),
    ("modems", Command::Modems, "status", Takes::Nothing),
    ("signal", Command::Signal, "status", Takes::Modem),
    ("cells", Command::Cells, "cells", Takes::Modem),
    ("info", Command::Info, "info", Takes::Modem),
    ("connect", Command::Silent, "connect", Takes::Interface),
    ("disconnect", Command::Silent, "disconnect", Takes::Interface),
    ("reconnect", Command::Silent, "reconnect", Takes::Interface),
    ("reset", Command::Silent, "reset", Takes::Modem),
    ("at", Command::At, "at", Takes::At),
    ("usb-mode", Command::UsbMode, "usb_mode", Takes::UsbMode),
    ("pin", Command::Pin, "pin", Takes::Pin),
    ("bands", Command::Bands, "bands", Takes::Modem),
    ("apn", Command::Apn, "apn_lookup", Takes::Apn),
    ("scan", Command::Scan, "scan", Takes::Modem),
    ("register", Command::Register, "register", Takes::Register),
    ("slot", Command::Slot, "info", Takes::Slot),
    ("gnss", Command::Gnss, "gnss", Takes::Gnss),
    ("speedtest", Command::SpeedTest, "speedtest", Takes::Modem),
    ("diag", Command::Diag, "diagnose", Takes::Nothing),
    ("reload", Command::Silent, "reload", Takes::Nothing),
    ("sms", Command::Silent, "", Takes::Sms),
    ("ussd", Command::Ussd, "ussd", Takes::Ussd),
    ("usage", Command::Usage, "usage", Takes::Usage),
    ("metrics", Command::Metrics, "status", Takes::Metrics),
];

/// Puts into a call what a command and its words mean.
///
/// # Errors
/// A sentence about what is wrong.
pub(super) fn find(name: &str, words: &[String], call: &mut Call) -> Result<(), String> {
    let Some((_, command, method, takes)) = COMMANDS.iter().find(|(it, ..)| *it == name) else {
        return Err(format!("unknown command {name}; see ltewan --help"));
    };
    call.command = *command;
    call.method = method;
    let mut words = words.iter();
    match takes {
        Takes::Nothing => {}
        Takes::Modem => call.args.put_some("modem", words.next().map(String::as_str)),
        Takes::Interface => {
            let interface = words.next().ok_or("which interface? its name is missing")?;
            call.args.put("interface", interface.as_str());
        }
        Takes::Apn => choice::network_or_modem(&mut words, call),
        Takes::At => {
            let command = modem_and(&mut words, call, |_| true);
            call.args.put("command", command.ok_or("which command? it is missing")?);
        }
        Takes::Gnss => gnss::words(&mut words, call)?,
        Takes::Metrics => metrics::words(&mut words, call),
        Takes::Pin => pin(&mut words, call)?,
        Takes::Register => choice::register(&mut words, call)?,
        Takes::Slot => choice::slot(&mut words, call)?,
        Takes::Sms => sms::words(&mut words, call)?,
        Takes::UsbMode => {
            let mode = modem_and(&mut words, call, |word| UsbMode::parse(word).is_ok());
            call.args.put_some("mode", mode);
        }
        Takes::Usage => metrics::usage(&mut words, call),
        Takes::Ussd => sms::ussd(&mut words, call)?,
    }
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

fn pin(words: &mut Words<'_>, call: &mut Call) -> Result<(), String> {
    let action = modem_and(words, call, |_| true);
    call.args.put("action", action.ok_or("what about the PIN? the action is missing")?);
    if words.next().is_some() {
        return Err(secrets::NOT_ARGUMENTS.to_owned());
    }
    Ok(())
}
