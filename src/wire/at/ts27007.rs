//! TS 27.007: identity, functionality, PIN, and the errors of the mobile termination.

use super::card::{with_codes, word};
use super::codes::error_codes;
use super::{Command, Params};
use crate::types::{Imei, Secret};
use crate::wire::Error;

/// Asks for the model. TS 27.007 5.2.
pub fn cgmm() -> Command {
    Command::execute("+CGMM")
}

/// What a modem answers to `+CGMI`, `+CGMM` or `+CGMR`, whose `name` some repeat before it.
///
/// The replies are free text, so a line that begins as a result code of any other name is passed
/// over: it is unsolicited and not in our table.
pub fn identity_text(lines: &[String], name: &str) -> Option<String> {
    let named = lines.iter().find_map(|line| {
        let rest = line.strip_prefix(name)?.trim_start().strip_prefix(':')?;
        Some(rest.trim())
    });
    let plain = || {
        let mut lines = lines.iter().map(|line| line.trim());
        lines.find(|line| !line.is_empty() && !line.starts_with(['+', '^', '*', '#', '_']))
    };
    let text = named.or_else(plain)?.trim_matches('"').trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The IMEI in the answer to `+CGSN`: the first word of 15 digits, or of 14 or 16.
///
/// # Errors
/// [`Error::bad_value`] when there is none.
pub fn parse_cgsn(lines: &[String]) -> Result<Imei, Error> {
    for length in [15, 16, 14] {
        let is_it = |word: &str| word.len() == length && Imei::new(word).is_ok();
        if let Some(imei) = word(lines, &is_it).and_then(|word| Imei::new(word).ok()) {
            return Ok(imei);
        }
    }
    Err(Error::bad_value(&"+CGSN"))
}

/// Dials a packet data context; the port carries PPP once the modem has answered `CONNECT`.
/// TS 27.007 10.2.1.1.
pub fn dial_context(cid: u8) -> Command {
    Command::own(format!("ATD*99***{cid}#"))
}

/// Hangs up. V.250 6.3.6.
pub fn hang_up() -> Command {
    Command::execute("H")
}

/// How much of the modem is on: the `<fun>` of +CFUN, TS 27.007 8.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Functionality {
    /// 0: radio and mostly the SIM off. Some USB modems leave the bus.
    Minimum,
    /// 1: all on.
    Full,
    /// 4: radio off, SIM on: flight mode.
    RadioOff,
    /// Another number, of TS 27.007 or of the vendor.
    Other(u8),
}

impl Functionality {
    /// That of a number.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Minimum,
            1 => Self::Full,
            4 => Self::RadioOff,
            other => Self::Other(other),
        }
    }

    /// Its number.
    pub fn code(self) -> u8 {
        match self {
            Self::Minimum => 0,
            Self::Full => 1,
            Self::RadioOff => 4,
            Self::Other(code) => code,
        }
    }
}

/// Sets how much of the modem is on; with `reset` it restarts first, which mostly takes it off the
/// bus for a while.
pub fn cfun_set(functionality: Functionality, reset: bool) -> Command {
    let reset = if reset { ",1" } else { "" };
    Command::own(format!("AT+CFUN={}{reset}", functionality.code()))
}

/// How much of the modem is on: the answer to `AT+CFUN?`.
///
/// # Errors
/// [`Error::bad_value`] when there is none.
pub fn parse_cfun(lines: &[String]) -> Result<Functionality, Error> {
    Params::first_number(lines, "+CFUN")
        .and_then(|code| u8::try_from(code).ok())
        .map(Functionality::from_code)
        .ok_or(Error::bad_value(&"+CFUN"))
}

/// What the SIM waits for: the `<code>` of +CPIN, TS 27.007 8.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinState {
    /// Nothing.
    Ready,
    /// PIN 1.
    SimPin,
    /// PUK 1.
    SimPuk,
    /// PIN 2, for the last command.
    SimPin2,
    /// PUK 2, for the last command.
    SimPuk2,
    /// The key of a lock to an operator, a maker or a company: `PH-NET PIN`.
    Personalisation(String),
    /// A vendor's own word, such as `NOT READY`. Escape it before showing it.
    Other(String),
}

