//! An interface of `proto static` on a device with a cable: it has its addresses while there is a
//! link, as netifd does with `force_link '0'`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread::spawn;

use super::device::run_ip;
use super::{Core, Notice};

/// What the configuration says of it.
#[derive(Clone, Debug)]
pub(crate) struct Cable {
    /// The interface.
    pub(crate) name: String,
    /// Its device, which has a link when the stand-in starts.
    pub(crate) device: String,
    /// Its address; the mask is 24 bits.
    pub(crate) address: String,
    /// The next hop of its default route.
    pub(crate) gateway: String,
    /// Its name server.
    pub(crate) dns: String,
    /// The metric of its routes.
    pub(crate) metric: String,
}

impl Core {
    /// Follows the link, by what the kernel tells of it.
    pub(super) fn watch_cable(&mut self) {
        let Some(cable) = &self.options.cable else { return };
        let child = Command::new("ip")
            .args(["-o", "monitor", "link", "dev", &cable.device])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let (inbox, waker) = (self.inbox.clone(), self.waker.try_clone());
        if let (Ok(mut child), Ok(mut waker)) = (child, waker) {
            spawn(move || {
                let lines = child.stdout.take().map(BufReader::new).into_iter();
                for line in lines.flat_map(BufRead::lines).map_while(Result::ok) {
                    // Nobody listens any more, or nobody can be woken.
                    let sent = inbox.send(Notice::Link(line.contains("LOWER_UP")));
                    if sent.is_err() || waker.write(&[0]).is_err() {
                        break;
                    }
                }
                let _ = child.kill();
                let _ = child.wait();
            });
        }
        self.cable_link(true);
    }

    /// The link has come or gone.
    pub(super) fn cable_link(&mut self, has_link: bool) {
        let Some(Cable { name, device, address, gateway, metric, .. }) = self.options.cable.clone()
        else {
            return;
        };
        if self.has_cable == has_link {
            return;
        }
        self.has_cable = has_link;
        let lines = if has_link {
            vec![
                format!("link set dev {device} up"),
                format!("addr replace {address}/24 dev {device}"),
                format!("route replace default via {gateway} dev {device} metric {metric}"),
            ]
        } else {
            vec![format!("addr flush dev {device}")]
        };
        let complaints = run_ip(&lines);
        self.step(&name, if has_link { "up" } else { "link lost" });
        if !complaints.is_empty() {
            self.step(&name, &complaints);
        }
        self.write_resolv_conf();
    }

    /// Its name server, if it is up.
    pub(super) fn cable_dns(&self) -> Option<(&str, &str)> {
        let cable = self.options.cable.as_ref().filter(|_| self.has_cable)?;
        Some((&cable.name, &cable.dns))
    }
}
