//! The USB descriptors of an EC25 in each of its compositions, and of phones and sticks.
//!
//! The EC25 has four serial ports for `option` on interfaces 0 to 3 and its net function behind
//! them; the others begin with the net function. USB 2.0 chapter 9, CDC 1.2, ECM 1.2, NCM 1.0,
//! MBIM 1.0 clause 6.

use crate::sim::config::Config;
use crate::sim::product::Function;

/// Which endpoints a serial interface uses: interface, interrupt IN, bulk IN, bulk OUT.
pub(crate) const SERIAL: [(u8, Option<u8>, u8, u8); 4] =
    [(0, None, 1, 1), (1, Some(3), 2, 2), (2, Some(5), 4, 3), (3, Some(7), 6, 4)];
/// The endpoints of the net function: interrupt IN, bulk IN, bulk OUT.
pub(crate) const CONTROL_ENDPOINTS: (u8, u8, u8) = (9, 8, 5);

/// The string that is the host's address on Ethernet.
const MAC_STRING: u8 = 4;
/// CDC header 1.10.
const HEADER: [u8; 5] = [5, 0x24, 0, 0x10, 1];

/// The interface of control and, where that is the same, of the network. The data interface of
/// the others follows it.
pub(crate) fn control_interface(config: &Config) -> u8 {
    match (config.has_serial(), config.function) {
        (true, _) => 4,
        (false, Function::Iphone) => 2,
        (false, _) => 0,
    }
}

/// The device descriptor.
pub(crate) fn device(config: &Config) -> Vec<u8> {
    let (vendor, product) = config.ids();
    let mut descriptor = vec![18, 1, 0x00, 0x02, 0xef, 2, 1, 64];
    descriptor.extend(vendor.to_le_bytes());
    descriptor.extend(product.to_le_bytes());
    // Device release 3.18; strings 1, 2, 3; one configuration.
    descriptor.extend([0x18, 0x03, 1, 2, 3, 1]);
    descriptor
}

/// The configuration descriptor with all that belongs to it.
pub(crate) fn configuration(config: &Config) -> Vec<u8> {
    let mut body = Vec::new();
    if config.has_serial() {
        serial(&mut body);
    }
    net_function(config, &mut body);
    let [low, high] = u16::try_from(9 + body.len()).unwrap_or(0).to_le_bytes();
    let data_interface = !matches!(config.function, Function::Qmi | Function::Iphone);
    let has_net = config.function != Function::None;
    let interfaces = match (has_net, config.has_serial()) {
        (true, _) => control_interface(config) + 1 + u8::from(data_interface),
        (false, true) => control_interface(config),
        (false, false) => 1,
    };
    // Configuration 1, bus powered with remote wakeup, 500 mA.
    let mut descriptor = vec![9, 2, low, high, interfaces, 1, 0, 0xa0, 250];
    descriptor.extend(body);
    descriptor
}

fn serial(body: &mut Vec<u8>) {
    for (number, interrupt, bulk_in, bulk_out) in SERIAL {
        match interrupt {
            None => body.extend(interface(number, 0, 2, [0xff, 0xff, 0xff])),
            Some(interrupt) => {
                body.extend(interface(number, 0, 3, [0xff, 0, 0]));
                // Call management, ACM, union: present, though vendor class.
                body.extend(HEADER);
                body.extend([5, 0x24, 1, 0, 0, 4, 0x24, 2, 2, 5, 0x24, 6, 0, 0]);
                body.extend(endpoint(0x80 | interrupt, 3, 10, 9));
            }
        }
        body.extend(endpoint(0x80 | bulk_in, 2, 512, 0));
        body.extend(endpoint(bulk_out, 2, 512, 0));
    }
}

