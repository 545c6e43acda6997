//! Radio: its switch, registration, choice of network, signal, and whether the modem is alive.

use super::initialize::mode_of;
use super::session::{Session, failure};
use crate::driver::choice::RadioRequest;
use crate::driver::procedures::Steps;
use crate::driver::task::{Either, either};
use crate::driver::{Event, Failure, FailureKind, Measure, Selection};
use crate::map::Map;
use crate::port::at::RequestError;
use crate::time::Duration;
use crate::types::{Measurement, Msisdn, OperatingMode, Registration, RegistrationState, SimState};
use crate::wire::at::{
    COPS_NAME, COPS_NUMERIC, Command, Domain, DomainStatus, Functionality, cfun_set, cops_select,
    parse_cesq, parse_cnum, parse_cops, parse_csq, parse_registration, registration_query,
    ws46_select,
};
use core::pin::pin;

/// How long a modem may take to answer one question about its health.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long it has when it has left that unanswered, with what the port does to get in step.
const SECOND_PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long choosing a network may take: modems answer when they have registered with it.
pub(super) const SELECT_TIMEOUT: Duration = Duration::from_secs(120);

/// How long switching the radio may take: leaving the network is part of it.
const MODE_TIMEOUT: Duration = Duration::from_secs(20);

impl Session {
    /// Reads the registration with the domains that the modem has.
    pub(super) async fn read_registration(&self) -> Result<(), Failure> {
        let known = Domain::ALL.map(|domain| self.state().domains.contains_key(&domain));
        for (domain, is_known) in Domain::ALL.into_iter().zip(known) {
            if !is_known {
                continue;
            }
            let lines = self.ask(registration_query(domain)).lines().await?;
            if let Some(status) = parse_registration(domain, &lines) {
                self.state_mut().domains.insert(domain, status);
            }
        }
        self.read_operator().await?;
        let registration = self.registered();
        self.state_mut().registration = registration;
        Ok(())
    }

    /// Reads which network the modem is registered with.
    async fn read_operator(&self) -> Result<(), Failure> {
        if !self.registered().state.is_registered() {
            self.state_mut().operator = None;
            return Ok(());
        }
        let lines = self.lines(COPS_NUMERIC).await?;
        let mut operator = parse_cops(&lines).unwrap_or_default();
        let lines = self.lines(COPS_NAME).await?;
        operator.name = parse_cops(&lines).and_then(|operator| operator.name);
        self.state_mut().operator = Some(operator);
        Ok(())
    }

    /// What all domains and the operator say together.
    fn registered(&self) -> Registration {
        let state = self.state();
        let mut registration = together(&state.domains);
        if registration.state.is_registered()
            && let Some(operator) = &state.operator
        {
            registration.plmn = operator.plmn;
            registration.operator.clone_from(&operator.name);
            registration.rat = registration.rat.or(operator.rat);
        }
        registration
    }

    /// The modem says that its registration with one domain changed.
    pub(super) fn registration_told(&self, domain: Domain, status: DomainStatus) -> bool {
        self.state_mut().domains.insert(domain, status);
        let was = self.state().registration.clone();
        let mut registration = self.registered();
        if !was.state.is_registered() {
            // Another network, perhaps.
            (registration.plmn, registration.operator) = (None, None);
        }
        let is_new = registration.state.is_registered() && registration.plmn.is_none();
        self.tell_registration(registration);
        is_new
    }

    fn tell_registration(&self, registration: Registration) {
        if self.state().registration != registration {
            self.state_mut().registration = registration.clone();
            self.emit(Event::Registration(registration));
        }
    }

    fn retell_registration(&self) {
        let registration = self.state().registration.clone();
        self.emit(Event::Registration(registration));
    }

    /// Adds which network it is.
    pub(super) async fn name_network(self) {
        match self.read_operator().await {
            Ok(()) => self.tell_registration(self.registered()),
            // The next probe asks again.
            Err(failure) => failure.log("reading the network"),
        }
    }

    /// Switches the radio.
    pub(super) async fn set_operating_mode(self, mode: OperatingMode) {
        let wanted = match mode {
            OperatingMode::Online => Functionality::Full,
            OperatingMode::LowPower | OperatingMode::Other(_) => Functionality::RadioOff,
            OperatingMode::Offline => Functionality::Minimum,
        };
        match self.ask_for(cfun_set(wanted, false), MODE_TIMEOUT).await {
            Ok(_) => self.emit(Event::Mode(mode_of(wanted))),
            Err(error) => self.emit(Event::RequestFailed(failure(error))),
        }
    }

    /// Restricts the modem to networks and technologies.
    pub(super) async fn select(self, selection: Selection) {
        let select = self.ask_for(cops_select(selection.plmn), SELECT_TIMEOUT);
        let mut result = select.await.map(drop);
        let is_restricted = !selection.modes.is_empty();
        if is_restricted || self.state().is_restricted {
            let modes = self.ask(ws46_select(&selection.modes)).await.map(drop);
            self.state_mut().is_restricted |= modes.is_ok() && is_restricted;
            result = result.and(modes);
        }
        if let Err(error) = result {
            self.emit(Event::RequestFailed(failure(error)));
        }
    }

