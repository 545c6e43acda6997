//! The AT commands one by one.

use super::super::qmi::{Context, DeviceAct};
use super::super::world::radio::OperatingMode;
use super::dial::Done;
use super::{
    At, Failure, REPORTS, bands, card, cell, dial_commands, gnss, messages, pin_state, radio,
    registration_number, ussd,
};
use crate::sim::config::Front;
use crate::sim::product::Function;
use crate::sim::world::air::{OTHERS, Other};
use crate::sim::world::radio::Registration;

/// Runs one command; what it prints goes to `output`.
pub(super) fn run(
    at: &mut At,
    context: &mut Context<'_>,
    command: &str,
    output: &mut String,
) -> Result<Done, Failure> {
    let end = command.find(['=', '?']).unwrap_or(command.len());
    let (name, tail) = command.split_at_checked(end).unwrap_or((command, ""));
    let name = name.to_ascii_uppercase();
    if let Some(result) = dial_commands::run(at, context, &name, tail, output) {
        return result;
    }
    if let Some(result) = card::run(at, context, &name, tail, output) {
        return result.map(|()| Done::Now);
    }
    if let Some(result) = messages::run(at, context, &name, tail, output) {
        return result.map(|()| Done::Now);
    }
    if let Some(result) = ussd::run(at, context, &name, tail) {
        return result;
    }
    if let Some(lines) = radio::run(context, &name, tail) {
        return lines.map(|lines| {
            at.say(output, &lines);
            Done::Now
        });
    }
    if let Some(result) = gnss::run(at, context, &command.to_ascii_uppercase(), output) {
        return result.map(|()| Done::Now);
    }
    if let Some(result) = bands::run(at, context, &name, tail, output) {
        return result.map(|()| Done::Now);
    }
    if name == "+QUIMSLOT" && context.world.other.is_some() {
        return slot(at, context, tail, output).map(|()| Done::Now);
    }
    run_common(at, context, &name, tail, output).map(|()| Done::Now)
}

/// Quectel's slots for SIMs.
fn slot(
    at: &At,
    context: &mut Context<'_>,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    let (cards, used) = context.world.own_cards();
    let Some(slot) = tail.strip_prefix('=').filter(|_| cards.len() > 1) else {
        at.say(output, &format!("+QUIMSLOT: {used}"));
        return Ok(());
    };
    let ready = context.config.timings.sim_ready;
    let slot = slot.parse().unwrap_or(0);
    let is_there = context.world.use_slot(context.now, slot, ready);
    if is_there { Ok(()) } else { Err(Failure::Error) }
}

/// What modems of all kinds have.
fn run_common(
    at: &mut At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    if let Some(text) = identity(context, name).filter(|_| ["", "=?"].contains(&tail)) {
        information(at, output, tail, &text);
        return Ok(());
    }
    if let Some(index) = REPORTS.iter().position(|report| *report == name) {
        return registration(at, context, index, tail, output);
    }
    match (name, tail) {
        ("", "") => {}
        ("E" | "E0", "") => at.echo = false,
        ("E1", "") => at.echo = true,
        ("V" | "V0", "") => at.verbose = false,
        ("V1", "") => at.verbose = true,
        ("Z" | "Z0" | "&F" | "&F0" | "&W" | "Q0" | "H" | "H0" | "X4" | "S0" | "S7", _) => {}
        ("I" | "I0", "") => {
            let revision = &context.config.identity.revision;
            at.say(output, &format!("Quectel\r\nEC25\r\nRevision: {revision}"));
        }
        ("+CMEE", _) => return setting(&mut at.cmee, 2, tail, output, "+CMEE"),
        ("+CFUN", _) => return functionality(at, context, tail, output),
        ("+CPIN", _) => return pin(at, context, tail, output),
        ("+CIMI", "") => {
            usable(context)?;
            at.say(output, &context.world.uicc.imsi);
        }
        ("+CCID" | "+QCCID" | "+ICCID", "") => {
            if !context.world.uicc.is_present() {
                return Err(Failure::Cme(10));
            }
            at.say(output, &format!("{name}: {}", context.world.uicc.iccid));
        }
        ("+CSQ", "") => {
            let radio = &context.world.radio;
            let heard = radio.mode == OperatingMode::Online;
            let rssi = ((i16::from(radio.signal.rssi_dbm) + 113) / 2).clamp(0, 31);
            let rssi = if heard { rssi } else { 99 };
            at.say(output, &format!("+CSQ: {rssi},99"));
        }
        ("+CESQ", "") if context.config.front == Front::At => {
            let signal = &context.world.radio.signal;
            let (rsrq, rsrp) = (i16::from(signal.rsrq_db) * 2 + 40, signal.rsrp_dbm + 141);
            at.say(output, &format!("+CESQ: 99,99,255,255,{rsrq},{rsrp}"));
        }
        ("+CCLK", "?") | ("+QLTS", "=1") if context.world.radio.is_registered() => {
            network_time(at, context, name, output);
        }
        ("+WS46", _) if context.config.front == Front::At => {
            return bands::ws46(context, tail, |text| at.say(output, text));
        }
        ("^RESET" | "!RESET" | "+CRESET" | "#REBOOT", "") if context.config.front == Front::At => {
            at.device_act = Some(DeviceAct::Reset);
        }
        ("+COPS", _) => return operator(at, context, tail, output),
        ("+CGATT", "?") => {
            let attached = u8::from(context.world.radio.is_registered());
            at.say(output, &format!("+CGATT: {attached}"));
        }
        ("+TOKEN", _) => return token(at, tail, output),
        ("+QPOWD", "" | "=0" | "=1") => at.device_act = Some(DeviceAct::PowerOff),
        ("+CMGF" | "+CNMI", _) if context.config.front == Front::At => return Err(Failure::Error),
        ("+CMGF" | "+CNMI" | "+CRC" | "+QURCCFG" | "+CTZR" | "+IFC", _) => {}
        ("+QCFG", _) => return usbnet(at, context, tail, output),
        _ => return Err(Failure::Error),
    }
    Ok(())
}

