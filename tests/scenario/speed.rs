//! Speed tests: when one is begun, how it goes on, and how it ends.

use ltewan::types::{SpeedReport, Table, Value};

use super::router::Router;
use super::{USB1, connected};

const RUN: &str = "usb:1-1 librespeed-cli --csv --no-icmp --no-pre-allocate --duration 10 \
                   --telemetry-level disabled --interface wwan0";

const ENDED: &str = "usb:1-1 librespeed-cli is ended";

impl Router {
    fn speed(&mut self, action: &str) -> Result<Table, String> {
        let args = Table::new().with("modem", USB1).with("action", action);
        self.call("speedtest", args).map_err(|error| error.code.to_owned())
    }
}

fn number(table: &Table, name: &str) -> i64 {
    table.get(name).and_then(Value::as_i64).unwrap_or(-1)
}

fn report(download: u32) -> SpeedReport {
    let server = "Oslo, Norway".to_owned();
    SpeedReport { server, ping: 2350, jitter: 107, download, upload: 900 }
}

fn results(table: &Table) -> Vec<&Table> {
    table.get_array("results").unwrap().iter().filter_map(Value::as_table).collect()
}

/// How the test stands: its state, and the word of what went wrong.
fn stands(router: &mut Router) -> (String, String) {
    let status = router.speed("status").unwrap();
    let word = |name| status.get_str(name).unwrap_or_default().to_owned();
    (word("state"), word("failure"))
}

fn failed(error: &str) -> (String, String) {
    ("failed".to_owned(), error.to_owned())
}

/// A second in which this much is carried.
fn second(router: &mut Router, rx_bytes: u64, tx_bytes: u64) -> Table {
    router.flow(USB1, rx_bytes, tx_bytes, 64);
    router.run_for(1_000);
    router.speed("status").unwrap()
}

#[test]
fn a_test_is_followed_by_what_is_carried_and_its_result_is_kept() {
    let mut router = connected("");
    let idle = router.speed("status").unwrap();
    assert_eq!((idle.get_str("state"), number(&idle, "may_take_mb")), (Some("idle"), 250));
    assert_eq!(idle.get("installed"), Some(&Value::Bool(true)));
    router.speed("start").unwrap();
    assert_eq!(router.count(RUN, 0), 1, "{}", router.tail());
    assert_eq!(router.speed("start").unwrap_err(), "BUSY");
    let phases = [(20_000, 9_000), (6_000_000, 90_000), (6_000_000, 90_000), (50_000, 1_000_000)];
    let seen = phases.map(|(rx, tx)| second(&mut router, rx, tx));
    let words = seen.each_ref().map(|status| status.get_str("phase").unwrap());
    assert_eq!(words, ["preparing", "download", "download", "upload"]);
    assert_eq!(number(&seen[1], "rx_bps"), 48_000_000);
    assert_eq!(number(&seen[3], "elapsed_s"), 4);
    router.speed_test_ends(USB1, Ok(report(4820)));
    let writes = router.flash_writes;
    let done = router.speed("status").unwrap();
    assert_eq!(done.get_str("state"), Some("done"));
    let result = results(&done)[0].clone();
    assert_eq!(result.get_str("server"), Some("Oslo, Norway"));
    assert_eq!(result.get("download_mbps"), Some(&Value::F64(48.2)));
    assert_eq!(result.get("ping_ms"), Some(&Value::F64(23.5)));
    assert_eq!(number(&result, "rx_bytes"), 12_070_000);
    assert_eq!(result.get_str("rat"), Some("lte"));
    assert!((-99..-90).contains(&number(&result, "rsrp_dbm")), "{result:?}");
    assert!(result.get_str("time").unwrap().starts_with("2026-11-21T12:"), "{result:?}");
    assert_eq!(number(&done, "may_take_mb"), 14, "as much as the last one");
    // Nobody is told and nothing is written when there is no test.
    let told = router.count("usb:1-1 test", 0);
    router.run_for(9_000);
    assert_eq!((router.count("usb:1-1 test", 0), router.flash_writes), (told, writes));
    router.end_daemon();
    router.reboot();
    let kept = router.speed("status").unwrap();
    assert_eq!((kept.get_str("state"), results(&kept)), (Some("idle"), vec![&result]));
}

#[test]
fn twenty_results_are_kept() {
    let mut router = connected("");
    for n in 1..=22 {
        router.speed("start").unwrap();
        router.run_for(1_000);
        router.speed_test_ends(USB1, Ok(report(n * 100)));
    }
    let status = router.speed("status").unwrap();
    let speeds = results(&status).into_iter().map(|result| result.get("download_mbps").cloned());
    let speeds: Vec<_> = speeds.flatten().collect();
    let expected: Vec<_> = (3..=22).rev().map(|n| Value::F64(f64::from(n))).collect();
    assert_eq!(speeds, expected);
}

