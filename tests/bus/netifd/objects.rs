//! What the stand-in publishes on the bus.

use ltewan::service::ubus::{Kind, Method, Object, Param};

const fn param(name: &'static str, kind: Kind) -> Param {
    Param { name, kind }
}

const INTERFACE: &[Param] = &[param("interface", Kind::String)];

/// Every key that netifd reads from the document: another one is a mistake of its sender.
const NOTIFY: &[Param] = &[
    param("interface", Kind::String),
    param("action", Kind::Integer),
    param("error", Kind::Array),
    param("available", Kind::Boolean),
    param("link-up", Kind::Boolean),
    param("ifname", Kind::String),
    param("address-external", Kind::Boolean),
    param("keep", Kind::Boolean),
    param("ipaddr", Kind::Array),
    param("ip6addr", Kind::Array),
    param("ip6prefix", Kind::Array),
    param("routes", Kind::Array),
    param("routes6", Kind::Array),
    param("dns", Kind::Array),
    param("dns_search", Kind::Array),
    param("data", Kind::Table),
    param("command", Kind::Array),
    param("env", Kind::Array),
    param("signal", Kind::Integer),
    param("tunnel", Kind::Table),
    param("host", Kind::String),
    param("neighbor", Kind::Array),
    param("neighbor6", Kind::Array),
];

const ALL: &[Method] = &[
    Method { name: "dump", params: &[] },
    Method { name: "status", params: INTERFACE },
    Method { name: "up", params: INTERFACE },
    Method { name: "down", params: INTERFACE },
    Method { name: "renew", params: INTERFACE },
    Method { name: "notify_proto", params: NOTIFY },
];

/// What is on top of an interface: the options of DHCP that the daemon hands on among them.
const NETWORK: &[Method] = &[Method { name: "add_dynamic", params: DYNAMIC }];

const DYNAMIC: &[Param] = &[
    param("name", Kind::String),
    param("ifname", Kind::String),
    param("proto", Kind::String),
    param("zone", Kind::String),
    param("defaultroute", Kind::Boolean),
    param("peerdns", Kind::Boolean),
    param("metric", Kind::Integer),
    param("ip4table", Kind::String),
    param("ip6table", Kind::String),
    param("delegate", Kind::Boolean),
    param("sourcefilter", Kind::Boolean),
    param("extendprefix", Kind::String),
    param("iface_464xlat", Kind::String),
    param("tunlink", Kind::String),
    param("ip6addr", Kind::String),
];

const ONE: &[Method] = &[
    Method { name: "status", params: &[] },
    Method { name: "up", params: &[] },
    Method { name: "down", params: &[] },
    Method { name: "renew", params: &[] },
    Method { name: "notify_proto", params: NOTIFY },
];

pub(super) fn objects<'a>(names: impl Iterator<Item = &'a String>) -> Vec<Object> {
    // The bus adapter wants names that live for ever; there are few, once a run.
    let one = |name: &String| Object {
        name: String::leak(format!("network.interface.{name}")),
        methods: ONE,
    };
    let all = Object { name: "network.interface", methods: ALL };
    let network = Object { name: "network", methods: NETWORK };
    [network, all].into_iter().chain(names.map(one)).collect()
}
