//! Traces: `at` is the time in milliseconds.

use super::*;
use crate::wire::qmi::{ctl, dms, read_reply, uim};

const SECOND: Duration = Duration::from_secs(1);

/// The result TLV of success.
const OK: [u8; 7] = [0x02, 4, 0, 0, 0, 0, 0];

const fn at(ms: u64) -> Instant {
    Instant::from_millis(ms)
}

/// Get Model says `name`.
fn model(request: &RawMessage, name: &str) -> RawMessage {
    let len = u8::try_from(name.len()).unwrap();
    request.response([&OK, [0x01, len, 0].as_slice(), name.as_bytes()].concat())
}

/// Get Client Id says WDS, `client`.
fn client_id(request: &RawMessage, client: u8) -> RawMessage {
    request.response([&OK, [0x01, 2, 0, 0x01, client].as_slice()].concat())
}

fn send(port: &mut QmiPort, now: u64) -> TransactionId {
    port.send(at(now), 1, &dms::GetModelRequest, SECOND)
}

fn send_ctl(port: &mut QmiPort, now: u64) -> TransactionId {
    let request = ctl::GetClientIdRequest { service: Service::Wds };
    port.send(at(now), 0, &request, SECOND)
}

/// What the port wants written next.
fn sent(port: &mut QmiPort) -> RawMessage {
    RawMessage::decode(&port.poll_transmit().unwrap()).unwrap()
}

fn hear(port: &mut QmiPort, now: u64, message: &RawMessage) {
    port.handle_input(at(now), &message.encode().unwrap());
}

fn take(port: &mut QmiPort, id: TransactionId) -> Option<Result<String, RequestError>> {
    port.take_response::<dms::GetModelRequest>(id)
}

/// A port with one request sent.
fn asked() -> (QmiPort, TransactionId, RawMessage) {
    let mut port = QmiPort::new();
    let id = send(&mut port, 0);
    let request = sent(&mut port);
    (port, id, request)
}

#[test]
fn a_reply_answers_its_request_once() {
    let (mut port, id, request) = asked();
    assert_eq!(port.poll_transmit(), None);
    assert_eq!(port.poll_timeout(), Some(at(1000)));
    assert_eq!(take(&mut port, id), None);
    hear(&mut port, 20, &model(&request, "M"));
    assert_eq!(port.poll_timeout(), None);
    assert_eq!(take(&mut port, id), Some(Ok("M".into())));
    assert_eq!(take(&mut port, id), None);
    assert_eq!((port.requests_sent(), port.dropped()), (1, 0));
}

#[test]
fn replies_out_of_order_and_in_pieces_find_their_requests() {
    let (mut port, first, first_request) = asked();
    let second = send(&mut port, 1);
    let second_request = sent(&mut port);
    let replies = [model(&second_request, "B"), model(&first_request, "A")];
    let bytes: Vec<u8> = replies.iter().flat_map(|reply| reply.encode().unwrap()).collect();
    for (now, byte) in (2..).zip(bytes) {
        port.handle_input(at(now), &[byte]);
    }
    assert_eq!(take(&mut port, first), Some(Ok("A".into())));
    assert_eq!(take(&mut port, second), Some(Ok("B".into())));
}

#[test]
fn a_request_without_a_reply_times_out_at_its_deadline() {
    let (mut port, id, _) = asked();
    port.handle_timeout(at(999));
    assert_eq!(take(&mut port, id), None);
    port.handle_timeout(at(1000));
    assert_eq!(take(&mut port, id), Some(Err(RequestError::Timeout)));
    assert_eq!(port.poll_timeout(), None);
}

#[test]
fn the_earliest_deadline_is_the_one_to_wait_for() {
    let mut port = QmiPort::new();
    port.send(at(0), 1, &dms::GetModelRequest, SECOND * 10);
    let quick = send(&mut port, 500);
    assert_eq!(port.poll_timeout(), Some(at(1500)));
    port.cancel(quick);
    assert_eq!(port.poll_timeout(), Some(at(10_000)));
}

