//! What can happen to a router, by kind.

/// Something that lasts until it is ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: &'static str,
    /// Lines of the simulator's control socket.
    pub(crate) begin: &'static str,
    pub(crate) end: &'static str,
}

const fn fault(kind: &'static str, begin: &'static str, end: &'static str) -> Fault {
    Fault { kind, begin, end }
}

/// Faults that last.
pub(crate) const FAULTS: [Fault; 34] = [
    fault("silence", "silence on", "silence off"),
    fault("silence", "silence on", "silence off"),
    fault("hang", "hang on", "hang off"),
    fault("hang", "hang on", "hang off"),
    fault("split reads", "split 1", "split 0"),
    fault("split reads", "split 13", "split 0"),
    fault("garbage", "garbage 00ff", "garbage off"),
    fault("garbage", "garbage 01", "garbage off"),
    fault("garbage", "garbage 0108000000", "garbage off"),
    fault("latency", "latency 300", "latency 0"),
    fault("latency", "latency 1500", "latency 0"),
    fault("latency", "latency wds 0x20 9000", "latency wds 0x20 0"),
    fault("latency", "latency at 4000", "latency at 0"),
    fault("loss", "lose 1", "lose 0"),
    fault("loss", "lose 3", "lose 0"),
    fault("loss", "lose 12", "lose 0"),
    fault("duplicates", "duplicate 2", "duplicate 0"),
    fault("duplicates", "duplicate 20", "duplicate 0"),
    fault("dial refused", "policy v4only", "policy allow"),
    fault("dial refused", "policy v6only", "policy allow"),
    fault("dial refused", "policy reject 26", "policy allow"),
    fault("dial refused", "policy reject 2 237", "policy allow"),
    fault("dial refused", "policy reject 33", "policy allow"),
    fault("dial refused", "apn elsewhere", "apn any"),
    fault("no coverage", "coverage none", "coverage home"),
    fault("roaming", "coverage roaming", "coverage home"),
    fault("registration denied", "deny 3", "coverage home"),
    fault("registration denied", "deny 11", "coverage home"),
    fault("registration denied", "deny 15", "coverage home"),
    fault("registration denied", "deny 22", "coverage home"),
    fault("SIM removed", "sim absent", "sim insert"),
    fault("SIM error", "sim error", "sim insert"),
    fault("dead connection", "data off", "data on"),
    fault("dead connection", "data off", "data on"),
];

/// What leaves nothing to end.
pub(crate) const EVENTS: [(&str, &str); 26] = [
    ("network drop", "drop all"),
    ("network drop", "drop all"),
    ("network drop", "drop v4"),
    ("network drop", "drop v6"),
    ("network drop", "drop all 26"),
    ("network drop", "drop all 33"),
    ("network drop", "drop all 2 237"),
    ("network drop", "drop v4 3 2001"),
    ("address change", "address v4"),
    ("address change", "address v6"),
    ("address change", "address all"),
    ("signal", "signal -71 -11 -100 30"),
    ("unsolicited line", "urc RING"),
    ("unsolicited line", "urc +CREG: 1"),
    ("SIM reset", "sim notready 0"),
    ("SIM reset", "sim notready 3000"),
    ("replug", "replug 0"),
    ("replug", "replug 2000"),
    ("replug", "replug 30000"),
    ("replug", "replug 8000"),
    ("firmware restart", "reset 500"),
    ("firmware restart", "reset 5000"),
    ("firmware restart", "reset 25000"),
    ("MTU change", "mtu 1400"),
    ("MTU change", "mtu 1500"),
    ("slow network", "time bearer 3000"),
];

/// Messages that modems refuse with an error for a while, or leave unanswered: service, message.
pub(crate) const REFUSED: [((u8, u16), Option<u16>); 11] = [
    ((0x00, 0x22), None),
    ((0x01, 0x20), Some(3)),
    ((0x01, 0x20), None),
    ((0x01, 0x22), Some(7)),
    ((0x01, 0x2d), Some(7)),
    ((0x02, 0x2d), Some(52)),
    ((0x02, 0x2e), None),
    ((0x03, 0x24), Some(3)),
    ((0x03, 0x24), None),
    ((0x0b, 0x26), Some(3)),
    ((0x1a, 0x20), Some(17)),
];

/// The ends of all faults, each once.
pub(crate) fn ends() -> Vec<&'static str> {
    let mut ends: Vec<&str> = FAULTS.iter().map(|fault| fault.end).collect();
    ends.push("time bearer 900");
    ends.sort_unstable();
    ends.dedup();
    ends
}
