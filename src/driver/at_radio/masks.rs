//! Bands as hexadecimal masks: Quectel's `+QCFG="band"`, Sierra's `!BAND`, Huawei's `^SYSCFGEX` and
//! SIMCom's `+CNBP`.
//!
//! Bit n of a mask for LTE is band n + 1 with all of them. For GSM and UMTS most have Qualcomm's
//! bits, which QMI has too.

use super::{Known, Set, numbers};
use crate::driver::quirk::Lock;
use crate::types::{Band, Rat};
use crate::wire::at::Params;

/// Which bit is which band.
type Bits = &'static [(u16, Rat, u16)];

/// Qualcomm's, as in `QmiNasBandPreference`. Source also: ModemManager's huawei plugin.
const QUALCOMM: Bits = &[
    (7, Rat::Gsm, 1800),
    (8, Rat::Gsm, 900),
    (9, Rat::Gsm, 900),
    (19, Rat::Gsm, 850),
    (21, Rat::Gsm, 1900),
    (22, Rat::Umts, 1),
    (23, Rat::Umts, 2),
    (24, Rat::Umts, 3),
    (25, Rat::Umts, 4),
    (26, Rat::Umts, 5),
    (27, Rat::Umts, 6),
    (49, Rat::Umts, 8),
    (50, Rat::Umts, 9),
    (60, Rat::Umts, 19),
];

/// Quectel's. Source: "EC25&EC21 AT Commands Manual", +QCFG="band".
const QUECTEL: Bits = &[
    (0, Rat::Gsm, 900),
    (1, Rat::Gsm, 1800),
    (2, Rat::Gsm, 850),
    (3, Rat::Gsm, 1900),
    (4, Rat::Umts, 1),
    (5, Rat::Umts, 2),
    (6, Rat::Umts, 5),
    (7, Rat::Umts, 8),
    (8, Rat::Umts, 6),
    (9, Rat::Umts, 4),
];

/// What stands for every band that a Huawei has.
const HUAWEI_ANY: &str = "3FFFFFFF";
const HUAWEI_ANY_LTE: &str = "7FFFFFFFFFFFFFFF";

const fn bits_of(lock: Lock) -> Bits {
    match lock {
        Lock::QuectelMask => QUECTEL,
        Lock::Sierra
        | Lock::Huawei
        | Lock::SimcomMask
        | Lock::QuectelList
        | Lock::SimcomList
        | Lock::Gtact
        | Lock::Xact
        | Lock::Telit
        | Lock::Telit5g
        | Lock::Foxconn
        | Lock::None => QUALCOMM,
    }
}

/// How many digits of a mask are read. These are 1,024 bits; no band of 3GPP is above 512.
const MAX_DIGITS: usize = 256;

/// A hexadecimal number without the sign that it is one.
fn digits(text: &str) -> &str {
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text)
}

/// The numbers of the bits of a hexadecimal number, but for those above [`MAX_DIGITS`].
pub(super) fn bits(text: &str) -> Vec<u16> {
    let text = digits(text.trim());
    let mut bits = Vec::new();
    let mut first = 0_u16;
    for digit in text.chars().rev().take(MAX_DIGITS) {
        let digit = digit.to_digit(16).unwrap_or(0);
        for bit in 0..4 {
            if digit & 1 << bit != 0 {
                bits.push(first + bit);
            }
        }
        first += 4;
    }
    bits
}

/// The reverse, without zeros before it.
pub(super) fn hex(bits: &[u16]) -> String {
    let mut text = String::new();
    let mut last = 0;
    for bit in bits {
        last = last.max(bit / 4);
    }
    for at in (0..=last).rev() {
        let mut value = 0;
        for bit in bits {
            if bit / 4 == at {
                value |= 1 << (bit % 4);
            }
        }
        text.push(char::from_digit(value, 16).unwrap_or('0').to_ascii_uppercase());
    }
    text
}

