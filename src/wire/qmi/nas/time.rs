//! The time that the network tells.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::NetworkTime;
use crate::wire::Error;
use crate::wire::sms::unix_secs;

/// Get Network Time (0x007D).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetNetworkTimeRequest;

impl Request for GetNetworkTimeRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x007D;
    /// TLV 0x11, the time of 3GPP; `None` while the network has not told it.
    type Response = Option<NetworkTime>;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Option<NetworkTime>, Error> {
        Ok(tlvs.optional(0x11, |r| {
            let time = universal(r)??;
            Some(NetworkTime { offset_min: Some(zone(r.i8()?)), ..time })
        }))
    }
}

/// Network Time (0x004C), told when the network tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkTimeIndication;

impl NetworkTimeIndication {
    /// The message's number.
    pub const MESSAGE: u16 = 0x004C;

    /// Reads it: TLV 0x01 is the time, 0x10 the zone.
    ///
    /// # Errors
    /// When there is no time in it.
    pub fn read(tlvs: Tlvs<'_>) -> Result<NetworkTime, Error> {
        let time = tlvs.mandatory(0x01, &"time", universal)?.ok_or(Error::bad_value(&"time"))?;
        let offset_min = tlvs.optional(0x10, TlvReader::i8).map(zone);
        Ok(NetworkTime { offset_min, ..time })
    }
}

/// Year, month, day, hour, minute, second and day of the week, of UTC; no time where there is none
/// such.
fn universal(r: &mut TlvReader<'_>) -> Option<Option<NetworkTime>> {
    let year = r.u16()?;
    let [month, day, hour, minute, second, _weekday] = r.array()?.map(i64::from);
    let unix_secs = unix_secs([year.into(), month, day, hour, minute, second]);
    Some(unix_secs.map(|unix_secs| NetworkTime { unix_secs, offset_min: None }))
}

/// Quarters of an hour.
fn zone(quarters: i8) -> i16 {
    i16::from(quarters) * 15
}
