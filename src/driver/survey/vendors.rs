//! Vendors with few commands.
//!
//! Huawei's AT manuals of ME909s and MT5700M (^HCSQ, ^MONSC, ^CHIPTEMP); Sierra's AT references
//! of EM74xx and EM91xx (!GSTATUS); SIMCom's AT manuals of SIM7500/SIM7600 and SIM8200 (+CPSI);
//! Telit's AT references of LE910 and LM960 (#RFSTS, #TEMPSENS); u-blox' AT manuals of SARA-R5
//! and TOBY-L2 (+UCGED); GosunCn's AT manual of ME3630 for ZTE (+ZCELLINFO).

use super::dialect::{ANY, DB, Dialect, Reading, line, quick, slow};
use crate::types::Rat;
use crate::wire::at::Field::{
    Arfcn, Band, CellId, Mcc, Mnc, Pci, Plmn, Rsrp, Rsrq, Rssi, Sinr, Skip, Tac, Width,
};
use crate::wire::at::Radix::{Dec, Hex, Marked};
use crate::wire::at::Width::{Blocks, Code};
use crate::wire::at::{Place, Scale};

pub(super) const HUAWEI: Dialect = Dialect {
    name: "Huawei",
    words: &["HUAWEI", "TD TECH", "TDTECH"],
    vids: &[0x12D1, 0x3466],
    questions: &[
        quick(
            "^HCSQ?",
            Reading::Lines(&[
                line(
                    Place::Serving,
                    Rat::Lte,
                    "^HCSQ",
                    &[(0, "LTE")],
                    (5, ANY),
                    &[
                        Skip,
                        Rssi(Scale::HuaweiRssi),
                        Rsrp(Scale::Rsrp),
                        Sinr(Scale::HuaweiSinr),
                        Rsrq(Scale::Rsrq),
                    ],
                ),
                line(
                    Place::Serving,
                    Rat::Nr5g,
                    "^HCSQ",
                    &[(0, "NR")],
                    (4, ANY),
                    &[Skip, Rsrp(Scale::Rsrp), Sinr(Scale::HuaweiSinr), Rsrq(Scale::Rsrq)],
                ),
                line(
                    Place::Serving,
                    Rat::Umts,
                    "^HCSQ",
                    &[(0, "WCDMA")],
                    (3, ANY),
                    &[Skip, Rssi(Scale::HuaweiRssi), Rsrp(Scale::HuaweiRssi)],
                ),
            ]),
        ),
        slow(
            "^MONSC",
            Reading::Lines(&[
                line(
                    Place::Serving,
                    Rat::Lte,
                    "^MONSC",
                    &[(0, "LTE")],
                    (8, ANY),
                    &[
                        Skip,
                        Mcc,
                        Mnc,
                        Arfcn(Dec),
                        CellId(Hex),
                        Pci(Hex),
                        Tac(Hex),
                        Rsrp(DB),
                        Rsrq(DB),
                        Rssi(DB),
                    ],
                ),
                line(
                    Place::Serving,
                    Rat::Nr5g,
                    "^MONSC",
                    &[(0, "NR")],
                    (9, ANY),
                    &[
                        Skip,
                        Mcc,
                        Mnc,
                        Arfcn(Dec),
                        Skip,
                        CellId(Hex),
                        Pci(Hex),
                        Tac(Hex),
                        Rsrp(DB),
                        Rsrq(DB),
                        Sinr(DB),
                    ],
                ),
            ]),
        ),
        slow("^CHIPTEMP?", Reading::Temperature(10)),
    ],
};

pub(super) const SIERRA: Dialect = Dialect {
    name: "Sierra",
    words: &["SIERRA"],
    vids: &[0x1199],
    questions: &[quick("!GSTATUS?", Reading::Gstatus)],
};

