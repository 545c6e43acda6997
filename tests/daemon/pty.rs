//! A port of its own for another program: the real command line on a real pseudo-terminal.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::process::{Child, Command, Stdio};

use ltewan::io::clock;
use ltewan::time::Duration;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};

use super::sms::{can, eventually};
use super::{MODEM, SECOND, in_namespace};
use crate::router::journal::Journal;
use crate::router::{LIMIT, Plan, Router, daemon};

/// 27838890001 is sent "hellohello".
const PDU: &str = "0011000B917238880900F10000AA0AE8329BFD4697D9EC37";

/// `ltewan at --pty`; killed when dropped.
struct Server(Child, String);

impl Server {
    fn start(router: &Router) -> Self {
        let mut command = Command::new(daemon::program());
        command.arg("--bus").arg(router.socket()).args(["at", "--pty"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut path = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut path).unwrap();
        Self(child, path.trim().to_owned())
    }

    /// Ends it. Not by an interrupt, which whoever runs the tests in the background has it ignore.
    fn end(&mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        std::os::unix::process::ExitStatusExt::signal(&self.0.wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that uses the port.
struct Program(File);

impl Program {
    fn open(path: &str) -> Self {
        let flags = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap();
        Self(OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).unwrap())
    }

    /// What is heard after this was typed, up to what it ends with.
    fn hears(&mut self, typed: &str, end: &str) -> String {
        let heard = self.hears_within(LIMIT, typed, end);
        heard.unwrap_or_else(|heard| panic!("no {end:?} in {heard:?}"))
    }

    /// The same; as an error what was heard until there was nothing more for so long.
    fn hears_within(&mut self, limit: Duration, typed: &str, end: &str) -> Result<String, String> {
        self.0.write_all(typed.as_bytes()).unwrap();
        let mut heard = String::new();
        while !heard.ends_with(end) {
            let limit = Timespec::try_from(limit).unwrap();
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            if poll(&mut fds, Some(&limit)).unwrap() == 0 {
                return Err(heard);
            }
            let mut buf = [0; 256];
            let count = self.0.read(&mut buf).unwrap();
            heard.push_str(std::str::from_utf8(&buf[..count]).unwrap());
        }
        Ok(heard)
    }

    /// Opens the port just after another program has closed it, and makes sure that it is heard:
    /// what is typed before that one is known to be gone counts as its.
    fn open_next(path: &str) -> Self {
        let mut program = Self::open(path);
        let deadline = clock::now() + LIMIT;
        loop {
            match program.hears_within(SECOND, "AT\r", "\r\nOK\r\n") {
                Ok(heard) if heard == "AT\r\r\nOK\r\n" => return program,
                heard => assert!(clock::now() < deadline, "{heard:?}"),
            }
        }
    }

    fn asks(&mut self, command: &str) -> String {
        self.hears(&format!("{command}\r"), "\r\nOK\r\n")
    }
}

#[test]
fn another_program_has_a_port_of_its_own() {
    in_namespace("pty", || {
        let mut router = Router::start(Plan::new("pty").unwrap(), Journal::new(None)).unwrap();
        router.modems.say("plug 0 messages=on").unwrap();
        router.wait_state(MODEM, "registered").unwrap();
        eventually(&router, "no AT port", || can(&router, "sms"));
        let mut server = Server::start(&router);
        let path = server.1.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);

        let mut program = Program::open(&path);
        let asked = program.asks("AT+CGMM");
        assert!(asked.starts_with("AT+CGMM\r\r\n") && asked.contains("EC25"), "{asked:?}");
        assert_eq!(program.asks("ATE0"), "ATE0\r\r\nOK\r\n");
        assert_eq!(program.hears("AT+NONSENSE\r", "ERROR\r\n"), "\r\nERROR\r\n");
        let sent = program.hears("AT+CMGS=23\r", "> ") + &program.hears(PDU, "");
        assert_eq!(sent, "\r\n> ");
        assert!(program.hears("\x1a", "\r\nOK\r\n").contains("+CMGS: "));
        // Others ask the modem as well, and each hears what it has asked.
        for _ in 0..5 {
            program.0.write_all(b"AT+CGSN\r").unwrap();
            let (_, text) = router.cli(&["at", "AT+CGMI"]).unwrap();
            assert!(text.contains("Quectel"), "{text}");
            let heard = program.hears("", "\r\nOK\r\n");
            assert!(heard.contains("8676980") && !heard.contains("Quectel"), "{heard:?}");
        }
        // What is done in passing is done; the next program hears nothing of it, and has its echo.
        program.0.write_all(b"AT+CSQ\r").unwrap();
        drop(program);
        let mut program = Program::open_next(&path);
        assert!(program.asks("AT+CGMI").starts_with("AT+CGMI\r\r\nQuectel\r\n"));

        router.daemon.kill();
        assert!(program.hears("AT\r", "ERROR\r\n").ends_with("\r\nERROR\r\n"));
        router.start_daemon().unwrap();
        eventually(&router, "no AT port", || can(&router, "sms"));
        assert!(program.asks("AT+CGMI").contains("Quectel"));
        assert_eq!(server.end(), Some(Signal::TERM.as_raw()));
        assert!(!matches!(program.0.read(&mut [0; 16]), Ok(1..)), "the port is still there");
        assert_eq!(router.daemon.ended(), None, "{}", router.daemon.log_tail(25));
    });
}
