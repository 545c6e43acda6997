//! An LED in `/sys/class/leds` over the death of the daemon.

use std::fs;
use std::path::Path;

use super::sms::eventually;
use super::{connect, on_router_with};

const CONFIG: &str = "config led\n\toption led 'green:lte'\n";

fn starts(file: &Path, wanted: &str) -> Option<()> {
    fs::read_to_string(file).unwrap().starts_with(wanted).then_some(())
}

#[test]
fn a_killed_daemon_leaves_an_led_to_the_next_as_the_owner_had_it() {
    let configure = |plan: &mut crate::router::Plan| {
        plan.config.iter_mut().for_each(|(_, text)| text.push_str(CONFIG));
    };
    on_router_with("leds", configure, |router| {
        let led = router.root().join("sys/class/leds/green:lte");
        let trigger = led.join("trigger");
        // It comes after the daemon, which has failed to set it.
        fs::create_dir_all(&led).unwrap();
        fs::write(&trigger, "none timer [heartbeat]").unwrap();
        fs::write(led.join("brightness"), "0").unwrap();
        connect(router);
        eventually(router, "it is on", || starts(&led.join("brightness"), "255"));
        // What the kernel shows then, of which the file here knows nothing.
        fs::write(&trigger, "[none] timer heartbeat").unwrap();
        router.daemon.kill();
        fs::write(router.root().join("etc/config/ltewan"), "").unwrap();
        router.start_daemon().unwrap();
        eventually(router, "it is given back", || starts(&trigger, "heartbeat"));
    });
}
