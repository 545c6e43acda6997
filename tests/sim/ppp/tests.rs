//! Two ends of a line agree.

use core::net::Ipv4Addr;

use ltewan::time::{Duration, Instant};

use super::{End, Event, Method, Ppp};

const HOST: Ipv4Addr = Ipv4Addr::new(10, 64, 0, 2);
const DNS: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 64, 0, 53), Ipv4Addr::new(10, 64, 0, 54)];

fn network(auth: Option<Method>, v6: bool) -> End {
    let auth = auth.map(|method| (method, "me".to_owned(), "secret".to_owned()));
    End::Network { auth, v4: Some((HOST, Ipv4Addr::new(10, 64, 0, 1), DNS)), v6 }
}

fn host(password: Option<&str>) -> End {
    let user = password.map(|password| ("me".to_owned(), password.to_owned()));
    End::Host { user, v4: true, v6: true }
}

/// Carries bytes between both until neither says anything; what each told.
fn settle(now: Instant, ends: &mut [Ppp; 2]) -> [Vec<Event>; 2] {
    loop {
        let mut is_busy = false;
        for from in 0..2 {
            while let Some(bytes) = ends[from].poll_transmit() {
                is_busy = true;
                ends[1 - from].handle_input(now, &bytes);
            }
        }
        if !is_busy {
            break;
        }
    }
    ends.each_mut().map(|end| std::iter::from_fn(|| end.poll_event()).collect())
}

fn agree(network: End, host: End) -> ([Ppp; 2], [Vec<Event>; 2]) {
    let mut ends = [Ppp::new(Instant::ZERO, network), Ppp::new(Instant::ZERO, host)];
    let events = settle(Instant::ZERO, &mut ends);
    (ends, events)
}

#[test]
fn addresses_are_given_with_each_way_to_prove_who_one_is() {
    for method in [None, Some(Method::Pap), Some(Method::Chap)] {
        let (mut ends, events) = agree(network(method, true), host(Some("secret")));
        for told in &events {
            assert_eq!(told.len(), 2, "{method:?}");
            assert!(told.contains(&Event::V4(HOST, DNS.to_vec())), "{method:?}: {told:?}");
            assert!(told.contains(&Event::V6), "{method:?}");
        }
        ends[1].send_packet(&[0x45, 1, 2, 3]);
        settle(Instant::ZERO, &mut ends);
        assert_eq!(ends[0].poll_packet(), Some(vec![0x45, 1, 2, 3]), "{method:?}");
    }
}

#[test]
fn a_wrong_password_is_refused() {
    for method in [Method::Pap, Method::Chap] {
        let (_, events) = agree(network(Some(method), false), host(Some("guess")));
        for told in &events {
            assert_eq!(*told, [Event::Closed { is_refused: true }], "{method:?}");
        }
    }
}

#[test]
fn a_family_that_the_network_lacks_is_left_alone() {
    let (_, events) = agree(network(None, false), host(None));
    assert_eq!(events[1], [Event::V4(HOST, DNS.to_vec())]);
}

#[test]
fn who_ends_it_is_heard() {
    let (mut ends, _) = agree(network(None, true), host(None));
    ends[1].close();
    let events = settle(Instant::ZERO, &mut ends);
    assert_eq!(events, [0, 1].map(|_| vec![Event::Closed { is_refused: false }]));
}

#[test]
fn nobody_is_asked_for_ever() {
    let mut lonely = Ppp::new(Instant::ZERO, host(None));
    while let Some(at) = lonely.poll_timeout() {
        lonely.handle_timeout(at);
        assert!(at < Instant::ZERO + Duration::from_secs(60));
    }
    let last = std::iter::from_fn(|| lonely.poll_event()).last().unwrap();
    assert_eq!(last, Event::Closed { is_refused: false });
}
