"""What no machine without a GPU can show: ``python -m tests.gpu`` says whether the lab is right on one, and how fast.

It needs torch 2.11 or later with its torchvision, numpy, pillow, pydantic, psutil, safetensors and pytest, no more.
"""
