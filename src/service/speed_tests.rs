//! Runs the program that measures how fast connections are.

use super::paths::Paths;
use crate::io::child::{Child, Ended};
use crate::manager::Input;
use crate::manager::speed::{Event, Order};
use crate::map::Map;
use crate::types::SpeedReport;
use crate::wire::librespeed;

/// Which test; never used twice.
pub(super) type TestId = u64;

/// The programs that run, those that were told to end as well.
#[derive(Debug, Default)]
pub(super) struct SpeedTests {
    running: Map<TestId, Running>,
    next: TestId,
}

#[derive(Debug)]
struct Running {
    /// `None` when nobody wants to know any more.
    modem: Option<String>,
    child: Child,
}

impl SpeedTests {
    /// Does what the manager wants; what it is told, if that is known at once.
    pub(super) fn carry_out(&mut self, paths: &Paths, order: Order) -> Option<Input> {
        match order {
            Order::Find { call, args } => {
                let is_installed = paths.speed_test.exists();
                Some(Input::SpeedTest(Event::Called { call, args, is_installed }))
            }
            Order::Start { modem, arguments } => {
                match Child::start(&paths.speed_test, &arguments) {
                    Ok(child) => {
                        self.running.insert(self.next, Running { modem: Some(modem), child });
                        self.next = self.next.saturating_add(1);
                        None
                    }
                    Err(error) => Some(told(modem, Err(error.to_string()))),
                }
            }
            Order::Stop { modem } => {
                self.stop(&modem);
                None
            }
        }
    }

    fn stop(&mut self, modem: &str) {
        for running in self.running.values_mut() {
            if running.modem.as_deref() == Some(modem) {
                running.modem = None;
                running.child.kill();
            }
        }
    }

    /// The programs to wait for.
    pub(super) fn iter(&self) -> impl Iterator<Item = (TestId, &Child)> {
        self.running.iter().map(|(id, running)| (*id, &running.child))
    }

    /// What has become of a test; `None` while it goes on, and where nobody wants to know.
    pub(super) fn done(&mut self, id: TestId) -> Option<Input> {
        let ended = self.running.get_mut(&id)?.child.poll_end().transpose()?;
        let modem = self.running.take(&id)?.modem?;
        let result = match ended {
            Ok(Ended { printed, is_success }) => {
                let printed = String::from_utf8_lossy(&printed).into_owned();
                librespeed::parse(&printed).filter(|_| is_success).ok_or(printed)
            }
            Err(error) => Err(error.to_string()),
        };
        Some(told(modem, result))
    }
}

fn told(modem: String, result: Result<SpeedReport, String>) -> Input {
    Input::SpeedTest(Event::Ended { modem, result })
}
