use super::discovery::{Class, Device, Found, Node, Protocol, Snapshot, modems};
use super::netifd::{InterfaceState, interfaces};
use super::*;
use crate::config::DeviceSelector;
use crate::modem::Modem;
use crate::types::{DeviceIdentity, Imei, Value};

// Discovery.

fn device(path: &str) -> Device {
    Device { path: path.into(), vid: 0x2c7c, pid: 0x0125, ..Device::default() }
}

/// A node of the device at `path`; `interface` as sysfs numbers it.
fn node(path: &str, class: Class, name: &str, driver: &str, interface: Option<u8>) -> Node {
    Node {
        class,
        name: name.into(),
        driver: driver.into(),
        interface,
        device: device(path),
        ready: true,
        raw_ip: (class == Class::Net && driver == "qmi_wwan").then_some(false),
        mux: None,
        max_control_transfer: None,
    }
}

/// An EC25: four serial ports and a QMI function with its net device.
fn ec25(path: &str) -> Vec<Node> {
    vec![
        node(path, Class::Tty, "ttyUSB0", "option", Some(0)),
        node(path, Class::Tty, "ttyUSB1", "option", Some(1)),
        node(path, Class::Tty, "ttyUSB2", "option", Some(2)),
        node(path, Class::Tty, "ttyUSB3", "option", Some(3)),
        node(path, Class::Usbmisc, "cdc-wdm0", "qmi_wwan", Some(4)),
        node(path, Class::Net, "wwan0", "qmi_wwan", Some(4)),
    ]
}

fn found(nodes: Vec<Node>) -> Map<String, Found> {
    modems(&Snapshot { nodes, ..Snapshot::default() }, &|_| false)
}

#[test]
fn a_qmi_modem_is_its_control_port_its_net_device_and_its_serial_ports() {
    let found = found(ec25("usb:1-1"));
    let modem = &found["usb:1-1"];
    assert_eq!(modem.protocol, Protocol::Qmi);
    assert_eq!(modem.control, "cdc-wdm0");
    assert_eq!(modem.net.as_deref(), Some("wwan0"));
    assert_eq!(modem.raw_ip, Some(false));
    let serial: Vec<_> = modem.serial.iter().map(|s| (s.name.as_str(), s.interface)).collect();
    let usual = [("ttyUSB0", 0), ("ttyUSB1", 1), ("ttyUSB2", 2), ("ttyUSB3", 3)];
    assert_eq!(serial, usual.map(|(name, interface)| (name, Some(interface))));
}

#[test]
fn the_order_and_the_numbers_of_names_mean_nothing() {
    let mut nodes = ec25("usb:1-1");
    let usual = found(nodes.clone());
    nodes.reverse();
    assert_eq!(found(nodes), usual);
    // After a replug with an old file held open, numbers are shuffled; interfaces are not.
    let mut nodes = ec25("usb:1-1");
    for (node, name) in nodes.iter_mut().zip(["ttyUSB7", "ttyUSB2", "ttyUSB11", "ttyUSB10"]) {
        node.name = name.into();
    }
    let serial: Vec<_> =
        found(nodes)["usb:1-1"].serial.iter().map(|serial| serial.name.clone()).collect();
    assert_eq!(serial, ["ttyUSB7", "ttyUSB2", "ttyUSB11", "ttyUSB10"]);
}

#[test]
fn several_modems_are_told_apart_by_where_they_are_plugged_in() {
    let mut nodes = ec25("usb:1-1.2");
    for mut node in ec25("usb:1-1") {
        node.name = node.name.replace('0', "9");
        nodes.insert(3, node);
    }
    let found = found(nodes);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["usb:1-1", "usb:1-1.2"]);
    assert_eq!(found["usb:1-1"].control, "cdc-wdm9");
    assert_eq!(found["usb:1-1.2"].control, "cdc-wdm0");
    assert_eq!(found["usb:1-1.2"].net.as_deref(), Some("wwan0"));
}

