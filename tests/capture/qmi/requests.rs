//! Our requests against the same ones of libqmi and uqmi.

use super::message;
use ltewan::types::{Apn, AuthMethod, IpFamily, Plmn, Rat, Secret};
use ltewan::wire::qmi::uim::{EF_ICCID, EF_IMSI, PinId, ReadTransparentRequest, Session};
use ltewan::wire::qmi::uim::{SessionType, VerifyPinRequest};
use ltewan::wire::qmi::wda::{Aggregation, Endpoint, EndpointType, LinkLayer};
use ltewan::wire::qmi::{Request, Service, Tlvs, ctl, dms, nas, uim, wda, wds};
use ltewan::wire::qmux::RawMessage;

/// TLVs in the order of their types.
fn sorted(tlvs: Tlvs<'_>) -> Vec<(u8, Vec<u8>)> {
    let mut sorted: Vec<_> = tlvs.iter().map(|tlv| (tlv.kind, tlv.value.to_vec())).collect();
    sorted.sort();
    sorted
}

/// Our request in a frame with the captured one's client and transaction, and the captured one.
fn both<R: Request>(name: &str, request: &R) -> (RawMessage, RawMessage) {
    let theirs = message(name);
    let tlvs = request.tlvs().unwrap();
    let (client, transaction) = (theirs.client, theirs.transaction);
    (RawMessage::request(R::SERVICE, client, transaction, R::MESSAGE, tlvs), theirs)
}

fn same<R: Request>(name: &str, request: &R) {
    same_without(&[], name, request);
}

