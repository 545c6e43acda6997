//! The card in each slot and its applications.

use super::super::code::codes;
use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::{PinState, Retries};
use crate::wire::Error;

codes! {
    /// Whether there is a card.
    pub struct CardState: u8 {
        /// None.
        Absent = 0,
        /// One that works.
        Present = 1,
        /// One that does not; [`CardError`] says why.
        Error = 2,
    }
}

codes! {
    /// Why a card does not work.
    pub struct CardError: u8 {
        /// The modem does not say.
        Unknown = 0,
        /// It is powered down.
        PowerDown = 1,
        /// Polling failed.
        Poll = 2,
        /// It does not answer to reset: inserted the wrong way round, or dead.
        NoAtrReceived = 3,
        /// Its voltage does not fit.
        VoltageMismatch = 4,
        /// Parity errors.
        Parity = 5,
        /// It was probably pulled out.
        PossiblyRemoved = 6,
        /// Technical problems.
        Technical = 7,
    }
}

codes! {
    /// What an application on the card is for.
    pub struct ApplicationType: u8 {
        /// The modem does not know.
        Unknown = 0,
        /// GSM.
        Sim = 1,
        /// UMTS and later.
        Usim = 2,
        /// CDMA.
        Ruim = 3,
        /// CDMA, on a UICC.
        Csim = 4,
        /// IMS.
        Isim = 5,
    }
}

codes! {
    /// State of an application.
    pub struct ApplicationState: u8 {
        /// The modem does not know.
        Unknown = 0,
        /// Found, not yet started.
        Detected = 1,
        /// PIN1 (or the UPIN) is needed.
        PinRequired = 2,
        /// PUK1 (or the UPIN's) is needed.
        PukRequired = 3,
        /// A personalization (SIM lock) is being checked, or asks for its code.
        CheckPersonalization = 4,
        /// PIN1 is blocked for good.
        Pin1Blocked = 5,
        /// The network declared the card illegal.
        Illegal = 6,
        /// Ready.
        Ready = 7,
    }
}

codes! {
    /// State of the device's personalization (SIM lock) towards an application.
    pub struct PersonalizationState: u8 {
        /// The modem does not know.
        Unknown = 0,
        /// Being checked.
        InProgress = 1,
        /// The card is accepted.
        Ready = 2,
        /// The unlock code is needed.
        CodeRequired = 3,
        /// The unlock code's PUK is needed.
        PukCodeRequired = 4,
        /// Blocked for good.
        PermanentlyBlocked = 5,
    }
}

/// One application on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// What it is for.
    pub kind: ApplicationType,
    /// Its state.
    pub state: ApplicationState,
    /// The device's personalization towards it.
    pub personalization_state: PersonalizationState,
    /// Which personalization, `QmiUimCardApplicationPersonalizationFeatureStatus`.
    pub personalization_feature: u8,
    /// Attempts left for the personalization's code.
    pub personalization_retries_left: u8,
    /// Attempts left for the PUK of the personalization's code.
    pub personalization_unblock_retries_left: u8,
    /// Its identifier (AID), TS 101 220.
    pub aid: Vec<u8>,
    /// Whether the card's UPIN is asked for in place of PIN1.
    pub upin_replaces_pin1: bool,
    /// State of PIN1.
    pub pin1_state: PinState,
    /// Attempts left for PIN1.
    pub pin1_retries: Retries,
    /// State of PIN2.
    pub pin2_state: PinState,
    /// Attempts left for PIN2.
    pub pin2_retries: Retries,
}

impl Application {
    fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        Some(Self {
            kind: ApplicationType::from_code(r.u8()?),
            state: ApplicationState::from_code(r.u8()?),
            personalization_state: PersonalizationState::from_code(r.u8()?),
            personalization_feature: r.u8()?,
            personalization_retries_left: r.u8()?,
            personalization_unblock_retries_left: r.u8()?,
            aid: r.bytes8()?.to_vec(),
            upin_replaces_pin1: r.flag()?,
            pin1_state: PinState::from_code(r.u8()?),
            pin1_retries: Retries::read(r)?,
            pin2_state: PinState::from_code(r.u8()?),
            pin2_retries: Retries::read(r)?,
        })
    }
}

/// The card in one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Whether there is one.
    pub state: CardState,
    /// State of the universal PIN.
    pub upin_state: PinState,
    /// Attempts left for the universal PIN.
    pub upin_retries: Retries,
    /// Why it does not work, when it does not.
    pub error: CardError,
    /// Its applications.
    pub applications: Vec<Application>,
}

impl Card {
    fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        let state = CardState::from_code(r.u8()?);
        let upin_state = PinState::from_code(r.u8()?);
        let upin_retries = Retries::read(r)?;
        let error = CardError::from_code(r.u8()?);
        let applications = r.list8(Application::read)?;
        Some(Self { state, upin_state, upin_retries, error, applications })
    }
}

/// Every slot's card, and which application has which role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardStatus {
    /// The application in use for GSM to NR: slot in the high byte, application in the low, both
    /// from 0; 0xFFFF when there is none.
    pub index_gw_primary: u16,
    /// The same for CDMA.
    pub index_1x_primary: u16,
    /// The same for the second SIM.
    pub index_gw_secondary: u16,
    /// The same for the second SIM and CDMA.
    pub index_1x_secondary: u16,
    /// The slots, in order.
    pub cards: Vec<Card>,
}

impl CardStatus {
    /// The application in use for GSM to NR, with its card; `None` while there is none, as before
    /// the card is read.
    pub fn primary(&self) -> Option<(&Card, &Application)> {
        let [slot, application] = self.index_gw_primary.to_be_bytes();
        let card = self.cards.get(usize::from(slot))?;
        Some((card, card.applications.get(usize::from(application))?))
    }

    /// The application that has, or else would get, the primary role: the first USIM or else SIM
    /// on the first card that is present.
    pub fn application(&self) -> Option<(&Card, &Application)> {
        let first = |kind: ApplicationType| {
            for card in &self.cards {
                let found = card.applications.iter().find(|app| app.kind == kind);
                if let Some(application) = found.filter(|_| card.state == CardState::Present) {
                    return Some((card, application));
                }
            }
            None
        };
        self.primary()
            .or_else(|| first(ApplicationType::Usim))
            .or_else(|| first(ApplicationType::Sim))
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Self, Error> {
        tlvs.mandatory(0x10, &"card status", |r| {
            let [gw, cdma, gw2, cdma2] = [r.u16()?, r.u16()?, r.u16()?, r.u16()?];
            Some(Self {
                index_gw_primary: gw,
                index_1x_primary: cdma,
                index_gw_secondary: gw2,
                index_1x_secondary: cdma2,
                cards: r.list8(Card::read)?,
            })
        })
    }
}

/// Get Card Status (0x002F).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetCardStatusRequest;

impl Request for GetCardStatusRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x002F;
    /// TLV 0x10.
    type Response = CardStatus;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<CardStatus, Error> {
        CardStatus::read(tlvs)
    }
}

/// Card Status indication (0x0032): something about a card changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardStatusIndication {
    /// TLV 0x10.
    pub status: CardStatus,
}

impl CardStatusIndication {
    /// The message.
    pub const MESSAGE: u16 = 0x0032;

    /// Reads the TLVs.
    ///
    /// # Errors
    /// When TLV 0x10 is missing or malformed.
    pub fn read(tlvs: Tlvs<'_>) -> Result<Self, Error> {
        Ok(Self { status: CardStatus::read(tlvs)? })
    }
}
