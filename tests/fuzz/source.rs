//! Bytes read as choices. When they are used up, every further choice is the first one.

use ltewan::types::{Table, Value};

/// How deep a table may nest.
const DEPTH_MAX: u8 = 4;

/// Names and values that mean something to the daemon, so that not all of them must be guessed.
const WORDS: &[&str] = &[
    "interface",
    "config",
    "modem",
    "wwan",
    "wwan2",
    "usb:1-1",
    "usb:1-2",
    "level",
    "reset",
    "redial",
    "radio",
    "power",
    "command",
    "timeout_ms",
    "AT",
    "AT+CSQ",
    "ATI;+CGDCONT=1,\"IP\"",
    "device",
    "apn",
    "internet",
    "v6apn",
    "profile",
    "pincode",
    "1234",
    "auth",
    "both",
    "pap",
    "username",
    "password",
    "user\"name\\",
    "pdptype",
    "ipv4v6",
    "ipv6",
    "allow_roaming",
    "modes",
    "lte",
    "plmn",
    "26201",
    "mtu",
    "1400",
    "check",
    "ping",
    "check_host",
    "delegate",
    "metric",
    "proto",
    "ltewan",
    "up",
    "pending",
    "available",
    "autostart",
    "l3_device",
    "wwan0",
    "marks",
    "digest",
    "pin_digest",
    "nameless",
    "retries_before",
    "refused",
    "00000000deadbeef",
    "network",
    "data",
    "ipv4",
    "address",
    "addresses",
    "pin",
    "puk",
    "new_pin",
    "imei:867698040000017",
    "2c7c:0125",
    "/dev/cdc-wdm0",
    "auto",
    "",
    "line\nfeed\u{1b}[31m\r\0\u{9b}",
    "0",
    "1",
    "on",
];

/// The bytes and how many of them were read.
pub(super) struct Source<'a> {
    bytes: &'a [u8],
}

impl<'a> Source<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    pub(super) fn i64(&mut self) -> i64 {
        i64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    /// A length and that many bytes, or as many as there are.
    pub(super) fn piece(&mut self) -> &'a [u8] {
        let length = match self.byte() {
            255 => usize::from(self.u16()),
            short => usize::from(short),
        };
        let (piece, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        self.bytes = rest;
        piece
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    pub(super) fn text(&mut self) -> String {
        match usize::from(self.byte()) {
            word if word < WORDS.len() => WORDS[word].to_owned(),
            253 => "x".repeat(300),
            _ => String::from_utf8_lossy(self.piece()).into_owned(),
        }
    }

    /// A name that the kernel, a file or netifd may have.
    pub(super) fn name(&mut self) -> String {
        self.text().chars().filter(char::is_ascii_graphic).collect()
    }

    pub(super) fn table(&mut self) -> Table {
        self.table_at(0)
    }

    fn table_at(&mut self, depth: u8) -> Table {
        let count = self.below(12);
        Table((0..count).map(|_| (self.text(), self.value(depth))).collect())
    }

    fn value(&mut self, depth: u8) -> Value {
        match self.byte() % 12 {
            0 => Value::Null,
            1 => Value::Bool(self.byte() & 1 == 1),
            2 => Value::I16(i16::from_le_bytes(self.u16().to_le_bytes())),
            3 => Value::I32(i32::from(self.u16()) - 0x8000),
            4 => Value::I64(self.i64()),
            5 => Value::F64(f64::from_bits(self.i64().cast_unsigned())),
            6 if depth < DEPTH_MAX => Value::Table(self.table_at(depth + 1)),
            7 if depth < DEPTH_MAX => {
                let count = self.below(8);
                Value::Array((0..count).map(|_| self.value(depth + 1)).collect())
            }
            _ => Value::String(self.text()),
        }
    }
}
