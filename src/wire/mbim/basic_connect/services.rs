//! MBIM_CID_DEVICE_SERVICES (10.5.29) and MBIM_CID_DEVICE_SERVICE_SUBSCRIBE_LIST (10.5.30): which
//! services there are, and which of them may speak of their own accord.

use super::{Command, CommandKind, Info, InfoWriter, Service, cid};
use crate::wire::Error;

/// Asks for the services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceServicesQuery;

/// MBIM_DEVICE_SERVICE_ELEMENT
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceService {
    /// Which service.
    pub service: Service,
    /// The numbers of its commands.
    pub cids: Vec<u32>,
}

impl Command for DeviceServicesQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::DEVICE_SERVICES;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Vec<DeviceService>;

    fn read(mut info: Info<'_>) -> Result<Vec<DeviceService>, Error> {
        let (count, _max_dss_sessions) = (info.u32()?, info.u32()?);
        let mut services = Vec::new();
        info.each(count, &mut |info| {
            let mut element = info.structure()?;
            let service = Service::from_uuid(element.array()?);
            // Payload and number of its data streams.
            element.u64()?;
            let count = element.u32()?;
            let mut cids = Vec::new();
            element.each(count, &mut |element| {
                cids.push(element.u32()?);
                Ok(())
            })?;
            services.push(DeviceService { service, cids });
            Ok(())
        })?;
        Ok(services)
    }
}

/// MBIM_EVENT_ENTRY: what one service may tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventEntry {
    /// Which service.
    pub service: Service,
    /// The numbers of the commands it may tell of; all when empty.
    pub cids: Vec<u32>,
}

/// Says what may be told from now on, which is nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribeListSet {
    /// What may be told.
    pub entries: Vec<EventEntry>,
}

impl Command for SubscribeListSet {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::DEVICE_SERVICE_SUBSCRIBE_LIST;
    const KIND: CommandKind = CommandKind::Set;
    type Response = ();

    fn write(&self, info: &mut InfoWriter) {
        info.count(self.entries.len());
        for entry in &self.entries {
            let mut element = InfoWriter::new();
            element.bytes(&entry.service.uuid()).count(entry.cids.len());
            for cid in &entry.cids {
                element.u32(*cid);
            }
            info.structure(element);
        }
    }

    fn read(_info: Info<'_>) -> Result<(), Error> {
        Ok(())
    }
}
