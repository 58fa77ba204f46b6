"""Workloads: one file each. Adding one costs one file and one test."""
