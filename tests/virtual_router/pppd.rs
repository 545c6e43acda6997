//! pppd as netifd runs it: it dials with the daemon's own program, speaks PPP on the port, and ends
//! with an exit status.

use ltewan::manager::chat::{Chat, Outcome};
use ltewan::manager::netifd::PppSession;
use ltewan::time::Instant;
use ltewan::types::{IpFamily, Table};

use super::Router;
use crate::sim::Port;
use crate::sim::ppp::{End, Event, Ppp};

/// pppd of one interface.
#[derive(Debug)]
pub(crate) struct Pppd {
    session: PppSession,
    /// The modem and its port.
    line: Option<(String, Port)>,
    talk: Talk,
    /// How it has ended.
    status: Option<i64>,
}

#[derive(Debug)]
enum Talk {
    Chat(Box<Chat>),
    Ppp(Box<Ppp>),
}

impl Pppd {
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match &self.talk {
            Talk::Chat(chat) => chat.poll_timeout(),
            Talk::Ppp(ppp) => ppp.poll_timeout(),
        }
    }
}

fn host(session: &PppSession) -> End {
    let call = &session.call;
    let families = call.pdptype.families();
    let user = call.username.clone().zip(call.password.as_ref().map(|p| p.expose().to_owned()));
    let (v4, v6) = (families.contains(&IpFamily::V4), families.contains(&IpFamily::V6));
    End::Host { user, v4, v6 }
}

impl Router {
    /// netifd starts pppd, in the place of one that runs.
    pub(super) fn run_pppd(&mut self, interface: &str, session: &PppSession) {
        if let Some(old) = self.pppds.remove(interface) {
            self.drop_line(&old);
        }
        let found = self
            .sockets
            .0
            .iter()
            .find_map(|(path, socket)| Some((path.clone(), socket.port(&session.port)?)));
        let taken = found.as_ref().is_some_and(|line| self.ports.values().any(|at| at == line));
        assert!(!taken, "pppd is given the daemon's own port\n{}", self.tail());
        let chat = Chat::new(self.now, session.call.cid);
        let status = self.broken_pppd.or(if found.is_none() { Some(7) } else { None });
        let talk = Talk::Chat(Box::new(chat));
        let pppd = Pppd { session: session.clone(), line: found, talk, status };
        self.pppds.insert(interface.to_owned(), pppd);
    }

    /// pppd dies, or is killed.
    pub(crate) fn end_pppd(&mut self, interface: &str, status: i64) {
        if let Some(pppd) = self.pppds.get_mut(interface) {
            pppd.status = pppd.status.or(Some(status));
        }
        self.settle();
    }

    /// The session's net device, once there is one.
    pub(crate) fn pppd_runs(&self, interface: &str) -> bool {
        self.pppds.contains_key(interface)
    }

    /// The user whose password pppd was given.
    pub(crate) fn pppd_user(&self, interface: &str) -> Option<&str> {
        self.pppds.get(interface)?.session.call.username.as_deref()
    }

    pub(super) fn pppd_timeouts(&mut self) {
        let now = self.now;
        for pppd in self.pppds.values_mut() {
            if pppd.poll_timeout().is_some_and(|at| at <= now) {
                match &mut pppd.talk {
                    Talk::Chat(chat) => chat.handle_timeout(now),
                    Talk::Ppp(ppp) => ppp.handle_timeout(now),
                }
            }
        }
    }

    /// Bytes from a modem, if pppd has the port.
    pub(super) fn heard_by_pppd(&mut self, path: &str, port: Port, bytes: &[u8]) -> bool {
        let now = self.now;
        let is_its = |pppd: &&mut Pppd| {
            pppd.line.as_ref().is_some_and(|(at, line)| at == path && *line == port)
        };
        let Some(pppd) = self.pppds.values_mut().find(is_its) else { return false };
        match &mut pppd.talk {
            Talk::Chat(chat) => chat.handle_input(now, bytes),
            Talk::Ppp(ppp) => ppp.handle_input(now, bytes),
        }
        true
    }

    /// Carrier is gone from a modem's port, or from all of them.
    pub(super) fn pppds_hung_up(&mut self, path: &str, number: Option<u8>) {
        for pppd in self.pppds.values_mut() {
            let is_it = |(at, line): &(String, Port)| {
                at == path && number.is_none_or(|number| *line == Port::At(number))
            };
            if pppd.line.as_ref().is_some_and(is_it) {
                // What it has learned before counts.
                let is_refused = matches!(&pppd.talk, Talk::Ppp(ppp) if ppp.is_refused());
                pppd.status = pppd.status.or(Some(if is_refused { 19 } else { 16 }));
            }
        }
    }

