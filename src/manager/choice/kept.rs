//! What is kept of a choice over the daemon's end: trials that are not judged, and networks chosen
//! by hand.

use super::Choice;
use super::register::ByHand;
use super::restore::Watch;
use crate::manager::{Kept, Manager, Output};
use crate::types::{Table, digest};

/// Under which name the choice for a modem is kept that is not plugged in. It becomes a file's, and
/// a log may name files.
fn waiting_name(imei: &str) -> String {
    format!("imei-{:016x}", digest(imei.as_bytes()))
}

impl Choice {
    /// As kept; `None` when there is nothing to keep.
    fn to_table(&self) -> Option<Table> {
        let trial = self.watch.as_ref().map(Watch::to_table);
        let by_hand = self.by_hand.as_ref().map(|_| true);
        if trial.is_none() && by_hand.is_none() {
            return None;
        }
        let mut table = Table::new();
        table.put_some("imei", self.imei.as_deref());
        table.put_some("trial", trial);
        table.put_some("by_hand", by_hand);
        Some(table)
    }

    /// From what an earlier daemon kept. Nothing is done before the modem is got to know.
    pub(in crate::manager) fn from_table(table: &Table) -> Self {
        Self {
            watch: table.get_table("trial").map(Watch::from_table),
            by_hand: table.get("by_hand").map(|_| ByHand::default()),
            imei: table.get_str("imei").map(str::to_owned),
            kept: Some(table.clone()),
            ..Self::default()
        }
    }
}

impl Manager {
    /// Keeps what there is of a modem's choice, if that is news.
    pub(super) fn keep_choice(&mut self, id: &str) {
        let imei = self.imei(id);
        let Some(radio) = self.choices.get_mut(id) else { return };
        radio.imei = imei.or(radio.imei.take());
        let table = radio.to_table();
        if table != radio.kept {
            radio.kept.clone_from(&table);
            self.put(Output::Keep(Kept::Choice(id.to_owned()), table));
        }
    }

    /// The modem is known: what was chosen for it may be kept elsewhere, for it was pulled, and
    /// what is kept here may be another's.
    pub(super) fn find_choice(&mut self, id: &str) {
        let Some(imei) = self.imei(id) else { return };
        let other = self.choices.get(id).filter(|radio| radio.kept.is_some());
        if let Some(other) = other.and_then(|radio| radio.imei.clone())
            && other != imei
        {
            // It waits for its modem.
            self.move_choice(id, &waiting_name(&other));
        }
        let is_its = |radio: &Choice| radio.kept.is_some() && radio.imei.as_ref() == Some(&imei);
        let from = self.choices.iter().find(|(at, radio)| at.as_str() != id && is_its(radio));
        if let Some(from) = from.map(|(at, _)| at.clone()) {
            self.move_choice(&from, id);
        }
    }

    fn move_choice(&mut self, from: &str, to: &str) {
        let Some(mut radio) = self.choices.take(from) else { return };
        self.put(Output::Keep(Kept::Choice(from.to_owned()), None));
        radio.kept = None;
        self.choices.insert(to.to_owned(), radio);
        self.keep_choice(to);
    }

    /// A modem's number, when it is known.
    pub(in crate::manager) fn imei(&self, id: &str) -> Option<String> {
        let imei = self.slots.get(id)?.machine.facts().identity.imei.as_ref()?;
        Some(imei.expose().to_owned())
    }
}
