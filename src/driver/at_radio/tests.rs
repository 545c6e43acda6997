//! Answers of real modems, from published logs and the test suites of other programs, and what is
//! said to them.

use super::AtRadio;
use crate::driver::FailureKind;
use crate::driver::at::AtResult;
use crate::driver::choice::{RadioAnswer, RadioRequest, RadioResult};
use crate::driver::quirk::Lock;
use crate::types::{Band, BandChoice, BandStatus, NetworkState, Rat};

/// Asks a modem that gives fixed answers, lines divided by `|`, and `ERROR` to what is not listed.
/// Of an answer that is there twice the second is given from the second time on.
fn ask(lock: Lock, request: RadioRequest, answers: &[(&str, &str)]) -> (Vec<String>, RadioResult) {
    let mut radio = AtRadio::new(lock, None, request);
    let mut asked: Vec<String> = Vec::new();
    loop {
        if let Some(result) = radio.poll_result() {
            return (asked, result);
        }
        let (command, _) = radio.poll_command().expect("it wants something");
        let times = asked.iter().filter(|earlier| **earlier == command).count();
        let known: Vec<_> = answers.iter().filter(|(known, _)| *known == command).collect();
        let answer = match known.get(times).or(known.last()) {
            Some((_, lines)) => AtResult::Reply {
                lines: lines.split('|').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
                result: "OK".to_owned(),
            },
            None => AtResult::Reply { lines: Vec::new(), result: "ERROR".to_owned() },
        };
        asked.push(command);
        radio.handle_answer(&answer);
    }
}

fn read(lock: Lock, answers: &[(&str, &str)]) -> BandStatus {
    match ask(lock, RadioRequest::Bands, answers).1 {
        Ok(RadioAnswer::Bands(status)) => status,
        other => panic!("{other:?}"),
    }
}

/// What is sent to change something, beside what is asked.
fn sent(lock: Lock, choice: BandChoice, answers: &[(&str, &str)]) -> Vec<String> {
    let queries: Vec<String> = ask(lock, RadioRequest::Bands, answers).0;
    let (asked, _) = ask(lock, RadioRequest::SetBands(choice), answers);
    asked.into_iter().filter(|command| !queries.contains(command)).collect()
}

