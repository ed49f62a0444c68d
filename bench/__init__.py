"""Benchmarks: one module each, every figure beside its limit in the same run."""
