//! GPIO lines by their character devices: version 2 of the kernel's interface (Linux 5.10,
//! `linux/gpio.h`).
//!
//! Values are those of the pin: a line's being called active-low somewhere else changes nothing.
#![expect(unsafe_code, reason = "neither rustix nor libc has calls for GPIO lines")]

use rustix::fs::{Mode, OFlags};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Who uses a line, as the kernel shows it to others.
const CONSUMER: &[u8] = b"ltewan";

const FLAG_USED: u64 = 1 << 0;
const FLAG_INPUT: u64 = 1 << 2;
const FLAG_OUTPUT: u64 = 1 << 3;
const ATTRIBUTE_OUTPUT_VALUES: u32 = 2;

/// `struct gpiochip_info`
#[repr(C)]
struct RawChip {
    name: [u8; 32],
    label: [u8; 32],
    lines: u32,
}

/// `struct gpio_v2_line_attribute`
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct RawAttribute {
    id: u32,
    padding: u32,
    values: u64,
}

/// `struct gpio_v2_line_config_attribute`
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct RawConfigAttribute {
    attribute: RawAttribute,
    mask: u64,
}

/// `struct gpio_v2_line_config`
#[repr(C, align(8))]
struct RawConfig {
    flags: u64,
    attributes_count: u32,
    padding: [u32; 5],
    attributes: [RawConfigAttribute; 10],
}

/// `struct gpio_v2_line_request`
#[repr(C, align(8))]
struct RawRequest {
    offsets: [u32; 64],
    consumer: [u8; 32],
    config: RawConfig,
    lines_count: u32,
    event_buffer_size: u32,
    padding: [u32; 5],
    fd: i32,
}

/// `struct gpio_v2_line_info`
#[repr(C, align(8))]
struct RawInfo {
    name: [u8; 32],
    consumer: [u8; 32],
    offset: u32,
    attributes_count: u32,
    flags: u64,
    attributes: [RawAttribute; 10],
    padding: [u32; 4],
}

/// `struct gpio_v2_line_values`
#[repr(C, align(8))]
struct RawValues {
    bits: u64,
    mask: u64,
}

const GROUP: u32 = 0xb4;
const GET_CHIP_INFO: libc::Ioctl = libc::_IOR::<RawChip>(GROUP, 0x01);
const GET_LINE_INFO: libc::Ioctl = libc::_IOWR::<RawInfo>(GROUP, 0x05);
const GET_LINE: libc::Ioctl = libc::_IOWR::<RawRequest>(GROUP, 0x07);
const SET_CONFIG: libc::Ioctl = libc::_IOWR::<RawConfig>(GROUP, 0x0d);
const GET_VALUES: libc::Ioctl = libc::_IOWR::<RawValues>(GROUP, 0x0e);

/// A GPIO controller: `/dev/gpiochipN`.
#[derive(Debug)]
pub struct Chip {
    file: OwnedFd,
    path: PathBuf,
}

/// What a controller says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipInfo {
    /// Which controller it is, in words of its driver; the same as in sysfs.
    pub label: String,
    /// How many lines it has.
    pub lines: u32,
}

/// What a controller says of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineInfo {
    /// Its name on this board; may be empty.
    pub name: String,
    /// Who uses it, when anybody does.
    pub consumer: Option<String>,
    /// Whether it drives the pin.
    pub is_output: bool,
}

