"""System checks of the whole portal: opsportal.E... and opsportal.W..."""
