"""AWS on this machine: moto, and the delivery of events, messages and invocations that moto lacks."""
