//! TLVs, messages and the QMUX header, as this simulator needs them and no further.
//!
//! Written apart from the project's codecs on purpose: two independent readings of the format
//! have to agree. All numbers are little-endian.

/// The TLVs of a message under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tlvs(pub(crate) Vec<u8>);

impl Tlvs {
    /// Appends one TLV.
    pub(crate) fn put(&mut self, kind: u8, value: impl AsRef<[u8]>) -> &mut Self {
        let value = value.as_ref();
        self.0.push(kind);
        self.0.extend(short(value.len()));
        self.0.extend(value);
        self
    }
}

/// The value of the first TLV of this kind.
pub(crate) fn find(mut body: &[u8], wanted: u8) -> Option<&[u8]> {
    while let [kind, low, high, rest @ ..] = body {
        let (value, next) =
            rest.split_at_checked(usize::from(u16::from_le_bytes([*low, *high])))?;
        if *kind == wanted {
            return Some(value);
        }
        body = next;
    }
    None
}

/// One byte of a TLV.
pub(crate) fn byte(body: &[u8], kind: u8) -> Option<u8> {
    find(body, kind)?.first().copied()
}

/// A 16-bit number at `offset` in a TLV.
pub(crate) fn word(body: &[u8], kind: u8, offset: usize) -> Option<u16> {
    let bytes = find(body, kind)?.get(offset..offset.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

/// A 32-bit number that is a whole TLV.
pub(crate) fn long(body: &[u8], kind: u8) -> Option<u32> {
    Some(u32::from_le_bytes(find(body, kind)?.get(..4)?.try_into().ok()?))
}

/// A text that is a whole TLV.
pub(crate) fn text(body: &[u8], kind: u8) -> Option<String> {
    Some(String::from_utf8_lossy(find(body, kind)?).into_owned())
}

/// Splits a text with a one-byte length off the front.
pub(crate) fn split_text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((String::from_utf8_lossy(text).into_owned(), rest))
}

/// A text with a one-byte length before it, as sequences have them.
pub(crate) fn counted(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    let mut bytes = vec![length];
    bytes.extend(text.iter().take(usize::from(length)));
    bytes
}

/// A length as QMI has it.
fn short(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes()
}

/// What kind of message a service sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Response,
    Indication,
}

/// Frames a message from the modem to the host.
pub(crate) fn frame(
    kind: Kind,
    service: u8,
    client: u8,
    transaction: u16,
    message: u16,
    tlvs: &Tlvs,
) -> Vec<u8> {
    let mut sdu = Vec::new();
    let [low, high] = transaction.to_le_bytes();
    match (service, kind) {
        (0, Kind::Response) => sdu.extend([1, low]),
        (0, Kind::Indication) => sdu.extend([2, 0]),
        (_, Kind::Response) => sdu.extend([2, low, high]),
        (_, Kind::Indication) => sdu.extend([4, 0, 0]),
    }
    sdu.extend(message.to_le_bytes());
    sdu.extend(short(tlvs.0.len()));
    sdu.extend(&tlvs.0);
    let mut frame = vec![1];
    frame.extend(short(sdu.len() + 5));
    frame.extend([0x80, service, client]);
    frame.extend(sdu);
    frame
}

/// A request from the host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) service: u8,
    pub(crate) client: u8,
    pub(crate) transaction: u16,
    pub(crate) message: u16,
    pub(crate) body: &'a [u8],
}

/// Takes one QMUX frame off the front of `buffer`, skipping what is not the start of one.
pub(crate) fn take_frame(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length_at = |at: usize| match buffer.get(at..) {
        Some([1, low, high, ..]) => Some(usize::from(u16::from_le_bytes([*low, *high]))),
        _ => None,
    };
    let could_start = |at: &usize| match buffer.get(*at..) {
        Some([1] | [1, _]) => true,
        Some([1, ..]) => length_at(*at).is_some_and(|length| length >= 5),
        _ => false,
    };
    let start = (0..buffer.len()).find(could_start).unwrap_or(buffer.len());
    let length = length_at(start);
    buffer.drain(..start);
    let length = length.filter(|length| buffer.len() > *length)?;
    Some(buffer.drain(..=length).collect())
}

/// Reads a whole QMUX frame as a request.
pub(crate) fn parse(frame: &[u8]) -> Option<Request<'_>> {
    let [1, _, _, _, service, client, sdu @ ..] = frame else { return None };
    let (transaction, rest) = match (service, sdu) {
        (0, [0, transaction, rest @ ..]) => (u16::from(*transaction), rest),
        (1.., [0, low, high, rest @ ..]) => (u16::from_le_bytes([*low, *high]), rest),
        _ => return None,
    };
    let [id_low, id_high, length_low, length_high, body @ ..] = rest else { return None };
    let length = usize::from(u16::from_le_bytes([*length_low, *length_high]));
    Some(Request {
        service: *service,
        client: *client,
        transaction,
        message: u16::from_le_bytes([*id_low, *id_high]),
        body: body.get(..length)?,
    })
}
