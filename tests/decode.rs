//! Prints as JSON what the project's own codecs make of outside data: for bug reports, and for
//! checking the codecs against other programs.
//!
//! ```text
//! cargo run --example decode -- uci FILE | blobmsg HEX | qmi HEX | at FILE
//! ```
//!
//! `-` as FILE or HEX reads standard input. When the data cannot be decoded the JSON is an object
//! `error` that says why and where, and the exit code is 1; 2 is for a wrong command line.

use ltewan::types::uci::{OptionValue, Section};
use ltewan::types::{Table, Value};
use ltewan::wire::at::{self, Command, Final, Params, Split};
use ltewan::wire::{Error, blobmsg, json, uci};
use std::io::{Read, Write};
use std::process::ExitCode;

#[path = "decode/qmi.rs"]
mod qmi;

const USAGE: &str =
    "usage: decode uci FILE | blobmsg HEX | qmi HEX | at FILE   (- for standard input)\n";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [format, source] = args.as_slice() else { return usage() };
    let decoded = match format.as_str() {
        "uci" => read(source).and_then(|bytes| decode_uci(&bytes)),
        "at" => read(source).and_then(|bytes| decode_at(&bytes)),
        "blobmsg" => hex_argument(source).and_then(|bytes| decode_blobmsg(&bytes)),
        "qmi" => hex_argument(source).and_then(|bytes| qmi::decode(&bytes)),
        _ => return usage(),
    };
    let (document, code) = match decoded {
        Ok(document) => (document, ExitCode::SUCCESS),
        Err(error) => (Table::new().with("error", error), ExitCode::FAILURE),
    };
    let text = json::table_to_json_indented(&document);
    let _ = writeln!(std::io::stdout(), "{text}");
    code
}

fn usage() -> ExitCode {
    let _ = std::io::stderr().write_all(USAGE.as_bytes());
    ExitCode::from(2)
}

/// A document, or the object that says why there is none.
type Decoded = Result<Table, Table>;

fn read(path: &str) -> Result<Vec<u8>, Table> {
    let mut bytes = Vec::new();
    let result = if path == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(path).map(|content| bytes = content)
    };
    result
        .map(|()| bytes)
        .map_err(|error| Table::new().with("message", error.to_string()).with("file", path))
}

/// Hexadecimal digits, in pairs, with anything of ` :,\n` between them.
fn hex_argument(text: &str) -> Result<Vec<u8>, Table> {
    let text = if text == "-" {
        String::from_utf8_lossy(&read("-")?).into_owned()
    } else {
        text.to_owned()
    };
    let mut digits = Vec::new();
    for (column, c) in text.char_indices() {
        match c.to_digit(16) {
            Some(digit) => digits.push(u8::try_from(digit).unwrap_or(0)),
            None if c.is_whitespace() || c == ':' || c == ',' => {}
            None => {
                let message = format!("{c:?} is not a hexadecimal digit");
                let column = u64::try_from(column).unwrap_or(u64::MAX);
                return Err(Table::new().with("message", message).with("column", column));
            }
        }
    }
    if digits.len() % 2 != 0 {
        return Err(Table::new().with("message", "an odd number of hexadecimal digits"));
    }
    Ok(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

fn wire_error(error: Error) -> Table {
    let mut table = Table::new().with("message", error.to_string());
    if let Some(field) = error.field() {
        table.put("field", field);
    }
    table
}

/// The entries of a table, with or without the header of the `blob_buf` around them.
fn decode_blobmsg(bytes: &[u8]) -> Decoded {
    let entries = match bytes.split_first_chunk() {
        // A named entry has the top bit set; the header of a buffer has not.
        Some((head, rest)) if usize::try_from(u32::from_be_bytes(*head)) == Ok(bytes.len()) => rest,
        Some(_) | None => bytes,
    };
    blobmsg::decode(entries).map_err(|error| {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        wire_error(error).with("length", length)
    })
}

fn decode_uci(bytes: &[u8]) -> Decoded {
    let package = uci::parse(bytes).map_err(|error| {
        Table::new()
            .with("message", error.kind.message())
            .with("line", u64::try_from(error.line).unwrap_or(u64::MAX))
            .with("byte", u64::try_from(error.byte).unwrap_or(u64::MAX))
    })?;
    let sections: Vec<Value> = package.sections.iter().map(|s| section(s).into()).collect();
    Ok(Table::new().with("sections", sections))
}

fn section(section: &Section) -> Table {
    let mut options = Table::new();
    for (name, value) in &section.options {
        match value {
            OptionValue::Single(bytes) => options.put(name.as_str(), text_or_hex(bytes)),
            OptionValue::List(list) => {
                let list: Vec<Value> = list.iter().map(|bytes| text_or_hex(bytes)).collect();
                options.put(name.as_str(), list);
            }
        }
    }
    let mut table = Table::new().with("type", section.kind.as_str());
    table.put_some("name", section.name.as_deref());
    table.with("options", options)
}

/// Bytes as text, or as `{"hex": ...}` when they are none.
fn text_or_hex(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Table::new().with("hex", hex).into()
        }
    }
}

