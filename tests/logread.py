"""logread.py - reads the log of a store that nobody serves, with nothing of ours but the table's name: headers from
their CBOR, and the tree of RFC 6962 over the entries, so that a checkpoint can be held against them."""
import base64
import hashlib
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
        rows = db.execute("SELECT idx, stream, body, header FROM ledger_entry ORDER BY idx").fetchall()
    finally:
        db.close()
    assert [row[0] for row in rows] == list(range(len(rows))), "an index is missing"
    return [Entry(*row) for row in rows]


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
