"""Depth Lab: a laboratory for very deep convolutional networks.

spec -> nets -> taps and probes -> train -> events -> store -> figures -> pages
"""
