//! What the state in numbers is, and what asking for it costs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use ltewan::io::clock;

use super::{MODEM, WAN, in_namespace};
use crate::router::journal::Journal;
use crate::router::{Plan, Router};

/// Whether the line is a sample as Prometheus' text format 0.0.4 has it.
fn is_sample(line: &str) -> bool {
    let Some((series, value)) = line.rsplit_once(' ') else { return false };
    let name = series.split('{').next().unwrap();
    let is_name = name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    is_name && name.starts_with("ltewan_") && value.parse::<f64>().is_ok()
}

/// What the collector of prometheus-node-exporter-lua gives the exporter, with these lines of Lua
/// in the exporter's place; `None` without Lua.
fn collect(exporter: &str, text: &str) -> Option<String> {
    let program = "io.popen = function() return io.stdin end";
    let collector =
        concat!(env!("CARGO_MANIFEST_DIR"), "/files/usr/lib/lua/prometheus-collectors/ltewan.lua");
    let lua = format!("{program}\n{exporter}\ndofile('{collector}').scrape()\nio.write('end\\n')");
    let mut child = Command::new("lua5.1");
    child.args(["-e", &lua]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_collector_gives_every_exporter_all_lines() {
    let text = "# TYPE ltewan_uptime_seconds gauge\nltewan_uptime_seconds 1\n";
    // OpenWrt 23.05 and before, when its program is run by hand; then 24.10 and later.
    for exporter in ["output = print", "out = io.output()"] {
        let Some(given) = collect(exporter, text) else {
            return println!("lua5.1 is not installed: the collector was not run");
        };
        assert_eq!(given, format!("{text}end\n"), "{exporter}");
    }
}

/// Prometheus' own verdict, where its tool is installed.
fn judge(text: &str) {
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut promtool) = promtool.spawn() else {
        return println!("promtool is not installed: the metrics have no verdict of its");
    };
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{text}");
}

#[test]
fn metrics_are_such_and_cost_little() {
    in_namespace("metrics", || {
        let router = Router::start(Plan::new("metrics").unwrap(), Journal::new(None)).unwrap();
        router.modems.say("plug 0").unwrap();
        router.ifup(WAN).unwrap();
        router.wait_up(WAN).unwrap();
        let (status, text) = router.cli(&["metrics"]).unwrap();
        assert_eq!(status, Some(0), "{text}");
        let mut samples = text.lines().filter(|line| !line.starts_with("# "));
        assert!(samples.all(is_sample), "{text}");
        let state = format!("ltewan_modem_state{{modem=\"{MODEM}\",state=\"connected\"}} 1\n");
        assert!(text.contains(&state), "{text}");
        assert!(text.contains("ltewan_modem_state_changes_total{"), "{text}");
        judge(&text);
        let collectd = router.cli(&["metrics", "collectd"]).unwrap().1;
        assert!(collectd.lines().all(|line| line.starts_with("PUTVAL ")), "{collectd}");
        let mut times = [0; 21].map(|_| {
            let began = clock::now();
            router.cli(&["metrics"]).unwrap();
            clock::now().saturating_since(began)
        });
        times.sort_unstable();
        println!("{} bytes; a scrape takes {:?}", text.len(), times[10]);
    });
}
