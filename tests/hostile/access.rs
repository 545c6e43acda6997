//! What the access groups of LuCI give away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ltewan::service::methods::LTEWAN;

const GROUPS: &str =
    include_str!("../../luci-app-ltewan/root/usr/share/rpcd/acl.d/luci-app-ltewan.json");

/// The words of each `"ltewan": [ ... ]` in a part of the file: methods.
fn methods(part: &str) -> Vec<&str> {
    let lists = part.split("\"ltewan\": [").skip(1).filter_map(|rest| rest.split(']').next());
    lists.flat_map(|list| list.split('"').skip(1).step_by(2)).collect()
}

/// The part of the file that is about one group.
fn group(name: &str) -> &'static str {
    let start = GROUPS.find(&format!("\"{name}\": {{")).unwrap();
    let rest = &GROUPS[start..];
    &rest[..rest.find("\n\t}").unwrap()]
}

#[test]
fn every_method_is_in_one_group_and_those_of_netifd_in_none() {
    let mut granted = methods(GROUPS);
    granted.sort_unstable();
    let mut known: Vec<_> = LTEWAN.methods.iter().map(|method| method.name).collect();
    known.retain(|name| !["setup", "teardown", "ppp"].contains(name));
    known.push("pin");
    known.sort_unstable();
    known.dedup();
    assert_eq!(granted, known);
}

#[test]
fn who_may_only_look_sees_no_identity_and_no_configuration() {
    let look = group("luci-app-ltewan");
    assert_eq!(methods(look), ["cells", "history", "signal", "status"]);
    assert!(!look.contains("\"uci\""), "{look}");
    assert_eq!(methods(group("luci-app-ltewan-at")), ["at"]);
    assert_eq!(methods(group("luci-app-ltewan-pin")), ["pin"]);
}
