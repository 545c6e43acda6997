//! The daemon's program as a process, and what the kernel tells of it.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

/// A running daemon. It is killed when this is dropped, and when its starter dies.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts the program of this build.
    pub(crate) fn start(root: &Path, bus: &Path, log: &Path) -> io::Result<Self> {
        let stderr = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(program());
        command.args(["daemon", "--stderr", "--root"]).arg(root).arg("--bus").arg(bus);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        die_with_starter(&mut command);
        let child = command
            .spawn()
            .map_err(|error| io::Error::other(format!("{}: {error}", program().display())))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends it as procd does; how it ended.
    pub(crate) fn stop(&mut self) -> io::Result<ExitStatus> {
        self.end_with(Signal::TERM)
    }

    /// Ends it with this signal; how it ended.
    pub(crate) fn end_with(&mut self, signal: Signal) -> io::Result<ExitStatus> {
        if let Some(pid) = i32::try_from(self.pid()).ok().and_then(Pid::from_raw) {
            kill_process(pid, signal)?;
        }
        self.child.wait()
    }

    /// How it ended, when it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Everything it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read(&self.log).map_or_else(|_| String::new(), |b| String::from_utf8_lossy(&b).into())
    }

    /// The last lines of that.
    pub(crate) fn log_tail(&self, count: usize) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(count)..).unwrap_or_default();
        tail.iter().map(|line| format!("    {line}\n")).collect()
    }

    /// Bytes of memory that are its alone.
    pub(crate) fn private_memory(&self) -> u64 {
        let kilobytes = self.status_field("RssAnon:").parse().unwrap_or(0_u64);
        kilobytes * 1024
    }

    /// How many threads it has.
    pub(crate) fn threads(&self) -> u64 {
        self.status_field("Threads:").parse().unwrap_or(0)
    }

    /// Whether it has or ever had a child process.
    pub(crate) fn has_had_children(&self) -> bool {
        let pid = self.pid();
        let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}"));
        let children = read(&format!("task/{pid}/children")).unwrap_or_default();
        // proc(5): the 11th field, cminflt, counts page faults of children that were waited for;
        // none starts without some. The name before it may hold spaces, but ends with a bracket.
        let stat = read("stat").unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let faults = after_name.split_whitespace().nth(8).unwrap_or("?").to_owned();
        !children.trim().is_empty() || faults != "0"
    }

    fn status_field(&self, name: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().split_whitespace().next().unwrap_or_default().to_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program that this build made, or the one that `LTEWAN_PROGRAM` names: one of another
/// processor, say, with its emulator.
pub(crate) fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("LTEWAN_PROGRAM") {
        return program.into();
    }
    // An example has no such variable, but lies in a folder beside the program.
    option_env!("CARGO_BIN_EXE_ltewan").map_or_else(
        || {
            let own = std::env::current_exe().unwrap_or_default();
            own.ancestors().nth(2).unwrap_or(Path::new(".")).join("ltewan")
        },
        PathBuf::from,
    )
}

#[expect(unsafe_code, reason = "std lets only unsafe code run between fork and exec")]
fn die_with_starter(command: &mut Command) {
    // SAFETY: the closure makes one system call and touches no memory of its parent.
    unsafe {
        command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
    }
}
