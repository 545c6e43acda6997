//! `ltewan metrics`: what `status` says in numbers, for Prometheus and for collectd.
//!
//! Prometheus: its text exposition format 0.0.4. collectd: the lines that its plugin `exec` reads,
//! collectd-exec(5); the types are those of its types.db.

use super::commands::Words;
use super::show::{below, tables};
use super::{Call, Command};
use crate::io::environment::variable;
use crate::types::{Table, Value};
use std::fmt::Write;

/// A number that each modem, or each interface, may have.
struct Metric {
    /// Its name, less `ltewan_`.
    name: &'static str,
    /// `gauge` or `counter`.
    kind: &'static str,
    help: &'static str,
    /// Where it is in the document of the modem.
    path: &'static [&'static str],
    /// The place of its decimal point: Prometheus wants base units.
    decimals: usize,
    /// The type and instance that collectd has for it; empty for none.
    collectd: &'static str,
}

const fn gauge(
    name: &'static str,
    help: &'static str,
    path: &'static [&'static str],
    decimals: usize,
    collectd: &'static str,
) -> Metric {
    Metric { name, kind: "gauge", help, path, decimals, collectd }
}

const fn counter(
    name: &'static str,
    help: &'static str,
    path: &'static [&'static str],
    collectd: &'static str,
) -> Metric {
    Metric { name, kind: "counter", help, path, decimals: 0, collectd }
}

const OF_MODEMS: &[Metric] = &[
    gauge("modem_state_seconds", "Time in this state.", &["state_s"], 0, ""),
    gauge("signal_rssi_dbm", "Power received.", &["signal", "rssi_dbm"], 0, "signal_power-rssi"),
    gauge(
        "signal_rsrp_dbm",
        "Power of the reference signal.",
        &["signal", "rsrp_dbm"],
        0,
        "signal_power-rsrp",
    ),
    gauge(
        "signal_rsrq_db",
        "Quality of the reference signal.",
        &["signal", "rsrq_db"],
        0,
        "gauge-rsrq",
    ),
    gauge("signal_sinr_db", "Signal to noise.", &["signal", "sinr_db"], 0, "snr-sinr"),
    gauge("signal_ecio_db", "Chip to interference.", &["signal", "ecio_db"], 0, "gauge-ecio"),
    gauge(
        "signal_quality_ratio",
        "Quality of the signal.",
        &["signal", "quality"],
        2,
        "signal_quality",
    ),
    gauge("temperature_celsius", "Hottest place.", &["temperature_c"], 0, "temperature"),
    gauge("sms_unread", "Messages nobody has read.", &["sms_unread"], 0, "gauge-sms_unread"),
    counter(
        "receive_bytes_total",
        "Received, as the net device counts.",
        &["traffic", "rx_bytes"],
        "total_bytes-rx",
    ),
    counter(
        "transmit_bytes_total",
        "Sent, as the net device counts.",
        &["traffic", "tx_bytes"],
        "total_bytes-tx",
    ),
    gauge(
        "usage_receive_bytes",
        "Received by the SIM in its billing period.",
        &["usage", "rx_bytes"],
        0,
        "bytes-usage_rx",
    ),
    gauge(
        "usage_transmit_bytes",
        "Sent by the SIM in its billing period.",
        &["usage", "tx_bytes"],
        0,
        "bytes-usage_tx",
    ),
    gauge(
        "usage_quota_bytes",
        "What the SIM may carry in it.",
        &["usage", "quota_bytes"],
        0,
        "bytes-quota",
    ),
    gauge(
        "usage_limited",
        "Whether it is slowed down by its quota.",
        &["usage", "limited"],
        0,
        "gauge-limited",
    ),
];

const OF_INTERFACES: &[Metric] = &[
    gauge("interface_up", "Whether it is connected.", &["up"], 0, "gauge-up"),
    gauge(
        "interface_check_failures",
        "Checks in a row without an answer.",
        &["check", "failures"],
        0,
        "gauge-check_failures",
    ),
    gauge(
        "interface_check_ipv4_seconds",
        "How long an answer over IPv4 took.",
        &["check", "ipv4_ms"],
        3,
        "ping-ipv4",
    ),
    gauge(
        "interface_check_ipv6_seconds",
        "How long an answer over IPv6 took.",
        &["check", "ipv6_ms"],
        3,
        "ping-ipv6",
    ),
];

const OF_DAEMON: &[Metric] = &[
    gauge("uptime_seconds", "Time since the daemon started.", &["uptime_s"], 0, ""),
    gauge(
        "longest_turn_seconds",
        "The longest the daemon listened to nobody.",
        &["daemon", "longest_turn_ms"],
        3,
        "",
    ),
];

/// The states of a modem; a metric that is 1 for one of them and 0 for all others.
const STATES: [&str; 11] = [
    "absent",
    "initializing",
    "locked",
    "disabled",
    "searching",
    "registered",
    "connecting",
    "connected",
    "disconnecting",
    "recovering",
    "failed",
];

