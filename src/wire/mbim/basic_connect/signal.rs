//! MBIM_CID_SIGNAL_STATE (10.5.11).

use super::{Command, CommandKind, DataClass, Info, Service, cid};
use crate::types::{Rat, Signal};
use crate::wire::Error;

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalStateQuery;

/// MBIM_SIGNAL_STATE_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalState {
    /// Received power.
    pub rssi_dbm: Option<i16>,
    /// Error rate, 0 best to 7 worst, as in TS 27.007 8.5; `None` when not known.
    pub error_rate: Option<u8>,
    /// What each technology in use has, the newest first; told with MBIMEx 2.0.
    pub levels: [Option<RsrpSnr>; 2],
}

/// MBIM_RSRP_SNR_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsrpSnr {
    /// Received power of the reference signal.
    pub rsrp_dbm: Option<i16>,
    /// Signal to noise, in tenths of a decibel.
    pub snr_tenth_db: Option<i16>,
    /// Of which technology.
    pub rat: Option<Rat>,
}

/// The power of a level as TS 27.007 8.5 has it: 0 is -113 dBm or less, 31 is -51 dBm or more.
pub(super) fn rssi_dbm(level: u32) -> Option<i16> {
    let level = i16::try_from(level).ok().filter(|level| (0..=31).contains(level))?;
    Some(2 * level - 113)
}

impl SignalState {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let rssi_dbm = rssi_dbm(info.u32()?);
        let error_rate = u8::try_from(info.u32()?).ok().filter(|rate| *rate <= 7);
        // The interval and two thresholds; nothing comes behind them with MBIM 1.0.
        let mut levels = [None; 2];
        if info.array::<12>().is_ok()
            && let Ok(mut list) = info.structure()
            && let Ok(count) = list.u32()
        {
            list.each(count, &mut |list| {
                let level = RsrpSnr::read(list)?;
                let is_newer = |than: Option<RsrpSnr>| than.is_none_or(|it| level.rat > it.rat);
                if is_newer(levels[0]) {
                    levels = [Some(level), levels[0]];
                } else if is_newer(levels[1]) {
                    levels[1] = Some(level);
                }
                Ok(())
            })?;
        }
        Ok(Self { rssi_dbm, error_rate, levels })
    }

    /// What it says of the signal of a modem that uses this technology.
    pub fn signal(self, rat: Option<Rat>) -> Signal {
        let levels = || self.levels.iter().flatten();
        let level = levels().find(|level| level.rat == rat).or_else(|| levels().next());
        Signal {
            rat,
            rssi_dbm: self.rssi_dbm,
            rsrp_dbm: level.and_then(|level| level.rsrp_dbm),
            sinr_tenth_db: level.and_then(|level| level.snr_tenth_db),
            ..Signal::default()
        }
    }
}

impl RsrpSnr {
    /// Power and noise in steps, two thresholds, technology. Sources: Microsoft's "MBIMEx 2.0 - 5G
    /// NSA support", libmbim's `data/mbim-service-ms-basic-connect-v2.json`.
    fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let step = |value: u32, max: i16| i16::try_from(value).ok().filter(|value| *value <= max);
        // 0 is less than -156 dBm, and less than -23 dB; steps of 1 dB and of half of one.
        let rsrp_dbm = step(info.u32()?, 126).map(|value| value - 157);
        let snr_tenth_db = step(info.u32()?, 127).map(|value| value * 5 - 235);
        info.u64()?;
        Ok(Self { rsrp_dbm, snr_tenth_db, rat: DataClass(info.u32()?).newest() })
    }
}

impl Command for SignalStateQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::SIGNAL_STATE;
    const KIND: CommandKind = CommandKind::Query;
    type Response = SignalState;

    fn read(mut info: Info<'_>) -> Result<SignalState, Error> {
        SignalState::read(&mut info)
    }
}
