"""From bytes to a plan: plain Python, nothing but values."""
