//! Getting to know a modem: from a port that answers to a report and unsolicited codes.

use super::dialect::dialect_of;
use super::session::{Session, failure, unless_lost};
use crate::driver::{Event, Failure, FailureKind, Initialize, Report};
use crate::log;
use crate::port::at::RequestError;
use crate::time::Duration;
use crate::types::{DeviceIdentity, OperatingMode, Registration, Table};
use crate::wire::at::{
    COPS_NUMERIC, Domain, DomainStatus, Functionality, cgmm, cops_select, identity_text,
    parse_cfun, parse_cops, registration_report,
};

/// How long a starting modem may leave one first question unanswered.
const FIRST_TIMEOUT: Duration = Duration::from_secs(2);

/// How often the first question is asked before the modem counts as silent.
const FIRST_TRIES: u32 = 5;

/// How often a modem with a call of an earlier daemon is asked for the rest.
const REPORT_TRIES: u32 = 3;

impl Session {
    /// Gets to know the modem, and tells what was found.
    pub(super) async fn initialize(self, request: Initialize) {
        match self.initialize_all(request).await {
            Ok(report) => {
                self.state_mut().is_known = true;
                self.emit(Event::Initialized(report));
                self.follow_starting_sim().await;
            }
            Err(failure) => self.emit(Event::InitializeFailed(failure)),
        }
    }

    async fn initialize_all(&self, request: Initialize) -> Result<Report, Failure> {
        self.forget_all();
        let model = self.first_contact().await?;
        let dialect = {
            let mut state = self.state_mut();
            state.dialect = dialect_of(state.vid, state.pid, &model);
            state.dialect
        };
        log::debug!("dialled like {}", dialect.name);
        if let Some(saved) = &request.saved
            && let Some(report) = self.adopt_all(saved).await?
        {
            return Ok(report);
        }
        self.forget_all();
        if self.state().is_ppp {
            self.stop_ppp();
        }
        self.choose_automatically().await?;
        self.report().await
    }

    /// The first question, which a modem that is still starting leaves unanswered; its model.
    async fn first_contact(&self) -> Result<String, Failure> {
        let mut tries = FIRST_TRIES;
        loop {
            tries -= 1;
            match self.ask_for(cgmm(), FIRST_TIMEOUT).lines().await {
                Ok(lines) => return Ok(identity_text(&lines, "+CGMM").unwrap_or_default()),
                Err(silence) if tries == 0 => return Err(silence),
                Err(_) => {}
            }
        }
    }

    /// Goes on with what an earlier daemon held; `None` when nothing of it is left.
    async fn adopt_all(&self, saved: &Table) -> Result<Option<Report>, Failure> {
        if !self.adopt(saved).await? {
            return Ok(None);
        }
        self.save();
        let mut tries = REPORT_TRIES;
        let mut report = loop {
            tries -= 1;
            match self.report().await {
                // One answer that is lost is no reason to give up a call that is up.
                Err(failure) if failure.kind == FailureKind::Timeout && tries > 0 => {}
                report => break report?,
            }
        };
        report.connection = self.state().bearer.as_ref().map(|bearer| bearer.config.clone());
        Ok(report.connection.is_some().then_some(report))
    }

    /// A network that somebody chose, or left, before: modems remember that.
    async fn choose_automatically(&self) -> Result<(), Failure> {
        let lines = self.lines(COPS_NUMERIC).await?;
        if parse_cops(&lines).is_some_and(|operator| !operator.is_automatic) {
            let select = cops_select(None);
            self.ask_for(select, super::radio::SELECT_TIMEOUT).lines().await?;
        }
        Ok(())
    }

    /// Asks for unsolicited codes, and reads everything once.
    async fn report(&self) -> Result<Report, Failure> {
        let lines = self.lines("+CFUN?").await?;
        self.state_mut().mode = parse_cfun(&lines).ok().map(mode_of);
        // Codes first: what changes after the reading below is then told.
        self.listen().await?;
        self.read_sim().await?;
        self.read_registration().await?;
        let state = self.state();
        Ok(Report {
            // The AT port itself knows who the modem is.
            identity: DeviceIdentity::default(),
            mode: state.mode,
            sim: state.sim.clone(),
            registration: state.registration.clone(),
            connection: None,
            ..Report::default()
        })
    }

    /// Has the modem tell of what happens to it, as far as it can.
    async fn listen(&self) -> Result<(), Failure> {
        for domain in Domain::ALL {
            // 3 tells the cause of a refusal, which many lack.
            for n in [3, 2, 1] {
                let answer = self.ask(registration_report(domain, n)).await;
                if unless_lost(answer)?.is_some() {
                    self.state_mut().domains.insert(domain, DomainStatus::default());
                    break;
                }
                if domain == Domain::C5greg {
                    // Modems without 5G lack it altogether.
                    break;
                }
            }
        }
        for command in ["+CGEREP=2,0", "+CGEREP=1,0"] {
            if unless_lost(self.ask_text(command).await)?.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Lets go of everything without telling the modem.
    pub(super) fn forget_all(&self) {
        let mut state = self.state_mut();
        state.bearer = None;
        (state.dialled, state.is_unwanted) = (None, false);
        state.told = None;
        state.domains.clear();
        state.operator = None;
        state.registration = Registration::default();
        state.is_known = false;
        state.is_named = false;
    }

    /// The firmware restarted: nothing that was set in it is left.
    pub(super) fn restarted(&self) {
        self.forget_all();
        if self.state().is_ppp {
            self.stop_ppp();
        }
        self.emit(Event::Restarted);
    }

    /// Restarts the modem, TS 27.007 8.2.
    pub(super) async fn reset(self) {
        let command = crate::wire::at::cfun_set(Functionality::Full, true);
        match self.ask(command).await {
            // One that restarts at once does not answer.
            Ok(_) | Err(RequestError::Timeout) => {}
            Err(error) => self.emit(Event::RequestFailed(failure(error))),
        }
    }
}

/// What +CFUN means for the radio.
pub(super) fn mode_of(functionality: Functionality) -> OperatingMode {
    match functionality {
        Functionality::Full => OperatingMode::Online,
        Functionality::Minimum | Functionality::RadioOff => OperatingMode::LowPower,
        Functionality::Other(code) => OperatingMode::Other(code),
    }
}