/// Enters a PIN. Each wrong one costs an attempt: see that at least two are left.
///
/// # Errors
/// [`Error::bad_value`] unless it is 4 to 8 digits, TS 31.101 9.5.1: nothing else is worth an
/// attempt.
pub fn cpin_enter(pin: &Secret) -> Result<Command, Error> {
    with_codes(Command::set("+CPIN"), &[pin])
}

/// What the SIM waits for: the answer to `AT+CPIN?`. No SIM answers with
/// [`CmeError::SimNotInserted`].
///
/// # Errors
/// [`Error::bad_value`] when there is none.
pub fn parse_cpin(lines: &[String]) -> Result<PinState, Error> {
    let code = Params::find(lines, "+CPIN").and_then(|mut params| params.next()?.present());
    let code = code.ok_or(Error::bad_value(&"+CPIN"))?;
    Ok(match code {
        "READY" => PinState::Ready,
        "SIM PIN" => PinState::SimPin,
        "SIM PUK" => PinState::SimPuk,
        "SIM PIN2" => PinState::SimPin2,
        "SIM PUK2" => PinState::SimPuk2,
        lock if lock.starts_with("PH-") => PinState::Personalisation(lock.to_owned()),
        other => PinState::Other(other.to_owned()),
    })
}

error_codes! {
    /// A `+CME ERROR`, TS 27.007 9.2 (release 17).
    CmeError {
        0 PhoneFailure "phone failure"
        1 NoConnection "no connection to phone"
        2 LinkReserved "phone-adaptor link reserved"
        3 NotAllowed "operation not allowed"
        4 NotSupported "operation not supported"
        5 PhSimPinRequired "PH-SIM PIN required"
        6 PhFsimPinRequired "PH-FSIM PIN required"
        7 PhFsimPukRequired "PH-FSIM PUK required"
        10 SimNotInserted "SIM not inserted"
        11 SimPinRequired "SIM PIN required"
        12 SimPukRequired "SIM PUK required"
        13 SimFailure "SIM failure"
        14 SimBusy "SIM busy"
        15 SimWrong "SIM wrong"
        16 IncorrectPassword "incorrect password"
        17 SimPin2Required "SIM PIN2 required"
        18 SimPuk2Required "SIM PUK2 required"
        20 MemoryFull "memory full"
        21 InvalidIndex "invalid index"
        22 NotFound "not found"
        23 MemoryFailure "memory failure"
        24 TextTooLong "text string too long"
        25 TextInvalid "invalid characters in text string"
        26 DialStringTooLong "dial string too long"
        27 DialStringInvalid "invalid characters in dial string"
        30 NoNetworkService "no network service"
        31 NetworkTimeout "network timeout"
        32 EmergencyOnly "network not allowed - emergency calls only"
        40 NetworkPinRequired "network personalization PIN required"
        41 NetworkPukRequired "network personalization PUK required"
        42 NetworkSubsetPinRequired "network subset personalization PIN required"
        43 NetworkSubsetPukRequired "network subset personalization PUK required"
        44 ServicePinRequired "service provider personalization PIN required"
        45 ServicePukRequired "service provider personalization PUK required"
        46 CorporatePinRequired "corporate personalization PIN required"
        47 CorporatePukRequired "corporate personalization PUK required"
        48 HiddenKeyRequired "hidden key required"
        49 EapMethodNotSupported "EAP method not supported"
        50 IncorrectParameters "incorrect parameters"
        51 CommandDisabled "command implemented but currently disabled"
        52 CommandAborted "command aborted by user"
        53 NotAttachedRestricted "not attached to network due to MT functionality restrictions"
        54 RestrictedToEmergency "modem not allowed - MT restricted to emergency calls only"
        55 NotAllowedRestricted "operation not allowed because of MT functionality restrictions"
        56 FixedDialNumberOnly
            "fixed dial number only allowed - called number is not a fixed dial number"
        57 TemporarilyOutOfService "temporarily out of service due to other MT usage"
        58 LanguageNotSupported "language/alphabet not supported"
        59 UnexpectedDataValue "unexpected data value"
        60 SystemFailure "system failure"
        61 DataMissing "data missing"
        62 CallBarred "call barred"
        63 MessageWaitingSubscriptionFailure "message waiting indication subscription failure"
        100 Unknown "unknown"
        102 ImsiUnknownInHss "IMSI unknown in HSS"
        103 IllegalUe "illegal MS"
        104 ImsiUnknownInVlr "IMSI unknown in VLR"
        105 ImeiNotAccepted "IMEI not accepted"
        106 IllegalMe "illegal ME"
        107 PsServicesNotAllowed "GPRS services not allowed"
        108 PsAndNonPsServicesNotAllowed "GPRS services and non-GPRS services not allowed"
        109 IdentityNotDerived "UE identity cannot be derived by the network"
        110 ImplicitlyDetached "implicitly detached"
        111 PlmnNotAllowed "PLMN not allowed"
        112 AreaNotAllowed "location area not allowed"
        113 RoamingNotAllowedInArea "roaming not allowed in this location area"
        114 PsServicesNotAllowedInPlmn "GPRS services not allowed in this PLMN"
        115 NoSuitableCells "no suitable cells in location area"
        116 MscNotReachable "MSC temporarily not reachable"
        117 AttachNetworkFailure "network failure"
        118 CsDomainNotAvailable "CS domain not available"
        119 EsmFailure "ESM failure"
        122 Congestion "congestion"
        124 MbmsInsufficient "MBMS bearer capabilities insufficient for the service"
        125 NotAuthorizedForCsg "not authorized for this CSG"
        126 InsufficientResources "insufficient resources"
        127 UnknownApn "missing or unknown APN"
        128 UnknownPdpType "unknown PDP address or PDP type"
        129 UserAuthenticationFailed "user authentication failed"
        130 RejectedByGateway "activation rejected by GGSN, Serving GW or PDN GW"
        131 RejectedUnspecified "activation rejected, unspecified"
        132 ServiceOptionNotSupported "service option not supported"
        133 ServiceOptionNotSubscribed "requested service option not subscribed"
        134 ServiceOptionOutOfOrder "service option temporarily out of order"
        135 NsapiInUse "NSAPI or PTI already in use"
        136 RegularDeactivation "regular deactivation"
        137 QosNotAccepted "QoS not accepted"
        138 CallNotIdentified "call cannot be identified"
        139 CsServiceUnavailable "CS service temporarily not available"
        140 FeatureNotSupported "feature not supported"
        141 TftSemanticError "semantic error in the TFT operation"
        142 TftSyntacticalError "syntactical error in the TFT operation"
        143 UnknownPdpContext "unknown PDP context"
        144 FilterSemanticError "semantic errors in packet filter(s)"
        145 FilterSyntacticalError "syntactical errors in packet filter(s)"
        146 ContextWithoutTft "PDP context without TFT already activated"
        147 MulticastTimeout "multicast group membership time-out"
        148 GprsUnspecified "unspecified GPRS error"
        149 PdpAuthenticationFailure "PDP authentication failure"
        150 InvalidMobileClass "invalid mobile class"
        151 VgcsNotSupported "VBS/VGCS not supported by the network"
        152 NoServiceSubscription "no service subscription on SIM"
        153 NoGroupSubscription "no subscription for group ID"
        154 GroupNotActivated "group Id not activated on SIM"
        155 NoMatchingNotification "no matching notification"
        156 VgcsCallPresent "VBS/VGCS call already present"
        157 VgcsCongestion "congestion in VBS/VGCS"
        158 VgcsNetworkFailure "network failure in VBS/VGCS"
        159 UplinkBusy "uplink busy"
        160 NoSimFileAccess "no access rights for SIM file"
        161 NoPrioritySubscription "no subscription for priority"
        162 NotApplicable "operation not applicable or not possible"
        163 GroupPrefixNotSupported "group Id prefixes not supported"
        164 GroupPrefixNotUsable "group Id prefixes not usable for VBS"
        165 GroupPrefixInvalid "group Id prefix value invalid"
        171 LastPdnDisconnection "last PDN disconnection not allowed"
        172 SemanticallyIncorrect "semantically incorrect message"
        173 MandatoryInformationInvalid "mandatory information element error"
        174 MessageTypeNotImplemented "message type non-existent or not implemented"
        175 ConditionalIeError "conditional IE error"
        176 ProtocolErrorUnspecified "protocol error, unspecified"
        177 OperatorDeterminedBarring "operator determined barring"
        178 TooManyContexts "maximum number of PDP contexts reached"
        179 ApnNotSupportedHere "requested APN not supported in current RAT and PLMN combination"
        180 BearerControlViolation "request rejected, bearer control mode violation"
        181 QciNotSupported "unsupported QCI value"
        182 ControlPlaneCongested "user data transmission via control plane is congested"
        183 SmsViaGprs "SMS provided via GPRS in routing area"
        184 InvalidPti "invalid PTI value"
        185 NoContextActivated "no PDP context activated"
        186 MessageNotCompatible "message not compatible with protocol state"
        187 RecoveryOnTimerExpiry "recovery on timer expiry"
        188 InvalidTransactionId "invalid transaction id value"
        189 ServiceOptionNotAuthorized "service option not authorized in PLMN"
        190 ActivationNetworkFailure "network failure at activation"
        191 ReactivationRequested "reactivation requested"
        192 Ipv4Only "PDP type IPv4 only allowed"
        193 Ipv6Only "PDP type IPv6 only allowed"
        194 SingleAddressOnly "single address bearers only allowed"
        195 Collision "collision with network initiated request"
        196 Ipv4v6Only "PDP type IPv4v6 only allowed"
        197 NonIpOnly "PDP type non IP only allowed"
        198 BearerHandlingNotSupported "bearer handling not supported"
        199 ApnRestriction "APN restriction value incompatible with active context"
        200 MultipleAccesses "multiple accesses to a PDN connection not allowed"
        201 EsmInformationNotReceived "ESM information not received"
        202 PdnConnectionNonexistent "PDN connection does not exist"
        203 MultipleConnectionsForApn "multiple PDN connections for a given APN not allowed"
        204 SevereNetworkFailure "severe network failure"
        205 SliceAndDnnResources "insufficient resources for specific slice and DNN"
        206 SscModeNotSupported "not supported SSC mode"
        207 SliceResources "insufficient resources for specific slice"
        208 MessageTypeNotCompatible "message type not compatible with protocol state"
        209 IeNotImplemented "information element non-existent or not implemented"
        210 N1ModeNotAllowed "N1 mode not allowed"
        211 RestrictedServiceArea "restricted service area"
        212 LadnNotAvailable "LADN not available"
        213 UnknownDnnInSlice "missing or unknown DNN in a slice"
        214 NgksiInUse "ngKSI already in use"
        215 PayloadNotForwarded "payload was not forwarded"
        216 NonThreeGppNotAllowed "non-3GPP access to 5GCN not allowed"
        217 ServingNetworkNotAuthorized "serving network not authorized"
        218 DnnNotSupportedInSlice "DNN not supported or not subscribed in the slice"
        219 UserPlaneResources "insufficient user-plane resources for the PDU session"
        220 OutOfLadnArea "out of LADN service area"
        221 PtiMismatch "PTI mismatch"
        222 IntegrityRateTooLow
            "maximum data rate per UE for user-plane integrity protection is too low"
        223 QosSemanticError "semantic error in the QoS operation"
        224 QosSyntacticalError "syntactical error in the QoS operation"
        225 InvalidMappedBearer "invalid mapped EPS bearer identity"
        226 RedirectionTo5gcn "redirection to 5GCN required"
        227 RedirectionToEpc "redirection to EPC required"
        228 SnpnTemporarilyNotAuthorized "temporarily not authorized for this SNPN"
        229 SnpnPermanentlyNotAuthorized "permanently not authorized for this SNPN"
        230 EthernetOnly "PDN type Ethernet only allowed"
        231 NotAuthorizedForCag "not authorized for this CAG or authorized for CAG cells only"
        232 NoSlicesAvailable "no network slices available"
        233 WirelineAreaNotAllowed "wireline access area not allowed"    }
}
