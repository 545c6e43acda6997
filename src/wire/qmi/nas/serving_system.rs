//! Where the modem is registered, in the form that every modem knows.

use super::super::code::codes;
use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::network_name;
use crate::types::{Plmn, Rat, Registration, RegistrationState};
use crate::wire::Error;

codes! {
    /// Whether the modem roams.
    pub struct RoamingIndicator: u8 {
        /// It does.
        On = 0,
        /// It does not.
        Off = 1,
    }
}

/// The reply to Get Serving System, and the Serving System indication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServingSystem {
    /// TLV 0x01: registration at home, refused, searching; see [`ServingSystem::registration`].
    pub state: RegistrationState,
    /// TLV 0x01: whether packet data is attached.
    pub ps_attached: Option<bool>,
    /// TLV 0x01: the technologies in use; more than one while 5G is used beside LTE.
    pub rats: Vec<Rat>,
    /// TLV 0x10.
    pub roaming: Option<RoamingIndicator>,
    /// TLV 0x12.
    pub plmn: Option<Plmn>,
    /// TLV 0x12: the network's name. Hostile text.
    pub operator: Option<String>,
}

impl ServingSystem {
    /// The number of both the message and the indication.
    pub const MESSAGE: u16 = 0x0024;

    /// Reads the TLVs.
    ///
    /// # Errors
    /// When TLV 0x01 is missing or too short.
    pub fn read(tlvs: Tlvs<'_>) -> Result<Self, Error> {
        let mut system = tlvs.mandatory(0x01, &"serving system", |r| {
            let (state, _cs, ps, _network) = (r.u8()?, r.u8()?, r.u8()?, r.u8()?);
            let mut rats = Vec::new();
            for code in r.bytes8().unwrap_or_default() {
                rats.extend(rat_from_code(*code));
            }
            Some(Self {
                state: state_of(state),
                ps_attached: attached(ps),
                rats,
                ..Self::default()
            })
        })?;
        system.roaming = tlvs.optional(0x10, TlvReader::u8).map(RoamingIndicator::from_code);
        // The description may be cut short; the numbers count all the same.
        let plmn =
            tlvs.optional(0x12, |r| Some((r.u16()?, r.u16()?, r.bytes8().unwrap_or_default())));
        if let Some((mcc, mnc, name)) = plmn {
            system.plmn = super::plmn(mcc, mnc, has_three_digits(tlvs, mcc, mnc));
            let name = network_name(name);
            system.operator = (!name.is_empty()).then_some(name);
        }
        Ok(system)
    }

    /// The registration it describes.
    pub fn registration(&self) -> Registration {
        let abroad = self.roaming == Some(RoamingIndicator::On);
        let state = if abroad && self.state == RegistrationState::Home {
            RegistrationState::Roaming
        } else {
            self.state
        };
        Registration {
            state,
            attached: self.ps_attached,
            plmn: self.plmn,
            operator: self.operator.clone(),
            rat: self.rats.iter().copied().max(),
            reject_cause: None,
        }
    }
}

/// Whether the modem says that the network's code has three digits: TLV 0x27 of the reply, 0x29 of
/// the indication. The other number is in the other message a shorter TLV.
fn has_three_digits(tlvs: Tlvs<'_>, mcc: u16, mnc: u16) -> bool {
    let read = |r: &mut TlvReader<'_>| Some((r.u16()?, r.u16()?, r.flag()?));
    [0x27, 0x29].iter().any(|kind| tlvs.optional(*kind, read) == Some((mcc, mnc, true)))
}

/// 1 attached, 2 detached.
const fn attached(code: u8) -> Option<bool> {
    match code {
        1 => Some(true),
        2 => Some(false),
        _ => None,
    }
}

/// 0 not registered, 1 registered at home or abroad, 2 searching, 3 refused, 4 unknown.
const fn state_of(code: u8) -> RegistrationState {
    match code {
        0 => RegistrationState::Idle,
        1 => RegistrationState::Home,
        2 => RegistrationState::Searching,
        3 => RegistrationState::Denied,
        _ => RegistrationState::Unknown,
    }
}

/// The technology of a radio interface; `None` for none, CDMA and AMPS.
pub(super) const fn rat_from_code(code: u8) -> Option<Rat> {
    match code {
        0x04 => Some(Rat::Gsm),
        0x05 | 0x09 => Some(Rat::Umts),
        0x08 => Some(Rat::Lte),
        0x0C => Some(Rat::Nr5g),
        _ => None,
    }
}

/// The reverse of [`rat_from_code`].
pub(super) const fn code_of_rat(rat: Rat) -> u8 {
    match rat {
        Rat::Gsm => 0x04,
        Rat::Umts => 0x05,
        Rat::Lte => 0x08,
        Rat::Nr5g => 0x0C,
    }
}

/// Get Serving System (0x0024).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetServingSystemRequest;

impl Request for GetServingSystemRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = ServingSystem::MESSAGE;
    type Response = ServingSystem;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<ServingSystem, Error> {
        ServingSystem::read(tlvs)
    }
}
