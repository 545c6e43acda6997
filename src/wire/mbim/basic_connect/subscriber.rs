//! MBIM_CID_SUBSCRIBER_READY_STATUS (10.5.2): the SIM.

use super::code::codes;
use super::{Command, CommandKind, Info, Service, cid};
use crate::types::{Iccid, Imsi, Msisdn, SimState};
use crate::wire::Error;

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriberReadyQuery;

codes! {
    /// MBIM_SUBSCRIBER_READY_STATE (table 10-20); 7 is Microsoft's.
    pub struct ReadyState: u32 {
        /// The SIM is starting.
        NotInitialized = 0,
        /// The SIM is ready.
        Initialized = 1,
        /// There is no SIM.
        SimNotInserted = 2,
        /// The SIM cannot be used: blocked, or refused by the device.
        BadSim = 3,
        /// The SIM failed.
        Failure = 4,
        /// The SIM is ready and its subscription not activated.
        NotActivated = 5,
        /// A PIN is needed; MBIM_CID_PIN says which.
        DeviceLocked = 6,
        /// There is an eSIM without a profile.
        NoEsimProfile = 7,
    }
}

impl ReadyState {
    /// The state of the SIM; with a PIN needed it is [`SimState::PinRequired`], whichever that is.
    pub const fn sim_state(self) -> SimState {
        match self {
            Self::NotInitialized => SimState::NotReady,
            Self::Initialized | Self::NotActivated => SimState::Ready,
            Self::SimNotInserted | Self::NoEsimProfile => SimState::Absent,
            Self::BadSim | Self::Failure => SimState::Error,
            Self::DeviceLocked => SimState::PinRequired,
            _ => SimState::Unknown,
        }
    }
}

/// MBIM_SUBSCRIBER_READY_INFO
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriberReady {
    /// The state.
    pub state: ReadyState,
    /// The IMSI, once it can be read.
    pub imsi: Option<Imsi>,
    /// The number of the card.
    pub iccid: Option<Iccid>,
    /// The first of its phone numbers, as far as the card knows them.
    pub number: Option<Msisdn>,
}

impl SubscriberReady {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let state = ReadyState::from_code(info.u32()?);
        let imsi = Imsi::new(&info.text()?).ok();
        let iccid = Iccid::new(&info.text()?).ok();
        // Whether to keep the numbers to itself (ReadyInfo), and how many there are. Without them
        // the rest is worth as much.
        let mut first = || {
            let (_ready_info, count) = (info.u32()?, info.u32()?);
            if count > 0 { info.text() } else { Err(Error::Truncated) }
        };
        let number = first().ok().and_then(|number| Msisdn::new(&number).ok());
        Ok(Self { state, imsi, iccid, number })
    }
}

impl Command for SubscriberReadyQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::SUBSCRIBER_READY_STATUS;
    const KIND: CommandKind = CommandKind::Query;
    type Response = SubscriberReady;

    fn read(mut info: Info<'_>) -> Result<SubscriberReady, Error> {
        SubscriberReady::read(&mut info)
    }
}
