//! Why a call ended or did not start.
//!
//! Modems say it twice: as a plain reason, and in two numbers, of which the first says whose
//! numbering the second is in. Numbers are those of libqmi's `qmi-enums-wds.h`; the 3GPP ones are
//! those of TS 24.008 10.5.6.6 (SM) and TS 24.301 9.9.4.4 (ESM), which agree.

use super::super::TlvReader;
use super::super::code::codes;
use super::{CmEndReason, EsmCause, InternalEndReason};
use core::fmt;

codes! {
    /// The plain reason: TLV 0x10. From 1000 on it stands for an SM cause of GSM, UMTS or LTE;
    /// 500 to 515 and 1500 to 1507 are of CDMA and unnamed.
    pub struct CallEndReason: u16 {
        /// The modem does not say.
        Unspecified = 1,
        /// The client ended it.
        ClientEnd = 2,
        /// There is no service.
        NoService = 3,
        /// The signal faded.
        Fade = 4,
        /// The network released it, without fault.
        ReleaseNormal = 5,
        /// Another attempt is in progress.
        AccessAttemptInProgress = 6,
        /// The radio link could not be set up.
        AccessFailure = 7,
        /// Redirection or handoff.
        RedirectionOrHandoff = 8,
        /// An earlier call is still being closed.
        CloseInProgress = 9,
        /// Authentication failed.
        AuthenticationFailed = 10,
        /// Something went wrong inside the modem.
        InternalError = 11,
        /// The conference failed.
        ConferenceFailed = 1000,
        /// The incoming call was rejected.
        IncomingRejected = 1001,
        /// There is no GSM, UMTS or LTE service.
        GsmWcdmaNoService = 1002,
        /// The network ended it.
        NetworkEnd = 1003,
        /// SM cause 25: LLC or SNDCP failed.
        LlcSndcpFailure = 1004,
        /// SM cause 26: the network is short of resources.
        InsufficientResources = 1005,
        /// SM cause 34: the service is out of order for now.
        OptionTemporarilyOutOfOrder = 1006,
        /// SM cause 35: the NSAPI is in use.
        NsapiAlreadyUsed = 1007,
        /// SM cause 36: regular deactivation.
        RegularDeactivation = 1008,
        /// SM cause 38: network failure.
        NetworkFailure = 1009,
        /// SM cause 39: reactivation requested.
        ReattachRequired = 1010,
        /// SM cause 111: protocol error.
        ProtocolError = 1011,
        /// SM cause 8: the operator bars the subscription.
        OperatorDeterminedBarring = 1012,
        /// SM cause 27: the APN is missing or unknown.
        UnknownApn = 1013,
        /// SM cause 28: the PDP type is unknown.
        UnknownPdp = 1014,
        /// SM cause 30: the gateway refused.
        GgsnReject = 1015,
        /// SM cause 31: refused without detail.
        ActivationReject = 1016,
        /// SM cause 32: the service is not supported.
        OptionNotSupported = 1017,
        /// SM cause 33: the service is not subscribed to.
        OptionUnsubscribed = 1018,
        /// SM cause 37: the QoS was not accepted.
        QosNotAccepted = 1019,
        /// SM cause 41: the TFT means nothing.
        TftSemanticError = 1020,
        /// SM cause 42: the TFT is malformed.
        TftSyntaxError = 1021,
        /// SM cause 43: the PDP context is unknown.
        UnknownPdpContext = 1022,
        /// SM cause 44: the packet filter means nothing.
        FilterSemanticError = 1023,
        /// SM cause 45: the packet filter is malformed.
        FilterSyntaxError = 1024,
        /// SM cause 46: a PDP context without TFT is active.
        PdpWithoutActiveTft = 1025,
        /// SM cause 81: the transaction identifier is invalid.
        InvalidTransactionId = 1026,
        /// SM cause 95: the message means nothing.
        MessageIncorrectSemantic = 1027,
        /// SM cause 96: mandatory information is invalid.
        InvalidMandatoryInfo = 1028,
        /// SM cause 97: the message type is not supported.
        MessageTypeUnsupported = 1029,
        /// SM cause 98: the message type does not fit the state.
        MessageTypeNoncompatibleState = 1030,
        /// SM cause 99: the information element is unknown.
        UnknownInfoElement = 1031,
        /// SM cause 100: a conditional information element is wrong.
        ConditionalIeError = 1032,
        /// SM cause 101: the message does not fit the state.
        MessageAndProtocolStateIncompatible = 1033,
        /// SM cause 112: APN restriction.
        ApnTypeConflict = 1034,
        /// There is no packet context: not attached.
        NoGprsContext = 1035,
        /// SM cause 40: the feature is not supported.
        FeatureNotSupported = 1036,
    }
}

