//! The data connection: one session for both families.

use super::session::{Session, State, failure, status_failure, unless_lost};
use crate::driver::cause::{kind_of_cause, of_attach};
use crate::driver::procedures::Steps;
use crate::driver::{CALL_TIMEOUT, Event, Failure, FailureKind};
use crate::log;
use crate::port::mbim::RequestError;
use crate::time::Duration;
use crate::types::{Apn, AuthMethod, BearerSettings, IpConfig, IpFamily, PdpType, Table, Value};
use crate::wire::EsmCause;
use crate::wire::mbim::Status;
use crate::wire::mbim::basic_connect::{
    ActivationState, AuthProtocol, ConnectFailure, ConnectInfo, ConnectQuery, ConnectSet,
    IpConfiguration, IpConfigurationQuery, IpType, PacketServiceAttach, PacketServiceQuery,
    PacketServiceState, ProvisionedContextsQuery, Session as Activation,
};

/// The session whose packets the net device itself carries (MBIM 1.0, 7); others need a VLAN.
const SESSION: u32 = 0;

/// How long the modem may take to end a session.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// The session that LTE sets up with attaching was refused: TS 24.301 9.9.3.9.
const ESM_FAILURE: u32 = 19;

/// How long attaching may take: T3410 of TS 24.301 10.2 is 15 s, and modems try twice.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(35);

/// How often a session's addresses are asked for until all are there. Some modems say that a
/// session is up before they have them, IPv6 above all.
const SETTINGS_TRIES: u32 = 4;

/// How long to wait between.
const SETTINGS_PAUSE: Duration = Duration::from_millis(500);

/// The key under which a later daemon finds the session.
const SAVED_KEY: &str = "mbim_session";

/// Why a session was refused.
struct Refusal {
    failure: Failure,
    /// Whether another choice of families may be taken.
    wants_other_families: bool,
    nw_error: u32,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, wants_other_families: false, nw_error: 0 }
    }
}

impl Session {
    /// Gets a session with the families asked for, and tells what came of it.
    pub(super) async fn connect(self, settings: BearerSettings) {
        if self.state().bearer.is_some() {
            // No family can be added to a session that is up, and the one there is is not given up
            // for the other. It may have come back by itself.
            if let Err(error) = self.recheck_settings().await {
                failure(error).log("reading the addresses");
            }
            self.tell_connected();
            return;
        }
        match self.dial(&settings).await {
            Ok(config) => {
                self.state_mut().bearer = Some(*config);
                self.save();
                self.tell_connected();
            }
            Err(failure) => {
                // Whatever of it there may be in the modem.
                self.stop().await;
                self.emit(Event::ConnectFailed(failure));
            }
        }
    }

    async fn dial(&self, settings: &BearerSettings) -> Result<Box<IpConfig>, Failure> {
        self.stop().await;
        self.attach().await?;
        let activation = Activation {
            apn: self.apn(settings).await?,
            username: settings.username.clone(),
            password: settings.password.clone(),
            auth: auth(settings.auth),
            ip_type: Some(IpType::of(settings.pdptype)),
        };
        let mut request = ConnectSet { session: SESSION, activate: Some(activation) };
        let first = match self.activate(&request).await {
            Ok(info) => return self.settle(&info).await,
            Err(refusal) => refusal,
        };
        if settings.pdptype != PdpType::Ipv4v6 || !first.wants_other_families {
            return Err(first.failure);
        }
        let others = match u16::try_from(first.nw_error).map(EsmCause::from_code) {
            Ok(EsmCause::Ipv4OnlyAllowed) => &[IpType::Ipv4][..],
            Ok(EsmCause::Ipv6OnlyAllowed) => &[IpType::Ipv6],
            Ok(_) | Err(_) => &[IpType::Ipv4, IpType::Ipv6],
        };
        for ip_type in others {
            if let Some(activation) = &mut request.activate {
                activation.ip_type = Some(*ip_type);
            }
            if let Ok(info) = self.activate(&request).await {
                log::info!("one family only: {}", first.failure.detail);
                return self.settle(&info).await;
            }
        }
        Err(first.failure)
    }

