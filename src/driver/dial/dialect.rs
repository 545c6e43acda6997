//! How each vendor's modems are dialled over AT, as data.
//!
//! Sources, by row: ModemManager's plugins (huawei, sierra, telit, ublox, cinterion, simtech), the
//! stock protocol handlers of OpenWrt (`comgt-ncm`), QModem's and ROOter's dial scripts, and the
//! vendors' AT manuals.

use crate::driver::quirk::{self, Dial};

/// What is particular about one family of modems.
#[derive(Debug)]
pub(super) struct Dialect {
    /// For the log.
    pub(super) name: &'static str,
    /// The context that is dialled when the interface names none.
    pub(super) cid: u8,
    /// The ways to dial, each a list of commands; the next one when the modem lacks the one before.
    pub(super) dial: &'static [&'static [&'static str]],
    /// The same when there are a user name and a password, where these go into the command.
    pub(super) dial_auth: &'static [&'static [&'static str]],
    /// The commands that hang up.
    pub(super) hang_up: &'static [&'static str],
    /// How to ask whether the call is up, best first.
    pub(super) status: &'static [Query],
    /// The unsolicited codes that tell of the call's end, or of its beginning.
    pub(super) reports: &'static [Report],
    /// Where the addresses come from.
    pub(super) address: Address,
    /// The commands that set user name and password, best first.
    pub(super) auth: &'static [&'static str],
    /// What asks for name servers where +CGCONTRDP has none, and how the answer begins.
    pub(super) dns: Option<(&'static str, &'static str)>,
    /// The commands that tell the attempts left, best first.
    pub(super) retries: &'static [Retries],
    /// The commands that tell the ICCID, best first.
    pub(super) iccid: &'static [&'static str],
}

/// A question about the call.
#[derive(Debug)]
pub(super) struct Query {
    /// The command.
    pub(super) command: &'static str,
    /// How the lines of its answer begin.
    pub(super) name: &'static str,
    /// What they mean.
    pub(super) reading: Reading,
}

/// An unsolicited code about the call.
#[derive(Debug)]
pub(super) struct Report {
    /// How it begins.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) reading: Reading,
    /// Where the network's cause stands, TS 24.008 10.5.6.6.
    pub(super) cause_at: Option<usize>,
}

/// How a line tells whether a call is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A line for each context: its number, then 1 when it is up.
    Contexts,
    /// 1 at this place.
    Flag(usize),
    /// An address, or the name of a family, in a line that is not there or says something else
    /// when the call is down.
    Presence,
    /// Groups of four that end in the family's name, each beginning with 1 when the family is up.
    Families,
    /// The line itself says that this context has ended.
    Ended,
}

/// Where the addresses of a call come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// The modem hands them out over the link.
    Dhcp,
    /// The modem tells them over AT, and its link knows nothing of them.
    Static,
    /// As static while this answers with that number; else the modem is a router.
    StaticIf(&'static str, &'static str, u32),
}

/// A question about the attempts left.
#[derive(Debug)]
pub(super) struct Retries {
    /// The command.
    pub(super) command: &'static str,
    /// How its answer begins.
    pub(super) name: &'static str,
    /// What the first parameter of the line has to be, if that matters.
    pub(super) key: Option<&'static str>,
    /// Where the attempts for PIN1 stand.
    pub(super) pin1_at: usize,
    /// Where those for PUK1 stand.
    pub(super) puk1_at: Option<usize>,
}

/// 3GPP's own question, TS 27.007 10.1.10.
pub(super) const CGACT: Query =
    Query { command: "+CGACT?", name: "+CGACT", reading: Reading::Contexts };

/// TS 27.007 alone: for modems that nothing else is known of.
const GENERIC: Dialect = Dialect {
    name: "generic",
    cid: 1,
    dial: &[&["+CGACT=1,{cid}"]],
    dial_auth: &[],
    hang_up: &["+CGACT=0,{cid}"],
    status: &[CGACT],
    reports: &[],
    address: Address::Dhcp,
    auth: &["+CGAUTH={cid},{auth},\"{user}\",\"{password}\""],
    dns: None,
    retries: &[],
    iccid: &["+CCID"],
};

