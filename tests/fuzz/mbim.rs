//! MBIM frames, alone and out of a stream in pieces, and every information buffer that is read,
//! each read from the same bytes.

use super::source::Source;
use ltewan::manager::discovery;
use ltewan::wire::mbim::basic_connect::{
    ConnectQuery, ConnectSet, DeviceCapsQuery, DeviceServicesQuery, HomeProviderQuery,
    IpConfigurationQuery, PacketServiceAttach, PacketServiceQuery, PinListQuery, PinQuery, PinSet,
    ProvisionedContextsQuery, RadioStateQuery, RadioStateSet, RegisterStateQuery, RegisterStateSet,
    SignalStateQuery, SubscribeListSet, SubscriberReadyQuery, VisibleProvidersQuery,
};
use ltewan::wire::mbim::ms_extensions::{
    DeviceCapsV2Query, DeviceResetSet, LteAttachConfigQuery, LteAttachInfoQuery, VersionQuery,
};
use ltewan::wire::mbim::slots::{SlotInfoQuery, SlotMappingQuery, SysCapsQuery};
use ltewan::wire::mbim::{
    Body, Decoder, Indication, NitzQuery, RawMessage, Service, Status, read_reply,
};

pub(crate) fn run(bytes: &[u8]) {
    frames(bytes);
    buffer(bytes);
    let _ = discovery::max_control_transfer(bytes);
    if let Ok(message) = RawMessage::decode(bytes) {
        let _ = format!("{message:?}");
        match message.body {
            Body::CommandDone { info, .. } | Body::IndicateStatus { info, .. } => buffer(&info),
            Body::Open { .. }
            | Body::Close
            | Body::Command { .. }
            | Body::HostError(_)
            | Body::OpenDone(_)
            | Body::CloseDone(_)
            | Body::FunctionError(_) => {}
        }
    }
}

fn frames(bytes: &[u8]) {
    let mut source = Source::new(bytes);
    let size = 1 + usize::from(source.byte());
    let stream = source.rest();
    let (mut cut, mut whole) = (Decoder::new(), Decoder::new());
    let mut frames = Vec::new();
    for piece in stream.chunks(size) {
        cut.handle_input(piece);
        frames.extend(std::iter::from_fn(|| cut.poll_frame()));
    }
    for frame in &frames {
        let encoded = frame.encode().unwrap_or_default();
        assert!(stream.windows(encoded.len()).any(|window| window == encoded));
        if let Ok(message) = RawMessage::from_frame(frame) {
            let frames = message.encode_frames(64).unwrap_or_default();
            assert!(frames.iter().all(|frame| frame.len() <= 64));
        }
    }
    whole.handle_input(stream);
    let of_whole: usize = std::iter::from_fn(|| whole.poll_frame()).count();
    assert!(of_whole <= stream.len() / 12 && frames.len() <= stream.len() / 12);
    assert!(cut.skipped_len() <= u64::try_from(stream.len()).unwrap_or(0));
}

fn buffer(info: &[u8]) {
    for cid in 0..24 {
        let _ = format!("{:?}", Indication::read(Service::BasicConnect, cid, info));
    }
    macro_rules! read {
        ($($command:ty),* $(,)?) => {$(
            for status in [Status::Success, Status::Failure] {
                let _ = format!("{:?}", read_reply::<$command>(status, info));
            }
        )*};
    }
    read!(
        ConnectQuery,
        ConnectSet,
        DeviceCapsQuery,
        DeviceServicesQuery,
        HomeProviderQuery,
        IpConfigurationQuery,
        PacketServiceAttach,
        PacketServiceQuery,
        PinListQuery,
        PinQuery,
        PinSet,
        ProvisionedContextsQuery,
        RadioStateQuery,
        RadioStateSet,
        RegisterStateQuery,
        RegisterStateSet,
        SignalStateQuery,
        SubscribeListSet,
        SubscriberReadyQuery,
        VisibleProvidersQuery,
    );
    read!(
        DeviceCapsV2Query,
        SysCapsQuery,
        SlotMappingQuery,
        SlotInfoQuery,
        NitzQuery,
        DeviceResetSet,
        LteAttachConfigQuery,
        LteAttachInfoQuery,
        VersionQuery,
    );
}
