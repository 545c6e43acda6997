//! A modem that is dialled over AT: requests, answers from real ones and bytes from anywhere, and
//! time.

use super::source::Source;
use ltewan::driver::at::AtDriver;
use ltewan::driver::dial::{DialDriver, point_to_point, refusal_of};
use ltewan::driver::{Initialize, PinOperation, PinRequest, PppReport, Request, Selection};
use ltewan::time::{Duration, Instant};
use ltewan::types::{Apn, AuthMethod, BearerSettings, OperatingMode, Rat, Secret, Table};

/// One of each vendor's.
const VENDORS: [u16; 12] = [
    0x0e8d, 0x1199, 0x12d1, 0x1546, 0x19d2, 0x1bc7, 0x1e0e, 0x2c7c, 0x2cb7, 0x305a, 0x8087, 0xffff,
];

/// What modems say, whole lines and beginnings.
const LINES: [&str; 40] = [
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\n+CME ERROR: 14\r\n",
    "\r\n+CME ERROR: 133\r\n",
    "\r\nCONNECT\r\n",
    "\r\n+CMEE: 1\r\n\r\nOK\r\n",
    "\r\n+GCAP: +CGSM\r\n\r\nOK\r\n",
    "\r\nE3372\r\n\r\nOK\r\n",
    "\r\n+CFUN: 1\r\n\r\nOK\r\n",
    "\r\n+CPIN: READY\r\n\r\nOK\r\n",
    "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n",
    "\r\n+CPINR: SIM PIN,3,3\r\n\r\nOK\r\n",
    "\r\n^CPIN: SIM PIN,3,10,3,10,3\r\n\r\nOK\r\n",
    "\r\n+QPINC: \"SC\",3,10\r\n\r\nOK\r\n",
    "\r\n+CEREG: 3,1,\"5A21\",\"1C03E0B\",7\r\n\r\nOK\r\n",
    "\r\n+CEREG: 1,\"5A21\",\"1C03E0B\",7\r\n",
    "\r\n+CEREG: 3,,,,0,15\r\n",
    "\r\n+COPS: 0,2,\"26202\",7\r\n\r\nOK\r\n",
    "\r\n+CGDCONT: 1,\"IPV4V6\",\"internet\"\r\n\r\nOK\r\n",
    "\r\n+CGATT: 1\r\n\r\nOK\r\n",
    "\r\n+CGACT: 1,1\r\n\r\nOK\r\n",
    "\r\n+CGACT: 1,0\r\n\r\nOK\r\n",
    "\r\n+CGPADDR: 1,\"10.1.2.3\",\"2001:db8::1\"\r\n\r\nOK\r\n",
    "\r\n+CGCONTRDP: 1,5,\"a\",\"10.1.2.3.255.255.255.0\",,\"8.8.8.8\"\r\n\r\nOK\r\n",
    "\r\n+CGEV: NW PDN DEACT 1\r\n",
    "\r\n+CGEV: NW DETACH\r\n",
    "\r\n^NDISSTATQRY: 1,,,\"IPV4\",1,,,\"IPV6\"\r\n\r\nOK\r\n",
    "\r\n^NDISSTAT: 0,33,,\"IPV4\"\r\n",
    "\r\n+QNETDEVCTL: 1,1,1,1\r\n\r\nOK\r\n",
    "\r\n+QNETDEVSTATUS: 0\r\n",
    "\r\n!SCACT: 1,1\r\n\r\nOK\r\n",
    "\r\n$QCRMCALL: 1, V4\r\n\r\nOK\r\n",
    "\r\n+GTRNDIS: 1,1,\"10.1.2.3\"\r\n\r\nOK\r\n",
    "\r\n+GTDNS: 1,\"8.8.8.8\"\r\n\r\nOK\r\n",
    "\r\n+ZECMCALL: IPV4, 10.1.2.3\r\n\r\nOK\r\n",
    "\r\n#ECM: 0,1\r\n\r\nOK\r\n",
    "\r\n+CRSM: 144,0,\"98949200000021436587\"\r\n\r\nOK\r\n",
    "\r\n+CESQ: 99,99,255,255,22,49\r\n\r\nOK\r\n",
    "\r\nRDY\r\n",
    "\r\n+CPIN: NOT READY\r\n",
];

