//! Speed tests: the program `librespeed-cli`, bound to a modem's net device, and what came of it.
//!
//! It says nothing before it has ended, so how far it is is told from the device's counters, which
//! are read each second meanwhile. It carries as much as the connection can for 20 seconds: a SIM
//! whose quota that would use up is not tested.

use super::inbox::shown;
use super::slot::Slot;
use super::{CallError, CallId, Kept, Manager, Output};
use crate::log;
use crate::map::Queue;
use crate::time::{Duration, Instant};
use crate::types::{Rat, SpeedReport, Table, Value};

/// How often the counters are read while a test runs.
pub(super) const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// How long a test may take. Finding the nearest of a list of servers, some of which are dead,
/// takes most of it; a request of the program's own ends after 15 seconds.
const TEST_MAX: Duration = Duration::from_secs(120);

/// How many results are kept, of all modems.
const RESULTS_MAX: usize = 20;

/// The longest text of the program's or its servers' that is shown, in characters.
const TEXT_MAX: usize = 120;

/// The longest address of a list of servers.
const URL_MAX: usize = 200;

/// From this many bytes received on, it is no longer only looking for a server.
const LOOKING_BYTES_MAX: u64 = 256 * 1024;

/// A million bytes.
const MB: u64 = 1_000_000;

/// Why a test was ended: the word for programs and the sentence for people.
pub(super) type Failure = (&'static str, &'static str);

/// The connection has ended.
pub(super) const LOST: Failure = ("LINK_LOST", "the connection was lost meanwhile");

const CANCELLED: Failure = ("CANCELLED", "the test was cancelled");
const LATE: Failure = ("TIMEOUT", "the test took too long and was ended");
const USED_UP: Failure = ("QUOTA", "the test used up the SIM's quota and was ended");

/// What is to be done about a test.
#[derive(Clone, Debug)]
pub enum Order {
    /// Look whether the program is installed; [`Event::Called`] follows.
    Find {
        /// The call of `speedtest` that it is for.
        call: CallId,
        /// Its arguments.
        args: Table,
    },
    /// Run the program; [`Event::Ended`] follows, unless it is stopped before.
    Start {
        /// The modem.
        modem: String,
        /// The program's arguments.
        arguments: Vec<String>,
    },
    /// End the program of this modem.
    Stop {
        /// The modem.
        modem: String,
    },
}

/// What has happened about a test.
#[derive(Clone, Debug)]
pub enum Event {
    /// `speedtest` was called.
    Called {
        /// Where to answer.
        call: CallId,
        /// The arguments.
        args: Table,
        /// Whether the program is installed.
        is_installed: bool,
    },
    /// The program has ended.
    Ended {
        /// The modem.
        modem: String,
        /// What it measured, or else what it printed or the system said.
        result: Result<SpeedReport, String>,
    },
}

/// A modem's test, and how the last one ended.
#[derive(Debug, Default)]
pub(super) struct SpeedSide {
    running: Option<Running>,
    /// How the last one ended: a word for programs and a sentence, or well.
    ended: Option<Result<(), (&'static str, String)>>,
}

#[derive(Debug)]
struct Running {
    began: Instant,
    /// What the counters said when it began; read at once.
    base: Option<[u64; 2]>,
    /// Bytes received and sent since, and the rates in bits a second.
    carried: [u64; 2],
    rates: [u32; 2],
    phase: Phase,
}

/// What a test seems to be at, by what is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It looks for a server, and measures how long that takes to answer.
    Preparing,
    /// It receives.
    Download,
    /// It sends.
    Upload,
}

impl Phase {
    const fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Download => "download",
            Self::Upload => "upload",
        }
    }

    /// The phase after this much was carried at these rates; none comes again.
    fn after(self, [received, _]: [u64; 2], [rx, tx]: [u32; 2]) -> Self {
        match self {
            Self::Preparing if received > LOOKING_BYTES_MAX && rx / 2 > tx => Self::Download,
            Self::Download if tx / 2 > rx => Self::Upload,
            Self::Preparing | Self::Download | Self::Upload => self,
        }
    }
}

