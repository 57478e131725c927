//! A keeper over simulated hours.
#![cfg(feature = "keeper")]

mod application;
mod hours;
mod placeholders;
mod renewals;
mod world;
