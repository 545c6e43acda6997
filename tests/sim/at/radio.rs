//! What each vendor's modems say of the radio, in their own commands.

use super::super::config::{Dialect, Front};
use super::super::qmi::Context;
use super::super::world::radio::{OperatingMode, Registration};
use super::Failure;

/// The one cell there is, as over QMI: TAC, cell, channel, physical cell.
const TAC: u16 = 0x5a21;
const CELL_ID: u32 = 0x01c0_3e0b;
const EARFCN: u16 = 1300;
const PCI: u16 = 246;

/// How hot the modem is.
const CELSIUS: i32 = 41;

/// What the radio has for a command: the lines, or a refusal; `None` when it is none of these.
pub(super) fn run(
    context: &Context<'_>,
    name: &str,
    tail: &str,
) -> Option<Result<String, Failure>> {
    let config = context.config;
    let dialect = if config.front == Front::At { config.dialect } else { Dialect::Quectel };
    let lines = match dialect {
        Dialect::Quectel => quectel(context, name, tail)?,
        Dialect::Huawei => huawei(context, name, tail)?,
        Dialect::Sierra => sierra(context, name, tail)?,
        Dialect::Simcom => simcom(context, name, tail)?,
        Dialect::Fibocom | Dialect::Mediatek => fibocom(context, name, tail)?,
        Dialect::Telit => telit(context, name, tail)?,
        Dialect::Ublox => ublox(context, name, tail)?,
        Dialect::Zte => zte(context, name, tail)?,
        Dialect::Xmm => xmm(context, name, tail)?,
        Dialect::Generic => return None,
    };
    let radio = &context.world.radio;
    let hears = radio.mode == OperatingMode::Online && radio.is_registered();
    let is_temperature = lines.contains("TEMP") && !lines.contains("STATUS");
    Some(if hears || is_temperature || lines.is_empty() { Ok(lines) } else { Err(Failure::Error) })
}

fn plmn(context: &Context<'_>, between: &str) -> String {
    let network = &context.config.network;
    let digits = usize::from(network.mnc_digits);
    format!("{:03}{between}{:0digits$}", network.mcc, network.mnc)
}

/// RSRP, RSRQ, RSSI, SINR in dB.
fn levels(context: &Context<'_>) -> (i16, i16, i16, i16) {
    let signal = context.world.radio.signal;
    (signal.rsrp_dbm, signal.rsrq_db.into(), signal.rssi_dbm.into(), signal.snr_tenth_db / 10)
}

fn quectel(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let (rsrp, rsrq, rssi, sinr) = levels(context);
    let weaker = rsrp - 4;
    Some(match (name, tail) {
        ("+QENG", "=\"servingcell\"") => {
            let plmn = plmn(context, ",");
            format!(
                "+QENG: \"servingcell\",\"NOCONN\",\"LTE\",\"FDD\",{plmn},{CELL_ID:X},{PCI},\
                 {EARFCN},\
                 3,5,5,\
                 {TAC:X},{rsrp},{rsrq},{rssi},{sinr},-"
            )
        }
        ("+QENG", "=\"neighbourcell\"") => {
            format!(
                "+QENG: \"neighbourcell intra\",\"LTE\",{EARFCN},155,-13,{weaker},-70,8,-,-,-,-,-"
            )
        }
        ("+QCAINFO", "") => {
            format!(
                "+QCAINFO: \"PCC\",{EARFCN},100,\"LTE BAND 3\",1,{PCI},\
                 {rsrp},{rsrq},{rssi},{sinr}\r\n\
                 +QCAINFO: \"SCC\",6300,50,\"LTE BAND 20\",1,101,{weaker},{rsrq},{rssi},2,0,-,-"
            )
        }
        ("+QRSRP", "") => format!("+QRSRP: {rsrp},{weaker},-140,-140,LTE"),
        ("+QRSRQ", "") => format!("+QRSRQ: {rsrq},{rsrq},-20,-20,LTE"),
        ("+QSINR", "") => format!("+QSINR: {sinr},{sinr},0,0,LTE"),
        ("+QTEMP", "") => {
            format!("+QTEMP: \"soc-thermal\",\"{CELSIUS}\"\r\n+QTEMP: \"pa-thermal\",\"-273\"")
        }
        _ => return None,
    })
}

fn huawei(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let (rsrp, rsrq, rssi, sinr) = levels(context);
    Some(match (name, tail) {
        ("^HCSQ", "?") => {
            let quality = (i32::from(sinr) * 10 + 202) / 2;
            format!("^HCSQ:\"LTE\",{},{},{quality},{}", rssi + 121, rsrp + 141, rsrq * 2 + 40)
        }
        ("^MONSC", "") => {
            let plmn = plmn(context, ",");
            format!("^MONSC: LTE,{plmn},{EARFCN},{CELL_ID:X},{PCI:X},{TAC:X},{rsrp},{rsrq},{rssi}")
        }
        ("^CHIPTEMP", "?") => format!("^CHIPTEMP: {},395,65535,35,65535", CELSIUS * 10),
        _ => return None,
    })
}

