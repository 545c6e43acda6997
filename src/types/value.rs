//! A self-describing document: what ubus methods take and return.
//!
//! The variants are blobmsg's. The manager builds status documents from these; the bus adapter
//! encodes them and the command line prints them as JSON.

/// One value of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// JSON `null`; blobmsg `UNSPEC`.
    Null,
    /// JSON `true` or `false`; blobmsg `INT8`.
    Bool(bool),
    /// A 16-bit number; blobmsg `INT16`. Rarely seen.
    I16(i16),
    /// A 32-bit number; blobmsg `INT32`.
    I32(i32),
    /// A 64-bit number; blobmsg `INT64`.
    I64(i64),
    /// A floating-point number; blobmsg `DOUBLE`.
    F64(f64),
    /// Text.
    String(String),
    /// A list of values, which need not be of one type.
    Array(Vec<Self>),
    /// Named values, in the order they were written.
    Table(Table),
}

/// A number with as many of seven decimals as it needs, and one at least. Made of whole numbers,
/// for what prints any float exactly is 16 kB of program; what is beyond a million million is not
/// told exactly, nor does anybody measure such a thing.
#[expect(clippy::cast_possible_truncation, reason = "it saturates")]
pub fn decimal(number: f64) -> String {
    const SCALE: u64 = 10_000_000;
    let scaled = (number * 1e7).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (scaled.unsigned_abs() / SCALE, scaled.unsigned_abs() % SCALE);
    let mut text = format!("{sign}{whole}.{rest:07}");
    while text.ends_with('0') && !text.ends_with(".0") {
        text.pop();
    }
    text
}

/// Named values in order. A name that occurs twice is kept twice; [`Table::get`] finds the last,
/// as libubox does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table(pub Vec<(String, Value)>);

impl Table {
    /// An empty table. Not inlined, for there are more than a hundred.
    #[inline(never)]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a name and its value.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.add(name.into(), value.into());
    }

    /// One for all types of values.
    #[inline(never)]
    fn add(&mut self, name: String, value: Value) {
        self.0.push((name, value));
    }

    /// Appends a name and its value when there is one.
    pub fn put_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// The same table with one more entry: for building a document in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.put(name, value);
        self
    }

    /// The value of the last entry called `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The entry called `name` when it is text.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// The entry called `name` when it is a table.
    pub fn get_table(&self, name: &str) -> Option<&Self> {
        self.get(name).and_then(Value::as_table)
    }

    /// The entry called `name` when it is a list.
    pub fn get_array(&self, name: &str) -> Option<&[Value]> {
        self.get(name).and_then(Value::as_array)
    }

    /// The entry called `name` when it is a whole number.
    #[inline(never)]
    pub fn get_i64(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// Whether the entry called `name` is `true`; `None` when it is no boolean.
    #[inline(never)]
    pub fn get_bool(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(Value::as_bool)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Value {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The entries of a table.
    pub fn as_table(&self) -> Option<&Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(list) = self { Some(list) } else { None }
    }

    /// The boolean.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// Any whole number, widened.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::I16(n) => Some(i64::from(*n)),
            Self::I32(n) => Some(i64::from(*n)),
            Self::I64(n) => Some(*n),
            Self::Null
            | Self::Bool(_)
            | Self::F64(_)
            | Self::String(_)
            | Self::Array(_)
            | Self::Table(_) => None,
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i32> for Value {
    fn from(n: i32) -> Self {
        Self::I32(n)
    }
}

impl From<u8> for Value {
    fn from(n: u8) -> Self {
        Self::I32(i32::from(n))
    }
}

impl From<u16> for Value {
    fn from(n: u16) -> Self {
        Self::I32(i32::from(n))
    }
}

/// Becomes `INT32` when it fits, which shells read best, and `INT64` above.
impl From<u32> for Value {
    fn from(n: u32) -> Self {
        i32::try_from(n).map_or(Self::I64(i64::from(n)), Self::I32)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::I64(n)
    }
}

/// Becomes `INT64`, saturating at its end.
impl From<u64> for Value {
    fn from(n: u64) -> Self {
        Self::I64(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::F64(n)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Self {
        let mut values = Vec::new();
        for value in list {
            values.push(value.into());
        }
        Self::Array(values)
    }
}
