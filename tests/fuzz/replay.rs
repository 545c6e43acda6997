//! The corpora, without a fuzzer.

use std::path::Path;

/// Runs a target on every file of its corpus, and on each of them cut short.
fn replay(target: &str, run: fn(&[u8])) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("tests/fuzz/corpus").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(&corpus).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        run(&bytes);
        run(bytes.get(..bytes.len() / 2).unwrap());
        run(bytes.get(bytes.len() / 3..).unwrap());
        count += 1;
    }
    assert!(count > 0, "{} is empty", corpus.display());
}

macro_rules! targets {
    ($($target:ident),*) => {$(
        #[test]
        fn $target() {
            replay(stringify!($target), super::$target::run);
        }
    )*};
}

targets!(
    apn_table,
    at,
    blobmsg,
    dial,
    kept,
    manager,
    mbim,
    mbim_port,
    probe,
    qmi,
    qmi_port,
    qmux,
    sms,
    ubus_stream,
    uci
);
