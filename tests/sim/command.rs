//! What a test, or a person at the control socket, can do to a modem.
//!
//! | line | effect |
//! |---|---|
//! | `latency MS` | every reply is that late |
//! | `latency SERVICE MESSAGE MS` | replies to this QMI message, or MBIM command, are |
//! | `latency at MS` | replies to AT commands are |
//! | `silence on\|off` | no control port answers or indicates anything |
//! | `hang on\|off` | the same, and USB control transfers are not completed |
//! | `lose N`, `duplicate N` | the next N replies are lost, or sent twice |
//! | `split BYTES` | messages come in pieces of that many bytes; 0 ends it |
//! | `garbage HEX\|off` | these bytes come before every reply |
//! | `drop v4\|v6\|all [CAUSE]` | the network ends the bearer; cause as in TS 24.301 9.9.4.4 |
//! | `drop v4\|v6\|all TYPE REASON` | the same with any verbose call end reason |
//! | | with AT the context with both families ends |
//! | `address v4\|v6\|all` | the bearer gets another address and stays up |
//! | `mtu BYTES` | the MTU of the settings read next |
//! | `data on\|off` | off: bearers stay up but carry nothing |
//! | `policy allow\|v4only\|v6only` | families granted from now on |
//! | `policy reject [TYPE] REASON` | start network fails |
//! | `apn NAME,...\|any` | access point names that exist |
//! | `coverage home\|roaming\|none\|CAUSE` | how registration goes; the modem searches anew |
//! | `deny CAUSE`, `deregister`, `register` | short for the above |
//! | `cells BAND,...` | the bands on which there is a cell; the modem searches anew |
//! | `stubborn on\|off` | it says yes to other bands and keeps its own |
//! | `signal RSSI RSRQ RSRP SNR` | dBm, dB, dBm, tenths of a dB |
//! | `sim absent\|error\|insert\|ready\|pin\|puk\|blocked` | what is in the slot |
//! | `sim notready MS` | the card resets and is readable only then |
//! | `sim retries N` | PIN1 attempts left |
//! | `sim coverage home\|roaming\|none\|CAUSE` | as `coverage`, for the SIM in use alone |
//! | `other ...` | the same as `sim ...` for the SIM in the slot that is not in use |
//! | `slots obey\|refuse\|stay` | it uses another slot, says no, or says yes and does not |
//! | `slots late MS` | it does so that long after it has said yes |
//! | `slots line 1\|2` | the board gives it the card in this slot, to read at its next start |
//! | `time sim\|registration\|bearer\|boot MS` | how long these take from now on |
//! | `sms HEX` | the network brings a message: a TPDU |
//! | `sms direct HEX` | it brings one that the host has to acknowledge, with QMI |
//! | `sms replace INDEX HEX` | the modem holds another at this place, and does not say so |
//! | `sms cdma` | it brings one of 3GPP2, with QMI |
//! | `sms refuse COUNT CAUSE` | the next messages are refused; cause as in TS 24.011 E.2 |
//! | `ussd TEXT`, `ussd? TEXT` | the network says something; the latter waits for a reply |
//! | `urc TEXT` | an unsolicited line on the AT ports |
//! | `reset [MS]` | the firmware restarts; the device is gone from the bus for MS |
//! | `usb FUNCTION` | the same; it comes back as `qmi`, `mbim`, `ecm`, `ncm`, `rndis` or `none` |
//! | `unplug`, `replug [MS]` | gone for good; gone and back |

use ltewan::time::Duration;
use ltewan::types::Band;

use super::config::{millis, number};
use super::product::Function;
use super::world::network::{EndReason, Family, Policy};
use super::world::radio::{Coverage, Signal};
use super::world::{SlotManner, air};

/// One thing to do to a modem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Command {
    /// Every reply is this late.
    Latency(Duration),
    /// Replies to one QMI message (service, message) are this late.
    LatencyOf(u8, u16, Duration),
    /// Replies to AT commands are this late.
    LatencyAt(Duration),
    /// Control ports say nothing.
    Silence(bool),
    /// As silence, and USB control transfers hang.
    Hang(bool),
    /// The next replies are lost.
    Lose(u32),
    /// The next replies come twice.
    Duplicate(u32),
    /// Messages are cut in pieces of this many bytes; 0 ends it.
    Split(usize),
    /// Bytes before every reply; empty ends it.
    Garbage(Vec<u8>),
    /// The network ends bearers.
    Drop(Vec<Family>, EndReason),
    /// The network gives bearers another address.
    Address(Vec<Family>),
    /// Bytes in a packet, from the next settings on.
    Mtu(u16),
    /// Bearers carry packets.
    Data(bool),
    /// Which bearers the network grants.
    Policy(Policy),
    /// Access point names that exist; empty is any.
    Apns(Vec<String>),
    /// How the network receives the modem.
    Coverage(Coverage),
    /// Where there are cells.
    Cells(Vec<Band>),
    /// The satellite receiver finds out where it is, or not.
    Fix(bool),
    /// It keeps its bands whatever it is told.
    Stubborn(bool),
    /// What the receiver measures.
    Signal(Signal),
    /// Something happens to the SIM.
    Sim(SimChange),
    /// Something happens to the SIM in the slot that is not in use.
    Other(SimChange),
    /// How it takes being told to use another slot.
    Slots(SlotManner),
    /// The board connects it to the card in this slot.
    Line(u8),
    /// How long something takes.
    Time(Timing, Duration),
    /// An unsolicited line on the AT ports.
    Urc(String),
    /// The network brings a message.
    Sms(Vec<u8>),
    /// The network brings a message that no memory is to hold.
    DirectSms(Vec<u8>),
    /// A message is replaced by another, unsaid.
    ReplaceSms(u32, Vec<u8>),
    /// The network refuses so many messages, with this cause.
    RefuseSms(u32, u16),
    /// The network says something over USSD, and may wait for a reply.
    Ussd(String, bool),
    /// The firmware restarts; gone from the bus this long, else as configured.
    Reset(Option<Duration>),
    /// It leaves the bus and returns as something else.
    Usb(Function),
    /// The device leaves the bus.
    Unplug,
    /// The device leaves the bus and returns after this long.
    Replug(Duration),
}

