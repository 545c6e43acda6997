//! DMS, service 0x02: identity, operating mode, and the SIM's PIN on modems without UIM.
//! `qmi-service-dms.json`.

use super::code::codes;
use super::nas::{push_bands, push_old_bands};
use super::uim::{PinId, PinResponse, PinState, Retries};
use super::{QmiError, Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::{Band, OperatingMode, Rat, Secret};
use crate::wire::Error;

/// Makes a request without TLVs whose reply is one text in TLV 0x01.
macro_rules! text_request {
    ($(#[$meta:meta])* $name:ident, $message:literal, $field:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl Request for $name {
            const SERVICE: Service = Service::Dms;
            const MESSAGE: u16 = $message;
            /// TLV 0x01.
            type Response = String;

            fn write(&self, _tlvs: &mut TlvWriter) {}

            fn read(tlvs: Tlvs<'_>) -> Result<String, Error> {
                tlvs.mandatory(0x01, &$field, TlvReader::text)
            }
        }
    };
}

text_request!(
    /// Get Manufacturer (0x0021).
    GetManufacturerRequest, 0x0021, "manufacturer"
);
text_request!(
    /// Get Model (0x0022).
    GetModelRequest, 0x0022, "model"
);
text_request!(
    /// Get Revision (0x0023): the firmware.
    GetRevisionRequest, 0x0023, "revision"
);
text_request!(
    /// Get MSISDN (0x0024): the phone number, as far as the SIM knows it.
    GetMsisdnRequest, 0x0024, "msisdn"
);
text_request!(
    /// Get Hardware Revision (0x002C).
    GetHardwareRevisionRequest, 0x002C, "revision"
);
text_request!(
    /// UIM Get ICCID (0x003C): the number of the SIM, in digits.
    UimGetIccidRequest, 0x003C, "iccid"
);
text_request!(
    /// UIM Get IMSI (0x0043): the number of the subscription, in digits.
    UimGetImsiRequest, 0x0043, "imsi"
);

/// Get IDs (0x0025).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetIdsRequest;

/// The modem's numbers. What it does not have is missing, empty or `0`.
#[derive(Clone, PartialEq, Eq)]
pub struct Ids {
    /// TLV 0x10: ESN, of CDMA.
    pub esn: Option<String>,
    /// TLV 0x11: IMEI, sometimes without its check digit.
    pub imei: Option<String>,
    /// TLV 0x12: MEID, of CDMA.
    pub meid: Option<String>,
    /// TLV 0x13: the software version half of the IMEISV.
    pub imei_software_version: Option<String>,
}

/// Shows which numbers there are, not the numbers.
impl core::fmt::Debug for Ids {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let shown = |id: &Option<String>| id.as_deref().map(crate::types::redact);
        f.debug_struct("Ids").field("imei", &shown(&self.imei)).finish_non_exhaustive()
    }
}

impl Request for GetIdsRequest {
    const SERVICE: Service = Service::Dms;
    const MESSAGE: u16 = 0x0025;
    type Response = Ids;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Ids, Error> {
        let id = |kind| {
            let text = tlvs.optional(kind, TlvReader::text)?;
            (!text.is_empty() && text != "0").then_some(text)
        };
        Ok(Ids { esn: id(0x10), imei: id(0x11), meid: id(0x12), imei_software_version: id(0x13) })
    }
}

/// The operating modes that a host sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetMode {
    /// Radio on.
    Online,
    /// Radio off; lost at the next restart.
    LowPower,
    /// Off. Many modems come back from it only by a reset, and many reset only from it.
    Offline,
    /// Restart.
    Reset,
}

/// Reads QMI's operating modes: 0 online, 1, 6 and 7 kinds of low power, 3 offline.
fn operating_mode(code: u8) -> OperatingMode {
    match code {
        0 => OperatingMode::Online,
        1 | 6 | 7 => OperatingMode::LowPower,
        3 => OperatingMode::Offline,
        other => OperatingMode::Other(other),
    }
}

/// Get Band Capabilities (0x0045).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetBandCapabilitiesRequest;

