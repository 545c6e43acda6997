//! The data plane.

use super::{Bench, hex};
use crate::sim::Port;

/// An IPv4 echo request from `source` to 192.0.2.1.
fn ping(source: [u8; 4]) -> Vec<u8> {
    let header = hex("4500 001c 0001 4000 40 01 0000");
    [&header[..], &source, &[192, 0, 2, 1], &hex("0800 f7fd 0001 0001")].concat()
}

/// The one's complement sum over a block that contains its checksum is all ones.
fn is_sound(bytes: &[u8]) -> bool {
    let sum: u32 = bytes.chunks(2).map(|p| u32::from(p[0]) << 8 | u32::from(p[1])).sum();
    (sum & 0xffff) + (sum >> 16) == 0xffff
}

#[test]
fn ping_is_answered_only_over_a_live_bearer_from_the_right_address() {
    let mut bench = Bench::new("link=raw");
    let wds = bench.client(1);
    bench.modem.handle_packet(bench.now, &ping([10, 64, 0, 2]));
    assert_eq!(bench.modem.poll_packet(), None);
    assert_eq!(bench.ask(1, wds, 0x20, "").0, 0);
    bench.modem.handle_packet(bench.now, &ping([192, 168, 1, 2]));
    assert_eq!(bench.modem.poll_packet(), None);
    bench.modem.handle_packet(bench.now, &ping([10, 64, 0, 2]));
    let answer = bench.modem.poll_packet().unwrap();
    assert_eq!(answer[12..20], [192, 0, 2, 1, 10, 64, 0, 2]);
    assert_eq!(answer[20..], hex("0000 fffd 0001 0001"));
    assert!(is_sound(&answer[..20]) && is_sound(&answer[20..]));
    bench.command("data off");
    bench.modem.handle_packet(bench.now, &ping([10, 64, 0, 2]));
    assert_eq!(bench.modem.poll_packet(), None);
}

