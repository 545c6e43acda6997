//! A log that takes no line with a control character: from a modem or from the bus it could forge
//! lines, or drive the terminal of whoever reads them. What writes the log escapes them once more.
//! Nor does it take a line with a word that must not be said.

use log::{LevelFilter, Log, Metadata, Record};
use std::cell::{Cell, RefCell};
use std::sync::Once;

struct Strict;

static STRICT: Strict = Strict;
static INSTALLED: Once = Once::new();

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static UNSAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl Log for Strict {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        WATCHED.get()
    }

    fn log(&self, record: &Record<'_>) {
        if WATCHED.get() {
            let line = record.args().to_string();
            plain(&line);
            let said = UNSAID.with_borrow(|words| words.iter().any(|word| line.contains(word)));
            assert!(!said, "[nothing_secret_is_said] logged: {line}");
        }
    }

    fn flush(&self) {}
}

/// From now on a bad line logged by this thread is a panic.
pub(crate) fn watch() {
    INSTALLED.call_once(|| {
        let _ = log::set_logger(&STRICT);
    });
    log::set_max_level(LevelFilter::Debug);
    WATCHED.set(true);
}

/// From now on a line logged by this thread with one of these words in it is a panic.
pub(crate) fn forbid(words: Vec<String>) {
    UNSAID.set(words);
}

/// Panics at what has no place in a line.
pub(crate) fn plain(line: &str) {
    assert!(!line.contains(char::is_control), "not fit for a log: {line:?}");
}
