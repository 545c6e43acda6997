//! The procedures that a driver has under way.

use super::task::Task;
use super::{Event, Failure, FailureKind, PinResult, Request};
use crate::port::TransactionId;
use crate::time::{Duration, Instant};
use crate::types::SimStatus;
use core::cell::{RefCell, RefMut};
use core::future::poll_fn;
use core::ops::Deref;
use core::task::Poll;

/// How many procedures may be under way beside the main one; more are refused.
const BESIDE_MAX: usize = 8;

/// Where a procedure tells what it finds, and what is known of the SIM.
pub(super) trait Outlet {
    /// Tells something.
    fn emit(&self, event: Event);

    /// The SIM as last known.
    fn sim(&self) -> SimStatus;

    /// Remembers what is known of the SIM.
    fn note_sim(&self, sim: &SimStatus);
}

/// The steps in which a modem's language does what is asked; a handle on what they share.
pub(super) trait Steps: Outlet + Clone + 'static {
    /// What they share.
    type State;

    /// What they share, to change. Never held over an `await`.
    fn shared(&self) -> RefMut<'_, Self::State>;

    /// The procedure that does what is asked.
    fn procedure(self, request: Request) -> Task;

    /// The time.
    fn now(&self) -> Instant;

    /// Wants to be polled at this time although nothing has come.
    fn wake(&self, at: Instant);

    /// Waits until `at`, or until something is there.
    async fn wait_until<T>(
        &self,
        at: Instant,
        mut ready: impl FnMut(&mut Self::State) -> Option<T>,
    ) -> Option<T> {
        poll_fn(|_| {
            let found = ready(&mut self.shared());
            if found.is_some() || self.now() >= at {
                return Poll::Ready(found);
            }
            self.wake(at);
            Poll::Pending
        })
        .await
    }

    /// Waits until `at`.
    async fn sleep_until(&self, at: Instant) {
        self.wait_until::<()>(at, |_| None).await;
    }

    /// Waits.
    async fn sleep(&self, length: Duration) {
        self.sleep_until(self.now() + length).await;
    }
}

/// The earliest of a time and those at which procedures want to be polled.
pub(super) fn earliest(time: Option<Instant>, wakes: &[Instant]) -> Option<Instant> {
    let mut earliest = time;
    for wake in wakes {
        if earliest.is_none_or(|earliest| *wake < earliest) {
            earliest = Some(*wake);
        }
    }
    earliest
}

/// What the procedures of one driver share.
pub(super) trait Shared: Clone {
    /// Gives up what was asked.
    fn cancel(&self, id: TransactionId);
}

/// A hold on that. What was asked through it is given up when it is dropped: a procedure has one
/// of its own, so that what waits for an answer needs no care of its own.
pub(super) struct Hold<S: Shared>(Box<Held<S>>);

struct Held<S> {
    shared: S,
    /// What has no answer yet.
    asked: RefCell<Vec<TransactionId>>,
}

impl<S: Shared> Hold<S> {
    pub(super) fn new(shared: S) -> Self {
        Self(Box::new(Held { shared, asked: RefCell::default() }))
    }

    /// It was asked.
    pub(super) fn asked(&self, id: TransactionId) {
        self.0.asked.borrow_mut().push(id);
    }

    /// It is answered.
    #[inline(never)]
    pub(super) fn answered(&self, id: TransactionId) {
        self.0.asked.borrow_mut().retain(|asked| *asked != id);
    }
}

impl<S: Shared> Clone for Hold<S> {
    #[inline(never)]
    fn clone(&self) -> Self {
        Self::new(self.0.shared.clone())
    }
}

impl<S: Shared> Deref for Hold<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0.shared
    }
}

impl<S: Shared> Drop for Hold<S> {
    fn drop(&mut self) {
        for id in self.0.asked.take() {
            self.0.shared.cancel(id);
        }
    }
}

/// Implements [`Steps`] for a session whose procedures are called as the requests are.
macro_rules! steps {
    ($session:ty, $state:ty) => {
        impl crate::driver::procedures::Outlet for $session {
            fn emit(&self, event: Event) {
                self.emit(event);
            }

            fn sim(&self) -> crate::types::SimStatus {
                self.state().sim.clone()
            }

            fn note_sim(&self, sim: &crate::types::SimStatus) {
                self.state_mut().sim = sim.clone();
            }
        }

        impl Steps for $session {
            type State = $state;

            fn shared(&self) -> core::cell::RefMut<'_, $state> {
                self.state_mut()
            }

            fn procedure(self, request: Request) -> Task {
                match request {
                    Request::Initialize(request) => Task::new(self.initialize(request)),
                    Request::Connect(settings) => Task::new(self.connect(settings)),
                    Request::Disconnect => Task::new(self.disconnect()),
                    Request::Unlock(pin) => {
                        Task::new(crate::driver::pin::unlock(Box::new(self), pin))
                    }
                    Request::Pin(request) => {
                        Task::new(crate::driver::pin::operate(Box::new(self), request))
                    }
                    Request::SetOperatingMode(mode) => Task::new(self.set_operating_mode(mode)),
                    Request::Select(selection) => Task::new(self.select(selection)),
                    Request::Radio(number, request) => Task::new(self.radio(number, request)),
                    Request::Reset => Task::new(self.reset()),
                    Request::Probe => Task::new(self.probe()),
                    Request::Measure(what) => Task::new(self.measure_as(what)),
                    Request::Ussd(request) => Task::new(self.ussd(request)),
                    Request::Sms(request) => Task::new(crate::driver::sms::work(
                        Box::new(self),
                        crate::driver::sms::SmsJob::Request(request),
                    )),
                }
            }

            fn now(&self) -> Instant {
                self.state().now
            }

            fn wake(&self, at: Instant) {
                self.state_mut().wakes.push(at);
            }
        }
    };
}
pub(super) use steps;

