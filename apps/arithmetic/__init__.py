"""The parts of the page Arithmetic."""