fn shown(bands: &[Band]) -> String {
    bands.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn bands(text: &str) -> BandChoice {
    let bands = text.split_whitespace().map(|text| Band::parse(text).unwrap()).collect();
    BandChoice { bands: Some(bands), modes: None }
}

fn modes(modes: &[Rat]) -> BandChoice {
    BandChoice { bands: None, modes: Some(modes.to_vec()) }
}

/// The masks of an EC25-E in the test of another program's parser, as +QCFG writes them.
const QUECTEL_MASK: &[(&str, &str)] = &[
    ("+QCFG=\"band\"", "+QCFG: \"band\",0xd3,0x1a0080800d5,0x0"),
    ("+QCFG=\"nwscanmode\"", "+QCFG: \"nwscanmode\",0,1"),
    ("+QCFG=\"band\",D3,4,0,1", ""),
    ("+QCFG=\"nwscanmode\",3,1", ""),
];

#[test]
fn quectels_masks_are_read_and_written() {
    let status = read(Lock::QuectelMask, QUECTEL_MASK);
    let all = "gsm:900 gsm:1800 umts:1 umts:5 umts:8 lte:1 lte:3 lte:5 lte:7 lte:8 lte:20 lte:28 \
               lte:38 lte:40 lte:41";
    assert_eq!(shown(&status.bands), all);
    assert_eq!(status.bands_supported, []);
    assert_eq!(status.modes, [Rat::Gsm, Rat::Umts, Rat::Lte]);
    let asked = sent(Lock::QuectelMask, bands("lte:3"), QUECTEL_MASK);
    assert_eq!(asked, ["+QCFG=\"band\",D3,4,0,1"]);
    let asked = sent(Lock::QuectelMask, modes(&[Rat::Lte]), QUECTEL_MASK);
    assert_eq!(asked, ["+QCFG=\"nwscanmode\",3,1"]);
    // It has no number for two of three.
    let choice = modes(&[Rat::Umts, Rat::Lte]);
    let (_, result) = ask(Lock::QuectelMask, RadioRequest::SetBands(choice), QUECTEL_MASK);
    assert_eq!(result.unwrap_err().kind, FailureKind::Unsupported);
}

#[test]
fn a_mask_of_more_than_64_bits_is_read() {
    let answers = [
        ("+QCFG=\"band\"", "+QCFG: \"band\",0xbff,0x42000001e20b0e18df,0x0"),
        ("+QCFG=\"nwscanmode\"", "+QCFG: \"nwscanmode\",3"),
    ];
    let status = read(Lock::QuectelMask, &answers);
    assert!(shown(&status.bands).ends_with("lte:66 lte:71"), "{}", shown(&status.bands));
    assert_eq!(status.modes, [Rat::Lte]);
}

/// RM520N-EU, in the test of another program: what the firmware for a network allows is less than
/// what is in the lists.
const QUECTEL_LIST: &[(&str, &str)] = &[
    ("+QNWPREFCFG=\"gw_band\"", "+QNWPREFCFG: \"gw_band\",1:5:8"),
    ("+QNWPREFCFG=\"lte_band\"", "+QNWPREFCFG: \"lte_band\",3:8:38:40:41"),
    ("+QNWPREFCFG=\"nsa_nr5g_band\"", "+QNWPREFCFG: \"nsa_nr5g_band\",41:78"),
    ("+QNWPREFCFG=\"nr5g_band\"", "+QNWPREFCFG: \"nr5g_band\",28:41:78"),
    (
        "+QNWPREFCFG=\"policy_band\"",
        "+QNWPREFCFG: \"gw_band\",1:5:8|+QNWPREFCFG: \"lte_band\",3:8:38:40:41\
         |+QNWPREFCFG: \"nsa_nr5g_band\",41|+QNWPREFCFG: \"nr5g_band\",28:41",
    ),
    ("+QNWPREFCFG=\"mode_pref\"", "+QNWPREFCFG: \"mode_pref\",AUTO"),
    ("+QNWPREFCFG=\"lte_band\",3", ""),
    ("+QNWPREFCFG=\"nsa_nr5g_band\",28:41", ""),
    ("+QNWPREFCFG=\"nr5g_band\",28:41", ""),
    ("+QNWPREFCFG=\"mode_pref\",LTE:NR5G", ""),
];

#[test]
fn quectels_lists_are_read_and_written() {
    let status = read(Lock::QuectelList, QUECTEL_LIST);
    let all = "umts:1 umts:5 umts:8 lte:3 lte:8 lte:38 lte:40 lte:41 nr5g:28 nr5g:41";
    assert_eq!(shown(&status.bands_supported), all);
    assert_eq!(shown(&status.bands), format!("{all} nr5g:78"));
    assert_eq!(status.modes, [Rat::Umts, Rat::Lte, Rat::Nr5g]);
    let asked = sent(Lock::QuectelList, bands("lte:3"), QUECTEL_LIST);
    assert_eq!(
        asked,
        [
            "+QNWPREFCFG=\"lte_band\",3",
            "+QNWPREFCFG=\"nsa_nr5g_band\",28:41",
            "+QNWPREFCFG=\"nr5g_band\",28:41"
        ]
    );
    let asked = sent(Lock::QuectelList, modes(&[Rat::Lte, Rat::Nr5g]), QUECTEL_LIST);
    assert_eq!(asked, ["+QNWPREFCFG=\"mode_pref\",LTE:NR5G"]);
}

/// As a SIM8230G answered in a published log; lists made up, for there they are cut off.
#[test]
fn simcoms_lists_are_read() {
    let answers = [
        ("+CSYSSEL=\"lte_band\"", "+CSYSSEL: \"lte_band\",1:3:20"),
        ("+CSYSSEL=\"nr5g_band\"", "+CSYSSEL: \"nr5g_band\",1:28:78"),
        (
            "+CSYSSEL=?",
            "+CSYSSEL: \"nr5g_disable\",(0-2)|+CSYSSEL: \"nr5g_band\",1:2:28:78\
             |+CSYSSEL: \"lte_band\",1:3:7:20",
        ),
        ("+CNMP?", "+CNMP: 109"),
        ("+CSYSSEL=\"lte_band\",20", ""),
        ("+CSYSSEL=\"nr5g_band\",1:2:28:78", ""),
    ];
    let status = read(Lock::SimcomList, &answers);
    assert_eq!(shown(&status.bands), "lte:1 lte:3 lte:20 nr5g:1 nr5g:28 nr5g:78");
    assert_eq!((status.modes_supported.as_slice(), status.modes.as_slice()), {
        let both: &[Rat] = &[Rat::Lte, Rat::Nr5g];
        (both, both)
    });
    let asked = sent(Lock::SimcomList, bands("lte:20"), &answers);
    assert!(asked.contains(&"+CSYSSEL=\"lte_band\",20".to_owned()), "{asked:?}");
}

/// EM7455. Source: the README of danielewood/sierra-wireless-modems.
#[test]
fn sierras_profiles_are_read_and_written() {
    let head =
        "Index, Name,                        GW Band Mask     L Band Mask      TDS Band Mask";
    let all =
        "00, All bands                     0002000007C00000 00000100130818DF 0000000000000000";
    let lte =
        "09, LTE ALL                       0000000000000000 00000100130818DF 0000000000000000";
    let (now, table) = (format!("{head}|{all}"), format!("{head}|{all}|{lte}"));
    let answers = [
        ("!ENTERCND=\"A710\"", ""),
        ("!BAND?", now.as_str()),
        ("!BAND=?", table.as_str()),
        ("!SELRAT?", "!SELRAT: 06, LTE Only"),
        ("!BAND=0F,\"ltewan\",0002000007C00000,0000000000000004", ""),
        ("!BAND=0F", ""),
        ("!SELRAT=00", ""),
    ];
    let status = read(Lock::Sierra, &answers);
    let wanted = "umts:1 umts:2 umts:3 umts:4 umts:5 umts:8 lte:1 lte:2 lte:3 lte:4 lte:5 lte:7 \
                  lte:8 lte:12 lte:13 lte:20 lte:25 lte:26 lte:29 lte:41";
    assert_eq!(shown(&status.bands_supported), wanted);
    assert_eq!(status.modes, [Rat::Lte]);
    assert_eq!(status.modes_supported, [Rat::Umts, Rat::Lte]);
    let asked = sent(Lock::Sierra, bands("lte:3"), &answers);
    let custom = "!BAND=0F,\"ltewan\",0002000007C00000,0000000000000004";
    assert_eq!(asked, [custom, "!BAND=0F"]);
    assert_eq!(sent(Lock::Sierra, modes(&[Rat::Umts, Rat::Lte]), &answers), ["!SELRAT=00"]);
}

/// Source: ModemManager's test-modem-helpers-huawei.c.
#[test]
fn huaweis_masks_are_read_and_written() {
    let answers = [
        ("^SYSCFGEX?", "^SYSCFGEX: \"00\",3FFFFFFF,1,2,7FFFFFFFFFFFFFFF"),
        (
            "^SYSCFGEX=?",
            "^SYSCFGEX: (\"00\",\"03\",\"02\",\"01\",\"99\"),((2000004e80380,\"GSM850/GSM900/\
             GSM1800/GSM1900/WCDMA850/WCDMA900/WCDMA1900/WCDMA2100\"),(3fffffff,\"All Bands\")),\
             (0-3),(0-4),((800c5,\"LTE2100/LTE1800/LTE2600/LTE900/LTE800\"),(7fffffffffffffff,\
             \"All bands\"))",
        ),
        ("^SYSCFGEX=\"00\",2000004E80380,1,2,4,,", ""),
        ("^SYSCFGEX=\"0302\",40000000,2,4,40000000,,", ""),
    ];
    let status = read(Lock::Huawei, &answers);
    let all = "gsm:850 gsm:900 gsm:1800 gsm:1900 umts:1 umts:2 umts:5 umts:8 lte:1 lte:3 lte:7 \
               lte:8 lte:20";
    assert_eq!(shown(&status.bands_supported), all);
    assert_eq!(status.bands, status.bands_supported);
    let asked = sent(Lock::Huawei, bands("lte:3"), &answers);
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0].starts_with("^SYSCFGEX=\"00\",") && asked[0].ends_with(",1,2,4,,"),
        "{asked:?}"
    );
    let asked = sent(Lock::Huawei, modes(&[Rat::Umts, Rat::Lte]), &answers);
    assert_eq!(asked, ["^SYSCFGEX=\"0302\",40000000,2,4,40000000,,"]);
}

