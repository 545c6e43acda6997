//! Looking for networks.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::name::network_name;
use super::serving_system::rat_from_code;
use crate::types::{FoundNetwork, NetworkState};
use crate::wire::Error;

/// Network Scan (0x0021). Takes minutes; it can be aborted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkScanRequest;

/// TLV 0x13 of its reply: 0 done, 1 aborted, 2 the radio link failed.
const RESULT: u8 = 0x13;

impl Request for NetworkScanRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0021;
    /// A network is there once for each technology it was found with.
    type Response = Vec<FoundNetwork>;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Vec<FoundNetwork>, Error> {
        if tlvs.optional(RESULT, TlvReader::u32).is_some_and(|result| result != 0) {
            return Err(Error::bad_value(&"result of the scan"));
        }
        let (mut rats, three) = (codes(tlvs, 0x11), codes(tlvs, 0x12));
        let mut networks = Vec::new();
        let Some(mut found) = tlvs.get(0x10) else { return Ok(networks) };
        for _ in 0..found.u16().unwrap_or(0) {
            let Some((mcc, mnc, status, name)) = read_network(&mut found) else { break };
            // Each of those found twice has its own technology, in the same order.
            let own = rats.iter().position(|(a, b, _)| (*a, *b) == (mcc, mnc));
            let rat = own.and_then(|at| rat_from_code(rats.remove(at).2));
            let has_three = three.iter().any(|(a, b, three)| (*a, *b) == (mcc, mnc) && *three != 0);
            let Some(plmn) = super::plmn(mcc, mnc, has_three) else { continue };
            let name = network_name(name);
            let operator = (!name.is_empty()).then_some(name);
            networks.push(FoundNetwork { plmn, operator, rat, state: state_of(status) });
        }
        Ok(networks)
    }
}

fn read_network<'a>(r: &mut TlvReader<'a>) -> Option<(u16, u16, u8, &'a [u8])> {
    Some((r.u16()?, r.u16()?, r.u8()?, r.bytes8()?))
}

/// What is told of networks by their codes. Those read before the end count.
fn codes(tlvs: Tlvs<'_>, kind: u8) -> Vec<(u16, u16, u8)> {
    let mut codes = Vec::new();
    let Some(mut r) = tlvs.get(kind) else { return codes };
    for _ in 0..r.u16().unwrap_or(0) {
        let (Some(mcc), Some(mnc), Some(code)) = (r.u16(), r.u16(), r.u8()) else { break };
        codes.push((mcc, mnc, code));
    }
    codes
}

/// `QmiNasNetworkStatus`: bit 0 serving, 1 available, 4 forbidden.
const fn state_of(status: u8) -> NetworkState {
    if status & 1 << 0 != 0 {
        NetworkState::Current
    } else if status & 1 << 4 != 0 {
        NetworkState::Forbidden
    } else if status & 1 << 1 != 0 {
        NetworkState::Available
    } else {
        NetworkState::Unknown
    }
}

/// Abort (0x0001) of a request under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortRequest {
    /// TLV 0x01: the transaction of that request.
    pub transaction: u16,
}

impl Request for AbortRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0001;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u16(0x01, self.transaction);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Rat;

    #[test]
    fn networks_found_twice_have_their_own_technology_each() {
        let mut value = vec![3, 0];
        for (status, name) in [(0x65, "One"), (0x66, "One")] {
            value.extend([0x06, 0x01, 2, 0, status, 3]);
            value.extend(name.bytes());
        }
        value.extend([0x06, 0x01, 3, 0, 0x12, 0]);
        let rats = [3, 0, 0x06, 0x01, 2, 0, 8, 0x06, 0x01, 2, 0, 5, 0x06, 0x01, 3, 0, 12];
        let mut bytes = vec![0x10, u8::try_from(value.len()).unwrap(), 0];
        bytes.extend(value);
        bytes.extend([0x11, 17, 0]);
        bytes.extend(rats);
        let found = NetworkScanRequest::read(Tlvs::new(&bytes)).unwrap();
        let seen: Vec<_> = found.iter().map(|n| (n.plmn.to_string(), n.rat, n.state)).collect();
        assert_eq!(
            seen,
            [
                ("26202".to_owned(), Some(Rat::Lte), NetworkState::Current),
                ("26202".to_owned(), Some(Rat::Umts), NetworkState::Available),
                ("26203".to_owned(), Some(Rat::Nr5g), NetworkState::Forbidden),
            ]
        );
        assert_eq!(found[2].operator, None);
        let aborted = NetworkScanRequest::read(Tlvs::new(&[0x13, 4, 0, 1, 0, 0, 0]));
        assert!(aborted.is_err());
    }
}
