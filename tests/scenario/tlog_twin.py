#!/usr/bin/env python3
"""tlog_twin.py - the published log read by somebody who has no copy of Tirkeu: docs/ledger.md sections 1 and 4, slowly.

    tlog_twin.py log URL              all tiles and bundles of the checkpoint, its root and its signature; prints the size
    tlog_twin.py proof FILE URL       a proof file; the entry comes from its bundle; prints the index
    tlog_twin.py consistent OLD NEW URL   the tree of the first checkpoint file is the beginning of that of the second
"""
import base64
import hashlib
import subprocess
import sys
import tempfile
import urllib.request

WIDTH = 256


def sha(data):
    return hashlib.sha256(data).digest()


def leaf(entry):
    return sha(b"\0" + entry)


def node(left, right):
    return sha(b"\1" + left + right)


def root(hashes):
    if not hashes:
        return sha(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node(root(hashes[:split]), root(hashes[split:]))


def get(url, path):
    with urllib.request.urlopen(url + path) as answer:
        return answer.read()


def need(condition, what):
    if not condition:
        sys.exit("tlog_twin: " + what)


def number_path(number):
    text = "%03d" % (number % 1000)
    while number >= 1000:
        number //= 1000
        text = "x%03d/%s" % (number % 1000, text)
    return text


def tile_path(level, number, width):
    return "/tlog/tile/%s/%s%s" % (level, number_path(number), "" if width == WIDTH else ".p/%d" % width)


def signature_holds(public, message, signature):
    # An Ed25519 key as SubjectPublicKeyInfo (RFC 8410) is these bytes and the key.
    der = bytes.fromhex("302a300506032b6570032100") + public
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as text, tempfile.NamedTemporaryFile() as sig:
        for file, data in ((key, der), (text, message), (sig, signature)):
            file.write(data)
            file.flush()
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key.name, "-rawin", "-in",
                   text.name, "-sigfile", sig.name]
        return subprocess.run(command, capture_output=True).returncode == 0


def open_checkpoint(note, vkey):
    name, key_id, rest = vkey.strip().split("+", 2)
    key = base64.b64decode(rest, validate=True)
    need(key[0] == 1 and len(key) == 33, "the vkey is not Ed25519")
    need(sha(name.encode() + b"\n" + key)[:4].hex() == key_id, "the vkey's id is not that of its key")
    text, lines = note.decode().split("\n\n", 1)
    text += "\n"
    origin, size, root64 = text.splitlines()
    need(origin == name and str(int(size)) == size, "not a checkpoint of this log")
    for line in lines.splitlines():
        dash, who, field = line.split(" ")
        field = base64.b64decode(field, validate=True)
        if dash == "\u2014" and who == name and field[:4].hex() == key_id:
            need(signature_holds(key[1:], text.encode(), field[4:]), "the signature does not hold")
            return int(size), base64.b64decode(root64, validate=True)
    sys.exit("tlog_twin: the log's key did not sign")


def read_bundle(data, width):
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        need(len(data) >= 2 + length, "a bundle is cut short")
        entries.append(data[2:2 + length])
        data = data[2 + length:]
    need(len(entries) == width, "a bundle has %d entries, not %d" % (len(entries), width))
    return entries


def read_leaves(url, size):
    leaves = []
    for number in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - number * WIDTH)
        leaves += [leaf(e) for e in read_bundle(get(url, tile_path("entries", number, width)), width)]
    return leaves


def check_log(url):
    size, signed = open_checkpoint(get(url, "/tlog/checkpoint"), get(url, "/tlog/vkey").decode())
    hashes = read_leaves(url, size)
    need(root(hashes) == signed, "the root is not that of the entries")
    level = 0
    while hashes:
        for number in range((len(hashes) + WIDTH - 1) // WIDTH):
            part = hashes[number * WIDTH:(number + 1) * WIDTH]
            need(get(url, tile_path(level, number, len(part))) == b"".join(part), "tile %d/%d differs" % (level, number))
        hashes = [root(hashes[at:at + WIDTH]) for at in range(0, len(hashes) - WIDTH + 1, WIDTH)]
        level += 1
    print(size)


def path_length(index, size):
    """How many hashes an inclusion proof has (RFC 6962 2.1.1)."""
    if size == 1:
        return 0
    split = 1
    while split * 2 < size:
        split *= 2
    return 1 + (path_length(index, split) if index < split else path_length(index - split, size - split))


def climb(index, size, hash_, path):
    if size == 1:
        return hash_
    split = 1
    while split * 2 < size:
        split *= 2
    if index < split:
        return node(climb(index, split, hash_, path[:-1]), path[-1])
    return node(path[-1], climb(index - split, size - split, hash_, path[:-1]))


def check_proof(file, url):
    data = open(file, "rb").read()
    head, note = data.split(b"\n\n", 1)
    lines = head.decode().split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("index "), "not a proof file")
    index, path = int(lines[1][6:]), [base64.b64decode(line, validate=True) for line in lines[2:]]
    size, signed = open_checkpoint(note, get(url, "/tlog/vkey").decode())
    need(index < size and len(path) == path_length(index, size), "the proof has the wrong length")
    number = index // WIDTH
    now, _ = open_checkpoint(get(url, "/tlog/checkpoint"), get(url, "/tlog/vkey").decode())
    width = min(WIDTH, now - number * WIDTH)
    entry = read_bundle(get(url, tile_path("entries", number, width)), width)[index % WIDTH]
    need(climb(index, size, leaf(entry), path) == signed, "the proof does not lead to the root")
    print(index)


def check_consistent(old, new, url):
    vkey = get(url, "/tlog/vkey").decode()
    old_size, old_root = open_checkpoint(open(old, "rb").read(), vkey)
    new_size, new_root = open_checkpoint(open(new, "rb").read(), vkey)
    leaves = read_leaves(url, new_size)
    need(old_size <= new_size and root(leaves[:old_size]) == old_root and root(leaves) == new_root, "not consistent")
    print(old_size, new_size)


if __name__ == "__main__":
    {"log": check_log, "proof": check_proof, "consistent": check_consistent}[sys.argv[1]](*sys.argv[2:])
