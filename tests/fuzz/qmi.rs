//! The TLVs of every QMI message that is read, each read from the same bytes.

use ltewan::wire::qmi::{
    Indication, Request, Service, Tlvs, ctl, dms, nas, read_reply, uim, wda, wds,
};

/// Every indication, by service and message; some that are none are among them.
const INDICATIONS: &[(Service, u16)] = &[
    (Service::Ctl, ctl::SyncIndication::MESSAGE),
    (Service::Ctl, ctl::RevokeClientIdIndication::MESSAGE),
    (Service::Wds, wds::PacketServiceStatusIndication::MESSAGE),
    (Service::Dms, dms::EventReportIndication::MESSAGE),
    (Service::Nas, nas::ServingSystem::MESSAGE),
    (Service::Nas, 0x0051),
    (Service::Nas, 0x0002),
    (Service::Uim, uim::CardStatusIndication::MESSAGE),
    (Service::Wda, 0x0001),
];

macro_rules! read {
    ($tlvs:ident: $($request:ty),* $(,)?) => {$(
        let _ = <$request as Request>::read($tlvs).is_ok();
        let _ = read_reply::<$request>($tlvs).is_ok();
    )*};
}

pub(crate) fn run(bytes: &[u8]) {
    let tlvs = Tlvs::new(bytes);
    let _ = tlvs.check();
    for (service, message) in INDICATIONS {
        let _ = format!("{:?}", Indication::read(*service, *message, tlvs));
    }
    read!(
        tlvs:
        ctl::SyncRequest,
        ctl::GetVersionInfoRequest,
        ctl::GetClientIdRequest,
        ctl::ReleaseClientIdRequest,
        ctl::SetDataFormatRequest,
        dms::GetManufacturerRequest,
        dms::GetModelRequest,
        dms::GetRevisionRequest,
        dms::GetIdsRequest,
        dms::GetOperatingModeRequest,
        dms::SetOperatingModeRequest,
        dms::SetEventReportRequest,
        dms::UimGetPinStatusRequest,
        dms::UimVerifyPinRequest,
        dms::UimSetPinProtectionRequest,
        dms::UimUnblockPinRequest,
        dms::UimChangePinRequest,
        dms::UimGetIccidRequest,
        dms::UimGetImsiRequest,
        nas::GetSystemInfoRequest,
        nas::GetSignalInfoRequest,
        nas::GetLteCphyCaInfoRequest,
        nas::GetCellLocationInfoRequest,
        nas::NetworkScanRequest,
        dms::GetBandCapabilitiesRequest,
        nas::SetSystemSelectionPreferenceRequest,
        nas::GetServingSystemRequest,
        nas::RegisterIndicationsRequest,
        uim::ReadTransparentRequest,
        uim::GetCardStatusRequest,
        uim::GetSlotStatusRequest,
        nas::GetNetworkTimeRequest,
        uim::RegisterEventsRequest,
        uim::ChangeProvisioningSessionRequest,
        uim::PowerOffSimRequest,
        uim::PowerOnSimRequest,
        uim::VerifyPinRequest,
        uim::UnblockPinRequest,
        uim::ChangePinRequest,
        uim::SetPinProtectionRequest,
        wda::GetDataFormatRequest,
        wda::SetDataFormatRequest,
    );
    of_wds(tlvs);
    let _ = (uim::iccid_from_ef(bytes), uim::imsi_from_ef(bytes));
}

fn of_wds(tlvs: Tlvs<'_>) {
    read!(
        tlvs:
        wds::GetProfileListRequest,
        wds::GetProfileSettingsRequest,
        wds::ModifyProfileRequest,
        wds::CreateProfileRequest,
        wds::DeleteProfileRequest,
        wds::GetDefaultProfileNumberRequest,
        wds::GetPacketStatisticsRequest,
        wds::GetChannelRatesRequest,
        wds::StartNetworkRequest,
        wds::StopNetworkRequest,
        wds::GetPacketServiceStatusRequest,
        wds::SetIpFamilyRequest,
        wds::BindMuxDataPortRequest,
        wds::GetAutoconnectRequest,
        wds::SetAutoconnectRequest,
        wds::GetCurrentSettingsRequest,
    );
}
