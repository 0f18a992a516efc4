"""Benchmarks run as a training worker does."""

from core.processes.processor import prepare_to_train

prepare_to_train()
