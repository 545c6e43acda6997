//! Bands as hexadecimal masks: Quectel's `+QCFG="band"`, Sierra's `!BAND`, Huawei's `^SYSCFGEX` and
//! SIMCom's `+CNBP`.
//!
//! Bit n of a mask for LTE is band n + 1 with all of them. For GSM and UMTS most have Qualcomm's
//! bits, which QMI has too.

use super::{Asker, Known, refused};
use crate::driver::Failure;
use crate::driver::quirk::Lock;
use crate::types::{Band, BandStatus, Rat};
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

/// Two masks, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    /// GSM and UMTS.
    old: String,
    lte: String,
}

/// What a modem says of its bands, and what has to be said again to change them.
#[derive(Clone, Debug, Default)]
pub(super) struct Masks {
    now: Pair,
    all: Pair,
    /// Other parameters of the command, to be left as they are.
    others: Vec<String>,
}

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

/// The numbers of the bits of a hexadecimal number of any length.
pub(super) fn bits(text: &str) -> Vec<u16> {
    let text = text.trim().trim_start_matches("0x").trim_start_matches("0X");
    let digits = text.chars().rev().map(|digit| digit.to_digit(16).unwrap_or(0));
    let numbered = (0_u16..).step_by(4).zip(digits);
    numbered
        .flat_map(|(first, digit)| {
            (0..4).filter(move |bit| digit & 1 << bit != 0).map(move |b| first + b)
        })
        .collect()
}

/// The reverse, without zeros before it.
pub(super) fn hex(bits: &[u16]) -> String {
    let last = bits.iter().max().map_or(0, |bit| bit / 4);
    let digit = |at: u16| {
        let own = bits.iter().filter(|bit| *bit / 4 == at);
        let value = own.fold(0, |value, bit| value | 1 << (bit % 4));
        char::from_digit(value, 16).unwrap_or('0').to_ascii_uppercase()
    };
    (0..=last).rev().map(digit).collect()
}

fn bands(pair: &Pair, table: Bits) -> Vec<Band> {
    let old = bits(&pair.old);
    let set = table.iter().filter(|(bit, ..)| old.contains(bit));
    let mut bands: Vec<Band> =
        set.map(|(_, rat, number)| Band { rat: *rat, number: *number }).collect();
    bands.extend(bits(&pair.lte).into_iter().map(|bit| Band { rat: Rat::Lte, number: bit + 1 }));
    bands.sort_unstable();
    bands.dedup();
    bands
}

fn masks(bands: &[Band], now: &Pair, table: Bits) -> Pair {
    let mut old = bits(&now.old);
    let before = old.clone();
    // What is not known is left as it is.
    old.retain(|bit| !table.iter().any(|(known, ..)| known == bit));
    let is_wanted =
        |(_, rat, number): &&(u16, Rat, u16)| bands.contains(&Band { rat: *rat, number: *number });
    // Of several bits for one band those that the modem had, if it had any.
    let had = |(bit, rat, number): &(u16, Rat, u16)| {
        let mut others = table.iter().filter(|(_, r, n)| (r, n) == (rat, number));
        before.contains(bit) || !others.any(|(other, ..)| before.contains(other))
    };
    let set = table.iter().filter(is_wanted).filter(|row| had(row));
    old.extend(set.map(|(bit, ..)| *bit));
    let lte: Vec<u16> =
        BandStatus::of(bands, Rat::Lte).map(|band| band.number.saturating_sub(1)).collect();
    Pair { old: hex(&old), lte: hex(&lte) }
}

impl Asker {
    /// Asks which bands the modem has and uses.
    pub(super) async fn read_masks(&self, lock: Lock) -> Result<Known, Failure> {
        let masks = match lock {
            Lock::QuectelMask => self.quectel().await?,
            Lock::Sierra => self.sierra().await?,
            Lock::Huawei => self.huawei().await?,
            Lock::SimcomMask
            | Lock::QuectelList
            | Lock::SimcomList
            | Lock::Gtact
            | Lock::Xact
            | Lock::Telit
            | Lock::Telit5g
            | Lock::Foxconn
            | Lock::None => self.simcom().await?,
        };
        let table = bits_of(lock);
        Ok(Known { bands: bands(&masks.now, table), supported: bands(&masks.all, table), masks })
    }

