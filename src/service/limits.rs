//! Has the kernel slow a net device down, through `tc` of iproute2, tc(8).
//!
//! What is sent waits in a queue (tc-tbf(8)), in which small flows go first (tc-fq_codel(8)). What
//! is received cannot wait without a second device, so what is too much of it is dropped
//! (tc-police(8)), and senders slow down. Of OpenWrt's packages that takes `tc-tiny`, which brings
//! `kmod-sched-core`, and `kmod-sched-act-police`.

use super::paths::Paths;
use crate::io::aside::Aside;
use crate::io::child::Child;
use crate::manager::{Input, SpeedLimit};
use crate::map::Map;
use crate::time::Duration;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::Path;

/// Which order; never used twice.
pub(super) type LimitId = u64;

/// How long one command may take; it takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a device may carry at once, in bytes: what hardware and kernel put together to one packet
/// has to fit, or it never passes.
const BURST_MIN: u32 = 70_000;

/// The larger of both is allowed for this part of a second.
const BURST_PART: u32 = 20;

/// What takes everything away again; there may be nothing to take.
const FREE: [&str; 2] = ["qdisc del dev DEV root", "qdisc del dev DEV ingress"];

/// What slows down, after that. The largest packet that a policer passes has to be named: unless it
/// is, that is one of 2 KB.
const SLOW: [&str; 4] = [
    "qdisc add dev DEV root handle 4c: tbf rate RATE burst BURST latency 500ms",
    "qdisc add dev DEV parent 4c:1 fq_codel",
    "qdisc add dev DEV ingress",
    "filter add dev DEV parent ffff: protocol all prio 1 matchall action police rate RATE \
     burst BURST mtu 128kb conform-exceed drop",
];

/// The orders that are being carried out.
#[derive(Debug, Default)]
pub(super) struct Limits {
    orders: Map<LimitId, (SpeedLimit, Aside<()>)>,
    next: LimitId,
}

impl Limits {
    /// Starts to carry out an order; what the manager is told if it cannot.
    pub(super) fn start(&mut self, paths: &Paths, limit: SpeedLimit) -> Option<Input> {
        let (tc, net, kbits) = (paths.tc.clone(), limit.net.clone(), limit.kbits);
        match Aside::start(c"limit", move || set(&tc, &net, kbits)) {
            Ok(work) => {
                self.orders.insert(self.next, (limit, work));
                self.next = self.next.saturating_add(1);
                None
            }
            Err(error) => Some(told(limit, Err(error))),
        }
    }

    /// What to wait for until it is readable.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LimitId, BorrowedFd<'_>)> {
        self.orders.iter().map(|(id, (_, work))| (*id, work.as_fd()))
    }

    /// What has become of an order; `None` while it is being carried out.
    pub(super) fn done(&mut self, id: LimitId) -> Option<Input> {
        let result = self.orders.get_mut(&id)?.1.take()?;
        Some(told(self.orders.take(&id)?.0, result.map(|done| *done)))
    }
}

fn told(limit: SpeedLimit, result: io::Result<()>) -> Input {
    let result = result.map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            return "tc is missing (tc-tiny, kmod-sched-act-police)".to_owned();
        }
        format!("tc: {error}")
    });
    Input::LimitSet(limit, result)
}

/// Slows a device down, or no longer. What could be done in part is taken back.
fn set(tc: &Path, net: &str, kbits: Option<u32>) -> io::Result<()> {
    free(tc, net)?;
    let Some(kbits) = kbits else { return Ok(()) };
    for command in &SLOW {
        let slowed = run(tc, command, net, kbits);
        if slowed.is_err() {
            free(tc, net)?;
            return slowed;
        }
    }
    Ok(())
}

