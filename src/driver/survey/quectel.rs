//! Quectel: the AT manuals of EC2x/EG9x (3.x, +QENG) and RG50xQ/RM5xxQ (5.x, +QENG, +QCAINFO,
//! +QRSRP, +QTEMP).

use super::dialect::{ANY, DB, Dialect, Level, Reading, line, quick, slow};
use crate::types::Rat;
use crate::wire::at::Field::{
    Arfcn, Band, CellId, Mcc, Mnc, Pci, Rsrp, Rsrq, Rssi, Sinr, Skip, Tac, Width,
};
use crate::wire::at::Radix::{Dec, Hex};
use crate::wire::at::Width::{Blocks, Code, QuectelNr};
use crate::wire::at::{Field, Layout, Place, Scale};

const QENG: &[Layout] = &[
    line(
        Place::Serving,
        Rat::Lte,
        "+QENG",
        &[(0, "servingcell"), (2, "LTE")],
        (13, ANY),
        &[
            Skip,
            Skip,
            Skip,
            Skip,
            Mcc,
            Mnc,
            CellId(Hex),
            Pci(Dec),
            Arfcn(Dec),
            Band,
            Skip,
            Width(Code),
            Tac(Hex),
            Rsrp(DB),
            Rsrq(DB),
            Rssi(DB),
            Sinr(DB),
        ],
    ),
    // Beside 5G.
    line(
        Place::Serving,
        Rat::Lte,
        "+QENG",
        &[(0, "LTE")],
        (11, ANY),
        &[
            Skip,
            Skip,
            Mcc,
            Mnc,
            CellId(Hex),
            Pci(Dec),
            Arfcn(Dec),
            Band,
            Skip,
            Width(Code),
            Tac(Hex),
            Rsrp(DB),
            Rsrq(DB),
            Rssi(DB),
            Sinr(DB),
        ],
    ),
    line(
        Place::Nr,
        Rat::Nr5g,
        "+QENG",
        &[(0, "NR5G-NSA")],
        (7, ANY),
        &[
            Skip,
            Mcc,
            Mnc,
            Pci(Dec),
            Rsrp(DB),
            Sinr(Scale::Either),
            Rsrq(DB),
            Arfcn(Dec),
            Band,
            Width(QuectelNr),
        ],
    ),
    line(
        Place::Serving,
        Rat::Nr5g,
        "+QENG",
        &[(0, "servingcell"), (2, "NR5G-SA")],
        (12, ANY),
        &[
            Skip,
            Skip,
            Skip,
            Skip,
            Mcc,
            Mnc,
            CellId(Hex),
            Pci(Dec),
            Tac(Hex),
            Arfcn(Dec),
            Band,
            Width(QuectelNr),
            Rsrp(DB),
            Rsrq(DB),
            Sinr(DB),
        ],
    ),
    line(
        Place::Serving,
        Rat::Umts,
        "+QENG",
        &[(0, "servingcell"), (2, "WCDMA")],
        (11, ANY),
        &[Skip, Skip, Skip, Mcc, Mnc, Tac(Hex), CellId(Hex), Arfcn(Dec), Pci(Dec), Skip, Rsrp(DB)],
    ),
    line(
        Place::Neighbour,
        Rat::Lte,
        "+QENG",
        &[(0, "neighbourcell*"), (1, "LTE")],
        (6, ANY),
        &[Skip, Skip, Arfcn(Dec), Pci(Dec), Rsrq(DB), Rsrp(DB)],
    ),
    line(
        Place::Neighbour,
        Rat::Nr5g,
        "+QENG",
        &[(0, "neighbourcell*"), (1, "NR*")],
        (6, ANY),
        &[Skip, Skip, Arfcn(Dec), Pci(Dec), Rsrp(DB), Rsrq(DB)],
    ),
];

const QCAINFO: &[Layout] = &[
    line(Place::Primary, Rat::Lte, "+QCAINFO", &[(0, "PCC"), (3, "LTE*")], (6, ANY), QCAINFO_LTE),
    line(Place::Primary, Rat::Nr5g, "+QCAINFO", &[(0, "PCC"), (3, "NR*")], (5, ANY), QCAINFO_NR),
    line(Place::Secondary, Rat::Lte, "+QCAINFO", &[(0, "SCC"), (3, "LTE*")], (6, ANY), QCAINFO_LTE),
    line(Place::Nr, Rat::Nr5g, "+QCAINFO", &[(0, "SCC"), (3, "NR*")], (5, 8), QCAINFO_NR),
    // With the state of the cell before its id.
    line(
        Place::Nr,
        Rat::Nr5g,
        "+QCAINFO",
        &[(0, "SCC"), (3, "NR*")],
        (9, ANY),
        &[Skip, Arfcn(Dec), Width(QuectelNr), Band, Skip, Pci(Dec)],
    ),
];

const QCAINFO_LTE: &[Field] = &[
    Skip,
    Arfcn(Dec),
    Width(Blocks),
    Band,
    Skip,
    Pci(Dec),
    Rsrp(DB),
    Rsrq(DB),
    Rssi(DB),
    Sinr(DB),
];

const QCAINFO_NR: &[Field] =
    &[Skip, Arfcn(Dec), Width(QuectelNr), Band, Pci(Dec), Rsrp(DB), Rsrq(DB)];

pub(super) const QUECTEL: Dialect = Dialect {
    name: "Quectel",
    words: &["QUECTEL"],
    vids: &[0x2C7C],
    questions: &[
        quick("+QRSRP", Reading::Antennas(Level::Rsrp)),
        quick("+QRSRQ", Reading::Antennas(Level::Rsrq)),
        quick("+QSINR", Reading::Antennas(Level::Sinr)),
        quick("+QENG=\"servingcell\"", Reading::Lines(QENG)),
        slow("+QENG=\"neighbourcell\"", Reading::Lines(QENG)),
        slow("+QCAINFO", Reading::Lines(QCAINFO)),
        slow("+QTEMP", Reading::Temperature(1)),
    ],
};
