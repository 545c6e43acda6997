//! Data by PPP: the context is set up here, over the AT port; the host dials it over another port
//! and speaks PPP there, and tells what becomes of that.

use super::bearer::Bearer;
use super::session::{Session, failure};
use crate::driver::procedures::Steps;
use crate::driver::{Event, Failure, FailureKind, PppOrder, PppReport};
use crate::port::at::{AtError, RequestError};
use crate::time::Duration;
use crate::types::{AuthMethod, BearerSettings, Dhcp, IpConfig, Ipv4Config, PdpType, PppCall};
use crate::types::{Table, Value};
use crate::wire::at::final_result;
use core::net::Ipv4Addr;

/// How long a session may take to come up: dialling, then ten requests of LCP and as many of each
/// family's protocol, three seconds apart (RFC 1661 4.6).
const SESSION_TIMEOUT: Duration = Duration::from_secs(150);

/// What a later daemon goes on with.
const SAVED_ADDRESS: &str = "ppp_address";
const SAVED_DNS: &str = "ppp_dns";
const SAVED_V6: &str = "ppp_v6";

/// How unsolicited codes begin that tell of the call's end: V.250 6.3.1, and HiSilicon's own
/// (Huawei's AT manual for its UMTS modules, `^DEND`).
const ENDS: &[&str] = &["NO CARRIER", "^DEND:"];

/// Whether an unsolicited code tells that the call has ended.
pub(super) fn ends(line: &str) -> bool {
    ENDS.iter().any(|start| line.starts_with(start))
}

impl Session {
    /// Has the host dial a context and speak PPP, and waits until a family is up.
    pub(super) async fn dial_ppp(
        &self,
        cid: u8,
        pdptype: PdpType,
        settings: &BearerSettings,
    ) -> Result<IpConfig, Failure> {
        let at = {
            let mut state = self.state_mut();
            (state.dialled, state.told, state.ppp) = (Some(cid), None, IpConfig::default());
            state.now + SESSION_TIMEOUT
        };
        let (username, password) = match settings.auth {
            AuthMethod::None => (None, None),
            AuthMethod::Pap | AuthMethod::Chap | AuthMethod::Both => {
                (settings.username.clone(), settings.password.clone())
            }
        };
        let auth = settings.auth;
        let call = PppCall { cid, pdptype, auth, username, password };
        self.emit(Event::Ppp(PppOrder::Start(call)));
        match self.wait_until(at, |state| state.told.take()).await {
            Some(Ok(())) => Ok(self.state().ppp.clone()),
            Some(Err(failure)) => Err(failure),
            None => Err(Failure::new(FailureKind::Timeout, "PPP does not come up")),
        }
    }

    /// Takes word of the session.
    pub(super) fn ppp_told(&self, report: PppReport) {
        let is_up = self.state().bearer.is_some();
        {
            let mut state = self.state_mut();
            match report {
                PppReport::V4(config) => state.ppp.v4 = Some(config),
                PppReport::V6 => state.ppp.dhcp.v6 = true,
                PppReport::Ended(failure) if is_up => {
                    drop(state);
                    return self.lose(failure);
                }
                PppReport::Ended(failure) => {
                    state.told = Some(Err(failure));
                    return;
                }
            }
            let config = state.ppp.clone();
            match &mut state.bearer {
                Some(bearer) if bearer.config == config => return,
                Some(bearer) => bearer.config = config,
                None => state.told = Some(Ok(())),
            }
        }
        if is_up {
            self.save();
            self.tell_connected();
        }
    }

    /// Ends the session, or the attempt to get one.
    pub(super) fn stop_ppp(&self) {
        {
            let mut state = self.state_mut();
            (state.dialled, state.is_unwanted) = (None, false);
            state.ppp = IpConfig::default();
        }
        self.emit(Event::Ppp(PppOrder::Stop));
    }

    /// Goes on with the session of an earlier daemon; whether there was one.
    pub(super) fn keep_ppp(&self, saved: &Table, cid: u8, pdptype: PdpType) -> bool {
        let config = saved_config(saved);
        if config == IpConfig::default() {
            return false;
        }
        {
            let mut state = self.state_mut();
            state.ppp = config.clone();
            state.bearer = Some(Bearer { cid, pdptype, config });
        }
        self.emit(Event::Ppp(PppOrder::Keep));
        true
    }
}

/// Adds what a session was given to what a later daemon needs.
pub(super) fn save(table: Table, config: &IpConfig) -> Table {
    let mut table = table.with(SAVED_V6, config.dhcp.v6);
    if let Some(v4) = &config.v4 {
        table.put(SAVED_ADDRESS, v4.address.to_string());
        table.put(SAVED_DNS, v4.dns.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    table
}

fn saved_config(table: &Table) -> IpConfig {
    let address = table.get_str(SAVED_ADDRESS).and_then(|text| text.parse().ok());
    let dns = table.get_array(SAVED_DNS).unwrap_or_default();
    let dns = dns.iter().filter_map(|value| value.as_str()?.parse().ok()).collect();
    let v6 = table.get(SAVED_V6).and_then(Value::as_bool).unwrap_or(false);
    IpConfig {
        v4: address.map(|address| point_to_point(address, dns)),
        dhcp: Dhcp { v6, ..Dhcp::default() },
        ..IpConfig::default()
    }
}

/// The configuration of a link with one address at either end.
pub fn point_to_point(address: Ipv4Addr, dns: Vec<Ipv4Addr>) -> Ipv4Config {
    Ipv4Config { address, prefix_len: 32, gateway: None, dns }
}

/// The failure that the answer to dialling means; without one the modem was silent.
pub fn refusal_of(answer: &str) -> Failure {
    let error = final_result(answer).and_then(AtError::from_final);
    error.map_or_else(
        || Failure::new(FailureKind::Timeout, "the port for data does not answer"),
        |error| failure(RequestError::At(error)),
    )
}
