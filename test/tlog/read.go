package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// strict refuses stray bits at the end of base64, so that no bit of a file can change unnoticed.
var strict = base64.StdEncoding.Strict()

// keys reads the verifier keys: more than one after the log changed its key.
func (f *folder) keys() (note.Verifiers, error) {
	text, err := f.read("vkey")
	if err != nil {
		return nil, err
	}
	lines, ended := strings.CutSuffix(string(text), "\n")
	if !ended {
		return nil, errors.New("vkey: no line break at the end")
	}
	var verifiers []note.Verifier
	for line := range strings.SplitSeq(lines, "\n") {
		verifier, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("vkey: %w", err)
		}
		verifiers = append(verifiers, verifier)
	}
	return note.VerifierList(verifiers...), nil
}

// checkpoint is a signed head of the log.
type checkpoint struct {
	origin string
	tree   tlog.Tree
}

// openCheckpoint verifies the signatures, one of which must be the log's own, and reads the text (C2SP tlog-checkpoint).
func openCheckpoint(text []byte, keys note.Verifiers) (checkpoint, error) {
	opened, err := note.Open(text, keys)
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, fmt.Errorf("%d lines instead of 3", len(lines)-1)
	}
	own := false
	for _, signature := range opened.Sigs {
		own = own || signature.Name == lines[0]
		if _, err := strict.DecodeString(signature.Base64); err != nil {
			return checkpoint{}, fmt.Errorf("signature of %s: %w", signature.Name, err)
		}
	}
	if !own {
		return checkpoint{}, fmt.Errorf("%s itself has not signed it", lines[0])
	}
	size, err := readCount(lines[1])
	if err != nil {
		return checkpoint{}, fmt.Errorf("size: %w", err)
	}
	root, err := readHash(lines[2])
	if err != nil {
		return checkpoint{}, fmt.Errorf("root: %w", err)
	}
	if size == 0 && root != tlog.Hash(sha256.Sum256(nil)) {
		return checkpoint{}, errors.New("root: not that of the empty tree")
	}
	return checkpoint{origin: lines[0], tree: tlog.Tree{N: size, Hash: root}}, nil
}

// proof is a proof file that carries its record.
type proof struct {
	record     []byte
	index      int64
	hashes     tlog.RecordProof
	checkpoint string
}

// readProof reads a proof file (C2SP tlog-proof).
func readProof(text string) (proof, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return proof{}, errors.New("no proof of version 1 with a record")
	}
	extra, hasExtra := strings.CutPrefix(lines[1], "extra ")
	count, hasIndex := strings.CutPrefix(lines[2], "index ")
	if !hasExtra || !hasIndex {
		return proof{}, errors.New("no extra, or no index")
	}
	record, err := strict.DecodeString(extra)
	if err != nil {
		return proof{}, fmt.Errorf("extra: %w", err)
	}
	index, err := readCount(count)
	if err != nil {
		return proof{}, fmt.Errorf("index: %w", err)
	}
	read := proof{record: record, index: index, checkpoint: checkpoint}
	for _, line := range lines[3:] {
		hash, err := readHash(line)
		if err != nil {
			return proof{}, fmt.Errorf("hash %d: %w", len(read.hashes), err)
		}
		read.hashes = append(read.hashes, hash)
	}
	return read, nil
}

func readHash(text string) (tlog.Hash, error) {
	decoded, err := strict.DecodeString(text)
	if err != nil {
		return tlog.Hash{}, err
	}
	if len(decoded) != tlog.HashSize {
		return tlog.Hash{}, fmt.Errorf("%d bytes instead of %d", len(decoded), tlog.HashSize)
	}
	return tlog.Hash(decoded), nil
}

// readCount reads a whole number that has no other text.
func readCount(text string) (int64, error) {
	count, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, err
	}
	if count < 0 || text != strconv.FormatInt(count, 10) {
		return 0, fmt.Errorf("%q is no count", text)
	}
	return count, nil
}
