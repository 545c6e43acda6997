//! Lines, commands and arguments of a UCI file.
//!
//! A [`Line`] holds one line and grows by the next when a quoted value or a backslash at its end
//! runs on. Knows quoting, escapes and comments; knows nothing of sections.
//!
//! Several rules look odd because libuci works inside one C string: each says which.

use super::{Command, UciError, UciErrorKind};

/// The size of the line buffer libuci starts with. It matters only to where a NUL byte cuts.
const FIRST_BUFFER_BYTES: usize = 32;

/// What an argument is for: what it may hold and whether it may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// Required: letters, digits, `_` and `-`.
    PackageName,
    /// Required: anything printable but a space.
    Type,
    /// Optional: letters, digits and `_`.
    SectionName,
    /// Required: letters, digits and `_`.
    OptionName,
    /// Optional: any bytes but NUL.
    Value,
}

/// The line being read and where it came from.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// What is still to be read of the file.
    rest: &'a [u8],
    /// Whether the last line read had no end: the file is over, even when empty lines follow.
    at_eof: bool,
    /// How many line ends were read.
    line: usize,
    /// How large libuci's buffer would be.
    capacity: usize,
    /// The line, its end included.
    text: Vec<u8>,
    /// How much of `text` is read.
    pos: usize,
}

impl<'a> Line<'a> {
    /// Before the first line of `file`.
    pub(super) const fn new(file: &'a [u8]) -> Self {
        Self {
            rest: file,
            at_eof: false,
            line: 0,
            capacity: FIRST_BUFFER_BYTES,
            text: Vec::new(),
            pos: 0,
        }
    }

    /// An error at this place.
    pub(super) const fn error(&self, kind: UciErrorKind) -> UciError {
        UciError { kind, line: self.line, byte: self.pos }
    }

    /// Goes to the next line; false at the end of the file.
    pub(super) fn next_line(&mut self) -> bool {
        if self.at_eof {
            return false;
        }
        self.pos = 0;
        self.fill();
        self.skip_whitespace();
        true
    }

