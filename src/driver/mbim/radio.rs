//! Radio: its switch, registration, choice of network, signal, and whether the modem is alive.

use super::session::{Session, failure, unless_lost};
use crate::driver::choice::{RadioAnswer, RadioRequest, RadioResult, SCAN_TIMEOUT};
use crate::driver::procedures::Steps;
use crate::driver::{Event, Failure, FailureKind, Measure, Selection, network_time};
use crate::port::mbim::RequestError;
use crate::time::Duration;
use crate::types::{
    Cells, FoundNetwork, Measurement, NetworkState, OperatingMode, Plmn, RegistrationState, Role,
    SimSlot, SimState,
};
use crate::wire::mbim::basic_connect::{
    DataClass, PacketService, PacketServiceQuery, PacketServiceState, Provider, ProviderState,
    RadioStateSet, RegisterStateInfo, RegisterStateQuery, RegisterStateSet, SignalStateQuery,
    VisibleProvidersQuery,
};
use crate::wire::mbim::ms_extensions::DeviceResetSet;
use crate::wire::mbim::slots::{SlotInfoQuery, SlotMappingQuery, SlotMappingSet, SysCapsQuery};
use crate::wire::mbim::{BaseStationsInfoQuery, Command, NitzQuery};

/// How long a modem may take to answer one question about its health.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// No modem has more slots for SIMs.
const SLOTS_MAX: u32 = 8;

/// How often it is asked before it counts as silent.
const PROBE_TRIES: u32 = 2;

/// How long choosing a network may take: modems answer when they have registered with it.
const SELECT_TIMEOUT: Duration = Duration::from_secs(60);

impl Session {
    /// Reads and takes note of the registration.
    pub(super) async fn read_registration(&self) -> Result<(), RequestError> {
        let info = self.ask(&RegisterStateQuery).await?;
        self.note_registration(info);
        if let Some(service) = unless_lost(self.ask(&PacketServiceQuery).await)? {
            self.note_packet_service(service);
        }
        Ok(())
    }

    /// Takes note of the registration.
    pub(super) fn note_registration(&self, info: RegisterStateInfo) {
        let registration = &mut self.state_mut().registration;
        registration.state = info.state.registration_state();
        let is_registered = registration.state.is_registered();
        registration.plmn = info.plmn.filter(|_| is_registered);
        registration.operator = info.operator.filter(|_| is_registered);
        registration.rat = info.data_class.newest().filter(|_| is_registered);
        let is_denied = registration.state == RegistrationState::Denied;
        let cause = u8::try_from(info.nw_error).ok().filter(|cause| *cause != 0);
        registration.reject_cause = cause.filter(|_| is_denied);
    }

    /// Takes note of the packet service: it knows the technology in use, registration only those
    /// that there are.
    pub(super) fn note_packet_service(&self, service: PacketService) {
        let registration = &mut self.state_mut().registration;
        registration.attached = match service.state {
            PacketServiceState::Attached => Some(true),
            PacketServiceState::Attaching
            | PacketServiceState::Detaching
            | PacketServiceState::Detached => Some(false),
            _ => None,
        };
        let rat = service.data_class.newest().filter(|_| registration.state.is_registered());
        registration.rat = rat.or(registration.rat);
    }

    /// Tells of the registration as it is known.
    pub(super) fn tell_registration(&self) {
        let registration = self.state().registration.clone();
        self.emit(Event::Registration(registration));
    }

    /// Switches the radio.
    pub(super) async fn set_operating_mode(self, mode: OperatingMode) {
        let on = mode == OperatingMode::Online;
        match self.ask(&RadioStateSet { on }).await {
            Ok(radio) => {
                let is_locked = on && !radio.hardware_on;
                self.emit(Event::Mode(radio.mode()));
                if is_locked {
                    let detail = "the device's own switch is off";
                    let failure = Failure::new(FailureKind::Refused, detail);
                    self.emit(Event::RequestFailed(failure));
                }
            }
            Err(error) => self.emit(Event::RequestFailed(failure(error))),
        }
    }