/// How long nothing that was asked for may take, with all its questions unanswered.
const LONG: Duration = Duration::from_secs(3_600);

/// How many events there may be a turn.
const EVENTS_MAX: usize = 64;

fn settings(source: &mut Source<'_>) -> BearerSettings {
    let has_auth = source.byte() & 1 == 0;
    let text = String::from_utf8_lossy(source.piece()).into_owned();
    BearerSettings {
        apn: Apn::new("internet").unwrap_or_default(),
        auth: if has_auth { AuthMethod::Pap } else { AuthMethod::None },
        username: has_auth.then(|| text.clone()),
        password: has_auth.then(|| Secret::new(text)),
        ..BearerSettings::default()
    }
}

fn request(source: &mut Source<'_>) -> Request {
    match source.byte() % 9 {
        0 => Request::Initialize(Initialize::default()),
        1 => {
            let saved = Table::new().with("at_context", source.byte()).with("at_type", "ipv4v6");
            Request::Initialize(Initialize { saved: Some(saved), ..Initialize::default() })
        }
        2 => Request::Unlock(Secret::new(String::from_utf8_lossy(source.piece()))),
        3 => {
            let pin = Secret::new("1234");
            let operation = PinOperation::Disable { pin };
            Request::Pin(PinRequest { operation, retries_min: source.byte() })
        }
        4 => Request::SetOperatingMode(OperatingMode::Online),
        5 => Request::Select(Selection { plmn: None, modes: vec![Rat::Lte] }),
        6 => Request::Connect(settings(source)),
        7 => Request::Disconnect,
        _ => Request::Probe,
    }
}

/// What may be told of a PPP session, whether there is one or not.
fn report(source: &mut Source<'_>) -> PppReport {
    match source.byte() % 3 {
        0 => PppReport::V4(point_to_point([10, 64, 0, source.byte()].into(), Vec::new())),
        1 => PppReport::V6,
        _ => PppReport::Ended(refusal_of(&String::from_utf8_lossy(source.piece()))),
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let mut source = Source::new(bytes);
    let vid = VENDORS.get(source.below(VENDORS.len())).copied().unwrap_or(0);
    let mut now = Instant::from_millis(1);
    let mut at = AtDriver::new();
    let make = if source.byte() & 7 == 7 { DialDriver::with_ppp } else { DialDriver::new };
    let mut dial = make(&mut at, vid, 0);
    while !source.is_empty() {
        match source.byte() % 5 {
            0 => {
                let request = request(&mut source);
                dial.handle_request(now, request);
            }
            1 => {
                let line = LINES.get(source.below(LINES.len())).copied().unwrap_or("");
                at.handle_input(now, line.as_bytes());
            }
            2 => at.handle_input(now, source.piece()),
            3 => dial.handle_ppp(now, report(&mut source)),
            _ => {
                now = now + Duration::from_millis(u64::from(source.u16()));
                at.handle_timeout(now);
            }
        }
        dial.handle_turn(now);
        check(&mut at, &mut dial, now);
    }
    // Whatever was asked for ends when nothing is answered any more.
    let end = now + LONG;
    while let Some(at_next) = at.poll_timeout().into_iter().chain(dial.poll_timeout()).min() {
        assert!(at_next <= end, "a procedure without an end");
        now = now.max(at_next);
        at.handle_timeout(now);
        dial.handle_turn(now);
        check(&mut at, &mut dial, now);
    }
}

/// Nothing that is sent is more than one line, and what is told has bounds.
fn check(at: &mut AtDriver, dial: &mut DialDriver, now: Instant) {
    while let Some(bytes) = at.poll_transmit() {
        let line = bytes.strip_suffix(b"\r").unwrap_or_default();
        let is_printable = line.iter().all(|byte| (b' '..=b'~').contains(byte));
        assert!(bytes == [0x1b] || line.starts_with(b"AT") && is_printable, "{bytes:?}");
        assert!(line.iter().filter(|byte| **byte == b'"').count() % 2 == 0, "{bytes:?}");
    }
    let events = std::iter::from_fn(|| dial.poll_event()).count();
    assert!(events <= EVENTS_MAX, "{events} events");
    while at.poll_event().is_some() {}
    let next = at.poll_timeout().into_iter().chain(dial.poll_timeout()).min();
    assert!(next.is_none_or(|at| at > now), "a deadline in the past");
}
