//! `wan`: which of the ways out of a router comes first, as changes of `/etc/config` that are
//! printed, and made by `uci` when that is asked for. Nothing else in the program changes the
//! configuration.

use super::client::{Failure, failure};
use crate::config::firewall;
use crate::io::program;
use crate::service::configuration;
use crate::service::paths::Paths;
use crate::types::uci::{OptionValue, Package, Section};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wan {
    role: Role,
    interface: Option<String>,
    apply: bool,
    root: PathBuf,
}

/// What the cellular connection is among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It comes first.
    Main,
    /// It comes last.
    Backup,
    /// It takes its share.
    Balance,
}

/// The metric of the first, and how much more each that follows has.
const METRIC: usize = 10;

/// The policy of mwan3, and what its sections' names begin with.
const POLICY: &str = "ltewan";

/// How mwan3 watches over an interface. By its own defaults it needs a minute and a half to leave
/// one that leads nowhere, with these less than half a minute.
const TRACKING: [(&str, &str); 9] = [
    ("enabled", "1"),
    ("family", "ipv4"),
    ("reliability", "1"),
    ("interval", "10"),
    ("failure_interval", "2"),
    ("recovery_interval", "5"),
    ("timeout", "2"),
    ("down", "3"),
    ("up", "3"),
];

pub(super) fn parse(words: &[String], apply: bool, root: Option<PathBuf>) -> Result<Wan, String> {
    let mut words = words.iter();
    let role = match words.next().map(String::as_str) {
        Some("main") => Role::Main,
        Some("backup") => Role::Backup,
        Some("balance") => Role::Balance,
        Some(_) | None => return Err("wan takes main, backup or balance".to_owned()),
    };
    let interface = words.next().cloned();
    super::no_more(words.as_slice())?;
    Ok(Wan { role, interface, apply, root: root.unwrap_or_else(|| "/".into()) })
}

/// Prints the changes or makes them.
///
/// # Errors
/// Why there are none.
pub fn run(wan: &Wan, out: &mut impl Write) -> Result<(), Failure> {
    let paths = Paths::below(&wan.root);
    let read = |name| configuration::read(&paths, name);
    let changes = changes(wan, &read("network"), &read("firewall"), &read("mwan3"))
        .map_err(|message| failure(1, message))?;
    if wan.apply {
        apply("uci", &paths, &changes).map_err(|error| failure(1, format!("uci: {error}")))?;
    }
    let _ = out.write_all(shown(wan, &changes).as_bytes());
    Ok(())
}

fn shown(wan: &Wan, changes: &[String]) -> String {
    let mut text = String::new();
    for change in changes {
        let _ = writeln!(text, "uci {change}");
    }
    for (package, line) in
        &[("network", "/etc/init.d/network reload\n"), ("mwan3", "/etc/init.d/mwan3 restart\n")]
    {
        if changes.iter().any(|change| change.strip_prefix("commit ") == Some(*package)) {
            text.push_str(line);
        }
    }
    if changes.is_empty() {
        text.push_str("Nothing is to be changed.\n");
    } else if !wan.apply {
        text.push_str("Nothing is changed yet: --apply does what uci is to do.\n");
    }
    text
}

/// Has `uci` make the changes, one after the other until it refuses one: its `batch` does not tell.
fn apply(uci: &str, paths: &Paths, changes: &[String]) -> io::Result<()> {
    for change in changes {
        // The quotes are for a shell, and nothing between them needs any.
        let words = change.replace('\'', "");
        let (verb, rest) = words.split_once(' ').unwrap_or((&words, ""));
        let [minus_c, verb, rest] = ["-c", verb, rest].map(OsStr::new);
        if !program::call(uci, &[minus_c, paths.config.as_os_str(), verb, rest])? {
            return Err(crate::io::error::other(format!("it refused: {change}")));
        }
    }
    Ok(())
}

/// The lines for `uci`.
fn changes(
    wan: &Wan,
    network: &Package,
    firewall: &Package,
    mwan3: &Package,
) -> Result<Vec<String>, String> {
    let mut ways = ways(wan, network, firewall)?;
    if wan.role == Role::Balance && mwan3.sections.is_empty() {
        return Err("only mwan3 can balance: install the package mwan3".to_owned());
    }
    let mut lines = Vec::new();
    for (place, way) in ways.iter().enumerate() {
        let metric = (METRIC * (place + 1)).to_string();
        set(&mut lines, network, "network", way, &[("metric", &metric)]);
    }
    commit(&mut lines, 0, "network");
    if !mwan3.sections.is_empty() {
        // An interface for IPv6 alone is no way out for IPv4, which is what mwan3 is told of.
        ways.retain(|way| {
            section(network, way).and_then(|it| value(it, "proto")).as_deref() != Some("dhcpv6")
        });
        let before = lines.len();
        balance(&mut lines, wan.role, &ways, mwan3);
        commit(&mut lines, before, "mwan3");
    }
    Ok(lines)
}

/// The name of an interface.
fn interface(section: &Section) -> Option<&String> {
    section.name.as_ref().filter(|_| section.kind == "interface")
}

