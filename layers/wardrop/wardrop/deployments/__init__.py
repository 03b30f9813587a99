"""A version becomes what an environment runs: the life of a deployment."""
