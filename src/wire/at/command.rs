//! Building command lines that stay one command line.
//!
//! A value from configuration or from the bus can never end a quoted string, a command or a line:
//! what could is refused here, whoever asks. V.250 5.2 and 5.4, TS 27.007 4.

use crate::types::Secret;
use crate::wire::Error;
use core::fmt;

/// The longest command line, without its CR. Most modems take a good deal less and say `ERROR`.
pub const COMMAND_BYTES_MAX: usize = 2048;

/// One checked command line, and what follows it after a prompt.
///
/// `Debug` hides what is secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    line: String,
    payload: Option<String>,
    is_secret: bool,
}

impl Command {
    /// `AT` and a text that comes from this program: `"+CGMI"`, `"+CGATT=0"`.
    pub fn execute(name: &'static str) -> Self {
        Self::from_line(format!("AT{name}"))
    }

    /// `AT+NAME?`, to read.
    pub fn query(name: &'static str) -> Self {
        Self::from_line(format!("AT{name}?"))
    }

    /// `AT+NAME=?`, to ask what is supported.
    pub fn test(name: &'static str) -> Self {
        Self::from_line(format!("AT{name}=?"))
    }

    /// `AT+NAME=...`, to set, with the parameters that are added to it.
    pub fn set(name: &'static str) -> SetCommand {
        SetCommand { line: format!("AT{name}="), is_first: true, is_secret: false }
    }

    /// A whole command line of this program's own, with its `AT` and numbers in it.
    pub(super) fn own(line: String) -> Self {
        Self::from_line(line)
    }

    /// A whole command line that somebody typed, such as `AT+QENG="servingcell"`.
    ///
    /// # Errors
    /// [`Error::bad_value`] unless it is printable ASCII that begins with `AT`, in any case;
    /// `TooLarge`.
    pub fn typed(line: &str) -> Result<Self, Error> {
        let line = line.trim();
        let begins = line.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("AT"));
        if !begins || !is_printable(line) {
            return Err(Error::bad_value(&"command"));
        }
        if line.len() > COMMAND_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        Ok(Self::from_line(line.to_owned()))
    }

    /// The same command with a payload to send at the modem's prompt: a PDU in hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::bad_value`] when it is anything else; `TooLarge`.
    pub fn with_pdu(mut self, pdu: &str) -> Result<Self, Error> {
        if pdu.is_empty() || !pdu.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err(Error::bad_value(&"pdu"));
        }
        if pdu.len() > COMMAND_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        self.payload = Some(pdu.to_owned());
        Ok(self)
    }

    /// The same command with a text to send at the modem's prompt, as somebody typed it.
    ///
    /// # Errors
    /// [`Error::bad_value`] when there is anything in it but printable ASCII and CR, which is a new
    /// line; `TooLarge`.
    pub fn with_text(mut self, text: &str) -> Result<Self, Error> {
        if !text.split('\r').all(is_printable) {
            return Err(Error::bad_value(&"payload"));
        }
        if text.len() > COMMAND_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        self.payload = Some(text.to_owned());
        Ok(self)
    }

    fn from_line(line: String) -> Self {
        Self { line, payload: None, is_secret: false }
    }

    /// A line whose parts have been checked.
    pub(super) fn checked(line: String, is_secret: bool) -> Result<Self, Error> {
        if line.len() > COMMAND_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        Ok(Self { line, payload: None, is_secret })
    }

    /// The command line without its CR. It may hold a secret.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// What follows a prompt, without its Ctrl-Z.
    pub fn payload(&self) -> Option<&str> {
        self.payload.as_deref()
    }

    /// Whether a line is one of what follows the prompt.
    pub fn types(&self, line: &str) -> bool {
        self.payload().is_some_and(|payload| payload.split('\r').any(|typed| typed == line))
    }

    /// The bytes to send.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.line.as_bytes().to_vec();
        bytes.push(b'\r');
        bytes
    }

    /// Whether its replies include those of a call: `CONNECT`, `NO CARRIER`, `BUSY`.
    pub fn dials(&self) -> bool {
        let line = self.line.to_ascii_uppercase();
        ["ATD", "ATA", "ATO", "ATH", "AT+CGDATA"].iter().any(|start| line.starts_with(start))
    }

    /// The extended commands in the line, in capitals: `+COPS` twice for `AT+COPS=3,2;+COPS?`. The
    /// flag tells whether it is a query.
    pub fn names(&self) -> Vec<(String, bool)> {
        let line = self.line.to_ascii_uppercase();
        let mut names = Vec::new();
        let mut is_quoted = false;
        let mut rest = line.char_indices();
        while let Some((start, c)) = rest.next() {
            is_quoted ^= c == '"';
            if is_quoted || !"+^$%*#_!".contains(c) {
                continue;
            }
            let tail = line.get(start + 1..).unwrap_or_default();
            let length = tail.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tail.len());
            let (name, after) = tail.split_at(length);
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() > 1 {
                names.push((format!("{c}{name}"), after.starts_with('?')));
            }
            // Parameters begin at the `=`; the next command only after a `;` outside quotes.
            for (_, c) in rest.by_ref() {
                is_quoted ^= c == '"';
                if c == ';' && !is_quoted {
                    break;
                }
            }
        }
        names
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match self.line.split_once('=') {
            Some((name, _)) if self.is_secret => format!("{name}=***"),
            Some(_) | None => self.line.clone(),
        };
        write!(f, "Command({shown:?})")
    }
}

/// A set command in the making.
#[derive(Clone)]
pub struct SetCommand {
    line: String,
    is_first: bool,
    is_secret: bool,
}

impl SetCommand {
    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: impl Into<i64>) -> Self {
        self.separate();
        self.line.push_str(&number.into().to_string());
        self
    }

    /// Adds a quoted string.
    ///
    /// # Errors
    /// [`Error::bad_value`] when it holds anything but printable ASCII, a quotation mark, or a
    /// backslash: some modems read `\"` as a quotation mark inside the string (V.250 5.4.2.2 has
    /// `\22`).
    pub fn text(mut self, text: &str) -> Result<Self, Error> {
        if !is_printable(text) || text.contains(['"', '\\']) {
            return Err(Error::bad_value(&"string"));
        }
        self.separate();
        self.line.push('"');
        self.line.push_str(text);
        self.line.push('"');
        Ok(self)
    }

    /// Adds a quoted string that must not be seen.
    ///
    /// # Errors
    /// As for [`SetCommand::text`].
    pub fn secret(self, secret: &Secret) -> Result<Self, Error> {
        let mut with = self.text(secret.expose())?;
        with.is_secret = true;
        Ok(with)
    }

    /// Leaves a parameter out but not its comma.
    #[must_use]
    pub fn omitted(mut self) -> Self {
        self.separate();
        self
    }

    /// The finished command.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn build(self) -> Result<Command, Error> {
        Command::checked(self.line, self.is_secret)
    }

    fn separate(&mut self) {
        if !self.is_first {
            self.line.push(',');
        }
        self.is_first = false;
    }
}

/// Whether no byte is a control character or beyond ASCII.
pub(super) fn is_printable(text: &str) -> bool {
    text.bytes().all(|c| (b' '..=b'~').contains(&c))
}
