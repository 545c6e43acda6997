//! NAS, service 0x03: registration, signal, choice of network. `qmi-service-nas.json`.

mod antennas;
mod band;
mod band_masks;
mod cells;
mod home;
mod indications;
mod name;
mod register;
mod scan;
mod selection;
mod serving_system;
mod signal;
mod system_info;
mod time;

pub use antennas::GetTxRxInfoRequest;
pub use band::{GetLteCphyCaInfoRequest, GetRfBandInfoRequest, band_of_code};
pub use band_masks::BandMasks;
pub(super) use band_masks::{push_bands, push_old_bands};
pub use cells::GetCellLocationInfoRequest;
pub use home::{GetHomeNetworkRequest, HomeNetwork};
pub use indications::RegisterIndicationsRequest;
pub use register::{AttachDetachRequest, InitiateNetworkRegisterRequest, PsAttachAction};
pub use scan::{AbortRequest, NetworkScanRequest};
pub use selection::{ChangeDuration, RatModes, SetSystemSelectionPreferenceRequest};
pub use selection::{GetSystemSelectionPreferenceRequest, NetworkSelection, SelectionPreference};
pub use serving_system::{GetServingSystemRequest, RoamingIndicator, ServingSystem};
pub use signal::{ConfigSignalInfoRequest, GetSignalInfoRequest, SignalInfo};
pub use system_info::{GetSystemInfoRequest, RatInfo, ServiceStatus, SystemInfo};
pub use time::{GetNetworkTimeRequest, NetworkTimeIndication};

use crate::types::Plmn;
use name::network_name;

/// The network with two numbers, as most TLVs have it: a code above 99 has three digits whatever
/// the modem says, and no network is 0.
fn plmn(mcc: u16, mnc: u16, three_digits: bool) -> Option<Plmn> {
    let digits = if three_digits || mnc > 99 { 3 } else { 2 };
    Plmn::new(mcc, mnc, digits).filter(|_| mcc != 0)
}
