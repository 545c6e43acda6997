//! The modem's side of a serial port that programs type at: lines in, answers out.
//!
//! V.250 5 and 6, as far as it concerns the line itself: echo, the end of a line, editing, `A/`,
//! and the commands that programs begin with (`ATZ`, `AT&F E1 V1`), which must not reach a port
//! that others use. All else is for the modem, one command line at a time. Does no I/O.

use crate::map::Queue;
use crate::types::text::find;

/// The longest line and the longest text after a prompt.
const LINE_BYTES_MAX: usize = 2048;

/// What is typed while a command is under way is kept up to here; what comes after is lost, as on
/// a wire without flow control.
const TYPED_BYTES_MAX: usize = 4096;

/// Commands after which the modem asks for a text: TS 27.005 3.5.1, 3.5.3 and 3.5.4.
const PROMPTING: [&str; 3] = ["+CMGS", "+CMGW", "+CMGC"];

const CTRL_Z: u8 = 0x1A;
const ESC: u8 = 0x1B;

/// What the modem is to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// The command line, with its `AT`.
    pub(super) command: String,
    /// What to answer the modem's prompt with.
    pub(super) payload: Option<String>,
}

/// What is done with the bytes that are typed.
#[derive(Debug, Default)]
enum Mode {
    /// They make a command line.
    #[default]
    Line,
    /// They are the text that this command asks for.
    Text(String),
    /// They wait: a command is under way.
    Busy,
}

/// One end of the line.
#[derive(Debug)]
pub(super) struct Terminal {
    mode: Mode,
    is_echoing: bool,
    line: Vec<u8>,
    is_overlong: bool,
    /// The last command line, for `A/`.
    last: String,
    typed: Queue<u8>,
    question: Option<Question>,
    out: Vec<u8>,
}

impl Default for Terminal {
    fn default() -> Self {
        Self {
            mode: Mode::Line,
            // V.250 6.2.4.
            is_echoing: true,
            line: Vec::new(),
            is_overlong: false,
            last: String::new(),
            typed: Queue::new(),
            question: None,
            out: Vec::new(),
        }
    }
}

impl Terminal {
    /// Takes what was typed.
    pub(super) fn handle_input(&mut self, bytes: &[u8]) {
        let room = TYPED_BYTES_MAX.saturating_sub(self.typed.len());
        self.typed.extend(bytes.iter().take(room).copied());
        self.advance();
    }

    /// Takes the modem's answer to the last [`Question`].
    pub(super) fn handle_answer(&mut self, lines: &[&str], result: &str) {
        for line in lines {
            self.say(&format!("\r\n{line}\r\n"));
        }
        self.end(result);
        self.advance();
    }

    /// What the modem is to be asked next. Nothing more is asked before it is answered.
    pub(super) fn poll_question(&mut self) -> Option<Question> {
        self.question.take()
    }

    /// What is to be shown.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn say(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// The result code, after which the next line may come. V.250 5.7.1.
    fn end(&mut self, result: &str) {
        self.mode = Mode::Line;
        self.say(&format!("\r\n{result}\r\n"));
    }

    fn advance(&mut self) {
        while !matches!(self.mode, Mode::Busy)
            && let Some(byte) = self.typed.pop_front()
        {
            let is_line = matches!(self.mode, Mode::Line);
            let is_end = if is_line { byte == b'\r' } else { matches!(byte, CTRL_Z | ESC) };
            let is_repeat = is_line && byte == b'/' && self.line.eq_ignore_ascii_case(b"A");
            if self.is_echoing && byte != b'\n' && (is_line || !is_end) {
                self.out.push(byte);
            }
            match byte {
                _ if is_repeat => {
                    self.line.clear();
                    let last = self.last.clone();
                    self.command(&last);
                }
                ESC if is_end => {
                    self.take_line();
                    self.end("OK");
                }
                _ if is_end => self.line_ended(),
                // TS 27.005 3.5.1: a new prompt after each line of the text.
                b'\r' => {
                    self.push(byte);
                    self.say("\n> ");
                }
                b'\x08' | b'\x7F' => drop(self.line.pop()),
                b'\n' => {}
                byte => self.push(byte),
            }
        }
    }