#[test]
fn a_reply_after_the_deadline_answers_no_one_and_is_handed_over_as_late() {
    let (mut port, id, request) = asked();
    // The timer and the reply come due together: the deadline has passed.
    hear(&mut port, 1000, &model(&request, "M"));
    assert_eq!(take(&mut port, id), Some(Err(RequestError::Timeout)));
    assert_eq!(port.poll_late_reply(), Some(model(&request, "M")));
    assert_eq!(port.poll_late_reply(), None);
    // A second copy of it belongs to nothing at all.
    hear(&mut port, 1001, &model(&request, "M"));
    assert_eq!(port.poll_late_reply(), None);
    assert_eq!(port.dropped(), 1);
}

#[test]
fn a_late_client_id_is_handed_over_so_that_it_can_be_released() {
    let mut port = QmiPort::new();
    let first = send_ctl(&mut port, 0);
    let first_request = sent(&mut port);
    port.handle_timeout(at(1000));
    assert_eq!(port.take_reply(first), Some(Err(RequestError::Timeout)));
    let second = send_ctl(&mut port, 1000);
    let second_request = sent(&mut port);
    assert_ne!(first_request.transaction, second_request.transaction);
    hear(&mut port, 1200, &client_id(&first_request, 5));
    hear(&mut port, 1201, &client_id(&second_request, 6));
    let late = port.poll_late_reply().unwrap();
    let late = read_reply::<ctl::GetClientIdRequest>(late.tlvs()).unwrap();
    assert_eq!((late.service, late.client), (Service::Wds, 5));
    let taken = port.take_response::<ctl::GetClientIdRequest>(second).unwrap().unwrap();
    assert_eq!(taken.client, 6);
}

#[test]
fn a_reply_that_comes_twice_counts_once() {
    let (mut port, id, request) = asked();
    hear(&mut port, 10, &model(&request, "first"));
    hear(&mut port, 11, &model(&request, "second"));
    assert_eq!(take(&mut port, id), Some(Ok("first".into())));
    hear(&mut port, 12, &model(&request, "third"));
    assert_eq!(take(&mut port, id), None);
    assert_eq!((port.dropped(), port.poll_late_reply()), (2, None));
}

#[test]
fn an_indication_between_request_and_reply_is_kept_apart() {
    let (mut port, id, request) = asked();
    // Its transaction, client and number are those of the request: only the kind differs.
    let mut indication = RawMessage::indication(Service::Dms, 1, 0x0022, vec![0x10, 0, 0]);
    indication.transaction = request.transaction;
    hear(&mut port, 5, &indication);
    assert_eq!(take(&mut port, id), None);
    hear(&mut port, 6, &model(&request, "M"));
    assert_eq!(take(&mut port, id), Some(Ok("M".into())));
    let heard = port.poll_indication().unwrap();
    assert_eq!((heard.service, heard.client, heard.message), (Service::Dms, 1, 0x0022));
    assert_eq!(heard.tlvs().iter().map(|tlv| tlv.kind).collect::<Vec<_>>(), [0x10]);
    assert_eq!(port.poll_indication(), None);
}

#[test]
fn only_the_newest_indications_are_kept() {
    let mut port = QmiPort::new();
    let total = u16::try_from(MAX_INDICATIONS).unwrap() + 3;
    for number in 0..total {
        let indication = RawMessage::indication(Service::Nas, 0xFF, number, Vec::new());
        hear(&mut port, 0, &indication);
    }
    assert_eq!(port.poll_indication().unwrap().message, 3);
    assert_eq!(core::iter::from_fn(|| port.poll_indication()).count(), MAX_INDICATIONS - 1);
    assert_eq!(port.dropped(), 3);
}

#[test]
fn a_reply_that_differs_in_anything_is_not_the_answer() {
    let (mut port, id, request) = asked();
    let reply = model(&request, "M");
    let strangers = [
        RawMessage { client: 2, ..reply.clone() },
        RawMessage { service: Service::Nas, ..reply.clone() },
        RawMessage { transaction: 2, ..reply.clone() },
        RawMessage { message: 0x0023, ..reply.clone() },
        // An echo of the request.
        request.clone(),
    ];
    for stranger in &strangers {
        hear(&mut port, 10, stranger);
    }
    assert_eq!(take(&mut port, id), None);
    assert_eq!(port.dropped(), 5);
    hear(&mut port, 11, &reply);
    assert_eq!(take(&mut port, id), Some(Ok("M".into())));
}

