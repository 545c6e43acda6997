//! The device's end of USB/IP: transfers in, completions out; no sockets.
//!
//! Headers are 48 bytes, big-endian; the fields are those of the kernel's usbip protocol
//! description. An IN transfer without data stays queued until there is some or it is unlinked.

use std::collections::{BTreeMap, VecDeque};

use super::descriptors::{self, CONTROL_ENDPOINTS, CONTROL_INTERFACE, SERIAL};
use super::ntb;
use crate::sim::config::{Config, Front};

/// Linux's -EPIPE: a stall.
const STALL: i32 = -32;
/// Linux's -ECONNRESET: unlinked before it completed.
const UNLINKED: i32 = -104;

/// The notification of a control message (CDC 1.2, 6.3.2).
const RESPONSE_AVAILABLE: [u8; 8] = [0xa1, 1, 0, 0, CONTROL_INTERFACE, 0, 0, 0];

/// What came over USB for the modem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Received {
    /// A control message.
    Control(Vec<u8>),
    /// Bytes for the serial port of this interface.
    Serial(u8, Vec<u8>),
    /// Packets or frames.
    Packets(Vec<Vec<u8>>),
    /// DTR of the serial port of this interface.
    Dtr(u8, bool),
}

/// A transfer of the host.
#[derive(Clone, Debug)]
struct Transfer {
    sequence: u32,
    is_in: bool,
    endpoint: u8,
    length: usize,
    setup: [u8; 8],
    data: Vec<u8>,
}

/// The USB side of one modem.
#[derive(Debug)]
pub(crate) struct Usb {
    serial: String,
    /// The configuration descriptor.
    descriptor: Vec<u8>,
    /// Packets travel in transfer blocks.
    in_blocks: bool,
    /// Counts the transfer blocks.
    blocks: u16,
    input: Vec<u8>,
    /// Completions to be written to the host.
    pub(crate) output: Vec<u8>,
    waiting: BTreeMap<u8, VecDeque<(u32, usize)>>,
    ready: BTreeMap<u8, VecDeque<Vec<u8>>>,
    /// Control transfers held back while the modem hangs.
    held: VecDeque<Transfer>,
    replies: VecDeque<Vec<u8>>,
    configuration: u8,
    pub(crate) hung: bool,
    /// See [`crate::sim::Config::announce_again`].
    announce_again: bool,
    /// The host stopped listening for notifications, as it does when the last user closes.
    closed: bool,
    /// The host's latest transfer for notifications, completed or not.
    listening: u32,
}