/// What can happen to the SIM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SimChange {
    /// It is pulled.
    Absent,
    /// It stops answering.
    Error,
    /// It is put in again, or comes back from an error; PIN state as after power on.
    Insert,
    /// It asks for no PIN.
    Ready,
    /// It asks for PIN1.
    Pin,
    /// It asks for PUK1.
    Puk,
    /// PUK1 is used up.
    Blocked,
    /// It resets and is readable after this long.
    NotReady(Duration),
    /// PIN1 attempts left.
    Retries(u8),
    /// How the network receives it.
    Coverage(Coverage),
}

/// What a `time` command sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Timing {
    Sim,
    Registration,
    Bearer,
    Boot,
}

impl Command {
    /// Reads one line; the message of an error is for people.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["latency" | "silence" | "hang" | "lose" | "duplicate" | "split" | "garbage", ..] => {
                Self::parse_link(&words)
            }
            ["fix", on] => switch(on).map(Self::Fix),
            ["sim", change @ ..] => SimChange::parse(change).map(Self::Sim),
            ["other", change @ ..] => SimChange::parse(change).map(Self::Other),
            ["slots", "obey"] => Ok(Self::Slots(SlotManner::Obeys)),
            ["slots", "refuse"] => Ok(Self::Slots(SlotManner::Refuses)),
            ["slots", "stay"] => Ok(Self::Slots(SlotManner::Stays)),
            ["slots", "line", slot] => number("slots", slot).map(Self::Line),
            ["slots", "late", ms] => {
                millis("slots", ms).map(|ms| Self::Slots(SlotManner::Late(ms)))
            }
            ["urc", ..] => Ok(Self::Urc(line.trim_start().trim_start_matches("urc").trim().into())),
            ["ussd", text @ ..] => Ok(Self::Ussd(text.join(" "), false)),
            ["ussd?", text @ ..] => Ok(Self::Ussd(text.join(" "), true)),
            ["reset"] => Ok(Self::Reset(None)),
            ["reset", ms] => Ok(Self::Reset(Some(millis("reset", ms)?))),
            ["usb", function] => Function::parse(function).map(Self::Usb),
            ["unplug"] => Ok(Self::Unplug),
            ["replug"] => Ok(Self::Replug(Duration::ZERO)),
            ["replug", ms] => Ok(Self::Replug(millis("replug", ms)?)),
            ["time", what, ms] => {
                let timing = match *what {
                    "sim" => Timing::Sim,
                    "registration" => Timing::Registration,
                    "bearer" => Timing::Bearer,
                    "boot" => Timing::Boot,
                    _ => return Err(format!("no time '{what}'")),
                };
                Ok(Self::Time(timing, millis("time", ms)?))
            }
            _ => Self::parse_network(&words).unwrap_or_else(|| Err(format!("what is '{line}'?"))),
        }
    }

    /// Faults of the link.
    fn parse_link(words: &[&str]) -> Result<Self, String> {
        match words {
            ["latency", "at", ms] => Ok(Self::LatencyAt(millis("latency", ms)?)),
            ["latency", ms] => Ok(Self::Latency(millis("latency", ms)?)),
            ["latency", service, message, ms] => Ok(Self::LatencyOf(
                service_number(service)?,
                number("message", message)?,
                millis("latency", ms)?,
            )),
            ["silence", on] => switch(on).map(Self::Silence),
            ["hang", on] => switch(on).map(Self::Hang),
            ["lose", count] => number("lose", count).map(Self::Lose),
            ["duplicate", count] => number("duplicate", count).map(Self::Duplicate),
            ["split", size] => number("split", size).map(Self::Split),
            ["garbage", "off"] => Ok(Self::Garbage(Vec::new())),
            ["garbage", hex] => parse_hex(hex).map(Self::Garbage),
            _ => Err(format!("wrong arguments in '{}'", words.join(" "))),
        }
    }

    /// What the network does; `None` when the line is not about it.
    fn parse_network(words: &[&str]) -> Option<Result<Self, String>> {
        let command = match words {
            ["drop", family] => families(family, |f| Self::Drop(f, EndReason::from_3gpp(36))),
            ["drop", family, cause] => number("cause", cause)
                .and_then(|cause| families(family, |f| Self::Drop(f, EndReason::from_3gpp(cause)))),
            ["drop", family, kind, reason] => {
                match (number("type", kind), number("reason", reason)) {
                    (Ok(6), Ok(cause)) => {
                        families(family, |f| Self::Drop(f, EndReason::from_3gpp(cause)))
                    }
                    (Ok(kind), Ok(reason)) => {
                        families(family, |f| Self::Drop(f, EndReason { call_end: 1, kind, reason }))
                    }
                    (Err(error), _) | (_, Err(error)) => Err(error),
                }
            }
            ["address", family] => families(family, Self::Address),
            ["mtu", bytes] => number("mtu", bytes).map(Self::Mtu),
            ["data", on] => switch(on).map(Self::Data),
            ["policy", policy @ ..] => Policy::parse(policy).map(Self::Policy),
            ["apn", "any"] => Ok(Self::Apns(Vec::new())),
            ["apn", names] => Ok(Self::Apns(names.split(',').map(Into::into).collect())),
            ["sms", "refuse", count, cause] => number("count", count)
                .and_then(|count| Ok(Self::RefuseSms(count, number("cause", cause)?))),
            ["sms", "direct", tpdu] => parse_hex(tpdu).map(Self::DirectSms),
            ["sms", "replace", index, tpdu] => number("index", index)
                .and_then(|index: u32| Ok(Self::ReplaceSms(index, parse_hex(tpdu)?))),
            ["sms", "cdma"] => Ok(Self::Sms(Vec::new())),
            ["sms", tpdu] => parse_hex(tpdu).map(Self::Sms),
            ["deny", cause] | ["coverage", cause] => Coverage::parse(cause).map(Self::Coverage),
            ["deregister"] => Ok(Self::Coverage(Coverage::None)),
            ["register"] => Ok(Self::Coverage(Coverage::Home)),
            ["cells", bands] => air::list(bands).map(Self::Cells),
            ["stubborn", on] => switch(on).map(Self::Stubborn),
            ["signal", values @ ..] => parse_signal(values).map(Self::Signal),
            _ => return None,
        };
        Some(command)
    }
}