/// The second as a SIM7600G-H answers in the tests of another program.
#[test]
fn simcoms_masks_are_read_and_written() {
    let answers = [
        ("+CNBP?", "+CNBP: 0X000700000FEB0180,0X00000000080800C5"),
        ("+CNMP?", "+CNMP: 2"),
        ("+CNBP=0x000700000FEB0180,0x0000000000000004", ""),
    ];
    let status = read(Lock::SimcomMask, &answers);
    assert!(shown(&status.bands).ends_with("lte:1 lte:3 lte:7 lte:8 lte:20 lte:28"));
    let asked = sent(Lock::SimcomMask, bands("lte:3"), &answers);
    assert_eq!(asked, ["+CNBP=0x000700000FEB0180,0x0000000000000004"]);
    let long = [
        (
            "+CNBP?",
            "+CNBP: 0x100200000EE80380,0x480000000000000000000000000000000000000000000042000007F\
             FFFDF3FFF,0x000000000000003F",
        ),
        ("+CNMP?", "+CNMP: 38"),
    ];
    let status = read(Lock::SimcomMask, &long);
    assert!(shown(&status.bands).contains("lte:66 lte:71"));
    assert_eq!(status.modes, [Rat::Lte]);
}

/// The first as an FM160 answered in a published log, the second as QModem quotes an LTE modem.
#[test]
fn fibocoms_codes_are_read_and_written() {
    let answers = [
        (
            "+GTACT?",
            "+GTACT: 20,6,3,1,8,101,103,105,108,134,138,139,140,141,501,5028,5041,5078,5079",
        ),
        (
            "+GTACT=?",
            "+GTACT: (1,2,4,10,14,16,17,20),(2,3,6),(2,3,6),( ),(1,8),(101,103,105,108,134,138,139,\
             140,141),( ),( ),(501,5028,5041,5078,5079)",
        ),
        ("+GTACT=,,,1,8,103,501,5028,5041,5078,5079", ""),
        ("+GTACT=17", ""),
    ];
    let status = read(Lock::Gtact, &answers);
    let all = "umts:1 umts:8 lte:1 lte:3 lte:5 lte:8 lte:34 lte:38 lte:39 lte:40 lte:41 nr5g:1 \
               nr5g:28 nr5g:41 nr5g:78 nr5g:79";
    assert_eq!(shown(&status.bands_supported), all);
    assert_eq!(status.bands, status.bands_supported);
    let asked = sent(Lock::Gtact, bands("lte:3"), &answers);
    assert_eq!(asked, ["+GTACT=,,,1,8,103,501,5028,5041,5078,5079"]);
    assert_eq!(sent(Lock::Gtact, modes(&[Rat::Lte, Rat::Nr5g]), &answers), ["+GTACT=17"]);

    let lte = [
        ("+GTACT?", "+GTACT: 10,3,2"),
        ("+GTACT=?", "+GTACT: (1,2,4,10),(2,3),(),0,1,3,5,8,101,103,105,107,108,120,128,132,138"),
    ];
    let status = read(Lock::Gtact, &lte);
    assert!(shown(&status.bands).starts_with("umts:1 umts:3 umts:5 umts:8 lte:1 lte:3"));
    assert_eq!(status.modes, [Rat::Umts, Rat::Lte]);
}

