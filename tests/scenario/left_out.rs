//! Programs that are built without the protocols of some modems.

use super::USB1;
use super::router::Router;

const USB2: &str = "usb:1-2";

/// A modem of each protocol, and whether this program speaks that.
const MODEMS: [(&str, &str, bool); 4] = [
    ("front=qmi", "qmi", cfg!(feature = "qmi")),
    ("front=mbim", "mbim", cfg!(feature = "mbim")),
    ("front=at dialect=quectel", "at", cfg!(feature = "at")),
    ("front=at usb=none", "ppp", cfg!(feature = "at")),
];

#[test]
fn a_modem_whose_protocol_is_left_out_says_so_and_is_taken_last() {
    for (modem, protocol, is_built) in MODEMS {
        let mut router = Router::new();
        router.interface("wwan", "apn=internet");
        router.plug(USB1, modem);
        router.at(1_000).ifup("wwan");
        if is_built {
            router.run_until_up("wwan", 60_000);
            continue;
        }
        router.run_until(30_000);
        assert_eq!(router.error("wwan"), Some("PROTOCOL_MISSING"), "{modem}");
        let status = router.status();
        assert_eq!(status[0].get_str("cause"), Some("protocol_missing"), "{modem}");
        assert_eq!(status[0].get_str("detail"), Some(protocol), "{modem}");
        router.at(600_000).plug(USB2, "device=phone");
        router.run_until_up("wwan", 1_000);
    }
}
