//! The data connection: one context for both families.

use super::dialect::Dialect;
use super::session::{Session, State, failure, unless_lost};
use crate::driver::cause::of_attach;
use crate::driver::procedures::Steps;
use crate::driver::{CALL_TIMEOUT, Event, Failure, FailureKind};
use crate::log;
use crate::port::at::{AtError, RequestError};
use crate::time::Duration;
use crate::types::{Apn, AuthMethod, BearerSettings, IpConfig, PdpType, Table, Value};
use crate::wire::at::{
    CmeError, Command, Fields, cgdcont_set, parse_cgatt, parse_cgdcont, pdp_type_name,
};

/// How long the modem may take to hang up. Deactivating a context waits for the network's answer.
const HANG_UP_TIMEOUT: Duration = Duration::from_secs(6);

/// How long attaching may take: T3410 of TS 24.301 10.2 is 15 s, and modems try twice.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(35);

/// How long detaching may take: T3421 of TS 24.301 10.2 is 15 s.
const DETACH_TIMEOUT: Duration = Duration::from_secs(16);

/// How often a modem that has accepted to dial is asked whether the call is up. Many accept at once
/// and dial then; with the pause between this is as long as networks take.
const UP_TRIES: u32 = 60;

/// How long to wait between.
const UP_PAUSE: Duration = Duration::from_millis(500);

/// The keys under which a later daemon finds the call.
const SAVED_CID: &str = "at_context";
const SAVED_TYPE: &str = "at_type";

/// A call that is up.
#[derive(Clone, Debug)]
pub(super) struct Bearer {
    /// Its context.
    pub(super) cid: u8,
    /// The families asked for.
    pub(super) pdptype: PdpType,
    /// What it was given.
    pub(super) config: IpConfig,
}

impl Session {
    /// Gets a call with the families asked for, and tells what came of it.
    pub(super) async fn connect(self, settings: BearerSettings) {
        if self.state().bearer.is_some() {
            // No family can be added to a context that is up, and the one there is is not given up
            // for the other. It may have come back by itself.
            if let Err(failure) = self.recheck_settings().await {
                failure.log("reading the addresses");
            }
            self.tell_connected();
            return;
        }
        match self.dial(&settings).await {
            Ok(bearer) => {
                self.state_mut().bearer = Some(bearer);
                self.save();
                self.tell_connected();
            }
            Err(failure) => {
                // Whatever of it there may be in the modem.
                self.hang_up().await;
                self.emit(Event::ConnectFailed(failure));
            }
        }
    }

    /// Dials for the families asked for, or for one of them when the network serves only that.
    async fn dial(&self, settings: &BearerSettings) -> Result<Bearer, Failure> {
        let mut pdptype = settings.pdptype;
        let mut others = [PdpType::Ipv4, PdpType::Ipv6].into_iter();
        // Why both families together were refused.
        let mut first: Option<Failure> = None;
        loop {
            self.hang_up().await;
            let result = self.dial_for(settings, pdptype).await;
            let failure = match (result, first.take()) {
                (Ok(bearer), None) => return Ok(bearer),
                (Ok(bearer), Some(first)) => {
                    log::info!("one family only: {}", first.detail);
                    return Ok(bearer);
                }
                (Err(_), Some(first)) => first,
                (Err(failure), None) => failure,
            };
            if failure.kind != FailureKind::PdpType || settings.pdptype != PdpType::Ipv4v6 {
                return Err(failure);
            }
            let Some(other) = others.next() else { return Err(failure) };
            (pdptype, first) = (other, Some(failure));
        }
    }

