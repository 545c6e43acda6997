//! Who shares the AT port with the daemon, for a day: every answer belongs to its question.

use ltewan::types::{Table, Value};

use super::USB1;
use super::router::Router;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// xorshift64*
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit
    }
}

/// Somebody who asks over and over, each time something that has another answer.
#[derive(Default)]
struct Client {
    waiting: Option<(u64, u64)>,
    next_at: u64,
    answered: u64,
    refused: u64,
    late: u64,
}

impl Client {
    fn turn(&mut self, router: &mut Router, chance: &mut Chance, token: &mut u64) {
        let now = router.now_ms();
        if let Some((call, token)) = self.waiting {
            let Some((_, result)) = router.reply(call) else { return };
            match result {
                Ok(answer) => {
                    let lines = answer.get_array("lines").unwrap();
                    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                    match answer.get_str("result") {
                        Some("OK") => {
                            assert_eq!(lines, [format!("+TOKEN: {token}")], "{}", router.tail());
                            self.answered += 1;
                        }
                        Some(refusal) => {
                            // The token is in the refusal as well.
                            let code = 1_000 + token % 1_000;
                            assert_eq!(refusal, format!("+CME ERROR: error {code}"));
                            self.refused += 1;
                        }
                        None => panic!("no result"),
                    }
                }
                Err(error) => {
                    // A port on which answers are lost is opened anew now and then.
                    let known = ["TIMEOUT", "NOT_SUPPORTED", "MODEM"].contains(&error.code);
                    assert!(known, "{}", error.message);
                    self.late += 1;
                }
            }
            self.waiting = None;
            self.next_at = now + chance.below(12_000);
        } else if self.next_at <= now {
            *token += 1;
            let refuse = if chance.below(8) == 0 { ",1" } else { "" };
            let timeout = [300, 1_500, 20_000][usize::try_from(chance.below(3)).unwrap()];
            let args = Table::new()
                .with("command", format!("AT+TOKEN={token}{refuse}"))
                .with("timeout_ms", timeout);
            self.waiting = Some((router.start_call("at", args), *token));
            router.settle();
        }
    }
}

/// A modem that is dialled over the port the two share, so that the daemon asks as well.
fn a_day(seed: u64) -> [Client; 2] {
    let mut router = Router::new();
    router.interface("wwan", "apn=internet");
    router.at(1_000).plug(USB1, "front=at dialect=quectel messages=on");
    router.at(2_000).ifup("wwan");
    router.run_for(30_000);
    let (mut chance, mut token) = (Chance(seed), 0);
    let mut clients = [Client::default(), Client::default()];
    let mut slow_until = 0;
    while router.now_ms() < DAY_MS {
        let now = router.now_ms();
        if now >= slow_until {
            // Mostly at once, sometimes so late that the answer comes after its time.
            let latency = [0, 20, 200, 900, 2_500][usize::try_from(chance.below(5)).unwrap()];
            router.tell(USB1, &format!("latency at {latency}"));
            slow_until = now + 5_000 + chance.below(90_000);
        }
        match chance.below(400) {
            0 => router.tell(USB1, "lose 1"),
            1..20 => router.tell(USB1, "urc +CUSD: 0"),
            _ => {}
        }
        for client in &mut clients {
            client.turn(&mut router, &mut chance, &mut token);
        }
        router.run_for(200 + chance.below(1_800));
    }
    clients
}

#[test]
fn no_answer_reaches_another_in_24_hours_of_two_who_ask_while_the_daemon_polls() {
    let clients = a_day(0x5eed_a7a7);
    for client in &clients {
        let Client { answered, refused, late, .. } = client;
        assert!(*answered > 3_000 && *refused > 300 && *late > 300, "{answered} {refused} {late}");
    }
}
