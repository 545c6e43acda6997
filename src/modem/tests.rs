use super::backoff::{CAP, CAP_REFUSED, Jitter, delay};
use super::pin::{MARKS_MAX, Marks};
use super::*;
use crate::driver::{Event, Failure, FailureKind, Report};
use crate::types::{Apn, Iccid, Ipv4Config, Ipv6Config, RegistrationState, SimState, Source};

// States.

#[test]
fn each_state_may_be_followed_by_these_and_no_others() {
    // Rows: from. Columns, in the same order: to.
    let legal = [
        (State::Absent, "A I . . . . . . . R ."),
        (State::Initializing, "A I L D S r c C d R F"),
        (State::Locked, "A I L D S r c . . R F"),
        (State::Disabled, "A I L D S r c . d R F"),
        (State::Searching, "A I L D S r c . d R F"),
        (State::Registered, "A I L D S r c . d R F"),
        (State::Connecting, "A . L D S r . C d R F"),
        (State::Connected, "A I L D S r c . d R F"),
        (State::Disconnecting, "A I L D S r c . . R F"),
        (State::Recovering, "A I L D S r c C d R F"),
        (State::Failed, "A I L D S r c . . R F"),
    ];
    assert_eq!(legal.map(|(from, _)| from), State::ALL);
    for (from, row) in legal {
        let drawn: Vec<bool> = row.split(' ').map(|mark| mark != ".").collect();
        let is = State::ALL.map(|to| from.may_become(to));
        assert_eq!(is[..], drawn[..], "{from:?}");
    }
}

