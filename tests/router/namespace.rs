//! Network namespaces, so that a router here never meets the network of the machine it runs on.

use std::fs;
use std::io;
use std::path::PathBuf;

use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::process::{getgid, getuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::ip;

/// Where nothing of ours, and no checkout, is likely to be.
const SCRATCH: &str = "/run";

/// Puts this whole program, which must have no second thread yet, into new namespaces; a directory
/// that only it sees and that vanishes with it, if the system lets it have one.
pub(crate) fn enter_for_good() -> io::Result<Option<PathBuf>> {
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    let wanted = UnshareFlags::NEWNET | UnshareFlags::NEWNS;
    if unshare(wanted).is_err() {
        unshare(wanted | UnshareFlags::NEWUSER)?;
        // user_namespaces(7): the group map wants setgroups(2) to be given up first.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    }
    prepare()?;
    Ok(private_directory().ok())
}

/// Puts the calling thread, and those it starts, into a new network namespace.
pub(crate) fn enter_thread() -> io::Result<()> {
    unshare(UnshareFlags::NEWNET)?;
    prepare()
}

fn prepare() -> io::Result<()> {
    if ip("link set lo up") {
        return Ok(());
    }
    Err(io::Error::other("the ip tool (package iproute2) cannot set lo up"))
}

fn private_directory() -> io::Result<PathBuf> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    mount("tmpfs", SCRATCH, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=0755")?;
    Ok(PathBuf::from(SCRATCH).join("ltewan"))
}

#[expect(unsafe_code, reason = "rustix marks it so for the sake of shared descriptors")]
fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: without `UnshareFlags::FILES` descriptors stay shared among threads.
    Ok(unsafe { unshare_unsafe(flags) }?)
}
