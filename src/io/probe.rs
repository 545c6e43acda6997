//! Sockets that ask something through one net device, whatever the routes say: echoes, datagrams
//! and connections.
#![expect(unsafe_code, reason = "rustix cannot bind a socket to a device")]

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, connect, ipproto, recv,
    send, socket_with, sockopt,
};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// How a socket asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With ICMP or ICMPv6 messages. Whatever the kernel hears of the same from the same address
    /// is received too.
    Echo,
    /// With datagrams.
    Udp,
    /// Over a connection; it is made once the socket becomes writable.
    Tcp,
}

/// Why a socket is of no use.
#[derive(Debug)]
pub enum Fault {
    /// This side could not ask: no such device, no route, no permission, no memory.
    Local(io::Error),
    /// The other side, or the way there, refused.
    Remote(io::Error),
}

/// A socket of one [`Kind`] with one address at the other end.
#[derive(Debug)]
pub struct Socket(OwnedFd);

impl Socket {
    /// Opens a socket that sends by `device` from `source`, if the kernel has that address, to
    /// `to`. A port of `to` means nothing to an echo.
    ///
    /// # Errors
    /// [`Fault::Local`] for lack of device, route, permission or descriptors; [`Fault::Remote`]
    /// when the other side refused a connection at once.
    pub fn open(kind: Kind, device: &str, source: IpAddr, to: SocketAddr) -> Result<Self, Fault> {
        let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let echo = if to.is_ipv4() { ipproto::ICMP } else { ipproto::ICMPV6 };
        let (socket_type, protocol) = match kind {
            Kind::Echo => (SocketType::RAW, Some(echo)),
            Kind::Udp => (SocketType::DGRAM, None),
            Kind::Tcp => (SocketType::STREAM, None),
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let local = |error: Errno| Fault::Local(super::named(device, error));
        let fd = socket_with(family, socket_type, flags, protocol).map_err(local)?;
        bind_to_device(&fd, device).map_err(Fault::Local)?;
        // Routes of IPv6 may be for packets from one prefix alone. An address that is missing, as
        // with options of the owner's own, leaves the choice to the kernel.
        match bind(&fd, &SocketAddr::new(source, 0)) {
            Ok(()) | Err(Errno::ADDRNOTAVAIL) => {}
            Err(error) => return Err(local(error)),
        }
        let to = if kind == Kind::Echo { SocketAddr::new(to.ip(), 0) } else { to };
        match connect(&fd, &to) {
            Ok(()) | Err(Errno::INPROGRESS) => Ok(Self(fd)),
            Err(error) => Err(fault(device, error)),
        }
    }

    /// Sends one message, or the first bytes over a connection.
    ///
    /// # Errors
    /// As [`Socket::open`].
    pub fn send(&self, bytes: &[u8]) -> Result<(), Fault> {
        match send(&self.0, bytes, SendFlags::NOSIGNAL) {
            Ok(count) if count == bytes.len() => Ok(()),
            // What is asked here fits into an empty send buffer.
            Ok(_) => Err(Fault::Local(io::Error::from(io::ErrorKind::WriteZero))),
            Err(error) => Err(fault("send", error)),
        }
    }

    /// Receives a message, or the next bytes; 0 at the end of a connection, `None` when there is
    /// nothing yet.
    ///
    /// # Errors
    /// What the network reported since, as [`Fault::Remote`] for the most part.
    pub fn recv(&self, buf: &mut [u8]) -> Result<Option<usize>, Fault> {
        loop {
            match recv(&self.0, &mut *buf, RecvFlags::empty()) {
                Ok((count, _)) => return Ok(Some(count)),
                Err(Errno::AGAIN) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(error) => return Err(heard(error)),
            }
        }
    }

    /// Whether a connection came about, once the socket is writable.
    ///
    /// # Errors
    /// [`Fault::Remote`] when it did not.
    pub fn connected(&self) -> Result<(), Fault> {
        match sockopt::socket_error(&self.0) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) | Err(error) => Err(heard(error)),
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// What a call met before anything left. A refusal may be word of what was sent before.
fn fault(what: &str, error: Errno) -> Fault {
    let named = super::named(what, error);
    if error == Errno::CONNREFUSED { Fault::Remote(named) } else { Fault::Local(named) }
}

/// What was heard of something that had left.
fn heard(error: Errno) -> Fault {
    let local = [Errno::NODEV, Errno::NETDOWN, Errno::NOBUFS, Errno::NOMEM, Errno::BADF];
    let fault = if local.contains(&error) { Fault::Local } else { Fault::Remote };
    fault(error.into())
}

/// `SO_BINDTODEVICE`, socket(7).
fn bind_to_device(socket: &OwnedFd, device: &str) -> io::Result<()> {
    let invalid = || super::named(device, io::ErrorKind::InvalidInput);
    if device.is_empty() || device.len() > super::netdev::NAME_BYTES_MAX {
        return Err(invalid());
    }
    let length = libc::socklen_t::try_from(device.len()).map_err(|_| invalid())?;
    let name = device.as_ptr().cast();
    let fd = socket.as_raw_fd();
    // SAFETY: the descriptor is open, and the kernel reads `length` bytes of the name, all of
    // which are there, during the call only.
    let result =
        unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, name, length) };
    if result == 0 { Ok(()) } else { Err(super::named(device, io::Error::last_os_error())) }
}
