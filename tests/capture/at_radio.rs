//! What modems of many vendors answer when they are asked what they measure, read into types.
//!
//! `radio.tsv`: the modem, its vendor id on USB, what it says of itself, a command, the answer and
//! where it is from. An answer may have been shortened to the lines about cells.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ltewan::driver::Measure;
use ltewan::driver::at::AtDriver;
use ltewan::driver::survey::Survey;
use ltewan::time::{Duration, Instant};
use ltewan::types::{Cell, DeviceIdentity, Measurement, Plmn, Rat, Role, band_name};

use super::chance::Chance;

const ANSWERS: &str = include_str!("at/radio.tsv");

struct Row<'a> {
    modem: &'a str,
    vid: u16,
    identity: DeviceIdentity,
    command: &'a str,
    answer: String,
    source: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let row = |line: &'static str| {
        let [modem, vid, maker, model, command, answer, source] =
            line.split('\t').collect::<Vec<_>>()[..]
        else {
            panic!("seven columns: {line}");
        };
        let identity = DeviceIdentity {
            manufacturer: Some(maker.to_owned()),
            model: Some(model.to_owned()),
            ..DeviceIdentity::default()
        };
        let answer = answer.replace("\\n", "\r\n").replace("\\t", "\t");
        let vid = u16::from_str_radix(vid, 16).unwrap();
        Row { modem, vid, identity, command, answer, source }
    };
    ANSWERS.lines().map(row).collect()
}

/// Has a modem asked for everything; it answers what `answer` has for a command, or `ERROR`.
fn measure(
    vid: u16,
    identity: &DeviceIdentity,
    mut answer: impl FnMut(&str) -> Option<String>,
) -> Measurement {
    let mut now = Instant::from_millis(1000);
    let mut driver = AtDriver::new();
    let mut survey = driver.survey();
    assert!(survey.begin(now, vid, identity, Measure::All));
    for _ in 0..200 {
        now = now + Duration::from_millis(20);
        while let Some(bytes) = driver.poll_transmit() {
            let line = String::from_utf8(bytes).unwrap();
            let command = line.trim().strip_prefix("AT").unwrap().to_owned();
            let is_own = command.starts_with("E0");
            let reply = match answer(&command).filter(|_| !is_own) {
                None if is_own => "\r\n+CMEE: 1\r\n\r\nOK\r\n".to_owned(),
                Some(answer) => format!("\r\n{answer}\r\n\r\nOK\r\n"),
                None => "\r\nERROR\r\n".to_owned(),
            };
            driver.handle_input(now, reply.as_bytes());
        }
        driver.handle_timeout(now);
        if let Some(measured) = survey.poll(now) {
            return measured;
        }
    }
    panic!("no end of it");
}

fn measured(modem: &str) -> Measurement {
    let rows: Vec<Row<'_>> = rows().into_iter().filter(|row| row.modem == modem).collect();
    let first = rows.first().unwrap_or_else(|| panic!("no row for {modem}"));
    measure(first.vid, &first.identity, |command| {
        rows.iter().find(|row| row.command == command).map(|row| row.answer.clone())
    })
}

/// A cell in a line: technology, band, channel, bandwidth in MHz, cell and its levels.
fn shown(cell: &Cell) -> String {
    let some = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let number = |value: Option<i16>| some(value.map(|value| value.to_string()));
    format!(
        "{} {} {} {} pci {} rsrp {} rsrq {} sinr {}",
        some(cell.rat.map(|rat| rat.name().to_owned())),
        some(cell.rat.zip(cell.band()).map(|(rat, band)| band_name(rat, band))),
        some(cell.arfcn.map(|arfcn| arfcn.to_string())),
        some(cell.bandwidth_khz.map(|khz| format!("{} MHz", khz / 1000))),
        some(cell.pci.map(|pci| pci.to_string())),
        number(cell.rsrp_dbm),
        number(cell.rsrq_db),
        number(cell.sinr_tenth_db),
    )
}

fn carriers(measured: &Measurement) -> Vec<String> {
    let carriers = measured.cells.carriers.iter();
    carriers.map(|(role, cell)| format!("{}: {}", role.name(), shown(cell))).collect()
}

fn network(measured: &Measurement) -> (Option<Plmn>, Option<u32>, Option<u64>) {
    let cell = measured.cells.serving.unwrap();
    (cell.plmn, cell.tac, cell.cell_id)
}

fn at(plmn: &str, tac: u32, cell_id: u64) -> (Option<Plmn>, Option<u32>, Option<u64>) {
    (Plmn::parse(plmn).ok(), Some(tac), Some(cell_id))
}

