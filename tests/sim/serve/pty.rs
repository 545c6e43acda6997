//! A modem on an ordinary PC: ptys for its ports, a TUN device for its network, and a made-up root
//! directory that a daemon can be pointed at.
//!
//! Under the root are `dev/cdc-wdmN` and `dev/ttyUSBN`, which are links to the ptys, and `sys` as
//! [`super::sysfs`] makes it. Nodes in `dev` come last and go first, as with a real device whose
//! nodes udev makes. There are no kernel events for made-up devices: whoever binds a datagram
//! socket at `uevent` in the root gets messages of the kernel's form there instead.

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use ltewan::time::Instant;
use rustix::event::PollFlags;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::Body;
use super::sysfs::{Names, Tree};
use super::tun::Tun;
use crate::sim::config::Front;
use crate::sim::{Config, Port, SimModem};

/// Bytes that wait for a reader before the port drops more.
const BACKLOG_BYTES: usize = 256 * 1024;
/// Ethernet header of the host's frames while its side is not set to raw-ip: to the gateway, from
/// a locally administered address.
const HOST_HEADER: [u8; 12] = [0x02, 0x50, 0xf3, 0, 0, 1, 0x02, 0x50, 0xf3, 0, 0, 2];

/// One modem's place under the root.
pub(crate) struct PtyBody {
    root: PathBuf,
    names: Names,
    live: Option<Live>,
}

/// What exists while the modem is plugged in.
struct Live {
    ports: Vec<PtyPort>,
    tun: Tun,
    tree: Tree,
    /// What says which framing the host uses; without it there is one only.
    raw_ip: Option<PathBuf>,
}

/// A control port.
struct PtyPort {
    port: Port,
    /// Node under `dev`.
    node: PathBuf,
    master: OwnedFd,
    /// Keeps the pty alive while no one else has it open.
    _slave: OwnedFd,
    output: Vec<u8>,
}

impl PtyPort {
    /// A pty in raw mode.
    fn open(port: Port, node: PathBuf) -> io::Result<(Self, PathBuf)> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::fs::fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = ptsname(&master, Vec::new())?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(path.as_c_str(), flags, Mode::empty())?;
        let mut settings = tcgetattr(&slave)?;
        settings.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &settings)?;
        let path = PathBuf::from(path.to_string_lossy().into_owned());
        Ok((Self { port, node, master, _slave: slave, output: Vec::new() }, path))
    }
}

impl PtyBody {
    /// The place of port `port`; the first modem's net device is `interface`.
    pub(crate) fn new(port: u8, root: &Path, interface: &str) -> Self {
        let stem = interface.trim_end_matches(|c: char| c.is_ascii_digit());
        let interface = if port == 0 { interface.to_owned() } else { format!("{stem}{port}") };
        let names = Names {
            hub_port: port.saturating_add(1),
            wdm: port,
            first_tty: port.saturating_mul(4),
            interface,
            interface_index: 0,
        };
        Self { root: root.to_owned(), names, live: None }
    }

    /// Tells whoever listens in place of the kernel's event socket.
    fn announce(&self, action: &str, events: impl Iterator<Item = (&'static str, String)>) {
        let Ok(socket) = UnixDatagram::unbound() else { return };
        for (subsystem, path) in events {
            let uevent = fs::read_to_string(self.root.join("sys").join(&path).join("uevent"));
            let mut message = format!(
                "{action}@/{path}\0ACTION={action}\0DEVPATH=/{path}\0SUBSYSTEM={subsystem}\0"
            );
            for line in uevent.unwrap_or_default().lines() {
                message.push_str(line);
                message.push('\0');
            }
            let _ = socket.send_to(message.as_bytes(), self.root.join("uevent"));
        }
    }

    fn build(&mut self, config: &Config) -> io::Result<Live> {
        let tun = Tun::create(&self.names.interface)?;
        let ours = UnixDatagram::unbound()?;
        self.names.interface_index =
            rustix::net::netdevice::name_to_index(&ours, &self.names.interface)?;
        let tree = Tree::build(&self.root, &self.names, config)?;
        let raw_ip = tree.raw_ip(&self.names.interface, config);
        let dev = self.root.join("dev");
        fs::create_dir_all(&dev)?;
        let mut ports = Vec::new();
        let wdm = dev.join(format!("cdc-wdm{}", self.names.wdm));
        let ttys = (0..4).map(|number| {
            let node = dev.join(format!("ttyUSB{}", self.names.first_tty + number));
            (Port::At(number), node)
        });
        let control = match config.front {
            Front::Qmi => Port::Qmi,
            Front::Mbim => Port::Mbim,
            Front::At | Front::None => {
                return Err(io::Error::other("only front=qmi and front=mbim have a pty"));
            }
        };
        for (port, node) in [(control, wdm)].into_iter().chain(ttys) {
            let (pty, path) = PtyPort::open(port, node)?;
            let _ = fs::remove_file(&pty.node);
            symlink(path, &pty.node)?;
            ports.push(pty);
        }
        Ok(Live { ports, tun, tree, raw_ip })
    }
}

impl Body for PtyBody {
    fn attach(&mut self, config: &Config) -> io::Result<()> {
        let live = self.build(config)?;
        self.announce("add", live.tree.events.iter().cloned());
        self.live = Some(live);
        Ok(())
    }

