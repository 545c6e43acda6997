//! What modems sent, read into types.

use core::net::Ipv4Addr;

use super::{indication, message, reply};
use ltewan::types::{AuthMethod, IpFamily, OperatingMode, Plmn, Rat, RegistrationState, Signal};
use ltewan::wire::qmi::nas::{NetworkSelection, RatModes, RoamingIndicator, ServiceStatus};
use ltewan::wire::qmi::uim::{
    ApplicationState, ApplicationType, CardError, CardResult, CardState, CardStatus,
    PersonalizationState, PinState, Retries, iccid_from_ef,
};
use ltewan::wire::qmi::wda::{Aggregation, LinkLayer};
use ltewan::wire::qmi::wds::{
    CallEndReason, CmEndReason, ConnectionStatus, EsmCause, InternalEndReason, PacketDataHandle,
    StartNetworkFailure, VerboseCallEndReason,
};
use ltewan::wire::qmi::{Indication, QmiError, ReplyError, Service, ctl, dms, nas, uim, wda, wds};

fn plmn(text: &str) -> Option<Plmn> {
    Some(Plmn::parse(text).unwrap())
}

const fn retries(pin_retries_left: u8, puk_retries_left: u8) -> Retries {
    Retries { pin_retries_left, puk_retries_left }
}

#[test]
fn client_ids_are_allocated_and_released() {
    let wda = ctl::ClientId { service: Service::Wda, client: 1 };
    assert_eq!(reply::<ctl::GetClientIdRequest>("uqmi-get-client-id/reply"), Ok(wda));
    assert_eq!(reply::<ctl::ReleaseClientIdRequest>("uqmi-release-client-id/reply"), Ok(()));
    let wds = ctl::ClientId { service: Service::Wds, client: 10 };
    assert_eq!(reply::<ctl::GetClientIdRequest>("mc7354-get-client-id/reply"), Ok(wds));
}

#[test]
fn the_device_tells_who_it_is() {
    let ids = reply::<dms::GetIdsRequest>("dms-get-ids/test-reply").unwrap();
    assert_eq!(ids.esn.as_deref(), Some("80997874"));
    assert_eq!(ids.imei.as_deref(), Some("359225050039973"));
    assert_eq!(ids.meid.as_deref(), Some("35922505003997"));
    assert_eq!(ids.imei_software_version.as_deref(), Some("B"));
    // The EM12 sends a tab behind its name.
    assert_eq!(reply::<dms::GetModelRequest>("dms-get-model-em12"), Ok("EM12-AW".into()));
    let revision = reply::<dms::GetRevisionRequest>("sdm845-get-revision/reply").unwrap();
    assert!(revision.starts_with("MPSS.AT.4.0.c2.15-00007-SDM845_GEN_PACK-1.358880.1"));
    assert_eq!(reply::<dms::UimGetIccidRequest>("iccid"), Ok("8901234567890123456".into()));
}

#[test]
fn the_operating_mode_says_what_forbids_another() {
    let mode = reply::<dms::GetOperatingModeRequest>("operating-mode-switched-off").unwrap();
    assert_eq!(mode.mode, OperatingMode::LowPower);
    assert_eq!((mode.offline_reason, mode.hardware_restricted), (Some(1), Some(true)));
    let mode = reply::<dms::GetOperatingModeRequest>("sdm845-get-operating-mode/reply").unwrap();
    assert_eq!(mode.mode, OperatingMode::Other(5));
    assert_eq!((mode.offline_reason, mode.hardware_restricted), (None, None));
    assert_eq!(reply::<dms::SetOperatingModeRequest>("sdm845-set-operating-mode/reply"), Ok(()));
}

#[test]
fn a_modem_without_the_message_says_so() {
    let status = reply::<dms::UimGetPinStatusRequest>("mc7455-uim-get-pin-status/reply");
    assert_eq!(status, Err(ReplyError::Qmi(QmiError::InvalidQmiCommand)));
    let errors = [
        ("mc8355-set-fcc-authentication/reply", QmiError::NoEffect),
        ("lg-g2-wms/reply", QmiError::DeviceNotReady),
        ("sdm845-unavailable/reply", QmiError::InformationUnavailable),
    ];
    for (name, error) in errors {
        let result = ltewan::wire::qmi::read_result(message(name).tlvs());
        assert_eq!(result, Ok(Err(error)), "{name}");
    }
}

