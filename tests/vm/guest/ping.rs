//! A ping that goes on beside the steps, five or ten times a second, to see whether traffic flows.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};

use ltewan::time::Duration;

use crate::{Failure, Outcome, wait_for};

const LOG: &str = "/run/ping.log";
const HOST: &str = "192.0.2.1";
/// More than any step is long.
const SECONDS_MAX: &str = "600";
const LIMIT: Duration = Duration::from_secs(10);

/// The running program.
pub(crate) struct Pinger(Child);

/// What was answered.
pub(crate) struct Pings {
    sent: usize,
    lost: Vec<usize>,
}

impl Pinger {
    /// Starts through a device, and waits for the first answer.
    pub(crate) fn start(device: &str) -> Result<Self, Failure> {
        Self::spawn(&["-i", "0.2", "-I", device])
    }

    /// The same, ten times a second and each by the routes of the moment.
    pub(crate) fn start_routed() -> Result<Self, Failure> {
        Self::spawn(&["-i", "0.1"])
    }

    fn spawn(words: &[&str]) -> Result<Self, Failure> {
        let child = Command::new("ping")
            .args(words)
            .args(["-w", SECONDS_MAX, HOST])
            .stdin(Stdio::null())
            .stdout(File::create(LOG)?)
            .spawn()?;
        let pinger = Self(child);
        wait_for("answer to a ping", LIMIT, || (!answers().is_empty()).then_some(()))?;
        Ok(pinger)
    }

    /// Waits for one more answer, so that whatever is not answered before it is lost, and ends.
    pub(crate) fn finish(self) -> Result<Pings, Failure> {
        let before = answers().len();
        wait_for("one more answer", LIMIT, || (answers().len() > before).then_some(()))?;
        let answered = answers();
        let sent = answered.iter().max().map_or(0, |last| last + 1);
        let lost = (0..sent).filter(|number| !answered.contains(number)).collect();
        Ok(Pings { sent, lost })
    }
}

impl Drop for Pinger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Pings {
    /// How many were lost.
    pub(crate) fn lost(&self) -> usize {
        self.lost.len()
    }

    /// For people: how many were lost. Fails when there are more than that.
    pub(crate) fn at_most(&self, max: usize) -> Outcome {
        let text = format!("{} of {} pings lost", self.lost.len(), self.sent);
        if self.lost.len() > max { Err(text.into()) } else { Ok(text) }
    }

    /// Fails when one was lost.
    pub(crate) fn all_answered(&self) -> Outcome {
        if self.lost.is_empty() {
            return Ok(format!("{} pings, none lost", self.sent));
        }
        Err(format!("of {} pings these were lost: {:?}", self.sent, self.lost).into())
    }
}

/// The numbers of the pings answered so far.
fn answers() -> Vec<usize> {
    let text = fs::read_to_string(LOG).unwrap_or_default();
    let numbers = text.lines().filter_map(|line| line.split_once("seq=")?.1.split(' ').next());
    numbers.filter_map(|number| number.parse().ok()).collect()
}
