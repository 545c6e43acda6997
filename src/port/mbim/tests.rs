use super::*;
use crate::types::{Apn, Secret};
use crate::wire::mbim::basic_connect::{
    ConnectSet, PinOperation, PinSet, PinType, RadioStateQuery, Session, SignalStateQuery, cid,
};
use crate::wire::mbim::{CommandKind, Fragment, Frame, MAX_MESSAGE_LEN, MIN_CONTROL_TRANSFER};

const TIMEOUT: Duration = Duration::from_secs(2);

fn port() -> MbimPort {
    MbimPort::new(DEFAULT_CONTROL_TRANSFER)
}

fn ms(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// What was sent, put together.
fn sent(port: &mut MbimPort) -> RawMessage {
    RawMessage::decode(&port.poll_transmit().unwrap()).unwrap()
}

fn done(transaction: u32, cid: u32, status: Status, info: &[u8]) -> RawMessage {
    let service = Service::BasicConnect;
    let body = Body::CommandDone { service, cid, status, info: info.to_vec() };
    RawMessage { transaction, body }
}

fn radio_on() -> Vec<u8> {
    [1_u32, 1].iter().flat_map(|field| field.to_le_bytes()).collect()
}

fn give(port: &mut MbimPort, now: Instant, message: &RawMessage) {
    port.handle_input(now, &message.encode().unwrap());
}

#[test]
fn a_command_is_sent_and_its_reply_is_read() {
    let mut port = port();
    let id = port.send(ms(0), &RadioStateQuery, TIMEOUT);
    let request = sent(&mut port);
    assert_eq!(request.transaction, 1);
    assert_eq!(port.take_response::<RadioStateQuery>(id), None);
    assert_eq!(port.poll_timeout(), Some(ms(2000)));
    give(&mut port, ms(10), &done(1, cid::RADIO_STATE, Status::Success, &radio_on()));
    let radio = port.take_response::<RadioStateQuery>(id).unwrap().unwrap();
    assert!(radio.hardware_on && radio.software_on);
    assert_eq!(port.take_response::<RadioStateQuery>(id), None, "a reply is taken once");
    assert_eq!((port.poll_timeout(), port.requests_sent()), (None, 1));
}

#[test]
fn only_the_same_command_and_transaction_answer() {
    let mut port = port();
    let id = port.send(ms(0), &RadioStateQuery, TIMEOUT);
    for stranger in [
        done(2, cid::RADIO_STATE, Status::Success, &radio_on()),
        done(1, cid::PIN, Status::Success, &radio_on()),
        RawMessage { transaction: 1, body: Body::OpenDone(Status::Success) },
    ] {
        give(&mut port, ms(1), &stranger);
    }
    assert_eq!(port.take_reply(id), None);
    assert_eq!(port.dropped(), 3);
    port.handle_timeout(ms(2000));
    assert_eq!(port.take_reply(id), Some(Err(RequestError::Timeout)));
    give(&mut port, ms(2001), &done(1, cid::RADIO_STATE, Status::Success, &radio_on()));
    assert_eq!(port.dropped(), 4, "a late reply is nobody's");
}

#[test]
fn refusals_keep_the_modems_own_code() {
    let mut port = port();
    let id = port.send(ms(0), &SignalStateQuery, TIMEOUT);
    give(&mut port, ms(1), &done(1, cid::SIGNAL_STATE, Status::NoDeviceSupport, &[]));
    let refusal = port.take_response::<SignalStateQuery>(id);
    assert_eq!(refusal, Some(Err(RequestError::Mbim(Status::NoDeviceSupport))));

    let (kind, operation) = (PinType::Pin1, PinOperation::Enter);
    let pin = PinSet { kind, operation, pin: Secret::new("1111"), new_pin: None };
    let id = port.send(ms(2), &pin, TIMEOUT);
    let info: Vec<u8> = [2_u32, 1, 2].iter().flat_map(|field| field.to_le_bytes()).collect();
    give(&mut port, ms(3), &done(2, cid::PIN, Status::Failure, &info));
    let outcome = port.take_response::<PinSet>(id).unwrap().unwrap();
    assert_eq!(outcome.status, Status::Failure);
    assert_eq!(outcome.info.unwrap().attempts_left, Some(2));
}

#[test]
fn the_function_is_opened_with_what_it_takes_in_one_frame() {
    let mut port = MbimPort::new(512);
    let id = port.open(ms(0), TIMEOUT);
    assert_eq!(sent(&mut port).body, Body::Open { max_control_transfer: 512 });
    let open = RawMessage { transaction: 1, body: Body::OpenDone(Status::Busy) };
    give(&mut port, ms(1), &open);
    assert_eq!(port.take_reply(id).unwrap().unwrap().status, Status::Busy);
    let id = port.close_function(ms(2), TIMEOUT);
    assert_eq!(sent(&mut port).body, Body::Close);
    let error = RawMessage { transaction: 2, body: Body::FunctionError(ProtocolError::NotOpened) };
    give(&mut port, ms(3), &error);
    assert_eq!(port.take_reply(id), Some(Err(RequestError::Protocol(ProtocolError::NotOpened))));
    give(&mut port, ms(4), &error);
    assert_eq!(port.poll_event(), Some(Event::FunctionError(ProtocolError::NotOpened)));
}

#[test]
fn a_long_command_goes_in_fragments_that_fit() {
    let max = u16::try_from(MIN_CONTROL_TRANSFER).unwrap();
    let mut port = MbimPort::new(max);
    let session = Session { apn: Apn::new(&"a".repeat(100)).unwrap(), ..Session::default() };
    port.send(ms(0), &ConnectSet { session: 0, activate: Some(session) }, TIMEOUT);
    let frames: Vec<Vec<u8>> = core::iter::from_fn(|| port.poll_transmit()).collect();
    assert!(frames.len() > 4 && frames.iter().all(|frame| frame.len() <= 64), "{}", frames.len());
    assert_eq!(port.requests_sent(), 1);
    let mut payload = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        let frame = Frame::decode(frame).unwrap();
        let total = u32::try_from(frames.len()).unwrap();
        assert_eq!(frame.fragment, Fragment { total, current: u32::try_from(at).unwrap() });
        assert_eq!(frame.transaction, 1);
        payload.extend(frame.payload);
    }
    let whole = Frame { kind: Kind::Command, transaction: 1, fragment: Fragment::WHOLE, payload };
    let message = RawMessage::from_frame(&whole).unwrap();
    let Body::Command { cid, kind, info, .. } = message.body else { panic!("{message:?}") };
    assert_eq!((cid, kind, info.len()), (cid::CONNECT, CommandKind::Set, 60 + 200));
}

