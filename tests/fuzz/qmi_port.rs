//! A QMI port: requests, replies that may be to them, anything else, and time.

use super::source::Source;
use ltewan::port::qmi::{MAX_INDICATIONS, MAX_LATE, MAX_OUTSTANDING, QmiPort};
use ltewan::time::{Duration, Instant};
use ltewan::wire::qmi::{Service, dms};
use ltewan::wire::qmux::RawMessage;

pub(crate) fn run(bytes: &[u8]) {
    let mut source = Source::new(bytes);
    let mut now = Instant::from_millis(1);
    let mut port = QmiPort::new();
    let mut ids = Vec::new();
    let mut sent: Vec<RawMessage> = Vec::new();
    while !source.is_empty() {
        match source.byte() % 8 {
            0 => port.handle_input(now, source.piece()),
            1 => {
                let service = Service::from_code(source.byte());
                let (client, message) = (source.byte(), source.u16());
                let tlvs = source.piece().to_vec();
                let timeout = Duration::from_millis(u64::from(source.u16()));
                ids.push(port.request(now, service, client, message, tlvs, timeout));
            }
            2 => ids.push(port.send(now, 1, &dms::GetIdsRequest, Duration::from_secs(1))),
            3 if !sent.is_empty() => {
                let request = sent.remove(source.below(sent.len()));
                let reply = request.response(source.piece().to_vec());
                port.handle_input(now, &reply.encode().unwrap_or_default());
            }
            4 => {
                let (service, client) = (Service::from_code(source.byte()), source.byte());
                let tlvs = source.piece().to_vec();
                let told = RawMessage::indication(service, client, source.u16(), tlvs);
                port.handle_input(now, &told.encode().unwrap_or_default());
            }
            5 => {
                now = now + Duration::from_millis(u64::from(source.u16()));
                port.handle_timeout(now);
                assert!(port.poll_timeout().is_none_or(|at| at > now), "a deadline in the past");
            }
            6 if !ids.is_empty() => port.cancel(ids.remove(source.below(ids.len()))),
            7 if source.byte() == 255 => port.close(),
            _ => {}
        }
        while let Some(frame) = port.poll_transmit() {
            sent.extend(RawMessage::decode(&frame));
        }
        ids.retain(|id| port.take_reply(*id).is_none());
        assert!(ids.len() <= MAX_OUTSTANDING, "requests that nothing will end");
        if source.byte() & 1 == 0 {
            let told = std::iter::from_fn(|| port.poll_indication()).count();
            let late = std::iter::from_fn(|| port.poll_late_reply()).count();
            assert!(told <= MAX_INDICATIONS && late <= MAX_LATE);
        }
    }
    port.handle_timeout(now + Duration::from_secs(100));
    ids.retain(|id| port.take_reply(*id).is_none());
    assert!(ids.is_empty(), "requests without an end");
}
