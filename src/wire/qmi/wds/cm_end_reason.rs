//! End reasons of kind 3. Those of CDMA, eMBMS and rare states of the radio have no name here.

use super::super::code::codes;

codes! {
    /// What the call manager gives as reason (kind 3).
    pub struct CmEndReason: u16 {
        /// CDMA is locked until the next power cycle.
        CdmaLock = 500,
        /// There is no SIM.
        UimNotPresent = 518,
        /// The modem is too hot.
        ThermalEmergency = 523,
        /// Calls are held back for now.
        CallOriginationThrottled = 524,
        /// The conference failed.
        ConferenceFailed = 1000,
        /// The incoming call was rejected.
        IncomingRejected = 1001,
        /// There is no gateway service.
        NoGatewayService = 1002,
        /// There is no packet context: not attached.
        NoGprsContext = 1003,
        /// EMM cause 3: the subscription is not allowed.
        IllegalMs = 1004,
        /// EMM cause 6: the device is not allowed.
        IllegalMe = 1005,
        /// EMM cause 8: no service for this subscription.
        GprsAndNonGprsServicesNotAllowed = 1006,
        /// EMM cause 7: no packet service for this subscription.
        GprsServicesNotAllowed = 1007,
        /// EMM cause 9: the network does not know the device any more.
        MsIdentityNotDerivedByTheNetwork = 1008,
        /// EMM cause 10: the network detached the device.
        ImplicitlyDetached = 1009,
        /// EMM cause 11: the network is not allowed.
        PlmnNotAllowed = 1010,
        /// EMM cause 12: the area is not allowed.
        LaNotAllowed = 1011,
        /// EMM cause 14: no packet service in this network.
        GprsServicesNotAllowedInPlmn = 1012,
        /// The same context is active already.
        PdpDuplicate = 1013,
        /// The access technology changed.
        UeRatChange = 1014,
        /// EMM cause 22: congestion.
        Congestion = 1015,
        /// EMM cause 40: no context is active.
        NoPdpContextActivated = 1016,
        /// The cell bars the access class.
        AccessClassDsacRejection = 1017,
        /// Activation failed too often.
        PdpActivateMaxRetryFailed = 1018,
        /// The radio bearer failed.
        RabFailure = 1019,
        /// EMM cause 7: no LTE service for this subscription.
        EpsServiceNotAllowed = 1020,
        /// EMM cause 12: the area is not allowed.
        TrackingAreaNotAllowed = 1021,
        /// EMM cause 13: roaming is not allowed in this area.
        RoamingNotAllowedInTrackingArea = 1022,
        /// EMM cause 15: no suitable cell in this area.
        NoSuitableCellsInTrackingArea = 1023,
        /// EMM cause 25: the cell is for others.
        NotAuthorizedClosedSubscriberGroup = 1024,
        /// ESM cause 43: the bearer is unknown.
        EsmUnknownEpsBearerContext = 1025,
        /// The radio bearer was released.
        DrbReleasedAtRrc = 1026,
        /// The signalling connection was released.
        NasSignalConnectionReleased = 1027,
        /// Detached.
        EmmDetached = 1028,
        /// Attaching failed.
        EmmAttachFailed = 1029,
        /// Attaching has started.
        EmmAttachStarted = 1030,
        /// The service request failed.
        LteNasServiceRequestFailed = 1031,
        /// The network set the dedicated bearer up again.
        EsmActiveDedicatedBearerReactivated = 1032,
        /// The lower layers failed.
        EsmLowerLayerFailure = 1033,
        /// Bearers are synchronized with the network.
        EsmSyncUpWithNetwork = 1034,
        /// The network gave a dedicated bearer the default one's id.
        EsmDedicatedBearerWithIdOfDefault = 1035,
        /// The network's message is malformed.
        EsmBadOtaMessage = 1036,
        /// The modem rejected the call.
        EsmDsRejectedCall = 1037,
        /// The bearer moved to another access technology.
        EsmContextTransferredDueToIrat = 1038,
        /// Deactivated on request.
        DsExplicitDeactivation = 1039,
        /// No cause.
        EsmLocalCauseNone = 1040,
        /// The service request failed; it may be tried again at once.
        LteNasServiceRequestFailedNoThrottle = 1041,
        /// The SIM's list of allowed APNs lacks this one.
        AclFailure = 1042,
        /// The service request failed; the modem forbids another.
        LteNasServiceRequestFailedDsDisallow = 1043,
        /// The service request was not answered.
        EmmT3417Expired = 1044,
        /// The extended service request was not answered.
        EmmT3417ExtExpired = 1045,
        /// The radio connection could not be set up.
        LrrcConnectionEstablishmentFailure = 1051,
        /// Setting up the radio connection was aborted.
        LrrcConnectionEstablishmentAborted = 1052,
        /// The cell bars access.
        LrrcConnectionEstablishmentBarred = 1053,
        /// The radio connection was not set up in time.
        LrrcConnectionEstablishmentTimeout = 1056,
        /// The radio link failed.
        LrrcConnectionEstablishmentLinkFailure = 1057,
        /// There is no cell.
        LrrcConnectionEstablishmentNotCamped = 1058,
        /// The cell rejected the radio connection.
        LrrcConnectionEstablishmentRejected = 1060,
        /// The radio connection was released, without fault.
        LrrcConnectionReleaseNormal = 1061,
        /// The radio link failed.
        LrrcConnectionReleaseRlf = 1062,
        /// The network detached the device and asks it to attach again.
        DetachWithReattach = 1067,
        /// The network detached the device.
        DetachWithoutReattach = 1068,
        /// The network did not answer.
        EsmProcedureTimeout = 1069,
        /// The connection id is invalid.
        InvalidConnectionId = 1070,
        /// The context was not set up in time.
        PdpEstablishMaxTimeout = 1075,
        /// The context was not modified in time.
        PdpModifyMaxTimeout = 1076,
        /// The context was inactive for too long.
        PdpInactiveMaxTimeout = 1077,
        /// The lower layers failed.
        PdpLowerLayerError = 1078,
        /// Packet service is detached.
        SmPsDetached = 1083,
        /// There is no radio.
        SmNoRadioAvailable = 1084,
        /// The service is not available.
        SmAbortServiceNotAvailable = 1085,
        /// EMM cause 2: the subscription is unknown.
        ImsiUnknownInHss = 1096,
        /// EMM cause 5: the device is not accepted.
        ImeiNotAccepted = 1097,
        /// EMM cause 8: no service for this subscription.
        EpsAndNonEpsServicesNotAllowed = 1098,
        /// EMM cause 14: no LTE service in this network.
        EpsServicesNotAllowedInPlmn = 1099,
        /// EMM cause 16: the network is not reachable for now.
        MscTemporarilyNotReachable = 1100,
        /// EMM cause 18: no voice service.
        CsDomainNotAvailable = 1101,
        /// EMM cause 19: the ESM part failed; often the APN.
        EsmFailure = 1102,
        /// EMM cause 20: authentication failed.
        MacFailure = 1103,
        /// EMM cause 21: authentication is out of step.
        SynchronizationFailure = 1104,
        /// EMM cause 23: security capabilities differ.
        UeSecurityCapabilitiesMismatch = 1105,
        /// EMM cause 24: security was refused.
        SecurityModeRejectUnspecified = 1106,
        /// EMM cause 26: authentication is unacceptable.
        NonEpsAuthUnacceptable = 1107,
        /// Fallback for voice is not allowed.
        CsFallbackNotAllowed = 1108,
        /// EMM cause 40: no bearer is active.
        NoEpsBearerContextActivated = 1109,
        /// The state does not allow it.
        EmmInvalidState = 1110,
        /// The NAS layer failed.
        NasLayerFailure = 1111,
        /// A second call is not allowed.
        MultiPdnNotAllowed = 1112,
        /// Registration failed below.
        LowerLayerRegistrationFailure = 1117,
        /// Detached: no LTE service for this subscription.
        DetachEpsServicesNotAllowed = 1118,
        /// Deactivated inside the modem.
        SmInternalPdpDeactivation = 1119,
        /// The client ended it.
        ClientEnd = 2000,
        /// There is no service.
        NoService = 2001,
        /// The signal faded.
        Fade = 2002,
        /// Released, without fault.
        ReleaseNormal = 2003,
        /// Another attempt is in progress.
        AccessAttemptInProgress = 2004,
        /// The radio link could not be set up.
        AccessFailure = 2005,
        /// Redirection or handoff.
        RedirectionOrHandoff = 2006,
        /// The modem is offline.
        Offline = 2500,
        /// Emergency calls only.
        EmergencyMode = 2501,
        /// A voice call is in the way.
        PhoneInUse = 2502,
        /// The operating mode does not allow it.
        InvalidMode = 2503,
        /// The SIM's state does not allow it.
        InvalidSimState = 2504,
        /// The SIM's call control refused.
        CallControlRejected = 2506,
        /// Detached: power saving.
        EmmDetachedPsm = 2507,
    }
}
