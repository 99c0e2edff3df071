//! A cloud in memory that behaves like a real one: states over time, limits, faults.
