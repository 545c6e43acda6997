//! The inbox: parts in any order, bounds, and what a file brings back.

use super::*;
use crate::types::{SmsReport, Table};
use crate::wire::blobmsg;

const M: &str = "usb:1-1";

fn at(secs: u64) -> Instant {
    Instant::from_millis(secs * 1000)
}

fn part(number: &str, text: &str, place: Option<(u16, u8, u8)>) -> SmsPart {
    let place = place.map(|(reference, total, number)| SmsPartOf { reference, total, number });
    let text = text.encode_utf16().collect();
    SmsPart { number: number.to_owned(), unix_secs: Some(1_795_262_400), place, text }
}

fn list(inbox: &Inbox) -> Vec<String> {
    let line = |m: &Message| format!("{} {} {} {}", m.id, m.progress.name(), m.number, m.text());
    inbox.messages().map(line).collect()
}

fn kept(inbox: &Inbox) -> Inbox {
    let bytes = blobmsg::encode(&inbox.to_table()).unwrap();
    Inbox::from_table(at(0), &blobmsg::decode(&bytes).unwrap())
}

#[test]
fn parts_are_joined_in_whatever_order_they_come() {
    let mut inbox = Inbox::default();
    assert_eq!(inbox.receive(at(1), M, part("+49170", "c", Some((7, 3, 3)))), None);
    assert_eq!(inbox.receive(at(2), M, part("+49170", "a", Some((7, 3, 1)))), None);
    assert_eq!(list(&inbox), ["1 incomplete +49170 a[\u{2026}]c"]);
    // Another's part with the same reference, one of another length, and the same part once more.
    assert_eq!(inbox.receive(at(3), M, part("+49171", "x", Some((7, 3, 2)))), None);
    assert_eq!(inbox.receive(at(3), M, part("+49170", "x", Some((7, 2, 2)))), None);
    assert_eq!(inbox.receive(at(3), M, part("+49170", "a", Some((7, 3, 1)))), None);
    let mut inbox = kept(&inbox);
    assert_eq!(inbox.receive(at(4), M, part("+49170", "b", Some((7, 3, 2)))), Some(1));
    assert_eq!(list(&inbox)[0], "1 unread +49170 abc");
    assert_eq!(inbox.receive(at(5), M, part("+49170", "b", Some((7, 3, 2)))), None);
    assert_eq!(list(&inbox).len(), 3);
}

#[test]
fn a_character_split_between_two_parts_is_whole_again_even_after_a_restart() {
    let mut inbox = Inbox::default();
    let mut first = part("1", "", Some((1, 2, 1)));
    first.text = vec![0x41, 0xD83D];
    let mut second = part("1", "", Some((1, 2, 2)));
    second.text = vec![0xDE00];
    inbox.receive(at(1), M, second);
    let mut inbox = kept(&inbox);
    assert_eq!(inbox.receive(at(1), M, first), Some(1));
    assert_eq!(list(&inbox), ["1 unread 1 A\u{1F600}"]);
}

#[test]
fn missing_parts_are_waited_for_no_longer_than_an_hour() {
    let mut inbox = Inbox::default();
    inbox.receive(at(10), M, part("1", "b", Some((1, 2, 2))));
    assert_eq!(inbox.poll_expiry(), Some(at(3610)));
    assert_eq!(inbox.expire(at(3609)), Vec::<u32>::new());
    assert_eq!(inbox.expire(at(3610)), [1]);
    assert_eq!((list(&inbox), inbox.poll_expiry()), (vec!["1 unread 1 [\u{2026}]b".into()], None));
    // What comes later still is not lost either.
    assert_eq!(inbox.receive(at(3700), M, part("1", "a", Some((1, 2, 1)))), None);
    assert_eq!(list(&inbox)[1], "2 incomplete 1 a[\u{2026}]");
}

#[test]
fn what_is_held_is_bounded_and_what_nobody_read_goes_last() {
    let mut inbox = Inbox::default();
    for n in 0..150_u16 {
        inbox.receive(at(1), M, part("1", &format!("message {n}"), None));
        if n == 60 {
            assert!(inbox.read(&[61]));
        }
    }
    assert_eq!(inbox.messages().count(), MESSAGES_MAX);
    // The one that was read went first, when there were too many; then the oldest.
    assert!(inbox.get(61).is_none() && inbox.get(49).is_none() && inbox.get(50).is_some());
    for n in 0..20_u16 {
        inbox.receive(at(1), M, part("2", &format!("{n}{}", "ж".repeat(4_000)), None));
    }
    let octets: usize = inbox.messages().map(Message::octets).sum();
    assert!(octets <= OCTETS_MAX && inbox.messages().count() < 8);
    let bytes = blobmsg::encode(&inbox.to_table()).unwrap();
    assert!(bytes.len() < 64 * 1024, "{}", bytes.len());
    // A message of too many parts is as many messages.
    assert!(inbox.receive(at(1), M, part("3", "x", Some((1, 65, 2)))).is_some());
}