/// No modem has this: each answer is another, and says to which question it belongs.
fn token(at: &At, tail: &str, output: &mut String) -> Result<(), Failure> {
    let mut words = tail.trim_start_matches('=').split(',');
    let token: u16 = words.next().and_then(|n| n.parse().ok()).ok_or(Failure::Error)?;
    if words.next().is_some() {
        return Err(Failure::Cme(1_000 + token % 1_000));
    }
    at.say(output, &format!("+TOKEN: {token}"));
    Ok(())
}

/// What the modem is on USB, now and after its next restart.
fn usbnet(
    at: &At,
    context: &mut Context<'_>,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    let rest = tail.strip_prefix("=\"usbnet\"").ok_or(Failure::Error)?;
    let Some(number) = rest.strip_prefix(',') else {
        let function = context.world.usb_setting.unwrap_or(context.config.function);
        at.say(output, &format!("+QCFG: \"usbnet\",{}", function.usbnet()));
        return Ok(());
    };
    let function = number.parse().ok().and_then(Function::of_usbnet).ok_or(Failure::Error)?;
    context.world.usb_setting = Some(function);
    Ok(())
}

fn information(at: &At, output: &mut String, tail: &str, text: &str) {
    if tail.is_empty() {
        at.say(output, text);
    }
}

/// A number from 0 to `max` that can be set and read.
fn setting(
    value: &mut u8,
    max: u8,
    tail: &str,
    output: &mut String,
    name: &str,
) -> Result<(), Failure> {
    match tail.strip_prefix('=') {
        Some("?") => output.push_str(&format!("\r\n{name}: (0-{max})\r\n")),
        Some(text) => {
            let number: u8 = text.trim().parse().map_err(|_| Failure::Cme(50))?;
            if number > max {
                return Err(Failure::Cme(50));
            }
            *value = number;
        }
        None if tail == "?" => output.push_str(&format!("\r\n{name}: {value}\r\n")),
        None => return Err(Failure::Error),
    }
    Ok(())
}

fn registration(
    at: &mut At,
    context: &Context<'_>,
    index: usize,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    let (Some(name), Some(level)) = (REPORTS.get(index), at.reports.get_mut(index)) else {
        return Err(Failure::Error);
    };
    if let (3, "?", Registration::Denied(cause)) = (*level, tail, context.world.radio.registration)
    {
        let line = format!("{name}: 3,3,,,,0,{cause}");
        at.say(output, &line);
        return Ok(());
    }
    if tail == "?" {
        let state = registration_number(context.world.radio.registration);
        let line = format!("{name}: {level},{state}{}", cell(context.world, *level));
        at.say(output, &line);
        return Ok(());
    }
    let max = if context.config.front == Front::At { 3 } else { 2 };
    setting(level, max, tail, output, name)
}

fn functionality(
    at: &mut At,
    context: &mut Context<'_>,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    let mode = match tail {
        "?" => {
            let number = match context.world.radio.mode {
                OperatingMode::Online => 1,
                OperatingMode::LowPower => 4,
                OperatingMode::FactoryTest => 5,
                OperatingMode::Offline | OperatingMode::PersistentLowPower => 0,
            };
            at.say(output, &format!("+CFUN: {number}"));
            return Ok(());
        }
        "=?" => {
            at.say(output, "+CFUN: (0,1,4),(0,1)");
            return Ok(());
        }
        "=1,1" => {
            at.device_act = Some(DeviceAct::Reset);
            return Ok(());
        }
        "=15" | "=16" if context.config.front == Front::At => {
            at.device_act = Some(DeviceAct::Reset);
            return Ok(());
        }
        "=0" | "=0,0" => OperatingMode::PersistentLowPower,
        "=1" | "=1,0" => OperatingMode::Online,
        "=4" | "=4,0" => OperatingMode::LowPower,
        _ => return Err(Failure::Cme(50)),
    };
    context.world.set_mode(context.now, mode);
    Ok(())
}