#[test]
fn of_several_functions_the_first_with_a_net_device_is_used() {
    // A Sierra Wireless modem has QMI on interfaces 8 and 10; here 8 has lost its net device.
    let nodes = vec![
        node("usb:2-1", Class::Usbmisc, "cdc-wdm0", "qmi_wwan", Some(8)),
        node("usb:2-1", Class::Usbmisc, "cdc-wdm1", "qmi_wwan", Some(10)),
        node("usb:2-1", Class::Net, "wwan1", "qmi_wwan", Some(10)),
    ];
    assert_eq!(found(nodes.clone())["usb:2-1"].control, "cdc-wdm1");
    let mut both = nodes;
    both.push(node("usb:2-1", Class::Net, "wwan0", "qmi_wwan", Some(8)));
    let found = found(both);
    assert_eq!(found["usb:2-1"].control, "cdc-wdm0");
    assert_eq!(found["usb:2-1"].net.as_deref(), Some("wwan0"));
}

#[test]
fn a_net_device_of_another_function_is_not_the_modem_s() {
    let nodes = vec![
        node("usb:1-1", Class::Usbmisc, "cdc-wdm0", "qmi_wwan", Some(4)),
        node("usb:1-1", Class::Net, "usb0", "cdc_ether", Some(6)),
    ];
    assert_eq!(found(nodes)["usb:1-1"].net, None);
}

#[test]
fn ports_of_the_wwan_class_are_known_by_their_names() {
    let pci = "pci:0000:01:00.0";
    let nodes = vec![
        node(pci, Class::Wwan, "wwan0at1", "mhi_wwan_ctrl", None),
        node(pci, Class::Wwan, "wwan0at0", "mhi_wwan_ctrl", None),
        node(pci, Class::Wwan, "wwan0qcdm0", "mhi_wwan_ctrl", None),
        node(pci, Class::Wwan, "wwan0qmi0", "mhi_wwan_ctrl", None),
        node(pci, Class::Net, "wwan0", "mhi_net", None),
    ];
    let found = found(nodes);
    let modem = &found[pci];
    assert_eq!((modem.protocol, modem.control.as_str()), (Protocol::Qmi, "wwan0qmi0"));
    assert_eq!(modem.net.as_deref(), Some("wwan0"));
    let serial: Vec<_> = modem.serial.iter().map(|s| (s.name.as_str(), s.is_at)).collect();
    assert_eq!(serial, [("wwan0at0", true), ("wwan0at1", true)]);
}

#[test]
fn an_mbim_function_is_told_from_a_qmi_one() {
    let nodes = vec![
        node("usb:1-1", Class::Usbmisc, "cdc-wdm0", "cdc_mbim", Some(12)),
        node("usb:1-1", Class::Net, "wwan0", "cdc_mbim", Some(12)),
    ];
    assert_eq!(found(nodes)["usb:1-1"].protocol, Protocol::Mbim);
}

#[test]
fn what_is_no_modem_or_has_no_node_yet_is_passed_over() {
    let mut nodes = ec25("usb:1-1");
    nodes[4].ready = false;
    nodes.push(node("usb:1-2", Class::Tty, "ttyUSB9", "ftdi_sio", Some(0)));
    nodes.push(node("usb:1-3", Class::Usbmisc, "hiddev0", "usbhid", Some(0)));
    nodes.push(node("usb:1-4", Class::Net, "eth1", "r8152", Some(0)));
    nodes.push(node("usb:1-5", Class::Wwan, "wwan", "mhi_wwan_ctrl", None));
    nodes.push(node("usb:1-6", Class::Wwan, "wwan0", "mhi_wwan_ctrl", None));
    assert!(found(nodes).is_empty());
}

// Which modem an interface means.

#[test]
fn a_modem_with_serial_ports_alone_goes_by_ppp_and_waits_for_nothing_better() {
    let ports = || ec25("usb:1-1").into_iter().take(4).collect::<Vec<_>>();
    let modem = &found(ports())["usb:1-1"];
    assert_eq!((modem.protocol, modem.net.as_deref()), (Protocol::Ppp, None));
    assert_eq!(modem.serial.len(), 4);
    // A control port that has no node yet is better.
    let mut nodes = ports();
    nodes.extend(ec25("usb:1-1").into_iter().skip(4).map(|node| Node { ready: false, ..node }));
    assert!(found(nodes).is_empty());
    // And one that is there is used, unless the owner wants otherwise.
    let snapshot = Snapshot { nodes: ec25("usb:1-1"), ..Snapshot::default() };
    assert_eq!(modems(&snapshot, &|_| true)["usb:1-1"].protocol, Protocol::Ppp);
}

