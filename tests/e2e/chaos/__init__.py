"""Many drops to many environments, while functions are killed, calls are refused, and answers and events are lost."""
