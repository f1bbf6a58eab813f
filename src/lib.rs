#![doc = include_str!("../README.md")]

pub mod adapter;
pub mod id;
pub mod json;
pub mod port;
pub mod post;
pub mod security;
