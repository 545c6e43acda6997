//! WMS, service 0x05: short messages. `qmi-service-wms.json`, `qmi-enums-wms.h`.

use super::code::codes;
use super::{QmiError, Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use crate::wire::Error;

codes! {
    /// A memory for messages.
    pub struct Storage: u8 {
        /// The SIM's.
        Uim = 0x00,
        /// The modem's own.
        Nv = 0x01,
        /// None: the message is only told.
        None = 0xFF,
    }
}

/// The format of a message of 3GPP, in all of this service's requests.
const FORMAT_3GPP: u8 = 0x06;

/// The message mode of 3GPP, where a modem could also mean that of CDMA.
const MODE_3GPP: u8 = 0x01;

/// How many messages one list may name.
const LIST_MAX: u32 = 1024;

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePlace {
    /// In which memory.
    pub storage: Storage,
    /// Where in it.
    pub index: u32,
}

/// Set Event Report (0x0001): asks for [`EventReportIndication`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetEventReportRequest {
    /// TLV 0x10: whether to be told of new messages.
    pub new_messages: bool,
}

impl Request for SetEventReportRequest {
    const SERVICE: Service = Service::Wms;
    const MESSAGE: u16 = 0x0001;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_flag(0x10, self.new_messages);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Event Report (0x0001): a message came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventReportIndication {
    /// TLV 0x10: it is stored there.
    pub stored: Option<MessagePlace>,
    /// TLV 0x11: it is only told; what it is.
    pub transferred: Option<Transferred>,
}

/// A message that no memory holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Transferred {
    /// The modem waits for [`SendAckRequest`] with this number; `None` when it has answered itself.
    pub acknowledge: Option<u32>,
    /// The message, behind a service centre's address; `None` when it is not one of 3GPP.
    pub message: Option<Vec<u8>>,
}

/// Only whether there is a message.
impl core::fmt::Debug for Transferred {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Transferred")
            .field("acknowledge", &self.acknowledge)
            .finish_non_exhaustive()
    }
}

impl EventReportIndication {
    /// The message's number.
    pub const MESSAGE: u16 = 0x0001;

    /// Reads its TLVs.
    pub fn read(tlvs: Tlvs<'_>) -> Self {
        let place = |r: &mut TlvReader<'_>| {
            Some(MessagePlace { storage: Storage::from_code(r.u8()?), index: r.u32()? })
        };
        let transferred = |r: &mut TlvReader<'_>| {
            let (is_answered, number) = (r.u8()? != 0, r.u32()?);
            let (format, message) = (r.u8()?, r.bytes16()?);
            Some(Transferred {
                acknowledge: (!is_answered).then_some(number),
                message: (format == FORMAT_3GPP).then(|| message.to_vec()),
            })
        };
        Self { stored: tlvs.optional(0x10, place), transferred: tlvs.optional(0x11, transferred) }
    }
}

/// Send Ack (0x0037): tells the network that a transferred message has been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendAckRequest {
    /// TLV 0x01: [`Transferred::acknowledge`].
    pub transaction: u32,
}

