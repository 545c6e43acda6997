//! Interfaces: what netifd asks for, and what netifd has been told.

use super::handed_out::HandedOut;
use super::netifd::{Link, ProtoUpdate};
use super::plan;
use super::ppp::{Pppd, ending};
use super::watchdog::Watchdog;
use super::{CallError, CallId, INTERFACES_MAX, Manager, Output};
use crate::config::InterfaceConfig;
use crate::log;
use crate::modem::{Cause, Command, Policy, Want};
use crate::time::{Duration, Instant};
use crate::types::Table;

/// How long a teardown may wait for the modem; netifd kills its handler after 5 s.
const TEARDOWN_PATIENCE: Duration = Duration::from_secs(3);

/// How long netifd may take to set an interface up again whose pppd has ended; it does so at once.
const RETURN_PATIENCE: Duration = Duration::from_secs(10);

/// One interface of protocol `ltewan`.
#[derive(Debug)]
pub(super) struct Interface {
    /// Its options.
    pub(super) config: InterfaceConfig,
    /// Its options as netifd handed them over, for the daemon after this one.
    pub(super) raw: Table,
    /// What is wrong with them.
    pub(super) errors: Vec<String>,
    /// The modem that serves it.
    pub(super) modem: Option<String>,
    /// What netifd wants of it.
    pub(super) phase: Phase,
    /// What netifd has been told of its link.
    pub(super) told: Told,
    pub(super) resend_at: Option<Instant>,
    pub(super) resends: u32,
    /// Whether the modem that serves it is connected and has no net device.
    pub(super) lacks_net: bool,
    /// Why it has no modem, when it waits for one.
    pub(super) waits_for: Option<Cause>,
    /// Whether anything answers through its connection.
    pub(super) watchdog: Watchdog,
    /// What was wanted when it was blocked: with something else it may be tried again.
    blocked_with: Option<Want>,
    /// What is known of the addresses that netifd gets for it.
    pub(super) handed_out: HandedOut,
    /// The pppd that netifd runs for it.
    pub(super) pppd: Pppd,
    /// It was set up again after its pppd had ended: nothing else has changed.
    pub(super) is_back: bool,
}

/// What netifd wants of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is set up: connected, or to be.
    Active,
    /// netifd has been told that there is no modem for it.
    Unavailable,
    /// netifd has been told not to try again.
    Blocked,
    /// It is being taken down; the call is answered when the modem has let go.
    TearingDown {
        /// The call to answer.
        call: CallId,
        /// When it is answered in any case.
        deadline: Instant,
    },
    /// Its pppd has ended, for which netifd takes it down, and sets it up again in the next moment
    /// unless it is not to be up any more.
    Returning {
        /// When it is given up.
        deadline: Instant,
    },
}

impl Phase {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unavailable => "unavailable",
            Self::Blocked => "blocked",
            Self::TearingDown { .. } => "tearing_down",
            Self::Returning { .. } => "returning",
        }
    }
}

/// What netifd has been told of a link.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// An earlier daemon may have told it that the link is up.
    Unknown,
    /// Down.
    Down,
    /// Up, like this.
    Up(Box<Link>),
}

impl Interface {
    /// `seed` spreads what is tried again.
    pub(super) fn new(config: InterfaceConfig, raw: Table, errors: Vec<String>, seed: u64) -> Self {
        Self {
            watchdog: Watchdog::new(config.check.clone(), seed),
            config,
            raw,
            errors,
            modem: None,
            phase: Phase::Active,
            told: Told::Down,
            resend_at: None,
            resends: 0,
            lacks_net: false,
            waits_for: None,
            blocked_with: None,
            handed_out: HandedOut::default(),
            pppd: Pppd::Absent,
            is_back: false,
        }
    }

    /// Whether netifd has been told that it is up.
    pub(super) const fn is_up(&self) -> bool {
        matches!(self.told, Told::Up(_))
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let deadline = match self.phase {
            Phase::TearingDown { deadline, .. } | Phase::Returning { deadline } => Some(deadline),
            Phase::Active | Phase::Unavailable | Phase::Blocked => None,
        };
        Instant::first_of(&[
            deadline,
            self.resend_at,
            self.watchdog.poll_timeout(),
            self.handed_out.poll_timeout(),
            self.pppd.poll_timeout(),
        ])
    }
}