#[test]
fn dms_tells_the_states_of_both_pins() {
    let status = reply::<dms::UimGetPinStatusRequest>("dms-uim-get-pin-status/test-reply").unwrap();
    let verified = PinState::EnabledVerified;
    let not_verified = PinState::EnabledNotVerified;
    let pin1 = dms::PinStatus { state: not_verified, retries: retries(3, 10) };
    assert_eq!(status.pin1, Some(pin1));
    let pin2 = dms::PinStatus { state: not_verified, retries: retries(2, 10) };
    assert_eq!(status.pin2, Some(pin2));
    let status = reply::<dms::UimGetPinStatusRequest>("pin-status").unwrap();
    let blocked = dms::PinStatus { state: PinState::Blocked, retries: retries(0, 10) };
    assert_eq!((status.pin1, status.pin2), (Some(pin1), Some(blocked)));
    let Indication::DmsEventReport(report) = indication("event-report") else { panic!() };
    let pin1 = dms::PinStatus { state: verified, retries: retries(3, 10) };
    assert_eq!(report.pin1, Some(pin1));
    assert_eq!(report.operating_mode, Some(OperatingMode::Online));
    assert_eq!(report.uim_state, Some(dms::UimState::NotPresent));
    assert_eq!(report.wireless_disabled, Some(true));
}

#[test]
fn a_card_that_asks_for_its_pin_says_how_often_it_may_be_tried() {
    let status = reply::<uim::GetCardStatusRequest>("card-status-pin").unwrap();
    assert_eq!(status.index_gw_primary, 0);
    assert_eq!(status.index_1x_primary, 0xFFFF);
    let (card, application) = status.primary().unwrap();
    assert_eq!((card.state, card.upin_state), (CardState::Present, PinState::NotInitialized));
    assert_eq!(application.kind, ApplicationType::Usim);
    assert_eq!(application.state, ApplicationState::PinRequired);
    assert_eq!(application.personalization_state, PersonalizationState::Ready);
    assert_eq!(application.aid.len(), 16);
    assert!(!application.upin_replaces_pin1);
    assert_eq!(application.pin1_state, PinState::EnabledNotVerified);
    assert_eq!(application.pin1_retries, retries(3, 10));
    assert_eq!(application.pin2_state, PinState::EnabledNotVerified);
    assert_eq!(application.pin2_retries, retries(2, 9));
}

#[test]
fn the_primary_application_may_be_in_the_second_slot() {
    let status = reply::<uim::GetCardStatusRequest>("card-status-puk-slot-2").unwrap();
    assert_eq!(status.cards.len(), 2);
    assert_eq!(status.cards[0].state, CardState::Absent);
    assert_eq!(status.cards[1].applications.len(), 2);
    let (_, application) = status.primary().unwrap();
    assert_eq!(application.state, ApplicationState::PukRequired);
    assert_eq!(application.pin1_state, PinState::Blocked);
    assert_eq!(application.pin1_retries, retries(0, 7));
    assert_eq!(application.pin2_state, PinState::Disabled);
    assert_eq!(application.aid, [0xA0, 0, 0, 0, 0x87, 0x10, 0x02]);
}

#[test]
fn a_card_that_was_just_found_has_no_primary_application_yet() {
    let status = reply::<uim::GetCardStatusRequest>("sdm845-get-card-status/reply").unwrap();
    assert_eq!(status.index_gw_primary, 0xFFFF);
    assert_eq!(status.primary(), None);
    let (_, application) = status.application().unwrap();
    assert_eq!(application.kind, ApplicationType::Usim);
    assert_eq!(application.state, ApplicationState::Detected);
    assert_eq!(application.personalization_feature, 11);
    assert_eq!(application.aid[..7], [0xA0, 0, 0, 0, 0x87, 0x10, 0x02]);
    assert_eq!(status.cards[1].state, CardState::Error);
    assert_eq!(status.cards[1].error, CardError::NoAtrReceived);
}

#[test]
fn a_card_that_is_pulled_out_is_told_of() {
    let Indication::UimCardStatus(card) = indication("card-status-indication") else { panic!() };
    let CardStatus { cards, .. } = card.status;
    assert_eq!(cards.len(), 1);
    assert_eq!((cards[0].state, cards[0].error), (CardState::Error, CardError::PossiblyRemoved));
    assert_eq!(cards[0].applications, []);
}