#[test]
fn what_only_looks_like_a_modem_s_serial_port_is_left_alone() {
    let port = |name: &str, driver: &str, vid, pid| {
        let mut node = node("usb:1-1", Class::Tty, name, driver, Some(0));
        (node.device.vid, node.device.pid) = (vid, pid);
        node
    };
    for (nodes, is_modem) in [
        // An Arduino, a serial adapter, u-blox's receiver for satellites, u-blox's modem.
        (port("ttyACM0", "cdc_acm", 0x2341, 0x0043), false),
        (port("ttyUSB0", "ftdi_sio", 0x0403, 0x6001), false),
        (port("ttyACM0", "cdc_acm", 0x1546, 0x01a8), false),
        (port("ttyACM0", "cdc_acm", 0x1546, 0x1102), true),
    ] {
        let snapshot = Snapshot { nodes: vec![nodes.clone()], ..Snapshot::default() };
        assert_eq!(modems(&snapshot, &|_| false).len(), usize::from(is_modem), "{nodes:?}");
        assert_eq!(modems(&snapshot, &|_| true).len(), 1, "{nodes:?}");
    }
}

fn modem_with_imei(imei: &str) -> Modem {
    let mut modem = Modem::new(Instant::ZERO, 1);
    let identity = DeviceIdentity { imei: Imei::new(imei).ok(), ..DeviceIdentity::default() };
    modem.refine_identity(identity);
    modem
}

fn fits(config: &str, selector: &str) -> bool {
    let found = found(ec25("usb:1-1.2")).take("usb:1-1.2").unwrap();
    let package = crate::wire::uci::parse(config.as_bytes()).unwrap();
    let (config, errors) = crate::config::parse(&package);
    assert!(errors.is_empty(), "{errors:?}");
    let selector = DeviceSelector::parse(selector).unwrap();
    plan::fits(&config, &selector, &found, &modem_with_imei("867698040000017"))
}

#[test]
fn a_selector_fits_the_modem_it_names_and_no_other() {
    for own in [
        "auto",
        "usb:1-1.2",
        "imei:867698040000017",
        "2c7c:0125",
        "/dev/cdc-wdm0",
        "/dev/ttyUSB3",
        "wwan0",
        "/sys/devices/platform/usb/1-1/1-1.2",
        "/sys/bus/usb/devices/1-1.2",
    ] {
        assert!(fits("", own), "{own}");
    }
    for other in [
        "usb:1-1",
        "usb:1-1.20",
        "imei:867698040000025",
        "2c7c:0126",
        "/dev/cdc-wdm1",
        "/dev/ttyUSB30",
        "/dev/wwan1",
        "wwan1",
        "/sys/bus/usb/devices/1-1",
        "nosuchsection",
    ] {
        assert!(!fits("", other), "{other}");
    }
}

#[test]
fn a_section_s_name_stands_for_what_it_matches() {
    let section =
        |name: &str, matches: &str| format!("config modem '{name}'\n option match '{matches}'\n");
    assert!(fits(&section("internal", "usb:1-1.2"), "internal"));
    assert!(fits(&section("internal", "imei:867698040000017"), "internal"));
    assert!(fits(&section("internal", "2c7c:0125"), "internal"));
    assert!(!fits(&section("internal", "usb:1-1.3"), "internal"));
    // A section may be called as a net device is: it is the section that counts.
    assert!(!fits(&section("wwan0", "usb:1-1.3"), "wwan0"));
}

// netifd.

