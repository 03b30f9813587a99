"""One module for each verb or group of verbs. It sends a request to the stack, and shows the answer on a screen."""
