//! When a PIN may be sent.
//!
//! Three wrong PINs block a SIM, so: a PIN is sent only when the attempts left are known and at
//! least two (the last one is the owner's), and a PIN that the SIM refused is not sent to it again,
//! ever. For that a [`Mark`] is kept on flash, written *before* the PIN is sent, so that a crash
//! between the two costs no second attempt. A mark holds a digest, never the PIN.

use super::Cause;
use crate::types::{Iccid, Secret, SimStatus, Table, Value, digest as digest_bytes};

/// How many marks are kept; the oldest go first.
pub const MARKS_MAX: usize = 32;

/// The fewest attempts that must be left for the machine to use one.
pub const RETRIES_MIN: u8 = 2;

/// That a PIN was offered to a SIM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Of the SIM's ICCID and the PIN.
    digest: u64,
    /// Of the PIN alone, for a SIM that does not say who it is.
    pin_digest: u64,
    /// Whether the SIM did not say who it is.
    is_nameless: bool,
    /// The attempts left before it was offered.
    retries_before: u8,
    /// Whether the SIM is known to have refused it.
    refused: bool,
}

/// Every PIN that was offered and not accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    marks: Vec<Mark>,
    /// Whether there were others that could not be read: any PIN may have been refused, so none is
    /// offered before one is accepted from the owner's hand.
    are_lost: bool,
}

impl Marks {
    /// Whether `pin` may be offered to the SIM now; else the reason against it.
    ///
    /// # Errors
    /// The cause to show.
    pub fn may_offer(&self, sim: &SimStatus, pin: &Secret) -> Result<u8, Cause> {
        let Some(retries) = sim.pin1_retries_left else {
            return Err(Cause::PinTriesUnknown);
        };
        if self.are_lost {
            return Err(Cause::PinUnmarked);
        }
        // An attempt whose outcome was not seen counts as refused only when it cost something.
        let refused = |mark: &Mark| mark.refused || retries < mark.retries_before;
        if self.marks.iter().any(|mark| mark.may_be_of(sim, pin) && refused(mark)) {
            return Err(Cause::PinRejected);
        }
        if retries < RETRIES_MIN { Err(Cause::PinTriesLow) } else { Ok(retries) }
    }

    /// Whether an offer of `pin` to this SIM is noted already.
    pub fn holds(&self, sim: &SimStatus, pin: &Secret) -> bool {
        let digest = digest(sim, pin);
        self.marks.iter().any(|mark| mark.digest == digest)
    }

    /// Notes that `pin` is about to be offered. What is known against it stays known.
    pub fn offer(&mut self, sim: &SimStatus, pin: &Secret, retries_before: u8) {
        let digest = digest(sim, pin);
        let earlier = self.marks.iter().find(|mark| mark.digest == digest);
        let refused = earlier.is_some_and(|mark| mark.refused);
        let retries_before =
            earlier.map_or(retries_before, |mark| mark.retries_before.max(retries_before));
        self.forget(digest);
        if self.marks.len() >= MARKS_MAX {
            self.marks.remove(0);
        }
        let (pin_digest, is_nameless) = (digest_of(None, pin), sim.iccid.is_none());
        self.marks.push(Mark { digest, pin_digest, is_nameless, retries_before, refused });
    }

    /// Notes that `pin`, about to be offered, was not.
    pub fn withdraw(&mut self, sim: &SimStatus, pin: &Secret) {
        self.forget(digest(sim, pin));
    }

    #[inline(never)]
    fn forget(&mut self, digest: u64) {
        self.marks.retain(|mark| mark.digest != digest);
    }

    /// Notes that `pin` is not the SIM's any more.
    pub fn retire(&mut self, sim: &SimStatus, pin: &Secret) {
        self.offer(sim, pin, u8::MAX);
        let digest = digest(sim, pin);
        for mark in &mut self.marks {
            mark.refused |= mark.digest == digest;
        }
    }

    /// Notes what became of the PIN offered last.
    pub fn conclude(&mut self, sim: &SimStatus, pin: &Secret, accepted: bool) {
        if accepted {
            self.are_lost = false;
            let digest = digest(sim, pin);
            let is_over = |m: &Mark| m.digest == digest || !m.refused && m.may_be_of(sim, pin);
            self.marks.retain(|mark| !is_over(mark));
        } else {
            if !self.marks.iter().any(|mark| mark.may_be_of(sim, pin)) {
                self.offer(sim, pin, u8::MAX);
            }
            for mark in &mut self.marks {
                mark.refused |= mark.may_be_of(sim, pin);
            }
        }
    }

    /// As kept on flash.
    pub fn to_table(&self) -> Table {
        let mut marks = Vec::new();
        for mark in &self.marks {
            let mut table = Table::new();
            table.put("digest", format!("{:016x}", mark.digest));
            table.put("pin_digest", format!("{:016x}", mark.pin_digest));
            table.put("nameless", mark.is_nameless);
            table.put("retries_before", mark.retries_before);
            table.put("refused", mark.refused);
            marks.push(Value::Table(table));
        }
        let mut table = Table::new();
        table.put("marks", Value::Array(marks));
        table.put_some("lost", self.are_lost.then_some(true));
        table
    }

    /// Reads what [`Marks::to_table`] wrote, or `lost` in place of what cannot be read; what does
    /// not fit is passed over.
    pub fn from_table(table: &Table) -> Self {
        let read = |value: &Value| {
            let mark = value.as_table()?;
            let digest = |name| u64::from_str_radix(mark.get_str(name)?, 16).ok();
            Some(Mark {
                digest: digest("digest")?,
                pin_digest: digest("pin_digest")?,
                is_nameless: mark.get("nameless")?.as_bool()?,
                retries_before: u8::try_from(mark.get("retries_before")?.as_i64()?).ok()?,
                refused: mark.get("refused")?.as_bool()?,
            })
        };
        let mut marks = Vec::new();
        for mark in table.get_array("marks").unwrap_or_default() {
            if marks.len() < MARKS_MAX
                && let Some(mark) = read(mark)
            {
                marks.push(mark);
            }
        }
        Self { marks, are_lost: table.get("lost").is_some() }
    }
}

impl Mark {
    /// Whether it may stand for an offer of `pin` to this very SIM. ICCIDs cannot always be read,
    /// so one that is missing may be any.
    fn may_be_of(&self, sim: &SimStatus, pin: &Secret) -> bool {
        self.digest == digest(sim, pin)
            || (self.is_nameless || sim.iccid.is_none()) && self.pin_digest == digest_of(None, pin)
    }
}

/// FNV-1a over the ICCID and the PIN. It need not resist anyone: what it stands for is a PIN that
/// does not work.
fn digest(sim: &SimStatus, pin: &Secret) -> u64 {
    digest_of(sim.iccid.as_ref(), pin)
}

/// The same over the ICCID alone, which stands for the SIM where its number need not be.
pub fn sim_digest(iccid: &Iccid) -> u64 {
    digest_bytes(iccid.expose().as_bytes())
}

fn digest_of(iccid: Option<&Iccid>, pin: &Secret) -> u64 {
    let iccid = iccid.map_or("", |iccid| iccid.expose());
    let mut bytes = iccid.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(pin.expose().as_bytes());
    digest_bytes(&bytes)
}
