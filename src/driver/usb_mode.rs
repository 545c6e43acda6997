//! What a modem is on USB, and the commands that make it something else: QMI, MBIM, ECM, NCM or
//! RNDIS.
//!
//! Which product is switched how stands in `driver/quirk`. A product that is not there, or a mode
//! that is not in its row here, is left as it is: what is switched without knowing may not come
//! back. Every mode named here leaves the modem a port that speaks AT, so there is a way back.
//!
//! Sources: the vendors' AT manuals as QModem and ROOter quote them, and ModemManager's plugins.

use super::quirk::{self, Switching};
use crate::types::UsbMode;
use crate::types::text::replace;

/// How a family of modems is told what to be.
#[derive(Debug, PartialEq, Eq)]
pub struct Composition {
    /// What asks for the mode in use, after `AT`.
    pub query: &'static str,
    /// What the line of the answer begins with; the value is what follows.
    answer: &'static str,
    /// What sets a mode, after `AT`; `{}` stands for its value.
    set: &'static str,
    /// What has to be sent before it, after `AT`; nothing when empty.
    pub unlock: &'static str,
    /// The modes and their values.
    modes: &'static [(UsbMode, &'static str)],
}

/// Quectel on Qualcomm: +QCFG="usbnet", "AT Commands Manual" of EC25, EM12, RM500Q. The value 0 is
/// whatever the vendor calls RmNet, which is QMI.
const USBNET: &[(UsbMode, &str)] = &[
    (UsbMode::Qmi, "0"),
    (UsbMode::Ecm, "1"),
    (UsbMode::Mbim, "2"),
    (UsbMode::Rndis, "3"),
    (UsbMode::Ncm, "5"),
];

/// Quectel's question and answer.
const QUECTEL: Composition = Composition {
    query: "+QCFG=\"usbnet\"",
    answer: "+QCFG: \"usbnet\",",
    set: "+QCFG=\"usbnet\",{}",
    unlock: "",
    modes: USBNET,
};

/// RM500U and RG200U have no QMI.
const QUECTEL_UNISOC: Composition = Composition {
    modes: &[(UsbMode::Ecm, "1"), (UsbMode::Mbim, "2"), (UsbMode::Rndis, "3"), (UsbMode::Ncm, "5")],
    ..QUECTEL
};

/// The EC200 has ECM and RNDIS alone.
const QUECTEL_ASR: Composition =
    Composition { modes: &[(UsbMode::Ecm, "1"), (UsbMode::Rndis, "3")], ..QUECTEL };

/// NL668.
const FIBOCOM_LTE: Composition = Composition {
    query: "+GTUSBMODE?",
    answer: "+GTUSBMODE:",
    set: "+GTUSBMODE={}",
    unlock: "",
    modes: &[(UsbMode::Qmi, "17"), (UsbMode::Ecm, "18"), (UsbMode::Rndis, "24")],
};

/// FM150 and FG150.
const FIBOCOM_5G: Composition = Composition {
    modes: &[(UsbMode::Qmi, "32"), (UsbMode::Mbim, "30"), (UsbMode::Rndis, "24")],
    ..FIBOCOM_LTE
};

/// LM940 and LM960.
const TELIT: Composition = Composition {
    query: "#USBCFG?",
    answer: "#USBCFG:",
    set: "#USBCFG={}",
    unlock: "",
    modes: &[(UsbMode::Rndis, "0"), (UsbMode::Qmi, "1"), (UsbMode::Mbim, "2"), (UsbMode::Ecm, "3")],
};

/// MC and EM 7455. The value is a mask of USB interfaces, hexadecimal; QMI here is diag, NMEA,
/// modem and rmnet.
const SIERRA_1: Composition = Composition {
    query: "!USBCOMP?",
    answer: "Interface bitmask:",
    set: "!USBCOMP=1,1,{}",
    unlock: "!ENTERCND=\"A710\"",
    modes: &[(UsbMode::Qmi, "10D"), (UsbMode::Mbim, "1009")],
};

/// The same after their type of composition changed: 75xx.
const SIERRA_3: Composition = Composition { set: "!USBCOMP=1,3,{}", ..SIERRA_1 };

