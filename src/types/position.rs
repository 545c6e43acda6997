//! Where a satellite receiver says that it is.

/// A fix. It tells where somebody is: shown to whoever asks for it, and to nobody else.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// North positive, in ten-millionths of a degree.
    pub latitude_e7: i64,
    /// East positive, in ten-millionths of a degree.
    pub longitude_e7: i64,
    /// Above the sea, in tenths of a metre.
    pub altitude_dm: Option<i64>,
    /// How many satellites it is made of.
    pub satellites: Option<u32>,
    /// When, UTC, as `2026-11-21T12:00:00Z`, or the time of day alone.
    pub time: Option<String>,
}

impl core::fmt::Debug for Position {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Position")
    }
}
