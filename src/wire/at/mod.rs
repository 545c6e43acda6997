//! AT commands: text lines to typed results and back.
//!
//! Pure and stateless: [`Command`] builds what may be sent, [`split`] cuts what a modem sends into
//! lines, [`final_result`] and [`is_urc`] say what a line is, [`Params`] reads its parameters, and
//! one file a specification holds the commands and error tables: V.250, TS 27.007, TS 27.005.
//! Which command a line answers is for `port` to know.

mod codes;
mod command;
mod digest;
mod params;
mod ts27005;
mod ts27007;
mod urc;

pub use command::{COMMAND_BYTES_MAX, Command, SetCommand};
pub use digest::{Final, LINE_BYTES_MAX, Split, final_result, split, text};
pub use params::{Param, Params};
pub use ts27005::CmsError;
pub use ts27007::{
    CmeError, Functionality, PinState, cfun_query, cfun_set, cgmi, cgmm, cgmr, cgsn, cpin_enter,
    cpin_query, identity_text, parse_cfun, parse_cgsn, parse_cpin,
};
pub use urc::{has_pdu, is_registration_urc, is_urc};

#[cfg(test)]
mod tests;