codes! {
    /// Why PPP failed (kind 7).
    pub struct PppEndReason: u16 {
        /// The peer did not answer.
        Timeout = 1,
        /// Authentication failed.
        AuthenticationFailure = 2,
        /// The options do not agree.
        OptionMismatch = 3,
        /// PAP failed.
        PapFailure = 31,
        /// CHAP failed.
        ChapFailure = 32,
        /// An earlier session is still being closed.
        CloseInProgress = 33,
    }
}

codes! {
    /// Why IPv6 failed (kind 9).
    pub struct Ipv6EndReason: u16 {
        /// No prefix was given.
        PrefixUnavailable = 1,
        /// IPv6 is off on HRPD.
        HrpdIpv6Disabled = 2,
        /// IPv6 is off.
        Disabled = 3,
    }
}

/// The reason in detail: TLV 0x11.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum VerboseCallEndReason {
    /// Kind 2: decided inside the modem.
    Internal(InternalEndReason),
    /// Kind 3: the call manager, which speaks for registration and radio.
    CallManager(CmEndReason),
    /// Kind 6: the network, with an SM or ESM cause.
    ThreeGpp(EsmCause),
    /// Kind 7: PPP.
    Ppp(PppEndReason),
    /// Kind 9: IPv6.
    Ipv6(Ipv6EndReason),
    /// Any other kind: 1 is mobile IP, 8 eHRPD.
    Other {
        /// Whose numbering.
        kind: u16,
        /// The reason.
        reason: u16,
    },
}

/// Whose reason, and its name: `ThreeGpp(UnknownApn)`.
impl fmt::Debug for VerboseCallEndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(reason) => write!(f, "Internal({reason:?})"),
            Self::CallManager(reason) => write!(f, "CallManager({reason:?})"),
            Self::ThreeGpp(cause) => write!(f, "ThreeGpp({cause:?})"),
            Self::Ppp(reason) => write!(f, "Ppp({reason:?})"),
            Self::Ipv6(reason) => write!(f, "Ipv6({reason:?})"),
            Self::Other { kind, reason } => write!(f, "kind {kind}, reason {reason}"),
        }
    }
}

impl VerboseCallEndReason {
    /// Takes the two numbers.
    pub const fn from_code(kind: u16, reason: u16) -> Self {
        match kind {
            2 => Self::Internal(InternalEndReason::from_code(reason)),
            3 => Self::CallManager(CmEndReason::from_code(reason)),
            6 => Self::ThreeGpp(EsmCause::from_code(reason)),
            7 => Self::Ppp(PppEndReason::from_code(reason)),
            9 => Self::Ipv6(Ipv6EndReason::from_code(reason)),
            _ => Self::Other { kind, reason },
        }
    }

    /// The two numbers.
    pub const fn code(self) -> (u16, u16) {
        match self {
            Self::Internal(reason) => (2, reason.code()),
            Self::CallManager(reason) => (3, reason.code()),
            Self::ThreeGpp(cause) => (6, cause.code()),
            Self::Ppp(reason) => (7, reason.code()),
            Self::Ipv6(reason) => (9, reason.code()),
            Self::Other { kind, reason } => (kind, reason),
        }
    }

    pub(super) fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        Some(Self::from_code(r.u16()?, r.u16()?))
    }
}