/// An indication long enough for fragments of 64 bytes.
fn long_indication() -> RawMessage {
    let (service, cid) = (Service::Sms, 2);
    let body = Body::IndicateStatus { service, cid, info: (0..200).collect() };
    RawMessage { transaction: 0, body }
}

#[test]
fn fragments_become_one_message_even_among_others() {
    let mut port = port();
    let id = port.send(ms(0), &RadioStateQuery, TIMEOUT);
    let frames = long_indication().encode_frames(64).unwrap();
    assert!(frames.len() > 3);
    for (at, frame) in frames.iter().enumerate() {
        port.handle_input(ms(1), frame);
        if at == 1 {
            give(&mut port, ms(1), &done(1, cid::RADIO_STATE, Status::Success, &radio_on()));
        }
    }
    assert!(port.take_response::<RadioStateQuery>(id).unwrap().is_ok());
    let Some(Event::Indication { info, .. }) = port.poll_event() else { panic!("no indication") };
    assert_eq!(info, (0..200).collect::<Vec<u8>>());
    assert_eq!((port.dropped(), port.poll_timeout()), (0, None));
}

#[test]
fn a_fragment_out_of_order_or_too_late_is_complained_of() {
    let complaint = |port: &mut MbimPort| {
        while let Some(frame) = port.poll_transmit() {
            if let Body::HostError(error) = RawMessage::decode(&frame).unwrap().body {
                return Some(error);
            }
        }
        None
    };
    let frames = long_indication().encode_frames(64).unwrap();
    let mut port = port();
    port.handle_input(ms(0), &frames[0]);
    port.handle_input(ms(0), &frames[2]);
    assert_eq!(complaint(&mut port), Some(ProtocolError::FragmentOutOfSequence));
    port.handle_input(ms(0), &frames[1]);
    assert_eq!(complaint(&mut port), Some(ProtocolError::FragmentOutOfSequence));

    port.handle_input(ms(10), &frames[0]);
    assert_eq!(port.poll_timeout(), Some(ms(1260)));
    port.handle_timeout(ms(1260));
    assert_eq!(complaint(&mut port), Some(ProtocolError::TimeoutFragment));
    assert_eq!((port.poll_event(), port.poll_timeout()), (None, None));

    frames.iter().for_each(|frame| port.handle_input(ms(2000), frame));
    assert!(port.poll_event().is_some(), "the next one is taken");
}

