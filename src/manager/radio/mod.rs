//! What the modems measure: when they are asked, what is kept of it, and what is shown.
//!
//! Whatever can be is asked when a modem has just shown that it is alive: that wakes nothing up
//! that is not awake. Only while somebody looks is there a timer of its own.

mod calls;
mod document;
mod history;

use super::discovery::Protocol;
use super::slot::Slot;
use super::speed::SAMPLE_EVERY;
use super::usage::READ_EVERY;
use super::{CallId, Counters, Manager, Output};
use crate::config::ModemConfig;
use crate::driver::at::AtDriver;
use crate::driver::survey::Survey;
use crate::driver::{Event, Measure, Request};
use crate::time::{Duration, Instant, micros};
use crate::types::{Measurement, Signal, Table};
use history::History;

pub(super) use document::{band, put_names, signal, temperature, traffic};

/// For how long a modem is measured often after somebody has asked for that.
const WATCH_FOR: Duration = Duration::from_secs(30);

/// How often all is measured, not the signal alone, while somebody looks.
const WATCH_ALL_EVERY: Duration = Duration::from_secs(10);

/// How long a modem's state has to have lasted before it is asked much: connecting comes first.
pub(super) const CALM_AFTER: Duration = Duration::from_secs(2);

/// How long the answer to `cells` may wait for the modem's.
const CELLS_PATIENCE: Duration = Duration::from_secs(6);

/// How old cells may be that `cells` answers at once.
const CELLS_FRESH: Duration = Duration::from_secs(5);

/// What was measured is shown no longer than this, or twice the time between two measurements.
const STALE_AFTER: Duration = Duration::from_secs(120);

/// What is known of a modem's radio, and when it is asked for more.
#[derive(Debug, Default)]
pub(super) struct RadioSide {
    /// `option signal_interval`; never when it is zero.
    signal_every: Duration,
    /// `option at_poll`; never when it is zero.
    at_every: Duration,
    signal: Option<(Instant, Signal)>,
    measured: Measurement,
    /// When the control port was last asked for all, and the AT port.
    asked_at: Option<Instant>,
    surveyed_at: Option<Instant>,
    /// When all was told.
    measured_at: Option<Instant>,
    /// The ports that are being asked for all while somebody waits for it.
    unanswered: u8,
    /// The signal as a fuller measurement than a sign of life told it.
    fuller: Option<(Instant, Signal)>,
    watch: Option<Watch>,
    traffic: Option<Traffic>,
    history: History,
    /// Who waits for cells, and until when.
    waiting: Vec<CallId>,
    wait_until: Option<Instant>,
}

/// Somebody looks.
#[derive(Clone, Copy, Debug)]
struct Watch {
    every: Duration,
    until: Instant,
    due: Instant,
}

/// What went over the net device, as its counters have it.
#[derive(Clone, Copy, Debug)]
struct Traffic {
    at: Instant,
    rx_bytes: u64,
    tx_bytes: u64,
    /// Bits a second since the reading before.
    rates: Option<(u32, u32)>,
}

impl RadioSide {
    /// Whether AT commands may be given again and again.
    fn polls_at(&self) -> bool {
        !self.at_every.is_zero()
    }

    /// Who waits for an answer.
    pub(super) fn take_waiting(&mut self) -> Vec<CallId> {
        std::mem::take(&mut self.waiting)
    }

    /// The power of the serving cell's reference signal, while that says something of now.
    pub(super) fn rsrp_dbm(&self, now: Instant) -> Option<i16> {
        self.signal(now).and_then(|(_, signal)| signal.rsrp_dbm)
    }

