use super::*;

fn parsed(line: &str) -> Result<Box<Call>, String> {
    match parse(line.split_whitespace().map(OsString::from).collect())? {
        Parsed::Call(call) => Ok(call),
        Parsed::Daemon { .. }
        | Parsed::Dial(_)
        | Parsed::Up(_)
        | Parsed::Pty(_)
        | Parsed::Wan(_)
        | Parsed::Print(_) => Err("no call".to_owned()),
    }
}

#[test]
fn a_pin_is_never_taken_from_the_arguments_nor_repeated() {
    for line in ["pin unlock 7391", "pin usb:1-1 unlock 7391", "pin 7391", "pin change 7391 7392"] {
        let error = parsed(line).unwrap_err();
        assert!(error.contains("standard input") && !error.contains("739"), "{line}: {error}");
    }
}

#[test]
fn each_action_of_pin_asks_for_its_own_codes() {
    let asked = |line| {
        let call = parsed(line).unwrap();
        assert_eq!(call.method, "pin");
        (call.secrets, call.args)
    };
    let args = |action: &str| Table::new().with("action", action);
    assert_eq!(asked("pin unlock"), (secrets::wanted(Some("enable")).unwrap(), args("unlock")));
    let (change, _) = asked("pin change");
    let (unblock, forced) = asked("pin usb:1-1 unblock --force");
    assert_eq!((change.len(), unblock.len()), (2, 2));
    assert_ne!(change, unblock);
    let expected = Table::new().with("modem", "usb:1-1").with("action", "unblock");
    assert_eq!(forced, expected.with("force", true));
    assert!(parsed("status").unwrap().secrets.is_empty());
}

#[test]
fn what_a_device_says_cannot_act_on_a_terminal_and_quotes_are_shown_as_they_are() {
    let modem = Table::new()
        .with("modem", "usb:1-1")
        .with("state", "registered")
        .with("message", "Set the option 'apn'.")
        .with("identity", Table::new().with("model", "E\u{1b}[2J3372\u{202e}"));
    let clash = Table::new()
        .with("interface", "wan")
        .with("up", true)
        .with("clashes_with", "lan")
        .with("message", "Taken.");
    let answer = Table::new().with("modems", vec![modem]).with("interfaces", vec![clash]);
    let text = show::status(&answer);
    assert!(text.contains("Set the option 'apn'."), "{text}");
    assert!(text.contains("E\\u{1b}[2J3372\\u{202e}"), "{text}");
    assert!(text.contains("interface wan: up, no modem\n  Taken. (lan)\n"), "{text}");
}

