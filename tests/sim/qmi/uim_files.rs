//! The files of the card that a host asks for (TS 102 221, TS 31.102).

use super::tlv::{find, word};
use super::{Reply, error};
use crate::sim::world::World;

const EF_ICCID: u16 = 0x2fe2;
const EF_IMSI: u16 = 0x6f07;
const EF_AD: u16 = 0x6fad;
const EF_SPN: u16 = 0x6f46;

/// Digits two to a byte, low nibble first, filled with F.
pub(super) fn swapped_bcd(digits: &str, length: usize) -> Vec<u8> {
    let nibbles: Vec<u8> = digits.bytes().map(|byte| byte.wrapping_sub(b'0') & 0xf).collect();
    let nibble = |index: usize| nibbles.get(index).copied().unwrap_or(0xf);
    (0..length).map(|index| nibble(2 * index + 1) << 4 | nibble(2 * index)).collect()
}

/// EF IMSI: a length, then the digits behind a parity nibble (TS 31.102 4.2.2).
fn imsi_file(imsi: &str) -> Vec<u8> {
    let parity = if imsi.len() % 2 == 1 { '9' } else { '1' };
    let length = imsi.len() / 2 + 1;
    let mut file = vec![u8::try_from(length).unwrap_or(8)];
    file.extend(swapped_bcd(&format!("{parity}{imsi}"), 8));
    file
}

/// The content of a file, or the error the modem gives for it.
fn content(world: &World, body: &[u8]) -> Result<Vec<u8>, u16> {
    let uicc = &world.uicc;
    let file = word(body, 2, 0).ok_or(error::MISSING_ARGUMENT)?;
    find(body, 1).ok_or(error::MISSING_ARGUMENT)?;
    if !uicc.is_present() {
        return Err(error::NO_SIM);
    }
    if uicc.ready_at.is_some() {
        return Err(error::DEVICE_NOT_READY);
    }
    match file {
        EF_ICCID => Ok(swapped_bcd(&uicc.iccid, 10)),
        // The files under ADF USIM need PIN1.
        EF_IMSI | EF_AD | EF_SPN if !uicc.is_ready() => Err(error::ACCESS_DENIED),
        EF_IMSI => Ok(imsi_file(&uicc.imsi)),
        EF_AD => Ok(vec![0, 0, 0, 2]),
        EF_SPN => {
            let mut name = vec![1];
            name.extend(b"Simphone");
            name.resize(17, 0xff);
            Ok(name)
        }
        _ => Err(error::SIM_FILE_NOT_FOUND),
    }
}

/// Read transparent.
pub(super) fn read_transparent(world: &World, body: &[u8]) -> Reply {
    let (Some(offset), Some(length)) = (word(body, 3, 0), word(body, 3, 2)) else {
        return Reply::error(error::MISSING_ARGUMENT);
    };
    let file = match content(world, body) {
        Ok(file) => file,
        // 6982: security status not satisfied; 6A82: file not found (TS 102 221 10.2.1.5).
        Err(error::ACCESS_DENIED) => {
            return Reply::error(error::ACCESS_DENIED).put(0x10, [0x69, 0x82]);
        }
        Err(error::SIM_FILE_NOT_FOUND) => {
            return Reply::error(error::SIM_FILE_NOT_FOUND).put(0x10, [0x6a, 0x82]);
        }
        Err(error) => return Reply::error(error),
    };
    let wanted = if length == 0 { usize::MAX } else { usize::from(length) };
    let part: Vec<u8> = file.into_iter().skip(usize::from(offset)).take(wanted).collect();
    let mut result = u16::try_from(part.len()).unwrap_or(0).to_le_bytes().to_vec();
    result.extend(part);
    Reply::ok().put(0x10, [0x90, 0x00]).put(0x11, result)
}

/// Get file attributes.
pub(super) fn file_attributes(world: &World, body: &[u8]) -> Reply {
    let file = match content(world, body) {
        Ok(file) => file,
        Err(error) => return Reply::error(error),
    };
    let mut value = u16::try_from(file.len()).unwrap_or(0).to_le_bytes().to_vec();
    value.extend(word(body, 2, 0).unwrap_or(0).to_le_bytes());
    // Transparent; no records; read always, write with ADM; no raw data.
    value.extend([0, 0, 0, 0, 0]);
    value.extend([0, 0, 0, 4, 8, 0, 1, 0, 0, 4, 8, 0, 4, 8, 0, 0, 0]);
    Reply::ok().put(0x10, [0x90, 0x00]).put(0x11, value)
}
