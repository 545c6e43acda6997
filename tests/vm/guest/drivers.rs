//! Steps without the daemon: the kernel's drivers and Debian's qmicli take the simulated modem for
//! a real one. When these fail, the simulator is at fault and not ltewan.

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
    simulator.tell(&format!("plug {port}"))?;
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

/// What follows `key`, up to the end of the line or a quote.
fn field(text: &str, key: &str) -> Result<String, Failure> {
    let rest = text.split_once(key).map(|(_, rest)| rest);
    let value = rest.and_then(|rest| rest.split(['\'', '\n']).next()).map(str::trim);
    value.map(str::to_owned).ok_or_else(|| format!("no '{key}' in:\n{text}").into())
}
