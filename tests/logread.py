"""logread.py - reads the log of a store that nobody serves, with nothing of ours but the table's name: headers from
their CBOR, and the tree of RFC 6962 over the entries, so that a checkpoint can be held against them."""
import base64
import ctypes
import ctypes.util
import hashlib
import os
import sqlite3

LOOKUP, SEARCH = 3, 4  # kinds
RESTRICTED = -4  # a stream


def read_item(data, at):
    """One item of the deterministic CBOR of docs/ledger.md, 2.1."""
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info >= 24 and major != 7:
        size = 1 << (info - 24)
        info, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major == 0:
        return info, at
    if major in (2, 3):
        value = data[at:at + info]
        return (value if major == 2 else value.decode()), at + info
    if major == 4:
        items = []
        for _ in range(info):
            item, at = read_item(data, at)
            items.append(item)
        return items, at
    if major == 5:
        members = {}
        for _ in range(info):
            key, at = read_item(data, at)
            members[key], at = read_item(data, at)
        return members, at
    raise ValueError(f"major type {major} has no place in a header")


def read_keys(store):
    """By number: the keys of the headers (docs/ledger.md, 6)."""
    path = f"{store}/keys/data.keys"
    data = open(path, "rb").read() if os.path.exists(path) else b"\n"
    records = data[data.index(b"\n") + 1:]
    return {int.from_bytes(records[at:at + 4], "big"): records[at + 24:at + 56] for at in range(0, len(records), 128)}


class Cipher:
    """AES-256 in counter mode, OpenSSL's: Python has none of its own."""

    def __init__(self):
        self.crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
        for name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_ctr"):
            getattr(self.crypto, name).restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.crypto.EVP_CIPHER_CTX_new())
        self.kind = ctypes.c_void_p(self.crypto.EVP_aes_256_ctr())

    def show(self, key, iv, hidden):
        out, size = ctypes.create_string_buffer(len(hidden) + 16), ctypes.c_int()
        assert self.crypto.EVP_EncryptInit_ex(self.context, self.kind, None, key, iv) == 1
        assert self.crypto.EVP_EncryptUpdate(self.context, out, ctypes.byref(size), hidden, len(hidden)) == 1
        return out.raw[:size.value]


class Entry:
    """One row: the sealed ones with kind, event (hex) and refused."""

    def __init__(self, index, stream, body, header):
        self.index, self.stream, self.body = index, stream, body
        members = read_item(header, 0)[0] if header else {}
        self.kind, self.event = members.get(0), members.get(1, b"").hex()
        self.refused = members.get(12, 0) == 1


def read_entries(store):
    db = sqlite3.connect(f"file:{store}/store/tirkeu.db?mode=ro", uri=True)
    try:
        rows = db.execute("SELECT idx, stream, body, header, data_key, iv FROM ledger_entry ORDER BY idx").fetchall()
    finally:
        db.close()
    assert [row[0] for row in rows] == list(range(len(rows))), "an index is missing"
    keys, cipher = read_keys(store), Cipher()
    return [Entry(index, stream, body, header if key is None else cipher.show(keys[key], iv, header)[32:])
            for index, stream, body, header, key, iv in rows]


def tree_root(hashes):
    if len(hashes) == 0:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + tree_root(hashes[:split]) + tree_root(hashes[split:])).digest()


def root_of(entries, size):
    return tree_root([hashlib.sha256(b"\x00" + entry.body).digest() for entry in entries[:size]])


def read_checkpoint(text):
    """Size and root of a checkpoint as it is served; its signature is others' to check."""
    lines = text.split("\n")
    return int(lines[1]), base64.b64decode(lines[2], validate=True)
