// Command tlog verifies a copy of the log by Go's own code for signed notes and transparent logs, which shares nothing
// with Witan's. It is given a folder:
//
//	vkey                verifier keys of the log, one a line
//	checkpoint          the signed checkpoint
//	older-checkpoint    optional: one that the log signed before
//	tile/<L>/<N>        the hashes (C2SP tlog-tiles)
//	tile/entries/<N>    the records
//	*.tlog-proof        optional: proofs of single records (C2SP tlog-proof)
//
// It prints what it verified. Otherwise it prints the reason and exits with 1; with 2 when it was called wrongly.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: tlog <folder>")
		os.Exit(2)
	}
	if err := verify(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// verify checks everything in the folder: a file that nothing vouches for is an error too.
func verify(path string, out io.Writer) error {
	log := &folder{path: path, seen: map[string]bool{}}
	keys, err := log.keys()
	if err != nil {
		return err
	}
	text, err := log.read("checkpoint")
	if err != nil {
		return err
	}
	head, err := openCheckpoint(text, keys)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Fprintf(out, "checkpoint: %s, %d records, signed\n", head.origin, head.tree.N)

	hashes := tlog.TileHashReader(head.tree, log)
	root, err := tlog.TreeHash(head.tree.N, hashes)
	if err != nil {
		return fmt.Errorf("tiles: %w", err)
	}
	if root != head.tree.Hash {
		return fmt.Errorf("tiles: their root is %v, the checkpoint says %v", root, head.tree.Hash)
	}
	fmt.Fprintln(out, "tiles: they have the root of the checkpoint")
	if err := verifyEntries(log, head.tree.N, hashes); err != nil {
		return err
	}
	fmt.Fprintf(out, "entries: %d records have the hashes of the tiles\n", head.tree.N)

	if err := verifyOlder(log, keys, head, hashes, out); err != nil {
		return fmt.Errorf("older-checkpoint: %w", err)
	}
	if err := verifyProofs(log, keys, head, hashes, out); err != nil {
		return err
	}
	return log.requireAllSeen()
}

// verifyEntries hashes every record and compares it with its leaf, which the reader proves to be in the tree.
func verifyEntries(log *folder, size int64, hashes tlog.HashReader) error {
	for first := int64(0); first < size; first += tileWidth {
		width := min(tileWidth, size-first)
		name := tileName("entries", tlog.Tile{H: tileHeight, N: first / tileWidth, W: int(width)})
		bundle, err := log.read(name)
		if err != nil {
			return err
		}
		records, err := readEntries(bundle)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if int64(len(records)) != width {
			return fmt.Errorf("%s: %d records instead of %d", name, len(records), width)
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		leaves, err := hashes.ReadHashes(indexes)
		if err != nil {
			return fmt.Errorf("tiles of %s: %w", name, err)
		}
		for i, record := range records {
			if tlog.RecordHash(record) != leaves[i] {
				return fmt.Errorf("%s: record %d has another hash than its leaf", name, first+int64(i))
			}
		}
	}
	return nil
}

func verifyOlder(log *folder, keys note.Verifiers, head checkpoint, hashes tlog.HashReader, out io.Writer) error {
	text, err := log.read("older-checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	older, err := openCheckpoint(text, keys)
	if err != nil {
		return err
	}
	if err := verifyConsistency(older, head, hashes); err != nil {
		return err
	}
	fmt.Fprintf(out, "older-checkpoint: its %d records are the first of the %d\n", older.tree.N, head.tree.N)
	return nil
}

// verifyConsistency proves that the older tree is the beginning of the newer one, from the newer one's tiles.
func verifyConsistency(older, newer checkpoint, hashes tlog.HashReader) error {
	if older.origin != newer.origin {
		return fmt.Errorf("it is of the log %s, not of %s", older.origin, newer.origin)
	}
	if older.tree.N > newer.tree.N {
		return fmt.Errorf("its %d records are more than the %d of the checkpoint", older.tree.N, newer.tree.N)
	}
	if older.tree.N == 0 {
		return nil // openCheckpoint has compared the root with that of the empty tree
	}
	proof, err := tlog.ProveTree(newer.tree.N, older.tree.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, newer.tree.N, newer.tree.Hash, older.tree.N, older.tree.Hash)
}

func verifyProofs(log *folder, keys note.Verifiers, head checkpoint, hashes tlog.HashReader, out io.Writer) error {
	paths, err := filepath.Glob(filepath.Join(log.path, "*.tlog-proof"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		name := filepath.Base(path)
		text, err := log.read(name)
		if err != nil {
			return err
		}
		proof, err := readProof(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		at, err := openCheckpoint([]byte(proof.checkpoint), keys)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		leaf := tlog.RecordHash(proof.record)
		if err := tlog.CheckRecord(proof.hashes, at.tree.N, at.tree.Hash, proof.index, leaf); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := verifyConsistency(at, head, hashes); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(out, "%s: record %d is in the log of %d\n", name, proof.index, at.tree.N)
	}
	return nil
}
