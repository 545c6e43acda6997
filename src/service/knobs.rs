//! What `qmi_wwan` can be told in sysfs: raw-ip, and QMAP with a net device on top.
//!
//! The kernel's `Documentation/ABI/testing/sysfs-class-net-qmi`.

use super::paths::Paths;
use crate::io::{netdev, sysfs};
use crate::types::LinkMode;
use std::io;
use std::path::Path;

/// The MTU of a link that carries packets one by one, until the modem tells another.
const PLAIN_MTU: u32 = 1500;

/// The net device on top of one, whose directory in sysfs this is, that carries our channel.
pub(super) fn mux_of(net: &Path) -> Option<String> {
    for name in sysfs::list(net) {
        let Some(upper) = name.strip_prefix("upper_") else { continue };
        let id = sysfs::read(&net.join(&name).join("qmap/mux_id"));
        let id =
            id.and_then(|id| u8::from_str_radix(id.strip_prefix("0x").unwrap_or(&id), 16).ok());
        if id == Some(LinkMode::QMAP_MUX_ID) {
            return Some(upper.to_owned());
        }
    }
    None
}

/// Puts a link into a mode; the net device on top, with QMAP. Plain links are left down: netifd
/// takes them up. With QMAP netifd knows only the one on top, and the other is up already.
///
/// # Errors
/// What the kernel refuses.
pub(super) fn set_link(paths: &Paths, net: &str, mode: LinkMode) -> io::Result<Option<String>> {
    let directory = paths.sys.join("class/net").join(net);
    let channel = LinkMode::QMAP_MUX_ID.to_string();
    let mux = mux_of(&directory);
    let set_raw_ip = |raw_ip: bool| {
        // The mode can only be changed while the link is down.
        netdev::set_up(net, false)?;
        sysfs::write_in(&directory, "qmi/raw_ip", if raw_ip { "Y" } else { "N" })
    };
    match mode {
        LinkMode::Ethernet | LinkMode::RawIp => {
            if mux.is_some() {
                sysfs::write_in(&directory, "qmi/del_mux", &channel)?;
                netdev::set_mtu(net, PLAIN_MTU)?;
            }
            set_raw_ip(mode == LinkMode::RawIp)?;
            Ok(None)
        }
        LinkMode::Qmap { transfer_len } => {
            if mux.is_none() {
                set_raw_ip(true)?;
                // The kernel makes room for transfers as long as this; some kernels for none that
                // are longer than one packet. A whole number of USB packets is refused.
                netdev::set_mtu(net, transfer_len | 1)?;
                sysfs::write_in(&directory, "qmi/add_mux", &channel)
                    .inspect_err(|_| drop(netdev::set_mtu(net, PLAIN_MTU)))?;
            }
            netdev::set_up(net, true)?;
            let mux = mux_of(&directory);
            mux.map(Some).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
        }
    }
}
