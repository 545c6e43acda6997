use super::parse;
use crate::types::SpeedReport;

const LINE: &str = "2026-11-21T19:00:00.123456789Z,\"Amsterdam, \"\"Test\"\"\",\
    http://ams.example.net/,23.5,1.07,48.2,9,,192.0.2.7";

#[test]
fn a_report_is_read_wherever_it_stands() {
    let report = SpeedReport {
        server: "Amsterdam, \"Test\"".to_owned(),
        ping: 2350,
        jitter: 107,
        download: 4820,
        upload: 900,
    };
    assert_eq!(parse(LINE), Some(report.clone()));
    let noisy = format!("Failed to get IP info: \"x\n{LINE}\n\nError when sending\n");
    assert_eq!(parse(&noisy), Some(report));
}

#[test]
fn what_is_no_report_is_none() {
    for line in [
        "",
        "\n",
        "null",
        "Timestamp,Server Name,Address,Ping,Jitter,Download,Upload,Share,IP",
        &LINE.replace("48.2", "NaN"),
        &LINE.replace("48.2", "-1"),
        &LINE.replace("48.2", "4e9"),
        &LINE.replace("48.2", "4820000000000"),
        &LINE.replace("48.2", ""),
        &format!("{LINE},"),
        &LINE.replace(",192.0.2.7", ""),
        &LINE.replace("192.0.2.7", "\"192.0.2.7"),
        &",".repeat(100_000),
        &"\"".repeat(100_001),
    ] {
        assert_eq!(parse(line), None, "{line:.80}");
    }
}
