"""AWS on this machine: moto where it suffices, and what delivers events, messages and invocations between its parts."""