    fn detach(&mut self) {
        let Some(mut live) = self.live.take() else { return };
        for port in &live.ports {
            let _ = fs::remove_file(&port.node);
        }
        let events: Vec<_> = live.tree.events.drain(..).rev().collect();
        self.announce("remove", events.into_iter());
        live.tree.remove();
    }

    fn interests(&self) -> Vec<(BorrowedFd<'_>, PollFlags)> {
        let Some(live) = &self.live else { return Vec::new() };
        let ports = live.ports.iter().map(|port| {
            let idle = port.output.is_empty();
            let flags = if idle { PollFlags::IN } else { PollFlags::IN | PollFlags::OUT };
            (port.master.as_fd(), flags)
        });
        ports.chain([(live.tun.as_fd(), PollFlags::IN)]).collect()
    }

    fn read(&mut self, now: Instant, modem: &mut SimModem) {
        let Some(live) = &mut self.live else { return };
        let mut buffer = [0; 16384];
        for port in &live.ports {
            while let Ok(count @ 1..) = rustix::io::read(&port.master, &mut buffer) {
                modem.handle_input(now, port.port, buffer.get(..count).unwrap_or_default());
            }
        }
        while let Some(count @ 1..) = live.tun.read(&mut buffer) {
            let packet = buffer.get(..count).unwrap_or_default();
            if is_raw_ip(live.raw_ip.as_deref()) {
                modem.handle_packet(now, packet);
            } else {
                let kind = if packet.first().is_some_and(|first| first >> 4 == 6) {
                    [0x86, 0xdd]
                } else {
                    [0x08, 0x00]
                };
                modem.handle_packet(now, &[&HOST_HEADER[..], &kind, packet].concat());
            }
        }
    }

    fn write(&mut self, now: Instant, modem: &mut SimModem) {
        let Some(live) = &mut self.live else {
            while modem.poll_transmit(now).is_some() {}
            while modem.poll_packet().is_some() {}
            return;
        };
        while let Some((port, bytes)) = modem.poll_transmit(now) {
            let open = live.ports.iter_mut().filter(|pty| pty.port == port);
            for pty in open.filter(|pty| pty.output.len() < BACKLOG_BYTES) {
                pty.output.extend(&bytes);
            }
        }
        for pty in &mut live.ports {
            while !pty.output.is_empty() {
                match rustix::io::write(&pty.master, &pty.output) {
                    Ok(count) => drop(pty.output.drain(..count)),
                    Err(_) => break,
                }
            }
        }
        while let Some(packet) = modem.poll_packet() {
            // The host's driver takes the header off, if it expects one.
            let header = if is_raw_ip(live.raw_ip.as_deref()) { 0 } else { 14 };
            live.tun.write(packet.get(header..).unwrap_or_default());
        }
    }
}

/// The host has set its side to raw-ip.
fn is_raw_ip(file: Option<&Path>) -> bool {
    let Some(file) = file else { return true };
    fs::read(file).is_ok_and(|text| matches!(text.first(), Some(b'Y' | b'y' | b'1')))
}
