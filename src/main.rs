//! The `ltewan` program: the daemon and the command line in one binary.

use ltewan::io::{faults, log as logging};
use ltewan::service::cli::{self, Parsed};
use ltewan::service::{Options, run};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::parse(std::env::args_os().skip(1).collect()) {
        Ok(Parsed::Daemon { root, bus, stderr }) => {
            faults::tell();
            logging::init(log::LevelFilter::Info, !stderr);
            match run(&Options { root, bus }) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    log::error!("{error}");
                    ExitCode::FAILURE
                }
            }
        }
        Ok(Parsed::Print(text)) => {
            let _ = io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Ok(Parsed::Dial(dial)) => ExitCode::from(cli::dial::run(&dial)),
        Ok(Parsed::Up(up)) => ExitCode::from(cli::dial::tell_up(&up)),
        Ok(Parsed::Pty(pty)) => {
            ExitCode::from(cli::pty::run(&pty, &mut io::stdout(), &mut io::stderr()))
        }
        Ok(Parsed::Wan(wan)) => {
            ExitCode::from(cli::wan::run(&wan, &mut io::stdout(), &mut io::stderr()))
        }
        Ok(Parsed::Call(call)) => {
            ExitCode::from(cli::run(&call, &mut io::stdout(), &mut io::stderr()))
        }
        Err(message) => {
            let _ = writeln!(io::stderr(), "ltewan: {message}");
            ExitCode::from(2)
        }
    }
}
