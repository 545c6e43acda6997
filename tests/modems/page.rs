//! Makes the page for people.

use super::Modem;
use ltewan::driver::quirk::Warning;

const HEAD: &str = "\
# Hardware

Every modem works that the kernel's drivers know: by its class, by QMI, MBIM or the commands of
3GPP. This is what is known beyond that, of particular ones. It is made from
`src/driver/quirk/modems.tsv`, which also has the source of each row;
[adding a modem](adding-a-modem.md) is one row there.

How far each cell can be trusted:

| mark | |
|---|---|
| **H** | seen on hardware: in a published log of the real thing |
| **S** | from documents, and tried with the simulated modem |
| **D** | from documents: vendors' manuals, and the sources of other programs |
| **?** | said somewhere, and not confirmed |
| | nothing is known |

The last column says over what ltewan itself reads and sets bands and technologies; the commands
beside it are the vendor's, whoever sends them.

None of these modems has been in the hands of this project.
";

/// The columns of evidence, and which columns of the data file each is about.
const CELLS: [(&str, &[&str]); 5] = [
    ("ports", &["at", "ppp", "ports"]),
    ("protocols", &["protocols"]),
    ("restart", &["reset"]),
    ("signal and cells", &["signal"]),
    ("bands and modes", &["bands", "modes"]),
];

/// The page.
pub(super) fn document(modems: &[Modem]) -> String {
    let mut text = HEAD.to_owned();
    let (makers, products): (Vec<_>, Vec<_>) = modems.iter().partition(|modem| modem.is_maker());
    text.push_str(&format!("\n## Modems\n\n{} rows.\n\n", products.len()));
    text.push_str(&table(&products));
    text.push_str("\n## Any other of a maker\n\n");
    text.push_str(&table(&makers));
    text.push_str("\n## What to know of them\n\n| | |\n|---|---|\n");
    for warning in Warning::ALL.into_iter().filter(|warning| !warning.sentence().is_empty()) {
        let about: Vec<_> = modems
            .iter()
            .filter(|modem| modem.words("warnings").any(|word| same(word, warning)))
            .map(|modem| modem.get("model"))
            .collect();
        text.push_str(&format!("| {} | {} |\n", about.join("; "), warning.sentence()));
    }
    text
}

/// Whether a word of the data file stands for a warning.
fn same(word: &str, warning: Warning) -> bool {
    word.replace('-', "").eq_ignore_ascii_case(&format!("{warning:?}"))
}

fn table(modems: &[&Modem]) -> String {
    let mut text = "| modem | USB id |".to_owned();
    CELLS.iter().for_each(|(title, _)| text.push_str(&format!(" {title} |")));
    text.push_str(" by ltewan |");
    text.push_str(&format!("\n{}|\n", "|---".repeat(CELLS.len() + 3)));
    modems.iter().for_each(|modem| text.push_str(&line(modem)));
    text
}

fn line(modem: &Modem) -> String {
    let ids: Vec<_> = modem.words("ids").map(|id| format!("`{id}`")).collect();
    let mut text = format!("| {} | {} |", modem.get("model"), ids.join(" "));
    let evidence: Vec<char> = modem.0[15].chars().collect();
    for (at, (title, columns)) in CELLS.into_iter().enumerate() {
        let parts: Vec<_> = columns
            .iter()
            .map(|column| cell(modem, column))
            .filter(|part| !part.is_empty())
            .collect();
        let restart = *title == *"restart" && parts.is_empty() && !modem.get("dial").is_empty();
        let said = if restart { "`AT+CFUN=1,1`".to_owned() } else { parts.join("; ") };
        let mark = evidence.get(at).copied().filter(|mark| *mark != '-' && !said.is_empty());
        let mark = mark.map(|mark| format!(" **{mark}**")).unwrap_or_default();
        text.push_str(&format!(" {said}{mark} |"));
    }
    // QMI needs no commands of the vendor's.
    let is_qmi = modem.get("protocols").contains("QMI");
    let ways = [(is_qmi, "QMI"), (!modem.get("lock").is_empty(), "AT")];
    let ways: Vec<_> = ways.iter().filter(|(is_there, _)| *is_there).map(|(_, way)| *way).collect();
    text.push_str(&format!(" {} |", ways.join(", ")));
    text.push('\n');
    text
}

fn cell(modem: &Modem, column: &str) -> String {
    let said = modem.get(column);
    match column {
        _ if said.is_empty() => String::new(),
        "at" => format!("AT {}", said.replace(' ', ", ")),
        "ppp" => format!("PPP {}", said.replace(' ', ", ")),
        "reset" => format!("`AT{said}`"),
        "signal" | "bands" | "modes" => {
            let code = |part: &str| {
                let part = part.trim().replace('|', "\\|");
                if part.starts_with("AT") { format!("`{part}`") } else { part }
            };
            said.split(';').map(code).collect::<Vec<_>>().join(", ")
        }
        _ => said.to_owned(),
    }
}
