//! What the procedures of one modem share: its port, the time, and what they hold in the modem.

use super::bearer::Bearer;
use crate::driver::procedures::{Hold, Shared};
use crate::driver::sms::SmsWork;
use crate::driver::{ANSWER_TIMEOUT, Event, Failure, FailureKind};
use crate::map::{Map, Queue, Set};
use crate::port::qmi::{Answer, QmiPort, RequestError, TransactionId};
use crate::time::{Duration, Instant};
use crate::types::{IpFamily, LinkMode, OperatingMode, SimStatus};
use crate::wire::qmi::ctl::{ClientId, GetClientIdRequest, ReleaseClientIdRequest, SyncRequest};
use crate::wire::qmi::dms::GetModelRequest;
use crate::wire::qmi::{AnyRequest, QmiError, Request, Service};
use core::future::poll_fn;
use core::marker::PhantomData;
use core::mem::{forget, replace};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::cell::{Ref, RefCell, RefMut};
use std::rc::Rc;

/// The number of the one client of the control service.
const CTL_CLIENT: u8 = 0;

/// How long the modem may take to take a client id back before it is told again.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(10);

/// A client id being given back.
pub(super) struct Release {
    transaction: TransactionId,
    client: ClientId,
}

/// What the procedures share.
#[derive(Default)]
pub(super) struct State {
    pub(super) port: QmiPort,
    pub(super) now: Instant,
    pub(super) events: Queue<Event>,
    pub(super) host_reply: Option<bool>,
    /// The USB interface whose packets have QMAP headers, if they have.
    pub(super) qmap: Option<u8>,
    /// When a procedure wants to be polled although nothing has come.
    pub(super) wakes: Vec<Instant>,
    /// The clients for what concerns the whole modem.
    pub(super) clients: Map<Service, Client>,
    pub(super) bearers: Map<IpFamily, Bearer>,
    pub(super) sim: SimStatus,
    /// Whether it was asked for what does not change.
    pub(super) is_named: bool,
    /// How often the time was asked for; when it is known the modem tells it by itself.
    pub(super) times_asked: u8,
    /// When the time was told.
    pub(super) timed_at: Option<Instant>,
    /// The messages of NAS that the modem lacks.
    pub(super) lacks: Set<u16>,
    /// How often the SIM has told its state.
    pub(super) words_of_sim: u32,
    pub(super) mode: Option<OperatingMode>,
    /// Client ids that are somebody's.
    pub(super) held: Vec<ClientId>,
    releases: Vec<Release>,
    /// Clients whose call was said to have ended before it was known to be up.
    pub(super) ended: Set<u8>,
    pub(super) messages: SmsWork,
    /// How many questions in a row had no answer while the modem was got to know.
    pub(super) unanswered: u32,
}

impl State {
    /// The client ids that are being given back.
    pub(super) fn releasing(&self) -> impl Iterator<Item = ClientId> {
        self.releases.iter().map(|release| release.client)
    }
}

impl Shared for Rc<RefCell<State>> {
    fn cancel(&self, id: TransactionId) {
        self.borrow_mut().port.cancel(id);
    }
}

/// A hold on the shared state.
#[derive(Clone)]
pub(super) struct Session(Hold<Rc<RefCell<State>>>);

impl Session {
    pub(super) fn new() -> Self {
        Self(Hold::new(Rc::default()))
    }