/// The bands of a mask for GSM and UMTS and one for LTE.
fn bands(masks: &[String], table: Bits) -> Vec<Band> {
    let mut bands = Vec::new();
    let [old, lte, ..] = masks else { return bands };
    let old = bits(old);
    for (bit, rat, number) in table {
        if old.contains(bit) {
            bands.push(Band { rat: *rat, number: *number });
        }
    }
    for bit in bits(lte) {
        bands.push(Band { rat: Rat::Lte, number: bit + 1 });
    }
    bands
}

/// The mask for GSM and UMTS of these bands, where it was `before`.
fn old_mask(bands: &[Band], before: &str, table: Bits) -> String {
    let before = bits(before);
    let mut after = Vec::new();
    for bit in &before {
        // What is not known is left as it is.
        if !table.iter().any(|(known, ..)| known == bit) {
            after.push(*bit);
        }
    }
    for (bit, rat, number) in table {
        let mut others = table.iter().filter(|(_, r, n)| (r, n) == (rat, number));
        // Of several bits for one band those that the modem had, if it had any.
        let had = before.contains(bit) || !others.any(|(other, ..)| before.contains(other));
        if had && bands.contains(&Band { rat: *rat, number: *number }) {
            after.push(*bit);
        }
    }
    hex(&after)
}

fn lte_mask(bands: &[Band]) -> String {
    let mut bits = numbers(bands, Rat::Lte);
    for bit in &mut bits {
        *bit = bit.saturating_sub(1);
    }
    hex(&bits)
}

impl Known {
    /// Takes the masks for GSM and UMTS and for LTE, and after them the other parameters.
    pub(super) fn read_masks(&mut self, lock: Lock, answers: &[Vec<String>]) -> Option<()> {
        match lock {
            Lock::QuectelMask => self.read_quectel(answers.first()?)?,
            Lock::Sierra => self.read_sierra(answers)?,
            Lock::Huawei => self.read_huawei(answers)?,
            // `+CNBP: 0X000700000FEB0180,0X000007FF3FDF3FFF`; which bands there are it does not
            // tell.
            Lock::SimcomMask
            | Lock::QuectelList
            | Lock::SimcomList
            | Lock::Gtact
            | Lock::Xact
            | Lock::Telit
            | Lock::Telit5g
            | Lock::Foxconn
            | Lock::None => {
                self.now = fields(answers.first()?, "+CNBP");
                self.now.get(1)?;
            }
        }
        let table = bits_of(lock);
        self.status.bands = bands(&self.now, table);
        self.status.bands_supported = bands(&self.all, table);
        Some(())
    }

    /// The commands that have the modem use these.
    pub(super) fn set_masks(&self, lock: Lock, wanted: &[Band]) -> Vec<Set> {
        let text = |at: usize| text_at(&self.now, at);
        let (old, lte) = (old_mask(wanted, text(0), bits_of(lock)), lte_mask(wanted));
        let command = match lock {
            Lock::QuectelMask => format!("+QCFG=\"band\",{old},{lte},{},1", text(2)),
            // A profile of our own in a place that is free; the second command chooses it. Source:
            // danielewood/sierra-wireless-modems, on EM7455.
            Lock::Sierra => format!("!BAND=0F,\"ltewan\",{old:0>16},{lte:0>16}"),
            Lock::Huawei => {
                let (modes, roaming, domain) = (text(2), text(3), text(4));
                // Without a technology that has bands there, any.
                let old = if old == "0" { HUAWEI_ANY } else { &old };
                format!("^SYSCFGEX=\"{modes}\",{old},{roaming},{domain},{lte},,")
            }
            Lock::SimcomMask
            | Lock::QuectelList
            | Lock::SimcomList
            | Lock::Gtact
            | Lock::Xact
            | Lock::Telit
            | Lock::Telit5g
            | Lock::Foxconn
            | Lock::None => format!("+CNBP=0x{old:0>16},0x{lte:0>16}"),
        };
        let mut commands = Set::alone(command);
        if lock == Lock::Sierra {
            commands.push("!BAND=0F".to_owned().into());
        }
        commands
    }

