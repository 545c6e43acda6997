//! Basic Connect, what it takes to get connected (10.5). Source of the order of fields: libmbim's
//! `data/mbim-service-basic-connect.json`; the numbers of commands are those of table 10-3.

mod connect;
mod context;
mod data_class;
mod device;
mod ip;
mod pin;
mod provider;
mod radio;
mod register;
mod services;
mod signal;
mod subscriber;

pub use connect::{
    ActivationState, AuthProtocol, ConnectFailure, ConnectInfo, ConnectQuery, ConnectSet, IpType,
    Session,
};
pub use context::{ProvisionedContext, ProvisionedContextsQuery};
pub use data_class::DataClass;
pub use device::{DeviceCaps, DeviceCapsQuery};
pub use ip::{IpConfiguration, IpConfigurationQuery};
pub use pin::{
    PinDescription, PinInfo, PinListQuery, PinMode, PinOperation, PinOutcome, PinQuery, PinSet,
    PinState, PinType,
};
pub use provider::{HomeProviderQuery, Provider, ProviderState, VisibleProvidersQuery};
pub use radio::{RadioState, RadioStateQuery, RadioStateSet};
pub use register::{
    PacketService, PacketServiceAttach, PacketServiceQuery, PacketServiceState, RegisterFailure,
    RegisterState, RegisterStateInfo, RegisterStateQuery, RegisterStateSet,
};
pub use services::{DeviceService, DeviceServicesQuery, EventEntry, SubscribeListSet};
pub use signal::{RsrpSnr, SignalState, SignalStateQuery};
pub use subscriber::{ReadyState, SubscriberReady, SubscriberReadyQuery};

use super::{Command, CommandKind, Info, InfoWriter, Service, Status, code};

/// The numbers of the commands.
pub mod cid {
    /// MBIM_CID_DEVICE_CAPS
    pub const DEVICE_CAPS: u32 = 1;
    /// MBIM_CID_SUBSCRIBER_READY_STATUS
    pub const SUBSCRIBER_READY_STATUS: u32 = 2;
    /// MBIM_CID_RADIO_STATE
    pub const RADIO_STATE: u32 = 3;
    /// MBIM_CID_PIN
    pub const PIN: u32 = 4;
    /// MBIM_CID_PIN_LIST
    pub const PIN_LIST: u32 = 5;
    /// MBIM_CID_HOME_PROVIDER
    pub const HOME_PROVIDER: u32 = 6;
    /// MBIM_CID_VISIBLE_PROVIDERS
    pub const VISIBLE_PROVIDERS: u32 = 8;
    /// MBIM_CID_REGISTER_STATE
    pub const REGISTER_STATE: u32 = 9;
    /// MBIM_CID_PACKET_SERVICE
    pub const PACKET_SERVICE: u32 = 10;
    /// MBIM_CID_SIGNAL_STATE
    pub const SIGNAL_STATE: u32 = 11;
    /// MBIM_CID_CONNECT
    pub const CONNECT: u32 = 12;
    /// MBIM_CID_PROVISIONED_CONTEXTS
    pub const PROVISIONED_CONTEXTS: u32 = 13;
    /// MBIM_CID_IP_CONFIGURATION
    pub const IP_CONFIGURATION: u32 = 15;
    /// MBIM_CID_DEVICE_SERVICES
    pub const DEVICE_SERVICES: u32 = 16;
    /// MBIM_CID_DEVICE_SERVICE_SUBSCRIBE_LIST
    pub const DEVICE_SERVICE_SUBSCRIBE_LIST: u32 = 19;
}
