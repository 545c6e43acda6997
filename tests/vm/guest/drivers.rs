//! Steps without the daemon: the kernel's drivers and Debian's qmicli and mbimcli take the
//! simulated modem for a real one. When these fail, the simulator is at fault and not ltewan.

use std::fs;
use std::path::Path;

use ltewan::time::Duration;

use crate::modem::{Simulator, find_nodes};
use crate::{Failure, Outcome, Report, run as program, wait_for};

const PLUG_LIMIT: Duration = Duration::from_secs(10);
const DRIVERS: [&str; 6] = ["option", "qmi_wwan", "cdc_ether", "cdc_ncm", "cdc_mbim", "rndis_host"];

pub(crate) fn run(report: &mut Report) {
    report.step("drivers are loaded", || {
        let missing: Vec<_> = DRIVERS
            .iter()
            .filter(|name| !Path::new("/sys/bus/usb/drivers").join(name).exists())
            .collect();
        if missing.is_empty() { Ok(kernel()) } else { Err(format!("missing: {missing:?}").into()) }
    });
    let simulator = match Simulator::start() {
        Ok(simulator) => simulator,
        Err(failure) => return report.step("simulator starts", || Err(failure)),
    };
    report.step("plug to all nodes", || plug(&simulator, 0));
    if Path::new("/usr/bin/qmicli").exists() {
        report.step("qmicli reads model, SIM and serving system", qmicli_reads);
        report.step("qmicli connects and ping goes through", qmicli_connects);
    }
    report.step("unplug takes the nodes away", || unplug(&simulator, 0));
    report.step("plug in MBIM composition", || plug_as(&simulator, 0, "front=mbim"));
    if Path::new("/usr/bin/mbimcli").exists() {
        report.step("mbimcli reads device, SIM, radio and registration", mbimcli_reads);
        report.step("mbimcli connects and ping goes through", mbimcli_connects);
        report.step("mbim-proxy stands between", mbim_proxy);
        report.step("mbimcli puts fragments of 64 bytes together", || fragments(&simulator));
    }
    report.step("unplug the MBIM modem", || unplug(&simulator, 0));
    report.step("two modems at once", || {
        plug(&simulator, 0)?;
        let second = plug(&simulator, 1)?;
        unplug(&simulator, 0)?;
        unplug(&simulator, 1)?;
        Ok(second)
    });
}

fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned()
}

fn plug(simulator: &Simulator, port: u8) -> Outcome {
    plug_as(simulator, port, "front=qmi")
}

fn plug_as(simulator: &Simulator, port: u8, settings: &str) -> Outcome {
    simulator.tell(&format!("plug {port} {settings}"))?;
    let (network, control) =
        wait_for("drivers on every interface", PLUG_LIMIT, || find_nodes(port))?;
    Ok(format!("{network}, {control}"))
}

fn unplug(simulator: &Simulator, port: u8) -> Outcome {
    simulator.tell(&format!("unplug {port}"))?;
    let folder = format!("/sys/bus/usb/devices/1-{}", u32::from(port) + 1);
    wait_for("end of the device", PLUG_LIMIT, || (!Path::new(&folder).exists()).then_some(()))?;
    Ok(String::new())
}

fn qmicli(args: &[&str]) -> Result<String, Failure> {
    let (_, control) = find_nodes(0).ok_or("no modem")?;
    let mut all = vec!["-d", control.as_str()];
    all.extend(args);
    program("qmicli", &all)
}

fn expect(text: &str, part: &str) -> Result<(), Failure> {
    if text.contains(part) { Ok(()) } else { Err(format!("no '{part}' in:\n{text}").into()) }
}

fn qmicli_reads() -> Outcome {
    expect(&qmicli(&["--dms-get-model"])?, "QUECTEL")?;
    expect(&qmicli(&["--uim-get-card-status"])?, "Card state: 'present'")?;
    expect(&qmicli(&["--nas-get-serving-system"])?, "Registration state: 'registered'")?;
    Ok(String::new())
}

fn qmicli_connects() -> Outcome {
    let (network, _) = find_nodes(0).ok_or("no modem")?;
    program("ip", &["link", "set", &network, "down"])?;
    fs::write(format!("/sys/class/net/{network}/qmi/raw_ip"), "Y")?;
    qmicli(&["--wda-set-data-format=raw-ip"])?;
    let start = ["--wds-start-network=apn=internet,ip-type=4", "--client-no-release-cid"];
    let started = qmicli(&start)?;
    expect(&started, "Network started")?;
    let client = field(&started, "CID: '")?;
    let client = format!("--client-cid={client}");
    let settings = qmicli(&["--wds-get-current-settings", &client, "--client-no-release-cid"])?;
    let address = field(&settings, "IPv4 address: ")?;
    let server = field(&settings, "IPv4 primary DNS: ")?;
    program("ip", &["address", "add", &format!("{address}/32"), "dev", &network])?;
    program("ip", &["link", "set", &network, "up"])?;
    program("ip", &["route", "add", "default", "dev", &network])?;
    program("ping", &["-c", "1", "-W", "5", "-I", &network, "192.0.2.1"])?;
    program("nslookup", &["example.com", &server])?;
    Ok(format!("{address} on {network}"))
}

