//! The `ltewan` program: the daemon and the command line in one binary.
#![no_main]

use ltewan::io::stdio::Output;
use ltewan::io::{faults, log as logging};
use ltewan::service::cli::{self, Failure, Parsed};
use ltewan::service::{Options, run};
use std::ffi::OsString;
use std::io::Write;

ltewan::entry!(start);

fn start(arguments: Vec<OsString>) -> u8 {
    let (mut out, mut err) = (Output::standard(), Output::error());
    let done = match cli::parse(arguments) {
        Ok(Parsed::Daemon { root, bus, stderr }) => {
            faults::tell();
            logging::init(log::LevelFilter::Info, !stderr);
            return match run(&Options { root, bus }) {
                Ok(()) => 0,
                Err(error) => {
                    log::error!("{error}");
                    1
                }
            };
        }
        Ok(Parsed::Print(text)) => {
            let _ = out.write_all(text.as_bytes());
            Ok(())
        }
        Ok(Parsed::Dial(dial)) => return cli::dial::run(dial),
        Ok(Parsed::Up(up)) => return cli::dial::tell_up(up),
        Ok(Parsed::Pty(pty)) => cli::pty::run(pty, &mut out, &mut err),
        Ok(Parsed::Wan(wan)) => cli::wan::run(&wan, &mut out),
        Ok(Parsed::Call(mut call)) => cli::run(&mut call, &mut out, &mut err),
        Err(message) => Err(Failure { message, exit_status: 2 }),
    };
    match done {
        Ok(()) => 0,
        Err(Failure { message, exit_status }) => {
            let _ = writeln!(err, "ltewan: {message}");
            exit_status
        }
    }
}
