//! placeholder while the generator is being written
