"""What an application's configuration document says."""
