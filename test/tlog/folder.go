package main

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// folder reads the files of a copy of the log and remembers which.
type folder struct {
	path string
	seen map[string]bool
}

func (f *folder) read(name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(f.path, filepath.FromSlash(name)))
	if err == nil {
		f.seen[name] = true
	}
	return text, err
}

// requireAllSeen fails for a file that nothing else read, and that may therefore say anything.
func (f *folder) requireAllSeen() error {
	return filepath.WalkDir(f.path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(f.path, path)
		if err == nil && !f.seen[filepath.ToSlash(name)] {
			return fmt.Errorf("%s: it is no part of the log that the checkpoint signs", filepath.ToSlash(name))
		}
		return err
	})
}

// Height makes the folder a tlog.TileReader.
func (f *folder) Height() int { return tileHeight }

// ReadTiles reads the tiles that the tree of the checkpoint needs, with exactly the width that they have in it.
func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		name := tileName(fmt.Sprint(tile.L), tile)
		hashes, err := f.read(name)
		if err != nil {
			return nil, err
		}
		if len(hashes) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes instead of %d", name, len(hashes), tile.W*tlog.HashSize)
		}
		all[i] = hashes
	}
	return all, nil
}

// SaveTiles does nothing: what is in the folder stays there.
func (f *folder) SaveTiles([]tlog.Tile, [][]byte) {}

// tileName is the path in C2SP tlog-tiles: Go's own has the height in it, and calls entries data.
func tileName(level string, tile tlog.Tile) string {
	tile.L = 0
	rest := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight))
	return "tile/" + level + "/" + rest
}

// readEntries splits a bundle into its records, each of which stands behind its length in two bytes.
func readEntries(bundle []byte) ([][]byte, error) {
	var records [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return nil, fmt.Errorf("it ends within the length of record %d", len(records))
		}
		length := int(binary.BigEndian.Uint16(bundle))
		bundle = bundle[2:]
		if len(bundle) < length {
			return nil, fmt.Errorf("it ends within record %d", len(records))
		}
		records = append(records, bundle[:length])
		bundle = bundle[length:]
	}
	return records, nil
}
