//! A serial port that carries data: PPP on it, and the ways back to commands.

use std::collections::VecDeque;

use ltewan::time::{Duration, Instant};

use super::super::config::Config;
use super::super::link::{Link, Message};
use super::super::ppp::{End, Event, Ppp};
use super::super::qmi::Context;
use super::super::world::World;
use super::super::world::network::Family;
use super::At;

/// The silence that the escape sequence needs before it.
const GUARD: Duration = Duration::from_secs(1);

/// The call that a port carries data of.
#[derive(Debug)]
pub(crate) struct Data {
    ppp: Ppp,
    /// `+++` was said: the port takes commands while the call stays.
    is_escaped: bool,
    last: Instant,
    /// What the host sent to the network.
    packets: VecDeque<Vec<u8>>,
}

impl At {
    pub(super) fn carries_data(&self) -> bool {
        self.data.as_ref().is_some_and(|data| !data.is_escaped)
    }

    /// The network has decided on the call.
    pub(super) fn begin_data(
        &mut self,
        now: Instant,
        world: &World,
        config: &Config,
        up: &[Family],
        link: &mut Link,
    ) {
        self.unanswered = None;
        if up.is_empty() {
            self.urc(now, link, "NO CARRIER");
            return;
        }
        let v4 = world.network.v4();
        let end = End::Network {
            auth: config.ppp_auth.clone(),
            v4: up.contains(&Family::V4).then_some((v4.address, v4.gateway, v4.dns)),
            v6: up.contains(&Family::V6),
        };
        self.urc(now, link, "CONNECT 150000000");
        let ppp = Ppp::new(now, end);
        self.data = Some(Data { ppp, is_escaped: false, last: now, packets: VecDeque::new() });
        self.carrier = Some(true);
        self.pump_data(now, link);
    }

    /// Takes bytes from the host, unless they are commands.
    pub(super) fn handle_data(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        link: &mut Link,
    ) -> bool {
        let now = context.now;
        let Some(data) = self.data.as_mut().filter(|data| !data.is_escaped) else { return false };
        let was_silent = now.saturating_since(data.last) >= GUARD;
        data.last = now;
        if bytes == b"+++" && was_silent {
            data.is_escaped = true;
            self.urc(now, link, "OK");
            return true;
        }
        data.ppp.handle_input(now, bytes);
        if self.pump_data(now, link) {
            self.dialling.hang_up(context);
        }
        true
    }

    /// The host has let go of the line.
    pub(crate) fn drop_line(&mut self, context: &mut Context<'_>) {
        if self.data.take().is_some() {
            self.dialling.hang_up(context);
            self.carrier = Some(false);
        }
    }

    /// The call is over.
    pub(super) fn lose_carrier(&mut self, now: Instant, link: &mut Link) {
        self.data = None;
        self.carrier = Some(false);
        self.urc(now, link, "NO CARRIER");
    }

    /// What is due; whether the call is over.
    pub(crate) fn handle_data_timeout(&mut self, context: &mut Context<'_>, link: &mut Link) {
        if let Some(data) = &mut self.data {
            data.ppp.handle_timeout(context.now);
            if self.pump_data(context.now, link) {
                self.dialling.hang_up(context);
            }
        }
    }

    pub(crate) fn data_timeout(&self) -> Option<Instant> {
        self.data.as_ref().and_then(|data| data.ppp.poll_timeout())
    }

    /// The next packet from the host to the network.
    pub(crate) fn poll_packet(&mut self) -> Option<Vec<u8>> {
        self.data.as_mut()?.packets.pop_front()
    }

    /// A packet from the network to the host.
    pub(crate) fn send_packet(&mut self, now: Instant, packet: &[u8], link: &mut Link) {
        if let Some(data) = &mut self.data {
            data.ppp.send_packet(packet);
            self.pump_data(now, link);
        }
    }

    /// Carries on what PPP has to say; whether it is over.
    fn pump_data(&mut self, now: Instant, link: &mut Link) -> bool {
        let Some(data) = &mut self.data else { return false };
        while let Some(bytes) = data.ppp.poll_transmit() {
            link.send(now, crate::sim::Port::At(self.number), Message::AtOther, bytes);
        }
        while let Some(packet) = data.ppp.poll_packet() {
            data.packets.push_back(packet);
        }
        let mut is_over = false;
        while let Some(event) = data.ppp.poll_event() {
            is_over |= matches!(event, Event::Closed { .. });
        }
        if is_over {
            self.lose_carrier(now, link);
        }
        is_over
    }
}