#[test]
fn only_interfaces_of_our_protocol_are_read_from_a_dump() {
    let entry = |name: &str, proto: &str| {
        Table::new()
            .with("interface", name)
            .with("up", true)
            .with("pending", false)
            .with("available", true)
            .with("autostart", true)
            .with("l3_device", "wwan0")
            .with("proto", proto)
    };
    let nameless = Table::new().with("proto", "ltewan");
    let list = [entry("lan", "static"), entry("wwan", "ltewan"), entry("x", "qmi"), nameless];
    let list = list.map(Value::Table).to_vec();
    let dump = Table::new().with("interface", Value::Array(list));
    let wwan = InterfaceState {
        interface: "wwan".into(),
        up: true,
        pending: false,
        available: true,
        autostart: true,
        l3_device: Some("wwan0".into()),
    };
    assert_eq!(interfaces(&dump), [wwan]);
    assert!(interfaces(&Table::new()).is_empty());
    assert!(interfaces(&Table::new().with("interface", 3)).is_empty());
}

// Calls.

fn call(manager: &mut Manager, method: &str, args: Table) -> Result<Table, CallError> {
    let input = Input::Call { call: 9, method: method.into(), args };
    manager.handle_input(Instant::ZERO, input);
    while let Some(output) = manager.poll_output() {
        if let Output::Reply { call: 9, result } = output {
            return result;
        }
    }
    panic!("no answer to {method}");
}

#[test]
fn calls_that_cannot_be_done_are_refused_with_a_reason() {
    let mut manager = Manager::new(Instant::ZERO, "0.0.0", 1);
    let none = Table::new;
    let interface = || Table::new().with("interface", "wwan");
    let refused = [
        ("nonsense", none(), CallStatus::NotFound),
        ("info", none(), CallStatus::NotFound),
        ("info", none().with("modem", "usb:1-1"), CallStatus::NotFound),
        ("status", none().with("modem", "usb:1-1"), CallStatus::NotFound),
        ("setup", none(), CallStatus::InvalidArgument),
        ("setup", interface(), CallStatus::InvalidArgument),
        ("setup", none().with("interface", "").with("config", none()), CallStatus::InvalidArgument),
        ("connect", none(), CallStatus::InvalidArgument),
        ("reconnect", interface(), CallStatus::NotFound),
        ("reset", none().with("level", "x"), CallStatus::InvalidArgument),
        ("reset", none().with("level", "power"), CallStatus::NotFound),
        ("at", none(), CallStatus::InvalidArgument),
        ("at", none().with("command", "AT").with("timeout_ms", -1), CallStatus::InvalidArgument),
        ("at", none().with("command", "AT"), CallStatus::NotFound),
        ("teardown", none(), CallStatus::InvalidArgument),
    ];
    for (method, args, status) in refused {
        let error = call(&mut manager, method, args).unwrap_err();
        assert_eq!(error.status, status, "{method}: {error:?}");
        assert!(!error.message.is_empty());
    }
    assert!(call(&mut manager, "status", none()).is_ok());
    assert!(call(&mut manager, "teardown", interface()).is_ok(), "there is nothing to take down");
}

#[test]
fn no_more_interfaces_are_kept_in_mind_than_the_maximum() {
    let mut manager = Manager::new(Instant::ZERO, "0.0.0", 1);
    let args = |number: usize| {
        Table::new().with("interface", format!("wwan{number}")).with("config", Table::new())
    };
    for number in 0..INTERFACES_MAX {
        assert!(call(&mut manager, "setup", args(number)).is_ok());
    }
    assert!(call(&mut manager, "setup", args(INTERFACES_MAX)).is_err());
    assert!(call(&mut manager, "setup", args(0)).is_ok(), "one that is known already");
}

#[test]
fn the_longest_turn_of_the_loop_is_in_the_status_once_it_is_known() {
    let mut manager = Manager::new(Instant::ZERO, "0.0.0", 1);
    assert!(call(&mut manager, "status", Table::new()).unwrap().get("daemon").is_none());
    let length = Duration::from_micros(12_345);
    manager.handle_input(Instant::ZERO, Input::LongestTurn(length, "snapshot"));
    let status = call(&mut manager, "status", Table::new()).unwrap();
    let daemon = status.get_table("daemon").unwrap();
    assert_eq!(daemon.get("longest_turn_ms"), Some(&Value::F64(12.3)));
    assert_eq!(daemon.get_str("longest_turn_step"), Some("snapshot"));
}

