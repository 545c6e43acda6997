//! The simulated modems: the program `simmodem` and its control socket.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ltewan::time::Duration;

use crate::{Failure, wait_for};

const CONTROL: &str = "/run/simmodem.sock";
const LOG: &str = "/run/simmodem.log";

/// The running simulator. Port n is the USB device 1-(n+1).
pub(crate) struct Simulator {
    child: Child,
}

impl Simulator {
    pub(crate) fn start() -> Result<Self, Failure> {
        let child = Command::new("simmodem")
            .args(["vhci", "--control", CONTROL])
            .stdin(Stdio::null())
            .stdout(File::create(LOG)?)
            .stderr(File::options().append(true).open(LOG)?)
            .spawn()?;
        let simulator = Self { child };
        wait_for("control socket", Duration::from_secs(5), || UnixStream::connect(CONTROL).ok())?;
        Ok(simulator)
    }

    /// Sends one line and gives its answer.
    pub(crate) fn tell(&self, line: &str) -> Result<String, Failure> {
        let mut stream = UnixStream::connect(CONTROL)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        writeln!(stream, "{line}")?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        if answer.is_empty() || answer.starts_with("error") {
            let log = fs::read_to_string(LOG).unwrap_or_default();
            return Err(format!("simmodem, asked to {line}: {answer}\n{log}").into());
        }
        Ok(answer)
    }

    /// One number of `stats`.
    pub(crate) fn count(&self, port: u8, name: &str) -> Result<u64, Failure> {
        let stats = self.tell(&format!("stats {port}"))?;
        let key = format!("\"{name}\":");
        let rest = stats.split_once(&key).map(|(_, rest)| rest);
        let digits: String =
            rest.unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().map_err(|_| format!("no {name} in {stats}").into())
    }

    /// How many QMI client ids are given out.
    pub(crate) fn count_client_ids(&self, port: u8) -> Result<usize, Failure> {
        let stats = self.tell(&format!("stats {port}"))?;
        let rest = stats.split_once("\"client_ids\":[").map(|(_, rest)| rest);
        let list = rest.and_then(|rest| rest.split_once(",\"")).map(|(list, _)| list);
        list.map(|list| list.matches('[').count()).ok_or_else(|| stats.into())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The network device and the control device of the modem in a port, once its drivers have bound.
pub(crate) fn find_nodes(port: u8) -> Option<(String, String)> {
    let device = format!("/sys/bus/usb/devices/1-{0}/1-{0}:1.4", u32::from(port) + 1);
    let name = |folder: &str| {
        let entry = fs::read_dir(format!("{device}/{folder}")).ok()?.next()?.ok()?;
        entry.file_name().into_string().ok()
    };
    let control = format!("/dev/{}", name("usbmisc")?);
    let serial = (0..4).all(|interface| {
        let folder = format!("/sys/bus/usb/devices/1-{0}/1-{0}:1.{interface}", u32::from(port) + 1);
        fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.any(|entry| {
                let name = entry.map(|entry| entry.file_name());
                name.is_ok_and(|name| name.to_string_lossy().starts_with("ttyUSB"))
            })
        })
    });
    (serial && Path::new(&control).exists()).then_some((name("net")?, control))
}
