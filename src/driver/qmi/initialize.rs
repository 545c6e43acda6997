//! Getting to know a modem: from a port that was just opened to a report and indications.

use super::session::{Session, failure};
use crate::driver::{Event, Failure, FailureKind, Initialize, Report};
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::{DeviceIdentity, Imei, OperatingMode, Registration, Table, Value};
use crate::wire::qmi::ctl::{GetVersionInfoRequest, SyncRequest};
use crate::wire::qmi::{QmiError, Request, Service, dms, uim};

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
            Ok(report) => self.emit(Event::Initialized(report)),
            Err(failure) => self.emit(Event::InitializeFailed(failure)),
        }
    }

    async fn initialize_all(&self, request: Initialize) -> Result<Report, Failure> {
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
            self.share_client(service).await?;
        }
        self.set_data_format(&request).await?;
        self.report().await
    }

    async fn share_client(&self, service: Service) -> Result<(), Failure> {
        let client = match self.client(service).await {
            Ok(client) => client,
            Err(RequestError::Qmi(error)) if service == Service::Uim => {
                log::info!("no UIM service ({error:?}): the SIM is read over DMS");
                return Ok(());
            }
            Err(error) => return Err(failure(error)),
        };
        let replaced = self.state_mut().clients.insert(service, client);
        drop(replaced);
        Ok(())
    }

    /// The first question, which a modem that is still starting leaves unanswered.
    async fn first_contact(&self, question: &impl Request) -> Result<(), Failure> {
        let mut silence = RequestError::Timeout;
        for _ in 0..FIRST_TRIES {
            match self.ask_control(question, FIRST_TIMEOUT).await {
                Ok(_) | Err(RequestError::Qmi(_) | RequestError::Malformed(_)) => return Ok(()),
                Err(RequestError::Timeout) => {}
                Err(error) => silence = error,
            }
        }
        Err(failure(silence))
    }

    /// Goes on with what an earlier daemon held; `None` when nothing of it is left.
    async fn adopt(&self, saved: &Table, is_muxed: bool) -> Result<Option<Report>, Failure> {
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
            let client = self.adopt_client(service, client);
            let replaced = self.state_mut().clients.insert(service, client);
            drop(replaced);
        }
        self.save();
        let mut report = self.report().await;
        // One answer that is lost is no reason to give up calls that are up.
        for _ in 1..REPORT_TRIES {
            if !matches!(&report, Err(failure) if failure.kind == FailureKind::Timeout) {
                break;
            }
            report = self.report().await;
        }
        let mut report = match report {
            Ok(report) => report,
            Err(failure) if failure.kind == FailureKind::Forgotten => {
                self.forget_all();
                return Ok(None);
            }
            Err(failure) => return Err(failure),
        };
        report.connection = self.config();
        Ok(report.connection.is_some().then_some(report))
    }

    /// Asks for indications, and reads everything once.
    async fn report(&self) -> Result<Report, Failure> {
        let identity = self.identity().await?;
        let mode = self.mode().await?;
        self.state_mut().mode = mode;
        // Indications first: what changes after the reading below is then told.
        let events = uim::RegisterEventsRequest { card_status: true, slot_status: false };
        self.unless_lost(self.ask_shared(&events).await)?;
        self.unless_lost(self.listen_to_network().await)?;
        let sim = self.unless_lost(self.read_sim().await)?.unwrap_or_default();
        self.state_mut().sim = sim;
        let registration: Registration =
            self.unless_lost(self.read_registration().await)?.unwrap_or_default();
        // What was told while the later questions were asked is newer than the earlier answers.
        let state = self.state();
        let (mode, sim) = (state.mode, state.sim.clone());
        Ok(Report { identity, mode, sim, registration, ..Report::default() })
    }

    async fn identity(&self) -> Result<DeviceIdentity, Failure> {
        let manufacturer = self.unless_lost(self.ask_shared(&dms::GetManufacturerRequest).await)?;
        let model = self.unless_lost(self.ask_shared(&dms::GetModelRequest).await)?;
        let revision = self.unless_lost(self.ask_shared(&dms::GetRevisionRequest).await)?;
        let ids = self.unless_lost(self.ask_shared(&dms::GetIdsRequest).await)?;
        let imei = ids.and_then(|ids| ids.imei).and_then(|imei| Imei::new(&imei).ok());
        Ok(DeviceIdentity { manufacturer, model, revision, imei })
    }

    async fn mode(&self) -> Result<Option<OperatingMode>, Failure> {
        let report = dms::SetEventReportRequest {
            operating_mode: Some(true),
            ..dms::SetEventReportRequest::default()
        };
        self.unless_lost(self.ask_shared(&report).await)?;
        self.unless_lost(self.read_mode().await)
    }

    /// A refusal is an answer that is missing, and so is one question that the modem passes over; a
    /// modem that answers none of several is a failure.
    fn unless_lost<T>(&self, result: Result<T, RequestError>) -> Result<Option<T>, Failure> {
        let unanswered = {
            let unanswered = &mut self.state_mut().unanswered;
            *unanswered = match &result {
                Err(RequestError::Timeout) => *unanswered + 1,
                Ok(_) | Err(_) => 0,
            };
            *unanswered
        };
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error @ RequestError::Qmi(QmiError::InvalidClientId)) => Err(failure(error)),
            Err(RequestError::Qmi(_) | RequestError::Malformed(_)) => Ok(None),
            Err(RequestError::Timeout) if unanswered < UNANSWERED_MAX => Ok(None),
            Err(error) => Err(failure(error)),
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
