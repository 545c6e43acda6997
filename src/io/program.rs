//! A program of the router's that the daemon tells something, without a shell between them.
#![expect(unsafe_code, reason = "std has no safe call that gives a program its signals back")]

use super::aside::Aside;
use crate::map::Queue;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many run at once; each has a thread.
const RUNNING_MAX: usize = 8;

/// How many more wait for one of those to end: as many messages as come at once when a modem that
/// was full is read. Programs that hang must not gather others behind them without end.
const WAITING_MAX: usize = 128;

/// What a program is to find without being told where.
const SEARCH_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// What runs and what is to. While anything waits, as many run as may.
#[derive(Debug)]
struct Programs {
    running: usize,
    waiting: Queue<Command>,
}

static PROGRAMS: Mutex<Programs> = Mutex::new(Programs { running: 0, waiting: Queue::new() });

/// Runs a program with one argument, this environment and no input, and waits for it on a thread
/// of its own; what it prints and how it ends is its own affair. While many run already, it waits
/// until one of them ends.
///
/// # Errors
/// When too many wait already, or there is no thread to be had.
pub fn run(
    program: &Path,
    argument: &'static str,
    environment: Vec<(&'static str, String)>,
) -> io::Result<()> {
    let mut command = command(program);
    command.arg(argument).envs(environment).stdout(Stdio::null());
    let mut programs = programs();
    if programs.running < RUNNING_MAX {
        // Nobody waits for the result.
        drop(Aside::start("program", move || run_all(command))?);
        programs.running += 1;
    } else if programs.waiting.len() < WAITING_MAX {
        programs.waiting.push_back(command);
    } else {
        return Err(io::Error::other("too many programs run and wait already"));
    }
    Ok(())
}

fn programs() -> MutexGuard<'static, Programs> {
    PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs this one, and then one after the other what waits.
fn run_all(mut command: Command) -> io::Result<()> {
    loop {
        let result = command.status();
        let mut programs = programs();
        match programs.waiting.pop_front() {
            Some(next) => command = next,
            None => {
                programs.running -= 1;
                return result.map(drop);
            }
        }
    }
}

/// A program as any is run: with no input, and nothing of the daemon's.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", SEARCH_PATH);
    command.current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
    // SAFETY: between fork and exec only async-signal-safe functions may be called, which the two
    // that it calls are, POSIX.1-2017 2.4.3; it touches no memory but its own.
    unsafe { command.pre_exec(unblock_signals) };
    command
}

/// What the daemon blocks in order to read it would be blocked in its programs as well, which then
/// could not be ended.
fn unblock_signals() -> io::Result<()> {
    let mut none = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigemptyset` initialises the set that the call after it uses; the pointer is to a
    // live local, and a null old set is allowed.
    let masked = unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut())
    };
    if masked == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::signals::Signals;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::fs::{File, OpenOptions};
    use std::io::{BufRead as _, BufReader};
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_program_can_be_ended_by_the_signals_that_the_daemon_reads() {
        // The mask is that of a thread.
        let status = thread::spawn(|| {
            let _signals = Signals::open().unwrap();
            let shown = |path| std::fs::read_to_string(path).unwrap();
            assert!(!shown("/proc/thread-self/status").contains("SigBlk:\t0000000000000000"));
            command(Path::new("/bin/cat")).arg("/proc/self/status").output().unwrap()
        });
        let status = String::from_utf8(status.join().unwrap().stdout).unwrap();
        assert!(status.contains("SigBlk:\t0000000000000000"), "{status}");
    }

    /// Both ends are open, so that nobody waits for the other one.
    fn pipe(path: &Path) -> File {
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, path, FileType::Fifo, mode, 0).unwrap();
        OpenOptions::new().read(true).write(true).open(path).unwrap()
    }

    #[test]
    fn what_comes_while_many_run_is_run_when_they_end_and_no_more_of_it_than_can_wait() {
        let dir = std::env::temp_dir().join(format!("ltewan-program-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (gate, told, script) = (dir.join("gate"), dir.join("told"), dir.join("script"));
        std::fs::write(&script, ": < \"$GATE\"\necho \"$ID\" > \"$TOLD\"\n").unwrap();
        let script: &'static str = String::leak(script.to_str().unwrap().to_owned());
        drop(pipe(&gate));
        let lines = BufReader::new(pipe(&told)).lines();
        let run_one = |id: usize| {
            let path = |path: &Path| path.to_str().unwrap().to_owned();
            let environment =
                vec![("GATE", path(&gate)), ("TOLD", path(&told)), ("ID", id.to_string())];
            run(Path::new("/bin/sh"), script, environment)
        };
        let most = RUNNING_MAX + WAITING_MAX;
        let all: Vec<io::Result<()>> = (0..=most).map(run_one).collect();
        // No program comes past its first line before.
        let open = OpenOptions::new().read(true).write(true).open(&gate).unwrap();
        assert!(all[..most].iter().all(Result::is_ok) && all[most].is_err());
        let (sender, ids) = channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|id| sender.send(id)));
        let next = |_| ids.recv_timeout(Duration::from_secs(60)).unwrap().parse::<usize>().unwrap();
        let mut ids: Vec<usize> = (0..most).map(next).collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..most).collect::<Vec<_>>());
        drop(open);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