fn free(tc: &Path, net: &str) -> io::Result<()> {
    for command in &FREE {
        match run(tc, command, net, 0) {
            Err(error) if error.kind() != io::ErrorKind::Other => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn run(tc: &Path, command: &str, net: &str, kbits: u32) -> io::Result<()> {
    let rate = format!("{kbits}kbit");
    let burst = (kbits.saturating_mul(1000 / 8) / BURST_PART).max(BURST_MIN).to_string();
    let mut words = Vec::new();
    for word in command.split(' ') {
        let word = match word {
            "DEV" => net,
            "RATE" => &rate,
            "BURST" => &burst,
            word => word,
        };
        words.push(word.to_owned());
    }
    let ended = Child::start(tc, &words)?.finish(PATIENCE)?;
    if ended.is_success {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.printed);
    let first = said.lines().next().unwrap_or_default();
    Err(crate::io::error::other(first.replace(char::is_control, " ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::poll::{self, Interest};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    /// A `tc` that writes down what it is told, and fails where it is told this.
    fn router(name: &str, fault: &str) -> (Paths, impl Fn() -> Vec<String>) {
        let root = std::env::temp_dir().join(format!("ltewan-tc-{name}-{}", std::process::id()));
        let paths = Paths::below(&root);
        let log = root.join("log");
        fs::create_dir_all(paths.tc.parent().unwrap()).unwrap();
        let (file, said) = (log.display(), "echo \"Error: no such thing\" >&2; exit 2");
        let script =
            format!("#!/bin/sh\necho \"$*\" >> {file}\ncase \"$*\" in {fault}) {said};; esac\n");
        fs::write(&paths.tc, script).unwrap();
        fs::set_permissions(&paths.tc, fs::Permissions::from_mode(0o755)).unwrap();
        let told = move || {
            let text = fs::read_to_string(&log).unwrap();
            fs::remove_file(&log).unwrap();
            text.lines().map(str::to_owned).collect()
        };
        (paths, told)
    }

    fn carried_out(paths: &Paths, net: &str, kbits: Option<u32>) -> Result<(), String> {
        let mut limits = Limits::default();
        let limit = SpeedLimit { modem: "usb:1-1".into(), net: net.into(), kbits };
        assert!(limits.start(paths, limit.clone()).is_none());
        let (id, fd) = limits.iter().next().unwrap();
        poll::wait(&[(fd, Interest::Read)], Some(Duration::from_secs(60))).unwrap();
        let Some(Input::LimitSet(told, result)) = limits.done(id) else { panic!("not done") };
        assert_eq!((told, limits.iter().count()), (limit, 0));
        result
    }

    #[test]
    fn a_device_is_slowed_down_both_ways_and_set_free() {
        // There is nothing to take away.
        let (paths, told) = router("both", "*\" del \"*");
        carried_out(&paths, "wwan0", Some(256)).unwrap();
        let free = ["qdisc del dev wwan0 root", "qdisc del dev wwan0 ingress"];
        let slow = [
            "qdisc add dev wwan0 root handle 4c: tbf rate 256kbit burst 70000 latency 500ms",
            "qdisc add dev wwan0 parent 4c:1 fq_codel",
            "qdisc add dev wwan0 ingress",
            "filter add dev wwan0 parent ffff: protocol all prio 1 matchall action police \
             rate 256kbit burst 70000 mtu 128kb conform-exceed drop",
        ];
        assert_eq!(told(), [&free[..], &slow].concat());
        carried_out(&paths, "wwan0", None).unwrap();
        assert_eq!(told(), free);
        // A name is one word, whatever is in it.
        carried_out(&paths, "x root; reboot DEV", Some(100_000)).unwrap();
        assert!(
            told()[2].contains(
                "dev x root; reboot DEV root handle 4c: tbf rate 100000kbit burst 625000"
            )
        );
        fs::remove_dir_all(paths.sys.parent().unwrap()).unwrap();
    }

    #[test]
    fn what_could_be_done_in_part_is_taken_back_and_why_is_told() {
        let (paths, told) = router("part", "*police*");
        let why = carried_out(&paths, "wwan0", Some(16)).unwrap_err();
        assert_eq!(why, "tc: Error: no such thing");
        assert_eq!(told()[6..], ["qdisc del dev wwan0 root", "qdisc del dev wwan0 ingress"]);
        fs::remove_file(&paths.tc).unwrap();
        let why = carried_out(&paths, "wwan0", Some(16)).unwrap_err();
        assert_eq!(why, "tc is missing (tc-tiny, kmod-sched-act-police)");
        fs::remove_dir_all(paths.sys.parent().unwrap()).unwrap();
    }
}
