//! What a simulated modem is before anything happens to it: identity, SIM, network, timings.
//!
//! The default is a modem whose owner has nothing to complain about: SIM without PIN, home
//! network, both IP families, and no latency anywhere. `KEY=VALUE` words change that; the names
//! are those of [`Config::set`].

mod keys;

use ltewan::time::Duration;

use super::page::Page;
use super::ppp::Method;
use super::product::{Function, Product};
use super::world::network::{Policy, V4};
use super::world::radio::{Coverage, OperatingMode, Signal};
use super::world::uicc::{CardState, PinState};

/// Everything that is fixed before a modem is switched on.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) identity: Identity,
    pub(crate) sim: SimConfig,
    pub(crate) timings: Timings,
    pub(crate) network: NetworkConfig,
    /// Operating mode after every boot.
    pub(crate) mode: OperatingMode,
    /// Client ids that each QMI service hands out before it says `ClientIdsExhausted`.
    pub(crate) client_ids_per_service: usize,
    /// The firmware knows raw-ip only, and starts in it. Else it starts in 802.3 and can do both.
    pub(crate) raw_ip_only: bool,
    /// AT output is handed over in pieces of at most this many bytes; 0 is whole lines.
    pub(crate) at_chunk_bytes: usize,
    /// WDS tells of a bearer to every client of its family, not only to those who started it.
    pub(crate) indicate_bearer_to_all: bool,
    /// QMI messages left unread at a close are announced again at the next open. Else each is
    /// announced once, and a host that closes at the wrong moment is one reply behind for good,
    /// as happens with firmware whose notifications the host's driver lost.
    pub(crate) announce_again: bool,
    /// How much of UIM the firmware has.
    pub(crate) uim: Uim,
    /// What is in its second slot, where it has one: `absent`, `ready`, or `pin` with 4321.
    pub(crate) slot2: Option<SimConfig>,
    /// Whether the board selects its SIM, and it knows of one slot alone.
    pub(crate) mux: bool,
    /// Whether it restarts when it is told to; else it says yes and does not.
    pub(crate) restarts: bool,
    /// Whether it has short messages.
    pub(crate) messages: bool,
    /// Whether it has USSD, and how.
    pub(crate) ussd: UssdKind,
    /// Whether it has a satellite receiver.
    pub(crate) receiver: bool,
    /// Which device it is.
    pub(crate) product: Product,
    /// What it shows on USB.
    pub(crate) function: Function,
    /// What its control port speaks; follows from the two before.
    pub(crate) front: Front,
    /// iPhone: it is paired, and shares its network.
    pub(crate) carrier: bool,
    /// AT: how it is dialled.
    pub(crate) dialect: Dialect,
    /// PPP: how the host has to prove who it is, with which name and password.
    pub(crate) ppp_auth: Option<(Method, String, String)>,
    /// MBIM: the longest message the control port takes at once, in bytes.
    pub(crate) max_control_transfer: u16,
    /// MBIM: the firmware has Microsoft's extensions.
    pub(crate) extensions: bool,
    /// MBIM: it speaks MBIMEx 2.0 with a host that does.
    pub(crate) mbimex2: bool,
    /// MBIM: what it does with QMI inside of it.
    pub(crate) tunnel: Tunnel,
    /// MBIM: the packet service is attached only when the host asks for it.
    pub(crate) attach_by_host: bool,
    /// MBIM: a session for both families is refused; one for a family is not.
    pub(crate) single_family: bool,
    /// The firmware can put many packets in one transfer (QMAP).
    pub(crate) has_qmap: bool,
    /// The firmware wants to be told which link a data format is for.
    pub(crate) wants_endpoint: bool,
    /// Of the bus, in Mbit/s.
    pub(crate) speed_mbps: u32,
    /// MBIM: the firmware leaves addresses to DHCP and router advertisements.
    pub(crate) addresses_by_link: bool,
}

/// How a modem has USSD.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UssdKind {
    /// Not at all.
    None,
    /// As most have it.
    Whole,
    /// As old firmware has it. QMI: a code is answered when the network has; AT: the same, as
    /// Telit's do; MBIM: it is answered at once with nothing, and the network's answer told.
    Old,
}

/// What there is of QMI inside of MBIM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tunnel {
    /// No service for it.
    None,
    /// All of QMI.
    Qmi,
    /// A service that knows no service of QMI.
    Refused,
    /// A service that answers with frames that are none, or somebody else's.
    Garbage,
}

/// What the control port of a composition speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Front {
    /// QMI.
    Qmi,
    /// MBIM.
    Mbim,
    /// AT: there is no control port but the serial ones, and a net device of Ethernet's kind.
    At,
    /// Nothing: there is a net device at most.
    None,
}

