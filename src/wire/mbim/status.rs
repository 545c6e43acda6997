//! Whether a command was carried out.

use super::code::codes;

codes! {
    /// MBIM_STATUS_CODES (9.4.5), and those of SMS and of Microsoft's extensions that stay numbers.
    pub struct Status: u32 {
        /// It was.
        Success = 0,
        /// The function is busy.
        Busy = 1,
        /// It failed; for a PIN, it was wrong.
        Failure = 2,
        /// There is no SIM.
        SimNotInserted = 3,
        /// The SIM cannot be used.
        BadSim = 4,
        /// The PIN is needed first.
        PinRequired = 5,
        /// The PIN is disabled.
        PinDisabled = 6,
        /// The modem is not registered.
        NotRegistered = 7,
        /// No network was found.
        ProvidersNotFound = 8,
        /// The function lacks the command.
        NoDeviceSupport = 9,
        /// The network asked for is not there.
        ProviderNotVisible = 10,
        /// The access technology is not available.
        DataClassNotAvailable = 11,
        /// Packet service is not attached.
        PacketServiceDetached = 12,
        /// No more sessions can be activated.
        MaxActivatedContexts = 13,
        /// The function is still starting.
        NotInitialized = 14,
        /// A voice call is in the way.
        VoiceCallInProgress = 15,
        /// The session is not active.
        ContextNotActivated = 16,
        /// The service is not activated.
        ServiceNotActivated = 17,
        /// The access point is wrong.
        InvalidAccessString = 18,
        /// User name or password is wrong.
        InvalidUserNamePwd = 19,
        /// The radio is off.
        RadioPowerOff = 20,
        /// A parameter is wrong.
        InvalidParameters = 21,
        /// Reading failed.
        ReadFailure = 22,
        /// Writing failed.
        WriteFailure = 23,
        /// There is no phone book.
        NoPhonebook = 25,
        /// A parameter is too long.
        ParameterTooLong = 26,
        /// The SIM toolkit is busy.
        StkBusy = 27,
        /// It is not allowed now.
        OperationNotAllowed = 28,
        /// The memory failed.
        MemoryFailure = 29,
        /// There is no such place in the memory.
        InvalidMemoryIndex = 30,
        /// The memory is full.
        MemoryFull = 31,
        /// The filter is not supported.
        FilterNotSupported = 32,
        /// No more data streams can be opened.
        DssInstanceLimit = 33,
        /// The service lacks the operation.
        InvalidDeviceServiceOperation = 34,
        /// Authentication: AUTN is wrong.
        AuthIncorrectAutn = 35,
        /// Authentication: out of step.
        AuthSyncFailure = 36,
        /// Authentication: the AMF bit is not set.
        AuthAmfNotSet = 37,
        /// The context type is not supported.
        ContextNotSupported = 38,
    }
}
