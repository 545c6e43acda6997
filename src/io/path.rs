//! Parts of paths, by their bytes. `std` minds `//` and `.` as well, which none of ours has, in
//! 3 KB of code on MIPS.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The folder something is in; `None` for the root, and for a name alone.
pub fn parent(path: &Path) -> Option<&Path> {
    let bytes = path.as_os_str().as_bytes();
    let at = bytes.iter().rposition(|byte| *byte == b'/')?;
    // What is in the root has it before its slash.
    let folder = bytes.get(..at.max(1))?;
    (folder.len() < bytes.len()).then(|| Path::new(OsStr::from_bytes(folder)))
}

/// The last part; empty for the root.
pub fn name(path: &Path) -> &OsStr {
    let bytes = path.as_os_str().as_bytes();
    let at = bytes.iter().rposition(|byte| *byte == b'/');
    OsStr::from_bytes(bytes.get(at.map_or(0, |at| at + 1)..).unwrap_or_default())
}

/// The same folder's file of that name with this behind it.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_those_of_std() {
        for text in ["/", "/a", "/a/b", "/a/b.c/d-e", "a/b", "../a"] {
            let path = Path::new(text);
            let of_std = path.parent();
            assert_eq!(parent(path), of_std, "{text}");
            assert_eq!(name(path), path.file_name().unwrap_or_default(), "{text}");
        }
        assert_eq!((parent(Path::new("a")), name(Path::new("a"))), (None, OsStr::new("a")));
        assert_eq!(with_suffix(Path::new("/a/b"), ".c"), Path::new("/a/b.c"));
    }
}
