//! One file for each command.

pub mod audit;
pub mod client;
pub mod demo;
pub mod development;
pub mod mail;
pub mod migrate;
pub mod plan;
pub mod serve;
pub mod tenant;
