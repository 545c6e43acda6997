//! What the router's own scripts are told: the scripts of `/etc/hotplug.d/ltewan`.

use super::{Manager, Output};
use crate::log;
use crate::map::Map;
use crate::modem::{Cause, State};
use crate::time::{Duration, Instant};
use crate::types::Table;

/// How many changes are told at once, and how long each takes to be allowed anew: a modem that
/// comes and goes without end must not keep the router busy with scripts.
const BURST_MAX: u32 = 60;
const EACH: Duration = Duration::from_secs(1);

/// Of how many modems the causes are counted, those that are gone among them.
const COUNTED_MAX: usize = 32;

/// Whom an event is about, and what: names of variables and their values.
pub(super) type Environment = Vec<(&'static str, String)>;

/// How much may be told.
#[derive(Debug, Default)]
pub(super) struct Hooks {
    /// How much of the burst has been used, and since when that wears off.
    used: u32,
    since: Instant,
    /// It has been said that scripts are not told of all.
    is_silent: bool,
}

impl Hooks {
    fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_since(self.since).as_secs() / EACH.as_secs();
        if passed > 0 {
            self.used = self.used.saturating_sub(u32::try_from(passed).unwrap_or(u32::MAX));
            self.since = now;
        }
        let may = self.used < BURST_MAX;
        if may {
            self.used += 1;
        } else if !self.is_silent {
            log::warn!("the modems change too often: scripts are not told of all");
        }
        self.is_silent = !may;
        may
    }
}

impl Manager {
    /// Says which modem it is, and which interface uses it.
    pub(super) fn put_place(&self, environment: &mut Environment, id: &str) {
        let uses =
            |(_, it): &(&String, &super::interfaces::Interface)| it.modem.as_deref() == Some(id);
        if let Some((interface, _)) = self.interfaces.iter().find(uses) {
            environment.push(("INTERFACE", interface.clone()));
        }
        environment.push(("MODEM", id.to_owned()));
    }

    /// Tells the scripts of a change, unless there were too many of late.
    fn tell_change(&mut self, now: Instant, id: &str, words: &[(&'static str, &str)]) {
        if self.hooks.take(now) {
            let mut environment = Environment::new();
            for (name, word) in words {
                environment.push((*name, (*word).to_owned()));
            }
            self.put_place(&mut environment, id);
            self.put(Output::Hotplug(environment));
        }
    }

    /// Tells that a modem has come or gone.
    pub(super) fn tell_modem(&mut self, now: Instant, id: &str, action: &'static str) {
        let mut data = Table::new();
        data.put("modem", id);
        data.put("action", action);
        self.notify("modem", data);
        self.tell_change(now, id, &[("ACTION", "modem"), ("EVENT", action)]);
    }

    /// Tells of a modem's state, and counts how often it had this cause.
    pub(super) fn tell_state(
        &mut self,
        now: Instant,
        id: &str,
        from: State,
        to: State,
        cause: Cause,
    ) {
        let mut data = Table::new();
        data.put("modem", id);
        data.put("from", from.name());
        data.put("to", to.name());
        data.put("cause", cause.name());
        data.put("message", cause.sentence());
        self.notify("state", data);
        if self.cause_counts.contains_key(id) || self.cause_counts.len() < COUNTED_MAX {
            let counts = self.cause_counts.or_insert(id.to_owned(), Map::new());
            let count = counts.or_insert(cause, 0);
            *count = count.saturating_add(1);
        }
        let words = [
            ("ACTION", "state"),
            ("FROM", from.name()),
            ("STATE", to.name()),
            ("CAUSE", cause.name()),
        ];
        self.tell_change(now, id, &words);
    }

    /// How often the modem's state had each cause.
    pub(super) fn causes_document(&self, id: &str) -> Option<Table> {
        let counts = self.cause_counts.get(id)?.iter();
        let entry = |(cause, count): (&Cause, &u32)| (cause.name().to_owned(), (*count).into());
        Some(Table(counts.map(entry).collect()))
    }
}
