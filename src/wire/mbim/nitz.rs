//! The time that the network tells: MBIM_CID_NITZ of Microsoft's voice extensions. Source: "MB NITZ
//! support" in Microsoft's driver documentation.

use super::{Command, CommandKind, Info, Service};
use crate::types::NetworkTime;
use crate::wire::Error;
use crate::wire::sms::unix_secs;

/// Asks for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NitzQuery;

/// For a zone that is not known.
const UNKNOWN: u32 = u32::MAX;

/// Reads MBIM_NITZ_INFO: year, month, day, hour, minute and second of UTC, and the minutes that
/// the zone is ahead of it, summer time included.
fn read_info(info: &mut Info<'_>) -> Result<NetworkTime, Error> {
    let mut civil = [0; 6];
    for part in &mut civil {
        *part = i64::from(info.u32()?);
    }
    let zone = info.u32()?;
    Ok(NetworkTime {
        unix_secs: unix_secs(civil).ok_or(Error::bad_value(&"time"))?,
        offset_min: i16::try_from(zone.cast_signed()).ok().filter(|_| zone != UNKNOWN),
    })
}

impl Command for NitzQuery {
    const SERVICE: Service = Service::MsVoiceExtensions;
    const CID: u32 = 10;
    const KIND: CommandKind = CommandKind::Query;
    type Response = NetworkTime;

    fn read(mut info: Info<'_>) -> Result<NetworkTime, Error> {
        read_info(&mut info)
    }
}
