use super::basic_connect::{
    ConnectSet, DeviceServicesQuery, IpConfigurationQuery, PinOperation, PinSet, PinType,
    ProvisionedContextsQuery, Session, SignalState, SubscriberReadyQuery, VisibleProvidersQuery,
    cid,
};
use super::*;
use crate::types::{Apn, IpConfig, Rat, Secret};
use core::net::Ipv4Addr;

fn numbers(fields: &[u32]) -> Vec<u8> {
    fields.iter().flat_map(|field| field.to_le_bytes()).collect()
}

#[test]
fn every_kind_of_message_encodes_to_what_it_was_decoded_from() {
    let service = Service::Other([7; 16]);
    let info = vec![1, 2, 3];
    for body in [
        Body::Open { max_control_transfer: 4096 },
        Body::Close,
        Body::Command { service, cid: 9, kind: CommandKind::from_code(5), info: info.clone() },
        Body::HostError(ProtocolError::Cancel),
        Body::OpenDone(Status::Success),
        Body::CloseDone(Status::from_code(0x8743_0001)),
        Body::CommandDone { service, cid: 9, status: Status::Failure, info: info.clone() },
        Body::FunctionError(ProtocolError::from_code(99)),
        Body::IndicateStatus { service, cid: 9, info },
    ] {
        let message = RawMessage { transaction: 0x0102_0304, body };
        let bytes = message.encode().unwrap();
        assert_eq!(RawMessage::decode(&bytes), Ok(message.clone()));
        for len in 0..bytes.len() {
            assert!(RawMessage::decode(&bytes[..len]).is_err(), "{message:?} cut to {len}");
        }
        for max in [0, 64, 70, 4096] {
            let frames = message.encode_frames(max).unwrap();
            assert!(frames.iter().all(|frame| frame.len() <= max.max(64)));
            assert!(frames.iter().all(|frame| Frame::decode(frame).is_ok()));
        }
    }
}

#[test]
fn the_signal_of_both_versions_is_read_whatever_is_cut_off() {
    // The layout is that of libmbim's mbim-service-ms-basic-connect-v2.json: LTE at -92 dBm and
    // 12.5 dB, NR with a power that is not known, in a list of two.
    let list = [2, 65, 72, 0, 0, 0x20, u32::MAX, 128, 0, 0, 0x40];
    let head = [20, 99, 30, 0, 0];
    let v2 = numbers(&[&head[..], &[28, 44], &list[..]].concat());
    let read = |bytes: &[u8]| SignalState::read(&mut Info::new(bytes));
    let signal = read(&v2).unwrap();
    let lte = signal.signal(Some(Rat::Lte));
    assert_eq!((lte.rssi_dbm, lte.rsrp_dbm, lte.sinr_tenth_db), (Some(-73), Some(-92), Some(125)));
    let nr = signal.signal(Some(Rat::Nr5g));
    assert_eq!((nr.rsrp_dbm, nr.sinr_tenth_db), (None, None));
    let v1 = read(&numbers(&head)).unwrap();
    assert_eq!(v1.signal(Some(Rat::Lte)).rsrp_dbm, None);
    for len in 8..v2.len() {
        let _ = read(&v2[..len]);
    }
    // Without anything to tell there is no list, and what is in one may be anything.
    assert_eq!(read(&numbers(&[&head[..], &[0, 0]].concat())).unwrap().levels, [None; 2]);
    assert!(read(&numbers(&[&head[..], &[28, 4, u32::MAX]].concat())).is_err());
}

#[test]
fn lengths_that_contradict_each_other_are_refused() {
    let service = Service::BasicConnect;
    let body = Body::IndicateStatus { service, cid: 1, info: vec![0; 8] };
    let good = RawMessage { transaction: 0, body }.encode().unwrap();
    let with = |at: usize, value: u32| {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        RawMessage::decode(&bytes)
    };
    assert_eq!(with(0, 5), Err(Error::bad_value(&"message type")));
    assert_eq!(with(4, 19), Err(Error::BadLength));
    assert_eq!(with(4, u32::MAX), Err(Error::TooLarge));
    assert_eq!(with(12, 0), Err(Error::bad_value(&"fragment")));
    assert_eq!(with(16, 1), Err(Error::bad_value(&"fragment")));
    assert_eq!(with(40, 9), Err(Error::BadLength));
    assert_eq!(with(40, u32::MAX), Err(Error::BadLength));
    assert_eq!(with(40, 4), Err(Error::BadLength));
    assert!(with(40, 5).is_ok(), "up to three bytes pad a buffer");
}

