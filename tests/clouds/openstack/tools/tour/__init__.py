"""The documented tour with cloudfarm against the control plane, under the eyes of the stock client."""