    /// Has the modem use these.
    pub(super) async fn write_masks(
        &self,
        lock: Lock,
        wanted: &[Band],
        known: &Masks,
    ) -> Result<(), Failure> {
        let Pair { old, lte } = masks(wanted, &known.now, bits_of(lock));
        let other = |at: usize| known.others.get(at).map_or("", String::as_str);
        let command = match lock {
            Lock::QuectelMask => format!("+QCFG=\"band\",{old},{lte},{},1", other(0)),
            // A profile of our own in a place that is free; the second command chooses it. Source:
            // danielewood/sierra-wireless-modems, on EM7455.
            Lock::Sierra => format!("!BAND=0F,\"ltewan\",{old:0>16},{lte:0>16}"),
            Lock::Huawei => {
                let (modes, roaming, domain) = (other(0), other(1), other(2));
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
        self.ask(&command).await?;
        if lock == Lock::Sierra {
            self.ask("!BAND=0F").await?;
        }
        Ok(())
    }

    /// `+QCFG: "band",0xbff,0x42000001e20b0e18df,0x0`; which bands there are it does not tell.
    async fn quectel(&self) -> Result<Masks, Failure> {
        let lines = self.ask("+QCFG=\"band\"").await?;
        let fields = fields(&lines, "+QCFG").ok_or_else(refused)?;
        let [_, old, lte, others @ ..] = fields.as_slice() else { return Err(refused()) };
        let others = others.first().map_or("0", |text| text.trim_start_matches("0x"));
        Ok(Masks {
            now: Pair { old: old.clone(), lte: lte.clone() },
            others: vec![others.to_owned()],
            ..Masks::default()
        })
    }

    /// Lines of number, name, and masks for GSM and UMTS, LTE, TD-SCDMA. Number 0 is all bands.
    async fn sierra(&self) -> Result<Masks, Failure> {
        // What follows is refused without this; who has set another password has to unlock it.
        let _ = self.ask("!ENTERCND=\"A710\"").await;
        let row = |lines: &[String], is_wanted: &dyn Fn(&str) -> bool| {
            lines.iter().filter_map(|line| line.trim().split_once(',')).find_map(|(index, rest)| {
                let words: Vec<&str> = rest.split_whitespace().collect();
                let [.., old, lte, _tds] = words.as_slice() else { return None };
                let are_masks = [old, lte].into_iter().all(|mask| {
                    mask.len() == 16 && mask.bytes().all(|byte| byte.is_ascii_hexdigit())
                });
                (are_masks && is_wanted(index))
                    .then(|| Pair { old: (*old).to_owned(), lte: (*lte).to_owned() })
            })
        };
        let now = row(&self.ask("!BAND?").await?, &|_| true).ok_or_else(refused)?;
        let all = row(&self.ask("!BAND=?").await?, &|index| index == "00");
        Ok(Masks { now, all: all.unwrap_or_default(), others: Vec::new() })
    }

    /// `^SYSCFGEX: "00",3FFFFFFF,1,2,7FFFFFFFFFFFFFFF`; what there is comes in lists of pairs.
    async fn huawei(&self) -> Result<Masks, Failure> {
        let lines = self.ask("^SYSCFGEX?").await?;
        let now = fields(&lines, "^SYSCFGEX").ok_or_else(refused)?;
        let [modes, old, roaming, domain, lte, ..] = now.as_slice() else { return Err(refused()) };
        let lines = self.ask("^SYSCFGEX=?").await?;
        let lists = fields(&lines, "^SYSCFGEX").unwrap_or_default();
        // Of each list all but the last, which is the word for all of them.
        let all_of = |list: Option<&String>| {
            let list = list.and_then(|list| list.strip_prefix('(')?.strip_suffix(')'));
            let pairs: Vec<Vec<u16>> = Params::new(list.unwrap_or_default())
                .filter_map(|pair| Some(bits(pair.text.strip_prefix('(')?.split(',').next()?)))
                .filter(|bits| !bits.is_empty())
                .collect();
            let named = pairs.split_last().map_or(&[][..], |(_, named)| named);
            hex(&named.concat())
        };
        let all = Pair { old: all_of(lists.get(1)), lte: all_of(lists.get(4)) };
        let or_all = |text: &String, any: &str, all: &String| {
            if text.eq_ignore_ascii_case(any) { all.clone() } else { text.clone() }
        };
        let now = Pair {
            old: or_all(old, HUAWEI_ANY, &all.old),
            lte: or_all(lte, HUAWEI_ANY_LTE, &all.lte),
        };
        Ok(Masks { now, all, others: vec![modes.clone(), roaming.clone(), domain.clone()] })
    }

    /// `+CNBP: 0X000700000FEB0180,0X000007FF3FDF3FFF`; which bands there are it does not tell.
    async fn simcom(&self) -> Result<Masks, Failure> {
        let lines = self.ask("+CNBP?").await?;
        let fields = fields(&lines, "+CNBP").ok_or_else(refused)?;
        let [old, lte, ..] = fields.as_slice() else { return Err(refused()) };
        Ok(Masks { now: Pair { old: old.clone(), lte: lte.clone() }, ..Masks::default() })
    }
}

/// The parameters of the first line of a name.
pub(super) fn fields(lines: &[String], name: &str) -> Option<Vec<String>> {
    let params = Params::find(lines, name)?;
    Some(params.map(|param| param.text.trim().to_owned()).collect())
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
    }
}