#[test]
fn a_reply_whose_tlvs_lie_ends_its_request_at_once() {
    let (mut port, id, request) = asked();
    hear(&mut port, 10, &request.response(vec![0x02, 9, 0, 0]));
    let error = RequestError::Malformed(wire::Error::BadLength);
    assert_eq!(take(&mut port, id), Some(Err(error)));
}

#[test]
fn a_refusal_is_a_reply_whose_tlvs_can_be_read() {
    let (mut port, id, request) = asked();
    hear(&mut port, 10, &request.response(vec![0x02, 4, 0, 1, 0, 52, 0]));
    let reply = port.take_reply(id).unwrap().unwrap();
    assert_eq!(reply.tlvs().iter().count(), 1);
    let (mut port, id, request) = asked();
    hear(&mut port, 10, &request.response(vec![0x02, 4, 0, 1, 0, 52, 0]));
    let error = RequestError::Qmi(QmiError::DeviceNotReady);
    assert_eq!(take(&mut port, id), Some(Err(error)));
}

#[test]
fn a_cancelled_request_that_was_sent_leaves_a_late_reply() {
    let (mut port, id, request) = asked();
    port.cancel(id);
    assert_eq!(port.take_reply(id), None);
    assert_eq!(port.poll_timeout(), None);
    hear(&mut port, 10, &model(&request, "M"));
    assert_eq!(port.poll_late_reply(), Some(model(&request, "M")));
    assert_eq!(port.dropped(), 0);
}

#[test]
fn a_cancelled_request_that_was_answered_is_forgotten() {
    let (mut port, id, request) = asked();
    hear(&mut port, 10, &model(&request, "M"));
    port.cancel(id);
    assert_eq!(port.take_reply(id), None);
    assert_eq!(port.poll_late_reply(), None);
}

#[test]
fn a_request_that_expires_before_it_is_written_is_never_written() {
    let mut port = QmiPort::new();
    let expired = send(&mut port, 0);
    let cancelled = send(&mut port, 1);
    let kept = send(&mut port, 500);
    port.cancel(cancelled);
    port.handle_timeout(at(1000));
    assert_eq!(take(&mut port, expired), Some(Err(RequestError::Timeout)));
    let request = sent(&mut port);
    assert_eq!(port.poll_transmit(), None);
    assert_eq!(port.requests_sent(), 1);
    hear(&mut port, 1001, &model(&request, "M"));
    assert_eq!(take(&mut port, kept), Some(Ok("M".into())));
    // Nothing was asked, so no reply is due that could be late.
    let unasked = RawMessage { transaction: 1, ..model(&request, "M") };
    hear(&mut port, 1002, &unasked);
    assert_eq!((port.poll_late_reply(), port.dropped()), (None, 1));
}

/// Sends and answers requests until just before the numbers go round.
fn use_up(port: &mut QmiPort, send: fn(&mut QmiPort, u64) -> TransactionId, last: u16) {
    loop {
        let id = send(port, 1);
        let request = sent(port);
        hear(port, 1, &request.response(OK.to_vec()));
        assert!(port.take_reply(id).is_some());
        if request.transaction == last {
            return;
        }
    }
}

#[test]
fn the_numbers_of_the_control_service_go_round_past_those_that_wait() {
    let mut port = QmiPort::new();
    let waiting = send_ctl(&mut port, 0);
    let waiting_request = sent(&mut port);
    assert_eq!(waiting_request.transaction, 1);
    use_up(&mut port, send_ctl, 255);
    let next = send_ctl(&mut port, 2);
    let next_request = sent(&mut port);
    // 0 is for indications, 1 waits.
    assert_eq!(next_request.transaction, 2);
    hear(&mut port, 3, &client_id(&next_request, 9));
    hear(&mut port, 3, &client_id(&waiting_request, 8));
    let client = |port: &mut QmiPort, id| {
        port.take_response::<ctl::GetClientIdRequest>(id).unwrap().unwrap().client
    };
    assert_eq!((client(&mut port, waiting), client(&mut port, next)), (8, 9));
}