#[test]
fn a_wrong_pin_is_a_reply_that_says_how_many_attempts_are_left() {
    let response = reply::<uim::VerifyPinRequest>("verify-pin-wrong").unwrap();
    assert_eq!(response.result, Err(QmiError::IncorrectPin));
    assert_eq!(response.retries, Some(retries(2, 10)));
    assert_eq!(response.card_result, Some(CardResult { sw1: 0x63, sw2: 0xC2 }));
    let response = reply::<dms::UimVerifyPinRequest>("dms-uim-verify-pin/test-reply").unwrap();
    assert_eq!((response.result, response.retries), (Ok(()), None));
}

#[test]
fn the_number_of_a_card_is_read_from_its_file() {
    let read = reply::<uim::ReadTransparentRequest>("read-transparent-iccid").unwrap();
    assert_eq!(read.result, Ok(()));
    assert_eq!(read.card_result, Some(CardResult { sw1: 0x90, sw2: 0x00 }));
    assert_eq!(iccid_from_ef(&read.content.unwrap()), "8901234567890123456");
}

#[test]
fn the_format_of_the_link_is_told() {
    let format = reply::<wda::GetDataFormatRequest>("uqmi-wda-get-data-format/reply").unwrap();
    assert_eq!(format.qos_header, Some(false));
    assert_eq!(format.link_layer, Some(LinkLayer::Ethernet));
    assert_eq!(format.uplink_aggregation, Some(Aggregation::Disabled));
    assert_eq!((format.downlink_max_datagrams, format.downlink_max_len), (Some(0), Some(0)));
    assert_eq!((format.uplink_max_datagrams, format.uplink_max_len), (None, None));
    let format = reply::<wda::SetDataFormatRequest>("set-data-format").unwrap();
    assert_eq!(format.link_layer, Some(LinkLayer::RawIp));
    assert_eq!(format.downlink_aggregation, Some(Aggregation::Qmap));
    assert_eq!((format.downlink_max_datagrams, format.downlink_max_len), (Some(32), Some(16384)));
    assert_eq!((format.uplink_max_datagrams, format.uplink_max_len), (Some(8), Some(4096)));
}

#[test]
fn a_call_that_cannot_be_started_says_why() {
    let failure = |error, call_end_reason, verbose| {
        Ok(Err(StartNetworkFailure { error, call_end_reason, verbose: Some(verbose) }))
    };
    let read = reply::<wds::StartNetworkRequest>;
    let sim = VerboseCallEndReason::from_code(3, 2504);
    assert!(matches!(sim, VerboseCallEndReason::CallManager(CmEndReason::InvalidSimState)));
    let error = QmiError::CallFailed;
    let unspecified = Some(CallEndReason::Unspecified);
    assert_eq!(read("start-network-invalid-sim"), failure(error, unspecified, sim));
    let apn = VerboseCallEndReason::ThreeGpp(EsmCause::UnknownApn);
    let unknown_apn = Some(CallEndReason::UnknownApn);
    assert_eq!(read("start-network-unknown-apn"), failure(error, unknown_apn, apn));
    let ipv4 = VerboseCallEndReason::ThreeGpp(EsmCause::Ipv4OnlyAllowed);
    let unknown_pdp = Some(CallEndReason::UnknownPdp);
    assert_eq!(read("start-network-ipv4-only"), failure(error, unknown_pdp, ipv4));
    let ipv6 = VerboseCallEndReason::Internal(InternalEndReason::PdnIpv6CallDisallowed);
    let error = QmiError::NoEffect;
    assert_eq!(read("start-network-ipv6-disallowed"), failure(error, None, ipv6));
    assert_eq!(read("start-network-up"), Ok(Ok(PacketDataHandle(3_787_602_240))));
}

