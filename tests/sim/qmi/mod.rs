//! The QMI front: QMUX, client ids, and one file for each service.
//!
//! Facts are those of libqmi's message descriptions; what an EC25 answers beyond that is noted
//! where it matters.

mod ctl;
mod dms;
mod nas;
mod nas_status;
pub(crate) mod tlv;
mod uim;
mod uim_files;
mod voice;
mod wda;
mod wds;
mod wds_profile;
mod wms;

use std::collections::{BTreeMap, VecDeque};

use ltewan::time::Instant;

use super::config::Config;
use super::stats::Stats;
use super::world::network::Family;
use super::world::{World, WorldEvent};
use tlv::{Kind, Request, Tlvs};
use wda::DataFormat;
pub(crate) use wda::LinkLayer;
use wds_profile::Profile;

/// Service numbers.
pub(crate) const CTL: u8 = 0;
pub(crate) const WDS: u8 = 1;
pub(crate) const DMS: u8 = 2;
pub(crate) const NAS: u8 = 3;
pub(crate) const WMS: u8 = 5;
pub(crate) const VOICE: u8 = 9;
pub(crate) const UIM: u8 = 0x0b;
pub(crate) const WDA: u8 = 0x1a;

/// Protocol errors that the simulator answers with.
pub(crate) mod error {
    pub(crate) const NONE: u16 = 0;
    pub(crate) const MALFORMED_MESSAGE: u16 = 1;
    pub(crate) const INTERNAL: u16 = 3;
    pub(crate) const CLIENT_IDS_EXHAUSTED: u16 = 5;
    pub(crate) const INVALID_CLIENT_ID: u16 = 7;
    pub(crate) const INVALID_HANDLE: u16 = 9;
    pub(crate) const INVALID_PROFILE: u16 = 10;
    pub(crate) const INVALID_PIN_ID: u16 = 11;
    pub(crate) const INCORRECT_PIN: u16 = 12;
    pub(crate) const CALL_FAILED: u16 = 14;
    pub(crate) const OUT_OF_CALL: u16 = 15;
    pub(crate) const NOT_PROVISIONED: u16 = 16;
    pub(crate) const MISSING_ARGUMENT: u16 = 17;
    pub(crate) const NO_EFFECT: u16 = 26;
    pub(crate) const INVALID_SERVICE_TYPE: u16 = 31;
    pub(crate) const PIN_BLOCKED: u16 = 35;
    pub(crate) const PIN_ALWAYS_BLOCKED: u16 = 36;
    pub(crate) const UIM_UNINITIALIZED: u16 = 37;
    pub(crate) const INVALID_ARGUMENT: u16 = 48;
    pub(crate) const NO_ENTRY: u16 = 50;
    pub(crate) const DEVICE_NOT_READY: u16 = 52;
    pub(crate) const WMS_CAUSE_CODE: u16 = 54;
    pub(crate) const INVALID_IP_FAMILY: u16 = 64;
    pub(crate) const INVALID_QMI_COMMAND: u16 = 71;
    pub(crate) const INFORMATION_UNAVAILABLE: u16 = 74;
    pub(crate) const SIM_FILE_NOT_FOUND: u16 = 80;
    pub(crate) const ACCESS_DENIED: u16 = 82;
    pub(crate) const NOT_SUPPORTED: u16 = 94;
    pub(crate) const NO_SIM: u16 = 102;
}

/// What a service answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) error: u16,
    pub(crate) tlvs: Tlvs,
}

impl Reply {
    /// Success, to be filled.
    pub(crate) fn ok() -> Self {
        Self::default()
    }

    /// Failure.
    pub(crate) fn error(error: u16) -> Self {
        Self { error, tlvs: Tlvs::default() }
    }

    /// Success or failure with nothing else to say.
    pub(crate) fn status(result: Result<(), u16>) -> Self {
        Self { error: result.err().unwrap_or(error::NONE), tlvs: Tlvs::default() }
    }

    /// Adds a TLV.
    pub(crate) fn put(mut self, kind: u8, value: impl AsRef<[u8]>) -> Self {
        self.tlvs.put(kind, value);
        self
    }
}

/// A client id that the host holds, and what it registered for.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) service: u8,
    pub(crate) id: u8,
    /// WDS: the family of its calls.
    family: Family,
    /// WDS: wants to hear of changed settings (extended IP configuration).
    wants_ip_config: bool,
    /// DMS: which event reports it asked for.
    dms_reports: dms::Reports,
    /// NAS: which indications it asked for.
    nas_reports: nas::Reports,
    /// UIM: its event registration mask.
    uim_events: u32,
    /// WMS: wants to hear of messages.
    wants_messages: bool,
    /// VOICE: wants to hear of USSD.
    wants_ussd: bool,
}

/// A message on its way to the host.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) kind: Kind,
    pub(crate) service: u8,
    pub(crate) message: u16,
    pub(crate) bytes: Vec<u8>,
}

/// What a request asks of the whole device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DeviceAct {
    /// Restart the firmware.
    Reset,
    /// Switch off.
    PowerOff,
}

/// What a service may look at and change.
pub(crate) struct Context<'a> {
    pub(crate) now: Instant,
    pub(crate) world: &'a mut World,
    pub(crate) config: &'a Config,
}

/// The QMI side of one modem.
#[derive(Debug)]
pub(crate) struct Qmi {
    pub(crate) clients: Vec<Client>,
    last_id: BTreeMap<u8, u8>,
    input: Vec<u8>,
    output: VecDeque<Outgoing>,
    pub(crate) format: DataFormat,
    /// The QMAP channel that calls are bound to.
    pub(crate) mux_id: Option<u8>,
    profiles: Vec<Profile>,
    /// The host's USSD session.
    begun: Option<voice::Begun>,
    pub(crate) device_act: Option<DeviceAct>,
}

