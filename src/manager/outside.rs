//! What inputs and outputs name: ports, and what is kept.

/// What is kept over the daemon's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// An interface that is connected, until the router restarts.
    Interface(String),
    /// Which PINs were refused, for good.
    Marks,
    /// Where the recovery ladder of the modem with this path stands, until the router restarts.
    Ladder(String),
    /// That the power of the modem with this path is off, until the router restarts.
    Power(String),
    /// The trial of bands and the network chosen by hand of the modem with this path, until the
    /// router restarts.
    Choice(String),
    /// How often the router was restarted in vain, for good.
    Reboots,
    /// The short messages, for good.
    Inbox,
}

/// What a port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortKind {
    /// A control port that carries messages.
    Control,
    /// A serial port.
    Serial,
}
