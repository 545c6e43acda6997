//! A change of bands: whether the modem has kept it, whether it registers with it, and `list band`.

use super::args::{RESTORE_SECS, RESTORE_SECS_MAX, document};
use super::{Change, Origin, Purpose};
use crate::log;
use crate::manager::plan;
use crate::manager::{CallError, CallId, Manager};
use crate::modem::State;
use crate::time::{Duration, Instant, doubled};
use crate::types::{Band, BandChoice, BandStatus, Rat, Table, Value};

/// How often taking a change back is tried, after waits of which each is twice the one before.
const RESTORES_MAX: u32 = 5;

/// A change that is taken back unless there is registration.
#[derive(Debug)]
pub(in crate::manager) struct Watch {
    /// When that is judged; not while the modem is gone.
    at: Option<Instant>,
    /// What there was before.
    before: BandChoice,
    patience: Duration,
    /// Whether it is the modem's section that wants it.
    is_of_section: bool,
    /// Whether it has been taken back, and that is on trial now.
    is_restored: bool,
    /// How often that was tried.
    restores: u32,
}

impl Watch {
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.at
    }

    /// As kept.
    pub(super) fn to_table(&self) -> Table {
        let (mut modes, mut bands) = (Vec::new(), Vec::new());
        for rat in self.before.modes.iter().flatten() {
            modes.push(Value::from(rat.name()));
        }
        for band in self.before.bands.iter().flatten() {
            bands.push(Value::from(band.to_string()));
        }
        let mut table = Table::new();
        table.put("modes", Value::Array(modes));
        table.put("bands", Value::Array(bands));
        table.put("patience_s", self.patience.as_secs());
        table.put("section", self.is_of_section);
        table.put("restored", self.is_restored);
        table.put("restores", self.restores);
        table
    }

    /// From what an earlier daemon kept.
    pub(super) fn from_table(table: &Table) -> Self {
        let list = |name| table.get_array(name).unwrap_or_default();
        let (mut modes, mut bands) = (Vec::new(), Vec::new());
        for mode in list("modes") {
            if let Some(Ok(mode)) = mode.as_str().map(Rat::parse) {
                modes.push(mode);
            }
        }
        for band in list("bands") {
            if let Some(Ok(band)) = band.as_str().map(Band::parse) {
                bands.push(band);
            }
        }
        let number = |name| table.get_i64(name);
        let flag = |name| table.get_bool(name).unwrap_or(false);
        let patience = number("patience_s").and_then(|secs| u64::try_from(secs).ok());
        Self {
            at: None,
            before: BandChoice { modes: Some(modes), bands: Some(bands) },
            patience: Duration::from_secs(patience.unwrap_or(RESTORE_SECS).min(RESTORE_SECS_MAX)),
            is_of_section: flag("section"),
            is_restored: flag("restored"),
            restores: number("restores").and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        }
    }
}

impl Manager {
    /// What the modem uses is known: changes it, if that is anything new.
    pub(super) fn change_bands(
        &mut self,
        now: Instant,
        id: &str,
        caller: Option<CallId>,
        change: &Change,
        before: &BandStatus,
    ) {
        let wanted = change.choice.applied(before);
        if let Some(error) = unsupported(&change.choice, before) {
            self.note_change(id, change, &error.message);
            self.answer(caller, Err(error));
        } else if wanted == *before {
            self.note_restored(now, id, change);
            self.answer(caller, Ok(document(id, before)));
        } else {
            let purpose = Purpose::Set(change.clone(), before.clone());
            match self.ask_choice(now, id, caller, purpose) {
                // Now, for the modem may restart by it, or keep a part of it and refuse the rest.
                Ok(()) => self.watch_bands(now, id, change, before),
                Err(error) => {
                    self.note_change(id, change, &error.message);
                    self.answer(caller, Err(error));
                }
            }
        }
    }