impl Chip {
    /// Opens a controller.
    ///
    /// # Errors
    /// `NotFound`, or what the system reports.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = super::files::open(path, OFlags::RDWR, Mode::empty());
        let file = file.map_err(|error| super::at(path, error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// What it says of itself.
    ///
    /// # Errors
    /// When it is no GPIO controller.
    pub fn info(&self) -> io::Result<ChipInfo> {
        let mut raw: RawChip = zeroed();
        self.call(GET_CHIP_INFO, &mut raw)?;
        Ok(ChipInfo { label: text(&raw.label), lines: raw.lines })
    }

    /// What it says of one of its lines, counted from 0.
    ///
    /// # Errors
    /// `InvalidInput` when it has no such line; also of a kernel before 5.10.
    pub fn line_info(&self, offset: u32) -> io::Result<LineInfo> {
        let mut raw: RawInfo = zeroed();
        raw.offset = offset;
        self.call(GET_LINE_INFO, &mut raw)?;
        Ok(LineInfo {
            name: text(&raw.name),
            consumer: (raw.flags & FLAG_USED != 0).then(|| text(&raw.consumer)),
            is_output: raw.flags & FLAG_OUTPUT != 0,
        })
    }

    /// Takes a line for ourselves and leaves it as it is.
    ///
    /// # Errors
    /// `ResourceBusy` when it is used; `InvalidInput` when there is no such line.
    pub fn take(&self, offset: u32) -> io::Result<Line> {
        let mut raw: RawRequest = zeroed();
        raw.lines_count = 1;
        for (to, from) in raw.offsets.iter_mut().zip([offset]) {
            *to = from;
        }
        for (to, from) in raw.consumer.iter_mut().zip(CONSUMER) {
            *to = *from;
        }
        self.call(GET_LINE, &mut raw)?;
        // SAFETY: the call succeeded, so this is an open descriptor that nobody else owns.
        let fd = unsafe { OwnedFd::from_raw_fd(raw.fd) };
        let name = format!("{} line {offset}", self.path.display());
        Ok(Line { fd, name })
    }

    fn call<T: Raw>(&self, code: libc::Ioctl, record: &mut T) -> io::Result<()> {
        call(&self.file, code, record).map_err(|error| super::at(&self.path, error))
    }
}

/// A line that is ours. Dropping it gives it back; whether its value stays is up to the driver.
#[derive(Debug)]
pub struct Line {
    fd: OwnedFd,
    name: String,
}

impl Line {
    /// Whether the pin is high.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn value(&self) -> io::Result<bool> {
        let mut raw = RawValues { bits: 0, mask: 1 };
        self.call(GET_VALUES, &mut raw)?;
        Ok(raw.bits & 1 != 0)
    }

    /// Drives the pin high or low.
    ///
    /// # Errors
    /// What the driver reports; `InvalidInput` when the line cannot be an output.
    pub fn drive(&self, high: bool) -> io::Result<()> {
        let mut raw: RawConfig = zeroed();
        raw.flags = FLAG_OUTPUT;
        raw.attributes_count = 1;
        for attribute in raw.attributes.iter_mut().take(1) {
            attribute.mask = 1;
            attribute.attribute.id = ATTRIBUTE_OUTPUT_VALUES;
            attribute.attribute.values = u64::from(high);
        }
        self.call(SET_CONFIG, &mut raw)
    }

    /// Lets go of the pin: the line is an input.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn let_go(&self) -> io::Result<()> {
        let mut raw: RawConfig = zeroed();
        raw.flags = FLAG_INPUT;
        self.call(SET_CONFIG, &mut raw)
    }

    fn call<T: Raw>(&self, code: libc::Ioctl, record: &mut T) -> io::Result<()> {
        call(&self.fd, code, record).map_err(|error| super::named(&self.name, error))
    }
}

/// The records of `linux/gpio.h`: numbers alone, of the size that the kernel has.
trait Raw {}
impl Raw for RawChip {}
impl Raw for RawInfo {}
impl Raw for RawRequest {}
impl Raw for RawConfig {}
impl Raw for RawValues {}

fn zeroed<T: Raw>() -> T {
    // SAFETY: each such record is a C struct of numbers, for which all zero is valid.
    unsafe { std::mem::zeroed() }
}

fn call<T: Raw>(fd: &impl AsRawFd, code: libc::Ioctl, record: &mut T) -> io::Result<()> {
    // SAFETY: the descriptor is open, and the size in each code used in this file is that of the
    // record it goes with, which is all that the kernel reads and writes.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), code, std::ptr::from_mut(record)) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A text that ends with its first NUL.
fn text(bytes: &[u8]) -> String {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_the_sizes_that_the_kernel_has() {
        assert_eq!(size_of::<RawChip>(), 68);
        assert_eq!(size_of::<RawInfo>(), 256);
        assert_eq!(size_of::<RawRequest>(), 592);
        assert_eq!(size_of::<RawConfig>(), 272);
        assert_eq!(size_of::<RawValues>(), 16);
        // What <linux/gpio.h> comes to where the codes are as on x86 and ARM.
        if cfg!(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "arm")) {
            // Their type has another sign and size with each C library.
            let codes = [GET_CHIP_INFO, GET_LINE_INFO, GET_LINE, SET_CONFIG, GET_VALUES];
            let codes = codes.map(|code| format!("{code:x}"));
            assert_eq!(codes, ["8044b401", "c100b405", "c250b407", "c110b40d", "c010b40e"]);
        }
    }

    #[test]
    fn what_is_no_controller_says_so_by_name() {
        let error = Chip::open(Path::new("/dev/null")).unwrap().info().unwrap_err();
        assert!(error.to_string().starts_with("/dev/null: "), "{error}");
        let error = Chip::open(Path::new("/dev/gpiochip99")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
