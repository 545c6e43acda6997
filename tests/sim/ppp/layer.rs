//! The negotiation that LCP, IPCP and IPV6CP share. RFC 1661 4 and 5, without the states that only
//! matter to lines that come and go.

use std::collections::VecDeque;

use ltewan::time::{Duration, Instant};

/// How long to wait for an answer, and how often to ask. RFC 1661 4.6.
pub(super) const RESEND: Duration = Duration::from_secs(3);
const TRIES: u32 = 10;

/// An option: its number and its data.
type Opt = (u8, Vec<u8>);

/// What a packet meant.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Heard {
    Nothing,
    /// Both ends have agreed, with this packet.
    Opened,
    /// The other end ended it.
    Terminated,
    /// A code that is not about negotiation.
    Other(u8, u8, Vec<u8>),
}

/// One protocol's negotiation.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) protocol: u16,
    /// What we want.
    pub(super) mine: Vec<Opt>,
    /// What the other end wants, once we have agreed to it.
    pub(super) theirs: Vec<Opt>,
    is_mine_agreed: bool,
    is_theirs_agreed: bool,
    is_started: bool,
    id: u8,
    tries: u32,
    pub(super) resend_at: Option<Instant>,
    pub(super) out: VecDeque<Vec<u8>>,
}

/// Code, id, length, body.
pub(super) fn packet(code: u8, id: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 4).unwrap_or(4);
    let mut packet = vec![code, id];
    packet.extend(length.to_be_bytes());
    packet.extend(body);
    packet
}

fn options(body: &[u8]) -> Vec<Opt> {
    let mut list = Vec::new();
    let mut rest = body;
    while let [kind, length, ..] = rest {
        let Some((option, tail)) = rest.split_at_checked(usize::from(*length).max(2)) else {
            break;
        };
        list.push((*kind, option.get(2..).unwrap_or_default().to_vec()));
        rest = tail;
    }
    list
}

fn written(options: &[Opt]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, data) in options {
        bytes.extend([*kind, u8::try_from(data.len() + 2).unwrap_or(2)]);
        bytes.extend(data);
    }
    bytes
}

impl Layer {
    pub(super) fn new(protocol: u16, mine: Vec<Opt>) -> Self {
        Self {
            protocol,
            mine,
            theirs: Vec::new(),
            is_mine_agreed: false,
            is_theirs_agreed: false,
            is_started: false,
            id: 0,
            tries: 0,
            resend_at: None,
            out: VecDeque::new(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_mine_agreed && self.is_theirs_agreed
    }

    pub(super) fn start(&mut self, now: Instant) {
        if !self.is_started {
            self.is_started = true;
            self.request(now);
        }
    }

    pub(super) fn terminate(&mut self) {
        self.resend_at = None;
        self.out.push_back(packet(5, 1, &[]));
    }

    /// Whether there is still hope.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        if self.resend_at.is_some_and(|at| at <= now) {
            self.tries += 1;
            if self.tries > TRIES {
                self.resend_at = None;
                return false;
            }
            self.request(now);
        }
        true
    }

    fn request(&mut self, now: Instant) {
        self.id = self.id.wrapping_add(1);
        self.out.push_back(packet(1, self.id, &written(&self.mine)));
        self.resend_at = Some(now + RESEND);
    }

    /// Takes a packet; `judge` says of an option whether it is fine, or what would be.
    pub(super) fn handle(
        &mut self,
        now: Instant,
        bytes: &[u8],
        judge: impl Fn(u8, &[u8]) -> Result<(), Option<Vec<u8>>>,
    ) -> Heard {
        let [code, id, high, low, rest @ ..] = bytes else { return Heard::Nothing };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let body = rest.get(..length.saturating_sub(4)).unwrap_or(rest);
        let was_open = self.is_open();
        match *code {
            1 => self.judge(*id, body, judge),
            2 if *id == self.id => {
                self.is_mine_agreed = true;
                self.resend_at = None;
            }
            3 | 4 if *id == self.id => {
                for (kind, data) in options(body) {
                    let own = self.mine.iter().position(|(own, _)| *own == kind);
                    match (own.and_then(|at| self.mine.get_mut(at)), *code) {
                        (Some(option), 3) => option.1 = data,
                        (Some(_), _) => self.mine.retain(|(own, _)| *own != kind),
                        (None, _) => {}
                    }
                }
                self.request(now);
            }
            5 => {
                self.out.push_back(packet(6, *id, &[]));
                return Heard::Terminated;
            }
            6 => return Heard::Terminated,
            2..=4 | 7 | 8 => {}
            code => return Heard::Other(code, *id, body.to_vec()),
        }
        if !was_open && self.is_open() { Heard::Opened } else { Heard::Nothing }
    }

    fn judge(
        &mut self,
        id: u8,
        body: &[u8],
        judge: impl Fn(u8, &[u8]) -> Result<(), Option<Vec<u8>>>,
    ) {
        let wanted = options(body);
        let (mut refused, mut better) = (Vec::new(), Vec::new());
        for (kind, data) in &wanted {
            match judge(*kind, data) {
                Ok(()) => {}
                Err(Some(data)) => better.push((*kind, data)),
                Err(None) => refused.push((*kind, data.clone())),
            }
        }
        // Reject comes before Nak. RFC 1661 5.4.
        let (code, list) = match (refused.is_empty(), better.is_empty()) {
            (false, _) => (4, refused),
            (true, false) => (3, better),
            (true, true) => (2, wanted.clone()),
        };
        self.is_theirs_agreed = code == 2;
        if code == 2 {
            self.theirs = wanted;
        }
        self.out.push_back(packet(code, id, &written(&list)));
    }
}