    /// The modem says what it uses after a change.
    pub(super) fn bands_set(
        &mut self,
        now: Instant,
        id: &str,
        caller: Option<CallId>,
        change: &Change,
        before: &BandStatus,
        after: &BandStatus,
    ) {
        let wanted = change.choice.applied(before);
        let is_as_wanted = (change.choice.modes.is_none() || wanted.modes == after.modes)
            && (change.choice.bands.is_none() || wanted.bands == after.bands);
        if is_as_wanted {
            self.note_restored(now, id, change);
            log::info!("modem {id}: it uses other bands or technologies now");
            self.answer(caller, Ok(document(id, after)));
            return;
        }
        let error = CallError::failed("MISMATCH", "the modem did not keep what was set")
            .with_details(document(id, after));
        self.note_change(id, change, &error.message);
        self.answer(caller, Err(error));
    }

    fn watch_bands(&mut self, now: Instant, id: &str, change: &Change, before: &BandStatus) {
        let Some(radio) = self.choices.get_mut(id) else { return };
        if change.origin == Origin::Restore {
            return;
        }
        if change.restore.is_zero() {
            // For good, whatever was on trial before.
            radio.watch = None;
            self.keep_choice(id);
            return;
        }
        // Of several changes in a row the first knows what there was with registration.
        let before = radio
            .watch
            .take()
            .filter(|watch| !watch.is_restored)
            .map_or_else(|| BandChoice::of(before), |watch| watch.before);
        radio.message = None;
        radio.watch = Some(Watch {
            at: Some(now + change.restore),
            before,
            patience: change.restore,
            is_of_section: change.origin == Origin::Section,
            is_restored: false,
            restores: 0,
        });
        self.keep_choice(id);
    }

    /// The modem uses again what it used before, and is to register with that.
    fn note_restored(&mut self, now: Instant, id: &str, change: &Change) {
        let watch = self.choices.get_mut(id).and_then(|radio| radio.watch.as_mut());
        if let Some(watch) = watch.filter(|_| change.origin == Origin::Restore) {
            watch.is_restored = true;
            watch.at = Some(now + watch.patience);
            self.keep_choice(id);
        }
    }

    /// Keeps what went wrong with a change that nobody waits for.
    pub(super) fn note_change(&mut self, id: &str, change: &Change, message: &str) {
        if change.origin != Origin::Caller {
            log::warn!("modem {id}: bands: {message}");
            if let Some(radio) = self.choices.get_mut(id) {
                radio.message = Some(message.to_owned());
            }
        }
    }

    /// Judges the changes that are due.
    pub(super) fn expire_watches(&mut self, now: Instant) {
        let mut due = Vec::new();
        for (id, radio) in self.choices.iter() {
            if radio.watch.as_ref().and_then(Watch::poll_timeout).is_some_and(|at| at <= now) {
                due.push(id.clone());
            }
        }
        for id in &due {
            self.judge_bands(now, id);
            self.keep_choice(id);
        }
    }

    fn judge_bands(&mut self, now: Instant, id: &str) {
        let slot = self.slots.get(id);
        let is_gone = slot.is_none();
        // What a modem says that is locked or off was so before.
        let is_on = |state| !matches!(state, State::Locked | State::Disabled | State::Failed);
        let is_registered = slot.filter(|slot| slot.is_settled()).map(|slot| {
            let is_told = slot.machine.facts().registration.state.is_registered();
            is_told && is_on(slot.machine.state())
        });
        let Some(radio) = self.choices.get_mut(id) else { return };
        let Some(mut watch) = radio.watch.take() else { return };
        let Some(is_registered) = is_registered else {
            // It is judged when the modem is back. One that was silent need not be got to know.
            watch.at = (!is_gone).then(|| now + watch.patience);
            radio.watch = Some(watch);
            return;
        };
        if radio.asked.is_some() {
            watch.at = Some(now + watch.patience);
            radio.watch = Some(watch);
            return;
        }
        if is_registered || watch.is_restored && !watch.is_of_section {
            return;
        }
        if watch.is_restored {
            // There is no network with other bands either: the section has its way, for good.
            watch.at = None;
            radio.watch = Some(watch);
            radio.message = None;
            radio.followed = None;
            self.follow_bands(now, id);
            return;
        }
        if watch.restores >= RESTORES_MAX {
            return;
        }
        let (choice, origin) = (watch.before.clone(), Origin::Restore);
        let change = Change { choice, restore: Duration::ZERO, origin };
        watch.at = Some(now + doubled(watch.patience, watch.restores, Duration::MAX));
        radio.watch = Some(watch);
        let message = "no registration followed the change of bands, so it is taken back";
        log::warn!("modem {id}: {message}");
        radio.message = Some(message.to_owned());
        if let Err(error) = self.ask_choice(now, id, None, Purpose::Prepare(change.clone())) {
            // There is no port for it now; there may be one later.
            self.note_change(id, &change, &error.message);
        } else if let Some(watch) = self.choices.get_mut(id).and_then(|it| it.watch.as_mut()) {
            watch.restores += 1;
        }
    }