    /// The command at this place, or `None` when the rest of the line is empty or a comment. The
    /// command's word stays unread until [`Line::skip_command`], so that an error points at it.
    pub(super) fn command(&self) -> Result<Option<Command>, UciError> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let word = rest.split(is_blank).find(|word| !word.is_empty());
        match word {
            None | Some([b'#', ..]) => Ok(None),
            Some(b"package" | b"p") => Ok(Some(Command::Package)),
            Some(b"config" | b"c") => Ok(Some(Command::Config)),
            Some(b"option" | b"o") => Ok(Some(Command::Option)),
            Some(b"list" | b"l") => Ok(Some(Command::List)),
            Some(_) => Err(self.error(UciErrorKind::InvalidCommand)),
        }
    }

    /// Reads past the command's word and the one blank after it, or fails with `missing` when the
    /// line ends with the word.
    pub(super) fn skip_command(&mut self, missing: UciErrorKind) -> Result<(), UciError> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let blanks = rest.iter().take_while(|c| is_blank(c)).count();
        let word = rest.iter().skip(blanks).take_while(|c| !is_blank(c)).count();
        let end = blanks.saturating_add(word);
        if end >= rest.len() {
            return Err(self.error(missing));
        }
        self.pos = self.pos.saturating_add(end).saturating_add(1);
        Ok(())
    }

    /// Reads one argument and checks it. One that may be missing is empty then.
    pub(super) fn argument(&mut self, argument: Argument) -> Result<Vec<u8>, UciError> {
        let text = self.word()?;
        let (required, valid): (bool, fn(&u8) -> bool) = match argument {
            Argument::PackageName => (true, |c| is_name(c) || *c == b'-'),
            Argument::Type => (true, u8::is_ascii_graphic),
            Argument::SectionName => (false, is_name),
            Argument::OptionName => (true, is_name),
            Argument::Value => (false, |_| true),
        };
        if required && text.is_empty() {
            return Err(self.error(UciErrorKind::InsufficientArguments));
        }
        if text.iter().all(valid) {
            return Ok(text);
        }
        Err(self.error(match argument {
            Argument::Type => UciErrorKind::InvalidType,
            Argument::PackageName
            | Argument::SectionName
            | Argument::OptionName
            | Argument::Value => UciErrorKind::InvalidName,
        }))
    }

    /// Checks that nothing more follows, or that `;` does. An empty argument, `''`, is passed over
    /// and a further command may then follow even without `;`.
    pub(super) fn end_of_command(&mut self) -> Result<(), UciError> {
        if self.word()?.is_empty() {
            Ok(())
        } else {
            Err(self.error(UciErrorKind::TooManyArguments))
        }
    }

    /// Reads to the end of a word. A `;` in front of it stands for an empty word.
    fn word(&mut self) -> Result<Vec<u8>, UciError> {
        self.skip_whitespace();
        if self.peek() == Some(b';') {
            self.pos = self.pos.saturating_add(1);
            return Ok(Vec::new());
        }
        let start = self.pos;
        let mut word = Vec::new();
        // At least one step: white space that a continued line starts with is part of the word
        // only there.
        loop {
            match self.peek() {
                None => break,
                Some(b'\'') => self.single_quoted(&mut word)?,
                Some(b'"') => self.double_quoted(&mut word)?,
                Some(b'#') => {
                    self.text.truncate(self.pos);
                    break;
                }
                Some(b';') => {
                    // libuci ends the word in place. Without a quote or backslash in it, the end
                    // falls on the `;` itself, and the rest of the line is lost.
                    if start.saturating_add(word.len()) == self.pos {
                        self.text.truncate(self.pos);
                    }
                    return Ok(word);
                }
                Some(b'\\') => self.escaped(&mut word),
                Some(_) => self.take(&mut word),
            }
            if self.peek().is_none_or(is_space) {
                break;
            }
        }
        if self.peek().is_some() {
            self.pos = self.pos.saturating_add(1);
        }
        Ok(word)
    }

    /// Reads from one `'` to the next. Nothing is special in between.
    fn single_quoted(&mut self, word: &mut Vec<u8>) -> Result<(), UciError> {
        self.pos = self.pos.saturating_add(1);
        loop {
            match self.peek() {
                Some(b'\'') => break,
                Some(_) => self.take(word),
                None => self.run_on(UciErrorKind::UnterminatedSingleQuote)?,
            }
        }
        self.pos = self.pos.saturating_add(1);
        Ok(())
    }

    /// Reads from one `"` to the next that has no backslash.
    fn double_quoted(&mut self, word: &mut Vec<u8>) -> Result<(), UciError> {
        self.pos = self.pos.saturating_add(1);
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escaped(word),
                Some(_) => self.take(word),
                None => self.run_on(UciErrorKind::UnterminatedDoubleQuote)?,
            }
        }
        self.pos = self.pos.saturating_add(1);
        Ok(())
    }

    /// Reads a backslash and what it escapes: the end of the line, which joins the next line, or
    /// any other byte, which stands for itself.
    fn escaped(&mut self, word: &mut Vec<u8>) {
        self.pos = self.pos.saturating_add(1);
        match self.text.get(self.pos..).unwrap_or_default() {
            [] | [b'\n', ..] | [b'\r', b'\n'] => self.fill(),
            [_, ..] => self.take(word),
        }
    }

    /// Appends the next line to a value that is still open.
    fn run_on(&mut self, eof: UciErrorKind) -> Result<(), UciError> {
        self.fill();
        if self.peek().is_none() { Err(self.error(eof)) } else { Ok(()) }
    }

    /// Moves one byte from the line to `word`.
    fn take(&mut self, word: &mut Vec<u8>) {
        word.extend(self.peek());
        self.pos = self.pos.saturating_add(1);
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn skip_whitespace(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.pos = self.pos.saturating_add(1);
        }
    }

    /// Puts the next line of the file where reading stands, in place of what follows there.
    ///
    /// libuci reads with `fgets` and takes the length of what came with `strlen`, so a NUL byte
    /// hides the rest of its chunk, line end included, and the following line is joined. How long
    /// a chunk is depends on the size of the buffer, which doubles for each that has no line end.
    fn fill(&mut self) {
        self.text.truncate(self.pos);
        if self.pos >= self.capacity.saturating_sub(1) {
            self.capacity = self.capacity.saturating_mul(2);
        }
        loop {
            let room = self.capacity.saturating_sub(self.text.len()).saturating_sub(1);
            let chunk = self.chunk(room);
            let visible = chunk.split(|c| *c == 0).next().unwrap_or_default();
            if visible.is_empty() {
                return;
            }
            self.text.extend_from_slice(visible);
            if visible.ends_with(b"\n") {
                self.line = self.line.saturating_add(1);
                return;
            }
            self.capacity = self.capacity.saturating_mul(2);
        }
    }

    /// Takes from the file through the end of the line, but at most `room` bytes.
    fn chunk(&mut self, room: usize) -> &'a [u8] {
        let window = self.rest.get(..room).unwrap_or(self.rest);
        let length = window
            .iter()
            .position(|c| *c == b'\n')
            .map_or(window.len(), |newline| newline.saturating_add(1));
        let (chunk, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        if length < room && !chunk.ends_with(b"\n") {
            self.at_eof = true;
        }
        self.rest = rest;
        chunk
    }
}

/// What separates a command from its arguments.
const fn is_blank(c: &u8) -> bool {
    matches!(*c, b' ' | b'\t')
}

/// C's `isspace` in the C locale.
const fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// What the names of sections and options are made of, so that shells can use them.
const fn is_name(c: &u8) -> bool {
    c.is_ascii_alphanumeric() || *c == b'_'
}
