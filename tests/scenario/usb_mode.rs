//! A modem is made something else on USB: by the owner, or by the configuration.

use ltewan::types::Table;

use super::USB1;
use super::router::Router;

fn connected(settings: &str) -> Router {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.plug(USB1, &format!("{settings} boot=3000"));
    router.at(1_000).ifup("wwan");
    router.run_until_up("wwan", 5_000);
    router
}

fn set(mode: &str) -> Table {
    Table::new().with("modem", USB1).with("mode", mode)
}

/// What the modem is on USB, as the daemon answers.
fn mode(router: &mut Router) -> String {
    let answer = router.call("usb_mode", Table::new().with("modem", USB1)).unwrap();
    answer.get_str("mode").unwrap_or_default().to_owned()
}

#[test]
fn a_modem_is_switched_through_all_of_its_modes_and_is_up_in_each() {
    let mut router = connected("usb=qmi");
    for mode in ["ecm", "mbim", "ncm", "rndis", "qmi"] {
        // The port that speaks AT may not have been asked yet.
        router.run_for(5_000);
        let call = router.start_call("usb_mode", set(mode));
        router.settle();
        assert!(router.reply(call).is_none(), "{mode}: before it is back");
        router.run_for(10_000);
        let (_, reply) = router.reply(call).expect("an answer");
        assert_eq!(reply.as_ref().unwrap().get_str("mode"), Some(mode));
        router.run_until_up("wwan", 10_000);
        assert_eq!(self::mode(&mut router), mode);
    }
    assert_eq!(router.modem(USB1).stats().resets, 5);
}

#[test]
fn the_configuration_makes_a_modem_what_it_says() {
    let mut router = connected("usb=ecm");
    router.configure(&format!("config modem\n\toption match '{USB1}'\n\toption usb_mode 'mbim'\n"));
    router.run_for(10_000);
    router.run_until_up("wwan", 10_000);
    assert_eq!(mode(&mut router), "mbim");
    router.run_for(60_000);
    assert_eq!(router.modem(USB1).stats().resets, 1, "once");
}
