//! Short messages (10.6), libmbim's `data/mbim-service-sms.json`. In PDU mode, which is that of
//! 3GPP; a PDU stands behind its service centre's address.

use super::{Command, CommandKind, Info, InfoWriter, Service};
use crate::wire::Error;

/// MBIM_CID_SMS_READ
pub const CID_SMS_READ: u32 = 2;

/// MBIM_CID_SMS_MESSAGE_STORE_STATUS
pub const CID_SMS_STORE_STATUS: u32 = 5;

/// MBIM_SMS_FORMAT: PDU.
const FORMAT_PDU: u32 = 0;

/// MBIM_SMS_FLAG: every message, or the one with an index.
const FLAG_ALL: u32 = 0;
const FLAG_INDEX: u32 = 1;

/// MBIM_SMS_STATUS: from here on they are the owner's.
const STATUS_DRAFT: u32 = 2;

/// No more of a PDU is read; none has more than 176 octets, 3GPP TS 23.040 9.2.3 and TS 24.011.
const PDU_MAX: usize = 255;

/// MBIM_CID_SMS_CONFIGURATION: asks whether messages can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsConfigurationQuery;

/// MBIM_SMS_CONFIGURATION_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsConfiguration {
    /// Whether the memory can be read.
    pub is_initialized: bool,
    /// Whether messages are PDUs of 3GPP.
    pub is_pdu: bool,
}

impl Command for SmsConfigurationQuery {
    const SERVICE: Service = Service::Sms;
    const CID: u32 = 1;
    const KIND: CommandKind = CommandKind::Query;
    type Response = SmsConfiguration;

    fn read(mut info: Info<'_>) -> Result<SmsConfiguration, Error> {
        let (state, format) = (info.u32()?, info.u32()?);
        Ok(SmsConfiguration { is_initialized: state != 0, is_pdu: format == FORMAT_PDU })
    }
}

/// MBIM_CID_SMS_READ: asks for one message, or for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsReadQuery {
    /// Where it is.
    pub index: Option<u32>,
}

/// MBIM_SMS_PDU_RECORD
#[derive(Clone, PartialEq, Eq)]
pub struct SmsRecord {
    /// Where it is; 0 when it is not stored.
    pub index: u32,
    /// Whether it was received, and is not the owner's.
    pub is_received: bool,
    /// The message. Hostile.
    pub pdu: Vec<u8>,
}

/// Not what it says.
impl core::fmt::Debug for SmsRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SmsRecord({})", self.index)
    }
}

impl SmsRecord {
    /// Reads MBIM_SMS_READ_INFO; what cannot be read, or is not of 3GPP, is left out.
    ///
    /// # Errors
    /// When there is less of it than it says.
    pub fn read_all(info: &mut Info<'_>) -> Result<Vec<Self>, Error> {
        let (format, count) = (info.u32()?, info.u32()?);
        if format != FORMAT_PDU {
            return Ok(Vec::new());
        }
        let mut records = Vec::new();
        info.each(count, &mut |info| {
            // One that points beyond the end takes none of the others along.
            if let Ok(mut record) = info.structure()
                && let Ok(record) = Self::read(&mut record)
            {
                records.push(record);
            }
            Ok(())
        })?;
        Ok(records)
    }

    fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let (index, status) = (info.u32()?, info.u32()?);
        let pdu = info.bytes()?;
        let pdu = pdu.get(..pdu.len().min(PDU_MAX)).unwrap_or_default().to_vec();
        Ok(Self { index, is_received: status < STATUS_DRAFT, pdu })
    }
}

impl Command for SmsReadQuery {
    const SERVICE: Service = Service::Sms;
    const CID: u32 = CID_SMS_READ;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Vec<SmsRecord>;

    fn write(&self, info: &mut InfoWriter) {
        let flag = if self.index.is_some() { FLAG_INDEX } else { FLAG_ALL };
        info.u32(FORMAT_PDU).u32(flag).u32(self.index.unwrap_or_default());
    }

    fn read(mut info: Info<'_>) -> Result<Vec<SmsRecord>, Error> {
        SmsRecord::read_all(&mut info)
    }
}

/// MBIM_CID_SMS_SEND
#[derive(Clone, PartialEq, Eq)]
pub struct SmsSendSet {
    /// The message behind a service centre's address.
    pub pdu: Vec<u8>,
}

impl Command for SmsSendSet {
    const SERVICE: Service = Service::Sms;
    const CID: u32 = 3;
    const KIND: CommandKind = CommandKind::Set;
    /// The reference that it was sent with.
    type Response = u32;

    fn write(&self, info: &mut InfoWriter) {
        // MBIM_SMS_SEND_PDU stands where it is, and its offset counts from its own start.
        info.u32(FORMAT_PDU).u32(8).count(self.pdu.len()).bytes(&self.pdu);
        let rest = self.pdu.len().next_multiple_of(4) - self.pdu.len();
        info.bytes([0; 3].get(..rest).unwrap_or_default());
    }

    fn read(mut info: Info<'_>) -> Result<u32, Error> {
        info.u32()
    }
}

/// MBIM_CID_SMS_DELETE
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsDeleteSet {
    /// Where it is.
    pub index: u32,
}

impl Command for SmsDeleteSet {
    const SERVICE: Service = Service::Sms;
    const CID: u32 = 4;
    const KIND: CommandKind = CommandKind::Set;
    type Response = ();

    fn write(&self, info: &mut InfoWriter) {
        info.u32(FLAG_INDEX).u32(self.index);
    }

    fn read(_info: Info<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// MBIM_SMS_STATUS_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsStoreStatus {
    /// Whether the memory is full.
    pub is_full: bool,
    /// Where there is a new message.
    pub new: Option<u32>,
}

impl SmsStoreStatus {
    /// Reads the structure.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let (flags, index) = (info.u32()?, info.u32()?);
        Ok(Self { is_full: flags & 1 != 0, new: (flags & 2 != 0).then_some(index) })
    }
}
