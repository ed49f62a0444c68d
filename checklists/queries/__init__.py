"""What pages, sweeps and the API read of checklists: flat rows, few queries."""