impl Manager {
    /// The interfaces there are now, for what may change that.
    #[inline(never)]
    pub(super) fn interface_names(&self) -> Vec<String> {
        self.interfaces.names_of(&|_, _| true)
    }

    /// netifd sets an interface up.
    pub(super) fn setup(
        &mut self,
        now: Instant,
        name: &str,
        raw: &Table,
        is_renewal: bool,
    ) -> Result<Table, CallError> {
        if !self.interfaces.contains_key(name) && self.interfaces.len() >= INTERFACES_MAX {
            return Err(CallError::limit("interfaces", INTERFACES_MAX));
        }
        let (config, errors) = InterfaceConfig::parse(name, raw);
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        errors.iter().for_each(|error| log::warn!("{error}"));
        log::info!("{name}: netifd sets the interface up");
        let mut interface = Interface::new(config, raw.clone(), errors, self.jitter.next_u64());
        if self.renewing.remove(name) {
            interface.told = Told::Unknown;
        }
        if !is_renewal {
            // netifd sets up nothing whose program still runs.
            self.session_ended(now, name, ending(None));
        }
        let mut watchdog = self.watchdogs.take(name);
        if let Some(old) = self.interfaces.take(name) {
            if old.is_up() {
                // netifd may have been told before it came to this.
                interface.told = Told::Unknown;
            }
            interface.modem = old.modem;
            interface.pppd = old.pppd;
            interface.is_back = matches!(old.phase, Phase::Returning { .. });
            watchdog = Some(old.watchdog);
            if let Phase::TearingDown { call, .. } = old.phase {
                self.reply(call, Ok(Table::new()));
            }
        }
        if let Some(old) = watchdog.filter(|old| *old.check() == interface.config.check) {
            interface.watchdog = old;
        }
        self.interfaces.insert(name.to_owned(), interface);
        self.serve(now, name);
        Ok(Table::new())
    }

    /// netifd takes an interface down, after its pppd has ended with this exit status if any.
    pub(super) fn teardown(&mut self, now: Instant, call: CallId, name: &str, ended: Option<i64>) {
        let Some(interface) = self.interfaces.get_mut(name) else {
            self.reply(call, Ok(Table::new()));
            return;
        };
        log::info!("{name}: netifd takes the interface down");
        interface.told = Told::Down;
        interface.resend_at = None;
        if ended.is_some() && interface.phase == Phase::Active && interface.modem.is_some() {
            interface.phase = Phase::Returning { deadline: now + RETURN_PATIENCE };
            self.session_ended(now, name, ending(ended));
            self.reply(call, Ok(Table::new()));
            return;
        }
        match interface.phase {
            Phase::Unavailable => {
                interface.modem = None;
                self.reply(call, Ok(Table::new()));
                return;
            }
            Phase::TearingDown { call, .. } => {
                // A second teardown: the first one's caller has been killed.
                let result = Err(CallError::superseded());
                self.outputs.push_back(Output::Reply { call, result });
            }
            Phase::Active | Phase::Blocked | Phase::Returning { .. } => {}
        }
        if interface.phase == Phase::Blocked {
            self.let_blocked_go(now, name);
            self.reply(call, Ok(Table::new()));
            return;
        }
        let Some(slot) = interface.modem.as_ref().and_then(|id| self.slots.get_mut(id)) else {
            self.forget(name);
            self.reply(call, Ok(Table::new()));
            return;
        };
        interface.phase = Phase::TearingDown { call, deadline: now + TEARDOWN_PATIENCE };
        slot.machine.handle_command(now, Command::Disconnect);
    }

    /// netifd has taken a blocked interface down. Its modem may serve another by now.
    fn let_blocked_go(&mut self, now: Instant, name: &str) {
        let modem = self.interfaces.get(name).and_then(|interface| interface.modem.clone());
        let Some(modem) = modem else { return };
        if self.served_by(&modem).is_none()
            && let Some(slot) = self.slots.get_mut(&modem)
        {
            slot.machine.handle_command(now, Command::Disconnect);
        }
    }

