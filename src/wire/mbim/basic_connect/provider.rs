//! MBIM_CID_HOME_PROVIDER (10.5.6) and MBIM_CID_VISIBLE_PROVIDERS (10.5.8): networks.

use super::{Command, CommandKind, Info, InfoWriter, Service, cid, signal};
use crate::types::Plmn;
use crate::wire::Error;

/// MBIM_PROVIDER_STATE (table 10-37), as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderState(pub u32);

impl ProviderState {
    /// The SIM's own network.
    pub const HOME: u32 = 1;
    /// The SIM may not use it.
    pub const FORBIDDEN: u32 = 1 << 1;
    /// The SIM prefers it.
    pub const PREFERRED: u32 = 1 << 2;
    /// It is received.
    pub const VISIBLE: u32 = 1 << 3;
    /// The modem is registered with it.
    pub const REGISTERED: u32 = 1 << 4;

    /// Whether a bit is set.
    pub const fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }
}

/// MBIM_PROVIDER
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The network; `None` when its number is not one of 3GPP.
    pub plmn: Option<Plmn>,
    /// What the modem has to do with it.
    pub state: ProviderState,
    /// Its name. Hostile text.
    pub name: Option<String>,
    /// Received power.
    pub rssi_dbm: Option<i16>,
}

impl Provider {
    fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let plmn = Plmn::parse(&info.text()?).ok();
        let state = ProviderState(info.u32()?);
        let name = info.some_text()?;
        let _cellular_class = info.u32()?;
        let rssi_dbm = signal::rssi_dbm(info.u32()?);
        let _error_rate = info.u32()?;
        Ok(Self { plmn, state, name, rssi_dbm })
    }
}

/// Asks for the SIM's own network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HomeProviderQuery;

impl Command for HomeProviderQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::HOME_PROVIDER;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Provider;

    fn read(mut info: Info<'_>) -> Result<Provider, Error> {
        Provider::read(&mut info)
    }
}

/// Asks for the networks that are received, which takes minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleProvidersQuery {
    /// Only those that are fit for a search that the user does not wait for.
    pub restricted: bool,
}

impl Command for VisibleProvidersQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::VISIBLE_PROVIDERS;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Vec<Provider>;

    fn write(&self, info: &mut InfoWriter) {
        info.u32(u32::from(self.restricted));
    }

    fn read(mut info: Info<'_>) -> Result<Vec<Provider>, Error> {
        let count = info.u32()?;
        let mut providers = Vec::new();
        info.each(count, &mut |info| {
            providers.push(Provider::read(&mut info.structure()?)?);
            Ok(())
        })?;
        Ok(providers)
    }
}
