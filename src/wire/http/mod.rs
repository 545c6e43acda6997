//! As much of HTTP/1.1 as it takes to see that a server answers, and to read a short document: RFC
//! 9112 2.3 to 7.1.

use super::Error;

/// Where web servers listen.
pub const PORT: u16 = 80;

/// The longest status line that is read: reason phrases are short.
pub const STATUS_LINE_BYTES_MAX: usize = 512;

/// The longest response that [`parse_response`] takes, head and body.
pub const RESPONSE_BYTES_MAX: usize = 16 * 1024;

/// A name and a value for the head of a request.
pub type Header = (&'static str, String);

/// An answer, with the body as the server meant it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code, 100 to 599.
    pub status: u16,
    /// What follows the head; with chunks put together.
    pub body: Vec<u8>,
}

/// A request for `path` on `host`, which is as in a URL: with brackets around an IPv6 address, and
/// with a port that is not 80. Neither may hold spaces or control characters, nor the values of
/// `headers` the latter.
///
/// # Errors
/// When one does, so that nothing can end the line early.
pub fn encode_request(host: &str, path: &str, headers: &[Header]) -> Result<Vec<u8>, Error> {
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_graphic());
    if !is_plain(host) {
        return Err(Error::bad_value(&"Host"));
    }
    if !is_plain(path) {
        return Err(Error::bad_value(&"request-target"));
    }
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: ltewan\r\nAccept: */*\r\n\
         Connection: close\r\n"
    );
    for (name, value) in headers {
        if !value.bytes().all(|c| c == b' ' || c.is_ascii_graphic()) {
            return Err(Error::bad_value(&"field-value"));
        }
        request.push_str(name);
        request.push_str(": ");
        request.push_str(value);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    Ok(request.into_bytes())
}

/// A whole response; `None` while more is to come. `is_end`: the server has closed the connection.
///
/// # Errors
/// When it is no response of HTTP/1, ends early, or is longer than [`RESPONSE_BYTES_MAX`].
pub fn parse_response(bytes: &[u8], is_end: bool) -> Result<Option<Response>, Error> {
    let more = || if is_end { Err(Error::Truncated) } else { Ok(None) };
    if bytes.len() > RESPONSE_BYTES_MAX {
        return Err(Error::TooLarge);
    }
    let Some(status) = parse_status(bytes)? else { return more() };
    let Some((head, body)) = split(bytes, b"\r\n\r\n") else { return more() };
    let is_chunked = header(head, "transfer-encoding")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("chunked"));
    if is_chunked {
        return match unchunk(body)? {
            Some(body) => Ok(Some(Response { status, body })),
            None => more(),
        };
    }
    match header(head, "content-length") {
        Some(text) => {
            let bad = Error::bad_value(&"Content-Length");
            let length: usize = text.trim().parse().map_err(|_| bad)?;
            if length > RESPONSE_BYTES_MAX {
                return Err(Error::TooLarge);
            }
            match body.get(..length) {
                Some(body) => Ok(Some(Response { status, body: body.to_vec() })),
                None => more(),
            }
        }
        None if is_end => Ok(Some(Response { status, body: body.to_vec() })),
        None => Ok(None),
    }
}

/// What comes before and after the first `mark`.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}

/// The value of the first field of this name.
fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let mut lines =
        head.split(|byte| *byte == b'\n').filter_map(|line| core::str::from_utf8(line).ok());
    lines.find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Puts chunks together, RFC 9112 7.1; `None` while the last one has not come.
fn unchunk(mut bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let bad = Error::bad_value(&"chunk-size");
    let mut body = Vec::new();
    loop {
        let Some((line, rest)) = split(bytes, b"\r\n") else { return Ok(None) };
        let line = core::str::from_utf8(line).map_err(|_| bad)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).map_err(|_| bad)?;
        if size == 0 {
            return Ok(Some(body));
        }
        if size > RESPONSE_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let (Some(chunk), Some(rest)) = (rest.get(..size), rest.get(size..)) else {
            return Ok(None);
        };
        body.extend_from_slice(chunk);
        match rest.strip_prefix(b"\r\n") {
            Some(rest) => bytes = rest,
            None if rest.len() < 2 => return Ok(None),
            None => return Err(Error::BadLength),
        }
    }
}

/// The status code of a response, 100 to 599; `None` while its first line is not whole.
///
/// # Errors
/// When it is no status line of HTTP/1.
pub fn parse_status(bytes: &[u8]) -> Result<Option<u16>, Error> {
    let bad = Error::bad_value(&"status-line");
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