    /// The modem was got to know anew: what was to be judged while it was gone is so later.
    pub(super) fn watch_returned(&mut self, now: Instant, id: &str) {
        let watch = self.choices.get_mut(id).and_then(|radio| radio.watch.as_mut());
        if let Some(watch) = watch {
            watch.at = Some(now + watch.patience);
        }
    }

    /// Has a modem use the bands that its section says.
    pub(super) fn follow_bands(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get(id).filter(|slot| slot.has_bands() && slot.is_settled())
        else {
            return;
        };
        let section = plan::section_of(&self.config, &slot.found, &slot.machine);
        let wanted = section.map(|section| section.bands.clone()).unwrap_or_default();
        let radio = self.choice_of(id);
        if radio.asked.is_some() || radio.followed.as_ref() == Some(&wanted) {
            return;
        }
        // Without the option the modem is left as it is.
        let had_none = radio.followed.as_ref().is_none_or(Vec::is_empty);
        // The same wish a second time, after the modem had nothing without it: for good.
        let is_insisted = radio.watch.as_ref().is_some_and(|watch| watch.is_restored);
        radio.followed = Some(wanted.clone());
        if wanted.is_empty() && had_none {
            return;
        }
        let secs = if is_insisted { 0 } else { RESTORE_SECS };
        let change = Change {
            choice: BandChoice { bands: Some(wanted), modes: None },
            restore: Duration::from_secs(secs),
            origin: Origin::Section,
        };
        if let Err(error) = self.ask_choice(now, id, None, Purpose::Prepare(change.clone())) {
            self.note_change(id, &change, &error.message);
        }
    }

    /// For the status: when a change is taken back, and what became of the last one.
    pub(in crate::manager) fn bands_document(&self, now: Instant, id: &str) -> Option<Table> {
        let radio = self.choices.get(id)?;
        let mut table = Table::new();
        let watch = radio.watch.as_ref().filter(|watch| !watch.is_restored);
        let judged = watch.and_then(Watch::poll_timeout);
        table.put_some("judged_in_s", judged.map(|at| at.saturating_since(now).as_secs()));
        table.put_some("message", radio.message.as_deref());
        (!table.is_empty()).then_some(table)
    }
}

/// What is asked for and the modem does not have.
fn unsupported(choice: &BandChoice, before: &BandStatus) -> Option<CallError> {
    if before.bands_supported.is_empty() && choice.bands.as_ref().is_some_and(Vec::is_empty) {
        let message = "the modem does not tell which bands it has: name those to use";
        return Some(CallError::unsupported(message));
    }
    let mut missing = Vec::new();
    for band in choice.bands.iter().flatten() {
        if !before.bands_supported.is_empty() && !before.bands_supported.contains(band) {
            missing.push(band.to_string());
        }
    }
    for mode in choice.modes.iter().flatten() {
        if !before.modes_supported.contains(mode) {
            missing.push(mode.name().to_owned());
        }
    }
    let message = format!("the modem does not have {}", missing.join(", "));
    (!missing.is_empty()).then(|| CallError::unsupported(&message))
}
