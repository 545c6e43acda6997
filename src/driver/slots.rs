//! The SIM slots of modems that are asked over AT, as data: one row a vendor.

use crate::types::{SimSlot, SlotState};
use crate::wire::at::Params;

/// How one vendor's modems are asked and told.
#[derive(Debug)]
pub struct SlotCommands {
    vids: &'static [u16],
    /// Sent before, `AT` left out; empty when nothing is.
    pub(super) unlock: &'static str,
    /// Its name; `?` asks, `=` tells.
    pub(super) name: &'static str,
    /// The place of the slot among the parameters; what is before it stays as it is.
    place: Place,
    /// The number of the first slot.
    first: u8,
}

/// Where the slot in use stands in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is this parameter.
    At(usize),
    /// Each slot has two: whether there is a card, and whether it is in use.
    Pairs,
}

/// Quectel's and Fibocom's as their AT manuals have them, and FM350-GL logs; SIMCom's, MeiG's,
/// Telit's and Sierra's from programs that use them (QModem; NimbeLink's for ME910, and EM7565
/// logs). Quectel's, SIMCom's, Telit's and MeiG's count from 1, the others from 0.
const ROWS: [SlotCommands; 6] = [
    row(&[0x2C7C], "", "+QUIMSLOT", Place::At(0), 1),
    row(&[0x2CB7, 0x1508, 0x0E8D], "", "+GTDUALSIM", Place::At(0), 0),
    row(&[0x1E0E], "", "+SMSIMCFG", Place::At(1), 1),
    row(&[0x2DEE], "", "^SIMSLOT", Place::Pairs, 1),
    row(&[0x1BC7], "", "#SIMSELECT", Place::At(0), 1),
    row(&[0x1199], "!ENTERCND=\"A710\"", "!UIMS", Place::At(0), 0),
];

const fn row(
    vids: &'static [u16],
    unlock: &'static str,
    name: &'static str,
    place: Place,
    first: u8,
) -> SlotCommands {
    SlotCommands { vids, unlock, name, place, first }
}

/// How many slots such modems have.
const SLOTS: u8 = 2;

/// The commands of a modem.
pub fn commands(vid: u16) -> Option<&'static SlotCommands> {
    ROWS.iter().find(|row| row.vids.contains(&vid))
}

impl SlotCommands {
    /// What an answer says; empty when it says nothing.
    pub(super) fn read(&self, lines: &[String]) -> Vec<SimSlot> {
        let Some(params) = self.params(lines) else { return Vec::new() };
        let number = |at: usize| params.get(at)?.parse::<u8>().ok();
        let mut slots = Vec::new();
        for slot in 1..=SLOTS {
            let pair = usize::from(slot - 1) * 2;
            let (active, state) = match self.place {
                Place::At(at) => (number(at) == Some(slot - 1 + self.first), SlotState::Unknown),
                Place::Pairs if number(pair) == Some(1) => {
                    (number(pair + 1) == Some(1), SlotState::Present)
                }
                Place::Pairs => (number(pair + 1) == Some(1), SlotState::Absent),
            };
            slots.push(SimSlot { slot, active, state, iccid: None });
        }
        // None in use is an answer to another question.
        if slots.iter().any(|slot| slot.active) { slots } else { Vec::new() }
    }

    /// The command that makes `slot` the one in use, after this answer; `AT` left out.
    pub(super) fn set(&self, lines: &[String], slot: u8) -> Option<String> {
        let number = (1..=SLOTS).contains(&slot).then(|| slot - 1 + self.first)?;
        let mut command = format!("{}=", self.name);
        if let Place::At(at) = self.place {
            for kept in self.params(lines)?.iter().take(at) {
                // It goes back to the modem that told it, so it has to be a number.
                command += &format!("{},", kept.parse::<u8>().ok()?);
            }
        }
        command += &number.to_string();
        Some(command)
    }

    fn params(&self, lines: &[String]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for param in Params::find(lines, self.name)?.list(8) {
            texts.push(param.text.to_owned());
        }
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(vid: u16, line: &str) -> (Option<u8>, Option<String>) {
        let (row, lines) = (commands(vid).unwrap(), [line.to_owned()]);
        let slots = row.read(&lines);
        let active = slots.iter().find(|slot| slot.active).map(|slot| slot.slot);
        (active, row.set(&lines, 2))
    }

    #[test]
    fn each_vendor_has_its_own_numbers() {
        for (vid, line, slot, set) in [
            (0x2C7C, "+QUIMSLOT: 1", 1, "+QUIMSLOT=2"),
            (0x2CB7, "+GTDUALSIM: 0,\"SUB1\",\"No Service\"", 1, "+GTDUALSIM=1"),
            (0x0E8D, "+GTDUALSIM : 1, \"SUB2\", \"N\"", 2, "+GTDUALSIM=1"),
            (0x1E0E, "+SMSIMCFG: 1,2", 2, "+SMSIMCFG=1,2"),
            (0x1E0E, "+SMSIMCFG: 0,1", 1, "+SMSIMCFG=0,2"),
            (0x2DEE, "^SIMSLOT: 1,0,1,1", 2, "^SIMSLOT=2"),
            (0x1BC7, "#SIMSELECT: 1", 1, "#SIMSELECT=2"),
            (0x1199, "!UIMS: 0", 1, "!UIMS=1"),
        ] {
            assert_eq!(active(vid, line), (Some(slot), Some(set.to_owned())), "{line}");
        }
    }

    #[test]
    fn an_answer_about_something_else_says_nothing() {
        for line in ["", "+QUIMSLOT: ", "+QUIMSLOT: 7", "+QUIMSLOT: x", "+CPIN: READY"] {
            assert_eq!(active(0x2C7C, line).0, None, "{line}");
        }
        assert_eq!(active(0x1E0E, "+SMSIMCFG: \"1\r,2").1, None);
        assert!(commands(0x1234).is_none());
    }
}