/// The interfaces in the order in which they are used.
fn ways(wan: &Wan, network: &Package, firewall: &Package) -> Result<Vec<String>, String> {
    let mut own = None;
    for section in &network.sections {
        if let Some(name) = interface(section)
            && value(section, "proto").as_deref() == Some("ltewan")
            && wan.interface.as_ref().is_none_or(|wanted| wanted == name)
            && own.replace(name).is_some()
        {
            return Err("which interface? there are several".to_owned());
        }
    }
    let own = own.ok_or("there is no such interface with proto 'ltewan'")?;
    let zone = firewall::zone_of(firewall, own)
        .ok_or_else(|| format!("{own} is in no zone of the firewall"))?;
    let mut ways = Vec::new();
    for name in network.sections.iter().filter_map(interface) {
        if name != own && firewall::zone_of(firewall, name).as_ref() == Some(&zone) {
            ways.push(name.clone());
        }
    }
    if ways.is_empty() {
        return Err(format!("{own} is the only interface in the zone {zone}"));
    }
    let place = if wan.role == Role::Main { 0 } else { ways.len() };
    ways.insert(place, own.clone());
    Ok(ways)
}

/// The sections of mwan3. What the owner has said of an interface is left.
fn balance(lines: &mut Vec<String>, role: Role, ways: &[String], mwan3: &Package) {
    let mut members = Vec::new();
    let mut uses = Vec::new();
    for (place, way) in ways.iter().enumerate() {
        if section(mwan3, way).is_none() {
            lines.push(format!("set mwan3.{way}=interface"));
            set(lines, mwan3, "mwan3", way, &TRACKING);
            for host in ["1.1.1.1", "9.9.9.9"] {
                lines.push(format!("add_list mwan3.{way}.track_ip='{host}'"));
            }
            if role == Role::Balance || place + 1 < ways.len() {
                // What it carried would stay with it, and hang.
                lines.push(format!("add_list mwan3.{way}.flush_conntrack='disconnected'"));
            }
        }
        let member = format!("{POLICY}_{way}");
        let metric = if role == Role::Balance { 1 } else { place + 1 }.to_string();
        declare(lines, mwan3, &member, "member");
        set(lines, mwan3, "mwan3", &member, &[("interface", way), ("metric", &metric)]);
        uses.push(format!("add_list mwan3.{POLICY}.use_member='{member}'"));
        members.push(member.into_bytes());
    }
    declare(lines, mwan3, POLICY, "policy");
    // For IPv6, which has no member and goes by metric.
    set(lines, mwan3, "mwan3", POLICY, &[("last_resort", "default")]);
    let has = section(mwan3, POLICY).and_then(|policy| policy.get("use_member"));
    if has != Some(&OptionValue::List(members)) {
        if has.is_some() {
            lines.push(format!("delete mwan3.{POLICY}.use_member"));
        }
        lines.append(&mut uses);
    }
    // Those of the package use the policy that it brings as an example.
    let mut has_rule = false;
    for rule in &mwan3.sections {
        let policy = value(rule, "use_policy");
        if rule.kind == "rule"
            && matches!(policy.as_deref(), Some("balanced" | POLICY))
            && value(rule, "family").as_deref() != Some("ipv6")
        {
            has_rule = true;
            if let Some(name) = &rule.name {
                set(lines, mwan3, "mwan3", name, &[("use_policy", POLICY)]);
            }
        }
    }
    if !has_rule {
        let rule = format!("{POLICY}_rule");
        declare(lines, mwan3, &rule, "rule");
        let options = [("dest_ip", "0.0.0.0/0"), ("family", "ipv4"), ("use_policy", POLICY)];
        set(lines, mwan3, "mwan3", &rule, &options);
    }
}

fn declare(lines: &mut Vec<String>, mwan3: &Package, name: &str, kind: &str) {
    if section(mwan3, name).is_none() {
        lines.push(format!("set mwan3.{name}={kind}"));
    }
}

/// Sets what is not so yet.
fn set(
    lines: &mut Vec<String>,
    package: &Package,
    package_name: &str,
    name: &str,
    options: &[(&str, &str)],
) {
    for (option, wanted) in options {
        let is = section(package, name).and_then(|section| value(section, option));
        if is.as_deref() != Some(*wanted) {
            lines.push(format!("set {package_name}.{name}.{option}='{wanted}'"));
        }
    }
}

fn commit(lines: &mut Vec<String>, before: usize, package: &str) {
    if lines.len() > before {
        lines.push(format!("commit {package}"));
    }
}

fn section<'a>(package: &'a Package, name: &str) -> Option<&'a Section> {
    package.sections.iter().find(|section| section.name.as_deref() == Some(name))
}

