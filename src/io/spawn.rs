//! Starts a program: `fork` and `execve`. `std::process` does the same in 20 KB of code on MIPS.
#![expect(unsafe_code, reason = "neither std nor rustix can fork safely, and little may follow it")]

use rustix::fs::{Mode, OFlags};
use rustix::io::retry_on_intr;
use rustix::process::{
    Pid, Signal, WaitOptions, chdir, kill_process, set_parent_process_death_signal, setpgid,
    waitpid,
};
use std::convert::Infallible;
use std::ffi::{CString, OsStr};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr;

/// A program that is to be started. It gets no signal blocked or SIGPIPE ignored.
#[derive(Debug)]
pub(super) struct Program {
    /// Its path, and then its arguments.
    words: Vec<CString>,
    /// `None` is that of whoever starts it.
    environment: Option<Vec<CString>>,
    is_bound: bool,
}

/// A program that was started. It goes on when this is dropped, and is nobody's to wait for.
#[derive(Debug)]
#[must_use = "what nobody waits for stays in the table of processes"]
pub(super) struct Process(Pid);

impl Program {
    /// With an environment, each `NAME=value`, it is in the root folder and has no other. Without
    /// one it has the environment and the folder of whoever starts it.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when there is a NUL in any of it.
    pub(super) fn new(
        path: &Path,
        arguments: &[&OsStr],
        environment: Option<Vec<String>>,
    ) -> io::Result<Self> {
        let mut words = vec![CString::new(path.as_os_str().as_bytes())?];
        for argument in arguments {
            words.push(CString::new(argument.as_bytes())?);
        }
        let environment = match environment {
            Some(of) => {
                let mut strings = Vec::new();
                for string in of {
                    strings.push(CString::new(string.as_bytes())?);
                }
                Some(strings)
            }
            None => None,
        };
        Ok(Self { words, environment, is_bound: false })
    }

    /// In a process group of its own, and killed when the thread that starts it ends.
    pub(super) fn bound(self) -> Self {
        Self { is_bound: true, ..self }
    }

