//! USSD: a network with a small menu, and what it says unasked.

use std::collections::VecDeque;

use ltewan::time::{Duration, Instant};

/// From a code to the network's answer.
const ANSWER_AFTER: Duration = Duration::from_millis(1_500);

/// From a code to the end of a session in which nothing was said.
const GIVE_UP_AFTER: Duration = Duration::from_secs(63);

/// What the network says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// A text, and whether it waits for a reply.
    Text(String, bool),
    /// Nothing: it has ended the session.
    Released,
    /// That it does not know the code.
    Unknown,
}

/// The sessions of one modem.
#[derive(Debug, Default)]
pub(crate) struct Ussd {
    /// The network waits for a reply.
    pub(crate) is_open: bool,
    /// What the host has sent.
    pub(crate) sent: Vec<String>,
    /// How often the host has ended a session.
    pub(crate) cancels: u32,
    /// Over MBIM it does not take a list of what to tell that has USSD in it.
    pub(crate) is_untold: bool,
    to_say: VecDeque<(Instant, Said)>,
}

impl Ussd {
    /// The host sends a code, or a reply.
    pub(crate) fn send(&mut self, now: Instant, text: &str) {
        self.sent.push(text.to_owned());
        let text = |text: &str, is_open| Said::Text(text.to_owned(), is_open);
        let said = match (self.is_open, self.sent.last().map_or("", String::as_str)) {
            (false, "*100#") => text("Balance: 12.34 EUR", false),
            (false, "*101#") => text("1) Data\n2) Minutes\n0) Back", true),
            (false, "*102#") => text("Остаток 5 ГБ\u{1b}[2J", false),
            // Nobody answers, until the network gives up.
            (false, "*103#") => return self.say(now + GIVE_UP_AFTER, Said::Released),
            (true, "1") => text("5 GB left", false),
            (true, "0") => Said::Released,
            (true, other) => text(&format!("What is {other}?"), true),
            (false, _) => Said::Unknown,
        };
        self.say(now + ANSWER_AFTER, said);
    }

    /// The network says something.
    pub(crate) fn say(&mut self, at: Instant, said: Said) {
        self.to_say.push_back((at, said));
    }

    /// The host ends the session.
    pub(crate) fn cancel(&mut self) {
        self.cancels += 1;
        self.is_open = false;
        self.to_say.clear();
    }

    /// When the network says something.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.to_say.front().map(|(at, _)| *at)
    }

    /// What it says by now.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Said> {
        let (_, said) = self.to_say.pop_front_if(|(at, _)| *at <= now)?;
        self.is_open = matches!(said, Said::Text(_, true));
        Some(said)
    }
}
