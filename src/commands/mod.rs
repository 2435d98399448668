//! One file for each command.

pub mod audit;
pub mod carrying;
pub mod client;
pub mod demo;
pub mod development;
pub mod mail;
pub mod manual;
pub mod migrate;
pub mod operator;
pub mod plan;
pub mod serve;
pub mod tenant;