/// Source: ModemManager's xmm plugin, of an L850-GL; lists shortened.
#[test]
fn intels_codes_are_read_and_written() {
    let answers = [
        ("+XACT?", "+XACT: 4,1,2,1,2,4,5,8,101,102,103,104,105,107"),
        ("+XACT=?", "+XACT: (0-6),(0-2),0,1,2,4,5,8,101,102,103,104,105,107"),
        ("+XACT=,,,1,2,4,5,8,103", ""),
        ("+XACT=2,,", ""),
    ];
    let status = read(Lock::Xact, &answers);
    assert_eq!(
        shown(&status.bands_supported),
        "umts:1 umts:2 umts:4 umts:5 umts:8 lte:1 lte:2 lte:3 lte:4 lte:5 lte:7"
    );
    assert_eq!(status.modes, [Rat::Umts, Rat::Lte]);
    assert_eq!(sent(Lock::Xact, bands("lte:3"), &answers), ["+XACT=,,,1,2,4,5,8,103"]);
    assert_eq!(sent(Lock::Xact, modes(&[Rat::Lte]), &answers), ["+XACT=2,,"]);
}

/// Source: ModemManager's test-mm-modem-helpers-telit.c.
#[test]
fn telits_masks_are_read_and_written_in_both_notations() {
    let answers = [
        ("#BND?", "#BND: 5,0,168695967"),
        ("#BND=?", "#BND: (0-5),(0),(1-168695967)"),
        ("+WS46?", "+WS46: 28"),
        ("#BND=5,0,4", ""),
        ("+WS46=25", ""),
    ];
    let status = read(Lock::Telit, &answers);
    assert!(shown(&status.bands).starts_with("lte:1 lte:2 lte:3"), "{}", shown(&status.bands));
    assert_eq!(status.modes, [Rat::Lte]);
    assert_eq!(sent(Lock::Telit, bands("lte:3"), &answers), ["#BND=5,0,4"]);
    let hex = [
        ("#BND?", "#BND: 0,22,80800C5"),
        ("#BND=?", "#BND: (0),(0,5,6,13,15,23),(80800C5)"),
        ("+WS46?", "+WS46: 25"),
        ("#BND=0,22,80000", ""),
    ];
    assert_eq!(sent(Lock::Telit, bands("lte:20"), &hex), ["#BND=0,22,80000"]);
    // The LN920's fourth number is of bands from 65.
    let other = [
        ("#BND?", "#BND: 0,0,1003100185A,42"),
        ("#BND=?", "#BND: (0),(0),(1003100185A),(42)"),
        ("+WS46?", "+WS46: 25"),
        ("#BND=0,0,2,40", ""),
    ];
    let status = read(Lock::Telit, &other);
    assert!(shown(&status.bands).ends_with("lte:41 lte:66 lte:71"), "{}", shown(&status.bands));
    assert_eq!(sent(Lock::Telit, bands("lte:2 lte:71"), &other), ["#BND=0,0,2,40"]);
    // With five the fourth is TD-SCDMA's, and all may be in the fifth: ME310M1.
    let five = [
        ("#BND?", "#BND: 0,0,0,0,2"),
        ("#BND=?", "#BND: (0),(0),(0,1-252590239),(0),(0,2-1048578)"),
        ("+WS46?", "+WS46: 28"),
        ("#BND=0,0,524288,0,1048576", ""),
    ];
    let status = read(Lock::Telit, &five);
    assert_eq!(shown(&status.bands), "lte:66");
    assert!(shown(&status.bands_supported).ends_with("lte:28 lte:66 lte:85"));
    let asked = sent(Lock::Telit, bands("lte:20 lte:85"), &five);
    assert_eq!(asked, ["#BND=0,0,524288,0,1048576"]);
    let odd = [("#BND?", "#BND: 0,0,1,2,3,4,5"), ("#BND=?", "#BND: (0)"), ("+WS46?", "+WS46: 25")];
    assert!(ask(Lock::Telit, RadioRequest::Bands, &odd).1.is_err());
}

