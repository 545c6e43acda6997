//! The main job from end to end on an ordinary PC: `make demo`, or `cargo run --example demo`.

#[path = "bus"]
mod bus {
    //! The stand-ins for OpenWrt's C daemons.
    #[expect(dead_code, reason = "the demo uses a part of it")]
    pub(crate) mod netifd;
    pub(crate) mod ubusd;
}
#[path = "demo/mod.rs"]
mod demo;
mod router;
#[path = "sim/serve/mod.rs"]
#[expect(dead_code, reason = "the demo has no use for USB devices")]
mod serve;
mod sim;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use router::namespace;

#[expect(clippy::print_stderr, reason = "a program's own complaints belong there")]
fn main() -> ExitCode {
    let dir = match namespace::enter_for_good() {
        Ok(Some(dir)) => dir,
        Ok(None) => std::env::temp_dir().join(format!("ltewan-demo-{}", std::process::id())),
        Err(error) => {
            let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("demo"));
            eprintln!("No network namespace of our own is to be had here: {error}");
            eprintln!("Run this instead:\n\n    sudo {}\n", program.display());
            return ExitCode::FAILURE;
        }
    };
    let stdout = std::io::stdout();
    let colours = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let print = move |line: &str| {
        let _ = writeln!(stdout.lock(), "{line}");
    };
    match demo::run(dir, demo::Screen::new(colours, Box::new(print))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}
