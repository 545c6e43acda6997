//! The messages themselves, 3GPP TS 23.040 9.2.2.

use super::address::Address;
use super::coding::Coding;
use super::timestamp::Timestamp;
use super::user_data::UserData;
use crate::wire::Error;

/// Bit 2 of the first octet of SMS-DELIVER and SMS-STATUS-REPORT: no more messages wait. Theirs
/// and the following are named in 9.2.3.
const NO_MORE_MESSAGES: u8 = 0x04;
/// Bit 5: the centre is to report, or has been asked to.
const STATUS_REPORT: u8 = 0x20;
/// Bit 6: the user data begins with a header.
const HAS_HEADER: u8 = 0x40;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pdu {
    /// One that was sent to us.
    Deliver(Deliver),
    /// One that we send, or have sent.
    Submit(Submit),
    /// What became of one that we sent.
    StatusReport(StatusReport),
}

/// SMS-DELIVER, 9.2.2.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// TP-OA: who sent it.
    pub from: Address,
    /// TP-PID: what it is besides a text, 9.2.3.9.
    pub protocol: u8,
    /// TP-DCS.
    pub dcs: u8,
    /// TP-SCTS: when the service centre got it; `None` when it does not say.
    pub time: Option<Timestamp>,
    /// TP-UD.
    pub data: UserData,
}

/// SMS-SUBMIT, 9.2.2.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    /// TP-MR: by what a report names it.
    pub reference: u8,
    /// TP-DA: whom it is for.
    pub to: Address,
    /// TP-PID.
    pub protocol: u8,
    /// TP-DCS.
    pub dcs: u8,
    /// TP-SRR: whether the centre is to report what becomes of it.
    pub wants_report: bool,
    /// TP-VP: how long the centre keeps trying.
    pub validity: Validity,
    /// TP-UD.
    pub data: UserData,
}

/// How long the service centre tries to deliver a message, 9.2.3.12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// As long as the centre likes.
    Unlimited,
    /// So many minutes after it has got the message: steps of 5 minutes up to 12 hours, of 30
    /// minutes up to a day, of a day up to 30 days, of a week up to 63 weeks; rounded up.
    Minutes(u32),
    /// Until then.
    Until(Timestamp),
    /// The enhanced format, 9.2.3.12.3, or a time that is none.
    Other([u8; 7]),
}

/// SMS-STATUS-REPORT, 9.2.2.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// TP-MR: which message it is about.
    pub reference: u8,
    /// TP-RA: whom that was for.
    pub recipient: Address,
    /// TP-SCTS: when the service centre got the message.
    pub time: Option<Timestamp>,
    /// TP-DT: when what is reported happened.
    pub discharged: Option<Timestamp>,
    /// TP-ST: what happened.
    pub status: u8,
}

/// What a status means, 9.2.3.15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The recipient has it, or it was otherwise completed.
    Done,
    /// The centre still tries.
    Trying,
    /// The centre has given up.
    Failed,
}

impl StatusReport {
    /// What happened. A reserved value is a failure the centre goes on from, as 9.2.3.15 says.
    pub const fn delivery(&self) -> Delivery {
        match self.status {
            0x00..=0x1F => Delivery::Done,
            0x20..=0x3F => Delivery::Trying,
            _ => Delivery::Failed,
        }
    }
}

impl Pdu {
    /// Reads a message without a service centre's address. `is_outgoing` says that it is one of
    /// ours, for the same number means another message in each direction, 9.2.3.1.
    ///
    /// # Errors
    /// When it ends too early, or an address or a header runs over it.
    pub fn decode(bytes: &[u8], is_outgoing: bool) -> Result<Self, Error> {
        let (&first, rest) = bytes.split_first().ok_or(Error::Truncated)?;
        match (first & 0x03, is_outgoing) {
            // A message of the reserved type is read as a delivery, 9.2.3.1.
            (0 | 3, false) => Deliver::decode(first, rest).map(Self::Deliver),
            (2, false) => StatusReport::decode(rest).map(Self::StatusReport),
            (1, true) => Submit::decode(first, rest).map(Self::Submit),
            _ => Err(Error::bad_value(&"message type")),
        }
    }

    /// Reads a message behind a service centre's address, as AT commands and QMI give it. One that
    /// a memory holds may be one of ours, which its own type tells.
    ///
    /// # Errors
    /// As [`Pdu::decode`].
    pub fn decode_with_centre(bytes: &[u8]) -> Result<(Option<Address>, Self), Error> {
        let (centre, rest) = Address::read_centre(bytes)?;
        Ok((centre, Self::decode_either(rest)?))
    }

    /// What stands behind a service centre's address.
    ///
    /// # Errors
    /// When the address runs over the end.
    pub fn behind_centre(bytes: &[u8]) -> Result<&[u8], Error> {
        Ok(Address::read_centre(bytes)?.1)
    }

    /// Reads a message that may be one of ours, which says so itself.
    ///
    /// # Errors
    /// As [`Pdu::decode`].
    pub fn decode_either(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes, bytes.first().is_some_and(|first| first & 0x03 == 1))
    }

    /// The message without a service centre's address.
    ///
    /// # Errors
    /// When something is too long, or the text has characters that its alphabet lacks.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Deliver(deliver) => deliver.encode(),
            Self::Submit(submit) => submit.encode(),
            Self::StatusReport(report) => report.encode(),
        }
    }

    /// The message behind a service centre's address; without one the modem uses its own.
    ///
    /// # Errors
    /// As [`Pdu::encode`].
    pub fn encode_with_centre(&self, centre: Option<&Address>) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        Address::write_centre(centre, &mut bytes)?;
        bytes.extend(self.encode()?);
        Ok(bytes)
    }
}