    /// `+QCFG: "band",0xbff,0x42000001e20b0e18df,0x0`; which bands there are it does not tell.
    fn read_quectel(&mut self, lines: &[String]) -> Option<()> {
        let now = fields(lines, "+QCFG");
        now.get(2)?;
        let other = now.get(3).map_or("0", |text| text.strip_prefix("0x").unwrap_or(text));
        for text in [text_at(&now, 1), text_at(&now, 2), other] {
            self.now.push(text.to_owned());
        }
        Some(())
    }

    fn read_sierra(&mut self, answers: &[Vec<String>]) -> Option<()> {
        if let Some(lines) = answers.get(1) {
            self.now = row(lines, None);
            self.now.first()?;
        }
        if let Some(lines) = answers.get(2) {
            // Number 0 is all bands.
            self.all = row(lines, Some("00"));
        }
        Some(())
    }

    /// `^SYSCFGEX: "00",3FFFFFFF,1,2,7FFFFFFFFFFFFFFF`; what there is comes in lists of pairs.
    fn read_huawei(&mut self, answers: &[Vec<String>]) -> Option<()> {
        let now = fields(answers.first()?, "^SYSCFGEX");
        now.get(4)?;
        // The masks, then modes, roaming and domain.
        for at in [1, 4, 0, 2, 3] {
            self.now.push(text_at(&now, at).to_owned());
        }
        if let Some(lines) = answers.get(1) {
            let lists = fields(lines, "^SYSCFGEX");
            let any = [(1, HUAWEI_ANY), (4, HUAWEI_ANY_LTE)];
            for (now, (at, any)) in self.now.iter_mut().zip(any) {
                let all = all_of(text_at(&lists, at));
                if now.eq_ignore_ascii_case(any) {
                    now.clone_from(&all);
                }
                self.all.push(all);
            }
        }
        Some(())
    }
}

/// The masks of the line with this number, or of the first: lines of number, name, and masks for
/// GSM and UMTS, LTE, TD-SCDMA. Empty when there is none.
fn row(lines: &[String], number: Option<&str>) -> Vec<String> {
    for line in lines {
        let Some((index, rest)) = line.trim().split_once(',') else { continue };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let [.., old, lte, _tds] = words.as_slice() else { continue };
        if is_mask(old) && is_mask(lte) && number.is_none_or(|number| number == index) {
            return vec![(*old).to_owned(), (*lte).to_owned()];
        }
    }
    Vec::new()
}

fn is_mask(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The mask of all that a list has: all but the last of it, which is the word for all of them.
fn all_of(list: &str) -> String {
    let list = list.strip_prefix('(').and_then(|list| list.strip_suffix(')'));
    let (mut named, mut last) = (Vec::new(), Vec::new());
    for pair in Params::new(list.unwrap_or_default()) {
        let Some(pair) = pair.text.strip_prefix('(') else { continue };
        let bits = bits(pair.split(',').next().unwrap_or_default());
        if !bits.is_empty() {
            named.append(&mut last);
            last = bits;
        }
    }
    hex(&named)
}

/// One of some texts; empty where there is none.
pub(super) fn text_at(texts: &[String], at: usize) -> &str {
    texts.get(at).map_or("", String::as_str)
}

/// The parameters of the first line of a name; none when there is no such line.
pub(super) fn fields(lines: &[String], name: &str) -> Vec<String> {
    let mut fields = Vec::new();
    if let Some(params) = Params::find(lines, name) {
        for param in params {
            fields.push(param.text.trim().to_owned());
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_of_any_length_are_read_and_written() {
        assert_eq!(bits("0x81"), [0, 7]);
        assert_eq!(hex(&[0, 7]), "81");
        assert_eq!(hex(&[]), "0");
        let long = "480000000000000000000000000000000000000000000042000007FFFFDF3FFF";
        assert_eq!(hex(&bits(long)), long);
        assert_eq!(bits("zz"), [0_u16; 0]);
        assert_eq!(bits(&"F".repeat(20_000)).last(), Some(&1023));
    }
}