fn value(section: &Section, name: &str) -> Option<String> {
    match section.get(name)? {
        OptionValue::Single(value) => Some(String::from_utf8_lossy(value).into_owned()),
        OptionValue::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::uci;

    const NETWORK: &str = "config interface 'loopback'\n option proto 'static'\n\
        config interface 'lan'\n option proto 'static'\n\
        config interface 'wan'\n option proto 'dhcp'\n\
        config interface 'wan6'\n option proto 'dhcpv6'\n\
        config interface 'wan4g'\n option proto 'ltewan'\n";

    const FIREWALL: &str = "config zone\n option name 'lan'\n list network 'lan'\n\
        config zone\n option name 'wan'\n list network 'wan'\n list network 'wan6'\n\
        list network 'wan4g'\n";

    const MWAN3: &str = "config globals 'globals'\n\
        config interface 'wan'\n option enabled '1'\n option family 'ipv4'\n\
        config rule 'https'\n option dest_port '443'\n option use_policy 'balanced'\n\
        config rule 'six'\n option family 'ipv6'\n option use_policy 'balanced'\n\
        config rule 'voice'\n option use_policy 'wan_only'\n";

    fn lines(words: &[&str], network: &str, mwan3: &str) -> Result<Vec<String>, String> {
        let package = |text: &str| uci::parse(text.as_bytes()).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let wan = parse(&words, false, None)?;
        changes(&wan, &package(network), &package(FIREWALL), &package(mwan3))
    }

    #[test]
    fn a_backup_has_the_highest_metric_of_its_zone() {
        let changes = lines(&["backup"], NETWORK, "").unwrap();
        let wanted = [
            "set network.wan.metric='10'",
            "set network.wan6.metric='20'",
            "set network.wan4g.metric='30'",
            "commit network",
        ];
        assert_eq!(changes, wanted);
        let first = lines(&["main", "wan4g"], NETWORK, "").unwrap();
        assert!(first.contains(&"set network.wan4g.metric='10'".to_owned()));
        let network = NETWORK.replace("'dhcp'\n", "'dhcp'\n option metric '10'\n");
        assert_eq!(lines(&["backup"], &network, "").unwrap().len(), 3);
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_sentence() {
        for (words, network) in [
            (&["balance"][..], NETWORK),
            (&["backup", "wan"], NETWORK),
            (&["backup"], "config interface 'wan4g'\n option proto 'ltewan'\n"),
            (&["backup"], ""),
            (&["first"], NETWORK),
            (&["backup", "wan4g", "more"], NETWORK),
        ] {
            assert!(lines(words, network, "").is_err(), "{words:?}");
        }
    }

    #[test]
    fn mwan3_gets_members_a_policy_and_the_rules_that_used_its_example() {
        let changes = lines(&["balance"], NETWORK, MWAN3).unwrap();
        for wanted in [
            "set mwan3.wan4g=interface",
            "add_list mwan3.wan4g.track_ip='9.9.9.9'",
            "add_list mwan3.wan4g.flush_conntrack='disconnected'",
            "set mwan3.wan4g.down='3'",
            "set mwan3.ltewan_wan4g.metric='1'",
            "set mwan3.ltewan_wan.metric='1'",
            "add_list mwan3.ltewan.use_member='ltewan_wan4g'",
            "set mwan3.ltewan.last_resort='default'",
            "set mwan3.https.use_policy='ltewan'",
            "commit mwan3",
        ] {
            assert!(changes.contains(&wanted.to_owned()), "{wanted}: {changes:#?}");
        }
        let untouched = ["wan=", "wan.", "wan6", "voice", "six"];
        assert!(!untouched.iter().any(|it| changes.iter().any(|change| {
            change.contains(&format!(" mwan3.{it}")) || change.contains("ltewan_wan6")
        })));
        let backup = lines(&["backup"], NETWORK, MWAN3).unwrap();
        assert!(backup.contains(&"set mwan3.ltewan_wan4g.metric='2'".to_owned()));
        // Nothing moves when the last one goes.
        assert!(!backup.iter().any(|change| change.contains("flush_conntrack")));
    }

    #[test]
    fn a_change_that_uci_refuses_is_told_and_nothing_is_committed() {
        let root = std::env::temp_dir().join(format!("ltewan-wan-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let uci = root.join("uci");
        let script = "echo \"$@\" >> \"$2/done\"; [ \"$4\" != network.wan6.metric=20 ]";
        std::fs::write(&uci, format!("#!/bin/sh\n{script}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&uci, mode).unwrap();
        let paths = Paths { config: root.clone(), ..Paths::below(&root) };
        let changes = lines(&["backup"], NETWORK, "").unwrap();
        let error = apply(uci.to_str().unwrap(), &paths, &changes).unwrap_err().to_string();
        assert!(error.contains("network.wan6.metric"), "{error}");
        let done = std::fs::read_to_string(root.join("done")).unwrap();
        assert!(done.contains("set network.wan.metric=10\n") && !done.contains("commit"), "{done}");
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn what_is_so_already_is_not_changed_again() {
        let network = NETWORK
            .replace("'dhcp'\n", "'dhcp'\n option metric '10'\n")
            .replace("'dhcpv6'\n", "'dhcpv6'\n option metric '20'\n")
            .replace("'ltewan'\n", "'ltewan'\n option metric '30'\n");
        assert!(lines(&["backup"], &network, "").unwrap().is_empty());
    }
}
