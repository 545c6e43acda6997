//! A modem as a USB device on the kernel's virtual host controller, `vhci_hcd`.
//!
//! The driver takes one end of a socket pair and speaks USB/IP over it. To close the other end is
//! to unplug. Port n of the program is port n of the controller, all of them high speed.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;

use ltewan::time::Instant;
use rustix::event::PollFlags;

use super::Body;
use super::usb::{Received, Usb};
use crate::sim::{Config, Port, SimModem};

/// Where devices are handed to the driver.
const ATTACH: &str = "/sys/devices/platform/vhci_hcd.0/attach";
/// The driver's number for high speed.
const HIGH_SPEED: u8 = 3;

/// The device in one port.
pub(crate) struct VhciBody {
    port: u8,
    device: Option<(UnixStream, Usb)>,
}

impl VhciBody {
    /// An empty port.
    pub(crate) fn new(port: u8) -> Self {
        Self { port, device: None }
    }

    fn pass(now: Instant, modem: &mut SimModem, received: Vec<Received>) {
        for item in received {
            match item {
                Received::Control(message) => {
                    modem.handle_input(now, modem.control_port(), &message);
                }
                Received::Serial(interface, bytes) => {
                    modem.handle_input(now, Port::At(interface), &bytes);
                }
                Received::Dtr(interface, on) => modem.handle_dtr(now, interface, on),
                Received::Packets(packets) => {
                    packets.iter().for_each(|packet| modem.handle_packet(now, packet));
                }
            }
        }
    }
}

impl Body for VhciBody {
    fn attach(&mut self, config: &Config) -> io::Result<()> {
        let (ours, kernels) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let (port, fd) = (self.port, kernels.as_raw_fd());
        let device_id = 0x1_0002 + u32::from(port);
        let line = format!("{port} {fd} {device_id} {HIGH_SPEED}");
        let mut attach = OpenOptions::new().write(true).open(ATTACH)?;
        match attach.write_all(line.as_bytes()) {
            // The port is still busy with the device before.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EBUSY | libc::EINVAL)) => {
                Err(io::ErrorKind::WouldBlock.into())
            }
            Err(error) => Err(error),
            Ok(()) => {
                self.device = Some((ours, Usb::new(config)));
                Ok(())
            }
        }
    }

    fn detach(&mut self) {
        if let Some((stream, _)) = self.device.take() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    fn interests(&self) -> Vec<(BorrowedFd<'_>, PollFlags)> {
        let device = self.device.iter();
        device
            .map(|(stream, usb)| {
                let idle = usb.output.is_empty();
                let flags = if idle { PollFlags::IN } else { PollFlags::IN | PollFlags::OUT };
                (stream.as_fd(), flags)
            })
            .collect()
    }

    fn read(&mut self, now: Instant, modem: &mut SimModem) {
        let Some((stream, usb)) = &mut self.device else { return };
        if usb.hung && !modem.is_hung() {
            Self::pass(now, modem, usb.resume());
        }
        usb.hung = modem.is_hung();
        let mut chunk = [0; 16384];
        loop {
            let count = match stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => break,
            };
            match usb.handle_input(chunk.get(..count).unwrap_or_default()) {
                Some(received) => Self::pass(now, modem, received),
                None => break,
            }
        }
        // The kernel let go of the device, as after a write to `detach`.
        self.device = None;
    }

    fn write(&mut self, now: Instant, modem: &mut SimModem) {
        let device = &mut self.device;
        while let Some((port, bytes)) = modem.poll_transmit(now) {
            match (device.as_mut(), port) {
                (Some((_, usb)), Port::Qmi | Port::Mbim) => usb.send_control(bytes),
                (Some((_, usb)), Port::At(interface)) => usb.send_serial(interface, bytes),
                (None, _) => {}
            }
        }
        while let Some((interface, on)) = modem.poll_carrier() {
            if let Some((_, usb)) = device {
                usb.send_carrier(interface, on);
            }
        }
        while let Some(packet) = modem.poll_packet() {
            if let Some((_, usb)) = device {
                usb.send_packet(packet);
            }
        }
        let Some((stream, usb)) = device else { return };
        while !usb.output.is_empty() {
            match stream.write(&usb.output) {
                Ok(count) => drop(usb.output.drain(..count)),
                Err(_) => break,
            }
        }
    }
}
