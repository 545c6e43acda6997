//! What the modem measures: signal, antennas, cells and carriers.

use super::session::Session;
use crate::driver::procedures::Steps;
use crate::driver::{Event, Measure, network_time};
use crate::port::qmi::RequestError;
use crate::types::{Cell, Cells, Measurement, Msisdn, NetworkTime, Rat, Role, Signal};
use crate::wire::qmi::dms::{GetHardwareRevisionRequest, GetMsisdnRequest};
use crate::wire::qmi::nas::{
    GetCellLocationInfoRequest, GetLteCphyCaInfoRequest, GetNetworkTimeRequest,
    GetRfBandInfoRequest, GetSignalInfoRequest, GetTxRxInfoRequest, SignalInfo,
};
use crate::wire::qmi::{QmiError, Request};

/// How often the time is asked for; a network that has not told it by then will.
const TIME_TRIES: u8 = 3;

impl Session {
    /// Measures, and tells what came of it.
    pub(super) async fn measure_as(self, what: Measure) {
        let measurement = self.measurement(what).await;
        self.emit(Event::Measured(Box::new(measurement)));
    }

    async fn measurement(&self, what: Measure) -> Measurement {
        let mut measurement = self.names(what).await;
        let Some(info) = self.ask_known(&GetSignalInfoRequest).await else { return measurement };
        let signal = info.best();
        self.emit(Event::Signal(signal.unwrap_or_default()));
        let Some(rat) = signal.and_then(|signal| signal.rat) else { return measurement };
        measurement.signal = signal;
        measurement.antennas =
            self.ask_known(&GetTxRxInfoRequest { rat }).await.unwrap_or_default();
        let (now, timed_at) = (self.now(), self.state().timed_at);
        if timed_at.is_some_and(|at| now >= at + network_time::EVERY) {
            let mut state = self.state_mut();
            (state.times_asked, state.timed_at) = (0, None);
        }
        let times_asked = self.state().times_asked;
        if what == Measure::All && times_asked < TIME_TRIES {
            self.state_mut().times_asked = times_asked + 1;
            let time = self.ask_known(&GetNetworkTimeRequest).await.flatten();
            time.into_iter().for_each(|time| self.tell_time(time));
        }
        if what == Measure::All {
            measurement.cells = self.cells(&info).await;
        }
        measurement
    }

    /// The network told the time.
    pub(super) fn tell_time(&self, time: NetworkTime) {
        let now = self.now();
        {
            let mut state = self.state_mut();
            (state.times_asked, state.timed_at) = (TIME_TRIES, Some(now));
        }
        self.emit(Event::Time(time));
    }

    /// What does not change while the SIM stays: asked once.
    async fn names(&self, what: Measure) -> Measurement {
        if what != Measure::All || self.state().is_named {
            return Measurement::default();
        }
        self.state_mut().is_named = true;
        let hardware = self.ask_shared(&GetHardwareRevisionRequest).await.ok();
        let number = self.ask_shared(&GetMsisdnRequest).await.ok();
        let number = number.and_then(|number| Msisdn::new(&number).ok());
        Measurement { hardware, number, ..Measurement::default() }
    }

    async fn cells(&self, info: &SignalInfo) -> Cells {
        let bands = self.ask_known(&GetRfBandInfoRequest).await.unwrap_or_default();
        let mut cells = self.ask_known(&GetCellLocationInfoRequest).await.unwrap_or_default();
        let carriers = if info.lte.is_some() {
            self.ask_known(&GetLteCphyCaInfoRequest).await.unwrap_or_default()
        } else {
            Vec::new()
        };
        together(&mut cells, &bands, carriers, info);
        cells
    }

    /// Asks what the modem may lack: then it is asked once.
    async fn ask_known<R: Request>(&self, request: &R) -> Option<R::Response> {
        if self.state().lacks.contains(&R::MESSAGE) {
            return None;
        }
        match self.ask_shared(request).await {
            Ok(response) => Some(response),
            Err(RequestError::Qmi(QmiError::InvalidQmiCommand | QmiError::NotSupported)) => {
                self.state_mut().lacks.insert(R::MESSAGE);
                None
            }
            // The probe finds out whether it is alive.
            Err(_) => None,
        }
    }
}

/// Puts together what four messages tell of the same cells.
fn together(cells: &mut Cells, bands: &[Cell], added: Vec<(Role, Cell)>, info: &SignalInfo) {
    let of = |rat: Rat| bands.iter().copied().find(|cell| cell.rat == Some(rat));
    let told_nr = core::mem::take(&mut cells.carriers).into_iter().map(|(_, cell)| cell).next();
    // With EN-DC there are both, and LTE's is the serving cell.
    let anchor = [Rat::Lte, Rat::Nr5g, Rat::Umts, Rat::Gsm].into_iter().find_map(of);
    let Some(serving) = cells.serving.or(anchor) else { return };
    let rat = serving.rat;
    let serving = with_signal(serving.or(anchor.unwrap_or_default()), info);
    let (first, rest): (Vec<_>, Vec<_>) =
        added.into_iter().partition(|(role, _)| *role == Role::Primary);
    let first = first.into_iter().map(|(_, cell)| cell).find(|cell| cell.rat == rat);
    let serving = serving.or(first.unwrap_or_default());
    cells.serving = Some(serving);
    cells.carriers = vec![(Role::Primary, serving)];
    cells.carriers.extend(rest.into_iter().filter(|_| rat == Some(Rat::Lte)));
    if rat == Some(Rat::Lte)
        && let Some(nr) =
            told_nr.map(|nr| nr.or(of(Rat::Nr5g).unwrap_or_default())).or(of(Rat::Nr5g))
    {
        cells.carriers.push((Role::Nr, with_signal(nr, info)));
    }
}

fn with_signal(cell: Cell, info: &SignalInfo) -> Cell {
    let signal = match cell.rat {
        Some(Rat::Nr5g) => info.nr5g,
        Some(Rat::Lte) => info.lte,
        Some(Rat::Umts) => info.umts,
        Some(Rat::Gsm) => info.gsm,
        None => None,
    };
    let Signal { rat, rssi_dbm, rsrp_dbm, rsrq_db, sinr_tenth_db, .. } = signal.unwrap_or_default();
    Cell { rat, rssi_dbm, rsrp_dbm, rsrq_db, sinr_tenth_db, ..Cell::default() }.or(cell)
}
