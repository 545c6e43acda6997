//! Short messages and USSD, as everything above the drivers knows them.

use core::fmt;

/// Where a modem keeps a message: which memory, in the words of its driver, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SmsPlace {
    /// The memory.
    pub memory: u8,
    /// The place in it.
    pub index: u32,
}

impl SmsPlace {
    /// Not a memory: the network holds the message, under a number, until it is acknowledged.
    pub const NETWORK: u8 = u8::MAX;

    /// Whether the network holds it, which brings it again when it is not acknowledged in time.
    pub const fn is_network(self) -> bool {
        self.memory == Self::NETWORK
    }
}

/// A message as it came over the air, which may be a part of a longer one.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsPart {
    /// Who sent it: a number with its `+`, or a name. Hostile text.
    pub number: String,
    /// When the service centre got it, in seconds since 1970; `None` when it does not say.
    pub unix_secs: Option<i64>,
    /// Where it belongs, if it is a part.
    pub place: Option<SmsPartOf>,
    /// Its text in UTF-16, for a character may be half in this part and half in the next.
    pub text: Vec<u16>,
}

/// Neither who wrote nor what: it must not get into a log.
impl fmt::Debug for SmsPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsPart").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Which part of a longer message one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsPartOf {
    /// The same in all parts.
    pub reference: u16,
    /// How many there are.
    pub total: u8,
    /// Which it is, from 1.
    pub number: u8,
}

/// What has become of a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsDelivery {
    /// The recipient has it.
    Delivered,
    /// The service centre still tries.
    Trying,
    /// The service centre has given up.
    Failed,
}

/// What a service centre reports of a message of ours.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsReport {
    /// The reference that the message was sent with.
    pub reference: u8,
    /// Whom it was for.
    pub number: String,
    /// What has become of it.
    pub delivery: SmsDelivery,
}

/// Not for whom.
impl fmt::Debug for SmsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SmsReport");
        debug.field("reference", &self.reference).field("delivery", &self.delivery);
        debug.finish_non_exhaustive()
    }
}

/// What a modem has received, or holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsContent {
    /// A message for us.
    Part(SmsPart),
    /// Word of one of ours.
    Report(SmsReport),
    /// Nothing to show, and nothing to keep.
    Nothing,
    /// One of ours, which somebody else put there.
    Own,
}

/// A message ready to be sent: a TPDU, 3GPP TS 23.040 9.2.2.2.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsPdu(pub Vec<u8>);

/// Only how long it is.
impl fmt::Debug for SmsPdu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmsPdu({} octets)", self.0.len())
    }
}

/// What a network says over USSD.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdText {
    /// The text. Hostile.
    pub text: String,
    /// Whether it waits for a reply; else the session is over.
    pub wants_reply: bool,
}

/// Not what it says.
impl fmt::Debug for UssdText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UssdText").field("wants_reply", &self.wants_reply).finish_non_exhaustive()
    }
}
