//! Files of the card: the ICCID and the IMSI.

use super::super::{QmiError, Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use super::Session;
use crate::wire::Error;

/// A file by its id and the ids of the directories above it, TS 102 221 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// The file's id.
    pub id: u16,
    /// The directories, from the root.
    pub path: &'static [u16],
}

/// EF ICCID, TS 102 221 13.2: the card's number.
pub const EF_ICCID: File = File { id: 0x2FE2, path: &[0x3F00] };

/// EF IMSI of the USIM, TS 31.102 4.2.2.
pub const EF_IMSI: File = File { id: 0x6F07, path: &[0x3F00, 0x7FFF] };

/// The two status bytes a card answers with, TS 102 221 10.2: 0x90 0x00 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardResult {
    /// First status byte.
    pub sw1: u8,
    /// Second status byte.
    pub sw2: u8,
}

impl CardResult {
    pub(super) fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        Some(Self { sw1: r.u8()?, sw2: r.u8()? })
    }
}

/// Read Transparent (0x0020): a file without records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadTransparentRequest {
    /// TLV 0x01.
    pub session: Session,
    /// TLV 0x02.
    pub file: File,
    /// TLV 0x03: where to start, in bytes.
    pub offset: u16,
    /// TLV 0x03: how many bytes; 0 for all.
    pub len: u16,
}

impl ReadTransparentRequest {
    /// Reads the card's number.
    pub fn iccid() -> Self {
        Self { session: Session::CARD_SLOT_1, file: EF_ICCID, offset: 0, len: 0 }
    }

    /// Reads the subscription's number. Refused while the PIN is not verified.
    pub fn imsi() -> Self {
        Self { session: Session::PRIMARY, file: EF_IMSI, offset: 0, len: 0 }
    }
}

/// What was read, or what the card said instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadTransparentResponse {
    /// Whether the modem could ask the card.
    pub result: Result<(), QmiError>,
    /// TLV 0x10: what the card said.
    pub card_result: Option<CardResult>,
    /// TLV 0x11: the content.
    pub content: Option<Vec<u8>>,
}

impl ReadTransparentResponse {
    fn read(result: Result<(), QmiError>, tlvs: Tlvs<'_>) -> Self {
        Self {
            result,
            card_result: tlvs.optional(0x10, CardResult::read),
            content: tlvs.optional(0x11, TlvReader::bytes16).map(<[u8]>::to_vec),
        }
    }
}

impl Request for ReadTransparentRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x0020;
    type Response = ReadTransparentResponse;

    fn write(&self, tlvs: &mut TlvWriter) {
        self.session.write(tlvs);
        let mut path = Vec::new();
        for id in self.file.path {
            path.extend(id.to_le_bytes());
        }
        let mut file = Sequence::new();
        file.u16(self.file.id).bytes8(&path);
        tlvs.put_sequence(0x02, file);
        let mut range = Sequence::new();
        range.u16(self.offset).u16(self.len);
        tlvs.put_sequence(0x03, range);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<ReadTransparentResponse, Error> {
        Ok(ReadTransparentResponse::read(Ok(()), tlvs))
    }

    fn refused(error: QmiError, tlvs: Tlvs<'_>) -> Result<ReadTransparentResponse, QmiError> {
        Ok(ReadTransparentResponse::read(Err(error), tlvs))
    }
}

/// The digits of a card's number: EF ICCID has two in a byte, low half first, filled up with 0xF.
/// Empty when there are none.
pub fn iccid_from_ef(content: &[u8]) -> String {
    halves_of(content, 0)
}

/// The digits of a subscription's number: EF IMSI has its length, then, low half first, one half
/// for the parity and the digits. Empty when there are none.
pub fn imsi_from_ef(content: &[u8]) -> String {
    let Some((&len, rest)) = content.split_first() else { return String::new() };
    let digits = rest.get(..usize::from(len)).unwrap_or(rest);
    halves_of(digits, 1)
}

/// The digits in the halves of bytes, the lower half first, up to a filler and but for some.
fn halves_of(bytes: &[u8], skipped: usize) -> String {
    let mut digits = String::new();
    for at in skipped.. {
        let half = bytes.get(at / 2).map_or(0x0F, |byte| byte >> (at % 2 * 4) & 0x0F);
        if half == 0x0F {
            break;
        }
        digits.extend(char::from_digit(half.into(), 16));
    }
    digits
}
