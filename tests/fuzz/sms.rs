//! Short messages: any octets, as each kind of message, and any text split and joined again.

use super::source::Source;
use ltewan::wire::sms::{Body, OCTETS_MAX, Pdu, join, split};

pub(crate) fn run(bytes: &[u8]) {
    let pdus = [Pdu::decode(bytes, false), Pdu::decode(bytes, true)];
    let with_centre = Pdu::decode_with_centre(bytes).map(|(_, pdu)| pdu);
    for pdu in pdus.into_iter().chain([with_centre]).flatten() {
        let is_outgoing = matches!(pdu, Pdu::Submit(_));
        let data = match &pdu {
            Pdu::Deliver(deliver) => Some(&deliver.data),
            Pdu::Submit(submit) => Some(&submit.data),
            Pdu::StatusReport(report) => {
                let _ = report.delivery();
                None
            }
        };
        if let Some(data) = data {
            let length = match &data.body {
                Body::Text(units) => units.len(),
                Body::Data(octets) => octets.len(),
            };
            assert!(length <= OCTETS_MAX * 8 / 7);
            assert!(data.header.concat.is_none_or(|c| (1..=c.total).contains(&c.number)));
            let _ = join([&data.body]);
        }
        // What can be written again is read as the same.
        if let Ok(again) = pdu.encode() {
            let again = Pdu::decode(&again, is_outgoing);
            assert!(again.is_ok(), "{pdu:?}");
        }
    }
    let mut source = Source::new(bytes);
    let (language, reference) = (source.byte(), source.byte());
    let text = String::from_utf8_lossy(source.rest());
    if let Some(parts) = split(&text, language, reference) {
        assert_eq!(join(parts.iter().map(|part| &part.body)), text);
    }
}
