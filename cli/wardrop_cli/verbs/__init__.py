"""One module for each verb or group of verbs. Each sends a request to the stack, and shows the answer on a screen."""
