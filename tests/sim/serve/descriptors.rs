//! The USB descriptors of an EC25 in its QMI and MBIM compositions (2c7c:0125).
//!
//! Interfaces 0 to 3 are serial ports for `option`. With QMI, 4 is for `qmi_wwan`; with MBIM, 4 and
//! 5 are for `cdc_mbim`. USB 2.0 chapter 9, MBIM 1.0 clause 6.

use crate::sim::config::{Config, Front};

/// Which endpoints a serial interface uses: interface, interrupt IN, bulk IN, bulk OUT.
pub(crate) const SERIAL: [(u8, Option<u8>, u8, u8); 4] =
    [(0, None, 1, 1), (1, Some(3), 2, 2), (2, Some(5), 4, 3), (3, Some(7), 6, 4)];
/// Interface of control and, with QMI, network.
pub(crate) const CONTROL_INTERFACE: u8 = 4;
/// Interface of the network with MBIM.
const DATA_INTERFACE: u8 = 5;
/// Their endpoints: interrupt IN, bulk IN, bulk OUT.
pub(crate) const CONTROL_ENDPOINTS: (u8, u8, u8) = (9, 8, 5);

/// Vendor and product.
pub(crate) const VENDOR: u16 = 0x2c7c;
pub(crate) const PRODUCT: u16 = 0x0125;
/// Strings 1 and 2.
pub(crate) const MANUFACTURER: &str = "Quectel";
pub(crate) const PRODUCT_NAME: &str = "EC25-E";

/// The device descriptor.
pub(crate) fn device() -> Vec<u8> {
    let [vendor, vendor_high] = VENDOR.to_le_bytes();
    let [product, product_high] = PRODUCT.to_le_bytes();
    let mut descriptor = vec![18, 1, 0x00, 0x02, 0xef, 2, 1, 64];
    descriptor.extend([vendor, vendor_high, product, product_high]);
    // Device release 3.18; strings 1, 2, 3; one configuration.
    descriptor.extend([0x18, 0x03, 1, 2, 3, 1]);
    descriptor
}

/// The configuration descriptor with all that belongs to it.
pub(crate) fn configuration(config: &Config) -> Vec<u8> {
    let mut body = Vec::new();
    for (number, interrupt, bulk_in, bulk_out) in SERIAL {
        match interrupt {
            None => body.extend(interface(number, 2, [0xff, 0xff, 0xff])),
            Some(interrupt) => {
                body.extend(interface(number, 3, [0xff, 0, 0]));
                // CDC header 1.10, call management, ACM, union: present, though vendor class.
                body.extend([
                    5, 0x24, 0, 0x10, 1, 5, 0x24, 1, 0, 0, 4, 0x24, 2, 2, 5, 0x24, 6, 0, 0,
                ]);
                body.extend(endpoint(0x80 | interrupt, 3, 10, 9));
            }
        }
        body.extend(endpoint(0x80 | bulk_in, 2, 512, 0));
        body.extend(endpoint(bulk_out, 2, 512, 0));
    }
    let (interrupt, bulk_in, bulk_out) = CONTROL_ENDPOINTS;
    let interrupt = endpoint(0x80 | interrupt, 3, 8, 9);
    let bulk = [endpoint(0x80 | bulk_in, 2, 512, 0), endpoint(bulk_out, 2, 512, 0)];
    match config.front {
        Front::Qmi => {
            body.extend(interface(CONTROL_INTERFACE, 3, [0xff, 0xff, 0xff]));
            body.extend(interrupt);
        }
        // For virtual time only: it has no net device here.
        Front::At => {}
        Front::Mbim => {
            // The two interfaces are one function.
            body.extend([8, 11, CONTROL_INTERFACE, 2, 2, 14, 0, 0]);
            body.extend(interface(CONTROL_INTERFACE, 1, [2, 14, 0]));
            // CDC header 1.10 and union.
            body.extend([5, 0x24, 0, 0x10, 1, 5, 0x24, 6, CONTROL_INTERFACE, DATA_INTERFACE]);
            // MBIM 1.0: longest control message, 16 filters of 128 bytes, MTU 1500, and the host
            // may set the size of transfer blocks with eight bytes.
            let [low, high] = config.max_control_transfer.to_le_bytes();
            body.extend([12, 0x24, 27, 0, 1, low, high, 16, 128, 0xdc, 0x05, 0x20]);
            body.extend(interrupt);
            // No endpoints while it is not in use.
            body.extend(interface(DATA_INTERFACE, 0, [10, 0, 2]));
            let mut in_use = interface(DATA_INTERFACE, 2, [10, 0, 2]);
            in_use[3] = 1;
            body.extend(in_use);
        }
    }
    body.extend(bulk.as_flattened());
    let [low, high] = u16::try_from(9 + body.len()).unwrap_or(0).to_le_bytes();
    let interfaces = if config.front == Front::Mbim { 6 } else { 5 };
    // Configuration 1, bus powered with remote wakeup, 500 mA.
    let mut descriptor = vec![9, 2, low, high, interfaces, 1, 0, 0xa0, 250];
    descriptor.extend(body);
    descriptor
}

fn interface(number: u8, endpoints: u8, [class, subclass, protocol]: [u8; 3]) -> [u8; 9] {
    [9, 4, number, 0, endpoints, class, subclass, protocol, 0]
}

fn endpoint(address: u8, kind: u8, size: u16, interval: u8) -> [u8; 7] {
    let [low, high] = size.to_le_bytes();
    [7, 5, address, kind, low, high, interval]
}

/// A string descriptor; number 0 lists the languages.
pub(crate) fn string(index: u8, serial: &str) -> Option<Vec<u8>> {
    let text = match index {
        0 => return Some(vec![4, 3, 0x09, 0x04]),
        1 => MANUFACTURER,
        2 => PRODUCT_NAME,
        3 => serial,
        _ => return None,
    };
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut descriptor = vec![u8::try_from(units.len() + 2).ok()?, 3];
    descriptor.extend(units);
    Some(descriptor)
}
