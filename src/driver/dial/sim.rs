//! The SIM: its state, the attempts left, its numbers.

use super::dialect::Retries;
use super::session::{Session, failure};
use crate::driver::procedures::Steps;
use crate::driver::{Event, Failure};
use crate::log;
use crate::port::at::{AtError, RequestError};
use crate::time::Duration;
use crate::types::{Iccid, SimState, SimStatus};
use crate::wire::at::{
    CLCK_QUERY, CRSM_ICCID, CmeError, Params, PinState, parse_cimi, parse_clck, parse_cpin,
    parse_cpinr, parse_crsm_iccid, parse_iccid,
};

/// How often the SIM is read when it is read anew meanwhile.
const READ_TRIES: u32 = 3;

/// How often a SIM that is starting is asked again, beside the codes and probes that tell of it.
const STARTING_TRIES: u32 = 30;

/// How long to wait between.
const STARTING_PAUSE: Duration = Duration::from_secs(1);

impl Session {
    /// Reads the SIM's state and what numbers it gives away in that state.
    pub(super) async fn read_sim(&self) -> Result<SimStatus, Failure> {
        let mut tries = READ_TRIES;
        loop {
            let (word, sim) = self.read_sim_once().await?;
            tries -= 1;
            // What was read later may have been told sooner, and counts more.
            if tries == 0 || self.state().words_of_sim == word {
                self.state_mut().sim = sim.clone();
                return Ok(sim);
            }
        }
    }

    async fn read_sim_once(&self) -> Result<(u32, SimStatus), Failure> {
        let state = match self.ask_text("+CPIN?").await {
            Ok(lines) => parse_cpin(&lines).map_or(SimState::Unknown, |state| state_of(&state)),
            Err(RequestError::At(AtError::Cme(error))) => state_of_error(&error),
            Err(RequestError::At(_) | RequestError::Malformed(_)) => SimState::Unknown,
            Err(error) => return Err(failure(error)),
        };
        let word = {
            let mut state = self.state_mut();
            state.words_of_sim = state.words_of_sim.wrapping_add(1);
            state.words_of_sim
        };
        let mut sim = SimStatus { state, ..SimStatus::default() };
        let (has_retries, has_numbers) = match state {
            SimState::Unknown | SimState::Absent | SimState::NotReady => (false, false),
            SimState::PinRequired | SimState::PukRequired | SimState::Ready => (true, true),
            // The last PUK was wrong, or the card does not work at all: the attempts tell which.
            SimState::Error | SimState::Blocked => (true, false),
        };
        if has_retries {
            self.read_retries(&mut sim).await?;
        }
        if has_numbers {
            self.read_numbers(&mut sim).await?;
        }
        if sim.puk1_retries_left == Some(0) {
            sim.state = SimState::Blocked;
        }
        Ok((word, sim))
    }

    /// Reads whether the SIM asks for its PIN, and the attempts left.
    async fn read_retries(&self, sim: &mut SimStatus) -> Result<(), Failure> {
        match sim.state {
            SimState::PinRequired | SimState::PukRequired => sim.pin1_enabled = Some(true),
            SimState::Ready => {
                sim.pin1_enabled = parse_clck(&self.lines(CLCK_QUERY).await?);
            }
            SimState::Unknown
            | SimState::Absent
            | SimState::NotReady
            | SimState::Blocked
            | SimState::Error => {}
        }
        let own = self.state().dialect.retries;
        for retries in own {
            let lines = self.lines(retries.command).await?;
            if retries.read(&lines, sim) {
                return Ok(());
            }
        }
        let lines = self.lines("+CPINR").await?;
        sim.pin1_retries_left = parse_cpinr(&lines, "SIM PIN");
        sim.puk1_retries_left = parse_cpinr(&lines, "SIM PUK");
        Ok(())
    }

    /// Reads ICCID and IMSI as far as the SIM lets them be read and they are not known yet.
    async fn read_numbers(&self, sim: &mut SimStatus) -> Result<(), Failure> {
        {
            let known = &self.state().sim;
            (sim.iccid, sim.imsi) = (known.iccid.clone(), known.imsi.clone());
        }
        if sim.iccid.is_none() {
            sim.iccid = self.read_iccid().await?;
        }
        if sim.imsi.is_none() && sim.state == SimState::Ready {
            sim.imsi = parse_cimi(&self.lines("+CIMI").await?);
        }
        Ok(())
    }

