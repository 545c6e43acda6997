//! The tiny executor that lets a procedure read as straight-line steps.
//!
//! A procedure is an `async` function that waits only for things its driver holds: replies of the
//! port, answers of the host, points in time. So it needs no waker: the driver polls its tasks once
//! after every input, and a task that has nothing new returns at once. Dropping a task drops what
//! it holds.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// A procedure under way.
pub(super) struct Task(Pin<Box<dyn Future<Output = ()>>>);

impl Task {
    pub(super) fn new(procedure: impl Future<Output = ()> + 'static) -> Self {
        Self(Box::pin(procedure))
    }

    /// Goes on as far as it can; whether it has ended.
    pub(super) fn poll(&mut self) -> bool {
        self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }
}

impl core::fmt::Debug for Task {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Task")
    }
}

/// What comes of a step that is one of several: what has the step done need not know of which
/// driver, and is compiled once.
pub(super) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What [`either`] saw first.
pub(super) enum Either<A, B> {
    /// The first future ended.
    First(A),
    /// The second future ended.
    Second(B),
}

/// Waits for whichever ends first; the first one wins a draw. The other can be waited for again.
pub(super) async fn either<A, B>(
    mut first: Pin<&mut (impl Future<Output = A> + ?Sized)>,
    mut second: Pin<&mut (impl Future<Output = B> + ?Sized)>,
) -> Either<A, B> {
    core::future::poll_fn(|context| {
        if let Poll::Ready(value) = first.as_mut().poll(context) {
            return Poll::Ready(Either::First(value));
        }
        second.as_mut().poll(context).map(Either::Second)
    })
    .await
}
