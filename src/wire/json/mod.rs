//! Documents as JSON (RFC 8259), for people and for shell scripts. It only writes.
//!
//! Any document becomes valid JSON: what JSON has no form for (NaN, infinities) becomes `null`, and
//! control characters are escaped. The indented form is laid out as `ubus call` lays it out.

use core::fmt::Write;

use crate::types::{Table, Value, decimal};

#[cfg(test)]
mod tests;

/// libubox stops indenting here; lines nested deeper begin at the same column.
const MAX_INDENT: usize = 16;

/// `value` on one line, without blanks.
pub fn to_json(value: &Value) -> String {
    let mut out = String::new();
    put(&mut out, value, None);
    out
}

/// `value` over several lines, indented by tabs.
pub fn to_json_indented(value: &Value) -> String {
    let mut out = String::new();
    put(&mut out, value, Some(0));
    out
}

/// `table` on one line, without blanks.
pub fn table_to_json(table: &Table) -> String {
    let mut out = String::new();
    put_table(&mut out, table, None);
    out
}

/// `table` over several lines, indented by tabs.
pub fn table_to_json_indented(table: &Table) -> String {
    let mut out = String::new();
    put_table(&mut out, table, Some(0));
    out
}

/// Writing to a `String` cannot fail, which is why no result of `write!` is looked at here.
fn put(out: &mut String, value: &Value, indent: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::I16(n) => drop(write!(out, "{n}")),
        Value::I32(n) => drop(write!(out, "{n}")),
        Value::I64(n) => drop(write!(out, "{n}")),
        Value::F64(n) if n.is_finite() => out.push_str(&decimal(*n)),
        Value::F64(_) => out.push_str("null"),
        Value::String(text) => put_string(out, text),
        Value::Array(list) => put_array(out, list, indent),
        Value::Table(table) => put_table(out, table, indent),
    }
}

fn put_array(out: &mut String, list: &[Value], indent: Option<usize>) {
    out.push('[');
    let inner = indent.map(|level| level.saturating_add(1));
    put_line_break(out, inner);
    for (index, value) in list.iter().enumerate() {
        if index > 0 {
            out.push(',');
            put_line_break(out, inner);
        }
        put(out, value, inner);
    }
    put_line_break(out, indent);
    out.push(']');
}

fn put_table(out: &mut String, table: &Table, indent: Option<usize>) {
    out.push('{');
    let inner = indent.map(|level| level.saturating_add(1));
    put_line_break(out, inner);
    for (index, (name, value)) in table.0.iter().enumerate() {
        if index > 0 {
            out.push(',');
            put_line_break(out, inner);
        }
        put_string(out, name);
        out.push_str(if indent.is_some() { ": " } else { ":" });
        put(out, value, inner);
    }
    put_line_break(out, indent);
    out.push('}');
}

fn put_line_break(out: &mut String, indent: Option<usize>) {
    if let Some(level) = indent {
        out.push('\n');
        out.extend(core::iter::repeat_n('\t', level.min(MAX_INDENT)));
    }
}

fn put_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            // A terminal acts on the second range as well.
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