    /// When there is something to do without a sign of life.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        Instant::first_of(&[self.watch.map(|watch| watch.due), self.wait_until])
    }

    /// When the counters of a device that is in use are read at the latest.
    pub(super) fn traffic_due(&self, every: Duration) -> Option<Instant> {
        self.traffic.map(|traffic| traffic.at + every)
    }

    /// Bytes received and sent, as its device counts them, and the last rates in bits a second.
    pub(super) fn carried(&self) -> Option<([u64; 2], [u32; 2])> {
        let traffic = self.traffic?;
        let (rx_bps, tx_bps) = traffic.rates.unwrap_or_default();
        Some(([traffic.rx_bytes, traffic.tx_bytes], [rx_bps, tx_bps]))
    }

    /// Takes note of what the modem tells.
    fn note(&mut self, now: Instant, event: &Event) {
        match event {
            Event::Signal(signal) => {
                self.signal = Some((now, *signal));
                self.history.note_signal(now, signal);
            }
            Event::Measured(measured) => {
                self.note_measured(now, (**measured).clone());
            }
            // Nothing of what was heard before says anything of now.
            Event::Restarted | Event::Initialized(_) => self.forget(),
            Event::Registration(registration) if !registration.state.is_registered() => {
                self.measured.cells = crate::types::Cells::default();
            }
            // Another one has another number.
            Event::Sim(_) => self.measured.number = None,
            Event::InitializeFailed(_)
            | Event::UnlockFailed(_)
            | Event::UnlockDone
            | Event::PinDone { .. }
            | Event::Mode(_)
            | Event::Radio(..)
            | Event::Registration(_)
            | Event::Connected(_)
            | Event::FamilyRefused
            | Event::ConnectFailed(_)
            | Event::BearerLost(_)
            | Event::Disconnected
            | Event::Alive
            | Event::Time(_)
            | Event::Unresponsive
            | Event::RequestFailed(_)
            | Event::Saved(_)
            | Event::SetLink(_)
            | Event::Ppp(_)
            | Event::ReadPage(_)
            | Event::Sms(_)
            | Event::Ussd(_) => {}
        }
    }

    fn forget(&mut self) {
        self.signal = None;
        self.fuller = None;
        self.surveyed_at = None;
        self.measured = Measurement::default();
        self.asked_at = None;
        self.measured_at = None;
    }

    /// The signal and when it was measured, while that says something of now. What one does not
    /// tell of it the other may.
    fn signal(&self, now: Instant) -> Option<(Instant, Signal)> {
        let fresh = |told: Option<(Instant, Signal)>, every: Duration| {
            let limit = STALE_AFTER.max(every.saturating_mul(2));
            told.filter(|(at, _)| now.saturating_since(*at) <= limit)
        };
        let control = fresh(self.signal, self.signal_every);
        let fuller = fresh(self.fuller, self.at_every);
        match (control, fuller) {
            (Some((at, signal)), Some((_, other))) => Some((at, signal.or(other))),
            (control, fuller) => control.or(fuller),
        }
    }

    /// How good that is, 0 to 100.
    pub(super) fn quality(&self, now: Instant) -> Option<u8> {
        self.signal(now)?.1.quality()
    }

    fn note_measured(&mut self, now: Instant, measured: Measurement) {
        if let Some(signal) = measured.signal {
            self.fuller = Some((now, signal));
            self.history.note_signal(now, &signal);
        }
        self.measured_at = Some(now);
        self.measured.merge(measured);
    }

    /// Looks at the modem often, for a while.
    fn watch(&mut self, now: Instant, every: Duration) {
        let due = self.watch.map_or(now, |watch| watch.due.min(now + every));
        self.watch = Some(Watch { every, until: now + WATCH_FOR, due });
    }

    /// What is to be measured because somebody looks.
    fn watched(&mut self, now: Instant) -> Option<Measure> {
        let watch = self.watch.as_mut().filter(|watch| watch.due <= now)?;
        if watch.until <= now {
            self.watch = None;
            return None;
        }
        watch.due = now + watch.every;
        let is_old = self.asked_at.is_none_or(|at| now >= at + WATCH_ALL_EVERY);
        Some(if is_old { Measure::All } else { Measure::Signal })
    }

    fn note_traffic(&mut self, now: Instant, rx_bytes: u64, tx_bytes: u64) {
        let rates = self.traffic.and_then(|before| {
            let micros = micros(now.saturating_since(before.at));
            // Counters that went back are another device's.
            let rate = |new: u64, old: u64| {
                let bits = new.checked_sub(old)?.saturating_mul(8);
                let rate = bits.saturating_mul(1_000_000).checked_div(micros)?;
                Some(u32::try_from(rate).unwrap_or(u32::MAX - 1))
            };
            Some((rate(rx_bytes, before.rx_bytes)?, rate(tx_bytes, before.tx_bytes)?))
        });
        if let Some((rx_bps, tx_bps)) = rates {
            self.history.note_traffic(now, rx_bps, tx_bps);
        }
        self.traffic = Some(Traffic { at: now, rx_bytes, tx_bytes, rates });
    }
}

/// Whether what is done each `every`, if at all, is due.
fn is_due(now: Instant, last: Option<Instant>, every: Duration) -> bool {
    !every.is_zero() && last.is_none_or(|last| now >= last + every)
}

impl Slot {
    /// Takes over what the modem's section says of asking it.
    pub(super) fn configure_radio(&mut self, now: Instant, section: &ModemConfig) {
        self.radio.signal_every = Duration::from_secs(section.signal_interval_secs.into());
        self.radio.at_every = Duration::from_secs(section.at_poll_secs.into());
        let is_quiet = self.is_dialled() && !self.radio.polls_at();
        self.machine.set_quiet(now, is_quiet);
    }

    /// Whether AT commands may be given of the daemon's own accord.
    pub(super) fn polls_at(&self) -> bool {
        self.radio.polls_at()
    }