    /// Attaches the packet service where that does not happen by itself.
    async fn attach(&self) -> Result<(), Failure> {
        let service = unless_lost(self.ask(&PacketServiceQuery).await).map_err(failure)?;
        if service.is_none_or(|service| service.state == PacketServiceState::Attached) {
            return Ok(());
        }
        match self.ask_for(&PacketServiceAttach, ATTACH_TIMEOUT).await {
            Ok(Ok(service)) => {
                self.note_packet_service(service);
                Ok(())
            }
            // Dialling itself will tell whether the function only lacks the command.
            Ok(Err(refused)) if refused.status == Status::NoDeviceSupport => Ok(()),
            Ok(Err(refused)) => {
                let failure = network_failure(refused.status, refused.nw_error);
                let is_apn = refused.nw_error == ESM_FAILURE;
                Err(of_attach(if is_apn { failure.of_kind(FailureKind::Apn) } else { failure }))
            }
            Err(error) => Err(failure(error)),
        }
    }

    /// The access point; of a profile where only that is given.
    async fn apn(&self, settings: &BearerSettings) -> Result<Apn, Failure> {
        let (true, Some(profile)) = (settings.apn.is_empty(), settings.profile) else {
            return Ok(settings.apn.clone());
        };
        let contexts = self.ask(&ProvisionedContextsQuery).await.map_err(failure)?;
        let context = contexts.iter().find(|context| context.id == u32::from(profile));
        let missing = || Failure::new(FailureKind::Apn, "the modem has no such profile");
        context.and_then(|context| context.apn.clone()).ok_or_else(missing)
    }

    async fn activate(&self, request: &ConnectSet) -> Result<ConnectInfo, Refusal> {
        let mut has_stopped = false;
        let answer = loop {
            let answer = self.ask_to_activate(request).await?;
            let is_full =
                answer.is_err_and(|refused| refused.status == Status::MaxActivatedContexts);
            if !is_full || has_stopped {
                break answer;
            }
            // Another program has left it up.
            self.stop().await;
            has_stopped = true;
        };
        let info = match answer {
            Ok(info) if info.state == ActivationState::Activating => self.wait_activated().await?,
            Ok(info) => info,
            Err(refused) => {
                self.state_mut().is_dialled = false;
                let failure = network_failure(refused.status, refused.nw_error);
                let wants_other_families = failure.kind == FailureKind::PdpType
                    || refused.status == Status::InvalidParameters;
                return Err(Refusal { failure, wants_other_families, nw_error: refused.nw_error });
            }
        };
        if info.state == ActivationState::Activated {
            return Ok(info);
        }
        Err(network_failure(Status::Failure, info.nw_error).into())
    }

    async fn ask_to_activate(
        &self,
        request: &ConnectSet,
    ) -> Result<Result<ConnectInfo, ConnectFailure>, Failure> {
        {
            let mut state = self.state_mut();
            (state.is_dialled, state.is_unwanted, state.told) = (true, false, None);
        }
        self.ask_for(request, CALL_TIMEOUT).await.map_err(failure)
    }

    /// Waits for word of a session that the modem only promised.
    async fn wait_activated(&self) -> Result<ConnectInfo, Failure> {
        let end = self.state().now + CALL_TIMEOUT;
        let decided =
            |state: &mut State| state.told.filter(|told| told.state != ActivationState::Activating);
        let told = self.wait_until(end, decided).await;
        told.ok_or_else(|| failure(RequestError::Timeout))
    }

    /// Reads what a session that is up was given, and sees to it that it still is.
    async fn settle(&self, info: &ConnectInfo) -> Result<Box<IpConfig>, Failure> {
        let config = self.settings(info.ip_type).await?;
        let ended = self.state().told.filter(|told| told.state == ActivationState::Deactivated);
        if let Some(ended) = ended {
            // Word of the end may be of an attempt before, or overtake the answer to this one.
            let query = ConnectQuery { session: SESSION };
            let now = self.ask(&query).await;
            if now.is_ok_and(|now| now.state == ActivationState::Deactivated) {
                self.state_mut().is_dialled = false;
                return Err(network_failure(Status::Failure, ended.nw_error));
            }
        }
        Ok(config)
    }

