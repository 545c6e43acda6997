//! What a modem that is controlled over AT says of the SIM beside +CPIN.

use super::super::config::{Dialect, Front};
use super::super::qmi::Context;
use super::super::world::uicc::{PinError, PinState};
use super::{At, Failure};

/// The +CME error of a refusal.
pub(super) fn cme_of(refusal: PinError) -> Failure {
    Failure::Cme(match refusal {
        PinError::NotReady => 14,
        PinError::IncorrectPin => 16,
        PinError::Blocked => 12,
        PinError::PermanentlyBlocked => 13,
        PinError::NoEffect => 3,
        PinError::InvalidArgument => 50,
    })
}

/// Runs a command about the SIM; `None` when it is not one.
pub(super) fn run(
    at: &At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
    output: &mut String,
) -> Option<Result<(), Failure>> {
    if context.config.front != Front::At {
        return None;
    }
    if ["+CLCK", "+CPWD"].contains(&name) {
        return Some(lock(at, context, name, tail, output));
    }
    let uicc = &context.world.uicc;
    let (pin, puk) = (uicc.pin_retries, uicc.puk_retries);
    let shown = match (context.config.dialect, name, tail) {
        (_, "+CNUM", "") if uicc.is_ready() && !uicc.number.is_empty() => {
            format!("+CNUM: \"Own, \",\"{}\",145", uicc.number)
        }
        (Dialect::Quectel, "+QPINC", "?") => {
            format!("+QPINC: \"SC\",{pin},{puk}\r\n+QPINC: \"P2\",3,10")
        }
        (Dialect::Huawei, "^CPIN", "?") => {
            let (code, times) = match uicc.pin1 {
                PinState::Disabled | PinState::EnabledVerified => ("READY", String::new()),
                PinState::EnabledNotVerified => ("SIM PIN", pin.to_string()),
                PinState::Blocked | PinState::PermanentlyBlocked => ("SIM PUK", puk.to_string()),
            };
            format!("^CPIN: {code},{times},{puk},{pin},10,3")
        }
        (Dialect::Simcom, "+SPIC", "") => format!("+SPIC: {pin},{puk},3,10"),
        (Dialect::Sierra, "+CPINC", "") => format!("+CPINC: {pin},3,{puk},10"),
        (Dialect::Ublox, "+UPINCNT", "") => format!("+UPINCNT: {pin},3,{puk},10"),
        (Dialect::Telit, "#PCT", "") => {
            let is_blocked = uicc.pin1 == PinState::Blocked;
            format!("#PCT: {}", if is_blocked { puk } else { pin })
        }
        (
            Dialect::Fibocom | Dialect::Mediatek | Dialect::Zte | Dialect::Xmm | Dialect::Generic,
            "+CPINR",
            "",
        ) => format!("+CPINR: SIM PIN,{pin},3\r\n+CPINR: SIM PUK,{puk},10"),
        _ => return None,
    };
    if !uicc.is_present() {
        return Some(Err(Failure::Cme(10)));
    }
    at.say(output, &shown);
    Some(Ok(()))
}

fn lock(
    at: &At,
    context: &mut Context<'_>,
    name: &str,
    tail: &str,
    output: &mut String,
) -> Result<(), Failure> {
    let fields = tail.trim_start_matches('=').split(',');
    let fields: Vec<&str> = fields.map(|field| field.trim_matches('"')).collect();
    let uicc = &mut context.world.uicc;
    let result = match (name, fields.as_slice()) {
        ("+CLCK", ["SC", "2"]) => {
            let enabled = u8::from(uicc.pin1 != PinState::Disabled);
            at.say(output, &format!("+CLCK: {enabled}"));
            return Ok(());
        }
        ("+CLCK", ["SC", mode @ ("0" | "1"), pin]) => uicc.protect(*mode == "1", pin),
        ("+CPWD", ["SC", old, new]) => uicc.change(old, new),
        _ => return Err(Failure::Cme(50)),
    };
    context.world.uicc_changed(context.now);
    result.map_err(cme_of)
}