/// What tells one modem from another, by the names of labels.
const IDENTITY: [(&str, &[&str]); 5] = [
    ("section", &["section"]),
    ("vid_pid", &["vid_pid"]),
    ("manufacturer", &["identity", "manufacturer"]),
    ("model", &["identity", "model"]),
    ("revision", &["identity", "revision"]),
];

/// Where it is.
const NETWORK: [(&str, &[&str]); 5] = [
    ("registration", &["registration", "state"]),
    ("operator", &["registration", "operator"]),
    ("plmn", &["registration", "plmn"]),
    ("rat", &["registration", "rat"]),
    ("band", &["registration", "band"]),
];

/// The words of `usage`: `reset`, and of which SIM.
pub(super) fn usage(words: &mut Words<'_>, call: &mut Call) {
    if is_next(words, "reset") {
        call.method = "usage_reset";
    }
    call.args.put_some("iccid", words.next().map(String::as_str));
}

/// The word of `metrics`: whom they are for.
pub(super) fn words(words: &mut Words<'_>, call: &mut Call) {
    if is_next(words, "collectd") {
        call.command = Command::Collectd;
    }
}

/// Takes the next word if it is this one.
fn is_next(words: &mut Words<'_>, wanted: &str) -> bool {
    let is = words.as_slice().first().is_some_and(|word| word == wanted);
    if is {
        words.next();
    }
    is
}

/// For Prometheus.
pub(super) fn prometheus(answer: &Table) -> String {
    let mut text = String::new();
    head(&mut text, "build_info", "gauge", "The program.");
    sample(&mut text, "build_info", &[("version", word(answer, &["version"]))], "1");
    all(&mut text, OF_DAEMON, |_| Vec::new(), &[answer]);
    let modems: Vec<&Table> = tables(answer, "modems").collect();
    for (metric, labels, help) in &[
        ("modem_info", IDENTITY, "What a modem says it is."),
        ("network_info", NETWORK, "The network it is on."),
    ] {
        let mut lines = String::new();
        for modem in &modems {
            let mut named = vec![of_modem(modem)];
            for (label, path) in labels {
                named.push((label, word(modem, path)));
            }
            sample(&mut lines, metric, &named, "1");
        }
        section(&mut text, metric, "gauge", help, &lines);
    }
    let mut lines = String::new();
    for modem in &modems {
        let is = word(modem, &["state"]);
        for state in &STATES {
            let value = if *state == is { "1" } else { "0" };
            sample(&mut lines, "modem_state", &[of_modem(modem), ("state", state)], value);
        }
    }
    section(&mut text, "modem_state", "gauge", "The state that it is in is 1.", &lines);
    lines.clear();
    for modem in &modems {
        let counts = modem.get_table("causes").map(|counts| counts.0.as_slice());
        for (cause, count) in counts.unwrap_or_default() {
            let value = number(count, 0).unwrap_or_default();
            let labels = [of_modem(modem), ("cause", cause.as_str())];
            sample(&mut lines, "modem_state_changes_total", &labels, &value);
        }
    }
    let help = "Changes of state for each cause.";
    section(&mut text, "modem_state_changes_total", "counter", help, &lines);
    all(&mut text, OF_MODEMS, |modem| vec![of_modem(modem)], &modems);
    let interfaces: Vec<&Table> = tables(answer, "interfaces").collect();
    all(&mut text, OF_INTERFACES, of_interface, &interfaces);
    text
}

type Labels<'a> = Vec<(&'static str, &'a str)>;

fn of_modem(modem: &Table) -> (&'static str, &str) {
    ("modem", word(modem, &["modem"]))
}

fn of_interface(interface: &Table) -> Labels<'_> {
    vec![("interface", word(interface, &["interface"])), of_modem(interface)]
}

/// Metrics of each of these documents.
fn all(
    text: &mut String,
    metrics: &[Metric],
    labels: fn(&Table) -> Labels<'_>,
    documents: &[&Table],
) {
    for metric in metrics {
        let mut lines = String::new();
        for document in documents {
            if let Some(value) = metric.value(document) {
                sample(&mut lines, metric.name, &labels(document), &value);
            }
        }
        section(text, metric.name, metric.kind, metric.help, &lines);
    }
}

/// For collectd, which says in the environment who asks.
pub(super) fn for_collectd(answer: &Table) -> String {
    let told = |name, unset: &str| {
        let text = variable(name).and_then(|text| text.into_string().ok());
        text.unwrap_or(unset.to_owned())
    };
    let host = told(c"COLLECTD_HOSTNAME", "localhost");
    collectd(answer, &host, &told(c"COLLECTD_INTERVAL", "10"))
}

/// The same by the name of the host and the interval.
fn collectd(answer: &Table, host: &str, interval: &str) -> String {
    let mut text = String::new();
    for (list, name, metrics) in
        &[("modems", "modem", OF_MODEMS), ("interfaces", "interface", OF_INTERFACES)]
    {
        for document in tables(answer, list) {
            let instance = identifier(word(document, &[name]));
            for metric in metrics.iter().filter(|metric| !metric.collectd.is_empty()) {
                let Some(value) = metric.value(document) else { continue };
                let _ = writeln!(
                    text,
                    "PUTVAL \"{}/ltewan-{instance}/{}\" interval={} N:{value}",
                    identifier(host),
                    metric.collectd,
                    identifier(interval),
                );
            }
        }
    }
    text
}

