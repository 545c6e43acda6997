//! blobmsg: the typed, named values that ubus messages carry.
//!
//! The format is libubox's `blob.h` and `blobmsg.h`: each value is an attribute of a big-endian
//! 32-bit word (bit 31: a name follows; bits 30-24: type; bits 23-0: length with this word, without
//! padding), then the name (16-bit length, text, NUL, padded to 4), then the payload, padded to 4
//! with zeros. Encoding gives the bytes libubox gives for the same values in the same order.
//!
//! Text on the wire is a C string. Reading stops at the first NUL and replaces what is not UTF-8 by
//! U+FFFD; writing replaces NUL by U+FFFD, so that no reader sees a text cut short. A document with
//! a malformed value is refused whole: half a document could mean something else.

use super::Error;
use crate::types::{Table, Value};

#[cfg(test)]
mod tests;

/// The longest document, in bytes: libubus's `UBUS_MAX_MSGLEN`.
pub const MAX_LEN: usize = 1 << 20;

/// How deep arrays and tables may nest. libubox knows no limit; json-c, which makes the documents
/// of the `ubus` tool, stops at 32.
pub const MAX_DEPTH: usize = 64;

/// The most values in one document: as many named ones as [`MAX_LEN`] has room for. Bounds the
/// memory that a message of nameless four-byte values could ask for.
pub const MAX_VALUES: usize = MAX_LEN / 8;

/// The largest name: its length must fit 16 bits with the bytes around it.
const MAX_NAME_LEN: usize = 0xfff0;

/// The bytes of the word that begins every attribute.
pub(crate) const HEADER_LEN: usize = 4;

const EXTENDED: u32 = 0x8000_0000;
const LEN_MASK: u32 = 0x00ff_ffff;

/// The types of values, as `enum blobmsg_type` numbers them; also the types in the signature of a
/// ubus method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// No value: JSON `null`.
    Unspec,
    /// A list.
    Array,
    /// Named values.
    Table,
    /// Text that ends with NUL.
    String,
    /// A signed 64-bit number.
    Int64,
    /// A signed 32-bit number.
    Int32,
    /// A signed 16-bit number.
    Int16,
    /// A byte that is 0 or not: a boolean.
    Int8,
    /// An IEEE 754 double.
    Double,
}

impl Type {
    /// The number on the wire.
    pub const fn id(self) -> u8 {
        match self {
            Self::Unspec => 0,
            Self::Array => 1,
            Self::Table => 2,
            Self::String => 3,
            Self::Int64 => 4,
            Self::Int32 => 5,
            Self::Int16 => 6,
            Self::Int8 => 7,
            Self::Double => 8,
        }
    }

    /// The type that `id` means.
    pub const fn from_id(id: u8) -> Option<Self> {
        match id {
            0 => Some(Self::Unspec),
            1 => Some(Self::Array),
            2 => Some(Self::Table),
            3 => Some(Self::String),
            4 => Some(Self::Int64),
            5 => Some(Self::Int32),
            6 => Some(Self::Int16),
            7 => Some(Self::Int8),
            8 => Some(Self::Double),
            _ => None,
        }
    }

    /// The type `value` is written as.
    const fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Unspec,
            Value::Bool(_) => Self::Int8,
            Value::I16(_) => Self::Int16,
            Value::I32(_) => Self::Int32,
            Value::I64(_) => Self::Int64,
            Value::F64(_) => Self::Double,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Table(_) => Self::Table,
        }
    }
}

/// The bytes of `table`: its entries one after the other, as the payload of a `UBUS_ATTR_DATA`.
///
/// # Errors
/// [`Error::TooLarge`] beyond [`MAX_LEN`], [`MAX_DEPTH`] or for a name of 64 KB.
pub fn encode(table: &Table) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for (name, value) in &table.0 {
        put(&mut out, name, value, 0)?;
        if out.len() > MAX_LEN {
            return Err(Error::TooLarge);
        }
    }
    Ok(out)
}

/// The table that `bytes` hold, the reverse of [`encode`].
///
/// # Errors
/// [`Error::Truncated`] when a value does not fit what surrounds it, [`Error::BadLength`] when it
/// is shorter than itself or not as long as its type, [`Error::bad_value`] for an unknown type or a
/// text without its NUL, [`Error::TooLarge`] beyond [`MAX_LEN`], [`MAX_DEPTH`] or [`MAX_VALUES`].
pub fn decode(bytes: &[u8]) -> Result<Table, Error> {
    if bytes.len() > MAX_LEN {
        return Err(Error::TooLarge);
    }
    let mut values_left = MAX_VALUES;
    get_table(bytes, 0, &mut values_left)
}

