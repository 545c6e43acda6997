//! The page that a stick has which is a router of its own, read for what it hears.
//!
//! It is asked in Huawei's way and in ZTE's until it answers in one of them. Nothing is changed in
//! the stick, and no password is offered: firmware that wants one for this says nothing.

use crate::map::Queue;
use crate::wire::Error;
use crate::wire::http::{Header, Response};
use crate::wire::stick::hilink::{self, Session};
use crate::wire::stick::{Reading, goform};
use core::net::Ipv4Addr;

/// A page that answers in neither way is asked this often, with ever longer pauses.
const TRIES_MAX: u32 = 8;

/// A document to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Where, on port 80.
    pub address: Ipv4Addr,
    /// Which.
    pub path: &'static str,
    /// What must be said beside.
    pub headers: Vec<Header>,
}

/// What it was answered.
pub type PageResponse = Response;

/// The page.
#[derive(Debug)]
pub(super) struct Page {
    address: Ipv4Addr,
    language: Language,
    /// Whether it has ever answered in that language.
    is_known: bool,
    session: Option<Session>,
    /// What is still to be asked in this round; the first is under way.
    round: Queue<Document>,
    /// What this round has told.
    reading: Reading,
    /// Rounds in vain since it last answered.
    failures: u32,
    /// Rounds that are left out after those.
    pause: u32,
}

/// What became of an answer.
#[derive(Debug)]
pub(super) enum Progress {
    /// The round was in vain, or there is none.
    Nothing,
    /// This is to be read next.
    Read(PageRequest),
    /// The round is over, and this is what it has told.
    Done(Reading),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    HiLink,
    Goform,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    Session,
    Signal,
    Status,
    Network,
    /// Goform's one.
    Everything,
}

impl Page {
    /// At this address, which the stick has handed out as its own.
    pub(super) fn new(address: Ipv4Addr) -> Self {
        Self {
            address,
            language: Language::HiLink,
            is_known: false,
            session: None,
            round: Queue::new(),
            reading: Reading::default(),
            failures: 0,
            pause: 0,
        }
    }

    pub(super) const fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Begins a round, unless one is under way or it is not worth it: what is to be read first.
    pub(super) fn begin(&mut self) -> Option<PageRequest> {
        if !self.round.is_empty() || (self.failures >= TRIES_MAX && !self.is_known) {
            return None;
        }
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        self.reading = Reading::default();
        let documents: &[Document] = match self.language {
            Language::Goform => &[Document::Everything],
            Language::HiLink => {
                if self.session.is_none() {
                    self.round.push_back(Document::Session);
                }
                &[Document::Signal, Document::Status, Document::Network]
            }
        };
        self.round.extend(documents.iter().copied());
        self.request()
    }

    /// Takes an answer; `None` when there was none. What is to be read next, or what the round has
    /// told.
    pub(super) fn handle_response(&mut self, response: Option<&Response>) -> Progress {
        let Some(document) = self.round.pop_front() else { return Progress::Nothing };
        let ok = response.filter(|response| response.status == 200);
        let text = ok.map(|response| String::from_utf8_lossy(&response.body));
        let taken = match text {
            Some(text) => self.take(document, &text),
            None => Err(Error::Truncated),
        };
        match (document, taken) {
            // Older firmware has no sessions.
            (Document::Session, Err(_)) if response.is_some() => {}
            // What it hears is worth showing without its network's name, as with older firmware.
            (Document::Network, _) | (_, Ok(())) => {}
            (_, Err(_)) => return self.fail(response.is_some()),
        }
        match self.request() {
            Some(request) => Progress::Read(request),
            None => {
                (self.is_known, self.failures, self.pause) = (true, 0, 0);
                Progress::Done(self.reading.clone())
            }
        }
    }

    fn take(&mut self, document: Document, text: &str) -> Result<(), Error> {
        match document {
            Document::Session => self.session = Some(hilink::parse_session(text)?),
            Document::Signal => hilink::parse_signal(text, &mut self.reading)?,
            Document::Status => hilink::parse_status(text, &mut self.reading)?,
            Document::Network => hilink::parse_network(text, &mut self.reading)?,
            Document::Everything => self.reading = goform::parse(text)?,
        }
        Ok(())
    }

    /// The round was in vain; another begins at once where that is promising.
    fn fail(&mut self, has_answered: bool) -> Progress {
        self.round.clear();
        let had_session = self.session.take().is_some();
        if has_answered && self.is_known && had_session && self.failures == 0 {
            // The session may be over.
            self.failures = 1;
            return self.begin().map_or(Progress::Nothing, Progress::Read);
        }
        if has_answered && !self.is_known && self.language == Language::HiLink {
            self.language = Language::Goform;
            return self.begin().map_or(Progress::Nothing, Progress::Read);
        }
        if !self.is_known {
            self.language = Language::HiLink;
        }
        self.failures = self.failures.saturating_add(1);
        self.pause = 1 << self.failures.min(TRIES_MAX);
        Progress::Nothing
    }

    /// What is to be read now.
    fn request(&self) -> Option<PageRequest> {
        let document = *self.round.first()?;
        let path = match document {
            Document::Session => hilink::SESSION_PATH,
            Document::Signal => hilink::SIGNAL_PATH,
            Document::Status => hilink::STATUS_PATH,
            Document::Network => hilink::NETWORK_PATH,
            Document::Everything => goform::PATH,
        };
        let mut headers = Vec::new();
        if document == Document::Everything {
            headers.push(("Referer", goform::referer(&self.address.to_string())));
        } else if document != Document::Session
            && let Some(session) = &self.session
        {
            headers.push(("Cookie", session.cookie.clone()));
            headers.push(("__RequestVerificationToken", session.token.clone()));
        }
        Some(PageRequest { address: self.address, path, headers })
    }
}