/// Text without what ends a part of a name, or the line.
fn identifier(text: &str) -> String {
    let plain = |c: char| if c == '/' || c == '"' || c == '\\' || c.is_control() { '_' } else { c };
    text.chars().map(plain).collect()
}

impl Metric {
    fn value(&self, document: &Table) -> Option<String> {
        number(at(document, self.path)?, self.decimals)
    }
}

fn at<'a>(document: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, tables) = path.split_last()?;
    below(document, tables)?.get(last)
}

fn word<'a>(document: &'a Table, path: &[&str]) -> &'a str {
    at(document, path).and_then(Value::as_str).unwrap_or_default()
}

/// A number with its point moved. Of one that has decimals of its own three are told.
#[expect(clippy::cast_possible_truncation, reason = "it saturates")]
fn number(value: &Value, decimals: usize) -> Option<String> {
    let (number, decimals) = match value {
        Value::F64(number) => ((number * 1000.0).round() as i64, decimals + 3),
        Value::Bool(flag) => (i64::from(*flag), decimals),
        Value::Null
        | Value::I16(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Table(_) => (value.as_i64()?, decimals),
    };
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = decimals + 1);
    let (whole, rest) = digits.split_at(digits.len() - decimals);
    let rest = rest.trim_end_matches('0');
    Some(if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") })
}

fn section(text: &mut String, name: &str, kind: &str, help: &str, lines: &str) {
    if !lines.is_empty() {
        head(text, name, kind, help);
        text.push_str(lines);
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(text, "# HELP ltewan_{name} {help}\n# TYPE ltewan_{name} {kind}\n");
}

/// A line: labels that are empty are the same as none, so they are left out.
fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: &str) {
    let _ = write!(text, "ltewan_{name}");
    let mut before = '{';
    for (label, content) in labels.iter().filter(|(_, content)| !content.is_empty()) {
        let _ = write!(text, "{before}{label}=\"{}\"", escaped(content));
        before = ',';
    }
    if before == ',' {
        text.push('}');
    }
    let _ = writeln!(text, " {value}");
}

/// A label's value: modems and networks choose what they are called.
fn escaped(content: &str) -> String {
    let mut text = String::new();
    for c in content.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile() -> Table {
        let identity = Table::new().with("model", "E\"}\\\nup{x=\"\u{1b}[2J");
        let modem = Table::new()
            .with("modem", "usb:1-1")
            .with("state", "connected")
            .with("identity", identity)
            .with("signal", Table::new().with("rsrp_dbm", -97).with("quality", 64))
            .with("traffic", Table::new().with("rx_bytes", (1_u64 << 60) + 1))
            .with("causes", Table::new().with("connected", 3));
        let interface = Table::new().with("interface", "wwan").with("up", true);
        let interface = interface.with("check", Table::new().with("ipv4_ms", 40));
        Table::new()
            .with("version", "1.0")
            .with("daemon", Table::new().with("longest_turn_ms", 1.5))
            .with("modems", vec![modem])
            .with("interfaces", vec![interface])
    }

    #[test]
    fn numbers_are_in_base_units_and_names_cannot_end_their_line() {
        let text = prometheus(&hostile());
        for line in [
            "ltewan_build_info{version=\"1.0\"} 1",
            "ltewan_longest_turn_seconds 0.0015",
            "ltewan_modem_info{modem=\"usb:1-1\",model=\"E\\\"}\\\\\\nup{x=\\\" [2J\"} 1",
            "ltewan_modem_state{modem=\"usb:1-1\",state=\"connected\"} 1",
            "ltewan_modem_state{modem=\"usb:1-1\",state=\"failed\"} 0",
            "ltewan_modem_state_changes_total{modem=\"usb:1-1\",cause=\"connected\"} 3",
            "ltewan_signal_rsrp_dbm{modem=\"usb:1-1\"} -97",
            "ltewan_signal_quality_ratio{modem=\"usb:1-1\"} 0.64",
            "ltewan_receive_bytes_total{modem=\"usb:1-1\"} 1152921504606846977",
            "ltewan_interface_up{interface=\"wwan\"} 1",
            "ltewan_interface_check_ipv4_seconds{interface=\"wwan\"} 0.04",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
        assert!(text.lines().all(|line| line.starts_with("ltewan_") || line.starts_with("# ")));
        assert!(!text.contains("rsrq"), "no head without a number");
    }

    #[test]
    fn collectd_gets_what_it_has_types_for() {
        let text = collectd(&hostile(), "router\"/x", "30.000");
        let line = "PUTVAL \"router__x/ltewan-usb:1-1/signal_power-rsrp\" interval=30.000 N:-97";
        assert!(text.lines().any(|it| it == line), "{text}");
        assert!(text.lines().all(|line| line.matches('/').count() == 2), "{text}");
    }
}
