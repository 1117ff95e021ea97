//! The manual knows every key.
