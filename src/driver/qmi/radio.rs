//! Radio: operating mode, registration, choice of network, signal, and whether the modem is alive.

use super::session::{Client, Session, done, failure, optional};
use crate::driver::{Event, Failure, FailureKind, Selection};
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::{OperatingMode, Registration, RegistrationState, SimState};
use crate::wire::qmi::{QmiError, Service, ctl, dms, nas};

/// How long a modem may take to answer one question about its health.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

impl Session {
    pub(super) async fn read_registration(&self) -> Result<Registration, RequestError> {
        let system = self.ask_shared(&nas::GetServingSystemRequest).await?;
        self.with_reject_cause(system.registration()).await
    }

    /// Adds why the network refused, which only another message tells.
    async fn with_reject_cause(
        &self,
        mut registration: Registration,
    ) -> Result<Registration, RequestError> {
        if registration.state == RegistrationState::Denied
            && let Some(info) = optional(self.ask_shared(&nas::GetSystemInfoRequest).await)?
        {
            registration.reject_cause = info.reject_cause();
        }
        Ok(registration)
    }

    /// The modem says that its registration changed.
    pub(super) async fn registration_changed(self, registration: Registration) {
        let told = self.with_reject_cause(registration.clone()).await;
        self.emit(Event::Registration(told.unwrap_or(registration)));
    }

    /// Switches the radio; the modem's own word on it follows as an indication or is asked for.
    pub(super) async fn set_operating_mode(self, mode: OperatingMode) {
        let wanted = match mode {
            OperatingMode::Online => dms::SetMode::Online,
            OperatingMode::LowPower | OperatingMode::Other(_) => dms::SetMode::LowPower,
            OperatingMode::Offline => dms::SetMode::Offline,
        };
        match done(self.order(&dms::SetOperatingModeRequest { mode: wanted }).await) {
            Ok(()) => self.emit(Event::Mode(mode)),
            Err(error) => self.emit(Event::RequestFailed(failure(error))),
        }
    }

    pub(super) async fn read_mode(&self) -> Result<OperatingMode, RequestError> {
        self.ask_shared(&dms::GetOperatingModeRequest).await.map(|info| info.mode)
    }

    /// Restarts the modem. Many refuse to unless they are offline first.
    pub(super) async fn reset(self) {
        for mode in [dms::SetMode::Offline, dms::SetMode::Reset] {
            let set = self.order(&dms::SetOperatingModeRequest { mode }).await;
            if let Err(error) = done(set) {
                return self.emit(Event::RequestFailed(failure(error)));
            }
        }
    }

    /// Restricts the modem to networks and technologies, until it restarts.
    pub(super) async fn select(self, selection: Selection) {
        let request = nas::SetSystemSelectionPreferenceRequest {
            modes: Some(nas::RatModes::of(&selection.modes)),
            bands: None,
            network: Some(selection.plmn),
            duration: nas::ChangeDuration::PowerCycle,
        };
        if let Err(error) = done(self.order(&request).await) {
            self.emit(Event::RequestFailed(failure(error)));
        }
    }

    /// Asks the modem what it hears, whether its calls are up, and so whether it is alive.
    pub(super) async fn probe(self) {
        let event = match self.measure().await {
            Ok(()) => self.check().await,
            Err(failure) if failure.kind == FailureKind::Forgotten => {
                self.forget_all();
                Event::Restarted
            }
            Err(_) => Event::Unresponsive,
        };
        self.emit(event);
    }

    /// Asks for the rest; whether the modem is alive.
    async fn check(&self) -> Event {
        match optional(self.check_all().await) {
            // A refusal is an answer.
            Ok(_) => Event::Alive,
            // One question passed over is no silence yet.
            Err(RequestError::Timeout) if self.answers().await => Event::Alive,
            Err(error) => {
                failure(error).log("probe");
                Event::Unresponsive
            }
        }
    }

    async fn check_all(&self) -> Result<(), RequestError> {
        self.check_bearers().await?;
        let is_registered = self.recheck_registration().await?;
        // A modem that had not told whether its radio is on may have it off.
        if self.state().mode.is_none() {
            self.emit(Event::Mode(self.read_mode().await?));
        }
        // A SIM that was reset in silence waits for its PIN while the modem seems to search.
        if self.state().sim.state != SimState::Ready || !is_registered {
            self.recheck_sim().await?;
        }
        Ok(())
    }

    /// Whether the modem answers the question that every one knows.
    async fn answers(&self) -> bool {
        let answer = self.greet(&ctl::GetVersionInfoRequest, PROBE_TIMEOUT).await;
        matches!(answer, Ok(()) | Err(RequestError::Qmi(_) | RequestError::Malformed(_)))
    }

    async fn measure(&self) -> Result<(), Failure> {
        let client = self.state().clients.get(&Service::Nas).map(Client::id);
        let Some(client) = client else { return Ok(()) };
        match self.ask(client, &nas::GetSignalInfoRequest, PROBE_TIMEOUT).await {
            Ok(info) => {
                self.emit(Event::Signal(info.best().unwrap_or_default()));
                Ok(())
            }
            Err(error @ RequestError::Qmi(QmiError::InvalidClientId)) => Err(failure(error)),
            // Too old for the message, or nothing to measure: alive it is.
            Err(RequestError::Qmi(_) | RequestError::Malformed(_)) => Ok(()),
            Err(RequestError::Timeout) if self.answers().await => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }

    /// Tells of the registration, in case an indication of it was lost; whether there is one.
    async fn recheck_registration(&self) -> Result<bool, RequestError> {
        let registration = optional(self.read_registration().await)?;
        let Some(registration) = registration else { return Ok(false) };
        let is_registered = registration.state.is_registered();
        self.emit(Event::Registration(registration));
        Ok(is_registered)
    }
}
