//! MBIM messages from other programs: name, direction, hex, source. One a line in `mbim.tsv`.
//!
//! Commands are libmbim's (`mbimcli` 1.28 on a cdc-wdm device in the virtual machine); ours must be
//! the same, byte for byte. Replies are the published ones of its tests, which are of modems, and
//! those of the simulated modem that `mbimcli` was seen to read as the tests below do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::chance::{Chance, setting};
use ltewan::port::mbim::MbimPort;
use ltewan::time::{Duration, Instant};
use ltewan::types::{Apn, OperatingMode, Plmn, Rat, Secret};
use ltewan::wire::mbim::basic_connect::{
    AuthProtocol, ConnectQuery, ConnectSet, DataClass, DeviceCapsQuery, DeviceServicesQuery,
    EventEntry, HomeProviderQuery, IpConfigurationQuery, IpType, PacketServiceAttach,
    PacketServiceQuery, PinListQuery, PinOperation, PinQuery, PinSet, PinType, ProviderState,
    ProvisionedContextsQuery, RadioStateQuery, RadioStateSet, ReadyState, RegisterState,
    RegisterStateQuery, RegisterStateSet, Session, SignalStateQuery, SubscribeListSet,
    SubscriberReadyQuery, VisibleProvidersQuery, cid,
};
use ltewan::wire::mbim::ms_extensions::{LteAttachInfoQuery, Version, VersionQuery};
use ltewan::wire::mbim::{
    Body, Command, Decoder, Frame, Kind, RawMessage, ReplyError, Service, SmsReadQuery, SmsRecord,
    SmsSendSet, UssdAction, UssdSet, read_reply,
};

const CAPTURE: &str = include_str!("mbim.tsv");

fn lines() -> impl Iterator<Item = (&'static str, bool, Vec<u8>)> {
    CAPTURE.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[name, direction, hex, _source] = columns.as_slice() else { panic!("{line}") };
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        assert!(rest.is_empty(), "{name}");
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        (name, direction == "to-modem", pairs.iter().map(byte).collect())
    })
}

fn bytes(name: &str) -> Vec<u8> {
    let line = lines().find(|(known, ..)| *known == name);
    line.unwrap_or_else(|| panic!("no {name}")).2
}