#[test]
fn quectel_on_lte_on_both_and_on_5g_alone() {
    let both = measured("RG500Q-EA, EN-DC");
    assert_eq!(network(&both), at("51503", 0x4AA3, 0x0335_9966));
    assert_eq!(
        carriers(&both),
        [
            "primary: lte B1 150 20 MHz pci 1 rsrp -89 rsrq -13 sinr 160",
            "nr: nr5g n41 528030 60 MHz pci 832 rsrp -76 rsrq -11 sinr 210",
        ]
    );
    assert_eq!(both.signal.and_then(|signal| signal.rat), Some(Rat::Nr5g));
    let old = measured("RM500Q, EN-DC of old firmware");
    assert_eq!(carriers(&old)[1], "nr: nr5g - - - pci 500 rsrp -75 rsrq -11 sinr 180");
    let alone = measured("RM520N, SA with two carriers");
    assert_eq!(network(&alone), at("310260", 0x59_E700, 0x1_4758_F12F));
    assert_eq!(
        carriers(&alone),
        [
            "primary: nr5g n41 521310 80 MHz pci 271 rsrp -89 rsrq -11 sinr 190",
            "secondary: nr5g n41 501870 20 MHz pci 271 rsrp - rsrq - sinr -",
        ]
    );
    let four = measured("RM551E, LTE with four carriers");
    assert_eq!(
        carriers(&four),
        [
            "primary: lte B7 2850 20 MHz pci 52 rsrp -103 rsrq -12 sinr 70",
            "secondary: lte B1 326 5 MHz pci 167 rsrp -87 rsrq -9 sinr 0",
            "secondary: lte B3 1300 20 MHz pci 49 rsrp -85 rsrq -8 sinr 0",
            "secondary: lte B8 3526 5 MHz pci 455 rsrp -73 rsrq -9 sinr 0",
        ]
    );
    let antennas = measured("RM551E, antennas").antennas;
    let rsrp: Vec<_> = antennas.iter().map(|antenna| antenna.rsrp_dbm.unwrap()).collect();
    assert_eq!(rsrp, [-75, -77, -82, -90]);
}

#[test]
fn sierra_with_spaces_and_with_tabs() {
    let spaces = measured("DW5811e (EM7455)");
    assert_eq!(spaces.temperature_c, Some(40));
    assert_eq!(
        carriers(&spaces),
        ["primary: lte B3 1749 10 MHz pci - rsrp -112 rsrq -20 sinr -64"]
    );
    assert_eq!(spaces.cells.serving.unwrap().cell_id, Some(37_633_588));
    assert_eq!(spaces.cells.serving.unwrap().tac, Some(54_700));
    let antennas: Vec<_> = spaces.antennas.iter().map(|a| (a.rssi_dbm, a.rsrp_dbm)).collect();
    assert_eq!(antennas, [(Some(-74), Some(-112)), (Some(-74), Some(-118))]);
    let tabs = measured("MC7455, tabs");
    assert_eq!(carriers(&tabs), ["primary: lte B13 5230 10 MHz pci - rsrp -105 rsrq -13 sinr 6"]);
    assert_eq!(tabs.temperature_c, Some(28));
}

#[test]
fn fibocom_with_each_kind_of_chip() {
    let lte = measured("FM350-GL, LTE with two carriers");
    assert_eq!(network(&lte), at("25002", 0x81B3, 0x04E3_1009));
    assert_eq!(
        carriers(&lte),
        [
            "primary: lte B3 1424 15 MHz pci 280 rsrp -108 rsrq -12 sinr -5",
            "secondary: lte B1 200 10 MHz pci 62 rsrp - rsrq - sinr -",
        ]
    );
    assert_eq!(lte.cells.neighbours.len(), 1);
    assert_eq!(lte.temperature_c, Some(37));
    let both = measured("FM350-GL, EN-DC");
    assert_eq!(
        carriers(&both),
        [
            "primary: lte B3 1721 10 MHz pci 223 rsrp -79 rsrq -11 sinr 30",
            "secondary: lte B1 350 10 MHz pci 296 rsrp - rsrq - sinr -",
            "nr: nr5g n79 723322 100 MHz pci 143 rsrp -89 rsrq -4 sinr 65",
        ]
    );
    let alone = measured("FM350-GL, SA");
    assert_eq!(
        carriers(&alone),
        ["primary: nr5g n5 176190 15 MHz pci 524 rsrp -100 rsrq -7 sinr 30"]
    );
    assert_eq!(alone.cells.neighbours.len(), 3);
    // A number out of its range is no level.
    assert_eq!(alone.cells.neighbours[1].rsrp_dbm, None);
    let hex = measured("FM150-AE, LTE");
    assert_eq!(carriers(&hex), ["primary: lte B20 6300 10 MHz pci 48 rsrp -99 rsrq -7 sinr 80"]);
    assert_eq!(hex.cells.neighbours[1].pci, Some(0xDB));
    let intel = measured("L850-GL");
    assert_eq!(network(&intel), at("51011", 0x7D08, 0x04E2_3C06));
    assert_eq!(carriers(&intel), ["primary: lte B3 1325 - pci 113 rsrp -78 rsrq -13 sinr 30"]);
    assert_eq!(intel.cells.neighbours[0].arfcn, Some(3774));
}

