//! Simulated modems to try things with: behind real kernel drivers in a guest, or on ptys on a PC.
//!
//! ```text
//! simmodem vhci --control SOCK                           USB devices on vhci_hcd
//! simmodem pty --root DIR --netns-tun IF --control SOCK  ptys, TUN, made-up /dev and /sys
//! simmodem ctl SOCK WORDS...                             one line to a server, and its answer
//! ```
//!
//! Lines: `plug PORT [KEY=VALUE...]`, `unplug PORT`, `stats PORT`, `list`, `quit`, and
//! `PORT COMMAND` with the commands of `sim/command.rs`.

#[path = "sim/serve/mod.rs"]
mod serve;
#[path = "sim/mod.rs"]
mod sim;

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

use serve::Server;
use serve::pty::PtyBody;
use serve::vhci::VhciBody;

const USAGE: &str = "usage: simmodem vhci --control SOCK
       simmodem pty --root DIR --netns-tun IF --control SOCK
       simmodem ctl SOCK WORDS...";

#[expect(clippy::print_stderr, reason = "a program's own complaints belong there")]
fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("simmodem: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Vec<String>) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let option = |name: &str| {
        let at = words.iter().position(|word| *word == name)?;
        words.get(at + 1).map(PathBuf::from)
    };
    match words.as_slice() {
        ["ctl", socket, line @ ..] => return ask(socket, &line.join(" ")),
        ["vhci", ..] => {
            Server::new(&option("--control").ok_or(USAGE)?, VhciBody::new)?.run()?;
        }
        ["pty", ..] => {
            let root = option("--root").ok_or(USAGE)?;
            let interface = option("--netns-tun").ok_or(USAGE)?.display().to_string();
            let make = move |port| PtyBody::new(port, &root, &interface);
            Server::new(&option("--control").ok_or(USAGE)?, make)?.run()?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends one line to a server and prints what it says.
#[expect(clippy::print_stdout, reason = "the answer is what the command is for")]
fn ask(socket: &str, line: &str) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut stream = UnixStream::connect(socket)?;
    writeln!(stream, "{line}")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    print!("{answer}");
    Ok(if answer.starts_with("error") { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
