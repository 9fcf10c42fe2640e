//! The narrow waist: every call to the exchange goes through here.
