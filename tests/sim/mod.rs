//! A simulated Quectel EC25, in virtual time and without input or output of its own.
//!
//! The modem takes bytes on its control ports and packets on its data port, and gives back bytes,
//! packets and device events; time comes in as an argument. After any `handle_*` or
//! [`SimModem::command`], drain `poll_transmit`, `poll_packet` and `poll_device`, then come back
//! at `poll_timeout`. The world behind the ports is [`world`]; [`command`] lists what can be done
//! to it.
//!
//! Nothing here uses the project's codecs: what both sides agree on must come from the formats
//! themselves.

#![allow(dead_code, reason = "each program and test uses its own part of the modem")]

mod acts;
mod at;
pub(crate) mod command;
pub(crate) mod config;
mod link;
pub(crate) mod mbim;
mod net;
pub(crate) mod page;
pub(crate) mod ppp;
pub(crate) mod product;
pub(crate) mod qmi;
pub(crate) mod stats;
#[cfg(test)]
mod tests;
pub(crate) mod world;

use std::collections::VecDeque;

use ltewan::time::{Duration, Instant};

pub(crate) use command::Command;
pub(crate) use config::Config;
pub(crate) use stats::Stats;

use at::At;
use config::{Front, Tunnel};
use link::{Link, Message};
use mbim::Mbim;
use net::{Internet, qmap};
use qmi::tlv::Kind;
use qmi::{Context, DeviceAct, LinkLayer, Qmi};
use world::{World, WorldEvent};

/// A port of the modem.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Port {
    /// QMI on USB interface 4.
    Qmi,
    /// MBIM on USB interface 4.
    Mbim,
    /// The serial port on this USB interface: 0 diagnostics, 1 NMEA, 2 AT, 3 modem.
    At(u8),
}

/// The device as a whole comes or goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DeviceEvent {
    /// It left the bus.
    Detached,
    /// It is back, with all its ports.
    Attached,
}

/// One modem with its SIM, its network and the internet behind it.
#[derive(Debug)]
pub(crate) struct SimModem {
    config: Config,
    pub(crate) world: World,
    pub(crate) qmi: Qmi,
    mbim: Mbim,
    at: [At; 2],
    internet: Internet,
    link: Link,
    stats: Stats,
    packets: VecDeque<Vec<u8>>,
    device: VecDeque<DeviceEvent>,
    attached: bool,
    /// When the device comes back.
    attach_at: Option<Instant>,
}

impl SimModem {
    /// A modem that is plugged in and switched on.
    pub(crate) fn new(now: Instant, config: Config) -> Self {
        let mut modem = Self {
            world: World::new(now, &config),
            qmi: Qmi::new(&config),
            mbim: Mbim::new(),
            at: [At::new(2), At::new(3)],
            internet: Internet::default(),
            link: Link::new(config.timings.latency),
            stats: Stats::default(),
            packets: VecDeque::new(),
            device: VecDeque::new(),
            attached: true,
            attach_at: None,
            config,
        };
        modem.pump(now);
        modem
    }

    /// What the modem was made of.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// What was counted.
    pub(crate) fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The counts and the state as one line of JSON.
    pub(crate) fn stats_json(&self) -> String {
        self.stats.to_json(&self.qmi.clients, &self.world)
    }

    /// QMI client ids that the host holds now, as service and id.
    pub(crate) fn client_ids(&self) -> Vec<(u8, u8)> {
        self.qmi.clients.iter().map(|client| (client.service, client.id)).collect()
    }

    /// How many of them are of one service.
    pub(crate) fn client_count(&self, service: u8) -> usize {
        self.qmi.clients.iter().filter(|client| client.service == service).count()
    }

    /// The modem is on the bus.
    pub(crate) fn is_attached(&self) -> bool {
        self.attached
    }

    /// USB control transfers are to be left uncompleted.
    pub(crate) fn is_hung(&self) -> bool {
        self.link.hung
    }

    /// The control port that it has.
    pub(crate) fn control_port(&self) -> Port {
        match self.config.front {
            Front::Qmi => Port::Qmi,
            Front::Mbim => Port::Mbim,
            Front::At | Front::None => Port::At(2),
        }
    }

    /// How late replies to AT commands are.
    pub(crate) fn at_latency(&self) -> Duration {
        self.link.latency_at
    }

    /// No control port says anything.
    pub(crate) fn is_mute(&self) -> bool {
        self.link.is_mute()
    }

    /// The data plane carries bare IP packets; else Ethernet frames.
    pub(crate) fn is_raw_ip(&self) -> bool {
        match self.config.front {
            Front::Qmi => self.qmi.format.link_layer == LinkLayer::RawIp,
            Front::Mbim => true,
            Front::At | Front::None => false,
        }
    }

