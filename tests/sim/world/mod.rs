//! The world behind the modem's ports: SIM, radio and network, in virtual time.
//!
//! Knows no protocol. The fronts ask it and tell it; it tells them of changes as [`WorldEvent`]s.

pub(crate) mod air;
pub(crate) mod messages;
pub(crate) mod network;
pub(crate) mod radio;
pub(crate) mod uicc;
pub(crate) mod ussd;

use std::collections::VecDeque;

use ltewan::time::{Duration, Instant};

use super::config::{Config, Front};
use super::product::Function;
use messages::Messages;
use network::{Bearer, EndReason, Family, Network, Pending, StartResult};
use radio::{Coverage, OperatingMode, Radio, Registration};
use uicc::Uicc;
use ussd::{Said, Ussd};

/// A change that a front may have to tell the host.
#[derive(Clone, Debug)]
pub(crate) enum WorldEvent {
    /// Card, application or PIN state.
    Uicc,
    /// The operating mode.
    Mode,
    /// Registration, serving cell or attach state.
    Registration,
    /// Signal values.
    Signal,
    /// The network refused to register the modem, with this EMM cause.
    Rejected(u8),
    /// A start network is decided.
    Started(StartResult),
    /// A bearer ended; those who had it are in it.
    BearerDown(Bearer, EndReason),
    /// A bearer has new addresses.
    BearerChanged(Family),
    /// A message is in this memory at this place.
    Message(u8, u32),
    /// A message that no memory holds waits for the host to take it.
    Direct(u32),
    /// The network says something over USSD.
    Ussd(Said),
}

/// SIM, radio and network of one modem.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) uicc: Uicc,
    /// The card in the slot that is not in use, where there is one.
    pub(crate) other: Option<Uicc>,
    /// Which slot is in use.
    pub(crate) slot: u8,
    /// The slot that the board connects the modem to, where it does that.
    mux: Option<u8>,
    /// How the network receives the other card.
    pub(crate) other_coverage: Coverage,
    /// How the modem takes being told to use another slot.
    pub(crate) slot_manner: SlotManner,
    /// How often it was.
    pub(crate) slot_orders: u64,
    /// When it does so in the end, and which.
    slot_due: Option<(Instant, u8, Duration)>,
    pub(crate) radio: Radio,
    pub(crate) network: Network,
    pub(crate) messages: Messages,
    pub(crate) ussd: Ussd,
    /// From radio on to registered.
    pub(crate) registration_time: Duration,
    /// From start network to its result.
    pub(crate) bearer_time: Duration,
    /// What it is on USB after the next restart, when that was set.
    pub(crate) usb_setting: Option<Function>,
    pub(crate) receiver: Receiver,
    events: VecDeque<WorldEvent>,
}

/// How a modem takes being told to use another slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum SlotManner {
    /// It does.
    #[default]
    Obeys,
    /// It says no.
    Refuses,
    /// It says yes, and does not.
    Stays,
    /// It does so this long after it has said yes.
    Late(Duration),
}

/// The satellite receiver.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Receiver {
    /// There is none.
    pub(crate) is_missing: bool,
    pub(crate) is_on: bool,
    /// It sees enough of the sky.
    pub(crate) has_fix: bool,
}

impl World {
    /// The world at the moment of power on.
    pub(crate) fn new(now: Instant, config: &Config) -> Self {
        Self {
            uicc: Uicc::new(&config.sim, now + config.timings.sim_ready),
            other: config.slot2.as_ref().map(|card| Uicc::new(card, now)),
            slot: 1,
            mux: config.mux.then_some(1),
            other_coverage: config.network.coverage,
            slot_manner: SlotManner::default(),
            slot_orders: 0,
            slot_due: None,
            radio: Radio::new(config.mode, &config.network),
            network: Network::new(&config.network),
            messages: Messages::default(),
            ussd: Ussd::default(),
            registration_time: config.timings.registration,
            bearer_time: config.timings.bearer,
            usb_setting: None,
            receiver: Receiver { is_missing: !config.receiver, ..Receiver::default() },
            events: VecDeque::new(),
        }
    }

    /// Power on again after a reset: the card keeps its counters, the network its mind.
    pub(crate) fn reboot(&mut self, now: Instant, config: &Config) {
        if self.mux.is_some_and(|slot| slot != self.slot) {
            self.change_slot(now, 3 - self.slot, config.timings.sim_ready);
        }
        self.uicc.reset(now + config.timings.sim_ready);
        let before = self.radio.clone();
        self.radio = Radio::new(config.mode, &config.network);
        self.radio.coverage = before.coverage;
        self.radio.air.cells = before.air.cells;
        self.radio.air.is_stubborn = before.air.is_stubborn;
        if config.front != Front::Qmi {
            // What is set over AT stands in flash.
            self.radio.air.bands = before.air.bands;
            self.radio.manual_plmn = before.manual_plmn;
        }
        self.receiver.is_on = false;
        self.network.bearers.clear();
        self.network.pending.clear();
        self.network.counters = network::Counters::default();
        self.ussd = Ussd::default();
        self.events.clear();
    }

    /// The next thing to tell the host.
    pub(crate) fn poll_event(&mut self) -> Option<WorldEvent> {
        let news = self.messages.news.pop_front();
        let news = news.map(|(memory, index)| WorldEvent::Message(memory, index));
        let direct = || self.messages.direct_news.pop_front().map(WorldEvent::Direct);
        news.or_else(direct).or_else(|| self.events.pop_front())
    }