    /// The shared state. Never held over an `await`.
    pub(super) fn state(&self) -> Ref<'_, State> {
        self.0.borrow()
    }

    /// The shared state, to change. Never held over an `await`, nor while a [`Client`] is dropped.
    pub(super) fn state_mut(&self) -> RefMut<'_, State> {
        self.0.borrow_mut()
    }

    pub(super) fn emit(&self, event: Event) {
        let mut state = self.state_mut();
        if let Event::Mode(mode) = &event {
            state.mode = Some(*mode);
        }
        // Another SIM has another number.
        state.is_named &= !matches!(event, Event::Sim(_));
        state.events.push_back(event);
    }

    /// Asks a client's service. The reply comes when that is awaited.
    pub(super) fn ask<R: Request>(
        &self,
        client: u8,
        request: &R,
        timeout: Duration,
    ) -> Asked<'_, R> {
        Asked { pending: self.begin(Some(client), request, timeout), reads: PhantomData }
    }

    /// Asks the service that the whole modem shares a client of.
    pub(super) fn ask_shared<R: Request>(&self, request: &R) -> Asked<'_, R> {
        self.ask_shared_for(request, ANSWER_TIMEOUT)
    }

    /// The same with another patience.
    pub(super) fn ask_shared_for<R: Request>(
        &self,
        request: &R,
        timeout: Duration,
    ) -> Asked<'_, R> {
        Asked { pending: self.begin(None, request, timeout), reads: PhantomData }
    }

    /// The same for one of several kinds of requests, whose replies are all read as an `R`'s.
    pub(super) fn ask_as<R: Request>(
        &self,
        client: Option<u8>,
        request: &dyn AnyRequest,
        timeout: Duration,
    ) -> Asked<'_, R> {
        Asked { pending: self.begin(client, request, timeout), reads: PhantomData }
    }

    /// Asks DMS for a text, of which it has many.
    pub(super) fn ask_name(&self, request: &dyn AnyRequest) -> Asked<'_, GetModelRequest> {
        self.ask_as(None, request, ANSWER_TIMEOUT)
    }

    /// Asks what has no answer but that it is done, or one that does not matter.
    pub(super) fn order(&self, request: &dyn AnyRequest) -> Asked<'_, SyncRequest> {
        self.ask_as(None, request, ANSWER_TIMEOUT)
    }

    /// Asks NAS what the modem may lack: then it is asked once.
    pub(super) fn ask_known<R: Request>(&self, request: &R) -> Known<'_, R> {
        Known { pending: self.begin_known(request), reads: PhantomData }
    }

    #[inline(never)]
    fn begin_known(&self, request: &dyn AnyRequest) -> Pending<'_> {
        let (_, message) = request.target();
        if self.state().lacks.contains(&message) {
            return self.refused(QmiError::NotSupported);
        }
        self.begin(None, request, ANSWER_TIMEOUT)
    }

    /// Sends a request of a client, or of the one that the whole modem shares. Apart from what
    /// knows the kind of request, so that it is compiled once.
    #[inline(never)]
    fn begin(
        &self,
        client: Option<u8>,
        request: &dyn AnyRequest,
        timeout: Duration,
    ) -> Pending<'_> {
        let mut state = self.state_mut();
        let State { port, clients, now, .. } = &mut *state;
        let client = client.or_else(|| clients.get(&request.target().0).map(Client::id));
        let Some(client) = client else {
            drop(state);
            return self.refused(QmiError::InvalidServiceType);
        };
        self.pending(port.send(*now, client, request, timeout))
    }

    /// What is not sent at all.
    fn refused(&self, error: QmiError) -> Pending<'_> {
        self.pending(self.state_mut().port.refuse(RequestError::Qmi(error)))
    }

    fn pending(&self, id: TransactionId) -> Pending<'_> {
        self.0.asked(id);
        Pending { session: self, id }
    }

    /// Asks the control service.
    pub(super) fn ask_control<R: Request>(&self, request: &R, timeout: Duration) -> Asked<'_, R> {
        self.ask(CTL_CLIENT, request, timeout)
    }

    /// Asks the control service something that any answer will do for.
    pub(super) fn greet(
        &self,
        request: &dyn AnyRequest,
        timeout: Duration,
    ) -> Asked<'_, SyncRequest> {
        self.ask_as(Some(CTL_CLIENT), request, timeout)
    }

    /// Allocates a client, released when dropped.
    pub(super) async fn client(&self, service: Service) -> Result<Client, RequestError> {
        let id = self.ask_control(&GetClientIdRequest { service }, ANSWER_TIMEOUT).await?;
        Ok(self.adopt_client(service, id.client))
    }

    /// Allocates the client that the whole modem shares.
    pub(super) async fn share_client(&self, service: Service) -> Result<(), RequestError> {
        let client = self.client(service).await?;
        self.keep_client(service, client);
        Ok(())
    }

    pub(super) fn keep_client(&self, service: Service, client: Client) {
        // One that there was is given back when it is dropped, which borrows the state anew.
        let replaced = self.state_mut().clients.replace(service, client);
        drop(replaced);
    }

    /// Has a client for what concerns the whole modem, which one after it is got to know needs.
    pub(super) async fn open_client(&self, service: Service) -> Result<(), RequestError> {
        if self.state().clients.contains_key(&service) {
            return Ok(());
        }
        self.share_client(service).await?;
        if !self.state().bearers.is_empty() {
            self.save();
        }
        Ok(())
    }

    /// A client that an earlier daemon allocated.
    pub(super) fn adopt_client(&self, service: Service, client: u8) -> Client {
        let id = ClientId { service, client };
        // The modem gives away only what it has taken back: the answer to that was lost.
        self.forget_releases(|release| release.client == id);
        self.state_mut().held.push(id);
        Client { session: self.clone(), id, held: true }
    }

    /// Whether somebody has this client.
    pub(super) fn holds(&self, client: &ClientId) -> bool {
        self.state().held.contains(client)
    }

    /// Has the kernel's link put into a mode.
    pub(super) async fn set_link(&self, mode: LinkMode) -> Result<(), Failure> {
        self.state_mut().host_reply = None;
        self.emit(Event::SetLink(mode));
        let done = poll_fn(|_| match self.state_mut().host_reply.take() {
            Some(done) => Poll::Ready(done),
            None => Poll::Pending,
        })
        .await;
        done.then_some(()).ok_or_else(|| Failure::new(FailureKind::Link, mode.name()))
    }

    /// Gives a client id back, in its own time: until the modem has it or forgets it. It may be
    /// silent for hours, and hold ids and calls all the same when it is back.
    pub(super) fn release(&self, client: ClientId) {
        let mut state = self.state_mut();
        let now = state.now;
        let request = ReleaseClientIdRequest { client };
        let transaction = state.port.send(now, CTL_CLIENT, &request, RELEASE_TIMEOUT);
        state.releases.push(Release { transaction, client });
    }

    /// Tells the modem again what it has not answered.
    pub(super) fn follow_releases(&self) {
        let releases = std::mem::take(&mut self.state_mut().releases);
        for release in releases {
            let reply = self.state_mut().port.take_reply(release.transaction);
            match reply {
                None => self.state_mut().releases.push(release),
                // Neither says that it was taken back.
                Some(Err(RequestError::Timeout | RequestError::TooManyRequests)) => {
                    self.release(release.client);
                }
                // Taken back, or refused, for the modem does not know it.
                Some(Ok(_) | Err(_)) => {}
            }
        }
    }

    /// Stops giving back what the modem has forgotten.
    pub(super) fn forget_releases(&self, is_forgotten: impl Fn(&Release) -> bool) {
        let mut state = self.state_mut();
        let State { port, releases, .. } = &mut *state;
        releases.retain(|release| {
            let forgotten = is_forgotten(release);
            if forgotten {
                port.cancel(release.transaction);
            }
            !forgotten
        });
    }
}

