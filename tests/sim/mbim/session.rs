//! Sessions: each has one bearer a family, shared with nobody.

use ltewan::time::Instant;

use super::buffer::{long, text};
use super::{BASIC_CONNECT, Buffer, Command, Mbim, Reply, status};
use crate::sim::config::Config;
use crate::sim::qmi::Context;
use crate::sim::world::World;
use crate::sim::world::network::{Bearer, EndReason, Family, Pending, Policy, StartResult};

const CONNECT: u32 = 12;
const IP_CONFIGURATION: u32 = 15;

/// The type of a session for the Internet.
pub(super) const INTERNET: [u8; 16] = 0x7e5e2a7e_4e6f_7272_736b_656e7e5e2a7e_u128.to_be_bytes();

/// A session that is up or coming up.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    id: u32,
    /// The command that asked for it, until it is answered.
    waiting: Option<u32>,
    /// Families whose bearer is not decided yet.
    undecided: Vec<Family>,
    up: Vec<Family>,
    /// Why a family was refused.
    refused: Option<EndReason>,
}

impl Session {
    /// What stands for the session where the network wants a client's number.
    pub(super) fn client(&self) -> u8 {
        0x80 | u8::try_from(self.id & 0x7f).unwrap_or(0)
    }

    fn is_up(&self) -> bool {
        self.waiting.is_none()
    }
}

/// MBIM_CONTEXT_IP_TYPE
fn ip_type(families: &[Family]) -> u32 {
    match families {
        [Family::V4] => 1,
        [Family::V6] => 2,
        [] => 0,
        _ => 3,
    }
}

/// What the network gives as reason; 0 for those of the modem's own.
fn network_error(reason: EndReason) -> u32 {
    if reason.kind == 6 { reason.reason.into() } else { 0 }
}

/// MBIM_CONNECT_INFO: session, state, no voice call, families, the Internet, reason.
fn info(session: u32, state: u32, families: &[Family], error: u32) -> Buffer {
    let buffer = Buffer::default().longs(&[session, state, 0, ip_type(families)]);
    buffer.raw(&INTERNET).long(error)
}

impl Mbim {
    pub(super) fn connect_query(&self, command: &Command<'_>) -> Reply {
        let Some(id) = long(command.info, 0) else {
            return Reply::failed(status::INVALID_PARAMETERS);
        };
        Reply::ok(match self.sessions.iter().find(|session| session.id == id) {
            Some(session) if session.is_up() => info(id, 1, &session.up, 0),
            Some(_) => info(id, 2, &[], 0),
            None => info(id, 3, &[], 0),
        })
    }

    /// Activates, which is answered when the network has decided, or deactivates.
    pub(super) fn connect_set(
        &mut self,
        context: &mut Context<'_>,
        command: &Command<'_>,
    ) -> Option<Reply> {
        let field = |at| long(command.info, at);
        let (Some(id), Some(activate), Some(wanted)) = (field(0), field(4), field(40)) else {
            return Some(Reply::failed(status::INVALID_PARAMETERS));
        };
        if activate == 0 {
            return Some(self.deactivate(context, id));
        }
        let world = &*context.world;
        let apn = text(command.info, 8).unwrap_or_default();
        let refusal = if world.radio.mode.number() != 0 {
            Some(status::RADIO_POWER_OFF)
        } else if !world.radio.is_registered() {
            Some(status::NOT_REGISTERED)
        } else if !self.is_attached(world, context.config) {
            Some(status::PACKET_SERVICE_DETACHED)
        } else if self.sessions.iter().any(|session| session.id == id) {
            Some(status::MAX_ACTIVATED_CONTEXTS)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return Some(Reply::failed(refusal));
        }
        let families = match wanted {
            1 => vec![Family::V4],
            2 => vec![Family::V6],
            _ => Family::ALL.to_vec(),
        };
        if families.len() > 1 && context.config.single_family {
            let cause = match world.network.policy {
                Policy::OnlyV4 => 50,
                Policy::OnlyV6 => 51,
                Policy::Both | Policy::Reject(_) => 28,
            };
            let info = info(id, 3, &[], cause).bytes();
            return Some(Reply { status: status::FAILURE, info });
        }
        let session = Session {
            id,
            waiting: Some(command.transaction),
            undecided: families.clone(),
            up: Vec::new(),
            refused: None,
        };
        let client = session.client();
        self.sessions.push(session);
        for family in families {
            let (due, apn) = (Instant::ZERO, apn.clone());
            let pending = Pending { due, client, transaction: 0, family, apn };
            context.world.start_bearer(context.now, pending);
        }
        None
    }

