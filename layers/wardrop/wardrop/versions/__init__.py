"""The retention and the deletion of application versions."""