/// Whose commands a modem that is controlled over AT is dialled with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    /// TS 27.007, and no unsolicited codes about contexts.
    Generic,
    Huawei,
    Quectel,
    Sierra,
    Simcom,
    Fibocom,
    Mediatek,
    Zte,
    Telit,
    Ublox,
    Xmm,
}

impl Dialect {
    /// Name, vendor, product, the kernel's driver of the net device, and what the modem is called.
    pub(crate) const ALL: [(Self, &str, u16, u16, &str, &str); 11] = [
        (Self::Generic, "generic", 0x1234, 0x5678, "cdc_ether", "M1"),
        (Self::Huawei, "huawei", 0x12d1, 0x1506, "huawei_cdc_ncm", "E3372"),
        (Self::Quectel, "quectel", 0x2c7c, 0x6026, "cdc_ether", "EC200T"),
        (Self::Sierra, "sierra", 0x1199, 0x68aa, "cdc_ether", "AC330U"),
        (Self::Simcom, "simcom", 0x1e0e, 0x9011, "rndis_host", "SIMCOM_SIM8200EA-M2"),
        (Self::Fibocom, "fibocom", 0x2cb7, 0x0105, "cdc_ether", "FG621"),
        (Self::Mediatek, "mediatek", 0x0e8d, 0x7127, "rndis_host", "FM350-GL"),
        (Self::Zte, "zte", 0x19d2, 0x0117, "cdc_ether", "MF290"),
        (Self::Telit, "telit", 0x1bc7, 0x1206, "cdc_ether", "LE910C4-EU"),
        (Self::Ublox, "ublox", 0x1546, 0x1146, "cdc_ether", "TOBY-L210"),
        (Self::Xmm, "xmm", 0x8087, 0x095a, "cdc_ncm", "L860-GL"),
    ];

    /// Its entry in the list of all.
    pub(crate) fn entry(
        self,
    ) -> &'static (Self, &'static str, u16, u16, &'static str, &'static str) {
        Self::ALL.iter().find(|entry| entry.0 == self).unwrap_or(&Self::ALL[0])
    }
}

/// How much of UIM firmware has. What is missing is done over DMS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Uim {
    /// All of it.
    Whole,
    /// It refuses what is about PINs.
    WithoutPins,
    /// There is no such service.
    Missing,
}

/// What the modem calls itself.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) manufacturer: String,
    pub(crate) model: String,
    pub(crate) revision: String,
    pub(crate) hardware_revision: String,
    /// 15 digits.
    pub(crate) imei: String,
    /// The USB serial number.
    pub(crate) serial: String,
}

/// The SIM that is in the slot at power on.
#[derive(Clone, Debug)]
pub(crate) struct SimConfig {
    pub(crate) card: CardState,
    pub(crate) pin1: PinState,
    pub(crate) iccid: String,
    pub(crate) imsi: String,
    /// The phone number, if the card knows it.
    pub(crate) number: String,
    pub(crate) pin: String,
    pub(crate) puk: String,
    pub(crate) pin_retries: u8,
    pub(crate) puk_retries: u8,
}

/// How long things take; all zero by default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timings {
    /// From a request to its reply.
    pub(crate) latency: Duration,
    /// From power on until the SIM application is readable.
    pub(crate) sim_ready: Duration,
    /// From radio on with a usable SIM to registered.
    pub(crate) registration: Duration,
    /// From start network to its result.
    pub(crate) bearer: Duration,
    /// From a reset to the device being back on the bus.
    pub(crate) boot: Duration,
}

