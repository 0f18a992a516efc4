"""A driver for GPUs that counts one and cannot start it, as torch and CUDA load it: a real library, for real processes.

It also tells whether anybody has asked it. How a GPU fails is up to the driver's ``cuInit``, whose codes are CUDA's,
or to what hangs: whoever calls that waits for ever.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Both libraries that torch may load: what counts GPUs (NVML), and what starts them.
SOURCE = r"""
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void asked(const char *what) {
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    if (visible && !*visible) return;  // whoever asks has been told that there is none
    close(open(getenv("ASKED_GPU"), O_CREAT | O_WRONLY, 0644));
    while (!strcmp(what, HANGS)) pause();
    if (!strcmp(what, CRASHES)) raise(SIGSEGV);
}

int nvmlInit(void) { asked("nvmlInit"); return 0; }
int nvmlInit_v2(void) { asked("nvmlInit"); return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return 0; }

int cuInit(unsigned flags) { asked("cuInit"); return FAULT; }
int cuDriverGetVersion(int *version) { *version = 99000; return 0; }
static int fails(void) { return FAULT; }

int cuGetProcAddress_v2(const char *name, void **found, int version, unsigned long long flags, int *status) {
    if (status) *status = 0;
    *found = !strcmp(name, "cuInit") ? (void *)cuInit
        : !strcmp(name, "cuDriverGetVersion") ? (void *)cuDriverGetVersion
        : !strncmp(name, "cuGetProcAddress", 16) ? (void *)cuGetProcAddress_v2 : (void *)fails;
    return 0;
}
"""
UNKNOWN = 999  # cudaErrorUnknown: "CUDA unknown error"


class Driver:
    """Libraries in a folder that processes are to find before the machine's own."""

    def __init__(self, folder: Path, counts: bool = True, hangs: str = "", crashes: str = "") -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler to make a driver with")
        folder.mkdir()
        source = folder / "driver.c"
        source.write_text(SOURCE)
        for name in ["libcuda.so.1"] + ["libnvidia-ml.so.1"] * counts:
            meaning = {"FAULT": UNKNOWN, "HANGS": f'"{hangs}"', "CRASHES": f'"{crashes}"'}
            defined = [f"-D{word}={value}" for word, value in meaning.items()]
            subprocess.run([compiler, "-shared", "-fPIC", *defined, "-o", folder / name, source], check=True)
        self._asked = folder / "asked"
        self.environment = {
            "LD_LIBRARY_PATH": f"{folder}:{os.environ.get('LD_LIBRARY_PATH', '')}",
            "ASKED_GPU": str(self._asked),
        }

    @property
    def asked(self) -> bool:
        """Whether any process has asked it something, without having been told not to; from now on none has."""
        found = self._asked.exists()
        self._asked.unlink(missing_ok=True)
        return found