#[test]
fn a_call_that_ends_or_changes_is_told_of() {
    let status = reply::<wds::GetPacketServiceStatusRequest>("packet-service-status-reply");
    assert_eq!(status, Ok(ConnectionStatus::Connected));
    let ended = wds::PacketServiceStatusIndication {
        status: ConnectionStatus::Disconnected,
        reconfiguration_required: false,
        call_end_reason: Some(CallEndReason::ClientEnd),
        verbose: Some(VerboseCallEndReason::ThreeGpp(EsmCause::RegularDeactivation)),
        ip_family: Some(IpFamily::V4),
    };
    let name = "packet-service-status-ended";
    assert_eq!(indication(name), Indication::WdsPacketServiceStatus(ended));
    assert_eq!(message(name).client, 0xFF);
    let changed = wds::PacketServiceStatusIndication {
        status: ConnectionStatus::Connected,
        reconfiguration_required: true,
        call_end_reason: None,
        verbose: None,
        ip_family: Some(IpFamily::V6),
    };
    let name = "packet-service-status-changed";
    assert_eq!(indication(name), Indication::WdsPacketServiceStatus(changed));
}

#[test]
fn the_network_gives_a_call_ipv4_settings() {
    let name = "nerves-get-current-settings-v4/reply";
    let settings = reply::<wds::GetCurrentSettingsRequest>(name).unwrap();
    let expected = wds::CurrentSettings {
        pdp_type: Some(wds::PdpType::Ipv4),
        ipv4_dns: vec![Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(8, 8, 4, 4)],
        auth: Some(AuthMethod::None),
        ipv4_address: Some(Ipv4Addr::new(10, 136, 104, 99)),
        profile: Some((0, 1)),
        ipv4_gateway: Some(Ipv4Addr::new(10, 136, 104, 100)),
        ipv4_subnet_mask: Some(Ipv4Addr::new(255, 255, 255, 248)),
        mtu: Some(1400),
        ip_family: Some(IpFamily::V4),
        ..wds::CurrentSettings::default()
    };
    assert_eq!(settings, expected);
    assert_eq!(settings.ipv4_prefix_len(), Some(29));
}

#[test]
fn the_network_gives_a_call_ipv6_settings() {
    let settings = reply::<wds::GetCurrentSettingsRequest>("current-settings-v6").unwrap();
    let expected = wds::CurrentSettings {
        pdp_type: Some(wds::PdpType::Ipv6),
        ipv6_address: Some(("2001:db8:1:2::3".parse().unwrap(), 64)),
        ipv6_gateway: Some(("2001:db8:1:2::1".parse().unwrap(), 64)),
        ipv6_dns: vec![
            "2001:4860:4860::8888".parse().unwrap(),
            "2001:4860:4860::8844".parse().unwrap(),
        ],
        mtu: Some(1428),
        domain_names: vec!["example".into()],
        ip_family: Some(IpFamily::V6),
        ..wds::CurrentSettings::default()
    };
    assert_eq!(settings, expected);
}

#[test]
fn a_call_is_counted() {
    let statistics = reply::<wds::GetPacketStatisticsRequest>("packet-statistics").unwrap();
    let expected = wds::PacketStatistics {
        tx_packets: Some(28),
        rx_packets: Some(16),
        tx_bytes: Some(1520),
        rx_bytes: Some(73_588_229_205),
        ..wds::PacketStatistics::default()
    };
    assert_eq!(statistics, expected);
    let rates = reply::<wds::GetChannelRatesRequest>("channel-rates").unwrap();
    assert_eq!((rates.tx_bps, rates.rx_bps), (50_000_000, 150_000_000));
    assert_eq!((rates.max_tx_bps, rates.max_rx_bps), (50_000_000, u32::MAX));
}

#[test]
fn profiles_are_listed() {
    let list = reply::<wds::GetProfileListRequest>("profile-list").unwrap();
    let entry = |index, name: &str| wds::ProfileListEntry {
        id: wds::ProfileId::three_gpp(index),
        name: name.into(),
    };
    assert_eq!(list, [entry(1, "one"), entry(2, "")]);
    let number = reply::<wds::GetDefaultProfileNumberRequest>("default-profile-number");
    assert_eq!(number, Ok(3));
    let autoconnect = reply::<wds::GetAutoconnectRequest>("autoconnect-settings").unwrap();
    assert_eq!(autoconnect.status, wds::Autoconnect::Enabled);
    assert_eq!(autoconnect.home_only, Some(true));
}

