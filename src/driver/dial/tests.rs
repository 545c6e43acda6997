//! The table of dialects, and a driver against what real modems answer.

#![expect(clippy::wildcard_enum_match_arm, reason = "each test looks for one event")]

use super::DialDriver;
use super::dialect::{Reading, dialect_of, dialects};
use crate::driver::at::AtDriver;
use crate::driver::{Event, FailureKind, Initialize, PinOperation, PinRequest, PinResult, Request};
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::types::{
    Apn, AuthMethod, BearerSettings, Rat, RegistrationState, Secret, SimState, Table,
};
use crate::wire::at::{Command, Fields};

/// A modem that answers each command line with fixed lines; `ERROR` to what is not listed.
struct Modem {
    at: AtDriver,
    dial: DialDriver,
    now: Instant,
    answers: Map<&'static str, &'static str>,
    asked: Vec<String>,
}

/// What the port relies on, and what nearly all modems answer.
const COMMON: [(&str, &str); 12] = [
    ("ATE0V1+CMEE=1;+CMEE?", "+CMEE: 1|OK"),
    ("AT", "OK"),
    ("AT+CGMM", "E3372|OK"),
    ("AT+CFUN?", "+CFUN: 1|OK"),
    ("AT+CEREG=3", "OK"),
    ("AT+CGEREP=2,0", "OK"),
    ("AT+CPIN?", "+CPIN: READY|OK"),
    ("AT+CEREG?", "+CEREG: 3,1,\"5A21\",\"01C03E0B\",7|OK"),
    ("AT+COPS=3,2;+COPS?", "+COPS: 0,2,\"26202\",7|OK"),
    ("AT+COPS=3,0;+COPS?", "+COPS: 0,0,\"vodafone.de\",7|OK"),
    ("AT+CIMI", "262020123456789|OK"),
    ("AT+CGATT?", "+CGATT: 1|OK"),
];

impl Modem {
    fn new(vid: u16, answers: &[(&'static str, &'static str)]) -> Self {
        let mut at = AtDriver::new();
        let dial = DialDriver::new(&mut at, vid, 0x1506);
        let all = COMMON.iter().chain(answers).copied();
        let mut modem = Self {
            at,
            dial,
            now: Instant::from_millis(1),
            answers: all.collect(),
            asked: Vec::new(),
        };
        modem.dial.handle_request(modem.now, Request::Initialize(Initialize::default()));
        modem
    }

    /// The modem sends a line by itself.
    fn tell(&mut self, line: &str) {
        self.at.handle_input(self.now, format!("\r\n{line}\r\n").as_bytes());
        self.dial.handle_turn(self.now);
    }

    fn ask(&mut self, request: Request) -> Vec<Event> {
        self.dial.handle_request(self.now, request);
        self.run()
    }

    /// Answers, and lets time pass while something is waited for.
    fn run(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..2_000 {
            while let Some(event) = self.dial.poll_event() {
                events.push(event);
            }
            if let Some(bytes) = self.at.poll_transmit() {
                let line = String::from_utf8(bytes).unwrap();
                let line = line.trim_end().to_owned();
                let answer = self.answers.get(line.as_str()).copied().unwrap_or("ERROR");
                self.asked.push(line);
                let text: String =
                    answer.split('|').map(|line| format!("\r\n{line}\r\n")).collect();
                self.at.handle_input(self.now, text.as_bytes());
            } else if let Some(at) = self.dial.poll_timeout() {
                self.now = self.now.max(at);
                self.at.handle_timeout(self.now);
            } else {
                return events;
            }
            self.dial.handle_turn(self.now);
        }
        panic!("no end of it: {:?}", self.asked);
    }
}

fn internet() -> BearerSettings {
    BearerSettings { apn: Apn::new("internet").unwrap(), ..BearerSettings::default() }
}

fn failure(events: &[Event]) -> FailureKind {
    let failed = events.iter().find_map(|event| match event {
        Event::ConnectFailed(failure) | Event::BearerLost(failure) => Some(failure.kind),
        _ => None,
    });
    failed.unwrap_or_else(|| panic!("{events:?}"))
}

