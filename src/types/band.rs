//! Which band a channel number belongs to, and what a band is called.
//!
//! Tables are sorted by band. Channels of LTE and UMTS belong to one band, those of NR to several.

use super::Rat;

/// A band and the first and last number of its downlink channels.
type Row = (u16, u32, u32);

/// N_DL of E-UTRA, TS 36.101 table 5.7.3-1.
const LTE: &[Row] = &[
    (1, 0, 599),
    (2, 600, 1199),
    (3, 1200, 1949),
    (4, 1950, 2399),
    (5, 2400, 2649),
    (6, 2650, 2749),
    (7, 2750, 3449),
    (8, 3450, 3799),
    (9, 3800, 4149),
    (10, 4150, 4749),
    (11, 4750, 4949),
    (12, 5010, 5179),
    (13, 5180, 5279),
    (14, 5280, 5379),
    (17, 5730, 5849),
    (18, 5850, 5999),
    (19, 6000, 6149),
    (20, 6150, 6449),
    (21, 6450, 6599),
    (22, 6600, 7399),
    (23, 7500, 7699),
    (24, 7700, 8039),
    (25, 8040, 8689),
    (26, 8690, 9039),
    (27, 9040, 9209),
    (28, 9210, 9659),
    (29, 9660, 9769),
    (30, 9770, 9869),
    (31, 9870, 9919),
    (32, 9920, 10_359),
    (33, 36_000, 36_199),
    (34, 36_200, 36_349),
    (35, 36_350, 36_949),
    (36, 36_950, 37_549),
    (37, 37_550, 37_749),
    (38, 37_750, 38_249),
    (39, 38_250, 38_649),
    (40, 38_650, 39_649),
    (41, 39_650, 41_589),
    (42, 41_590, 43_589),
    (43, 43_590, 45_589),
    (44, 45_590, 46_589),
    (45, 46_590, 46_789),
    (46, 46_790, 54_539),
    (47, 54_540, 55_239),
    (48, 55_240, 56_739),
    (49, 56_740, 58_239),
    (50, 58_240, 59_089),
    (51, 59_090, 59_139),
    (52, 59_140, 60_139),
    (53, 60_140, 60_254),
    (65, 65_536, 66_435),
    (66, 66_436, 67_335),
    (67, 67_336, 67_535),
    (68, 67_536, 67_835),
    (69, 67_836, 68_335),
    (70, 68_336, 68_585),
    (71, 68_586, 68_935),
    (72, 68_936, 68_985),
    (73, 68_986, 69_035),
    (74, 69_036, 69_465),
    (75, 69_466, 70_315),
    (76, 70_316, 70_365),
    (85, 70_366, 70_545),
    (87, 70_546, 70_595),
    (88, 70_596, 70_645),
];

/// N_REF of NR, TS 38.101-1 table 5.4.2.3-1 and TS 38.101-2 table 5.4.2.3-1.
const NR: &[Row] = &[
    (1, 422_000, 434_000),
    (2, 386_000, 398_000),
    (3, 361_000, 376_000),
    (5, 173_800, 178_800),
    (7, 524_000, 538_000),
    (8, 185_000, 192_000),
    (12, 145_800, 149_200),
    (13, 149_200, 151_200),
    (14, 151_600, 153_600),
    (18, 172_000, 175_000),
    (20, 158_200, 164_200),
    (24, 305_000, 311_800),
    (25, 386_000, 399_000),
    (26, 171_800, 178_800),
    (28, 151_600, 160_600),
    (29, 143_400, 145_600),
    (30, 470_000, 472_000),
    (34, 402_000, 405_000),
    (38, 514_000, 524_000),
    (39, 376_000, 384_000),
    (40, 460_000, 480_000),
    (41, 499_200, 537_999),
    (46, 743_334, 795_000),
    (47, 790_334, 795_000),
    (48, 636_667, 646_666),
    (50, 286_400, 303_400),
    (51, 285_400, 286_400),
    (53, 496_700, 499_000),
    (65, 422_000, 440_000),
    (66, 422_000, 440_000),
    (67, 147_600, 151_600),
    (70, 399_000, 404_000),
    (71, 123_400, 130_400),
    (74, 295_000, 303_600),
    (75, 286_400, 303_400),
    (76, 285_400, 286_400),
    (77, 620_000, 680_000),
    (78, 620_000, 653_333),
    (79, 693_334, 733_333),
    (85, 145_600, 149_200),
    (90, 499_200, 538_000),
    (96, 795_000, 875_000),
    (257, 2_054_166, 2_104_165),
    (258, 2_016_667, 2_070_832),
    (259, 2_270_833, 2_337_499),
    (260, 2_229_166, 2_279_165),
    (261, 2_070_833, 2_084_999),
];

/// Of the bands that share a channel, those that networks use most, best first; of others the
/// lowest counts.
const NR_USUAL: [u16; 3] = [78, 28, 41];

