//! Each call against the real kernel: pseudo-terminals, sockets, temporary directories.

use super::poll::{Interest, Ready};
use super::*;
use crate::time::Duration;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

const DEADLINE: Duration = Duration::from_secs(10);

/// A directory of its own for one test, removed afterwards.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("ltewan-io-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir(&dir).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The modem's side of a pseudo-terminal, and the path of ours.
fn pty() -> (std::fs::File, String) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    (std::fs::File::from(master), path)
}

/// Waits for `fd` with a deadline.
fn ready(fd: impl AsFd, interest: Interest) -> Ready {
    let seen = poll::wait(&[(fd.as_fd(), interest)], Some(DEADLINE)).unwrap();
    assert!(seen[0].any(), "nothing within {DEADLINE:?}");
    seen[0]
}

fn read_ready(channel: &mut Channel) -> (Received, Vec<u8>) {
    ready(&*channel, Interest::Read);
    let mut buf = vec![0; 4096];
    let received = channel.read(&mut buf).unwrap();
    let count = if let Received::Bytes(count) = received { count } else { 0 };
    buf.truncate(count);
    (received, buf)
}

fn is_cloexec_and_nonblocking(fd: impl AsFd) -> bool {
    let cloexec = rustix::io::fcntl_getfd(&fd).unwrap().contains(rustix::io::FdFlags::CLOEXEC);
    let flags = rustix::fs::fcntl_getfl(&fd).unwrap();
    cloexec && flags.contains(rustix::fs::OFlags::NONBLOCK)
}

#[test]
fn the_clock_goes_forward_from_boot() {
    let first = clock::now();
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    let uptime_secs: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
    assert!(clock::now() >= first);
    assert!((uptime_secs - first.as_secs() as f64).abs() < 5.0);
    assert!(clock::wall_secs() > 1_700_000_000);
}

#[test]
fn two_seeds_differ() {
    assert_ne!(random::seed(), random::seed());
}

#[test]
fn a_wait_ends_at_its_time_out_and_not_before() {
    let start = clock::now();
    assert_eq!(poll::wait(&[], Some(Duration::from_millis(30))).unwrap(), []);
    let length = clock::now().saturating_since(start);
    assert!(length >= Duration::from_millis(30), "{length:?}");
    let (ours, _theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let seen = poll::wait(&[(ours.as_fd(), Interest::Read)], Some(Duration::ZERO)).unwrap();
    assert_eq!(seen, [Ready::default()]);
    assert!(poll::wait(&[(ours.as_fd(), Interest::ReadWrite)], Some(Duration::MAX)).is_ok());
}

#[test]
fn a_wait_tells_readable_writable_and_closed_apart() {
    let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let seen = ready(&ours, Interest::ReadWrite);
    assert_eq!(seen, Ready { readable: false, writable: true, closed: false });
    theirs.write_all(b"x").unwrap();
    let seen = ready(&ours, Interest::Read);
    assert_eq!(seen, Ready { readable: true, writable: false, closed: false });
    drop(theirs);
    assert!(ready(&ours, Interest::Read).closed);
}

#[test]
fn a_serial_port_is_raw_exclusive_and_non_blocking() {
    let (mut modem, path) = pty();
    let mut port = tty::open(&path).unwrap();
    assert!(is_cloexec_and_nonblocking(&port));
    assert_eq!(port.name(), path);
    let mut buf = [0; 64];
    assert_eq!(port.read(&mut buf).unwrap(), Received::Nothing);
    // A second opener is refused: by the lock even where root may pass TIOCEXCL.
    assert!(tty::open(&path).is_err());

    port.send(b"AT\r").unwrap();
    let count = modem.read(&mut buf).unwrap();
    assert_eq!(&buf[..count], b"AT\r", "no CR to NL on the way out");
    modem.write_all(b"\r\nOK\r\n\x1a\x03").unwrap();
    let mut seen = Vec::new();
    while seen.len() < 8 {
        seen.extend(read_ready(&mut port).1);
    }
    assert_eq!(seen, b"\r\nOK\r\n\x1a\x03", "nothing is translated or taken for a control key");
}

#[test]
fn a_serial_port_that_was_closed_can_be_opened_again_at_once() {
    let (_modem, path) = pty();
    for _ in 0..50 {
        drop(tty::open(&path).unwrap());
    }
}

#[test]
fn a_port_that_opens_slowly_keeps_nobody_waiting() {
    let dir = Dir::new("opening");
    let path = dir.path("fifo");
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
    // As the kernel has it, this waits for a reader.
    fn open(path: &str) -> io::Result<Channel> {
        let _writer = std::fs::File::options().write(true).open(path)?;
        chardev::open(path)
    }
    let mut opening = Opening::start(path.to_str().unwrap(), open).unwrap();
    assert!(opening.take().is_none());
    let given_up = Opening::start(path.to_str().unwrap(), open).unwrap();
    drop(given_up);
    let _reader = std::fs::File::open(&path).unwrap();
    assert!(ready(&opening, Interest::Read).readable);
    assert_eq!(opening.take().unwrap().unwrap().name(), path.to_str().unwrap());
    assert!(opening.take().unwrap().is_err(), "there is only one");
}

#[test]
fn closing_a_serial_port_leaves_its_lines_alone() {
    let (modem, path) = pty();
    let _port = tty::open(&path).unwrap();
    let settings = rustix::termios::tcgetattr(&modem).unwrap();
    assert!(!settings.control_modes.contains(rustix::termios::ControlModes::HUPCL));
}

#[test]
fn an_unplugged_serial_port_reads_as_closed_and_refuses_to_send() {
    let (modem, path) = pty();
    let mut port = tty::open(&path).unwrap();
    drop(modem);
    assert!(ready(&port, Interest::Read).closed);
    assert_eq!(port.read(&mut [0; 8]).unwrap(), Received::Closed);
    let error = port.send(b"AT\r").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    assert!(error.to_string().contains(&path), "{error}");
}

#[test]
fn a_port_that_is_not_there_is_not_found_and_named() {
    for error in
        [tty::open("/dev/ttyUSB99").unwrap_err(), chardev::open("/dev/cdc-wdm99").unwrap_err()]
    {
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with("/dev/"), "{error}");
    }
}

