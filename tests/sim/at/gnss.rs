//! The satellite receiver in each vendor's way. Where it is, is where published answers were.

use super::super::qmi::Context;
use super::{At, Failure};
use crate::sim::config::{Dialect, Front};

/// What asks for the state, how that is answered without the number, what switches it on and off,
/// and where it is: the command, and the answer.
type Ways = (Dialect, [&'static str; 4], &'static str, &'static str);

const WAYS: [Ways; 5] = [
    (
        Dialect::Quectel,
        ["+QGPS?", "+QGPS: ", "+QGPS=1", "+QGPSEND"],
        "+QGPSLOC=2",
        "+QGPSLOC: 202008.0,-22.98486,-43.35916,2.5,4.0,2,0.00,0.0,0.0,290119,09",
    ),
    (
        Dialect::Simcom,
        ["+CGPS?", "+CGPS: ", "+CGPS=1,1", "+CGPS=0"],
        "+CGPSINFO",
        "+CGPSINFO: 3433.035574,S,05829.585934,W,310520,210511.0,6.6,0.0,0.0",
    ),
    (
        Dialect::Sierra,
        [
            "!GPSSTATUS?",
            "2010 01 20 3 20:46:08 Fix Session Status = ",
            "!GPSTRACK=1,255,100,1000,1",
            "!GPSEND=0",
        ],
        "!GPSLOC?",
        "Lat: 49 Deg 44 Min 57.00 Sec N  (0x008D823D)\r\n\
         Lon: 13 Deg 22 Min 48.54 Sec E  (0x00260F21)\r\n\
         Time: 2018 11 21 2 10:10:02 (GPS)\r\n3D Fix\r\nAltitude: 332 m  LocUncVe: 64.0 m",
    ),
    (
        Dialect::Telit,
        ["$GPSP?", "$GPSP: ", "$GPSP=1", "$GPSP=0"],
        "$GPSACP",
        "$GPSACP: 210926.000,4217.8003N,08341.3158W,2.3,258.2,3,17.8,4.8,2.6,220520,05,00",
    ),
    (
        Dialect::Fibocom,
        ["+GTGPSPOWER?", "+GTGPSPOWER: ", "+GTGPSPOWER=1", "+GTGPSPOWER=0"],
        "+GTGPS?",
        "+GTGPS:\r\n$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n\
         $GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
    ),
];

/// Runs a command when it is about this.
pub(super) fn run(
    at: &At,
    context: &mut Context<'_>,
    command: &str,
    output: &mut String,
) -> Option<Result<(), Failure>> {
    let dialect = match context.config.front {
        Front::At => context.config.dialect,
        Front::Qmi | Front::Mbim | Front::None => Dialect::Quectel,
    };
    let receiver = &mut context.world.receiver;
    let (_, [query, state, on, off], locate, answer) =
        WAYS.iter().find(|(known, ..)| *known == dialect)?;
    if ![query, on, off, locate].contains(&&command) {
        return None;
    }
    if receiver.is_missing {
        return Some(Err(Failure::Error));
    }
    if command == *query {
        let word = match (dialect, receiver.is_on) {
            (Dialect::Sierra, true) => "ACTIVE",
            (Dialect::Sierra, false) => "NONE",
            (_, true) => "1",
            (_, false) => "0",
        };
        at.say(output, &format!("{state}{word}"));
        return Some(Ok(()));
    }
    if command == *locate {
        if !receiver.is_on || !receiver.has_fix {
            return Some(Err(Failure::Cme(516)));
        }
        at.say(output, answer);
        return Some(Ok(()));
    }
    let wanted = command == *on;
    // As Quectel's: what is so already is refused.
    if receiver.is_on == wanted {
        return Some(Err(Failure::Cme(504)));
    }
    receiver.is_on = wanted;
    Some(Ok(()))
}
