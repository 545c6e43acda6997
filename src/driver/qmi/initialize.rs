//! Getting to know a modem: from a port that was just opened to a report and indications.

use super::session::{Session, failure};
use crate::driver::{Event, Failure, FailureKind, Initialize, Report};
use crate::log;
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::{DeviceIdentity, Imei, OperatingMode, Table, Value};
use crate::wire::qmi::ctl::{GetVersionInfoRequest, SyncRequest};
use crate::wire::qmi::{AnyRequest, QmiError, Service, dms, nas, uim};

/// How long a starting modem may leave one first question unanswered.
const FIRST_TIMEOUT: Duration = Duration::from_secs(2);

/// How often the first question is asked before the modem counts as silent.
const FIRST_TRIES: u32 = 5;

/// How often a modem with calls of an earlier daemon is asked for the rest.
const REPORT_TRIES: u32 = 3;

/// How many questions in a row have to stay unanswered for the modem to count as silent.
const UNANSWERED_MAX: u32 = 2;

/// The services that the whole modem shares one client of.
const SHARED: [Service; 3] = [Service::Dms, Service::Nas, Service::Uim];

impl Session {
    /// Gets to know the modem, and tells what was found.
    pub(super) async fn initialize(self, request: Initialize) {
        match self.initialize_all(request).await {
            Ok(report) => self.emit(Event::Initialized(*report)),
            Err(failure) => self.emit(Event::InitializeFailed(failure)),
        }
    }

    async fn initialize_all(&self, request: Initialize) -> Result<Box<Report>, Failure> {
        if let Some(saved) = &request.saved {
            self.first_contact(&GetVersionInfoRequest).await?;
            if let Some(report) = self.adopt(saved, request.is_muxed).await? {
                return Ok(report);
            }
        }
        self.forget_all();
        // Makes the modem forget the clients of whoever was here before, and end their calls.
        self.first_contact(&SyncRequest).await?;
        for service in SHARED {
            match self.share_client(service).await {
                Ok(()) => {}
                Err(RequestError::Qmi(error)) if service == Service::Uim => {
                    log::info!("no UIM service ({error:?}): the SIM is read over DMS");
                }
                Err(error) => return Err(failure(error)),
            }
        }
        self.set_data_format(&request).await?;
        self.report().await
    }

    /// The first question, which a modem that is still starting leaves unanswered.
    async fn first_contact(&self, question: &dyn AnyRequest) -> Result<(), Failure> {
        let mut silence = RequestError::Timeout;
        for _ in 0..FIRST_TRIES {
            match self.greet(question, FIRST_TIMEOUT).await {
                Ok(()) | Err(RequestError::Qmi(_) | RequestError::Malformed(_)) => return Ok(()),
                Err(RequestError::Timeout) => {}
                Err(error) => silence = error,
            }
        }
        Err(failure(silence))
    }

    /// Goes on with what an earlier daemon held; `None` when nothing of it is left.
    async fn adopt(&self, saved: &Table, is_muxed: bool) -> Result<Option<Box<Report>>, Failure> {
        let qmap = saved.get("qmap").and_then(Value::as_i64).and_then(|n| u8::try_from(n).ok());
        // Calls over a channel that nobody serves any more are of no use.
        if qmap.is_some() != is_muxed {
            return Ok(None);
        }
        self.state_mut().qmap = qmap;
        if !self.adopt_bearers(saved).await {
            return Ok(None);
        }
        for entry in saved.get_array("clients").unwrap_or_default() {
            let Some((service, client)) = saved_client(entry) else { continue };
            self.keep_client(service, self.adopt_client(service, client));
        }
        self.save();
        let mut tries = REPORT_TRIES;
        let mut report = loop {
            tries -= 1;
            match self.report().await {
                Ok(report) => break report,
                Err(failure) if failure.kind == FailureKind::Forgotten => {
                    self.forget_all();
                    return Ok(None);
                }
                // One answer that is lost is no reason to give up calls that are up.
                Err(failure) if failure.kind == FailureKind::Timeout && tries > 0 => {}
                Err(failure) => return Err(failure),
            }
        };
        report.connection = self.config();
        Ok(report.connection.is_some().then_some(report))
    }