    /// The modem has let go of its bearers.
    pub(super) fn released(&mut self, modem: &str) {
        let tearing_down = |(name, interface): (&String, &Interface)| match interface.phase {
            Phase::TearingDown { call, .. } if interface.modem.as_deref() == Some(modem) => {
                Some((name.clone(), call))
            }
            Phase::TearingDown { .. }
            | Phase::Active
            | Phase::Unavailable
            | Phase::Blocked
            | Phase::Returning { .. } => None,
        };
        if let Some((name, call)) = self.interfaces.iter().find_map(tearing_down) {
            self.forget(&name);
            self.reply(call, Ok(Table::new()));
        }
    }

    /// The interface that a modem serves.
    pub(super) fn served_by(&self, modem: &str) -> Option<(&String, &Interface)> {
        self.interfaces.iter().find(|(_, interface)| {
            interface.modem.as_deref() == Some(modem)
                && matches!(interface.phase, Phase::Active | Phase::Returning { .. })
        })
    }

    /// Shows a cause as the interface's error, and stops netifd where trying again is no use.
    pub(super) fn trouble(&mut self, modem: &str, cause: Cause) {
        let Some(name) = self.served_by(modem).map(|(name, _)| name.clone()) else { return };
        let phase = self.interfaces.get(&name).map(|interface| interface.phase);
        if matches!(phase, Some(Phase::Returning { .. })) {
            // It is shown when the interface is set up again.
            return;
        }
        log::warn!("{name}: {}", cause.sentence());
        if let Some(token) = cause.token() {
            self.update(&name, ProtoUpdate::Error(token));
        }
        if cause.policy() == Policy::Block {
            let want = self.slots.get(modem).and_then(|slot| slot.machine.want().cloned());
            if let Some(interface) = self.interfaces.get_mut(&name) {
                interface.phase = Phase::Blocked;
                interface.blocked_with = want;
            }
            self.update(&name, ProtoUpdate::Block);
            self.update(&name, ProtoUpdate::SetupFailed);
        }
    }

    /// What had blocked an interface is over: it may be set up again.
    pub(super) fn unblock(&mut self, modem: &str) {
        let Some(slot) = self.slots.get(modem) else { return };
        let is_its = |interface: &Interface| match &interface.modem {
            Some(id) => id == modem,
            None => {
                let device = &interface.config.device;
                plan::fits(&self.config, device, &slot.found, &slot.machine)
            }
        };
        let blocked = self
            .interfaces
            .iter()
            .find(|(_, interface)| interface.phase == Phase::Blocked && is_its(interface));
        if let Some(interface) = blocked.map(|(name, _)| name.clone()) {
            self.interfaces.remove(&interface);
            self.put(Output::SwitchInterface { interface, up: true });
        }
    }

    /// The configuration has changed: what had blocked an interface may have been put right in it.
    pub(super) fn reconsider_blocked(&mut self) {
        let changed = self.interfaces.names_of(&|_, interface| {
            let slot = interface.modem.as_ref().and_then(|id| self.slots.get(id));
            let Some(slot) = slot.filter(|_| interface.phase == Phase::Blocked) else {
                return false;
            };
            let sim = &slot.machine.facts().sim;
            let want = slot.want(&self.config, &interface.config, sim);
            interface.blocked_with.as_ref().is_some_and(|old| *old != want)
        });
        for interface in changed {
            self.interfaces.remove(&interface);
            self.put(Output::SwitchInterface { interface, up: true });
        }
    }

    pub(super) fn expire_interfaces(&mut self, now: Instant) {
        self.expect_addresses(now);
        let mut overdue = Vec::new();
        for (name, interface) in &mut self.interfaces {
            Instant::take_due(&mut interface.resend_at, now);
            if let Phase::TearingDown { call, deadline } = interface.phase
                && deadline <= now
            {
                overdue.push((name.clone(), call));
            }
        }
        self.give_up_returning(now);
        for (name, call) in overdue {
            log::warn!("{name}: the modem did not confirm the end of the connection in time");
            self.forget(&name);
            self.reply(call, Ok(Table::new()));
        }
    }
}
