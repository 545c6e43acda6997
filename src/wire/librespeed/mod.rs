//! What the program `librespeed-cli` prints with `--csv`: a line of RFC 4180.
//!
//! As `report/csv.go` of v1.0.13 and v1.0.14 has it, which are in OpenWrt 24.10 and 25.12; the
//! other package of that name, a port to Rust, prints the same. Its JSON says no more of what is
//! wanted, and takes a parser. Before the line may be what it says on its standard error.

use crate::types::SpeedReport;
use crate::wire::decimal::scaled;

#[cfg(test)]
mod tests;

/// `Timestamp,Server Name,Address,Ping,Jitter,Download,Upload,Share,IP`
const FIELDS: usize = 9;

/// The last report in what was printed. `None` when there is none, as when the server does not
/// answer: the program then ends well all the same.
pub fn parse(printed: &str) -> Option<SpeedReport> {
    printed.lines().rev().find_map(report)
}

fn report(line: &str) -> Option<SpeedReport> {
    let fields = fields(line)?;
    let [_, server, _, ping, jitter, download, upload, _, _] = fields.as_slice() else {
        return None;
    };
    let hundredths = |text: &str| scaled(text, 2).and_then(|number| u32::try_from(number).ok());
    Some(SpeedReport {
        server: server.clone(),
        ping: hundredths(ping)?,
        jitter: hundredths(jitter)?,
        download: hundredths(download)?,
        upload: hundredths(upload)?,
    })
}

/// The fields of a line; `None` when there are more than those, or a quote is left open.
fn fields(line: &str) -> Option<Vec<String>> {
    let (mut fields, mut field) = (Vec::new(), String::new());
    let mut is_quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted && fields.len() == FIELDS => return None,
            ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    (!is_quoted).then_some(fields)
}
