//! AT commands: text lines to typed results and back.
//!
//! Pure and stateless: [`Command`] builds what may be sent, [`split`] cuts what a modem sends into
//! lines, [`final_result`] and [`is_urc`] say what a line is, and [`Params`] reads its parameters.
//! The rest is commands and error tables: TS 27.005, and TS 27.007 in a file each for the device,
//! the `card`, the `network` and `packet` data; vendors' own are made of a `template`.
//! Which command a line answers is for `port` to know.

mod card;
mod clock;
mod codes;
mod command;
mod digest;
pub mod gnss;
mod labels;
mod layout;
mod messages;
mod network;
mod packet;
mod params;
mod template;
mod ts27005;
mod ts27007;
mod urc;
mod ussd;

pub use card::{
    CLCK_QUERY, CRSM_ICCID, clck_set, cpin_unblock, cpwd_change, parse_cimi, parse_clck,
    parse_cnum, parse_cpinr, parse_crsm_iccid, parse_iccid,
};
pub use clock::{parse_cclk, parse_qlts};
pub use command::{COMMAND_BYTES_MAX, Command, SetCommand};
pub use digest::{Final, LINE_BYTES_MAX, Split, final_result, split, text};
pub use labels::parse_gstatus;
pub use layout::{Field, Layout, Place, Radix, Scale, Width, read_layouts};
pub use messages::{
    MEMORIES, MessageNews, cpms_select, parse_cmgl, parse_cmgr, parse_cmgs, parse_cpms,
    parse_message_news,
};
pub use network::{
    COPS_NAME, COPS_NUMERIC, Domain, DomainStatus, Operator, cops_select, parse_cesq, parse_cops,
    parse_csq, parse_networks, parse_registration, registration_query, registration_report,
    registration_urc, ws46_select,
};
pub use packet::{
    Context, ContextParameters, PacketEvent, address, addresses_in, cgdcont_set, parse_cgatt,
    parse_cgcontrdp, parse_cgdcont, parse_cgev, parse_cgpaddr, pdp_type_name,
};
pub use params::{Param, Params};
pub use template::Fields;
pub use ts27005::CmsError;
pub use ts27007::{
    CmeError, Functionality, PinState, cfun_set, cgmm, cpin_enter, dial_context, hang_up,
    identity_text, parse_cfun, parse_cgsn, parse_cpin,
};
pub use urc::{has_pdu, is_registration_urc, is_urc, tells_registration};
pub use ussd::{CUSD_CANCEL, CUSD_REPORT, cusd_send, is_cusd_cut, parse_cusd};

#[cfg(test)]
mod tests;
