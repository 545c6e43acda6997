//! The whole daemon without a system call: what `main` runs and what the tests drive.
//!
//! Everything that can happen to it is an [`Input`], everything it wants done is an [`Output`].
//! After each input the caller drains [`Manager::poll_output`] and arms one timer with
//! [`Manager::poll_timeout`].

mod apns;
mod at_side;
mod calls;
mod checks;
mod choice;
mod clock;
pub mod discovery;
mod handed_out;
mod hooks;
pub mod idle;
mod inbox;
mod interfaces;
mod leds;
mod links;
pub mod netifd;
mod outside;
mod page;
mod pin;
mod plan;
pub mod power;
mod ppp;
mod pump;
mod radio;
pub mod recovery;
mod schedule;
mod serving;
mod slot;
mod slots;
mod sms;
pub mod speed;
mod status;
#[cfg(test)]
mod tests;
mod timers;
mod usage;
mod usb_mode;
mod usbmuxd;
mod ussd;
pub mod watchdog;

pub use crate::driver::dial::chat;
pub use calls::{CallError, CallErrorReason, CallStatus};
pub use leds::Light;
pub use outside::{ApnAsker, ApnQuestion, ApnsFound, CallId, Counters, INTERFACES_MAX, Kept};
pub use outside::{MODEMS_MAX, PortId, PortKind, REPORT_PATH, SpeedLimit, nmea_sentence};
pub use page::PageReading;