/// A request under way, given up when the session it was asked through is dropped. Written by
/// hand, for an `async` function would be compiled into every procedure that asks something, once
/// for each kind of request.
pub(super) struct Asked<'a, R> {
    pending: Pending<'a>,
    reads: PhantomData<fn() -> R>,
}

impl<R: Request> Future for Asked<'_, R> {
    type Output = Result<R::Response, RequestError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.pending.read::<R>(None)
    }
}

/// A request for what the modem may lack.
pub(super) struct Known<'a, R> {
    pending: Pending<'a>,
    reads: PhantomData<fn() -> R>,
}

impl<R: Request> Future for Known<'_, R> {
    type Output = Result<R::Response, RequestError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.pending.read::<R>(Some(R::MESSAGE))
    }
}

struct Pending<'a> {
    session: &'a Session,
    id: TransactionId,
}

impl Pending<'_> {
    /// Reads the answer, if there is one. A message that may be lacking is not sent again when the
    /// modem says that it is.
    fn read<R: Request>(&self, may_lack: Option<u16>) -> Poll<Result<R::Response, RequestError>> {
        let mut response = Poll::Pending;
        self.poll(may_lack, &mut |answer| {
            // What it was before needs no dropping.
            forget(replace(&mut response, Poll::Ready(answer.and_then(Answer::read::<R>))));
        });
        response
    }

    /// Has the answer read, if there is one, by what knows the kind of request.
    #[inline(never)]
    fn poll(&self, may_lack: Option<u16>, read: &mut dyn FnMut(Result<&Answer, RequestError>)) {
        let answer = self.session.state_mut().port.take_answer(self.id);
        let Some(answer) = answer else { return };
        self.session.0.answered(self.id);
        if let Some(message) = may_lack
            && let Ok(answer) = &answer
            && let Err(QmiError::InvalidQmiCommand | QmiError::NotSupported) = answer.result
        {
            self.session.state_mut().lacks.insert(message);
        }
        read(answer.as_ref().map_err(|error| *error));
    }
}