    fn deactivate(&mut self, context: &mut Context<'_>, id: u32) -> Reply {
        let Some(at) = self.sessions.iter().position(|session| session.id == id) else {
            return Reply {
                status: status::CONTEXT_NOT_ACTIVATED,
                info: info(id, 3, &[], 0).bytes(),
            };
        };
        let session = self.sessions.remove(at);
        context.world.network.release(session.client(), None);
        if let Some(transaction) = session.waiting {
            let reply = Reply { status: status::FAILURE, info: info(id, 3, &[], 0).bytes() };
            self.done(BASIC_CONNECT, CONNECT, transaction, &reply);
        }
        self.indicate(CONNECT, info(id, 3, &[], 0));
        Reply::ok(info(id, 3, &[], 0))
    }

    /// The network has decided on one family of a session.
    pub(super) fn started(&mut self, result: &StartResult) {
        let Some(at) = self.sessions.iter().position(|s| s.client() == result.client) else {
            return;
        };
        let Some(session) = self.sessions.get_mut(at) else { return };
        session.undecided.retain(|family| *family != result.family);
        match result.result {
            Ok(_) => session.up.push(result.family),
            Err(reason) => session.refused = Some(reason),
        }
        if !session.undecided.is_empty() {
            return;
        }
        let Some(transaction) = session.waiting.take() else { return };
        let (id, up) = (session.id, session.up.clone());
        let error = session.refused.map_or(0, network_error);
        if up.is_empty() {
            self.sessions.remove(at);
            let reply = Reply { status: status::FAILURE, info: info(id, 3, &[], error).bytes() };
            self.done(BASIC_CONNECT, CONNECT, transaction, &reply);
            return;
        }
        let reply = Reply::ok(info(id, 1, &up, error));
        self.done(BASIC_CONNECT, CONNECT, transaction, &reply);
        self.indicate(CONNECT, info(id, 1, &up, error));
    }

    /// The network ended a bearer; a session ends with its last.
    pub(super) fn bearer_down(&mut self, world: &World, bearer: &Bearer, reason: EndReason) {
        let owns = |session: &&mut Session| {
            bearer.owners.iter().any(|owner| owner.client == session.client())
        };
        let Some(session) = self.sessions.iter_mut().find(owns) else { return };
        session.up.retain(|family| *family != bearer.family);
        let id = session.id;
        if session.up.is_empty() {
            self.sessions.retain(|session| session.id != id);
            self.indicate(CONNECT, info(id, 3, &[], network_error(reason)));
        } else {
            let configuration = configuration(world, id, &session.up.clone());
            self.indicate(IP_CONFIGURATION, configuration);
        }
    }

    /// The network gave a bearer another address.
    pub(super) fn bearer_changed(&mut self, world: &World, family: Family) {
        let sessions: Vec<Session> = self.sessions.clone();
        for session in sessions.iter().filter(|session| session.up.contains(&family)) {
            self.indicate(IP_CONFIGURATION, configuration(world, session.id, &session.up));
        }
    }

    pub(super) fn ip_configuration_query(
        &self,
        world: &World,
        config: &Config,
        command: &Command<'_>,
    ) -> Reply {
        let id = long(command.info, 0);
        match self.sessions.iter().find(|s| Some(s.id) == id && s.is_up()) {
            Some(session) if config.addresses_by_link => {
                Reply::ok(Buffer::default().long(session.id).longs(&[0; 14]))
            }
            Some(session) => Reply::ok(configuration(world, session.id, &session.up)),
            None => Reply::failed(status::CONTEXT_NOT_ACTIVATED),
        }
    }
}

/// MBIM_IP_CONFIGURATION_INFO of the families that are up.
fn configuration(world: &World, id: u32, up: &[Family]) -> Buffer {
    let network = &world.network;
    let (v4, v6) = (network.v4(), network.v6());
    let (has_v4, has_v6) = (up.contains(&Family::V4), up.contains(&Family::V6));
    let only = |has: bool, bytes: Vec<u8>| if has { bytes } else { Vec::new() };
    let count = |has: bool, number: u32| if has { number } else { 0 };
    let prefixed = |length: u32, address: &[u8]| [&length.to_le_bytes(), address].concat();
    // Address, gateway, DNS and MTU are all there.
    let available = |has| count(has, 0xf);
    let mtu = u32::from(network.mtu);
    Buffer::default()
        .longs(&[id, available(has_v4), available(has_v6)])
        .long(count(has_v4, 1))
        .offset(only(has_v4, prefixed(30, &v4.address.octets())))
        .long(count(has_v6, 1))
        .offset(only(has_v6, prefixed(64, &v6.address.octets())))
        .offset(only(has_v4, v4.gateway.octets().to_vec()))
        .offset(only(has_v6, v6.gateway.octets().to_vec()))
        .long(count(has_v4, 2))
        .offset(only(has_v4, v4.dns.map(|server| server.octets()).as_flattened().to_vec()))
        .long(count(has_v6, 2))
        .offset(only(has_v6, v6.dns.map(|server| server.octets()).as_flattened().to_vec()))
        .longs(&[count(has_v4, mtu), count(has_v6, mtu)])
}
