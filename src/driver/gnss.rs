//! Satellite receivers in modems: what switches each vendor's on and off, and where it tells what
//! it has found. One row a family; a modem without the receiver refuses its commands.

use super::quirk::{self, Dial};
use crate::types::Position;
use crate::wire::at::gnss::{self, Fields};

pub use crate::wire::at::gnss::sentence;

/// What is done about a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GnssAction {
    /// Switch it on.
    On,
    /// Switch it off.
    Off,
    /// Say how it is.
    Status,
}

impl GnssAction {
    /// The action with a name.
    pub fn parse(name: &str) -> Option<Self> {
        [("on", Self::On), ("off", Self::Off), ("status", Self::Status)]
            .into_iter()
            .find_map(|(known, action)| (known == name).then_some(action))
    }
}

/// How a receiver is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GnssStatus {
    /// Whether it is on; `None` when it does not tell.
    pub is_on: Option<bool>,
    /// Where it is, if it has found that out.
    pub position: Option<Position>,
}

/// How a position is told.
#[derive(Debug, PartialEq, Eq)]
enum Form {
    Fields(Fields),
    Nmea,
    Sierra,
}

/// How a family's receiver is asked and told.
#[derive(Debug, PartialEq, Eq)]
pub struct Receiver {
    dials: &'static [Dial],
    /// What switches it on: the last of them counts, those before may be refused.
    pub(super) on: &'static [&'static str],
    pub(super) off: &'static str,
    /// What asks whether it is on, and what a line of the answer has in it then; both empty when it
    /// cannot be asked.
    pub(super) query: &'static str,
    on_word: &'static str,
    /// What asks where it is; refused, most often, while that is not known.
    pub(super) locate: &'static str,
    form: Form,
}

/// What `+QGPSLOC=2` and `$GPSACP` have in the same order.
const fn fields(name: &'static str) -> Form {
    Form::Fields(Fields {
        name,
        latitude: 1,
        is_split: false,
        altitude: Some(4),
        time: 0,
        date: Some(9),
        satellites: Some(10),
    })
}

const RECEIVERS: [Receiver; 6] = [
    // "EC2x&EG9x&EM05 GNSS Application Note", ModemManager's quectel plugin.
    Receiver {
        dials: &[Dial::Quectel, Dial::QuectelUnisoc],
        on: &["+QGPSCFG=\"outport\",\"usbnmea\"", "+QGPS=1"],
        off: "+QGPSEND",
        query: "+QGPS?",
        on_word: "+QGPS: 1",
        locate: "+QGPSLOC=2",
        form: fields("+QGPSLOC"),
    },
    // "SIM7500_SIM7600 Series AT Command Manual", ModemManager's simtech plugin.
    Receiver {
        dials: &[Dial::Simcom],
        on: &["+CGPS=1,1"],
        off: "+CGPS=0",
        query: "+CGPS?",
        on_word: "+CGPS: 1",
        locate: "+CGPSINFO",
        form: Form::Fields(Fields {
            name: "+CGPSINFO",
            latitude: 0,
            is_split: true,
            altitude: Some(6),
            time: 5,
            date: Some(4),
            satellites: None,
        }),
    },
    // Published programs for MC74xx. It tracks for ever, one fix a second, and ends with the modem.
    Receiver {
        dials: &[Dial::Sierra],
        on: &["!GPSTRACK=1,255,100,1000,1"],
        off: "!GPSEND=0",
        query: "!GPSSTATUS?",
        on_word: "Fix Session Status = ACTIVE",
        locate: "!GPSLOC?",
        form: Form::Sierra,
    },
    // ModemManager's telit plugin; "LE910 V2 AT Commands Reference Guide".
    Receiver {
        dials: &[Dial::Telit],
        on: &["$GPSP=1"],
        off: "$GPSP=0",
        query: "$GPSP?",
        on_word: "$GPSP: 1",
        locate: "$GPSACP",
        form: fields("$GPSACP"),
    },
    // Fibocom's own service for Linux, published programs for FM160 and NL668.
    Receiver {
        dials: &[Dial::Fibocom],
        on: &["+GTGPSPOWER=1"],
        off: "+GTGPSPOWER=0",
        query: "+GTGPSPOWER?",
        on_word: "+GTGPSPOWER: 1",
        locate: "+GTGPS?",
        form: Form::Nmea,
    },
    // ModemManager's huawei plugin. It tells all it knows over its own port.
    Receiver {
        dials: &[Dial::Huawei],
        on: &["^WPDOM=0", "^WPDST=1", "^WPDFR=65535,30", "^WPDGP"],
        off: "^WPEND",
        query: "",
        on_word: "",
        locate: "",
        form: Form::Nmea,
    },
];

impl Receiver {
    /// That of a modem, where how to use it is known.
    pub fn of(vid: u16, pid: u16, model: &str) -> Option<&'static Self> {
        let dial = quirk::dial(vid, pid, model);
        RECEIVERS.iter().find(|receiver| receiver.dials.contains(&dial))
    }

    /// Whether it is on, by its answer.
    pub(super) fn is_on(&self, lines: &[String]) -> bool {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.iter().any(|line| words(line).contains(self.on_word))
    }

    /// Where it is, by its answer.
    pub(super) fn position(&self, lines: &[String]) -> Option<Position> {
        match &self.form {
            Form::Fields(fields) => fields.read(lines),
            Form::Nmea => gnss::nmea(lines),
            Form::Sierra => gnss::sierra(lines),
        }
    }
}
