//! What a process of root may do, given up for good at the start.
//!
//! The daemon stays the user root, for the device nodes and the kernel's knobs are root's, but of
//! root's capabilities it keeps only those it uses. Gives nothing back, and starts no program that
//! could have more.

use rustix::thread::{self, CapabilitySet, CapabilitySets};
use std::io;

/// Links set up and down, their MTU and mode, buffers of netlink sockets.
const NET_ADMIN: CapabilitySet = CapabilitySet::NET_ADMIN;

/// Sockets bound to one net device before Linux 5.7, ICMP.
const NET_RAW: CapabilitySet = CapabilitySet::NET_RAW;

/// Device nodes and files that belong to another user or whose mode shuts out root.
const DAC_OVERRIDE: CapabilitySet = CapabilitySet::DAC_OVERRIDE;

/// The clock on the wall set.
const SYS_TIME: CapabilitySet = CapabilitySet::SYS_TIME;

/// Keeps the named capabilities alone, as far as the process has them, and rules out that a program
/// it might start gets more. That for the clock goes where it is not to be set.
///
/// # Errors
/// What the system reports; what was given up before stays so.
pub fn drop_unneeded(sets_clock: bool) -> io::Result<()> {
    thread::set_no_new_privs(true)?;
    let clock = if sets_clock { SYS_TIME } else { CapabilitySet::empty() };
    let kept = NET_ADMIN | NET_RAW | DAC_OVERRIDE | clock;
    let has = thread::capabilities(None)?;
    let sets = CapabilitySets {
        effective: has.effective & kept,
        permitted: has.permitted & kept,
        inheritable: CapabilitySet::empty(),
    };
    Ok(thread::set_capabilities(None, sets)?)
}
