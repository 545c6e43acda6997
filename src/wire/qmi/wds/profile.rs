//! Stored profiles. The one that LTE attaches with (usually number 1) decides what the network
//! lets a call do.

use super::super::code::codes;
use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::{PdpType, auth_code, auth_from_code};
use crate::types::{Apn, AuthMethod, Secret};
use crate::wire::Error;

codes! {
    /// The family of profiles.
    pub struct ProfileType: u8 {
        /// GSM, UMTS, LTE, NR.
        ThreeGpp = 0,
        /// CDMA.
        ThreeGpp2 = 1,
        /// Common to both.
        Epc = 2,
    }
}

/// Names one profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileId {
    /// Its family.
    pub kind: ProfileType,
    /// Its number, from 1.
    pub index: u8,
}

impl ProfileId {
    /// A profile of the 3GPP family.
    pub const fn three_gpp(index: u8) -> Self {
        Self { kind: ProfileType::ThreeGpp, index }
    }

    fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        Some(Self { kind: ProfileType::from_code(r.u8()?), index: r.u8()? })
    }

    fn write(self, tlvs: &mut TlvWriter) {
        tlvs.put(0x01, &[self.kind.code(), self.index]);
    }
}

/// Get Profile List (0x002A).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetProfileListRequest {
    /// TLV 0x10: the family.
    pub kind: ProfileType,
}

/// One profile that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileListEntry {
    /// Which.
    pub id: ProfileId,
    /// Its name, often empty.
    pub name: String,
}

impl Request for GetProfileListRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x002A;
    /// TLV 0x01.
    type Response = Vec<ProfileListEntry>;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x10, self.kind.code());
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Self::Response, Error> {
        tlvs.mandatory(0x01, &"profile list", |r| {
            r.list8(|r| Some(ProfileListEntry { id: ProfileId::read(r)?, name: r.text8()? }))
        })
    }
}

/// Get Profile Settings (0x002B).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetProfileSettingsRequest {
    /// TLV 0x01.
    pub id: ProfileId,
}

/// What a profile holds, as far as dialling needs it. The password is not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// TLV 0x10.
    pub name: Option<String>,
    /// TLV 0x11.
    pub pdp_type: Option<PdpType>,
    /// TLV 0x14. Not [`Apn`]: others wrote it.
    pub apn: Option<String>,
    /// TLV 0x1B.
    pub username: Option<String>,
    /// TLV 0x1D.
    pub auth: Option<AuthMethod>,
    /// TLV 0x2F: whether the profile is switched off.
    pub apn_disabled: Option<bool>,
    /// TLV 0x3E: whether it is forbidden to roam.
    pub roaming_disallowed: Option<bool>,
}

impl Request for GetProfileSettingsRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x002B;
    type Response = Profile;

    fn write(&self, tlvs: &mut TlvWriter) {
        self.id.write(tlvs);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Profile, Error> {
        Ok(Profile {
            name: tlvs.optional(0x10, TlvReader::text),
            pdp_type: tlvs.optional(0x11, TlvReader::u8).map(PdpType::from_code),
            apn: tlvs.optional(0x14, TlvReader::text),
            username: tlvs.optional(0x1B, TlvReader::text),
            auth: tlvs.optional(0x1D, TlvReader::u8).map(auth_from_code),
            apn_disabled: tlvs.optional(0x2F, TlvReader::flag),
            roaming_disallowed: tlvs.optional(0x3E, TlvReader::flag),
        })
    }
}

/// What to write into a profile; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileFields {
    /// TLV 0x10.
    pub name: Option<String>,
    /// TLV 0x11.
    pub pdp_type: Option<PdpType>,
    /// TLV 0x14.
    pub apn: Option<Apn>,
    /// TLV 0x1B.
    pub username: Option<String>,
    /// TLV 0x1C.
    pub password: Option<Secret>,
    /// TLV 0x1D.
    pub auth: Option<AuthMethod>,
    /// TLV 0x3E: whether to forbid it to roam.
    pub roaming_disallowed: Option<bool>,
}

impl ProfileFields {
    fn write(&self, tlvs: &mut TlvWriter) {
        if let Some(name) = &self.name {
            tlvs.put(0x10, name.as_bytes());
        }
        if let Some(pdp_type) = self.pdp_type {
            tlvs.put_u8(0x11, pdp_type.code());
        }
        if let Some(apn) = &self.apn {
            tlvs.put(0x14, apn.as_str().as_bytes());
        }
        if let Some(username) = &self.username {
            tlvs.put(0x1B, username.as_bytes());
        }
        if let Some(password) = &self.password {
            tlvs.put(0x1C, password.expose().as_bytes());
        }
        if let Some(auth) = self.auth {
            tlvs.put_u8(0x1D, auth_code(auth));
        }
        if let Some(disallowed) = self.roaming_disallowed {
            tlvs.put_flag(0x3E, disallowed);
        }
    }
}

/// Modify Profile (0x0028).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModifyProfileRequest {
    /// TLV 0x01.
    pub id: ProfileId,
    /// What to change.
    pub fields: ProfileFields,
}

impl Request for ModifyProfileRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0028;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        self.id.write(tlvs);
        self.fields.write(tlvs);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Create Profile (0x0027).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateProfileRequest {
    /// TLV 0x01: the family.
    pub kind: ProfileType,
    /// What it is to hold.
    pub fields: ProfileFields,
}

impl Request for CreateProfileRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0027;
    /// TLV 0x01.
    type Response = ProfileId;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.kind.code());
        self.fields.write(tlvs);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<ProfileId, Error> {
        tlvs.mandatory(0x01, &"profile identifier", ProfileId::read)
    }
}

/// Delete Profile (0x0029).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteProfileRequest {
    /// TLV 0x01.
    pub id: ProfileId,
}

impl Request for DeleteProfileRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0029;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        self.id.write(tlvs);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Get Default Profile Number (0x0049): what the modem dials with when told nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetDefaultProfileNumberRequest;

impl Request for GetDefaultProfileNumberRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0049;
    /// TLV 0x01.
    type Response = u8;

    fn write(&self, tlvs: &mut TlvWriter) {
        // 3GPP, and the family of calls from a host ("tethered").
        tlvs.put(0x01, &[ProfileType::ThreeGpp.code(), 1]);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<u8, Error> {
        tlvs.mandatory(0x01, &"profile number", TlvReader::u8)
    }
}