#[test]
fn every_template_of_the_table_makes_a_command() {
    let secret = Secret::new("pass");
    let fields = Fields {
        cid: 1,
        kind: "IP",
        apn: "internet",
        auth: 2,
        username: "me",
        password: Some(&secret),
    };
    for dialect in dialects() {
        let ways = dialect.dial.iter().chain(dialect.dial_auth).flat_map(|way| way.iter());
        let queries = dialect.status.iter().map(|query| &query.command);
        let sim = dialect.retries.iter().map(|retries| &retries.command).chain(dialect.iccid);
        let all = ways.chain(dialect.hang_up).chain(dialect.auth).chain(queries).chain(sim);
        for template in all {
            let command = Command::from_template(template, &fields).unwrap();
            assert!(!command.line().contains(['{', '}']), "{}: {template}", dialect.name);
            let is_secret = template.contains("{password}");
            assert_eq!(format!("{command:?}").contains("***"), is_secret, "{template}");
        }
        assert!(!dialect.dial.is_empty() && !dialect.hang_up.is_empty(), "{}", dialect.name);
        let is_ending = |query: &super::dialect::Query| query.reading == Reading::Ended;
        assert!(!dialect.status.iter().any(is_ending), "{}", dialect.name);
    }
}

/// Answers of ModemManager's test suite and of published logs.
#[test]
fn answers_about_the_call_are_read_in_all_their_forms() {
    let is_up = |vid, pid, at: usize, lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        dialect_of(vid, pid, "").status[at].is_up(&lines, 1)
    };
    for (line, up) in [
        ("^NDISSTATQRY: 1,,,\"IPV4\",1,,,\"IPV6\"", true),
        ("^NDISSTATQRY: 1,,,\"IPV4\",0,,,\"IPV6\"", true),
        ("^NDISSTATQRY: 0,,,\"IPV4\",0,,,\"IPV6\"", false),
        ("^NDISSTATQRY: 0,33,,\"IPV4\",0,33,,\"IPV6\"", false),
        ("^NDISSTATQRY: 1,,,IPV4", true),
        ("^NDISSTATQRY:1,1,,,\"IPV4\"", true),
        ("^NDISSTATQRY: 1,,,,\"IPV4\",1,,,\"IPV6\"", true),
        ("^NDISSTATQRY: 0,,,IPV6", false),
    ] {
        assert_eq!(is_up(0x12d1, 0, 0, &[line]), Some(up), "{line}");
    }
    assert_eq!(is_up(0x2c7c, 0, 0, &["+QNETDEVCTL: 3,1,1,1"]), Some(true));
    assert_eq!(is_up(0x2c7c, 0, 0, &["+QNETDEVCTL: 0,0,0,0"]), Some(false));
    assert_eq!(is_up(0x2c7c, 0, 0, &[]), None);
    assert_eq!(is_up(0x305a, 0, 0, &["+ZECMCALL: IPV4, 12.192.19.88, 12.192.19.89"]), Some(true));
    assert_eq!(is_up(0x305a, 0, 0, &["+ZECMCALL: DISCONNECT"]), Some(false));
    assert_eq!(is_up(0x1e0e, 0x9001, 0, &["$QCRMCALL: 1, V4"]), Some(true));
    assert_eq!(is_up(0x1bc7, 0, 0, &["#ECM: 0,1"]), Some(true));
    assert_eq!(is_up(0x1199, 0, 1, &["+CGACT: 1,0", "+CGACT: 2,1"]), Some(false));
    assert_eq!(is_up(0x1199, 0, 1, &["+CGACT: 2,1"]), Some(false));
    assert_eq!(is_up(0x1199, 0, 1, &[]), None);
}

