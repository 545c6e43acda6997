//! QMUX: the framing of QMI messages on one control port.
//!
//! A frame is a marker 0x01, the length of what follows it (16 bits, little-endian, itself
//! included), control flags, a service and a client; then the QMI header, whose transaction has one
//! byte for the control service (CTL) and two for every other, and the message's TLVs.
//!
//! [`RawMessage`] keeps everything a frame holds, so that it encodes to the bytes it was decoded
//! from; [`Decoder`] finds frames in what a port delivers. What the TLVs mean is [`super::qmi`]'s.

mod decoder;
#[cfg(test)]
mod tests;

pub use decoder::Decoder;

use super::Error;
use super::qmi::{Service, Tlvs};
use core::fmt;

/// The byte every frame starts with.
pub const MARKER: u8 = 0x01;

/// The longest frame taken or made, in bytes. The format allows 65,536; modems announce buffers of
/// 4 KiB or less.
pub const MAX_FRAME_LEN: usize = 16 * 1024;

/// Marker, length, control flags, service and client.
const QMUX_HEADER_LEN: usize = 6;

/// QMUX control flags of a frame that the modem sent.
const FROM_MODEM: u8 = 0x80;

/// What a message is to the client that gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client asks.
    Request,
    /// The service answers one request.
    Response,
    /// The service tells something of its own accord.
    Indication,
}

/// One QMI message as its frame holds it. Encodes to the same bytes it was decoded from, whatever
/// TLVs it has.
#[derive(Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// QMUX control flags: 0x80 from the modem, 0x00 to it.
    pub control: u8,
    /// The service the message belongs to.
    pub service: Service,
    /// The client it is to or from; 0 for CTL, 0xFF for every client of the service.
    pub client: u8,
    /// The QMI control flags. [`RawMessage::kind`] reads them.
    pub flags: u8,
    /// Ties a response to its request. One byte wide for CTL.
    pub transaction: u16,
    /// The message, whose meaning depends on the service.
    pub message: u16,
    /// The TLVs, as they stand in the frame.
    pub tlvs: Vec<u8>,
}

impl RawMessage {
    /// A request to the modem.
    pub fn request(
        service: Service,
        client: u8,
        transaction: u16,
        message: u16,
        tlvs: Vec<u8>,
    ) -> Self {
        Self { control: 0, service, client, flags: 0, transaction, message, tlvs }
    }

    /// The modem's answer to `self`.
    #[must_use]
    pub fn response(&self, tlvs: Vec<u8>) -> Self {
        let flags = if self.service == Service::Ctl { 0x01 } else { 0x02 };
        Self { control: FROM_MODEM, flags, tlvs, ..self.clone() }
    }

    /// An indication from the modem; `client` 0xFF addresses all of the service's clients.
    pub fn indication(service: Service, client: u8, message: u16, tlvs: Vec<u8>) -> Self {
        let flags = if service == Service::Ctl { 0x02 } else { 0x04 };
        Self { control: FROM_MODEM, service, client, flags, transaction: 0, message, tlvs }
    }

    /// Request, response or indication: CTL has the two flags in bits 0 and 1, every other service
    /// in bits 1 and 2.
    pub fn kind(&self) -> Kind {
        let flags = if self.service == Service::Ctl { self.flags } else { self.flags >> 1 };
        match flags & 0x03 {
            0 => Kind::Request,
            1 => Kind::Response,
            _ => Kind::Indication,
        }
    }

