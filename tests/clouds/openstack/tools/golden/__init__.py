"""Golden replies: real answers of a living control plane, made repeatable."""