fn mbimcli(args: &[&str]) -> Result<String, Failure> {
    let (_, control) = find_nodes(0).ok_or("no modem")?;
    let mut all = vec!["-d", control.as_str()];
    all.extend(args);
    program("mbimcli", &all)
}

fn mbimcli_reads() -> Outcome {
    for (question, answers) in [
        ("--query-device-caps", &["Device ID: '867698040000013'", "EC25EFAR06A03M4G"][..]),
        ("--query-subscriber-ready-status", &["Ready state: 'initialized'", "262020123456700"]),
        ("--query-radio-state", &["Software radio state: 'on'"]),
        ("--query-pin-state", &["PIN state: 'unlocked'", "Remaining attempts: '3'"]),
        ("--query-pin-list", &["Mode: 'disabled'"]),
        ("--query-home-provider", &["Provider ID: '26202'", "Simphone DE"]),
        ("--query-visible-providers", &["Provider ID: '26202'"]),
        (
            "--query-registration-state",
            &["Register state: 'home'", "Available data classes: 'lte'"],
        ),
        ("--query-packet-service-state", &["Packet service state: 'attached'"]),
        ("--query-signal-state", &["RSSI [0-31,99]: '25'"]),
        ("--query-provisioned-contexts", &["Access string: 'internet'"]),
        ("--query-device-services", &["Service: 'basic-connect'"]),
        ("--query-packet-statistics", &["Packets"]),
        ("--ms-query-lte-attach-info", &["Attach state:  attached"]),
    ] {
        let text = mbimcli(&[question])?;
        for answer in answers {
            expect(&text, answer)?;
        }
    }
    Ok(String::new())
}

fn mbimcli_connects() -> Outcome {
    let (network, _) = find_nodes(0).ok_or("no modem")?;
    let started = mbimcli(&["--connect=apn=internet,ip-type=ipv4v6", "--no-close"])?;
    expect(&started, "Successfully connected")?;
    let address = field(&started, "IP [0]: '")?;
    let server = field(&started, "DNS [0]: '")?;
    program("ip", &["address", "add", &address, "dev", &network])?;
    program("ip", &["link", "set", &network, "up"])?;
    program("ip", &["route", "add", "default", "dev", &network])?;
    program("ping", &["-c", "1", "-W", "5", "-I", &network, "192.0.2.1"])?;
    program("nslookup", &["example.com", &server])?;
    // Larger than one USB packet, smaller than the MTU.
    program("ping", &["-c", "3", "-W", "5", "-s", "1400", "-I", &network, "192.0.2.1"])?;
    let state = mbimcli(&["--query-connection-state", "--no-open=9", "--no-close"])?;
    expect(&state, "Activation state: 'activated'")?;
    expect(&mbimcli(&["--disconnect", "--no-open=12"])?, "Successfully disconnected")?;
    Ok(format!("{address} on {network}"))
}

/// mbimcli starts the proxy by itself, which keeps the port open for whoever comes next.
fn mbim_proxy() -> Outcome {
    if !Path::new("/usr/libexec/mbim-proxy").exists() {
        return Ok("not there".into());
    }
    for _ in 0..2 {
        expect(&mbimcli(&["-p", "--query-device-caps"])?, "Device ID: '867698040000013'")?;
        expect(&mbimcli(&["-p", "--query-signal-state"])?, "RSSI [0-31,99]: '25'")?;
    }
    Ok(String::new())
}

/// A control port that takes 64 bytes at once: libmbim puts together what comes. It does not cut
/// what it sends into such frames, so it is asked for nothing long.
fn fragments(simulator: &Simulator) -> Outcome {
    unplug(simulator, 0)?;
    plug_as(simulator, 0, "front=mbim transfer=64")?;
    expect(&mbimcli(&["--query-device-caps"])?, "Device ID: '867698040000013'")?;
    expect(&mbimcli(&["--query-device-services"])?, "Service: 'basic-connect'")?;
    Ok(String::new())
}

/// What follows `key`, up to the end of the line or a quote.
fn field(text: &str, key: &str) -> Result<String, Failure> {
    let rest = text.split_once(key).map(|(_, rest)| rest);
    let value = rest.and_then(|rest| rest.split(['\'', '\n']).next()).map(str::trim);
    value.map(str::to_owned).ok_or_else(|| format!("no '{key}' in:\n{text}").into())
}