impl Deliver {
    fn decode(first: u8, rest: &[u8]) -> Result<Self, Error> {
        let rest = &mut &*rest;
        let from = Address::read(rest)?;
        let [protocol, dcs] = take(rest)?;
        let time = read_time(rest)?;
        let data = UserData::read(rest, Coding::of_message(dcs), first & HAS_HEADER != 0)?;
        Ok(Self { from, protocol, dcs, time, data })
    }

    fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![NO_MORE_MESSAGES];
        self.from.write(&mut bytes)?;
        bytes.extend([self.protocol, self.dcs]);
        bytes.extend(write_time(self.time)?);
        let has_header = self.data.write(&mut bytes)?;
        flag(&mut bytes, HAS_HEADER, has_header);
        Ok(bytes)
    }
}

impl Submit {
    fn decode(first: u8, rest: &[u8]) -> Result<Self, Error> {
        let rest = &mut &*rest;
        let [reference] = take(rest)?;
        let to = Address::read(rest)?;
        let [protocol, dcs] = take(rest)?;
        let validity = Validity::read(first >> 3 & 0x03, rest)?;
        let data = UserData::read(rest, Coding::of_message(dcs), first & HAS_HEADER != 0)?;
        let wants_report = first & STATUS_REPORT != 0;
        Ok(Self { reference, to, protocol, dcs, wants_report, validity, data })
    }

    /// The message without a service centre's address.
    ///
    /// # Errors
    /// As [`Pdu::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0x01, self.reference];
        self.to.write(&mut bytes)?;
        bytes.extend([self.protocol, self.dcs]);
        let format = self.validity.write(&mut bytes)?;
        let has_header = self.data.write(&mut bytes)?;
        flag(&mut bytes, format << 3, true);
        flag(&mut bytes, STATUS_REPORT, self.wants_report);
        flag(&mut bytes, HAS_HEADER, has_header);
        Ok(bytes)
    }
}

impl StatusReport {
    fn decode(rest: &[u8]) -> Result<Self, Error> {
        let rest = &mut &*rest;
        let [reference] = take(rest)?;
        let recipient = Address::read(rest)?;
        let (time, discharged) = (read_time(rest)?, read_time(rest)?);
        let [status] = take(rest)?;
        Ok(Self { reference, recipient, time, discharged, status })
    }

    fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0x02 | NO_MORE_MESSAGES, self.reference];
        self.recipient.write(&mut bytes)?;
        bytes.extend(write_time(self.time)?);
        bytes.extend(write_time(self.discharged)?);
        bytes.push(self.status);
        Ok(bytes)
    }
}

/// The relative format, 9.2.3.12.1: the first value of each step, its minutes, and those of one
/// more.
const STEPS: [(u8, u32, u32); 4] =
    [(0, 5, 5), (144, 750, 30), (168, 2 * 1440, 1440), (197, 35 * 1440, 7 * 1440)];

impl Validity {
    fn read(format: u8, rest: &mut &[u8]) -> Result<Self, Error> {
        match format {
            0 => Ok(Self::Unlimited),
            2 => {
                let [value] = take(rest)?;
                Ok(Self::Minutes(minutes(value)))
            }
            _ => {
                let octets = take(rest)?;
                let time = Timestamp::read(octets).ok().filter(|_| format == 3);
                Ok(time.map_or(Self::Other(octets), Self::Until))
            }
        }
    }

    /// Appends the validity and returns its format.
    fn write(self, bytes: &mut Vec<u8>) -> Result<u8, Error> {
        match self {
            Self::Unlimited => return Ok(0),
            Self::Minutes(wanted) => {
                bytes.push((0..=u8::MAX).find(|v| minutes(*v) >= wanted).unwrap_or(u8::MAX));
                return Ok(2);
            }
            Self::Until(time) => bytes.extend(time.write()?),
            Self::Other(octets) => {
                bytes.extend(octets);
                return Ok(1);
            }
        }
        Ok(3)
    }
}

fn minutes(value: u8) -> u32 {
    let step = STEPS.iter().rev().find(|(first, ..)| value >= *first);
    step.map_or(0, |(first, minutes, more)| minutes + u32::from(value - first) * more)
}

fn read_time(rest: &mut &[u8]) -> Result<Option<Timestamp>, Error> {
    Ok(Timestamp::read(take(rest)?).ok())
}

/// Takes so many octets off the front.
pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Error> {
    let (octets, after) = rest.split_first_chunk().ok_or(Error::Truncated)?;
    *rest = after;
    Ok(*octets)
}

fn write_time(time: Option<Timestamp>) -> Result<[u8; 7], Error> {
    time.map_or(Ok([0; 7]), Timestamp::write)
}

fn flag(bytes: &mut [u8], bit: u8, is_set: bool) {
    if let Some(first) = bytes.first_mut().filter(|_| is_set) {
        *first |= bit;
    }
}