    /// Asks for indications, and reads everything once.
    async fn report(&self) -> Result<Box<Report>, Failure> {
        let identity = self.identity().await?;
        let mode = self.mode().await?;
        self.state_mut().mode = mode;
        // Indications first: what changes after the reading below is then told. Signal is asked
        // for, not told: modems tell of it many times a second.
        let of_sim = uim::RegisterEventsRequest { card_status: true, slot_status: false };
        let of_network = nas::RegisterIndicationsRequest {
            serving_system: Some(true),
            network_time: Some(true),
            ..nas::RegisterIndicationsRequest::default()
        };
        let requests: [&dyn AnyRequest; 2] = [&of_sim, &of_network];
        for request in requests {
            self.unless_lost(self.order(request).await)?;
        }
        let sim = self.unless_lost(self.read_sim().await)?.unwrap_or_default();
        self.state_mut().sim = sim;
        let registration = self.unless_lost(self.read_registration().await)?;
        let mut report = Box::<Report>::default();
        report.identity = identity;
        report.registration = registration.unwrap_or_default();
        // What was told while the later questions were asked is newer than the earlier answers.
        let state = self.state();
        report.mode = state.mode;
        report.sim = state.sim.clone();
        Ok(report)
    }

    async fn identity(&self) -> Result<DeviceIdentity, Failure> {
        let mut names = [None, None, None];
        let questions: [&dyn AnyRequest; 3] =
            [&dms::GetManufacturerRequest, &dms::GetModelRequest, &dms::GetRevisionRequest];
        for (name, question) in names.iter_mut().zip(questions) {
            *name = self.unless_lost(self.ask_name(question).await)?;
        }
        let [manufacturer, model, revision] = names;
        let ids = self.unless_lost(self.ask_shared(&dms::GetIdsRequest).await)?;
        let imei = ids.and_then(|ids| ids.imei).and_then(|imei| Imei::new(&imei).ok());
        Ok(DeviceIdentity { manufacturer, model, revision, imei })
    }

    async fn mode(&self) -> Result<Option<OperatingMode>, Failure> {
        let report = dms::SetEventReportRequest {
            operating_mode: Some(true),
            ..dms::SetEventReportRequest::default()
        };
        self.unless_lost(self.order(&report).await)?;
        self.unless_lost(self.read_mode().await)
    }

    /// A refusal is an answer that is missing, and so is one question that the modem passes over; a
    /// modem that answers none of several is a failure.
    fn unless_lost<T>(&self, result: Result<T, RequestError>) -> Result<Option<T>, Failure> {
        self.bear(result.as_ref().err().copied())?;
        Ok(result.ok())
    }

    /// Takes note of whether a question had an answer; a failure when that is too much.
    #[inline(never)]
    fn bear(&self, error: Option<RequestError>) -> Result<(), Failure> {
        let unanswered = &mut self.state_mut().unanswered;
        let is_timeout = error == Some(RequestError::Timeout);
        *unanswered = if is_timeout { *unanswered + 1 } else { 0 };
        match error {
            Some(error @ RequestError::Qmi(QmiError::InvalidClientId)) => Err(failure(error)),
            None | Some(RequestError::Qmi(_) | RequestError::Malformed(_)) => Ok(()),
            Some(RequestError::Timeout) if *unanswered < UNANSWERED_MAX => Ok(()),
            Some(error) => Err(failure(error)),
        }
    }

    /// Lets go of everything without telling the modem, which has forgotten it.
    pub(super) fn forget_all(&self) {
        let (clients, bearers) = {
            let mut state = self.state_mut();
            state.times_asked = 0;
            (std::mem::take(&mut state.clients), std::mem::take(&mut state.bearers))
        };
        clients.into_values().for_each(super::session::Client::forget);
        bearers.into_values().for_each(super::bearer::Bearer::forget);
        self.forget_releases(|_| true);
    }
}

fn saved_client(entry: &Value) -> Option<(Service, u8)> {
    let entry = entry.as_table()?;
    let number = |name| entry.get(name).and_then(Value::as_i64).and_then(|n| u8::try_from(n).ok());
    let service = Service::from_code(number("service")?);
    let is_shared = matches!(service, Service::Wda | Service::Wms | Service::Voice)
        || SHARED.contains(&service);
    is_shared.then_some((service, number("client")?))
}