#[test]
fn states_and_causes_have_names_of_their_own() {
    let mut states: Vec<_> = State::ALL.iter().map(|state| state.name()).collect();
    let mut causes: Vec<_> = Cause::ALL.iter().map(|cause| cause.name()).collect();
    for names in [&mut states, &mut causes] {
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}

#[test]
fn what_blocks_an_interface_is_shown_as_an_error() {
    for cause in Cause::ALL {
        assert!(cause.policy() != Policy::Block || cause.token().is_some(), "{cause:?}");
        assert!(cause.sentence().ends_with('.'), "{cause:?}");
    }
}

// Back-off.

#[test]
fn pauses_double_from_a_second_to_a_minute_within_a_quarter() {
    let mut jitter = Jitter::new(7);
    for round in 0..100 {
        for attempt in 1..=40 {
            let ideal = Duration::from_secs(1 << (attempt - 1).min(6)).min(CAP);
            let pause = delay(Cause::CallFailed, attempt, &mut jitter);
            assert!(pause >= ideal * 3 / 4, "round {round}, attempt {attempt}: {pause:?}");
            assert!(pause <= ideal * 5 / 4 + Duration::from_millis(1), "{attempt}: {pause:?}");
        }
    }
}

#[test]
fn what_the_network_refuses_is_tried_more_rarely() {
    let mut jitter = Jitter::new(7);
    for cause in [Cause::ApnRejected, Cause::ApnMissing, Cause::AuthFailed, Cause::PdpTypeRejected]
    {
        assert!(delay(cause, 1, &mut jitter) >= Duration::from_millis(7_500));
        let longest = delay(cause, u32::MAX, &mut jitter);
        assert!(longest >= CAP_REFUSED * 3 / 4 && longest <= CAP_REFUSED * 5 / 4);
    }
}

#[test]
fn equal_seeds_give_equal_pauses_and_others_do_not() {
    let pauses = |seed| {
        let mut jitter = Jitter::new(seed);
        (1..20).map(|attempt| delay(Cause::CallFailed, attempt, &mut jitter)).collect::<Vec<_>>()
    };
    assert_eq!(pauses(1), pauses(1));
    assert_ne!(pauses(1), pauses(2));
    assert_ne!(pauses(0), pauses(1));
}

// PINs.

fn locked(iccid: &str, retries: Option<u8>) -> SimStatus {
    SimStatus {
        state: SimState::PinRequired,
        pin1_retries_left: retries,
        iccid: Iccid::new(iccid).ok(),
        ..SimStatus::default()
    }
}

const SIM: &str = "8949020000012345678";
const OTHER_SIM: &str = "8949020000012345679";

fn pin(text: &str) -> Secret {
    Secret::new(text)
}

/// What is left of marks after the daemon, and the router, restarted.
fn restarted(marks: &Marks) -> Marks {
    Marks::from_table(&marks.to_table())
}

#[test]
fn a_pin_is_offered_only_when_two_attempts_are_known_to_be_left() {
    let marks = Marks::default();
    let may = |retries| marks.may_offer(&locked(SIM, retries), &pin("1234"));
    assert_eq!(may(None), Err(Cause::PinTriesUnknown));
    assert_eq!(may(Some(0)), Err(Cause::PinTriesLow));
    assert_eq!(may(Some(1)), Err(Cause::PinTriesLow));
    assert_eq!(may(Some(2)), Ok(2));
    assert_eq!(may(Some(3)), Ok(3));
}

#[test]
fn a_refused_pin_is_refused_for_ever_on_that_sim_only() {
    let mut marks = Marks::default();
    marks.offer(&locked(SIM, Some(3)), &pin("9999"), 3);
    marks.conclude(&locked(SIM, Some(2)), &pin("9999"), false);
    let marks = restarted(&restarted(&marks));
    // As many attempts as before: somebody entered the right PIN in between.
    for retries in [2, 3] {
        let sim = locked(SIM, Some(retries));
        assert_eq!(marks.may_offer(&sim, &pin("9999")), Err(Cause::PinRejected));
        assert_eq!(marks.may_offer(&sim, &pin("1234")), Ok(retries));
    }
    assert_eq!(marks.may_offer(&locked(OTHER_SIM, Some(3)), &pin("9999")), Ok(3));
}

#[test]
fn a_pin_refused_by_a_sim_is_not_offered_to_one_that_does_not_say_who_it_is() {
    let mut marks = Marks::default();
    marks.offer(&locked(SIM, Some(3)), &pin("9999"), 3);
    marks.conclude(&locked(SIM, Some(2)), &pin("9999"), false);
    let nameless = locked("", Some(2));
    assert_eq!(nameless.iccid, None);
    assert_eq!(marks.may_offer(&nameless, &pin("9999")), Err(Cause::PinRejected));
    assert_eq!(marks.may_offer(&nameless, &pin("1234")), Ok(2));
}

#[test]
fn a_pin_refused_by_a_nameless_sim_is_not_offered_to_the_same_once_it_has_a_name() {
    let mut marks = Marks::default();
    marks.offer(&locked("", Some(3)), &pin("9999"), 3);
    marks.conclude(&locked("", Some(2)), &pin("9999"), false);
    let marks = restarted(&marks);
    assert_eq!(marks.may_offer(&locked(SIM, Some(2)), &pin("9999")), Err(Cause::PinRejected));
}

#[test]
fn an_attempt_without_a_verdict_counts_as_refused_when_it_cost_something() {
    let mut marks = Marks::default();
    marks.offer(&locked(SIM, Some(3)), &pin("9999"), 3);
    let marks = restarted(&marks);
    assert_eq!(marks.may_offer(&locked(SIM, Some(3)), &pin("9999")), Ok(3));
    let cost = marks.may_offer(&locked(SIM, Some(2)), &pin("9999"));
    assert_eq!(cost, Err(Cause::PinRejected));
}

#[test]
fn marks_that_were_lost_stand_for_any_pin_until_one_is_accepted() {
    let mut marks = Marks::from_table(&Table::new().with("lost", true));
    let sim = locked(SIM, Some(3));
    assert_eq!(marks.may_offer(&sim, &pin("1234")), Err(Cause::PinUnmarked));
    marks.offer(&sim, &pin("9999"), 3);
    marks.conclude(&locked(SIM, Some(2)), &pin("9999"), false);
    let mut marks = restarted(&marks);
    assert_eq!(marks.may_offer(&sim, &pin("1234")), Err(Cause::PinUnmarked));
    marks.conclude(&sim, &pin("1234"), true);
    let marks = restarted(&marks);
    assert_eq!(marks.may_offer(&sim, &pin("1234")), Ok(3));
    assert_eq!(marks.may_offer(&sim, &pin("9999")), Err(Cause::PinRejected));
}

#[test]
fn a_pin_that_was_accepted_leaves_no_mark() {
    let mut marks = Marks::default();
    marks.offer(&locked(SIM, Some(3)), &pin("1234"), 3);
    marks.conclude(&locked(SIM, Some(3)), &pin("1234"), true);
    assert_eq!(marks, Marks::default());
}

#[test]
fn marks_are_few_and_tell_no_pin() {
    let mut marks = Marks::default();
    for number in 0..2 * MARKS_MAX {
        marks.offer(&locked(SIM, Some(3)), &pin(&format!("{:04}", 7000 + number)), 3);
    }
    let table = marks.to_table();
    assert_eq!(table.get_array("marks").unwrap().len(), MARKS_MAX);
    let text = format!("{table:?}");
    assert!(!text.contains("\"70") && !text.contains(SIM), "{text}");
    // The oldest went.
    assert_eq!(marks.may_offer(&locked(SIM, Some(2)), &pin("7000")), Ok(2));
    let newest = pin(&format!("{:04}", 7000 + 2 * MARKS_MAX - 1));
    assert_eq!(marks.may_offer(&locked(SIM, Some(2)), &newest), Err(Cause::PinRejected));
}

#[test]
fn marks_read_from_nonsense_are_no_marks() {
    let nonsense = [
        Table::new(),
        Table::new().with("marks", 3),
        Table::new().with("marks", vec![Table::new().with("digest", "xyz")]),
        Table::new().with("marks", vec![Table::new().with("digest", "12").with("refused", true)]),
    ];
    for table in nonsense {
        assert_eq!(Marks::from_table(&table), Marks::default());
    }
}

// The machine.

fn at(ms: u64) -> Instant {
    Instant::from_millis(ms)
}

fn ready() -> Report {
    Report {
        mode: Some(OperatingMode::Online),
        sim: SimStatus { state: SimState::Ready, ..SimStatus::default() },
        registration: registration(RegistrationState::Home),
        ..Report::default()
    }
}

fn registration(state: RegistrationState) -> Registration {
    Registration { state, ..Registration::default() }
}

/// What it wants done; marks are kept at once.
fn actions(modem: &mut Modem) -> Vec<Action> {
    let mut actions = Vec::new();
    while let Some(action) = modem.poll_action() {
        if matches!(action, Action::KeepMarks(_)) {
            modem.handle_command(modem.since(), Command::MarksKept(true));
        }
        actions.push(action);
    }
    actions
}

/// What is asked of the driver.
fn asked(modem: &mut Modem) -> Vec<Request> {
    let request = |action| match action {
        Action::Ask(request) => Some(request),
        Action::Initialize { .. }
        | Action::Trouble(_)
        | Action::Disconnected
        | Action::StateChanged { .. }
        | Action::KeepMarks(_)
        | Action::KeepBearers(_)
        | Action::ApnWorked(_)
        | Action::SetLink(_)
        | Action::Ppp(_)
        | Action::ReadPage(_)
        | Action::Restart
        | Action::CyclePower(_)
        | Action::Reboot
        | Action::KeepLadder(_)
        | Action::Lasted
        | Action::PinDone(_) => None,
    };
    actions(modem).into_iter().filter_map(request).collect()
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "test")
}