    /// When something happens by itself.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let starts = self.network.pending.iter().map(|pending| pending.due);
        let said = [self.messages.poll_timeout(), self.ussd.poll_timeout()];
        let said = said.into_iter().flatten();
        let slot = self.slot_due.map(|(at, ..)| at);
        starts.chain(self.uicc.ready_at).chain(self.radio.due).chain(said).chain(slot).min()
    }

    /// Lets what is due happen, one step: a search that begins now does not end in the same call,
    /// even if it takes no time, so that the host hears of both.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Some((_, slot, sim_ready)) = self.slot_due.take_if(|(at, ..)| *at <= now) {
            self.change_slot(now, slot, sim_ready);
        }
        if self.uicc.handle_timeout(now) {
            self.events.push_back(WorldEvent::Uicc);
        }
        if self.radio.due.is_some_and(|due| due <= now) {
            self.radio.due = None;
            self.set_registration(self.radio.search_result());
        }
        self.messages.handle_timeout(now);
        self.events.extend(self.ussd.poll(now).map(WorldEvent::Ussd));
        self.settle(now);
        let due = |pending: &Pending| pending.due <= now;
        while let Some(index) = self.network.pending.iter().position(due) {
            let pending = self.network.pending.remove(index);
            let result = self.network.start(&pending, self.radio.is_registered());
            self.events.push_back(WorldEvent::Started(result));
        }
    }

    /// Follows a change of SIM, mode or preference: starts a search, or leaves the network.
    pub(crate) fn settle(&mut self, now: Instant) {
        let may = self.radio.may_register(self.uicc.is_ready());
        if may && self.radio.registration == Registration::Idle {
            self.set_registration(Registration::Searching);
            self.radio.due = Some(now + self.registration_time);
        } else if !may && self.radio.registration != Registration::Idle {
            self.radio.due = None;
            self.set_registration(Registration::Idle);
        }
    }

    /// Looks for a network anew, as after a change of preference or of the network's mind.
    pub(crate) fn search_again(&mut self, now: Instant) {
        if self.radio.may_register(self.uicc.is_ready()) {
            self.set_registration(Registration::Searching);
            self.radio.due = Some(now + self.registration_time);
        }
    }

    /// Changes the operating mode.
    pub(crate) fn set_mode(&mut self, now: Instant, mode: OperatingMode) {
        if self.radio.mode != mode {
            self.radio.mode = mode;
            self.events.push_back(WorldEvent::Mode);
            self.settle(now);
        }
    }

    /// Is told to use another slot; false when there is none of that number, or it will not.
    pub(crate) fn use_slot(&mut self, now: Instant, slot: u8, sim_ready: Duration) -> bool {
        self.slot_orders += 1;
        if self.other.is_none() || self.mux.is_some() || !(1..=2).contains(&slot) {
            return false;
        }
        match self.slot_manner {
            SlotManner::Obeys => self.change_slot(now, slot, sim_ready),
            SlotManner::Refuses => return false,
            SlotManner::Stays => {}
            SlotManner::Late(length) => self.slot_due = Some((now + length, slot, sim_ready)),
        }
        true
    }

    fn change_slot(&mut self, now: Instant, slot: u8, sim_ready: Duration) {
        let Some(other) = self.other.as_mut().filter(|_| slot != self.slot) else { return };
        self.slot = slot;
        std::mem::swap(&mut self.uicc, other);
        other.is_away = false;
        std::mem::swap(&mut self.radio.coverage, &mut self.other_coverage);
        self.uicc.reset(now + sim_ready);
        self.uicc_changed(now);
    }

    /// The board connects the modem to another card, which it notices when it starts anew.
    pub(crate) fn connect_slot(&mut self, slot: u8) {
        self.slot_orders += u64::from(self.mux != Some(slot));
        self.mux = Some(slot);
        self.uicc.is_away = slot != self.slot;
    }

    /// The cards that the modem knows of, and which of them is in use.
    pub(crate) fn own_cards(&self) -> (Vec<&Uicc>, u8) {
        match self.mux {
            Some(_) => (vec![&self.uicc], 1),
            None => (self.cards(), self.slot),
        }
    }

    /// The cards of slots 1 and 2.
    pub(crate) fn cards(&self) -> Vec<&Uicc> {
        let mut cards: Vec<&Uicc> = std::iter::once(&self.uicc).chain(&self.other).collect();
        if self.slot == 2 {
            cards.reverse();
        }
        cards
    }

    /// To be called after anything was done to the card.
    pub(crate) fn uicc_changed(&mut self, now: Instant) {
        self.events.push_back(WorldEvent::Uicc);
        self.settle(now);
    }

    /// To be called after the signal was changed.
    pub(crate) fn signal_changed(&mut self) {
        self.events.push_back(WorldEvent::Signal);
    }

    /// The network ends a bearer.
    pub(crate) fn drop_bearer(&mut self, family: Family, reason: EndReason) {
        if let Some(bearer) = self.network.end(family) {
            self.events.push_back(WorldEvent::BearerDown(bearer, reason));
        }
    }

    /// The network gives a bearer another address.
    pub(crate) fn renumber(&mut self, family: Family) {
        self.network.renumber(family);
        if self.network.bearer(family).is_some() {
            self.events.push_back(WorldEvent::BearerChanged(family));
        }
    }

    /// Queues a start network; its result follows as an event.
    pub(crate) fn start_bearer(&mut self, now: Instant, mut pending: Pending) {
        pending.due = now + self.bearer_time;
        self.network.pending.push(pending);
    }

    fn set_registration(&mut self, registration: Registration) {
        if self.radio.registration == registration {
            return;
        }
        self.radio.registration = registration;
        self.events.push_back(WorldEvent::Registration);
        if let Registration::Denied(cause) = registration {
            self.events.push_back(WorldEvent::Rejected(cause));
        }
        if !self.radio.is_registered() {
            for family in Family::ALL {
                self.drop_bearer(family, EndReason::NO_SERVICE);
            }
        }
    }
}
