"""Figures on the screen: one HTML page that opens without a network, its charts drawn by plotly."""
