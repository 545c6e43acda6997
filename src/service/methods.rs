//! The signature of our ubus object, as `ubus -v list ltewan` shows it.

use super::ubus::{Kind, Method, Object, Param};

const fn param(name: &'static str, kind: Kind) -> Param {
    Param { name, kind }
}

const MODEM: Param = param("modem", Kind::String);
const INTERFACE: Param = param("interface", Kind::String);

/// The object.
pub const LTEWAN: Object = Object {
    name: "ltewan",
    methods: &[
        Method { name: "status", params: &[MODEM] },
        Method { name: "info", params: &[MODEM] },
        Method { name: "connect", params: &[INTERFACE] },
        Method { name: "disconnect", params: &[INTERFACE] },
        Method { name: "reconnect", params: &[INTERFACE] },
        Method { name: "reset", params: &[MODEM, param("level", Kind::String)] },
        Method {
            name: "at",
            params: &[MODEM, param("command", Kind::String), param("timeout_ms", Kind::Integer)],
        },
        Method {
            name: "pin",
            params: &[
                MODEM,
                param("action", Kind::String),
                param("pin", Kind::String),
                param("new_pin", Kind::String),
                param("puk", Kind::String),
                param("force", Kind::Boolean),
            ],
        },
        Method { name: "usb_mode", params: &[MODEM, param("mode", Kind::String)] },
        Method { name: "diagnose", params: &[] },
        Method { name: "reload", params: &[] },
        Method { name: "setup", params: &[INTERFACE, param("config", Kind::Table)] },
        Method { name: "teardown", params: &[INTERFACE] },
    ],
};
