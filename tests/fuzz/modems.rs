//! What the kernel and netifd show when all is well.

use ltewan::manager::discovery::{Class, Device, Node, Snapshot};
use ltewan::types::{Table, Value};

/// The nodes of an EC25 in the given socket.
pub(super) fn plugged(socket: usize) -> Vec<Node> {
    let device = Device {
        path: format!("usb:1-{}", socket + 1),
        vid: 0x2c7c,
        pid: 0x0125,
        manufacturer: Some("Quectel".to_owned()),
        product: Some("EC25-E".to_owned()),
        serial: None,
        speed_mbps: 480,
    };
    let node = |class, name: String, driver: &str, interface, raw_ip| Node {
        class,
        name,
        driver: driver.to_owned(),
        interface: Some(interface),
        device: device.clone(),
        ready: true,
        raw_ip,
        mux: None,
        max_control_transfer: None,
    };
    let tty = |i: u8| {
        node(Class::Tty, format!("ttyUSB{}", usize::from(i) + 4 * socket), "option", i, None)
    };
    let mut nodes: Vec<_> = (0..4).map(tty).collect();
    nodes.push(node(Class::Usbmisc, format!("cdc-wdm{socket}"), "qmi_wwan", 4, None));
    nodes.push(node(Class::Net, format!("wwan{socket}"), "qmi_wwan", 4, Some(false)));
    nodes
}

/// What the kernel shows of these modems.
pub(super) fn snapshot(modems: &[Vec<Node>]) -> Snapshot {
    Snapshot { nodes: modems.concat(), ..Snapshot::default() }
}

/// What netifd says of one interface of ours.
pub(super) fn dump(interface: &str, up: bool) -> Table {
    let entry = Table::new()
        .with("interface", interface)
        .with("proto", "ltewan")
        .with("up", up)
        .with("pending", !up)
        .with("available", true)
        .with("autostart", true)
        .with("l3_device", "wwan0");
    Table::new().with("interface", Value::Array(vec![Value::Table(entry)]))
}
