//! Importing a changed document edits our contracts where the facts differ, and nowhere else.

#![cfg(test)]

mod ours;
mod pets;
mod support;
