// Opens a log of ours with golang.org/x/mod/sumdb, which others wrote, and says what it found.
//
// usage: verify FOLDER VKEY QUESTIONS
// QUESTIONS, and the answer on stdout, are the JSON that go_peer.py describes. A log that does not
// hold ends with 1 and one line on stderr.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type questions struct {
	Included   []int64 // proofs to show; all are checked
	Consistent []int64
}

type answer struct {
	Size        int64                      `json:"size"`
	Root        tlog.Hash                  `json:"root"`
	Entries     string                     `json:"entries"` // SHA-256 of all record hashes
	Inclusion   map[int64]tlog.RecordProof `json:"inclusion"`
	Roots       map[int64]tlog.Hash        `json:"roots"`
	Consistency map[int64]tlog.TreeProof   `json:"consistency"`
}

// stored is a tlog.HashReader over all hashes of a tree, in x/mod's own order.
type stored []tlog.Hash

func (s stored) ReadHashes(at []int64) (found []tlog.Hash, err error) {
	for _, i := range at {
		found = append(found, s[i])
	}
	return found, nil
}

// folder is a tlog.TileReader. The height is part of x/mod's paths and not of C2SP's.
type folder string

func (folder) Height() int                             { return height }
func (folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}

func (f folder) read(tile tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	if tile.L == -1 {
		path = "entries/" + strings.TrimPrefix(path, "data/")
	}
	return os.ReadFile(filepath.Join(string(f), "tile", filepath.FromSlash(path)))
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func openCheckpoint(f folder, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	data, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, errors.New("this is no checkpoint of that log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// entriesOf reads a bundle: each entry behind its length in two bytes, and nothing after the last.
func entriesOf(bundle []byte, width int64) (entries [][]byte, err error) {
	for len(bundle) >= 2 {
		end := 2 + (int(bundle[0])<<8 | int(bundle[1]))
		if end > len(bundle) {
			break
		}
		entries, bundle = append(entries, bundle[2:end]), bundle[end:]
	}
	if len(bundle) > 0 || int64(len(entries)) != width {
		return nil, fmt.Errorf("a bundle does not hold its %d entries", width)
	}
	return entries, nil
}

// hashAll computes every hash of the tree from its entries, and the digest of the record hashes.
func hashAll(f folder, size int64) (all stored, digest string, err error) {
	sum := sha256.New()
	for first := int64(0); first < size; first += 1 << height {
		width := size - first
		if width > 1<<height {
			width = 1 << height
		}
		bundle, err := f.read(tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)})
		if err != nil {
			return nil, "", err
		}
		entries, err := entriesOf(bundle, width)
		if err != nil {
			return nil, "", err
		}
		for i, entry := range entries {
			more, err := tlog.StoredHashes(first+int64(i), entry, all)
			if err != nil {
				return nil, "", err
			}
			all = append(all, more...)
			sum.Write(more[0][:])
		}
	}
	return all, fmt.Sprintf("%x", sum.Sum(nil)), nil
}

// checkTiles compares every hash tile with the one that x/mod makes of the entries.
func checkTiles(f folder, size int64, all tlog.HashReader) error {
	tiles := tlog.NewTiles(height, 0, size)
	for i, tile := range tiles {
		if i+1 < len(tiles) && tiles[i+1].L == tile.L && tiles[i+1].N == tile.N {
			continue // older x/mod lists a partial tile at every width up to its own
		}
		ours, err := f.read(tile)
		if err != nil {
			return err
		}
		theirs, err := tlog.ReadTileData(tile, all)
		if err != nil {
			return err
		}
		if string(ours) != string(theirs) {
			return fmt.Errorf("%s is not what its entries give", tile.Path())
		}
	}
	return nil
}

func checkIncluded(tree tlog.Tree, index int64, leaf tlog.Hash, from tlog.HashReader) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(tree.N, index, from)
	if err != nil {
		return nil, err
	}
	return proof, tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf)
}

func checkExtends(tree tlog.Tree, old int64, root tlog.Hash, from tlog.HashReader) (tlog.TreeProof, error) {
	proof, err := tlog.ProveTree(tree.N, old, from)
	if err != nil {
		return nil, err
	}
	return proof, tlog.CheckTree(proof, tree.N, tree.Hash, old, root)
}

// verify checks everything from the entries up, and proves what was asked for from the tiles.
func verify(f folder, vkey string, asked questions) (*answer, error) {
	tree, err := openCheckpoint(f, vkey)
	if err != nil {
		return nil, err
	}
	all, digest, err := hashAll(f, tree.N)
	if err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(tree.N, all)
	if tree.N == 0 { // to x/mod 32 zero bytes; RFC 6962 has SHA-256 of nothing
		root = sha256.Sum256(nil)
	}
	if err != nil || root != tree.Hash {
		return nil, fmt.Errorf("the entries do not give the root (%v)", err)
	}
	if err := checkTiles(f, tree.N, all); err != nil {
		return nil, err
	}
	for index := int64(0); index < tree.N; index++ {
		if _, err := checkIncluded(tree, index, all[tlog.StoredHashIndex(0, index)], all); err != nil {
			return nil, err
		}
	}
	a := &answer{tree.N, root, digest, map[int64]tlog.RecordProof{}, map[int64]tlog.Hash{}, map[int64]tlog.TreeProof{}}
	tiles := tlog.TileHashReader(tree, f)
	for _, index := range asked.Included {
		leaf := all[tlog.StoredHashIndex(0, index)]
		if a.Inclusion[index], err = checkIncluded(tree, index, leaf, tiles); err != nil {
			return nil, err
		}
	}
	for _, old := range asked.Consistent {
		if a.Roots[old], err = tlog.TreeHash(old, all); err != nil {
			return nil, err
		}
		if a.Consistency[old], err = checkExtends(tree, old, a.Roots[old], tiles); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func main() {
	var asked questions
	err := errors.New("usage: verify FOLDER VKEY QUESTIONS")
	if len(os.Args) == 4 {
		err = json.Unmarshal([]byte(os.Args[3]), &asked)
	}
	var a *answer
	if err == nil {
		a, err = verify(folder(os.Args[1]), os.Args[2], asked)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(a)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