/// The same but for TLVs that only qmicli sends.
fn same_without<R: Request>(left_out: &[u8], name: &str, request: &R) {
    let (ours, theirs) = both(name, request);
    let mut expected = sorted(theirs.tlvs());
    expected.retain(|(kind, _)| !left_out.contains(kind));
    assert_eq!(sorted(ours.tlvs()), expected, "{name}");
    // What is left is the header, and the order of the TLVs.
    let bare = |message: &RawMessage| RawMessage { tlvs: Vec::new(), ..message.clone() };
    assert_eq!(bare(&ours).encode(), bare(&theirs).encode(), "{name}");
    if theirs.tlvs().iter().count() < 2 {
        assert_eq!(ours.encode(), theirs.encode(), "{name}");
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn apn(text: &str) -> Option<Apn> {
    Some(Apn::new(text).unwrap())
}

fn endpoint() -> Option<Endpoint> {
    Some(Endpoint { kind: EndpointType::Hsusb, interface: 4 })
}

#[test]
fn control_requests_are_those_of_libqmi_and_uqmi() {
    same("ctl-sync", &ctl::SyncRequest);
    same("get-service-version-info", &ctl::GetVersionInfoRequest);
    same("uqmi-get-client-id", &ctl::GetClientIdRequest { service: Service::Wda });
    let client = ctl::ClientId { service: Service::Wda, client: 1 };
    same("uqmi-release-client-id", &ctl::ReleaseClientIdRequest { client });
}

#[test]
fn calls_are_started_and_stopped_as_libqmi_does() {
    let dial = wds::StartNetworkRequest { apn: apn("internet"), ..Default::default() };
    same(
        "wds-start-network=apn=internet,ip-type=4,auth=BOTH,username=joe,password=secret",
        &wds::StartNetworkRequest {
            auth: Some(AuthMethod::Both),
            username: Some("joe".into()),
            password: Some(secret("secret")),
            ip_family: Some(IpFamily::V4),
            ..dial.clone()
        },
    );
    same(
        "wds-start-network=apn=internet,ip-type=6",
        &wds::StartNetworkRequest { ip_family: Some(IpFamily::V6), ..dial },
    );
    // 0x19 with 8, unspecified, is what qmicli sends when it is told no family.
    same_without(
        &[0x19],
        "wds-start-network=3gpp-profile=1,apn=ims,autoconnect=yes",
        &wds::StartNetworkRequest {
            apn: apn("ims"),
            profile_3gpp: Some(1),
            autoconnect: Some(true),
            ..Default::default()
        },
    );
    for (auth, name) in [(AuthMethod::Pap, "PAP"), (AuthMethod::Chap, "CHAP")] {
        same_without(
            &[0x19],
            &format!("wds-start-network=apn=a,auth={name},username=u,password=p"),
            &wds::StartNetworkRequest {
                apn: apn("a"),
                auth: Some(auth),
                username: Some("u".into()),
                password: Some(secret("p")),
                ..Default::default()
            },
        );
    }
    let handle = wds::PacketDataHandle(3_735_928_559);
    let stop = wds::StopNetworkRequest { handle, disable_autoconnect: false };
    same("wds-stop-network=3735928559", &stop);
    let handle = wds::PacketDataHandle::ALL;
    let stop = wds::StopNetworkRequest { handle, disable_autoconnect: true };
    same("wds-stop-network=disable-autoconnect", &stop);
}

#[test]
fn calls_are_asked_about_as_libqmi_does() {
    same("wds-set-ip-family=4", &wds::SetIpFamilyRequest { family: IpFamily::V4 });
    same("wds-set-ip-family=6", &wds::SetIpFamilyRequest { family: IpFamily::V6 });
    let requested = wds::RequestedSettings(0xE330);
    same("wds-get-current-settings", &wds::GetCurrentSettingsRequest { requested });
    same("wds-get-packet-service-status", &wds::GetPacketServiceStatusRequest);
    same("wds-get-channel-rates", &wds::GetChannelRatesRequest);
    let (ours, theirs) = both("wds-get-packet-statistics", &wds::GetPacketStatisticsRequest);
    // libqmi asks for the overflows as well, bits 4 and 5.
    let mask = |message: &RawMessage| message.tlvs().get(0x01).unwrap().u32().unwrap();
    assert_eq!(mask(&ours) | 0x30, mask(&theirs));
}

#[test]
fn profiles_and_the_modems_own_dialling_are_asked_for_as_libqmi_does() {
    let kind = wds::ProfileType::ThreeGpp;
    same("wds-get-profile-list=3gpp", &wds::GetProfileListRequest { kind });
    same("wds-get-default-profile-number=3gpp", &wds::GetDefaultProfileNumberRequest);
    let fields = wds::ProfileFields {
        apn: apn("internet"),
        username: Some("u".into()),
        password: Some(secret("p")),
        ..Default::default()
    };
    let name = "wds-create-profile=3gpp,name=one,apn=internet,pdp-type=IPV4V6,auth=PAP,\
                username=u,password=p";
    let created = wds::ProfileFields {
        name: Some("one".into()),
        pdp_type: Some(wds::PdpType::Ipv4v6),
        auth: Some(AuthMethod::Pap),
        ..fields.clone()
    };
    same(name, &wds::CreateProfileRequest { kind, fields: created });
    let name = "wds-modify-profile=3gpp,2,apn=internet,pdp-type=IP,auth=NONE,\
                username=u,password=p";
    let modified = wds::ProfileFields {
        pdp_type: Some(wds::PdpType::Ipv4),
        auth: Some(AuthMethod::None),
        ..fields
    };
    let id = wds::ProfileId::three_gpp(2);
    same(name, &wds::ModifyProfileRequest { id, fields: modified });
    let id = wds::ProfileId::three_gpp(3);
    same("wds-delete-profile=3gpp,3", &wds::DeleteProfileRequest { id });
    same("wds-get-autoconnect-settings", &wds::GetAutoconnectRequest);
    let status = wds::Autoconnect::Enabled;
    let set = wds::SetAutoconnectRequest { status, home_only: Some(true) };
    same("wds-set-autoconnect-settings=enabled,home-only", &set);
    let status = wds::Autoconnect::Disabled;
    let set = wds::SetAutoconnectRequest { status, home_only: None };
    same("wds-set-autoconnect-settings=disabled", &set);
    let bind = wds::BindMuxDataPortRequest { endpoint: endpoint().unwrap(), mux_id: 1 };
    same("wds-bind-mux-data-port=mux-id=1,ep-type=hsusb,ep-iface-number=4", &bind);
}

#[test]
fn pins_are_sent_as_libqmi_sends_them() {
    let session = Session::CARD_SLOT_1;
    let (pin_id, pin) = (PinId::Pin1, secret("1234"));
    let verify = VerifyPinRequest { session: session.clone(), pin_id, pin: pin.clone() };
    same("uim-verify-pin=PIN1,1234", &verify);
    let (puk, new_pin) = (secret("12345678"), secret("4321"));
    let unblock = uim::UnblockPinRequest {
        session: session.clone(),
        pin_id,
        puk: puk.clone(),
        new_pin: new_pin.clone(),
    };
    same("uim-unblock-pin=PIN1,12345678,4321", &unblock);
    let change = uim::ChangePinRequest {
        session: session.clone(),
        pin_id: PinId::Pin2,
        old_pin: pin.clone(),
        new_pin: new_pin.clone(),
    };
    same("uim-change-pin=PIN2,1234,4321", &change);
    let protect =
        uim::SetPinProtectionRequest { session, pin_id, enabled: false, pin: pin.clone() };
    same("uim-set-pin-protection=PIN1,disable,1234", &protect);

    let verify = dms::UimVerifyPinRequest { pin_id, pin: pin.clone() };
    same("dms-uim-verify-pin=PIN,1234", &verify);
    same("dms-uim-verify-pin/test-request", &verify);
    let unblock = dms::UimUnblockPinRequest { pin_id, puk, new_pin: new_pin.clone() };
    same("dms-uim-unblock-pin=PIN,12345678,4321", &unblock);
    let pin_2 = PinId::Pin2;
    let change = dms::UimChangePinRequest { pin_id: pin_2, old_pin: pin.clone(), new_pin };
    same("dms-uim-change-pin=PIN2,1234,4321", &change);
    let protect = dms::UimSetPinProtectionRequest { pin_id, enabled: true, pin };
    same("dms-uim-set-pin-protection=PIN,enable,1234", &protect);
}

#[test]
fn cards_are_read_as_libqmi_reads_them() {
    // qmicli reads all files for the primary application. The card itself has its number as well,
    // and before there is a primary application.
    let session = Session::PRIMARY;
    let read = ReadTransparentRequest { session, file: EF_ICCID, offset: 0, len: 0 };
    same("uim-read-transparent=0x3F00,0x2FE2", &read);
    let ours = ReadTransparentRequest { session: Session::CARD_SLOT_1, ..read.clone() };
    assert_eq!(ours, ReadTransparentRequest::iccid());
    let read = ReadTransparentRequest { file: EF_IMSI, ..read };
    same("uim-read-transparent=0x3F00,0x7FFF,0x6F07", &read);
    assert_eq!(read, ReadTransparentRequest::imsi());
    same("uim-get-card-status", &uim::GetCardStatusRequest);
    same("uim-sim-power-on=1", &uim::PowerOnSimRequest { slot: 1 });
    same("uim-sim-power-off=1", &uim::PowerOffSimRequest { slot: 1 });
    let name = "uim-change-provisioning-session=slot=1,activate=yes,\
                session-type=primary-gw-provisioning,aid=A0:00:00:00:87:10:02:FF";
    let provision = uim::ChangeProvisioningSessionRequest {
        session: SessionType::PrimaryGwProvisioning,
        activate: true,
        application: Some((1, vec![0xA0, 0, 0, 0, 0x87, 0x10, 0x02, 0xFF])),
    };
    same(name, &provision);
    let slots = uim::RegisterEventsRequest { card_status: false, slot_status: true };
    same("uim-monitor-slot-status", &slots);
}

#[test]
fn the_link_is_set_up_as_libqmi_and_uqmi_do() {
    same("wda-get-data-format", &wda::GetDataFormatRequest::default());
    same("uqmi-wda-get-data-format", &wda::GetDataFormatRequest::default());
    let get = wda::GetDataFormatRequest { endpoint: endpoint() };
    same("wda-get-data-format=ep-type=hsusb,ep-iface-number=4", &get);
    let raw_ip =
        wda::SetDataFormatRequest { link_layer: Some(LinkLayer::RawIp), ..Default::default() };
    same("wda-set-data-format=raw-ip", &raw_ip);
    let name = "wda-set-data-format=link-layer-protocol=raw-ip,ul-protocol=qmap,dl-protocol=qmap,\
                dl-datagram-max-size=16384,dl-max-datagrams=32,ep-type=hsusb,ep-iface-number=4";
    let qmap = wda::SetDataFormatRequest {
        uplink_aggregation: Some(Aggregation::Qmap),
        downlink_aggregation: Some(Aggregation::Qmap),
        downlink_max_datagrams: Some(32),
        downlink_max_len: Some(16384),
        endpoint: endpoint(),
        ..raw_ip
    };
    same(name, &qmap);
}

#[test]
fn the_device_is_asked_as_libqmi_does() {
    same("dms-get-manufacturer", &dms::GetManufacturerRequest);
    same("dms-get-model", &dms::GetModelRequest);
    same("dms-get-revision", &dms::GetRevisionRequest);
    same("dms-get-ids", &dms::GetIdsRequest);
    same("dms-get-ids/test-request", &dms::GetIdsRequest);
    same("dms-get-operating-mode", &dms::GetOperatingModeRequest);
    same("dms-uim-get-pin-status", &dms::UimGetPinStatusRequest);
    same("mc7455-uim-get-pin-status", &dms::UimGetPinStatusRequest);
    same("dms-uim-get-iccid", &dms::UimGetIccidRequest);
    same("dms-uim-get-imsi", &dms::UimGetImsiRequest);
    let modes = [
        ("dms-set-operating-mode=online", dms::SetMode::Online),
        ("sdm845-set-operating-mode", dms::SetMode::Online),
        ("dms-set-operating-mode=low-power", dms::SetMode::LowPower),
        ("dms-set-operating-mode=offline", dms::SetMode::Offline),
        ("dms-set-operating-mode=reset", dms::SetMode::Reset),
    ];
    for (name, mode) in modes {
        same(name, &dms::SetOperatingModeRequest { mode });
    }
}

#[test]
fn the_network_is_asked_as_libqmi_does() {
    same("nas-get-serving-system", &nas::GetServingSystemRequest);
    same("nas-get-system-info", &nas::GetSystemInfoRequest);
    same("nas-get-signal-info", &nas::GetSignalInfoRequest);
    same("nas-get-home-network", &nas::GetHomeNetworkRequest);
    let get = nas::GetSystemSelectionPreferenceRequest;
    same("nas-get-system-selection-preference", &get);
}

#[test]
fn a_network_is_chosen_as_libqmi_does() {
    let automatic = nas::SetSystemSelectionPreferenceRequest {
        bands: None,
        modes: None,
        network: Some(None),
        duration: nas::ChangeDuration::Permanent,
    };
    same("nas-set-system-selection-preference=automatic", &automatic);
    // qmicli leaves out 0x1A, how many digits the code has, and adds 0x19 and 0x1E, orders in which
    // to look for technologies.
    let with = |network: &str, modes| nas::SetSystemSelectionPreferenceRequest {
        bands: None,
        modes,
        network: Some(Some(Plmn::parse(network).unwrap())),
        ..automatic
    };
    let lte = Some(nas::RatModes(0x0010));
    let cases = [
        ("nas-set-system-selection-preference=manual=26201", with("26201", None), 0),
        ("nas-set-system-selection-preference=lte,manual=310410", with("310410", lte), 1),
    ];
    for (name, request, three_digits) in cases {
        let (ours, theirs) = both(name, &request);
        let mut expected = sorted(theirs.tlvs());
        expected.retain(|(kind, _)| ![0x19, 0x1E].contains(kind));
        expected.push((0x1A, vec![three_digits]));
        assert_eq!(sorted(ours.tlvs()), expected, "{name}");
    }
    let modes = nas::SetSystemSelectionPreferenceRequest { network: None, ..with("26201", lte) };
    same_without(&[0x19, 0x1E], "nas-set-system-selection-preference=lte", &modes);
    let bits = nas::RatModes::of(&[Rat::Umts, Rat::Lte, Rat::Nr5g]);
    // TD-SCDMA, bit 5, is UMTS to us.
    assert_eq!(bits.0, 0x58 | 0x20);
    let name = "nas-set-system-selection-preference=umts|lte|5gnr";
    let modes =
        nas::SetSystemSelectionPreferenceRequest { modes: Some(nas::RatModes(0x58)), ..modes };
    same_without(&[0x19, 0x1E], name, &modes);
}

#[test]
fn indications_are_registered_for_with_the_tlvs_that_others_use() {
    let theirs = message("sdm845-register-indications");
    let wishes = nas::RegisterIndicationsRequest {
        network_time: None,
        serving_system: Some(true),
        system_info: Some(false),
        signal_info: Some(true),
    };
    let ours = wishes.tlvs().unwrap();
    let theirs = sorted(theirs.tlvs());
    for tlv in sorted(Tlvs::new(&ours)) {
        assert!(theirs.contains(&tlv), "{tlv:?}");
    }
}