    /// Asks for the addresses until those of all families of the session are there.
    async fn settings(&self, ip_type: IpType) -> Result<Box<IpConfig>, Failure> {
        let mut config = Box::<IpConfig>::default();
        for round in 0..SETTINGS_TRIES {
            if round > 0 {
                self.sleep(SETTINGS_PAUSE).await;
            }
            let told_before = self.state().configs_told;
            let query = IpConfigurationQuery { session: SESSION };
            *config = self.ask(&query).await.map_err(failure)?.config();
            if self.state().configs_told != told_before {
                continue;
            }
            let has_v4 = config.v4.is_some() || !ip_type.has(IpFamily::V4);
            let has_v6 = config.v6.is_some() || !ip_type.has(IpFamily::V6);
            if has_v4 && has_v6 {
                break;
            }
        }
        // What the modem does not give is had from the link (10.5.20), if the session has it.
        if ip_type != IpType::Default && ip_type.name().is_some() {
            config.dhcp.v4 = config.v4.is_none() && ip_type.has(IpFamily::V4);
            config.dhcp.v6 = config.v6.is_none() && ip_type.has(IpFamily::V6);
        }
        let missing = || Failure::new(FailureKind::Refused, "the modem gave no address");
        has_any(&config).then_some(config).ok_or_else(missing)
    }

    fn tell_connected(&self) {
        let config = self.state().bearer.clone();
        if let Some(config) = config {
            self.emit(Event::Connected(config));
        }
    }

    /// Ends the session, if the modem may have one.
    pub(super) async fn stop(&self) {
        if !self.state().is_dialled {
            return;
        }
        let request = ConnectSet { session: SESSION, activate: None };
        match self.ask_for(&request, STOP_TIMEOUT).await {
            // A refusal is most often that there is none; what else it may be shows at the next
            // activation.
            Ok(_) | Err(RequestError::Mbim(_) | RequestError::Protocol(_)) => {
                let mut state = self.state_mut();
                (state.is_dialled, state.is_unwanted) = (false, false);
            }
            Err(error) => {
                failure(error).log("ending the session");
                self.state_mut().is_unwanted = true;
            }
        }
    }

    /// Ends what a silent modem could not be told to end.
    pub(super) async fn stop_unwanted(&self) {
        if self.state().is_unwanted {
            self.stop().await;
        }
    }

    /// Ends the session, and says so.
    pub(super) async fn disconnect(self) {
        // Ended on purpose: word of it is no loss.
        self.state_mut().bearer = None;
        self.stop().await;
        self.save();
        self.emit(Event::Disconnected);
    }

    /// Takes note of what the modem tells of a session by itself; whether it is one that nobody
    /// waits for any more.
    pub(super) fn connect_told(&self, info: ConnectInfo) -> bool {
        if info.session != SESSION {
            return false;
        }
        self.state_mut().told = Some(info);
        match info.state {
            ActivationState::Deactivated => {
                if self.state().bearer.is_some() {
                    self.state_mut().is_dialled = false;
                }
                self.lose(network_failure(Status::Failure, info.nw_error));
                false
            }
            ActivationState::Activated => {
                let state = self.state();
                state.bearer.is_none() && state.is_dialled
            }
            _ => false,
        }
    }

    /// Lets go of a session that has ended by itself.
    fn lose(&self, failure: Failure) {
        let lost = self.state_mut().bearer.take();
        if lost.is_some() {
            self.save();
            self.emit(Event::BearerLost(failure));
        }
    }

    /// Takes note of addresses that the modem tells by itself.
    pub(super) fn configuration_told(&self, configuration: &IpConfiguration) {
        if configuration.session == SESSION {
            let mut state = self.state_mut();
            state.configs_told = state.configs_told.saturating_add(1);
            drop(state);
            self.note_config(configuration.config());
        }
    }

