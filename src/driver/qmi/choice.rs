//! Bands, technologies and networks, as the owner chooses them.

use super::session::{Session, failure};
use crate::driver::Event;
use crate::driver::choice::{RadioAnswer, RadioRequest, RadioResult, SCAN_TIMEOUT};
use crate::driver::procedures::Steps;
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::{BandChoice, BandStatus, FoundNetwork, Plmn, Rat, SimSlot};
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
        let client = self.session.state_mut().clients.remove(&self.service);
        drop(client);
    }
}

impl Session {
    /// Does what the owner asks of the radio.
    pub(super) async fn radio(self, number: u32, request: RadioRequest) {
        let result = match self.lend(Service::Nas).await {
            Ok(_nas) => {
                // Without it the modem does not say which bands it has.
                let _dms = self.lend(Service::Dms).await;
                self.radio_result(request).await
            }
            Err(error) => Err(failure(error)),
        };
        self.emit(Event::Radio(number, result));
    }

    /// Has a client of a service for as long as the result is kept, where none is had all the time:
    /// inside of another protocol.
    async fn lend(&self, service: Service) -> Result<Option<Lent>, RequestError> {
        if self.state().clients.contains_key(&service) {
            return Ok(None);
        }
        let client = self.client(service).await?;
        self.state_mut().clients.insert(service, client);
        Ok(Some(Lent { session: self.clone(), service }))
    }

    async fn radio_result(&self, request: RadioRequest) -> RadioResult {
        let answer = match request {
            RadioRequest::Bands => self.read_bands().await.map(|(now, _)| RadioAnswer::Bands(now)),
            RadioRequest::SetBands(choice) => self.set_bands(&choice).await.map(RadioAnswer::Bands),
            RadioRequest::Scan => self.scan().await.map(RadioAnswer::Networks),
            // Over AT, as with every other modem.
            RadioRequest::Gnss(..) => Err(RequestError::Qmi(QmiError::NotSupported)),
            RadioRequest::StopScan => self.stop_scan().await.map(|()| RadioAnswer::Done),
            RadioRequest::Slots => self.read_slots().await.map(RadioAnswer::Slots),
            RadioRequest::SetSlot(slot) => self.set_slot(slot).await,
            RadioRequest::Register(plmn) => {
                self.choose_network(plmn).await.map(|()| RadioAnswer::Done)
            }
        };
        answer.map_err(failure)
    }

    /// The bands and technologies, and the forms in which the modem has its bands.
    async fn read_bands(&self) -> Result<(BandStatus, nas::BandMasks), RequestError> {
        let supported = match self.ask_shared(&dms::GetBandCapabilitiesRequest).await {
            Ok(bands) => bands,
            Err(RequestError::Qmi(_) | RequestError::Malformed(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let now = self.ask_shared(&nas::GetSystemSelectionPreferenceRequest).await?;
        let has = |rat: &Rat| supported.iter().any(|band| band.rat == *rat);
        let modes = now.modes.map(nas::RatModes::rats).unwrap_or_default();
        let known: Vec<Rat> = Rat::ALL.into_iter().filter(has).collect();
        let status = BandStatus {
            modes_supported: if known.is_empty() { modes.clone() } else { known.clone() },
            // Firmware leaves bits set for technologies that the modem does not have.
            modes: modes.into_iter().filter(|rat| known.is_empty() || has(rat)).collect(),
            bands: now.bands.bands(),
            bands_supported: supported,
        };
        Ok((status, now.bands))
    }

    async fn set_bands(&self, choice: &BandChoice) -> Result<BandStatus, RequestError> {
        let (now, forms) = self.read_bands().await?;
        let wanted = choice.applied(&now);
        let request = nas::SetSystemSelectionPreferenceRequest {
            modes: choice.modes.is_some().then(|| nas::RatModes::of(&wanted.modes)),
            bands: choice.bands.is_some().then(|| forms.with(&wanted.bands)),
            network: None,
            duration: nas::ChangeDuration::PowerCycle,
        };
        match self.ask_shared(&request).await {
            Ok(()) | Err(RequestError::Qmi(QmiError::NoEffect)) => {}
            Err(error) => return Err(error),
        }
        self.read_bands().await.map(|(now, _)| now)
    }

    async fn read_slots(&self) -> Result<Vec<SimSlot>, RequestError> {
        let slots = self.ask_shared(&uim::GetSlotStatusRequest).await?;
        Ok(slots.into_iter().map(|status| status.slot).collect())
    }

    /// Has the slot be the modem's; it says so at once and takes its time.
    async fn set_slot(&self, slot: u8) -> Result<RadioAnswer, RequestError> {
        // As long as it was not told to change, it has not.
        let unchanged = |error| {
            let is_late = matches!(error, RequestError::Timeout);
            if is_late { RequestError::Qmi(QmiError::Internal) } else { error }
        };
        let slots = self.ask_shared(&uim::GetSlotStatusRequest).await.map_err(unchanged)?;
        let before = slots.iter().find(|it| it.slot.active);
        let logical = before.map_or(1, |it| it.logical);
        let before = before.map(|it| it.slot.slot);
        if before == Some(slot) {
            let slots = slots.into_iter().map(|status| status.slot).collect();
            return Ok(RadioAnswer::SlotKept(slots));
        }
        match self.ask_shared(&uim::SwitchSlotRequest { logical, physical: slot }).await {
            Ok(()) | Err(RequestError::Qmi(QmiError::NoEffect)) => {}
            Err(error) => return Err(error),
        }
        let mut tries = SLOT_TRIES;
        loop {
            // Even when it has said so, the state of the card before may be told for a moment.
            self.sleep(SLOT_PAUSE).await;
            // Without an answer now it is not known which it has: that is no refusal.
            let slots = self.read_slots().await.map_err(|_| RequestError::Timeout)?;
            tries -= 1;
            if tries == 0 || slots.iter().any(|it| it.active && it.slot == slot) {
                return Ok(RadioAnswer::of_slots(slots, before));
            }
        }
    }

    async fn scan(&self) -> Result<Vec<FoundNetwork>, RequestError> {
        self.ask_shared_for(&nas::NetworkScanRequest, SCAN_TIMEOUT).await
    }

    /// The scan's own request then ends as the modem has it.
    async fn stop_scan(&self) -> Result<(), RequestError> {
        let Some(transaction) = self.state().port.transaction_of::<nas::NetworkScanRequest>()
        else {
            return Ok(());
        };
        self.ask_shared(&nas::AbortRequest { transaction }).await
    }

    async fn choose_network(&self, plmn: Option<Plmn>) -> Result<(), RequestError> {
        let request = nas::SetSystemSelectionPreferenceRequest {
            modes: None,
            bands: None,
            network: Some(plmn),
            duration: nas::ChangeDuration::PowerCycle,
        };
        match self.ask_shared(&request).await {
            Err(RequestError::Qmi(QmiError::NoEffect)) => Ok(()),
            result => result,
        }
    }
}
