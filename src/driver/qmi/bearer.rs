//! Data connections: one call a family, each with a client of its own.
//!
//! The client is the handle on the call: a procedure that is dropped while it dials gives its
//! client back, and the modem ends what the client had begun.

use super::end_reason;
use super::session::{Client, Session, failure, optional};
use crate::driver::procedures::Steps;
use crate::driver::task::{Either, either};
use crate::driver::{ANSWER_TIMEOUT, CALL_TIMEOUT, Event, Failure, FailureKind};
use crate::log;
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::{
    AuthMethod, BearerSettings, IpConfig, IpFamily, Ipv4Config, Ipv6Config, Table, Value,
};
use crate::wire::qmi::ctl::ClientId;
use crate::wire::qmi::wds::{
    ConnectionStatus, CurrentSettings, GetCurrentSettingsRequest, GetPacketServiceStatusRequest,
    PacketDataHandle, PacketServiceStatusIndication, RequestedSettings, SetIpFamilyRequest,
    StartNetworkRequest, StopNetworkRequest,
};
use crate::wire::qmi::{QmiError, Service};
use core::pin::pin;

/// How long the second family may hold up the first one's link.
const SECOND_FAMILY_PATIENCE: Duration = Duration::from_secs(2);

/// How long the modem may take to end a call.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// A call that is up.
pub(super) struct Bearer {
    client: Client,
    handle: PacketDataHandle,
    config: IpConfig,
}

impl Bearer {
    /// Lets go of a call that the modem has forgotten.
    pub(super) fn forget(self) {
        self.client.forget();
    }
}

impl Session {
    /// Dials the families that are not up yet, and tells what came of it.
    pub(super) async fn connect(self, settings: BearerSettings) {
        let mut refusal = None;
        let missing = self.missing(settings.pdptype.families());
        let dialled = self.dial_all(&missing, &settings, &mut refusal).await;
        // One that ended while the other was dialled has not been told of, nor has its end.
        let lost = self.missing(&dialled);
        self.dial_all(&lost, &settings, &mut refusal).await;
        let is_up = !self.state().bearers.is_empty();
        match refusal {
            Some(failure) if !is_up => self.emit(Event::ConnectFailed(failure)),
            Some(failure) => {
                log::info!("one family only: {}", failure.detail);
                if may_pass(failure.kind) {
                    self.emit(Event::FamilyRefused);
                }
                self.tell_connected();
            }
            None if !is_up => {
                let failure = Failure::new(FailureKind::Network, "ended at once");
                self.emit(Event::ConnectFailed(failure));
            }
            None => self.tell_connected(),
        }
    }

    /// Those of `families` that are not up.
    fn missing(&self, families: &[IpFamily]) -> Vec<IpFamily> {
        let state = self.state();
        let mut missing = Vec::new();
        for family in families {
            if !state.bearers.contains_key(family) {
                missing.push(*family);
            }
        }
        missing
    }

    /// Dials one family after the other, and tells of the first when the second takes its time;
    /// which came up.
    async fn dial_all(
        &self,
        families: &[IpFamily],
        settings: &BearerSettings,
        refusal: &mut Option<Failure>,
    ) -> Vec<IpFamily> {
        let mut dialled = Vec::new();
        let mut untold = false;
        for &family in families {
            let dial = pin!(self.dial(family, settings));
            let mut dial = dial;
            if untold {
                let patience = self.state().now + SECOND_FAMILY_PATIENCE;
                let sleep = pin!(self.sleep_until(patience));
                match either(dial.as_mut(), sleep).await {
                    Either::First(result) => {
                        note(result, family, &mut dialled, refusal);
                        continue;
                    }
                    Either::Second(()) => {
                        self.tell_connected();
                        untold = false;
                    }
                }
            }
            let result = dial.await;
            untold |= result.is_ok();
            note(result, family, &mut dialled, refusal);
        }
        dialled
    }

