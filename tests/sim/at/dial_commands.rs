//! The commands about contexts and calls, as each vendor's firmware has them.

use super::super::config::{Dialect, Front};
use super::super::qmi::Context;
use super::super::world::World;
use super::super::world::network::Family;
use super::dial::{Done, Pdp};
use super::{At, Failure};

/// Runs a command about data; `None` when it is not one.
pub(super) fn run(
    at: &mut At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
    output: &mut String,
) -> Option<Result<Done, Failure>> {
    if context.config.front != Front::At {
        return None;
    }
    let now = |result: Result<(), Failure>| Some(result.map(|()| Done::Now));
    if let Some(number) = name.strip_prefix("D*99") {
        let cid = number.trim_start_matches('*').trim_end_matches('#');
        return Some(at.dialling.dial_data(context, cid.parse().unwrap_or(1)));
    }
    match (name, tail) {
        ("H" | "H0", _) => {
            at.data = None;
            at.dialling.hang_up(context);
            now(Ok(()))
        }
        ("+CGDCONT", _) => now(contexts(at, tail, output)),
        ("+CGAUTH" | "+QICSGP" | "+XGAUTH", _) => now(authenticate(at, name, tail)),
        ("+CGEREP", _) if context.config.dialect == Dialect::Generic => now(Err(Failure::Error)),
        ("+CGEREP", _) => {
            at.dialling.tells_events = !tail.starts_with("=0");
            now(Ok(()))
        }
        ("+CGPADDR", _) => {
            if let Some(cid) = number(tail) {
                let addresses = given(at, context.world, cid);
                let quoted = addresses.iter().map(|address| format!(",\"{address}\""));
                at.say(output, &format!("+CGPADDR: {cid}{}", quoted.collect::<String>()));
            }
            now(Ok(()))
        }
        ("+CGCONTRDP", _) => now(parameters(at, context, tail, output)),
        ("+CGATT", "=0") => {
            context.world.radio.attach_wanted = false;
            at.dialling.hang_up(context);
            context.world.settle(context.now);
            now(Ok(()))
        }
        ("+CGATT", "=1") => {
            context.world.radio.attach_wanted = true;
            context.world.settle(context.now);
            now(Ok(()))
        }
        ("+CGACT", "?") => {
            let cids: Vec<u8> = at.dialling.contexts.keys().copied().collect();
            for cid in cids {
                let state = u8::from(at.dialling.is_up(cid));
                at.say(output, &format!("+CGACT: {cid},{state}"));
            }
            now(Ok(()))
        }
        ("+CGACT", _) => {
            // HiSilicon's and Quectel's dial by their own command alone.
            let lacks = [Dialect::Huawei, Dialect::Quectel].contains(&context.config.dialect);
            if lacks {
                return now(Err(Failure::Error));
            }
            Some(dial_or_hang_up(at, context, tail, true))
        }
        _ => vendor(at, context, name, tail, output),
    }
}

/// The commands of one vendor alone.
fn vendor(
    at: &mut At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
    output: &mut String,
) -> Option<Result<Done, Failure>> {
    let dialect = context.config.dialect;
    let up = u8::from(!at.dialling.up().is_empty());
    let shown = match (dialect, name, tail) {
        (Dialect::Huawei, "^NDISSTATQRY", "?") => {
            let state = |family| u8::from(at.dialling.up().contains(&family));
            let (v4, v6) = (state(Family::V4), state(Family::V6));
            format!("^NDISSTATQRY: {v4},,,\"IPV4\",{v6},,,\"IPV6\"")
        }
        (Dialect::Quectel, "+QNETDEVCTL", "?") if up == 1 => "+QNETDEVCTL: 1,1,1,1".into(),
        (Dialect::Quectel, "+QNETDEVCTL", "?") => "+QNETDEVCTL: 0,0,0,0".into(),
        (Dialect::Sierra, "!SCACT", "?1") => format!("!SCACT: 1,{up}"),
        (Dialect::Simcom, "$QCRMCALL", "?") if up == 1 => "$QCRMCALL: 1, V4".into(),
        (Dialect::Simcom, "$QCRMCALL", "?") => "$QCRMCALL: 0".into(),
        (Dialect::Fibocom, "+GTRNDIS", "?") if up == 1 => {
            format!("+GTRNDIS: 1,1,\"{}\",\"10.64.0.53\"", context.world.network.v4().address)
        }
        (Dialect::Fibocom, "+GTRNDIS", "?") => "+GTRNDIS: 0".into(),
        (Dialect::Zte, "+ZGACT", "?") => format!("+ZGACT: 1,{up}"),
        (Dialect::Telit, "#ECM", "?") => format!("#ECM: 0,{up}"),
        (Dialect::Ublox, "+UBMCONF", "?") => "+UBMCONF: 1".into(),
        (Dialect::Mediatek, "+GTDNS", "=1") => "+GTDNS: 1,\"10.64.0.53\",\"10.64.0.54\"".into(),
        (Dialect::Xmm, "+XDNS", "?") => "+XDNS: 1,\"10.64.0.53\",\"10.64.0.54\"".into(),
        _ => String::new(),
    };
    if !shown.is_empty() {
        at.say(output, &shown);
        return Some(Ok(Done::Now));
    }
    let fields = tail.strip_prefix('=').unwrap_or_default();
    match (dialect, name) {
        (Dialect::Huawei, "^NDISDUP") => {
            let fields: Vec<&str> = fields.split(',').collect();
            let Some(cid) = fields.first().and_then(|field| field.parse().ok()) else {
                return Some(Err(Failure::Cme(50)));
            };
            if fields.get(1) == Some(&"0") {
                at.dialling.hang_up(context);
                return Some(Ok(Done::Now));
            }
            if let (Some(pdp), [_, _, _, auth @ ..]) =
                (at.dialling.contexts.get_mut(&cid), fields.as_slice())
            {
                pdp.auth = auth.iter().map(|field| field.trim_matches('"').into()).collect();
            }
            Some(at.dialling.dial(context, cid, false))
        }
        (Dialect::Quectel, "+QNETDEVCTL") => Some(dial_or_hang_up(at, context, tail, false)),
        (Dialect::Sierra, "!SCACT") | (Dialect::Fibocom, "+GTRNDIS") | (Dialect::Zte, "+ZGACT") => {
            Some(dial_or_hang_up(at, context, tail, true))
        }
        (Dialect::Simcom, "$QCRMCALL") => Some(dial_or_hang_up(at, context, tail, true)),
        (Dialect::Telit, "#ECM") => {
            Some(at.dialling.dial(context, number(tail).unwrap_or(0), true))
        }
        (Dialect::Telit, "#ECMD") => {
            at.dialling.hang_up(context);
            Some(Ok(Done::Now))
        }
        (Dialect::Xmm, "+XDNS" | "+XDATACHANNEL") => Some(Ok(Done::Now)),
        (Dialect::Xmm, "+CGDATA") if up == 1 => {
            at.dialling.is_bound = true;
            Some(Ok(Done::Now))
        }
        _ => None,
    }
}

