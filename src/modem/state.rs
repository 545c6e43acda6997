//! The states of a modem and which may follow which.

/// What a modem is doing. Lower-case on ubus and in LuCI; the words are ModemManager's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Not plugged in, or none of its ports is usable.
    Absent,
    /// Being asked who it is and what SIM it holds.
    Initializing,
    /// Waiting for a PIN or PUK.
    Locked,
    /// Its radio is off.
    Disabled,
    /// Looking for a network.
    Searching,
    /// On a network, with no bearer.
    Registered,
    /// Setting up a bearer.
    Connecting,
    /// A bearer is up.
    Connected,
    /// Ending its bearers.
    Disconnecting,
    /// Not answering, or being restarted.
    Recovering,
    /// Unusable until something is changed: no SIM, a dead SIM.
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Absent,
        Self::Initializing,
        Self::Locked,
        Self::Disabled,
        Self::Searching,
        Self::Registered,
        Self::Connecting,
        Self::Connected,
        Self::Disconnecting,
        Self::Recovering,
        Self::Failed,
    ];

    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Initializing => "initializing",
            Self::Locked => "locked",
            Self::Disabled => "disabled",
            Self::Searching => "searching",
            Self::Registered => "registered",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Disconnecting => "disconnecting",
            Self::Recovering => "recovering",
            Self::Failed => "failed",
        }
    }

    /// The states that may follow this one. Any state may be followed by `Absent` (unplugged) and
    /// `Recovering` (silent, reset, firmware restarted).
    const fn successors(self) -> &'static [Self] {
        use State::{
            Connected, Connecting, Disabled, Disconnecting, Failed, Initializing, Locked,
            Registered, Searching,
        };
        match self {
            Self::Absent => &[Initializing],
            // `Connected`: bearers that an earlier daemon, or the time before a silence, left up.
            Self::Initializing | Self::Recovering => &[
                Initializing,
                Locked,
                Disabled,
                Searching,
                Registered,
                Connecting,
                Connected,
                Disconnecting,
                Failed,
            ],
            Self::Locked | Self::Failed => {
                &[Initializing, Locked, Disabled, Searching, Registered, Connecting, Failed]
            }
            Self::Disabled | Self::Searching | Self::Registered => &[
                Initializing,
                Locked,
                Disabled,
                Searching,
                Registered,
                Connecting,
                Disconnecting,
                Failed,
            ],
            Self::Connecting => {
                &[Connected, Disconnecting, Registered, Searching, Disabled, Locked, Failed]
            }
            Self::Connected => &[
                Connecting,
                Disconnecting,
                Registered,
                Searching,
                Disabled,
                Locked,
                Failed,
                Initializing,
            ],
            Self::Disconnecting => {
                &[Registered, Searching, Disabled, Locked, Failed, Initializing, Connecting]
            }
        }
    }

    /// Whether `next` may follow this state.
    pub fn may_become(self, next: Self) -> bool {
        matches!(next, Self::Absent | Self::Recovering) || self.successors().contains(&next)
    }
}