    async fn dial_for(
        &self,
        settings: &BearerSettings,
        pdptype: PdpType,
    ) -> Result<Bearer, Failure> {
        let dialect = self.state().dialect;
        let cid = settings.profile.unwrap_or(dialect.cid);
        let apn = match &settings.v6apn {
            Some(apn) if pdptype == PdpType::Ipv6 => apn,
            Some(_) | None => &settings.apn,
        };
        let (apn, changed) = self.set_up_context(cid, pdptype, apn, settings.profile).await?;
        let is_up = self.is_up(cid).await? == Some(true);
        if is_up {
            // It connects by itself, or another program has left it up.
            self.state_mut().dialled = Some(cid);
        }
        if !is_up || changed {
            if is_up {
                self.hang_up().await;
            }
            let is_ppp = self.state().is_ppp;
            match self.authenticate(cid, &apn, settings).await {
                // PPP carries user name and password.
                Err(failure) if is_ppp && failure.kind == FailureKind::Unsupported => {}
                told => told?,
            }
            self.attach(cid, changed).await?;
            if is_ppp {
                let config = self.dial_ppp(cid, pdptype, settings).await?;
                return Ok(Bearer { cid, pdptype, config });
            }
            self.dial_any(dialect, cid, &apn, settings).await?;
        }
        let config = self.addresses(cid, pdptype).await?;
        // Word of its end may have come while the addresses were read.
        if matches!(self.state().told, Some(Err(_))) {
            self.wait_up(cid).await?;
        }
        Ok(Bearer { cid, pdptype, config })
    }

    /// Sets the context up unless it is so already; its access point, and whether it was changed.
    async fn set_up_context(
        &self,
        cid: u8,
        pdptype: PdpType,
        apn: &Apn,
        profile: Option<u8>,
    ) -> Result<(String, bool), Failure> {
        let lines = self.lines("+CGDCONT?").await?;
        if let Some(known) = parse_cgdcont(&lines, cid) {
            // A stored profile brings what it brings.
            let is_kept = profile.is_some() && apn.is_empty();
            let is_apn = apn.is_empty() || known.apn.eq_ignore_ascii_case(apn.as_str());
            if is_kept || is_apn && known.pdptype == Some(pdptype) {
                return Ok((known.apn, false));
            }
        }
        match self.ask(cgdcont_set(cid, pdptype, apn)).await {
            Ok(_) => Ok((apn.as_str().to_owned(), true)),
            Err(RequestError::At(error)) if pdptype == PdpType::Ipv4v6 => {
                // Old firmware knows one family at a time.
                Err(Failure::new(FailureKind::PdpType, &error.to_string()))
            }
            Err(error) => Err(failure(error)),
        }
    }

    /// Tells the modem user name and password, or that there are none.
    async fn authenticate(
        &self,
        cid: u8,
        apn: &str,
        settings: &BearerSettings,
    ) -> Result<(), Failure> {
        let dialect = self.state().dialect;
        if settings.auth == AuthMethod::None {
            // What an earlier interface has set would be used on. A profile is left as it is.
            if settings.profile.is_none() {
                self.lines_of("+CGAUTH={cid},0", cid).await?;
            }
            return Ok(());
        }
        let fields = fields(cid, apn, settings);
        for template in dialect.auth {
            let command = Command::from_template(template, &fields);
            if unless_lost(self.ask(command).await)?.is_some() {
                return Ok(());
            }
        }
        if dialect.dial_auth.is_empty() {
            let detail = "no command for user name and password";
            return Err(Failure::new(FailureKind::Unsupported, detail));
        }
        Ok(())
    }

    /// Attaches where that does not happen by itself, and anew where the context that was changed
    /// is the one the modem attached with.
    async fn attach(&self, cid: u8, changed: bool) -> Result<(), Failure> {
        let lines = self.lines("+CGATT?").await?;
        if parse_cgatt(&lines) != Some(false) {
            let is_stale = changed && self.is_active(cid).await? == Some(true);
            if !is_stale {
                return Ok(());
            }
            self.ask_for(Command::execute("+CGATT=0"), DETACH_TIMEOUT).lines().await?;
        }
        match self.ask_for(Command::execute("+CGATT=1"), ATTACH_TIMEOUT).await {
            // Dialling itself tells whether the modem only lacks the command.
            Ok(_) | Err(RequestError::At(AtError::Error)) => Ok(()),
            Err(error) => {
                let failure = failure(error);
                let is_lost =
                    matches!(failure.kind, FailureKind::Timeout | FailureKind::PortClosed);
                Err(if is_lost { failure } else { of_attach(failure) })
            }
        }
    }

