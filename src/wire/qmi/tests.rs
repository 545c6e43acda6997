use super::wds::{
    CallEndReason, CmEndReason, EsmCause, InternalEndReason, Ipv6EndReason, PppEndReason,
    VerboseCallEndReason,
};
use super::*;
use crate::types::{Apn, Plmn, Rat, RegistrationState, Secret};
use core::net::Ipv4Addr;

fn tlvs(fields: &[(u8, &[u8])]) -> Vec<u8> {
    let mut writer = TlvWriter::new();
    for (kind, value) in fields {
        writer.put(*kind, value);
    }
    writer.finish().unwrap()
}

#[test]
fn tlvs_are_read_up_to_the_first_that_runs_over_the_end() {
    let mut bytes = tlvs(&[(0x01, b"a"), (0x10, b"")]);
    assert_eq!(Tlvs::new(&bytes).check(), Ok(()));
    bytes.extend([0x11, 3, 0, 1, 2]);
    let kinds: Vec<u8> = Tlvs::new(&bytes).iter().map(|tlv| tlv.kind).collect();
    assert_eq!(kinds, [0x01, 0x10]);
    assert_eq!(Tlvs::new(&bytes).check(), Err(Error::BadLength));
    for cut in [1, 2] {
        assert_eq!(Tlvs::new(&[0x11, 0, 0][..cut]).check(), Err(Error::BadLength));
    }
    assert_eq!(Tlvs::new(&[]).check(), Ok(()));
}

#[test]
fn of_two_tlvs_of_one_type_the_first_counts() {
    let bytes = tlvs(&[(0x01, &[1]), (0x01, &[2])]);
    assert_eq!(Tlvs::new(&bytes).optional(0x01, TlvReader::u8), Some(1));
}

#[test]
fn a_tlv_missing_is_told_from_one_too_short() {
    let bytes = tlvs(&[(0x01, &[1])]);
    let tlvs = Tlvs::new(&bytes);
    let missing = Error::bad_value(&"x");
    assert_eq!(tlvs.mandatory(0x02, &"x", TlvReader::u8), Err(missing));
    assert_eq!(tlvs.mandatory(0x01, &"x", TlvReader::u16), Err(Error::Truncated));
    assert_eq!(tlvs.optional(0x01, TlvReader::u16), None);
    assert_eq!(tlvs.optional(0x02, TlvReader::u8), None);
}

#[test]
fn numbers_are_little_endian_and_addresses_are_numbers() {
    let bytes = [1, 0xFF, 0x02, 0x01, 0xFE, 0xFF, 99, 104, 136, 10, 1, 2, 3, 4, 5, 6, 7, 8];
    let mut r = TlvReader::new(&bytes);
    assert_eq!((r.u8(), r.i8()), (Some(1), Some(-1)));
    assert_eq!((r.u16(), r.i16()), (Some(0x0102), Some(-2)));
    assert_eq!(r.ipv4(), Some(Ipv4Addr::new(10, 136, 104, 99)));
    assert_eq!(r.u64(), Some(0x0807_0605_0403_0201));
    assert_eq!(r.u8(), None);
    assert!(r.rest().is_empty());
}

#[test]
fn a_field_that_is_too_long_is_not_taken_in_part() {
    let mut r = TlvReader::new(&[3, 1, 2]);
    assert_eq!(r.clone().bytes8(), None);
    assert_eq!(r.clone().text16(), None);
    assert_eq!(r.u32(), None);
    assert_eq!(r.clone().ipv6(), None);
    assert_eq!(r.bytes(3), Some([3, 1, 2].as_slice()));
}

#[test]
fn text_loses_what_modems_leave_behind_it() {
    assert_eq!(text(b"EM12-AW\t"), "EM12-AW");
    assert_eq!(text(b"MC7455\0\0"), "MC7455");
    assert_eq!(text(b" a b \r\n"), " a b");
    assert_eq!(text(b"\xFFx"), "\u{FFFD}x");
    assert_eq!(text(b"\0"), "");
}