/// `=1,CID` or `=0,CID`.
fn dial_or_hang_up(
    at: &mut At,
    context: &mut Context<'_>,
    tail: &str,
    wait: bool,
) -> Result<Done, Failure> {
    let fields: Vec<&str> = tail.trim_start_matches('=').split(',').collect();
    let cid = fields.get(1).and_then(|field| field.parse().ok()).ok_or(Failure::Cme(50))?;
    match fields.first() {
        Some(&"1") => at.dialling.dial(context, cid, wait),
        Some(&"0") => {
            at.dialling.hang_up(context);
            Ok(Done::Now)
        }
        _ => Err(Failure::Cme(50)),
    }
}

fn number(tail: &str) -> Option<u8> {
    tail.strip_prefix('=')?.split(',').next()?.parse().ok()
}

fn contexts(at: &mut At, tail: &str, output: &mut String) -> Result<(), Failure> {
    if tail == "?" {
        for (cid, pdp) in at.dialling.contexts.clone() {
            at.say(output, &format!("+CGDCONT: {cid},\"{}\",\"{}\",\"\",0,0", pdp.kind, pdp.apn));
        }
        return Ok(());
    }
    let cid = number(tail).ok_or(Failure::Cme(50))?;
    let mut fields = tail.split(',').skip(1).map(|field| field.trim_matches('"').to_owned());
    let kind = fields.next().ok_or(Failure::Cme(50))?;
    let apn = fields.next().unwrap_or_default();
    at.dialling.contexts.insert(cid, Pdp { kind, apn, auth: Vec::new() });
    Ok(())
}

fn authenticate(at: &mut At, name: &str, tail: &str) -> Result<(), Failure> {
    let cid = number(tail).ok_or(Failure::Cme(50))?;
    let pdp = at.dialling.contexts.get_mut(&cid).ok_or(Failure::Cme(143))?;
    // +QICSGP has families and access point before.
    let skipped = if name == "+QICSGP" { 3 } else { 1 };
    let fields = tail.split(',').skip(skipped);
    pdp.auth = fields.map(|field| field.trim_matches('"').to_owned()).collect();
    Ok(())
}

fn given(at: &At, world: &World, cid: u8) -> Vec<String> {
    if !at.dialling.is_up(cid) {
        return Vec::new();
    }
    let address = |family: &Family| match family {
        Family::V4 => world.network.v4().address.to_string(),
        Family::V6 => world.network.v6().address.to_string(),
    };
    at.dialling.up().iter().map(address).collect()
}

fn parameters(
    at: &At,
    context: &Context<'_>,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    let cid = number(tail).ok_or(Failure::Cme(50))?;
    let mtu = context.world.network.mtu;
    for family in at.dialling.up().iter().filter(|_| at.dialling.is_up(cid)) {
        let apn = at.dialling.contexts.get(&cid).map_or("", |pdp| &pdp.apn);
        let line = match family {
            Family::V4 => {
                let v4 = context.world.network.v4();
                format!(
                    "\"{}.{}\",\"{}\",\"{}\",\"{}\"",
                    v4.address, v4.mask, v4.gateway, v4.dns[0], v4.dns[1]
                )
            }
            Family::V6 => {
                let v6 = context.world.network.v6();
                let dotted = |address: core::net::Ipv6Addr| {
                    address.octets().map(|octet| octet.to_string()).join(".")
                };
                let mask = ["255"; 8].join(".") + ".0.0.0.0.0.0.0.0";
                format!(
                    "\"{}.{mask}\",\"{}\",\"{}\",\"{}\"",
                    dotted(v6.address),
                    dotted(v6.gateway),
                    dotted(v6.dns[0]),
                    dotted(v6.dns[1])
                )
            }
        };
        // MediaTek's has the address alone.
        let line = if context.config.dialect == Dialect::Mediatek {
            line.split(',').next().unwrap_or_default().to_owned()
        } else {
            format!("{line},,,,,{mtu}")
        };
        at.say(output, &format!("+CGCONTRDP: {cid},5,\"{apn}\",{line}"));
    }
    Ok(())
}
