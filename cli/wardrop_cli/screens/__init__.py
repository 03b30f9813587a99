"""The screens. These modules are pure: they convert values and the current time to renderables of rich."""
