// tlogcheck checks the published log with code that is not ours: golang.org/x/mod/sumdb/note opens the checkpoint,
// golang.org/x/mod/sumdb/tlog reads the tiles and checks the proofs. What is written here is only the way from our
// paths and bundles (docs/ledger.md section 4) to theirs.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const usage = `usage: tlogcheck checkpoint SOURCE VKEY [WITNESS…]  the log's promise: size and root, signed; and by these witnesses
       tlogcheck proof FILE VKEY ENTRY-FILE           a proof file shows that this entry is in the log
       tlogcheck consistency OLD SOURCE VKEY          the log still begins with what a saved checkpoint promised
       tlogcheck entry SOURCE VKEY INDEX              writes the bytes of one entry, after checking them
       tlogcheck all SOURCE VKEY                      everything that is published

SOURCE is the address that ends in /tlog, or a folder with the same files. OLD is a file. WITNESS is a witness's vkey.
`

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	bytesMax   = 64 << 20
	sampleMax  = 200
	triesMax   = 20
)

var errNotThere = errors.New("not there")

// source gives the log's files by their path. It keeps the tiles that the Go package has found right.
type source struct {
	where  string
	client *http.Client
	kept   map[tlog.Tile][]byte
}

func newSource(where string) source {
	client := &http.Client{Timeout: 30 * time.Second}
	return source{strings.TrimSuffix(where, "/"), client, make(map[tlog.Tile][]byte)}
}

func (s source) read(path string) ([]byte, error) {
	if strings.HasPrefix(s.where, "http://") || strings.HasPrefix(s.where, "https://") {
		return s.fetch(path)
	}
	data, err := os.ReadFile(filepath.Join(s.where, filepath.FromSlash(path)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, errNotThere)
	}
	return data, err
}

// fetch waits as long as a server asks that has too many requests.
func (s source) fetch(path string) ([]byte, error) {
	for try := 1; ; try++ {
		answer, err := s.client.Get(s.where + "/" + path)
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.LimitReader(answer.Body, bytesMax))
		answer.Body.Close()
		switch {
		case err != nil:
			return nil, err
		case answer.StatusCode == http.StatusOK:
			return data, nil
		case answer.StatusCode == http.StatusNotFound:
			return nil, fmt.Errorf("%s: %w", path, errNotThere)
		case answer.StatusCode != http.StatusTooManyRequests || try == triesMax:
			return nil, fmt.Errorf("%s: %s", path, answer.Status)
		}
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil || seconds < 1 || seconds > 60 {
			seconds = 1
		}
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

// pathOf is the Go package's path without the height, which is always 8 here; its "data" is our "entries".
func pathOf(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if rest := strings.TrimPrefix(path, "data/"); rest != path {
		return "tile/entries/" + rest
	}
	return "tile/" + path
}

// readTile also takes the full tile in the place of a partial one, which may be gone when the tile has grown full; it
// says which of them it gives.
func (s source) readTile(tile tlog.Tile) ([]byte, tlog.Tile, error) {
	data, err := s.read(pathOf(tile))
	if errors.Is(err, errNotThere) && tile.W < tileWidth {
		tile.W = tileWidth
		data, err = s.read(pathOf(tile))
	}
	return data, tile, err
}

// Height, ReadTiles and SaveTiles make source a tlog.TileReader.
func (s source) Height() int { return tileHeight }

func (s source) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		if data, found := s.kept[tile]; found {
			all = append(all, data)
			continue
		}
		data, there, err := s.readTile(tile)
		if err != nil {
			return nil, err
		}
		if len(data) != there.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes", pathOf(there), len(data))
		}
		all = append(all, data[:tile.W*tlog.HashSize])
	}
	return all, nil
}

func (s source) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, tile := range tiles {
		s.kept[tile] = data[i]
	}
}

// readBundle gives the entries of the nth bundle of a tree of this size.
func (s source) readBundle(number, size int64) ([][]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: -1, N: number, W: tileWidth}
	if left := size - number*tileWidth; left < tileWidth {
		tile.W = int(left)
	}
	data, there, err := s.readTile(tile)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(entries) < there.W {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s: cut short", pathOf(there))
		}
		length := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("%s: more than its %d entries", pathOf(there), there.W)
	}
	return entries[:tile.W], nil
}

// checkpoint is what a log promises.
type checkpoint struct {
	origin string
	tree   tlog.Tree
}

func openCheckpoint(message []byte, vkey string) (checkpoint, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return checkpoint{}, errors.New("not a checkpoint of " + verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("malformed size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return checkpoint{}, err
	}
	if size == 0 && root != tlog.Hash(sha256.Sum256(nil)) {
		return checkpoint{}, errors.New("a root of nothing")
	}
	return checkpoint{lines[0], tlog.Tree{N: size, Hash: root}}, nil
}

func (s source) openCheckpoint(vkey string) (checkpoint, error) {
	message, err := s.read("checkpoint")
	if err != nil {
		return checkpoint{}, err
	}
	return openCheckpoint(message, vkey)
}

// A proof file: docs/ledger.md 4.3.
func parseProof(data []byte) (index int64, proof tlog.RecordProof, message []byte, err error) {
	malformed := errors.New("malformed proof file")
	head, rest, found := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return 0, nil, nil, malformed
	}
	number := strings.TrimPrefix(lines[1], "index ")
	index, err = strconv.ParseInt(number, 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != number {
		return 0, nil, nil, malformed
	}
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return 0, nil, nil, malformed
		}
		proof = append(proof, *(*tlog.Hash)(raw))
	}
	return index, proof, []byte(rest), nil
}

// witness verifies cosignature/v1 (docs/ledger.md 4.1), which the Go package leaves to a note.Verifier of one's own.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64 // of the signature it verified last
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed witness key")
	}
	typed, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 0x04 {
		return nil, errors.New("not an Ed25519 witness key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	hash := binary.BigEndian.Uint32(sum[:])
	if parts[1] != fmt.Sprintf("%08x", hash) {
		return nil, errors.New("a witness key whose id is not its own")
	}
	return &witness{name: parts[0], hash: hash, key: typed[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	w.time = binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", w.time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

func checkCheckpoint(where, vkey string, witnesses []string) error {
	s := newSource(where)
	message, err := s.read("checkpoint")
	if err != nil {
		return err
	}
	promised, err := openCheckpoint(message, vkey)
	if err != nil {
		return err
	}
	fmt.Printf("%s promises %d entries under the root %v\n", promised.origin, promised.tree.N, promised.tree.Hash)
	for _, key := range witnesses {
		w, err := newWitness(key)
		if err != nil {
			return err
		}
		if _, err := note.Open(message, note.VerifierList(w)); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		fmt.Printf("%s saw it at %s\n", w.name, time.Unix(int64(w.time), 0).UTC().Format(time.RFC3339))
	}
	return nil
}

func checkProof(file, vkey, entryFile string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	index, proof, message, err := parseProof(data)
	if err != nil {
		return err
	}
	promised, err := openCheckpoint(message, vkey)
	if err != nil {
		return err
	}
	tree := promised.tree
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("the entry is number %d of the %d that %s promises\n", index, tree.N, promised.origin)
	return nil
}

func checkConsistency(file, where, vkey string) error {
	message, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	old, err := openCheckpoint(message, vkey)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	s := newSource(where)
	now, err := s.openCheckpoint(vkey)
	if err != nil {
		return err
	}
	if old.tree.N > now.tree.N {
		return fmt.Errorf("the log had %d entries and has %d", old.tree.N, now.tree.N)
	}
	if old.tree.N > 0 {
		proof, err := tlog.ProveTree(now.tree.N, old.tree.N, tlog.TileHashReader(now.tree, s))
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, now.tree.N, now.tree.Hash, old.tree.N, old.tree.Hash); err != nil {
			return err
		}
	}
	fmt.Printf("the first %d of the %d entries are those of the old checkpoint\n", old.tree.N, now.tree.N)
	return nil
}

func printEntry(where, vkey, number string) error {
	s := newSource(where)
	promised, err := s.openCheckpoint(vkey)
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || index < 0 || index >= promised.tree.N {
		return fmt.Errorf("there are entries 0 to %d", promised.tree.N-1)
	}
	entries, err := s.readBundle(index/tileWidth, promised.tree.N)
	if err != nil {
		return err
	}
	entry := entries[index%tileWidth]
	proof, err := tlog.ProveRecord(promised.tree.N, index, tlog.TileHashReader(promised.tree, s))
	if err != nil {
		return err
	}
	err = tlog.CheckRecord(proof, promised.tree.N, promised.tree.Hash, index, tlog.RecordHash(entry))
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(entry)
	return err
}

// frontier computes roots from entries alone: the roots of complete subtrees, largest first.
type frontier struct {
	size  int64
	roots []tlog.Hash
}

func (f *frontier) add(leaf tlog.Hash) {
	for n := f.size; n&1 != 0; n >>= 1 {
		leaf = tlog.NodeHash(f.roots[len(f.roots)-1], leaf)
		f.roots = f.roots[:len(f.roots)-1]
	}
	f.roots = append(f.roots, leaf)
	f.size++
}

func (f *frontier) root() tlog.Hash {
	root := f.roots[len(f.roots)-1]
	for i := len(f.roots) - 2; i >= 0; i-- {
		root = tlog.NodeHash(f.roots[i], root)
	}
	return root
}

// checkBundle compares the entries of a bundle with the hashes of its tile, which the reader has checked against the
// root, and proves a few of them and of the sizes they end.
func checkBundle(s source, number int64, tree tlog.Tree, reader tlog.HashReader, seen *frontier, step int64) error {
	entries, err := s.readBundle(number, tree.N)
	if err != nil {
		return err
	}
	var places []int64
	for i := range entries {
		places = append(places, tlog.StoredHashIndex(0, number*tileWidth+int64(i)))
	}
	hashes, err := reader.ReadHashes(places)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		index := number*tileWidth + int64(i)
		leaf := tlog.RecordHash(entry)
		if leaf != hashes[i] {
			return fmt.Errorf("entry %d is not the one that its tile has", index)
		}
		seen.add(leaf)
		if index%step != 0 && index+1 != tree.N {
			continue
		}
		record, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(record, tree.N, tree.Hash, index, leaf); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		growth, err := tlog.ProveTree(tree.N, index+1, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(growth, tree.N, tree.Hash, index+1, seen.root()); err != nil {
			return fmt.Errorf("size %d: %w", index+1, err)
		}
	}
	return nil
}

func checkAll(where, vkey string) error {
	s := newSource(where)
	promised, err := s.openCheckpoint(vkey)
	if err != nil {
		return err
	}
	tree := promised.tree
	if tree.N == 0 {
		return errors.New("nothing is published yet")
	}
	reader := tlog.TileHashReader(tree, s)
	var seen frontier
	step := tree.N/sampleMax + 1
	for number := int64(0); number*tileWidth < tree.N; number++ {
		if err := checkBundle(s, number, tree, reader, &seen, step); err != nil {
			return err
		}
	}
	if seen.root() != tree.Hash {
		return errors.New("the entries have another root")
	}
	fmt.Printf("%s: %d entries, their tiles and the root %v agree\n", promised.origin, tree.N, tree.Hash)
	return nil
}

func run(words []string) error {
	switch {
	case len(words) >= 3 && words[0] == "checkpoint":
		return checkCheckpoint(words[1], words[2], words[3:])
	case len(words) == 4 && words[0] == "proof":
		return checkProof(words[1], words[2], words[3])
	case len(words) == 4 && words[0] == "consistency":
		return checkConsistency(words[1], words[2], words[3])
	case len(words) == 4 && words[0] == "entry":
		return printEntry(words[1], words[2], words[3])
	case len(words) == 3 && words[0] == "all":
		return checkAll(words[1], words[2])
	}
	fmt.Fprint(os.Stderr, usage)
	os.Exit(2)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tlogcheck: refused:", err)
		os.Exit(1)
	}
}