    /// Starts it with these as standard input, output and error, or with those of whoever starts
    /// it. It gets no other descriptor that is close-on-exec.
    ///
    /// # Errors
    /// What the system reports, of the program as well: then nothing was started.
    pub(super) fn spawn(&self, streams: Option<[BorrowedFd<'_>; 3]>) -> io::Result<Process> {
        let arguments = pointers(&self.words);
        let environment = self.environment.as_deref().map(pointers);
        let mut moved = Vec::new();
        for stream in streams.iter().flatten() {
            moved.push(above_standard(stream)?);
        }
        let (reader, writer) = io::pipe()?;
        let writer = above_standard(writer)?;
        // SAFETY: other threads may hold any lock when this one is copied; what follows in the
        // copy takes none: it only makes system calls, and never leaves this arm.
        let pid = match unsafe { libc::fork() } {
            0 => {
                // SAFETY: this process was just forked, and the pointers are those of `pointers`,
                // whose strings are borrowed from `self`.
                let result = unsafe { self.exec(&arguments, environment.as_deref(), &moved) };
                let code = result.err().and_then(|error| error.raw_os_error());
                let _ = rustix::io::write(&writer, &code.unwrap_or(libc::EIO).to_ne_bytes());
                // SAFETY: it ends the copy without anything that this process would do at its end.
                unsafe { libc::_exit(127) }
            }
            pid => pid,
        };
        // For a failed `fork`, which Linux says by -1.
        let error = io::Error::last_os_error();
        let process = Pid::from_raw(pid.max(0)).map(Process).ok_or(error)?;
        // With the last writer gone there is something to read, or the program runs.
        drop(writer);
        let mut code = [0; size_of::<i32>()];
        let error = match retry_on_intr(|| rustix::io::read(&reader, &mut code)) {
            Ok(0) => return Ok(process),
            Ok(_) => io::Error::from_raw_os_error(i32::from_ne_bytes(code)),
            Err(error) => error.into(),
        };
        process.end();
        Err(error)
    }

    /// Becomes the program.
    ///
    /// # Safety
    /// Only in a process just forked, of which nothing else is wanted. Of `arguments`, and of
    /// `environment`, each but the last points to a string and the last is null.
    unsafe fn exec(
        &self,
        arguments: &[*const c_char],
        environment: Option<&[*const c_char]>,
        streams: &[OwnedFd],
    ) -> io::Result<Infallible> {
        for (stream, standard) in streams.iter().zip(0..) {
            // SAFETY: what is closed by it is one of this process alone, which uses none of them.
            if unsafe { libc::dup2(stream.as_raw_fd(), standard) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        if self.is_bound {
            setpgid(None, None)?;
            set_parent_process_death_signal(Some(Signal::KILL))?;
        }
        if environment.is_some() {
            chdir(c"/")?;
        }
        restore_signals()?;
        let path = arguments.first().copied().unwrap_or_default();
        // SAFETY: the caller vouches for the pointers.
        unsafe {
            match environment {
                Some(environment) => {
                    libc::execve(path, arguments.as_ptr(), environment.as_ptr());
                }
                None => {
                    libc::execv(path, arguments.as_ptr());
                }
            }
        }
        Err(io::Error::last_os_error())
    }
}

impl Process {
    /// Its number, its own until it was waited for.
    pub(super) fn id(&self) -> Pid {
        self.0
    }

    /// Waits for its end; whether it says that it did what it was to do.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn wait(self) -> io::Result<bool> {
        let ended = retry_on_intr(|| waitpid(Some(self.0), WaitOptions::empty()))?;
        Ok(ended.is_some_and(|(_, status)| status.exit_status() == Some(0)))
    }

    /// Ends it at once.
    pub(super) fn end(self) {
        // It may have ended by itself meanwhile.
        let _ = kill_process(self.0, Signal::KILL);
        let _ = self.wait();
    }
}

/// What has nothing to read and keeps nothing that is written.
///
/// # Errors
/// What the system reports.
pub(super) fn null() -> io::Result<OwnedFd> {
    let path = Path::new("/dev/null");
    let file = super::files::open(path, OFlags::RDWR, Mode::empty());
    file.map_err(|error| super::at(path, error))
}

/// A copy that is none of the three standard ones: putting another in its place does not close it
/// before its turn, and its own place is not its number, of which close-on-exec would stay.
fn above_standard(fd: impl AsFd) -> io::Result<OwnedFd> {
    Ok(rustix::io::fcntl_dupfd_cloexec(fd, libc::STDERR_FILENO + 1)?)
}

/// As C has it: the last is null.
fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    let mut pointers = Vec::new();
    for string in strings {
        pointers.push(string.as_ptr());
    }
    pointers.push(ptr::null());
    pointers
}

/// What the daemon blocks in order to read it would be blocked in its programs as well, which then
/// could not be ended. None expects to find SIGPIPE ignored, as every program in Rust has it.
fn restore_signals() -> io::Result<()> {
    let mut none = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigemptyset` initialises the set that the call after it uses; the pointer is to a
    // live local, and a null old set is allowed. SIG_DFL runs no code of ours.
    let masked = unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut())
    };
    if masked == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::signals::Signals;
    use rustix::io::Errno;
    use rustix::process::{getpgid, test_kill_process};
    use std::fs::File;
    use std::io::Read as _;
    use std::{fs, process, thread};

    fn program(
        path: &str,
        arguments: &[&str],
        environment: Option<&[&str]>,
    ) -> io::Result<Program> {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let owned = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect();
        Program::new(Path::new(path), &arguments, environment.map(owned))
    }

    fn shell(script: &str) -> Program {
        program("/bin/sh", &["-c", script], Some(&["PATH=/usr/bin:/bin"])).unwrap()
    }

    fn without_streams(program: &Program) -> io::Result<Process> {
        program.spawn(Some([null()?.as_fd(); 3]))
    }

    /// What it writes, and whether it succeeds.
    fn printed(program: &Program) -> (String, bool) {
        let (mut reader, writer) = io::pipe().unwrap();
        let null = null().unwrap();
        let streams = Some([null.as_fd(), writer.as_fd(), writer.as_fd()]);
        let process = program.spawn(streams).unwrap();
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        (text, process.wait().unwrap())
    }

    #[test]
    fn a_program_is_waited_for_and_says_whether_it_did_what_it_was_to_do() {
        let ends = |script| without_streams(&shell(script)).unwrap().wait().unwrap();
        assert!(ends("exit 0") && !ends("exit 3") && !ends("kill -9 $$"));
        let process = without_streams(&shell("exec sleep 1000")).unwrap();
        let id = process.id();
        process.end();
        assert_eq!(test_kill_process(id), Err(Errno::SRCH));
        // With our own streams and environment.
        let asks = program("/bin/sh", &["-c", "[ \"$CARGO_PKG_NAME\" = ltewan ]"], None).unwrap();
        let is_cargo = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == "ltewan");
        assert_eq!(asks.spawn(None).unwrap().wait().unwrap(), is_cargo);
    }

    #[test]
    fn what_cannot_be_started_says_why_and_leaves_no_process() {
        let children = || fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
        let before = children();
        let path = std::env::temp_dir().join(format!("ltewan-spawn-{}", process::id()));
        fs::write(&path, "#!/bin/sh\n").unwrap();
        for (path, errno) in [
            ("/none", Errno::NOENT),
            (path.to_str().unwrap(), Errno::ACCESS),
            ("/", Errno::ACCESS),
            ("/dev/null/program", Errno::NOTDIR),
        ] {
            let error = without_streams(&program(path, &[], None).unwrap()).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(errno.raw_os_error()), "{path}: {error}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(children(), before);
    }

    #[test]
    fn a_nul_is_refused() {
        for wrong in [
            program("/bin/tr\0ue", &[], None),
            program("/bin/true", &["one", "t\0wo"], None),
            program("/bin/true", &[], Some(&["ONE=1", "TWO=\0"])),
        ] {
            assert_eq!(wrong.unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_program_gets_its_words_its_environment_the_root_folder_and_nothing_else() {
        let env = program("/usr/bin/env", &[], Some(&["ONE=1", "TWO=a b"])).unwrap();
        assert_eq!(printed(&env), ("ONE=1\nTWO=a b\n".to_owned(), true));
        let said = printed(
            &program("/bin/sh", &["-c", "pwd; printf '<%s>' \"$@\"", "", "a b", ""], Some(&[]))
                .unwrap(),
        );
        assert_eq!(said, ("/\n<a b><>".to_owned(), true));
        let here = std::env::current_dir().unwrap();
        let said = printed(&program("/bin/sh", &["-c", "pwd -P"], None).unwrap());
        assert_eq!(said.0.trim_end(), here.canonicalize().unwrap().to_str().unwrap());
    }

    #[test]
    fn a_program_has_every_signal() {
        // The mask is that of a thread.
        let status = thread::spawn(|| {
            let _signals = Signals::open().unwrap();
            let shown = fs::read_to_string("/proc/thread-self/status").unwrap();
            assert!(!shown.contains("SigBlk:\t0000000000000000"), "{shown}");
            printed(&program("/bin/cat", &["/proc/self/status"], Some(&[])).unwrap()).0
        });
        let status = status.join().unwrap();
        assert!(status.contains("SigBlk:\t0000000000000000"), "{status}");
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t")).unwrap();
        let ignored = u64::from_str_radix(ignored, 16).unwrap();
        assert_eq!(ignored >> (libc::SIGPIPE - 1) & 1, 0, "{status}");
    }

    #[test]
    fn each_stream_is_the_one_given_and_no_other_descriptor_is_there() {
        let script = "cat; echo said; echo complained >&2";
        let [(mut given, input), (mut said, output), (mut complained, error)] =
            [(); 3].map(|()| io::pipe().unwrap());
        // What it is to read is there before, and ends.
        rustix::io::write(&input, b"read\n").unwrap();
        drop(input);
        let streams = Some([given.as_fd(), output.as_fd(), error.as_fd()]);
        assert!(shell(script).spawn(streams).unwrap().wait().unwrap());
        drop((output, error));
        let mut texts = [(); 3].map(|()| String::new());
        for (pipe, text) in [&mut given, &mut said, &mut complained].into_iter().zip(&mut texts) {
            pipe.read_to_string(text).unwrap();
        }
        assert_eq!(texts, ["", "read\nsaid\n", "complained\n"]);

        // Who started the test may have left it some that are not close-on-exec.
        let list = "ls /proc/$$/fd; :";
        let mut other = process::Command::new("/bin/sh");
        other.args(["-c", list]).stdin(process::Stdio::null()).stderr(process::Stdio::null());
        let wanted = String::from_utf8(other.output().unwrap().stdout).unwrap();
        let held = [(); 8].map(|()| null().unwrap());
        assert_eq!(printed(&shell(list)).0, wanted);
        drop(held);
    }

    /// Changes places of its own standard streams, which only a process of its own can afford.
    #[test]
    fn the_standard_streams_can_change_places() {
        const NAME: &str = "io::spawn::tests::the_standard_streams_can_change_places";
        const FOLDER: &str = "LTEWAN_SPAWN_STREAMS";
        // Not redirected while it looks.
        let script = "cd /proc/$$/fd; told=$(readlink 0 1 2); echo \"$told\" >> $FOLDER/told";
        if let Some(folder) = std::env::var_os(FOLDER) {
            let (input, output, error) = (io::stdin(), io::stdout(), io::stderr());
            let (input, output, error) = (input.as_fd(), output.as_fd(), error.as_fd());
            let environment = [format!("FOLDER={}", folder.to_str().unwrap())];
            let environment = [environment[0].as_str(), "PATH=/usr/bin:/bin"];
            let program = program("/bin/sh", &["-c", script], Some(&environment)).unwrap();
            for streams in [[output, error, input], [error, input, output], [input, error, error]] {
                assert!(program.spawn(Some(streams)).unwrap().wait().unwrap());
            }
            return;
        }
        let folder = std::env::temp_dir().join(format!("ltewan-streams-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let open = |name| {
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(true);
            options.open(folder.join(name)).unwrap()
        };
        let mut test = process::Command::new(std::env::current_exe().unwrap());
        test.args([NAME, "--exact", "--nocapture"]).env(FOLDER, &folder);
        test.stdin(open("0")).stdout(open("1")).stderr(open("2"));
        let status = test.status().unwrap();
        let said = [fs::read_to_string(folder.join("1")), fs::read_to_string(folder.join("2"))];
        assert!(status.success(), "{said:?}");
        let told = fs::read_to_string(folder.join("told")).unwrap();
        let names = told.lines().map(|line| line.rsplit('/').next().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["1", "2", "0", "2", "0", "1", "0", "2", "2"]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_is_bound_has_a_group_and_ends_with_the_thread_that_started_it() {
        let start = |program: Program| {
            let thread = thread::spawn(move || {
                let process = without_streams(&program).unwrap();
                let leads = getpgid(Some(process.id())) == Ok(process.id());
                (process, leads)
            });
            thread.join().unwrap()
        };
        let (process, leads) = start(shell("exec sleep 10").bound());
        assert!(leads && !process.wait().unwrap());
        let (process, leads) = start(shell("exec sleep 0.2"));
        assert!(!leads && process.wait().unwrap());
    }
}
