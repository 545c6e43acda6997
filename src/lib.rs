#![doc = include_str!("ARCHITECTURE.md")]

pub mod log;
pub mod map;
pub mod time;
pub mod types;

pub mod config;
pub mod driver;
pub mod io;
pub mod manager;
pub mod modem;
pub mod port;
pub mod service;
pub mod wire;
