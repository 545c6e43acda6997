//! What a modem hears: signal, cells, history, traffic, and what it costs to know.

use ltewan::types::{Table, Value};

use super::router::Router;
use super::{USB1, connected as router};

fn number(table: &Table, name: &str) -> Option<i64> {
    table.get(name).and_then(Value::as_i64)
}

fn tables<'a>(table: &'a Table, name: &str) -> Vec<&'a Table> {
    table.get_array(name).unwrap_or_default().iter().filter_map(Value::as_table).collect()
}

#[test]
fn status_shows_signal_quality_antennas_band_and_traffic() {
    let mut router = router("");
    router.run_until(15_000);
    router.traffic(USB1, 1_000_000, 20_000);
    router.run_until(25_500);
    let status = &router.status()[0];
    let signal = status.get_table("signal").unwrap();
    assert_eq!(signal.get_str("rat"), Some("lte"));
    assert!(number(signal, "rsrp_dbm").is_some());
    assert!((0..=100).contains(&number(signal, "quality").unwrap()));
    assert!(number(signal, "age_s").unwrap() < 10);
    let antennas = tables(signal, "antennas");
    assert_eq!(antennas.len(), 2);
    let rsrp = |i: usize| number(antennas[i], "rsrp_dbm").unwrap();
    assert_eq!(rsrp(0) - rsrp(1), 4);
    let registration = status.get_table("registration").unwrap();
    assert_eq!(registration.get_str("band"), Some("B3"));
    assert_eq!(registration.get("roaming"), Some(&Value::Bool(false)));
    let traffic = status.get_table("traffic").unwrap();
    assert_eq!(number(traffic, "rx_bytes"), Some(1_000_000));
    // Within ten seconds.
    assert_eq!(number(traffic, "rx_bps"), Some(800_000));
    assert_eq!(number(traffic, "tx_bps"), Some(16_000));
}

#[test]
fn somebody_who_looks_sees_a_change_within_his_interval_and_nobody_else_pays() {
    let mut router = router("");
    router.run_until(41_500);
    let watch = Table::new().with("interval_s", 1);
    let before = router.call("signal", watch.clone()).unwrap();
    router.tell(USB1, "signal -50 -9 -77 200");
    router.run_for(1_100);
    let after = router.call("signal", Table::new()).unwrap();
    assert_eq!(number(&after, "rsrp_dbm"), Some(-77));
    assert_ne!(number(&before, "rsrp_dbm"), Some(-77));
    assert!(router.count("usb:1-1 signal", 41_000) >= 1, "subscribers are told");
    // It ends by itself.
    router.run_until(75_000);
    router.cost.restart(router.now);
    router.run_until(135_000);
    let quiet = router.cost.a_minute(router.now);
    assert!(quiet.wakeups <= 60, "{quiet:?}");
    assert!(router.call("signal", Table::new().with("interval_s", 0)).is_err());
    assert!(router.call("signal", Table::new().with("interval_s", 61)).is_err());
}

#[test]
fn cells_are_told_as_the_modem_hears_them() {
    let mut router = router("");
    let call = router.start_call("cells", Table::new());
    router.settle();
    router.run_for(100);
    let cells = router.reply(call).unwrap().1.clone().unwrap();
    let serving = cells.get_table("serving").unwrap();
    assert_eq!(serving.get_str("rat"), Some("lte"));
    assert_eq!(serving.get_str("plmn"), Some("26202"));
    assert_eq!(serving.get_str("band"), Some("B3"));
    assert_eq!(number(serving, "arfcn"), Some(1300));
    assert_eq!(number(serving, "cell_id"), Some(0x01c0_3e0b));
    assert_eq!(number(serving, "enb_id"), Some(0x0001_c03e));
    assert_eq!(number(serving, "sector"), Some(0x0b));
    assert_eq!(number(serving, "pci"), Some(246));
    assert_eq!(serving.get("bandwidth_mhz"), Some(&Value::F64(20.0)));
    let carriers = tables(&cells, "carriers");
    let shown: Vec<_> = carriers.iter().map(|c| (c.get_str("role"), c.get_str("band"))).collect();
    assert_eq!(shown, [(Some("primary"), Some("B3")), (Some("secondary"), Some("B20"))]);
}