#[test]
fn a_pseudo_terminal_given_as_a_message_device_is_raw() {
    let (mut modem, path) = pty();
    let mut port = chardev::open(&path).unwrap();
    assert!(is_cloexec_and_nonblocking(&port));
    modem.write_all(b"\x01\x0c\x00\r\n\x03\x04").unwrap();
    let mut seen = Vec::new();
    while seen.len() < 7 {
        seen.extend(read_ready(&mut port).1);
    }
    assert_eq!(seen, b"\x01\x0c\x00\r\n\x03\x04");
    drop(modem);
    assert_eq!(read_ready(&mut port).0, Received::Closed);
}

#[test]
fn a_seqpacket_socket_keeps_message_bounds() {
    use rustix::net::*;
    let dir = Dir::new("seqpacket");
    let path = dir.path("modem");
    let address = SocketAddrUnix::new(&path).unwrap();
    let listener =
        socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
            .unwrap();
    bind(&listener, &address).unwrap();
    listen(&listener, 1).unwrap();
    let mut port = chardev::open(path.to_str().unwrap()).unwrap();
    let modem: OwnedFd = accept(&listener).unwrap();
    send(&modem, b"one", SendFlags::empty()).unwrap();
    send(&modem, b"two", SendFlags::empty()).unwrap();
    assert_eq!(read_ready(&mut port).1, b"one");
    assert_eq!(read_ready(&mut port).1, b"two");
    drop(modem);
    assert_eq!(read_ready(&mut port).0, Received::Closed);
}

