"""Depth Lab: a laboratory for very deep convolutional networks.

vocabulary -> spec -> nets -> taps and probes -> train -> events -> store -> recording -> figures -> pages
"""

# Every way in comes through here first, and by any Python: so this file is written for those that cannot read the rest.
import sys

if sys.platform == "win32":  # there is no fcntl
    _refusal = "Depth Lab needs Linux or macOS: on Windows, run it in WSL (the Windows Subsystem for Linux)."
elif not (3, 11) <= sys.version_info < (3, 14):
    _found = "%d.%d" % sys.version_info[:2]  # noqa: UP031
    _refusal = "Depth Lab needs Python 3.11, 3.12 or 3.13, and this is " + _found + ": install one of these."
else:
    _refusal = ""
if _refusal:
    sys.stderr.write(_refusal + "\n")
    sys.exit(2)