#[test]
fn a_modem_that_speaks_mbim_tells_of_its_cell_and_its_levels() {
    let mut router = router("front=mbim");
    router.configure("config modem 'm'\n option match 'usb:1-1'\n option at_poll '0'\n");
    router.run_until(60_500);
    let status = &router.status()[0];
    assert_eq!(number(status.get_table("signal").unwrap(), "rsrp_dbm"), Some(-92));
    assert_eq!(status.get_table("registration").unwrap().get_str("band"), Some("B3"));
    let call = router.start_call("cells", Table::new());
    router.settle();
    router.run_for(100);
    let cells = router.reply(call).unwrap().1.clone().unwrap();
    assert_eq!(number(cells.get_table("serving").unwrap(), "pci"), Some(246));
}

#[test]
fn a_modem_that_leaves_answers_those_who_wait_for_its_cells() {
    let mut router = router("");
    router.run_until(60_500);
    router.tell(USB1, "silence on");
    let call = router.start_call("cells", Table::new());
    router.settle();
    router.run_for(1_000);
    assert!(router.reply(call).is_none());
    router.tell(USB1, "unplug");
    router.run_for(100);
    assert!(router.reply(call).unwrap().1.is_err());
}

#[test]
fn a_modem_that_is_silent_does_not_keep_anyone_waiting_for_its_cells() {
    let mut router = router("");
    router.run_until(60_500);
    router.tell(USB1, "silence on");
    let call = router.start_call("cells", Table::new());
    router.settle();
    router.run_for(6_100);
    assert!(router.reply(call).unwrap().1.is_ok());
}

#[test]
fn an_hour_and_a_day_are_kept_and_what_is_missing_is_left_out() {
    let mut router = router("");
    router.run_until(2 * 3_600_000);
    let hour = router.call("history", Table::new()).unwrap();
    assert_eq!(number(&hour, "step_s"), Some(10));
    let samples = tables(&hour, "samples");
    assert!((355..=360).contains(&samples.len()), "{}", samples.len());
    let ages: Vec<_> = samples.iter().map(|sample| number(sample, "t").unwrap()).collect();
    assert!(ages.is_sorted_by(|a, b| a > b), "oldest first");
    assert!(samples.iter().all(|sample| sample.get("rsrp_dbm").is_some()));
    assert!(samples.iter().all(|sample| sample.get("ecio_db").is_none()));
    let day = router.call("history", Table::new().with("span", "day")).unwrap();
    assert_eq!(number(&day, "step_s"), Some(300));
    assert_eq!(tables(&day, "samples").len(), 24);
    assert!(router.call("history", Table::new().with("span", "week")).is_err());
}

#[test]
fn a_phone_has_traffic_and_no_signal() {
    let mut router = Router::new();
    router.auto_interface("wwan", "");
    router.at(1_000).plug(USB1, "device=phone");
    router.traffic(USB1, 500, 100);
    router.run_until(60_000);
    let status = &router.status()[0];
    assert_eq!(number(status.get_table("traffic").unwrap(), "rx_bytes"), Some(500));
    assert!(status.get_table("signal").is_none());
    assert!(router.call("signal", Table::new()).is_err());
}

/// The vendors whose habits the simulator has.
const VENDORS: [&str; 9] =
    ["quectel", "huawei", "sierra", "simcom", "fibocom", "mediatek", "telit", "ublox", "xmm"];

#[test]
fn each_vendor_is_asked_for_cells_and_levels_in_its_own_commands() {
    for vendor in VENDORS {
        let mut router = router(&format!("front=at dialect={vendor}"));
        router.run_until(90_000);
        let status = &router.status()[0];
        let signal = status.get_table("signal").unwrap();
        assert_eq!(number(signal, "rsrp_dbm"), Some(-92), "{vendor}");
        assert_eq!(number(signal, "rsrq_db"), Some(-9), "{vendor}");
        assert!(signal.get("quality").is_some(), "{vendor}");
        let registration = status.get_table("registration").unwrap();
        assert_eq!(registration.get_str("band"), Some("B3"), "{vendor}");
        let has_temperature = !["ublox"].contains(&vendor);
        assert_eq!(number(status, "temperature_c").is_some(), has_temperature, "{vendor}");
        let call = router.start_call("cells", Table::new());
        router.settle();
        router.run_for(1_000);
        let cells = router.reply(call).unwrap_or_else(|| panic!("{vendor}")).1.clone().unwrap();
        let serving = cells.get_table("serving").unwrap();
        assert_eq!(serving.get_str("plmn"), Some("26202"), "{vendor}");
        assert_eq!(number(serving, "arfcn"), Some(1300), "{vendor}");
        assert_eq!(number(serving, "cell_id"), Some(0x01c0_3e0b), "{vendor}");
        let carriers = tables(&cells, "carriers");
        assert_eq!(carriers[0].get_str("role"), Some("primary"), "{vendor}");
        let aggregates = ["quectel", "sierra", "fibocom", "mediatek"].contains(&vendor);
        assert_eq!(carriers.len(), if aggregates { 2 } else { 1 }, "{vendor}");
    }
}

