//! One HTTP door to every cloud a team has.
