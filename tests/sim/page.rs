//! The page of a stick that is a router of its own, in Huawei's way or in ZTE's.

use super::config::NetworkConfig;

/// What a stick has on port 80.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Page {
    /// A page for people, and nothing else.
    #[default]
    Plain,
    /// HiLink, with sessions.
    HiLink,
    /// Goform.
    Goform,
    /// Goform that wants a login first.
    Locked,
}

/// The session that HiLink wants named.
const SESSION: &str = "\r\nCookie: SessionID=c2lt\r\n";
const TOKEN: &str = "\r\n__RequestVerificationToken: dG9r\r\n";

/// For people; small enough for one segment.
const PEOPLE: &str = "<!doctype html><title>simmodem</title><p>You are online.\n";

impl Page {
    /// By its word.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "plain" => Ok(Self::Plain),
            "hilink" => Ok(Self::HiLink),
            "goform" => Ok(Self::Goform),
            "locked" => Ok(Self::Locked),
            _ => Err(format!("no page '{text}'")),
        }
    }

    /// The whole response to a request.
    pub(crate) fn answer(self, network: &NetworkConfig, request: &[u8]) -> String {
        let request = String::from_utf8_lossy(request);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let found = match self {
            Self::HiLink => hilink(network, path, &request),
            Self::Goform | Self::Locked if path.starts_with("/goform/goform_get_cmd_process") => {
                let is_told = self == Self::Goform && request.contains("\r\nReferer: http://");
                Some(goform(network, is_told))
            }
            Self::Plain | Self::Goform | Self::Locked => None,
        };
        match found {
            Some(body) => {
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            }
            None if path.starts_with("/api/") || path.starts_with("/goform/") => {
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned()
            }
            None => {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
                format!("{head}Content-Length: {}\r\n\r\n{PEOPLE}", PEOPLE.len())
            }
        }
    }
}

fn hilink(network: &NetworkConfig, path: &str, request: &str) -> Option<String> {
    let signal = network.signal;
    let body = match path {
        "/api/webserver/SesTokInfo" => {
            "<SesInfo>SessionID=c2lt</SesInfo><TokInfo>dG9r</TokInfo>".to_owned()
        }
        _ if path.starts_with("/api/")
            && !(request.contains(SESSION) && request.contains(TOKEN)) =>
        {
            return Some("<error><code>125002</code><message></message></error>".to_owned());
        }
        "/api/device/signal" => format!(
            "<pci>43</pci><rsrq>{}dB</rsrq><rsrp>{}dBm</rsrp><rssi>{}dBm</rssi><sinr>{}dB</sinr>\
             <rscp></rscp><ecio></ecio><mode>7</mode>",
            signal.rsrq_db,
            signal.rsrp_dbm,
            signal.rssi_dbm,
            signal.snr_tenth_db / 10
        ),
        "/api/monitoring/status" => "<ConnectionStatus>901</ConnectionStatus>\
             <CurrentNetworkType>19</CurrentNetworkType><RoamingStatus>0</RoamingStatus>\
             <ServiceStatus>2</ServiceStatus><SimStatus>1</SimStatus>"
            .to_owned(),
        "/api/net/current-plmn" => format!(
            "<State>0</State><FullName>{}</FullName><Numeric>{}{:02}</Numeric><Rat>7</Rat>",
            network.name, network.mcc, network.mnc
        ),
        _ => return None,
    };
    Some(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>\n{body}\n</response>\n"))
}

fn goform(network: &NetworkConfig, is_told: bool) -> String {
    if !is_told {
        return "{\"network_type\":\"\",\"network_provider\":\"\",\"lte_rsrp\":\"\"}".to_owned();
    }
    let signal = network.signal;
    format!(
        "{{\"network_type\":\"LTE\",\"network_provider\":\"{}\",\"rmcc\":\"{}\",\"rmnc\":\"{}\",\
         \"simcard_roam\":\"Home\",\"rssi\":\"{}\",\"lte_rsrp\":\"{}\",\"lte_rsrq\":\"{}\",\
         \"lte_snr\":\"{}\"}}",
        network.name,
        network.mcc,
        network.mnc,
        signal.rssi_dbm,
        signal.rsrp_dbm,
        signal.rsrq_db,
        signal.snr_tenth_db / 10
    )
}
