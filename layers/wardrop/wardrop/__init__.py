"""The code of Wardrop's functions, divided into packages by subject."""