/// Where among the procedures one belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Instead of all there are.
    Afresh,
    /// Instead of the main one.
    Main,
    /// Beside the others.
    Beside,
    /// The same, and the owner waits for what comes of it.
    Pin,
    /// The same, by its number.
    Radio(u32),
    /// Beside the others, unless there is one already.
    Probe,
    /// The same.
    Measure,
    /// Beside all others, for it ends at once when it only has to be noted.
    Messages,
}

impl Place {
    const fn of(request: &Request) -> Self {
        match request {
            Request::Initialize(_) => Self::Afresh,
            Request::Connect(_) | Request::Disconnect => Self::Main,
            Request::Probe => Self::Probe,
            Request::Measure(_) => Self::Measure,
            Request::Sms(_) | Request::Ussd(_) => Self::Messages,
            Request::Pin(_) => Self::Pin,
            Request::Radio(number, _) => Self::Radio(*number),
            Request::Unlock(_)
            | Request::SetOperatingMode(_)
            | Request::Select(_)
            | Request::Reset => Self::Beside,
        }
    }
}

/// The procedures of one driver.
#[derive(Default)]
pub(super) struct Procedures {
    /// Initialising, dialling or hanging up: one at a time, the latest asked for.
    main: Option<Task>,
    /// Whether the main one is initialising.
    is_initializing: bool,
    beside: Vec<Task>,
    probe: Option<Task>,
    measure: Option<Task>,
    messages: Vec<Task>,
}

impl Procedures {
    /// Begins what is asked; tells when that cannot be.
    pub(super) fn begin(&mut self, session: &impl Steps, request: Request) {
        let place = Place::of(&request);
        if place == Place::Afresh {
            // There may be another SIM, and what is known of one must not pass for another's.
            session.note_sim(&SimStatus::default());
        }
        self.enter(session, place, session.clone().procedure(request));
    }

    /// Begins a procedure where it belongs.
    fn enter(&mut self, outlet: &dyn Outlet, place: Place, task: Task) {
        let is_full = self.beside.len() >= BESIDE_MAX;
        let why = || Failure::new(FailureKind::Refused, "too many requests");
        match place {
            Place::Afresh | Place::Main => self.replace(task, place == Place::Afresh),
            Place::Probe => drop(self.probe.get_or_insert(task)),
            Place::Measure => drop(self.measure.get_or_insert(task)),
            Place::Messages => self.messages.push(task),
            // These always have an answer, for somebody waits for one.
            Place::Pin if is_full => {
                let result = PinResult::NotSent(why());
                outlet.emit(Event::PinDone { result, sim: outlet.sim() });
            }
            Place::Radio(number) if is_full => outlet.emit(Event::Radio(number, Err(why()))),
            Place::Pin | Place::Radio(_) | Place::Beside => self.spawn(outlet, task),
        }
    }

    fn replace(&mut self, task: Task, is_initializing: bool) {
        if is_initializing {
            self.beside.clear();
            self.probe = None;
            self.measure = None;
            self.messages.clear();
        }
        // Drops the procedure before, and what it held in the modem, first.
        self.main = None;
        self.main = Some(task);
        self.is_initializing = is_initializing;
    }

    /// Begins one beside the others; tells when there are too many.
    pub(super) fn spawn(&mut self, session: &dyn Outlet, task: Task) {
        if !self.look(task) {
            let why = Failure::new(FailureKind::Refused, "too many procedures at once");
            session.emit(Event::RequestFailed(why));
        }
    }

    /// Begins one beside the others, unless there are too many; whether it did.
    pub(super) fn look(&mut self, task: Task) -> bool {
        let has_room = self.beside.len() < BESIDE_MAX;
        if has_room {
            self.beside.push(task);
        }
        has_room
    }

    /// Begins one about a message that came.
    pub(super) fn message(&mut self, task: Task) {
        self.messages.push(task);
    }

    /// Drops them all.
    pub(super) fn clear(&mut self) {
        self.main = None;
        self.is_initializing = false;
        self.beside.clear();
        self.probe = None;
        self.measure = None;
        self.messages.clear();
    }

    /// Lets each go on as far as it can.
    pub(super) fn run(&mut self) {
        if self.main.as_mut().is_some_and(Task::poll) {
            self.main = None;
            self.is_initializing = false;
        }
        if self.probe.as_mut().is_some_and(Task::poll) {
            self.probe = None;
        }
        if self.measure.as_mut().is_some_and(Task::poll) {
            self.measure = None;
        }
        self.beside.retain_mut(|task| !task.poll());
        self.messages.retain_mut(|task| !task.poll());
    }

    /// Whether the modem is being got to know.
    pub(super) const fn is_initializing(&self) -> bool {
        self.is_initializing
    }

    /// Whether neither initialising, dialling nor hanging up is under way.
    pub(super) const fn is_main_idle(&self) -> bool {
        self.main.is_none()
    }
}
