//! PPP as one end of a serial line speaks it: LCP, PAP or CHAP with MD5, IPCP and IPV6CP. RFC 1661,
//! 1334, 1994, 1332, 1877 and 5072, over frames of RFC 1662.
//!
//! The modem's end gives addresses and checks a password; the host's end is here for virtual time,
//! where there is no pppd. After any `handle_*`, drain `poll_transmit`, `poll_packet` and
//! `poll_event`.

pub(crate) mod hdlc;
mod layer;
mod md5;
#[cfg(test)]
mod tests;

use core::net::Ipv4Addr;
use std::collections::VecDeque;

use ltewan::time::Instant;

use hdlc::Decoder;
use layer::{Heard, Layer};
use md5::md5;

const LCP: u16 = 0xc021;
const PAP: u16 = 0xc023;
const CHAP: u16 = 0xc223;
const IPCP: u16 = 0x8021;
const IPV6CP: u16 = 0x8057;
const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;

/// What the challenge is, each time: nothing depends on chance here.
const CHALLENGE: [u8; 16] = *b"sixteen  letters";

/// How the host proves who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    Pap,
    Chap,
}

/// Which end of the line.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// The modem's.
    Network {
        /// How the host has to prove who it is, with which name and password; `None` asks nothing.
        auth: Option<(Method, String, String)>,
        /// The host's address, our own and the name servers, where there is IPv4.
        v4: Option<(Ipv4Addr, Ipv4Addr, [Ipv4Addr; 2])>,
        /// Whether there is IPv6.
        v6: bool,
    },
    /// The host's.
    Host {
        /// Name and password, if any.
        user: Option<(String, String)>,
        v4: bool,
        v6: bool,
    },
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// IPv4 is up: the host's address and its name servers.
    V4(Ipv4Addr, Vec<Ipv4Addr>),
    /// IPv6 is up.
    V6,
    /// It is over.
    Closed {
        /// Name or password was refused.
        is_refused: bool,
    },
}

/// One end.
#[derive(Clone, Debug)]
pub(crate) struct Ppp {
    end: End,
    decoder: Decoder,
    lcp: Layer,
    ipcp: Layer,
    ipv6cp: Layer,
    /// The networks may be negotiated.
    is_authenticated: bool,
    /// When a name and password are said again.
    pap_at: Option<Instant>,
    /// Name or password was refused; the line is given up when the other end has agreed to that.
    is_refused: bool,
    /// When it is given up in any case.
    ends_at: Option<Instant>,
    is_closed: bool,
    out: VecDeque<Vec<u8>>,
    packets: VecDeque<Vec<u8>>,
    events: VecDeque<Event>,
}

impl Ppp {
    /// The line carries data from now on.
    pub(crate) fn new(now: Instant, end: End) -> Self {
        let mut ppp = Self {
            lcp: Layer::new(LCP, lcp_options(&end)),
            ipcp: Layer::new(IPCP, ipcp_options(&end)),
            ipv6cp: Layer::new(IPV6CP, vec![(1, identifier(&end))]),
            end,
            decoder: Decoder::default(),
            is_authenticated: false,
            pap_at: None,
            is_refused: false,
            ends_at: None,
            is_closed: false,
            out: VecDeque::new(),
            packets: VecDeque::new(),
            events: VecDeque::new(),
        };
        ppp.lcp.start(now);
        ppp.flush();
        ppp
    }

