//! Getting to know a modem: from a port that was just opened to a report and indications.

use super::session::{Session, failure, status_failure, unless_lost};
use crate::driver::procedures::Steps;
use crate::driver::{Event, Failure, FailureKind, Initialize, Report};
use crate::port::mbim::RequestError;
use crate::time::Duration;
use crate::types::DeviceIdentity;
use crate::wire::mbim::basic_connect::{
    DeviceCapsQuery, DeviceServicesQuery, EventEntry, RadioStateQuery, SubscribeListSet, cid,
};
use crate::wire::mbim::ms_extensions::{Version, VersionQuery};
use crate::wire::mbim::{BaseStationsInfoQuery, Body, CID_QMI_MSG, Command, Service, Status};

/// How long a starting modem may leave one first question unanswered.
const FIRST_TIMEOUT: Duration = Duration::from_secs(2);

/// How often the first question is asked before the modem counts as silent.
const FIRST_TRIES: u32 = 5;

/// How long to wait before a function that is busy is opened again.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// How often a modem with a session of an earlier daemon is asked for the rest.
const REPORT_TRIES: u32 = 3;

/// What is spoken. In 2.0 the signal has more to it, and what else is read here the same layout;
/// 3.0 has others.
const HOST: Version = Version { mbim: 0x0100, extensions: 0x0200 };

/// What the modem is to tell of. Signal is asked for, not told: modems tell of it all the time.
const TOLD: [u32; 6] = [
    cid::SUBSCRIBER_READY_STATUS,
    cid::RADIO_STATE,
    cid::REGISTER_STATE,
    cid::PACKET_SERVICE,
    cid::CONNECT,
    cid::IP_CONFIGURATION,
];

impl Session {
    /// Gets to know the modem, and tells what was found.
    pub(super) async fn initialize(self, request: Initialize) {
        match self.initialize_all(request).await {
            Ok(report) => self.emit(Event::Initialized(*report)),
            Err(failure) => self.emit(Event::InitializeFailed(failure)),
        }
    }

    async fn initialize_all(&self, request: Initialize) -> Result<Box<Report>, Failure> {
        if request.saved.as_ref().is_some_and(Self::is_saved) {
            // An earlier daemon left the function open, and with it what it had set.
            self.state_mut().is_open = true;
            if let Some(report) = self.adopt_all().await? {
                return Ok(report);
            }
        }
        self.forget_all();
        self.open().await?;
        self.report().await.map_err(failure)
    }

    /// Opens the function. One that was open is closed first, which ends its sessions.
    async fn open(&self) -> Result<(), Failure> {
        let mut close = self.state().is_open;
        let mut silence = failure(RequestError::Timeout);
        for _ in 0..FIRST_TRIES {
            if close
                && let Err(error @ RequestError::PortClosed) =
                    self.request(Body::Close, FIRST_TIMEOUT).await
            {
                return Err(failure(error));
            }
            let max_control_transfer = self.state().port.max_control_transfer();
            let open = Body::Open { max_control_transfer: max_control_transfer.into() };
            match self.request(open, FIRST_TIMEOUT).await {
                Ok(reply) if reply.status == Status::Success => {
                    self.state_mut().is_open = true;
                    return Ok(());
                }
                Ok(reply) => {
                    silence = status_failure(reply.status);
                    self.sleep(BUSY_PAUSE).await;
                }
                Err(error) => {
                    silence = failure(error);
                    if error == RequestError::PortClosed {
                        return Err(silence);
                    }
                }
            }
            // Some firmware does not answer because somebody else left the function open.
            close = true;
        }
        Err(silence)
    }

    /// Goes on with what an earlier daemon held; `None` when nothing of it is left.
    async fn adopt_all(&self) -> Result<Option<Box<Report>>, Failure> {
        let mut silence = RequestError::Timeout;
        for _ in 0..FIRST_TRIES {
            match self.adopt(FIRST_TIMEOUT).await {
                Ok(true) => return self.adopted_report().await,
                Ok(false) | Err(RequestError::Protocol(_)) => return Ok(None),
                Err(error) => silence = error,
            }
        }
        Err(failure(silence))
    }

    async fn adopted_report(&self) -> Result<Option<Box<Report>>, Failure> {
        self.save();
        let mut tries = REPORT_TRIES;
        let mut report = loop {
            tries -= 1;
            match self.report().await {
                Ok(report) => break report,
                // One answer that is lost is no reason to give up a session that is up.
                Err(RequestError::Timeout) if tries > 0 => {}
                Err(error) => {
                    let failure = failure(error);
                    let is_forgotten = failure.kind == FailureKind::Forgotten;
                    return if is_forgotten { Ok(None) } else { Err(failure) };
                }
            }
        };
        report.connection = self.state().bearer.clone();
        Ok(report.connection.is_some().then_some(report))
    }

