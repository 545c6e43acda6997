//! NAS, service 0x03: registration, signal, choice of network. `qmi-service-nas.json`.

mod indications;
mod selection;
mod serving_system;
mod signal;
mod system_info;

pub use indications::RegisterIndicationsRequest;
pub use selection::{ChangeDuration, RatModes, SetSystemSelectionPreferenceRequest};
pub use serving_system::{GetServingSystemRequest, RoamingIndicator, ServingSystem};
pub use signal::{GetSignalInfoRequest, SignalInfo};
pub use system_info::{GetSystemInfoRequest, RatInfo, ServiceStatus, SystemInfo};