impl Usb {
    /// A device that is about to be enumerated.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            serial: config.identity.serial.clone(),
            descriptor: descriptors::configuration(config),
            in_blocks: config.front == Front::Mbim,
            blocks: 0,
            input: Vec::new(),
            output: Vec::new(),
            waiting: BTreeMap::new(),
            ready: BTreeMap::new(),
            held: VecDeque::new(),
            replies: VecDeque::new(),
            configuration: 0,
            hung: false,
            announce_again: config.announce_again,
            closed: false,
            listening: 0,
        }
    }

    /// Bytes from the host controller; returns what they hold for the modem. `None` means that
    /// the other side does not speak USB/IP.
    pub(crate) fn handle_input(&mut self, bytes: &[u8]) -> Option<Vec<Received>> {
        self.input.extend(bytes);
        let mut received = Vec::new();
        while let Some((head, _)) = self.input.split_first_chunk::<48>() {
            let field = |at: usize| {
                let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
                bytes.map_or(0, u32::from_be_bytes)
            };
            let (command, is_in, length) = (field(0), field(12) == 1, field(24));
            let length = usize::try_from(length).ok()?;
            let total = if command == 1 && !is_in { 48 + length } else { 48 };
            if self.input.len() < total {
                break;
            }
            let mut setup = [0; 8];
            setup.copy_from_slice(head.get(40..48)?);
            let (sequence, endpoint, victim) = (field(4), u8::try_from(field(16)).ok()?, field(20));
            let data = self.input.drain(..total).skip(48).collect();
            match command {
                1 => {
                    let transfer = Transfer { sequence, is_in, endpoint, length, setup, data };
                    received.extend(self.submit(transfer));
                }
                2 => self.unlink(sequence, victim),
                _ => return None,
            }
        }
        Some(received)
    }

    fn submit(&mut self, transfer: Transfer) -> Option<Received> {
        let Transfer { sequence, is_in, endpoint, length, .. } = transfer;
        if endpoint == 0 {
            if self.hung {
                self.held.push_back(transfer);
                return None;
            }
            return self.control(transfer);
        }
        if is_in {
            if endpoint == CONTROL_ENDPOINTS.0 {
                self.listening = sequence;
                if core::mem::take(&mut self.closed) {
                    self.announce_rest();
                }
            }
            self.waiting.entry(endpoint).or_default().push_back((sequence, length));
            self.match_up(endpoint);
            return None;
        }
        self.complete(sequence, 0, length, &[]);
        if endpoint == CONTROL_ENDPOINTS.2 {
            let data = transfer.data;
            return Some(Received::Packets(match self.in_blocks {
                true => ntb::packets(&data),
                false => vec![data],
            }));
        }
        let port = SERIAL.iter().find(|(_, _, _, out)| *out == endpoint)?.0;
        Some(Received::Serial(port, transfer.data))
    }

    fn unlink(&mut self, sequence: u32, victim: u32) {
        let mut found = self.held.len();
        self.held.retain(|transfer| transfer.sequence != victim);
        found -= self.held.len();
        // Even if it was completed: the notification then reached a host that no longer cares.
        self.closed |= victim == self.listening;
        for queue in self.waiting.values_mut() {
            let before = queue.len();
            queue.retain(|(waiting, _)| *waiting != victim);
            found += before - queue.len();
        }
        let status: i32 = if found > 0 { UNLINKED } else { 0 };
        let status = u32::from_be_bytes(status.to_be_bytes());
        for field in [4, sequence, 0, 0, 0, status, 0, 0, 0, 0, 0, 0] {
            self.output.extend(field.to_be_bytes());
        }
    }

    /// A control transfer: done, or refused with a stall.
    fn control(&mut self, transfer: Transfer) -> Option<Received> {
        let [kind, request, value, value_high, index, ..] = transfer.setup;
        let mut received = None;
        let answer = match (kind, request, index) {
            (0x80, 6, _) => match value_high {
                1 => Some(descriptors::device()),
                2 => Some(self.descriptor.clone()),
                3 => descriptors::string(value, &self.serial),
                _ => None,
            },
            (0x80, 8, _) => Some(vec![self.configuration]),
            (0x80..=0x82, 0, _) => Some(vec![0, 0]),
            (0x81, 10, _) => Some(vec![0]),
            // SET_CONFIGURATION follows a reset of the bus: begin anew.
            (0, 9, _) => {
                self.configuration = value;
                self.ready.clear();
                Some(Vec::new())
            }
            (1, 11, _) | (0..=2, 1 | 3, _) => Some(Vec::new()),
            // SET_LINE_CODING, SET_CONTROL_LINE_STATE, SEND_BREAK, GET_LINE_CODING
            (0x21, 0x22, interface) => {
                received = Some(Received::Dtr(interface, value & 1 == 1));
                Some(Vec::new())
            }
            (0x21, 0x20 | 0x23, _) => Some(Vec::new()),
            (0xa1, 0x21, _) => Some(vec![0x00, 0xc2, 0x01, 0x00, 0, 0, 8]),
            // Of transfer blocks the parameters and sizes; what is set is taken as it is.
            (0xa1, 0x80, _) if self.in_blocks => Some(ntb::parameters()),
            (0xa1, 0x85, _) if self.in_blocks => Some(ntb::input_size()),
            (0xa1, 0x83 | 0x89, _) if self.in_blocks => Some(vec![0, 0]),
            (0x21, 0x05 | 0x43 | 0x84 | 0x86 | 0x88 | 0x8a, _) if self.in_blocks => {
                Some(Vec::new())
            }
            // SEND_ENCAPSULATED_COMMAND, GET_ENCAPSULATED_RESPONSE
            (0x21, 0, CONTROL_INTERFACE) => {
                received = Some(Received::Control(transfer.data));
                Some(Vec::new())
            }
            (0xa1, 1, CONTROL_INTERFACE) => Some(self.replies.pop_front().unwrap_or_default()),
            _ => None,
        };
        match answer {
            None => self.complete(transfer.sequence, STALL, 0, &[]),
            Some(_) if !transfer.is_in => {
                self.complete(transfer.sequence, 0, transfer.length, &[]);
            }
            Some(data) => {
                let data = data.get(..transfer.length).unwrap_or(&data);
                self.complete(transfer.sequence, 0, data.len(), data);
            }
        }
        received
    }

    /// Ends a hang: what was held back is done now.
    pub(crate) fn resume(&mut self) -> Vec<Received> {
        self.hung = false;
        let held = core::mem::take(&mut self.held);
        held.into_iter().filter_map(|transfer| self.control(transfer)).collect()
    }

    /// A control message for the host.
    pub(crate) fn send_control(&mut self, message: Vec<u8>) {
        self.replies.push_back(message);
        self.send(CONTROL_ENDPOINTS.0, RESPONSE_AVAILABLE.to_vec());
    }

    /// Announces every message that waits and is not announced already.
    fn announce_rest(&mut self) {
        let announced = self.ready.entry(CONTROL_ENDPOINTS.0).or_default();
        while self.announce_again && announced.len() < self.replies.len() {
            announced.push_back(RESPONSE_AVAILABLE.to_vec());
        }
    }

    /// Bytes of a serial port for the host.
    pub(crate) fn send_serial(&mut self, interface: u8, bytes: Vec<u8>) {
        if let Some(port) = SERIAL.iter().find(|port| port.0 == interface) {
            self.send(port.2, bytes);
        }
    }

    /// Carrier of a serial port: SERIAL_STATE, CDC PSTN 1.2, 6.5.4.
    pub(crate) fn send_carrier(&mut self, interface: u8, on: bool) {
        let port = SERIAL.iter().find(|port| port.0 == interface);
        if let Some(endpoint) = port.and_then(|port| port.1) {
            let state = if on { 0x03 } else { 0x02 };
            self.send(endpoint, vec![0xa1, 0x20, 0, 0, interface, 0, 2, 0, state, 0]);
        }
    }

    /// A packet or frame for the host. With nobody to fetch them, the oldest are lost.
    pub(crate) fn send_packet(&mut self, packet: Vec<u8>) {
        let packet = if self.in_blocks {
            self.blocks = self.blocks.wrapping_add(1);
            ntb::block(self.blocks, &packet)
        } else {
            packet
        };
        let queue = self.ready.entry(CONTROL_ENDPOINTS.1).or_default();
        if queue.len() >= 256 {
            queue.pop_front();
        }
        self.send(CONTROL_ENDPOINTS.1, packet);
    }

    fn send(&mut self, endpoint: u8, data: Vec<u8>) {
        self.ready.entry(endpoint).or_default().push_back(data);
        self.match_up(endpoint);
    }

    /// Brings waiting transfers and data together.
    fn match_up(&mut self, endpoint: u8) {
        loop {
            let waiting = self.waiting.entry(endpoint).or_default();
            let ready = self.ready.entry(endpoint).or_default();
            let (Some(&(sequence, length)), Some(data)) = (waiting.front(), ready.front_mut())
            else {
                return;
            };
            let part: Vec<u8> = data.drain(..data.len().min(length)).collect();
            if data.is_empty() {
                ready.pop_front();
            }
            waiting.pop_front();
            self.complete(sequence, 0, part.len(), &part);
        }
    }

    fn complete(&mut self, sequence: u32, status: i32, actual: usize, data: &[u8]) {
        let status = u32::from_be_bytes(status.to_be_bytes());
        let actual = u32::try_from(actual).unwrap_or(0);
        for field in [3, sequence, 0, 0, 0, status, actual, 0, 0, 0, 0, 0] {
            self.output.extend(field.to_be_bytes());
        }
        self.output.extend(data);
    }
}
