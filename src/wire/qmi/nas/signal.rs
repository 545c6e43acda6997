//! Signal strength and quality.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::{Rat, Signal};
use crate::wire::Error;

/// The reply to Get Signal Info, and the Signal Info indication.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SignalInfo {
    /// TLV 0x12.
    pub gsm: Option<Signal>,
    /// TLV 0x13.
    pub umts: Option<Signal>,
    /// TLV 0x14.
    pub lte: Option<Signal>,
    /// TLVs 0x17 and 0x18.
    pub nr5g: Option<Signal>,
}

impl SignalInfo {
    /// Reads the TLVs.
    pub fn read(tlvs: Tlvs<'_>) -> Self {
        let gsm = tlvs.optional(0x12, TlvReader::i8);
        Self {
            gsm: gsm.map(|rssi| Signal { rssi_dbm: Some(rssi.into()), ..of(Rat::Gsm) }),
            umts: tlvs.optional(0x13, |r| {
                let (rssi, ecio) = (r.i8()?, r.i16()?);
                // In halves of a dB, without its sign.
                let ecio_db = Some(-(ecio / 2));
                Ok(Signal { rssi_dbm: Some(rssi.into()), ecio_db, ..of(Rat::Umts) })
            }),
            lte: tlvs.optional(0x14, |r| {
                let (rssi, rsrq, rsrp, snr) = (r.i8()?, r.i8()?, r.i16()?, r.i16()?);
                Ok(Signal {
                    rssi_dbm: Some(rssi.into()),
                    rsrp_dbm: Some(rsrp),
                    rsrq_db: Some(rsrq.into()),
                    sinr_tenth_db: Some(snr),
                    ..of(Rat::Lte)
                })
            }),
            nr5g: nr5g(tlvs),
        }
    }

    /// The newest technology's.
    pub fn best(&self) -> Option<Signal> {
        self.nr5g.or(self.lte).or(self.umts).or(self.gsm)
    }
}

/// What is not measured is the lowest number there is.
fn nr5g(tlvs: Tlvs<'_>) -> Option<Signal> {
    let measured = |value: i16| (value != i16::MIN).then_some(value);
    let strength = tlvs.optional(0x17, |r| {
        let (rsrp, snr) = (r.i16()?, r.i16()?);
        Ok(Signal { rsrp_dbm: measured(rsrp), sinr_tenth_db: measured(snr), ..of(Rat::Nr5g) })
    })?;
    strength.rsrp_dbm?;
    let rsrq_db = tlvs.optional(0x18, TlvReader::i16).and_then(measured);
    Some(Signal { rsrq_db, ..strength })
}

fn of(rat: Rat) -> Signal {
    Signal { rat: Some(rat), ..Signal::default() }
}

/// Get Signal Info (0x004F). NAS 1.8 and later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetSignalInfoRequest;

impl Request for GetSignalInfoRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x004F;
    type Response = SignalInfo;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<SignalInfo, Error> {
        Ok(SignalInfo::read(tlvs))
    }
}