#[test]
fn references_out_of_the_buffer_are_refused() {
    let ready = |offset, len| {
        let info = numbers(&[1, offset, len, 0, 0, 0, 0]);
        SubscriberReadyQuery::read(Info::new(&info))
    };
    assert!(ready(0, 0).is_ok());
    assert!(ready(24, 4).is_ok());
    assert!(ready(99, 0).is_ok(), "nothing is nowhere");
    for (offset, len) in [(25, 4), (28, 1), (u32::MAX, u32::MAX), (u32::MAX, 1), (0, u32::MAX)] {
        assert_eq!(ready(offset, len), Err(Error::BadLength), "{offset} {len}");
    }
}

#[test]
fn lists_cannot_take_more_than_their_maxima() {
    // Every element refers to the same bytes, and there are to be four thousand million.
    let mut info = numbers(&[u32::MAX]);
    for _ in 0..1000 {
        info.extend(numbers(&[4, 64]));
    }
    let providers = VisibleProvidersQuery::read(Info::new(&info));
    assert!(providers.is_err() || providers.unwrap().len() <= MAX_ELEMENTS);
    let contexts = ProvisionedContextsQuery::read(Info::new(&info));
    assert!(contexts.is_err() || contexts.unwrap().len() <= MAX_ELEMENTS);
    assert_eq!(DeviceServicesQuery::read(Info::new(&numbers(&[9, 0]))), Err(Error::Truncated));
    let long = [numbers(&[8, 2000]), vec![b'a'; 2000]].concat();
    assert_eq!(Info::new(&long).text(), Err(Error::TooLarge));
}

#[test]
fn addresses_count_only_where_they_are_said_to_be_there() {
    let fields = |available: u32| {
        let fixed = [0, available, 0, 1, 60, 0, 0, 68, 0, 1, 72, 0, 0, 100, 0];
        let mut info = numbers(&fixed);
        info.extend(numbers(&[30]));
        info.extend([10, 1, 2, 3, 10, 1, 2, 4, 10, 1, 2, 5]);
        info
    };
    let all = IpConfigurationQuery::read(Info::new(&fields(0xF))).unwrap();
    assert_eq!(all.v4_addresses, [(Ipv4Addr::new(10, 1, 2, 3), 30)]);
    assert_eq!(all.v4_gateway, Some(Ipv4Addr::new(10, 1, 2, 4)));
    assert_eq!(all.v4_dns, [Ipv4Addr::new(10, 1, 2, 5)]);
    assert_eq!((all.v4_mtu, all.config().mtu), (Some(100), None), "100 is no MTU");
    let none = IpConfigurationQuery::read(Info::new(&fields(0))).unwrap();
    assert_eq!(none.config(), IpConfig::default());
    assert_eq!((none.v4_gateway, none.v4_mtu), (None, None));
}

#[test]
fn texts_lie_behind_the_fields_each_at_a_multiple_of_four() {
    let session = Session {
        apn: Apn::new("abc").unwrap(),
        username: Some("me".into()),
        password: Some(Secret::new("x")),
        ..Session::default()
    };
    let info = ConnectSet { session: 1, activate: Some(session) }.info().unwrap();
    let mut reader = Info::new(&info);
    assert_eq!((reader.u32(), reader.u32()), (Ok(1), Ok(1)));
    assert_eq!(info[8..24], numbers(&[60, 6, 68, 4]));
    for text in ["abc", "me", "x"] {
        assert_eq!(reader.text().as_deref(), Ok(text));
    }
    assert_eq!(info.len(), 60 + 8 + 4 + 4);
}

#[test]
fn a_message_printed_for_a_log_shows_no_pin() {
    let pin = PinSet {
        kind: PinType::Pin1,
        operation: PinOperation::Enter,
        pin: Secret::new("4711"),
        new_pin: None,
    };
    let info = pin.info().unwrap();
    let (service, kind) = (Service::BasicConnect, CommandKind::Set);
    let body = Body::Command { service, cid: cid::PIN, kind, info };
    let shown = format!("{:?} {pin:?}", RawMessage { transaction: 3, body });
    assert!(shown.contains("Command BasicConnect/4 Set :32"), "{shown}");
    assert!(!shown.contains("4711") && !shown.contains("52, 0"), "{shown}");
}

#[test]
fn a_stream_is_found_again_after_garbage() {
    let message = RawMessage { transaction: 5, body: Body::CloseDone(Status::Success) };
    let frame = message.encode().unwrap();
    let mut decoder = Decoder::new();
    for piece in
        [&b"\x07\x00\x00"[..], &frame[..5], &frame[5..], &[3, 0, 0, 0x80, 0, 0, 0, 0], &frame]
    {
        decoder.handle_input(piece);
    }
    let found = core::iter::from_fn(|| decoder.poll_frame()).count();
    assert_eq!(found, 2);
    assert_eq!(decoder.skipped_len(), 3 + 8);
}