#[test]
fn a_stick_is_initialized_dialled_and_told_of_its_end() {
    let mut modem = Modem::new(
        0x12d1,
        &[
            ("AT^CPIN?", "^CPIN: READY,,10,3,10,3|OK"),
            ("AT^ICCID?", "^ICCID: 8949020000012345678F|OK"),
            ("AT+CLCK=\"SC\",2", "+CLCK: 0|OK"),
            ("AT+CGDCONT?", "+CGDCONT: 0,\"IP\",\"\"|+CGDCONT: 1,\"IP\",\"other\"|OK"),
            ("AT+CGDCONT=1,\"IPV4V6\",\"internet\"", "OK"),
            ("AT^NDISDUP=1,1,\"internet\"", "OK"),
            ("AT^NDISSTATQRY?", "^NDISSTATQRY: 0,,,\"IPV4\",0,,,\"IPV6\"|OK"),
        ],
    );
    let events = modem.run();
    let Some(Event::Initialized(report)) = events.first() else { panic!("{events:?}") };
    assert_eq!(report.sim.state, SimState::Ready);
    assert_eq!((report.sim.pin1_retries_left, report.sim.puk1_retries_left), (Some(3), Some(10)));
    assert_eq!(report.sim.pin1_enabled, Some(false));
    assert_eq!(report.sim.iccid.as_ref().unwrap().expose(), "8949020000012345678");
    assert_eq!(report.registration.state, RegistrationState::Home);
    assert_eq!(report.registration.rat, Some(Rat::Lte));
    assert_eq!(report.registration.plmn.unwrap().to_string(), "26202");
    assert_eq!(report.registration.operator.as_deref(), Some("vodafone.de"));
    // The call is up half a second after it was accepted.
    modem.dial.handle_request(modem.now, Request::Connect(internet()));
    while !modem.asked.iter().any(|line| line.starts_with("AT^NDISDUP=1,1")) {
        let bytes = modem.at.poll_transmit().expect("a command");
        let line = String::from_utf8(bytes).unwrap().trim_end().to_owned();
        let answer = modem.answers.get(line.as_str()).copied().unwrap_or("ERROR");
        modem.asked.push(line);
        modem
            .at
            .handle_input(modem.now, format!("\r\n{}\r\n", answer.replace('|', "\r\n")).as_bytes());
        modem.dial.handle_turn(modem.now);
    }
    modem.answers.insert("AT^NDISSTATQRY?", "^NDISSTATQRY: 1,,,\"IPV4\",0,33,,\"IPV6\"|OK");
    modem.answers.insert("AT+CGPADDR=1", "+CGPADDR: 1,\"100.72.12.9\"|OK");
    let events = modem.run();
    let Some(Event::Connected(config)) = events.last() else { panic!("{events:?}") };
    assert_eq!((config.dhcp.v4, config.dhcp.v6), (true, false));
    assert!(
        events.contains(&Event::Saved(
            Table::new().with("at_context", 1_u8).with("at_type", "ipv4v6")
        ))
    );
    // One family that is refused is no end of the other; the end of the call is.
    modem.tell("^NDISSTAT: 0,33,,\"IPV6\"");
    assert!(modem.run().is_empty());
    modem.answers.insert("AT^NDISSTATQRY?", "^NDISSTATQRY: 0,,,\"IPV4\",0,,,\"IPV6\"|OK");
    modem.tell("^NDISSTAT: 0,33,,\"IPV4\"");
    assert_eq!(failure(&modem.run()), FailureKind::Apn);
}

#[test]
fn what_the_network_refuses_is_classed_by_its_number() {
    for (answer, kind) in [
        ("+CME ERROR: 133", FailureKind::Apn),
        ("+CME ERROR: 149", FailureKind::Auth),
        ("+CME ERROR: 30", FailureKind::NotRegistered),
        ("+CME ERROR: 148", FailureKind::Network),
        ("+CME ERROR: 50", FailureKind::Refused),
        ("ERROR", FailureKind::Refused),
    ] {
        let answers = [
            ("AT+CGDCONT=1,\"IPV4V6\",\"internet\"", "OK"),
            ("AT!SCACT=1,1", answer),
            ("AT!SCACT?1", "!SCACT: 1,0|OK"),
        ];
        let mut modem = Modem::new(0x1199, &answers);
        modem.run();
        let events = modem.ask(Request::Connect(internet()));
        assert_eq!(failure(&events), kind, "{answer}");
    }
}