    /// Restarts the modem, where it has Microsoft's extension for it; MBIM itself has none.
    pub(super) async fn reset(self) {
        if let Err(error) = self.ask(&DeviceResetSet).await {
            self.emit(Event::RequestFailed(failure(error)));
        }
    }

    /// Restricts the modem to networks and technologies.
    pub(super) async fn select(self, selection: Selection) {
        let data_class = match selection.modes.as_slice() {
            [] => self.state().data_class,
            modes => DataClass::of(modes),
        };
        if let Err(error) = self.register(selection.plmn, data_class).await {
            self.emit(Event::RequestFailed(failure(error)));
        }
    }

    /// Has the modem register with a network, or with any.
    async fn register(
        &self,
        plmn: Option<Plmn>,
        data_class: DataClass,
    ) -> Result<(), RequestError> {
        let request = RegisterStateSet { plmn, data_class };
        match self.ask_for(&request, SELECT_TIMEOUT).await? {
            Ok(info) => {
                self.note_registration(info);
                self.tell_registration();
                Ok(())
            }
            Err(refused) => Err(RequestError::Mbim(refused.status)),
        }
    }

    /// Does what the owner asks of the radio; bands are not known to MBIM, but to QMI inside of it.
    pub(super) async fn radio(self, number: u32, request: RadioRequest) {
        let result = match request {
            RadioRequest::Scan => {
                let query = VisibleProvidersQuery { restricted: false };
                let found = self.ask_for(&query, SCAN_TIMEOUT).await;
                found.map(networks_of).map(RadioAnswer::Networks).map_err(failure)
            }
            RadioRequest::Register(plmn) => {
                let data_class = self.state().data_class;
                let registered = self.register(plmn, data_class).await;
                registered.map(|()| RadioAnswer::Done).map_err(failure)
            }
            RadioRequest::StopScan => Ok(RadioAnswer::Done),
            RadioRequest::Slots => self.slots(None).await,
            RadioRequest::SetSlot(slot) => self.slots(Some(slot)).await,
            RadioRequest::Bands | RadioRequest::SetBands(_) | RadioRequest::Gnss(..) => {
                Err(Failure::new(FailureKind::Unsupported, "MBIM has no bands"))
            }
        };
        self.emit(Event::Radio(number, result));
    }

    /// The places for SIMs, after one of them was made the modem's.
    async fn slots(&self, wanted: Option<u8>) -> RadioResult {
        if self.state().has(SysCapsQuery::SERVICE, SysCapsQuery::CID) == Some(false) {
            return Err(Failure::new(FailureKind::Unsupported, "no such command"));
        }
        let is_set = wanted.is_some();
        // As long as it was not told to change, it has not.
        let unchanged = |error| {
            let failure = failure(error);
            if is_set { failure.of_kind(FailureKind::Refused) } else { failure }
        };
        let count = self.ask(&SysCapsQuery).await.map_err(unchanged)?.min(SLOTS_MAX);
        let mut active = self.ask(&SlotMappingQuery).await.map_err(unchanged)?;
        let before = active;
        let wanted = wanted.map(|slot| u32::from(slot) - 1);
        if let Some(index) = wanted.filter(|index| *index != active) {
            // Only a status says that it was not done.
            active = self.ask(&SlotMappingSet(index)).await.map_err(|error| {
                let is_refusal = matches!(error, RequestError::Mbim(_));
                let unknown = Failure::new(FailureKind::Timeout, "no word of the slot in use");
                if is_refusal { failure(error) } else { unknown }
            })?;
        }
        let is_kept = is_set && active == before;
        let mut slots = Vec::new();
        for (index, slot) in (0..count).zip(1..) {
            let state = unless_lost(self.ask(&SlotInfoQuery(index)).await);
            let state = match state {
                // The slot is what it was told; what is in the others is asked again.
                Err(_) if is_set && !is_kept => None,
                state => state.map_err(failure)?,
            };
            let state = state.unwrap_or_default();
            slots.push(SimSlot { slot, active: index == active, state, iccid: None });
        }
        Ok(if is_kept { RadioAnswer::SlotKept(slots) } else { RadioAnswer::Slots(slots) })
    }