fn net_function(config: &Config, body: &mut Vec<u8>) {
    let control = control_interface(config);
    let data = control + 1;
    let union = [5, 0x24, 6, control, data];
    // No statistics, 1514 bytes a frame, no filters.
    let ethernet = [13, 0x24, 15, MAC_STRING, 0, 0, 0, 0, 0xea, 0x05, 0, 0, 0];
    match config.function {
        Function::Qmi => {
            body.extend(interface(control, 0, 3, [0xff, 0xff, 0xff]));
            body.extend(interrupt(8));
            body.extend(bulk());
        }
        Function::Mbim => {
            // MBIM 1.0: longest control message, 16 filters of 128 bytes, MTU 1500, and the host
            // may set the size of transfer blocks with eight bytes.
            let [low, high] = config.max_control_transfer.to_le_bytes();
            let mbim = [12, 0x24, 27, 0, 1, low, high, 16, 128, 0xdc, 0x05, 0x20];
            let functional = [&HEADER[..], &union, &mbim].concat();
            pair(body, control, [2, 14, 0], &functional, 8);
            switched_data(body, data, [10, 0, 2]);
        }
        Function::Ecm => {
            pair(body, control, [2, 6, 0], &[&HEADER[..], &union, &ethernet].concat(), 16);
            switched_data(body, data, [10, 0, 0]);
        }
        Function::Ncm => {
            // NCM 1.0, and nothing that the host could set.
            let functional = [&HEADER[..], &union, &ethernet, &[6, 0x24, 26, 0, 1, 0]].concat();
            pair(body, control, [2, 13, 0], &functional, 16);
            switched_data(body, data, [10, 0, 1]);
        }
        Function::Rndis => {
            let functional = [&HEADER[..], &[5, 0x24, 1, 0, data], &[4, 0x24, 2, 0], &union];
            pair(body, control, [0xe0, 1, 3], &functional.concat(), 8);
            body.extend(interface(data, 0, 2, [10, 0, 0]));
            body.extend(bulk());
        }
        Function::Iphone => {
            // Pictures, and what usbmuxd speaks with; neither is in use here.
            body.extend(interface(0, 0, 0, [6, 1, 1]));
            body.extend(interface(1, 0, 0, [0xff, 0xfe, 2]));
            switched_data(body, control, [0xff, 0xfd, 1]);
        }
        Function::None if config.has_serial() => {}
        Function::None => {
            body.extend(interface(control, 0, 2, config.idle_class()));
            body.extend(bulk());
        }
    }
}

/// The control interface of a function of two, which the first descriptor makes one of them.
fn pair(body: &mut Vec<u8>, control: u8, class: [u8; 3], functional: &[u8], notification: u16) {
    let [class_code, subclass, protocol] = class;
    body.extend([8, 11, control, 2, class_code, subclass, protocol, 0]);
    body.extend(interface(control, 0, 1, class));
    body.extend(functional);
    body.extend(interrupt(notification));
}

/// A data interface without endpoints while it is not in use.
fn switched_data(body: &mut Vec<u8>, number: u8, class: [u8; 3]) {
    body.extend(interface(number, 0, 0, class));
    body.extend(interface(number, 1, 2, class));
    body.extend(bulk());
}

fn interrupt(size: u16) -> [u8; 7] {
    endpoint(0x80 | CONTROL_ENDPOINTS.0, 3, size, 9)
}

fn bulk() -> Vec<u8> {
    let (_, bulk_in, bulk_out) = CONTROL_ENDPOINTS;
    [endpoint(0x80 | bulk_in, 2, 512, 0), endpoint(bulk_out, 2, 512, 0)].concat()
}

fn interface(
    number: u8,
    alternate: u8,
    endpoints: u8,
    [class, subclass, protocol]: [u8; 3],
) -> [u8; 9] {
    [9, 4, number, alternate, endpoints, class, subclass, protocol, 0]
}

fn endpoint(address: u8, kind: u8, size: u16, interval: u8) -> [u8; 7] {
    let [low, high] = size.to_le_bytes();
    [7, 5, address, kind, low, high, interval]
}

/// A string descriptor; number 0 lists the languages.
pub(crate) fn string(index: u8, config: &Config) -> Option<Vec<u8>> {
    let (maker, name) = config.usb_names();
    let text = match index {
        0 => return Some(vec![4, 3, 0x09, 0x04]),
        1 => maker.to_owned(),
        2 => name.to_owned(),
        3 => config.identity.serial.clone(),
        MAC_STRING => config.mac().map(|byte| format!("{byte:02X}")).concat(),
        _ => return None,
    };
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut descriptor = vec![u8::try_from(units.len() + 2).ok()?, 3];
    descriptor.extend(units);
    Some(descriptor)
}