fn pin(at: &At, context: &mut Context<'_>, tail: &str, output: &mut String) -> Result<(), Failure> {
    if tail == "?" {
        let state = pin_state(context.world).map_err(Failure::Cme)?;
        at.say(output, &format!("+CPIN: {state}"));
        return Ok(());
    }
    let Some(codes) = tail.strip_prefix('=').filter(|codes| *codes != "?") else {
        return if tail == "=?" { Ok(()) } else { Err(Failure::Error) };
    };
    let codes: Vec<&str> = codes.split(',').map(|code| code.trim().trim_matches('"')).collect();
    let state = pin_state(context.world).map_err(Failure::Cme)?;
    let uicc = &mut context.world.uicc;
    let result = match (state, codes.as_slice()) {
        ("SIM PIN", [pin]) => uicc.verify(pin),
        ("SIM PUK", [puk, new]) => uicc.unblock(puk, new),
        // No code is due.
        _ => return Err(Failure::Cme(3)),
    };
    context.world.uicc_changed(context.now);
    result.map_err(card::cme_of)
}

/// The card is readable, or the error that says what it lacks.
fn usable(context: &Context<'_>) -> Result<(), Failure> {
    match pin_state(context.world) {
        Ok("READY") => Ok(()),
        Ok("SIM PIN") => Err(Failure::Cme(11)),
        Ok(_) => Err(Failure::Cme(12)),
        Err(code) => Err(Failure::Cme(code)),
    }
}

fn operator(
    at: &mut At,
    context: &mut Context<'_>,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    let network = &context.config.network;
    match tail {
        "?" if context.world.radio.is_registered() => {
            let name = match at.operator_format {
                2 => format!("{:03}{:02}", network.mcc, network.mnc),
                _ => network.name.clone(),
            };
            let format = at.operator_format;
            at.say(output, &format!("+COPS: 0,{format},\"{name}\",7"));
        }
        "?" => at.say(output, "+COPS: 0"),
        "=?" if context.config.front == Front::At => {
            let state = if context.world.radio.is_registered() { 2 } else { 1 };
            let own = format!(
                "({state},\"{0}\",\"{0}\",\"{1:03}{2:02}\",7)",
                network.name, network.mcc, network.mnc
            );
            let others = OTHERS.iter().map(|other| {
                let state = if other.is_forbidden { 3 } else { 1 };
                let Other { mcc, mnc, name, .. } = other;
                format!("({state},\"{name}\",\"{name}\",\"{mcc:03}{mnc:02}\",7)")
            });
            let list: Vec<_> = core::iter::once(own).chain(others).collect();
            at.say(output, &format!("+COPS: {},,(0,1,2,3,4),(0,1,2)", list.join(",")));
        }
        "=0" => {
            let was_chosen = context.world.radio.manual_plmn.take().is_some();
            context.world.radio.attach_wanted = true;
            context.world.settle(context.now);
            if was_chosen {
                context.world.search_again(context.now);
            }
        }
        "=2" => {
            context.world.radio.attach_wanted = false;
            context.world.settle(context.now);
        }
        _ if tail.starts_with("=1,2,") && context.config.front == Front::At => {
            let digits = tail.trim_start_matches("=1,2,").trim_matches('"');
            let (mcc, mnc) = digits.split_at_checked(3).ok_or(Failure::Cme(50))?;
            let code = |text: &str| text.parse().map_err(|_| Failure::Cme(50));
            let barred = |other: &Other| {
                other.is_forbidden && digits == format!("{:03}{:02}", other.mcc, other.mnc)
            };
            if OTHERS.iter().any(barred) {
                // TS 27.007 9.2.2.1: network not allowed, emergency calls only.
                return Err(Failure::Cme(32));
            }
            context.world.radio.manual_plmn = Some((code(mcc)?, code(mnc)?));
            context.world.search_again(context.now);
        }
        "=3,0" => at.operator_format = 0,
        "=3,2" => at.operator_format = 2,
        _ => return Err(Failure::Cme(50)),
    }
    Ok(())
}

fn network_time(at: &At, context: &Context<'_>, name: &str, output: &mut String) {
    let time = context.config.network.time(context.now);
    let [year, month, day, hour, minute, second] = time.unwrap_or([80, 1, 6, 0, 0, 0]);
    // Summer time is no part of the zone.
    let (hour, dst) = if name == "+CCLK" { (hour + 1, "") } else { (hour, ",0") };
    let year = if name == "+CCLK" { year % 100 } else { year };
    let time = format!("{year:02}/{month:02}/{day:02},{hour:02}:{minute:02}:{second:02}");
    at.say(output, &format!("{name}: \"{time}+04{dst}\""));
}

/// What TS 27.007 5.1 to 5.4 ask.
fn identity(context: &Context<'_>, name: &str) -> Option<String> {
    let (maker, model) = context.config.names();
    let identity = &context.config.identity;
    Some(match name {
        "+GMI" | "+CGMI" => maker.to_owned(),
        "+GMM" | "+CGMM" => model.to_owned(),
        "+GMR" | "+CGMR" => identity.revision.clone(),
        "+GSN" | "+CGSN" => identity.imei.clone(),
        _ => return None,
    })
}
