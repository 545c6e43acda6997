//! Puts messages together from their fragments (MBIM 1.0, 9.5).

use crate::time::{Duration, Instant};
use crate::wire::mbim::{Fragment, Frame, Kind, MAX_MESSAGE_LEN, ProtocolError};

/// The most messages that come in fragments at a time; beyond it the oldest is given up. A reply
/// and an indication may cross, more is not to be expected.
pub const MAX_ASSEMBLIES: usize = 4;

/// How long the next fragment may take (9.5).
pub const FRAGMENT_TIMEOUT: Duration = Duration::from_millis(1250);

/// A message of which some fragments have come.
struct Assembly {
    kind: Kind,
    transaction: u32,
    total: u32,
    next: u32,
    payload: Vec<u8>,
    deadline: Instant,
}

/// What the modem is to be told about its fragments.
pub(super) struct Complaint {
    pub(super) transaction: u32,
    pub(super) error: ProtocolError,
}

/// The messages that are being put together.
#[derive(Default)]
pub(super) struct Assemblies {
    open: Vec<Assembly>,
}

impl Assemblies {
    /// Takes a frame; gives the message when it is the last of one, as the one frame it would have
    /// been.
    pub(super) fn handle_frame(
        &mut self,
        now: Instant,
        frame: Frame,
    ) -> Result<Option<Frame>, Complaint> {
        let Frame { kind, transaction, fragment: Fragment { total, current }, payload } = frame;
        let at = self.open.iter().position(|a| a.kind == kind && a.transaction == transaction);
        // Whatever it is, it continues or ends what there was.
        let begun = at.map(|at| self.open.remove(at)).filter(|_| current != 0);
        let mut assembly = begun.unwrap_or(Assembly {
            kind,
            transaction,
            total,
            next: 0,
            payload: Vec::new(),
            deadline: now,
        });
        if current != assembly.next || total != assembly.total {
            let error = ProtocolError::FragmentOutOfSequence;
            return Err(Complaint { transaction, error });
        }
        if assembly.payload.len() + payload.len() > MAX_MESSAGE_LEN {
            return Err(Complaint { transaction, error: ProtocolError::LengthMismatch });
        }
        assembly.payload.extend(payload);
        assembly.next = current.saturating_add(1);
        assembly.deadline = now + FRAGMENT_TIMEOUT;
        if assembly.next == total {
            let payload = assembly.payload;
            return Ok(Some(Frame { kind, transaction, fragment: Fragment::WHOLE, payload }));
        }
        if self.open.len() >= MAX_ASSEMBLIES {
            self.open.remove(0);
        }
        self.open.push(assembly);
        Ok(None)
    }

    /// Gives up the messages whose next fragment did not come in time.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        self.open.retain(|assembly| {
            let is_late = assembly.deadline <= now;
            if is_late {
                let (transaction, error) = (assembly.transaction, ProtocolError::TimeoutFragment);
                complaints.push(Complaint { transaction, error });
            }
            !is_late
        });
        complaints
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.open.iter().map(|assembly| assembly.deadline).min()
    }

    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        self.open.clear();
    }
}
