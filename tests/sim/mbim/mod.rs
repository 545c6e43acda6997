//! The MBIM front: the function that is opened and closed, fragments, services and who may speak.
//!
//! Facts are those of MBIM 1.0 and of libmbim's message descriptions. What firmware is free to do
//! otherwise is a setting.

mod basic;
mod buffer;
mod extensions;
mod session;
mod sms;
mod ussd;

use std::collections::VecDeque;

use super::config::{Config, Tunnel, UssdKind};
use super::qmi::{Context, DeviceAct};
use super::stats::Stats;
use super::world::{World, WorldEvent};
pub(crate) use buffer::Buffer;
use session::Session;

/// The services, each by its UUID.
pub(crate) const BASIC_CONNECT: [u8; 16] =
    0xa289cc33_bcbb_8b4f_b6b0_133ec2aae6df_u128.to_be_bytes();
const VOICE: [u8; 16] = 0x8d8b9eba_37be_449b_8f1e_61cb034a702e_u128.to_be_bytes();
const EXTENSIONS: [u8; 16] = 0x3d01dcc5_fef5_4d05_0d3a_bef7058e9aaf_u128.to_be_bytes();
const QMI: [u8; 16] = 0xd1a30bc2_f97a_6e43_bf65_c7e24fb0f0d3_u128.to_be_bytes();

pub(super) const SMS: [u8; 16] = 0x533fbeeb_14fe_4467_9f90_33a223e56c3f_u128.to_be_bytes();
pub(super) const USSD: [u8; 16] = 0xe550a0c8_5e82_479e_82f7_10abf4c3351f_u128.to_be_bytes();

/// What stands for a service where a number is wanted: in counts and in delays.
pub(crate) const BASIC_NUMBER: u8 = 0x80;
pub(crate) const EXTENSIONS_NUMBER: u8 = 0x81;
const USSD_NUMBER: u8 = 0x82;
const SMS_NUMBER: u8 = 0x83;
pub(crate) const QMI_NUMBER: u8 = 0x84;

/// MBIM_STATUS_CODES
pub(crate) mod status {
    pub(crate) const SUCCESS: u32 = 0;
    pub(crate) const FAILURE: u32 = 2;
    pub(crate) const SIM_NOT_INSERTED: u32 = 3;
    pub(crate) const BAD_SIM: u32 = 4;
    pub(crate) const PIN_DISABLED: u32 = 6;
    pub(crate) const NOT_REGISTERED: u32 = 7;
    pub(crate) const NO_DEVICE_SUPPORT: u32 = 9;
    pub(crate) const PACKET_SERVICE_DETACHED: u32 = 12;
    pub(crate) const MAX_ACTIVATED_CONTEXTS: u32 = 13;
    pub(crate) const NOT_INITIALIZED: u32 = 14;
    pub(crate) const CONTEXT_NOT_ACTIVATED: u32 = 16;
    pub(crate) const RADIO_POWER_OFF: u32 = 20;
    pub(crate) const INVALID_PARAMETERS: u32 = 21;
}

/// MBIM_FUNCTION_ERROR_MSG: not opened.
const NOT_OPENED: u32 = 5;
/// Fragment out of sequence.
const OUT_OF_SEQUENCE: u32 = 2;

/// What a service answers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u32,
    pub(crate) info: Vec<u8>,
}

impl Reply {
    /// Success with this buffer.
    pub(crate) fn ok(info: Buffer) -> Self {
        Self { status: status::SUCCESS, info: info.bytes() }
    }

    /// Failure with nothing to say.
    pub(crate) fn failed(status: u32) -> Self {
        Self { status, info: Vec::new() }
    }
}

/// A command of the host.
pub(crate) struct Command<'a> {
    pub(crate) transaction: u32,
    pub(crate) cid: u32,
    /// It changes something; else it asks.
    pub(crate) set: bool,
    pub(crate) info: &'a [u8],
}

/// A message on its way to the host.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    /// The service's number and the command, of a reply; `None` for an indication.
    pub(crate) reply_to: Option<(u8, u16)>,
    pub(crate) frames: Vec<Vec<u8>>,
}

/// The MBIM side of one modem.
#[derive(Debug)]
pub(crate) struct Mbim {
    /// The longest frame the host takes; `None` while the function is closed.
    pub(crate) open: Option<usize>,
    input: Vec<u8>,
    /// Fragments of a command that have come: transaction, how many, and their bytes.
    begun: Option<(u32, u32, Vec<u8>)>,
    output: VecDeque<Outgoing>,
    sessions: Vec<Session>,
    /// What may be told: service and command; everything of Basic Connect when `None`.
    subscribed: Option<Vec<([u8; 16], u32)>>,
    /// The host has attached the packet service, where that does not happen by itself.
    attached: bool,
    /// A code whose answer waits for the network.
    ussd_waiting: Option<u32>,
    /// Host and modem have agreed on MBIMEx 2.0.
    is_extended: bool,
    /// Frames of QMI to be answered, each with its command's transaction.
    tunnelled: VecDeque<(u32, Vec<u8>)>,
    pub(crate) device_act: Option<DeviceAct>,
}