#[test]
fn the_largest_inbox_can_be_read_back() {
    let mut inbox = Inbox::default();
    for n in 0..200_u8 {
        let text = format!("{n}{}", "x".repeat(300));
        inbox.receive(at(1), M, part("+491701234567890", &text, Some((n.into(), 2, 1))));
    }
    let bytes = blobmsg::encode(&inbox.to_table()).unwrap();
    assert!(bytes.len() < 64 * 1024, "{}", bytes.len());
    assert_eq!(list(&kept(&inbox)), list(&inbox));
}

/// The file, which has to be read back with room to spare.
fn file(inbox: &Inbox) -> usize {
    let length = blobmsg::encode(&inbox.to_table()).unwrap().len();
    assert!(length < 62 * 1024, "{length}");
    assert_eq!(list(&kept(inbox)), list(inbox));
    length
}

#[test]
fn many_small_things_in_the_inbox_can_be_read_back_too() {
    let mut awaiting = Inbox::default();
    for _ in 0..MESSAGES_MAX {
        let id = awaiting.send(M, "+491701234567890", "x", PARTS_MAX);
        (0..PARTS_MAX).for_each(|reference| awaiting.part_sent(id, Some(reference)));
        awaiting.sent(id, true);
    }
    assert!(file(&awaiting) > 48 * 1024);
    let mut open = Inbox::default();
    for n in 0..6_000_u16 {
        let (reference, number) = (n / 60, u8::try_from(n % 60 + 1).unwrap());
        open.receive(at(1), M, part("+491701234567890", "x", Some((reference, 64, number))));
    }
    assert!(file(&open) > 40 * 1024);
    let mut late = Inbox::default();
    for n in 0..200_u16 {
        late.receive(at(1), M, part("+491701234567890", "", Some((n, 64, 1))));
    }
    let before = late.messages().count();
    assert!(before > 90 && late.expire(at(4_000)).len() == before);
    file(&late);
    // As many as are held all have a text of usual length.
    let mut usual = Inbox::default();
    for n in 0..MESSAGES_MAX {
        usual.receive(at(1), M, part("+491701234567890", &format!("{n:0320}"), None));
    }
    assert_eq!(usual.messages().count(), MESSAGES_MAX);
    assert!(file(&usual) > 48 * 1024);
}

#[test]
fn a_message_too_long_for_the_file_is_joined_before_it_is_whole() {
    let mut inbox = Inbox::default();
    let number = |n| Some((1, 64, n));
    let receive = |n| inbox.receive(at(1), M, part("1", &"\u{ffff}".repeat(9_000), number(n)));
    let told: Vec<Option<u32>> = (1..=8).map(receive).collect();
    assert_eq!(told, [None, None, None, Some(1), None, None, None, Some(2)]);
    file(&inbox);
}

#[test]
fn a_message_is_delivered_when_all_its_parts_are() {
    let report = |reference, delivery| {
        let number = "+491701234567".to_owned();
        SmsReport { reference, number, delivery }
    };
    let mut inbox = Inbox::default();
    let id = inbox.send(M, "01701234567", "text", 2);
    inbox.part_sent(id, Some(4));
    assert_eq!(inbox.report(M, &report(4, SmsDelivery::Trying)), None);
    assert_eq!(inbox.report(M, &report(4, SmsDelivery::Delivered)), None);
    inbox.part_sent(id, Some(5));
    inbox.sent(id, true);
    inbox.stamp(77);
    assert_eq!(inbox.report("usb:1-2", &report(5, SmsDelivery::Delivered)), None);
    let mut inbox = kept(&inbox);
    assert_eq!(inbox.report(M, &report(5, SmsDelivery::Delivered)), Some(id));
    assert_eq!(inbox.get(id).unwrap().progress, Progress::Delivered);
    assert_eq!(inbox.get(id).unwrap().unix_secs, Some(77));
    let id = inbox.send(M, "01701234567", "text", 1);
    inbox.part_sent(id, Some(6));
    assert_eq!(inbox.report(M, &report(6, SmsDelivery::Failed)), Some(id));
    assert_eq!(inbox.get(id).unwrap().progress, Progress::Failed);
}

#[test]
fn no_control_character_leaves_the_inbox_and_a_strange_file_is_an_empty_one() {
    let mut inbox = Inbox::default();
    inbox.receive(at(1), M, part("a\u{1b}[2J\0", "x\r\n\u{1b}]0;\u{7}\0\u{9b}y", None));
    let text = format!("{:?}", list(&kept(&inbox)));
    assert!(!text.contains("\\u{1b}") && !text.contains("\\0"), "{text}");
    for table in [Table::new(), Table::new().with("messages", vec![1_i32]).with("last_id", -1_i32)]
    {
        assert_eq!(list(&Inbox::from_table(at(0), &table)), Vec::<String>::new());
    }
}

#[test]
fn what_an_earlier_version_kept_by_path_is_the_modems_there() {
    let mut inbox = Inbox::default();
    inbox.receive(at(1), M, part("1", "old", None));
    inbox.receive(at(1), "usb:1-2", part("1", "another's", None));
    let mut inbox = kept(&inbox);
    inbox.claim(M, "imei:867698040000017");
    assert_eq!((inbox.unread("imei:867698040000017"), inbox.unread(M)), (1, 0));
    assert_eq!(kept(&inbox).unread("imei:867698040000017"), 1);
    assert_eq!(inbox.unread("usb:1-2"), 1);
}