/// Sticks and modules of HiSilicon. `^NDISDUP` is accepted at once; what came of it is told later.
const HUAWEI: Dialect = Dialect {
    name: "huawei",
    dial: &[&["^NDISDUP={cid},1,\"{apn}\""]],
    dial_auth: &[&["^NDISDUP={cid},1,\"{apn}\",\"{user}\",\"{password}\",{auth}"]],
    hang_up: &["^NDISDUP={cid},0"],
    status: &[Query { command: "^NDISSTATQRY?", name: "^NDISSTATQRY", reading: Reading::Families }],
    reports: &[Report { name: "^NDISSTAT", reading: Reading::Families, cause_at: Some(1) }],
    auth: &[],
    retries: &[Retries {
        command: "^CPIN?",
        name: "^CPIN",
        key: None,
        pin1_at: 3,
        puk1_at: Some(2),
    }],
    iccid: &["^ICCID?"],
    ..GENERIC
};

const QPINC: Retries =
    Retries { command: "+QPINC?", name: "+QPINC", key: Some("SC"), pin1_at: 1, puk1_at: Some(2) };

/// ECM and RNDIS of Quectel's LTE modules. Firmware without `+QNETDEVCTL` connects by itself.
const QUECTEL: Dialect = Dialect {
    name: "quectel",
    dial: &[&["+QNETDEVCTL=1,{cid},1"], &["+CGACT=1,{cid}"]],
    hang_up: &["+QNETDEVCTL=0,{cid},0"],
    status: &[
        Query { command: "+QNETDEVCTL?", name: "+QNETDEVCTL", reading: Reading::Flag(3) },
        CGACT,
    ],
    reports: &[Report { name: "+QNETDEVSTATUS", reading: Reading::Flag(0), cause_at: None }],
    auth: &["+QICSGP={cid},3,\"{apn}\",\"{user}\",\"{password}\",{auth}", GENERIC.auth[0]],
    retries: &[QPINC],
    iccid: &["+QCCID"],
    ..GENERIC
};

/// RM500U and RG200U: the same command with other parameters.
const QUECTEL_UNISOC: Dialect = Dialect {
    name: "quectel on unisoc",
    dial: &[&["+QNETDEVCTL={cid},1,1"], &["+CGACT=1,{cid}"]],
    hang_up: &["+QNETDEVCTL={cid},2,1"],
    status: &[
        Query {
            command: "+QNETDEVSTATUS={cid}",
            name: "+QNETDEVSTATUS",
            reading: Reading::Presence,
        },
        CGACT,
    ],
    reports: &[],
    auth: GENERIC.auth,
    ..QUECTEL
};

const SIERRA: Dialect = Dialect {
    name: "sierra",
    dial: &[&["!SCACT=1,{cid}"]],
    hang_up: &["!SCACT=0,{cid}"],
    status: &[Query { command: "!SCACT?{cid}", name: "!SCACT", reading: Reading::Contexts }, CGACT],
    auth: &["$QCPDPP={cid},{auth},\"{password}\",\"{user}\"", GENERIC.auth[0]],
    retries: &[Retries {
        command: "+CPINC",
        name: "+CPINC",
        key: None,
        pin1_at: 0,
        puk1_at: Some(2),
    }],
    iccid: &["!ICCID?"],
    ..GENERIC
};

