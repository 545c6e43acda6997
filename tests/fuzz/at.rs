//! AT: lines, results and parameters of any text; and a port with commands, answers and time.

use super::source::Source;
use ltewan::port::at::{AtPort, REPLIES_MAX, URCS_MAX};
use ltewan::time::{Duration, Instant};
use ltewan::wire::at;

pub(crate) fn run(bytes: &[u8]) {
    digest(bytes);
    let mut source = Source::new(bytes);
    let mut now = Instant::from_millis(1);
    let mut port = AtPort::new();
    let mut ids = Vec::new();
    while !source.is_empty() {
        match source.byte() % 8 {
            0 => port.handle_input(now, source.piece()),
            1 => port.handle_input(now, b"\r\nOK\r\n"),
            2 => {
                let text = source.text();
                if let Ok(command) = at::Command::typed(&text) {
                    let line = command.bytes();
                    assert_eq!(line.iter().filter(|c| c.is_ascii_control()).count(), 1);
                    let timeout = Duration::from_millis(u64::from(source.u16()));
                    ids.push(port.request(now, command, timeout));
                }
            }
            3 => {
                let pdu = source.text();
                if let Ok(command) = at::Command::execute("+CMGS").with_pdu(&pdu) {
                    ids.push(port.request(now, command, Duration::from_secs(9)));
                }
            }
            4 => port.handle_input(now, b"\r\n> "),
            5 => {
                let wait = Duration::from_millis(u64::from(source.u16()));
                now = now + wait;
                port.handle_timeout(now);
            }
            6 if !ids.is_empty() => port.cancel(ids.remove(source.below(ids.len()))),
            7 if source.byte() == 255 => port.handle_closed(),
            _ => {}
        }
        for _ in 0..200 {
            let Some((at, _)) = port.poll_timeout().filter(|(at, _)| *at <= now) else { break };
            port.handle_timeout(at.max(now));
        }
        assert!(port.poll_timeout().is_none_or(|(at, _)| at > now), "a deadline in the past");
        // The modem echoes, which is the answer to the port's own questions.
        while let Some(sent) = port.poll_transmit() {
            if source.byte() & 1 == 1 {
                port.handle_input(now, &sent);
                port.handle_input(now, b"\r\nOK\r\n");
            }
        }
        ids.retain(|id| port.take_reply(*id).is_none());
        if source.byte() & 1 == 0 {
            assert!(std::iter::from_fn(|| port.poll_urc()).count() <= URCS_MAX);
        }
        assert!(ids.len() <= REPLIES_MAX);
    }
}

fn digest(bytes: &[u8]) {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some((item, length)) = at::split(rest, bytes.len().is_multiple_of(2)) {
        assert!(length > 0 && length <= rest.len());
        if let at::Split::Line(line) = item {
            lines.push(at::text(line));
        }
        rest = &rest[length..];
    }
    for line in &lines {
        let _ = (at::final_result(line), at::is_urc(line), at::has_pdu(line));
        let _ = at::is_registration_urc(line);
        for param in at::Params::new(line) {
            let _ = (param.number(), param.present());
        }
    }
    for line in &lines {
        let clock = [format!("+CCLK: \"{line}\""), format!("+QLTS: \"{line}\"")];
        let _ = (at::parse_cclk(&clock), at::parse_qlts(&clock));
    }
    let _ = at::parse_networks(&lines);
    for name in ["+CGMI", "+CGSN", "+COPS"] {
        let _ = at::identity_text(&lines, name);
    }
    let _ =
        (at::parse_cgsn(&lines).is_ok(), at::parse_cfun(&lines), at::parse_cpin(&lines).is_ok());
}