#[test]
fn a_modem_is_initialized_and_dialled_when_an_interface_wants_it() {
    let mut modem = Modem::new(at(0), 1);
    modem.handle_command(at(0), Command::Start);
    assert!(actions(&mut modem).contains(&Action::Initialize { adopt: true }));
    modem.handle_event(at(10), Event::Initialized(ready()));
    assert_eq!(modem.state(), State::Registered);
    assert!(asked(&mut modem).is_empty(), "nobody wants it yet");
    modem.handle_command(at(20), Command::Connect(Want::default()));
    assert_eq!(asked(&mut modem), [Request::Connect(BearerSettings::default())]);
    modem.handle_event(at(30), Event::Connected(addresses(1)));
    assert_eq!((modem.state(), modem.link()), (State::Connected, Some(&addresses(1))));
    modem.handle_command(at(40), Command::Disconnect);
    assert_eq!((modem.state(), modem.link()), (State::Disconnecting, None));
    assert_eq!(asked(&mut modem), [Request::Disconnect]);
    modem.handle_event(at(50), Event::Disconnected);
    assert!(actions(&mut modem).contains(&Action::Disconnected));
    assert_eq!(modem.state(), State::Registered);
}

fn offers(names: &[&str]) -> Vec<ApnOffer> {
    let offer = |name: &&str| ApnOffer {
        candidate: ApnCandidate { apn: Apn::new(name).unwrap(), ..ApnCandidate::default() },
        source: Source::Table,
    };
    names.iter().map(offer).collect()
}

