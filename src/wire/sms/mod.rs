//! Short messages: 3GPP TS 23.040, and the alphabets of 23.038, which USSD has too.
//!
//! [`Pdu`] is one message, with its parts decoded. [`split()`] makes the user data of as few
//! messages as a text needs, [`join()`] makes one text of those of several. What a sender may put
//! into a header without our knowing is kept; a text that is cut short is read as far as it goes;
//! octets that cannot be a message are an error.

mod address;
mod alphabet;
mod coding;
mod header;
mod pdu;
mod split;
#[cfg(test)]
mod tests;
mod timestamp;
mod user_data;
mod ussd;

pub use address::Address;
pub use alphabet::{Alphabet, pack, unpack};
pub use coding::Coding;
pub use header::{Concat, Header};
pub use pdu::{Deliver, Delivery, Pdu, StatusReport, Submit, Validity};
pub use split::{PARTS_MAX, hex, join, split};
pub use timestamp::{Timestamp, rfc3339, unix_secs};
pub use user_data::{Body, OCTETS_MAX, UserData};
pub use ussd::{
    USSD_GSM7, USSD_OCTETS_MAX, USSD_UCS2, decode_ussd, decode_ussd_codes, encode_ussd,
    encode_ussd_ucs2,
};
