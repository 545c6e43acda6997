//! Why a network refuses or ends a session: SM and ESM causes, and what Qualcomm numbers after them
//! (113 to 128). QMI gives them as call end reasons of kind 6, MBIM as network errors.

use super::code::codes;

codes! {
    /// What the network gives as reason: SM cause, TS 24.008 10.5.6.6; ESM cause,
    /// TS 24.301 9.9.4.4.
    pub struct EsmCause: u16 {
        /// The operator bars the subscription.
        OperatorDeterminedBarring = 8,
        /// LLC or SNDCP failed.
        LlcSndcpFailure = 25,
        /// The network is short of resources.
        InsufficientResources = 26,
        /// The APN is missing or unknown.
        UnknownApn = 27,
        /// The PDP type is unknown.
        UnknownPdpType = 28,
        /// User authentication failed: username or password.
        AuthenticationFailed = 29,
        /// The gateway (GGSN, SGW or PGW) refused.
        GatewayReject = 30,
        /// Refused without detail.
        ActivationReject = 31,
        /// The service is not supported.
        OptionNotSupported = 32,
        /// The service is not subscribed to.
        OptionUnsubscribed = 33,
        /// The service is out of order for now.
        OptionTemporarilyOutOfOrder = 34,
        /// The NSAPI (SM) or the PTI (ESM) is in use.
        NsapiAlreadyUsed = 35,
        /// Regular deactivation.
        RegularDeactivation = 36,
        /// The QoS was not accepted.
        QosNotAccepted = 37,
        /// Network failure.
        NetworkFailure = 38,
        /// Reactivation requested.
        ReactivationRequested = 39,
        /// The feature is not supported.
        FeatureNotSupported = 40,
        /// The TFT means nothing.
        TftSemanticError = 41,
        /// The TFT is malformed.
        TftSyntaxError = 42,
        /// The PDP context, or EPS bearer, is unknown.
        UnknownPdpContext = 43,
        /// The packet filter means nothing.
        FilterSemanticError = 44,
        /// The packet filter is malformed.
        FilterSyntaxError = 45,
        /// A PDP context without TFT is active.
        PdpWithoutActiveTft = 46,
        /// The last PDN may not be disconnected.
        LastPdnDisconnection = 49,
        /// Only IPv4 is allowed.
        Ipv4OnlyAllowed = 50,
        /// Only IPv6 is allowed.
        Ipv6OnlyAllowed = 51,
        /// One family a call only.
        SingleAddressBearerOnly = 52,
        /// The ESM information was not received.
        EsmInfoNotReceived = 53,
        /// The PDN connection does not exist.
        PdnConnectionDoesNotExist = 54,
        /// A second connection to the same APN is not allowed.
        MultipleConnectionToSamePdnNotAllowed = 55,
        /// The transaction identifier is invalid.
        InvalidTransactionId = 81,
        /// The message means nothing.
        MessageIncorrectSemantic = 95,
        /// Mandatory information is invalid.
        InvalidMandatoryInfo = 96,
        /// The message type is not supported.
        MessageTypeUnsupported = 97,
        /// The message type does not fit the state.
        MessageTypeNoncompatibleState = 98,
        /// The information element is unknown.
        UnknownInfoElement = 99,
        /// A conditional information element is wrong.
        ConditionalIeError = 100,
        /// The message does not fit the state.
        MessageAndProtocolStateIncompatible = 101,
        /// Protocol error, unspecified.
        ProtocolError = 111,
        /// APN restriction: it does not go with another active APN.
        ApnTypeConflict = 112,
        /// The P-CSCF address is invalid.
        InvalidPcscfAddress = 113,
        /// A call of higher priority took its place.
        CallPreemptedByHighPriorityApn = 114,
        /// The cell bars access.
        EmmAccessBarred = 115,
        /// Emergency calls only.
        EmergencyInterfaceOnly = 116,
        /// The interface does not fit.
        InterfaceMismatch = 117,
        /// The other family's interface is in use.
        CompanionInterfaceInUse = 118,
        /// The address differs from before.
        IpAddressMismatch = 119,
        /// The interface's family differs from the policy's.
        InterfaceAndPolicyFamilyMismatch = 120,
        /// The cell bars access; the modem goes on trying.
        EmmAccessBarredInfiniteRetry = 121,
        /// Authentication failed on an emergency call.
        AuthenticationFailureOnEmergencyCall = 122,
        /// The DNS address is invalid.
        InvalidDnsAddress = 123,
        /// The P-CSCF's DNS address is invalid.
        InvalidPcscfDnsAddress = 124,
        /// A test loop is closed.
        TestLoopbackMode = 125,
        /// Extended access barring.
        EmmAccessBarredEab = 126,
        /// An emergency call took its place.
        CallPreemptedByEmergencyApn = 127,
        /// The modem detached or disconnected by itself.
        UeInitiatedDetachOrDisconnect = 128,
    }
}