pub(super) const SIMCOM: Dialect = Dialect {
    name: "SIMCom",
    words: &["SIMCOM"],
    vids: &[0x1E0E],
    questions: &[
        quick(
            "+CPSI?",
            Reading::Lines(&[
                line(
                    Place::Serving,
                    Rat::Lte,
                    "+CPSI",
                    &[(0, "LTE*"), (1, "Online")],
                    (13, ANY),
                    &[
                        Skip,
                        Skip,
                        Plmn,
                        Tac(Marked),
                        CellId(Dec),
                        Pci(Dec),
                        Band,
                        Arfcn(Dec),
                        Width(Code),
                        Skip,
                        Rsrq(Scale::Either),
                        Rsrp(Scale::Either),
                        Rssi(Scale::Either),
                        Sinr(Scale::Either),
                    ],
                ),
                line(
                    Place::Serving,
                    Rat::Nr5g,
                    "+CPSI",
                    &[(0, "NR5G_SA"), (1, "Online")],
                    (10, ANY),
                    &[
                        Skip,
                        Skip,
                        Plmn,
                        Tac(Marked),
                        CellId(Dec),
                        Pci(Dec),
                        Band,
                        Arfcn(Dec),
                        Rsrp(Scale::Either),
                        Rsrq(Scale::Either),
                        Sinr(Scale::Either),
                    ],
                ),
                line(
                    Place::Nr,
                    Rat::Nr5g,
                    "+CPSI",
                    &[(0, "NR5G_NSA")],
                    (6, ANY),
                    &[
                        Skip,
                        Pci(Dec),
                        Band,
                        Arfcn(Dec),
                        Rsrp(Scale::Either),
                        Rsrq(Scale::Either),
                        Sinr(Scale::Either),
                    ],
                ),
                line(
                    Place::Serving,
                    Rat::Umts,
                    "+CPSI",
                    &[(0, "WCDMA"), (1, "Online")],
                    (8, ANY),
                    &[Skip, Skip, Plmn, Tac(Marked), CellId(Dec), Skip, Pci(Dec), Arfcn(Dec)],
                ),
            ]),
        ),
        slow("+CPMUTEMP", Reading::Temperature(1)),
    ],
};

pub(super) const TELIT: Dialect = Dialect {
    name: "Telit",
    words: &["TELIT"],
    vids: &[0x1BC7],
    questions: &[quick("#RFSTS", Reading::Rfsts), slow("#TEMPSENS=2", Reading::Temperature(1))],
};

pub(super) const UBLOX: Dialect = Dialect {
    name: "u-blox",
    words: &["U-BLOX"],
    vids: &[0x1546],
    questions: &[
        slow("+UCGED=2", Reading::Nothing),
        quick(
            "+UCGED?",
            Reading::Lines(&[
                line(Place::Serving, Rat::Lte, "", &[(0, "6")], (4, 4), &[Skip, Skip, Mcc, Mnc]),
                line(
                    Place::Serving,
                    Rat::Lte,
                    "",
                    &[],
                    (13, ANY),
                    &[
                        Arfcn(Dec),
                        Band,
                        Skip,
                        Width(Blocks),
                        Tac(Hex),
                        CellId(Hex),
                        Pci(Dec),
                        Skip,
                        Skip,
                        Skip,
                        Rsrp(Scale::Rsrp),
                        Rsrq(Scale::Rsrq),
                        Sinr(DB),
                    ],
                ),
            ]),
        ),
    ],
};

pub(super) const ZTE: Dialect = Dialect {
    name: "ZTE",
    words: &["ZTE", "GOSUNCN"],
    vids: &[0x19D2, 0x305A],
    questions: &[quick(
        "+ZCELLINFO?",
        Reading::Lines(&[
            line(
                Place::Serving,
                Rat::Lte,
                "+ZCELLINFO",
                &[(2, "LTE*")],
                (4, 4),
                &[CellId(Marked), Pci(Marked), Band, Arfcn(Dec)],
            ),
            line(
                Place::Serving,
                Rat::Lte,
                "+ZCELLINFO",
                &[(3, "LTE*")],
                (5, 5),
                &[Tac(Marked), CellId(Marked), Pci(Marked), Band, Arfcn(Dec)],
            ),
        ]),
    )],
};
