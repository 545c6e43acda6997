//! Why a modem refuses a request: the error half of the result TLV.

use super::code::codes;
use core::fmt;

codes! {
    /// A QMI protocol error. Names are those of libqmi's `QmiProtocolError`.
    // Beside the tag of an error that may be this one, half a word would have to be cut out and
    // put in.
    #[repr(align(4))]
    pub struct QmiError: u16 {
        /// No error: seen with a failure status from broken firmware.
        None = 0,
        /// The modem could not parse the request.
        MalformedMessage = 1,
        /// The modem is out of memory.
        NoMemory = 2,
        /// Something went wrong inside the modem.
        Internal = 3,
        /// The request was aborted.
        Aborted = 4,
        /// No client id is free: clients that were not released hold them all.
        ClientIdsExhausted = 5,
        /// The request cannot be aborted.
        UnabortableTransaction = 6,
        /// The client id is not allocated: released, or the modem restarted.
        InvalidClientId = 7,
        /// The request lacks thresholds.
        NoThresholdsProvided = 8,
        /// The handle names no call.
        InvalidHandle = 9,
        /// The profile does not exist.
        InvalidProfile = 10,
        /// There is no such PIN.
        InvalidPinId = 11,
        /// The PIN is wrong; an attempt is spent.
        IncorrectPin = 12,
        /// No network was found.
        NoNetworkFound = 13,
        /// The call could not be set up; the end reasons say why.
        CallFailed = 14,
        /// There is no call.
        OutOfCall = 15,
        /// The subscription is not provisioned.
        NotProvisioned = 16,
        /// A TLV is missing from the request.
        MissingArgument = 17,
        /// A TLV of the request is too long.
        ArgumentTooLong = 19,
        /// The transaction id is not known.
        InvalidTransactionId = 22,
        /// The device is in use.
        DeviceInUse = 23,
        /// The network does not support it.
        NetworkUnsupported = 24,
        /// The device does not support it.
        DeviceUnsupported = 25,
        /// It is so already: setting what is set, stopping what is stopped, dialling what is up.
        NoEffect = 26,
        /// All profiles are taken.
        NoFreeProfile = 27,
        /// The PDP type is not allowed.
        InvalidPdpType = 28,
        /// The technology is not allowed.
        InvalidTechnologyPreference = 29,
        /// There is no such type of profile.
        InvalidProfileType = 30,
        /// There is no such service.
        InvalidServiceType = 31,
        /// There is no such way to register.
        InvalidRegisterAction = 32,
        /// There is no such attach action.
        InvalidPsAttachAction = 33,
        /// Authentication failed.
        AuthenticationFailed = 34,
        /// The PIN is blocked; the PUK is needed.
        PinBlocked = 35,
        /// The PIN is blocked for good.
        PinAlwaysBlocked = 36,
        /// The SIM is not initialized yet.
        UimUninitialized = 37,
        /// There are too many QoS requests.
        MaximumQosRequestsInUse = 38,
        /// The flow filter is wrong.
        IncorrectFlowFilter = 39,
        /// The network knows no QoS.
        NetworkQosUnaware = 40,
        /// The QoS id is not known.
        InvalidQosId = 41,
        /// The number asked for is not supported.
        RequestedNumberUnsupported = 42,
        /// The data interface does not exist.
        InterfaceNotFound = 43,
        /// The flow is suspended.
        FlowSuspended = 44,
        /// The data format is not allowed.
        InvalidDataFormat = 45,
        /// No further detail.
        GeneralError = 46,
        /// The modem does not know the cause.
        UnknownError = 47,
        /// A TLV of the request has a value that is not allowed.
        InvalidArgument = 48,
        /// The index is out of range.
        InvalidIndex = 49,
        /// There is nothing stored there.
        NoEntry = 50,
        /// The modem's storage is full.
        DeviceStorageFull = 51,
        /// The modem is not ready yet.
        DeviceNotReady = 52,
        /// The network is not ready yet.
        NetworkNotReady = 53,
        /// The network refused the short message, with a cause.
        WmsCauseCode = 54,
        /// The short message was not sent.
        WmsMessageNotSent = 55,
        /// The short message was not delivered.
        WmsMessageDeliveryFailure = 56,
        /// The short message's id is not known.
        WmsInvalidMessageId = 57,
        /// The short message's encoding is wrong.
        WmsEncoding = 58,
        /// Authentication is locked.
        AuthenticationLock = 59,
        /// The operating mode cannot be reached from the present one.
        InvalidTransition = 60,
        /// The interface is not for multicast.
        NotMcastInterface = 61,
        /// There are too many multicast requests.
        MaximumMcastRequestsInUse = 62,
        /// The multicast handle is not known.
        InvalidMcastHandle = 63,
        /// The IP family does not fit the client or the profile.
        InvalidIpFamilyPreference = 64,
        /// The session is not active.
        SessionInactive = 65,
        /// The session does not exist.
        SessionInvalid = 66,
        /// The session belongs to another client.
        SessionOwnership = 67,
        /// Resources are exhausted.
        InsufficientResources = 68,
        /// It is disabled.
        Disabled = 69,
        /// It is not allowed in the present state.
        InvalidOperation = 70,
        /// The modem does not know the message.
        InvalidQmiCommand = 71,
        /// The type of the short message's TPDU is wrong.
        WmsTPduType = 72,
        /// The address of the short message centre is wrong.
        WmsSmscAddress = 73,
        /// The information is not available now.
        InformationUnavailable = 74,
        /// The segment is too long.
        SegmentTooLong = 75,
        /// The segment is out of order.
        SegmentOrder = 76,
        /// Messages cannot be bundled.
        BundlingNotSupported = 77,
        /// Part of it failed.
        OperationPartialFailure = 78,
        /// It contradicts a policy: the link format differs between clients, for one.
        PolicyMismatch = 79,
        /// The file is not on the SIM.
        SimFileNotFound = 80,
        /// Something went wrong inside the modem; a TLV says more.
        ExtendedInternal = 81,
        /// Access is denied: the SIM's PIN is not verified, for one.
        AccessDenied = 82,
        /// A hardware switch forbids it.
        HardwareRestricted = 83,
        /// The acknowledgement was not sent.
        AckNotSent = 84,
        /// The injection took too long.
        InjectTimeout = 85,
        /// It does not fit the present state.
        IncompatibleState = 90,
        /// Fixed dialling forbids it.
        FdnRestrict = 91,
        /// The supplementary service failed.
        SupsFailureCase = 92,
        /// The radio is off.
        NoRadio = 93,
        /// The modem does not support it.
        NotSupported = 94,
        /// There is no subscription.
        NoSubscription = 95,
        /// The SIM's call control failed.
        CardCallControlFailed = 96,
        /// The network aborted it.
        NetworkAborted = 97,
        /// The message is blocked.
        MsgBlocked = 98,
        /// There is no such session type.
        InvalidSessionType = 100,
        /// There is no such phone book.
        InvalidPbType = 101,
        /// There is no SIM.
        NoSim = 102,
        /// The phone book is not ready yet.
        PbNotReady = 103,
        /// The PIN is needed first.
        PinRestriction = 104,
        /// The PIN2 is needed first.
        Pin2Restriction = 105,
        /// The PUK is needed first.
        PukRestriction = 106,
        /// The PUK2 is needed first.
        Puk2Restriction = 107,
        /// Access to the phone book is restricted.
        PbAccessRestricted = 108,
        /// The phone book is being deleted.
        PbDeleteInProgress = 109,
        /// The phone book entry's text is too long.
        PbTextTooLong = 110,
        /// The phone book entry's number is too long.
        PbNumberTooLong = 111,
        /// The phone book's hidden key is needed first.
        PbHiddenKeyRestriction = 112,
        /// The phone book is not available.
        PbNotAvailable = 113,
        /// The modem's memory failed.
        DeviceMemoryError = 114,
        /// The client may not do it.
        NoPermission = 115,
        /// It was asked too soon.
        TooSoon = 116,
        /// The modem has no time yet.
        TimeNotAcquired = 117,
        /// The same operation is in progress.
        OperationInProgress = 118,
        /// Firmware could not be written.
        FwWriteFailed = 388,
        /// Firmware information could not be read.
        FwInfoReadFailed = 389,
        /// The firmware file does not exist.
        FwFileNotFound = 390,
        /// The firmware directory does not exist.
        FwDirNotFound = 391,
        /// The firmware is active already.
        FwAlreadyActivated = 392,
        /// The generic image cannot be used.
        FwCannotGenericImage = 393,
        /// The firmware file could not be opened.
        FwFileOpenFailed = 400,
        /// A frame of the firmware update is missing.
        FwUpdateDiscontinuousFrame = 401,
        /// The firmware update failed.
        FwUpdateFailed = 402,
        /// Registration for SIM toolkit events failed.
        CatEventRegistrationFailed = 61441,
        /// The terminal response is wrong.
        CatInvalidTerminalResponse = 61442,
        /// The envelope command is wrong.
        CatInvalidEnvelopeCommand = 61443,
        /// The SIM is busy with another envelope command.
        CatEnvelopeCommandBusy = 61444,
        /// The envelope command failed.
        CatEnvelopeCommandFailed = 61445,
    }
}

/// The name and the number: `NoEffect (26)`.
impl fmt::Display for QmiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.code()),
            None => write!(f, "QMI error {}", self.code()),
        }
    }
}

impl core::error::Error for QmiError {}
