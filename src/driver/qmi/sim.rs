//! The SIM: its state, its numbers, its PIN. Over UIM, or over DMS where the modem has no UIM.

use super::session::{Session, failure, optional};
use crate::driver::Event;
use crate::port::qmi::RequestError;
use crate::types::{Iccid, Imsi, SimState, SimStatus};
use crate::wire::qmi::uim::{
    Application, ApplicationState, CardError, CardState, CardStatus, GetCardStatusRequest,
    PinState, ReadTransparentRequest, Retries, iccid_from_ef, imsi_from_ef,
};
use crate::wire::qmi::{AnyRequest, QmiError, Service, dms};

/// How often the SIM is read when it changes while it is read.
const READ_TRIES: u32 = 3;

impl Session {
    fn has_uim(&self) -> bool {
        self.state().clients.contains_key(&Service::Uim)
    }

    /// Reads the SIM's state and what numbers it gives away in that state.
    pub(super) async fn read_sim(&self) -> Result<SimStatus, RequestError> {
        self.read_change_of_sim().await.map(|(sim, _)| sim)
    }

    /// The same, and whether that is not what was known of it until now.
    async fn read_change_of_sim(&self) -> Result<(SimStatus, bool), RequestError> {
        let mut tries = READ_TRIES;
        loop {
            let mut sim = match self.read_card().await? {
                Some(status) => sim_of_card(&status),
                None => self.read_sim_over_dms().await?,
            };
            let word = self.newer_word_of_sim();
            self.read_numbers(&mut sim).await?;
            tries -= 1;
            if tries == 0 || self.is_last_word_of_sim(word) {
                let known = std::mem::replace(&mut self.state_mut().sim, sim.clone());
                let is_new = known != sim;
                return Ok((sim, is_new));
            }
        }
    }