/// A client id of one service, given back to the modem when dropped. With it the modem ends the
/// calls the client has made.
pub(super) struct Client {
    session: Session,
    id: ClientId,
    held: bool,
}

impl Client {
    pub(super) const fn id(&self) -> u8 {
        self.id.client
    }

    /// Lets go of a client that the modem has forgotten already.
    pub(super) fn forget(mut self) {
        self.held = false;
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        {
            let held = &mut self.session.state_mut().held;
            if let Some(at) = held.iter().position(|held| *held == self.id) {
                held.swap_remove(at);
            }
        }
        if self.held {
            self.session.release(self.id);
        }
    }
}

/// What is so already is done.
#[inline(never)]
pub(super) fn done(result: Result<(), RequestError>) -> Result<(), RequestError> {
    match result {
        Err(RequestError::Qmi(QmiError::NoEffect)) => Ok(()),
        result => result,
    }
}

/// A refusal, or a reply that makes no sense, is an answer that is missing.
pub(super) fn optional<T>(result: Result<T, RequestError>) -> Result<Option<T>, RequestError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(RequestError::Qmi(_) | RequestError::Malformed(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The failure that a request's error means.
pub(super) fn failure(error: RequestError) -> Failure {
    match error {
        RequestError::Timeout => Failure::new(FailureKind::Timeout, "no answer"),
        RequestError::PortClosed => Failure::new(FailureKind::PortClosed, "port closed"),
        RequestError::TooManyRequests => Failure::new(FailureKind::Refused, "too many requests"),
        RequestError::Malformed(error) => {
            Failure::new(FailureKind::Refused, &format!("malformed reply: {error}"))
        }
        RequestError::Qmi(error) => Failure::new(kind_of(error), &format!("QMI error {error:?}")),
    }
}

/// The errors that say more than that the modem refused.
const KINDS: [(QmiError, FailureKind); 13] = [
    (QmiError::IncorrectPin, FailureKind::WrongPin),
    (QmiError::PinBlocked, FailureKind::PukRequired),
    (QmiError::PinAlwaysBlocked, FailureKind::PukRequired),
    (QmiError::AuthenticationFailed, FailureKind::Auth),
    (QmiError::InvalidProfile, FailureKind::PdpType),
    (QmiError::InvalidPdpType, FailureKind::PdpType),
    (QmiError::NoNetworkFound, FailureKind::NotRegistered),
    (QmiError::NotProvisioned, FailureKind::NotRegistered),
    (QmiError::InvalidClientId, FailureKind::Forgotten),
    (QmiError::InvalidQmiCommand, FailureKind::Unsupported),
    (QmiError::InvalidServiceType, FailureKind::Unsupported),
    (QmiError::NotSupported, FailureKind::Unsupported),
    (QmiError::DeviceUnsupported, FailureKind::Unsupported),
];

fn kind_of(error: QmiError) -> FailureKind {
    let known = KINDS.iter().find(|(known, _)| *known == error);
    known.map_or(FailureKind::Refused, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::qmi::MAX_OUTSTANDING;

    fn transmits(session: &Session) -> usize {
        core::iter::from_fn(|| session.state_mut().port.poll_transmit()).count()
    }

    #[test]
    fn what_a_procedure_asked_is_given_up_with_it_and_clients_are_given_back_when_there_is_room() {
        let session = Session::new();
        let procedure = session.clone();
        let ask = |_| procedure.ask_control(&SyncRequest, ANSWER_TIMEOUT);
        let asked: Vec<_> = (0..MAX_OUTSTANDING).map(ask).collect();
        assert_eq!((asked.len(), transmits(&session)), (MAX_OUTSTANDING, MAX_OUTSTANDING));
        session.release(ClientId { service: Service::Wds, client: 7 });
        session.follow_releases();
        assert_eq!((transmits(&session), session.state().releasing().count()), (0, 1));
        drop(procedure);
        session.follow_releases();
        assert_eq!((transmits(&session), session.state().releasing().count()), (1, 1));
    }
}