    async fn dial(&self, family: IpFamily, settings: &BearerSettings) -> Result<(), Failure> {
        let client = self.client(Service::Wds).await.map_err(failure)?;
        self.save();
        // A new client's calls are IPv4.
        if family != IpFamily::V4 {
            let set = SetIpFamilyRequest { family };
            match self.ask(client.id(), &set, ANSWER_TIMEOUT).await {
                // Firmware without the message takes the family from the call itself.
                Ok(()) | Err(RequestError::Qmi(_)) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        self.bind_to_link(client.id()).await?;
        let start = start_request(family, settings);
        self.state_mut().ended.remove(&client.id());
        let handle = match self.ask(client.id(), &start, CALL_TIMEOUT).await.map_err(failure)? {
            Ok(handle) => handle,
            Err(refused) if refused.error == QmiError::NoEffect => PacketDataHandle::ALL,
            Err(refused) => return Err(end_reason::failure_of(&refused)),
        };
        let config = match self.settings(&client, family).await {
            Ok(config) => config,
            Err(failure) => {
                self.stop(&client, handle).await;
                return Err(failure);
            }
        };
        if self.has_ended(&client).await {
            return Err(Failure::new(FailureKind::Network, "ended at once"));
        }
        self.hold(family, Bearer { client, handle, config });
        Ok(())
    }

    /// Whether a call that was just found up has ended since. Word of that may overtake replies.
    async fn has_ended(&self, client: &Client) -> bool {
        let is_said = self.state_mut().ended.remove(&client.id());
        is_said
            && matches!(
                self.ask(client.id(), &GetPacketServiceStatusRequest, ANSWER_TIMEOUT).await,
                Ok(ConnectionStatus::Disconnected)
            )
    }

    /// Reads what the network gave to the call of one family.
    async fn settings(&self, client: &Client, family: IpFamily) -> Result<IpConfig, Failure> {
        let request = GetCurrentSettingsRequest { requested: RequestedSettings::INTERFACE };
        let settings = self.ask(client.id(), &request, ANSWER_TIMEOUT).await.map_err(failure)?;
        ip_config(&settings, family)
    }

    fn hold(&self, family: IpFamily, bearer: Bearer) {
        drop(self.replace_bearer(family, bearer));
        self.save();
    }

    fn replace_bearer(&self, family: IpFamily, bearer: Bearer) -> Option<Bearer> {
        self.state_mut().bearers.replace(family, bearer)
    }

    fn tell_connected(&self) {
        if let Some(config) = self.config() {
            self.emit(Event::Connected(config));
        }
    }

    /// The addresses of all calls that are up.
    pub(super) fn config(&self) -> Option<IpConfig> {
        let state = self.state();
        let mut whole = IpConfig::default();
        for bearer in state.bearers.values() {
            whole.v4 = whole.v4.or_else(|| bearer.config.v4.clone());
            whole.v6 = whole.v6.or_else(|| bearer.config.v6.clone());
            whole.mtu = whole.mtu.into_iter().chain(bearer.config.mtu).min();
        }
        (!state.bearers.is_empty()).then_some(whole)
    }

    async fn stop(&self, client: &Client, handle: PacketDataHandle) {
        let request = StopNetworkRequest { handle, disable_autoconnect: false };
        // Whatever the modem says: giving the client back ends the call as well.
        if let Err(error) = self.ask(client.id(), &request, STOP_TIMEOUT).await {
            failure(error).log("stopping a call");
        }
    }

    /// Ends all calls, and says so.
    pub(super) async fn disconnect(self) {
        loop {
            let Some((_, bearer)) = self.state_mut().bearers.pop_first() else { break };
            self.stop(&bearer.client, bearer.handle).await;
            drop(bearer);
        }
        self.save();
        self.emit(Event::Disconnected);
    }

    /// Takes note of a call that changed or ended by itself.
    pub(super) fn packet_service_status(
        &self,
        client: u8,
        status: &PacketServiceStatusIndication,
    ) -> Option<IpFamily> {
        let family = {
            let state = self.state();
            // Many modems send it to every client: only the call's own counts.
            state.bearers.iter().find(|(_, b)| b.client.id() == client).map(|(f, _)| *f)
        };
        let Some(family) = family else {
            if status.status == ConnectionStatus::Disconnected
                && self.holds(&ClientId { service: Service::Wds, client })
            {
                self.state_mut().ended.insert(client);
            }
            return None;
        };
        if status.ip_family.is_some_and(|told| told != family) {
            return None;
        }
        match status.status {
            ConnectionStatus::Disconnected => {
                self.lose(family, end_reason::failure_of_end(status));
                None
            }
            ConnectionStatus::Connected if status.reconfiguration_required => Some(family),
            _ => None,
        }
    }

    /// Lets go of a call that has ended, and tells what is left.
    pub(super) fn lose(&self, family: IpFamily, failure: Failure) {
        let lost = self.state_mut().bearers.take(&family);
        if lost.is_none() {
            return;
        }
        drop(lost);
        self.save();
        if self.state().bearers.is_empty() {
            self.emit(Event::BearerLost(failure));
        } else {
            log::warn!("{} ended: {}", family.name(), failure.detail);
            self.tell_connected();
        }
    }

    /// Reads the addresses of a call anew.
    pub(super) async fn reconfigure(self, family: IpFamily) {
        // Should the answer be lost, the next probe asks again.
        if let Err(error) = self.recheck_settings(family).await {
            log::debug!("reading the addresses of {}: {}", family.name(), failure(error).detail);
        }
    }

    async fn recheck_settings(&self, family: IpFamily) -> Result<(), RequestError> {
        let Some(client) = self.bearer_client(family) else { return Ok(()) };
        let request = GetCurrentSettingsRequest { requested: RequestedSettings::INTERFACE };
        let settings = self.ask(client, &request, ANSWER_TIMEOUT).await?;
        let Ok(config) = ip_config(&settings, family) else { return Ok(()) };
        let changed = match self.state_mut().bearers.get_mut(&family) {
            Some(bearer) if bearer.config != config => {
                bearer.config = config;
                true
            }
            Some(_) | None => false,
        };
        if changed {
            self.tell_connected();
        }
        Ok(())
    }

    fn bearer_client(&self, family: IpFamily) -> Option<u8> {
        self.state().bearers.get(&family).map(|bearer| bearer.client.id())
    }

    /// Asks whether each call is still up, and lets go of those that are not; reads the addresses
    /// of the others, in case word of a change was lost.
    pub(super) async fn check_bearers(&self) -> Result<(), RequestError> {
        let families: Vec<IpFamily> = self.state().bearers.keys().copied().collect();
        for family in families {
            let Some(client) = self.bearer_client(family) else { continue };
            match self.ask(client, &GetPacketServiceStatusRequest, ANSWER_TIMEOUT).await {
                Ok(ConnectionStatus::Disconnected) => {
                    self.lose(family, Failure::new(FailureKind::Network, "found disconnected"));
                }
                Err(error @ RequestError::Qmi(QmiError::InvalidClientId)) => {
                    self.lose(family, failure(error));
                }
                Ok(_) | Err(RequestError::Qmi(_)) => {}
                Err(error) => return Err(error),
            }
            optional(self.recheck_settings(family).await)?;
        }
        Ok(())
    }

    /// Tells what a later daemon needs to go on with the calls that are up.
    pub(super) fn save(&self) {
        let mut saved = Table::new();
        let is_up = !self.state().bearers.is_empty();
        if is_up {
            let state = self.state();
            let mut bearers = Vec::new();
            for (family, bearer) in &state.bearers {
                let mut entry = Table::new();
                entry.put("family", family.name());
                entry.put("client", bearer.client.id());
                entry.put("handle", i64::from(bearer.handle.0));
                bearers.push(entry);
            }
            let mut clients = Vec::new();
            for (service, client) in &state.clients {
                let mut entry = Table::new();
                entry.put("service", service.code());
                entry.put("client", client.id());
                clients.push(entry);
            }
            saved.put("bearers", bearers);
            saved.put("clients", clients);
            saved.put_some("qmap", state.qmap);
            saved.put("strays", self.strays());
        }
        self.emit(Event::Saved(saved));
    }

    /// The clients that are dialling, and those that are being given back.
    fn strays(&self) -> Vec<i32> {
        let state = self.state();
        let mut strays = Vec::new();
        for ClientId { service, client } in state.held.iter().copied().chain(state.releasing()) {
            let is_up = state.bearers.values().any(|bearer| bearer.client.id() == client);
            if service == Service::Wds && !is_up {
                strays.push(client.into());
            }
        }
        strays
    }

    /// Goes on with the calls of an earlier daemon; whether any of them is still up.
    pub(super) async fn adopt_bearers(&self, saved: &Table) -> bool {
        for entry in saved.get_array("bearers").unwrap_or_default() {
            let Some((family, client, handle)) = saved_bearer(entry) else { continue };
            let client = self.adopt_client(Service::Wds, client);
            let status =
                self.ask(client.id(), &GetPacketServiceStatusRequest, ANSWER_TIMEOUT).await;
            let config = match &status {
                Ok(ConnectionStatus::Connected) => self.settings(&client, family).await.ok(),
                Ok(_) | Err(_) => None,
            };
            let config = if self.has_ended(&client).await { None } else { config };
            match config {
                // Saved only when all are adopted: a daemon that dies in between must know them.
                Some(config) => {
                    let bearer = Bearer { client, handle, config };
                    drop(self.replace_bearer(family, bearer));
                }
                None if is_forgotten(&status) => client.forget(),
                // An answer that was lost says nothing of the client.
                None => drop(client),
            }
        }
        let is_up = !self.state().bearers.is_empty();
        for stray in saved.get_array("strays").unwrap_or_default().iter().filter(|_| is_up) {
            if let Some(client) = stray.as_i64().and_then(|id| u8::try_from(id).ok()) {
                drop(self.adopt_client(Service::Wds, client));
            }
        }
        is_up
    }
}

/// Whether the modem does not know the client.
fn is_forgotten<T>(answer: &Result<T, RequestError>) -> bool {
    matches!(answer, Err(RequestError::Qmi(QmiError::InvalidClientId)))
}

fn note(
    result: Result<(), Failure>,
    family: IpFamily,
    dialled: &mut Vec<IpFamily>,
    refusal: &mut Option<Failure>,
) {
    match result {
        Ok(()) => dialled.push(family),
        // The first refusal says more: the second family's is often a consequence of it.
        Err(failure) => drop(refusal.get_or_insert(failure)),
    }
}

fn saved_bearer(entry: &Value) -> Option<(IpFamily, u8, PacketDataHandle)> {
    let entry = entry.as_table()?;
    let number = |name| entry.get(name).and_then(Value::as_i64);
    let family = match entry.get_str("family")? {
        "ipv4" => IpFamily::V4,
        "ipv6" => IpFamily::V6,
        _ => return None,
    };
    let client = u8::try_from(number("client")?).ok()?;
    let handle = u32::try_from(number("handle")?).ok()?;
    Some((family, client, PacketDataHandle(handle)))
}

fn start_request(family: IpFamily, settings: &BearerSettings) -> StartNetworkRequest {
    let v6apn = settings.v6apn.as_ref().filter(|_| family == IpFamily::V6);
    let apn = v6apn.unwrap_or(&settings.apn);
    let has_auth = settings.auth != AuthMethod::None;
    StartNetworkRequest {
        // A stored profile brings its own APN, which an empty one here would override.
        apn: (!apn.is_empty()).then(|| apn.clone()),
        auth: has_auth.then_some(settings.auth),
        username: settings.username.clone().filter(|_| has_auth),
        password: settings.password.clone().filter(|_| has_auth),
        ip_family: Some(family),
        profile_3gpp: settings.profile,
        autoconnect: None,
        call_type: None,
    }
}

fn ip_config(settings: &CurrentSettings, family: IpFamily) -> Result<IpConfig, Failure> {
    let missing = || Failure::new(FailureKind::Refused, "the modem gave no address");
    let mut config =
        IpConfig { mtu: settings.mtu.filter(|mtu| *mtu >= 576), ..IpConfig::default() };
    match family {
        IpFamily::V4 => {
            config.v4 = Some(Ipv4Config {
                address: settings.ipv4_address.ok_or_else(missing)?,
                prefix_len: settings.ipv4_prefix_len().unwrap_or(32),
                gateway: settings.ipv4_gateway,
                dns: settings.ipv4_dns.clone(),
            });
        }
        IpFamily::V6 => {
            let (address, prefix_len) = settings.ipv6_address.ok_or_else(missing)?;
            config.v6 = Some(Ipv6Config {
                address,
                prefix_len: prefix_len.min(128),
                gateway: settings.ipv6_gateway.map(|(gateway, _)| gateway),
                dns: settings.ipv6_dns.clone(),
            });
        }
    }
    Ok(config)
}

/// Whether a family that was refused so may be let in later.
const fn may_pass(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Timeout
        | FailureKind::Refused
        | FailureKind::Network
        | FailureKind::NotRegistered => true,
        FailureKind::PortClosed
        | FailureKind::Apn
        | FailureKind::Auth
        | FailureKind::PdpType
        | FailureKind::WrongPin
        | FailureKind::PukRequired
        | FailureKind::Forgotten
        | FailureKind::Obstacle(_)
        | FailureKind::Unsupported
        | FailureKind::Link
        | FailureKind::NoPpp
        | FailureKind::PppUnusable => false,
    }
}
