//! Command lines that come from a table, with values filled in.
//!
//! What a vendor's modem is dialled with is data of this program, `^NDISDUP={cid},1,"{apn}"`. The
//! text of a template can be trusted; what is filled in cannot, and is held to the same rules as
//! everywhere: nothing in it can end a quoted string, a command or a line.

use super::Command;
use super::command::is_printable;
use crate::types::Secret;
use crate::wire::Error;

/// What can be filled into a template.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a> {
    /// `{cid}`: the number of the PDP context.
    pub cid: u8,
    /// `{type}`: `IP`, `IPV6` or `IPV4V6`.
    pub kind: &'a str,
    /// `{apn}`: the access point.
    pub apn: &'a str,
    /// `{auth}`: the number that stands for the way to authenticate: 0 none, 1 PAP, 2 CHAP.
    pub auth: u8,
    /// `{user}`: for PAP and CHAP.
    pub username: &'a str,
    /// `{password}`: for PAP and CHAP. A line that has it is a secret.
    pub password: Option<&'a Secret>,
}

impl Command {
    /// The command line of a template, without its `AT`.
    ///
    /// # Errors
    /// [`Error::bad_value`] when a value holds what could break out of its place, or the template
    /// wants a value that does not exist; `TooLarge`.
    pub fn from_template(template: &'static str, fields: &Fields<'_>) -> Result<Self, Error> {
        let mut line = "AT".to_owned();
        let mut is_secret = false;
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            line.push_str(before);
            let (name, after) = after.split_once('}').ok_or(Error::bad_value(&"template"))?;
            match name {
                "cid" => line.push_str(&fields.cid.to_string()),
                "auth" => line.push_str(&fields.auth.to_string()),
                "type" => push_text(&mut line, fields.kind)?,
                "apn" => push_text(&mut line, fields.apn)?,
                "user" => push_text(&mut line, fields.username)?,
                "password" => {
                    is_secret = true;
                    push_text(&mut line, fields.password.map_or("", Secret::expose))?;
                }
                _ => return Err(Error::bad_value(&"template")),
            }
            rest = after;
        }
        line.push_str(rest);
        Self::checked(line, is_secret)
    }
}

/// Adds a value that stands in quotation marks.
fn push_text(line: &mut String, text: &str) -> Result<(), Error> {
    if !is_printable(text) || text.contains(['"', '\\']) {
        return Err(Error::bad_value(&"string"));
    }
    line.push_str(text);
    Ok(())
}