/// The access points that are dialled.
fn dialled(modem: &mut Modem) -> Vec<String> {
    let apn = |request| {
        let Request::Connect(bearer) = request else { return None };
        Some(bearer.apn.to_string())
    };
    asked(modem).into_iter().filter_map(apn).collect()
}

#[test]
fn nothing_is_dialled_before_the_access_points_are_known_unless_one_is_configured() {
    let mut modem = Modem::new(at(0), 1);
    modem.handle_command(at(0), Command::Connect(Want::default()));
    modem.handle_command(at(0), Command::Start);
    modem.handle_command(at(0), Command::AwaitApns);
    modem.handle_event(at(1), Event::Initialized(ready()));
    assert!(dialled(&mut modem).is_empty());
    modem.handle_command(at(2), Command::OfferApns(offers(&["one", "two"])));
    assert_eq!(dialled(&mut modem), ["one"]);

    let mut want = Want::default();
    want.bearer.apn = Apn::new("own").unwrap();
    let mut modem = Modem::new(at(0), 1);
    modem.handle_command(at(0), Command::Connect(want));
    modem.handle_command(at(0), Command::Start);
    modem.handle_command(at(0), Command::AwaitApns);
    modem.handle_event(at(1), Event::Initialized(ready()));
    assert_eq!(dialled(&mut modem), ["own"]);
}

#[test]
fn an_access_point_is_passed_over_at_once_when_refused_and_after_three_failures_untold_why() {
    let mut modem = Modem::new(at(0), 1);
    modem.handle_command(at(0), Command::OfferApns(offers(&["one", "two", "three"])));
    modem.handle_command(at(0), Command::Connect(Want::default()));
    modem.handle_command(at(0), Command::Start);
    modem.handle_event(at(1), Event::Initialized(ready()));
    assert_eq!(dialled(&mut modem), ["one"]);
    // None of them has a user name of its own: another may have one.
    modem.handle_event(at(2), Event::ConnectFailed(failure(FailureKind::Auth)));
    assert_eq!(dialled(&mut modem), ["two"]);
    let mut next = Vec::new();
    for _ in 0..4 {
        modem.handle_event(at(3), Event::ConnectFailed(failure(FailureKind::Network)));
        let due = modem.next_retry().unwrap();
        modem.handle_timeout(due);
        next.extend(dialled(&mut modem));
    }
    assert_eq!(next, ["two", "two", "three", "three"]);
    modem.handle_event(at(600_000), Event::Connected(addresses(1)));
    let [ApnOffer { candidate, .. }] = offers(&["three"]).try_into().unwrap();
    assert!(actions(&mut modem).contains(&Action::ApnWorked(candidate)));
}

#[test]
fn a_bearer_that_an_earlier_daemon_left_and_nobody_wants_is_ended() {
    let mut modem = Modem::new(at(0), 1);
    modem.handle_command(at(0), Command::Start);
    let report = Report { connection: Some(addresses(1)), ..ready() };
    modem.handle_event(at(10), Event::Initialized(report));
    assert_eq!(modem.state(), State::Disconnecting);
    assert_eq!(asked(&mut modem), [Request::Disconnect]);
}

#[test]
fn the_mark_is_kept_before_the_pin_is_sent() {
    let mut modem = Modem::new(at(0), 1);
    modem.handle_command(at(0), Command::Start);
    let want = Want { pin: Some(pin("1234")), ..Want::default() };
    modem.handle_command(at(0), Command::Connect(want));
    actions(&mut modem);
    modem.handle_event(at(10), Event::Initialized(Report { sim: locked(SIM, Some(3)), ..ready() }));
    let actions = actions(&mut modem);
    let kept = actions.iter().position(|action| matches!(action, Action::KeepMarks(_))).unwrap();
    let sent = actions.iter().position(|a| matches!(a, Action::Ask(Request::Unlock(_)))).unwrap();
    assert!(kept < sent);
    assert_eq!(modem.state(), State::Locked);
    // While the verdict is awaited, the SIM's own word of its state starts no second attempt.
    modem.handle_event(at(20), Event::Sim(locked(SIM, Some(3))));
    assert!(asked(&mut modem).is_empty());
}