    /// Bytes that the host wrote to a control port.
    pub(crate) fn handle_input(&mut self, now: Instant, port: Port, bytes: &[u8]) {
        if !self.attached || self.link.is_mute() {
            self.stats.unheard_bytes += u64::try_from(bytes.len()).unwrap_or(0);
            return;
        }
        match port {
            Port::Qmi => {
                let Self { config, world, qmi, stats, .. } = self;
                qmi.handle_input(&mut Context { now, world, config }, bytes, stats);
            }
            Port::Mbim => {
                let Self { config, world, mbim, qmi, stats, .. } = self;
                mbim.handle_input(&mut Context { now, world, config }, bytes, stats);
                while let Some((transaction, frame)) = mbim.poll_tunnelled() {
                    // What is nonsense is not done either.
                    if matches!(config.tunnel, Tunnel::Garbage | Tunnel::Refused) {
                        mbim.answer_tunnelled(config, transaction, frame);
                        continue;
                    }
                    qmi.handle_input(&mut Context { now, world, config }, &frame, stats);
                    while let Some(out) = qmi.poll_output() {
                        if out.kind == Kind::Response {
                            mbim.answer_tunnelled(config, transaction, out.bytes);
                        }
                    }
                }
            }
            Port::At(number) => {
                let Self { config, world, at, stats, link, .. } = self;
                for front in at.iter_mut().filter(|front| front.number == number) {
                    let mut context = Context { now, world, config };
                    front.handle_input(&mut context, bytes, stats, link);
                }
                At::share_contexts(at, number);
                self.carry_data(now);
            }
        }
        self.pump(now);
    }

    /// Carries packets between the serial ports that carry data and the internet.
    fn carry_data(&mut self, now: Instant) {
        let Self { world, at, link, internet, .. } = self;
        for front in at {
            while let Some(packet) = front.poll_packet() {
                for answer in internet.handle_packet(&mut world.network, true, &packet) {
                    front.send_packet(now, &answer, link);
                }
            }
        }
    }

    /// The host has taken or let go of a serial line: DTR.
    pub(crate) fn handle_dtr(&mut self, now: Instant, number: u8, on: bool) {
        if self.attached && !on {
            let Self { config, world, at, .. } = self;
            for front in at.iter_mut().filter(|front| front.number == number) {
                front.drop_line(&mut Context { now, world, config });
            }
            self.pump(now);
        }
    }

    /// The next change of carrier on a serial line: the port, and whether there is one.
    pub(crate) fn poll_carrier(&mut self) -> Option<(u8, bool)> {
        self.at.iter_mut().find_map(|front| Some((front.number, front.carrier.take()?)))
    }

    /// A packet, or frame, that the host sent on the data port.
    pub(crate) fn handle_packet(&mut self, now: Instant, packet: &[u8]) {
        if self.attached && !self.link.hung {
            let raw_ip = self.is_raw_ip();
            // Over another channel than the calls are bound to, nothing goes anywhere.
            let packets = match self.qmap() {
                Some((channel, _)) => {
                    let all = qmap::packets(packet).into_iter();
                    all.filter(|(on, _)| *on == channel).map(|(_, packet)| packet).collect()
                }
                None => vec![packet.to_vec()],
            };
            for packet in packets {
                let answers = self.internet.handle_packet(&mut self.world.network, raw_ip, &packet);
                self.packets.extend(answers);
            }
            self.pump(now);
        }
    }

    /// The QMAP channel and the longest transfer to the host, when packets have its headers.
    fn qmap(&self) -> Option<(u8, usize)> {
        let len = self.qmi.format.qmap.filter(|_| self.config.front == Front::Qmi)?;
        Some((self.qmi.mux_id.unwrap_or(0), usize::try_from(len).ok()?))
    }

    /// The next bytes for the host on a control port.
    pub(crate) fn poll_transmit(&mut self, now: Instant) -> Option<(Port, Vec<u8>)> {
        self.link.poll_transmit(now)
    }

    /// The next packet, or frame, for the host; with QMAP, as many as are there.
    pub(crate) fn poll_packet(&mut self) -> Option<Vec<u8>> {
        let Some((channel, len_max)) = self.qmap() else { return self.packets.pop_front() };
        let mut transfer = Vec::new();
        while let Some(packet) = self.packets.pop_front_if(|packet| {
            transfer.is_empty() || transfer.len() + packet.len() + 8 <= len_max
        }) {
            qmap::push(&mut transfer, channel, &packet);
        }
        (!transfer.is_empty()).then_some(transfer)
    }