    /// Name or password was refused.
    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Bytes from the line.
    pub(crate) fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        for (protocol, packet) in self.decoder.push(bytes) {
            if self.is_closed {
                return;
            }
            self.handle_frame(now, protocol, packet);
            self.flush();
        }
    }

    /// A packet for the other end.
    pub(crate) fn send_packet(&mut self, packet: &[u8]) {
        let (layer, protocol) = match packet.first().map(|byte| byte >> 4) {
            Some(4) => (&self.ipcp, IPV4),
            Some(6) => (&self.ipv6cp, IPV6),
            _ => return,
        };
        if layer.is_open() && !self.is_closed {
            self.out.push_back(hdlc::encode(protocol, packet));
        }
    }

    /// Ends it politely.
    pub(crate) fn close(&mut self) {
        if !self.is_closed {
            self.lcp.terminate();
            self.flush();
            self.closed();
        }
    }

    /// What is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let hopes =
            [&mut self.lcp, &mut self.ipcp, &mut self.ipv6cp].map(|it| it.handle_timeout(now));
        // One family goes on without the other.
        let goes_on = |layer: &Layer| layer.is_open() || layer.resend_at.is_some();
        let is_idle = hopes.contains(&false) && !goes_on(&self.ipcp) && !goes_on(&self.ipv6cp);
        self.is_closed |= is_idle || !hopes[0];
        if self.ends_at.is_some_and(|at| at <= now) || self.is_closed && self.events.is_empty() {
            self.closed();
        }
        if self.pap_at.is_some_and(|at| at <= now) {
            self.say_name(now);
        }
        self.flush();
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let layers = [&self.lcp, &self.ipcp, &self.ipv6cp];
        let due = layers.into_iter().filter_map(|layer| layer.resend_at).chain(self.pap_at);
        let due = due.chain(self.ends_at).min();
        due.filter(|_| !self.is_closed)
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.out.pop_front()
    }

    pub(crate) fn poll_packet(&mut self) -> Option<Vec<u8>> {
        self.packets.pop_front()
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn closed(&mut self) {
        let is_refused = self.is_refused;
        self.is_closed = true;
        (self.pap_at, self.ends_at) = (None, None);
        self.events.push_back(Event::Closed { is_refused });
    }

    fn flush(&mut self) {
        for layer in [&mut self.lcp, &mut self.ipcp, &mut self.ipv6cp] {
            while let Some(packet) = layer.out.pop_front() {
                self.out.push_back(hdlc::encode(layer.protocol, &packet));
            }
        }
    }

    fn say(&mut self, protocol: u16, code: u8, id: u8, body: &[u8]) {
        self.out.push_back(hdlc::encode(protocol, &layer::packet(code, id, body)));
    }

    fn handle_frame(&mut self, now: Instant, protocol: u16, packet: Vec<u8>) {
        match protocol {
            LCP => self.handle_lcp(now, &packet),
            // Before that, nothing else is listened to.
            _ if !self.lcp.is_open() => {}
            PAP => self.handle_pap(now, &packet),
            CHAP => self.handle_chap(now, &packet),
            _ if !self.is_authenticated => {}
            IPCP if self.has_v4() => {
                let end = self.end.clone();
                if self.ipcp.handle(now, &packet, |kind, data| judge_ipcp(&end, kind, data))
                    == Heard::Opened
                {
                    let (address, dns) = self.given();
                    self.events.push_back(Event::V4(address, dns));
                }
            }
            IPV6CP if self.has_v6() => {
                let heard = self.ipv6cp.handle(now, &packet, |kind, data| match (kind, data) {
                    (1, [0, 0, 0, 0, 0, 0, 0, 0]) => Err(Some(vec![2; 8])),
                    (1, [_, _, _, _, _, _, _, _]) => Ok(()),
                    _ => Err(None),
                });
                if heard == Heard::Opened {
                    self.events.push_back(Event::V6);
                }
            }
            IPV4 if self.ipcp.is_open() => self.packets.push_back(packet),
            IPV6 if self.ipv6cp.is_open() => self.packets.push_back(packet),
            IPV4 | IPV6 => {}
            _ => {
                // Protocol-Reject, RFC 1661 5.7.
                let mut body = protocol.to_be_bytes().to_vec();
                body.extend(packet);
                self.say(LCP, 8, 1, &body);
            }
        }
    }

    fn handle_lcp(&mut self, now: Instant, packet: &[u8]) {
        let end = self.end.clone();
        match self.lcp.handle(now, packet, |kind, data| judge_lcp(&end, kind, data)) {
            Heard::Opened => self.authenticate(now),
            Heard::Terminated => {
                self.flush();
                self.closed();
            }
            Heard::Other(9, id, body) => {
                // Echo-Request: our magic number in place of theirs.
                let rest = body.get(4..).unwrap_or_default();
                let body = [&magic(&self.end)[..], rest].concat();
                self.say(LCP, 10, id, &body);
            }
            Heard::Other(..) | Heard::Nothing => {}
        }
    }

    /// LCP is open.
    fn authenticate(&mut self, now: Instant) {
        // The option that was agreed, in whichever direction it goes.
        let wanted = match &self.end {
            End::Network { auth, .. } => auth.as_ref().map(|(method, ..)| *method),
            End::Host { .. } => match self.lcp.theirs.iter().find(|(kind, _)| *kind == 3) {
                Some((_, data)) if data.starts_with(&PAP.to_be_bytes()) => Some(Method::Pap),
                Some(_) => Some(Method::Chap),
                None => None,
            },
        };
        match (&self.end, wanted) {
            (_, None) => self.open_networks(now),
            (End::Host { .. }, Some(Method::Pap)) => self.say_name(now),
            (End::Network { .. }, Some(Method::Chap)) => {
                let body = [&[16], &CHALLENGE[..], b"sim"].concat();
                self.say(CHAP, 1, 1, &body);
            }
            (End::Host { .. }, Some(Method::Chap)) | (End::Network { .. }, Some(Method::Pap)) => {}
        }
    }

    fn open_networks(&mut self, now: Instant) {
        self.is_authenticated = true;
        if self.has_v4() {
            self.ipcp.start(now);
        }
        if self.has_v6() {
            self.ipv6cp.start(now);
        }
    }

    fn has_v4(&self) -> bool {
        match &self.end {
            End::Network { v4, .. } => v4.is_some(),
            End::Host { v4, .. } => *v4,
        }
    }

    fn has_v6(&self) -> bool {
        match &self.end {
            End::Network { v6, .. } | End::Host { v6, .. } => *v6,
        }
    }

    fn say_name(&mut self, now: Instant) {
        let End::Host { user: Some((name, password)), .. } = &self.end else { return };
        let body = [&counted(name.as_bytes())[..], &counted(password.as_bytes())].concat();
        self.pap_at = Some(now + layer::RESEND);
        self.say(PAP, 1, 1, &body);
    }

    fn handle_pap(&mut self, now: Instant, packet: &[u8]) {
        let [code, id, _, _, body @ ..] = packet else { return };
        match (*code, &self.end) {
            (1, End::Network { auth: Some((Method::Pap, name, password)), .. }) => {
                let right = [counted(name.as_bytes()), counted(password.as_bytes())].concat();
                let is_right = body == right;
                self.judged(now, PAP, *id, is_right, if is_right { 2 } else { 3 });
            }
            (2, End::Host { .. }) => {
                self.pap_at = None;
                self.open_networks(now);
            }
            (3, End::Host { .. }) => self.is_refused = true,
            _ => {}
        }
    }

    fn handle_chap(&mut self, now: Instant, packet: &[u8]) {
        let [code, id, _, _, body @ ..] = packet else { return };
        match (*code, &self.end) {
            (1, End::Host { user: Some((name, password)), .. }) => {
                let length = usize::from(body.first().copied().unwrap_or(0));
                let challenge = body.get(1..=length).unwrap_or_default();
                let digest = response(*id, password, challenge);
                let answer = [&[16], &digest[..], name.as_bytes()].concat();
                self.say(CHAP, 2, *id, &answer);
            }
            (2, End::Network { auth: Some((Method::Chap, name, password)), .. }) => {
                let digest = response(*id, password, &CHALLENGE);
                let right = [&[16], &digest[..], name.as_bytes()].concat();
                let is_right = body == right;
                self.judged(now, CHAP, *id, is_right, if is_right { 3 } else { 4 });
            }
            (3, End::Host { .. }) => self.open_networks(now),
            (4, End::Host { .. }) => self.is_refused = true,
            _ => {}
        }
    }

    /// Says what was found of name and password.
    fn judged(&mut self, now: Instant, protocol: u16, id: u8, is_right: bool, code: u8) {
        let text: &[u8] = if is_right { b"" } else { b"no" };
        let body = if protocol == PAP { counted(text) } else { text.to_vec() };
        self.say(protocol, code, id, &body);
        if is_right {
            self.open_networks(now);
        } else {
            self.is_refused = true;
            self.ends_at = Some(now + layer::RESEND);
            self.lcp.terminate();
        }
    }

    /// The host's address and its name servers.
    fn given(&self) -> (Ipv4Addr, Vec<Ipv4Addr>) {
        match &self.end {
            End::Network { v4, .. } => {
                v4.map_or((Ipv4Addr::UNSPECIFIED, Vec::new()), |(host, _, dns)| (host, dns.into()))
            }
            End::Host { .. } => {
                let agreed = |kind: u8| {
                    let option = self.ipcp.mine.iter().find(|(own, _)| *own == kind)?;
                    Some(Ipv4Addr::from(<[u8; 4]>::try_from(option.1.as_slice()).ok()?))
                };
                let dns = [129, 131].into_iter().filter_map(agreed).collect();
                (agreed(3).unwrap_or(Ipv4Addr::UNSPECIFIED), dns)
            }
        }
    }
}