#[test]
fn a_silent_modem_is_asked_each_second_and_keeps_its_bearer_in_mind() {
    let mut modem = Modem::new(at(0), 1);
    modem.handle_command(at(0), Command::Start);
    modem.handle_command(at(0), Command::Connect(Want::default()));
    modem.handle_event(at(0), Event::Initialized(ready()));
    modem.handle_event(at(0), Event::Connected(addresses(1)));
    actions(&mut modem);
    assert_eq!(modem.poll_timeout(), Some((at(10_000), Timer::Probe)));
    modem.handle_timeout(at(10_000));
    assert_eq!(asked(&mut modem), [Request::Probe]);
    modem.handle_event(at(14_000), Event::Unresponsive);
    assert_eq!((modem.state(), modem.link()), (State::Recovering, None));
    assert_eq!(modem.poll_timeout(), Some((at(15_000), Timer::Probe)));
    assert!(actions(&mut modem).contains(&Action::Trouble(Cause::Unresponsive)));
    modem.handle_timeout(at(15_000));
    assert_eq!(asked(&mut modem), [Request::Probe]);
    modem.handle_event(at(15_100), Event::Alive);
    assert_eq!((modem.state(), modem.link()), (State::Connected, Some(&addresses(1))));
}

#[test]
fn a_modem_that_could_not_be_initialized_is_tried_again_whoever_asks_for_what() {
    let commands = [
        Command::Connect(Want::default()),
        Command::Disconnect,
        Command::Redial,
        Command::CycleRadio,
        Command::Enable(false),
    ];
    for command in commands {
        let mut modem = Modem::new(at(0), 1);
        modem.handle_command(at(0), Command::Start);
        modem.handle_event(at(0), Event::InitializeFailed(failure(FailureKind::Link)));
        modem.handle_command(at(10), command.clone());
        actions(&mut modem);
        let (due, timer) = modem.poll_timeout().expect("a timer");
        assert_eq!(timer, Timer::Retry, "{command:?}");
        modem.handle_timeout(due);
        assert!(actions(&mut modem).contains(&Action::Initialize { adopt: true }), "{command:?}");
    }
}

fn addresses(last: u8) -> IpConfig {
    IpConfig {
        v4: Some(Ipv4Config {
            address: [10, 0, 0, last].into(),
            prefix_len: 30,
            gateway: None,
            dns: Vec::new(),
        }),
        v6: Some(Ipv6Config {
            address: [0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last)].into(),
            prefix_len: 64,
            gateway: None,
            dns: Vec::new(),
        }),
        mtu: None,
        ..IpConfig::default()
    }
}