#[test]
fn the_revision_of_the_hardware_is_part_of_the_full_identity() {
    let mut router = router("");
    router.run_until(60_500);
    let info = router.call("info", Table::new()).unwrap();
    let identity = info.get_table("full_identity").unwrap();
    assert!(identity.get_str("hardware_revision").is_some());
    // This SIM does not know its number.
    assert!(identity.get("number").is_none());
}

#[test]
fn the_phone_number_is_part_of_the_full_identity_where_the_sim_knows_it() {
    for modem in ["", "front=mbim", "front=at dialect=quectel"] {
        let mut router = router(&format!("number=+491701234567 {modem}"));
        router.run_until(90_500);
        let info = router.call("info", Table::new()).unwrap();
        let identity = info.get_table("full_identity").unwrap();
        assert_eq!(identity.get_str("number"), Some("+491701234567"), "{modem}");
        let status = router.status()[0].clone();
        assert!(!format!("{status:?}").contains("491701234567"), "{modem}");
    }
}

#[test]
fn a_vendor_that_is_not_known_has_the_levels_of_the_standard() {
    let mut router = router("front=at dialect=generic");
    router.run_until(90_000);
    let status = &router.status()[0];
    assert_eq!(number(status.get_table("signal").unwrap(), "rsrp_dbm"), Some(-92));
    assert!(status.get_table("registration").unwrap().get("band").is_none());
    let info = router.call("info", Table::new()).unwrap();
    let words: Vec<_> = info.get_array("capabilities").unwrap().iter().collect();
    assert!(words.contains(&&Value::from("signal")) && !words.contains(&&Value::from("cells")));
}

/// What it costs while nothing happens: with nobody looking, with the antenna page open, and with
/// AT commands forbidden.
#[test]
fn an_idle_modem_costs_little_and_none_of_it_on_the_at_port_when_told_so() {
    let quiet = "config modem 'm'\n option match 'usb:1-1'\n option at_poll '0'\n";
    let mut shown = Vec::new();
    for (name, modem) in [("qmi", ""), ("mbim", "front=mbim"), ("at", "front=at dialect=quectel")] {
        for (how, config, watched) in
            [("closed", "", false), ("open", "", true), ("at_poll 0", quiet, false)]
        {
            let mut router = Router::new();
            router.configure(config);
            router.interface("wwan", "apn=internet");
            router.at(1_000).plug(USB1, modem);
            router.at(2_000).ifup("wwan");
            router.run_until_up("wwan", 60_000);
            // What a modem refused at first is not asked for any more.
            router.run_until(900_500);
            router.cost.restart(router.now);
            for _ in 0..60 {
                if watched {
                    router.call("signal", Table::new().with("interval_s", 2)).unwrap();
                }
                router.run_for(10_000);
            }
            let cost = router.cost.a_minute(router.now);
            shown.push(format!("{name}, {how}: {cost:?}"));
            if how == "at_poll 0" {
                assert_eq!((cost.at_written, cost.at_read), (0, 0), "{name}");
                assert_eq!(router.state(USB1), "connected");
            }
            let wakeups_max = if watched { 600 } else { 60 };
            assert!(cost.wakeups <= wakeups_max, "{shown:?}");
            let at_max = if watched { 30_000 } else { 2_000 };
            assert!(cost.at_written + cost.at_read <= at_max, "{shown:?}");
        }
    }
    for line in shown {
        println!("{line}");
    }
}
