//! Contexts and calls: what the modem holds of them, and what it tells of their ends.

use std::collections::BTreeMap;

use ltewan::time::Instant;

use super::super::config::{Config, Dialect};
use super::super::link::Link;
use super::super::qmi::Context;
use super::super::world::World;
use super::super::world::network::{Bearer, EndReason, Family, Pending, StartResult};
use super::super::world::radio::OperatingMode;
use super::{At, Failure};

/// A PDP context.
#[derive(Clone, Debug)]
pub(super) struct Pdp {
    pub(super) kind: String,
    pub(super) apn: String,
    /// What +CGAUTH or its like was given: protocol, user and password.
    pub(super) auth: Vec<String>,
}

/// The call under way or up.
#[derive(Clone, Debug)]
struct Call {
    cid: u8,
    undecided: Vec<Family>,
    up: Vec<Family>,
    refused: Option<EndReason>,
    /// The command is answered when the network has decided.
    is_waited_for: bool,
    /// The port is to carry PPP then.
    is_data: bool,
}

/// What an AT port has to do with data.
#[derive(Clone, Debug, Default)]
pub(super) struct Dialling {
    pub(super) contexts: BTreeMap<u8, Pdp>,
    call: Option<Call>,
    /// +CGEREP is set.
    pub(super) tells_events: bool,
    /// XMM: the data channel is bound.
    pub(super) is_bound: bool,
}

/// What became of a command that dials or hangs up.
pub(super) enum Done {
    /// It is answered now.
    Now,
    /// It is answered when the network has decided.
    Later,
}

fn client(cid: u8) -> u8 {
    0x40 | cid
}

impl Dialling {
    /// The call's families that are up.
    pub(super) fn up(&self) -> &[Family] {
        match &self.call {
            Some(call) if call.undecided.is_empty() => &call.up,
            Some(_) | None => &[],
        }
    }

    pub(super) fn is_up(&self, cid: u8) -> bool {
        self.call.as_ref().is_some_and(|call| call.cid == cid) && !self.up().is_empty()
    }

    /// Dials a context.
    pub(super) fn dial(
        &mut self,
        context: &mut Context<'_>,
        cid: u8,
        wait: bool,
    ) -> Result<Done, Failure> {
        let Some(pdp) = self.contexts.get(&cid).cloned() else { return Err(Failure::Cme(143)) };
        if self.is_up(cid) {
            return Ok(Done::Now);
        }
        if context.world.radio.mode != OperatingMode::Online {
            return Err(Failure::Cme(3));
        }
        if !context.world.radio.is_registered() {
            return Err(Failure::Cme(30));
        }
        let families = match pdp.kind.as_str() {
            "IP" => vec![Family::V4],
            "IPV6" => vec![Family::V6],
            _ => Family::ALL.to_vec(),
        };
        for family in &families {
            let (client, apn) = (client(cid), pdp.apn.clone());
            let pending =
                Pending { due: context.now, client, transaction: 0, family: *family, apn };
            context.world.start_bearer(context.now, pending);
        }
        let (up, refused) = (Vec::new(), None);
        let (undecided, is_data) = (families, false);
        self.call = Some(Call { cid, undecided, up, refused, is_waited_for: wait, is_data });
        Ok(if wait { Done::Later } else { Done::Now })
    }

    /// Dials a context whose data the port is to carry.
    pub(super) fn dial_data(
        &mut self,
        context: &mut Context<'_>,
        cid: u8,
    ) -> Result<Done, Failure> {
        self.hang_up(context);
        let done = self.dial(context, cid, true)?;
        if let Some(call) = &mut self.call {
            call.is_data = true;
        }
        Ok(done)
    }

    pub(super) fn hang_up(&mut self, context: &mut Context<'_>) {
        if let Some(call) = self.call.take() {
            context.world.network.release(client(call.cid), None);
        }
        self.is_bound = false;
    }

    /// The network has decided on a family; the call when it is decided on as a whole.
    fn started(&mut self, result: &StartResult) -> Option<Call> {
        let call = self.call.as_mut().filter(|call| client(call.cid) == result.client)?;
        call.undecided.retain(|family| *family != result.family);
        match result.result {
            Ok(_) => call.up.push(result.family),
            Err(reason) => call.refused = call.refused.or(Some(reason)),
        }
        if !call.undecided.is_empty() {
            return None;
        }
        let decided = call.clone();
        if decided.up.is_empty() {
            self.call = None;
        }
        Some(decided)
    }

