//! Which networks and technologies the modem may use.

use super::super::code::codes;
use super::super::{Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use super::BandMasks;
use crate::types::{Plmn, Rat};
use crate::wire::Error;

codes! {
    /// How long a choice lasts.
    pub struct ChangeDuration: u8 {
        /// Until the modem restarts.
        PowerCycle = 0,
        /// For good, in the modem's flash.
        Permanent = 1,
    }
}

/// A set of technologies: TLV 0x11.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatModes(pub u16);

impl RatModes {
    /// Every technology of 3GPP.
    pub const ALL: Self = Self(0x007C);

    /// These; all when there are none.
    pub fn of(rats: &[Rat]) -> Self {
        let bits = rats.iter().fold(0, |bits, rat| bits | bits_of(*rat));
        if bits == 0 { Self::ALL } else { Self(bits) }
    }

    /// The technologies in it.
    pub fn rats(self) -> Vec<Rat> {
        let mut rats = Vec::new();
        for rat in Rat::ALL {
            if self.0 & bits_of(rat) != 0 {
                rats.push(rat);
            }
        }
        rats
    }
}

/// TD-SCDMA, bit 5, counts as UMTS.
const fn bits_of(rat: Rat) -> u16 {
    match rat {
        Rat::Gsm => 0x0004,
        Rat::Umts => 0x0028,
        Rat::Lte => 0x0010,
        Rat::Nr5g => 0x0040,
    }
}

/// Set System Selection Preference (0x0033).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetSystemSelectionPreferenceRequest {
    /// TLV 0x11.
    pub modes: Option<RatModes>,
    /// TLVs 0x12, 0x15, 0x24, 0x2F and 0x30.
    pub bands: Option<BandMasks>,
    /// TLVs 0x16 and 0x1A: the one network to use; `Some(None)` leaves it to the modem.
    pub network: Option<Option<Plmn>>,
    /// TLV 0x17.
    pub duration: ChangeDuration,
}

impl Request for SetSystemSelectionPreferenceRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0033;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        if let Some(modes) = self.modes {
            tlvs.put_u16(0x11, modes.0);
        }
        if let Some(bands) = &self.bands {
            bands.write(tlvs);
        }
        if let Some(network) = self.network {
            let (manual, mcc, mnc) = network.map_or((0, 0, 0), |plmn| (1, plmn.mcc(), plmn.mnc()));
            let mut sequence = Sequence::new();
            sequence.u8(manual).u16(mcc).u16(mnc);
            tlvs.put_sequence(0x16, sequence);
        }
        tlvs.put_u8(0x17, self.duration.code());
        if let Some(Some(plmn)) = self.network {
            tlvs.put_flag(0x1A, plmn.mnc_digits() == 3);
        }
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Get System Selection Preference (0x0034).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetSystemSelectionPreferenceRequest;

codes! {
    /// Who chooses the network.
    pub struct NetworkSelection: u8 {
        /// The modem.
        Automatic = 0,
        /// The host.
        Manual = 1,
    }
}

/// Which networks and technologies the modem may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectionPreference {
    /// TLV 0x11.
    pub modes: Option<RatModes>,
    /// TLVs 0x12, 0x15, 0x23, 0x2C and 0x2D.
    pub bands: BandMasks,
    /// TLV 0x16. In the request that sets it the TLV holds the network as well.
    pub selection: Option<NetworkSelection>,
    /// TLV 0x1B: the one network to use. Modems keep the last one while the selection is automatic.
    pub network: Option<Plmn>,
}

impl Request for GetSystemSelectionPreferenceRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0034;
    type Response = SelectionPreference;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<SelectionPreference, Error> {
        let network = tlvs.optional(0x1B, |r| Some((r.u16()?, r.u16()?, r.flag()?)));
        Ok(SelectionPreference {
            modes: tlvs.optional(0x11, TlvReader::u16).map(RatModes),
            bands: BandMasks::read(tlvs),
            selection: tlvs.optional(0x16, TlvReader::u8).map(NetworkSelection::from_code),
            network: network.and_then(|(mcc, mnc, three)| super::plmn(mcc, mnc, three)),
        })
    }
}