#[test]
fn the_name_of_a_network_may_be_packed() {
    let name = "nas-get-serving-system-iliad/test-reply";
    let system = reply::<nas::GetServingSystemRequest>(name).unwrap();
    assert_eq!(system.operator.as_deref(), Some("Iliad"));
    assert_eq!((system.plmn, system.ps_attached), (plmn("22250"), Some(true)));
    assert_eq!(system.rats, [Rat::Umts]);
    assert_eq!(system.roaming, Some(RoamingIndicator::Off));
    assert_eq!(system.registration().state, RegistrationState::Home);
}

#[test]
fn a_reply_with_a_tlv_too_short_is_read_all_the_same() {
    // TLV 0x21, which nobody reads, has four bytes of five. The name starts with a blank.
    let system = reply::<nas::GetServingSystemRequest>("nas-get-serving-system-cut-tlv").unwrap();
    assert_eq!(system.plmn, plmn("310260"));
    assert_eq!(system.operator.as_deref(), Some("T-Mobile"));
    assert_eq!(system.rats, [Rat::Umts]);
}

#[test]
fn a_modem_that_roams_on_two_technologies_is_registered_on_the_newer() {
    let system = reply::<nas::GetServingSystemRequest>("serving-system-nsa").unwrap();
    assert_eq!(system.rats, [Rat::Lte, Rat::Nr5g]);
    let registration = system.registration();
    assert_eq!(registration.state, RegistrationState::Roaming);
    assert_eq!(registration.rat, Some(Rat::Nr5g));
    assert_eq!(registration.plmn, plmn("310026"));
    assert_eq!(registration.operator.as_deref(), Some("Vodafone"));
}

#[test]
fn a_modem_that_searches_tells_of_the_networks_it_sees() {
    let system = |name| {
        let Indication::NasServingSystem(system) = indication(name) else { panic!("{name}") };
        system
    };
    let searching = system("sdm845-serving-system-searching");
    assert_eq!(searching.state, RegistrationState::Searching);
    assert_eq!((searching.ps_attached, searching.plmn), (Some(false), None));
    assert_eq!(searching.rats, []);
    let gsm = system("sdm845-serving-system-gsm");
    assert_eq!(gsm.state, RegistrationState::Searching);
    // The name is empty, and cut: one byte for the length, none for the text.
    assert_eq!((gsm.plmn, gsm.operator), (plmn("23430"), None));
    assert_eq!(gsm.rats, [Rat::Gsm]);
    let roaming = system("sdm845-serving-system-roaming");
    assert_eq!(roaming.roaming, Some(RoamingIndicator::On));
    // On an unregistered modem the indicator means nothing.
    assert_eq!(roaming.registration().state, RegistrationState::Searching);
}

#[test]
fn system_info_tells_cell_area_and_network() {
    let info = reply::<nas::GetSystemInfoRequest>("nas-get-system-info-lte/test-reply").unwrap();
    let [gsm, umts, lte] = info.rats.as_slice() else { panic!("{info:?}") };
    assert_eq!((gsm.rat, gsm.status, gsm.cell_id), (Rat::Gsm, ServiceStatus::None, None));
    assert_eq!((umts.rat, umts.status, umts.lac), (Rat::Umts, ServiceStatus::None, None));
    let expected = nas::RatInfo {
        rat: Rat::Lte,
        status: ServiceStatus::Available,
        roaming: Some(false),
        forbidden: Some(false),
        lac: None,
        cell_id: Some(1_616_133),
        reject_cause: None,
        plmn: plmn("53024"),
        tac: Some(63001),
    };
    assert_eq!(*lte, expected);
}

#[test]
fn system_info_of_every_technology_is_read() {
    let info = reply::<nas::GetSystemInfoRequest>("system-info").unwrap();
    let [gsm, umts, lte, nr] = info.rats.as_slice() else { panic!("{info:?}") };
    assert_eq!((gsm.lac, gsm.cell_id), (Some(4660), Some(22136)));
    assert_eq!((gsm.plmn, gsm.tac), (plmn("26201"), None));
    assert_eq!((gsm.status, gsm.roaming), (ServiceStatus::Limited, Some(true)));
    assert_eq!((umts.lac, umts.cell_id), (Some(9029), Some(12_648_430)));
    assert_eq!((umts.plmn, umts.tac), (plmn("310410"), None));
    assert_eq!((lte.cell_id, lte.plmn, lte.tac), (Some(29_376_011), plmn("26202"), Some(23073)));
    assert_eq!(lte.reject_cause, Some(15));
    assert_eq!((nr.rat, nr.status), (Rat::Nr5g, ServiceStatus::Available));
    assert_eq!((nr.cell_id, nr.plmn, nr.tac), (Some(0x7FFF_FFFF), plmn("001001"), Some(4660)));
    assert_eq!(info.reject_cause(), Some(15));
}