    /// Dials in the first way that the modem has, and waits until the call is up.
    async fn dial_any(
        &self,
        dialect: &Dialect,
        cid: u8,
        apn: &str,
        settings: &BearerSettings,
    ) -> Result<(), Failure> {
        let fields = fields(cid, apn, settings);
        let has_auth = settings.auth != AuthMethod::None && !dialect.dial_auth.is_empty();
        let ways = if has_auth { dialect.dial_auth } else { dialect.dial };
        let mut refusal = None;
        self.state_mut().dialled = Some(cid);
        for way in ways {
            self.state_mut().told = None;
            match self.run_commands(way, &fields).await {
                Ok(()) => return self.wait_up(cid).await,
                Err(error) => {
                    let is_lacking = is_lacking(&error);
                    // The first refusal says more: the other ways are makeshift.
                    refusal.get_or_insert(failure(error));
                    if !is_lacking {
                        break;
                    }
                }
            }
        }
        let missing = || Failure::new(FailureKind::Unsupported, "no command to dial with");
        let refusal = refusal.unwrap_or_else(missing);
        // Firmware that connects by itself refuses to be told to.
        let is_unanswered = matches!(refusal.kind, FailureKind::Timeout | FailureKind::PortClosed);
        if !is_unanswered && self.is_up(cid).await? == Some(true) {
            return Ok(());
        }
        Err(refusal)
    }