impl Mbim {
    /// The front of a modem just switched on.
    pub(crate) fn new() -> Self {
        Self {
            open: None,
            input: Vec::new(),
            begun: None,
            output: VecDeque::new(),
            sessions: Vec::new(),
            subscribed: None,
            attached: false,
            ussd_waiting: None,
            is_extended: false,
            tunnelled: VecDeque::new(),
            device_act: None,
        }
    }

    /// Takes bytes from the host; frames may come in pieces or several at once.
    pub(crate) fn handle_input(&mut self, context: &mut Context<'_>, bytes: &[u8], s: &mut Stats) {
        self.input.extend(bytes);
        while let Some(frame) = buffer::take_frame(&mut self.input) {
            // A command has 20 bytes before the rest, everything else 12 and is short.
            if frame.rest.len() + 20 > usize::from(context.config.max_control_transfer) {
                s.malformed += 1;
                continue;
            }
            self.handle_frame(context, frame, s);
        }
    }

    fn handle_frame(&mut self, context: &mut Context<'_>, frame: buffer::Frame, s: &mut Stats) {
        let transaction = frame.transaction;
        match frame.kind {
            1 => {
                s.note_mbim(BASIC_NUMBER, 0);
                self.shut(context);
                let max = buffer::long(&frame.rest, 0).unwrap_or(0);
                self.open = usize::try_from(max).ok();
                self.answer(0x8000_0001, transaction, status::SUCCESS);
            }
            2 if self.open.is_none() => self.answer(0x8000_0004, transaction, NOT_OPENED),
            2 => {
                self.shut(context);
                self.answer(0x8000_0002, transaction, status::SUCCESS);
            }
            3 if self.open.is_none() => {
                s.unheard_mbim += 1;
                self.answer(0x8000_0004, transaction, NOT_OPENED);
            }
            3 => match self.put_together(frame) {
                Ok(Some(payload)) => self.handle_command(context, transaction, &payload, s),
                Ok(None) => {}
                Err(()) => {
                    s.malformed += 1;
                    self.answer(0x8000_0004, transaction, OUT_OF_SEQUENCE);
                }
            },
            _ => {}
        }
    }

    /// The command that a frame ends, if it ends one.
    fn put_together(&mut self, frame: buffer::Frame) -> Result<Option<Vec<u8>>, ()> {
        let (next, mut payload) = match self.begun.take() {
            _ if frame.current == 0 => (0, Vec::new()),
            Some((transaction, next, payload)) if transaction == frame.transaction => {
                (next, payload)
            }
            _ => return Err(()),
        };
        if frame.current != next {
            return Err(());
        }
        payload.extend(frame.rest);
        if next + 1 >= frame.total {
            return Ok(Some(payload));
        }
        self.begun = Some((frame.transaction, next + 1, payload));
        Ok(None)
    }

    fn handle_command(
        &mut self,
        context: &mut Context<'_>,
        transaction: u32,
        payload: &[u8],
        s: &mut Stats,
    ) {
        let head = || {
            let service: [u8; 16] = payload.get(..16)?.try_into().ok()?;
            let (cid, kind) = (buffer::long(payload, 16)?, buffer::long(payload, 20)?);
            let length = usize::try_from(buffer::long(payload, 24)?).ok()?;
            let info = payload.get(28..)?.get(..length)?;
            Some((service, Command { transaction, cid, set: kind == 1, info }))
        };
        let Some((service, command)) = head() else {
            s.malformed += 1;
            return;
        };
        let cid = command.cid;
        let number = number_of(service);
        s.note_mbim(number, cid);
        let activates = (service, cid, command.set) == (BASIC_CONNECT, 12, true)
            && buffer::long(command.info, 4) == Some(1);
        s.mbim_activations += u64::from(activates);
        let reply = match service {
            BASIC_CONNECT => basic::handle(self, context, &command),
            SMS if context.config.messages => Some(sms::handle(context, &command)),
            USSD if context.config.ussd != UssdKind::None => ussd::handle(self, context, &command),
            EXTENSIONS if context.config.extensions => {
                Some(extensions::handle(self, context, &command))
            }
            VOICE => Some(extensions::time(context)),
            QMI if context.config.tunnel != Tunnel::None => {
                self.tunnelled.push_back((transaction, command.info.to_vec()));
                None
            }
            _ => Some(Reply::failed(status::NO_DEVICE_SUPPORT)),
        };
        if let Some(reply) = reply {
            s.unknown_messages += u64::from(reply.status == status::NO_DEVICE_SUPPORT);
            self.done(service, cid, transaction, &reply);
        }
    }

    /// Closes the function: sessions end, and nothing is told any more.
    fn shut(&mut self, context: &mut Context<'_>) {
        for session in self.sessions.drain(..) {
            context.world.network.release(session.client(), None);
        }
        self.open = None;
        self.begun = None;
        self.subscribed = None;
        self.ussd_waiting = None;
        self.is_extended = false;
    }

    /// The next frame of QMI, and its command's transaction.
    pub(crate) fn poll_tunnelled(&mut self) -> Option<(u32, Vec<u8>)> {
        self.tunnelled.pop_front()
    }