#[test]
fn a_status_document_tells_no_number_in_full() {
    let mut manager = Manager::new(Instant::ZERO, "0.0.0", 1);
    manager.handle_input(
        Instant::ZERO,
        Input::Snapshot(Snapshot { nodes: ec25("usb:1-1"), ..Snapshot::default() }),
    );
    let slot = manager.slots.get_mut("usb:1-1").unwrap();
    slot.machine = modem_with_imei("867698040000017");
    let status = call(&mut manager, "status", Table::new()).unwrap();
    assert!(!format!("{status:?}").contains("867698040000017"));
    let info = call(&mut manager, "info", Table::new()).unwrap();
    assert!(format!("{info:?}").contains("867698040000017"), "info is for the owner");
    manager.slots.get_mut("usb:1-1").unwrap().found.device.serial = Some("SN-4711".into());
    let report = report(&mut manager);
    let [Value::Table(ports)] = report.get_array("ports").unwrap() else { panic!("{report:?}") };
    let found = ports.get_table("found").unwrap();
    assert_eq!(found.get_str("control"), Some("cdc-wdm0"));
    assert_eq!(found.get_array("serial_ports").map(<[_]>::len), Some(4));
    let text = format!("{report:?}");
    assert!(!text.contains("867698040000017") && !text.contains("4711"), "{text}");
}

/// What is written for a bug report.
fn report(manager: &mut Manager) -> Table {
    let (method, args) = ("diagnose".into(), Table::new());
    manager.handle_input(Instant::ZERO, Input::Call { call: 9, method, args });
    let mut outputs = core::iter::from_fn(|| manager.poll_output());
    let is_it = |output| if let Output::WriteReport(report) = output { Some(report) } else { None };
    outputs.find_map(is_it).expect("a report")
}

#[test]
fn the_longest_mbim_message_is_read_from_the_usb_descriptors() {
    let device = [18, 1, 0, 2, 0xef, 2, 1, 64, 0x7c, 0x2c, 0x25, 1, 0x18, 3, 1, 2, 3, 1];
    let header = [5, 0x24, 0, 0x10, 1];
    let mbim = [12, 0x24, 0x1b, 0, 1, 0x00, 0x08, 16, 128, 0xdc, 5, 0x20];
    let find = |parts: &[&[u8]]| discovery::max_control_transfer(&parts.concat());
    assert_eq!(find(&[&device, &header, &mbim]), Some(2048));
    assert_eq!(find(&[&device, &header]), None);
    // Cut, of no length, or nothing at all.
    for broken in [&mbim[..6], &[0, 0x24, 0x1b, 0, 1, 0, 8], &[12], &[]] {
        assert_eq!(find(&[&device, broken]), None);
    }
}

// Phones and router sticks.

fn net_node(path: &str, name: &str, driver: &str, vid: u16) -> Node {
    Node {
        class: Class::Net,
        name: name.into(),
        driver: driver.into(),
        interface: Some(0),
        device: Device { path: path.into(), vid, pid: 0x6863, ..Device::default() },
        ready: true,
        raw_ip: None,
        mux: None,
        max_control_transfer: None,
    }
}

fn updates(manager: &mut Manager) -> Vec<ProtoUpdate> {
    let update = |output| {
        if let Output::Update { update, .. } = output { Some(update) } else { None }
    };
    core::iter::from_fn(|| manager.poll_output()).filter_map(update).collect()
}

fn tethered(nodes: Vec<Node>, has_usbmuxd: bool) -> Manager {
    let mut manager = Manager::new(Instant::ZERO, "0.0.0", 1);
    let snapshot = Snapshot { nodes, has_usbmuxd, ..Snapshot::default() };
    manager.handle_input(Instant::ZERO, Input::Snapshot(snapshot));
    let config = Table::new().with("proto", "ltewan").with("metric", 20);
    let args = Table::new().with("interface", "wan").with("config", config);
    assert!(call(&mut manager, "setup", args).is_ok());
    manager
}

