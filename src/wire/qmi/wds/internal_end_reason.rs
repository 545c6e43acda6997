//! End reasons of kind 2.

use super::super::code::codes;

codes! {
    /// What the modem itself gives as reason (kind 2).
    pub struct InternalEndReason: u16 {
        /// No further detail.
        Error = 201,
        /// The call was ended locally.
        CallEnded = 202,
        /// The modem does not know which internal cause.
        UnknownInternalCause = 203,
        /// The modem does not know the cause.
        UnknownCause = 204,
        /// An earlier call is still being closed.
        CloseInProgress = 205,
        /// The network ended it.
        NetworkInitiatedTermination = 206,
        /// Another application took its place.
        AppPreempted = 207,
        /// IPv4 is not allowed on this APN.
        PdnIpv4CallDisallowed = 208,
        /// IPv4 is held back for now after failures.
        PdnIpv4CallThrottled = 209,
        /// IPv6 is not allowed on this APN.
        PdnIpv6CallDisallowed = 210,
        /// IPv6 is held back for now after failures.
        PdnIpv6CallThrottled = 211,
        /// The modem restarted.
        ModemRestart = 212,
        /// PPP is not supported.
        PdpPppNotSupported = 213,
        /// The access technology is not the preferred one.
        UnpreferredRat = 214,
        /// The physical link is still being closed.
        PhysicalLinkCloseInProgress = 215,
        /// The APN awaits handover.
        ApnPendingHandover = 216,
        /// The profile does not fit the bearer.
        ProfileBearerIncompatible = 217,
        /// Something happened to the SIM card.
        SimCardEvent = 218,
        /// The radio was switched off.
        LowPowerOrPowerDown = 219,
        /// The APN is switched off in the profile.
        ApnDisabled = 220,
        /// The maximum PPP inactivity timer expired.
        MpitExpired = 221,
        /// The IPv6 address could not be moved.
        Ipv6AddressTransferFailed = 222,
        /// Changing the access technology failed.
        TratSwapFailed = 223,
        /// Fallback from eHRPD to HRPD.
        EhrpdToHrpdFallback = 224,
        /// A mandatory APN is switched off.
        MandatoryApnDisabled = 225,
        /// Mobile IP is misconfigured.
        MipConfigFailure = 226,
        /// Nothing was sent for too long.
        PdnInactivityTimerExpired = 227,
        /// There are too many IPv4 calls.
        MaxV4Connections = 228,
        /// There are too many IPv6 calls.
        MaxV6Connections = 229,
        /// The APN differs from the one in use.
        ApnMismatch = 230,
        /// The IP family differs from the one in use.
        IpVersionMismatch = 231,
        /// Tethering is not allowed.
        DunCallDisallowed = 232,
        /// The profile is invalid.
        InvalidProfile = 233,
        /// Change between EPC and others.
        EpcNonepcTransition = 234,
        /// The profile does not exist.
        InvalidProfileId = 235,
        /// There is a call already.
        CallAlreadyPresent = 236,
        /// The interface is in use.
        InterfaceInUse = 237,
        /// The IP family and the PDP type differ.
        IpPdpMismatch = 238,
        /// The APN is not allowed while roaming.
        ApnDisallowedOnRoaming = 239,
        /// The APN's parameters changed.
        ApnParameterChange = 240,
        /// The interface is in use with the same configuration.
        InterfaceInUseConfigMatch = 241,
        /// An APN is needed.
        NullApnDisallowed = 242,
        /// The modem is too hot.
        ThermalMitigation = 243,
        /// The subscription differs.
        SubsIdMismatch = 244,
        /// Data is switched off in the modem's settings.
        DataSettingsDisabled = 245,
        /// Roaming is switched off in the modem's settings.
        DataRoamingSettingsDisabled = 246,
        /// The APN is malformed.
        ApnFormatInvalid = 247,
        /// The default subscription for data changed.
        DdsCallAbort = 248,
        /// Validation failed.
        ValidationFailure = 249,
        /// The profiles do not go together.
        ProfilesNotCompatible = 251,
        /// No APN matches.
        NullResolvedApnNoMatch = 252,
        /// The APN's name is invalid.
        InvalidApnName = 253,
        /// The default subscription for data is changing.
        DdsSwitchInProgress = 254,
        /// Calls are not allowed while roaming.
        CallDisallowedInRoaming = 255,
        /// Exceptional data is not supported.
        MoExceptionalNotSupported = 256,
        /// Non-IP is not supported.
        NonIpNotSupported = 257,
        /// Non-IP is held back for now.
        PdnNonIpCallThrottled = 258,
        /// Non-IP is not allowed.
        PdnNonIpCallDisallowed = 259,
        /// The call's type is not non-IP.
        NonIpTypeMismatch = 261,
        /// There are too many calls.
        MaxPdnReached = 262,
        /// The APN is invalid.
        InvalidApn = 263,
        /// The slice is not allowed.
        SliceNotAllowed = 264,
        /// Routing failed.
        RoutingFail = 265,
        /// Routing changed.
        RoutingChanged = 266,
        /// The local area data network is not available here.
        LadnNotAvailable = 267,
        /// The APN's type differs.
        ApnTypeMismatch = 268,
    }
}