/// The network the modem finds.
#[derive(Clone, Debug)]
pub(crate) struct NetworkConfig {
    pub(crate) coverage: Coverage,
    pub(crate) mcc: u16,
    pub(crate) mnc: u16,
    /// Digits of the MNC, 2 or 3.
    pub(crate) mnc_digits: u8,
    pub(crate) name: String,
    pub(crate) signal: Signal,
    pub(crate) policy: Policy,
    /// Access point names that exist; empty accepts any.
    pub(crate) apns: Vec<String>,
    pub(crate) mtu: u16,
    /// Keeps the addresses of several modems apart: 10.(64 + this).x.y, 2001:db8:(this)xx::.
    pub(crate) subnet: u8,
    /// It is a router of its own, and hands this out.
    pub(crate) own: Option<V4>,
    /// The time that it tells at the start, in seconds since 1970; its zone is an hour ahead.
    pub(crate) nitz: Option<i64>,
    /// What that has on port 80.
    pub(crate) page: Page,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            identity: Identity {
                manufacturer: "QUALCOMM INCORPORATED".into(),
                model: "QUECTEL Mobile Broadband Module".into(),
                revision: "EC25EFAR06A03M4G".into(),
                hardware_revision: "10000".into(),
                imei: "867698040000017".into(),
                serial: "0123456789ABCDEF".into(),
            },
            sim: SimConfig {
                card: CardState::Present,
                pin1: PinState::Disabled,
                iccid: "8949020000012345678".into(),
                imsi: "262020123456789".into(),
                number: String::new(),
                pin: "1234".into(),
                puk: "12345678".into(),
                pin_retries: 3,
                puk_retries: 10,
            },
            timings: Timings::default(),
            network: NetworkConfig {
                coverage: Coverage::Home,
                mcc: 262,
                mnc: 2,
                mnc_digits: 2,
                name: "Simphone DE".into(),
                signal: Signal { rssi_dbm: -63, rsrq_db: -9, rsrp_dbm: -92, snr_tenth_db: 126 },
                policy: Policy::Both,
                apns: Vec::new(),
                mtu: 1500,
                subnet: 0,
                own: None,
                nitz: None,
                page: Page::Plain,
            },
            mode: OperatingMode::Online,
            client_ids_per_service: 16,
            raw_ip_only: false,
            at_chunk_bytes: 0,
            indicate_bearer_to_all: false,
            announce_again: true,
            uim: Uim::Whole,
            slot2: None,
            mux: false,
            restarts: true,
            messages: false,
            ussd: UssdKind::None,
            receiver: true,
            product: Product::Ec25,
            function: Function::Qmi,
            front: Front::Qmi,
            carrier: true,
            dialect: Dialect::Generic,
            ppp_auth: None,
            max_control_transfer: 4096,
            extensions: true,
            mbimex2: false,
            tunnel: Tunnel::None,
            attach_by_host: false,
            single_family: false,
            has_qmap: true,
            wants_endpoint: false,
            speed_mbps: 480,
            addresses_by_link: false,
        }
    }
}

impl NetworkConfig {
    /// Year, month, day, hour, minute and second that it tells, of UTC.
    pub(crate) fn time(&self, now: ltewan::time::Instant) -> Option<[u16; 6]> {
        let secs = self.nitz? + i64::try_from(now.as_secs()).ok()?;
        let text = ltewan::driver::sms::rfc3339(secs);
        let mut parts = text.split(['-', 'T', ':', 'Z']).map_while(|part| part.parse().ok());
        Some(std::array::from_fn(|_| parts.next().unwrap_or(0)))
    }
}

impl Config {
    /// The modem on port `port` of several: its own IMEI, serial, SIM and addresses.
    pub(crate) fn for_port(port: u8) -> Self {
        let mut config = Self::default();
        config.identity.imei = with_luhn(&format!("86769804{:06}", 1 + u32::from(port)));
        config.identity.serial = format!("EC25SIM{port:05}");
        config.sim.iccid = with_luhn(&format!("894902000001234{port:03}"));
        config.sim.imsi = format!("2620201234567{port:02}");
        config.network.subnet = port;
        config
    }

    /// Who made it and what it is called, over AT.
    pub(crate) fn names(&self) -> (&'static str, &'static str) {
        match self.front {
            Front::At if self.product == Product::OfDialect => {
                (self.dialect.entry().1, self.dialect.entry().5)
            }
            Front::At => ("Quectel", "EC25"),
            Front::Qmi | Front::Mbim | Front::None => ("Quectel", "EC25"),
        }
    }

    /// Applies `KEY=VALUE` words, in order.
    pub(crate) fn apply<'a>(
        &mut self,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), String> {
        for word in words {
            let (key, value) =
                word.split_once('=').ok_or_else(|| format!("'{word}' is not KEY=VALUE"))?;
            self.set(key, value)?;
        }
        Ok(())
    }
}

/// A number in decimal, or in hex after `0x`.
pub(crate) fn number<T: TryFrom<u64>>(name: &str, text: &str) -> Result<T, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    parsed
        .and_then(|value: u64| T::try_from(value).ok())
        .ok_or_else(|| format!("{name}: '{text}' is not a number in range"))
}

/// A length of time in milliseconds.
pub(crate) fn millis(name: &str, text: &str) -> Result<Duration, String> {
    number(name, text).map(Duration::from_millis)
}

/// Appends the Luhn check digit, as IMEI and ICCID have it (ISO/IEC 7812-1, annex B).
fn with_luhn(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            let weighted = if place % 2 == 0 { digit * 2 } else { digit };
            weighted / 10 + weighted % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