impl SpeedSide {
    /// Whether a test is under way.
    pub(super) const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// When the test under way has taken too long.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.running.as_ref().map(|running| running.began + TEST_MAX)
    }
}

/// The last results, as they are shown, newest first.
#[derive(Debug, Default)]
pub(super) struct SpeedTests(Queue<Table>);

impl SpeedTests {
    /// What an earlier daemon kept.
    pub(super) fn from_table(table: &Table) -> Self {
        let results = table.get_array("results").unwrap_or_default();
        let mut tests = Queue::new();
        for result in results.iter().filter_map(Value::as_table).take(RESULTS_MAX) {
            tests.push_back(result.clone());
        }
        Self(tests)
    }

    fn of<'a>(&'a self, modem: &'a str) -> impl Iterator<Item = &'a Table> {
        self.0.iter().filter(move |result| result.get_str("modem") == Some(modem))
    }
}

impl Manager {
    /// Something has happened about a test.
    pub(super) fn speed_test(&mut self, now: Instant, event: Event) {
        match event {
            Event::Called { call, args, is_installed } => {
                let result = self.call_speedtest(now, &args, is_installed);
                self.reply(call, result);
            }
            Event::Ended { modem, result } => self.speed_test_ended(now, &modem, result),
        }
    }

    /// The method `speedtest`.
    fn call_speedtest(
        &mut self,
        now: Instant,
        args: &Table,
        is_installed: bool,
    ) -> Result<Table, CallError> {
        let id = self.modem_named(args)?;
        match args.get_str("action").unwrap_or("status") {
            "status" => {}
            "start" => {
                let server = server(args)?;
                if !is_installed {
                    let message = "the package librespeed-cli, which does this, is not installed";
                    return Err(CallError::failed("NOT_INSTALLED", message));
                }
                self.start_speed_test(now, &id, server)?;
            }
            "cancel" if self.is_testing(&id) => self.stop_speed_test(now, &id, CANCELLED),
            "cancel" => return Err(CallError::failed("NO_TEST", "no speed test is under way")),
            _ => return Err(CallError::invalid("action", "start, cancel or status")),
        }
        let mut table = self.speed_document(now, &id);
        table.put("installed", is_installed);
        let mut results = Vec::new();
        for result in self.speed_tests.of(&id) {
            results.push(result.clone());
        }
        table.put("results", results);
        Ok(table)
    }

    fn start_speed_test(
        &mut self,
        now: Instant,
        id: &str,
        server: Vec<String>,
    ) -> Result<(), CallError> {
        if self.is_testing(id) {
            return Err(CallError::failed("BUSY", "a speed test is under way"));
        }
        let is_connected = self.slots.get(id).is_some_and(|slot| slot.machine.link().is_some());
        let Some(device) = self.device_of(id).filter(|_| is_connected) else {
            return Err(CallError::failed("NOT_CONNECTED", "the modem is not connected"));
        };
        let (takes, left) = (self.may_take(id), self.quota_left(id));
        if left.is_some_and(|left| left < takes) {
            let message = "less is left of the SIM's quota than a test may take";
            let mut details = Table::new();
            details.put("may_take_mb", takes / MB);
            details.put_some("quota_left_mb", left.map(|left| left / MB));
            return Err(CallError::failed("QUOTA", message).with_details(details));
        }
        // Options of v1.0.11 and later. Nothing goes to LibreSpeed's statistics, and a router's
        // memory is not filled with what is to be sent.
        let mut arguments = Vec::new();
        for argument in "--csv --no-icmp --no-pre-allocate --duration 10 \
            --telemetry-level disabled --interface"
            .split(' ')
        {
            arguments.push(argument.to_owned());
        }
        arguments.push(device);
        arguments.extend(server);
        if let Some(slot) = self.slots.get_mut(id) {
            slot.speed.ended = None;
            slot.speed.running = Some(Running {
                began: now,
                base: None,
                carried: [0; 2],
                rates: [0; 2],
                phase: Phase::Preparing,
            });
        }
        log::info!("modem {id}: a speed test begins");
        self.read_traffic(id);
        self.put(Output::SpeedTest(Order::Start { modem: id.to_owned(), arguments }));
        Ok(())
    }