    /// The next coming or going of the device.
    pub(crate) fn poll_device(&mut self) -> Option<DeviceEvent> {
        self.device.pop_front()
    }

    /// When to call [`Self::handle_timeout`] at the latest.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let world = if self.attached { self.world.poll_timeout() } else { None };
        let data = self.at.iter().filter_map(At::data_timeout).min();
        [world, data, self.link.poll_timeout(), self.attach_at].into_iter().flatten().min()
    }

    /// Time has come for something that the modem does by itself.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.attach_at.is_some_and(|at| at <= now) {
            self.attach_at = None;
            self.attached = true;
            if let Some(function) = self.world.usb_setting.take() {
                self.config.set_function(function);
            }
            self.world.reboot(now, &self.config);
            self.qmi.reboot(&self.config);
            self.mbim = Mbim::new();
            self.at = [At::new(2), At::new(3)];
            for front in &mut self.at {
                front.boot(now, &mut self.link);
            }
            self.device.push_back(DeviceEvent::Attached);
        }
        if self.attached {
            self.world.handle_timeout(now);
            let Self { config, world, at, link, .. } = self;
            for front in at {
                if front.data_timeout().is_some_and(|at| at <= now) {
                    front.handle_data_timeout(&mut Context { now, world, config }, link);
                }
            }
        }
        self.pump(now);
    }

    /// Leaves the bus; comes back after `time`, if at all. Faults of the link end with that.
    fn detach(&mut self, now: Instant, time: Option<Duration>) {
        if self.attached {
            self.attached = false;
            self.device.push_back(DeviceEvent::Detached);
        }
        self.stats.resets += u64::from(time.is_some());
        self.attach_at = time.map(|time| now + time);
        self.link.clear();
        self.packets.clear();
        self.at = [At::new(2), At::new(3)];
        self.world.network.bearers.clear();
        self.internet = Internet::default();
        (self.link.silent, self.link.hung) = (false, false);
    }

    /// Carries what happened in the world to the fronts, and what they say to the link.
    fn pump(&mut self, now: Instant) {
        self.flush_control(now);
        while let Some(event) = self.next_event(now) {
            match self.config.front {
                Front::Qmi => self.qmi.handle_event(&self.world, &self.config, &event),
                Front::Mbim => self.mbim.handle_event(&self.world, &self.config, &event),
                Front::At | Front::None => {}
            }
            for front in &mut self.at {
                front.handle_event(now, &self.world, &self.config, &event, &mut self.link);
            }
            self.flush_control(now);
        }
        let act = self.qmi.device_act.take().or(self.mbim.device_act.take());
        let at_act = self.at.iter_mut().find_map(|front| front.device_act.take());
        match act.or(at_act) {
            // The reply to the request still goes out: it is flushed before the bus falls silent.
            Some(DeviceAct::Reset) if !self.config.restarts => {}
            Some(DeviceAct::Reset) => self.leave(now, Some(self.config.timings.boot)),
            Some(DeviceAct::PowerOff) => self.leave(now, None),
            None => {}
        }
    }

    /// The next thing that happens in the world by now.
    fn next_event(&mut self, now: Instant) -> Option<WorldEvent> {
        loop {
            if let Some(event) = self.world.poll_event() {
                return Some(event);
            }
            if !self.attached || self.world.poll_timeout().is_none_or(|at| at > now) {
                return None;
            }
            self.world.handle_timeout(now);
        }
    }

    /// A reset that the host asked for.
    fn leave(&mut self, now: Instant, time: Option<Duration>) {
        let last: Vec<_> = core::iter::from_fn(|| self.link.poll_transmit(now)).collect();
        self.detach(now, time);
        for (port, bytes) in last {
            self.link.resend(now, port, bytes);
        }
    }

    fn flush_control(&mut self, now: Instant) {
        while let Some(out) = self.mbim.poll_output() {
            let message = match out.reply_to {
                Some((service, cid)) => Message::MbimReply(service, cid),
                None => Message::MbimIndication,
            };
            for frame in out.frames.into_iter().filter(|_| self.attached) {
                self.link.send(now, Port::Mbim, message, frame);
            }
        }
        while let Some(out) = self.qmi.poll_output() {
            let message = match out.kind {
                Kind::Response => Message::QmiReply(out.service, out.message),
                Kind::Indication => Message::QmiIndication,
            };
            if self.attached && self.config.front == Front::Qmi {
                self.link.send(now, Port::Qmi, message, out.bytes);
            }
        }
    }
}