    /// A bearer ended; the call's context and families when it was one of its.
    fn bearer_down(&mut self, bearer: &Bearer) -> Option<(u8, bool)> {
        let call = self.call.as_mut()?;
        let cid = call.cid;
        if !bearer.owners.iter().any(|owner| owner.client == client(cid)) {
            return None;
        }
        call.up.retain(|family| *family != bearer.family);
        let is_over = call.up.is_empty() && call.undecided.is_empty();
        if is_over {
            self.call = None;
        }
        Some((cid, is_over))
    }
}

/// The network's cause, or 0.
fn cause_of(reason: EndReason) -> u16 {
    if reason.kind == 6 { reason.reason } else { 0 }
}

/// TS 27.007 9.2 for a session management cause.
fn cme_of(reason: EndReason) -> u16 {
    match cause_of(reason) {
        0 => 30,
        27 => 127,
        28 => 128,
        29 => 149,
        33 => 133,
        50 => 192,
        51 => 193,
        _ => 148,
    }
}

fn family_name(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPV4",
        Family::V6 => "IPV6",
    }
}

impl At {
    /// The network has decided.
    pub(super) fn started(
        &mut self,
        now: Instant,
        world: &World,
        config: &Config,
        result: &StartResult,
        link: &mut Link,
    ) {
        let Some(call) = self.dialling.started(result) else { return };
        if call.is_data {
            self.begin_data(now, world, config, &call.up, link);
        } else if call.is_waited_for {
            let verdict = match call.refused {
                Some(reason) if call.up.is_empty() => Err(Failure::Cme(cme_of(reason))),
                Some(_) | None => Ok(()),
            };
            let mut output = String::new();
            if verdict.is_ok() {
                if config.dialect == Dialect::Simcom {
                    self.say(&mut output, "$QCRMCALL: 1, V4");
                } else if config.dialect == Dialect::Zte {
                    self.say(&mut output, "+ZCONSTAT: 1,1");
                }
            }
            self.finish(now, config, verdict, output, link);
        } else if config.dialect == Dialect::Huawei {
            for family in &call.up {
                self.urc(now, link, &format!("^NDISSTAT: 1,,,\"{}\"", family_name(*family)));
            }
            if let Some(reason) = call.refused {
                let refused = Family::ALL.into_iter().find(|family| !call.up.contains(family));
                let name = family_name(refused.unwrap_or(Family::V4));
                let cause = cause_of(reason);
                self.urc(now, link, &format!("^NDISSTAT: 0,{cause},,\"{name}\""));
            }
        } else {
            let state = u8::from(!call.up.is_empty());
            self.urc(now, link, &format!("+QNETDEVSTATUS: {state}"));
        }
    }

    /// A bearer ended by the network's will.
    pub(super) fn bearer_down(
        &mut self,
        now: Instant,
        config: &Config,
        bearer: &Bearer,
        reason: EndReason,
        link: &mut Link,
    ) {
        let Some((cid, is_over)) = self.dialling.bearer_down(bearer) else {
            // The call of another port.
            if let Some(owner) = bearer.owners.first().filter(|_| self.dialling.tells_events) {
                self.urc(now, link, &format!("+CGEV: NW PDN DEACT {}", owner.client & 0x3f));
            }
            return;
        };
        if is_over && self.data.is_some() {
            self.lose_carrier(now, link);
            return;
        }
        if config.dialect == Dialect::Huawei {
            let (cause, name) = (cause_of(reason), family_name(bearer.family));
            self.urc(now, link, &format!("^NDISSTAT: 0,{cause},,\"{name}\""));
        } else if !is_over {
            // The context goes on with the other family.
        } else if config.dialect == Dialect::Quectel {
            self.urc(now, link, "+QNETDEVSTATUS: 0");
        } else if config.dialect == Dialect::Zte {
            self.urc(now, link, "+ZCONSTAT: 0,1");
        } else if self.dialling.tells_events {
            self.urc(now, link, &format!("+CGEV: NW PDN DEACT {cid}"));
        }
    }
}
