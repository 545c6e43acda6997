//! Which indications a client wants.

use super::super::{Request, Service, TlvWriter, Tlvs};
use crate::wire::Error;

/// Register Indications (0x0003). `None` leaves one as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterIndicationsRequest {
    /// TLV 0x13: Serving System.
    pub serving_system: Option<bool>,
    /// TLV 0x17: Network Time.
    pub network_time: Option<bool>,
    /// TLV 0x18: System Info.
    pub system_info: Option<bool>,
    /// TLV 0x19: Signal Info.
    pub signal_info: Option<bool>,
}

impl Request for RegisterIndicationsRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0003;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        let wishes = [
            (0x13, self.serving_system),
            (0x17, self.network_time),
            (0x18, self.system_info),
            (0x19, self.signal_info),
        ];
        for (kind, wish) in wishes {
            if let Some(wish) = wish {
                tlvs.put_flag(kind, wish);
            }
        }
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}