fn counted(text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(text.len()).unwrap_or(0)];
    bytes.extend(text);
    bytes
}

/// RFC 1994 4.1.
fn response(id: u8, password: &str, challenge: &[u8]) -> [u8; 16] {
    md5(&[&[id], password.as_bytes(), challenge].concat())
}

fn magic(end: &End) -> [u8; 4] {
    match end {
        End::Network { .. } => *b"sim!",
        End::Host { .. } => *b"host",
    }
}

/// The interface identifier.
fn identifier(end: &End) -> Vec<u8> {
    match end {
        End::Network { .. } => vec![0, 0, 0, 0, 0, 0, 0, 1],
        End::Host { .. } => vec![0, 0, 0, 0, 0, 0, 0, 2],
    }
}

fn lcp_options(end: &End) -> Vec<(u8, Vec<u8>)> {
    let mut options = vec![(2, vec![0; 4]), (5, magic(end).to_vec())];
    match end {
        End::Network { auth: Some((Method::Pap, ..)), .. } => options.push((3, vec![0xc0, 0x23])),
        End::Network { auth: Some((Method::Chap, ..)), .. } => {
            options.push((3, vec![0xc2, 0x23, 5]));
        }
        End::Network { .. } | End::Host { .. } => {}
    }
    options
}

fn ipcp_options(end: &End) -> Vec<(u8, Vec<u8>)> {
    match end {
        End::Network { v4: Some((_, own, _)), .. } => vec![(3, own.octets().to_vec())],
        End::Network { .. } => Vec::new(),
        End::Host { .. } => [3, 129, 131].into_iter().map(|kind| (kind, vec![0; 4])).collect(),
    }
}

/// Whether what the other end wants is fine; else what would be, if anything.
fn judge_lcp(end: &End, kind: u8, data: &[u8]) -> Result<(), Option<Vec<u8>>> {
    match (kind, end) {
        (1 | 2 | 5, _) => Ok(()),
        (3, End::Host { user: Some(_), .. }) if data == [0xc0, 0x23] => Ok(()),
        (3, End::Host { user: Some(_), .. }) if data == [0xc2, 0x23, 5] => Ok(()),
        _ => Err(None),
    }
}

fn judge_ipcp(end: &End, kind: u8, data: &[u8]) -> Result<(), Option<Vec<u8>>> {
    let right = match (kind, end) {
        (3, End::Network { v4: Some((host, ..)), .. }) => host,
        (129, End::Network { v4: Some((.., dns)), .. }) => &dns[0],
        (131, End::Network { v4: Some((.., dns)), .. }) => &dns[1],
        (3, End::Host { .. }) => return Ok(()),
        _ => return Err(None),
    };
    if data == right.octets() { Ok(()) } else { Err(Some(right.octets().to_vec())) }
}