#[test]
fn simcom_in_tenths() {
    let lte = measured("SIM7600, LTE");
    assert_eq!(network(&lte), at("46011", 0x5A1E, 187_214_780));
    assert_eq!(carriers(&lte), ["primary: lte B3 1850 20 MHz pci 257 rsrp -85 rsrq -10 sinr 150"]);
    assert_eq!(lte.signal.and_then(|signal| signal.rssi_dbm), Some(-55));
    assert_eq!(lte.temperature_c, Some(46));
    let alone = measured("SIM8200, SA");
    assert_eq!(carriers(&alone), ["primary: nr5g n78 640704 - pci 0 rsrp -74 rsrq -11 sinr 240"]);
    let both = measured("SIM8200, EN-DC");
    assert_eq!(carriers(&both)[1], "nr: nr5g n78 627264 - pci 644 rsrp -96 rsrq -12 sinr 95");
}

#[test]
fn huawei_on_lte_and_5g() {
    let lte = measured("E3372h stick");
    assert_eq!(carriers(&lte), ["primary: lte B3 1650 - pci 88 rsrp -96 rsrq -11 sinr 160"]);
    assert_eq!(lte.temperature_c, Some(43));
    assert_eq!(lte.signal.and_then(|signal| signal.rssi_dbm), Some(-68));
    let nr = measured("MT5700M, SA");
    assert_eq!(carriers(&nr), ["primary: nr5g n78 636648 - pci 506 rsrp -83 rsrq -9 sinr 128"]);
    assert_eq!(nr.temperature_c, Some(45));
}

#[test]
fn telit_wherever_the_cell_stands() {
    let le910 = measured("LE910, LTE");
    assert_eq!(network(&le910), at("28601", 0x2242, 0x0B5_D121));
    assert_eq!(carriers(&le910), ["primary: lte B3 1795 - pci - rsrp -101 rsrq -15 sinr -"]);
    assert_eq!(le910.temperature_c, Some(26));
    let lm960 = measured("LM960, LTE");
    assert_eq!(network(&lm960), at("310260", 0x2D18, 0x308_9F02));
    assert_eq!(carriers(&lm960), ["primary: lte B66 66786 - pci - rsrp -101 rsrq -13 sinr -"]);
}

#[test]
fn ublox_and_zte() {
    let ublox = measured("SARA-R5");
    assert_eq!(network(&ublox), at("00101", 0x2B67, 0x69F_6BC7));
    assert_eq!(carriers(&ublox), ["primary: lte B5 2525 10 MHz pci 111 rsrp -74 rsrq -11 sinr 0"]);
    let zte = measured("ZTE with five parameters");
    assert_eq!(carriers(&zte), ["primary: lte B3 1600 - pci 246 rsrp - rsrq - sinr -"]);
}

#[test]
fn every_answer_has_its_source_and_a_modem_that_can_be_asked() {
    let makers = rows().into_iter().map(|row| {
        assert!(!row.source.is_empty() && Survey::knows(row.vid, &row.identity), "{}", row.modem);
        row.identity.manufacturer
    });
    let mut makers: Vec<_> = makers.collect();
    makers.sort_unstable();
    makers.dedup();
    assert!(makers.len() >= 8, "{makers:?}");
}

#[test]
fn answers_that_are_cut_changed_or_longer_break_nothing() {
    let mut chance = Chance(11);
    for row in rows() {
        for _ in 0..60 {
            let mut answer: Vec<u8> = row.answer.clone().into_bytes();
            for _ in 0..=chance.below(6) {
                let at = chance.below(answer.len().max(1));
                match chance.below(4) {
                    0 => answer.truncate(at),
                    1 if !answer.is_empty() => answer[at] = b",0-9\"F:."[chance.below(8)],
                    2 => answer.splice(at..at, *b"99999999999").for_each(drop),
                    _ => answer.extend(b",1,\"x\",,-"),
                }
            }
            let text = String::from_utf8_lossy(&answer).into_owned();
            let told = measure(row.vid, &row.identity, |_| Some(text.clone()));
            assert!(told.cells.carriers.len() <= 64 && told.cells.neighbours.len() <= 64);
            assert!(told.temperature_c.is_none_or(|c| (-40..=125).contains(&c)));
            for (role, cell) in &told.cells.carriers {
                let _ = (role == &Role::Primary, shown(cell));
                assert!(cell.rsrp_dbm.is_none_or(|rsrp| (-160..=20).contains(&rsrp)));
            }
        }
    }
}
