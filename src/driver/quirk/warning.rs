//! What people should know of some modems, or ltewan does about them.

/// One of it; `modems.tsv` writes `fcc-lock` for `FccLock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Others have the same USB id; the model's name tells them apart.
    SharedId,
    /// What its maker makes with ports of the class CDC ACM are modems.
    ModemsAlone,
    /// It is a receiver for satellite navigation and no modem.
    Receiver,
    /// `AT^GETPORTMODE` crashes it. Source: ModemManager's port type rules for Huawei.
    NoGetportmode,
    /// It says that the SIM is locked while the SIM starts (openwrt#15660).
    BogusPinState,
    /// Asking over AT now and then is said to end connections (fildunsky/luci-app-5gmodem#28).
    AtDropsData,
    /// Some sellers' have the radio locked until the host unlocks it (ModemManager, `fcc-unlock`).
    FccLock,
    /// Some compositions have no port that speaks AT.
    NoAtPort,
    /// The kernel's driver `sierra_net` speaks a protocol that ltewan does not.
    Directip,
    /// All of them have the same addresses on the LAN side (openmptcprouter#2524).
    SameSubnet,
    /// All of them are said to have the same MAC address.
    SameMac,
    /// The kernel's driver `option` does not know the id.
    NewId,
    /// On some routers the USB controller does not survive its restart (openwrt PR 9481).
    ResetKillsUsb,
    /// Switching the SIM's power without a SIM restarts the router (openwrt#14462).
    UimPower,
    /// Its ports answer many seconds after they have appeared.
    LatePorts,
    /// Some networks give it another address every few hours (mrhaav/openwrt-packages#6).
    AddressChanges,
    /// Foxconn's inside: the commands of the maker on the label are not known to it.
    FoxconnInside,
}

impl Warning {
    /// Each.
    pub const ALL: [Self; 17] = [
        Self::SharedId,
        Self::ModemsAlone,
        Self::Receiver,
        Self::NoGetportmode,
        Self::BogusPinState,
        Self::AtDropsData,
        Self::FccLock,
        Self::NoAtPort,
        Self::Directip,
        Self::SameSubnet,
        Self::SameMac,
        Self::NewId,
        Self::ResetKillsUsb,
        Self::UimPower,
        Self::LatePorts,
        Self::AddressChanges,
        Self::FoxconnInside,
    ];

    /// Its bit in a row.
    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// What the owner is told; empty where there is nothing to be done about it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SharedId | Self::ModemsAlone | Self::Receiver | Self::BogusPinState => "",
            Self::NoGetportmode => "AT^GETPORTMODE crashes this modem and is not sent",
            Self::AtDropsData => "frequent AT commands are said to end this modem's connections",
            Self::FccLock => "some sellers lock its radio until the host unlocks it (FCC lock)",
            Self::NoAtPort => "in some USB modes it has no port that speaks AT",
            Self::Directip => "it speaks DirectIP, which is not supported",
            Self::SameSubnet => "every stick like it has the same addresses: use one at a time",
            Self::SameMac => "sticks like it may have the same MAC address",
            Self::NewId => "its serial ports need the kernel's option driver to be told its id",
            Self::ResetKillsUsb => "restarting it hangs the USB controller of some routers",
            Self::UimPower => "switching its SIM's power restarts the router when there is no SIM",
            Self::LatePorts => "its ports may answer only after some 20 seconds",
            Self::AddressChanges => "some networks change its address every few hours",
            Self::FoxconnInside => "it does not know the AT commands of the maker on its label",
        }
    }
}
