//! Readers of answers, for tests that damage them.