    /// What UIM says of the card; `None` when another service has to be asked, for some firmware
    /// refuses the question or never answers it.
    async fn read_card(&self) -> Result<Option<CardStatus>, RequestError> {
        if !self.has_uim() {
            return Ok(None);
        }
        match self.ask_shared(&GetCardStatusRequest).await {
            Ok(status) => Ok(Some(status)),
            Err(error @ RequestError::Qmi(QmiError::InvalidClientId)) => Err(error),
            Err(RequestError::Qmi(_) | RequestError::Malformed(_) | RequestError::Timeout) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The SIM has told its state. Reading its numbers takes time, and what it tells meanwhile
    /// counts more.
    fn newer_word_of_sim(&self) -> u32 {
        let mut state = self.state_mut();
        state.words_of_sim = state.words_of_sim.wrapping_add(1);
        state.words_of_sim
    }

    fn is_last_word_of_sim(&self, word: u32) -> bool {
        self.state().words_of_sim == word
    }

    async fn read_sim_over_dms(&self) -> Result<SimStatus, RequestError> {
        let mut sim = SimStatus::default();
        match self.ask_shared(&dms::UimGetPinStatusRequest).await {
            Ok(statuses) => {
                if let Some(pin1) = statuses.pin1 {
                    (sim.state, sim.pin1_enabled) = of_pin(pin1.state);
                    note_retries(&mut sim, pin1.retries);
                }
            }
            Err(RequestError::Qmi(QmiError::UimUninitialized)) => sim.state = SimState::NotReady,
            Err(RequestError::Qmi(QmiError::DeviceInUse | QmiError::NotProvisioned)) => {
                sim.state = SimState::Absent;
            }
            Err(RequestError::Qmi(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(sim)
    }

    /// Reads ICCID and IMSI as far as the SIM lets them be read and they are not known yet.
    async fn read_numbers(&self, sim: &mut SimStatus) -> Result<(), RequestError> {
        let readable = match sim.state {
            SimState::Ready | SimState::PinRequired | SimState::PukRequired | SimState::Blocked => {
                true
            }
            SimState::Unknown | SimState::Absent | SimState::NotReady | SimState::Error => false,
        };
        let known = self.state().sim.clone();
        if !readable {
            return Ok(());
        }
        (sim.iccid, sim.imsi) = (known.iccid, known.imsi);
        if sim.iccid.is_none() {
            let (file, over_dms) = (ReadTransparentRequest::iccid(), dms::UimGetIccidRequest);
            let text = self.read_number(&file, iccid_from_ef, &over_dms).await?;
            sim.iccid = Iccid::new(&text).ok();
        }
        if sim.imsi.is_none() && sim.state == SimState::Ready {
            let (file, over_dms) = (ReadTransparentRequest::imsi(), dms::UimGetImsiRequest);
            let text = self.read_number(&file, imsi_from_ef, &over_dms).await?;
            sim.imsi = Imsi::new(&text).ok();
        }
        Ok(())
    }

    /// Reads a number of the SIM; empty where it gives none away.
    async fn read_number(
        &self,
        file: &ReadTransparentRequest,
        of_file: fn(&[u8]) -> String,
        over_dms: &dyn AnyRequest,
    ) -> Result<String, RequestError> {
        let number = if self.has_uim() {
            let content = optional(self.ask_shared(file).await)?;
            content.and_then(|response| response.content).map(|content| of_file(&content))
        } else {
            optional(self.ask_name(over_dms).await)?
        };
        Ok(number.unwrap_or_default())
    }

    /// The modem says that the card changed: `status` tells how.
    pub(super) async fn card_changed(self, status: CardStatus) {
        let mut sim = sim_of_card(&status);
        let word = self.newer_word_of_sim();
        if sim.state == SimState::Absent {
            self.state_mut().sim = SimStatus::default();
        }
        if let Err(error) = self.read_numbers(&mut sim).await {
            failure(error).log("reading the SIM");
        }
        let changed = self.state().sim != sim;
        if changed && self.is_last_word_of_sim(word) {
            self.state_mut().sim = sim.clone();
            self.emit(Event::Sim(sim));
        }
    }

    /// Reads the SIM anew and tells when it changed.
    pub(super) async fn recheck_sim(&self) -> Result<(), RequestError> {
        let (sim, is_new) = self.read_change_of_sim().await?;
        if is_new {
            self.emit(Event::Sim(sim));
        }
        Ok(())
    }
}

fn note_retries(sim: &mut SimStatus, retries: Retries) {
    sim.pin1_retries_left = Some(retries.pin_retries_left);
    sim.puk1_retries_left = Some(retries.puk_retries_left);
}

/// The errors a card has while it is being powered.
const STARTING: [CardError; 3] = [CardError::Unknown, CardError::PowerDown, CardError::Poll];

/// What UIM's card status means for us.
fn sim_of_card(status: &CardStatus) -> SimStatus {
    let mut sim = SimStatus::default();
    if let Some((card, application)) = status.application() {
        (sim.state, sim.pin1_enabled) = of_application(application);
        let (pin1, retries) = if application.upin_replaces_pin1 {
            (card.upin_state, card.upin_retries)
        } else {
            (application.pin1_state, application.pin1_retries)
        };
        note_retries(&mut sim, retries);
        sim.pin1_enabled = sim.pin1_enabled.or(of_pin(pin1).1);
        return sim;
    }
    let Some(card) = status.cards.first() else {
        sim.state = SimState::Absent;
        return sim;
    };
    sim.state = match card.state {
        CardState::Absent => SimState::Absent,
        CardState::Present => SimState::NotReady,
        CardState::Error if STARTING.contains(&card.error) => SimState::NotReady,
        CardState::Error if card.error == CardError::NoAtrReceived => SimState::Absent,
        CardState::Error => SimState::Error,
        _ => SimState::Unknown,
    };
    sim
}

fn of_application(application: &Application) -> (SimState, Option<bool>) {
    match application.state {
        ApplicationState::Ready => (SimState::Ready, of_pin(application.pin1_state).1),
        ApplicationState::PinRequired => (SimState::PinRequired, Some(true)),
        ApplicationState::PukRequired => (SimState::PukRequired, Some(true)),
        ApplicationState::Pin1Blocked => match application.pin1_state {
            PinState::PermanentlyBlocked => (SimState::Blocked, Some(true)),
            _ => (SimState::PukRequired, Some(true)),
        },
        ApplicationState::Illegal => (SimState::Error, None),
        _ => (SimState::NotReady, None),
    }
}

fn of_pin(state: PinState) -> (SimState, Option<bool>) {
    match state {
        PinState::EnabledNotVerified => (SimState::PinRequired, Some(true)),
        PinState::EnabledVerified | PinState::Unblocked | PinState::Changed => {
            (SimState::Ready, Some(true))
        }
        PinState::Disabled => (SimState::Ready, Some(false)),
        PinState::Blocked => (SimState::PukRequired, Some(true)),
        PinState::PermanentlyBlocked => (SimState::Blocked, Some(true)),
        _ => (SimState::NotReady, None),
    }
}