#[test]
fn what_is_kept_of_fragments_is_bounded() {
    let mut port = port();
    let payload = vec![0; MAX_MESSAGE_LEN / 2];
    for current in 0..3 {
        let fragment = Fragment { total: u32::MAX, current };
        let kind = Kind::IndicateStatus;
        let frame = Frame { kind, transaction: 0, fragment, payload: payload.clone() };
        port.handle_input(ms(0), &frame.encode().unwrap());
    }
    assert_eq!(port.dropped(), 1, "longer than any message");
    for transaction in 1..100 {
        let fragment = Fragment { total: 2, current: 0 };
        let frame = Frame { kind: Kind::CommandDone, transaction, fragment, payload: vec![0; 8] };
        port.handle_input(ms(0), &frame.encode().unwrap());
    }
    port.handle_timeout(ms(5000));
    assert_eq!(port.dropped(), 1 + u64::try_from(MAX_ASSEMBLIES).unwrap());
    let complaints = core::iter::from_fn(|| port.poll_transmit()).count();
    assert!(complaints <= MAX_COMPLAINTS, "{complaints}");
}

#[test]
fn requests_and_events_have_their_maxima() {
    let mut port = port();
    let ids: Vec<_> =
        (0..=MAX_OUTSTANDING).map(|_| port.send(ms(0), &RadioStateQuery, TIMEOUT)).collect();
    assert_eq!(port.take_reply(ids[MAX_OUTSTANDING]), Some(Err(RequestError::TooManyRequests)));
    port.cancel(ids[0]);
    assert_eq!(core::iter::from_fn(|| port.poll_transmit()).count(), MAX_OUTSTANDING - 1);
    let service = Service::BasicConnect;
    for count in 0..=MAX_EVENTS {
        let body =
            Body::IndicateStatus { service, cid: u32::try_from(count).unwrap(), info: vec![] };
        give(&mut port, ms(1), &RawMessage { transaction: 0, body });
    }
    let first = port.poll_event();
    assert!(matches!(first, Some(Event::Indication { cid: 1, .. })), "{first:?}");
    assert_eq!(core::iter::from_fn(|| port.poll_event()).count(), MAX_EVENTS - 1);
}

#[test]
fn a_port_that_is_gone_fails_every_request() {
    let mut port = port();
    let waiting = port.send(ms(0), &RadioStateQuery, TIMEOUT);
    port.close();
    let later = port.open(ms(1), TIMEOUT);
    for id in [waiting, later] {
        assert_eq!(port.take_reply(id), Some(Err(RequestError::PortClosed)));
    }
    assert_eq!((port.poll_transmit(), port.poll_timeout()), (None, None));
}

#[test]
fn a_frame_that_never_ends_swallows_nothing_after_the_timeout() {
    let mut port = port();
    port.send(ms(0), &RadioStateQuery, TIMEOUT);
    let reply = done(1, cid::RADIO_STATE, Status::Success, &radio_on()).encode().unwrap();
    port.handle_input(ms(1), &reply[..30]);
    port.handle_timeout(ms(2000));
    let id = port.send(ms(2000), &RadioStateQuery, TIMEOUT);
    give(&mut port, ms(2001), &done(2, cid::RADIO_STATE, Status::Success, &radio_on()));
    assert!(port.take_response::<RadioStateQuery>(id).unwrap().is_ok());
    port.handle_input(ms(2002), b"garbage");
    let id = port.send(ms(2002), &RadioStateQuery, TIMEOUT);
    give(&mut port, ms(2003), &done(3, cid::RADIO_STATE, Status::Success, &radio_on()));
    assert!(port.take_response::<RadioStateQuery>(id).unwrap().is_ok());
    assert_eq!(port.skipped_len(), 7);
}
