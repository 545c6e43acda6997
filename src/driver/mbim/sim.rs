//! The SIM: its state, its numbers, its PIN.

use super::session::{Session, failure, unless_lost};
use crate::driver::Event;
use crate::log;
use crate::port::mbim::RequestError;
use crate::types::{SimState, SimStatus};
use crate::wire::mbim::basic_connect::{
    PinInfo, PinListQuery, PinMode, PinQuery, PinState, PinType, SubscriberReady,
    SubscriberReadyQuery,
};

impl Session {
    /// Reads the SIM's state and what numbers it gives away in that state.
    pub(super) async fn read_sim(&self) -> Result<SimStatus, RequestError> {
        let sim = self.sim_now().await?;
        self.state_mut().sim = sim.clone();
        Ok(sim)
    }

    async fn sim_now(&self) -> Result<SimStatus, RequestError> {
        let ready = self.ask(&SubscriberReadyQuery).await?;
        self.with_pin(ready).await
    }

    /// Adds what is known of the PIN, which other messages tell.
    async fn with_pin(&self, ready: SubscriberReady) -> Result<SimStatus, RequestError> {
        self.state_mut().number = ready.number;
        let mut sim = SimStatus {
            state: ready.state.sim_state(),
            iccid: ready.iccid,
            imsi: ready.imsi,
            ..SimStatus::default()
        };
        match sim.state {
            SimState::Absent | SimState::NotReady | SimState::Unknown => return Ok(sim),
            SimState::PinRequired
            | SimState::PukRequired
            | SimState::Blocked
            | SimState::Ready
            | SimState::Error => {}
        }
        if let Some(list) = unless_lost(self.ask(&PinListQuery).await)? {
            sim.pin1_enabled = match list.mode {
                PinMode::Enabled => Some(true),
                PinMode::Disabled => Some(false),
                _ => None,
            };
        }
        if let Some(info) = unless_lost(self.ask(&PinQuery).await)? {
            note_pin(&mut sim, &info);
        }
        Ok(sim)
    }

    /// The modem says that the card changed: `ready` tells how.
    pub(super) async fn card_changed(self, ready: SubscriberReady) {
        match self.with_pin(ready).await {
            Ok(sim) => self.tell_sim(sim),
            // The next probe asks again.
            Err(error) => failure(error).log("reading the SIM"),
        }
    }

    /// Reads the SIM anew and tells when it changed.
    pub(super) async fn recheck_sim(&self) -> Result<(), RequestError> {
        self.tell_sim(self.sim_now().await?);
        Ok(())
    }

    fn tell_sim(&self, sim: SimStatus) {
        if self.state().sim != sim {
            self.state_mut().sim = sim.clone();
            self.emit(Event::Sim(sim));
        }
    }
}

/// Adds which PIN is needed and how often it may be tried.
pub(super) fn note_pin(sim: &mut SimStatus, info: &PinInfo) {
    let is_locked = info.state == PinState::Locked;
    match info.kind {
        PinType::Pin1 => {
            sim.pin1_retries_left = info.attempts_left;
            if is_locked {
                (sim.state, sim.pin1_enabled) = (SimState::PinRequired, Some(true));
            }
        }
        PinType::Puk1 if is_locked => {
            let is_dead = info.attempts_left == Some(0);
            sim.state = if is_dead { SimState::Blocked } else { SimState::PukRequired };
            (sim.pin1_retries_left, sim.puk1_retries_left) = (Some(0), info.attempts_left);
            sim.pin1_enabled = Some(true);
        }
        // The modem is tied to another SIM, network or provider. PIN2 guards nothing that matters.
        PinType::Custom
        | PinType::DeviceSimPin
        | PinType::DeviceFirstSimPin
        | PinType::NetworkPin
        | PinType::NetworkSubsetPin
        | PinType::ServiceProviderPin
        | PinType::CorporatePin
        | PinType::SubsidyPin
            if is_locked =>
        {
            log::warn!("the modem is locked: {:?}", info.kind);
            sim.state = SimState::Error;
        }
        _ => {}
    }
}
