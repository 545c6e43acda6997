//! USSD (10.7), libmbim's `data/mbim-service-ussd.json`.

use super::{Command, CommandKind, Info, InfoWriter, Service};
use crate::wire::Error;

/// MBIM_CID_USSD
pub const CID_USSD: u32 = 1;

/// MBIM_USSD_ACTION
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UssdAction {
    /// Begins a session.
    Initiate,
    /// Answers in it.
    Continue,
    /// Ends it.
    Cancel,
}

/// MBIM_SET_USSD
#[derive(Clone, PartialEq, Eq)]
pub struct UssdSet {
    /// What to do.
    pub action: UssdAction,
    /// The data coding scheme, 3GPP TS 23.038 5.
    pub dcs: u8,
    /// The text, so coded; at most 160 octets.
    pub payload: Vec<u8>,
}

/// MBIM_USSD_INFO
#[derive(Clone, PartialEq, Eq)]
pub struct UssdInfo {
    /// MBIM_USSD_RESPONSE: what becomes of the session.
    pub response: u32,
    /// What the network says. Hostile text.
    pub text: String,
}

/// Not what it says.
impl core::fmt::Debug for UssdInfo {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "UssdInfo({})", self.response)
    }
}

impl UssdInfo {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let (response, _session, dcs) = (info.u32()?, info.u32()?, info.u32()?);
        let payload = info.bytes()?;
        let payload = payload.get(..payload.len().min(PAYLOAD_MAX)).unwrap_or_default();
        let dcs = u8::try_from(dcs).unwrap_or_default();
        let text = crate::wire::sms::decode_ussd(payload, dcs);
        Ok(Self { response, text })
    }
}

/// No more of a payload is read; networks send 160 octets at most.
const PAYLOAD_MAX: usize = 512;

impl Command for UssdSet {
    const SERVICE: Service = Service::Ussd;
    const CID: u32 = CID_USSD;
    const KIND: CommandKind = CommandKind::Set;
    type Response = UssdInfo;

    fn write(&self, info: &mut InfoWriter) {
        let action = match self.action {
            UssdAction::Initiate => 0,
            UssdAction::Continue => 1,
            UssdAction::Cancel => 2,
        };
        info.u32(action).u32(self.dcs.into()).reference(&self.payload);
    }

    fn read(mut info: Info<'_>) -> Result<UssdInfo, Error> {
        UssdInfo::read(&mut info)
    }
}