#[test]
fn a_message_is_sent_by_the_modem_named_or_the_only_one_and_its_text_may_come_later() {
    let args = |line| parsed(line).unwrap().args;
    let to = |number: &str| Table::new().with("number", number);
    let by = |modem: &str, number: &str| Table::new().with("modem", modem).with("number", number);
    assert_eq!(args("sms send +49170 hello"), to("+49170").with("text", "hello"));
    assert_eq!(args("sms send *100#"), to("*100#"));
    assert_eq!(args("sms send usb:1-1 123"), by("usb:1-1", "123"));
    assert_eq!(args("sms send usb:1-1 123 hi"), by("usb:1-1", "123").with("text", "hi"));
    let more = args("sms send 123 hi --report --language tr");
    let expected = to("123").with("text", "hi").with("language", "tr");
    assert_eq!(more, expected.with("report", true));
    assert_eq!(args("sms delete 3 4"), Table::new().with("ids", vec![3_u32, 4]));
    for wrong in ["sms", "sms send", "sms send 1 hello world", "sms read x", "sms read", "sms no"] {
        assert!(parsed(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_message_cannot_act_on_a_terminal() {
    let message = Table::new()
        .with("id", 3)
        .with("state", "unread")
        .with("number", "+49\u{1b}[2J")
        .with("text", "it's\n3 read from me\u{1b}]0;\u{7}");
    let text = sms::list(&Table::new().with("messages", vec![message]));
    assert!(!text.contains('\u{1b}') && text.contains("it's\n    3 read from me"), "{text}");
}

#[test]
fn a_port_is_of_one_modem_and_only_for_at() {
    let pty = |line: &str| parse(line.split(' ').map(OsString::from).collect());
    let of = |modem: Option<&str>, timeout| {
        let modem = modem.map(str::to_owned);
        Ok(Parsed::Pty(pty::Pty { modem, timeout, json: false, bus: None }))
    };
    assert_eq!(pty("at --pty"), of(None, None));
    assert_eq!(pty("at usb:1-1 --pty --timeout 5"), of(Some("usb:1-1"), Some(5)));
    assert!(pty("at usb:1-1 AT --pty").is_err() && pty("status --pty").is_err());
}

#[test]
fn a_slot_is_shown_without_its_number_and_used_with_it() {
    let asked = |line| parsed(line).map(|call| (call.method, call.args)).unwrap();
    assert_eq!(asked("slot"), ("info", Table::new()));
    assert_eq!(asked("slot usb:1-1"), ("info", Table::new().with("modem", "usb:1-1")));
    assert_eq!(asked("slot 2"), ("set_slot", Table::new().with("slot", 2)));
    let both = Table::new().with("modem", "usb:1-1").with("slot", 2);
    assert_eq!(asked("slot usb:1-1 2"), ("set_slot", both));
    assert!(parsed("slot usb:1-1 x").is_err() && parsed("slot 1 2 3").is_err());
}

#[test]
fn a_code_needs_no_modem_and_what_the_network_says_cannot_act_on_a_terminal() {
    let args = |line| parsed(line).unwrap().args;
    let args_of = |name, value: &str| Table::new().with(name, value);
    assert_eq!(args("ussd *100#"), args_of("code", "*100#"));
    assert_eq!(args("ussd usb:1-1 *100#"), args_of("modem", "usb:1-1").with("code", "*100#"));
    assert_eq!(args("ussd reply 2"), args_of("reply", "2"));
    assert_eq!(args("ussd usb:1-1 cancel"), args_of("modem", "usb:1-1").with("cancel", true));
    for wrong in ["ussd", "ussd reply", "ussd usb:1-1", "ussd *100# 2", "ussd cancel now"] {
        assert!(parsed(wrong).is_err(), "{wrong}");
    }
    let answer = args_of("text", "1 More\n2 \u{1b}[2J").with("state", "reply_expected");
    let text = sms::said(&answer);
    assert!(text.starts_with("1 More\n2 \\u{1b}[2J\n(it waits"), "{text}");
}

#[test]
fn a_receiver_is_switched_by_a_word_and_shown_with_what_is_known() {
    let args = |line| parsed(line).unwrap().args;
    let on = Table::new().with("action", "on");
    assert_eq!((args("gnss"), args("gnss on")), (Table::new(), on.clone()));
    let named = Table::new().with("modem", "usb:1-1").with("action", "off");
    assert_eq!(args("gnss usb:1-1 off"), named);
    assert!(parsed("gnss on --nmea").unwrap().nmea);
    for wrong in ["gnss on off", "gnss a b", "gnss a on c", "status --nmea"] {
        assert!(parsed(wrong).is_err(), "{wrong}");
    }
    let fix =
        Table::new().with("latitude", -22.98486).with("longitude", 43.5).with("satellites", 9);
    let text =
        gnss::status(&on.with("on", true).with("nmea_port", "/dev/ttyUSB1").with("fix", fix));
    assert!(text.contains("-22.98486 43.5\n") && text.contains("/dev/ttyUSB1"), "{text}");
}

/// Takes three lines and then no more.
#[derive(Default)]
struct Pager(Vec<u8>);

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.iter().filter(|byte| **byte == b'\n').count() >= 3 {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        self.0.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn sentences_are_printed_as_they_come_and_nothing_else_is() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let receiver = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&receiver).unwrap();
    unlockpt(&receiver).unwrap();
    let path = ptsname(&receiver, Vec::new()).unwrap().into_string().unwrap();
    rustix::io::ioctl_fionbio(&receiver, true).unwrap();
    let mut receiver = std::fs::File::from(receiver);
    let answer = Table::new().with("nmea_port", path);
    let printing = std::thread::spawn(move || {
        let mut out = Pager::default();
        gnss::sentences(&answer, &mut out).map(|()| out.0)
    });
    let good = "$GPRMC,,V,,,,,,,,,,N*53";
    let noise = format!("\u{1b}[2J\n{}\n{good}\r\n$GPRMC,1*00\n", "x".repeat(600));
    while !printing.is_finished() {
        // Full when it is read more slowly than this.
        let _ = receiver.write_all(noise.as_bytes());
        std::thread::yield_now();
    }
    let shown = String::from_utf8(printing.join().unwrap().unwrap()).unwrap();
    assert!(shown.lines().all(|line| line == good) && shown.lines().count() == 3, "{shown:?}");
    assert!(gnss::sentences(&Table::new(), &mut Vec::new()).is_err());
}