    async fn run_commands(
        &self,
        commands: &[&'static str],
        fields: &Fields<'_>,
    ) -> Result<(), RequestError> {
        for template in commands {
            self.ask_for(Command::from_template(template, fields), CALL_TIMEOUT).await?;
        }
        Ok(())
    }

    /// Waits until the call is up.
    async fn wait_up(&self, cid: u8) -> Result<(), Failure> {
        for round in 0..UP_TRIES {
            if round > 0 {
                let at = self.state().now + UP_PAUSE;
                self.wait_until(at, |state: &mut State| state.told.is_some().then_some(())).await;
            }
            let told = self.state_mut().told.take();
            match (self.is_up(cid).await?, told) {
                // A modem that cannot say has said that it did as it was told.
                (Some(true), _) | (None, None | Some(Ok(()))) => return Ok(()),
                (Some(false) | None, Some(Err(failure))) => {
                    self.state_mut().dialled = None;
                    return Err(failure);
                }
                (Some(false), None | Some(Ok(()))) => {}
            }
        }
        Err(Failure::new(FailureKind::Network, "the call does not come up"))
    }

    /// Whether the call of a context is up, by the modem's own word; `None` when it has none.
    pub(super) async fn is_up(&self, cid: u8) -> Result<Option<bool>, Failure> {
        if self.state().is_ppp {
            // The modem knows of the context; whoever speaks PPP tells of the session.
            return Ok(None);
        }
        let queries = self.state().dialect.status;
        for query in queries {
            let lines = unless_lost(self.ask_template(query.command, cid).await)?;
            if let Some(up) = lines.and_then(|lines| query.is_up(&lines, cid)) {
                return Ok(Some(up));
            }
        }
        Ok(None)
    }

    /// Whether a context is active, which the one that the modem attached with always is.
    async fn is_active(&self, cid: u8) -> Result<Option<bool>, Failure> {
        let lines = self.lines("+CGACT?").await?;
        Ok(super::dialect::CGACT.is_up(&lines, cid))
    }

    pub(super) fn tell_connected(&self) {
        let config = self.state().bearer.as_ref().map(|bearer| bearer.config.clone());
        if let Some(config) = config {
            self.emit(Event::Connected(config));
        }
    }

    /// Ends the call, if the modem may have one.
    pub(super) async fn hang_up(&self) {
        let Some(cid) = self.state().dialled else { return };
        if self.state().is_ppp {
            return self.stop_ppp();
        }
        let commands = self.state().dialect.hang_up;
        for template in commands {
            let command = Command::from_template(template, &Fields { cid, ..Fields::default() });
            match self.ask_for(command, HANG_UP_TIMEOUT).await {
                // A refusal is most often that there is none.
                Ok(_) | Err(RequestError::At(_) | RequestError::Malformed(_)) => {}
                Err(error) => {
                    log::debug!("hanging up: {error}");
                    self.state_mut().is_unwanted = true;
                    return;
                }
            }
        }
        let mut state = self.state_mut();
        (state.dialled, state.is_unwanted) = (None, false);
    }

    /// Ends what a silent modem could not be told to end.
    pub(super) async fn hang_up_unwanted(&self) {
        if self.state().is_unwanted {
            self.hang_up().await;
        }
    }

    /// Ends the call, and says so.
    pub(super) async fn disconnect(self) {
        // Ended on purpose: word of it is no loss.
        self.state_mut().bearer = None;
        self.hang_up().await;
        self.save();
        self.emit(Event::Disconnected);
    }

    /// Lets go of a call that has ended by itself.
    pub(super) fn lose(&self, failure: Failure) {
        let lost = {
            let mut state = self.state_mut();
            let lost = state.bearer.take();
            if lost.is_some() {
                state.dialled = None;
            }
            lost
        };
        if lost.is_some() {
            if self.state().is_ppp {
                self.stop_ppp();
            }
            self.save();
            self.emit(Event::BearerLost(failure));
        }
    }

    /// Asks whether the call is still up, and lets go of it if it is not; reads its addresses, in
    /// case word of a change was lost.
    pub(super) async fn check_bearer(&self, why: Option<Failure>) -> Result<(), Failure> {
        let Some(cid) = self.state().bearer.as_ref().map(|bearer| bearer.cid) else {
            return Ok(());
        };
        match (self.is_up(cid).await?, why) {
            (Some(false), why) => {
                let found = || Failure::new(FailureKind::Network, "found disconnected");
                self.lose(why.unwrap_or_else(found));
                Ok(())
            }
            (None, Some(why)) => {
                self.lose(why);
                Ok(())
            }
            (Some(true), _) | (None, None) => self.recheck_settings().await,
        }
    }

    /// Does so because of what the modem told.
    pub(super) async fn check_bearer_told(self, why: Failure) {
        // The next probe asks again.
        if let Err(failure) = self.check_bearer(Some(why)).await {
            failure.log("asking for the call");
        }
    }

    /// Tells what a later daemon needs to go on with the call that is up.
    pub(super) fn save(&self) {
        let table = match &self.state().bearer {
            Some(bearer) => {
                let table = Table::new().with(SAVED_CID, bearer.cid);
                let table = table.with(SAVED_TYPE, bearer.pdptype.name());
                if self.state().is_ppp { super::ppp::save(table, &bearer.config) } else { table }
            }
            None => Table::new(),
        };
        self.emit(Event::Saved(table));
    }

    /// Goes on with the call of an earlier daemon; whether it is still up.
    pub(super) async fn adopt(&self, saved: &Table) -> Result<bool, Failure> {
        let cid = saved.get(SAVED_CID).and_then(Value::as_i64);
        let pdptype = saved.get_str(SAVED_TYPE).and_then(|name| PdpType::parse(name).ok());
        let (Some(cid), Some(pdptype)) = (cid.and_then(|cid| u8::try_from(cid).ok()), pdptype)
        else {
            return Ok(false);
        };
        self.state_mut().dialled = Some(cid);
        if self.state().is_ppp {
            return Ok(self.keep_ppp(saved, cid, pdptype));
        }
        if self.is_up(cid).await? != Some(true) {
            return Ok(false);
        }
        match self.addresses(cid, pdptype).await {
            Ok(config) => {
                self.state_mut().bearer = Some(Bearer { cid, pdptype, config });
                Ok(true)
            }
            Err(error) if error.kind == FailureKind::Timeout => Err(error),
            Err(_) => Ok(false),
        }
    }
}

/// Whether the modem may only lack the command.
fn is_lacking(error: &RequestError) -> bool {
    matches!(
        error,
        RequestError::At(
            AtError::Error | AtError::Cme(CmeError::NotSupported | CmeError::NotAllowed)
        )
    )
}

fn fields<'a>(cid: u8, apn: &'a str, settings: &'a BearerSettings) -> Fields<'a> {
    let auth = match settings.auth {
        AuthMethod::None => 0,
        AuthMethod::Pap => 1,
        // There is no "whichever"; CHAP is what networks take that take either.
        AuthMethod::Chap | AuthMethod::Both => 2,
    };
    Fields {
        cid,
        kind: pdp_type_name(settings.pdptype),
        apn,
        auth,
        username: settings.username.as_deref().unwrap_or_default(),
        password: settings.password.as_ref(),
    }
}
