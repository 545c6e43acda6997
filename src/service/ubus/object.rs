//! The objects we publish: their methods, and what arguments a method takes.
//!
//! Arguments are checked here, before anyone sees the call: an argument that is unknown, given
//! twice or of the wrong type refuses the call and is named. What a method needs beyond that (an
//! argument that must be there, a value out of range) is the method's own to say.

use crate::types::{Table, Value};
use crate::wire::{self, blobmsg};

/// What uhttpd adds to the arguments of every call that it passes on for a web session.
const RPC_SESSION: &str = "ubus_rpc_session";

/// How much of a caller's own text an error message repeats, in characters.
const QUOTE_LEN: usize = 64;

/// An object to publish on the bus.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// Its path: `ltewan`.
    pub name: &'static str,
    /// What can be called on it.
    pub methods: &'static [Method],
}

/// A method of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name: `status`.
    pub name: &'static str,
    /// The arguments it takes; every one may be left out.
    pub params: &'static [Param],
}

/// An argument of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name: `modem`.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
}

/// What the value of an argument must be. The names are those `ubus -v list` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// A whole number, of any width: JSON has only one, and the `ubus` tool picks the narrowest.
    Integer,
    /// A boolean; 0 and 1 are taken too, since shells have no booleans, and arrive as a boolean.
    Boolean,
    /// A list.
    Array,
    /// Named values.
    Table,
}

impl Kind {
    /// The word that `ubus -v list` shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Integer => "Integer",
            Self::Boolean => "Boolean",
            Self::Array => "Array",
            Self::Table => "Table",
        }
    }

    const fn blobmsg_type(self) -> blobmsg::Type {
        match self {
            Self::String => blobmsg::Type::String,
            Self::Integer => blobmsg::Type::Int32,
            Self::Boolean => blobmsg::Type::Int8,
            Self::Array => blobmsg::Type::Array,
            Self::Table => blobmsg::Type::Table,
        }
    }

    /// `value` in the form that this kind arrives in, or `None` when it is of another kind.
    fn accept(self, value: Value) -> Option<Value> {
        match (self, value) {
            (Self::Boolean, value) => match (value.as_bool(), value.as_i64()) {
                (Some(flag), _) => Some(Value::Bool(flag)),
                (None, Some(0)) => Some(Value::Bool(false)),
                (None, Some(1)) => Some(Value::Bool(true)),
                (None, Some(_) | None) => None,
            },
            (Self::Integer, value) => value.as_i64().is_some().then_some(value),
            (Self::String, value) => value.as_str().is_some().then_some(value),
            (Self::Array, value) => value.as_array().is_some().then_some(value),
            (Self::Table, value) => value.as_table().is_some().then_some(value),
        }
    }
}

/// The arguments of a call that passed the check.
#[derive(Debug, PartialEq)]
pub(super) struct Checked {
    /// The arguments, without the one that uhttpd adds.
    pub(super) args: Table,
    /// Whether uhttpd passed the call on for a web session.
    pub(super) rpc_session: bool,
}

impl Object {
    /// The payload of `UBUS_ATTR_SIGNATURE`: method to argument to type number.
    pub(super) fn signature(&self) -> Result<Vec<u8>, wire::Error> {
        let mut methods = Table::new();
        for method in self.methods {
            let mut params = Table::new();
            for param in method.params {
                params.put(param.name, param.kind.blobmsg_type().id());
            }
            methods.put(method.name, params);
        }
        blobmsg::encode(&methods)
    }

    pub(super) fn method(&self, name: &str) -> Option<&'static Method> {
        self.methods.iter().find(|method| method.name == name)
    }
}

impl Method {
    /// The arguments when each is known, given once and of its kind; else a sentence that names
    /// the one that is not.
    pub(super) fn check(&self, given: Table) -> Result<Checked, String> {
        let mut checked = Checked { args: Table::new(), rpc_session: false };
        for (name, value) in given.0 {
            if name == RPC_SESSION {
                checked.rpc_session = true;
                continue;
            }
            let Some(param) = self.params.iter().find(|param| param.name == name) else {
                return Err(format!("unknown argument '{}'; {}", quote(&name), self.usage()));
            };
            if checked.args.get(&name).is_some() {
                return Err(format!("argument '{name}' given twice"));
            }
            let given = kind_name(&value);
            let Some(value) = param.kind.accept(value) else {
                let expected = param.kind.name();
                return Err(format!("argument '{name}': expected {expected}, got {given}"));
            };
            checked.args.put(name, value);
        }
        Ok(checked)
    }

    fn usage(&self) -> String {
        if self.params.is_empty() {
            return format!("{} takes no arguments", self.name);
        }
        let params: Vec<String> = self
            .params
            .iter()
            .map(|param| format!("{} ({})", param.name, param.kind.name()))
            .collect();
        format!("{} takes {}", self.name, params.join(", "))
    }
}

const fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "Boolean",
        Value::I16(_) | Value::I32(_) | Value::I64(_) => "Integer",
        Value::F64(_) => "Double",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Table(_) => "Table",
    }
}

fn quote(text: &str) -> String {
    text.chars().take(QUOTE_LEN).collect()
}