impl Qmi {
    /// The front of a modem just switched on.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            clients: Vec::new(),
            last_id: BTreeMap::new(),
            input: Vec::new(),
            output: VecDeque::new(),
            format: DataFormat::initial(config.raw_ip_only),
            mux_id: None,
            profiles: wds_profile::factory(),
            begun: None,
            device_act: None,
        }
    }

    /// After a reset: every client id is lost; profiles are kept. Hosts are told by a sync.
    pub(crate) fn reboot(&mut self, config: &Config) {
        let profiles = core::mem::take(&mut self.profiles);
        *self = Self { profiles, ..Self::new(config) };
        self.indicate(CTL, 0, ctl::SYNC, &Tlvs::default());
    }

    /// Takes bytes from the host; frames may come in pieces or several at once.
    pub(crate) fn handle_input(&mut self, context: &mut Context<'_>, bytes: &[u8], s: &mut Stats) {
        self.input.extend(bytes);
        while let Some(frame) = tlv::take_frame(&mut self.input) {
            match tlv::parse(&frame) {
                Some(request) => self.handle_request(context, request, s),
                None => s.malformed += 1,
            }
        }
    }

    fn handle_request(&mut self, context: &mut Context<'_>, request: Request<'_>, s: &mut Stats) {
        *s.qmi_requests.entry((request.service, request.message)).or_default() += 1;
        let known = request.service == CTL
            || self.clients.iter().any(|c| (c.service, c.id) == (request.service, request.client));
        let reply = match request.service {
            CTL | WDS | DMS | NAS | WMS | VOICE | UIM | WDA if !known => {
                s.unknown_client_ids += 1;
                Some(Reply::error(error::INVALID_CLIENT_ID))
            }
            CTL => Some(ctl::handle(self, context, request)),
            WDS => wds::handle(self, context, request),
            DMS => Some(dms::handle(self, context, request)),
            NAS => Some(nas::handle(self, context, request)),
            WMS => Some(wms::handle(self, context, request)),
            VOICE => voice::handle(self, context, request),
            UIM => Some(uim::handle(self, context, request)),
            WDA => Some(wda::handle(self, context.config, request)),
            // The firmware's router has nobody to give it to: no answer at all.
            _ => None,
        };
        if let Some(reply) = reply {
            let Request { service, client, transaction, message, .. } = request;
            // Which way of USSD there is can only be tried.
            if reply.error == error::INVALID_QMI_COMMAND && service != VOICE {
                s.unknown_messages += 1;
            }
            self.respond(service, client, transaction, message, &reply);
        }
    }

    /// Queues a response.
    fn respond(&mut self, service: u8, client: u8, transaction: u16, message: u16, reply: &Reply) {
        let mut tlvs = Tlvs::default();
        let [low, high] = reply.error.to_le_bytes();
        tlvs.put(2, [u8::from(reply.error != error::NONE), 0, low, high]);
        tlvs.0.extend(&reply.tlvs.0);
        let bytes = tlv::frame(Kind::Response, service, client, transaction, message, &tlvs);
        self.output.push_back(Outgoing { kind: Kind::Response, service, message, bytes });
    }

    /// Queues an indication.
    fn indicate(&mut self, service: u8, client: u8, message: u16, tlvs: &Tlvs) {
        let bytes = tlv::frame(Kind::Indication, service, client, 0, message, tlvs);
        self.output.push_back(Outgoing { kind: Kind::Indication, service, message, bytes });
    }

    /// Queues an indication to every client of a service that `wants` it.
    fn indicate_to(
        &mut self,
        service: u8,
        message: u16,
        tlvs: &Tlvs,
        wants: impl Fn(&Client) -> bool,
    ) {
        let wanting = self.clients.iter().filter(|c| c.service == service && wants(c));
        let ids: Vec<u8> = wanting.map(|client| client.id).collect();
        for id in ids {
            self.indicate(service, id, message, tlvs);
        }
    }

    /// Tells the hosts what happened in the world.
    pub(crate) fn handle_event(&mut self, world: &World, config: &Config, event: &WorldEvent) {
        match event {
            WorldEvent::Uicc => {
                uim::indicate(self, world);
                dms::indicate_uicc(self, world);
            }
            WorldEvent::Message(memory, index) => wms::indicate(self, *memory, *index),
            WorldEvent::Direct(transaction) => wms::transfer(self, world, *transaction),
            WorldEvent::Ussd(said) => voice::indicate(self, said),
            WorldEvent::Mode => dms::indicate_mode(self, world),
            WorldEvent::Registration => nas::indicate_registration(self, world, config),
            WorldEvent::Signal => nas::indicate_signal(self, world),
            WorldEvent::Rejected(cause) => nas::indicate_reject(self, config, *cause),
            WorldEvent::Started(result) => wds::started(self, world, config, result),
            WorldEvent::BearerDown(bearer, reason) => {
                wds::indicate_down(self, config, bearer, *reason);
            }
            WorldEvent::BearerChanged(family) => {
                wds::indicate_changed(self, world, config, *family);
            }
        }
    }

    /// The client that a request comes from.
    fn client_mut(&mut self, service: u8, id: u8) -> Option<&mut Client> {
        self.clients.iter_mut().find(|client| (client.service, client.id) == (service, id))
    }

    /// The next message to the host.
    pub(crate) fn poll_output(&mut self) -> Option<Outgoing> {
        self.output.pop_front()
    }
}
