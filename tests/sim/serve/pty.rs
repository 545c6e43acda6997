//! stub
use super::vhci::VhciBody;
use std::path::Path;
pub(crate) type PtyBody = PtyStub;
pub(crate) struct PtyStub;
impl PtyStub {
    pub(crate) fn new(port: u8, _root: &Path, _i: &str) -> VhciBody {
        VhciBody::new(port)
    }
}
