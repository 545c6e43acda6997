//! How a ubus request or call ended: `enum ubus_msg_status` of ubus.

use core::fmt;

/// The status codes of ubus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It was done.
    Ok,
    /// The bus does not know the request.
    InvalidCommand,
    /// An argument is missing, unknown, or not of its type.
    InvalidArgument,
    /// The object has no such method.
    MethodNotFound,
    /// There is no such object, or what an argument names.
    NotFound,
    /// There was no answer.
    NoData,
    /// The caller may not.
    PermissionDenied,
    /// The answer did not come in time.
    Timeout,
    /// This device or build cannot.
    NotSupported,
    /// It failed in a way that has no code here; also any code this list does not know.
    UnknownError,
    /// There is no connection to the bus, or it broke.
    ConnectionFailed,
    /// Too much is going on already, or the answer is too large.
    NoMemory,
    /// A message could not be read.
    ParseError,
    /// A system call failed.
    SystemError,
}

impl Status {
    /// Every status, in the order of the codes.
    pub const ALL: [Self; 14] = [
        Self::Ok,
        Self::InvalidCommand,
        Self::InvalidArgument,
        Self::MethodNotFound,
        Self::NotFound,
        Self::NoData,
        Self::PermissionDenied,
        Self::Timeout,
        Self::NotSupported,
        Self::UnknownError,
        Self::ConnectionFailed,
        Self::NoMemory,
        Self::ParseError,
        Self::SystemError,
    ];

    /// The code on the wire; also what `ubus call` exits with.
    pub const fn code(self) -> u32 {
        match self {
            Self::Ok => 0,
            Self::InvalidCommand => 1,
            Self::InvalidArgument => 2,
            Self::MethodNotFound => 3,
            Self::NotFound => 4,
            Self::NoData => 5,
            Self::PermissionDenied => 6,
            Self::Timeout => 7,
            Self::NotSupported => 8,
            Self::UnknownError => 9,
            Self::ConnectionFailed => 10,
            Self::NoMemory => 11,
            Self::ParseError => 12,
            Self::SystemError => 13,
        }
    }

    /// The status that `code` means; [`Self::UnknownError`] for a code that is not in the list.
    pub fn from_code(code: u32) -> Self {
        Self::ALL.into_iter().find(|status| status.code() == code).unwrap_or(Self::UnknownError)
    }

    /// The name as `ubusmsg.h` spells it, without its prefix: `INVALID_ARGUMENT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::InvalidCommand => "INVALID_COMMAND",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::MethodNotFound => "METHOD_NOT_FOUND",
            Self::NotFound => "NOT_FOUND",
            Self::NoData => "NO_DATA",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::Timeout => "TIMEOUT",
            Self::NotSupported => "NOT_SUPPORTED",
            Self::UnknownError => "UNKNOWN_ERROR",
            Self::ConnectionFailed => "CONNECTION_FAILED",
            Self::NoMemory => "NO_MEMORY",
            Self::ParseError => "PARSE_ERROR",
            Self::SystemError => "SYSTEM_ERROR",
        }
    }

    /// The words that the `ubus` tool prints for it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Ok => "Success",
            Self::InvalidCommand => "Invalid command",
            Self::InvalidArgument => "Invalid argument",
            Self::MethodNotFound => "Method not found",
            Self::NotFound => "Not found",
            Self::NoData => "No response",
            Self::PermissionDenied => "Permission denied",
            Self::Timeout => "Request timed out",
            Self::NotSupported => "Operation not supported",
            Self::UnknownError => "Unknown error",
            Self::ConnectionFailed => "Connection failed",
            Self::NoMemory => "Out of memory",
            Self::ParseError => "Parsing message data failed",
            Self::SystemError => "System error",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description())
    }
}