    /// Asks for indications, and reads everything once.
    async fn report(&self) -> Result<Box<Report>, RequestError> {
        self.services().await?;
        let identity = self.identity().await?;
        // Indications first: what changes after the reading below is then told.
        unless_lost(self.listen().await)?;
        let radio = unless_lost(self.ask(&RadioStateQuery).await)?;
        self.state_mut().mode = radio.map(|radio| radio.mode());
        unless_lost(self.read_sim().await)?;
        let is_told = unless_lost(self.read_registration().await)?.is_some();
        let mut report = Box::<Report>::default();
        report.identity = identity;
        // What was told while the later questions were asked is newer than the earlier answers.
        let state = self.state();
        report.mode = state.mode;
        report.sim = state.sim.clone();
        if is_told {
            report.registration = state.registration.clone();
        }
        Ok(report)
    }

    /// Says what is to be told from now on.
    async fn listen(&self) -> Result<(), RequestError> {
        let mut entries = self.state().told_services.clone();
        entries.push(EventEntry { service: Service::BasicConnect, cids: TOLD.to_vec() });
        self.ask(&SubscribeListSet { entries }).await
    }

    /// Has another service's commands told too, if the modem has the service.
    pub(super) async fn listen_to(&self, service: Service, cids: &[u32]) -> Result<(), Failure> {
        if self.state().services.is_empty() {
            let services = self.ask(&DeviceServicesQuery).await.map_err(failure)?;
            self.state_mut().services = services;
        }
        if !self.state().services.iter().any(|it| it.service == service) {
            return Err(Failure::new(FailureKind::Unsupported, "no such service"));
        }
        let entry = EventEntry { service, cids: cids.to_vec() };
        self.forget_told(service);
        self.state_mut().told_services.push(entry);
        let mut result = self.listen().await;
        if matches!(result, Err(RequestError::Mbim(_))) && self.state().told_services.len() > 1 {
            // It may have been refused for another's entry, which is gone when that was told so.
            result = self.listen().await;
        }
        if result.is_err() {
            // Else the lists of others would be refused for it.
            self.forget_told(service);
        }
        result.map_err(failure)
    }

    fn forget_told(&self, service: Service) {
        self.state_mut().told_services.retain(|it| it.service != service);
    }

    /// Asks which services there are, and agrees on how messages look. Both come before all else:
    /// Microsoft's "MBIMEx 2.0 - 5G NSA support", versioning scheme.
    async fn services(&self) -> Result<(), RequestError> {
        let services = match unless_lost(self.ask(&DeviceServicesQuery).await) {
            // Without an answer, as with one that names none.
            Ok(None) | Err(RequestError::Timeout) => Vec::new(),
            Ok(Some(services)) => services,
            Err(error) => return Err(error),
        };
        let has_version = {
            let mut state = self.state_mut();
            state.services = services;
            state.has_qmi =
                cfg!(feature = "qmi") && state.has(Service::Qmi, CID_QMI_MSG) == Some(true);
            let cells = state.has(BaseStationsInfoQuery::SERVICE, BaseStationsInfoQuery::CID);
            state.lacks_base_stations = cells == Some(false);
            state.has(VersionQuery::SERVICE, VersionQuery::CID) == Some(true)
        };
        if has_version {
            match unless_lost(self.ask(&VersionQuery { host: HOST }).await) {
                Ok(_) | Err(RequestError::Timeout) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn identity(&self) -> Result<DeviceIdentity, RequestError> {
        let Some(caps) = unless_lost(self.ask(&DeviceCapsQuery).await)? else {
            return Ok(DeviceIdentity::default());
        };
        self.state_mut().data_class = caps.data_class;
        Ok(DeviceIdentity {
            manufacturer: None,
            model: caps.hardware,
            revision: caps.firmware,
            imei: caps.imei,
        })
    }

    /// Lets go of everything without telling the modem, which has forgotten it or is about to.
    pub(super) fn forget_all(&self) {
        let mut state = self.state_mut();
        state.bearer = None;
        (state.is_dialled, state.is_unwanted) = (false, false);
        state.told = None;
        state.timed_at = None;
        state.told_services.clear();
    }
}
