//! A TUN device as the network side of a modem: bare IP packets, without a header before them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt as _;

/// The device; it vanishes when this is dropped.
#[derive(Debug)]
pub(super) struct Tun {
    file: File,
}

impl Tun {
    /// Makes the device in the network namespace of this process.
    pub(super) fn create(name: &str) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC);
        let file = options.open("/dev/net/tun")?;
        // struct ifreq: the name, zero terminated, then the flags; 40 bytes on 64-bit kernels.
        let mut request = [0u8; 40];
        if name.len() >= libc::IFNAMSIZ {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        for (slot, byte) in request.iter_mut().zip(name.bytes()) {
            *slot = byte;
        }
        let flags = i16::try_from(libc::IFF_TUN | libc::IFF_NO_PI).unwrap_or(0).to_ne_bytes();
        request[libc::IFNAMSIZ..libc::IFNAMSIZ + 2].copy_from_slice(&flags);
        set_interface(&file, &mut request)?;
        Ok(Self { file })
    }

    /// The next packet from the host, if there is one.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        self.file.read(buffer).ok()
    }

    /// A packet for the host; lost while the device is down.
    pub(super) fn write(&mut self, packet: &[u8]) {
        let _ = self.file.write(packet);
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// TUNSETIFF.
#[expect(unsafe_code, reason = "neither std nor rustix has this call")]
fn set_interface(file: &File, request: &mut [u8; 40]) -> io::Result<()> {
    // SAFETY: the descriptor is open, and the kernel reads and writes one struct ifreq, which is
    // no longer than `request`, only during the call.
    match unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, request.as_mut_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
