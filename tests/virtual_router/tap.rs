//! A tap on the control ports: what the daemon has asked and not been answered, and which client
//! ids it was told of. Reads QMUX frames by itself (SDP 1: QMUX header, then the service's), so
//! that it does not share a mistake with the daemon's codecs.

use std::collections::{BTreeMap, BTreeSet};

use ltewan::manager::PortId;
use ltewan::time::{Duration, Instant};

use crate::sim::qmi;

/// No transaction may take longer than this.
pub(crate) const TRANSACTION_MAX: Duration = Duration::from_secs(120);

/// The head of a QMI message in its QMUX frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Head {
    pub(crate) service: u8,
    pub(crate) client: u8,
    pub(crate) transaction: u16,
    pub(crate) message: u16,
}

/// Where a frame's transaction id is.
pub(crate) const TRANSACTION_AT: usize = 7;

impl Head {
    /// The message in numbers, for a story; of the control service with what it is about.
    pub(crate) fn describe(self, bytes: &[u8]) -> String {
        let Self { service, client, transaction, message } = self;
        let about = if service == qmi::CTL { tlv(bytes, 0x01) } else { None };
        let about = about.map(|about| format!(" {about:?}")).unwrap_or_default();
        format!("{service:#04x}.{client} {message:#06x} #{transaction}{about}")
    }

    /// Reads the frame that `bytes` start with; the head and whether it is a response.
    pub(crate) fn read(bytes: &[u8]) -> Option<(Self, bool)> {
        let &[1, _, _, _, service, client, flags, ref rest @ ..] = bytes else { return None };
        let (transaction, rest, response) = match (service, rest) {
            (qmi::CTL, [transaction, rest @ ..]) => (u16::from(*transaction), rest, 0x01),
            (_, [low, high, rest @ ..]) => (u16::from_le_bytes([*low, *high]), rest, 0x02),
            (_, []) | (_, [_]) => return None,
        };
        let &[low, high, ..] = rest else { return None };
        let message = u16::from_le_bytes([low, high]);
        Some((Self { service, client, transaction, message }, flags & response != 0))
    }
}

/// What went through the control ports.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    /// Requests without a reply yet, and when they were made.
    outstanding: BTreeMap<PortId, Vec<(Head, Instant)>>,
    /// Client ids of which the daemon was told, by the modem's path.
    told: BTreeMap<String, BTreeSet<(u8, u8)>>,
    /// Calls begun, by the modem's path.
    pub(crate) dials: BTreeMap<String, u64>,
    /// Restarts asked for over any port, by the modem's path: how many, and when the last.
    pub(crate) resets: BTreeMap<String, (u64, Instant)>,
}

const ALLOCATE: u16 = 0x22;
const RELEASE: u16 = 0x23;
const SYNC: u16 = 0x27;
const START_NETWORK: u16 = 0x20;
const SET_OPERATING_MODE: u16 = 0x2e;

/// Within this time a restart is asked for by all means there are: a command that is refused is
/// followed by the next, and one that is not answered by the other port's.
const RESET_MAX: Duration = Duration::from_secs(60);

/// Operating modes of DMS that take the modem away: restart, off.
const MODES_AWAY: [u8; 2] = [4, 5];

impl Tap {
    /// The daemon writes a frame.
    pub(crate) fn written(&mut self, now: Instant, port: PortId, path: &str, bytes: &[u8]) {
        let Some((head, _)) = Head::read(bytes) else { return };
        let waiting = self.outstanding.entry(port).or_default();
        waiting.retain(|(_, since)| *since + TRANSACTION_MAX > now);
        waiting.push((head, now));
        if (head.service, head.message) == (qmi::WDS, START_NETWORK) {
            *self.dials.entry(path.to_owned()).or_default() += 1;
        }
        if (head.service, head.message) == (qmi::CTL, SYNC) {
            self.told.remove(path);
        }
        if (head.service, head.message) == (qmi::DMS, SET_OPERATING_MODE)
            && let Some(&[mode]) = tlv(bytes, 0x01)
            && MODES_AWAY.contains(&mode)
        {
            self.restarted(now, path);
        }
    }

    /// The daemon writes to a serial port.
    pub(crate) fn written_at(&mut self, now: Instant, path: &str, bytes: &[u8]) {
        let away = [&b"+CFUN=1,1"[..], b"+CFUN=0", b"+QPOWD"];
        let has = |what: &&[u8]| bytes.windows(what.len()).any(|window| window == *what);
        if away.iter().any(has) {
            self.restarted(now, path);
        }
    }

    fn restarted(&mut self, now: Instant, path: &str) {
        let (count, last) = self.resets.entry(path.to_owned()).or_default();
        if *count == 0 || now > *last + RESET_MAX {
            (*count, *last) = (*count + 1, now);
        }
    }

    /// The daemon is given bytes. What does not begin with a frame is passed over: then what was
    /// told is not known to have been, and nothing is held against the daemon.
    pub(crate) fn read(&mut self, port: PortId, path: &str, bytes: &[u8]) {
        let Some((head, true)) = Head::read(bytes) else { return };
        let Some(waiting) = self.outstanding.get_mut(&port) else { return };
        let before = waiting.len();
        waiting.retain(|(asked, _)| *asked != head);
        // Else it is the answer to a daemon that has ended.
        let is_awaited = waiting.len() < before;
        if is_awaited
            && head.service == qmi::CTL
            && let Some(&[service, client]) = tlv(bytes, 0x01)
        {
            let told = self.told.entry(path.to_owned()).or_default();
            match head.message {
                ALLOCATE => drop(told.insert((service, client))),
                RELEASE => drop(told.remove(&(service, client))),
                _ => {}
            }
        }
    }

    /// A port was closed.
    pub(crate) fn closed(&mut self, port: PortId) {
        self.outstanding.remove(&port);
    }

    /// The daemon has ended.
    pub(crate) fn daemon_ended(&mut self) {
        self.outstanding.clear();
    }

    /// The newest request without a reply. What is older may have been given up on.
    pub(crate) fn newest(&self) -> Option<Instant> {
        self.outstanding.values().flatten().map(|(_, since)| *since).max()
    }

    /// Whether the daemon was told that it has this client id.
    pub(crate) fn was_told(&self, path: &str, client: (u8, u8)) -> bool {
        self.told.get(path).is_some_and(|told| told.contains(&client))
    }
}

/// A TLV of a message.
fn tlv(bytes: &[u8], kind: u8) -> Option<&[u8]> {
    // QMUX header 6 bytes, header of a service 7, of the control service 6.
    let is_control = bytes.get(4) == Some(&qmi::CTL);
    let mut rest = bytes.get(if is_control { 12 } else { 13 }..)?;
    while let &[at, low, high, ref value @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([low, high]));
        if at == kind {
            return value.get(..length);
        }
        rest = value.get(length..)?;
    }
    None
}