impl Composition {
    /// The family of a modem, if it can be told what to be.
    pub fn of(vid: u16, pid: u16, model: &str) -> Option<&'static Self> {
        match quirk::switching(vid, pid, model) {
            Switching::None => None,
            Switching::Quectel => Some(&QUECTEL),
            Switching::QuectelUnisoc => Some(&QUECTEL_UNISOC),
            Switching::QuectelAsr => Some(&QUECTEL_ASR),
            Switching::FibocomLte => Some(&FIBOCOM_LTE),
            Switching::Fibocom5g => Some(&FIBOCOM_5G),
            Switching::Telit => Some(&TELIT),
            Switching::Sierra1 => Some(&SIERRA_1),
            Switching::Sierra3 => Some(&SIERRA_3),
        }
    }

    /// What it can be.
    pub fn modes(&self) -> impl Iterator<Item = UsbMode> {
        self.modes.iter().map(|(mode, _)| *mode)
    }

    /// The command that sets a mode, after `AT`; `None` when it has no such mode.
    pub fn set(&self, mode: UsbMode) -> Option<String> {
        let (_, value) = self.modes.iter().find(|(known, _)| *known == mode)?;
        Some(replace(self.set, "{}", value))
    }

    /// The mode that the answer to the query tells; `None` when it is none that is known.
    pub fn read(&self, lines: &[String]) -> Option<UsbMode> {
        let value = lines.iter().find_map(|line| line.trim().strip_prefix(self.answer))?;
        let end = |c: char| !c.is_ascii_alphanumeric();
        let value = value.trim().trim_matches('"').split(end).next()?;
        let is_it = |known: &str| {
            let plain = |text: &str| text.trim_start_matches('0').to_ascii_uppercase();
            plain(known) == plain(value)
        };
        self.modes.iter().find(|(_, known)| is_it(known)).map(|(mode, _)| *mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(composition: &Composition, text: &str) -> Option<UsbMode> {
        composition.read(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_modem_is_known_by_its_ids_and_where_they_are_shared_by_its_model() {
        assert!(Composition::of(0x2c7c, 0x0125, "").is_some());
        assert!(Composition::of(0x05c6, 0x9215, "EC20").is_some());
        assert!(Composition::of(0x05c6, 0x9215, "MC7700").is_none());
        assert!(Composition::of(0x05c6, 0x9215, "").is_none());
        assert!(Composition::of(0x12d1, 0x1506, "E3372").is_none());
        let unisoc = Composition::of(0x2c7c, 0x0900, "").unwrap();
        assert_eq!(unisoc.set(UsbMode::Qmi), None);
    }

    #[test]
    fn what_modems_answer_is_read() {
        let quectel = Composition::of(0x2c7c, 0x0125, "").unwrap();
        assert_eq!(read(quectel, "+QCFG: \"usbnet\",0"), Some(UsbMode::Qmi));
        assert_eq!(read(quectel, "+QCFG: \"usbnet\",3"), Some(UsbMode::Rndis));
        assert_eq!(read(quectel, "+QCFG: \"usbnet\",9"), None);
        assert_eq!(read(quectel, ""), None);
        assert_eq!(quectel.set(UsbMode::Ecm).as_deref(), Some("+QCFG=\"usbnet\",1"));
        let sierra = Composition::of(0x1199, 0x9071, "").unwrap();
        let answer = "Config Index: 1\nConfig Type:  1 (Generic)\n\
                      Interface bitmask: 0000010D (diag,nmea,modem,rmnet0)";
        assert_eq!(read(sierra, answer), Some(UsbMode::Qmi));
        let answer = "Config Index: 1\nInterface bitmask: 00001009 (diag,modem,mbim)";
        assert_eq!(read(sierra, answer), Some(UsbMode::Mbim));
        assert_eq!(sierra.set(UsbMode::Mbim).as_deref(), Some("!USBCOMP=1,1,1009"));
        let fibocom = Composition::of(0x2cb7, 0x0104, "FM150-AE").unwrap();
        assert_eq!(read(fibocom, "+GTUSBMODE: 30"), Some(UsbMode::Mbim));
    }

    #[test]
    fn every_value_that_is_set_is_read_as_the_mode_it_was_set_for() {
        let all = [
            QUECTEL,
            QUECTEL_UNISOC,
            QUECTEL_ASR,
            FIBOCOM_LTE,
            FIBOCOM_5G,
            TELIT,
            SIERRA_1,
            SIERRA_3,
        ];
        for row in &all {
            for (mode, value) in row.modes {
                assert_eq!(read(row, &format!("{} {value}", row.answer)), Some(*mode), "{row:?}");
            }
        }
    }
}
