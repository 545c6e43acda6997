//! What is wrong with the conversation itself.

use super::code::codes;

codes! {
    /// The reason in MBIM_HOST_ERROR_MSG and MBIM_FUNCTION_ERROR_MSG (9.3.4, 9.4.4).
    pub struct ProtocolError: u32 {
        /// The next fragment did not come in time.
        TimeoutFragment = 1,
        /// A fragment is not the one that was to come.
        FragmentOutOfSequence = 2,
        /// A length does not fit the message.
        LengthMismatch = 3,
        /// The transaction id is in use.
        DuplicatedTransaction = 4,
        /// The function is not open: it was closed, or its firmware restarted.
        NotOpened = 5,
        /// It knows no better.
        Unknown = 6,
        /// The host gave the operation up.
        Cancel = 7,
        /// A message is longer than the function takes.
        MaxTransfer = 8,
    }
}