    async fn read_iccid(&self) -> Result<Option<Iccid>, Failure> {
        let own = self.state().dialect.iccid;
        for command in own {
            let iccid = parse_iccid(&self.lines(command).await?);
            if iccid.is_some() {
                return Ok(iccid);
            }
        }
        Ok(parse_crsm_iccid(&self.lines(CRSM_ICCID).await?))
    }

    /// Reads the SIM anew and tells when it changed.
    pub(super) async fn recheck_sim(&self) -> Result<(), Failure> {
        let known = self.state().sim.clone();
        let sim = self.read_sim().await?;
        if sim != known {
            self.emit(Event::Sim(sim));
        }
        Ok(())
    }

    /// The modem says something of the card.
    pub(super) async fn card_changed(self) {
        {
            // It may be another one.
            let sim = &mut self.state_mut().sim;
            (sim.iccid, sim.imsi) = (None, None);
        }
        match self.recheck_sim().await {
            Ok(()) => self.follow_starting_sim().await,
            // The next probe asks again.
            Err(failure) => failure.log("reading the SIM"),
        }
    }

    /// Asks a SIM that is starting until it has started: not every modem tells of that.
    pub(super) async fn follow_starting_sim(&self) {
        for _ in 0..STARTING_TRIES {
            match self.state().sim.state {
                SimState::Unknown | SimState::NotReady => {}
                SimState::Absent
                | SimState::PinRequired
                | SimState::PukRequired
                | SimState::Blocked
                | SimState::Ready
                | SimState::Error => return,
            }
            self.sleep(STARTING_PAUSE).await;
            if self.recheck_sim().await.is_err() {
                return;
            }
        }
    }
}

impl Retries {
    /// Takes over what is left; whether it was there.
    fn read(&self, lines: &[String], sim: &mut SimStatus) -> bool {
        let number = |at: usize| {
            for line in lines {
                let Some(params) = Params::of(line, self.name) else { continue };
                let params = params.list(usize::MAX);
                let is_it = |key| params.first().is_some_and(|first| first.text == key);
                let left = params.get(at).and_then(|param| u8::try_from(param.number()?).ok());
                if left.is_some() && self.key.is_none_or(is_it) {
                    return left;
                }
            }
            None
        };
        // What waits for a PIN or PUK may only tell of that one.
        let needs_puk = sim.state == SimState::PukRequired;
        let pin1 = number(self.pin1_at).filter(|_| self.puk1_at.is_some() || !needs_puk);
        let puk1 = self.puk1_at.and_then(number);
        (sim.pin1_retries_left, sim.puk1_retries_left) = (pin1, puk1);
        pin1.is_some() || puk1.is_some()
    }
}

fn state_of(state: &PinState) -> SimState {
    match state {
        // PIN2 guards nothing that matters.
        PinState::Ready | PinState::SimPin2 | PinState::SimPuk2 => SimState::Ready,
        PinState::SimPin => SimState::PinRequired,
        PinState::SimPuk => SimState::PukRequired,
        PinState::Personalisation(_) => {
            log::warn!("the modem is locked to another SIM, network or provider");
            SimState::Error
        }
        PinState::Other(text) => match text.as_str() {
            // seen: SIMCom, Quectel.
            "NOT INSERTED" | "SIM REMOVED" => SimState::Absent,
            "NOT READY" => SimState::NotReady,
            _ => SimState::Unknown,
        },
    }
}

/// TS 27.007 9.2. Busy is not absent, and neither is what the table does not know.
#[expect(clippy::wildcard_enum_match_arm, reason = "most errors say nothing of the SIM")]
fn state_of_error(error: &CmeError) -> SimState {
    match *error {
        CmeError::SimNotInserted => SimState::Absent,
        CmeError::SimPinRequired => SimState::PinRequired,
        CmeError::SimPukRequired => SimState::PukRequired,
        CmeError::SimBusy => SimState::NotReady,
        CmeError::SimFailure | CmeError::SimWrong => SimState::Error,
        CmeError::SimPin2Required | CmeError::SimPuk2Required => SimState::Ready,
        CmeError::PhSimPinRequired
        | CmeError::PhFsimPinRequired
        | CmeError::PhFsimPukRequired
        | CmeError::NetworkPinRequired
        | CmeError::NetworkPukRequired
        | CmeError::NetworkSubsetPinRequired
        | CmeError::NetworkSubsetPukRequired
        | CmeError::ServicePinRequired
        | CmeError::ServicePukRequired
        | CmeError::CorporatePinRequired
        | CmeError::CorporatePukRequired => SimState::Error,
        _ => SimState::Unknown,
    }
}
