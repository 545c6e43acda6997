//! Unsolicited result codes: lines that answer nothing.

use super::{Domain, Params};

/// Lines of text, which take less than a list of strings.
macro_rules! lines {
    ($($line:literal,)*) => { concat!($($line, "\n"),*) };
}

/// How the known ones begin. TS 27.007 and TS 27.005 first, then the vendors'. A line that begins
/// with the running command's own name is not one, whatever is here. Sorted within each group.
const STARTS: &str = lines![
    "+C5GREG:",
    "+CALV:",
    "+CBM:",
    "+CBMI:",
    "+CCCM:",
    "+CCWA:",
    "+CCWV:",
    "+CDEV:",
    "+CDS:",
    "+CDSI:",
    "+CEREG:",
    "+CFUN:",
    "+CGEV:",
    "+CGREG:",
    "+CIEV:",
    "+CKEV:",
    "+CLIP:",
    "+CMT:",
    "+CMTI:",
    "+CMWI:",
    "+CNEC_EMM:",
    "+CNEC_ESM:",
    "+CNEMIU:",
    "+COLP:",
    "+CPIN:",
    "+CR:",
    "+CRCN:",
    "+CREG:",
    "+CRING:",
    "+CSCON:",
    "+CSSI:",
    "+CSSU:",
    "+CTZDST:",
    "+CTZE:",
    "+CTZV:",
    "+CUSD:",
    "RING",
    // Cinterion, Huawei, MeiG.
    "^BOOT:",
    "^CALLSTATE:",
    "^CEND:",
    "^CERSSI:",
    "^CONF:",
    "^CONN:",
    "^CSCHANNELINFO:",
    "^CSNR:",
    "^DCONN",
    "^DEND",
    "^DSDORMANT:",
    "^DSFLOWRPT:",
    "^EARST:",
    "^EXIT",
    "^HCSQ:",
    "^HWNAT:",
    "^LOCCHD:",
    "^LWURC:",
    "^MODE:",
    "^NDISDUP:",
    "^NDISEND:",
    "^NDISSTAT:",
    "^NWTIME:",
    "^ORIG:",
    "^PLMN:",
    "^POSEND:",
    "^RSSI:",
    "^RSSILVL:",
    "^SHUTDOWN",
    "^SIMST:",
    "^SMMEMFULL:",
    "^SRVST:",
    "^STIN:",
    "^SYSSTART",
    "^THERM:",
    "^TIME:",
    "^XLEMA:",
    // Quectel, SIMCom, Fibocom, Telit.
    "#QSS:",
    "#STN:",
    "*PSNWID:",
    "*PSUTTZ:",
    "+GTRNDIS:",
    "+PACSP",
    "+QIND:",
    "+QIURC:",
    "+QNETDEVSTATUS:",
    "+QPSMTIMER:",
    "+QSIMSTAT:",
    "+QSTK:",
    "+QUSIM:",
    "+SIM READY",
    "+SIMCARD:",
    "+SIND:",
    "APP RDY",
    "CALL READY",
    "Call Ready",
    "DST:",
    "NORMAL POWER DOWN",
    "PB DONE",
    "POWERED DOWN",
    "RDY",
    "SMS DONE",
    "SMS READY",
    "SMS Ready",
    "START",
    "VOICE CALL:",
    // Ericsson, Option, Sierra, u-blox, Wavecom, ZTE.
    "*EMRDY:",
    "*EMWI:",
    "*EPSB:",
    "*ESTKDISP:",
    "*ESTKNOTI:",
    "+PBREADY",
    "+UUPSDD:",
    "+UUSIMSTAT:",
    "+WIND:",
    "+XCALLSTAT:",
    "+ZCONSTAT:",
    "+ZDONR:",
    "+ZECMCALL:",
    "+ZEND",
    "+ZGIPDNS:",
    "+ZMSRI",
    "+ZPASR:",
    "+ZPSTM:",
    "+ZUSIMR:",
    "_OSIGQ:",
    "_OSSYSI:",
    "_OUWCTI:",
    "_OWANCALL:",
];

/// Whether a line begins as a known unsolicited result code does.
pub fn is_urc(line: &str) -> bool {
    STARTS.lines().any(|start| match line.strip_prefix(start) {
        // A word must be the whole line, or `START` would take `STARTED: 1` along.
        Some(rest) => {
            start.ends_with(':')
                || !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || !c.is_ascii())
        }
        None => false,
    })
}

/// Whether the line after this one belongs to it: a PDU in hexadecimal digits, TS 27.005 3.4.1.
pub fn has_pdu(line: &str) -> bool {
    ["+CMT:", "+CDS:", "+CBM:"].iter().any(|start| line.starts_with(start))
}

/// Whether a command of this name is about registration.
#[inline(never)]
pub fn tells_registration(name: &str) -> bool {
    Domain::ALL.iter().any(|domain| domain.name() == name)
}

/// Whether a `+CREG`, `+CGREG`, `+CEREG` or `+C5GREG` line came unasked, though just that was being
/// asked. TS 27.007 7.2: the reply is `<n>,<stat>[,...]`, the unsolicited code
/// `<stat>[,<lac>,...]`, and `<lac>` is a string, if not always in quotation marks.
///
/// seen: `+CREG: 1, E006B, ABE0016`, Huawei E1752, tests/capture/at/huawei-e1752.txt
pub fn is_registration_urc(line: &str) -> bool {
    let Some((name, rest)) = line.split_once(':') else { return false };
    if !tells_registration(name.trim_end()) {
        return false;
    }
    match Params::new(rest.trim()).nth(1) {
        None => true,
        // The largest <stat> is 11, and a <lac> has four digits.
        Some(second) => second.is_quoted || second.text.len() > 2 || second.number().is_none(),
    }
}
