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
        (5, false) => Reply::ok(Buffer::default().longs(&[1, slots(context), 1, 0, 0])),
        (7, set) => {
            // One mapping, which its place and length refer to.
            let wanted = super::buffer::long(command.info, 12).unwrap_or(0);
            let ready = context.config.timings.sim_ready;
            let slot = u8::try_from(wanted).map_or(0, |index| index + 1);
            if set && !context.world.use_slot(context.now, slot, ready) {
                return Reply::failed(status::FAILURE);
            }
            let mapping = Buffer::default().long(u32::from(context.world.own_cards().1) - 1);
            Reply::ok(Buffer::default().long(1).structure(mapping))
        }
        (8, false) => {
            let index = super::buffer::long(command.info, 0).unwrap_or(0);
            let (cards, _) = context.world.own_cards();
            let card = usize::try_from(index).ok().and_then(|index| cards.get(index));
            let is_there = card.is_some_and(|card| card.is_present());
            Reply::ok(Buffer::default().longs(&[index, if is_there { 5 } else { 3 }]))
        }
        (6, false) => Reply::ok(basic::device_caps(context.config).long(0)),
        (10, true) => {
            mbim.device_act = Some(DeviceAct::Reset);
            Reply::ok(Buffer::default())
        }
        (11, false) => base_stations(context),
        // MBIM 1.0, extensions 1.0 or 2.0, which is what the host speaks at most.
        (15, false) => {
            mbim.is_extended = context.config.mbimex2 && command.info.get(3) >= Some(&2);
            Reply::ok(Buffer::default().raw(&[0, 1, 0, 1 + u8::from(mbim.is_extended)]))
        }
        _ => Reply::failed(status::NO_DEVICE_SUPPORT),
    }
}

fn slots(context: &Context<'_>) -> u32 {
    u32::try_from(context.world.own_cards().0.len()).unwrap_or(1)
}

/// The time, in the other service.
pub(super) fn time(context: &Context<'_>) -> Reply {
    let time = context.config.network.time(context.now);
    let time = time.unwrap_or_default().map(u32::from);
    Reply::ok(Buffer::default().longs(&time).longs(&[60, u32::MAX, 0x20]))
}

/// The one cell of LTE that there is, and no neighbour.
fn base_stations(context: &Context<'_>) -> Reply {
    let (radio, network) = (&context.world.radio, &context.config.network);
    if !radio.is_registered() {
        return Reply::ok(Buffer::default().longs(&[0; 19]));
    }
    let digits = usize::from(network.mnc_digits);
    let levels = [i32::from(radio.signal.rsrp_dbm), i32::from(radio.signal.rsrq_db)];
    let cell = Buffer::default()
        .text(&format!("{:03}{:0digits$}", network.mcc, network.mnc))
        .longs(&[0x01c0_3e0b, 1300, 246, 0x5a21])
        .longs(&levels.map(i32::cast_unsigned))
        .long(u32::MAX);
    Reply::ok(Buffer::default().longs(&[0x20, 0, 0, 0, 0, 0, 0]).structure(cell).longs(&[0; 10]))
}