    fn is_testing(&self, id: &str) -> bool {
        self.slots.get(id).is_some_and(|slot| slot.speed.is_running())
    }

    /// How many bytes a test may take: what the largest of this modem's took by the same
    /// technology, or what the best of that carries in 10 seconds each way: EDGE, 42 Mbit/s of
    /// HSPA, category 4 of LTE, and a Gbit/s.
    fn may_take(&self, id: &str) -> u64 {
        let bytes = |result: &Table| {
            let number = |name| result.get_i64(name).unwrap_or_default();
            u64::try_from(number("rx_bytes").saturating_add(number("tx_bytes"))).unwrap_or(0)
        };
        let rat = self.slots.get(id).and_then(|slot| slot.machine.facts().registration.rat);
        let is_alike = |result: &&Table| result.get_str("rat") == rat.map(Rat::name);
        let mut most = None;
        for result in self.speed_tests.of(id).filter(is_alike) {
            most = most.max(Some(bytes(result)));
        }
        if let Some(most) = most {
            return most.max(MB);
        }
        match rat {
            Some(Rat::Gsm) => MB,
            Some(Rat::Umts) => 60 * MB,
            Some(Rat::Lte) | None => 250 * MB,
            Some(Rat::Nr5g) => 1400 * MB,
        }
    }

    /// The counters of a modem's device were read.
    pub(super) fn watch_speed_test(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Some((counters, rates)) = slot.radio.carried() else { return };
        let Some(running) = &mut slot.speed.running else { return };
        let Some([rx, tx]) = running.base else {
            running.base = Some(counters);
            return;
        };
        running.carried = [counters[0].saturating_sub(rx), counters[1].saturating_sub(tx)];
        running.rates = rates;
        running.phase = running.phase.after(running.carried, rates);
        if self.quota_left(id) == Some(0) {
            return self.stop_speed_test(now, id, USED_UP);
        }
        self.tell_speed_test(now, id);
    }

    /// Ends the tests that have taken too long.
    pub(super) fn expire_speed_tests(&mut self, now: Instant) {
        let is_late = |slot: &Slot| slot.speed.poll_timeout().is_some_and(|at| at <= now);
        let late = self.slots.names_of(&|_, slot| is_late(slot));
        for id in &late {
            self.stop_speed_test(now, id, LATE);
        }
    }

    /// Ends a modem's test, if there is one.
    pub(super) fn stop_speed_test(&mut self, now: Instant, id: &str, (code, why): Failure) {
        if self.is_testing(id) {
            self.put(Output::SpeedTest(Order::Stop { modem: id.to_owned() }));
            self.settle_speed_test(now, id, Err((code, why.to_owned())));
        }
    }

    /// The program has ended by itself.
    fn speed_test_ended(&mut self, now: Instant, id: &str, result: Result<SpeedReport, String>) {
        let Some(slot) = self.slots.get(id) else { return };
        let Some(running) = &slot.speed.running else { return };
        let [rx_bytes, tx_bytes] = running.carried;
        let ended = result.map(|report| {
            let rat = slot.machine.facts().registration.rat;
            let mut table = Table::new();
            table.put("modem", id);
            table.put("server", text(&report.server));
            let hundredths = |number: u32| f64::from(number) / 100.0;
            table.put("ping_ms", hundredths(report.ping));
            table.put("jitter_ms", hundredths(report.jitter));
            table.put("download_mbps", hundredths(report.download));
            table.put("upload_mbps", hundredths(report.upload));
            table.put("rx_bytes", rx_bytes);
            table.put("tx_bytes", tx_bytes);
            table.put_some("rat", rat.map(Rat::name));
            table.put_some("band", super::radio::band(slot));
            table.put_some("rsrp_dbm", slot.radio.rsrp_dbm(now).map(i32::from));
            table
        });
        if let Ok(result) = &ended {
            self.speed_tests.0.push_front(result.clone());
            self.speed_tests.0.truncate(RESULTS_MAX);
            self.put(Output::AskUnixTime);
        }
        let failed = |printed: String| {
            let last = printed.lines().rev().find(|line| !line.trim().is_empty());
            ("FAILED", text(last.unwrap_or("the server did not answer")))
        };
        self.settle_speed_test(now, id, ended.map(drop).map_err(failed));
    }