#[test]
fn a_modem_without_dual_stack_is_dialled_for_one_family() {
    let mut modem = Modem::new(
        0x0e8d,
        &[
            ("AT+CGDCONT=1,\"IP\",\"internet\"", "OK"),
            ("AT+CGACT=1,1", "OK"),
            ("AT+CGACT?", "+CGACT: 1,0|OK"),
        ],
    );
    modem.run();
    modem.dial.handle_request(modem.now, Request::Connect(internet()));
    // Active as soon as it was activated.
    modem.answers.insert("AT+CGACT?", "+CGACT: 1,1|OK");
    modem
        .answers
        .insert("AT+CGCONTRDP=1", "+CGCONTRDP: 1,5,\"internet.mnc002\",\"10.167.105.28\"|OK");
    modem.answers.insert("AT+CGPADDR=1", "+CGPADDR: 1,\"10.167.105.28\"|OK");
    modem.answers.insert("AT+GTDNS=1", "+GTDNS: 1,\"10.151.151.44\",\"10.151.151.48\"|OK");
    let events = modem.run();
    let Some(Event::Connected(config)) = events.last() else { panic!("{events:?}") };
    let v4 = config.v4.as_ref().unwrap();
    assert_eq!(v4.address.to_string(), "10.167.105.28");
    assert_eq!(v4.dns.len(), 2);
    assert!(config.v6.is_none() && !config.dhcp.v4 && !config.dhcp.v6);
}

#[test]
fn user_name_and_password_go_the_vendors_way_and_cannot_break_out() {
    let settings = |password: &str| BearerSettings {
        auth: AuthMethod::Pap,
        username: Some("me".to_owned()),
        password: Some(Secret::new(password)),
        ..internet()
    };
    let answers = [("AT+CGDCONT=1,\"IPV4V6\",\"internet\"", "OK")];
    let mut modem = Modem::new(0x1199, &answers);
    modem.run();
    modem.ask(Request::Connect(settings("s3cret")));
    assert!(modem.asked.iter().any(|line| line == "AT$QCPDPP=1,1,\"s3cret\",\"me\""));
    for hostile in ["a\";+CFUN=0", "a\rAT+CFUN=0", "a\u{1a}", "a\\", "a\n"] {
        modem.asked.clear();
        let events = modem.ask(Request::Connect(settings(hostile)));
        assert_eq!(failure(&events), FailureKind::Unsupported, "{hostile:?}");
        assert!(!modem.asked.iter().any(|line| line.contains("CFUN=0")), "{:?}", modem.asked);
    }
}

#[test]
fn a_pin_is_sent_once_and_judged_by_what_it_cost() {
    let answers = [
        ("AT+CPIN?", "+CPIN: SIM PIN|OK"),
        ("AT+CPINR", "+CPINR: SIM PIN,3,3|+CPINR: SIM PUK,10,10|OK"),
        ("AT+CPIN=\"1234\"", "ERROR"),
    ];
    let mut modem = Modem::new(0x0e8d, &answers);
    let events = modem.run();
    let Some(Event::Initialized(report)) = events.first() else { panic!("{events:?}") };
    assert_eq!(report.sim.state, SimState::PinRequired);
    assert_eq!(report.sim.pin1_retries_left, Some(3));
    modem.answers.insert("AT+CPINR", "+CPINR: SIM PIN,2,3|+CPINR: SIM PUK,10,10|OK");
    let events = modem.ask(Request::Unlock(Secret::new("1234")));
    let refused = |event: &Event| match event {
        Event::UnlockFailed(failure) => failure.kind == FailureKind::WrongPin,
        _ => false,
    };
    assert!(events.iter().any(refused), "{events:?}");
    assert_eq!(modem.asked.iter().filter(|line| line.contains("1234")).count(), 1);
    // Too few are left for the owner's own wish: nothing is sent.
    let operation = PinOperation::Unlock { pin: Secret::new("1234") };
    let events = modem.ask(Request::Pin(PinRequest { operation, retries_min: 3 }));
    let done = events.iter().find_map(|event| match event {
        Event::PinDone { result, .. } => Some(result.clone()),
        _ => None,
    });
    assert_eq!(done, Some(PinResult::TooFewRetries));
    assert_eq!(modem.asked.iter().filter(|line| line.contains("1234")).count(), 1);
}

