//! Bands, technologies and networks, as the owner chooses them.

use super::session::{Session, failure};
use crate::driver::Event;
use crate::driver::choice::{RadioAnswer, RadioRequest, RadioResult, SCAN_TIMEOUT};
use crate::port::qmi::RequestError;
use crate::types::{BandChoice, BandStatus, FoundNetwork, Plmn, Rat};
use crate::wire::qmi::{QmiError, dms, nas};

impl Session {
    /// Does what the owner asks of the radio.
    pub(super) async fn radio(self, number: u32, request: RadioRequest) {
        let result = self.radio_result(request).await;
        self.emit(Event::Radio(number, result));
    }

    async fn radio_result(&self, request: RadioRequest) -> RadioResult {
        let answer = match request {
            RadioRequest::Bands => self.read_bands().await.map(|(now, _)| RadioAnswer::Bands(now)),
            RadioRequest::SetBands(choice) => self.set_bands(&choice).await.map(RadioAnswer::Bands),
            RadioRequest::Scan => self.scan().await.map(RadioAnswer::Networks),
            RadioRequest::StopScan => self.stop_scan().await.map(|()| RadioAnswer::Done),
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
