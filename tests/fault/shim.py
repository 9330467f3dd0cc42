"""shim.py - runs a program under the shim (shim.c), for the tests of this folder."""
import mmap
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from served import BUILD  # noqa: E402

SHIM = os.path.join(BUILD, "tests/fault/libfault-shim.so")
STATE_BYTES, POWER_EXIT = 272, 77


class Fault:
    """The shim's page: what it does, and what happened."""

    def __init__(self, work, folder, kind, nth, seed):
        """`folder` is watched; what the shim needs itself lies in `work`."""
        self.path = os.path.join(work, "state")
        with open(self.path, "wb") as file:
            file.write(struct.pack("<I", 1) + bytes(STATE_BYTES - 4))
        os.makedirs(os.path.join(work, "stash"))
        self.environment = {"LD_PRELOAD": SHIM, "FAULT_FOLDER": folder, "FAULT_KIND": kind,
                            "FAULT_STASH": os.path.join(work, "stash"), "FAULT_STATE": self.path, "FAULT_NTH": str(nth),
                            "FAULT_SEED": str(seed)}

    def read(self):
        """Fired, how many calls there were, and which it was, in words."""
        with open(self.path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as page:
            _, fired, count = struct.unpack("<IIQ", page[:16])
            call, path = (part.split(b"\0")[0].decode() for part in (page[16:48], page[48:STATE_BYTES]))
        return fired != 0, count, f"{call} {os.path.basename(path)}"
