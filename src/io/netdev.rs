//! Net devices: up and down, MTU, and word of their changes.
#![expect(unsafe_code, reason = "rustix has no safe calls for interface flags and MTU")]

use super::netlink::{Message, Netlink};
use rustix::net::{AddressFamily, SocketFlags, SocketType, netdevice, socket_with};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// The longest name, without the NUL: `IFNAMSIZ` less one.
pub const NAME_BYTES_MAX: usize = libc::IFNAMSIZ - 1;

/// Takes a device up or down. Nothing is done when it is so already.
///
/// # Errors
/// `NotFound` when there is no such device, `PermissionDenied`, or the driver's own error.
pub fn set_up(name: &str, up: bool) -> io::Result<()> {
    set_flag(name, libc::IFF_UP, up)
}

/// Has the kernel ask for no neighbours on a device, with ARP or otherwise.
///
/// # Errors
/// As for [`set_up`].
pub fn stop_arp(name: &str) -> io::Result<()> {
    set_flag(name, libc::IFF_NOARP, true)
}

fn set_flag(name: &str, flag: libc::c_int, on: bool) -> io::Result<()> {
    let mut request = Request::new(name)?;
    request.call(libc::SIOCGIFFLAGS as _)?;
    let flag = short(flag);
    let old = request.flags();
    let new = if on { old | flag } else { old & !flag };
    if new == old {
        return Ok(());
    }
    request.record.ifr_ifru = libc::__c_anonymous_ifr_ifru { ifru_flags: new };
    request.call(libc::SIOCSIFFLAGS as _)
}

/// Whether a device is administratively up.
///
/// # Errors
/// `NotFound` when there is no such device.
pub fn is_up(name: &str) -> io::Result<bool> {
    let mut request = Request::new(name)?;
    request.call(libc::SIOCGIFFLAGS as _)?;
    Ok(request.flags() & short(libc::IFF_UP) != 0)
}

/// Sets how many bytes of IP a frame may carry.
///
/// # Errors
/// `NotFound`, `PermissionDenied`, or `InvalidInput` when the driver does not take this size.
pub fn set_mtu(name: &str, mtu: u32) -> io::Result<()> {
    let mut request = Request::new(name)?;
    let mtu = libc::c_int::try_from(mtu)
        .map_err(|_| super::named(name, io::Error::from(io::ErrorKind::InvalidInput)))?;
    request.record.ifr_ifru = libc::__c_anonymous_ifr_ifru { ifru_mtu: mtu };
    request.call(libc::SIOCSIFMTU as _)
}

/// The kernel's number for a device; netlink messages name devices by it.
///
/// # Errors
/// `NotFound` when there is no such device.
pub fn index(name: &str) -> io::Result<u32> {
    let request = Request::new(name)?;
    netdevice::name_to_index(&request.socket, name).map_err(|error| no_device(name, error.into()))
}

/// One `ifreq` and a socket to put it through.
struct Request {
    socket: OwnedFd,
    name: String,
    record: libc::ifreq,
}

impl Request {
    fn new(name: &str) -> io::Result<Self> {
        let bytes = name.as_bytes();
        if bytes.is_empty() || bytes.len() > NAME_BYTES_MAX || bytes.contains(&0) {
            return Err(super::named(name, io::Error::from(io::ErrorKind::InvalidInput)));
        }
        let flags = SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None)
            .map_err(|error| super::named(name, error))?;
        // SAFETY: `ifreq` is a C struct of numbers and of a union of such; all zero is valid.
        let mut record: libc::ifreq = unsafe { std::mem::zeroed() };
        for (to, from) in record.ifr_name.iter_mut().zip(bytes) {
            *to = from.cast_signed() as _;
        }
        Ok(Self { socket, name: name.to_owned(), record })
    }

    /// Puts the record through an ioctl that takes an `ifreq`.
    fn call(&mut self, code: libc::Ioctl) -> io::Result<()> {
        // SAFETY: the descriptor is open, and each code used in this file reads or writes one
        // `ifreq`, which `record` is.
        let result = unsafe { libc::ioctl(self.socket.as_raw_fd(), code, &raw mut self.record) };
        if result < 0 {
            return Err(no_device(&self.name, io::Error::last_os_error()));
        }
        Ok(())
    }

    fn flags(&self) -> libc::c_short {
        // SAFETY: SIOCGIFFLAGS has filled this member in; all its bit patterns are numbers.
        unsafe { self.record.ifr_ifru.ifru_flags }
    }
}

/// `error` with the device's name. The kernel says ENODEV where files say ENOENT.
fn no_device(name: &str, error: io::Error) -> io::Error {
    let missing = error.raw_os_error() == Some(libc::ENODEV);
    if missing {
        return super::error::of_kind(io::ErrorKind::NotFound, format!("{name}: {error}"));
    }
    super::named(name, error)
}

/// A flag as wide as the `ifreq` member holds it.
fn short(flag: libc::c_int) -> libc::c_short {
    libc::c_short::try_from(flag).unwrap_or(0)
}

/// The longest rtnetlink message to expect: a link with all its statistics is about 1.5 KB.
pub const MESSAGE_BYTES_MAX: usize = 8192;

const RTMGRP_LINK: u32 = 1;

const BUFFER_BYTES: usize = 128 * 1024;

/// Word of every net device that appears, changes or goes, carrier included.
#[derive(Debug)]
pub struct Monitor(Netlink);

impl Monitor {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the kernel has no rtnetlink.
    pub fn open() -> io::Result<Self> {
        Netlink::join("rtnetlink", None, RTMGRP_LINK, BUFFER_BYTES).map(Self)
    }

    /// The next datagram: one or more `nlmsghdr` of `RTM_NEWLINK` or `RTM_DELLINK`. `buf` holds
    /// [`MESSAGE_BYTES_MAX`].
    ///
    /// # Errors
    /// What the socket reports, except that lost messages are [`Message::Overflow`].
    pub fn recv<'a>(&mut self, buf: &'a mut [u8]) -> io::Result<Message<'a>> {
        self.0.receive(buf)
    }
}

impl AsFd for Monitor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