/// What a modem sent: its bytes as they are, or a transcript as in tests/capture/at.
fn decode_at(bytes: &[u8]) -> Decoded {
    let bytes = transcript(bytes).unwrap_or_else(|| bytes.to_vec());
    let mut lines: Vec<Value> = Vec::new();
    let mut command = None;
    let mut offset = 0;
    while let Some((item, length)) = bytes.get(offset..).and_then(|rest| at::split(rest, true)) {
        match item {
            Split::Line(line) => lines.push(at_line(&at::text(line), &mut command).into()),
            Split::Prompt => lines.push(Table::new().with("is", "prompt").into()),
            Split::Overlong => {
                let offset = u64::try_from(offset).unwrap_or(u64::MAX);
                return Err(wire_error(Error::TooLarge).with("offset", offset));
            }
        }
        offset += length;
    }
    let mut table = Table::new().with("lines", lines);
    let rest = bytes.get(offset..).unwrap_or_default().trim_ascii();
    if !rest.is_empty() {
        table.put("unfinished", at::text(rest));
    }
    Ok(table)
}

/// The bytes of both sides in a transcript; `None` when it is not one.
fn transcript(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let marked = |line: &str| line.starts_with(['#', '>', '<', '=']) || line.is_empty();
    if !text.lines().all(marked) || !text.lines().any(|line| line.starts_with("< ")) {
        return None;
    }
    let mut bytes = Vec::new();
    for line in text.lines().filter(|line| line.starts_with(['<', '>'])) {
        let mut rest = line.get(2..)?;
        while let Some((before, after)) = rest.split_once('<') {
            let (name, tail) = after.split_once('>')?;
            bytes.extend_from_slice(before.as_bytes());
            bytes.push(match name {
                "CR" => b'\r',
                "LF" => b'\n',
                hex => u8::from_str_radix(hex, 16).ok()?,
            });
            rest = tail;
        }
        bytes.extend_from_slice(rest.as_bytes());
    }
    Some(bytes)
}

/// What one line is; `command` is the last one that no final result has ended.
fn at_line(line: &str, command: &mut Option<Command>) -> Table {
    let table = Table::new().with("text", line);
    if let Some(result) = at::final_result(line) {
        *command = None;
        return at_final(table.with("is", "final"), result);
    }
    if let Ok(typed) = Command::typed(line) {
        let is_echo = command.as_ref() == Some(&typed);
        *command = Some(typed);
        return table.with("is", if is_echo { "echo" } else { "command" });
    }
    let name = line.split_once(':').map_or(line, |(name, _)| name);
    let asked = command.as_ref().is_some_and(|c| c.names().iter().any(|(asked, _)| asked == name));
    let is_urc = if name.ends_with("REG") { at::is_registration_urc(line) } else { !asked };
    let is_urc = is_urc && at::is_urc(line);
    let table = table.with("is", if is_urc { "unsolicited" } else { "reply" });
    let Some((name, rest)) = line.split_once(':').filter(|(name, _)| is_name(name)) else {
        return table;
    };
    let params: Vec<Value> = Params::new(rest.trim())
        .map(|param| match param.number().filter(|_| !param.is_quoted) {
            Some(number) => number.into(),
            None => param.present().map_or(Value::Null, Value::from),
        })
        .collect();
    table.with("name", name).with("parameters", params)
}

fn is_name(text: &str) -> bool {
    let name = text.trim_start_matches(['+', '^', '#', '*', '$', '%', '_']);
    name.len() < text.len() && !name.is_empty() && !name.contains(' ')
}