use crate::config::Config;
use crate::driver::PageResponse;
use crate::map::{Map, Queue, Set};
use crate::modem::Cause;
use crate::modem::backoff::Jitter;
use crate::modem::pin::Marks;
use crate::time::{Duration, Instant};
use crate::types::{LinkMode, PowerMeans, SlotLineOrder, Table, UsbMode, uci};
use choice::Choice;
use clock::Clock;
use core::net::Ipv4Addr;
use discovery::Snapshot;
use hooks::Hooks;
use inbox::Inbox;
use interfaces::Interface;
use netifd::ProtoUpdate;
use power::Pulse;
use recovery::Reboots;
use slot::Slot;
use slots::SlotSide;
use sms::SmsKeeping;
use speed::SpeedTests;
use usage::Usage;
use usb_mode::Switch;
use usbmuxd::Usbmuxd;
use watchdog::{Probe, ProbeId, ProbeResult, Watchdog};

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Input {
    /// What the kernel shows has changed, or is seen for the first time.
    Snapshot(Snapshot),
    /// A port is open.
    PortOpened(PortId),
    /// Bytes came from a port.
    PortData {
        /// The port.
        port: PortId,
        /// The bytes; whole messages where the device keeps their bounds.
        bytes: Vec<u8>,
    },
    /// A port could not be opened, or was closed by the other side.
    PortLost {
        /// The port.
        port: PortId,
        /// Why, for the log.
        reason: String,
    },
    /// A link was put into the mode asked for, or could not be.
    LinkSet {
        /// The net device.
        net: String,
        /// The mode; `None` when it is not in it.
        mode: Option<LinkMode>,
        /// With QMAP, the net device on top.
        mux: Option<String>,
    },
    /// A method of our ubus object was called; its arguments fit the method's signature.
    Call {
        /// Where to answer.
        call: CallId,
        /// The method.
        method: String,
        /// The arguments.
        args: Table,
    },
    /// netifd can be talked to; comes again when it restarted.
    NetifdAppeared,
    /// netifd's reply to [`Output::DumpInterfaces`].
    InterfaceDump(Table),
    /// netifd told of a change of any of its interfaces.
    NetifdChanged,
    /// netifd's reply to [`Output::ReadAddresses`].
    Addresses(Table),
    /// netifd refused a [`ProtoUpdate`].
    UpdateRefused {
        /// The interface.
        interface: String,
        /// What was refused.
        update: ProtoUpdate,
    },
    /// A probe has ended; comes for each [`Output::Probe`], within its time-out.
    ProbeDone {
        /// The probe.
        id: ProbeId,
        /// What became of it.
        result: ProbeResult,
    },
    /// A document of a stick's own page was read, or could not be; comes for each
    /// [`Output::ReadPage`] but one that another of the same modem has followed.
    PageRead {
        /// The stick.
        modem: String,
        /// Where it was asked.
        from: Ipv4Addr,
        /// The answer.
        response: Option<PageResponse>,
    },
    /// A modem's power was switched, or could not be; comes for each [`Output::SwitchPower`].
    PowerSwitched {
        /// The modem.
        modem: String,
        /// On, else off.
        on: bool,
        /// Why it could not be, for the log.
        result: Result<(), String>,
    },
    /// `/etc/config/ltewan` was read, or is absent.
    Config(uci::Package),
    /// `/etc/config/firewall` was read, or is absent.
    Firewall(uci::Package),
    /// What an earlier daemon kept under this name.
    Kept(Kept, Table),
    /// What came of an [`Output::Keep`]; comes for each, in their order.
    KeepDone {
        /// What was to be kept or forgotten.
        kept: Kept,
        /// Whether it was.
        done: bool,
    },
    /// The answer to [`Output::AskUnixTime`].
    UnixTime {
        /// Seconds since 1970, by a clock that may be wrong.
        secs: i64,
        /// Whether NTP keeps that clock.
        is_kept: bool,
    },
    /// The answer to [`Output::AskLocalTime`].
    LocalTime {
        /// Seconds since 1970 in the router's time zone, by a clock that may be wrong.
        secs: i64,
    },
    /// The counters of a net device; comes for each [`Output::ReadTraffic`].
    Traffic {
        /// The modem.
        modem: String,
        /// What they say; `None` when there is no such device.
        counters: Option<Counters>,
    },
    /// What came of an [`Output::SetLimit`], or why it could not be, for the log; comes for each.
    LimitSet(SpeedLimit, Result<(), String>),
    /// Whether the line is high now, or why that is not known; comes for each [`Output::SlotLine`].
    SlotLine(SlotLineOrder, Result<bool, String>),
    /// The access points of a network; comes for each [`Output::FindApns`].
    ApnsFound(ApnQuestion, ApnsFound),
    /// What comes of an [`Output::SpeedTest`].
    SpeedTest(speed::Event),
    /// The daemon is about to end; what it wants done for that is done before.
    Ending,
    /// The loop listened to nobody for longer than ever before, mostly because of this.
    LongestTurn(Duration, &'static str),
}

/// Everything that is to be done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Open a port; [`Input::PortOpened`] or [`Input::PortLost`] follows.
    OpenPort {
        /// Its id from now on.
        port: PortId,
        /// Its name in `/dev`.
        name: String,
        /// What it is.
        kind: PortKind,
    },
    /// Close a port, without waiting for the modem.
    ClosePort(PortId),
    /// Write to a port.
    Write {
        /// The port.
        port: PortId,
        /// The bytes: one message.
        bytes: Vec<u8>,
    },
    /// Put a link into this mode, down, and take the net device on top of it away, or make it;
    /// [`Input::LinkSet`] follows.
    SetLink {
        /// The net device.
        net: String,
        /// The mode.
        mode: LinkMode,
    },
    /// Have the kernel ask for no neighbours on a link: nothing there would answer.
    StopArp {
        /// The net device.
        net: String,
    },
    /// Set a link's largest packet.
    SetMtu {
        /// The net device.
        net: String,
        /// In bytes.
        mtu: u32,
    },
    /// Tell netifd.
    Update {
        /// Of which interface.
        interface: String,
        /// What.
        update: ProtoUpdate,
    },
    /// Ask netifd to take an interface up or down, as `ifup` and `ifdown` do.
    SwitchInterface {
        /// The interface.
        interface: String,
        /// Up or down.
        up: bool,
    },
    /// Ask netifd to hand over an interface's options, as it does when it sets one up.
    RenewInterface(String),
    /// Ask netifd for all interfaces.
    DumpInterfaces,
    /// Ask netifd for the same, for the addresses in it.
    ReadAddresses,
    /// Take a modem's power away or give it back; [`Input::PowerSwitched`] follows, of a modem that
    /// hangs after many seconds. An order that comes before the last one's is refused.
    SwitchPower {
        /// The modem.
        modem: String,
        /// How.
        means: PowerMeans,
        /// On, else off.
        on: bool,
    },
    /// Ask procd to restart the router.
    RebootRouter,
    /// Have a service started by its own script, which does nothing while it runs.
    StartService(&'static str),
    /// Ask something through a connection; [`Input::ProbeDone`] follows.
    Probe(Box<Probe>),
    /// Read a document of a stick's own page; [`Input::PageRead`] follows.
    ReadPage(Box<PageReading>),
    /// Answer a call.
    Reply {
        /// The call.
        call: CallId,
        /// The answer.
        result: Result<Table, CallError>,
    },
    /// Tell the subscribers of our ubus object.
    Notify {
        /// The notification's name: `modem`, `state`.
        kind: &'static str,
        /// What it says.
        data: Table,
    },
    /// Keep this over the daemon's end, before anything that comes after is done; `None` forgets.
    /// [`Input::KeepDone`] follows.
    Keep(Kept, Option<Table>),
    /// Read the configuration files anew.
    ReadConfig,
    /// Tell the time in the router's time zone; [`Input::LocalTime`] follows.
    AskLocalTime,
    /// Read what went over a net device; [`Input::Traffic`] follows.
    ReadTraffic {
        /// The modem.
        modem: String,
        /// The net device.
        net: String,
    },
    /// Slow a net device down, or no longer; [`Input::LimitSet`] follows before the modem's next.
    SetLimit(SpeedLimit),
    /// Set the line that selects a modem's SIM, or read it; [`Input::SlotLine`] follows.
    SlotLine(SlotLineOrder),
    /// Look up the access points of a network; [`Input::ApnsFound`] follows.
    FindApns(ApnQuestion),
    /// Do this about a speed test; [`Input::SpeedTest`] follows.
    SpeedTest(speed::Order),
    /// Tell the time; [`Input::UnixTime`] follows.
    AskUnixTime,
    /// Set the router's clock.
    SetClock {
        /// Seconds since 1970, UTC.
        secs: i64,
    },
    /// Run the router's scripts for our events with this environment.
    Hotplug(Vec<(&'static str, String)>),
    /// Have an LED do this, or `None`: what it did before.
    SetLed {
        /// Its name.
        led: String,
        /// What.
        light: Option<Light>,
    },
    /// Write the report of `diagnose` to [`REPORT_PATH`].
    WriteReport(Table),
    /// Log from this level up.
    SetLogLevel(log::LevelFilter),
}

/// The daemon.
#[derive(Debug)]
pub struct Manager {
    version: &'static str,
    started: Instant,
    config: Config,
    config_errors: Vec<String>,
    firewall: uci::Package,
    slots: Map<String, Slot>,
    interfaces: Map<String, Interface>,
    /// Of interfaces whose modem was gone and that netifd has not set up again yet.
    watchdogs: Map<String, Watchdog>,
    marks: Marks,
    /// The modems whose marks are being kept, in order.
    keeping_marks: Queue<String>,
    /// Where the ladders stand, also of modems that are gone.
    ladders: Map<String, Table>,
    pulses: Map<String, Pulse>,
    switches: Map<String, Switch>,
    choices: Map<String, Choice>,
    /// What is left of the slots of modems that are gone.
    slots_left: Map<String, Box<SlotSide>>,
    /// The number of the last thing asked of a radio.
    last_choice: u32,
    /// How often each modem was switched for its section in vain.
    switch_tries: Map<String, (UsbMode, u32)>,
    /// The id of the last AT command of our own; they count down, calls of others count up.
    own_calls: CallId,
    reboots: Reboots,
    inbox: Inbox,
    apns: apns::Remembered,
    sms_keeping: SmsKeeping,
    clock: Clock,
    usage: Usage,
    speed_tests: SpeedTests,
    hooks: Hooks,
    /// What the LEDs were told to do.
    lights: Map<String, Light>,
    /// How often each modem's state had each cause.
    cause_counts: Map<String, Map<Cause, u32>>,
    ask_time_at: Option<Instant>,
    /// When the clock had each modem restarted last.
    restarted_at: Map<String, Instant>,
    usbmuxd: Usbmuxd,
    adoptable: Map<String, Option<Table>>,
    renewing: Set<String>,
    next_port: PortId,
    next_probe: ProbeId,
    jitter: Jitter,
    scanned: bool,
    /// What the kernel showed last.
    seen: Snapshot,
    longest_turn: Option<(Duration, &'static str)>,
    outputs: Queue<Output>,
}

impl Manager {
    /// A daemon that knows nothing yet. `seed` spreads its retries.
    pub fn new(now: Instant, version: &'static str, seed: u64) -> Self {
        Self {
            version,
            started: now,
            config: Config::default(),
            config_errors: Vec::new(),
            firewall: uci::Package::default(),
            slots: Map::new(),
            interfaces: Map::new(),
            watchdogs: Map::new(),
            marks: Marks::default(),
            keeping_marks: Queue::new(),
            ladders: Map::new(),
            pulses: Map::new(),
            switches: Map::new(),
            choices: Map::new(),
            slots_left: Map::new(),
            last_choice: 0,
            switch_tries: Map::new(),
            own_calls: CallId::MAX,
            reboots: Reboots::default(),
            inbox: Inbox::default(),
            apns: apns::Remembered::default(),
            sms_keeping: SmsKeeping::default(),
            clock: Clock::default(),
            usage: Usage::default(),
            speed_tests: SpeedTests::default(),
            hooks: Hooks::default(),
            lights: Map::new(),
            cause_counts: Map::new(),
            ask_time_at: None,
            restarted_at: Map::new(),
            usbmuxd: Usbmuxd::default(),
            adoptable: Map::new(),
            renewing: Set::new(),
            next_port: 1,
            next_probe: 1,
            jitter: Jitter::new(seed),
            scanned: false,
            seen: Snapshot::default(),
            longest_turn: None,
            outputs: Queue::new(),
        }
    }

    /// Takes one input.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Snapshot(snapshot) => {
                self.snapshot(now, &snapshot);
                self.follow_iphones(now, &snapshot);
                self.seen = snapshot;
            }
            Input::PortOpened(port) => self.port_opened(now, port),
            Input::PortData { port, bytes } => self.port_data(now, port, &bytes),
            Input::PortLost { port, reason } => self.port_lost(now, port, &reason),
            Input::LinkSet { net, mode, mux } => self.link_set(now, &net, mode, mux),
            Input::Call { call, method, args } => self.call(now, call, &method, &args),
            Input::NetifdAppeared => self.put(Output::DumpInterfaces),
            Input::InterfaceDump(dump) => self.reconcile(now, &netifd::interfaces(&dump)),
            Input::NetifdChanged => self.netifd_changed(),
            Input::Addresses(dump) => self.judge_addresses(now, &dump),
            Input::UpdateRefused { interface, update } => {
                self.update_refused(now, &interface, &update);
            }
            Input::ProbeDone { id, result } => self.probe_done(now, id, result),
            Input::PageRead { modem, from, response } => {
                self.page_read(&modem, from, response.as_ref());
            }
            Input::PowerSwitched { modem, on, result } => {
                self.power_switched(now, &modem, on, result);
            }
            Input::KeepDone { kept, done } => self.kept(now, &kept, done),
            Input::UnixTime { secs, is_kept } => {
                self.inbox.stamp(secs);
                self.stamp_speed_tests(secs);
                self.clock_read(now, secs, is_kept);
            }
            Input::LocalTime { secs } => self.local_time(now, secs),
            Input::Ending => self.end(now),
            Input::Config(package) => self.configure(now, &package),
            Input::Firewall(package) => self.firewall = package,
            Input::Kept(kept, table) => self.restore(now, &kept, &table),
            Input::Traffic { modem, counters } => self.traffic_read(now, &modem, counters),
            Input::LimitSet(limit, result) => self.limit_set(now, &limit, result),
            Input::SlotLine(order, result) => self.line_told(now, &order, result),
            Input::ApnsFound(question, found) => self.apns_found(now, question, found),
            Input::SpeedTest(event) => self.speed_test(now, event),
            Input::LongestTurn(length, step) => self.longest_turn = Some((length, step)),
        }
        self.pump(now);
    }

    /// What is to be done next, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}