    /// Lets each pppd do what it can; whether there was anything.
    pub(super) fn pump_pppds(&mut self) -> bool {
        let carriers: Vec<(String, u8)> = self
            .sockets
            .0
            .iter_mut()
            .filter_map(|(path, socket)| {
                let (port, on) = socket.modem.poll_carrier()?;
                (!on).then(|| (path.clone(), port))
            })
            .collect();
        for (path, port) in &carriers {
            self.pppds_hung_up(path, Some(*port));
        }
        if let Some(interface) = self.netifd.poll_kill() {
            if let Some(pppd) = self.pppds.get_mut(&interface) {
                if let Talk::Ppp(ppp) = &mut pppd.talk {
                    ppp.close();
                }
                self.carry(&interface);
            }
            self.finish(&interface, 5);
            return true;
        }
        let names: Vec<String> = self.pppds.keys().cloned().collect();
        for name in names {
            if let Some(status) = self.pppds[&name].status {
                self.finish(&name, status);
                return true;
            }
            if self.carry(&name) {
                return true;
            }
        }
        !carriers.is_empty()
    }

    /// pppd is gone, and with it the hold on the line.
    fn finish(&mut self, interface: &str, status: i64) {
        if let Some(pppd) = self.pppds.remove(interface) {
            self.netifd.devices.remove(&pppd.session.ifname);
            self.drop_line(&pppd);
            self.note(format!("{interface} pppd ends with {status}"));
        }
        self.netifd.program_ended(self.now, interface, status);
    }

    fn drop_line(&mut self, pppd: &Pppd) {
        if let Some((path, Port::At(number))) = &pppd.line
            && let Some(socket) = self.sockets.0.get_mut(path)
        {
            socket.modem.handle_dtr(self.now, *number, false);
            socket.ppp_net = None;
        }
    }

    /// pppd has made its net device.
    fn has_net(&mut self, interface: &str, ifname: String) {
        self.netifd.devices.insert(ifname.clone());
        let line = self.pppds.get(interface).and_then(|pppd| pppd.line.as_ref());
        if let Some(socket) = line.and_then(|(path, _)| self.sockets.0.get_mut(path)) {
            socket.ppp_net = Some(ifname);
        }
    }

    /// One round of what a pppd sends and learns.
    fn carry(&mut self, interface: &str) -> bool {
        let now = self.now;
        let Some(pppd) = self.pppds.get_mut(interface) else { return false };
        let bytes = match &mut pppd.talk {
            Talk::Chat(chat) => chat.poll_transmit(),
            Talk::Ppp(ppp) => ppp.poll_transmit(),
        };
        if let Some(bytes) = bytes {
            if let Some((path, port)) = &pppd.line
                && let Some(socket) = self.sockets.0.get_mut(path)
            {
                socket.modem.handle_input(now, *port, &bytes);
            }
            return true;
        }
        let ifname = pppd.session.ifname.clone();
        let told = match &mut pppd.talk {
            Talk::Chat(chat) => match chat.take_outcome() {
                None => return false,
                Some(Outcome::Connected) => {
                    let ppp = Ppp::new(now, host(&pppd.session));
                    pppd.talk = Talk::Ppp(Box::new(ppp));
                    return true;
                }
                Some(outcome) => {
                    pppd.status = Some(8);
                    let word = match outcome {
                        Outcome::Refused(word) => word,
                        Outcome::Connected | Outcome::Silent => String::new(),
                    };
                    Table::new().with("event", "refused").with("result", word)
                }
            },
            Talk::Ppp(ppp) => match ppp.poll_event() {
                None => return false,
                Some(Event::Closed { is_refused }) => {
                    pppd.status = pppd.status.or(Some(if is_refused { 19 } else { 15 }));
                    return true;
                }
                Some(Event::V4(address, dns)) => {
                    self.has_net(interface, ifname);
                    let dns = |at: usize| dns.get(at).map(ToString::to_string).unwrap_or_default();
                    let table = Table::new().with("event", "ipv4").with("dns1", dns(0));
                    table.with("dns2", dns(1)).with("address", address.to_string())
                }
                Some(Event::V6) => {
                    self.has_net(interface, ifname);
                    Table::new().with("event", "ipv6")
                }
            },
        };
        if self.manager.is_some() {
            self.start_call("ppp", told.with("interface", interface));
        }
        true
    }
}
