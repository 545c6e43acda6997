//! Technologies as the vendors number the sets of them.

use crate::driver::quirk::Lock;
use crate::driver::{Failure, FailureKind};
use crate::types::Rat;
use crate::types::text::replace;
use crate::wire::at::Params;

use Rat::{Gsm as G, Lte as L, Nr5g as N, Umts as U};

/// How a family asks for and sets its technologies.
struct Modes {
    query: &'static str,
    /// How the answer begins, and which parameter of it is the value.
    answer: (&'static str, usize),
    /// What sets a value, which stands for `{}`.
    set: &'static str,
    /// The values; the first is all of them.
    values: &'static [(&'static str, &'static [Rat])],
}

/// Quectel's LTE modems, "EC25&EC21 AT Commands Manual".
const NWSCANMODE: Modes = Modes {
    query: "+QCFG=\"nwscanmode\"",
    answer: ("+QCFG", 1),
    set: "+QCFG=\"nwscanmode\",{},1",
    values: &[("0", &[G, U, L]), ("1", &[G]), ("2", &[U]), ("3", &[L])],
};

/// Quectel's 5G modems, "RG50xQ&RM5xxQ AT Commands Manual".
const MODE_PREF: Modes = Modes {
    query: "+QNWPREFCFG=\"mode_pref\"",
    answer: ("+QNWPREFCFG", 1),
    set: "+QNWPREFCFG=\"mode_pref\",{}",
    values: &[
        ("AUTO", &[U, L, N]),
        ("WCDMA", &[U]),
        ("LTE", &[L]),
        ("NR5G", &[N]),
        ("WCDMA:LTE", &[U, L]),
        ("LTE:NR5G", &[L, N]),
        ("WCDMA:LTE:NR5G", &[U, L, N]),
    ],
};

/// ModemManager's sierra plugin, and logs of EM7455.
const SELRAT: Modes = Modes {
    query: "!SELRAT?",
    answer: ("!SELRAT", 0),
    set: "!SELRAT={}",
    values: &[("00", &[U, L]), ("01", &[U]), ("06", &[L]), ("11", &[U, L])],
};

/// ModemManager's huawei plugin. The order of them is the order of preference.
const SYSCFGEX: Modes = Modes {
    query: "^SYSCFGEX?",
    answer: ("^SYSCFGEX", 0),
    set: "^SYSCFGEX=\"{}\",40000000,2,4,40000000,,",
    values: &[
        ("00", &[G, U, L]),
        ("01", &[G]),
        ("02", &[U]),
        ("03", &[L]),
        ("0302", &[U, L]),
        ("0301", &[G, L]),
        ("0201", &[G, U]),
        ("030201", &[G, U, L]),
    ],
};

/// "SIM7500_SIM7600 Series AT Command Manual", +CNMP.
const CNMP: Modes = Modes {
    query: "+CNMP?",
    answer: ("+CNMP", 0),
    set: "+CNMP={}",
    values: &[
        ("2", &[G, U, L]),
        ("13", &[G]),
        ("14", &[U]),
        ("38", &[L]),
        ("19", &[G, U]),
        ("51", &[G, L]),
        ("54", &[U, L]),
        ("39", &[G, U, L]),
    ],
};

/// "SIM82XX_SIM83XX Series AT Command Manual", +CNMP.
const CNMP_5G: Modes = Modes {
    values: &[
        ("2", &[U, L, N]),
        ("14", &[U]),
        ("38", &[L]),
        ("71", &[N]),
        ("54", &[U, L]),
        ("109", &[L, N]),
    ],
    ..CNMP
};

/// QModem's fibocom; what is chosen with it has all of its bands.
const GTACT: Modes = Modes {
    query: "+GTACT?",
    answer: ("+GTACT", 0),
    set: "+GTACT={}",
    values: &[
        ("20", &[U, L, N]),
        ("10", &[U, L, N]),
        ("1", &[U]),
        ("2", &[L]),
        ("4", &[U, L]),
        ("14", &[N]),
        ("16", &[U, N]),
        ("17", &[L, N]),
    ],
};

/// ModemManager's xmm plugin.
const XACT: Modes = Modes {
    query: "+XACT?",
    answer: ("+XACT", 0),
    set: "+XACT={},,",
    values: &[
        ("6", &[G, U, L]),
        ("0", &[G]),
        ("1", &[U]),
        ("2", &[L]),
        ("3", &[G, U]),
        ("4", &[U, L]),
        ("5", &[G, L]),
    ],
};

/// TS 27.007 5.9.
const WS46: Modes = Modes {
    query: "+WS46?",
    answer: ("+WS46", 0),
    set: "+WS46={}",
    values: &[
        ("25", &[G, U, L]),
        ("12", &[G]),
        ("22", &[U]),
        ("28", &[L]),
        ("29", &[G, U]),
        ("30", &[G, L]),
        ("31", &[U, L]),
    ],
};

/// The same, of modems with NR; all of it is what they have, GSM is not.
const WS46_5G: Modes = Modes {
    values: &[
        ("38", &[U, L, N]),
        ("22", &[U]),
        ("28", &[L]),
        ("31", &[U, L]),
        ("36", &[N]),
        ("37", &[L, N]),
        ("40", &[U, N]),
    ],
    ..WS46
};

/// QModem's foxconn, for T99W175. The number before says that it is kept over a restart.
const SLMODE: Modes = Modes {
    query: "^SLMODE?",
    answer: ("^SLMODE", 1),
    set: "^SLMODE=1,{}",
    values: &[
        ("0", &[U, L, N]),
        ("1", &[U]),
        ("2", &[L]),
        ("3", &[U, L]),
        ("4", &[N]),
        ("5", &[U, N]),
        ("6", &[L, N]),
        ("7", &[U, L, N]),
    ],
};

const fn modes_of(lock: Lock) -> &'static Modes {
    match lock {
        Lock::QuectelMask => &NWSCANMODE,
        Lock::QuectelList => &MODE_PREF,
        Lock::Sierra => &SELRAT,
        Lock::Huawei => &SYSCFGEX,
        Lock::SimcomMask => &CNMP,
        Lock::SimcomList => &CNMP_5G,
        Lock::Gtact => &GTACT,
        Lock::Xact => &XACT,
        Lock::Telit5g => &WS46_5G,
        Lock::Foxconn => &SLMODE,
        Lock::Telit | Lock::None => &WS46,
    }
}

/// The technologies that a family has.
pub(super) fn supported(lock: Lock) -> &'static [Rat] {
    modes_of(lock).values.first().map_or(&[], |(_, rats)| *rats)
}

/// What a family is asked about its technologies.
pub(super) fn query(lock: Lock) -> &'static str {
    modes_of(lock).query
}

/// The technologies that an answer says are used; all when it says what is not known.
pub(super) fn read(lock: Lock, lines: &[String]) -> Option<Vec<Rat>> {
    let modes = modes_of(lock);
    let (name, at) = modes.answer;
    let value = Params::find(lines, name)?.nth(at)?.text.trim();
    let known = modes.values.iter().find(|(known, _)| known.eq_ignore_ascii_case(value));
    Some(known.map_or(supported(lock), |(_, rats)| *rats).to_vec())
}

/// The command that has a modem use these.
pub(super) fn set(lock: Lock, wanted: &[Rat], is_all: bool) -> Result<String, Failure> {
    let modes = modes_of(lock);
    for (value, rats) in modes.values {
        if is_all || *rats == wanted {
            return Ok(replace(modes.set, "{}", value));
        }
    }
    Err(Failure::new(FailureKind::Unsupported, "the modem cannot use these technologies alone"))
}
