//! A custom transport.
fn main() {}
