//! How fast a connection is.

/// What a speed test has measured, in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeedReport {
    /// The server's name, whatever its list says.
    pub server: String,
    /// How long an answer of the server takes, in hundredths of a millisecond.
    pub ping: u32,
    /// How much that varies, in hundredths of a millisecond.
    pub jitter: u32,
    /// From the server, in hundredths of a Mbit/s.
    pub download: u32,
    /// To the server, in hundredths of a Mbit/s.
    pub upload: u32,
}