/// N_D of UTRA FDD, TS 25.101 table 5.1; the additional channels are left out.
const UMTS: &[Row] = &[
    (1, 10_562, 10_838),
    (2, 9662, 9938),
    (3, 1162, 1513),
    (4, 1537, 1738),
    (5, 4357, 4458),
    (6, 4387, 4413),
    (7, 2237, 2563),
    (8, 2937, 3088),
    (9, 9237, 9387),
    (10, 3112, 3388),
    (11, 3712, 3787),
    (12, 3842, 3903),
    (13, 4017, 4043),
    (14, 4117, 4143),
    (19, 712, 763),
    (20, 4512, 4638),
    (21, 862, 912),
    (22, 4662, 5038),
    (25, 5112, 5413),
    (26, 5762, 5913),
];

/// ARFCN of GSM, TS 45.005 2, by MHz. 512 to 810 are used in America at 1900 MHz too.
const GSM: &[Row] =
    &[(850, 128, 251), (900, 0, 124), (900, 955, 1023), (1800, 512, 885), (1900, 512, 810)];

/// The band of a downlink channel. With NR a channel may belong to several: the modem's own word
/// is better where it has one.
pub fn band_of(rat: Rat, channel: u32) -> Option<u16> {
    let table = match rat {
        Rat::Gsm => GSM,
        Rat::Umts => UMTS,
        Rat::Lte => LTE,
        Rat::Nr5g => NR,
    };
    let fits = |row: &&Row| (row.1..=row.2).contains(&channel);
    let mut bands = table.iter().filter(fits).map(|row| row.0);
    let usual = NR_USUAL.into_iter().find(|usual| bands.clone().any(|band| band == *usual));
    usual.filter(|_| rat == Rat::Nr5g).or_else(|| bands.next())
}

/// What a band is called: `B3` of LTE and UMTS, `n78` of NR, `900` of GSM.
pub fn band_name(rat: Rat, band: u16) -> String {
    match rat {
        Rat::Gsm => band.to_string(),
        Rat::Umts | Rat::Lte => format!("B{band}"),
        Rat::Nr5g => format!("n{band}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TS 38.104 5.4.2.1, TS 36.104 5.7.3: the frequency of a channel in kHz.
    fn nr_khz(channel: u32) -> u32 {
        match channel {
            0..600_000 => channel * 5,
            600_000..2_016_667 => 3_000_000 + 15 * (channel - 600_000),
            _ => 24_250_080 + 60 * (channel - 2_016_667),
        }
    }

    #[test]
    fn bands_are_found_from_channels_that_networks_use() {
        let cases = [
            (Rat::Lte, 1300, Some(3)),
            (Rat::Lte, 6300, Some(20)),
            (Rat::Lte, 66_536, Some(66)),
            (Rat::Lte, 39_650, Some(41)),
            (Rat::Lte, 5500, None),
            (Rat::Nr5g, 627_264, Some(78)),
            (Rat::Nr5g, 640_000, Some(78)),
            (Rat::Nr5g, 660_000, Some(77)),
            (Rat::Nr5g, 152_000, Some(28)),
            (Rat::Nr5g, 425_000, Some(1)),
            (Rat::Nr5g, 520_000, Some(41)),
            (Rat::Nr5g, 2_060_000, Some(257)),
            (Rat::Nr5g, 3_000_000, None),
            (Rat::Umts, 10_737, Some(1)),
            (Rat::Umts, 3011, Some(8)),
            (Rat::Gsm, 1000, Some(900)),
            (Rat::Gsm, 600, Some(1800)),
        ];
        for (rat, channel, band) in cases {
            assert_eq!(band_of(rat, channel), band, "{rat:?} {channel}");
        }
    }

    #[test]
    fn tables_are_sorted_and_their_ranges_are_not_empty() {
        for table in [LTE, NR, UMTS, GSM] {
            assert!(table.is_sorted_by_key(|row| row.0));
            assert!(table.iter().all(|row| row.1 < row.2));
        }
        assert!(LTE.is_sorted_by_key(|row| row.1), "no two bands of LTE share a channel");
        assert!(LTE.windows(2).all(|pair| pair[0].2 < pair[1].1));
    }

    /// The edges in MHz as TS 38.101-1 table 5.2-1 and TS 38.101-2 table 5.2-1 have them.
    #[test]
    fn the_edges_of_nr_bands_are_those_of_their_frequencies() {
        let edges = [
            (1, 2110, 2170),
            (3, 1805, 1880),
            (7, 2620, 2690),
            (8, 925, 960),
            (20, 791, 821),
            (28, 758, 803),
            (38, 2570, 2620),
            (40, 2300, 2400),
            (66, 2110, 2200),
            (71, 617, 652),
            (77, 3300, 4200),
            (78, 3300, 3800),
            (79, 4400, 5000),
            (257, 26_500, 29_500),
            (258, 24_250, 27_500),
        ];
        for (band, low, high) in edges {
            let row = NR.iter().find(|row| row.0 == band).copied().unwrap_or_default();
            assert!(nr_khz(row.1).abs_diff(low * 1000) <= 120, "n{band}: {}", nr_khz(row.1));
            assert!(nr_khz(row.2).abs_diff(high * 1000) <= 120, "n{band}: {}", nr_khz(row.2));
        }
    }

    #[test]
    fn bands_are_called_as_people_know_them() {
        assert_eq!(band_name(Rat::Lte, 3), "B3");
        assert_eq!(band_name(Rat::Nr5g, 78), "n78");
    }
}