#[test]
fn what_goes_wrong_is_told_and_ends_the_program() {
    let mut router = connected("");
    let begin = |router: &mut Router| {
        router.speed("start").unwrap();
        router.run_for(2_000);
        router.count(ENDED, 0)
    };
    for (printed, message) in [
        ("Error when fetching server list: \u{1b}[2Jx509\n\n", "\u{fffd}[2Jx509"),
        ("", "did not answer"),
        (&"x".repeat(300), "xxx"),
    ] {
        begin(&mut router);
        router.speed_test_ends(USB1, Err(printed));
        let status = router.speed("status").unwrap();
        assert_eq!(status.get_str("failure"), Some("FAILED"));
        let said = status.get_str("message").unwrap();
        assert!(said.contains(message) && said.chars().count() <= 120, "{said}");
    }
    assert_eq!(begin(&mut router), 0);
    router.run_for(117_000);
    assert_eq!(stands(&mut router).0, "running");
    router.run_for(2_000);
    assert_eq!(stands(&mut router), failed("TIMEOUT"));
    assert_eq!(begin(&mut router), 1);
    router.speed("cancel").unwrap();
    assert_eq!(stands(&mut router), failed("CANCELLED"));
    assert_eq!(router.speed("cancel").unwrap_err(), "NO_TEST");
    // What it says all the same comes too late.
    router.speed_test_ends(USB1, Ok(report(4820)));
    assert_eq!(stands(&mut router), failed("CANCELLED"));
    assert_eq!(begin(&mut router), 2);
    router.tell(USB1, "drop all");
    assert_eq!(stands(&mut router), failed("LINK_LOST"), "{}", router.tail());
    router.run_until_up("wwan", 300_000);
    assert_eq!(begin(&mut router), 3);
    router.tell(USB1, "replug 3000");
    assert_eq!(router.count(ENDED, 0), 4);
    router.run_until_up("wwan", 300_000);
    let status = router.speed("status").unwrap();
    assert_eq!((status.get_str("state"), results(&status)), (Some("idle"), Vec::new()));
}

#[test]
fn none_is_begun_without_program_connection_or_enough_of_the_quota() {
    let mut router = connected("");
    router.has_librespeed = false;
    assert_eq!(router.speed("start").unwrap_err(), "NOT_INSTALLED");
    assert_eq!(router.speed("status").unwrap().get("installed"), Some(&Value::Bool(false)));
    router.has_librespeed = true;
    for wrong in ["", "12x", "-1", "ftp://a/", "http://a b/", "--list", "1234567"] {
        let args = Table::new().with("action", "start").with("server", wrong);
        let error = router.call("speedtest", args).unwrap_err();
        assert_eq!(error.code, "INVALID_ARGUMENT", "{wrong}");
    }
    assert_eq!(router.speed("stop").unwrap_err(), "INVALID_ARGUMENT");
    router.configure("config sim 'home'\n option iccid '8949*'\n option quota_mb '400'\n");
    router.run_for(11_000);
    router.flow(USB1, 200_000_000, 0, 64);
    router.run_for(21_000);
    let args = Table::new().with("action", "start");
    let error = router.call("speedtest", args).unwrap_err();
    assert_eq!(error.code, "QUOTA");
    let megabytes = ["may_take_mb", "quota_left_mb"].map(|name| number(&error.details, name));
    assert_eq!(megabytes, [250, 200]);
    router.ifdown("wwan");
    router.run_for(5_000);
    assert_eq!(router.speed("start").unwrap_err(), "NOT_CONNECTED");
    assert_eq!(router.count("usb:1-1 librespeed-cli", 0), 0);
}

#[test]
fn a_test_ends_with_the_quota() {
    let mut router = connected("");
    router.configure("config sim 'home'\n option iccid '8949*'\n option quota_mb '300'\n");
    router.run_for(11_000);
    router.speed("start").unwrap();
    router.run_for(1_000);
    second(&mut router, 299_000_000, 0);
    assert_eq!(stands(&mut router).0, "running");
    second(&mut router, 2_000_000, 0);
    assert_eq!(stands(&mut router), failed("QUOTA"));
    assert_eq!(router.count(ENDED, 0), 1);
}

#[test]
fn a_server_is_named_by_its_number_or_by_a_list() {
    for (server, option) in [("53", "--server 53"), ("https://a/l", "--server-json https://a/l")] {
        let mut router = connected("");
        let args = Table::new().with("action", "start").with("server", server);
        router.call("speedtest", args).unwrap();
        assert_eq!(router.count(&format!("{RUN} {option}"), 0), 1, "{}", router.tail());
    }
}
