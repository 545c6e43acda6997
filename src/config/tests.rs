//! What each option takes, what is said of a wrong one, and which profile a SIM gets.

use super::*;
use crate::types::uci::{OptionValue, Section};
use crate::types::{
    Apn, AuthMethod, Band, Imei, PdpType, Plmn, Rat, Secret, Table, UsbMode, Value,
};
use log::LevelFilter;

/// Options of a section, name and value.
type Pairs<'a> = &'a [(&'a str, &'a str)];

/// A package of sections `(type, name, [(option, value)])`; a value with `|` is a list.
fn package(sections: &[(&str, &str, Pairs<'_>)]) -> Package {
    let value = |text: &str| match text.split_once('|') {
        Some(_) => OptionValue::List(text.split('|').map(|v| v.as_bytes().to_vec()).collect()),
        None => OptionValue::Single(text.as_bytes().to_vec()),
    };
    let section = |(kind, name, options): &(&str, &str, Pairs<'_>)| Section {
        kind: (*kind).to_owned(),
        name: Some((*name).to_owned()).filter(|name| !name.is_empty()),
        options: options.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect(),
    };
    Package { sections: sections.iter().map(section).collect() }
}

fn modem(options: Pairs<'_>) -> (ModemConfig, Vec<String>) {
    let (config, errors) = parse(&package(&[("modem", "internal", options)]));
    (config.modems.first().cloned().unwrap(), messages(&errors))
}

fn interface(options: Pairs<'_>) -> (InterfaceConfig, Vec<String>) {
    let mut table = Table::new();
    for (name, value) in options {
        table.put(*name, *value);
    }
    let (config, errors) = InterfaceConfig::parse("wan4g", &table);
    (config, messages(&errors))
}

fn messages(errors: &[ConfigError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn an_empty_file_and_an_empty_table_are_the_defaults() {
    assert_eq!(parse(&Package::default()), (Config::default(), Vec::new()));
    assert_eq!(interface(&[]), (InterfaceConfig::default(), Vec::new()));
    // `modem` with nothing but a match is what a modem without a section gets.
    let (config, errors) = modem(&[("match", "usb:1-1.2")]);
    let matches = Some(ModemMatch::Usb("1-1.2".to_owned()));
    let name = Some("internal".to_owned());
    assert_eq!(config, ModemConfig { name, matches, ..ModemConfig::default() });
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn every_option_of_an_interface_is_read() {
    let mut table = Table::new();
    for (name, value) in [
        ("proto", "ltewan"),
        ("device", "imei:867698040000017"),
        ("apn", "internet"),
        ("v6apn", "v6.internet"),
        ("pincode", "1234"),
        ("auth", "CHAP"),
        ("username", "o'neill \"x\""),
        ("password", "p\u{e4}ss"),
        ("pdptype", "IP"),
        ("plmn", "26201"),
        ("check", "ping"),
        ("check_host", "2606:4700:4700::1111 1.1.1.1"),
        ("ip4table", "100"),
        ("ip6table", "wan_6"),
    ] {
        table.put(name, value);
    }
    for (name, value) in [("profile", 3), ("mtu", 1430), ("metric", 20), ("check_interval", 10)] {
        table.put(name, value);
    }
    table.put("check_failures", "2");
    table.put("modes", vec!["lte", "nr5g"]);
    table.put("allow_roaming", true);
    for name in
        ["delegate", "sourcefilter", "extendprefix", "iface_464xlat", "defaultroute", "peerdns"]
    {
        table.put(name, false);
    }
    let expected = InterfaceConfig {
        device: DeviceSelector::Imei(Imei::new("867698040000017").unwrap()),
        apn: Some(Apn::new("internet").unwrap()),
        v6apn: Some(Apn::new("v6.internet").unwrap()),
        profile: Some(3),
        pincode: Some(Secret::new("1234")),
        auth: Some(AuthMethod::Chap),
        username: Some("o'neill \"x\"".to_owned()),
        password: Some(Secret::new("p\u{e4}ss")),
        pdptype: Some(PdpType::Ipv4),
        allow_roaming: Some(true),
        modes: vec![Rat::Lte, Rat::Nr5g],
        plmn: Some(Plmn::parse("26201").unwrap()),
        mtu: Some(1430),
        check: Check {
            kind: CheckKind::Ping,
            hosts: vec!["2606:4700:4700::1111".to_owned(), "1.1.1.1".to_owned()],
            interval_secs: 10,
            failures: 2,
        },
        delegate: false,
        sourcefilter: false,
        extendprefix: false,
        iface_464xlat: false,
        ip4table: Some("100".to_owned()),
        ip6table: Some("wan_6".to_owned()),
        defaultroute: false,
        peerdns: false,
        metric: Some(20),
    };
    assert_eq!(InterfaceConfig::parse("wan4g", &table), (expected, Vec::new()));
}

#[test]
fn every_option_of_the_globals_and_of_a_modem_is_read() {
    let globals: Pairs<'_> = &[("log_level", "debug"), ("usage_flush", "3600")];
    let (config, errors) = parse(&package(&[("ltewan", "globals", globals)]));
    assert_eq!(messages(&errors), Vec::<String>::new());
    let set_clock = SetClock::Auto;
    let expected = Globals { log_level: LevelFilter::Debug, set_clock, usage_flush_secs: 3600 };
    assert_eq!(config.globals, expected);

    let (config, errors) = modem(&[
        ("match", "2c7c:0125"),
        ("enabled", "off"),
        ("control", "mbim"),
        ("usb_mode", "rndis"),
        ("mode", "lte nr5g"),
        ("band", "lte:3|lte:20|nr5g:78"),
        ("signal_interval", "0"),
        ("at_poll", "120"),
        ("qmap", "1"),
        ("recover", "redial|gpio"),
        ("reset_gpio", "modem_reset"),
        ("gnss", "1"),
        ("restart_time", "03:05"),
        ("slot", "2"),
        ("slot_gpio", "sim_sel"),
        ("slot_gpio_first", "0"),
        ("switch_on", "no_sim quota"),
        ("switch_after", "60"),
        ("switch_back", "0"),
        ("switch_attempts", "5"),
        ("switch_rsrp", "-110"),
    ]);
    assert_eq!(errors, Vec::<String>::new());
    let band = |rat, number| Band { rat, number };
    let expected = ModemConfig {
        name: Some("internal".to_owned()),
        matches: Some(ModemMatch::VidPid(0x2c7c, 0x0125)),
        enabled: false,
        control: Control::Mbim,
        usb_mode: Some(UsbMode::Rndis),
        qmap: Some(true),
        modes: vec![Rat::Lte, Rat::Nr5g],
        bands: vec![band(Rat::Lte, 3), band(Rat::Lte, 20), band(Rat::Nr5g, 78)],
        signal_interval_secs: 0,
        at_poll_secs: 120,
        recover: vec![RecoveryStep::Redial, RecoveryStep::Gpio],
        reset_gpio: Some("modem_reset".to_owned()),
        gnss: true,
        restart_time: Some(TimeOfDay { hour: 3, minute: 5 }),
        dual_sim: DualSim {
            primary: Some(2),
            line: Some("sim_sel".to_owned()),
            is_first_high: false,
            on: vec![SwitchOn::NoSim, SwitchOn::Quota],
            after: core::time::Duration::from_secs(60),
            back: core::time::Duration::ZERO,
            attempts: 5,
            weak_dbm: -110,
        },
    };
    assert_eq!(config, expected);
}

#[test]
fn every_option_of_a_sim_is_read() {
    let options = &[
        ("iccid", "8949*"),
        ("apn", "web"),
        ("pincode", "00000000"),
        ("auth", "both"),
        ("username", "u"),
        ("password", "p"),
        ("pdptype", "ipv6"),
        ("allow_roaming", "yes"),
        ("quota_mb", "5000"),
        ("quota_day", "31"),
        ("quota_action", "limit"),
        ("quota_rate", "64"),
        ("slot", "2"),
    ];
    let (config, errors) = parse(&package(&[("sim", "holiday", options)]));
    assert_eq!(messages(&errors), Vec::<String>::new());
    let expected = SimProfile {
        name: Some("holiday".to_owned()),
        iccid: Some(NumberPattern::iccid("8949*").unwrap()),
        imsi: None,
        apn: Some(Apn::new("web").unwrap()),
        pincode: Some(Secret::new("00000000")),
        auth: Some(AuthMethod::Both),
        username: Some("u".to_owned()),
        password: Some(Secret::new("p")),
        pdptype: Some(PdpType::Ipv6),
        allow_roaming: Some(true),
        quota: Some(Quota { megabytes: 5000, day: 31, action: QuotaAction::Limit, rate_kbits: 64 }),
        slot: Some(2),
    };
    assert_eq!(config.sims, [expected]);
}

#[test]
fn a_wrong_option_is_named_and_the_rest_counts() {
    let (config, errors) =
        interface(&[("pdptype", "ipv5"), ("apn", "internet"), ("mtu", "70000"), ("delegate", "2")]);
    assert_eq!(
        errors,
        [
            "network.wan4g.pdptype='ipv5': expected ipv4, ipv6 or ipv4v6",
            "network.wan4g.mtu='70000': expected 576 to 16384 bytes",
            "network.wan4g.delegate='2': \
             expected 1, yes, on, true, enabled or 0, no, off, false, disabled",
        ]
    );
    let apn = Some(Apn::new("internet").unwrap());
    assert_eq!(config, InterfaceConfig { apn, ..InterfaceConfig::default() });
}

#[test]
fn a_wrong_option_of_a_file_is_named_as_uci_names_it() {
    let (config, errors) = parse(&package(&[
        ("modem", "", &[("match", "usb:1-1"), ("band", "lte:3|lte:999|5g:1")]),
        ("modem", "", &[("match", "1-1"), ("contol", "qmi")]),
        ("modem", "spare", &[("control", "qmi|mbim")]),
        ("sim", "", &[("apn", "x y"), ("imsi", "26202*")]),
        ("sim", "nobody", &[("apn", "x")]),
        ("modme", "typo", &[("match", "usb:1-1")]),
        ("led", "", &[("led", "green:lte")]),
        ("led", "two", &[("led", "green:lte"), ("show", "signal")]),
    ]));
    let expected = [
        "ltewan.@modem[0].band='lte:999': expected a band as gsm:900, umts:8, lte:3 or nr5g:78",
        "ltewan.@modem[0].band='5g:1': expected a band as gsm:900, umts:8, lte:3 or nr5g:78",
        "ltewan.@modem[1].match='1-1': \
         expected usb:1-1.2, imei: and 14 to 16 digits, or vid:pid as 2c7c:0125",
        "ltewan.@modem[1].contol: expected one of the options match enabled control usb_mode qmap \
         mode band signal_interval at_poll recover reset_gpio gnss restart_time slot \
         slot_gpio slot_gpio_first switch_on switch_after switch_back switch_attempts switch_rsrp",
        "ltewan.spare.control: expected one value, not a list",
        "ltewan.spare.match: expected match, to say which modem is meant",
        "ltewan.@sim[0].apn='x y': \
         expected an APN: letters, digits, '-', '.', '_' or '@', at most 100",
        "ltewan.nobody.iccid: expected iccid or imsi, to say which SIM is meant",
        "ltewan.typo: expected a section of type ltewan, modem, sim or led",
        "ltewan.two.led='green:lte': expected an LED that ltewan.@led[0] does not use",
    ];
    assert_eq!(messages(&errors), expected);
    assert_eq!((config.modems.len(), config.leds.len()), (3, 1));
    let band = Band { rat: Rat::Lte, number: 3 };
    assert_eq!(config.modems.first().map(|m| m.bands.clone()), Some(vec![band]));
    assert_eq!(config.sims.len(), 1);
}

#[test]
fn no_secret_and_no_whole_identity_is_in_an_error() {
    let (_, mut errors) = interface(&[
        ("pincode", "12e4"),
        ("password", "geheim\n"),
        ("device", "imei:12345678901x"),
    ]);
    let sim: Pairs<'_> = &[("iccid", "8949222222222222222222"), ("pincode", "12e4")];
    errors.extend(messages(&parse(&package(&[("sim", "s", sim)])).1));
    assert_eq!(errors.len(), 5, "{errors:?}");
    for secret in ["12e4", "geheim", "45678901", "222222222"] {
        assert!(!errors.iter().any(|e| e.contains(secret)), "{secret} in {errors:?}");
    }
}

#[test]
fn an_error_cannot_break_out_of_its_log_line() {
    let (_, errors) =
        interface(&[("pdptype", "x\n\u{1b}[2Jkern.emerg: y"), ("mtu", &"9".repeat(5000))]);
    assert!(errors.iter().all(|e| e.chars().all(|c| !c.is_control()) && e.len() < 200));
    assert_eq!(errors.len(), 2);
}

#[test]
fn what_could_end_a_command_or_climb_out_of_a_folder_is_refused() {
    for (option, value) in [
        ("apn", "internet\""),
        ("apn", "a\r\nAT+CFUN=0"),
        ("username", "a\0b"),
        ("username", "a\rb"),
        ("password", "a\u{7f}"),
        ("username", &"x".repeat(128)),
        ("pincode", "123"),
        ("pincode", "123456789"),
        ("device", "/etc/passwd"),
        ("device", "/dev/../etc/passwd"),
        ("device", "usb:../../x"),
        ("device", "usb:1-1.2;reboot"),
        ("device", ".."),
        ("device", "a b"),
        ("check_host", "-f;reboot"),
        ("check_host", "a$b"),
        ("ip4table", "main;x"),
        ("plmn", "262O1"),
        ("modes", "5g"),
    ] {
        let (config, errors) = interface(&[(option, value)]);
        assert_eq!(errors.len(), 1, "{option} {value:?}");
        assert_eq!(config, InterfaceConfig::default(), "{option} {value:?}");
    }
    assert_eq!(modem(&[("match", "usb:1-1"), ("reset_gpio", "../../sys")]).1.len(), 1);
}

#[test]
fn a_device_is_told_by_its_form() {
    for (text, expected) in [
        ("auto", DeviceSelector::Auto),
        ("", DeviceSelector::Auto),
        ("internal", DeviceSelector::Section("internal".to_owned())),
        ("usb:1-1.2", DeviceSelector::Usb("1-1.2".to_owned())),
        ("2C7C:0125", DeviceSelector::VidPid(0x2c7c, 0x0125)),
        ("/dev/cdc-wdm0", DeviceSelector::Node("/dev/cdc-wdm0".to_owned())),
        ("/dev/ttyUSB2", DeviceSelector::Node("/dev/ttyUSB2".to_owned())),
        ("eth1.2", DeviceSelector::Node("eth1.2".to_owned())),
        (
            "/sys/devices/platform/soc/8af8800.usb3/xhci-hcd.1.auto/usb1/1-1/1-1.2",
            DeviceSelector::Node(
                "/sys/devices/platform/soc/8af8800.usb3/xhci-hcd.1.auto/usb1/1-1/1-1.2".to_owned(),
            ),
        ),
    ] {
        assert_eq!(DeviceSelector::parse(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_name_is_a_section_when_there_is_one_and_a_net_device_otherwise() {
    let (config, _) = parse(&package(&[("modem", "internal", &[("match", "usb:1-1")])]));
    let resolved = |name: &str| DeviceSelector::parse(name).unwrap().resolve(&config);
    assert_eq!(resolved("internal"), DeviceSelector::Section("internal".to_owned()));
    assert_eq!(resolved("wwan0"), DeviceSelector::Node("wwan0".to_owned()));
}

#[test]
fn the_profile_that_says_most_about_a_sim_wins() {
    let (config, errors) = parse(&package(&[
        ("sim", "any", &[("iccid", "*")]),
        ("sim", "germany", &[("iccid", "8949*")]),
        ("sim", "mine", &[("iccid", "8949222222222222222f")]),
        ("sim", "germany_again", &[("iccid", "8949*")]),
        ("sim", "operator", &[("imsi", "26202*")]),
        ("sim", "both", &[("iccid", "8988*"), ("imsi", "26203*")]),
    ]));
    assert_eq!(messages(&errors), Vec::<String>::new());
    let name = |iccid: &str, imsi: &str| {
        let (iccid, imsi) = (Iccid::new(iccid).ok(), Imsi::new(imsi).ok());
        let profile = config.sim_profile(iccid.as_ref(), imsi.as_ref())?;
        profile.name.as_deref()
    };
    assert_eq!(name("89492222222222222220", "262010000000001"), Some("germany"));
    assert_eq!(name("8949222222222222222", "262010000000001"), Some("mine"));
    assert_eq!(name("8949222222222222222F", ""), Some("mine"));
    assert_eq!(name("89492222222222222220", "262020000000001"), Some("operator"));
    assert_eq!(name("89882222222222222220", "262030000000001"), Some("both"));
    assert_eq!(name("89882222222222222220", ""), Some("any"));
    assert_eq!(name("", "262020000000001"), Some("operator"));
    assert_eq!(name("", "262010000000001"), None);
}

#[test]
fn an_interface_comes_before_the_sim_and_the_sim_before_nothing() {
    let sim: Pairs<'_> =
        &[("iccid", "8949*"), ("apn", "sim.apn"), ("username", "u"), ("pdptype", "ipv4")];
    let (config, _) = parse(&package(&[("sim", "s", sim)]));
    let (interface, _) = interface(&[("apn", "if.apn"), ("profile", "2")]);
    assert_eq!(interface.clone().with_sim(None), interface);
    let settings = interface.with_sim(config.sims.first()).bearer_settings();
    assert_eq!(settings.apn.as_str(), "if.apn");
    assert_eq!(settings.profile, Some(2));
    assert_eq!(settings.pdptype, PdpType::Ipv4);
    // A user name alone is meant to be used.
    assert_eq!((settings.username.as_deref(), settings.auth), (Some("u"), AuthMethod::Both));
}

#[test]
fn values_of_another_type_than_text_are_taken_as_uci_would_write_them() {
    let table = Table::new()
        .with("allow_roaming", 1)
        .with("mtu", 1400_i64)
        .with("plmn", 26201)
        .with("modes", "auto")
        .with("apn", Value::Null)
        .with("metric", -1)
        .with("delegate", 1.5);
    let (config, errors) = InterfaceConfig::parse("w", &table);
    assert_eq!((config.allow_roaming, config.mtu), (Some(true), Some(1400)));
    assert_eq!(config.plmn, Plmn::parse("26201").ok());
    assert_eq!((config.modes.len(), config.apn, config.metric), (0, None, None));
    let wrong: Vec<_> = errors.iter().filter_map(|e| e.option.as_deref()).collect();
    assert_eq!(wrong, ["delegate", "metric"]);
}

#[test]
fn errors_without_end_are_cut_short() {
    let list = vec!["x"; 5000].join("|");
    let (_, errors) = modem(&[("match", "usb:1-1"), ("band", &list)]);
    assert_eq!(errors.len(), 32);
}

#[test]
fn the_zone_of_a_network_is_found_in_options_and_lists() {
    let firewall = package(&[
        ("defaults", "", &[("network", "wan4g")]),
        ("zone", "", &[("name", "old"), ("network", "wan4g"), ("enabled", "0")]),
        ("zone", "", &[("name", "lan"), ("network", "lan|guest")]),
        ("zone", "", &[("name", "wan"), ("network", "wan wan6 wan4g")]),
        ("zone", "", &[("name", "empty")]),
    ]);
    let zone = |network| firewall::zone_of(&firewall, network);
    assert_eq!(zone("lan").as_deref(), Some("lan"));
    assert_eq!(zone("guest").as_deref(), Some("lan"));
    assert_eq!(zone("wan4g").as_deref(), Some("wan"));
    assert_eq!(zone("wan4"), None);
    assert_eq!(zone(""), None);
}

// The watchdog of a connection.

#[test]
fn hosts_of_a_check_mean_what_its_kind_makes_of_them() {
    let targets = |kind: &str, hosts: &str| {
        let (config, errors) = interface(&[("check", kind), ("check_host", hosts)]);
        assert!(errors.is_empty(), "{kind} {hosts}: {errors:?}");
        config.check.targets()
    };
    let address = |text: &str| text.parse::<core::net::IpAddr>().unwrap();
    let name = || Host::Name("openwrt.org".into());
    assert_eq!(
        targets("ping", "192.0.2.1 2001:db8::1 openwrt.org."),
        [
            CheckTarget::Ping(Host::Address(address("192.0.2.1"))),
            CheckTarget::Ping(Host::Address(address("2001:db8::1"))),
            CheckTarget::Ping(name()),
        ]
    );
    assert_eq!(
        targets("dns", "192.0.2.53 openwrt.org"),
        [CheckTarget::NameServer(address("192.0.2.53")), CheckTarget::Name("openwrt.org".into())]
    );
    let page = |host, port, path: &str| CheckTarget::Page { host, port, path: path.into() };
    assert_eq!(
        targets(
            "http",
            "openwrt.org http://openwrt.org:8080/a?b=c http://192.0.2.1?x http://[2001:db8::1]:81/ \
             2001:db8::1"
        ),
        [
            page(name(), 80, "/"),
            page(name(), 8080, "/a?b=c"),
            page(Host::Address(address("192.0.2.1")), 80, "/?x"),
            page(Host::Address(address("2001:db8::1")), 81, "/"),
            page(Host::Address(address("2001:db8::1")), 80, "/"),
        ]
    );
    assert!(targets("ping", "").is_empty());
}

#[test]
fn hosts_that_a_check_cannot_ask_are_reported_and_left_out() {
    for (kind, host) in [
        ("ping", "http://openwrt.org/"),
        ("ping", "192.0.2.300"),
        ("ping", "a..b"),
        ("dns", "openwrt.org/x"),
        ("http", "https://openwrt.org/"),
        ("http", "http://openwrt.org:0/"),
        ("http", "http://openwrt.org:99999/"),
        ("http", "http://user@openwrt.org/"),
        ("http", "http://[192.0.2.1]/"),
        ("http", "http:///x"),
    ] {
        let hosts = format!("{host} 192.0.2.1");
        let (config, errors) = interface(&[("check", kind), ("check_host", &hosts)]);
        assert_eq!(errors.len(), 1, "{kind} {host}");
        assert_eq!(config.check.hosts, ["192.0.2.1"], "{kind} {host}");
    }
    let many: Vec<String> = (0..20).map(|n| format!("192.0.2.{n}")).collect();
    let (config, errors) = interface(&[("check", "ping"), ("check_host", &many.join(" "))]);
    assert_eq!((config.check.hosts.len(), errors.len()), (CHECK_HOSTS_MAX, 1));
}

#[test]
fn an_http_check_without_a_host_is_reported_and_not_made() {
    let (config, errors) = interface(&[("check", "http")]);
    assert_eq!(config.check.kind, CheckKind::None);
    assert!(errors.iter().any(|error| error.contains("check_host")), "{errors:?}");
}
