//! Steps with the package mwan3, where the guest has it: it takes what `ltewan wan` writes, and
//! sees that a cable leads nowhere, which no route tells.

use std::fs;
use std::path::Path;

use ltewan::time::Duration;

use crate::failover::{CABLE, Place, cut, mend, set_far_link};
use crate::stage::HOST_V4;
use crate::{Failure, Outcome, Report, now, run as program, seconds, wait_for};

const PROGRAM: &str = "/usr/sbin/mwan3";
const LOG: &str = "/run/syslog";
const FIREWALL: &str = "config zone\n\toption name 'wan'\n\tlist network 'wan'\n\
    \tlist network 'wan4g'\n";
const START_LIMIT: Duration = Duration::from_secs(90);
/// Its scripts take long in an emulated machine that is busy.
const LIMIT: Duration = Duration::from_secs(180);

pub(crate) fn run(report: &mut Report, place: &Place) {
    if !Path::new(PROGRAM).exists() {
        return;
    }
    report.step("mwan3 starts with what ltewan wan backup has written", || start(place));
    report.step("mwan3: cable leads nowhere: the modem carries", || {
        cut()?;
        wait_moved("wan4g")
    });
    report.step("mwan3: cable leads there again: it carries", || {
        mend()?;
        wait_moved("wan")
    });
    report.step("mwan3: cable pulled: the modem carries", || {
        set_far_link("down")?;
        wait_moved("wan4g")
    });
    report.step("mwan3: cable back: it carries again", || {
        set_far_link("up")?;
        wait_moved("wan")
    });
    report.step("mwan3: ltewan wan balance: both carry", balance);
}

fn start(place: &Place) -> Outcome {
    fs::write("/etc/config/firewall", FIREWALL)?;
    // Its examples; what is said of an interface already would be left as it is.
    for example in ["wan", "wan6", "wanb", "wanb6"] {
        program("uci", &["delete", &format!("mwan3.{example}")])?;
    }
    program("uci", &["commit", "mwan3"])?;
    program("syslogd", &["-O", LOG, "-l", "8"])?;
    // What the firewall does for its zone wan.
    for device in [CABLE, place.modem()] {
        let rule = ["-t", "nat", "-A", "POSTROUTING", "-o", device, "-j", "MASQUERADE"];
        program("iptables", &rule)?;
    }
    program("ltewan", &["wan", "backup", "--apply"])?;
    program("mwan3", &["start"])?;
    wait_for("cable that carries", START_LIMIT, || carries("wan").then_some(()))
        .map_err(with_log)?;
    wait_for("both online", START_LIMIT, || {
        let status = program("mwan3", &["interfaces"]).ok()?;
        let is_online = |name| status.contains(&format!("interface {name} is online and tracking"));
        (["wan", "wan4g"].into_iter().all(is_online)).then_some(())
    })
    .map_err(with_log)?;
    program("mwan3", &["status"])?;
    without_complaints()
}

/// mwan3 says in the log what it cannot take.
fn without_complaints() -> Outcome {
    let log = fs::read_to_string(LOG)?;
    let complaint = log.lines().find(|line| line.contains(" user.err "));
    complaint.map_or_else(|| Ok(String::new()), |line| Err(line.into()))
}

/// Whether it is one of those that the policy has traffic go by.
fn carries(name: &str) -> bool {
    let policy = program("iptables", &["-t", "mangle", "-S", "mwan3_policy_ltewan"]);
    policy.is_ok_and(|policy| policy.contains(&format!("--comment \"{name} ")))
}

/// Pings one by one, each a connection of its own, until the interface carries what is sent.
fn wait_moved(name: &str) -> Outcome {
    let start = now();
    let (mut sent, mut lost) = (0, 0);
    loop {
        sent += 1;
        let is_answered = program("ping", &["-c", "1", "-W", "1", HOST_V4]).is_ok();
        lost += u32::from(!is_answered);
        let took = now().saturating_since(start);
        if is_answered && carries(name) {
            return Ok(format!("after {:.1} s, {lost} of {sent} pings lost", seconds(took)));
        }
        if took > LIMIT {
            let text = format!("{lost} of {sent} pings lost, and {name} does not carry");
            return Err(with_log(text.into()));
        }
    }
}

fn balance() -> Outcome {
    program("ltewan", &["wan", "balance", "--apply"])?;
    program("mwan3", &["restart"])?;
    wait_for("two that carry", START_LIMIT, || (carries("wan") && carries("wan4g")).then_some(()))
        .map_err(with_log)?;
    without_complaints()
}

fn with_log(failure: Failure) -> Failure {
    let status = program("mwan3", &["status"]).unwrap_or_default();
    format!("{failure}\n{status}\n{}", fs::read_to_string(LOG).unwrap_or_default()).into()
}
