//! Microsoft's extensions of Basic Connect: version, attach information, reset.

use super::{Buffer, Command, Mbim, Reply, basic, status};
use crate::sim::qmi::{Context, DeviceAct};

pub(super) fn handle(mbim: &mut Mbim, context: &mut Context<'_>, command: &Command<'_>) -> Reply {
    match (command.cid, command.set) {
        (4, false) => {
            let attached = mbim.is_attached(context.world, context.config);
            let apn = context.config.network.apns.first().map_or("internet", String::as_str);
            let info = Buffer::default().longs(&[u32::from(attached), 3]);
            Reply::ok(info.text(apn).text("").text("").longs(&[0, 0]))
        }
        (6, false) => Reply::ok(basic::device_caps(context.config).long(0)),
        (10, true) => {
            mbim.device_act = Some(DeviceAct::Reset);
            Reply::ok(Buffer::default())
        }
        // MBIM 1.0, extensions 1.0.
        (15, false) => Reply::ok(Buffer::default().raw(&[0, 1, 0, 1])),
        _ => Reply::failed(status::NO_DEVICE_SUPPORT),
    }
}
