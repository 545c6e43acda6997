//! Multicast from the kernel over netlink, as raw messages.

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType, bind, recvfrom, socket_with,
    sockopt,
};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// What one receive found.
#[derive(Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// One message from the kernel, as it came.
    Bytes(&'a [u8]),
    /// Messages were lost: look at everything again.
    Overflow,
    /// Nothing for the moment.
    Nothing,
}

/// A socket that hears one multicast group of one netlink protocol.
#[derive(Debug)]
pub(super) struct Netlink {
    fd: OwnedFd,
    name: &'static str,
}

impl Netlink {
    /// Joins `group`, a bit mask; `buffer_bytes` is how much the kernel keeps for us, or less when
    /// it does not let us have as much.
    pub(super) fn join(
        name: &'static str,
        protocol: Option<Protocol>,
        group: u32,
        buffer_bytes: usize,
    ) -> io::Result<Self> {
        let named = |error| super::named(name, error);
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let fd =
            socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, protocol).map_err(named)?;
        // A smaller buffer only makes a rescan more likely.
        if sockopt::set_socket_recv_buffer_size_force(&fd, buffer_bytes).is_err() {
            let _ = sockopt::set_socket_recv_buffer_size(&fd, buffer_bytes);
        }
        bind(&fd, &SocketAddrNetlink::new(0, group)).map_err(named)?;
        Ok(Self { fd, name })
    }

    /// The next message. Those that a process sent, not the kernel, are passed over: any program
    /// could forge them.
    pub(super) fn receive<'a>(&mut self, buf: &'a mut [u8]) -> io::Result<Message<'a>> {
        loop {
            match recvfrom(&self.fd, &mut *buf, RecvFlags::TRUNC) {
                Ok((_, length, sender)) => {
                    let sender = sender.and_then(|from| SocketAddrNetlink::try_from(from).ok());
                    if sender.is_none_or(|from| from.pid() != 0) {
                        continue;
                    }
                    if length > buf.len() {
                        return Ok(Message::Overflow);
                    }
                    return Ok(buf.get(..length).map_or(Message::Overflow, Message::Bytes));
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Message::Nothing),
                Err(Errno::NOBUFS) => return Ok(Message::Overflow),
                Err(error) => return Err(super::named(self.name, error)),
            }
        }
    }
}

impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
