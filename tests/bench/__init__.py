"""Benchmarks run as a training worker does."""

from core.engine.processor import prepare_to_train

prepare_to_train()
