//! The 7-bit alphabets, 3GPP TS 23.038 6.2.1 and Annex A: codes to UTF-16 and back, and septets
//! packed into octets, 6.1.2.1.1.

/// The code that gives the next one its meaning from the single shift table.
const ESCAPE: u8 = 0x1B;

/// What stands for a code that means nothing.
const REPLACEMENT: u16 = 0xFFFD;

/// One table of `alphabets.txt`.
struct Table {
    is_locking: bool,
    language: u8,
    /// In Unicode; 0 for a code that means nothing.
    codes: [u16; 128],
}

const TABLE_COUNT: usize = 27;

static TABLES: [Table; TABLE_COUNT] = parse(include_bytes!("alphabets.txt"));

/// Reads `alphabets.txt` while the program is built.
const fn parse(text: &[u8]) -> [Table; TABLE_COUNT] {
    const EMPTY: Table = Table { is_locking: false, language: 0, codes: [0; 128] };
    let mut tables = [EMPTY; TABLE_COUNT];
    let (mut at, mut table, mut code) = (0, 0, 128);
    while at < text.len() {
        match text[at] {
            b'#' => at = end_of_line(text, at),
            b'l' | b's' => {
                assert!(code == 128, "a table is short");
                tables[table].is_locking = text[at] == b'l';
                while text[at] != b' ' {
                    at += 1;
                }
                at += 1;
                while text[at] != b' ' {
                    tables[table].language = tables[table].language * 10 + (text[at] - b'0');
                    at += 1;
                }
                (table, code) = (table + 1, 0);
                at = end_of_line(text, at);
            }
            b' ' | b'\n' => at += 1,
            _ => {
                tables[table - 1].codes[code] = number(text, at);
                (at, code) = (at + 4, code + 1);
            }
        }
    }
    assert!(table == TABLE_COUNT && code == 128, "a table is missing");
    tables
}

const fn end_of_line(text: &[u8], mut at: usize) -> usize {
    while text[at] != b'\n' {
        at += 1;
    }
    at
}

const fn number(text: &[u8], at: usize) -> u16 {
    let (mut value, mut digit) = (0, 0);
    while digit < 4 {
        value = value << 4
            | match text[at + digit] {
                c @ b'0'..=b'9' => c - b'0',
                c @ b'A'..=b'F' => c - b'A' + 10,
                _ => 0,
            } as u16;
        digit += 1;
    }
    value
}

fn table(is_locking: bool, language: u8) -> Option<&'static [u16; 128]> {
    let is_it = |table: &&Table| table.is_locking == is_locking && table.language == language;
    TABLES.iter().find(is_it).map(|table| &table.codes)
}

/// A pair of tables: what single codes mean, and what they mean behind an escape.
#[derive(Clone, Copy)]
pub struct Alphabet {
    locking: &'static [u16; 128],
    single: &'static [u16; 128],
}

impl Alphabet {
    /// The tables of two national languages, 23.038 6.2.1.2.4; 0 is the default, and so is what has
    /// no table.
    pub fn new(locking: u8, single: u8) -> Self {
        let of = |is_locking, language| {
            table(is_locking, language).or_else(|| table(is_locking, 0)).unwrap_or(&[0; 128])
        };
        Self { locking: of(true, locking), single: of(false, single) }
    }

    /// What codes mean. Behind an escape, a code without a meaning of its own keeps its ordinary
    /// one, and a second escape is a space, 6.2.1.1.
    pub fn decode(self, codes: &[u8]) -> Vec<u16> {
        let meaning = |table: &[u16; 128], code: u8| {
            table.get(usize::from(code)).copied().filter(|unit| *unit != 0)
        };
        let mut units = Vec::with_capacity(codes.len());
        let mut rest = codes.iter();
        while let Some(&code) = rest.next() {
            let unit = match (code, rest.as_slice().first()) {
                (ESCAPE, Some(&shifted)) => {
                    rest.next();
                    meaning(self.single, shifted).or_else(|| meaning(self.locking, shifted))
                }
                _ => meaning(self.locking, code),
            };
            let is_escape = code == ESCAPE;
            units.push(unit.unwrap_or(if is_escape { u16::from(b' ') } else { REPLACEMENT }));
        }
        units
    }

    /// The one or two codes of a character; `None` when these tables lack it.
    pub fn encode(self, unit: u16) -> Option<(Option<u8>, u8)> {
        let code_in = |table: &[u16; 128]| {
            let at = table.iter().position(|known| *known == unit && unit != 0)?;
            u8::try_from(at).ok()
        };
        let shifted = || code_in(self.single).map(|code| (Some(ESCAPE), code));
        code_in(self.locking).map(|code| (None, code)).or_else(shifted)
    }
}

/// Packs codes of seven bits into octets, the first into the lowest bits, behind `fill` bits.
pub fn pack(codes: &[u8], fill: usize) -> Vec<u8> {
    let mut octets = vec![0_u8; (codes.len() * 7 + fill).div_ceil(8)];
    for (at, code) in codes.iter().enumerate() {
        let bit = at * 7 + fill;
        let [low, high] = (u16::from(code & 0x7F) << (bit % 8)).to_le_bytes();
        for (octet, part) in (bit / 8..).zip([low, high]) {
            if let Some(octet) = octets.get_mut(octet) {
                *octet |= part;
            }
        }
    }
    octets
}

/// Takes at most `count` codes of seven bits out of octets, behind `fill` bits.
pub fn unpack(octets: &[u8], fill: usize, count: usize) -> Vec<u8> {
    let available = (octets.len() * 8).saturating_sub(fill) / 7;
    let octet = |at: usize| octets.get(at).copied().unwrap_or(0);
    let code = |at: usize| {
        let bit = at * 7 + fill;
        let pair = u16::from_le_bytes([octet(bit / 8), octet(bit / 8 + 1)]);
        (pair >> (bit % 8)).to_le_bytes()[0] & 0x7F
    };
    let mut codes = Vec::new();
    for at in 0..count.min(available) {
        codes.push(code(at));
    }
    codes
}