    /// Says when the last result was had, and keeps it. A test takes more of the SIM than this of
    /// the flash.
    pub(super) fn stamp_speed_tests(&mut self, unix_secs: i64) {
        let is_new = |result: &&mut Table| result.get("time").is_none();
        let mut stamped = false;
        for result in self.speed_tests.0.iter_mut().filter(is_new) {
            result.put("time", crate::driver::sms::rfc3339(unix_secs));
            stamped = true;
        }
        if stamped {
            let results = self.speed_tests.0.to_vec();
            let mut table = Table::new();
            table.put("results", results);
            self.put(Output::Keep(Kept::SpeedTests, Some(table)));
        }
    }

    fn settle_speed_test(
        &mut self,
        now: Instant,
        id: &str,
        ended: Result<(), (&'static str, String)>,
    ) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let why = ended.as_ref().map_or_else(|(_, why)| why.as_str(), |()| "done");
        log::info!("modem {id}: the speed test has ended: {why}");
        slot.speed.running = None;
        slot.speed.ended = Some(ended);
        self.tell_speed_test(now, id);
    }

    fn tell_speed_test(&mut self, now: Instant, id: &str) {
        let data = self.speed_document(now, id);
        self.notify("speedtest", data);
    }

    /// How a modem's test stands.
    fn speed_document(&self, now: Instant, id: &str) -> Table {
        let mut table = Table::new();
        table.put("modem", id);
        let Some(slot) = self.slots.get(id) else { return table };
        match (&slot.speed.running, &slot.speed.ended) {
            (Some(running), _) => {
                let Running { began, carried: [rx_bytes, tx_bytes], .. } = *running;
                table.put("state", "running");
                table.put("phase", running.phase.name());
                table.put("elapsed_s", now.saturating_since(began).as_secs());
                table.put("timeout_s", TEST_MAX.as_secs());
                table.put("rx_bytes", rx_bytes);
                table.put("tx_bytes", tx_bytes);
                table.put("rx_bps", running.rates[0]);
                table.put("tx_bps", running.rates[1]);
            }
            (None, None) => table.put("state", "idle"),
            (None, Some(Ok(()))) => table.put("state", "done"),
            (None, Some(Err((code, message)))) => {
                table.put("state", "failed");
                table.put("failure", *code);
                table.put("message", message.as_str());
            }
        }
        table.put("may_take_mb", self.may_take(id).div_ceil(MB));
        table.put_some("quota_left_mb", self.quota_left(id).map(|left| left / MB));
        table
    }
}

/// The program's options for a server: its number in LibreSpeed's list, or a list of one's own.
fn server(args: &Table) -> Result<Vec<String>, CallError> {
    let Some(server) = args.get_str("server") else { return Ok(Vec::new()) };
    let is_number = (1..=6).contains(&server.len()) && server.bytes().all(|c| c.is_ascii_digit());
    let is_url = ["http://", "https://"].iter().any(|start| server.starts_with(start))
        && server.len() <= URL_MAX
        && server.bytes().all(|c| c.is_ascii_graphic());
    let option = match (is_number, is_url) {
        (true, _) => "--server",
        (false, true) => "--server-json",
        (false, false) => {
            let expected = "a server's number, or the http:// or https:// address of a list";
            return Err(CallError::invalid("server", expected));
        }
    };
    Ok(vec![option.to_owned(), server.to_owned()])
}

/// Text from outside, on one line.
fn text(of: &str) -> String {
    let mut text = String::new();
    for c in of.trim().chars().take(TEXT_MAX) {
        text.push(if c == '\t' { ' ' } else { shown(c) });
    }
    text
}