/// Chance for the walk below.
struct Dice(Jitter);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        (self.0.next_u64() >> 11) % limit
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()].clone()
    }

    fn sim(&mut self) -> SimStatus {
        let states = [
            SimState::Unknown,
            SimState::Absent,
            SimState::NotReady,
            SimState::PinRequired,
            SimState::PukRequired,
            SimState::Blocked,
            SimState::Ready,
            SimState::Ready,
            SimState::Ready,
            SimState::Error,
        ];
        let retries = [None, Some(0), Some(1), Some(2), Some(3)];
        SimStatus { state: self.pick(&states), ..locked(SIM, self.pick(&retries)) }
    }

    fn registration(&mut self) -> Registration {
        registration(self.pick(&[
            RegistrationState::Home,
            RegistrationState::Home,
            RegistrationState::Roaming,
            RegistrationState::Searching,
            RegistrationState::Denied,
            RegistrationState::Idle,
            RegistrationState::Unknown,
        ]))
    }

    fn mode(&mut self) -> OperatingMode {
        self.pick(&[OperatingMode::Online, OperatingMode::Online, OperatingMode::LowPower])
    }

    fn failure(&mut self) -> Failure {
        failure(self.pick(&[
            FailureKind::Timeout,
            FailureKind::PortClosed,
            FailureKind::Network,
            FailureKind::Apn,
            FailureKind::WrongPin,
            FailureKind::PukRequired,
            FailureKind::Forgotten,
            FailureKind::Link,
        ]))
    }

    fn addresses(&mut self) -> IpConfig {
        let mut config = addresses(self.pick(&[1, 2]));
        match self.below(4) {
            0 => config.v4 = None,
            1 => config.v6 = None,
            _ => {}
        }
        config
    }

    fn want(&mut self) -> Want {
        Want {
            pin: self.pick(&[None, Some(pin("1234")), Some(pin("9999"))]),
            allow_roaming: self.below(2) == 0,
            ..Want::default()
        }
    }

    fn command(&mut self) -> Command {
        match self.below(10) {
            0 | 1 => Command::Start,
            2 => Command::PortLost,
            3 | 4 => Command::Connect(self.want()),
            5 => Command::Disconnect,
            6 => Command::Redial,
            7 => Command::CycleRadio,
            8 => self.pick(&[
                Command::AwaitApns,
                Command::OfferApns(offers(&["one", "two"])),
                Command::Restart(Cause::Requested),
                Command::CyclePower(RecoveryStep::Usb),
            ]),
            _ => Command::Enable(self.below(3) > 0),
        }
    }

    fn event(&mut self) -> Event {
        match self.below(16) {
            0 | 1 => Event::Initialized(Report {
                mode: Some(self.mode()),
                sim: self.sim(),
                registration: self.registration(),
                connection: (self.below(4) == 0).then(|| self.addresses()),
                ..Report::default()
            }),
            2 => Event::InitializeFailed(self.failure()),
            3 | 4 => Event::Sim(self.sim()),
            5 if self.below(2) == 0 => Event::UnlockDone,
            5 => Event::UnlockFailed(self.failure()),
            6 => Event::Mode(self.mode()),
            7 | 8 => Event::Registration(self.registration()),
            9 | 10 => Event::Connected(self.addresses()),
            11 => Event::ConnectFailed(self.failure()),
            12 => Event::BearerLost(self.failure()),
            13 => Event::Disconnected,
            14 => self.pick(&[Event::Alive, Event::Unresponsive, Event::Restarted]),
            _ => Event::RequestFailed(self.failure()),
        }
    }
}

/// Whatever the driver says and whoever asks, in any order: every transition is a legal one (the
/// machine asserts it), no timer stays in the past, a PIN is sent only after its mark, and a link
/// is there only in `Connected`.
#[test]
fn no_order_of_commands_and_events_brings_the_machine_into_disorder() {
    for seed in 1..=2_000 {
        let mut dice = Dice(Jitter::new(seed));
        let mut modem = Modem::new(at(0), seed);
        let mut now = 0;
        for _ in 0..150 {
            now += dice.pick(&[0, 1, 100, 1_000, 10_000, 60_000]);
            modem.handle_timeout(at(now));
            if dice.below(3) == 0 {
                let command = dice.command();
                // A port is opened only when it was not open.
                let closed = matches!(modem.state(), State::Absent | State::Recovering);
                if command != Command::Start || closed {
                    modem.handle_command(at(now), command);
                }
            } else {
                modem.handle_event(at(now), dice.event());
            }
            modem.handle_timeout(at(now));
            let due = modem.poll_timeout();
            assert!(due.is_none_or(|(due, _)| due > at(now)), "seed {seed}: {due:?} at {now}");
            assert_eq!(modem.link().is_some(), modem.state() == State::Connected, "seed {seed}");
            let actions = actions(&mut modem);
            assert!(actions.len() < 40, "seed {seed}: {actions:?}");
            let is_mark = |action: &Action| matches!(action, Action::KeepMarks(_));
            let is_pin = |action: &Action| matches!(action, Action::Ask(Request::Unlock(_)));
            if let Some(sent) = actions.iter().position(is_pin) {
                assert!(actions[..sent].iter().any(is_mark), "seed {seed}");
            }
        }
    }
}
