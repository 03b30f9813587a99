"""AWS on this machine: moto extended with the delivery of events, messages and invocations."""
