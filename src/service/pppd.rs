//! How pppd is run for a session: a file of options that only root can read, for they hold the
//! password, and a command that names the file.
//!
//! The options are those of pppd(8); all are known to the pppd of OpenWrt from 2.4.8 on.

use super::paths::Paths;
use crate::io::files;
use crate::manager::netifd::PppSession;
use crate::types::text::contains;
use crate::types::{AuthMethod, IpFamily, PppCall};
use std::io;
use std::path::{Path, PathBuf};

/// What says to the daemon that IPv4 is up.
const UP: &str = "ip-up-script /lib/netifd/ltewan-ppp\n";

/// The same of IPv6, which has to be asked for.
const UP_V6: &str = "+ipv6\nipv6-up-script /lib/netifd/ltewan-ppp\n";

/// What is the same for every session. Mobile networks have no use for compression, and the
/// addresses are the network's to give; what answers to no echo for half a minute is gone.
const COMMON: &str = "\
nodetach
nopersist
maxfail 1
lock
modem
crtscts
115200
noauth
hide-password
noipdefault
nodefaultroute
usepeerdns
noaccomp
nopcomp
novj
noccp
connect-delay 100
refuse-eap
lcp-echo-interval 10
lcp-echo-failure 3
lcp-echo-adaptive
";

/// How this program is run again to dial.
#[derive(Clone, Debug)]
pub(super) struct Dialler {
    /// The program.
    pub(super) program: String,
    /// ubusd's socket, when it is not where it usually is.
    pub(super) bus: Option<String>,
}

/// What pppd says when user name or password is refused, by whichever protocol.
const REFUSED: &str = "authentication failed";

/// The exit status for that.
const REFUSED_STATUS: i64 = 19;

/// The longest log that is read.
const LOG_MAX: usize = 64 * 1024;

/// Writes the options of a session down; the command that runs pppd with them.
///
/// # Errors
/// When they cannot be written.
pub(super) fn prepare(
    paths: &Paths,
    dialler: &Dialler,
    interface: &str,
    session: &PppSession,
) -> io::Result<Vec<String>> {
    let port = paths.dev.join(&session.port);
    let log = log_of(paths, interface);
    let text = options(dialler, interface, session, &port, &log);
    files::create_dir(&paths.run, 0o700)?;
    files::remove(&log)?;
    let path = paths.run.join(format!("{interface}.pppd"));
    files::write_atomic(&path, text.as_bytes(), 0o600)?;
    let path = path.to_str().ok_or_else(|| crate::io::error::other("a path that is no text"))?;
    Ok(vec!["/usr/sbin/pppd".to_owned(), "file".to_owned(), path.to_owned()])
}

/// Why pppd has ended: its exit status, unless that tells of the hang-up that came next.
///
/// A modem that refuses a password hangs up in the same moment, and pppd's last word counts.
pub(super) fn status(paths: &Paths, interface: &str, status: i64) -> i64 {
    let is_plain = !interface.contains('/');
    let log = is_plain.then(|| files::read_bounded(&log_of(paths, interface), LOG_MAX).ok());
    let is_refused =
        log.flatten().is_some_and(|log| contains(&String::from_utf8_lossy(&log), REFUSED));
    if is_refused { REFUSED_STATUS } else { status }
}

fn log_of(paths: &Paths, interface: &str) -> PathBuf {
    paths.run.join(format!("{interface}.pppd-log"))
}

fn options(
    dialler: &Dialler,
    interface: &str,
    session: &PppSession,
    port: &Path,
    log: &Path,
) -> String {
    let PppCall { cid, pdptype, auth, username, password } = &session.call;
    let mut dial = format!("{} dial {cid} {}", for_shell(&dialler.program), for_shell(interface));
    if let Some(bus) = &dialler.bus {
        dial.push_str(" --bus ");
        dial.push_str(&for_shell(bus));
    }
    let mut text = String::from(COMMON);
    put(&mut text, "", &port.to_string_lossy());
    put(&mut text, "logfile ", &log.to_string_lossy());
    put(&mut text, "connect ", &dial);
    put(&mut text, "ipparam ", interface);
    put(&mut text, "ifname ", &session.ifname);
    let families = pdptype.families();
    text.push_str(if families.contains(&IpFamily::V4) { UP } else { "noip\n" });
    text.push_str(if families.contains(&IpFamily::V6) { UP_V6 } else { "noipv6\n" });
    text.push_str(match auth {
        AuthMethod::None | AuthMethod::Both => "",
        AuthMethod::Pap => "refuse-chap\n",
        AuthMethod::Chap => "refuse-pap\n",
    });
    if let Some(username) = username {
        put(&mut text, "user ", username);
    }
    if let Some(password) = password {
        put(&mut text, "password ", password.expose());
    }
    text
}

/// Appends an option and its value.
fn put(text: &mut String, name: &str, word: &str) {
    text.push_str(name);
    text.push_str(&quoted(word));
    text.push('\n');
}

/// One word of an options file, whatever is in it: pppd(8), OPTIONS FILES.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for c in word.chars() {
        if c.is_control() {
            continue;
        }
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text + "\""
}

/// One word for the shell that pppd runs the `connect` command with.
fn for_shell(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{Dialler, options, quoted};
    use crate::manager::netifd::PppSession;
    use crate::types::{AuthMethod, PdpType, PppCall, Secret};
    use std::path::Path;

    fn rendered(pdptype: PdpType, auth: AuthMethod, password: &str) -> String {
        let call = PppCall {
            cid: 1,
            pdptype,
            auth,
            username: Some("me".into()),
            password: Some(Secret::new(password)),
        };
        let session = PppSession { port: "ttyUSB0".into(), ifname: "ppp-wan".into(), call };
        let dialler = Dialler { program: "/usr/sbin/ltewan".into(), bus: None };
        options(&dialler, "wan", &session, Path::new("/dev/ttyUSB0"), Path::new("/log"))
    }

    #[test]
    fn a_session_is_what_pppd_reads() {
        let text = rendered(PdpType::Ipv4v6, AuthMethod::Pap, "s3cret");
        for line in [
            "\"/dev/ttyUSB0\"",
            "connect \"'/usr/sbin/ltewan' dial 1 'wan'\"",
            "ifname \"ppp-wan\"",
            "+ipv6",
            "refuse-chap",
            "user \"me\"",
            "password \"s3cret\"",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in {text}");
        }
        let v6 = rendered(PdpType::Ipv6, AuthMethod::Both, "");
        assert!(v6.contains("\nnoip\n") && !v6.contains("refuse-chap"), "{v6}");
    }

    #[test]
    fn a_password_stays_one_word_on_one_line() {
        assert_eq!(quoted(r#"a"b\c d#e"#), r#""a\"b\\c d#e""#);
        let text = rendered(PdpType::Ipv4, AuthMethod::Chap, "x\"\nconnect /bin/evil\n");
        assert_eq!(text.matches("\nconnect ").count(), 1, "{text}");
    }
}
