//! What happened on a router and when, as netifd and the daemon told it.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, spawn};

use ltewan::io::clock;
use ltewan::time::{Duration, Instant};
use ltewan::types::Table;

use super::LIMIT;
use super::client::{Client, Notice};

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Since the journal was begun.
    pub(crate) at: Duration,
    /// Who told: `netifd`, `state`, `modem`, `bus`, or what its owner calls itself.
    pub(crate) who: &'static str,
    /// The interface or modem it is about.
    pub(crate) about: String,
    /// What happened: `up`, `link lost`, `registered`.
    pub(crate) what: String,
}

/// Hears every entry.
pub(crate) type Listener = Box<dyn Fn(&Entry) + Send + Sync>;

/// All that happened so far.
pub(crate) struct Journal {
    began: Instant,
    entries: Mutex<Vec<Entry>>,
    changed: Condvar,
    listener: Option<Listener>,
}

impl Journal {
    /// An empty journal; its time begins now.
    pub(crate) fn new(listener: Option<Listener>) -> Self {
        let (entries, changed) = (Mutex::default(), Condvar::new());
        Self { began: clock::now(), entries, changed, listener }
    }

    /// The time since it was begun.
    pub(crate) fn now(&self) -> Duration {
        clock::now().saturating_since(self.began)
    }

    /// Notes that something happened now.
    pub(crate) fn put(&self, who: &'static str, about: &str, what: &str) {
        let mut entries = self.lock();
        let entry = Entry { at: self.now(), who, about: about.into(), what: what.into() };
        if let Some(listener) = &self.listener {
            listener(&entry);
        }
        entries.push(entry);
        drop(entries);
        self.changed.notify_all();
    }

    /// A place in it: later entries come after.
    pub(crate) fn mark(&self) -> usize {
        self.lock().len()
    }

    /// What has happened since a mark.
    pub(crate) fn since(&self, mark: usize) -> Vec<Entry> {
        self.lock().get(mark..).unwrap_or_default().to_vec()
    }

    /// Waits for something to have happened since a mark.
    pub(crate) fn wait(&self, who: &str, what: &str, mark: usize) -> io::Result<Entry> {
        self.wait_for(mark, |entry| entry.who == who && entry.what == what).ok_or_else(|| {
            let seen = self.since(mark);
            let seen: Vec<_> = seen.iter().map(|e| format!("{} {}", e.who, e.what)).collect();
            io::Error::other(format!("{who} did not say '{what}' in time, but {seen:?}"))
        })
    }

    /// Waits for an entry since a mark that is wanted.
    pub(crate) fn wait_for(&self, mark: usize, wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let find = |entries: &[Entry]| {
            entries.get(mark..).unwrap_or_default().iter().find(|entry| wanted(entry)).cloned()
        };
        let is_missing = |entries: &mut Vec<Entry>| find(entries).is_none();
        let waited = self.changed.wait_timeout_while(self.lock(), LIMIT, is_missing);
        let (entries, _) = waited.unwrap_or_else(PoisonError::into_inner);
        find(&entries)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Subscribes to the daemon and notes what it says. Dropping it ends that.
pub(crate) struct Watch {
    handle: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Begins to watch.
    pub(crate) fn start(socket: &Path, journal: Arc<Journal>) -> io::Result<Self> {
        let mut client = Client::connect(socket)?;
        let handle = client.handle()?;
        client.subscribe("ltewan");
        let thread = spawn(move || {
            while client.turn(Duration::from_secs(1)).is_ok() {
                while let Some(notice) = client.notices.pop_front() {
                    note(&journal, &notice);
                }
            }
        });
        Ok(Self { handle, thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.handle.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn note(journal: &Journal, notice: &Notice) {
    let word = |data: &Table, name: &str| data.get_str(name).unwrap_or("?").to_owned();
    match notice {
        Notice::Active(true) => journal.put("bus", "ltewan", "subscribed"),
        Notice::Active(false) => journal.put("bus", "ltewan", "gone"),
        Notice::Said { kind, data } if kind == "state" => {
            journal.put("state", &word(data, "modem"), &word(data, "to"));
        }
        Notice::Said { kind, data } if kind == "modem" => {
            journal.put("modem", &word(data, "modem"), &word(data, "action"));
        }
        Notice::Said { .. } => {}
    }
}