#[test]
fn a_phone_is_up_at_once_and_netifd_gets_its_addresses() {
    let mut manager = tethered(vec![net_node("usb:1-1", "usb0", "rndis_host", 0x04e8)], false);
    let status = call(&mut manager, "status", Table::new()).unwrap();
    let modem = status.get_array("modems").unwrap()[0].as_table().unwrap();
    assert_eq!(modem.get_str("state"), Some("connected"));
    assert!(modem.get("sim").is_none());
    let mut manager = tethered(vec![net_node("usb:1-1", "usb0", "rndis_host", 0x04e8)], false);
    let link = manager.link_of("wan").expect("a link");
    assert_eq!(link.ifname, "usb0");
    let names: Vec<_> = link.sub_interfaces.iter().map(|sub| sub.name.as_str()).collect();
    assert_eq!(names, ["wan_4", "wan_6"]);
    assert_eq!(link.sub_interfaces[0].options.get("metric"), Some(&Value::from(20)));
    manager.handle_input(Instant::ZERO, Input::Snapshot(Snapshot::default()));
    assert!(updates(&mut manager).contains(&ProtoUpdate::Available(false)), "it is gone");
}

#[test]
fn a_modem_comes_before_a_phone_and_an_ethernet_adapter_is_neither() {
    let phone = net_node("usb:1-0", "usb0", "cdc_ncm", 0x18d1);
    let adapter = net_node("usb:1-3", "eth1", "cdc_ncm", 0x0bda);
    let mut nodes = vec![phone, adapter];
    nodes.extend(ec25("usb:1-2"));
    let manager = tethered(nodes, false);
    assert_eq!(manager.slots.keys().collect::<Vec<_>>(), ["usb:1-0", "usb:1-2"]);
    assert_eq!(manager.interfaces["wan"].modem.as_deref(), Some("usb:1-2"));
}

#[test]
fn an_iphone_that_nothing_can_pair_with_says_what_to_do() {
    let iphone = || vec![net_node("usb:1-1", "eth1", "ipheth", 0x05ac)];
    let mut manager = tethered(iphone(), false);
    assert!(manager.link_of("wan").is_none());
    let snapshot = Snapshot { nodes: iphone(), has_usbmuxd: true, ..Snapshot::default() };
    manager.handle_input(Instant::ZERO, Input::Snapshot(snapshot));
    let at = manager.poll_timeout().expect("another attempt");
    for secs in 0..60 {
        manager.handle_timeout(at + Duration::from_secs(secs));
    }
    assert!(manager.link_of("wan").is_some());
    assert!(tethered(iphone(), true).link_of("wan").is_some());
}

#[test]
fn a_stick_with_the_lans_own_network_is_told() {
    let mut manager = tethered(vec![net_node("usb:1-1", "eth1", "cdc_ether", 0x12d1)], false);
    let entry = |name: &str, address: &str| {
        let address = Table::new().with("address", address).with("mask", 24);
        let addresses = Value::Array(vec![Value::Table(address)]);
        let route = Table::new().with("target", "0.0.0.0").with("nexthop", "192.168.8.1");
        Table::new()
            .with("interface", name)
            .with("ipv4-address", addresses)
            .with("route", vec![Value::Table(route)])
    };
    let dump = |own: &str| {
        let lan = entry("lan", "192.168.8.1");
        let list = vec![lan, entry("wan_4", own)];
        Table::new().with("interface", list)
    };
    updates(&mut manager);
    manager.handle_input(Instant::ZERO, Input::NetifdChanged);
    assert!(
        core::iter::from_fn(|| manager.poll_output())
            .any(|output| matches!(output, Output::ReadAddresses))
    );
    manager.handle_input(Instant::ZERO, Input::Addresses(dump("192.168.9.100")));
    assert_eq!(updates(&mut manager), []);
    let status = manager.status(Instant::ZERO, &Table::new()).expect("a status");
    let interfaces = status.get_array("interfaces").expect("interfaces");
    let page = |entry: &Value| entry.as_table()?.get_str("page").map(str::to_owned);
    assert_eq!(interfaces.first().and_then(page).as_deref(), Some("http://192.168.8.1/"));
    manager.handle_input(Instant::ZERO, Input::Addresses(dump("192.168.8.100")));
    assert_eq!(updates(&mut manager), [ProtoUpdate::Error("SUBNET_CLASH")]);
    manager.handle_input(Instant::ZERO, Input::Addresses(dump("192.168.8.100")));
    assert_eq!(updates(&mut manager), [], "once");
    assert_eq!(manager.interfaces["wan"].handed_out.clashes_with.as_deref(), Some("lan"));
}
