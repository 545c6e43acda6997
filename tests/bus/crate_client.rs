//! The independent `ubus` crate as a client of an object that our connection serves.

use std::sync::atomic::{AtomicBool, Ordering};

use ltewan::time::Duration;

use super::connection::{LTEWAN, serve};
use super::{Bus, Peer, turn};

#[test]
fn the_ubus_crate_lists_and_calls_our_object() {
    let bus = Bus::start();
    let mut server = Peer::connected(&bus, vec![LTEWAN], serve);
    let is_done = AtomicBool::new(false);
    let path = bus.path();
    std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let result = std::panic::catch_unwind(|| talk(&path));
            is_done.store(true, Ordering::SeqCst);
            result
        });
        while !is_done.load(Ordering::SeqCst) {
            turn(&mut [&mut server], Duration::from_millis(5));
        }
        let (objects, status, refused) = client.join().unwrap().unwrap();
        assert!(objects.contains("ltewan"), "{objects}");
        assert!(objects.contains("\"status\""), "{objects}");
        assert!(status.contains("\"state\": \"connected\""), "{status}");
        assert!(refused.contains('2'), "{refused}");
    });
}

fn talk(path: &std::path::Path) -> (String, String, String) {
    let mut client = ubus::Connection::connect(path).unwrap();
    let objects = client.lookup_object_json("ltewan").unwrap();
    let status = client.call("ltewan", "status", "{}").unwrap();
    let mut id = 0;
    client.lookup_cb("ltewan", |object| id = object.id, |_| {}).unwrap();
    // A string where the method takes nothing: "modme".
    let args = b"\x83\x00\x00\x0e\x00\x05modme\0a\0";
    let mut padded = args.to_vec();
    padded.resize(padded.len().next_multiple_of(4), 0);
    let refused = client.invoke(id, "status", &padded, |_| {});
    (objects, status, format!("{refused:?}"))
}
