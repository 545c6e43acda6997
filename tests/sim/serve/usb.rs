//! The device's end of USB/IP: transfers in, completions out; no sockets.
//!
//! Headers are 48 bytes, big-endian; the fields are those of the kernel's usbip protocol
//! description. An IN transfer without data stays queued until there is some or it is unlinked.

use std::collections::{BTreeMap, VecDeque};

use super::descriptors::{self, CONTROL_ENDPOINTS, SERIAL};
use super::{ntb, rndis};
use crate::sim::config::Config;
use crate::sim::product::Function;

/// Linux's -EPIPE: a stall.
const STALL: i32 = -32;
/// Linux's -ECONNRESET: unlinked before it completed.
const UNLINKED: i32 = -104;

/// What an iPhone answers about its link when it has one, as `ipheth` asks.
const CARRIER_ON: u8 = 4;

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
    config: Config,
    /// The interface of control.
    control: u8,
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
    /// The host stopped listening for notifications, as it does when the last user closes.
    closed: bool,
    /// The host's latest transfer for notifications, completed or not.
    listening: u32,
}

impl Usb {
    /// A device that is about to be enumerated.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            config: config.clone(),
            control: descriptors::control_interface(config),
            blocks: 0,
            input: Vec::new(),
            output: Vec::new(),
            waiting: BTreeMap::new(),
            ready: BTreeMap::new(),
            held: VecDeque::new(),
            replies: VecDeque::new(),
            configuration: 0,
            hung: false,
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
            return Some(Received::Packets(match self.config.function {
                Function::Mbim => ntb::packets(ntb::MBIM, &data),
                Function::Ncm => ntb::packets(ntb::NCM, &data),
                Function::Rndis => rndis::frames(&data),
                Function::Qmi | Function::Ecm | Function::Iphone | Function::None => vec![data],
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
                1 => Some(descriptors::device(&self.config)),
                2 => Some(descriptors::configuration(&self.config)),
                3 => descriptors::string(value, &self.config),
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
            (1, 11, _) => {
                if value == 1 {
                    self.tell_link_up();
                }
                Some(Vec::new())
            }
            (0..=2, 1 | 3, _) => Some(Vec::new()),
            // SET_LINE_CODING, SET_CONTROL_LINE_STATE, SEND_BREAK, GET_LINE_CODING
            (0x21, 0x22, interface) => {
                received = Some(Received::Dtr(interface, value & 1 == 1));
                Some(Vec::new())
            }
            (0x21, 0x20 | 0x23, _) => Some(Vec::new()),
            (0xa1, 0x21, _) => Some(vec![0x00, 0xc2, 0x01, 0x00, 0, 0, 8]),
            // SEND_ENCAPSULATED_COMMAND, GET_ENCAPSULATED_RESPONSE
            (0x21, 0, _) if index == self.control => {
                received = self.take_message(transfer.data);
                Some(Vec::new())
            }
            (0xa1, 1, _) if index == self.control => {
                Some(self.replies.pop_front().unwrap_or_default())
            }
            _ => self.function_control(kind, request),
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

    /// Control requests that only one kind of function knows.
    fn function_control(&self, kind: u8, request: u8) -> Option<Vec<u8>> {
        match (self.config.function, kind, request) {
            // Of transfer blocks the parameters, sizes and format, and the longest datagram; what
            // is set is taken as it is.
            (Function::Mbim | Function::Ncm, 0xa1, 0x80) => Some(ntb::parameters()),
            (Function::Mbim | Function::Ncm, 0xa1, 0x85) => Some(ntb::input_size()),
            (Function::Mbim | Function::Ncm, 0xa1, 0x83 | 0x89) => Some(vec![0, 0]),
            (Function::Mbim | Function::Ncm, 0xa1, 0x87) => Some(vec![0xea, 0x05]),
            (
                Function::Mbim | Function::Ncm,
                0x21,
                0x05 | 0x43 | 0x84 | 0x86 | 0x88 | 0x8a,
            )
            // SET_ETHERNET_PACKET_FILTER
            | (Function::Ecm, 0x21, 0x43) => Some(Vec::new()),
            // Its address and its link, as ipheth asks for them.
            (Function::Iphone, 0xc0, 0) => Some(self.config.mac().to_vec()),
            (Function::Iphone, 0xc0, 0x45) => {
                Some(vec![if self.config.carrier { CARRIER_ON } else { 0 }])
            }
            _ => None,
        }
    }

    /// A control message of the host. With RNDIS it is about the link itself.
    fn take_message(&mut self, message: Vec<u8>) -> Option<Received> {
        if self.config.function != Function::Rndis {
            return Some(Received::Control(message));
        }
        if let Some(answer) = rndis::answer(&message, self.config.mac()) {
            self.replies.push_back(answer);
            self.send(CONTROL_ENDPOINTS.0, rndis::NOTIFICATION.to_vec());
        }
        None
    }

    /// A notification (CDC 1.2, 6.3): RESPONSE_AVAILABLE, NETWORK_CONNECTION or
    /// CONNECTION_SPEED_CHANGE.
    fn notification(&self, code: u8, value: u8, data: &[u8]) -> Vec<u8> {
        let length = u8::try_from(data.len()).unwrap_or(0);
        [&[0xa1, code, value, 0, self.control, 0, length, 0][..], data].concat()
    }

    /// The Ethernet functions tell their speed, and that they are connected. Of an iPhone `ipheth`
    /// believes that once it has sent a frame, which it does when it is paired; this one is of the
    /// type for local experiments (IEEE 802).
    fn tell_link_up(&mut self) {
        if self.config.function == Function::Iphone && self.config.carrier {
            let frame = [&[0xff; 6][..], &self.config.mac(), &[0x88, 0xb5], &[0; 46]].concat();
            self.send_packet(frame);
        }
        if matches!(self.config.function, Function::Ecm | Function::Ncm) {
            let speeds = [150_000_000_u32.to_le_bytes(), 50_000_000_u32.to_le_bytes()].concat();
            for notification in [self.notification(0x2a, 0, &speeds), self.notification(0, 1, &[])]
            {
                self.send(CONTROL_ENDPOINTS.0, notification);
            }
        }
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
        let notification = self.notification(1, 0, &[]);
        self.send(CONTROL_ENDPOINTS.0, notification);
    }

    /// Announces every message that waits and is not announced already.
    fn announce_rest(&mut self) {
        let notification = self.notification(1, 0, &[]);
        let announced = self.ready.entry(CONTROL_ENDPOINTS.0).or_default();
        while self.config.announce_again && announced.len() < self.replies.len() {
            announced.push_back(notification.clone());
        }
    }

    /// Bytes of a serial port for the host.
    pub(crate) fn send_serial(&mut self, interface: u8, bytes: Vec<u8>) {
        let port = SERIAL.iter().find(|port| port.0 == interface);
        if let Some(port) = port.filter(|_| self.config.has_serial()) {
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
        self.blocks = self.blocks.wrapping_add(1);
        let packet = match self.config.function {
            Function::Mbim => ntb::block(ntb::MBIM, self.blocks, &packet),
            Function::Ncm => ntb::block(ntb::NCM, self.blocks, &packet),
            Function::Rndis => rndis::packet(&packet),
            // Two bytes that align what follows.
            Function::Iphone => [&[0, 0][..], &packet].concat(),
            Function::Qmi | Function::Ecm | Function::None => packet,
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