#[test]
fn framing_must_match_on_both_sides() {
    let mut bench = Bench::new("");
    let (wds, wda) = (bench.client(1), bench.client(0x1a));
    bench.ask(1, wds, 0x20, "");
    bench.modem.handle_packet(bench.now, &ping([10, 64, 0, 2]));
    assert_eq!(bench.modem.poll_packet(), None, "the modem expects Ethernet");
    let frame = [hex("020000000009 020000000001 0800"), ping([10, 64, 0, 2])].concat();
    bench.modem.handle_packet(bench.now, &frame);
    let answer = bench.modem.poll_packet().unwrap();
    assert_eq!(answer[..6], [2, 0, 0, 0, 0, 1]);
    // ARP: who has 10.64.0.1, tell 10.64.0.2.
    let arp = hex("ffffffffffff 020000000001 0806  0001 0800 06 04 0001
         020000000001 0a400002 000000000000 0a400001");
    bench.modem.handle_packet(bench.now, &arp);
    let answer = bench.modem.poll_packet().unwrap();
    assert_eq!(answer[20..22], [0, 2]);
    assert_eq!(answer[28..32], [10, 64, 0, 1]);
    bench.ask(0x1a, wda, 0x20, "11 0400 02000000");
    assert!(bench.modem.is_raw_ip());
    bench.modem.handle_packet(bench.now, &ping([10, 64, 0, 2]));
    assert!(bench.modem.poll_packet().is_some());
}

#[test]
fn dns_answers_aaaa_over_ipv6() {
    let mut bench = Bench::new("link=raw");
    let wds = bench.client(1);
    assert_eq!(bench.ask(1, wds, 0x20, "19 0100 06").0, 0);
    let query = hex("1234 0100 0001 0000 0000 0000 01 61 00 001c 0001");
    let length = u8::try_from(8 + query.len()).unwrap();
    let own = bench.modem.world.network.v6();
    let mut packet = hex("60000000 0000 11 40");
    packet[5] = length;
    packet.extend(own.address.octets());
    packet.extend(own.dns[0].octets());
    packet.extend([0xc0, 0, 0, 53, 0, length, 0, 0]);
    packet.extend(query);
    bench.modem.handle_packet(bench.now, &packet);
    let answer = bench.modem.poll_packet().unwrap();
    let expected = hex("1234 8180 0001 0001 0000 0000 01 61 00 001c 0001
         c00c 001c 0001 0000003c 0010 20010db8000000000000000000000077");
    assert_eq!(answer[48..], expected);
    let mut pseudo = answer[8..40].to_vec();
    pseudo.extend([0, answer[5], 0, 17]);
    pseudo.extend(&answer[40..]);
    if pseudo.len() % 2 == 1 {
        pseudo.push(0);
    }
    assert!(is_sound(&pseudo));
}

/// A TCP segment from port 50000 to port 80 of 192.0.2.77.
fn segment(sequence: u32, acknowledged: u32, flags: u8, data: &[u8]) -> Vec<u8> {
    let mut packet = hex("4500 0000 0001 4000 40 06 0000 0a400002 c000024d");
    packet[3] = u8::try_from(40 + data.len()).unwrap();
    packet.extend(hex("c350 0050"));
    packet.extend(sequence.to_be_bytes());
    packet.extend(acknowledged.to_be_bytes());
    packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(data);
    packet
}

#[test]
fn the_web_page_comes_over_a_whole_tcp_connection() {
    let mut bench = Bench::new("link=raw");
    let wds = bench.client(1);
    bench.ask(1, wds, 0x20, "");
    let mut say = |packet: Vec<u8>| {
        bench.modem.handle_packet(bench.now, &packet);
        bench.modem.poll_packet()
    };
    let answer = say(segment(100, 0, 0x02, b"")).unwrap();
    assert_eq!(answer[33], 0x12, "SYN and ACK");
    assert_eq!(answer[28..32], 101u32.to_be_bytes());
    let theirs = u32::from_be_bytes(answer[24..28].try_into().unwrap()) + 1;
    assert_eq!(say(segment(101, theirs, 0x10, b"")), None);
    let request = b"GET / HTTP/1.1\r\n\r\n";
    let answer = say(segment(101, theirs, 0x18, request)).unwrap();
    assert_eq!(answer[33], 0x19, "data, and the end of it");
    let page = String::from_utf8(answer[40..].to_vec()).unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.ends_with("You are online.\n"));
    let after = theirs + u32::try_from(page.len()).unwrap() + 1;
    let answer = say(segment(119, after, 0x11, b"")).unwrap();
    assert_eq!((answer[33], &answer[28..32]), (0x10, &120u32.to_be_bytes()[..]));
    let answer = say(segment(120, after, 0x18, b"more")).unwrap();
    assert_eq!(answer[33] & 0x04, 0x04, "the connection is gone");
}

/// A broadcast of a host without address: DHCP of this kind, and no other option.
fn dhcp(kind: u8) -> Vec<u8> {
    let ethernet = hex("ffffffffffff 020000000001 0800");
    let ip = hex("4500 0110 0001 0000 40 11 0000 00000000 ffffffff");
    let udp = hex("0044 0043 00fc 0000");
    let fixed = [&hex("01 01 06 00 12345678")[..], &[0; 228], &hex("63825363")].concat();
    [&ethernet[..], &ip, &udp, &fixed, &[53, 1, kind, 255]].concat()
}

#[test]
fn dhcp_hands_out_the_routers_address_or_that_of_the_call_while_it_is_up() {
    let lease = |bench: &mut Bench, kind| {
        bench.modem.handle_packet(bench.now, &dhcp(kind));
        let answer = bench.modem.poll_packet()?;
        let message = answer[14 + 28..].to_vec();
        Some((message[16..20].to_vec(), message[240..243].to_vec()))
    };
    let mut phone = Bench::new("device=phone");
    assert_eq!(lease(&mut phone, 1), Some((vec![192, 168, 42, 57], vec![53, 1, 2])));
    assert_eq!(lease(&mut phone, 3), Some((vec![192, 168, 42, 57], vec![53, 1, 5])));
    assert_eq!(lease(&mut phone, 7), None, "a release");
    phone.command("data off");
    assert_eq!(lease(&mut phone, 1), None);
    let mut modem = Bench::new("usb=ecm");
    assert_eq!(lease(&mut modem, 1), None, "before it has dialled");
    for line in ["AT+CGDCONT=1,\"IP\",\"internet\"\r", "AT+QNETDEVCTL=1,1,1\r"] {
        modem.modem.handle_input(modem.now, Port::At(2), line.as_bytes());
    }
    assert_eq!(lease(&mut modem, 1).unwrap().0, [10, 64, 0, 2]);
}
