//! One QMI frame: its headers, its TLVs, and what the project's own readers make of them.

use ltewan::types::{Table, Value};
use ltewan::wire::qmi::{Indication, Request, Service, Tlvs, ctl, dms, nas, read_reply};
use ltewan::wire::qmi::{ReplyError, read_result, uim, wda, wds};
use ltewan::wire::qmux::{Kind, RawMessage};

use super::{Decoded, wire_error};

/// What a reader makes of a reply; `None` when the reply is a refusal that says no more.
type Reader = fn(Tlvs<'_>) -> Option<String>;

fn read<R: Request>(tlvs: Tlvs<'_>) -> Option<String>
where
    R::Response: core::fmt::Debug,
{
    match read_reply::<R>(tlvs) {
        Ok(response) => Some(format!("{response:?}")),
        Err(ReplyError::Malformed(error)) => Some(format!("malformed: {error}")),
        Err(ReplyError::Qmi(_)) => None,
    }
}

/// The messages that the project knows, each with its name.
macro_rules! known {
    ($($request:ty => $name:literal),+ $(,)?) => {
        [$((<$request>::SERVICE, <$request>::MESSAGE, $name, read::<$request> as Reader)),+]
    };
}

fn known_message(service: Service, message: u16) -> Option<(&'static str, Reader)> {
    let all = known!(
        ctl::SyncRequest => "Sync",
        ctl::GetVersionInfoRequest => "GetVersionInfo",
        ctl::GetClientIdRequest => "GetClientId",
        ctl::ReleaseClientIdRequest => "ReleaseClientId",
        ctl::SetDataFormatRequest => "SetDataFormat",
        dms::SetEventReportRequest => "SetEventReport",
        dms::GetManufacturerRequest => "GetManufacturer",
        dms::GetModelRequest => "GetModel",
        dms::GetRevisionRequest => "GetRevision",
        dms::GetIdsRequest => "GetIds",
        dms::GetOperatingModeRequest => "GetOperatingMode",
        dms::SetOperatingModeRequest => "SetOperatingMode",
        dms::UimGetIccidRequest => "UimGetIccid",
        dms::UimGetImsiRequest => "UimGetImsi",
        dms::UimGetPinStatusRequest => "UimGetPinStatus",
        dms::UimVerifyPinRequest => "UimVerifyPin",
        dms::UimSetPinProtectionRequest => "UimSetPinProtection",
        dms::UimUnblockPinRequest => "UimUnblockPin",
        dms::UimChangePinRequest => "UimChangePin",
        nas::RegisterIndicationsRequest => "RegisterIndications",
        nas::InitiateNetworkRegisterRequest => "InitiateNetworkRegister",
        nas::AttachDetachRequest => "AttachDetach",
        nas::GetServingSystemRequest => "GetServingSystem",
        nas::GetHomeNetworkRequest => "GetHomeNetwork",
        nas::SetSystemSelectionPreferenceRequest => "SetSystemSelectionPreference",
        nas::GetSystemSelectionPreferenceRequest => "GetSystemSelectionPreference",
        nas::GetSystemInfoRequest => "GetSystemInfo",
        nas::GetSignalInfoRequest => "GetSignalInfo",
        nas::ConfigSignalInfoRequest => "ConfigSignalInfo",
        uim::ReadTransparentRequest => "ReadTransparent",
        uim::SetPinProtectionRequest => "SetPinProtection",
        uim::VerifyPinRequest => "VerifyPin",
        uim::UnblockPinRequest => "UnblockPin",
        uim::ChangePinRequest => "ChangePin",
        uim::RegisterEventsRequest => "RegisterEvents",
        uim::GetCardStatusRequest => "GetCardStatus",
        uim::PowerOffSimRequest => "PowerOffSim",
        uim::PowerOnSimRequest => "PowerOnSim",
        uim::ChangeProvisioningSessionRequest => "ChangeProvisioningSession",
        wda::SetDataFormatRequest => "SetDataFormat",
        wda::GetDataFormatRequest => "GetDataFormat",
        wds::StartNetworkRequest => "StartNetwork",
        wds::StopNetworkRequest => "StopNetwork",
        wds::GetPacketServiceStatusRequest => "GetPacketServiceStatus",
        wds::GetChannelRatesRequest => "GetChannelRates",
        wds::GetPacketStatisticsRequest => "GetPacketStatistics",
        wds::CreateProfileRequest => "CreateProfile",
        wds::ModifyProfileRequest => "ModifyProfile",
        wds::DeleteProfileRequest => "DeleteProfile",
        wds::GetProfileListRequest => "GetProfileList",
        wds::GetProfileSettingsRequest => "GetProfileSettings",
        wds::GetCurrentSettingsRequest => "GetCurrentSettings",
        wds::GetAutoconnectRequest => "GetAutoconnect",
        wds::GetDefaultProfileNumberRequest => "GetDefaultProfileNumber",
        wds::SetIpFamilyRequest => "SetIpFamily",
        wds::SetAutoconnectRequest => "SetAutoconnect",
        wds::BindMuxDataPortRequest => "BindMuxDataPort",
    );
    let found = all.into_iter().find(|(of, number, ..)| (*of, *number) == (service, message));
    found.map(|(_, _, name, reader)| (name, reader))
}

/// What an indication says; `None` when it is not known.
fn read_indication(message: &RawMessage) -> Option<String> {
    let (service, number, tlvs) = (message.service, message.message, message.tlvs());
    if (service, number) == (Service::Nas, nas::SystemInfo::INDICATION_MESSAGE) {
        return Some(format!("{:?}", nas::SystemInfo::read_indication(tlvs)));
    }
    match Indication::read(service, number, tlvs) {
        Ok(indication) => indication.map(|indication| format!("{indication:?}")),
        Err(error) => Some(format!("malformed: {error}")),
    }
}

/// Exactly one frame.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let message = RawMessage::decode(bytes).map_err(|error| {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        wire_error(error).with("length", length)
    })?;
    let kind = match message.kind() {
        Kind::Request => "request",
        Kind::Response => "response",
        Kind::Indication => "indication",
    };
    let mut table = Table::new()
        .with("from", if message.control == 0 { "host" } else { "modem" })
        .with("service", format!("{:?}", message.service))
        .with("client", u64::from(message.client))
        .with("kind", kind)
        .with("transaction", u64::from(message.transaction))
        .with("message", format!("0x{:04x}", message.message));
    let known = known_message(message.service, message.message);
    match message.kind() {
        Kind::Request => table.put_some("name", known.map(|(name, _)| name)),
        Kind::Response => {
            table.put_some("name", known.map(|(name, _)| name));
            table.put("result", result(message.tlvs()));
            table.put_some("fields", known.and_then(|(_, reader)| reader(message.tlvs())));
        }
        Kind::Indication => table.put_some("fields", read_indication(&message)),
    }
    let tlvs: Vec<Value> = message
        .tlvs()
        .iter()
        .map(|tlv| {
            let value: String = tlv.value.iter().map(|byte| format!("{byte:02x}")).collect();
            Table::new().with("type", format!("0x{:02x}", tlv.kind)).with("value", value).into()
        })
        .collect();
    table.put("tlvs", tlvs);
    if let Err(error) = message.tlvs().check() {
        table.put("rest", format!("the TLVs end early: {error}"));
    }
    Ok(table)
}

fn result(tlvs: Tlvs<'_>) -> String {
    match read_result(tlvs) {
        Ok(Ok(())) => "success".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => format!("malformed: {error}"),
    }
}
