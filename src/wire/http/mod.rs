//! As much of HTTP/1.1 as it takes to see that a server answers: RFC 9112 2.3 to 4.

use super::Error;

/// Where web servers listen.
pub const PORT: u16 = 80;

/// The longest status line that is read: reason phrases are short.
pub const STATUS_LINE_BYTES_MAX: usize = 512;

/// A request for `path` on `host`, which is as in a URL: with brackets around an IPv6 address, and
/// with a port that is not 80. Neither may hold spaces or control characters.
///
/// # Errors
/// When one does, so that nothing can end the line early.
pub fn encode_request(host: &str, path: &str) -> Result<Vec<u8>, Error> {
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_graphic());
    if !is_plain(host) {
        return Err(Error::BadValue { field: "Host" });
    }
    if !is_plain(path) {
        return Err(Error::BadValue { field: "request-target" });
    }
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: ltewan\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n"
    );
    Ok(request.into_bytes())
}

/// The status code of a response, 100 to 599; `None` while its first line is not whole.
///
/// # Errors
/// When it is no status line of HTTP/1.
pub fn parse_status(bytes: &[u8]) -> Result<Option<u16>, Error> {
    let bad = Error::BadValue { field: "status-line" };
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return if bytes.len() < STATUS_LINE_BYTES_MAX { Ok(None) } else { Err(Error::TooLarge) };
    };
    let line = bytes.get(..end).and_then(|line| core::str::from_utf8(line).ok()).ok_or(bad)?;
    let rest = line.strip_prefix("HTTP/1.").ok_or(bad)?;
    let (minor, rest) = rest.split_once(' ').ok_or(bad)?;
    let code = rest.trim_end().split(' ').next().filter(|code| code.len() == 3).ok_or(bad)?;
    let is_number = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    if minor.len() != 1 || !is_number(minor) || !is_number(code) {
        return Err(bad);
    }
    code.parse().ok().filter(|code| (100..600).contains(code)).map(Some).ok_or(bad)
}

#[cfg(test)]
mod tests;