impl Request for SendAckRequest {
    const SERVICE: Service = Service::Wms;
    const MESSAGE: u16 = 0x0037;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        let mut sequence = Sequence::new();
        sequence.u32(self.transaction).u8(MODE_3GPP).u8(1);
        tlvs.put_sequence(0x01, sequence);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Raw Send (0x0020).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSendRequest {
    /// TLV 0x01: the message behind a service centre's address.
    pub message: Vec<u8>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawSendResponse {
    /// Whether it was sent.
    pub result: Result<(), QmiError>,
    /// TLV 0x01: the reference it was sent with.
    pub reference: Option<u16>,
    /// TLV 0x12: why the network refused it, TS 24.011 E.2.
    pub rp_cause: Option<u16>,
}

impl RawSendResponse {
    fn of(result: Result<(), QmiError>, tlvs: Tlvs<'_>) -> Self {
        Self {
            result,
            reference: tlvs.optional(0x01, TlvReader::u16),
            rp_cause: tlvs.optional(0x12, TlvReader::u16),
        }
    }
}

impl Request for RawSendRequest {
    const SERVICE: Service = Service::Wms;
    const MESSAGE: u16 = 0x0020;
    type Response = RawSendResponse;

    fn write(&self, tlvs: &mut TlvWriter) {
        put_message(tlvs, &self.message);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<RawSendResponse, Error> {
        Ok(RawSendResponse::of(Ok(()), tlvs))
    }

    fn refused(error: QmiError, tlvs: Tlvs<'_>) -> Result<RawSendResponse, QmiError> {
        Ok(RawSendResponse::of(Err(error), tlvs))
    }
}

fn put_message(tlvs: &mut TlvWriter, message: &[u8]) {
    let mut sequence = Sequence::new();
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    sequence.u8(FORMAT_3GPP).u16(length).bytes(message);
    tlvs.put_sequence(0x01, sequence);
}

/// Raw Read (0x0022).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawReadRequest {
    /// TLV 0x01.
    pub place: MessagePlace,
}

impl Request for RawReadRequest {
    const SERVICE: Service = Service::Wms;
    const MESSAGE: u16 = 0x0022;
    /// TLV 0x01: the message behind a service centre's address; `None` when it is not one of 3GPP.
    type Response = Option<Vec<u8>>;

    fn write(&self, tlvs: &mut TlvWriter) {
        put_place(tlvs, self.place);
        tlvs.put_u8(0x10, MODE_3GPP);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Option<Vec<u8>>, Error> {
        tlvs.mandatory(0x01, &"raw message data", |r| {
            let (_tag, format) = (r.u8()?, r.u8()?);
            let message = r.bytes16()?;
            Some((format == FORMAT_3GPP).then(|| message.to_vec()))
        })
    }
}

fn put_place(tlvs: &mut TlvWriter, place: MessagePlace) {
    let mut sequence = Sequence::new();
    sequence.u8(place.storage.code()).u32(place.index);
    tlvs.put_sequence(0x01, sequence);
}

/// Delete (0x0024).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteRequest {
    /// TLVs 0x01 and 0x10.
    pub place: MessagePlace,
}

impl Request for DeleteRequest {
    const SERVICE: Service = Service::Wms;
    const MESSAGE: u16 = 0x0024;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.place.storage.code());
        tlvs.put_u32(0x10, self.place.index);
        tlvs.put_u8(0x12, MODE_3GPP);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Which messages [`ListMessagesRequest`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Received, and read by somebody.
    Read,
    /// Received and new.
    Unread,
}

/// List Messages (0x0031).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListMessagesRequest {
    /// TLV 0x01.
    pub storage: Storage,
    /// TLV 0x11.
    pub tag: Tag,
}

impl Request for ListMessagesRequest {
    const SERVICE: Service = Service::Wms;
    const MESSAGE: u16 = 0x0031;
    /// TLV 0x01: where they are.
    type Response = Vec<u32>;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.storage.code());
        tlvs.put_u8(0x11, u8::from(self.tag == Tag::Unread));
        tlvs.put_u8(0x12, MODE_3GPP);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Vec<u32>, Error> {
        tlvs.mandatory(0x01, &"message list", |r| {
            let count = r.u32()?;
            if count > LIST_MAX {
                return Some(Err(Error::TooLarge));
            }
            let mut list = Vec::new();
            for _ in 0..count {
                let (index, _tag) = (r.u32()?, r.u8()?);
                list.push(index);
            }
            Some(Ok(list))
        })?
    }
}

/// Set Routes (0x0032): where messages of each class go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetRoutesRequest {
    /// TLV 0x01: the memory for those that no class sends elsewhere.
    pub storage: Storage,
}

impl Request for SetRoutesRequest {
    const SERVICE: Service = Service::Wms;
    const MESSAGE: u16 = 0x0032;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        /// Point to point.
        const MESSAGE_TYPE: u8 = 0x00;
        /// Classes 0 to 3, and none, TS 23.038 4.
        const CLASSES: [u8; 5] = [0, 1, 2, 3, 4];
        /// What is received is stored and then told.
        const STORE_AND_NOTIFY: u8 = 0x01;
        /// Reports come as messages do.
        const TO_CLIENT: u8 = 0x01;
        let mut sequence = Sequence::new();
        sequence.u16(5);
        for class in CLASSES {
            // Class 2 is for the SIM by definition.
            let storage = if class == 2 { Storage::Uim } else { self.storage };
            sequence.u8(MESSAGE_TYPE).u8(class).u8(storage.code()).u8(STORE_AND_NOTIFY);
        }
        tlvs.put_sequence(0x01, sequence);
        tlvs.put_u8(0x10, TO_CLIENT);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}
