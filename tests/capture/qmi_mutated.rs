//! Captured QMI frames, damaged at random from a seed, through everything that reads them: nothing
//! may panic, hang, or grow without bound. `LTEWAN_SEED` and `LTEWAN_CASES` choose another run.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::chance::{Chance, setting};
use ltewan::port::qmi::{MAX_INDICATIONS, MAX_LATE, QmiPort};
use ltewan::time::{Duration, Instant};
use ltewan::wire::qmi::{Indication, Service, Tlvs, nas, read_reply, uim, wda, wds};
use ltewan::wire::qmi::{ctl, dms};
use ltewan::wire::qmux::{Decoder, MAX_FRAME_LEN, RawMessage};

fn damage(chance: &mut Chance, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    for _ in 0..=chance.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = chance.below(bytes.len());
        match chance.below(7) {
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => bytes[at] = chance.byte(),
            2 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][chance.below(5)],
            3 => bytes.truncate(at),
            4 => bytes.insert(at, chance.byte()),
            5 => drop(bytes.remove(at)),
            _ => {
                let other = &others[chance.below(others.len())];
                bytes.truncate(at);
                bytes.extend(other.get(at..).unwrap_or_default());
            }
        }
    }
}

/// Sets the two lengths of a frame right, so that the damage reaches what is inside.
fn mend_lengths(bytes: &mut [u8]) {
    let Ok(len) = u16::try_from(bytes.len()) else { return };
    let tlvs_at = if bytes.get(4) == Some(&0) { 12 } else { 13 };
    if bytes.len() < tlvs_at {
        return;
    }
    bytes[0] = 1;
    bytes[1..3].copy_from_slice(&(len - 1).to_le_bytes());
    let tlvs_len = len - u16::try_from(tlvs_at).unwrap();
    bytes[tlvs_at - 2..tlvs_at].copy_from_slice(&tlvs_len.to_le_bytes());
}

/// Reads TLVs as the reply to each of the requests given.
macro_rules! read_as_replies {
    ($tlvs:expr, $($request:ty),+ $(,)?) => { $(let _ = read_reply::<$request>($tlvs);)+ };
}

/// Reads TLVs as every reply there is; which one it really was does not matter.
fn read_as_anything(tlvs: Tlvs<'_>) {
    read_as_replies!(
        tlvs,
        ctl::GetVersionInfoRequest,
        ctl::GetClientIdRequest,
        ctl::SetDataFormatRequest,
        dms::GetModelRequest,
        dms::GetIdsRequest,
        dms::GetOperatingModeRequest,
        dms::GetBandCapabilitiesRequest,
        nas::NetworkScanRequest,
        dms::UimGetPinStatusRequest,
        dms::UimVerifyPinRequest,
        nas::GetServingSystemRequest,
        nas::GetSystemInfoRequest,
        nas::GetSignalInfoRequest,
        nas::GetTxRxInfoRequest,
        nas::GetRfBandInfoRequest,
        nas::GetLteCphyCaInfoRequest,
        nas::GetCellLocationInfoRequest,
        nas::GetHomeNetworkRequest,
        nas::GetSystemSelectionPreferenceRequest,
        uim::GetCardStatusRequest,
        uim::ReadTransparentRequest,
        uim::RegisterEventsRequest,
        uim::VerifyPinRequest,
        wda::GetDataFormatRequest,
        wds::StartNetworkRequest,
        wds::GetPacketServiceStatusRequest,
        wds::GetCurrentSettingsRequest,
        wds::GetPacketStatisticsRequest,
        wds::GetChannelRatesRequest,
        wds::GetProfileListRequest,
        wds::GetProfileSettingsRequest,
        wds::GetAutoconnectRequest,
        wds::GetDefaultProfileNumberRequest,
    );
    let _ = nas::SystemInfo::read_indication(tlvs);
}

fn read_as_indication(message: &RawMessage) {
    for service in [message.service, Service::Ctl, Service::Wds, Service::Dms, Service::Nas] {
        for number in [message.message, 0x0001, 0x0022, 0x0024, 0x0027, 0x0032, 0x0051] {
            let _ = Indication::read(service, number, message.tlvs());
        }
    }
}

#[test]
fn damaged_messages_are_read_or_refused() {
    let frames = super::qmi::all_frames();
    let mut chance = Chance(setting("LTEWAN_SEED", 0x51_4D_49));
    let mut whole = 0_u32;
    let cases = setting("LTEWAN_CASES", 200_000);
    for _ in 0..cases {
        let mut bytes = frames[chance.below(frames.len())].clone();
        damage(&mut chance, &mut bytes, &frames);
        if chance.below(4) != 0 {
            mend_lengths(&mut bytes);
        }
        let Ok(message) = RawMessage::decode(&bytes) else { continue };
        assert_eq!(message.encode().unwrap(), bytes);
        read_as_anything(message.tlvs());
        if chance.below(8) == 0 {
            read_as_indication(&message);
        }
        whole += 1;
    }
    // The test is of the insides, so most of the frames must get that far.
    assert!(u64::from(whole) > cases / 3, "{whole} of {cases} were frames");
}

#[test]
fn a_damaged_stream_loses_frames_but_not_the_port() {
    let frames = super::qmi::all_frames();
    let mut chance = Chance(setting("LTEWAN_SEED", 0x51_4D_58));
    let mut decoder = Decoder::new();
    let mut port = QmiPort::new();
    let mut now = Instant::ZERO;
    let mut found = 0_u64;
    for _ in 0..setting("LTEWAN_CASES", 200_000) / 10 {
        now = now + Duration::from_millis(1);
        let mut bytes = frames[chance.below(frames.len())].clone();
        if chance.below(3) == 0 {
            damage(&mut chance, &mut bytes, &frames);
        }
        decoder.handle_input(&bytes);
        while decoder.poll_message().is_some() {
            found += 1;
        }
        port.handle_input(now, &bytes);
        if chance.below(16) == 0 {
            let (request, timeout) = (dms::GetModelRequest, Duration::from_millis(20));
            let id = port.send(now, 1, &request, timeout);
            if chance.below(2) == 0 {
                port.cancel(id);
            }
        }
        while port.poll_transmit().is_some() {}
    }
    assert!(found > 10_000, "{found}");
    let indications = core::iter::from_fn(|| port.poll_indication()).count();
    let late = core::iter::from_fn(|| port.poll_late_reply()).count();
    assert!(indications <= MAX_INDICATIONS && late <= MAX_LATE);

    // A false start may wait for at most one frame's bytes; the next good frames come through.
    for _ in 0..MAX_FRAME_LEN / 64 + 2 {
        decoder.handle_input(&[0; 64]);
    }
    while decoder.poll_message().is_some() {}
    let reply = frames.iter().find(|frame| frame[3] == 0x80).unwrap();
    decoder.handle_input(reply);
    let message = decoder.poll_message().unwrap();
    assert_eq!(message.encode().unwrap(), *reply);
}
