//! What went over a net device, as the kernel counts it.
//!
//! `Documentation/ABI/testing/sysfs-class-net-statistics`.

use super::paths::Paths;
use crate::io::sysfs;

/// Bytes received and bytes sent; `None` when there is no such device.
pub(super) fn counters(paths: &Paths, net: &str) -> Option<(u64, u64)> {
    let directory = paths.sys.join("class/net").join(net).join("statistics");
    let counter = |name: &str| sysfs::read(&directory.join(name))?.parse().ok();
    Some((counter("rx_bytes")?, counter("tx_bytes")?))
}