#[test]
fn what_the_peer_does_not_read_waits_in_order_and_up_to_a_maximum() {
    let dir = Dir::new("stream");
    let path = dir.path("bus");
    let listener = UnixListener::bind(&path).unwrap();
    let mut channel = socket::connect_stream(&path).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    assert!(is_cloexec_and_nonblocking(&channel));
    assert_eq!(channel.interest(), Interest::Read);

    let mut sent = 0_usize;
    let refused = loop {
        let message: Vec<u8> =
            (sent..sent + 50_000).map(|n| u8::try_from(n % 251).unwrap()).collect();
        match channel.send(&message) {
            Ok(()) => sent += message.len(),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
    assert!(sent <= socket::QUEUE_BYTES_MAX + 1_000_000);
    assert_eq!(channel.interest(), Interest::ReadWrite);

    let mut seen = 0_usize;
    let mut buf = vec![0; 65_536];
    while seen < sent {
        channel.flush().unwrap();
        let count = peer.read(&mut buf).unwrap();
        for byte in &buf[..count] {
            assert_eq!(usize::from(*byte), seen % 251);
            seen += 1;
        }
    }
    assert_eq!(channel.interest(), Interest::Read);
    channel.send(b"there is room again").unwrap();
}

#[test]
fn a_bus_that_leaves_is_seen_and_one_that_is_not_there_is_an_error() {
    let dir = Dir::new("gone");
    let path = dir.path("bus");
    let missing = socket::connect_stream(&path).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    let listener = UnixListener::bind(&path).unwrap();
    let mut channel = socket::connect_stream(&path).unwrap();
    drop(listener.accept().unwrap());
    assert_eq!(read_ready(&mut channel).0, Received::Closed);
    drop(listener);
    // A program that another test has just started holds the listener until it runs.
    let end = clock::now() + DEADLINE;
    let refused = loop {
        match socket::connect_stream(&path) {
            Err(error) => break error,
            Ok(_) => assert!(clock::now() < end, "somebody still listens"),
        }
    };
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn closing_aside_closes_everything_and_leaves_no_thread() {
    let pairs: Vec<_> = (0..100).map(|_| std::os::unix::net::UnixStream::pair().unwrap()).collect();
    let mut peers = Vec::new();
    for (ours, theirs) in pairs {
        close::aside(OwnedFd::from(ours));
        assert!(close::threads() <= close::THREADS_MAX);
        peers.push(theirs);
    }
    for peer in &peers {
        assert!(ready(peer, Interest::Read).closed);
    }
    let end = clock::now() + DEADLINE;
    while close::threads() > 0 {
        assert!(clock::now() < end, "a closing thread did not end");
        std::thread::yield_now();
    }
}

/// Reads until the kernel's message for `needle` comes.
fn expect_uevent(socket: &mut uevent::Socket, needle: &[u8]) {
    let mut buf = [0; uevent::MESSAGE_BYTES_MAX];
    loop {
        match socket.recv(&mut buf).unwrap() {
            Message::Bytes(bytes) if bytes.windows(needle.len()).any(|part| part == needle) => {
                return;
            }
            Message::Bytes(_) | Message::Overflow => {}
            Message::Nothing => {
                ready(&*socket, Interest::Read);
            }
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn the_kernel_is_heard_and_a_process_that_plays_the_kernel_is_not() {
    use rustix::net::{netlink::SocketAddrNetlink, *};
    let mut socket = uevent::Socket::open().unwrap();
    assert!(is_cloexec_and_nonblocking(&socket));
    if !is_root() {
        return;
    }
    let own = SocketAddrNetlink::try_from(getsockname(&socket).unwrap()).unwrap();
    let forger = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        Some(netlink::KOBJECT_UEVENT),
    )
    .unwrap();
    let forged = b"add@/devices/forged\0SUBSYSTEM=forged\0";
    sendto(&forger, forged, SendFlags::empty(), &SocketAddrNetlink::new(own.pid(), 0)).unwrap();
    sysfs::write(Path::new("/sys/devices/virtual/mem/null/uevent"), "change").unwrap();
    let mut buf = [0; uevent::MESSAGE_BYTES_MAX];
    loop {
        ready(&socket, Interest::Read);
        while let Message::Bytes(bytes) = socket.recv(&mut buf).unwrap() {
            assert!(!bytes.ends_with(b"SUBSYSTEM=forged\0"), "the forged message came through");
            if bytes.starts_with(b"change@/devices/virtual/mem/null\0") {
                return;
            }
        }
    }
}

#[test]
fn lost_uevents_are_reported_and_the_socket_goes_on() {
    let mut socket = uevent::Socket::open().unwrap();
    if !is_root() {
        return;
    }
    rustix::net::sockopt::set_socket_recv_buffer_size(&socket, 2048).unwrap();
    let knob = Path::new("/sys/devices/virtual/mem/zero/uevent");
    for _ in 0..50 {
        sysfs::write(knob, "change").unwrap();
    }
    let mut buf = [0; uevent::MESSAGE_BYTES_MAX];
    let mut overflows = 0;
    loop {
        match socket.recv(&mut buf).unwrap() {
            Message::Bytes(_) => {}
            Message::Overflow => overflows += 1,
            Message::Nothing => break,
        }
    }
    assert!(overflows >= 1);
    sysfs::write(knob, "change").unwrap();
    expect_uevent(&mut socket, b"change@/devices/virtual/mem/zero\0");
}

#[test]
fn a_message_longer_than_the_buffer_counts_as_lost() {
    let mut socket = uevent::Socket::open().unwrap();
    if !is_root() {
        return;
    }
    sysfs::write(Path::new("/sys/devices/virtual/mem/full/uevent"), "change").unwrap();
    ready(&socket, Interest::Read);
    assert_eq!(socket.recv(&mut [0; 16]).unwrap(), Message::Overflow);
}

#[test]
fn a_watched_directory_reports_creation_renaming_and_deletion() {
    let dir = Dir::new("watch");
    let mut watcher = watch::Watcher::new().unwrap();
    assert!(is_cloexec_and_nonblocking(&watcher));
    watcher.add(&dir.0).unwrap();
    assert!(!watcher.drain().unwrap());
    std::fs::write(dir.path("a"), "").unwrap();
    ready(&watcher, Interest::Read);
    assert!(watcher.drain().unwrap());
    assert!(!watcher.drain().unwrap());
    std::fs::rename(dir.path("a"), dir.path("b")).unwrap();
    assert!(watcher.drain().unwrap());
    std::fs::remove_file(dir.path("b")).unwrap();
    assert!(watcher.drain().unwrap());
    assert_eq!(watcher.add(&dir.path("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn sysfs_is_read_with_links_and_without_surprises() {
    let net = Path::new("/sys/class/net");
    assert!(sysfs::list(net).contains(&"lo".to_owned()));
    assert!(sysfs::list(net).is_sorted());
    assert_eq!(sysfs::list(Path::new("/sys/none")), Vec::<String>::new());
    assert_eq!(sysfs::read(&net.join("lo/ifindex")).as_deref(), Some("1"));
    assert_eq!(sysfs::read(&net.join("lo/none")), None);
    let target = sysfs::link_target(&net.join("lo")).unwrap();
    assert_eq!(target, Path::new("/sys/devices/virtual/net/lo"));
    assert_eq!(sysfs::link_name(&net.join("lo/subsystem")).as_deref(), Some("net"));
    assert_eq!(sysfs::link_name(&net.join("lo/mtu")), None);
    assert!(sysfs::exists(&net.join("lo")) && !sysfs::exists(&net.join("none")));

    let dir = Dir::new("sysfs");
    std::fs::write(dir.path("product"), b" LTE \xff\xfe\n").unwrap();
    assert_eq!(sysfs::read(&dir.path("product")).as_deref(), Some("LTE \u{fffd}\u{fffd}"));
    std::fs::write(dir.path("big"), vec![b'x'; 5000]).unwrap();
    assert_eq!(sysfs::read(&dir.path("big")), None);
    sysfs::write(&dir.path("product"), "Y").unwrap();
    let missing = sysfs::write(&dir.path("none"), "Y").unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound, "a knob is never created");
}

#[test]
fn the_loopback_device_is_up_and_a_missing_one_is_not_found() {
    assert_eq!(netdev::index("lo").unwrap(), 1);
    assert!(netdev::is_up("lo").unwrap());
    netdev::set_up("lo", true).unwrap();
    for error in [
        netdev::is_up("wwan99").unwrap_err(),
        netdev::index("wwan99").unwrap_err(),
        netdev::set_up("wwan99", true).unwrap_err(),
        netdev::set_mtu("wwan99", 1500).unwrap_err(),
    ] {
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
        assert!(error.to_string().starts_with("wwan99: "), "{error}");
    }
}

#[test]
fn an_impossible_device_name_is_refused_before_the_kernel_sees_it() {
    for name in ["", "sixteen-letters-", "wwan0\0"] {
        assert_eq!(netdev::is_up(name).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(netdev::index(name).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
    let too_large = netdev::set_mtu("lo", u32::MAX).unwrap_err();
    assert_eq!(too_large.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn setting_the_mtu_is_heard_by_the_monitor() {
    let mut monitor = netdev::Monitor::open().unwrap();
    assert!(is_cloexec_and_nonblocking(&monitor));
    if !is_root() {
        return;
    }
    let mtu = Path::new("/sys/class/net/lo/mtu");
    let old: u32 = sysfs::read(mtu).unwrap().parse().unwrap();
    netdev::set_mtu("lo", old - 1).unwrap();
    assert_eq!(sysfs::read(mtu).unwrap(), (old - 1).to_string());
    netdev::set_mtu("lo", old).unwrap();
    let mut buf = [0; netdev::MESSAGE_BYTES_MAX];
    loop {
        ready(&monitor, Interest::Read);
        while let Message::Bytes(bytes) = monitor.recv(&mut buf).unwrap() {
            // nlmsghdr: length 4, type 2 (16 is RTM_NEWLINK), ...; ifinfomsg: its index at 4.
            let kind = u16::from_ne_bytes([bytes[4], bytes[5]]);
            let index = u32::from_ne_bytes([bytes[20], bytes[21], bytes[22], bytes[23]]);
            if (kind, index) == (16, 1) {
                return;
            }
        }
    }
}

#[test]
fn signals_are_read_in_a_loop_turn_and_do_not_kill() {
    use rustix::process::{Signal as Number, getpid};
    let mut signals = signals::Signals::open().unwrap();
    assert!(is_cloexec_and_nonblocking(&signals));
    assert_eq!(signals.take(), None);
    // To this thread alone: the other tests' threads have not masked them.
    let thread = rustix::process::Pid::from_raw(thread_id()).unwrap();
    assert_ne!(thread, getpid(), "tests run on threads of their own");
    for (number, signal) in [
        (Number::HUP, signals::Signal::Hangup),
        (Number::USR1, signals::Signal::User1),
        (Number::INT, signals::Signal::Interrupt),
        (Number::TERM, signals::Signal::Terminate),
    ] {
        send_to_thread(number.as_raw());
        assert!(ready(&signals, Interest::Read).readable);
        assert_eq!(signals.take(), Some(signal));
    }
    assert_eq!(signals.take(), None);
}

fn thread_id() -> i32 {
    let status = std::fs::read_link("/proc/thread-self").unwrap();
    status.file_name().unwrap().to_str().unwrap().parse().unwrap()
}

#[expect(unsafe_code, reason = "no safe call sends a signal to a thread")]
fn send_to_thread(number: i32) {
    // SAFETY: `raise` takes a number and touches no memory.
    assert_eq!(unsafe { libc::raise(number) }, 0);
}

#[test]
fn a_file_is_replaced_whole_with_the_mode_asked_for() {
    let dir = Dir::new("files");
    let path = dir.path("state");
    files::write_atomic(&path, b"one", 0o600).unwrap();
    files::write_atomic(&path, b"two", 0o640).unwrap();
    assert_eq!(files::read_bounded(&path, 3).unwrap(), b"two");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(sysfs::list(&dir.0), ["state"], "nothing is left beside it");

    // A link planted where the temporary file goes is not followed.
    std::fs::write(dir.path("victim"), "untouched").unwrap();
    std::os::unix::fs::symlink(dir.path("victim"), dir.path(".state.new")).unwrap();
    files::write_atomic(&path, b"three", 0o600).unwrap();
    assert_eq!(std::fs::read(dir.path("victim")).unwrap(), b"untouched");
    assert_eq!(std::fs::read(&path).unwrap(), b"three");
}

#[test]
fn a_failed_replacement_leaves_the_old_file() {
    let dir = Dir::new("fail");
    let error = files::write_atomic(&dir.path("none/state"), b"x", 0o600).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("none/state"), "{error}");
    std::fs::create_dir(dir.path("state")).unwrap();
    assert!(files::write_atomic(&dir.path("state"), b"x", 0o600).is_err());
    assert_eq!(sysfs::list(&dir.0), ["state"]);
}

#[test]
fn reading_is_bounded_and_never_waits() {
    let dir = Dir::new("bounded");
    std::fs::write(dir.path("f"), "1234").unwrap();
    assert_eq!(files::read_bounded(&dir.path("f"), 4).unwrap(), b"1234");
    let error = files::read_bounded(&dir.path("f"), 3).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        dir.path("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    assert_eq!(files::read_bounded(&dir.path("fifo"), 10).unwrap(), b"");
    let endless = files::read_bounded(Path::new("/dev/zero"), 1000).unwrap_err();
    assert_eq!(endless.kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn directories_are_made_and_files_removed_once() {
    let dir = Dir::new("dirs");
    let made = dir.path("a/b");
    files::create_dir(&made, 0o700).unwrap();
    files::create_dir(&made, 0o700).unwrap();
    assert_eq!(std::fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700);
    std::fs::write(made.join("f"), "").unwrap();
    files::remove(&made.join("f")).unwrap();
    files::remove(&made.join("f")).unwrap();
    assert!(files::remove(&made).is_err());
}

/// Capabilities are a thread's, so the test gives up those of one of its own.
#[test]
fn what_was_given_up_is_gone_and_what_is_needed_is_left() {
    use rustix::thread::{CapabilitySet, capabilities, no_new_privs};
    let given_up = std::thread::spawn(|| {
        let before = capabilities(None).unwrap().effective;
        privileges::drop_unneeded(true).unwrap();
        let first = capabilities(None).unwrap().effective;
        privileges::drop_unneeded(false).unwrap();
        (before, first, capabilities(None).unwrap(), no_new_privs().unwrap())
    });
    let (before, first, after, no_new_privs) = given_up.join().unwrap();
    let kept = CapabilitySet::NET_ADMIN | CapabilitySet::NET_RAW | CapabilitySet::DAC_OVERRIDE;
    assert_eq!(first, before & (kept | CapabilitySet::SYS_TIME));
    assert_eq!(after.effective, before & kept);
    assert_eq!(after.permitted.intersection(!kept), CapabilitySet::empty());
    assert_eq!(after.inheritable, CapabilitySet::empty());
    assert!(no_new_privs);
}

#[test]
fn a_file_is_written_beside_planted_symbolic_links() {
    let dir = Dir::new("planted");
    let victim = dir.path("victim");
    std::fs::write(&victim, "mine").unwrap();
    // As anyone may plant them in /tmp: one for the file and one for its temporary.
    for name in ["report", ".report.new"] {
        std::os::unix::fs::symlink(&victim, dir.path(name)).unwrap();
    }
    files::write_atomic(&dir.path("report"), b"secret", 0o600).unwrap();
    assert_eq!(std::fs::read(&victim).unwrap(), b"mine");
    let meta = std::fs::symlink_metadata(dir.path("report")).unwrap();
    assert!(meta.is_file() && meta.permissions().mode() & 0o777 == 0o600);
    assert!(std::fs::symlink_metadata(dir.path(".report.new")).is_err());
    // A directory in its place is not replaced, and nothing is left beside it.
    std::fs::create_dir(dir.path("taken")).unwrap();
    assert!(files::write_atomic(&dir.path("taken"), b"secret", 0o600).is_err());
    assert!(std::fs::symlink_metadata(dir.path(".taken.new")).is_err());
}

// Probes.

#[test]
fn a_probe_leaves_by_its_device_and_hears_the_answer() {
    use std::net::UdpSocket;
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = server.local_addr().unwrap();
    let socket = probe::Socket::open(probe::Kind::Udp, "lo", to.ip(), to).unwrap();
    let mut buf = [0; 64];
    assert_eq!(socket.recv(&mut buf).unwrap(), None);
    socket.send(b"question").unwrap();
    let (count, from) = server.recv_from(&mut buf).unwrap();
    assert_eq!(&buf[..count], b"question");
    server.send_to(b"answer", from).unwrap();
    poll::wait(&[(socket.as_fd(), Interest::Read)], Some(Duration::from_secs(10))).unwrap();
    assert_eq!(socket.recv(&mut buf).unwrap(), Some(6));
    assert_eq!(&buf[..6], b"answer");
}

#[test]
fn a_refused_probe_is_told_from_one_that_cannot_be_made() {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
    // Bound and not listening: nobody else is given its port meanwhile.
    let mute = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&mute, &"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap()).unwrap();
    let to = std::net::SocketAddr::try_from(getsockname(&mute).unwrap()).unwrap();
    let refused = probe::Socket::open(probe::Kind::Tcp, "lo", to.ip(), to).and_then(|socket| {
        let wait = [(socket.as_fd(), Interest::ReadWrite)];
        poll::wait(&wait, Some(Duration::from_secs(10))).unwrap();
        socket.connected()
    });
    assert!(matches!(refused, Err(probe::Fault::Remote(_))), "{refused:?}");
    for device in ["ltewan-none", "", "a-name-that-is-too-long"] {
        let fault = probe::Socket::open(probe::Kind::Udp, device, to.ip(), to);
        assert!(matches!(fault, Err(probe::Fault::Local(_))), "{device}: {fault:?}");
    }
    // Multicast over a stream: there is no such route.
    let nowhere = "224.0.0.1:80".parse().unwrap();
    let fault = probe::Socket::open(probe::Kind::Tcp, "lo", to.ip(), nowhere);
    assert!(matches!(fault, Err(probe::Fault::Local(_))), "{fault:?}");
}

// Secrets.

/// Types `keys` at a prompt once it is shown; what is read, and what the terminal showed.
fn typed(keys: &[u8]) -> (io::Result<String>, Vec<u8>, bool) {
    let (mut master, name) = pty();
    let slave = std::fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
    let echoes = |file: &std::fs::File| {
        let modes = rustix::termios::tcgetattr(file).unwrap().local_modes;
        modes.contains(rustix::termios::LocalModes::ECHO)
    };
    let mut source = prompt::Source::of(slave.as_fd()).unwrap();
    assert!(source.is_terminal() && echoes(&slave));
    let reader = std::thread::spawn(move || source.read("PIN", &mut io::sink()));
    let give_up = clock::now() + DEADLINE;
    while echoes(&slave) {
        assert!(clock::now() < give_up, "the echo is never off");
        std::thread::yield_now();
    }
    master.write_all(keys).unwrap();
    let read = reader.join().unwrap();
    rustix::io::ioctl_fionbio(&master, true).unwrap();
    let mut shown = Vec::new();
    let _ = master.read_to_end(&mut shown);
    (read, shown, echoes(&slave))
}

#[test]
fn a_secret_typed_at_a_terminal_is_not_shown_and_the_terminal_is_as_before() {
    let (read, shown, echoes) = typed(b"12x\x7f34\r");
    assert_eq!(read.unwrap(), "1234");
    assert!(shown.is_empty() && echoes, "{shown:?}");
    assert_eq!(typed(b"99\x151234\n").0.unwrap(), "1234", "Ctrl-U begins anew");
    let (read, _, echoes) = typed(b"12\x03");
    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::Interrupted);
    assert!(echoes, "giving up leaves the terminal as before");
    assert!(typed(&[b'1'; 300]).0.is_err());
}

#[test]
fn secrets_come_from_a_pipe_a_line_each() {
    let (read, write) = rustix::pipe::pipe().unwrap();
    std::fs::File::from(write).write_all(b"12345678\r\n0000\nlast").unwrap();
    let mut source = prompt::Source::of(read.as_fd()).unwrap();
    assert!(!source.is_terminal());
    let mut next = || source.read("PIN", &mut io::sink());
    assert_eq!(next().unwrap(), "12345678");
    assert_eq!(next().unwrap(), "0000");
    assert_eq!(next().unwrap(), "last");
    assert_eq!(next().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}
