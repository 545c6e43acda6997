//! What must never be seen: PIN and password anywhere, identities where not asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use ltewan::types::Table;

use super::{MODEM, SECOND, WAN, on_router_with, ping_through};
use crate::router::interface;

const PIN: &str = "7391";
const PASSWORD: &str = "gr4ndma's-b1rthday";
/// Of the simulated SIM and modem in the first port.
const IDENTITIES: [&str; 3] = ["867698040000013", "262020123456700", "89490200000123400"];

#[test]
fn no_secret_is_ever_logged_or_told() {
    let plan = |plan: &mut crate::router::Plan| {
        let config = interface().with("pincode", PIN).with("auth", "both");
        let config = config.with("username", "gran").with("password", PASSWORD);
        plan.interfaces = vec![(WAN.into(), config)];
        let sections = format!(
            "config ltewan 'globals'\n\toption log_level 'debug'\n\
             config sim 's'\n\toption iccid '8949*'\n\toption pincode '{PIN}'\n\
             \toption password \"{PASSWORD}\"\n\toption pdptype 'nonsense'\n"
        );
        plan.config = vec![("ltewan", sections)];
    };
    on_router_with("secrets", plan, |router| {
        router.modems.say(&format!("plug 0 sim=pin pin={PIN}")).unwrap();
        router.ifup(WAN).unwrap();
        router.wait_up(WAN).unwrap();
        ping_through("wwan0");
        let mut client = router.client().unwrap();
        let mut said = Vec::new();
        let mut call = |method: &str, args: Table| {
            let answer = client.ask("ltewan", method, &args, SECOND * 10).unwrap();
            said.push((method.to_owned(), format!("{answer:?}")));
        };
        call("status", Table::new());
        call("pin", Table::new().with("action", "unlock").with("pin", PIN));
        call("at", Table::new().with("command", format!("AT+CPIN=\"{PIN}\"")));
        call("at", Table::new().with("command", format!("AT+CGAUTH=1,2,\"gran\",\"{PASSWORD}\"")));
        call(
            "setup",
            Table::new().with("interface", WAN).with(
                "config",
                Table::new()
                    .with("pincode", PIN)
                    .with("password", PASSWORD)
                    .with("pdptype", PASSWORD),
            ),
        );
        call("status", Table::new());
        call("diagnose", Table::new());
        router.daemon.stop().unwrap();
        router.start_daemon().unwrap();
        router.wait_state(MODEM, "connected").unwrap();
        assert!(
            said.iter().any(|(_, text)| text.contains("NO_EFFECT") && text.contains("pin_retries")),
            "a refusal tells the attempts left"
        );
        let mut call = |method: &str, args: Table| {
            let answer = router.client().unwrap().ask("ltewan", method, &args, SECOND * 10);
            said.push((method.to_owned(), format!("{answer:?}")));
        };
        call("status", Table::new());
        said.push(("status of the command line".into(), router.cli(&["status"]).unwrap().1));
        said.push(("the log".into(), router.daemon.log()));
        let report = router.root().join(ltewan::manager::REPORT_PATH.trim_start_matches('/'));
        said.push(("the report".into(), fs::read_to_string(report).unwrap()));
        assert!(router.daemon.log().contains("debug"), "the log says all it can");
        // Only who asks for them sees the identities whole.
        let info = router.client().unwrap().ask("ltewan", "info", &Table::new(), SECOND * 10);
        let info = format!("{info:?}");
        assert!(IDENTITIES.iter().all(|identity| info.contains(identity)), "{info}");
        let secrets = [PIN, PASSWORD].into_iter().chain(IDENTITIES);
        for secret in secrets {
            for (who, text) in &said {
                assert!(!text.contains(secret), "{who} tells {secret}: {text}");
            }
        }
        // What a later daemon needs is root's alone.
        for entry in fs::read_dir(router.root().join("var/run/ltewan")).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    });
}