#[test]
fn the_numbers_of_other_services_go_round_past_those_that_wait_or_were_given_up() {
    let mut port = QmiPort::new();
    let given_up = send(&mut port, 0);
    let waiting = send(&mut port, 0);
    let requests = [sent(&mut port), sent(&mut port)];
    assert_eq!(requests.each_ref().map(|request| request.transaction), [1, 2]);
    port.cancel(given_up);
    use_up(&mut port, send, u16::MAX);
    send(&mut port, 2);
    assert_eq!(sent(&mut port).transaction, 3);
    assert_eq!(take(&mut port, waiting), None);
    assert_eq!(port.requests_sent(), 65_536);
    // The control service counts for itself.
    send_ctl(&mut port, 2);
    assert_eq!(sent(&mut port).transaction, 1);
}

#[test]
fn too_many_requests_are_refused_until_one_is_taken() {
    let mut port = QmiPort::new();
    let ids: Vec<TransactionId> = (0..MAX_OUTSTANDING).map(|_| send(&mut port, 0)).collect();
    let refused = send(&mut port, 0);
    assert_eq!(take(&mut port, refused), Some(Err(RequestError::TooManyRequests)));
    let requests: Vec<RawMessage> = ids.iter().map(|_| sent(&mut port)).collect();
    assert_eq!(port.poll_transmit(), None, "the refused one is not written");
    hear(&mut port, 1, &model(&requests[0], "M"));
    let refused = send(&mut port, 1);
    assert_eq!(take(&mut port, refused), Some(Err(RequestError::TooManyRequests)));
    assert_eq!(take(&mut port, ids[0]), Some(Ok("M".into())));
    send(&mut port, 2);
    assert!(port.poll_transmit().is_some());
}

#[test]
fn a_modem_that_never_answers_costs_bounded_memory_and_no_number() {
    let mut port = QmiPort::new();
    for round in 0..1000 {
        let id = send_ctl(&mut port, round * 1000);
        assert!(port.poll_transmit().is_some(), "round {round}");
        port.handle_timeout(at(round * 1000 + 1000));
        assert_eq!(port.take_reply(id), Some(Err(RequestError::Timeout)));
    }
    assert_eq!(port.abandoned.len(), MAX_LATE);
    assert!(port.transactions.len() == 0 && port.poll_transmit().is_none());
}

#[test]
fn a_closed_port_fails_what_waits_and_what_comes() {
    let (mut port, waiting, request) = asked();
    let answered = send(&mut port, 1);
    let answered_request = sent(&mut port);
    hear(&mut port, 2, &model(&answered_request, "M"));
    let queued = send(&mut port, 3);
    port.close();
    assert_eq!(take(&mut port, waiting), Some(Err(RequestError::PortClosed)));
    assert_eq!(take(&mut port, queued), Some(Err(RequestError::PortClosed)));
    assert_eq!(take(&mut port, answered), Some(Ok("M".into())), "it came before the end");
    let after = send(&mut port, 4);
    assert_eq!(take(&mut port, after), Some(Err(RequestError::PortClosed)));
    hear(&mut port, 5, &model(&request, "M"));
    assert_eq!((port.poll_transmit(), port.poll_timeout()), (None, None));
    assert_eq!((port.poll_late_reply(), port.poll_indication()), (None, None));
    assert_eq!(port.requests_sent(), 2);
}

#[test]
fn a_request_too_large_for_a_frame_fails_without_being_sent() {
    let mut port = QmiPort::new();
    let tlvs = vec![0; 20_000];
    let id = port.request(at(0), Service::Dms, 1, 0x0022, tlvs, SECOND);
    let error = RequestError::Malformed(wire::Error::TooLarge);
    assert_eq!(port.take_reply(id), Some(Err(error)));
    let session = uim::Session { aid: vec![0; 256], ..uim::Session::PRIMARY };
    let request = uim::ReadTransparentRequest { session, ..uim::ReadTransparentRequest::iccid() };
    let id = port.send(at(0), 1, &request, SECOND);
    assert_eq!(port.take_reply(id), Some(Err(error)));
    assert_eq!((port.poll_transmit(), port.requests_sent()), (None, 0));
}

#[test]
fn bytes_of_no_frame_are_counted() {
    let (mut port, id, request) = asked();
    port.handle_input(at(1), b"\r\nERROR\r\n");
    hear(&mut port, 2, &model(&request, "M"));
    assert_eq!(port.skipped_len(), 9);
    assert_eq!(take(&mut port, id), Some(Ok("M".into())));
}
