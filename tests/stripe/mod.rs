//! Tests of the room `stripe`.