#[test]
fn attempts_that_no_command_tells_are_not_guessed() {
    let mut modem = Modem::new(0x0e8d, &[("AT+CPIN?", "+CPIN: SIM PIN|OK")]);
    let events = modem.run();
    let Some(Event::Initialized(report)) = events.first() else { panic!("{events:?}") };
    assert_eq!((report.sim.pin1_retries_left, report.sim.puk1_retries_left), (None, None));
}

#[test]
fn a_sim_that_is_busy_is_not_absent() {
    for (answer, state) in [
        ("+CME ERROR: 14", SimState::NotReady),
        ("+CPIN: NOT READY|OK", SimState::NotReady),
        ("+CME ERROR: 10", SimState::Absent),
        ("+CME ERROR: 13", SimState::Error),
        ("+CME ERROR: 15", SimState::Error),
        ("+CME ERROR: 11", SimState::PinRequired),
        ("+CME ERROR: 12", SimState::PukRequired),
        ("+CME ERROR: 100", SimState::Unknown),
        ("+CME ERROR: SIM busy", SimState::NotReady),
        ("ERROR", SimState::Unknown),
        ("+CPIN: PH-NET PIN|OK", SimState::Error),
        ("+CPIN: SIM PUK2|OK", SimState::Ready),
    ] {
        let mut modem = Modem::new(0x12d1, &[("AT+CPIN?", answer)]);
        let events = modem.run();
        let Some(Event::Initialized(report)) = events.first() else { panic!("{events:?}") };
        assert_eq!(report.sim.state, state, "{answer}");
    }
}

#[test]
fn a_context_that_is_deactivated_by_the_network_is_lost_at_once() {
    let answers = [
        ("AT+CGDCONT?", "+CGDCONT: 1,\"IPV4V6\",\"internet\"|OK"),
        ("AT!SCACT?1", "!SCACT: 1,1|OK"),
    ];
    for line in [
        "+CGEV: NW PDN DEACT 1",
        "+CGEV: ME PDN DEACT 1",
        "+CGEV: NW DEACT \"IP\",\"10.1.2.3\",1",
        "+CGEV: NW DETACH",
        "+CGEV: ME DETACH",
    ] {
        let mut modem = Modem::new(0x1199, &answers);
        modem.run();
        let events = modem.ask(Request::Connect(internet()));
        assert!(matches!(events.last(), Some(Event::Connected(_))), "{events:?}");
        let asked = modem.asked.len();
        modem.tell("+CGEV: NW PDN DEACT 2");
        modem.tell("+CGEV: NW DEACT 1,5,1");
        modem.tell("+CGEV: ME PDN ACT 1");
        assert!(modem.run().is_empty(), "{line}");
        modem.tell(line);
        assert_eq!(failure(&modem.run()), FailureKind::Network, "{line}");
        assert_eq!(modem.asked.len(), asked, "it is known without asking: {line}");
    }
}

#[test]
fn a_modem_that_restarts_by_itself_is_told() {
    let mut modem = Modem::new(0x2c7c, &[]);
    modem.run();
    modem.tell("RDY");
    assert_eq!(modem.run(), [Event::Restarted]);
}

#[test]
fn a_silent_modem_is_named_within_five_seconds() {
    let mut modem = Modem::new(0x2c7c, &[]);
    modem.run();
    let start = modem.now;
    modem.dial.handle_request(modem.now, Request::Probe);
    for _ in 0..50 {
        while modem.at.poll_transmit().is_some() {}
        let port = modem.at.poll_timeout();
        let Some(at) = port.into_iter().chain(modem.dial.poll_timeout()).min() else { break };
        modem.now = modem.now.max(at);
        modem.at.handle_timeout(modem.now);
        modem.dial.handle_turn(modem.now);
        if let Some(event) = modem.dial.poll_event() {
            assert_eq!(event, Event::Unresponsive);
            assert!(modem.now <= start + Duration::from_secs(5), "{:?}", modem.now);
            return;
        }
    }
    panic!("nothing was told");
}
