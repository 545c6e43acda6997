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