fn put(out: &mut Vec<u8>, name: &str, value: &Value, depth: usize) -> Result<(), Error> {
    if depth >= MAX_DEPTH {
        return Err(Error::TooLarge);
    }
    let start = out.len();
    out.extend_from_slice(&[0; HEADER_LEN]);
    put_name(out, name)?;
    match value {
        Value::Null => {}
        Value::Bool(flag) => out.push(u8::from(*flag)),
        Value::I16(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::I32(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::I64(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::F64(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::String(text) => put_text(out, text),
        Value::Array(list) => {
            for element in list {
                put(out, "", element, depth.saturating_add(1))?;
            }
        }
        Value::Table(table) => {
            for (key, entry) in &table.0 {
                put(out, key, entry, depth.saturating_add(1))?;
            }
        }
    }
    close(out, start, EXTENDED | (u32::from(Type::of(value).id()) << 24))
}

/// Appends the name header. An array element has one too, with an empty name.
fn put_name(out: &mut Vec<u8>, name: &str) -> Result<(), Error> {
    let start = out.len();
    out.extend_from_slice(&[0, 0]);
    put_text(out, name);
    let len = out.len().saturating_sub(start).saturating_sub(3);
    if len > MAX_NAME_LEN {
        return Err(Error::TooLarge);
    }
    let len = u16::try_from(len).map_err(|_| Error::TooLarge)?;
    if let Some(field) = out.get_mut(start..start.saturating_add(2)) {
        field.copy_from_slice(&len.to_be_bytes());
    }
    pad(out);
    Ok(())
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    for (index, part) in text.split('\0').enumerate() {
        if index > 0 {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(0);
}

/// Writes the length of the attribute that began at `start` into its first word, and pads it.
pub(crate) fn close(out: &mut Vec<u8>, start: usize, flags: u32) -> Result<(), Error> {
    let len = out.len().saturating_sub(start);
    if len > MAX_LEN {
        return Err(Error::TooLarge);
    }
    let len = u32::try_from(len).map_err(|_| Error::TooLarge)?;
    if let Some(word) = out.get_mut(start..start.saturating_add(HEADER_LEN)) {
        word.copy_from_slice(&(flags | len).to_be_bytes());
    }
    pad(out);
    Ok(())
}

/// Every attribute begins on a multiple of four, counted from the start of the outermost one.
fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

/// One attribute as it lies in the bytes around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawAttribute<'a> {
    /// Bits 30-24 of the first word.
    pub(crate) id: u8,
    /// Whether a name header begins the payload.
    pub(crate) extended: bool,
    /// What follows the first word, without padding.
    pub(crate) payload: &'a [u8],
}

/// Splits the first attribute off `bytes`; `None` when there is none left.
pub(crate) fn split(bytes: &[u8]) -> Result<Option<(RawAttribute<'_>, &[u8])>, Error> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let word = bytes.first_chunk::<HEADER_LEN>().ok_or(Error::Truncated)?;
    let word = u32::from_be_bytes(*word);
    let len = usize::try_from(word & LEN_MASK).map_err(|_| Error::TooLarge)?;
    if len < HEADER_LEN {
        return Err(Error::BadLength);
    }
    let payload = bytes.get(HEADER_LEN..len).ok_or(Error::Truncated)?;
    let rest = bytes.get(len.next_multiple_of(4)..).ok_or(Error::Truncated)?;
    let id = u8::try_from((word >> 24) & 0x7f).unwrap_or(0x7f);
    Ok(Some((RawAttribute { id, extended: word & EXTENDED != 0, payload }, rest)))
}

fn get_table(mut bytes: &[u8], depth: usize, values_left: &mut usize) -> Result<Table, Error> {
    let mut table = Table::new();
    while let Some((attribute, rest)) = split(bytes)? {
        let (name, payload) = split_name(attribute)?;
        table.0.push((read_text(name), get(attribute.id, payload, depth, values_left)?));
        bytes = rest;
    }
    Ok(table)
}

fn get_array(mut bytes: &[u8], depth: usize, values_left: &mut usize) -> Result<Vec<Value>, Error> {
    let mut list = Vec::new();
    while let Some((attribute, rest)) = split(bytes)? {
        let (_, payload) = split_name(attribute)?;
        list.push(get(attribute.id, payload, depth, values_left)?);
        bytes = rest;
    }
    Ok(list)
}

fn get(id: u8, payload: &[u8], depth: usize, values_left: &mut usize) -> Result<Value, Error> {
    *values_left = values_left.checked_sub(1).ok_or(Error::TooLarge)?;
    if depth >= MAX_DEPTH {
        return Err(Error::TooLarge);
    }
    let below = depth.saturating_add(1);
    let kind = Type::from_id(id).ok_or(Error::bad_value(&"blobmsg type"))?;
    Ok(match kind {
        Type::Unspec => Value::Null,
        Type::Array => Value::Array(get_array(payload, below, values_left)?),
        Type::Table => Value::Table(get_table(payload, below, values_left)?),
        Type::String => {
            let text = payload.strip_suffix(&[0]).ok_or(Error::bad_value(&"string"))?;
            Value::String(read_text(text))
        }
        Type::Int64 => Value::I64(i64::from_be_bytes(fixed(payload)?)),
        Type::Int32 => Value::I32(i32::from_be_bytes(fixed(payload)?)),
        Type::Int16 => Value::I16(i16::from_be_bytes(fixed(payload)?)),
        Type::Int8 => Value::Bool(fixed::<1>(payload)? != [0]),
        Type::Double => Value::F64(f64::from_be_bytes(fixed(payload)?)),
    })
}

fn fixed<const N: usize>(payload: &[u8]) -> Result<[u8; N], Error> {
    payload.try_into().map_err(|_| Error::BadLength)
}

/// The name and the payload behind it. A value without a name header has an empty name.
fn split_name(attribute: RawAttribute<'_>) -> Result<(&[u8], &[u8]), Error> {
    if !attribute.extended {
        return Ok((&[], attribute.payload));
    }
    let len = attribute.payload.first_chunk::<2>().ok_or(Error::Truncated)?;
    let len = usize::from(u16::from_be_bytes(*len));
    let name_end = len.saturating_add(2);
    let name = attribute.payload.get(2..name_end).ok_or(Error::Truncated)?;
    if attribute.payload.get(name_end) != Some(&0) {
        return Err(Error::bad_value(&"blobmsg name"));
    }
    let header_len = name_end.saturating_add(1).next_multiple_of(4);
    let payload = attribute.payload.get(header_len..).ok_or(Error::Truncated)?;
    Ok((name, payload))
}

fn read_text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}
