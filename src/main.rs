//! The `ltewan` program: the daemon and the command line in one binary.

use ltewan::io::{faults, log as logging};
use ltewan::service::cli::{self, Failure, Parsed};
use ltewan::service::{Options, run};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    // To collect them would be 400 bytes more on MIPS.
    let mut arguments = Vec::new();
    for argument in std::env::args_os().skip(1) {
        arguments.push(argument);
    }
    let done = match cli::parse(arguments) {
        Ok(Parsed::Daemon { root, bus, stderr }) => {
            faults::tell();
            logging::init(log::LevelFilter::Info, !stderr);
            return match run(&Options { root, bus }) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    log::error!("{error}");
                    ExitCode::FAILURE
                }
            };
        }
        Ok(Parsed::Print(text)) => {
            let _ = io::stdout().write_all(text.as_bytes());
            Ok(())
        }
        Ok(Parsed::Dial(dial)) => return ExitCode::from(cli::dial::run(dial)),
        Ok(Parsed::Up(up)) => return ExitCode::from(cli::dial::tell_up(up)),
        Ok(Parsed::Pty(pty)) => cli::pty::run(pty, &mut io::stdout(), &mut io::stderr()),
        Ok(Parsed::Wan(wan)) => cli::wan::run(&wan, &mut io::stdout()),
        Ok(Parsed::Call(mut call)) => cli::run(&mut call, &mut io::stdout(), &mut io::stderr()),
        Err(message) => Err(Failure { message, exit_status: 2 }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, exit_status }) => {
            let _ = writeln!(io::stderr(), "ltewan: {message}");
            ExitCode::from(exit_status)
        }
    }
}