/// Source: a published log of an FN990A28; what it says there is, in the source of a tool of its
/// maker's.
#[test]
fn telits_masks_for_nr_are_read_and_written() {
    let answers = [
        ("#BND?", "#BND: 0,22,A7E2BB0F38DF,42,1A0290800D7,7042,81A0290800D7,7442"),
        (
            "#BND=?",
            "#BND: (0),(0-11,22,23),(A7E2BB0F38DF),(42),(1A0290800D7),(7042),\
             (81A0290800D7),(7442)",
        ),
        ("+WS46?", "+WS46: 38"),
        ("#BND=0,22,A7E2BB0F38DF,42,0,2000,0,2000", ""),
        ("+WS46=36", ""),
    ];
    let status = read(Lock::Telit5g, &answers);
    let nr = "nr5g:1 nr5g:2 nr5g:3 nr5g:5 nr5g:7 nr5g:8 nr5g:20 nr5g:25 nr5g:28 nr5g:30 nr5g:38 \
              nr5g:40 nr5g:41 nr5g:48 nr5g:66 nr5g:71 nr5g:75 nr5g:77 nr5g:78 nr5g:79";
    assert!(shown(&status.bands).ends_with(nr), "{}", shown(&status.bands));
    assert_eq!(status.modes_supported, [Rat::Umts, Rat::Lte, Rat::Nr5g]);
    let asked = sent(Lock::Telit5g, bands("nr5g:78"), &answers);
    assert_eq!(asked, ["#BND=0,22,A7E2BB0F38DF,42,0,2000,0,2000"]);
    assert_eq!(sent(Lock::Telit5g, modes(&[Rat::Nr5g]), &answers), ["+WS46=36"]);
}

