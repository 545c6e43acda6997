//! What the demo prints: a timeline, a summary, and what to do on a router.

use ltewan::time::Duration;

/// Where lines go.
pub(crate) type Print = Box<dyn Fn(&str) + Send + Sync>;

/// A timeline for people.
pub(crate) struct Screen {
    colours: bool,
    print: Print,
}

const BOLD: &str = "1";
const FAINT: &str = "2";
const CYAN: &str = "36";
const GREEN: &str = "32";
const RED: &str = "31";

impl Screen {
    /// One that prints with `print`, line by line.
    pub(crate) fn new(colours: bool, print: Print) -> Self {
        Self { colours, print }
    }

    /// A heading.
    pub(super) fn title(&self, text: &str) {
        (self.print)(&format!("\n{}\n", self.paint(BOLD, text)));
    }

    /// Something that was done.
    pub(super) fn act(&self, at: Duration, what: &str) {
        (self.print)("");
        (self.print)(&format!("{} {}", time(at), self.paint(BOLD, &format!("> {what}"))));
    }

    /// Something that happened.
    pub(super) fn line(&self, at: Duration, who: &str, what: &str) {
        let colour = match what.rsplit("  ").next().unwrap_or_default() {
            "up" | "connected" => GREEN,
            "down" | "link lost" | "absent" | "removed" => RED,
            text if text.starts_with("error") => RED,
            _ => "0",
        };
        let who = self.paint(CYAN, &format!("{who:<7}"));
        (self.print)(&format!("{}   {who} {}", time(at), self.paint(colour, what)));
    }

    /// Output of a program.
    pub(super) fn quote(&self, line: &str) {
        (self.print)(&format!("          {line}"));
    }

    /// A figure, and the same of others.
    pub(super) fn sum(&self, what: &str, value: &str, others: &str) {
        let others = self.paint(FAINT, others);
        (self.print)(format!("  {what:<46} {value:>9}   {others}").trim_end());
    }

    /// What a reader of figures has to know.
    pub(super) fn note(&self, text: &str) {
        (self.print)(&format!("  {}", self.paint(FAINT, text)));
    }

    /// How to do it with a real modem.
    pub(super) fn on_a_router(&self) {
        self.title("On a router");
        for (command, why) in [
            ("apk add ltewan", "OpenWrt 24.10 and older: opkg install ltewan"),
            ("uci set network.wan4g=interface", ""),
            ("uci set network.wan4g.proto=ltewan", ""),
            ("uci set network.wan4g.apn=internet", "what your operator says"),
            ("uci add_list firewall.@zone[1].network=wan4g", "the zone called wan"),
            ("uci commit", ""),
            ("/etc/init.d/network restart", "the first time; later a reload is enough"),
            ("/etc/init.d/firewall reload", ""),
            ("ltewan status", ""),
        ] {
            let why = if why.is_empty() { String::new() } else { format!("# {why}") };
            let line = format!("  {command:<46} {}", self.paint(FAINT, &why));
            (self.print)(line.trim_end());
        }
        (self.print)("");
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colours && !text.is_empty() {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Milliseconds since the start.
fn time(at: Duration) -> String {
    format!("{:>6}", at.as_millis())
}