#[test]
fn what_does_not_fit_its_length_field_is_not_written() {
    let mut writer = TlvWriter::new();
    writer.put_bytes8(0x01, &[0; 256]);
    assert_eq!(writer.finish(), Err(Error::TooLarge));
    let mut writer = TlvWriter::new();
    writer.put(0x01, &[0; 65_536]);
    assert_eq!(writer.finish(), Err(Error::TooLarge));
    let mut writer = TlvWriter::new();
    writer.put_bytes8(0x01, &[7; 255]);
    assert_eq!(writer.finish().unwrap()[..4], [0x01, 0x00, 0x01, 0xFF]);
}

#[test]
fn a_secret_too_long_for_its_field_fails_the_request() {
    let pin = Secret::new("1".repeat(300));
    let request = dms::UimVerifyPinRequest { pin_id: uim::PinId::Pin1, pin };
    assert_eq!(request.tlvs(), Err(Error::TooLarge));
}

#[test]
fn the_result_says_whether_a_request_was_carried_out() {
    for result in [Ok(()), Err(QmiError::CallFailed), Err(QmiError::from_code(60_000))] {
        let mut writer = TlvWriter::new();
        write_result(&mut writer, result);
        let bytes = writer.finish().unwrap();
        assert_eq!(read_result(Tlvs::new(&bytes)), Ok(result));
    }
    assert!(read_result(Tlvs::new(&[])).is_err());
    let short = tlvs(&[(0x02, &[0, 0, 0])]);
    assert_eq!(read_result(Tlvs::new(&short)), Err(Error::Truncated));
}

#[test]
fn a_reply_is_a_response_a_refusal_or_malformed() {
    let read = |bytes: &[u8]| read_reply::<dms::GetModelRequest>(Tlvs::new(bytes));
    let ok = (0x02, [0, 0, 0, 0].as_slice());
    assert_eq!(read(&tlvs(&[ok, (0x01, b"M")])), Ok("M".into()));
    let refused = tlvs(&[(0x02, &[1, 0, 52, 0]), (0x01, b"M")]);
    assert_eq!(read(&refused), Err(ReplyError::Qmi(QmiError::DeviceNotReady)));
    let field = Error::bad_value(&"model");
    assert_eq!(read(&tlvs(&[ok])), Err(ReplyError::Malformed(field)));
}

/// Every code is shown by its name or its number, and no two alike.
macro_rules! every_code_is_shown {
    ($($name:ty: $repr:ty),+ $(,)?) => {$(
        let shown = |code| format!("{:?}", <$name>::from_code(code));
        let all: std::collections::BTreeSet<String> = (0..=<$repr>::MAX).map(shown).collect();
        assert_eq!(all.len(), usize::from(<$repr>::MAX) + 1, stringify!($name));
        let numbers = all.iter().filter(|text| text.parse::<$repr>().is_ok()).count();
        assert!(numbers + 2 <= all.len(), "{} has no names", stringify!($name));
    )+};
}

#[test]
fn every_code_is_shown_by_name_or_number() {
    every_code_is_shown!(
        Service: u8,
        QmiError: u16,
        CallEndReason: u16,
        CmEndReason: u16,
        EsmCause: u16,
        InternalEndReason: u16,
        PppEndReason: u16,
        Ipv6EndReason: u16,
        wds::PdpType: u8,
        wds::Autoconnect: u8,
        wds::CallType: u8,
        wds::ConnectionStatus: u8,
        wds::ProfileType: u8,
        dms::UimState: u8,
        uim::CardState: u8,
        uim::CardError: u8,
        uim::ApplicationType: u8,
        uim::ApplicationState: u8,
        uim::PersonalizationState: u8,
        uim::SessionType: u8,
        uim::PinId: u8,
        uim::PinState: u8,
        nas::ServiceStatus: u8,
        nas::RoamingIndicator: u8,
        nas::ChangeDuration: u8,
        nas::NetworkSelection: u8,
        nas::PsAttachAction: u8,
    );
    for (kind, reason) in (0..12).flat_map(|kind| (0..3000).map(move |reason| (kind, reason))) {
        assert_eq!(VerboseCallEndReason::from_code(kind, reason).code(), (kind, reason));
    }
}

