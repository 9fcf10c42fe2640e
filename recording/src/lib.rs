#![doc = include_str!("../README.md")]

mod error;
mod forward;
mod interaction;
mod message;
mod read;
mod record;

pub use error::Error;
pub use forward::Forward;
pub use interaction::{Interaction, Location, split_url};
pub use message::{Content, Direction, Message};
pub use read::{
    Fault, FaultKind, Input, Item, LINE_START, Line, Progress, ReadOptions, Reader, Recorded,
    STDIN, Shard, Trailer, read_head, read_line, read_recorded, sources,
};
pub use record::{Masking, Recorder, Recording, Summary};
