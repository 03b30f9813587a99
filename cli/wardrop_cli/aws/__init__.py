"""The only modules that know AWS's SDK."""
