//! Recorded exchanges against the contract.
