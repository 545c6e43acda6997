//! Commands out, lines in.

use super::*;
use crate::types::{PdpType, Plmn, Rat, RegistrationState, Secret};
use crate::wire::Error;

fn lines(text: &[&str]) -> Vec<String> {
    text.iter().map(|line| (*line).to_owned()).collect()
}

/// All items of `bytes`, as short words.
fn items(bytes: &[u8], expects_prompt: bool) -> Vec<String> {
    let mut rest = bytes;
    let mut items = Vec::new();
    while let Some((item, count)) = split(rest, expects_prompt) {
        items.push(match item {
            Split::Line(line) => text(line),
            Split::Prompt => "<prompt>".to_owned(),
            Split::Overlong => "<overlong>".to_owned(),
        });
        rest = &rest[count..];
    }
    items
}

#[test]
fn commands_are_written_as_the_standard_has_them() {
    assert_eq!(Command::execute("+CGMI").bytes(), b"AT+CGMI\r");
    assert_eq!(Command::query("+CFUN").line(), "AT+CFUN?");
    assert_eq!(Command::test("+CFUN").line(), "AT+CFUN=?");
    assert_eq!(cfun_set(Functionality::RadioOff, false).line(), "AT+CFUN=4");
    assert_eq!(cfun_set(Functionality::Full, true).line(), "AT+CFUN=1,1");
    let context = Command::set("+CGDCONT").number(1).text("IPV4V6").unwrap();
    let context = context.text("internet").unwrap().omitted().number(0).build().unwrap();
    assert_eq!(context.line(), r#"AT+CGDCONT=1,"IPV4V6","internet",,0"#);
}

#[test]
fn nothing_breaks_out_of_a_quoted_string() {
    for bad in ["a\"b", "a\rb", "a\nb", "a\x1ab", "a\x1bb", "a\0b", "a\x7fb", "\u{e4}", "a\\"] {
        let refused = Command::set("+CGDCONT").text(bad).err();
        assert_eq!(refused, Some(Error::bad_value(&"string")), "{bad:?}");
    }
    // What looks like a command stays inside the marks.
    let set = Command::set("+CGDCONT").text("a;+CFUN=0,1").unwrap().build().unwrap();
    assert_eq!(set.line(), r#"AT+CGDCONT="a;+CFUN=0,1""#);
    assert_eq!(set.names(), [("+CGDCONT".to_owned(), false)]);
}

#[test]
fn every_byte_is_either_refused_or_sent_as_it_is() {
    for byte in 0..=0x10_ffff_u32 {
        let Some(c) = char::from_u32(byte) else { continue };
        let allowed = (' '..='~').contains(&c) && c != '"' && c != '\\';
        let mut buffer = [0; 4];
        let built = Command::set("+X").text(c.encode_utf8(&mut buffer));
        assert_eq!(built.is_ok(), allowed, "{c:?}");
        if byte > 0x300 {
            break;
        }
    }
}

#[test]
fn a_typed_command_is_one_line_that_begins_with_at() {
    assert_eq!(
        Command::typed(" at+qeng=\"servingcell\" ").unwrap().line(),
        "at+qeng=\"servingcell\""
    );
    for bad in ["", "A", "A/", "+CFUN?", "AT+CFUN=0\rAT", "AT\x1a", "AT+X=\u{e4}", "\u{e4}T"] {
        assert_eq!(Command::typed(bad), Err(Error::bad_value(&"command")), "{bad:?}");
    }
    let long = format!("AT{}", "X".repeat(COMMAND_BYTES_MAX));
    assert_eq!(Command::typed(&long), Err(Error::TooLarge));
    let long = "x".repeat(COMMAND_BYTES_MAX);
    assert_eq!(Command::set("+X").text(&long).unwrap().build(), Err(Error::TooLarge));
}

#[test]
fn a_pdu_is_hexadecimal_digits_and_nothing_else() {
    let send = Command::set("+CMGS").number(18).build().unwrap();
    assert_eq!(send.clone().with_pdu("0011AB").unwrap().payload(), Some("0011AB"));
    for bad in ["", "00 11", "0011\x1a", "0g"] {
        let refused = send.clone().with_pdu(bad);
        assert_eq!(refused, Err(Error::bad_value(&"pdu")), "{bad:?}");
    }
}

#[test]
fn a_pin_is_digits_and_is_never_shown() {
    let command = cpin_enter(&Secret::new("1234")).unwrap();
    assert_eq!(command.line(), r#"AT+CPIN="1234""#);
    assert_eq!(format!("{command:?}"), r#"Command("AT+CPIN=***")"#);
    for bad in ["", "123", "123456789", "12a4", "1234\"", "12 34"] {
        assert!(cpin_enter(&Secret::new(bad)).is_err(), "{bad:?}");
    }
}

#[test]
fn the_names_in_a_command_line_are_found() {
    let names = |line| Command::typed(line).unwrap().names();
    let owned = |list: &[(&str, bool)]| -> Vec<(String, bool)> {
        list.iter().map(|(name, query)| ((*name).to_owned(), *query)).collect()
    };
    assert_eq!(names("AT+COPS=3,2;+COPS?"), owned(&[("+COPS", false), ("+COPS", true)]));
    assert_eq!(names("ATE0V1+CMEE=1"), owned(&[("+CMEE", false)]));
    assert_eq!(names("AT&C1+creg?"), owned(&[("+CREG", true)]));
    assert_eq!(names("AT^HCSQ?"), owned(&[("^HCSQ", true)]));
    assert_eq!(names("AT+CUSD=1,\"*100#\",15"), owned(&[("+CUSD", false)]));
    assert_eq!(names("AT+X=\"a;+CFUN?\";+CSQ"), owned(&[("+CSQ", false)]));
    assert_eq!(names("ATI"), []);
}

#[test]
fn lines_are_cut_the_same_wherever_the_reads_end() {
    let bytes = b"\0\r\nAT+CPIN?\r\r\n+CPIN: READY \r\n\r\nOK\r\n\nERROR\r";
    let whole = ["AT+CPIN?", "+CPIN: READY", "OK", "ERROR"];
    assert_eq!(items(bytes, false), whole);
    for cut in 0..bytes.len() {
        let (first, second) = bytes.split_at(cut);
        let mut rest = first.to_vec();
        let mut seen = Vec::new();
        while let Some((Split::Line(line), count)) = split(&rest, false) {
            seen.push(text(line));
            rest.drain(..count);
        }
        rest.extend_from_slice(second);
        seen.extend(items(&rest, false));
        assert_eq!(seen, whole, "cut at {cut}");
    }
}

#[test]
fn a_prompt_has_no_end_and_is_seen_only_when_expected() {
    assert_eq!(items(b"\r\n> ", true), ["<prompt>"]);
    assert_eq!(items(b"\r\n>", true), ["<prompt>"]);
    assert_eq!(items(b"\r\n> ", false), Vec::<String>::new());
    assert_eq!(items(b"\r\n> quoted\r\n", true), ["> quoted"]);
}

#[test]
fn a_line_without_end_is_bounded() {
    assert_eq!(items(&[b'x'; LINE_BYTES_MAX], false), Vec::<String>::new());
    assert_eq!(items(&[b'x'; LINE_BYTES_MAX + 1], false), ["<overlong>"]);
}

#[test]
fn bytes_that_are_no_text_are_kept_one_by_one() {
    assert_eq!(text("+COPS: \u{e4}".as_bytes()), "+COPS: \u{e4}");
    assert_eq!(text(b"\x10*Zd\xdc"), "\u{10}*Zd\u{dc}");
}

#[test]
fn final_results_are_told_from_text() {
    assert_eq!(final_result("OK"), Some(Final::Ok));
    assert_eq!(final_result("ERROR"), Some(Final::Error));
    assert_eq!(final_result("COMMAND NOT SUPPORT"), Some(Final::Error));
    assert_eq!(final_result("+CME ERROR: 10"), Some(Final::Cme(CmeError::SimNotInserted)));
    assert_eq!(final_result("+CME ERROR:14"), Some(Final::Cme(CmeError::SimBusy)));
    assert_eq!(
        final_result("+CME ERROR: SIM PIN required"),
        Some(Final::Cme(CmeError::SimPinRequired))
    );
    assert_eq!(final_result("+CME ERROR: 4711"), Some(Final::Cme(CmeError::Number(4711))));
    assert_eq!(final_result("+CME ERROR: Unit not ready"), Some(Final::Cme(CmeError::OtherText)));
    assert_eq!(final_result("+CMS ERROR: 500"), Some(Final::Cms(CmsError::Unknown)));
    assert_eq!(final_result("CONNECT"), Some(Final::Connect(String::new())));
    assert_eq!(final_result("CONNECT 150000000"), Some(Final::Connect("150000000".to_owned())));
    assert_eq!(final_result("NO CARRIER"), Some(Final::NoCarrier));
    assert_eq!(final_result("NO DIALTONE"), Some(Final::NoDialtone));
    for text in ["OKAY", "ok", "CONNECTED", "ERRORS: 0", "+CMEE: 1", "+CMS: 1", "BUSYBOX", ""] {
        assert_eq!(final_result(text), None, "{text}");
    }
}

#[test]
fn every_error_number_comes_back_as_itself() {
    for code in 0..=u16::MAX {
        assert_eq!(CmeError::parse(&code.to_string()), CmeError::Number(code));
        assert_eq!(CmsError::parse(&code.to_string()), CmsError::Number(code));
    }
    let cme = (0..1000).filter(|n| CmeError::Number(*n).to_string() != format!("error {n}"));
    let cms = (0..1000).filter(|n| CmsError::Number(*n).to_string() != format!("error {n}"));
    assert_eq!((cme.count(), cms.count()), (177, 71));
    assert_eq!(CmeError::parse("pdp type ipv4 only allowed"), CmeError::Number(192));
    assert_eq!(CmeError::Number(192).to_string(), "PDP type IPv4 only allowed");
    assert_eq!(CmeError::Number(9).to_string(), "error 9");
    assert_eq!(CmeError::parse("\u{1b}[2J").to_string(), "a text of its own");
}

#[test]
fn parameters_are_cut_at_commas_outside_quotes_and_parentheses() {
    let params = |line, name| -> Vec<(String, bool)> {
        Params::of(line, name).unwrap().map(|p| (p.text.to_owned(), p.is_quoted)).collect()
    };
    let plain = |text: &str| (text.to_owned(), false);
    let quoted = |text: &str| (text.to_owned(), true);
    assert_eq!(
        params("+COPS: 0,2,\"262,01\",7", "+COPS"),
        [plain("0"), plain("2"), quoted("262,01"), plain("7")]
    );
    assert_eq!(params("+CGDCONT: 1,\"IP\",,", "+CGDCONT").len(), 4);
    assert_eq!(params("+CFUN: (0,1,4),(0,1)", "+CFUN"), [plain("(0,1,4)"), plain("(0,1)")]);
    assert_eq!(params("+CREG: 1, E006B, ABE0016", "+CREG")[1], plain("E006B"));
    assert_eq!(params("^RSSI:9", "^RSSI"), [plain("9")]);
    assert_eq!(params("+X: \"open,end", "+X"), [quoted("open,end")]);
    assert_eq!(params("+X:", "+X"), [plain("")]);
    assert_eq!(params("+X: ))),((", "+X"), [plain(")))"), plain("((")]);
    assert!(Params::of("+CREGX: 1", "+CREG").is_none());
    assert_eq!(Params::new("\"\"").next().unwrap().present(), Some(""));
    assert_eq!(Params::new("").next().unwrap().present(), None);
}

#[test]
fn identity_is_read_with_and_without_the_commands_name() {
    assert_eq!(identity_text(&lines(&["Quectel"]), "+CGMI").as_deref(), Some("Quectel"));
    assert_eq!(identity_text(&lines(&["+CGMM: \"MF627\""]), "+CGMM").as_deref(), Some("MF627"));
    let noisy = lines(&["^XYZ: 1", "QUALCOMM INCORPORATED"]);
    assert_eq!(identity_text(&noisy, "+CGMI").as_deref(), Some("QUALCOMM INCORPORATED"));
    assert_eq!(identity_text(&lines(&[]), "+CGMI"), None);
    let imei = |text| parse_cgsn(&lines(&[text])).map(|imei| imei.expose().to_owned());
    assert_eq!(imei("004999010640000").unwrap(), "004999010640000");
    assert_eq!(imei("+CGSN: \"004999010640000\"").unwrap(), "004999010640000");
    assert_eq!(imei("IMEI: 004999010640000").unwrap(), "004999010640000");
    assert_eq!(imei("80A1B2C3"), Err(Error::bad_value(&"+CGSN")));
}

#[test]
fn functionality_and_pin_state_are_read() {
    assert_eq!(parse_cfun(&lines(&["+CFUN: 1"])), Ok(Functionality::Full));
    assert_eq!(parse_cfun(&lines(&["+CFUN: 4,0"])), Ok(Functionality::RadioOff));
    assert_eq!(parse_cfun(&lines(&["+CFUN: 7"])), Ok(Functionality::Other(7)));
    assert!(parse_cfun(&lines(&["+CFUN: 300"])).is_err());
    assert_eq!(parse_cpin(&lines(&["+CPIN: READY"])), Ok(PinState::Ready));
    assert_eq!(parse_cpin(&lines(&["+CPIN:READY"])), Ok(PinState::Ready));
    assert_eq!(parse_cpin(&lines(&["+CPIN: SIM PUK"])), Ok(PinState::SimPuk));
    let lock = PinState::Personalisation("PH-NET PIN".to_owned());
    assert_eq!(parse_cpin(&lines(&["+CPIN: PH-NET PIN"])), Ok(lock));
    assert_eq!(parse_cpin(&lines(&["+CPIN: NOT READY"])), Ok(PinState::Other("NOT READY".into())));
    assert!(parse_cpin(&lines(&["READY"])).is_err());
    for code in 0..=u8::MAX {
        assert_eq!(Functionality::from_code(code).code(), code);
    }
}

#[test]
fn unsolicited_codes_are_known_by_how_they_begin() {
    for urc in
        ["RING", "+CMTI: \"SM\",3", "^RSSI:13", "RDY", "+CREG: 1", "+ZDONR: \"x\"", "+CRING: VOICE"]
    {
        assert!(is_urc(urc), "{urc}");
    }
    for reply in ["RINGTONE", "STARTED: 1", "Quectel", "+COPS: 0", "+CMGL: 0,3,,18", "RDYX", ""] {
        assert!(!is_urc(reply), "{reply}");
    }
    assert!(has_pdu("+CMT: ,25") && !has_pdu("+CMTI: \"SM\",3"));
}

#[test]
fn a_registration_code_is_told_from_the_reply_by_its_second_parameter() {
    for urc in [
        "+CREG: 1",
        "+CREG: 1,\"5A21\",\"1C03E0B\",7",
        "+CREG: 1, E006B, ABE0016",
        "+CEREG: 5,\"12\",\"00000001\",7",
        "+CGREG: 2,,",
    ] {
        assert!(is_registration_urc(urc), "{urc}");
    }
    for reply in ["+CREG: 0,1", "+CREG: 2,1,\"5A21\",\"1C03E0B\",7", "+C5GREG: 2,11", "+COPS: 0"] {
        assert!(!is_registration_urc(reply), "{reply}");
    }
}

#[test]
fn registration_is_read_from_answers_and_codes() {
    let status = |text: &str| registration_urc(text).unwrap();
    let (domain, home) = status("+CEREG: 1,\"5A21\",\"01C03E0B\",7");
    assert_eq!((domain, home.state), (Domain::Cereg, RegistrationState::Home));
    assert_eq!(home.rat, Some(Rat::Lte));
    // seen: Huawei E1752, without quotation marks and technology.
    let (domain, home) = status("+CREG: 1, E006B, ABE0016");
    assert_eq!((domain, home.state, home.rat), (Domain::Creg, RegistrationState::Home, None));
    for (text, cause) in [
        ("+CEREG: 3,,,,0,15", Some(15)),
        ("+CGREG: 3,,,,,0,33", Some(33)),
        ("+CGREG: 3,,,,0,33", Some(33)),
        ("+C5GREG: 3,,,,,,0,27", Some(27)),
        ("+CEREG: 3,,,,1,15", None),
        ("+CEREG: 3", None),
    ] {
        let (_, denied) = status(text);
        assert_eq!(
            (denied.state, denied.reject_cause),
            (RegistrationState::Denied, cause),
            "{text}"
        );
    }
    // 6 and 7 are short messages only, 8 is emergency calls only.
    assert_eq!(status("+CREG: 6").1.state, RegistrationState::Searching);
    assert_eq!(status("+CEREG: 8").1.state, RegistrationState::Searching);
    assert_eq!(status("+CEREG: 10").1.state, RegistrationState::Roaming);
    let answer = lines(&["+C5GREG: 2,5,\"A3C\",\"19C3\",11,1,\"01\""]);
    let roaming = parse_registration(Domain::C5greg, &answer).unwrap();
    assert_eq!((roaming.state, roaming.rat), (RegistrationState::Roaming, Some(Rat::Nr5g)));
    assert_eq!(parse_registration(Domain::Cereg, &lines(&["+CEREG:"])), None);
}

#[test]
fn operators_are_read_and_chosen() {
    let numeric = parse_cops(&lines(&["+COPS: 0,2,\"310410\",7"])).unwrap();
    assert_eq!(numeric.plmn.unwrap().to_string(), "310410");
    assert!(numeric.is_automatic && numeric.name.is_none());
    let named = parse_cops(&lines(&["+COPS: 1,0,\"Telekom.de\",13"])).unwrap();
    assert_eq!((named.name.as_deref(), named.rat), (Some("Telekom.de"), Some(Rat::Nr5g)));
    assert!(!named.is_automatic && named.plmn.is_none());
    assert_eq!(parse_cops(&lines(&["+COPS: 0"])).unwrap().name, None);
    let plmn = Plmn::parse("26201").ok();
    assert_eq!(cops_select(plmn).line(), "AT+COPS=1,2,\"26201\"");
    assert_eq!(cops_select(None).line(), "AT+COPS=0");
    assert_eq!(ws46_select(&[Rat::Lte, Rat::Umts]).unwrap().line(), "AT+WS46=31");
    assert_eq!(ws46_select(&[]).unwrap().line(), "AT+WS46=25");
    assert!(ws46_select(&[Rat::Gsm, Rat::Nr5g]).is_err());
}

#[test]
fn signal_is_read_on_one_scale() {
    let cesq = |text: &str| parse_cesq(&lines(&[text]));
    let lte = cesq("+CESQ: 99,99,255,255,22,49").unwrap();
    assert_eq!((lte.rat, lte.rsrp_dbm, lte.rsrq_db), (Some(Rat::Lte), Some(-92), Some(-9)));
    let nr = cesq("+CESQ: 99,99,255,255,255,255,65,73,91").unwrap();
    assert_eq!((nr.rsrp_dbm, nr.rsrq_db, nr.sinr_tenth_db), (Some(-84), Some(-11), Some(225)));
    let umts = cesq("+CESQ: 99,99,40,30,255,255").unwrap();
    assert_eq!((umts.rssi_dbm, umts.ecio_db), (Some(-81), Some(-9)));
    assert_eq!(cesq("+CESQ: 99,99,255,255,255,255"), None);
    let csq = |text: &str| parse_csq(&lines(&[text]));
    assert_eq!(csq("+CSQ: 23,99").unwrap().rssi_dbm, Some(-67));
    assert_eq!(csq("+CSQ: 99,99"), None);
}

#[test]
fn addresses_are_read_in_all_their_forms() {
    let text = |text: &str| address(text).map(|(address, prefix)| (address.to_string(), prefix));
    assert_eq!(text("10.1.2.3"), Some(("10.1.2.3".to_owned(), None)));
    assert_eq!(text("10.1.2.3.255.255.255.248"), Some(("10.1.2.3".to_owned(), Some(29))));
    assert_eq!(text("192.168.97.2/30"), Some(("192.168.97.2".to_owned(), Some(30))));
    let dotted = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1";
    assert_eq!(text(dotted), Some(("2001:db8::1".to_owned(), None)));
    let masked = format!("{dotted}.255.255.255.255.255.255.255.255.0.0.0.0.0.0.0.0");
    assert_eq!(text(&masked), Some(("2001:db8::1".to_owned(), Some(64))));
    assert_eq!(text("2001:db8::1/64"), Some(("2001:db8::1".to_owned(), Some(64))));
    for none in ["", "0.0.0.0", "::", "1.2.3", "256.1.1.1", "1.2.3.4.5", "x", "10.1.2.3.9"] {
        assert_eq!(text(none), None, "{none}");
    }
    let given = parse_cgpaddr(&lines(&["+CGPADDR: 1,\"10.1.2.3,2001:db8::1\""]), 1);
    assert_eq!(given.len(), 2);
    assert!(parse_cgpaddr(&lines(&["+CGPADDR: 2,\"10.1.2.3\""]), 1).is_empty());
    assert!(parse_cgpaddr(&lines(&["+CGPADDR: 1,\"0.0.0.0\""]), 1).is_empty());
}

/// From published logs of a WNC M14A2A, a Sequans Monarch and a Quectel RM520N.
#[test]
fn what_the_network_gave_a_context_is_read() {
    let wnc = "+CGCONTRDP: 1,5,\"m2m.com.attz.mnc170.mcc310.gprs\",\
               10.192.234.63.255.255.255.128,10.192.234.1,8.8.8.8,8.8.4.4,,,";
    let told = parse_cgcontrdp(&lines(&[wnc]), 1);
    assert_eq!(told.addresses.len(), 1);
    assert_eq!(told.addresses[0].1, Some(25));
    assert_eq!((told.gateways.len(), told.dns.len(), told.mtu), (1, 2, None));
    let sequans = "+CGCONTRDP: 1,5,\"spe.inetd.vodafone.nbiot.mnc028.mcc901.gprs\",\
                   \"10.175.213.177.255.255.255.255\",\"\",\"10.105.16.254\",\"10.105.144.254\",\
                   \"\",\"\",,,1430";
    let told = parse_cgcontrdp(&lines(&[sequans]), 1);
    assert_eq!((told.dns.len(), told.mtu), (2, Some(1430)));
    let quectel = "+CGCONTRDP: 1,5,SMARTLTE,10.148.167.210,,10.151.151.44,10.151.151.48";
    assert_eq!(parse_cgcontrdp(&lines(&[quectel]), 1).dns.len(), 2);
    assert_eq!(parse_cgcontrdp(&lines(&[quectel]), 2), ContextParameters::default());
    let contexts = lines(&[
        "+CGDCONT: 1,\"IPV4V6\",\"internet\",\"0.0.0.0\",0,0",
        "+CGDCONT: 2,\"PPP\",\"x\"",
        "+CGDCONT: x",
    ]);
    let pdptype = |cid| parse_cgdcont(&contexts, cid).map(|context| context.pdptype);
    assert_eq!(pdptype(1), Some(Some(PdpType::Ipv4v6)));
    assert_eq!(pdptype(2), Some(None));
    assert_eq!(pdptype(3), None);
}

#[test]
fn numbers_of_the_card_are_read() {
    let crsm = lines(&["+CRSM: 144,0,\"98949200000021436587\""]);
    assert_eq!(parse_crsm_iccid(&crsm).unwrap().expose(), "89492900000012345678");
    let short = lines(&["+CRSM: 144,0,\"984920000010325476F8\""]);
    assert_eq!(parse_crsm_iccid(&short).unwrap().expose(), "8994020000012345678");
    assert_eq!(parse_crsm_iccid(&lines(&["+CRSM: 106,130"])), None);
    let vendors = lines(&["+QCCID: 8949020000012345678F"]);
    assert_eq!(parse_iccid(&vendors).unwrap().expose(), "8949020000012345678");
    assert_eq!(parse_iccid(&lines(&["+CCID: 12"])), None);
    assert_eq!(parse_cimi(&lines(&["262020123456789"])).unwrap().expose(), "262020123456789");
    let left = lines(&["+CPINR: SIM PIN,2,3", "+CPINR: SIM PUK,10,10"]);
    assert_eq!((parse_cpinr(&left, "SIM PIN"), parse_cpinr(&left, "SIM PUK")), (Some(2), Some(10)));
    assert_eq!(parse_clck(&lines(&["+CLCK: 1"])), Some(true));
}

#[test]
fn codes_of_locks_are_secrets_and_digits() {
    let (pin, new) = (Secret::new("1234"), Secret::new("00000000"));
    let change = cpwd_change(&pin, &new).unwrap();
    assert_eq!(change.line(), "AT+CPWD=\"SC\",\"1234\",\"00000000\"");
    for command in [change, clck_set(false, &pin).unwrap(), cpin_unblock(&new, &pin).unwrap()] {
        assert!(!format!("{command:?}").contains("1234"), "{command:?}");
    }
    for wrong in ["", "123", "123456789", "12a4", "1234\"", "12 4"] {
        let wrong = Secret::new(wrong);
        assert!(clck_set(true, &wrong).is_err() && cpwd_change(&pin, &wrong).is_err());
        assert!(cpin_unblock(&wrong, &pin).is_err());
    }
}

#[test]
fn a_code_is_sent_as_text_or_as_septets_and_can_end_no_command() {
    let line = |text: &str, is_packed| {
        let command = cusd_send(&Secret::new(text), is_packed).unwrap();
        assert_eq!(format!("{command:?}"), "Command(\"AT+CUSD=***\")");
        command.line().to_owned()
    };
    assert_eq!(line("*100#", false), "AT+CUSD=1,\"*100#\",15");
    // As many instructions for Huawei's sticks have it; Wireshark reads the octets so too.
    assert_eq!(line("*100#", true), "AT+CUSD=1,\"AA180C3602\",15");
    assert_eq!(line("*900*01#", true), "AT+CUSD=1,\"AA1C0CA682C546\",15");
    assert_eq!(line("a\"\r\nATD1;", false), {
        "AT+CUSD=1,\"00610022000D000A0041005400440031003B\",72"
    });
    assert_eq!(line("да", true), "AT+CUSD=1,\"04340430\",72");
    assert!(cusd_send(&Secret::new("x".repeat(183)), false).is_err());
}

#[test]
fn what_networks_say_is_read_however_the_modem_shows_it() {
    for (line, state, text) in [
        // help.mikrotik.com, AT over RouterOS.
        ("+CUSD: 0,\"EBB79B1E0685E9ECF4BADE9E03\", 0", 0, "konta atlikums"),
        // stackoverflow.com/questions/23102775.
        ("+CUSD: 0,\"0421043F0430044104380431043E0020\",72", 0, "Спасибо "),
        // Public logs of GSM modules.
        (
            "+CUSD: 0,\"Your account balance is 49.10 USD and will expire on 04/03/16.\",64",
            0,
            "Your account balance is 49.10 USD and will expire on 04/03/16.",
        ),
        ("+CUSD: 4", 4, ""),
        ("+CUSD: 2,\"Done\",15", 2, "Done"),
        // The character sets UCS2 and HEX.
        ("+CUSD: 1,\"004F004B\",15", 1, "OK"),
        ("+CUSD: 1,\"42616C616E6365\",15", 1, "Balance"),
        ("+CUSD: 0,\"491701234567\",15", 0, "491701234567"),
        ("+CUSD: 0,\"Say \"hi\", please\",15", 0, "Say \"hi\", please"),
        ("+CUSD: 0,\"one\ntwo\",15", 0, "one\ntwo"),
        ("+CUSD: 0,\"", 0, ""),
        ("+CUSD: 0,\"x\",999", 0, "x"),
    ] {
        let read = parse_cusd(line);
        assert_eq!(read, Some((state, text.to_owned())), "{line}");
    }
    assert!(parse_cusd("+CUSD: x,\"y\"").is_none() && parse_cusd("+CUSDX: 1").is_none());
}

#[test]
fn the_first_phone_number_that_is_one_is_read() {
    let read = |text: &[&str]| parse_cnum(&lines(text)).map(|it| it.expose().to_owned());
    let two = ["+CNUM: \"Fax\",\"\",129", "+CNUM: ,\"+491701234567\",145"];
    assert_eq!(read(&two).as_deref(), Some("+491701234567"));
    // TS 27.007 7.1: the name may hold anything.
    assert_eq!(read(&["+CNUM: \"a, b\",\"0170\",129"]).as_deref(), Some("0170"));
    assert_eq!(read(&["+CNUM: \"x\",\"12;34\",129", "+CNUM: \"y\""]), None);
}