    fn push(&mut self, byte: u8) {
        if self.line.len() < LINE_BYTES_MAX {
            self.line.push(byte);
        } else {
            self.is_overlong = true;
        }
    }

    /// The line that is complete; `None` when it is too long or no text.
    fn take_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let is_whole = !std::mem::take(&mut self.is_overlong);
        String::from_utf8(line).ok().filter(|_| is_whole)
    }

    fn line_ended(&mut self) {
        let line = self.take_line();
        match (std::mem::take(&mut self.mode), line) {
            (Mode::Text(command), Some(text)) => {
                self.ask(command, Some(text.trim_end_matches('\r').to_owned()));
            }
            (Mode::Line, Some(line)) => {
                // V.250 5.2.1: what comes before the prefix counts for nothing, nor does a line
                // without one.
                if let Some(at) = find(&line.to_ascii_uppercase(), "AT") {
                    let line = line.get(at..).unwrap_or_default().trim_end().to_owned();
                    self.last.clone_from(&line);
                    self.command(&line);
                }
            }
            (_, None) => self.end("ERROR"),
            (Mode::Busy, Some(_)) => {}
        }
    }

    fn command(&mut self, line: &str) {
        let body = line.get(2..).unwrap_or_default();
        let Some(rest) = self.of_line(body) else { return self.end("ERROR") };
        if rest.is_empty() && !body.is_empty() {
            return self.end("OK");
        }
        let command = format!("AT{rest}");
        let capitals = rest.to_ascii_uppercase();
        let (name, value) = capitals.split_once('=').unwrap_or((&capitals, ""));
        if PROMPTING.contains(&name) && value != "?" {
            self.mode = Mode::Text(command);
            self.say("\r\n> ");
        } else {
            self.ask(command, None);
        }
    }

    fn ask(&mut self, command: String, payload: Option<String>) {
        self.mode = Mode::Busy;
        self.question = Some(Question { command, payload });
    }

    /// Does what concerns the line itself, as far as that comes first; what is left for the modem.
    /// `None` when it cannot be done.
    fn of_line<'a>(&mut self, body: &'a str) -> Option<&'a str> {
        let mut rest = body.trim_start();
        loop {
            let after = rest.strip_prefix('&').unwrap_or(rest);
            let is_amp = after.len() < rest.len();
            let Some(letter) = after.chars().next().filter(char::is_ascii_alphabetic) else {
                return Some(rest);
            };
            let tail = after.get(1..).unwrap_or_default();
            let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, mut tail) = tail.split_at(digits);
            match (is_amp, letter.to_ascii_uppercase(), number) {
                (false, 'E', "" | "0") => self.is_echoing = false,
                (false, 'E', "1") => self.is_echoing = true,
                // Short results and none (V.250 6.2.5 and 6.2.6) are not worth their bytes.
                (false, 'V', "1") | (false, 'Q', "" | "0") => {}
                (false, 'E' | 'V' | 'Q', _) => return None,
                // V.250 6.1.1: the rest of the line is not looked at.
                (false, 'Z', _) => {
                    self.is_echoing = true;
                    return Some("");
                }
                (true, 'F', _) => self.is_echoing = true,
                (false, 'S', "") => return None,
                (false, 'S', _) => {
                    tail = tail.strip_prefix('=')?.trim_start_matches(|c: char| c.is_ascii_digit());
                }
                // Loudspeaker, flow control, DTR, DCD, and a call that this line does not have.
                (false, 'H' | 'L' | 'M' | 'X', _) | (true, 'C' | 'D' | 'K' | 'S', _) => {}
                (_, _, _) => return Some(rest),
            }
            rest = tail.trim_start();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(command: &str) -> Option<Question> {
        Some(Question { command: command.to_owned(), payload: None })
    }

    fn shown(terminal: &mut Terminal) -> String {
        String::from_utf8_lossy(&terminal.take_output()).into_owned()
    }

    #[test]
    fn commands_wait_for_the_answer_to_the_one_before() {
        let mut terminal = Terminal::default();
        terminal.handle_input(b"AT+CSQ\r\nAT+COPS?\r");
        assert_eq!(terminal.poll_question(), asked("AT+CSQ"));
        assert_eq!(terminal.poll_question(), None);
        assert_eq!(shown(&mut terminal), "AT+CSQ\r");
        terminal.handle_answer(&["+CSQ: 20,99"], "OK");
        assert_eq!(shown(&mut terminal), "\r\n+CSQ: 20,99\r\n\r\nOK\r\nAT+COPS?\r");
        assert_eq!(terminal.poll_question(), asked("AT+COPS?"));
    }

    #[test]
    fn what_sets_up_the_line_does_not_reach_the_modem() {
        let mut terminal = Terminal::default();
        terminal.handle_input(b"ATE0\r");
        shown(&mut terminal);
        for line in ["ATZ", "AT&F E0 V1 X4 &D2 &C1 S7=45 S0=0 L1 M0 Q0", "ATH0"] {
            terminal.handle_input(format!("ATE0\r{line}\r").as_bytes());
            assert_eq!(terminal.poll_question(), None, "{line}");
            assert!(shown(&mut terminal).ends_with("\r\nOK\r\n"), "{line}");
        }
        for line in ["ATV0", "ATQ1", "ATE2", "ATS7?", "ATS"] {
            terminal.handle_input(format!("{line}\r").as_bytes());
            assert!(shown(&mut terminal).ends_with("\r\nERROR\r\n"), "{line}");
            assert_eq!(terminal.poll_question(), None, "{line}");
        }
        for (line, left) in [("AT", "AT"), ("ATE0+CSQ", "AT+CSQ"), ("ate1 i3", "ATi3")] {
            terminal.handle_input(format!("{line}\r").as_bytes());
            assert_eq!(terminal.poll_question(), asked(left));
            terminal.handle_answer(&[], "OK");
        }
    }

    #[test]
    fn a_text_is_asked_for_and_goes_along_with_its_command() {
        let mut terminal = Terminal::default();
        terminal.handle_input(b"AT+CMGS=3\r");
        assert_eq!(shown(&mut terminal), "AT+CMGS=3\r\r\n> ");
        assert_eq!(terminal.poll_question(), None);
        terminal.handle_input(b"0011F\x0822\x1a");
        let payload = Some("001122".to_owned());
        let command = "AT+CMGS=3".to_owned();
        assert_eq!(terminal.poll_question(), Some(Question { command, payload }));
        terminal.handle_answer(&["+CMGS: 7"], "OK");
        terminal.handle_input(b"AT+CMGW\rforget it\x1b");
        assert_eq!(terminal.poll_question(), None);
        assert!(shown(&mut terminal).ends_with("> forget it\r\nOK\r\n"));
        terminal.handle_input(b"AT+CMGS=?\r");
        assert_eq!(terminal.poll_question(), asked("AT+CMGS=?"));
    }

    #[test]
    fn lines_are_edited_repeated_and_bounded() {
        let mut terminal = Terminal::default();
        terminal.handle_input(b"noiseAT+CSX\x7fQ\r");
        assert_eq!(terminal.poll_question(), asked("AT+CSQ"));
        terminal.handle_answer(&[], "OK");
        terminal.handle_input(b"hello\r\r\nA/");
        assert_eq!(terminal.poll_question(), asked("AT+CSQ"));
        terminal.handle_answer(&[], "OK");
        shown(&mut terminal);
        let long = [b"AT".as_slice(), &[b'A'; LINE_BYTES_MAX], b"\r"].concat();
        terminal.handle_input(&long);
        assert_eq!(terminal.poll_question(), None);
        assert!(shown(&mut terminal).ends_with("\r\nERROR\r\n"));
        terminal.handle_input(b"AT\xff\r");
        assert!(shown(&mut terminal).ends_with("\r\nERROR\r\n"));
    }
}
