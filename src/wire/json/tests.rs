use super::*;

fn sample() -> Table {
    Table::new()
        .with("modem", "a")
        .with("n", -5)
        .with("big", i64::MIN)
        .with("ok", true)
        .with("none", Value::Null)
        .with("list", vec![Value::I16(1), Value::String("x".to_owned())])
        .with("empty", Table::new())
        .with("table", Table::new().with("z", 1).with("a", Vec::<i32>::new()))
}

#[test]
fn the_compact_form_has_no_blanks_and_keeps_the_order() {
    assert_eq!(
        table_to_json(&sample()),
        concat!(
            r#"{"modem":"a","n":-5,"big":-9223372036854775808,"ok":true,"none":null,"#,
            r#""list":[1,"x"],"empty":{},"table":{"z":1,"a":[]}}"#
        )
    );
    assert_eq!(to_json(&Value::Table(sample())), table_to_json(&sample()));
}

#[test]
fn the_indented_form_is_that_of_ubus_call() {
    let table = Table::new().with("a", vec![1, 2]).with("b", Table::new()).with("c", "d");
    let expected = "{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t],\n\t\"b\": {\n\t\t\n\t},\n\t\"c\": \"d\"\n}";
    assert_eq!(table_to_json_indented(&table), expected);
    assert_eq!(to_json_indented(&Value::Table(table)), expected);
}

#[test]
fn every_control_character_is_escaped() {
    for code in 0..0x20_u8 {
        let json = to_json(&Value::String(char::from(code).to_string()));
        assert!(json.starts_with("\"\\"), "{json}");
        assert!(json.bytes().all(|byte| byte >= 0x20), "{json}");
    }
    let csi = Value::String("\u{9b}31m".to_owned());
    assert_eq!(to_json(&csi), r#""\u009b31m""#);
    let text = Value::String("\"\\\u{8}\n\r\t\u{c}\0\u{7f}/ü😀".to_owned());
    assert_eq!(to_json(&text), r#""\"\\\b\n\r\t\u000c\u0000\u007f/ü😀""#);
    assert_eq!(table_to_json(&Table::new().with("\"\n", 1)), r#"{"\"\n":1}"#);
}

#[test]
fn numbers_are_json_numbers_or_null() {
    let cases = [
        (-97.5, "-97.5"),
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (-5e-324, "0.0"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3"),
        (-48.137_154_3, "-48.1371543"),
        (1e300, "922337203685.4775807"),
        (f64::NAN, "null"),
        (f64::INFINITY, "null"),
        (f64::NEG_INFINITY, "null"),
    ];
    for (number, json) in cases {
        assert_eq!(to_json(&Value::F64(number)), json);
        assert_eq!(to_json_indented(&Value::F64(number)), json);
    }
}

#[test]
fn a_nameless_entry_still_gives_valid_json() {
    assert_eq!(table_to_json(&Table::new().with("", 1)), r#"{"":1}"#);
}
