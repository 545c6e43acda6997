//! MBIM_CID_PROVISIONED_CONTEXTS (10.5.13): access points stored in the modem.

use super::{Command, CommandKind, Info, Service, cid};
use crate::types::Apn;
use crate::wire::Error;
use crate::wire::mbim::ContextType;

/// Asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvisionedContextsQuery;

/// MBIM_CONTEXT, without its user name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionedContext {
    /// Its number.
    pub id: u32,
    /// What it is for.
    pub context_type: ContextType,
    /// Its access point; `None` when it is no such name.
    pub apn: Option<Apn>,
}

impl Command for ProvisionedContextsQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::PROVISIONED_CONTEXTS;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Vec<ProvisionedContext>;

    fn read(mut info: Info<'_>) -> Result<Vec<ProvisionedContext>, Error> {
        let count = info.u32()?;
        let mut contexts = Vec::new();
        info.each(count, &mut |info| {
            let mut element = info.structure()?;
            contexts.push(ProvisionedContext {
                id: element.u32()?,
                context_type: ContextType::from_uuid(element.array()?),
                apn: Apn::new(&element.text()?).ok(),
            });
            Ok(())
        })?;
        Ok(contexts)
    }
}