    async fn recheck_settings(&self) -> Result<(), RequestError> {
        let told_before = self.state().configs_told;
        let configuration = self.ask(&IpConfigurationQuery { session: SESSION }).await?;
        // What was told meanwhile has overtaken this answer.
        if self.state().configs_told == told_before {
            self.note_config(configuration.config());
        }
        Ok(())
    }

    /// Takes note of what the session has now, and tells when that is something else than before.
    fn note_config(&self, mut config: IpConfig) {
        {
            let bearer = &mut self.state_mut().bearer;
            let Some(bearer) = bearer else { return };
            config.dhcp.v4 = bearer.dhcp.v4 && config.v4.is_none();
            config.dhcp.v6 = bearer.dhcp.v6 && config.v6.is_none();
            if !has_any(&config) || *bearer == config {
                return;
            }
            *bearer = config;
        }
        self.tell_connected();
    }

    /// Asks whether the session is still up, and lets go of it if it is not; reads its addresses,
    /// in case word of a change was lost.
    pub(super) async fn check_bearer(&self) -> Result<(), RequestError> {
        if self.state().bearer.is_none() {
            return Ok(());
        }
        let info = unless_lost(self.ask(&ConnectQuery { session: SESSION }).await)?;
        if let Some(info) = info.filter(|info| info.state == ActivationState::Deactivated) {
            let kind = network_failure(Status::Failure, info.nw_error).kind;
            self.state_mut().is_dialled = false;
            self.lose(Failure::new(kind, "found disconnected"));
            return Ok(());
        }
        unless_lost(self.recheck_settings().await).map(drop)
    }

    /// Tells what a later daemon needs to go on with the session that is up.
    pub(super) fn save(&self) {
        let is_up = self.state().bearer.is_some();
        let table =
            if is_up { Table::new().with(SAVED_KEY, i64::from(SESSION)) } else { Table::new() };
        self.emit(Event::Saved(table));
    }

    /// Whether an earlier daemon left a session of this protocol.
    pub(super) fn is_saved(saved: &Table) -> bool {
        saved.get(SAVED_KEY).and_then(Value::as_i64) == Some(i64::from(SESSION))
    }

    /// Goes on with the session of an earlier daemon; whether it is still up.
    pub(super) async fn adopt(&self, timeout: Duration) -> Result<bool, RequestError> {
        self.state_mut().is_dialled = true;
        let info = match self.ask_for(&ConnectQuery { session: SESSION }, timeout).await {
            Ok(info) if info.state == ActivationState::Activated => info,
            Ok(_) | Err(RequestError::Mbim(_) | RequestError::Malformed(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let config = self.settle(&info).await;
        let is_up = config.is_ok();
        self.state_mut().bearer = config.ok().map(|config| *config);
        Ok(is_up)
    }
}

fn has_any(config: &IpConfig) -> bool {
    config.has(IpFamily::V4) || config.has(IpFamily::V6)
}

fn auth(method: AuthMethod) -> Option<AuthProtocol> {
    match method {
        AuthMethod::None => None,
        AuthMethod::Pap => Some(AuthProtocol::Pap),
        // There is no "whichever"; CHAP is what networks take that take either.
        AuthMethod::Chap | AuthMethod::Both => Some(AuthProtocol::Chap),
    }
}

/// Why the modem or the network refused or ended a session.
fn network_failure(status: Status, nw_error: u32) -> Failure {
    match u16::try_from(nw_error) {
        Ok(1..) => {
            let cause = EsmCause::from_code(u16::try_from(nw_error).unwrap_or_default());
            Failure::new(kind_of_cause(cause), &format!("network error {cause:?}"))
        }
        Ok(0) | Err(_) if status == Status::Failure => {
            Failure::new(FailureKind::Network, "no reason given")
        }
        Ok(0) | Err(_) => status_failure(status),
    }
}
