//! TS 27.007: registration, operator and signal.

use super::{Command, Params};
use crate::types::{FoundNetwork, NetworkState, Plmn, Rat, RegistrationState, Signal};
use crate::wire::Error;

/// The commands about registration, by what they tell of; newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// 5GS, TS 27.007 10.1.47.
    C5greg,
    /// EPS, TS 27.007 10.1.22.
    Cereg,
    /// GPRS, TS 27.007 10.1.20.
    Cgreg,
    /// Circuit switched, TS 27.007 7.2.
    Creg,
}

impl Domain {
    /// All of them, newest first.
    pub const ALL: [Self; 4] = [Self::C5greg, Self::Cereg, Self::Cgreg, Self::Creg];

    /// The command's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::C5greg => "+C5GREG",
            Self::Cereg => "+CEREG",
            Self::Cgreg => "+CGREG",
            Self::Creg => "+CREG",
        }
    }

    /// Where `<cause_type>` stands in an unsolicited code; `<reject_cause>` follows it.
    const fn cause_at(self) -> usize {
        match self {
            Self::Creg | Self::Cereg => 4,
            Self::Cgreg => 5,
            Self::C5greg => 6,
        }
    }

    /// The technology where `<AcT>` is missing.
    const fn rat(self) -> Option<Rat> {
        match self {
            Self::C5greg => Some(Rat::Nr5g),
            Self::Cereg => Some(Rat::Lte),
            Self::Cgreg | Self::Creg => None,
        }
    }
}

/// What one domain says of registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainStatus {
    /// The state.
    pub state: RegistrationState,
    /// The access technology, while registered.
    pub rat: Option<Rat>,
    /// Why the network refused: an EMM cause, TS 24.301 9.9.3.9.
    pub reject_cause: Option<u8>,
}

/// Has changes of registration told; `n` 1 is the state, 2 the cell too, 3 the reject cause too.
pub fn registration_report(domain: Domain, n: u8) -> Command {
    Command::own(format!("AT{}={n}", domain.name()))
}

/// Asks for the registration with one domain.
pub fn registration_query(domain: Domain) -> Command {
    Command::query(domain.name())
}

/// The answer to [`registration_query`], whose first parameter is `<n>`.
pub fn parse_registration(domain: Domain, lines: &[String]) -> Option<DomainStatus> {
    let mut params = Params::find(lines, domain.name())?;
    params.next()?;
    domain_status(domain, params)
}

/// What an unsolicited code tells, and of which domain.
pub fn registration_urc(line: &str) -> Option<(Domain, DomainStatus)> {
    for domain in Domain::ALL {
        if let Some(params) = Params::of(line, domain.name()) {
            return Some((domain, domain_status(domain, params)?));
        }
    }
    None
}

fn domain_status(domain: Domain, params: Params<'_>) -> Option<DomainStatus> {
    let fields = params.list(usize::MAX);
    let number = |at: usize| fields.get(at)?.number();
    // seen: `+CREG: 1, E006B, ABE0016`, Huawei E1752, where <AcT> is missing.
    let state = match number(0)? {
        0 => RegistrationState::Idle,
        1 | 9 => RegistrationState::Home,
        5 | 10 => RegistrationState::Roaming,
        // 6 and 7 are short messages only, 8 is emergency calls only: no packet data.
        2 | 6..=8 => RegistrationState::Searching,
        3 => RegistrationState::Denied,
        _ => RegistrationState::Unknown,
    };
    let rat = number(3).and_then(rat_of).or(domain.rat()).filter(|_| state.is_registered());
    let cause_at = domain.cause_at();
    // Some leave <rac> out altogether.
    let at = if number(cause_at + 1).is_none() { cause_at - 1 } else { cause_at };
    let cause = match (number(at), number(at + 1)) {
        // Type 0 is a cause of the network's, 1 one of the maker's.
        (Some(0), Some(cause)) => u8::try_from(cause).ok().filter(|cause| *cause != 0),
        _ => None,
    };
    let reject_cause = cause.filter(|_| state == RegistrationState::Denied);
    Some(DomainStatus { state, rat, reject_cause })
}

/// The technology of an `<AcT>`, TS 27.007 7.2.
fn rat_of(act: u32) -> Option<Rat> {
    match act {
        0 | 1 | 3 | 8 => Some(Rat::Gsm),
        2 | 4..=6 => Some(Rat::Umts),
        7 | 9 | 10 => Some(Rat::Lte),
        11..=13 => Some(Rat::Nr5g),
        _ => None,
    }
}

/// What +COPS? says, TS 27.007 7.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// The network is chosen by the modem; else by somebody, or there is none on purpose.
    pub is_automatic: bool,
    /// The network, when its numeric name was asked for.
    pub plmn: Option<Plmn>,
    /// Its name, when that was asked for. Hostile text.
    pub name: Option<String>,
    /// The technology in use.
    pub rat: Option<Rat>,
}

/// Asks for the network by its number.
pub const COPS_NUMERIC: &str = "+COPS=3,2;+COPS?";

/// Asks for the network by its name.
pub const COPS_NAME: &str = "+COPS=3,0;+COPS?";

