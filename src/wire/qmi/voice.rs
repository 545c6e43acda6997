//! VOICE, service 0x09: USSD and nothing else of it. `qmi-service-voice.json`, `qmi-enums-voice.h`.

use super::{Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::{Secret, UssdText};
use crate::wire::Error;

/// `QmiVoiceUssDataCodingScheme`.
const ASCII: u8 = 0x01;
const UCS2: u8 = 0x03;

/// `QmiVoiceUserAction`: a reply is required.
const REPLY_REQUIRED: u8 = 0x02;

/// Indication Register (0x0003): asks for [`UssdIndication`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndicationRegisterRequest {
    /// TLV 0x16: whether to be told of USSD.
    pub ussd: bool,
}

impl Request for IndicationRegisterRequest {
    const SERVICE: Service = Service::Voice;
    const MESSAGE: u16 = 0x0003;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_flag(0x16, self.ussd);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Originate USSD (0x003A), whose reply has the network's answer.
pub const ORIGINATE_USSD: u16 = 0x003A;

/// Answer USSD (0x003B).
pub const ANSWER_USSD: u16 = 0x003B;

/// Originate USSD No Wait (0x0043), whose reply comes at once.
pub const ORIGINATE_USSD_NO_WAIT: u16 = 0x0043;

/// One of the messages that take a text to the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UssdRequest<const MESSAGE: u16> {
    /// TLV 0x01: the text.
    pub text: Secret,
}

impl<const MESSAGE: u16> Request for UssdRequest<MESSAGE> {
    const SERVICE: Service = Service::Voice;
    const MESSAGE: u16 = MESSAGE;
    /// TLV 0x16, 0x12: what the network answered, where it is in the reply.
    type Response = Option<UssdText>;

    fn write(&self, tlvs: &mut TlvWriter) {
        let text = self.text.expose();
        let mut sequence = Sequence::new();
        if text.is_ascii() {
            sequence.u8(ASCII).bytes8(text.as_bytes());
        } else {
            sequence.u8(UCS2).bytes8(&crate::wire::sms::encode_ussd_ucs2(text));
        }
        tlvs.put_sequence(0x01, sequence);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Option<UssdText>, Error> {
        Ok(text_of(tlvs, 0x16, 0x12).map(|text| UssdText { text, wants_reply: false }))
    }
}

/// Whether a text fits behind the one octet that says how long it is.
pub fn is_ussd_sendable(text: &Secret) -> bool {
    let text = text.expose();
    let octets = if text.is_ascii() { text.len() } else { 2 * text.encode_utf16().count() };
    octets <= usize::from(u8::MAX)
}

/// Cancel USSD (0x003C).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelUssdRequest;

impl Request for CancelUssdRequest {
    const SERVICE: Service = Service::Voice;
    const MESSAGE: u16 = 0x003C;
    type Response = ();

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// What is told of USSD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UssdIndication {
    /// Release USSD (0x003D): the network has ended the session.
    Released,
    /// USSD (0x003E), or Originate USSD No Wait (0x0043): the network says something.
    Told(UssdText),
    /// Originate USSD No Wait (0x0043): the code failed; TLV 0x10 the error, 0x11 the cause, a
    /// `QmiVoiceCallEndReason`.
    Failed(Option<u16>, Option<u16>),
}

impl UssdIndication {
    /// Reads one; `None` when it is about something else.
    pub fn read(message: u16, tlvs: Tlvs<'_>) -> Option<Self> {
        match message {
            0x003D => Some(Self::Released),
            0x003E => {
                let wants_reply = tlvs.optional(0x01, TlvReader::u8) == Some(REPLY_REQUIRED);
                let text = text_of(tlvs, 0x11, 0x10).unwrap_or_default();
                Some(Self::Told(UssdText { text, wants_reply }))
            }
            ORIGINATE_USSD_NO_WAIT => Some(match text_of(tlvs, 0x14, 0x12) {
                Some(text) => Self::Told(UssdText { text, wants_reply: false }),
                None => {
                    let number = |kind| tlvs.optional(kind, TlvReader::u16);
                    Self::Failed(number(0x10), number(0x11))
                }
            }),
            _ => None,
        }
    }
}

/// A text that is there twice: in UTF-16, its low octet first, and in a coding that is said.
fn text_of(tlvs: Tlvs<'_>, utf16: u8, coded: u8) -> Option<String> {
    let units = tlvs.optional(utf16, |r| r.list8(TlvReader::u16));
    let units = units.map(|units| String::from_utf16_lossy(&units));
    units.or_else(|| {
        tlvs.optional(coded, |r| {
            let (coding, octets) = (r.u8()?, r.bytes8()?);
            Some(if coding == UCS2 {
                crate::wire::sms::decode_ussd(octets, crate::wire::sms::USSD_UCS2)
            } else {
                String::from_utf8_lossy(octets).into_owned()
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_ascii_and_another_text_is_ucs2() {
        let tlvs = |text| UssdRequest::<ORIGINATE_USSD> { text: Secret::new(text) }.tlvs().unwrap();
        assert_eq!(tlvs("*100#"), [0x01, 7, 0, ASCII, 5, b'*', b'1', b'0', b'0', b'#']);
        assert_eq!(tlvs("ж"), [0x01, 4, 0, UCS2, 2, 0x04, 0x36]);
    }

    #[test]
    fn a_text_is_as_long_as_an_octet_can_say() {
        let is_sendable = |text: &str, count| is_ussd_sendable(&Secret::new(text.repeat(count)));
        assert!(is_sendable("1", 182));
        assert!(is_sendable("é", 127));
        assert!(!is_sendable("é", 128));
        assert!(!is_sendable("😀", 64));
    }

    #[test]
    fn what_is_told_is_read_from_either_text_and_nothing_is_shown() {
        let read = |message, bytes: &[u8]| UssdIndication::read(message, Tlvs::new(bytes));
        let told = |text: &str, wants_reply| {
            Some(UssdIndication::Told(UssdText { text: text.to_owned(), wants_reply }))
        };
        assert_eq!(read(0x003E, &[1, 1, 0, 2, 0x10, 4, 0, ASCII, 2, b'H', b'i']), told("Hi", true));
        assert_eq!(read(0x003E, &[0x10, 4, 0, UCS2, 2, 4, 0x36]), told("ж", false));
        let both = [0x12, 3, 0, ASCII, 1, b'?', 0x14, 3, 0, 1, 0x36, 4];
        assert_eq!(read(0x0043, &both), told("ж", false));
        assert_eq!(read(0x003D, &[]), Some(UssdIndication::Released));
        let failed = [0x10, 2, 0, 3, 0, 0x11, 2, 0, 0x85, 0];
        assert_eq!(read(0x0043, &failed), Some(UssdIndication::Failed(Some(3), Some(133))));
        assert_eq!(read(0x003E, &[0x10, 3, 0, ASCII, 200, b'x']), told("", false));
        assert_eq!(read(0x0044, &[]), None);
        assert!(!format!("{:?}", told("Hi", true)).contains("Hi"));
    }
}
