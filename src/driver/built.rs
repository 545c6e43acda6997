//! The drivers that the program is built with, and what stands for the others.

#[cfg(feature = "at")]
pub(super) use super::dial::DialDriver;
#[cfg(not(feature = "at"))]
pub(super) use super::left_out::LeftOut as DialDriver;
#[cfg(not(feature = "mbim"))]
pub(super) use super::left_out::LeftOut as MbimDriver;
#[cfg(not(feature = "qmi"))]
pub(super) use super::left_out::LeftOut as QmiDriver;
#[cfg(feature = "mbim")]
pub(super) use super::mbim::MbimDriver;
#[cfg(feature = "qmi")]
pub(super) use super::qmi::QmiDriver;

/// What is made where the driver is there, and `None` where it is left out.
macro_rules! where_built {
    ($feature:literal, $driver:expr) => {{
        #[cfg(feature = $feature)]
        let driver = Some($driver);
        #[cfg(not(feature = $feature))]
        let driver = None;
        driver
    }};
}
pub(super) use where_built;
