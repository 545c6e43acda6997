//! Where log lines go.
//!
//! To the system log when asked and when there is one, else to stderr, which procd collects.
//! A control character in a line is escaped here, whoever let it in: text from a modem or from the
//! bus must not forge lines or drive a terminal. A log that is full or gone never stalls the
//! daemon: the line is lost.

use ::log::{LevelFilter, Log, Metadata, Record};
use std::io::Write;

/// What the lines are called in the system log.
#[cfg(feature = "syslog")]
const NAME: &str = "ltewan";

/// Starts logging at `level`; `to_syslog` prefers the system log. Called once.
pub fn init(level: LevelFilter, to_syslog: bool) {
    #[cfg(feature = "syslog")]
    if to_syslog && let Some(logger) = to_system_log::Logger::connect(to_system_log::SOCKET) {
        let _ = ::log::set_boxed_logger(Box::new(logger));
        ::log::set_max_level(level);
        return;
    }
    #[cfg(not(feature = "syslog"))]
    let _ = to_syslog;
    let _ = ::log::set_logger(&STDERR);
    ::log::set_max_level(level);
}

/// Changes the level of a running daemon.
pub fn set_level(level: LevelFilter) {
    ::log::set_max_level(level);
}

/// The line with every control character written as `\u{1b}`, `\n` and so on.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

struct Stderr;

static STDERR: Stderr = Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= ::log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let level = record.level().as_str().to_ascii_lowercase();
            let line = format!("{level}: {}\n", plain(&record.args().to_string()));
            let _ = super::stdio::Output::error().write_all(line.as_bytes());
        }
    }

    fn flush(&self) {}
}

#[cfg(feature = "syslog")]
mod to_system_log {
    use ::log::{Level, Log, Metadata, Record};
    use std::fmt;
    use std::io::{self, Write};
    use std::os::unix::net::UnixDatagram;
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, PoisonError};
    use syslog::{Facility, Formatter3164};

    /// The system log's socket, of logd as of every other.
    pub(super) const SOCKET: &str = "/dev/log";

    /// A line to the system log.
    pub(super) struct Logger(Mutex<syslog::Logger<Backend, Formatter3164>>);

    impl Logger {
        /// `None` when there is no system log at `socket`.
        pub(super) fn connect(socket: &str) -> Option<Self> {
            let path = PathBuf::from(socket);
            let socket = connect(&path).ok()?;
            let formatter = Formatter3164 {
                facility: Facility::LOG_DAEMON,
                hostname: None,
                process: super::NAME.to_owned(),
                pid: std::process::id(),
            };
            let backend = Backend { path, socket };
            Some(Self(Mutex::new(syslog::Logger::new(backend, formatter))))
        }
    }

    impl Log for Logger {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.level() <= ::log::max_level()
        }

        fn log(&self, record: &Record<'_>) {
            if !self.enabled(record.metadata()) {
                return;
            }
            let line = super::plain(&record.args().to_string());
            let mut logger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = match record.level() {
                Level::Error => logger.err(line),
                Level::Warn => logger.warning(line),
                Level::Info => logger.info(line),
                Level::Debug | Level::Trace => logger.debug(line),
            };
        }

        fn flush(&self) {}
    }

    /// The crate's own backend blocks while the log's queue is full and stays broken after the
    /// log's daemon restarted; this one does neither.
    pub(super) struct Backend {
        path: PathBuf,
        socket: UnixDatagram,
    }

    impl Write for Backend {
        fn write(&mut self, message: &[u8]) -> io::Result<usize> {
            match self.socket.send(message) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                    self.socket = connect(&self.path)?;
                    self.socket.send(message)
                }
                sent => sent,
            }
        }

        /// One datagram for the whole line; the default would send a datagram for each part.
        fn write_fmt(&mut self, line: fmt::Arguments<'_>) -> io::Result<()> {
            self.write(line.to_string().as_bytes()).map(|_| ())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn connect(path: &Path) -> io::Result<UnixDatagram> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.connect(path)?;
        Ok(socket)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn temporary(name: &str) -> PathBuf {
            let path = std::env::temp_dir().join(format!("ltewan-{}-{name}", std::process::id()));
            let _ = std::fs::remove_file(&path);
            path
        }

        fn say(logger: &Logger, text: &str) {
            logger.log(&Record::builder().level(Level::Error).args(format_args!("{text}")).build());
        }

        #[test]
        fn a_line_is_one_datagram_and_a_restarted_log_is_found_again() {
            ::log::set_max_level(::log::LevelFilter::Debug);
            let path = temporary("log");
            let log = UnixDatagram::bind(&path).unwrap();
            let logger = Logger::connect(path.to_str().unwrap()).unwrap();
            say(&logger, "first");
            let mut buf = [0; 512];
            let count = log.recv(&mut buf).unwrap();
            let line = String::from_utf8_lossy(&buf[..count]).into_owned();
            assert!(line.starts_with("<27>"), "{line}");
            assert!(line.contains(" ltewan[") && line.ends_with(": first"), "{line}");

            drop(log);
            std::fs::remove_file(&path).unwrap();
            say(&logger, "nobody hears this");
            let log = UnixDatagram::bind(&path).unwrap();
            say(&logger, "second");
            let count = log.recv(&mut buf).unwrap();
            assert!(String::from_utf8_lossy(&buf[..count]).ends_with("second"));
            std::fs::remove_file(&path).unwrap();
        }

        #[test]
        fn a_line_cannot_become_two_or_reach_the_terminal() {
            ::log::set_max_level(::log::LevelFilter::Debug);
            let path = temporary("forged");
            let log = UnixDatagram::bind(&path).unwrap();
            let logger = Logger::connect(path.to_str().unwrap()).unwrap();
            say(&logger, "operator 'a\nb\r\0\u{1b}[2J\u{9b}31m' \u{e9}");
            let mut buf = [0; 512];
            let count = log.recv(&mut buf).unwrap();
            let line = String::from_utf8_lossy(&buf[..count]).into_owned();
            let shown =
                r"operator 'a\nb\r\u{0}\u{1b}[2J\u{9b}31m' \u{e9}".replace(r"\u{e9}", "\u{e9}");
            assert!(line.ends_with(&shown), "{line:?}");
            std::fs::remove_file(&path).unwrap();
        }

        #[test]
        fn a_full_log_does_not_stall_the_daemon() {
            let path = temporary("fulllog");
            let _log = UnixDatagram::bind(&path).unwrap();
            let logger = Logger::connect(path.to_str().unwrap()).unwrap();
            ::log::set_max_level(::log::LevelFilter::Debug);
            for _ in 0..2000 {
                say(&logger, "flood");
            }
            std::fs::remove_file(&path).unwrap();
        }

        #[test]
        fn no_system_log_is_noticed() {
            assert!(Logger::connect("/nonexistent/log").is_none());
        }
    }
}
