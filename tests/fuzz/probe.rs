//! What comes back from the network to a check of a connection (DNS, ICMP and HTTP), what a stick's
//! own page says, and what the program for speed tests prints.

use ltewan::types::IpFamily;
use ltewan::wire::stick::{Reading, goform, hilink};
use ltewan::wire::{dns, http, icmp, librespeed};

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for family in [IpFamily::V4, IpFamily::V6] {
        let _ = icmp::parse_reply(family, bytes);
        let named = dns::encode_query(0xc201, &text, family);
        for name in ["openwrt.org", "www.openwrt.org"] {
            // Most messages are for another question, so they are made to fit.
            let Ok(query) = dns::encode_query(0xc201, name, family) else { continue };
            let mut message = query.clone();
            message.get_mut(2).into_iter().for_each(|flags| *flags |= 0x80);
            message.extend(bytes.get(2..).unwrap_or_default());
            if let Some(to) = message.get_mut(6..8) {
                to.copy_from_slice(bytes.get(..2).unwrap_or(&[0, 0]));
            }
            for message in [&message[..], bytes] {
                if let Ok(Some(response)) = dns::parse_response(&query, family, message) {
                    assert!(response.addresses.len() <= message.len() / 14);
                }
            }
        }
        if let Ok(query) = named {
            assert!(query.len() <= 12 + dns::NAME_BYTES_MAX + 2 + 4);
        }
    }
    if let Ok(Some(status)) = http::parse_status(bytes) {
        assert!((100..600).contains(&status));
    }
    if let Ok(request) = http::encode_request(&text, &text, &[]) {
        let lines = request.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, 6, "{text:?}");
    }
    for is_end in [false, true] {
        if let Ok(Some(response)) = http::parse_response(bytes, is_end) {
            assert!(response.body.len() <= bytes.len());
        }
    }
    if let Some(report) = librespeed::parse(&text) {
        assert!(report.server.len() <= text.len());
    }
    let _ = goform::parse(&text);
    let _ = hilink::parse_session(&text);
    let mut reading = Reading::default();
    let _ = hilink::parse_signal(&text, &mut reading);
    let _ = hilink::parse_status(&text, &mut reading);
    let _ = hilink::parse_network(&text, &mut reading);
}
