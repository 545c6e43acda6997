//! What the modem measures: signal, antennas, cells and carriers.

use super::session::Session;
use crate::driver::procedures::Steps;
use crate::driver::{Event, Measure, network_time};
use crate::types::{Cell, Cells, Measurement, Msisdn, NetworkTime, Rat, Role};
use crate::wire::qmi::dms::{GetHardwareRevisionRequest, GetMsisdnRequest};
use crate::wire::qmi::nas::{
    GetCellLocationInfoRequest, GetLteCphyCaInfoRequest, GetNetworkTimeRequest,
    GetRfBandInfoRequest, GetSignalInfoRequest, GetTxRxInfoRequest, SignalInfo,
};

/// How often the time is asked for; a network that has not told it by then will.
const TIME_TRIES: u8 = 3;

impl Session {
    /// Measures, and tells what came of it.
    pub(super) async fn measure_as(self, what: Measure) {
        let mut measurement = Box::default();
        self.measure_into(&mut measurement, what).await;
        self.emit(Event::Measured(measurement));
    }

    async fn measure_into(&self, measurement: &mut Measurement, what: Measure) {
        if what == Measure::All {
            self.read_names(measurement).await;
        }
        let Ok(info) = self.ask_known(&GetSignalInfoRequest).await else { return };
        let signal = info.best();
        self.emit(Event::Signal(signal.unwrap_or_default()));
        let Some(rat) = signal.and_then(|signal| signal.rat) else { return };
        measurement.signal = signal;
        if let Ok(antennas) = self.ask_known(&GetTxRxInfoRequest { rat }).await {
            measurement.antennas = antennas;
        }
        self.forget_old_time();
        if what != Measure::All {
            return;
        }
        let times_asked = self.state().times_asked;
        if times_asked < TIME_TRIES {
            self.state_mut().times_asked = times_asked + 1;
            if let Ok(Some(time)) = self.ask_known(&GetNetworkTimeRequest).await {
                self.tell_time(time);
            }
        }
        self.read_cells(&mut measurement.cells, &info).await;
    }

    /// Has the time asked for again when it was told long ago.
    fn forget_old_time(&self) {
        let mut state = self.state_mut();
        if state.timed_at.is_some_and(|at| state.now >= at + network_time::EVERY) {
            (state.times_asked, state.timed_at) = (0, None);
        }
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
    async fn read_names(&self, measurement: &mut Measurement) {
        if self.state().is_named {
            return;
        }
        self.state_mut().is_named = true;
        measurement.hardware = self.ask_name(&GetHardwareRevisionRequest).await.ok();
        if let Ok(number) = self.ask_name(&GetMsisdnRequest).await {
            measurement.number = Msisdn::new(&number).ok();
        }
    }

    async fn read_cells(&self, cells: &mut Cells, info: &SignalInfo) {
        let bands = self.ask_known(&GetRfBandInfoRequest).await.unwrap_or_default();
        if let Ok(told) = self.ask_known(&GetCellLocationInfoRequest).await {
            *cells = told;
        }
        let mut carriers = Vec::new();
        if info.lte.is_some() {
            carriers = self.ask_known(&GetLteCphyCaInfoRequest).await.unwrap_or_default();
        }
        together(cells, &bands, &carriers, info);
    }
}

/// Puts together what four messages tell of the same cells.
fn together(cells: &mut Cells, bands: &[Cell], added: &[(Role, Cell)], info: &SignalInfo) {
    let of = |rat: Rat| bands.iter().find(|cell| cell.rat == Some(rat));
    let told_nr = core::mem::take(&mut cells.carriers).first().map(|(_, cell)| *cell);
    let mut anchor = None;
    // With EN-DC there are both, and LTE's is the serving cell.
    for rat in [Rat::Gsm, Rat::Umts, Rat::Nr5g, Rat::Lte] {
        anchor = of(rat).or(anchor);
    }
    let Some(mut serving) = cells.serving.or(anchor.copied()) else { return };
    let rat = serving.rat;
    if let Some(anchor) = anchor {
        serving = serving.or(*anchor);
    }
    serving = with_signal(serving, info);
    let is_first = |(role, cell): &&(Role, Cell)| *role == Role::Primary && cell.rat == rat;
    if let Some((_, first)) = added.iter().find(is_first) {
        serving = serving.or(*first);
    }
    cells.serving = Some(serving);
    cells.carriers.push((Role::Primary, serving));
    if rat != Some(Rat::Lte) {
        return;
    }
    for carrier in added {
        if carrier.0 != Role::Primary {
            cells.carriers.push(*carrier);
        }
    }
    let band_of_nr = of(Rat::Nr5g).copied();
    if let Some(nr) = told_nr.or(band_of_nr) {
        let nr = nr.or(band_of_nr.unwrap_or_default());
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
    // Its technology is the cell's, where there is one.
    Cell::heard(&signal.unwrap_or_default()).or(cell)
}
