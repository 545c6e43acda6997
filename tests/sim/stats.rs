//! What a test may count, and its rendering as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::qmi::Client;
use super::world::World;

/// Counts since power on; a reset does not clear them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stats {
    /// QMI requests by service and message.
    pub(crate) qmi_requests: BTreeMap<(u8, u16), u64>,
    /// MBIM commands by service and number; opening counts as number 0.
    pub(crate) mbim_commands: BTreeMap<(u8, u32), u64>,
    /// MBIM sessions that were to be activated.
    pub(crate) mbim_activations: u64,
    /// MBIM commands that came while the function was closed.
    pub(crate) unheard_mbim: u64,
    /// Requests of messages that the simulator does not know.
    pub(crate) unknown_messages: u64,
    /// Requests with a client id that was never given out, or was released.
    pub(crate) unknown_client_ids: u64,
    /// Frames that were no QMI request.
    pub(crate) malformed: u64,
    /// Commands that dialled over AT.
    pub(crate) at_dials: u64,
    /// AT command lines.
    pub(crate) at_commands: u64,
    /// AT commands sent while another one on the port was still unanswered.
    pub(crate) at_overlaps: u64,
    /// The AT command lines themselves, newest last, at most 64.
    pub(crate) at_log: Vec<String>,
    /// Bytes thrown away by silence, hang or absence.
    pub(crate) unheard_bytes: u64,
    /// Resets of the firmware, for any reason.
    pub(crate) resets: u64,
}

/// How command lines begin that dial over AT.
const DIALS: [&str; 8] = [
    "AT^NDISDUP=1,1",
    "AT+QNETDEVCTL=1",
    "AT!SCACT=1",
    "AT$QCRMCALL=1",
    "AT+GTRNDIS=1",
    "AT+ZGACT=1",
    "AT#ECM=",
    "AT+CGACT=1",
];

impl Stats {
    /// All QMI requests.
    pub(crate) fn qmi_total(&self) -> u64 {
        self.qmi_requests.values().sum()
    }

    /// Requests of one message.
    pub(crate) fn qmi(&self, service: u8, message: u16) -> u64 {
        self.qmi_requests.get(&(service, message)).copied().unwrap_or(0)
    }

    /// All MBIM commands.
    pub(crate) fn mbim_total(&self) -> u64 {
        self.mbim_commands.values().sum()
    }

    /// MBIM commands of one number.
    pub(crate) fn mbim(&self, service: u8, cid: u32) -> u64 {
        self.mbim_commands.get(&(service, cid)).copied().unwrap_or(0)
    }

    /// Calls and sessions that were started.
    pub(crate) fn starts(&self) -> u64 {
        self.qmi(super::qmi::WDS, 0x20) + self.mbim_activations + self.at_dials
    }

    /// Notes an MBIM command.
    pub(crate) fn note_mbim(&mut self, service: u8, cid: u32) {
        *self.mbim_commands.entry((service, cid)).or_default() += 1;
    }

    /// Notes an AT command line.
    pub(crate) fn note_at(&mut self, line: &str) {
        self.at_commands += 1;
        self.at_dials += u64::from(DIALS.iter().any(|dial| line.starts_with(dial)));
        if self.at_log.len() == 64 {
            self.at_log.remove(0);
        }
        self.at_log.push(line.into());
    }

    /// One line of JSON: these counts, the client ids held now, the SIM and the bearers.
    pub(crate) fn to_json(&self, clients: &[Client], world: &World) -> String {
        let mut json = String::from("{\"mbim\":{");
        let commands = self.mbim_commands.iter();
        join(&mut json, commands.map(|((s, c), n)| format!("\"{s:#04x}/{c}\":{n}")));
        let _ = write!(json, "}},\"mbim_total\":{},\"qmi\":{{", self.mbim_total());
        let requests = self.qmi_requests.iter();
        join(&mut json, requests.map(|((s, m), n)| format!("\"{s:#04x}/{m:#06x}\":{n}")));
        let _ = write!(json, "}},\"qmi_total\":{},\"client_ids\":[", self.qmi_total());
        join(&mut json, clients.iter().map(|c| format!("[{},{}]", c.service, c.id)));
        let _ = write!(
            json,
            "],\"unknown_messages\":{},\"unknown_client_ids\":{},\"malformed\":{},\"at\":{},\
             \"at_overlaps\":{},\"unheard_bytes\":{},\"resets\":{}",
            self.unknown_messages,
            self.unknown_client_ids,
            self.malformed,
            self.at_commands,
            self.at_overlaps,
            self.unheard_bytes,
            self.resets,
        );
        let uicc = &world.uicc;
        let _ = write!(
            json,
            ",\"pin_attempts\":{},\"pin_rejections\":{},\"pin_retries\":{},\"puk_attempts\":{},\
             \"registration\":\"{:?}\",\"mode\":\"{:?}\",\"bearers\":[",
            uicc.pin_attempts,
            uicc.pin_rejections,
            uicc.pin_retries,
            uicc.puk_attempts,
            world.radio.registration,
            world.radio.mode,
        );
        join(&mut json, world.network.bearers.iter().map(|b| format!("\"{:?}\"", b.family)));
        let counters = &world.network.counters;
        let _ = write!(
            json,
            "],\"tx_packets\":{},\"rx_packets\":{},\"dropped_packets\":{}}}",
            counters.tx_packets, counters.rx_packets, counters.dropped,
        );
        json
    }
}

/// Appends `items` with commas between them.
fn join(json: &mut String, items: impl Iterator<Item = String>) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push_str(&item);
    }
}