    /// Has the modem measure over its control port, if it can be asked; whether it is.
    fn measure(&mut self, now: Instant, what: Measure) -> bool {
        // Where AT is all there is, that is polling too.
        if self.is_dialled() && !self.radio.polls_at() {
            return false;
        }
        let Some(driver) = self.driver.as_mut().filter(|_| self.machine.is_known()) else {
            return false;
        };
        if what == Measure::All {
            self.radio.asked_at = Some(now);
        }
        driver.handle_request(now, Request::Measure(what));
        true
    }

    /// The same over its AT port.
    fn survey(&mut self, now: Instant, what: Measure) -> bool {
        if !self.radio.polls_at() || !self.machine.is_known() {
            return false;
        }
        let Some(survey) = &mut self.at.survey else { return false };
        if what == Measure::All {
            self.radio.surveyed_at = Some(now);
        }
        survey.begin(now, self.found.device.vid, &self.machine.facts().identity, what)
    }

    /// When its counters are read at the latest: while it is connected.
    pub(super) fn traffic_due(&self) -> Option<Instant> {
        let every = if self.speed.is_running() { SAMPLE_EVERY } else { READ_EVERY };
        self.machine.link().and_then(|_| self.radio.traffic_due(every))
    }

    /// Whether the modem can be asked for the cells around it.
    pub(super) fn tells_cells(&self) -> bool {
        let identity = &self.machine.facts().identity;
        self.found.protocol == Protocol::Qmi
            || self.radio.measured.cells.serving.is_some()
            || self.at.name().is_some() && Survey::knows(self.found.device.vid, identity)
    }
}

impl Manager {
    /// Takes note of what a modem tells, before its machine does.
    pub(super) fn note_radio(&mut self, now: Instant, id: &str, event: &Event) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.radio.note(now, event);
        if *event == Event::Alive {
            let radio = &slot.radio;
            let is_calm = now.saturating_since(slot.machine.since()) >= CALM_AFTER;
            let is_surveyed = is_calm && is_due(now, radio.surveyed_at, radio.at_every);
            // Over AT the signal itself is part of it, and one question.
            let is_wanted = is_calm || slot.is_dialled();
            if is_wanted && is_due(now, radio.asked_at, radio.signal_every) {
                slot.measure(now, Measure::All);
            }
            if is_surveyed {
                slot.survey(now, Measure::All);
            }
            if is_calm {
                self.ask_time_of(now, id);
                self.follow_slots(now, id);
            }
            self.read_traffic(id);
        } else if matches!(event, Event::Measured(_)) {
            self.measured(now, id);
        } else if let Event::Time(time) = event {
            self.time_told(now, id, *time);
        }
    }

    /// One of the ports has told what was measured.
    fn measured(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.radio.unanswered = slot.radio.unanswered.saturating_sub(1);
        let is_watched = slot.radio.watch.is_some();
        if slot.radio.unanswered == 0 {
            self.answer_cells(now, id);
        }
        if is_watched {
            let data = self.signal_document(now, id);
            self.notify("signal", data);
        }
    }

    /// The AT port has proved that it is one.
    pub(super) fn survey_from_now_on(&mut self, id: &str) {
        if let Some(slot) = self.slots.get_mut(id) {
            slot.at.survey = slot.at.driver.as_ref().map(AtDriver::survey);
        }
    }

    /// The AT port has told what was measured.
    pub(super) fn surveyed(&mut self, now: Instant, id: &str, measured: Measurement) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.radio.note_measured(now, measured);
        self.measured(now, id);
    }

    /// Does what is due of what has a time of its own.
    pub(super) fn radio_due(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if let Some(what) = slot.radio.watched(now) {
            slot.measure(now, what);
            slot.survey(now, what);
            self.read_traffic(id);
        } else if slot.traffic_due().is_some_and(|at| at <= now) {
            self.read_traffic(id);
        }
        if self.slots.get(id).is_some_and(|slot| slot.radio.wait_until.is_some_and(|at| at <= now))
        {
            self.answer_cells(now, id);
        }
    }

    pub(super) fn read_traffic(&mut self, id: &str) {
        if let Some(net) = self.device_of(id) {
            self.put(Output::ReadTraffic { modem: id.to_owned(), net });
        }
    }

    /// Takes note of the counters of a modem's net device.
    pub(super) fn traffic_read(&mut self, now: Instant, modem: &str, counters: Option<Counters>) {
        if let Some(slot) = self.slots.get_mut(modem) {
            match counters {
                Some(Counters { rx_bytes, tx_bytes, .. }) => {
                    slot.radio.note_traffic(now, rx_bytes, tx_bytes);
                }
                None => slot.radio.traffic = None,
            }
        }
        self.count_usage(now, modem, counters);
        self.watch_speed_test(now, modem);
    }

    fn signal_document(&self, now: Instant, id: &str) -> Table {
        let mut table = Table::new();
        table.put("modem", id);
        if let Some(slot) = self.slots.get(id) {
            table.0.extend(signal(now, slot).0);
        }
        table
    }
}
