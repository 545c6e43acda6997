//! A log that takes no line with a control character: from a modem or from the bus it could forge
//! lines, or drive the terminal of whoever reads them. What writes the log escapes them once more.

use log::{LevelFilter, Log, Metadata, Record};
use std::cell::Cell;
use std::sync::Once;

struct Strict;

static STRICT: Strict = Strict;
static INSTALLED: Once = Once::new();

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}

impl Log for Strict {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        WATCHED.get()
    }

    fn log(&self, record: &Record<'_>) {
        if WATCHED.get() {
            plain(&record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// From now on a bad line logged by this thread is a panic.
pub(super) fn watch() {
    INSTALLED.call_once(|| {
        let _ = log::set_logger(&STRICT);
    });
    log::set_max_level(LevelFilter::Debug);
    WATCHED.set(true);
}

/// Panics at what has no place in a line.
pub(super) fn plain(line: &str) {
    assert!(!line.contains(char::is_control), "not fit for a log: {line:?}");
}
