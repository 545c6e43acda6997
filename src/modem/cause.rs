//! Why a modem is in its state, and what that means for the interface.
//!
//! One table answers four questions for each cause: the error token netifd and LuCI show (the
//! words of the stock handlers, so that searches for them still hit), whether ltewan tries again,
//! waits or asks netifd to stop, how far the recovery ladder may be climbed for it, and the
//! sentence for people.

use crate::driver::{FailureKind, Obstacle};

/// What to do about a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Try again after a back-off.
    Retry,
    /// Wait for the modem, the network, the SIM or the configuration to change; nothing is gained
    /// by trying.
    Wait,
    /// Retrying could do harm or cannot help: netifd is told not to, until somebody asks.
    Block,
}

/// Whether what a cause stands for may be helped by restarting things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It may: while it lasts, the recovery ladder is climbed.
    Climb,
    /// It may, but most often it is where the modem is or what is in it that has to change: the
    /// ladder is climbed as far as the modem restarts itself.
    Restart,
    /// It cannot, or it is not the machine's to try: a PIN, a contract, a setting, a wish.
    Stay,
}

macro_rules! causes {
    ($(
        $(#[$doc:meta])*
        $name:ident $code:literal $token:expr, $policy:ident, $remedy:ident, $sentence:literal;
    )*) => {
        /// Why a modem is in its state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $($(#[$doc])* $name,)*
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The cause as a word, on ubus and in the log.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The token netifd shows as the interface's error; `None` for what is no error.
            pub const fn token(self) -> Option<&'static str> {
                match self { $(Self::$name => $token,)* }
            }

            /// What to do about it.
            pub const fn policy(self) -> Policy {
                match self { $(Self::$name => Policy::$policy,)* }
            }

            /// Whether restarting things may help.
            pub const fn remedy(self) -> Remedy {
                match self { $(Self::$name => Remedy::$remedy,)* }
            }

            /// What to tell people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

causes! {
    /// The modem was plugged in or found at start.
    Found "found" None, Wait, Stay, "The modem was found.";
    /// All is well.
    Ready "ready" None, Wait, Stay, "The modem is ready.";
    /// A bearer is up.
    Connected "connected" None, Wait, Stay, "The connection is up.";
    /// Somebody asked for it.
    Requested "requested" None, Wait, Stay, "Asked for on the command line, ubus or LuCI.";
    /// netifd asked for it.
    InterfaceSetup "interface_setup" None, Wait, Stay, "An interface wants to use the modem.";
    /// netifd asked for it.
    InterfaceTeardown "interface_teardown" None, Wait, Stay, "The interface was taken down.";
    /// Bearers were found up and are used on.
    Adopted "adopted" None, Wait, Stay, "The connection was up already and is used on.";
    /// The configuration changed.
    Reconfigured "reconfigured" None, Retry, Stay, "The configuration changed.";
    /// No modem fits the interface's `device`.
    NoDevice "no_device" Some("NO_DEVICE"), Wait, Stay,
        "No modem that fits the option 'device' is plugged in.";
    /// The modem that fits serves another interface.
    DeviceInUse "device_in_use" Some("DEVICE_IN_USE"), Wait, Stay,
        "The modem serves another interface already.";
    /// The modem has no net device.
    NoIface "no_iface" Some("NO_IFACE"), Wait, Stay,
        "The modem has no network device; its kernel driver may be missing.";
    /// The phone gives nothing away before it has been paired with.
    PhoneNotPaired "phone_not_paired" Some("PHONE_NOT_PAIRED"), Retry, Stay,
        "Install and start usbmuxd, unlock the iPhone and tap Trust.";
    /// The phone does not share its connection.
    TetheringOff "tethering_off" Some("TETHERING_OFF"), Retry, Stay,
        "Switch on USB tethering on the phone.";
    /// The stick is still the disk with its driver.
    StorageMode "storage_mode" Some("STORAGE_MODE"), Retry, Stay,
        "The stick still is a disk with its drivers: install usb-modeswitch and plug it in anew.";
    /// What speaks the modem's protocol is left out of the program.
    ProtocolMissing "protocol_missing" Some("PROTOCOL_MISSING"), Retry, Stay,
        "This ltewan is built without the modem's protocol: install the whole one.";
    /// It hands out no address.
    AddressMissing "address_missing" Some("ADDRESS_MISSING"), Wait, Stay,
        "The link is up and nothing hands out an address; on a phone the hotspot may be off.";
    /// The addresses it hands out are the LAN's.
    SubnetClash "subnet_clash" Some("SUBNET_CLASH"), Wait, Stay,
        "The modem hands out addresses of a network that the router has already.";
    /// Switched off by `option enabled '0'`.
    DisabledByConfig "disabled_by_config" Some("MODEM_DISABLED"), Wait, Stay,
        "The modem is switched off in /etc/config/ltewan.";
    /// The radio is off and being switched on.
    RadioOff "radio_off" None, Wait, Stay, "The radio is off.";
    /// The radio could not be switched on.
    RadioFailed "radio_failed" Some("RADIO_FAILED"), Retry, Climb,
        "The modem does not switch its radio on; a switch or a lock may keep it off.";
    /// The SIM is still starting, or the modem has not said.
    SimNotReady "sim_not_ready" None, Wait, Stay, "Waiting for the SIM to start.";
    /// The SIM has been starting for too long.
    SimUnknown "sim_unknown" Some("SIM_NOT_INITIALIZED"), Wait, Restart,
        "The modem does not say what state the SIM is in.";
    /// No SIM.
    SimMissing "sim_missing" Some("SIM_NOT_INITIALIZED"), Wait, Stay,
        "There is no SIM in the modem.";
    /// The SIM does not answer.
    SimError "sim_error" Some("SIM_ILLEGAL_STATE"), Wait, Stay,
        "The SIM does not answer or is not accepted.";
    /// The SIM is dead.
    SimBlocked "sim_blocked" Some("SIM_BLOCKED"), Block, Stay,
        "The SIM is blocked for good; the operator must replace it.";
    /// PIN1 is needed and none is configured.
    PinRequired "pin_required" Some("PIN_NOT_SPECIFIED"), Wait, Stay,
        "The SIM wants a PIN and none is configured.";
    /// The configured PIN was refused.
    PinRejected "pin_rejected" Some("PIN_FAILED"), Block, Stay,
        "The SIM refused the PIN; it is not tried again until it is changed.";
    /// One attempt is left, and it is the owner's.
    PinTriesLow "pin_tries_low" Some("PIN_TRIES_BELOW_LIMIT"), Block, Stay,
        "Only one attempt at the PIN is left; it is left to you.";
    /// The modem does not say how many attempts are left.
    PinTriesUnknown "pin_tries_unknown" Some("PIN_STATUS_FAILED"), Wait, Stay,
        "The modem does not say how many attempts at the PIN are left, so none is made.";
    /// The offer of a PIN could not be noted on flash, or the earlier ones could not be read.
    PinUnmarked "pin_unmarked" Some("PIN_STATUS_FAILED"), Wait, Stay,
        "The PIN is not sent, because /etc/ltewan cannot be written or read.";
    /// PIN1 is blocked.
    PukRequired "puk_required" Some("PUK_NEEDED"), Block, Stay, "The SIM wants its PUK.";
    /// The chosen network or technology could not be set.
    SelectionFailed "selection_failed" Some("PLMN_FAILED"), Retry, Stay,
        "The modem refused the chosen network or technologies.";
    /// Searching.
    Searching "searching" None, Wait, Stay, "Looking for a network.";
    /// Still searching after a while.
    NotRegistered "not_registered" Some("NETWORK_REGISTRATION_FAILED"), Wait, Restart,
        "No network accepts the modem, or none is in reach.";
    /// The network refused registration.
    RegistrationDenied "registration_denied" Some("REGISTRATION_DENIED"), Wait, Stay,
        "The network refuses this SIM or this modem.";
    /// The network refused the SIM.
    SimRejected "sim_rejected" Some("SIM_REJECTED"), Wait, Stay,
        "The network refuses the SIM; it may be blocked, not activated, or without data.";
    /// The network refused the modem.
    ModemRejected "modem_rejected" Some("MODEM_REJECTED"), Wait, Stay,
        "The network refuses this modem; its IMEI may be barred.";
    /// The network, or this part of it, is not the SIM's to use.
    NetworkNotAllowed "network_not_allowed" Some("NETWORK_NOT_ALLOWED"), Wait, Stay,
        "The SIM may not use this network here; the modem looks for another.";
    /// The network refused the connection it has every modem make when it attaches.
    AttachRejected "attach_rejected" Some("ATTACH_FAILED"), Wait, Stay,
        "The network refuses the modem's first connection; the APN may be wrong.";
    /// The network refused for a reason of its own.
    NetworkFailure "network_failure" Some("NETWORK_FAILURE"), Wait, Stay,
        "The network has trouble of its own; the modem tries again.";
    /// Roaming, and not allowed to.
    RoamingNotAllowed "roaming_not_allowed" Some("ROAMING_NOT_ALLOWED"), Wait, Stay,
        "The modem is roaming and the option 'allow_roaming' is off.";
    /// The SIM has carried what `option quota_mb` allows.
    QuotaUsed "quota_used" Some("QUOTA_USED"), Wait, Stay,
        "The SIM's quota is used up; it is connected again in its next billing period.";
    /// The network knows no such access point.
    ApnRejected "apn_rejected" Some("APN_REJECTED"), Retry, Stay,
        "The network does not accept the APN.";
    /// The network knows no access point by the name it was given, which is none.
    ApnMissing "apn_missing" Some("NO_APN"), Retry, Stay,
        "The network wants an APN and none is configured: set the option 'apn'.";
    /// The network refused user name or password.
    AuthFailed "auth_failed" Some("AUTH_FAILED"), Retry, Stay,
        "The network does not accept the user name or password.";
    /// The network serves another protocol family.
    PdpTypeRejected "pdptype_rejected" Some("PDPTYPE_REJECTED"), Retry, Stay,
        "The network does not serve the IP type asked for.";
    /// The call failed.
    CallFailed "call_failed" Some("CALL_FAILED"), Retry, Climb,
        "The connection could not be set up.";
    /// The modem's data goes by PPP, and nothing is there that speaks it.
    PppMissing "ppp_missing" Some("PPP_MISSING"), Retry, Stay,
        "This modem connects by PPP: install the packages ppp and kmod-ppp.";
    /// The modem's data goes by PPP, and the router's side of it does not work.
    PppUnusable "ppp_unusable" Some("PPP_UNUSABLE"), Retry, Stay,
        "PPP cannot be used: pppd does not start, or no serial port is free for data.";
    /// The network gave no answer to the call.
    CallTimeout "call_timeout" Some("CONNECT_FAILED"), Retry, Climb,
        "The modem did not answer the call in time.";
    /// The kernel's link does not fit the modem's data format.
    LinkFormat "link_format" Some("LINK_FORMAT_FAILED"), Retry, Climb,
        "The network device could not be set up for the modem's data format.";
    /// The network, or the modem, ended the connection.
    NetworkDisconnected "network_disconnected" None, Retry, Climb,
        "The network ended the connection.";
    /// The bearer is up and carries nothing.
    CheckFailed "check_failed" Some("CONNECTION_DEAD"), Retry, Climb,
        "Nothing answers through the connection.";
    /// The registration was lost while connected.
    RegistrationLost "registration_lost" None, Retry, Restart, "The modem lost the network.";
    /// The modem does not answer.
    Unresponsive "unresponsive" Some("MODEM_UNRESPONSIVE"), Retry, Climb,
        "The modem does not answer; it is asked again until it does.";
    /// A control port was closed by the kernel.
    PortClosed "port_closed" Some("MODEM_PORT_CLOSED"), Retry, Climb,
        "The modem's control port was closed.";
    /// The firmware restarted.
    FirmwareRestarted "firmware_restarted" None, Retry, Climb, "The modem restarted.";
    /// Recovery: the radio is switched off and on.
    RadioCycled "radio_cycled" None, Retry, Climb,
        "Nothing else helped: the radio is switched off and on.";
    /// Recovery: the modem restarts itself.
    ModemReset "modem_reset" None, Retry, Climb, "Nothing else helped: the modem is restarted.";
    /// Recovery: its power is cut or its reset line pulled.
    PowerCycled "power_cycled" None, Retry, Climb,
        "Nothing else helped: the modem is taken off its power or bus for a moment.";
    /// It was told to use another of its SIMs.
    SimSwitched "sim_switched" None, Retry, Stay, "The modem goes over to another SIM.";
    /// It was told to be something else on USB.
    UsbModeSwitched "usb_mode_switched" None, Retry, Stay,
        "The modem restarts to be something else on USB.";
    /// It is the time of day given by `option restart_time`.
    ScheduledRestart "scheduled_restart" None, Retry, Stay,
        "It is the time at which the modem is restarted each day.";
    /// It could not be initialised.
    InitializeFailed "initialize_failed" Some("INITIALIZE_FAILED"), Retry, Climb,
        "The modem could not be initialized.";
    /// Unplugged.
    Unplugged "unplugged" Some("NO_DEVICE"), Wait, Stay, "The modem was unplugged.";
}

impl Cause {
    /// The cause that a failed call has.
    pub const fn of_call(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Timeout => Self::CallTimeout,
            FailureKind::PortClosed => Self::PortClosed,
            FailureKind::Apn => Self::ApnRejected,
            FailureKind::Auth => Self::AuthFailed,
            FailureKind::PdpType => Self::PdpTypeRejected,
            FailureKind::NotRegistered => Self::RegistrationLost,
            FailureKind::Link => Self::LinkFormat,
            FailureKind::NoPpp => Self::PppMissing,
            FailureKind::PppUnusable => Self::PppUnusable,
            FailureKind::Obstacle(Obstacle::NotPaired) => Self::PhoneNotPaired,
            FailureKind::Obstacle(Obstacle::TetheringOff) => Self::TetheringOff,
            FailureKind::Obstacle(Obstacle::StorageMode) => Self::StorageMode,
            FailureKind::Obstacle(Obstacle::LeftOut(_)) => Self::ProtocolMissing,
            FailureKind::Refused
            | FailureKind::Network
            | FailureKind::Unsupported
            | FailureKind::Forgotten
            | FailureKind::WrongPin
            | FailureKind::PukRequired => Self::CallFailed,
        }
    }
}