fn at_final(table: Table, result: Final) -> Table {
    match result {
        Final::Ok => table.with("success", true),
        Final::Connect(rate) => table.with("success", true).with("rate", rate),
        Final::Cme(error) => {
            let mut table = table.with("success", false).with("meaning", error.to_string());
            table.put_some("code", error.code());
            table
        }
        Final::Cms(error) => {
            let mut table = table.with("success", false).with("meaning", error.to_string());
            table.put_some("code", error.code());
            table
        }
        Final::Error | Final::NoCarrier | Final::Busy | Final::NoAnswer | Final::NoDialtone => {
            table.with("success", false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(decoded: Decoded) -> String {
        decoded.map_or_else(
            |error| format!("error {}", json::table_to_json(&error)),
            |table| json::table_to_json(&table),
        )
    }

    #[test]
    fn an_at_transcript_and_the_bytes_of_it_give_the_same() {
        let transcript =
            b"# x\n> AT+CPIN?<CR>\n< <CR><LF>+CPIN: SIM PIN<CR><LF>\n< <CR><LF>OK<CR><LF>\n";
        let bytes = b"AT+CPIN?\r\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n";
        let expected = concat!(
            r#"{"lines":[{"text":"AT+CPIN?","is":"command"},{"text":"+CPIN: SIM PIN","#,
            r#""is":"reply","name":"+CPIN","parameters":["SIM PIN"]},"#,
            r#"{"text":"OK","is":"final","success":true}]}"#
        );
        assert_eq!(json_of(decode_at(transcript)), expected);
        assert_eq!(json_of(decode_at(bytes)), expected);
    }

    #[test]
    fn blobmsg_is_decoded_with_and_without_the_header_of_its_buffer() {
        let entry = hex_argument("8500001000026964 00:00:00:00 00000005").unwrap();
        let buffer = [&[0, 0, 0, 20], entry.as_slice()].concat();
        assert_eq!(json_of(decode_blobmsg(&entry)), r#"{"id":5}"#);
        assert_eq!(json_of(decode_blobmsg(&buffer)), r#"{"id":5}"#);
    }

    fn qmi_json(hex: &str) -> String {
        json_of(qmi::decode(&hex_argument(hex).unwrap()))
    }

    #[test]
    fn a_qmi_reply_is_shown_with_its_tlvs_and_its_meaning() {
        let reply = "01:1E:00:80:02:05:02:01:00:22:00:12:00:02:04:00:00:00:00:00:01:08:00:\
                     45:4D:31:32:2D:41:57:09";
        let expected = concat!(
            r#"{"from":"modem","service":"Dms","client":5,"kind":"response","transaction":1,"#,
            r#""message":"0x0022","name":"GetModel","result":"success","fields":"\"EM12-AW\"","#,
            r#""tlvs":[{"type":"0x02","value":"00000000"},"#,
            r#"{"type":"0x01","value":"454d31322d415709"}]}"#
        );
        assert_eq!(qmi_json(reply), expected);
    }

    #[test]
    fn a_qmi_refusal_says_all_that_its_request_knows_to_read() {
        let shown = qmi_json("011f008001070201002000130002040001000e00100200f50311040006001b00");
        assert!(shown.contains(r#""name":"StartNetwork","result":"CallFailed (14)""#), "{shown}");
        assert!(shown.contains("ThreeGpp(UnknownApn)"), "{shown}");
        let shown = qmi_json("011300800204020c002b00070002040001004700");
        assert!(shown.contains(r#""result":"InvalidQmiCommand (71)","tlvs""#), "{shown}");
    }

    #[test]
    fn qmi_requests_indications_and_unknown_messages_are_shown_as_far_as_they_are_known() {
        let shown = qmi_json("010f0000000000012200040001010001");
        assert!(
            shown.starts_with(r#"{"from":"host","service":"Ctl","client":0,"kind":"request","#)
        );
        assert!(shown.contains(r#""name":"GetClientId","tlvs""#), "{shown}");
        let shown = qmi_json("0115008001ff04010022000900010200020112010006");
        assert!(shown.contains("reconfiguration_required: true"), "{shown}");
        assert!(!shown.contains("result"), "{shown}");
        let shown = qmi_json("011300800501020700480007000204000100 3400");
        assert!(shown.contains(r#""message":"0x0048","result":"DeviceNotReady (52)","tlvs""#));
        let shown = qmi_json("010c");
        assert_eq!(shown, r#"error {"message":"truncated","length":2}"#);
    }

    #[test]
    fn an_error_says_why_and_where() {
        let uci = json_of(decode_uci(b"config a\n\toption\n"));
        assert!(uci.starts_with("error ") && uci.contains(r#""line":2"#), "{uci}");
        let hex = hex_argument("01 zz").map(|_| ()).map_err(|e| json::table_to_json(&e));
        assert!(hex.is_err_and(|e| e.contains(r#""column":3"#)));
        let blob = json_of(decode_blobmsg(&[1, 2]));
        assert!(blob.starts_with("error "), "{blob}");
        let long = json_of(decode_at(&[b'x'; 5000]));
        assert!(long.contains(r#""message":"too large","offset":0"#), "{long}");
    }

    #[test]
    fn uci_values_that_are_no_text_are_shown_in_hexadecimal() {
        let document = json_of(decode_uci(b"config a 'b'\n\toption c '\xff'\n\tlist d 'e'\n"));
        let expected =
            r#"{"sections":[{"type":"a","name":"b","options":{"c":{"hex":"ff"},"d":["e"]}}]}"#;
        assert_eq!(document, expected);
    }
}