    /// What the owner asks of the radio goes over the port by itself: `driver/at_radio`.
    pub(super) async fn radio(self, number: u32, _request: RadioRequest) {
        let failure = Failure::new(FailureKind::Unsupported, "asked over the AT port alone");
        self.emit(Event::Radio(number, Err(failure)));
    }

    /// Asks the modem what it hears, whether its call is up, and so whether it is alive.
    pub(super) async fn probe(self) {
        if let Err(failure) = self.answers().await {
            return self.unresponsive(&failure);
        }
        let checks = async {
            self.hang_up_unwanted().await;
            self.check_bearer(None).await?;
            self.recheck_registration().await?;
            // A SIM that was reset in silence waits for its PIN while the modem seems to search.
            let is_registered = self.state().registration.state.is_registered();
            if self.state().sim.state != SimState::Ready || !is_registered {
                self.recheck_sim().await?;
            }
            Ok::<(), Failure>(())
        };
        let mut result = checks.await;
        // One question passed over is no silence yet.
        if result.as_ref().is_err_and(|failure| failure.kind == FailureKind::Timeout) {
            result = self.answers().await;
        }
        match result {
            Err(failure) if failure.kind != FailureKind::Refused => self.unresponsive(&failure),
            Ok(()) | Err(_) => self.emit(Event::Alive),
        }
    }

    fn unresponsive(&self, failure: &Failure) {
        failure.log("probe");
        self.emit(Event::Unresponsive);
    }

    /// Whether the modem answers at all.
    async fn answers(&self) -> Result<(), Failure> {
        let attention = || Command::execute("");
        match self.ask_for(attention(), PROBE_TIMEOUT).lines().await {
            Err(failure) if failure.kind == FailureKind::Timeout => {}
            answer => return answer.map(drop),
        }
        let until = self.state().now + SECOND_PROBE_TIMEOUT;
        let again = pin!(self.ask_for(attention(), SECOND_PROBE_TIMEOUT).lines());
        let sleep = pin!(self.wait_until::<()>(until, |_| None));
        match either(again, sleep).await {
            Either::First(answer) => answer.map(drop),
            Either::Second(_) => Err(failure(RequestError::Timeout)),
        }
    }

    /// Measures, and tells what came of it.
    pub(super) async fn measure_as(self, what: Measure) {
        // The probe finds out whether it is alive.
        let _ = self.measure().await;
        let number = self.number(what).await;
        self.emit(Event::Measured(Box::new(Measurement { number, ..Measurement::default() })));
    }

    /// The phone number, which does not change while the SIM stays: asked once.
    async fn number(&self, what: Measure) -> Option<Msisdn> {
        if what != Measure::All || std::mem::replace(&mut self.state_mut().is_named, true) {
            return None;
        }
        parse_cnum(&self.ask_text("+CNUM").await.ok()?)
    }

    async fn measure(&self) -> Result<(), Failure> {
        let mut signal = None;
        if !self.state().lacks_cesq {
            match self.ask_text("+CESQ").await {
                Ok(lines) => signal = parse_cesq(&lines),
                Err(RequestError::At(_)) => self.state_mut().lacks_cesq = true,
                Err(error) => return Err(failure(error)),
            }
        }
        if signal.is_none() {
            signal = parse_csq(&self.lines("+CSQ").await?);
        }
        let mut signal = signal.unwrap_or_default();
        signal.rat = signal.rat.or(self.state().registration.rat);
        self.emit(Event::Signal(signal));
        Ok(())
    }

    /// Reads the registration, in case word of it was lost. While registered, only with the domain
    /// that says so: each question costs some modems a good deal.
    async fn recheck_registration(&self) -> Result<(), Failure> {
        let registered = {
            let state = self.state();
            let found = state.domains.iter().find(|(_, status)| status.state.is_registered());
            found.map(|(domain, _)| *domain)
        };
        if let Some(domain) = registered {
            let lines = self.ask(registration_query(domain)).lines().await?;
            let status = parse_registration(domain, &lines);
            let is_unchanged = self.state().domains.get(&domain) == status.as_ref();
            let is_named = self.state().registration.plmn.is_some();
            if is_unchanged && is_named || status.is_none() {
                self.retell_registration();
                return Ok(());
            }
        }
        self.read_registration().await?;
        self.retell_registration();
        Ok(())
    }
}

/// What the domains say together: where packet data is to be had counts first.
fn together(domains: &Map<Domain, DomainStatus>) -> Registration {
    let registered = domains.iter().find(|(_, status)| status.state.is_registered());
    if let Some((domain, status)) = registered {
        let has_packet_domain = domains.keys().any(|domain| *domain != Domain::Creg);
        let attached = match domain {
            Domain::C5greg | Domain::Cereg | Domain::Cgreg => Some(true),
            Domain::Creg => has_packet_domain.then_some(false),
        };
        return Registration {
            state: status.state,
            attached,
            rat: status.rat,
            ..Registration::default()
        };
    }
    let has = |state| domains.values().any(|status| status.state == state);
    let order = [RegistrationState::Denied, RegistrationState::Searching, RegistrationState::Idle];
    let state = order.into_iter().find(|state| has(*state)).unwrap_or_default();
    let reject_cause = domains.values().find_map(|status| status.reject_cause);
    Registration {
        state,
        attached: None,
        reject_cause: reject_cause.filter(|_| state == RegistrationState::Denied),
        ..Registration::default()
    }
}
