//! What HTTP drivers share: transport, token source, retry, paging, redaction.