/// SIM7600 and SIM8200 in RNDIS and ECM; those of ASR lack `$QCRMCALL` and connect by themselves.
const SIMCOM: Dialect = Dialect {
    name: "simcom",
    dial: &[&["$QCRMCALL=1,1"], &["+CGACT=1,{cid}"]],
    hang_up: &["$QCRMCALL=0,1"],
    status: &[Query { command: "$QCRMCALL?", name: "$QCRMCALL", reading: Reading::Flag(0) }, CGACT],
    auth: &["+CGAUTH={cid},{auth},\"{password}\",\"{user}\""],
    retries: &[Retries {
        command: "+SPIC",
        name: "+SPIC",
        key: None,
        pin1_at: 0,
        puk1_at: Some(1),
    }],
    iccid: &["+CICCID"],
    ..GENERIC
};

/// SIMCom's A76xx of ASR, which share a product id with the SIM8200.
const SIMCOM_ASR: Dialect =
    Dialect { name: "simcom on asr", retries: SIMCOM.retries, iccid: SIMCOM.iccid, ..GENERIC };

/// Fibocom on Qualcomm and Unisoc, and what is sold by other names.
const FIBOCOM: Dialect = Dialect {
    name: "fibocom",
    dial: &[&["+GTRNDIS=1,{cid}"], &["+CGACT=1,{cid}"]],
    hang_up: &["+GTRNDIS=0,{cid}"],
    status: &[Query { command: "+GTRNDIS?", name: "+GTRNDIS", reading: Reading::Flag(0) }, CGACT],
    auth: &["+MGAUTH={cid},{auth},\"{user}\",\"{password}\"", GENERIC.auth[0]],
    ..GENERIC
};

/// Intel's XMM 7360 and 7560, as Fibocom's L850 and L860. The channel is bound when there is an
/// address.
const XMM: Dialect = Dialect {
    name: "xmm",
    dial: &[&[
        "+XDNS={cid},1",
        "+CGACT=1,{cid}",
        "+XDATACHANNEL=1,1,\"/USBCDC/0\",\"/USBHS/NCM/0\",2,{cid}",
        "+CGDATA=\"M-RAW_IP\",{cid}",
    ]],
    address: Address::Static,
    auth: &["+XGAUTH={cid},{auth},\"{user}\",\"{password}\""],
    dns: Some(("+XDNS?", "+XDNS")),
    ..GENERIC
};

/// MediaTek's T700, as Fibocom's FM350.
const MEDIATEK: Dialect = Dialect {
    name: "mediatek",
    address: Address::Static,
    dns: Some(("+GTDNS={cid}", "+GTDNS")),
    iccid: &["+ICCID", "+CCID"],
    ..GENERIC
};

/// ZTE's modules and MikroTik's.
const ZTE: Dialect = Dialect {
    name: "zte",
    dial: &[&["+ZGACT=1,{cid}"], &["+ZECMCALL=1"], &["+CGACT=1,{cid}"]],
    hang_up: &["+ZGACT=0,{cid}"],
    status: &[Query { command: "+ZGACT?", name: "+ZGACT", reading: Reading::Contexts }, CGACT],
    reports: &[Report { name: "+ZCONSTAT", reading: Reading::Flag(0), cause_at: None }],
    auth: &["+ZGPCOAUTH={cid},\"{user}\",\"{password}\",{auth}", GENERIC.auth[0]],
    iccid: &["+ZICCID?", "*ICCID?"],
    ..GENERIC
};

/// GosunCn's, and ZTE's routers with such a module inside.
const ZTE_ECM: Dialect = Dialect {
    name: "zte in ecm",
    dial: &[&["+ZECMCALL=1"], &["+CGACT=1,{cid}"]],
    hang_up: &["+ZECMCALL=0"],
    status: &[
        Query { command: "+ZECMCALL?", name: "+ZECMCALL", reading: Reading::Presence },
        CGACT,
    ],
    reports: &[],
    ..ZTE
};