/// The one message with a name.
fn message(name: &str) -> RawMessage {
    RawMessage::decode(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Our command in a message with the captured one's transaction must be the captured one.
fn same<C: Command>(name: &str, command: &C) {
    let transaction = message(name).transaction;
    let (service, cid, kind) = (C::SERVICE, C::CID, C::KIND);
    let body = Body::Command { service, cid, kind, info: command.info().unwrap() };
    let ours = RawMessage { transaction, body }.encode().unwrap();
    assert_eq!(ours, bytes(name), "{name}");
}

/// The reply with a name, read as one to a command `C`.
fn reply<C: Command>(name: &str) -> Result<C::Response, ReplyError> {
    let Body::CommandDone { service, cid, status, info } = message(name).body else {
        panic!("{name} is no reply")
    };
    assert_eq!((service, cid), (C::SERVICE, C::CID), "{name}");
    read_reply::<C>(status, &info)
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

fn pin(operation: PinOperation, pin: &str, new_pin: Option<&str>) -> PinSet {
    let new_pin = new_pin.map(secret);
    PinSet { kind: PinType::Pin1, operation, pin: secret(pin), new_pin }
}

#[test]
fn every_message_decodes_and_encodes_to_the_same_bytes() {
    let mut count = 0;
    for (name, to_modem, bytes) in lines() {
        let frame = Frame::decode(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(frame.encode().unwrap(), bytes, "{name}");
        assert_eq!(frame.kind.is_from_modem(), !to_modem, "{name}");
        let message = RawMessage::from_frame(&frame).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(message.encode().unwrap(), bytes, "{name}");
        count += 1;
    }
    assert!(count > 60, "{count} messages");
}

#[test]
fn the_function_is_opened_and_closed_as_libmbim_does() {
    assert_eq!(message("open").body, Body::Open { max_control_transfer: 4096 });
    assert_eq!(message("close").body, Body::Close);
    assert_eq!(message("close").encode().unwrap().len(), 12);
}

#[test]
fn questions_are_those_of_libmbim() {
    same("query-device-caps", &DeviceCapsQuery);
    same("query-subscriber-ready-status", &SubscriberReadyQuery);
    same("query-radio-state", &RadioStateQuery);
    same("query-pin-state", &PinQuery);
    same("query-pin-list", &PinListQuery);
    same("query-home-provider", &HomeProviderQuery);
    same("query-visible-providers", &VisibleProvidersQuery { restricted: false });
    same("query-registration-state", &RegisterStateQuery);
    same("query-packet-service-state", &PacketServiceQuery);
    same("query-signal-state", &SignalStateQuery);
    same("query-connection-state", &ConnectQuery { session: 0 });
    same("query-ip-configuration", &IpConfigurationQuery { session: 0 });
    same("query-provisioned-contexts", &ProvisionedContextsQuery);
    same("query-device-services", &DeviceServicesQuery);
    same("ms-query-lte-attach-info", &LteAttachInfoQuery);
    let host = Version { mbim: 0x0100, extensions: 0x0100 };
    same("ms-query-version", &VersionQuery { host });
}

#[test]
fn changes_are_those_of_libmbim() {
    same("set-radio-state=off", &RadioStateSet { on: false });
    same("set-radio-state=on", &RadioStateSet { on: true });
    same("enter-pin=1234", &pin(PinOperation::Enter, "1234", None));
    same("enable-pin=1234", &pin(PinOperation::Enable, "1234", None));
    same("disable-pin=4321", &pin(PinOperation::Disable, "4321", None));
    same("change-pin=1234,4321", &pin(PinOperation::Change, "1234", Some("4321")));
    let puk = pin(PinOperation::Enter, "12345678", Some("1234"));
    same("enter-puk=12345678,1234", &PinSet { kind: PinType::Puk1, ..puk });
    same("test-pin-set", &pin(PinOperation::Enter, "1111", None));
    // mbimcli leaves the choice of technologies to the modem.
    let data_class = DataClass::default();
    same("register-automatic", &RegisterStateSet { plmn: None, data_class });
    same("attach-packet-service", &PacketServiceAttach);
    let entry = |service, cids: &[u32]| EventEntry { service, cids: cids.to_vec() };
    let basic = entry(Service::BasicConnect, &[cid::SIGNAL_STATE, cid::REGISTER_STATE]);
    let entries = vec![basic, entry(Service::Sms, &[2])];
    same("test-subscribe-list-set", &SubscribeListSet { entries });
}

#[test]
fn sessions_are_activated_as_libmbim_does() {
    let session = |apn: &str, ip_type, auth| Session {
        apn: Apn::new(apn).unwrap(),
        ip_type: Some(ip_type),
        auth: Some(auth),
        ..Session::default()
    };
    let connect = |id, activate| ConnectSet { session: id, activate };
    let mut dual = session("internet", IpType::Ipv4v6, AuthProtocol::Chap);
    (dual.username, dual.password) = (Some("joe".into()), Some(secret("secret")));
    same("connect=internet,ipv4v6,CHAP,joe,secret", &connect(0, Some(dual)));
    let mut single = session("a", IpType::Ipv4, AuthProtocol::Pap);
    (single.username, single.password) = (Some("u".into()), Some(secret("p")));
    same("connect=a,ipv4,PAP,u,p", &connect(0, Some(single)));
    let published = session("internet", IpType::Ipv4, AuthProtocol::Pap);
    same("test-connect-set", &connect(1, Some(published)));
    // mbimcli names no families when it ends a session.
    same("disconnect", &connect(0, None));
}

#[test]
fn published_replies_of_modems_are_read() {
    let caps = reply::<DeviceCapsQuery>("test-device-caps").unwrap();
    assert_eq!(caps.imei.unwrap().expose(), "353613048804622");
    assert_eq!(caps.firmware.as_deref(), Some("11.810.09.00.00"));
    assert_eq!(caps.hardware.as_deref(), Some("CP1E367UM"));
    assert_eq!((caps.sessions_max, caps.data_class.newest()), (1, Some(Rat::Umts)));
    let providers = reply::<VisibleProvidersQuery>("test-visible-providers").unwrap();
    assert_eq!(providers.len(), 2);
    for provider in &providers {
        assert_eq!(provider.plmn, Plmn::parse("21403").ok());
        assert_eq!((provider.name.as_deref(), provider.rssi_dbm), (Some("Orange"), Some(-91)));
    }
    assert!(providers[1].state.has(ProviderState::HOME | ProviderState::REGISTERED));
    let register = reply::<RegisterStateQuery>("test-register-state").unwrap();
    assert_eq!((register.state, register.nw_error), (RegisterState::Home, 0));
    assert_eq!((register.plmn, register.operator), (Plmn::parse("26006").ok(), None));
    // What refers to bytes behind its own end is refused, whatever there is.
    assert!(reply::<SubscriberReadyQuery>("test-subscriber-ready-status").is_err());
    // A list that does not fit its buffer is refused, not read halfway.
    assert!(reply::<ProvisionedContextsQuery>("test-provisioned-contexts").is_err());
    assert!(reply::<VisibleProvidersQuery>("test-visible-providers-overflow").is_err());
}

#[test]
fn published_addresses_are_read() {
    let v4 = reply::<IpConfigurationQuery>("test-ip-configuration").unwrap().config();
    let both = reply::<IpConfigurationQuery>("test-ip-configuration-2").unwrap().config();
    assert_eq!((v4.v6, v4.mtu), (None, Some(1500)));
    let (v4, both_v4) = (v4.v4.unwrap(), both.v4.unwrap());
    assert_eq!((v4.prefix_len, v4.dns.len()), (28, 2));
    assert_eq!((both_v4.prefix_len, both_v4.dns.len()), (29, 2));
    let v6 = both.v6.unwrap();
    assert_eq!((v6.prefix_len, v6.dns.len()), (64, 2));
    // The host's address and its next hop are of one network.
    for (address, gateway) in [(v4.address, v4.gateway), (both_v4.address, both_v4.gateway)] {
        assert_eq!(address.octets()[..3], gateway.unwrap().octets()[..3]);
    }
}

#[test]
fn ussd_is_written_and_read_as_libmbim_does() {
    let payload: Vec<u8> = (1..=15).chain([0]).collect();
    same("test-ussd-set", &UssdSet { action: UssdAction::Continue, dcs: 1, payload });
    let info = reply::<UssdSet>("test-ussd").unwrap();
    assert_eq!(info.response, 5);
    // Sixteen octets are eighteen septets.
    assert_eq!(info.text.chars().count(), 18);
}

#[test]
fn messages_are_read_as_libmbim_does_and_sent_as_the_specification_has_it() {
    let read = |name| reply::<SmsReadQuery>(name).unwrap();
    assert_eq!(read("test-sms-read-none"), []);
    let pdu: Vec<u8> = (1..=15).chain([0]).collect();
    let one = SmsRecord { index: 7, is_received: false, pdu: pdu.clone() };
    assert_eq!(read("test-sms-read-one"), [one]);
    let two = read("test-sms-read-two");
    assert_eq!((two[0].index, &two[0].pdu, two[1].index), (6, &pdu, 7));
    let sent = SmsSendSet { pdu: vec![0, 1, 2, 3, 4] }.info().unwrap();
    assert_eq!(sent, [0, 0, 0, 0, 8, 0, 0, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0]);
}

#[test]
fn what_mbimcli_reads_of_the_simulated_modem_is_read_alike() {
    let caps = reply::<DeviceCapsQuery>("query-device-caps/reply").unwrap();
    assert_eq!(caps.imei.unwrap().expose(), "867698040000013");
    assert_eq!(caps.data_class.newest(), Some(Rat::Lte));
    let ready = reply::<SubscriberReadyQuery>("query-subscriber-ready-status/reply").unwrap();
    assert_eq!(ready.state, ReadyState::Initialized);
    assert_eq!(ready.imsi.unwrap().expose(), "262020123456700");
    assert!(ready.iccid.unwrap().expose().starts_with("894902000001234"));
    let radio = reply::<RadioStateSet>("set-radio-state=off/reply").unwrap();
    assert_eq!(radio.mode(), OperatingMode::LowPower);
    let register = reply::<RegisterStateQuery>("query-registration-state/reply").unwrap();
    assert_eq!(register.operator.as_deref(), Some("Simphone DE"));
    let signal = reply::<SignalStateQuery>("query-signal-state/reply").unwrap();
    assert_eq!((signal.rssi_dbm, signal.error_rate), (Some(-63), None));
    let config = reply::<IpConfigurationQuery>("query-ip-configuration/reply").unwrap().config();
    assert_eq!(config.v4.unwrap().address.to_string(), "10.64.0.2");
    assert_eq!(config.v6.unwrap().prefix_len, 64);
    let services = reply::<DeviceServicesQuery>("query-device-services/reply").unwrap();
    let names: Vec<Service> = services.iter().map(|service| service.service).collect();
    assert_eq!(names, [Service::BasicConnect, Service::MsBasicConnectExtensions]);
    assert!(services[0].cids.contains(&cid::CONNECT));
    let attach = reply::<LteAttachInfoQuery>("ms-query-lte-attach-info/reply").unwrap();
    assert!(attach.attached && attach.context.apn == Apn::new("internet").ok());
}

#[test]
fn damaged_messages_are_read_or_refused_and_the_port_lives_on() {
    let messages: Vec<Vec<u8>> = lines().map(|(_, _, bytes)| bytes).collect();
    let mut chance = Chance(setting("LTEWAN_SEED", 0x4d_42_49_4d));
    let (mut decoder, mut port) = (Decoder::new(), MbimPort::new(4096));
    let mut now = Instant::ZERO;
    let (mut whole, cases) = (0_u64, setting("LTEWAN_CASES", 8_000));
    for _ in 0..cases {
        let mut bytes = messages[chance.below(messages.len())].clone();
        for _ in 0..=chance.below(3) {
            let at = chance.below(bytes.len());
            bytes[at] = [0, 1, 4, 0x7f, 0x80, 0xff, chance.byte()][chance.below(7)];
        }
        now = now + Duration::from_millis(1);
        port.handle_input(now, &bytes);
        while port.poll_event().is_some() {}
        while port.poll_transmit().is_some() {}
        decoder.handle_input(&bytes);
        while decoder.poll_frame().is_some() {}
        let Ok(message) = RawMessage::decode(&bytes) else { continue };
        crate::fuzz::mbim::run(&bytes);
        assert!(message.encode().is_ok());
        whole += 1;
    }
    assert!(whole > cases / 4, "{whole} of {cases} were messages");
    // A false start may have swallowed what came; the port gives up on it with the next timeout.
    let id = port.send(now, &RadioStateQuery, Duration::from_secs(1));
    port.handle_timeout(now + Duration::from_secs(10));
    assert!(port.take_reply(id).is_some());
    let open_done = Frame { kind: Kind::OpenDone, ..Frame::decode(&bytes("open/reply")).unwrap() };
    port.handle_input(now + Duration::from_secs(11), &open_done.encode().unwrap());
    assert!(port.dropped() > 0);
}
