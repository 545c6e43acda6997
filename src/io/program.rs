//! A program of the router's that the daemon tells something, without a shell between them.

use super::aside::Aside;
use super::environment;
use super::spawn::{self, Program};
use crate::map::Queue;
use rustix::fs::{Access, access};
use rustix::io::Errno;
use std::env::split_paths;
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
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
    waiting: Queue<Program>,
}

static PROGRAMS: Mutex<Programs> = Mutex::new(Programs { running: 0, waiting: Queue::new() });

/// Runs a program with one argument, this environment and no input, and waits for it on a thread
/// of its own; what it prints and how it ends is its own affair. While many run already, it waits
/// until one of them ends.
///
/// # Errors
/// When too many wait already, there is no thread to be had, or a NUL is in the environment.
pub fn run(
    program: &Path,
    argument: &'static str,
    environment: Vec<(&'static str, String)>,
) -> io::Result<()> {
    let program = alone(program, &[OsStr::new(argument)], environment)?;
    let mut programs = programs();
    if programs.running < RUNNING_MAX {
        // Nobody waits for the result.
        drop(Aside::start(c"program", move || run_all(program))?);
        programs.running += 1;
    } else if programs.waiting.len() < WAITING_MAX {
        programs.waiting.push_back(program);
    } else {
        return Err(super::error::other("too many programs run and wait already"));
    }
    Ok(())
}

fn programs() -> MutexGuard<'static, Programs> {
    PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs this one, and then one after the other what waits.
fn run_all(mut program: Program) -> io::Result<()> {
    loop {
        let result = spawn::null()
            .and_then(|null| program.spawn(Some([null.as_fd(); 3])))
            .and_then(spawn::Process::wait);
        let mut programs = programs();
        match programs.waiting.pop_front() {
            Some(next) => program = next,
            None => {
                programs.running -= 1;
                return result.map(drop);
            }
        }
    }
}

/// A program with nothing of the daemon's: no more environment than this and a search path.
pub(super) fn alone(
    path: &Path,
    arguments: &[&OsStr],
    environment: Vec<(&'static str, String)>,
) -> io::Result<Program> {
    let mut strings = Vec::new();
    for (name, value) in &environment {
        strings.push(format!("{name}={value}"));
    }
    strings.push(format!("PATH={SEARCH_PATH}"));
    Program::new(path, arguments, Some(strings))
}

/// Runs a program as a shell does: looked for where it would, in this process's environment and
/// folder and with its streams. Waits for it; whether it says that it did what it was to do.
///
/// # Errors
/// What the system reports, of a program that is not there as well.
pub fn call(name: &str, arguments: &[&OsStr]) -> io::Result<bool> {
    let search_path = environment::variable(c"PATH").unwrap_or_else(|| SEARCH_PATH.into());
    let path = found(name, &search_path)?;
    Program::new(&path, arguments, None)?.spawn(None)?.wait()
}

fn found(name: &str, search_path: &OsStr) -> io::Result<PathBuf> {
    if name.contains('/') {
        return Ok(name.into());
    }
    let can_run = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    let mut paths = split_paths(search_path).map(|folder| folder.join(name));
    Ok(paths.find(can_run).ok_or(Errno::NOENT)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::fs::{File, OpenOptions};
    use std::io::{BufRead as _, BufReader};
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_name_is_looked_for_along_the_search_path_and_a_path_is_not() {
        let dir = std::env::temp_dir().join(format!("ltewan-found-{}", std::process::id()));
        let [first, second, third] = ["1", "2", "3"].map(|name| dir.join(name));
        std::fs::create_dir_all(first.join("uci")).unwrap();
        for (folder, mode) in [(&second, 0o644), (&third, 0o755)] {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join("uci"), "#!/bin/sh\n").unwrap();
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions(folder.join("uci"), mode).unwrap();
        }
        let search_path = std::env::join_paths([&first, &second, &third]).unwrap();
        assert_eq!(found("uci", &search_path).unwrap(), third.join("uci"));
        assert_eq!(found("none", &search_path).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(found("./uci", &search_path).unwrap(), Path::new("./uci"));
        std::fs::remove_dir_all(&dir).unwrap();
        assert!(call("true", &[]).unwrap() && !call("false", &[]).unwrap());
    }

    #[test]
    fn what_a_program_cannot_be_told_is_refused() {
        let environment = vec![("TEXT", "a\0b".to_owned())];
        let error = run(Path::new("/bin/true"), "", environment).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
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