    /// The TLVs, to be read.
    pub fn tlvs(&self) -> Tlvs<'_> {
        Tlvs::new(&self.tlvs)
    }

    /// The frame.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when it would be longer than [`MAX_FRAME_LEN`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let len = QMUX_HEADER_LEN + qmi_header_len(self.service.code()) + self.tlvs.len();
        if len > MAX_FRAME_LEN {
            return Err(Error::TooLarge);
        }
        let qmux_len = u16::try_from(len - 1).map_err(|_| Error::TooLarge)?;
        let tlvs_len = u16::try_from(self.tlvs.len()).map_err(|_| Error::TooLarge)?;
        let mut frame = Vec::with_capacity(len);
        frame.push(MARKER);
        frame.extend(qmux_len.to_le_bytes());
        frame.extend([self.control, self.service.code(), self.client, self.flags]);
        let [low, high] = self.transaction.to_le_bytes();
        frame.push(low);
        if self.service != Service::Ctl {
            frame.push(high);
        }
        frame.extend(self.message.to_le_bytes());
        frame.extend(tlvs_len.to_le_bytes());
        frame.extend(&self.tlvs);
        Ok(frame)
    }

    /// Decodes exactly one frame.
    ///
    /// # Errors
    /// When the bytes are not one whole frame. TLVs that contradict themselves are no error here:
    /// they are kept, and [`Tlvs::check`] finds them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        match Header::parse(bytes)? {
            Some(header) if header.frame_len == bytes.len() => header.message(bytes),
            Some(header) if header.frame_len < bytes.len() => Err(Error::BadLength),
            Some(_) | None => Err(Error::Truncated),
        }
    }
}

/// Shows the TLVs by type and length only: their values may be a PIN or a password.
impl fmt::Debug for RawMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, client, transaction, message, .. } = self;
        write!(f, "{:?} {service:?}/{client} #{transaction} 0x{message:04x}", self.kind())?;
        for tlv in self.tlvs().iter() {
            write!(f, " {:02x}:{}", tlv.kind, tlv.value.len())?;
        }
        Ok(())
    }
}

/// How long the QMI header of a service is.
const fn qmi_header_len(service: u8) -> usize {
    if service == 0 { 6 } else { 7 }
}

/// The checked headers of one frame.
struct Header {
    /// Length of the whole frame, marker included.
    frame_len: usize,
    /// Where the TLVs start.
    tlvs_at: usize,
}

impl Header {
    /// Checks the headers at the start of `bytes`; `None` when they are not all there yet.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let Some(&marker) = bytes.first() else { return Ok(None) };
        if marker != MARKER {
            return Err(Error::bad_value(&"marker"));
        }
        if bytes.get(3).is_some_and(|control| control & !FROM_MODEM != 0) {
            return Err(Error::bad_value(&"control flags"));
        }
        let Some(qmux_len) = u16_at(bytes, 1) else { return Ok(None) };
        let frame_len = usize::from(qmux_len) + 1;
        if frame_len > MAX_FRAME_LEN {
            return Err(Error::TooLarge);
        }
        let Some(&service) = bytes.get(4) else { return Ok(None) };
        let tlvs_at = QMUX_HEADER_LEN + qmi_header_len(service);
        if frame_len < tlvs_at {
            return Err(Error::BadLength);
        }
        let Some(tlvs_len) = u16_at(bytes, tlvs_at - 2) else { return Ok(None) };
        if tlvs_at + usize::from(tlvs_len) != frame_len {
            return Err(Error::BadLength);
        }
        Ok(Some(Self { frame_len, tlvs_at }))
    }

    /// Takes the message out of `bytes`, which start with this header.
    fn message(&self, bytes: &[u8]) -> Result<RawMessage, Error> {
        let tlvs = bytes.get(self.tlvs_at..self.frame_len).ok_or(Error::Truncated)?;
        let byte = |at: usize| bytes.get(at).copied().ok_or(Error::Truncated);
        let service = Service::from_code(byte(4)?);
        let transaction = match service == Service::Ctl {
            true => u16::from(byte(7)?),
            false => u16_at(bytes, 7).ok_or(Error::Truncated)?,
        };
        Ok(RawMessage {
            control: byte(3)?,
            service,
            client: byte(5)?,
            flags: byte(6)?,
            transaction,
            message: u16_at(bytes, self.tlvs_at - 4).ok_or(Error::Truncated)?,
            tlvs: tlvs.to_vec(),
        })
    }
}

/// The little-endian number at `at`.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at.checked_add(1)?)?]))
}
