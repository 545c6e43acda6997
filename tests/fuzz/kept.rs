//! What an earlier daemon kept, damaged on flash: read as the daemon reads it, then lived with.

use super::log_check;
use super::modems;
use ltewan::manager::{Input, Kept, Manager};
use ltewan::modem::pin::Marks;
use ltewan::time::{Duration, Instant};
use ltewan::wire::blobmsg;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(table) = blobmsg::decode(bytes) else { return };
    log_check::watch();
    let marks = Marks::from_table(&table);
    assert_eq!(Marks::from_table(&marks.to_table()), marks);
    let now = Instant::from_millis(1);
    let mut manager = Manager::new(now, "0", 1);
    manager.handle_input(now, Input::Kept(Kept::Interface("wwan".to_owned()), table.clone()));
    manager.handle_input(now, Input::Kept(Kept::Marks, table.clone()));
    manager.handle_input(now, Input::Snapshot(modems::snapshot(&[modems::plugged(0)])));
    manager.handle_input(now, Input::NetifdAppeared);
    manager.handle_input(now, Input::InterfaceDump(modems::dump("wwan", true)));
    for _ in 0..4 {
        while manager.poll_output().is_some() {}
        let Some(at) = manager.poll_timeout() else { break };
        manager.handle_timeout(at.max(now + Duration::from_millis(1)));
    }
}
