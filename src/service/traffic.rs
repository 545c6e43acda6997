//! What went over a net device, as the kernel counts it.
//!
//! `Documentation/ABI/testing/sysfs-class-net`, `sysfs-class-net-statistics`.

use super::paths::Paths;
use crate::io::sysfs;
use crate::manager::Counters;

/// What its counters say; `None` when there is no such device.
pub(super) fn counters(paths: &Paths, net: &str) -> Option<Counters> {
    let directory = paths.sys.join("class/net").join(net);
    let counter = |name: &str| sysfs::read_in(&directory, name)?.parse().ok();
    Some(Counters {
        device: counter("ifindex").and_then(|index| u32::try_from(index).ok())?,
        rx_bytes: counter("statistics/rx_bytes")?,
        tx_bytes: counter("statistics/tx_bytes")?,
    })
}