impl Request for GetBandCapabilitiesRequest {
    const SERVICE: Service = Service::Dms;
    const MESSAGE: u16 = 0x0045;
    /// TLVs 0x01, 0x10, 0x12 and 0x13, sorted.
    type Response = Vec<Band>;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Vec<Band>, Error> {
        let mut bands = Vec::new();
        push_old_bands(&mut bands, tlvs.mandatory(0x01, &"bands", |r| r.bytes(8))?);
        let lte = tlvs.optional(0x10, |r| r.bytes(8)).unwrap_or_default();
        push_bands(&mut bands, Rat::Lte, lte);
        for (kind, rat) in [(0x12, Rat::Lte), (0x13, Rat::Nr5g)] {
            let Some(mut reader) = tlvs.get(kind) else { continue };
            for _ in 0..reader.u16().unwrap_or(0) {
                let Some(number) = reader.u16() else { break };
                if number != 0 {
                    bands.push(Band { rat, number });
                }
            }
        }
        bands.sort_unstable();
        bands.dedup();
        Ok(bands)
    }
}

/// Get Operating Mode (0x002D).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetOperatingModeRequest;

/// The operating mode and what forbids another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatingModeInfo {
    /// TLV 0x01.
    pub mode: OperatingMode,
    /// TLV 0x10: bits that say why the modem is offline.
    pub offline_reason: Option<u16>,
    /// TLV 0x11: a switch (W_DISABLE) keeps the radio off.
    pub hardware_restricted: Option<bool>,
}

impl Request for GetOperatingModeRequest {
    const SERVICE: Service = Service::Dms;
    const MESSAGE: u16 = 0x002D;
    type Response = OperatingModeInfo;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<OperatingModeInfo, Error> {
        Ok(OperatingModeInfo {
            mode: operating_mode(tlvs.mandatory(0x01, &"mode", TlvReader::u8)?),
            offline_reason: tlvs.optional(0x10, TlvReader::u16),
            hardware_restricted: tlvs.optional(0x11, TlvReader::flag),
        })
    }
}

/// Set Operating Mode (0x002E). [`QmiError::InvalidTransition`] and [`QmiError::NoEffect`] are
/// usual refusals; [`QmiError::HardwareRestricted`] that of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetOperatingModeRequest {
    /// TLV 0x01.
    pub mode: SetMode,
}

impl Request for SetOperatingModeRequest {
    const SERVICE: Service = Service::Dms;
    const MESSAGE: u16 = 0x002E;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        let code = match self.mode {
            SetMode::Online => 0,
            SetMode::LowPower => 1,
            SetMode::Offline => 3,
            SetMode::Reset => 4,
        };
        tlvs.put_u8(0x01, code);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Set Event Report (0x0001): which changes to be told of. A flag that is `None` stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetEventReportRequest {
    /// TLV 0x12: PIN states.
    pub pin_state: Option<bool>,
    /// TLV 0x14: the operating mode.
    pub operating_mode: Option<bool>,
    /// TLV 0x15: the SIM.
    pub uim_state: Option<bool>,
    /// TLV 0x16: the switch that disables the radio.
    pub wireless_disable: Option<bool>,
}

impl Request for SetEventReportRequest {
    const SERVICE: Service = Service::Dms;
    const MESSAGE: u16 = 0x0001;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        let flags = [
            (0x12, self.pin_state),
            (0x14, self.operating_mode),
            (0x15, self.uim_state),
            (0x16, self.wireless_disable),
        ];
        for (kind, flag) in flags {
            if let Some(flag) = flag {
                tlvs.put_flag(kind, flag);
            }
        }
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

codes! {
    /// The SIM, as DMS sees it.
    pub struct UimState: u8 {
        /// Ready.
        Initialized = 0x00,
        /// Locked, or it failed.
        LockedOrFailed = 0x01,
        /// Not there.
        NotPresent = 0x02,
        /// Reserved.
        Reserved = 0x03,
        /// The modem does not know.
        Unknown = 0xFF,
    }
}

/// State of one PIN, as DMS reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinStatus {
    /// The state. Right after a PIN was unblocked or changed, 6 or 7.
    pub state: PinState,
    /// The attempts left.
    pub retries: Retries,
}

impl PinStatus {
    fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        Some(Self { state: PinState::from_code(r.u8()?), retries: Retries::read(r)? })
    }
}

