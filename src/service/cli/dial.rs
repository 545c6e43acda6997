//! `ltewan dial`: what pppd runs to have the modem dialled, with the port for data as standard
//! input and output; and `ltewan ppp`, what pppd's scripts run when a family is up.

use super::client::Client;
use crate::io::{clock, poll, stdio};
use crate::manager::chat::{Chat, Outcome};
use crate::time::Duration;
use crate::types::Table;
use core::net::IpAddr;
use std::path::PathBuf;

/// How long the daemon may take to hear what came of it.
const TIMEOUT_SECS: u64 = 3;

/// How long a daemon that is starting anew may take; procd waits for five seconds.
const DAEMON_PATIENCE: Duration = Duration::from_secs(30);

/// What to dial, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The context.
    pub cid: u8,
    /// The interface.
    pub interface: String,
    /// ubusd's socket.
    pub bus: Option<PathBuf>,
}

/// What pppd has agreed on with the other side, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Up {
    /// The interface.
    pub interface: String,
    /// Our address.
    pub address: IpAddr,
    /// The name servers.
    pub dns: Vec<IpAddr>,
    /// ubusd's socket.
    pub bus: Option<PathBuf>,
}

/// Tells the daemon that a family is up, as soon as there is one; 0 when it has heard it.
pub fn tell_up(up: Up) -> u8 {
    let mut args = Table::new().with("interface", up.interface.as_str());
    args.put("event", if up.address.is_ipv6() { "ipv6" } else { "ipv4" });
    args.put("address", up.address.to_string());
    for (name, server) in ["dns1", "dns2"].into_iter().zip(&up.dns) {
        args.put(name, server.to_string());
    }
    let told = Client::connect(up.bus).and_then(|mut client| {
        client.wait_for_daemon(DAEMON_PATIENCE)?;
        client.call("ppp", &args, TIMEOUT_SECS)
    });
    told.map_or_else(|failure| failure.exit_status, |_| 0)
}

/// Dials; 0 when the modem carries data now. Otherwise the daemon is told why not.
pub fn run(dial: Dial) -> u8 {
    // Without a line there is nobody there.
    let outcome = talk(dial.cid).unwrap_or(Outcome::Silent);
    let result = match outcome {
        Outcome::Connected => return 0,
        Outcome::Refused(word) => word,
        Outcome::Silent => String::new(),
    };
    let args = Table::new()
        .with("interface", dial.interface.as_str())
        .with("event", "refused")
        .with("result", result);
    let told =
        Client::connect(dial.bus).and_then(|mut client| client.call("ppp", &args, TIMEOUT_SECS));
    // Without the daemon pppd's own exit status has to do.
    drop(told);
    1
}

fn talk(cid: u8) -> std::io::Result<Outcome> {
    let mut chat = Chat::new(clock::now(), cid);
    let mut buf = [0; 512];
    loop {
        while let Some(bytes) = chat.poll_transmit() {
            stdio::write(&bytes)?;
        }
        if let Some(outcome) = chat.take_outcome() {
            return Ok(outcome);
        }
        let now = clock::now();
        let timeout = chat.poll_timeout().map(|at| at.saturating_since(now));
        let ready = poll::wait(&[(stdio::input(), poll::Interest::Read)], timeout)?;
        let now = clock::now();
        if ready.iter().any(|ready| ready.any()) {
            let count = stdio::read(&mut buf)?;
            chat.handle_input(now, buf.get(..count).unwrap_or_default());
        }
        chat.handle_timeout(now);
    }
}
