//! Fibocom: the AT manuals of FM350 (+GTCCINFO, +GTCAINFO, +GTSENRDTEMP), FM150/FM160, and
//! L850/L860 (+XMCI, +MTSM).

use super::dialect::{ANY, Dialect, Reading, line, quick, slow};
use crate::types::Rat;
use crate::wire::at::Field::{
    Arfcn, CellId, FibocomBand, Mcc, Mnc, Pci, Rsrp, Rsrq, Sinr, Skip, Tac, Width,
};
use crate::wire::at::Radix::{Dec, Hex};
use crate::wire::at::Width::Fifths;
use crate::wire::at::{Field, Layout, Place, Radix, Scale};

/// `radix` is that of the channel and the physical cell.
const fn fibocom(radix: Radix, rsrp: Scale, rsrq: Scale) -> [Field; 14] {
    [
        Skip,
        Skip,
        Mcc,
        Mnc,
        Tac(Hex),
        CellId(Hex),
        Arfcn(radix),
        Pci(radix),
        FibocomBand,
        Width(Fifths),
        Sinr(Scale::Halves),
        Skip,
        Rsrp(rsrp),
        Rsrq(rsrq),
    ]
}

const fn fibocom_neighbour(radix: Radix, rsrp: Scale, rsrq: Scale) -> [Field; 12] {
    [
        Skip,
        Skip,
        Mcc,
        Mnc,
        Tac(Hex),
        CellId(Hex),
        Arfcn(radix),
        Pci(radix),
        Skip,
        Skip,
        Rsrp(rsrp),
        Rsrq(rsrq),
    ]
}

const LTE_DEC: [Field; 14] = fibocom(Dec, Scale::Rsrp, Scale::Rsrq);
const LTE_HEX: [Field; 14] = fibocom(Hex, Scale::Rsrp, Scale::Rsrq);
const NR_DEC: [Field; 14] = fibocom(Dec, Scale::SsRsrp, Scale::SsRsrq);
const NR_HEX: [Field; 14] = fibocom(Hex, Scale::SsRsrp, Scale::SsRsrq);
const NEAR_LTE_DEC: [Field; 12] = fibocom_neighbour(Dec, Scale::Rsrp, Scale::Rsrq);
const NEAR_LTE_HEX: [Field; 12] = fibocom_neighbour(Hex, Scale::Rsrp, Scale::Rsrq);
const NEAR_NR_DEC: [Field; 12] = fibocom_neighbour(Dec, Scale::SsRsrp, Scale::SsRsrq);
const NEAR_NR_HEX: [Field; 12] = fibocom_neighbour(Hex, Scale::SsRsrp, Scale::SsRsrq);

/// NR beside LTE comes second, and has no network of its own.
const fn gtccinfo(
    lte: &'static [Field],
    nr: &'static [Field],
    near_lte: &'static [Field],
    near_nr: &'static [Field],
) -> [Layout; 4] {
    [
        line(Place::Serving, Rat::Lte, "", &[(0, "1"), (1, "4")], (14, ANY), lte),
        line(Place::Serving, Rat::Nr5g, "", &[(0, "1"), (1, "9")], (14, ANY), nr),
        line(Place::Neighbour, Rat::Lte, "", &[(0, "2"), (1, "4")], (12, ANY), near_lte),
        line(Place::Neighbour, Rat::Nr5g, "", &[(0, "2"), (1, "9")], (12, ANY), near_nr),
    ]
}

/// Of modems with a chip of MediaTek's.
const GTCCINFO_DEC: [Layout; 4] = gtccinfo(&LTE_DEC, &NR_DEC, &NEAR_LTE_DEC, &NEAR_NR_DEC);

/// Of those with a chip of Qualcomm's, who name what follows.
const GTCCINFO_HEX: [Layout; 4] = gtccinfo(&LTE_HEX, &NR_HEX, &NEAR_LTE_HEX, &NEAR_NR_HEX);

pub(super) const FIBOCOM: Dialect = Dialect {
    name: "Fibocom",
    words: &["FIBOCOM", "ROLLING", "FM350"],
    vids: &[0x2CB7, 0x1508, 0x33F8],
    questions: &[
        quick("+GTCCINFO?", Reading::Marked("service cell", &GTCCINFO_HEX, &GTCCINFO_DEC)),
        slow(
            "+GTCAINFO?",
            Reading::Lines(&[
                line(
                    Place::Primary,
                    Rat::Lte,
                    "PCC",
                    &[],
                    (4, ANY),
                    &[FibocomBand, Pci(Dec), Arfcn(Dec), Width(Fifths)],
                ),
                line(
                    Place::Secondary,
                    Rat::Lte,
                    "SCC",
                    &[(0, "2")],
                    (6, ANY),
                    &[Skip, Skip, FibocomBand, Pci(Dec), Arfcn(Dec), Width(Fifths)],
                ),
            ]),
        ),
        slow("+GTSENRDTEMP=1", Reading::Temperature(1000)),
    ],
};

/// Those with a chip of Intel's.
pub(super) const XMM: Dialect = Dialect {
    name: "XMM",
    words: &["L850", "L860", "XMM"],
    vids: &[0x8087],
    questions: &[
        quick(
            "+XMCI=1",
            Reading::Lines(&[
                line(Place::Serving, Rat::Lte, "+XMCI", &[(0, "4")], (12, ANY), XMCI),
                line(Place::Neighbour, Rat::Lte, "+XMCI", &[(0, "5")], (12, ANY), XMCI),
            ]),
        ),
        slow("+MTSM=1", Reading::Temperature(1)),
    ],
};

const XMCI: &[Field] = &[
    Skip,
    Mcc,
    Mnc,
    Tac(Hex),
    CellId(Hex),
    Pci(Hex),
    Arfcn(Hex),
    Skip,
    Skip,
    Rsrp(Scale::Rsrp),
    Rsrq(Scale::Rsrq),
    Sinr(Scale::Halves),
];
