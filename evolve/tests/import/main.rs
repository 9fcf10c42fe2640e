//! Importing a changed document edits our contracts where the facts differ, and nowhere else.

#![cfg(test)]

mod edits;
mod ours;
mod pets;
mod support;
