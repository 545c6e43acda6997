use super::*;
use crate::types::IpFamily::{V4, V6};

fn hex(text: &str) -> Vec<u8> {
    let text = text.replace(' ', "");
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

// Questions of `dig +noedns openwrt.org`. It sets the bit AD (RFC 6840 5.7); we do not.
const A_QUESTION: &str = "c201 0120 0001000000000000 076f70656e777274036f726700 00010001";
const AAAA_QUESTION: &str = "caaa 0120 0001000000000000 076f70656e777274036f726700 001c0001";
// Answers of dnsmasq 2.90, the second one through an alias.
const A_ANSWER: &str = "c201 8580 0001000100000000 076f70656e777274036f726700 00010001 \
                        c00c 0001 0001 00000000 0004 c0000201";
const AAAA_ANSWER: &str = "caaa 8580 0001000100000000 076f70656e777274036f726700 001c0001 \
                           c00c 001c 0001 00000000 0010 20010db8000000000000000000000001";
const ALIAS_ANSWER: &str = "c202 8580 0001000200000000 03777777076f70656e777274036f726700 \
                            00010001 c00c 0005 0001 00000000 000d 076f70656e777274036f726700 \
                            c02d 0001 0001 00000000 0004 c0000201";
const NO_NAME_ANSWER: &str = "c203 8183 0001000000000000 026e6f076f70656e777274036f726700 00010001";

fn parse(id: u16, name: &str, family: IpFamily, answer: &str) -> Option<Response> {
    let query = encode_query(id, name, family).unwrap();
    parse_response(&query, family, &hex(answer)).unwrap()
}

fn found(address: &str) -> Option<Response> {
    Some(Response { code: Code::NoError, addresses: vec![address.parse().unwrap()] })
}

#[test]
fn a_question_is_as_the_dig_tool_asks_it() {
    for (family, id, captured) in [(V4, 0xc201, A_QUESTION), (V6, 0xcaaa, AAAA_QUESTION)] {
        let mut captured = hex(captured);
        captured[3] &= !0x20;
        assert_eq!(encode_query(id, "openwrt.org", family), Ok(captured.clone()));
        assert_eq!(encode_query(id, "openwrt.org.", family), Ok(captured));
    }
}

#[test]
fn addresses_are_read_from_the_answers_of_a_name_server() {
    assert_eq!(parse(0xc201, "openwrt.org", V4, A_ANSWER), found("192.0.2.1"));
    assert_eq!(parse(0xc201, "OpenWrt.ORG", V4, A_ANSWER), found("192.0.2.1"));
    assert_eq!(parse(0xcaaa, "openwrt.org", V6, AAAA_ANSWER), found("2001:db8::1"));
    assert_eq!(parse(0xc202, "www.openwrt.org", V4, ALIAS_ANSWER), found("192.0.2.1"));
    let none = Response { code: Code::NoName, addresses: Vec::new() };
    assert_eq!(parse(0xc203, "no.openwrt.org", V4, NO_NAME_ANSWER), Some(none));
    let failed = NO_NAME_ANSWER.replacen("8183", "8182", 1);
    let none = Response { code: Code::Other(2), addresses: Vec::new() };
    assert_eq!(parse(0xc203, "no.openwrt.org", V4, &failed), Some(none));
}

#[test]
fn an_answer_to_another_question_is_none_to_ours() {
    assert_eq!(parse(0xc200, "openwrt.org", V4, A_ANSWER), None, "another id");
    assert_eq!(parse(0xc201, "openwrt.net", V4, A_ANSWER), None, "another name");
    assert_eq!(parse(0xc201, "openwrt.org", V6, A_ANSWER), None, "another record");
    assert_eq!(parse(0xc201, "openwrt.org", V4, A_QUESTION), None, "a question");
}

#[test]
fn answers_cut_short_or_malformed_are_errors() {
    let query = encode_query(0xc202, "www.openwrt.org", V4).unwrap();
    let whole = hex(ALIAS_ANSWER);
    for length in query.len()..whole.len() {
        assert!(parse_response(&query, V4, &whole[..length]).is_err(), "{length}");
    }
    for length in 0..6 {
        assert!(parse_response(&query, V4, &whole[..length]).is_err(), "{length}");
    }
    let query = encode_query(0xc201, "openwrt.org", V4).unwrap();
    let long = A_ANSWER.replace("0004 c0000201", "0005 c000020100");
    assert_eq!(parse_response(&query, V4, &hex(&long)), Err(Error::BadLength));
    let label = A_ANSWER.replace("c00c", "800c");
    assert!(parse_response(&query, V4, &hex(&label)).is_err());
}

#[test]
fn what_is_no_name_is_not_asked_for() {
    let long = ["a"; 127].join(".");
    assert!(encode_query(1, &long, V4).is_ok());
    for name in ["", ".", "a..b", &"a".repeat(64), &format!("{long}.a")] {
        assert!(encode_query(1, name, V4).is_err(), "{name}");
    }
}

#[test]
fn no_byte_that_is_another_makes_the_reader_panic() {
    for (id, name, family, answer) in
        [(0xc202, "www.openwrt.org", V4, ALIAS_ANSWER), (0xcaaa, "openwrt.org", V6, AAAA_ANSWER)]
    {
        let query = encode_query(id, name, family).unwrap();
        let whole = hex(answer);
        for at in 0..whole.len() {
            for byte in 0..=u8::MAX {
                let mut message = whole.clone();
                message[at] = byte;
                let _ = parse_response(&query, family, &message);
            }
        }
    }
}
