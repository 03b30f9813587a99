"""The commands of people and programs, and their answers."""
