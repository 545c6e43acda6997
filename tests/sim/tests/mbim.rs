//! The MBIM front, on bytes written down from the specification.

use super::{Bench, Port, hex};

const BASIC: &str = "a289cc33 bcbb 8b4f b6b0 133ec2aae6df";
const INTERNET: &str = "7e5e2a7e 4e6f 7272 736b 656e7e5e2a7e";

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

impl Bench {
    fn mbim(settings: &str) -> Self {
        let mut bench = Self::new(&format!("front=mbim {settings}"));
        bench.modem.handle_input(
            bench.now,
            Port::Mbim,
            &hex("01000000 10000000 01000000 00100000"),
        );
        assert_eq!(
            bench.output(Port::Mbim),
            [hex("01000080 10000000 01000000 00000000")],
            "the function opens"
        );
        bench
    }

    /// Sends a command of Basic Connect; `info` is hex.
    fn command_of(&mut self, cid: u8, set: bool, info: &str) {
        let info = hex(info);
        let total = u8::try_from(48 + info.len()).unwrap();
        let head = format!("03000000 {total:02x}000000 05000000 01000000 00000000 {BASIC}");
        let set = u8::from(set);
        let tail = format!("{cid:02x}000000 {set:02x}000000 {:02x}000000", info.len());
        let frame = [hex(&head), hex(&tail), info].concat();
        self.modem.handle_input(self.now, Port::Mbim, &frame);
    }

    /// Sends a command and returns the status and the buffer of its reply.
    fn ask_mbim(&mut self, cid: u8, set: bool, info: &str) -> (u32, Vec<u8>) {
        self.command_of(cid, set, info);
        let frame = self.output(Port::Mbim).remove(0);
        assert_eq!((long(&frame, 0), long(&frame, 8)), (0x8000_0003, 5));
        assert_eq!(frame[20..36], hex(BASIC));
        assert_eq!(long(&frame, 36), u32::from(cid));
        assert_eq!(usize::try_from(long(&frame, 44)).unwrap(), frame.len() - 48);
        (long(&frame, 40), frame[48..].to_vec())
    }

    /// Activates session 0 for a type of families, with no access point.
    fn activate(&mut self, families: u8) -> (u32, Vec<u8>) {
        let none = "00000000 00000000";
        let info = format!(
            "00000000 01000000 {none} {none} {none} 00000000 00000000 \
             {families:02x}000000 {INTERNET}"
        );
        self.ask_mbim(12, true, &info)
    }

    /// The commands that the modem told of by itself.
    fn told(&mut self) -> Vec<u32> {
        let frames = self.output(Port::Mbim);
        let told = frames.iter().filter(|frame| long(frame, 0) == 0x8000_0007);
        told.map(|frame| long(frame, 36)).collect()
    }
}

#[test]
fn a_function_that_is_closed_answers_with_an_error() {
    let mut bench = Bench::new("front=mbim");
    bench.command_of(3, false, "");
    assert_eq!(bench.output(Port::Mbim), [hex("04000080 10000000 05000000 05000000")]);
    let mut bench = Bench::mbim("");
    assert_eq!(bench.ask_mbim(3, false, ""), (0, hex("01000000 01000000")));
    bench.modem.handle_input(bench.now, Port::Mbim, &hex("02000000 0c000000 06000000"));
    assert_eq!(bench.output(Port::Mbim), [hex("02000080 10000000 06000000 00000000")]);
    bench.command_of(3, false, "");
    assert_eq!(long(&bench.output(Port::Mbim)[0], 0), 0x8000_0004);
}

#[test]
fn a_session_has_the_families_that_the_network_gives() {
    for (policy, granted, v4, v6) in
        [("allow", 3, 15, 15), ("v4only", 1, 15, 0), ("v6only", 2, 0, 15)]
    {
        let mut bench = Bench::mbim(&format!("policy={policy}"));
        let (status, info) = bench.activate(3);
        assert_eq!((status, long(&info, 4), long(&info, 12)), (0, 1, granted), "{policy}");
        let (status, info) = bench.ask_mbim(15, false, &format!("00000000 {}", "00".repeat(56)));
        assert_eq!((status, long(&info, 4), long(&info, 8)), (0, v4, v6), "{policy}");
    }
    let mut bench = Bench::mbim("policy=v4only families=single");
    let (status, info) = bench.activate(3);
    assert_eq!((status, long(&info, 32)), (2, 50));
    assert_eq!(bench.activate(1).0, 0);
    let mut bench = Bench::mbim("reject=27");
    let (status, info) = bench.activate(1);
    assert_eq!((status, long(&info, 4), long(&info, 32)), (2, 3, 27));
}

#[test]
fn what_happens_to_a_session_is_told() {
    let mut bench = Bench::mbim("");
    bench.told();
    bench.activate(3);
    assert!(bench.told().is_empty());
    bench.command("address v4");
    bench.command("drop v6 36");
    assert_eq!(bench.told(), [15, 15]);
    bench.command("drop v4 36");
    let frame = bench.output(Port::Mbim).remove(0);
    assert_eq!((long(&frame, 36), long(&frame, 48), long(&frame, 76)), (12, 3, 36));
    assert_eq!(bench.ask_mbim(15, false, &"00".repeat(60)).0, 16, "nothing to configure");
}

#[test]
fn a_wrong_pin_costs_an_attempt_and_says_so() {
    let mut bench = Bench::mbim("sim=pin");
    let enter = |pin: &str| {
        let pin: String = pin.bytes().map(|digit| format!("{digit:02x}00")).collect();
        format!("02000000 00000000 18000000 08000000 00000000 00000000 {pin}")
    };
    assert_eq!(bench.ask_mbim(4, false, ""), (0, hex("02000000 01000000 03000000")));
    let (status, info) = bench.ask_mbim(4, true, &enter("0000"));
    assert_eq!((status, info), (2, hex("02000000 01000000 02000000")));
    let (status, info) = bench.ask_mbim(4, true, &enter("1234"));
    assert_eq!((status, info), (0, hex("02000000 00000000 03000000")));
}

#[test]
fn commands_in_fragments_are_put_together_and_long_replies_cut() {
    let mut bench = Bench::mbim("");
    let open = hex("01000000 10000000 01000000 40000000");
    bench.modem.handle_input(bench.now, Port::Mbim, &open);
    bench.output(Port::Mbim);
    let first = hex(&format!("03000000 28000000 07000000 02000000 00000000 {BASIC} 01000000"));
    let second = hex("03000000 1c000000 07000000 02000000 01000000 00000000 00000000");
    bench.modem.handle_input(bench.now, Port::Mbim, &first);
    assert!(bench.output(Port::Mbim).is_empty());
    bench.modem.handle_input(bench.now, Port::Mbim, &second);
    let frames = bench.output(Port::Mbim);
    assert!(frames.len() > 4 && frames.iter().all(|frame| frame.len() <= 64));
    bench.modem.handle_input(bench.now, Port::Mbim, &second);
    assert_eq!(bench.output(Port::Mbim), [hex("04000080 10000000 07000000 02000000")]);
}
