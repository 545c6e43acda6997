//! Signal strength and quality.

use super::super::{Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
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
    /// The number of the indication.
    pub const INDICATION_MESSAGE: u16 = 0x0051;

    /// Reads the TLVs.
    pub fn read(tlvs: Tlvs<'_>) -> Self {
        let gsm = tlvs.optional(0x12, TlvReader::i8);
        Self {
            gsm: gsm.map(|rssi| Signal { rssi_dbm: Some(rssi.into()), ..of(Rat::Gsm) }),
            umts: tlvs.optional(0x13, |r| {
                let (rssi, ecio) = (r.i8()?, r.i16()?);
                // In halves of a dB, without its sign.
                let ecio_db = Some(-(ecio / 2));
                Some(Signal { rssi_dbm: Some(rssi.into()), ecio_db, ..of(Rat::Umts) })
            }),
            lte: tlvs.optional(0x14, |r| {
                let (rssi, rsrq, rsrp, snr) = (r.i8()?, r.i8()?, r.i16()?, r.i16()?);
                Some(Signal {
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
        Some(Signal { rsrp_dbm: measured(rsrp), sinr_tenth_db: measured(snr), ..of(Rat::Nr5g) })
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

/// Config Signal Info (0x0050): at which values the modem tells of the signal. An empty list leaves
/// its quantity as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigSignalInfoRequest {
    /// TLV 0x10, every technology.
    pub rssi_dbm: Vec<i8>,
    /// TLV 0x13.
    pub lte_snr_tenth_db: Vec<i16>,
    /// TLV 0x15.
    pub rsrq_db: Vec<i8>,
    /// TLV 0x16.
    pub rsrp_dbm: Vec<i16>,
}

impl Request for ConfigSignalInfoRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0050;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        let bytes = |list: &[i8]| list.iter().flat_map(|value| value.to_le_bytes()).collect();
        let words = |list: &[i16]| list.iter().flat_map(|value| value.to_le_bytes()).collect();
        put_thresholds(tlvs, 0x10, self.rssi_dbm.len(), bytes(&self.rssi_dbm));
        put_thresholds(tlvs, 0x13, self.lte_snr_tenth_db.len(), words(&self.lte_snr_tenth_db));
        put_thresholds(tlvs, 0x15, self.rsrq_db.len(), bytes(&self.rsrq_db));
        put_thresholds(tlvs, 0x16, self.rsrp_dbm.len(), words(&self.rsrp_dbm));
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Appends a list behind the number of its values; the format allows 255, modems 5 to 32.
fn put_thresholds(tlvs: &mut TlvWriter, kind: u8, count: usize, values: Vec<u8>) {
    if count == 0 {
        return;
    }
    let mut sequence = Sequence::new();
    sequence.count8(count).bytes(&values);
    tlvs.put_sequence(kind, sequence);
}