    /// Answers such a frame with another.
    pub(crate) fn answer_tunnelled(&mut self, config: &Config, transaction: u32, frame: Vec<u8>) {
        let info = match config.tunnel {
            Tunnel::Garbage => damaged(frame, transaction),
            // Its error is that there is no such service: QMUX header and QMI header of CTL with
            // their lengths, result.
            Tunnel::Refused => {
                let head = frame.get(..12).unwrap_or_default();
                let mut refusal = [head, &[2, 4, 0, 1, 0, 31, 0]].concat();
                refusal[1..3].copy_from_slice(&[18, 0]);
                refusal[3..7].copy_from_slice(&[0x80, 0, 0, 1]);
                refusal[10..12].copy_from_slice(&[7, 0]);
                refusal
            }
            Tunnel::None | Tunnel::Qmi => frame,
        };
        self.done(QMI, 1, transaction, &Reply { status: status::SUCCESS, info });
    }

    /// Answers with a status or an error alone.
    fn answer(&mut self, kind: u32, transaction: u32, field: u32) {
        let frames = vec![buffer::plain(kind, transaction, field)];
        self.output.push_back(Outgoing { reply_to: Some((BASIC_NUMBER, 0)), frames });
    }

    /// Answers a command.
    fn done(&mut self, service: [u8; 16], cid: u32, transaction: u32, reply: &Reply) {
        let mut payload = service.to_vec();
        for field in [cid, reply.status, buffer::long_of(reply.info.len())] {
            payload.extend(field.to_le_bytes());
        }
        payload.extend(&reply.info);
        let number = number_of(service);
        let frames = buffer::fragments(0x8000_0003, transaction, &payload, self.longest());
        let reply_to = Some((number, u16::try_from(cid).unwrap_or(u16::MAX)));
        self.output.push_back(Outgoing { reply_to, frames });
    }

    /// Tells of a command of Basic Connect, if the host listens.
    fn indicate(&mut self, cid: u32, info: Buffer) {
        self.indicate_of(BASIC_CONNECT, cid, info);
    }

    /// Tells of a command, if the host listens.
    fn indicate_of(&mut self, service: [u8; 16], cid: u32, info: Buffer) {
        let wanted = match &self.subscribed {
            Some(list) => list.contains(&(service, cid)) || list.contains(&(service, u32::MAX)),
            None => service == BASIC_CONNECT,
        };
        if self.open.is_none() || !wanted {
            return;
        }
        let info = info.bytes();
        let mut payload = service.to_vec();
        for field in [cid, buffer::long_of(info.len())] {
            payload.extend(field.to_le_bytes());
        }
        payload.extend(info);
        let frames = buffer::fragments(0x8000_0007, 0, &payload, self.longest());
        self.output.push_back(Outgoing { reply_to: None, frames });
    }

    fn longest(&self) -> usize {
        self.open.unwrap_or(4096)
    }

    /// Tells the host what happened in the world.
    pub(crate) fn handle_event(&mut self, world: &World, config: &Config, event: &WorldEvent) {
        match event {
            WorldEvent::Uicc => {
                self.indicate(basic::SUBSCRIBER_READY_STATUS, basic::subscriber_ready(world));
            }
            WorldEvent::Mode => self.indicate(basic::RADIO_STATE, basic::radio_state(world)),
            WorldEvent::Registration => {
                let state = self.register_state(world, config);
                self.indicate(basic::REGISTER_STATE, state);
                let service = self.packet_service(world, config);
                self.indicate(basic::PACKET_SERVICE, service);
            }
            // It comes with the registration.
            WorldEvent::Rejected(_) | WorldEvent::Direct(_) => {}
            WorldEvent::Message(_, index) => self.tell_message(world, *index),
            WorldEvent::Ussd(said) => self.tell_ussd(said),
            WorldEvent::Signal => {
                let state = self.signal_state(world);
                self.indicate(basic::SIGNAL_STATE, state);
            }
            WorldEvent::Started(result) => self.started(result),
            WorldEvent::BearerDown(bearer, reason) => self.bearer_down(world, bearer, *reason),
            WorldEvent::BearerChanged(family) => self.bearer_changed(world, *family),
        }
    }

    /// The next message to the host.
    pub(crate) fn poll_output(&mut self) -> Option<Outgoing> {
        self.output.pop_front()
    }
}

/// A frame that is cut, longer than it says, of another service, or none at all.
fn damaged(mut frame: Vec<u8>, number: u32) -> Vec<u8> {
    match number % 4 {
        0 => frame.truncate(frame.len() / 2),
        1 => frame.splice(1..3, [0xff, 0xff]).for_each(drop),
        2 => frame.splice(4..6, [0x7f, 0x7f]).for_each(drop),
        _ => frame.fill(0xa5),
    }
    frame
}

fn number_of(service: [u8; 16]) -> u8 {
    match service {
        BASIC_CONNECT => BASIC_NUMBER,
        EXTENSIONS => EXTENSIONS_NUMBER,
        USSD => USSD_NUMBER,
        SMS => SMS_NUMBER,
        QMI => QMI_NUMBER,
        _ => u8::MAX,
    }
}
