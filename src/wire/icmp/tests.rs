use super::*;
use crate::types::IpFamily::{V4, V6};

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

// Captured on the loopback device: `ping -c1 -s16 127.0.0.1` and `ping -6 -c1 -s16 ::1`.
const V4_IP_HEADER: &str = "4500002cd31d00004001a9b17f0000017f000001";
const V4_REQUEST: &str = "08001d14396700015f2c016b0000000040ec000000000000";
const V4_REPLY: &str = "00002514396700015f2c016b0000000040ec000000000000";
const V6_REQUEST: &str = "80002202396d00015f2c016b00000000bba3080000000000";
const V6_REPLY: &str = "81002102396d00015f2c016b00000000bba3080000000000";

#[test]
fn an_echo_request_is_as_the_ping_tool_sends_it() {
    let captured = hex(V4_REQUEST);
    let echo = Echo { id: 0x3967, sequence: 1 };
    assert_eq!(encode_request(V4, echo, &captured[8..]), captured);
    // The kernel fills in the checksum of ICMPv6.
    let mut captured = hex(V6_REQUEST);
    captured[2..4].fill(0);
    let echo = Echo { id: 0x396d, sequence: 1 };
    assert_eq!(encode_request(V6, echo, &captured[8..]), captured);
}

#[test]
fn an_odd_byte_counts_in_the_checksum_as_if_a_zero_followed() {
    let echo = Echo { id: 1, sequence: 2 };
    let even = encode_request(V4, echo, &[0x5a, 0]);
    assert_eq!(encode_request(V4, echo, &[0x5a])[..], even[..even.len() - 1]);
}

#[test]
fn echo_replies_are_told_from_requests_and_errors() {
    let packet = |message: &str| hex(&format!("{V4_IP_HEADER}{message}"));
    let echo = |id| Ok(Some(Echo { id, sequence: 1 }));
    assert_eq!(parse_reply(V4, &packet(V4_REPLY)), echo(0x3967));
    assert_eq!(parse_reply(V6, &hex(V6_REPLY)), echo(0x396d));
    assert_eq!(parse_reply(V4, &packet(V4_REQUEST)), Ok(None));
    assert_eq!(parse_reply(V6, &hex(V6_REQUEST)), Ok(None));
    // Port unreachable, captured likewise.
    let unreachable = "0303792c000000004500003971df000040110ad37f0000017f000001";
    assert_eq!(parse_reply(V4, &packet(unreachable)), Ok(None));
}

#[test]
fn options_of_an_ip_header_are_passed_over() {
    let mut packet = hex(&format!("{V4_IP_HEADER}94040000{V4_REPLY}"));
    packet[0] = 0x46;
    assert_eq!(parse_reply(V4, &packet), Ok(Some(Echo { id: 0x3967, sequence: 1 })));
}

#[test]
fn packets_cut_short_are_errors() {
    let whole = hex(&format!("{V4_IP_HEADER}{V4_REPLY}"));
    for length in 0..28 {
        assert!(parse_reply(V4, &whole[..length]).is_err(), "{length}");
    }
    for length in 0..8 {
        assert!(parse_reply(V6, &hex(V6_REPLY)[..length]).is_err(), "{length}");
    }
    assert!(parse_reply(V4, &hex(V6_REPLY)).is_err(), "no IPv4 header");
    assert!(parse_reply(V4, &[0x4f; 30]).is_err(), "a header longer than the packet");
}