#[test]
fn the_system_info_indication_numbers_nr_differently() {
    let message = message("system-info-indication");
    assert_eq!(message.message, nas::SystemInfo::INDICATION_MESSAGE);
    let info = nas::SystemInfo::read_indication(message.tlvs());
    let [lte, nr] = info.rats.as_slice() else { panic!("{info:?}") };
    assert_eq!((lte.rat, lte.tac, lte.reject_cause), (Rat::Lte, Some(23073), None));
    assert_eq!((nr.rat, nr.status), (Rat::Nr5g, ServiceStatus::Limited));
    assert_eq!((nr.cell_id, nr.reject_cause, nr.tac), (Some(9), Some(27), None));
    assert_eq!(nas::SystemInfo::read(message.tlvs()).rats.len(), 1);
}

#[test]
fn a_refusal_without_a_network_still_has_its_cause() {
    // The published message has the details of LTE only, without its status.
    let mut message = message("nas-get-system-info-refused");
    message.tlvs.extend([0x14, 3, 0, 1, 1, 0]);
    let info = nas::SystemInfo::read(message.tlvs());
    let [lte] = info.rats.as_slice() else { panic!("{info:?}") };
    assert_eq!((lte.reject_cause, lte.plmn), (Some(15), None));
    assert_eq!((lte.lac, lte.cell_id, lte.tac), (None, Some(48_756_236), Some(48717)));
}

#[test]
fn signal_is_read_in_the_units_of_its_technology() {
    let info = reply::<nas::GetSignalInfoRequest>("signal-info").unwrap();
    let of = |rat| Signal { rat: Some(rat), ..Signal::default() };
    assert_eq!(info.gsm, Some(Signal { rssi_dbm: Some(-92), ..of(Rat::Gsm) }));
    // -6.5 dB, and only whole ones are kept.
    let umts = Signal { rssi_dbm: Some(-71), ecio_db: Some(-6), ..of(Rat::Umts) };
    assert_eq!(info.umts, Some(umts));
    let lte = Signal {
        rssi_dbm: Some(-59),
        rsrp_dbm: Some(-88),
        rsrq_db: Some(-10),
        sinr_tenth_db: Some(126),
        ..of(Rat::Lte)
    };
    assert_eq!(info.lte, Some(lte));
    let nr = Signal {
        rsrp_dbm: Some(-96),
        rsrq_db: Some(-11),
        sinr_tenth_db: Some(185),
        ..of(Rat::Nr5g)
    };
    assert_eq!(info.nr5g, Some(nr));
    assert_eq!(info.best(), Some(nr));
    assert_eq!(indication("signal-info-indication"), {
        Indication::NasSignalInfo(nas::SignalInfo { lte: Some(lte), ..nas::SignalInfo::default() })
    });
    let Indication::NasSignalInfo(gsm) = indication("sdm845-signal-info") else { panic!() };
    assert_eq!(gsm.best().and_then(|signal| signal.rssi_dbm), Some(-92));
}

#[test]
fn signal_of_nr_that_was_not_measured_is_none() {
    let info = reply::<nas::GetSignalInfoRequest>("signal-info-no-nr").unwrap();
    assert_eq!(info.nr5g, None);
    let best = info.best().unwrap();
    assert_eq!((best.rat, best.rsrp_dbm), (Some(Rat::Lte), Some(-110)));
    assert_eq!((best.rsrq_db, best.sinr_tenth_db), (Some(-14), Some(-32)));
}

#[test]
fn the_choice_of_network_is_told() {
    let home = reply::<nas::GetHomeNetworkRequest>("home-network").unwrap();
    assert_eq!((home.plmn, home.name.as_deref()), (plmn("310026"), Some("Carrier")));
    let get = reply::<nas::GetSystemSelectionPreferenceRequest>("selection-preference").unwrap();
    assert_eq!(get.modes, Some(RatModes(0x58)));
    assert_eq!(get.selection, Some(NetworkSelection::Manual));
    assert_eq!(get.network, plmn("26201"));
}