/// The lists are those noted in luci-app-modemband's source; the numbers of modes QModem's.
#[test]
fn foxconns_lists_are_read_and_written() {
    let answers = [
        (
            "^BAND_PREF?",
            "WCDMA,Enable Bands :1,2,4,5,6,8,9,19,|WCDMA,Disable Bands:|\
             LTE,Enable Bands :1,3,7,20,28,|LTE,Disable Bands:38,40,41,|\
             NR5G,Enable Bands :1,2,3,5,7,8,12,20,25,28,38,41,66,71,77,78,79,|\
             NR5G,Disable Bands:",
        ),
        ("^SLMODE?", "^SLMODE: 1,0"),
        ("^BAND_PREF=LTE,2,3,20", ""),
        ("^BAND_PREF=NR5G,2,78", ""),
        ("^SLMODE=1,6", ""),
    ];
    let status = read(Lock::Foxconn, &answers);
    assert_eq!(BandStatus::of(&status.bands, Rat::Lte).count(), 5);
    assert_eq!(BandStatus::of(&status.bands_supported, Rat::Lte).count(), 8);
    assert_eq!(status.modes, [Rat::Umts, Rat::Lte, Rat::Nr5g]);
    let asked = sent(Lock::Foxconn, bands("lte:3 lte:20 nr5g:78"), &answers);
    assert_eq!(asked, ["^BAND_PREF=LTE,2,3,20", "^BAND_PREF=NR5G,2,78"]);
    assert_eq!(sent(Lock::Foxconn, modes(&[Rat::Lte, Rat::Nr5g]), &answers), ["^SLMODE=1,6"]);
    assert!(ask(Lock::Foxconn, RadioRequest::Bands, &[("^BAND_PREF?", "OK")]).1.is_err());
}

#[test]
fn networks_are_read_in_the_forms_that_modems_have() {
    let answer = "+COPS: (2,\"vodafone.de\",\"Vodafone\",\"26202\",7),(3,\"Tele (kom), DE\",\
                  \"TDG\",\"26201\",2),(1,,,\"26203\"),,(0-4),(0-2)";
    let result = ask(Lock::None, RadioRequest::Scan, &[("+COPS=?", answer)]).1;
    let Ok(RadioAnswer::Networks(found)) = result else { panic!("{result:?}") };
    let seen: Vec<_> = found
        .iter()
        .map(|it| (it.plmn.to_string(), it.operator.as_deref().unwrap_or("-"), it.rat, it.state))
        .collect();
    assert_eq!(
        seen,
        [
            ("26202".to_owned(), "vodafone.de", Some(Rat::Lte), NetworkState::Current),
            ("26201".to_owned(), "Tele (kom), DE", Some(Rat::Umts), NetworkState::Forbidden),
            ("26203".to_owned(), "-", None, NetworkState::Available),
        ]
    );
}

/// Whatever a modem says, there is a result and no panic.
#[test]
fn nonsense_is_refused() {
    let locks = [
        Lock::QuectelMask,
        Lock::QuectelList,
        Lock::Sierra,
        Lock::Huawei,
        Lock::SimcomMask,
        Lock::SimcomList,
        Lock::Gtact,
        Lock::Xact,
        Lock::Telit,
    ];
    let nonsense = ["", "x", "+CNBP: ", "+CNBP: ,,,", "00, (((", "+GTACT: (,,(65535,99999999)"];
    let commands = [
        "+QCFG=\"band\"",
        "!BAND?",
        "!BAND=?",
        "^SYSCFGEX?",
        "^SYSCFGEX=?",
        "+CNBP?",
        "#BND?",
        "#BND=?",
        "+GTACT?",
        "+GTACT=?",
        "+XACT?",
        "+XACT=?",
        "+CNMP?",
        "+WS46?",
    ];
    for lock in locks {
        for text in nonsense {
            let answers: Vec<_> = commands.iter().map(|command| (*command, text)).collect();
            let _ = ask(lock, RadioRequest::Bands, &answers);
        }
    }
}
