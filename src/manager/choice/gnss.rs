//! The modem's satellite receiver, as the owner and its section want it.

use super::super::calls::CallError;
use super::super::slot::Slot;
use super::super::{CallId, Manager, plan};
use super::Purpose;
use crate::driver::gnss::{GnssAction, GnssStatus, Receiver};
use crate::driver::{Failure, FailureKind, quirk};
use crate::log;
use crate::time::Instant;
use crate::types::{Position, Table};

impl Slot {
    /// Its receiver, where how to use it is known and there is a port for that.
    pub(super) fn receiver(&self) -> Option<&'static Receiver> {
        let device = &self.found.device;
        self.at.name().and_then(|_| Receiver::of(device.vid, device.pid, self.model()))
    }

    /// The port that the receiver's sentences come from.
    fn nmea_port(&self) -> Option<String> {
        let device = &self.found.device;
        let interface = quirk::nmea(device.vid, device.pid, self.model())?;
        let port = self.found.serial.iter().find(|port| port.interface == Some(interface))?;
        Some(format!("/dev/{}", port.name))
    }
}

impl Manager {
    /// Whether a modem has a receiver, as far as is known.
    pub(in crate::manager) fn has_gnss(&self, id: &str, slot: &Slot) -> bool {
        let lacks = self.choices.get(id).is_some_and(|radio| radio.lacks_gnss);
        !lacks && slot.receiver().is_some()
    }

    /// The method `gnss`.
    pub(in crate::manager) fn gnss(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let action = args.get_str("action").unwrap_or("status");
        let action = GnssAction::parse(action)
            .ok_or_else(|| CallError::invalid("action", "on, off or status"))?;
        let id = self.modem_named(args)?;
        self.ask_choice(now, &id, Some(call), Purpose::Gnss(action))
    }

    /// Has a modem do what its section says, of what can be chosen.
    pub(in crate::manager) fn follow_choice(&mut self, now: Instant, id: &str) {
        self.follow_bands(now, id);
        self.follow_gnss(now, id);
    }

    /// The receiver did not do what it was told.
    pub(super) fn gnss_failed(&mut self, id: &str, caller: Option<CallId>, failure: &Failure) {
        if caller.is_none() {
            log::warn!("modem {id}: its satellite receiver is not on: {}", failure.detail);
        }
        if failure.kind == FailureKind::Unsupported
            && let Some(radio) = self.choices.get_mut(id)
        {
            radio.lacks_gnss = true;
        }
    }

    /// Has a receiver switched on that is to be on whenever the modem is there.
    fn follow_gnss(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get(id).filter(|slot| slot.is_settled()) else { return };
        let section = plan::section_of(&self.config, &slot.found, &slot.machine);
        let wanted = section.is_some_and(|section| section.gnss);
        let has_it = self.has_gnss(id, slot);
        let radio = self.choice_of(id);
        if !wanted {
            radio.has_gnss_on = false;
        }
        if !wanted || !has_it || radio.has_gnss_on || radio.asked.is_some() {
            return;
        }
        radio.has_gnss_on = true;
        if let Err(error) = self.ask_choice(now, id, None, Purpose::Gnss(GnssAction::On)) {
            log::warn!("modem {id}: its satellite receiver is not on: {}", error.message);
        }
    }

    /// What is told of a receiver. Of the position nothing goes elsewhere.
    pub(super) fn gnss_document(&self, id: &str, status: &GnssStatus) -> Table {
        let mut table = Table::new();
        table.put("modem", id);
        table.put_some("on", status.is_on);
        table.put_some("nmea_port", self.slots.get(id).and_then(Slot::nmea_port));
        table.put_some("fix", status.position.as_ref().map(fix));
        table
    }
}

/// Numbers with a fraction, from whole ones that every `f64` holds.
#[expect(clippy::cast_precision_loss, reason = "1,800,000,000 at most")]
fn fix(position: &Position) -> Table {
    let degrees = |e7: i64| e7 as f64 / 10_000_000.0;
    let mut table = Table::new();
    table.put("latitude", degrees(position.latitude_e7));
    table.put("longitude", degrees(position.longitude_e7));
    table.put_some("altitude_m", position.altitude_dm.map(|dm| dm as f64 / 10.0));
    table.put_some("satellites", position.satellites);
    table.put_some("time", position.time.clone());
    table
}