/// Event Report indication (0x0001): what [`SetEventReportRequest`] asked for. It holds only what
/// changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventReportIndication {
    /// TLV 0x11.
    pub pin1: Option<PinStatus>,
    /// TLV 0x14.
    pub operating_mode: Option<OperatingMode>,
    /// TLV 0x15.
    pub uim_state: Option<UimState>,
    /// TLV 0x16: whether the radio's switch is on "off".
    pub wireless_disabled: Option<bool>,
}

impl EventReportIndication {
    /// The message.
    pub const MESSAGE: u16 = 0x0001;

    /// Reads the TLVs.
    pub fn read(tlvs: Tlvs<'_>) -> Self {
        Self {
            pin1: tlvs.optional(0x11, PinStatus::read),
            operating_mode: tlvs.optional(0x14, TlvReader::u8).map(operating_mode),
            uim_state: tlvs.optional(0x15, TlvReader::u8).map(UimState::from_code),
            wireless_disabled: tlvs.optional(0x16, TlvReader::flag),
        }
    }
}

/// UIM Get PIN Status (0x002B).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UimGetPinStatusRequest;

/// The two PINs of the SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinStatuses {
    /// TLV 0x11.
    pub pin1: Option<PinStatus>,
    /// TLV 0x12.
    pub pin2: Option<PinStatus>,
}

impl Request for UimGetPinStatusRequest {
    const SERVICE: Service = Service::Dms;
    const MESSAGE: u16 = 0x002B;
    type Response = PinStatuses;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<PinStatuses, Error> {
        Ok(PinStatuses {
            pin1: tlvs.optional(0x11, PinStatus::read),
            pin2: tlvs.optional(0x12, PinStatus::read),
        })
    }
}

/// Makes a PIN request out of what its TLV 0x01 holds after the PIN's id.
macro_rules! pin_request {
    ($name:ident, $message:literal, |$self:ident, $sequence:ident| $fields:expr) => {
        impl Request for $name {
            const SERVICE: Service = Service::Dms;
            const MESSAGE: u16 = $message;
            type Response = PinResponse;

            fn write(&self, tlvs: &mut TlvWriter) {
                let $self = self;
                let mut $sequence = Sequence::new();
                $sequence.u8(self.pin_id.code());
                $fields;
                tlvs.put_sequence(0x01, $sequence);
            }

            fn read(tlvs: Tlvs<'_>) -> Result<PinResponse, Error> {
                Ok(PinResponse::read(Ok(()), tlvs))
            }

            fn refused(error: QmiError, tlvs: Tlvs<'_>) -> Result<PinResponse, QmiError> {
                Ok(PinResponse::read(Err(error), tlvs))
            }
        }
    };
}

/// UIM Verify PIN (0x0028). A wrong PIN costs an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UimVerifyPinRequest {
    /// Which PIN.
    pub pin_id: PinId,
    /// The PIN.
    pub pin: Secret,
}

pin_request!(UimVerifyPinRequest, 0x0028, |request, sequence| sequence.secret8(&request.pin));

/// UIM Set PIN Protection (0x0027): whether the SIM asks for the PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UimSetPinProtectionRequest {
    /// Which PIN.
    pub pin_id: PinId,
    /// Whether to ask for it.
    pub enabled: bool,
    /// The PIN.
    pub pin: Secret,
}

pin_request!(UimSetPinProtectionRequest, 0x0027, |request, sequence| {
    sequence.u8(u8::from(request.enabled)).secret8(&request.pin)
});

/// UIM Unblock PIN (0x0029). A wrong PUK costs one of ten attempts, then the SIM is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UimUnblockPinRequest {
    /// Which PIN.
    pub pin_id: PinId,
    /// Its PUK.
    pub puk: Secret,
    /// The PIN from then on.
    pub new_pin: Secret,
}

pin_request!(UimUnblockPinRequest, 0x0029, |request, sequence| {
    sequence.secret8(&request.puk).secret8(&request.new_pin)
});

/// UIM Change PIN (0x002A).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UimChangePinRequest {
    /// Which PIN.
    pub pin_id: PinId,
    /// The PIN so far.
    pub old_pin: Secret,
    /// The PIN from then on.
    pub new_pin: Secret,
}

pin_request!(UimChangePinRequest, 0x002A, |request, sequence| {
    sequence.secret8(&request.old_pin).secret8(&request.new_pin)
});
