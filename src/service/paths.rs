//! Where things are on a router, or below another root for tests and demonstrations.

use std::path::{Path, PathBuf};

/// The directories the daemon uses.
#[derive(Clone, Debug)]
pub struct Paths {
    /// sysfs.
    pub sys: PathBuf,
    /// Device nodes.
    pub dev: PathBuf,
    /// UCI files.
    pub config: PathBuf,
    /// What is kept until the router restarts.
    pub run: PathBuf,
    /// What is kept over restarts and upgrades of the router.
    pub state: PathBuf,
    /// The table of access points.
    pub apns: PathBuf,
    /// netifd's handler for IPv4 over IPv6.
    pub clat: PathBuf,
    /// The program that pairs with iPhones.
    pub usbmuxd: PathBuf,
    /// The program that measures how fast a connection is.
    pub speed_test: PathBuf,
    /// The program that runs the scripts of `/etc/hotplug.d`.
    pub hotplug: PathBuf,
    /// The program that sets the kernel's traffic control.
    pub tc: PathBuf,
    /// The report of `ltewan diag`.
    pub report: PathBuf,
}

impl Paths {
    /// The directories below `root`, which is `/` on a router.
    pub fn below(root: &Path) -> Self {
        // sysfs is compared with the targets of its symbolic links, which are canonical.
        let sys = root.join("sys");
        Self {
            sys: std::fs::canonicalize(&sys).unwrap_or(sys),
            dev: root.join("dev"),
            config: root.join("etc/config"),
            run: root.join("var/run/ltewan"),
            state: root.join("etc/ltewan"),
            apns: root.join("usr/share/ltewan/apn.db"),
            clat: root.join("lib/netifd/proto/464xlat.sh"),
            usbmuxd: root.join("usr/sbin/usbmuxd"),
            speed_test: root.join("usr/bin/librespeed-cli"),
            hotplug: root.join("sbin/hotplug-call"),
            tc: root.join("sbin/tc"),
            report: root.join(crate::manager::REPORT_PATH.trim_start_matches('/')),
        }
    }
}
