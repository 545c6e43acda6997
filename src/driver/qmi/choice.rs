//! Bands, technologies and networks, as the owner chooses them.

use super::session::{Session, done, failure, optional};
use crate::driver::Event;
use crate::driver::choice::{RadioAnswer, RadioRequest, SCAN_TIMEOUT};
use crate::driver::procedures::Steps;
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::{BandChoice, BandStatus, Plmn, Rat, SimSlot};
use crate::wire::qmi::{QmiError, Service, dms, nas, uim};

/// How often a modem is asked whether it uses the other SIM by now, and how long apart.
const SLOT_TRIES: u32 = 10;
const SLOT_PAUSE: Duration = Duration::from_secs(1);

/// A client that is had for one request.
struct Lent {
    session: Session,
    service: Service,
}

impl Drop for Lent {
    fn drop(&mut self) {
        // Not while the state is borrowed: it is given back.
        let client = self.session.state_mut().clients.take(&self.service);
        drop(client);
    }
}

impl Session {
    /// Does what the owner asks of the radio.
    pub(super) async fn radio(self, number: u32, request: RadioRequest) {
        let answer = match self.lend(Service::Nas).await {
            Ok(_nas) => {
                // Without it the modem does not say which bands it has.
                let _dms = self.lend(Service::Dms).await;
                self.radio_answer(request).await
            }
            Err(error) => Err(error),
        };
        self.emit(Event::Radio(number, answer.map_err(failure)));
    }

    /// Has a client of a service for as long as the result is kept, where none is had all the time:
    /// inside of another protocol.
    async fn lend(&self, service: Service) -> Result<Option<Lent>, RequestError> {
        if self.state().clients.contains_key(&service) {
            return Ok(None);
        }
        self.share_client(service).await?;
        Ok(Some(Lent { session: self.clone(), service }))
    }

    async fn radio_answer(&self, request: RadioRequest) -> Result<RadioAnswer, RequestError> {
        match request {
            RadioRequest::Bands => self.bands(None).await,
            RadioRequest::SetBands(choice) => self.bands(Some(choice)).await,
            RadioRequest::Scan => self.scan().await,
            // Over AT, as with every other modem.
            RadioRequest::Gnss(..) => Err(RequestError::Qmi(QmiError::NotSupported)),
            RadioRequest::StopScan => self.stop_scan().await,
            RadioRequest::Slots => self.slots(None).await,
            RadioRequest::SetSlot(slot) => self.slots(Some(slot)).await,
            RadioRequest::Register(plmn) => self.choose_network(plmn).await,
        }
    }

    /// The bands and technologies, and the forms in which the modem has its bands.
    async fn read_bands(&self) -> Result<(BandStatus, nas::BandMasks), RequestError> {
        let supported = optional(self.ask_shared(&dms::GetBandCapabilitiesRequest).await)?;
        let bands_supported = supported.unwrap_or_default();
        let now = self.ask_shared(&nas::GetSystemSelectionPreferenceRequest).await?;
        let mut modes = now.modes.map(nas::RatModes::rats).unwrap_or_default();
        let mut modes_supported = Vec::new();
        for rat in Rat::ALL {
            if bands_supported.iter().any(|band| band.rat == rat) {
                modes_supported.push(rat);
            }
        }
        if modes_supported.is_empty() {
            modes_supported = modes.clone();
        }
        // Firmware leaves bits set for technologies that the modem does not have.
        modes.retain(|rat| modes_supported.contains(rat));
        let bands = now.bands.bands();
        Ok((BandStatus { modes_supported, modes, bands, bands_supported }, now.bands))
    }

    /// The bands, after they were set as chosen.
    async fn bands(&self, mut choice: Option<BandChoice>) -> Result<RadioAnswer, RequestError> {
        loop {
            let (now, forms) = self.read_bands().await?;
            let Some(choice) = choice.take() else { return Ok(RadioAnswer::Bands(now)) };
            let wanted = choice.applied(&now);
            let request = nas::SetSystemSelectionPreferenceRequest {
                modes: choice.modes.is_some().then(|| nas::RatModes::of(&wanted.modes)),
                bands: choice.bands.is_some().then(|| forms.with(&wanted.bands)),
                network: None,
                duration: nas::ChangeDuration::PowerCycle,
            };
            done(self.order(&request).await)?;
        }
    }

    /// The places for SIMs, after one of them was made the modem's; it says so at once and takes
    /// its time.
    async fn slots(&self, wanted: Option<u8>) -> Result<RadioAnswer, RequestError> {
        let slots = self.ask_shared(&uim::GetSlotStatusRequest).await;
        let Some(wanted) = wanted else { return Ok(RadioAnswer::Slots(slots_of(slots?))) };
        // As long as it was not told to change, it has not.
        let unchanged = |error| {
            let is_late = matches!(error, RequestError::Timeout);
            if is_late { RequestError::Qmi(QmiError::Internal) } else { error }
        };
        let slots = slots.map_err(unchanged)?;
        let before = slots.iter().find(|it| it.slot.active);
        let logical = before.map_or(1, |it| it.logical);
        let before = before.map(|it| it.slot.slot);
        if before == Some(wanted) {
            return Ok(RadioAnswer::SlotKept(slots_of(slots)));
        }
        done(self.order(&uim::SwitchSlotRequest { logical, physical: wanted }).await)?;
        let mut tries = SLOT_TRIES;
        loop {
            // Even when it has said so, the state of the card before may be told for a moment.
            self.sleep(SLOT_PAUSE).await;
            // Without an answer now it is not known which it has: that is no refusal.
            let slots = self.ask_shared(&uim::GetSlotStatusRequest).await;
            let slots = slots_of(slots.map_err(|_| RequestError::Timeout)?);
            tries -= 1;
            if tries == 0 || slots.iter().any(|it| it.active && it.slot == wanted) {
                return Ok(RadioAnswer::of_slots(slots, before));
            }
        }
    }

    async fn scan(&self) -> Result<RadioAnswer, RequestError> {
        let networks = self.ask_shared_for(&nas::NetworkScanRequest, SCAN_TIMEOUT).await?;
        Ok(RadioAnswer::Networks(networks))
    }

    /// The scan's own request then ends as the modem has it.
    async fn stop_scan(&self) -> Result<RadioAnswer, RequestError> {
        let transaction = self.state().port.transaction_of::<nas::NetworkScanRequest>();
        if let Some(transaction) = transaction {
            self.order(&nas::AbortRequest { transaction }).await?;
        }
        Ok(RadioAnswer::Done)
    }

    async fn choose_network(&self, plmn: Option<Plmn>) -> Result<RadioAnswer, RequestError> {
        let request = nas::SetSystemSelectionPreferenceRequest {
            modes: None,
            bands: None,
            network: Some(plmn),
            duration: nas::ChangeDuration::PowerCycle,
        };
        done(self.order(&request).await)?;
        Ok(RadioAnswer::Done)
    }
}

fn slots_of(statuses: Vec<uim::SlotStatus>) -> Vec<SimSlot> {
    let mut slots = Vec::new();
    for status in statuses {
        slots.push(status.slot);
    }
    slots
}