impl SimChange {
    fn parse(words: &[&str]) -> Result<Self, String> {
        match words {
            ["absent"] => Ok(Self::Absent),
            ["error"] => Ok(Self::Error),
            ["insert"] => Ok(Self::Insert),
            ["ready"] => Ok(Self::Ready),
            ["pin"] => Ok(Self::Pin),
            ["puk"] => Ok(Self::Puk),
            ["blocked"] => Ok(Self::Blocked),
            ["notready", ms] => Ok(Self::NotReady(millis("notready", ms)?)),
            ["retries", count] => Ok(Self::Retries(number("retries", count)?)),
            ["coverage", coverage] => Coverage::parse(coverage).map(Self::Coverage),
            _ => Err(format!("what is 'sim {}'?", words.join(" "))),
        }
    }
}

fn families(text: &str, make: impl Fn(Vec<Family>) -> Command) -> Result<Command, String> {
    Family::parse(text).map(make)
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("'{text}' is not on or off")),
    }
}

fn service_number(text: &str) -> Result<u8, String> {
    match text {
        "ctl" => Ok(super::qmi::CTL),
        "wds" => Ok(super::qmi::WDS),
        "dms" => Ok(super::qmi::DMS),
        "nas" => Ok(super::qmi::NAS),
        "uim" => Ok(super::qmi::UIM),
        "wda" => Ok(super::qmi::WDA),
        "mbim" => Ok(super::mbim::BASIC_NUMBER),
        "mbimext" => Ok(super::mbim::EXTENSIONS_NUMBER),
        "mbimqmi" => Ok(super::mbim::QMI_NUMBER),
        _ => number("service", text),
    }
}

fn parse_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.ok_or_else(|| format!("'{text}' is not hex"))?;
    let byte = |pair: &[u32]| pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    Ok(digits.chunks(2).filter_map(|pair| u8::try_from(byte(pair)).ok()).collect())
}

fn parse_signal(words: &[&str]) -> Result<Signal, String> {
    let [rssi, rsrq, rsrp, snr] = words else {
        return Err("signal RSSI RSRQ RSRP SNR".into());
    };
    let bad = |_| "signal: not a number in range".to_owned();
    Ok(Signal {
        rssi_dbm: rssi.parse().map_err(bad)?,
        rsrq_db: rsrq.parse().map_err(bad)?,
        rsrp_dbm: rsrp.parse().map_err(bad)?,
        snr_tenth_db: snr.parse().map_err(bad)?,
    })
}
