//! Information buffers and message headers, as this simulator needs them and no further.
//!
//! Written apart from the project's codecs on purpose: two independent readings of the format
//! have to agree. All numbers are little-endian.

/// An information buffer under construction: fields, then what they refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer {
    fields: Vec<u8>,
    /// Where a reference stands among the fields, and what it refers to.
    pieces: Vec<(usize, Vec<u8>)>,
}

impl Buffer {
    /// Appends a number.
    pub(crate) fn long(mut self, value: u32) -> Self {
        self.fields.extend(value.to_le_bytes());
        self
    }

    /// Appends several numbers.
    pub(crate) fn longs(self, values: &[u32]) -> Self {
        values.iter().fold(self, |buffer, value| buffer.long(*value))
    }

    /// Appends bytes.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.fields.extend(bytes);
        self
    }

    /// Appends offset and length of a text.
    pub(crate) fn text(self, text: &str) -> Self {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = long_of(bytes.len());
        self.offset(bytes).long(length)
    }

    /// Appends offset and length of a structure.
    pub(crate) fn structure(self, inner: Self) -> Self {
        let bytes = inner.bytes();
        let length = long_of(bytes.len());
        self.offset(bytes).long(length)
    }

    /// Appends an offset alone; 0 for nothing.
    pub(crate) fn offset(mut self, bytes: Vec<u8>) -> Self {
        if !bytes.is_empty() {
            self.pieces.push((self.fields.len(), bytes));
        }
        self.long(0)
    }

    /// All of it.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut all = self.fields;
        for (at, piece) in self.pieces {
            all.resize(all.len().next_multiple_of(4), 0);
            let start = long_of(all.len()).to_le_bytes();
            all.splice(at..at + 4, start);
            all.extend(piece);
        }
        all.resize(all.len().next_multiple_of(4), 0);
        all
    }
}

/// The number at `at`.
pub(crate) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?))
}

/// The text that the two numbers at `at` refer to.
pub(crate) fn text(bytes: &[u8], at: usize) -> Option<String> {
    let (start, length) = (long(bytes, at)?, long(bytes, at.checked_add(4)?)?);
    let (start, length) = (usize::try_from(start).ok()?, usize::try_from(length).ok()?);
    if length == 0 {
        return Some(String::new());
    }
    let units: Vec<u16> = bytes
        .get(start..start.checked_add(length)?)?
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    Some(String::from_utf16_lossy(&units))
}

/// A length as the format has it.
pub(crate) fn long_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// One frame of the host: type, transaction, fragments there are, this one, and the rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u32,
    pub(crate) transaction: u32,
    pub(crate) total: u32,
    pub(crate) current: u32,
    pub(crate) rest: Vec<u8>,
}

/// Takes the next whole frame out of what has come. Bytes that start none are dropped.
pub(crate) fn take_frame(input: &mut Vec<u8>) -> Option<Frame> {
    loop {
        let (kind, length) = (long(input, 0)?, long(input, 4)?);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let head = if kind == 3 { 20 } else { 12 };
        if !(1..=4).contains(&kind) || length < head || length > 65_536 {
            input.remove(0);
            continue;
        }
        if input.len() < length {
            return None;
        }
        let bytes: Vec<u8> = input.drain(..length).collect();
        let fragment = |at| if kind == 3 { long(&bytes, at) } else { None };
        return Some(Frame {
            kind,
            transaction: long(&bytes, 8)?,
            total: fragment(12).unwrap_or(1),
            current: fragment(16).unwrap_or(0),
            rest: bytes.get(head..)?.to_vec(),
        });
    }
}

/// A frame that is no fragment and cannot be: type, transaction and what follows.
pub(crate) fn plain(kind: u32, transaction: u32, field: u32) -> Vec<u8> {
    [kind, 16, transaction, field].iter().flat_map(|long| long.to_le_bytes()).collect()
}

/// The frames of a message that may be in fragments, none longer than `max`.
pub(crate) fn fragments(kind: u32, transaction: u32, payload: &[u8], max: usize) -> Vec<Vec<u8>> {
    let room = max.max(64) - 20;
    let parts: Vec<&[u8]> = payload.chunks(room).collect();
    let total = long_of(parts.len());
    (0u32..)
        .zip(parts)
        .map(|(current, part)| {
            let head = [kind, long_of(20 + part.len()), transaction, total, current];
            let mut frame: Vec<u8> = head.iter().flat_map(|long| long.to_le_bytes()).collect();
            frame.extend(part);
            frame
        })
        .collect()
}