const UBLOX: Dialect = Dialect {
    name: "u-blox",
    reports: &[Report { name: "+UUPSDD", reading: Reading::Ended, cause_at: None }],
    address: Address::StaticIf("+UBMCONF?", "+UBMCONF", 2),
    auth: &["+UAUTHREQ={cid},{auth},\"{user}\",\"{password}\"", GENERIC.auth[0]],
    retries: &[Retries {
        command: "+UPINCNT",
        name: "+UPINCNT",
        key: None,
        pin1_at: 0,
        puk1_at: Some(2),
    }],
    ..GENERIC
};

const TELIT: Dialect = Dialect {
    name: "telit",
    dial: &[&["#ECM={cid},0"], &["#NCM=1,{cid}", "+CGACT=1,{cid}"], &["+CGACT=1,{cid}"]],
    hang_up: &["#ECMD=0", "+CGACT=0,{cid}"],
    status: &[Query { command: "#ECM?", name: "#ECM", reading: Reading::Flag(1) }, CGACT],
    auth: &["#PDPAUTH={cid},{auth},\"{user}\",\"{password}\"", GENERIC.auth[0]],
    retries: &[Retries { command: "#PCT", name: "#PCT", key: None, pin1_at: 0, puk1_at: None }],
    iccid: &["#CCID"],
    ..GENERIC
};

const CINTERION: Dialect = Dialect {
    name: "cinterion",
    dial: &[&["^SWWAN=1,{cid}"]],
    hang_up: &["^SWWAN=0,{cid}"],
    status: &[Query { command: "^SWWAN?", name: "^SWWAN", reading: Reading::Contexts }, CGACT],
    auth: &["^SGAUTH={cid},{auth},\"{password}\",\"{user}\"", GENERIC.auth[0]],
    ..GENERIC
};

const MEIG: Dialect = Dialect {
    name: "meig",
    dial: &[&["$QCRMCALL=1,0,3,2,{cid}"], &["+CGACT=1,{cid}"]],
    hang_up: &["$QCRMCALL=0,0,3,2,{cid}"],
    ..SIMCOM
};

/// Sticks with Marvell's ASR1802.
const ASR1802: Dialect = Dialect { name: "asr1802", address: Address::Static, ..GENERIC };

/// How a modem is dialled. `model` is what it calls itself, which products that share an id are
/// told apart by.
pub(super) fn dialect_of(vid: u16, pid: u16, model: &str) -> &'static Dialect {
    of(quirk::dial(vid, pid, model))
}

const fn of(dial: Dial) -> &'static Dialect {
    match dial {
        Dial::Generic => &GENERIC,
        Dial::Huawei => &HUAWEI,
        Dial::Quectel => &QUECTEL,
        Dial::QuectelUnisoc => &QUECTEL_UNISOC,
        Dial::Sierra => &SIERRA,
        Dial::Simcom => &SIMCOM,
        Dial::SimcomAsr => &SIMCOM_ASR,
        Dial::Fibocom => &FIBOCOM,
        Dial::Xmm => &XMM,
        Dial::Mediatek => &MEDIATEK,
        Dial::Zte => &ZTE,
        Dial::ZteEcm => &ZTE_ECM,
        Dial::Ublox => &UBLOX,
        Dial::Telit => &TELIT,
        Dial::Cinterion => &CINTERION,
        Dial::Meig => &MEIG,
        Dial::Asr1802 => &ASR1802,
    }
}

/// Every one, for tests of the table itself.
#[cfg(test)]
pub(super) fn dialects() -> impl Iterator<Item = &'static Dialect> {
    let all = [
        Dial::Generic,
        Dial::Huawei,
        Dial::Quectel,
        Dial::QuectelUnisoc,
        Dial::Sierra,
        Dial::Simcom,
        Dial::SimcomAsr,
        Dial::Fibocom,
        Dial::Xmm,
        Dial::Mediatek,
        Dial::Zte,
        Dial::ZteEcm,
        Dial::Ublox,
        Dial::Telit,
        Dial::Cinterion,
        Dial::Meig,
        Dial::Asr1802,
    ];
    all.into_iter().map(of)
}