fn sierra(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    if (name, tail) != ("!GSTATUS", "?") {
        return None;
    }
    let (rsrp, rsrq, rssi, sinr) = levels(context);
    let weaker = rsrp - 4;
    let registered = context.world.radio.registration;
    let system = if registered == Registration::Idle { "Unknown" } else { "LTE" };
    Some(format!(
        "!GSTATUS: \r\nCurrent Time:  772\t\tTemperature: {CELSIUS}\r\n\
         Reset Counter: 1\t\tMode:        ONLINE         \r\n\
         System mode:   {system}        \tPS state:    Attached     \r\n\
         LTE band:      B3     \t\tLTE bw:      20 MHz  \r\n\
         LTE Rx chan:   {EARFCN}\t\tLTE Tx chan: 19300\r\n\
         LTE CA state:  ACTIVE      \t\tLTE Scell band:B20    \r\n\
         LTE Scell bw:10 MHz  \t\tLTE Scell chan:6300\r\n\r\n\
         PCC RxM RSSI:  {rssi}\t\tRSRP (dBm):  {rsrp}\r\n\
         PCC RxD RSSI:  {rssi}\t\tRSRP (dBm):  {weaker}\r\n\
         Tx Power:      0\t\tTAC:         {TAC:X} ({TAC})\r\n\
         RSRQ (dB):     {rsrq}.0\t\tCell ID:     {CELL_ID:08X} ({CELL_ID})\r\n\
         SINR (dB):      {sinr}.0\r\n"
    ))
}

fn simcom(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let (rsrp, rsrq, rssi, sinr) = levels(context);
    Some(match (name, tail) {
        ("+CPSI", "?") => {
            let plmn = plmn(context, "-");
            format!(
                "+CPSI: LTE,Online,{plmn},0x{TAC:X},{CELL_ID},{PCI},EUTRAN-BAND3,{EARFCN},5,5,\
                 {},{},{},{sinr}",
                rsrq * 10,
                rsrp * 10,
                rssi * 10
            )
        }
        ("+CPMUTEMP", "") => format!("+CPMUTEMP: {CELSIUS}"),
        _ => return None,
    })
}

fn fibocom(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let (rsrp, rsrq, _, sinr) = levels(context);
    let (power, quality) = (rsrp + 141, rsrq * 2 + 40);
    Some(match (name, tail) {
        ("+GTCCINFO", "?") => {
            let plmn = plmn(context, ",");
            format!(
                "+GTCCINFO: \r\n1,4,{plmn},{TAC:X},{CELL_ID:09X},{EARFCN},{PCI},103,100,{},{power},\
                 {power},{quality}\r\n\r\n2,4,,,FFFF,00FFFFFFF,{EARFCN},155,,40,40,10",
                sinr * 2
            )
        }
        ("+GTCAINFO", "?") => format!(
            "+GTCAINFO:\r\nPCC:103,{PCI},{EARFCN},100,100,1,1,1,3,{rsrp}\r\n\
             SCC 1:2,0,120,101,6300,50,255,1,255,1,255,{rsrp}"
        ),
        ("+GTSENRDTEMP", "=1") => format!("+GTSENRDTEMP: 1,{}", CELSIUS * 1000 + 628),
        _ => return None,
    })
}

fn telit(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let (rsrp, rsrq, rssi, _) = levels(context);
    Some(match (name, tail) {
        ("#RFSTS", "") => {
            let (plmn, imsi) = (plmn(context, " "), &context.world.uicc.imsi);
            format!(
                "#RFSTS: \"{plmn}\",{EARFCN},{rsrp},{rssi},{rsrq},{TAC:X},255,,128,3,1,\
                 {CELL_ID:07X},\
                 \"{imsi}\",\"Simphone\",3,3"
            )
        }
        ("#TEMPSENS", "=2") => format!("#TEMPSENS: TSENS,{CELSIUS}\r\n#TEMPSENS: PA_THERM1,24"),
        _ => return None,
    })
}

fn ublox(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let (rsrp, rsrq, _, sinr) = levels(context);
    Some(match (name, tail) {
        ("+UCGED", "=2") => String::new(),
        ("+UCGED", "?") => {
            let plmn = plmn(context, ",");
            format!(
                "+UCGED: 2\r\n6,4,{plmn}\r\n{EARFCN},3,100,100,{TAC:x},{CELL_ID:07x},{PCI},\
                 d60814d1,\
                 8001,01,{},{},{sinr}.50,3,1,10,28,-50,-6,0,255,255,0",
                rsrp + 141,
                rsrq * 2 + 40
            )
        }
        _ => return None,
    })
}

fn zte(_context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let is_asked = (name, tail) == ("+ZCELLINFO", "?");
    is_asked.then(|| format!("+ZCELLINFO: {CELL_ID}, {PCI}, LTE B3, {EARFCN}"))
}

fn xmm(context: &Context<'_>, name: &str, tail: &str) -> Option<String> {
    let (rsrp, rsrq, _, sinr) = levels(context);
    Some(match (name, tail) {
        ("+XMCI", "=1") => {
            let plmn = plmn(context, ",");
            format!(
                "+XMCI: 4,{plmn},\"0x{TAC:04X}\",\"0x{CELL_ID:08X}\",\"0x{PCI:04X}\",\
                 \"0x{EARFCN:08X}\",\
                 \"0x00004B64\",\"0xFFFFFFFF\",{},{},{},\"0x00000004\",\"0x00000000\"",
                rsrp + 141,
                rsrq * 2 + 40,
                sinr * 2
            )
        }
        ("+MTSM", "=1") => format!("+MTSM: {CELSIUS}"),
        _ => return None,
    })
}
