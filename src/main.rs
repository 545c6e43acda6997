//! The `ltewan` program: the daemon and the command line in one binary.

fn main() {}
