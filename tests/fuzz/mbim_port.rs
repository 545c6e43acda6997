//! An MBIM port: commands, replies that may be to them, fragments, anything else, and time.

use super::source::Source;
use ltewan::port::mbim::{MAX_EVENTS, MAX_OUTSTANDING, MbimPort};
use ltewan::time::{Duration, Instant};
use ltewan::wire::mbim::basic_connect::DeviceCapsQuery;
use ltewan::wire::mbim::{
    Body, CommandKind, Fragment, Frame, Kind, ProtocolError, RawMessage, Service, Status,
};

pub(crate) fn run(bytes: &[u8]) {
    let mut source = Source::new(bytes);
    let mut now = Instant::from_millis(1);
    let mut port = MbimPort::new(source.u16());
    let mut ids = Vec::new();
    let mut sent: Vec<RawMessage> = Vec::new();
    while !source.is_empty() {
        match source.byte() % 10 {
            0 => port.handle_input(now, source.piece()),
            1 => {
                let (cid, kind) = (u32::from(source.byte()), CommandKind::Set);
                let service = Service::BasicConnect;
                let info = source.piece().to_vec();
                let timeout = Duration::from_millis(u64::from(source.u16()));
                ids.push(port.request(now, Body::Command { service, cid, kind, info }, timeout));
            }
            2 => ids.push(port.send(now, &DeviceCapsQuery, Duration::from_secs(1))),
            3 if !sent.is_empty() => {
                let request = sent.remove(source.below(sent.len()));
                let reply = answer(&request, source.byte(), source.piece());
                let max = usize::from(source.byte());
                for frame in reply.encode_frames(max).unwrap_or_default() {
                    port.handle_input(now, &frame);
                }
            }
            4 => {
                let (cid, info) = (u32::from(source.byte()), source.piece().to_vec());
                let body = Body::IndicateStatus { service: Service::BasicConnect, cid, info };
                let told = RawMessage { transaction: 0, body };
                port.handle_input(now, &told.encode().unwrap_or_default());
            }
            5 => {
                now = now + Duration::from_millis(u64::from(source.u16()));
                port.handle_timeout(now);
                assert!(port.poll_timeout().is_none_or(|at| at > now), "a deadline in the past");
            }
            6 if !ids.is_empty() => port.cancel(ids.remove(source.below(ids.len()))),
            7 if source.byte() == 255 => port.close(),
            8 => {
                let [total, current] = [source.byte(), source.byte()].map(u32::from);
                let fragment = Fragment { total, current };
                let transaction = u32::from(source.byte() % 8);
                let payload = source.piece().to_vec();
                let kind = Kind::CommandDone;
                let frame = Frame { kind, transaction, fragment, payload };
                port.handle_input(now, &frame.encode().unwrap_or_default());
            }
            9 => ids.push(port.open(now, Duration::from_secs(2))),
            _ => {}
        }
        while let Some(frame) = port.poll_transmit() {
            sent.extend(RawMessage::decode(&frame));
        }
        ids.retain(|id| port.take_reply(*id).is_none());
        assert!(ids.len() <= MAX_OUTSTANDING, "requests that nothing will end");
        if source.byte() & 1 == 0 {
            let told = std::iter::from_fn(|| port.poll_event()).count();
            assert!(told <= MAX_EVENTS);
        }
    }
    port.handle_timeout(now + Duration::from_secs(100));
    ids.retain(|id| port.take_reply(*id).is_none());
    assert!(ids.is_empty(), "requests without an end");
    assert_eq!(port.poll_timeout(), None, "a deadline for nothing");
}

/// What a modem could answer.
fn answer(request: &RawMessage, choice: u8, info: &[u8]) -> RawMessage {
    let body = match &request.body {
        _ if choice == 255 => Body::FunctionError(ProtocolError::NotOpened),
        Body::Command { service, cid, .. } => Body::CommandDone {
            service: *service,
            cid: *cid,
            status: Status::from_code(u32::from(choice % 4)),
            info: info.to_vec(),
        },
        Body::Close => Body::CloseDone(Status::Success),
        Body::Open { .. }
        | Body::HostError(_)
        | Body::OpenDone(_)
        | Body::CloseDone(_)
        | Body::CommandDone { .. }
        | Body::FunctionError(_)
        | Body::IndicateStatus { .. } => Body::OpenDone(Status::Success),
    };
    RawMessage { transaction: request.transaction, body }
}
