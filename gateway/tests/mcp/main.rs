//! The MCP face over dispatch, against the local exchange: by hand over HTTP, and with rmcp's client in both eras.

mod calls;
mod clients;
mod confirm;
mod input;
mod pinned;
mod reading;
mod sessions;
mod support;