    /// Asks the modem what it hears, whether its session is up, and so whether it is alive.
    pub(super) async fn probe(self) {
        let checks = async {
            self.measure().await?;
            self.stop_unwanted().await;
            self.check_bearer().await?;
            unless_lost(self.read_registration().await)?;
            self.tell_registration();
            // A SIM that was reset in silence waits for its PIN while the modem seems to search.
            let is_registered = self.state().registration.state.is_registered();
            if self.state().sim.state != SimState::Ready || !is_registered {
                unless_lost(self.recheck_sim().await)?;
            }
            Ok::<(), RequestError>(())
        };
        match checks.await.map_err(failure) {
            Ok(()) => self.emit(Event::Alive),
            Err(failure) if failure.kind == FailureKind::Forgotten => self.restarted(),
            Err(failure) => {
                failure.log("probe");
                self.emit(Event::Unresponsive);
            }
        }
    }

    /// Measures, and tells what came of it.
    pub(super) async fn measure_as(self, what: Measure) {
        // The probe finds out whether it is alive.
        let _ = self.measure().await;
        let (now, timed_at) = (self.now(), self.state().timed_at);
        let is_timed = timed_at.is_some_and(|at| now < at + network_time::EVERY);
        if what == Measure::All && !is_timed {
            let time = self.ask(&NitzQuery).await;
            let is_answered = matches!(time, Ok(_) | Err(RequestError::Mbim(_)));
            self.state_mut().timed_at = is_answered.then_some(now);
            if let Ok(time) = time {
                self.emit(Event::Time(time));
            }
        }
        let mut measurement = Box::<Measurement>::default();
        if what == Measure::All {
            self.read_cells(&mut measurement.cells).await;
        }
        if let Some(serving) = measurement.cells.serving {
            measurement.signal = Some(serving.signal());
            measurement.cells.carriers.push((Role::Primary, serving));
        }
        measurement.number = self.state().number.clone();
        self.emit(Event::Measured(measurement));
    }

    /// Reads the cells around the modem, which not every one can tell.
    async fn read_cells(&self, cells: &mut Cells) {
        if self.state().lacks_base_stations {
            return;
        }
        match self.ask(&BaseStationsInfoQuery).await {
            Ok(told) => *cells = told,
            Err(RequestError::Mbim(_)) => self.state_mut().lacks_base_stations = true,
            Err(_) => {}
        }
    }

    async fn measure(&self) -> Result<(), RequestError> {
        let mut silence = RequestError::Timeout;
        for _ in 0..PROBE_TRIES {
            match unless_lost(self.ask_for(&SignalStateQuery, PROBE_TIMEOUT).await) {
                Ok(measured) => {
                    // Nothing to measure: alive it is.
                    if let Some(measured) = measured {
                        let rat = self.state().registration.rat;
                        self.emit(Event::Signal(measured.signal(rat)));
                    }
                    return Ok(());
                }
                Err(error @ RequestError::Protocol(_)) => return Err(error),
                Err(error) => silence = error,
            }
        }
        Err(silence)
    }

    /// The function is closed: the firmware restarted, or another program closed it.
    pub(super) fn restarted(&self) {
        self.forget_all();
        self.state_mut().is_open = false;
        self.emit(Event::Restarted);
    }
}

/// The networks the modem has found that are 3GPP's.
fn networks_of(providers: Vec<Provider>) -> Vec<FoundNetwork> {
    let mut networks = Vec::new();
    for provider in providers {
        if let Some(plmn) = provider.plmn {
            let (operator, state) = (provider.name, state_of(provider.state));
            networks.push(FoundNetwork { plmn, operator, rat: None, state });
        }
    }
    networks
}

fn state_of(state: ProviderState) -> NetworkState {
    if state.has(ProviderState::REGISTERED) {
        NetworkState::Current
    } else if state.has(ProviderState::FORBIDDEN) {
        NetworkState::Forbidden
    } else if state.has(ProviderState::VISIBLE) {
        NetworkState::Available
    } else {
        NetworkState::Unknown
    }
}