/// Leaves the choice of network to the modem, or chooses this one.
pub fn cops_select(plmn: Option<Plmn>) -> Command {
    match plmn {
        Some(plmn) => Command::own(format!("AT+COPS=1,2,\"{plmn}\"")),
        None => Command::execute("+COPS=0"),
    }
}

/// The networks in the answer to `+COPS=?`, TS 27.007 7.3: groups in parentheses of state, long
/// name, short name, number and technology, and behind two commas what else the modem knows.
pub fn parse_networks(lines: &[String]) -> Vec<FoundNetwork> {
    let mut networks = Vec::new();
    for line in lines {
        let Some(groups) = Params::of(line.trim(), "+COPS") else { continue };
        for group in groups {
            if group.text.is_empty() {
                break;
            }
            let fields = group.text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
            if let Some(network) = fields.and_then(network) {
                networks.push(network);
            }
        }
    }
    networks
}

fn network(fields: &str) -> Option<FoundNetwork> {
    let fields = Params::new(fields).list(usize::MAX);
    let text = |at: usize| fields.get(at)?.present();
    let number = |at: usize| fields.get(at)?.number();
    let state = match number(0)? {
        1 => NetworkState::Available,
        2 => NetworkState::Current,
        3 => NetworkState::Forbidden,
        _ => NetworkState::Unknown,
    };
    let plmn = Plmn::parse(text(3)?).ok()?;
    Some(FoundNetwork {
        plmn,
        operator: text(1).or(text(2)).map(str::to_owned),
        rat: number(4).and_then(rat_of),
        state,
    })
}

/// The answer to [`COPS_NUMERIC`] and [`COPS_NAME`].
pub fn parse_cops(lines: &[String]) -> Option<Operator> {
    let fields = Params::find(lines, "+COPS")?.list(usize::MAX);
    let number = |at: usize| fields.get(at)?.number();
    let mut operator = Operator {
        is_automatic: number(0)? == 0,
        rat: number(3).and_then(rat_of),
        ..Operator::default()
    };
    let text = fields.get(2).map_or("", |field| field.text);
    if number(1) == Some(2) {
        operator.plmn = Plmn::parse(text).ok();
    } else if !text.is_empty() {
        operator.name = Some(text.to_owned());
    }
    Some(operator)
}

/// Chooses the technologies: the `<n>` of +WS46, TS 27.007 5.9.
///
/// # Errors
/// [`Error::bad_value`] when there is no number for just these.
pub fn ws46_select(modes: &[Rat]) -> Result<Command, Error> {
    /// Sorted as [`Rat`] is.
    const NUMBERS: &[(&[Rat], u8)] = &[
        (&[], 25),
        (&[Rat::Gsm], 12),
        (&[Rat::Umts], 22),
        (&[Rat::Lte], 28),
        (&[Rat::Nr5g], 36),
        (&[Rat::Gsm, Rat::Umts], 29),
        (&[Rat::Gsm, Rat::Lte], 30),
        (&[Rat::Umts, Rat::Lte], 31),
        (&[Rat::Lte, Rat::Nr5g], 37),
        (&[Rat::Gsm, Rat::Umts, Rat::Lte], 35),
    ];
    let mut wanted = modes.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let number = NUMBERS.iter().find(|(modes, _)| *modes == wanted).map(|(_, number)| *number);
    Command::set("+WS46").number(number.ok_or(Error::bad_value(&"modes"))?).build()
}

/// What the modem hears: the answer to `AT+CESQ`, TS 27.007 8.69; `None` when nothing was measured.
pub fn parse_cesq(lines: &[String]) -> Option<Signal> {
    let fields = Params::find(lines, "+CESQ")?.list(usize::MAX);
    let level = |at: usize, max: i16| {
        let level = i16::try_from(fields.get(at)?.number()?).ok()?;
        (level <= max).then_some(level)
    };
    let mut signal = Signal::default();
    if let Some(rsrp) = level(7, 126) {
        signal.rat = Some(Rat::Nr5g);
        signal.rsrp_dbm = Some(rsrp - 157);
        signal.rsrq_db = level(6, 126).map(|level| level / 2 - 43);
        signal.sinr_tenth_db = level(8, 127).map(|level| level * 5 - 230);
    } else if let Some(rsrp) = level(5, 97) {
        signal.rat = Some(Rat::Lte);
        signal.rsrp_dbm = Some(rsrp - 141);
        signal.rsrq_db = level(4, 34).map(|level| (level - 40) / 2);
    } else if let Some(rscp) = level(2, 96) {
        signal.rat = Some(Rat::Umts);
        signal.rssi_dbm = Some(rscp - 121);
        signal.ecio_db = level(3, 49).map(|level| (level - 49) / 2);
    } else {
        signal.rat = Some(Rat::Gsm);
        signal.rssi_dbm = Some(level(0, 63)? - 111);
    }
    Some(signal)
}

/// The same of a modem without +CESQ: the answer to `AT+CSQ`, TS 27.007 8.5.
pub fn parse_csq(lines: &[String]) -> Option<Signal> {
    let level =
        i16::try_from(Params::first_number(lines, "+CSQ")?).ok().filter(|level| *level <= 31)?;
    Some(Signal { rssi_dbm: Some(level * 2 - 113), ..Signal::default() })
}
