use super::*;
use crate::types::{Plmn, Rat, RegistrationState};

/// As a B-series device answered, published with the tests of a client in Go.
const SIGNAL: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>\n<pci>43</pci>\n\
    <sc></sc>\n<cell_id>44294436</cell_id>\n<rsrq>-14dB</rsrq>\n<rsrp>-86dBm</rsrp>\n\
    <rssi>-61dBm</rssi>\n\
    <sinr>10dB</sinr>\n<rscp></rscp>\n<ecio></ecio>\n<mode>7</mode>\n</response>";

/// As an E3372 answered, published with the tests of a client in Java.
const STATUS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>\n\
    <ConnectionStatus>901</ConnectionStatus>\n<SignalStrength></SignalStrength>\n\
    <SignalIcon>2</SignalIcon>\n<CurrentNetworkType>19</CurrentNetworkType>\n\
    <RoamingStatus>0</RoamingStatus>\n<ServiceStatus>2</ServiceStatus>\n</response>";

/// A stick without a SIM card, captured.
const STATUS_WITHOUT_SIM: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>\n\
    <ConnectionStatus>902</ConnectionStatus>\n<CurrentNetworkType>19</CurrentNetworkType>\n\
    <ServiceStatus>1</ServiceStatus>\n<SimStatus>255</SimStatus>\n\
    <CurrentNetworkTypeEx>101</CurrentNetworkTypeEx>\n<classify>hilink</classify>\n</response>";

#[test]
fn what_hilink_says_is_read() {
    let mut reading = Reading::default();
    hilink::parse_signal(SIGNAL, &mut reading).unwrap();
    hilink::parse_status(STATUS, &mut reading).unwrap();
    let network = "<response><State>0</State><FullName>vodafone &amp; co</FullName>\
        <ShortName>voda</ShortName><Numeric>26202</Numeric><Rat>7</Rat></response>";
    hilink::parse_network(network, &mut reading).unwrap();
    let signal = reading.signal;
    assert_eq!(
        (signal.rsrp_dbm, signal.rsrq_db, signal.rssi_dbm),
        (Some(-86), Some(-14), Some(-61))
    );
    assert_eq!((signal.sinr_tenth_db, signal.ecio_db), (Some(100), None));
    assert_eq!((signal.rat, reading.registration.rat), (Some(Rat::Lte), Some(Rat::Lte)));
    assert_eq!(reading.registration.state, RegistrationState::Home);
    assert_eq!(reading.registration.plmn, Plmn::new(262, 2, 2));
    assert_eq!(reading.registration.operator.as_deref(), Some("vodafone & co"));
    hilink::parse_status(STATUS_WITHOUT_SIM, &mut reading).unwrap();
    assert_eq!(reading.registration.state, RegistrationState::Searching);
}

#[test]
fn a_hilink_session_is_read_in_both_its_forms() {
    for info in ["SessionID=abc", "abc"] {
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><SesInfo>{info}</SesInfo>\
             <TokInfo>t0k</TokInfo></response>"
        );
        let session = hilink::parse_session(&document).unwrap();
        assert_eq!((session.cookie.as_str(), session.token.as_str()), ("SessionID=abc", "t0k"));
    }
}

#[test]
fn an_error_or_anything_else_is_no_hilink_document() {
    // 125002: the session is missing or over.
    let error = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><error><code>125002</code>\
        <message></message></error>";
    for document in [error, "", "<html></html>", "<response>", "{}"] {
        assert!(hilink::parse_session(document).is_err(), "{document}");
        assert!(hilink::parse_signal(document, &mut Reading::default()).is_err(), "{document}");
        assert!(hilink::parse_status(document, &mut Reading::default()).is_err(), "{document}");
        assert!(hilink::parse_network(document, &mut Reading::default()).is_err(), "{document}");
        assert!(goform::parse(document).is_err(), "{document}");
    }
}

#[test]
fn what_goform_says_is_read() {
    let document = r#"{"network_type":"LTE","network_provider":"M\u0054S \"x\"","rmcc":"250",
        "rmnc":"1","simcard_roam":"Home","rssi":"-71","lte_rssi":"","rscp":"","ecio":"",
        "lte_rsrp":"-95","lte_rsrq":"-10","lte_snr":"6.2","Z5g_rsrp":"","Z5g_SINR":"-3276.8"}"#;
    let reading = goform::parse(document).unwrap();
    let signal = reading.signal;
    assert_eq!(
        (signal.rssi_dbm, signal.rsrp_dbm, signal.rsrq_db),
        (Some(-71), Some(-95), Some(-10))
    );
    assert_eq!(signal.sinr_tenth_db, Some(62));
    assert_eq!(reading.registration.rat, Some(Rat::Lte));
    assert_eq!(reading.registration.state, RegistrationState::Home);
    assert_eq!(reading.registration.plmn, Plmn::new(250, 1, 2));
    assert_eq!(reading.registration.operator.as_deref(), Some("MTS \"x\""));
    let reading = goform::parse(r#"{"network_type":"limited_service","lte_rsrp":-101}"#).unwrap();
    assert_eq!(reading.registration.state, RegistrationState::Searching);
    assert_eq!(reading.signal.rsrp_dbm, Some(-101));
}

#[test]
fn goform_that_wants_a_login_says_nothing() {
    // Captured: every value is there and empty.
    let refused = r#"{"modem_main_state":"","ppp_status":"","signalbar":"","apn_name":""}"#;
    assert!(goform::parse(refused).is_err());
    for broken in ["[]", "{\"a\"}", "{\"a\":\"", "{\"a\":\"\\u12\"}", "{\"a\":\"b\" \"c\":\"d\"}"] {
        assert!(goform::parse(broken).is_err(), "{broken}");
    }
}

#[test]
fn technologies_have_many_names() {
    for (word, rat) in [
        ("LTE-NSA", Some(Rat::Nr5g)),
        ("ENDC", Some(Rat::Nr5g)),
        ("SA", Some(Rat::Nr5g)),
        ("HSPA+", Some(Rat::Umts)),
        ("DC-HSPA+", Some(Rat::Umts)),
        ("EDGE", Some(Rat::Gsm)),
        ("no_service", None),
        ("", None),
    ] {
        let document = format!("{{\"network_type\":\"{word}\",\"rssi\":\"-70\"}}");
        assert_eq!(goform::parse(&document).unwrap().registration.rat, rat, "{word}");
    }
}

#[test]
fn levels_have_units_bounds_and_placeholders() {
    for (text, tenths) in [
        ("-95dBm", Some(-950)),
        (">=-51dBm", Some(-510)),
        ("-7.0dB", Some(-70)),
        ("-0.5dB", Some(-5)),
        ("6.2", Some(62)),
        ("255", None),
        ("-32768", None),
        ("99999999999", None),
        ("-", None),
        ("", None),
        ("dBm", None),
        ("-é", None),
    ] {
        assert_eq!(level(text, -156, 40), tenths, "{text}");
    }
}
