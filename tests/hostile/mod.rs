//! Text from configuration on its way to a modem: nothing in it can end a string, a command, a line
//! or a TLV, whichever option it stands in and whichever protocol it leaves by.

mod access;

use ltewan::config::InterfaceConfig;
use ltewan::types::{BearerSettings, Secret, Table};
use ltewan::wire::at::{Command, cpin_enter};
use ltewan::wire::qmi::{Request, Tlvs, wds::StartNetworkRequest};

/// What would break out of a string, a line, a prompt, a C string or a field.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "a\"b",
        "\"",
        "a\",1;+CFUN=0;\"",
        "a\\",
        "a\\22",
        "a\rAT+CFUN=1,1\r",
        "a\nb",
        "a\r\n",
        "\u{1a}",
        "a\u{1b}b",
        "a\0b",
        "\0",
        "a;b",
        "a,b",
        "\u{7f}",
        "\u{9b}31m",
        "\u{e9}",
        "\u{fffd}",
        "\u{202e}",
        "$(reboot)",
        "`reboot`",
        "../../etc/passwd",
        "+++",
        "ATZ",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(300));
    texts.push("\u{e9}".repeat(127));
    texts.push("1".repeat(300));
    texts
}

/// What of an option gets past the configuration.
fn configured(option: &str, text: &str) -> (BearerSettings, Option<Secret>, Vec<String>) {
    let options = Table::new().with("auth", "pap").with(option, text);
    let (config, errors) = InterfaceConfig::parse("wwan", &options);
    let errors = errors.iter().map(ToString::to_string).collect();
    (config.bearer_settings(), config.pincode, errors)
}

/// The strings that a modem is given, with the number of the TLV they travel in.
fn strings(settings: &BearerSettings) -> Vec<(u8, String)> {
    let apns = [Some(&settings.apn), settings.v6apn.as_ref()].into_iter().flatten();
    let apns = apns.filter(|apn| !apn.is_empty()).map(|apn| (0x14, apn.as_str().to_owned()));
    let username = settings.username.clone().map(|text| (0x17, text));
    let password = settings.password.as_ref().map(|text| (0x18, text.expose().to_owned()));
    apns.chain(username).chain(password).collect()
}

#[test]
fn no_text_breaks_out_of_an_at_string() {
    let (mut passed, mut refused) = (0, 0);
    for option in ["apn", "v6apn", "username", "password"] {
        for text in hostile() {
            for (_, string) in strings(&configured(option, &text).0) {
                match Command::set("+CGDCONT").number(1).text("IP").unwrap().text(&string) {
                    Err(_) => refused += 1,
                    Ok(command) => {
                        passed += 1;
                        let line = command.build().unwrap().bytes();
                        let (end, rest) = line.split_last().unwrap();
                        assert_eq!(*end, b'\r');
                        assert!(rest.iter().all(|c| (b' '..=b'~').contains(c)), "{string:?}");
                        assert_eq!(rest.iter().filter(|c| **c == b'"').count(), 4, "{string:?}");
                        assert!(!rest.contains(&b'\\'), "{string:?}");
                    }
                }
            }
        }
    }
    assert!(passed > 5 && refused > 5, "{passed} passed, {refused} refused");
}

#[test]
fn what_passes_as_a_pin_is_digits() {
    for text in hostile() {
        let (_, pin, errors) = configured("pincode", &text);
        assert_eq!(pin, None, "{text:?}");
        assert_eq!(errors, ["network.wwan.pincode: expected 4 to 8 digits"]);
        assert!(cpin_enter(&Secret::new(text.clone())).is_err(), "{text:?}");
    }
}

#[test]
fn no_text_breaks_out_of_a_qmi_tlv_or_is_cut_short_in_it() {
    let mut passed = 0;
    for option in ["apn", "v6apn", "username", "password"] {
        for text in hostile() {
            let (settings, ..) = configured(option, &text);
            let apn = if option == "v6apn" { settings.v6apn.clone() } else { None };
            let request = StartNetworkRequest {
                apn: Some(apn.unwrap_or(settings.apn.clone())).filter(|apn| !apn.is_empty()),
                username: settings.username.clone(),
                password: settings.password.clone(),
                ..StartNetworkRequest::default()
            };
            let bytes = request.tlvs().unwrap();
            let found: Vec<_> = Tlvs::new(&bytes)
                .iter()
                .filter(|tlv| [0x14, 0x17, 0x18].contains(&tlv.kind))
                .map(|tlv| (tlv.kind, String::from_utf8(tlv.value.to_vec()).unwrap()))
                .collect();
            assert_eq!(found, strings(&settings), "{option} {text:?}");
            for (kind, string) in &found {
                passed += 1;
                assert_eq!(*string, text);
                assert!(string.len() <= if *kind == 0x14 { 100 } else { 127 }, "{string:?}");
                assert!(!string.contains(char::is_control), "{string:?}");
            }
        }
    }
    assert!(passed > 10, "{passed}");
}

#[test]
fn what_is_refused_is_named_without_its_control_characters_or_its_secret() {
    for option in ["apn", "v6apn", "username", "password"] {
        for text in hostile() {
            let (settings, _, errors) = configured(option, &text);
            assert_eq!(errors.is_empty(), !strings(&settings).is_empty(), "{option} {text:?}");
            for error in errors {
                assert!(error.starts_with(&format!("network.wwan.{option}")), "{error}");
                assert!(!error.contains(char::is_control), "{error:?}");
                assert!(error.chars().count() < 250, "{error}");
                let shown = text.chars().count() > 3 && error.contains(&text);
                assert!(option != "password" || !shown, "{error}");
            }
        }
    }
}

#[test]
fn a_command_from_the_bus_is_one_line_whatever_is_in_it() {
    for text in hostile() {
        for line in
            [text.clone(), format!("AT+CSQ{text}"), format!("AT+CGDCONT=1,\"IP\",\"{text}\"")]
        {
            let Ok(command) = Command::typed(&line) else { continue };
            let bytes = command.bytes();
            let controls = bytes.iter().filter(|c| c.is_ascii_control()).count();
            assert_eq!((controls, bytes.last()), (1, Some(&b'\r')), "{line:?}");
        }
    }
}
