//! Our ubus object: its signature, as `ubus -v list ltewan` shows it, and its answers.

use super::ubus::{CallId, Connection, Kind, Method, Object, Param};
use crate::manager::{CallError, CallStatus};
use crate::types::Table;
use crate::wire::ubus::Status;

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
            params: &[
                MODEM,
                param("command", Kind::String),
                param("timeout_ms", Kind::Integer),
                param("payload", Kind::String),
            ],
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
        Method { name: "sms_list", params: &[MODEM] },
        Method {
            name: "sms_send",
            params: &[
                MODEM,
                param("number", Kind::String),
                param("text", Kind::String),
                param("report", Kind::Boolean),
                param("language", Kind::String),
            ],
        },
        Method { name: "sms_read", params: &[MODEM, param("ids", Kind::Array)] },
        Method { name: "sms_delete", params: &[MODEM, param("ids", Kind::Array)] },
        Method { name: "apn_lookup", params: &[MODEM, param("plmn", Kind::String)] },
        Method {
            name: "ussd",
            params: &[
                MODEM,
                param("code", Kind::String),
                param("reply", Kind::String),
                param("cancel", Kind::Boolean),
            ],
        },
        Method { name: "usb_mode", params: &[MODEM, param("mode", Kind::String)] },
        Method { name: "signal", params: &[MODEM, param("interval_s", Kind::Integer)] },
        Method { name: "history", params: &[MODEM, param("span", Kind::String)] },
        Method { name: "cells", params: &[MODEM] },
        Method { name: "bands", params: &[MODEM] },
        Method {
            name: "set_bands",
            params: &[MODEM, param("bands", Kind::Array), param("restore_s", Kind::Integer)],
        },
        Method {
            name: "set_modes",
            params: &[MODEM, param("modes", Kind::Array), param("restore_s", Kind::Integer)],
        },
        Method { name: "scan", params: &[MODEM, param("cancel", Kind::Boolean)] },
        Method { name: "register", params: &[MODEM, param("plmn", Kind::String)] },
        Method { name: "set_slot", params: &[MODEM, param("slot", Kind::Integer)] },
        Method { name: "usage", params: &[param("iccid", Kind::String)] },
        Method { name: "usage_reset", params: &[param("iccid", Kind::String)] },
        Method { name: "gnss", params: &[MODEM, param("action", Kind::String)] },
        Method {
            name: "speedtest",
            params: &[MODEM, param("action", Kind::String), param("server", Kind::String)],
        },
        Method { name: "diagnose", params: &[] },
        Method { name: "reload", params: &[] },
        Method {
            name: "setup",
            params: &[INTERFACE, param("config", Kind::Table), param("renew", Kind::Boolean)],
        },
        Method { name: "teardown", params: &[INTERFACE, param("ended", Kind::Integer)] },
        Method {
            name: "ppp",
            params: &[
                INTERFACE,
                param("event", Kind::String),
                param("address", Kind::String),
                param("dns1", Kind::String),
                param("dns2", Kind::String),
                param("result", Kind::String),
            ],
        },
    ],
};

/// Answers a call, a refused one with a code and a sentence.
pub(super) fn answer(connection: &mut Connection, call: CallId, result: Result<Table, CallError>) {
    match result {
        Ok(data) => {
            connection.reply(call, &data);
            connection.finish(call, Status::Ok);
        }
        Err(error) => {
            let status = status_of(error.status);
            connection.reply(call, &error.into_document());
            connection.finish(call, status);
        }
    }
}

const fn status_of(status: CallStatus) -> Status {
    match status {
        CallStatus::InvalidArgument => Status::InvalidArgument,
        CallStatus::NotFound => Status::NotFound,
        CallStatus::NotSupported => Status::NotSupported,
        CallStatus::Timeout => Status::Timeout,
        CallStatus::Failed => Status::UnknownError,
    }
}
