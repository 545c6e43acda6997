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
    let granted = methods(GROUPS);
    for method in LTEWAN.methods {
        let is_netifds = ["setup", "teardown", "ppp"].contains(&method.name);
        let groups = granted.iter().filter(|name| **name == method.name).count();
        assert_eq!(groups, usize::from(!is_netifds), "{}", method.name);
    }
}

#[test]
fn who_may_only_look_sees_no_identity_and_no_configuration() {
    let look = group("luci-app-ltewan");
    assert_eq!(methods(look), ["apn_lookup", "bands", "cells", "history", "signal", "status"]);
    assert!(!look.contains("\"uci\"") && !look.contains("\"write\""), "{look}");
    assert_eq!(methods(group("luci-app-ltewan-at")), ["at", "ussd"]);
    assert_eq!(methods(group("luci-app-ltewan-pin")), ["pin"]);
}