#[test]
fn an_error_is_shown_by_name_and_number() {
    assert_eq!(QmiError::NoEffect.to_string(), "NoEffect (26)");
    assert_eq!(QmiError::from_code(999).to_string(), "QMI error 999");
    assert_eq!(
        format!("{:?} {:?}", QmiError::from_code(26), wda::LinkLayer::from_code(2)),
        "NoEffect RawIp"
    );
}

#[test]
fn ids_are_not_shown_in_logs() {
    let bytes = tlvs(&[(0x02, &[0; 4]), (0x10, b"0"), (0x11, b"359225050039973")]);
    let ids = read_reply::<dms::GetIdsRequest>(Tlvs::new(&bytes)).unwrap();
    assert_eq!((ids.esn.as_deref(), ids.imei.as_deref()), (None, Some("359225050039973")));
    assert!(!format!("{ids:?}").contains("35922505003"), "{ids:?}");
}

fn serving_system(plmn: &[u8]) -> nas::ServingSystem {
    let bytes = tlvs(&[(0x01, &[1, 1, 1, 2, 1, 8]), (0x12, plmn)]);
    nas::ServingSystem::read(Tlvs::new(&bytes)).unwrap()
}

#[test]
fn names_of_networks_come_in_three_encodings() {
    let name = |name: &[u8]| {
        let len = u8::try_from(name.len()).unwrap();
        serving_system(&[&[222, 0, 50, 0, len], name].concat()).operator
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(name(b"Iliad"), some("Iliad"));
    assert_eq!(name("Telef\u{f3}nica".as_bytes()), some("Telef\u{f3}nica"));
    assert_eq!(name(&[0x49, 0x76, 0x3A, 0x4C, 0x06]), some("Iliad"));
    // TS 23.038 6.1.2.1: seven letters in seven bytes with seven spare bits, and eight.
    assert_eq!(name(&[0xD6, 0x37, 0x39, 0x6C, 0x7E, 0xBB, 0x01]), some("Vodafon"));
    assert_eq!(name(&[0xD6, 0x37, 0x39, 0x6C, 0x7E, 0xBB, 0xCB]), some("Vodafone"));
    assert_eq!(name(&[0x4D, 0x46, 0x3F, 0xB2, 0x05]), some("Møñ_Ä"));
    // The escape, then "e".
    assert_eq!(name(&[0xC1, 0x4D, 0x59, 0x08]), some("A€B"));
    assert_eq!(name(&[b'T', 0, b'e', 0, b'l', 0, b'e', 0, b'2', 0]), some("Tele2"));
    assert_eq!(name(&[0x1B, 0x04, 0x3E, 0x04, b' ', 0]), some("\u{41b}\u{43e}"));
    assert_eq!(name(b" T-Mobile"), some("T-Mobile"));
    assert_eq!(name(b""), None);
    assert_eq!(name(&[0]), None);
}

#[test]
fn a_network_code_keeps_its_digits() {
    assert_eq!(serving_system(&[6, 1, 1, 0, 0]).plmn, Some(Plmn::parse("26201").unwrap()));
    assert_eq!(serving_system(&[54, 1, 154, 1, 0]).plmn, Some(Plmn::parse("310410").unwrap()));
    assert_eq!(serving_system(&[0, 0, 0, 0, 0]).plmn, None);
    assert_eq!(serving_system(&[0xFF, 0xFF, 1, 0, 0]).plmn, None);
    for kind in [0x27, 0x29] {
        let system = |digits: &[u8]| {
            let fields = [(0x01, [1, 1, 1, 2, 0].as_slice()), (0x12, &[54, 1, 26, 0, 0])];
            let bytes = tlvs(&[fields[0], fields[1], (kind, digits)]);
            nas::ServingSystem::read(Tlvs::new(&bytes)).unwrap().plmn
        };
        assert_eq!(system(&[54, 1, 26, 0, 1]), Some(Plmn::parse("310026").unwrap()));
        assert_eq!(system(&[54, 1, 26, 0, 0]), Some(Plmn::parse("31026").unwrap()));
        // Of another network; and what the number stands for in the other message.
        assert_eq!(system(&[54, 1, 27, 0, 1]), Some(Plmn::parse("31026").unwrap()));
        assert_eq!(system(&[1]), Some(Plmn::parse("31026").unwrap()));
        assert_eq!(system(&[2, 0, 0, 0]), Some(Plmn::parse("31026").unwrap()));
    }
}

#[test]
fn every_registration_state_has_its_name() {
    let state = |code| {
        let bytes = tlvs(&[(0x01, &[code, 0, 0, 0])]);
        nas::ServingSystem::read(Tlvs::new(&bytes)).unwrap().state
    };
    assert_eq!(state(0), RegistrationState::Idle);
    assert_eq!(state(1), RegistrationState::Home);
    assert_eq!(state(2), RegistrationState::Searching);
    assert_eq!(state(3), RegistrationState::Denied);
    assert_eq!(state(4), RegistrationState::Unknown);
    assert_eq!(state(5), RegistrationState::Unknown);
}

#[test]
fn a_registration_is_asked_for_by_hand_or_left_to_the_modem() {
    let automatic = nas::InitiateNetworkRegisterRequest::default();
    assert_eq!(automatic.tlvs().unwrap(), [0x01, 1, 0, 1]);
    let manual = nas::InitiateNetworkRegisterRequest {
        network: Some(Plmn::parse("310410").unwrap()),
        rat: Some(Rat::Lte),
        duration: Some(nas::ChangeDuration::PowerCycle),
    };
    let expected = tlvs(&[(0x01, &[2]), (0x10, &[54, 1, 154, 1, 8]), (0x11, &[0]), (0x12, &[1])]);
    assert_eq!(manual.tlvs().unwrap(), expected);
    let any = nas::InitiateNetworkRegisterRequest { rat: None, duration: None, ..manual };
    let expected = tlvs(&[(0x01, &[2]), (0x10, &[54, 1, 154, 1, 0xFF]), (0x12, &[1])]);
    assert_eq!(any.tlvs().unwrap(), expected);
    let detach = nas::AttachDetachRequest { action: nas::PsAttachAction::Detach };
    assert_eq!(detach.tlvs().unwrap(), [0x10, 1, 0, 2]);
}

#[test]
fn signal_thresholds_are_lists_behind_their_length() {
    let config = nas::ConfigSignalInfoRequest {
        rssi_dbm: vec![-95, -80],
        rsrp_dbm: vec![-110],
        ..nas::ConfigSignalInfoRequest::default()
    };
    let expected = tlvs(&[(0x10, &[2, 0xA1, 0xB0]), (0x16, &[1, 0x92, 0xFF])]);
    assert_eq!(config.tlvs().unwrap(), expected);
    let rssi_dbm = vec![-95; 256];
    let config = nas::ConfigSignalInfoRequest { rssi_dbm, ..config };
    assert_eq!(config.tlvs(), Err(Error::TooLarge));
}

#[test]
fn system_info_that_ends_early_keeps_what_came_before() {
    let details = [1, 2, 1, 2, 1, 1, 1, 0, 1, 0x34, 0x12, 1, 9, 0, 0, 0, 1, 2, 11, 1, b'2'];
    let info = |len: usize| {
        let bytes = tlvs(&[(0x14, &[1, 1, 0]), (0x19, &details[..len])]);
        nas::SystemInfo::read(Tlvs::new(&bytes)).rats[0]
    };
    assert_eq!(info(5).roaming, None);
    assert_eq!((info(8).roaming, info(8).forbidden), (Some(true), Some(false)));
    assert_eq!((info(10).lac, info(11).lac), (None, Some(0x1234)));
    assert_eq!((info(15).cell_id, info(16).cell_id), (None, Some(9)));
    assert_eq!((info(18).reject_cause, info(19).reject_cause), (None, Some(11)));
    assert_eq!(info(21).plmn, None);
}

#[test]
fn unknown_indications_are_none_and_known_ones_may_be_malformed() {
    let read =
        |service, message, bytes: &[u8]| Indication::read(service, message, Tlvs::new(bytes));
    assert_eq!(read(Service::Loc, 0x0001, &[]), Ok(None));
    assert_eq!(read(Service::Nas, 0x004E, &[]), Ok(None));
    assert_eq!(read(Service::Ctl, 0x0027, &[]), Ok(Some(Indication::CtlSync(ctl::SyncIndication))));
    assert!(read(Service::Wds, 0x0022, &[]).is_err());
    assert!(read(Service::Uim, 0x0032, &[]).is_err());
    // Some firmware leaves out whether the addresses changed.
    let status = read(Service::Wds, 0x0022, &tlvs(&[(0x01, &[2])])).unwrap();
    let Some(Indication::WdsPacketServiceStatus(status)) = status else { panic!("{status:?}") };
    assert!(!status.reconfiguration_required);
    let client = ctl::ClientId { service: Service::Wds, client: 3 };
    let revoked = ctl::RevokeClientIdIndication { client };
    let bytes = tlvs(&[(0x01, &[0x01, 3])]);
    assert_eq!(
        read(Service::Ctl, 0x0024, &bytes),
        Ok(Some(Indication::CtlRevokeClientId(revoked)))
    );
}

#[test]
fn settings_that_mean_nothing_are_left_out() {
    let bytes = tlvs(&[
        (0x02, &[0; 4]),
        (0x15, &[0; 4]),
        (0x16, &[8, 8, 8, 8]),
        (0x1E, &[0; 4]),
        (0x21, &[0xF8, 0xFF, 0x00, 0xFF]),
        (0x25, &[0x20; 17]),
        (0x26, &[[0xFE; 16].as_slice(), &[129]].concat()),
        (0x29, &[0; 4]),
        (0x2A, &[2, 1, 0, b'a']),
        (0x2B, &[8]),
    ]);
    let read = read_reply::<wds::GetCurrentSettingsRequest>(Tlvs::new(&bytes)).unwrap();
    assert_eq!((read.ipv4_dns.len(), read.ipv4_address, read.mtu), (1, None, None));
    assert_eq!(read.ipv4_prefix_len(), None, "a mask with holes");
    assert_eq!(read.ipv6_address.map(|(_, len)| len), Some(0x20));
    assert_eq!(read.ipv6_gateway, None, "a prefix of 129");
    assert_eq!((read.domain_names.len(), read.ip_family), (0, None));
}

#[test]
fn files_of_the_card_hold_digits_in_halves_of_bytes() {
    let iccid = [0x98, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0x32, 0x54, 0xF6];
    assert_eq!(uim::iccid_from_ef(&iccid), "8901234567890123456");
    assert_eq!(uim::iccid_from_ef(&[0xFF; 10]), "");
    // TS 31.102 4.2.2: length, then the digits behind the parity.
    let imsi = [8, 0x29, 0x26, 0x10, 0x21, 0x43, 0x65, 0x87, 0x09];
    assert_eq!(uim::imsi_from_ef(&imsi), "262011234567890");
    assert_eq!(uim::imsi_from_ef(&[]), "");
    assert_eq!(uim::imsi_from_ef(&[0xFF; 9]), "");
    assert_eq!(uim::imsi_from_ef(&[2, 0x29]), "2");
}

#[test]
fn an_empty_apn_is_sent_as_such() {
    let apn = Apn::new("").ok();
    let request = wds::StartNetworkRequest { apn: apn.clone(), ..Default::default() };
    let expected: &[u8] = if apn.is_some() { &[0x14, 0, 0] } else { &[] };
    assert_eq!(request.tlvs().unwrap(), expected);
}
